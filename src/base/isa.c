/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/isa.h"

#include <stdlib.h>
#include <string.h>
#ifdef AZ_ISA_LEVELS
#include <cpuid.h>
#endif

az_isa az_isa_of_cpu(void)
{
#ifdef AZ_ISA_LEVELS
    /* The compilers' test also asks whether the operating system keeps the wide registers.  Of the levels' other
     * instructions (System V ABI for AMD64, section 3.1.1) old compilers do not know all, so these are read here. */
    unsigned a, b, c, d, extended;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !__get_cpuid(0x80000001u, &a, &b, &extended, &d)) return AZ_ISA_BASE;
    const unsigned fma = 1u << 12, movbe = 1u << 22, f16c = 1u << 29, lzcnt = 1u << 5;
    __builtin_cpu_init();
    if ((c & (fma | movbe | f16c)) != (fma | movbe | f16c) || !(extended & lzcnt) || !__builtin_cpu_supports("avx2") ||
        !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2"))
        return AZ_ISA_BASE;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512cd") || !__builtin_cpu_supports("avx512dq") ||
        !__builtin_cpu_supports("avx512vl"))
        return AZ_ISA_V3;
    return AZ_ISA_V4;
#else
    return AZ_ISA_BASE;
#endif
}

const char *az_isa_name(az_isa isa)
{
    static const char *const names[] = {"base", "v3", "v4"};
    return names[isa];
}

az_isa az_isa_wanted(void)
{
    az_isa best = az_isa_of_cpu();
    const char *wanted = getenv("ANSATZ_ISA");
    for (az_isa isa = AZ_ISA_BASE; wanted && isa < best; isa++)
        if (!strcmp(wanted, az_isa_name(isa))) return isa;
    return best;
}
