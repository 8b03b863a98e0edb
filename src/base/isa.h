/* SPDX-License-Identifier: BSD-3-Clause */
/* Instruction sets that kernels are compiled for (cmake/Kernels.cmake): x86-64 as it began, with AVX2 and fused
 * multiply-add (x86-64-v3), with AVX-512 (x86-64-v4).  Elsewhere there is the first alone, which stands for what every
 * CPU of the kind has. */
#ifndef AZ_BASE_ISA_H
#define AZ_BASE_ISA_H

#include <ansatz/op.h>

/* The best that the CPU and the operating system have. */
az_isa az_isa_of_cpu(void);
/* The same, or less where the environment's ANSATZ_ISA names one of base, v3, v4. */
az_isa az_isa_wanted(void);
/* "base", "v3", "v4". */
const char *az_isa_name(az_isa isa);

/* The entry of a table with one kernel file for each instruction set: const TYPE az_NAME_base, az_NAME_v3, az_NAME_v4.
 */
#ifdef AZ_ISA_LEVELS
#define AZ_ISA_DECLARE(TYPE, NAME) extern const TYPE NAME##_base, NAME##_v3, NAME##_v4
#define AZ_ISA_TABLE(NAME)                                                                                             \
    {                                                                                                                  \
        &NAME##_base, &NAME##_v3, &NAME##_v4                                                                           \
    }
#else
#define AZ_ISA_DECLARE(TYPE, NAME) extern const TYPE NAME##_base
#define AZ_ISA_TABLE(NAME)                                                                                             \
    {                                                                                                                  \
        &NAME##_base, &NAME##_base, &NAME##_base                                                                       \
    }
#endif
/* In a file of kernels: NAME with the suffix of the set that it is being compiled for. */
#define AZ_ISA_JOIN2(name, suffix) name##_##suffix
#define AZ_ISA_JOIN(name, suffix)  AZ_ISA_JOIN2(name, suffix)
#define AZ_ISA_NAME(name)          AZ_ISA_JOIN(name, AZ_ISA_SUFFIX)

#endif
