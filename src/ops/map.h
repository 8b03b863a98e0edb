/* SPDX-License-Identifier: BSD-3-Clause */
/* The loops of elementwise kernels.  A file of ops is compiled once for each instruction set (cmake/Kernels.cmake): its
 * kernels every time, under names that end in that of the set, its rules and descriptors (#ifdef AZ_RULES) once. */
#ifndef AZ_OPS_MAP_H
#define AZ_OPS_MAP_H

#include "base/isa.h"

#define AZ_KERNELS(name) AZ_ISA_TABLE(az_kernels_##name)
/* const az_kernels of this instruction set, followed by its initialiser. */
#define AZ_KERNEL_TABLE(name)                                                                                          \
    AZ_ISA_DECLARE(az_kernels, az_kernels_##name);                                                                     \
    const az_kernels AZ_ISA_NAME(az_kernels_##name)

/* Iterations do not depend on each other, though out may be an operand. */
#ifdef __clang__
#define AZ_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define AZ_INDEPENDENT _Pragma("GCC ivdep")
#endif

/* One kernel: out of type TO, operands of type FROM; the expression is of a, b and c.  Each pattern of strides has a
 * loop of its own, so that every one is over whole vectors. */
#define AZ_MAP_LOOP(DECLARE, EXPRESSION)                                                                               \
    for (int64_t i = 0; i < n_inner; i++) {                                                                            \
        DECLARE;                                                                                                       \
        out[i] = (EXPRESSION);                                                                                         \
    }

#define AZ_MAP1_OF(function, TO, FROM, EXPRESSION)                                                                     \
    static void function(int64_t n_outer, int64_t n_inner, void *result, const az_operand *in, const void *attribute)  \
    {                                                                                                                  \
        (void)attribute;                                                                                               \
        for (int64_t o = 0; o < n_outer; o++) {                                                                        \
            TO *out = (TO *)result + o * n_inner;                                                                      \
            const FROM *pa = (const FROM *)in[0].data + o * in[0].outer;                                               \
            if (in[0].inner) {                                                                                         \
                AZ_INDEPENDENT AZ_MAP_LOOP(const FROM a = pa[i], EXPRESSION)                                           \
            } else {                                                                                                   \
                const FROM a = pa[0];                                                                                  \
                const TO value = (EXPRESSION);                                                                         \
                for (int64_t i = 0; i < n_inner; i++) out[i] = value;                                                  \
            }                                                                                                          \
        }                                                                                                              \
    }

#define AZ_MAP2_OF(function, TO, FROM, EXPRESSION)                                                                     \
    static void function(int64_t n_outer, int64_t n_inner, void *result, const az_operand *in, const void *attribute)  \
    {                                                                                                                  \
        (void)attribute;                                                                                               \
        for (int64_t o = 0; o < n_outer; o++) {                                                                        \
            TO *out = (TO *)result + o * n_inner;                                                                      \
            const FROM *pa = (const FROM *)in[0].data + o * in[0].outer;                                               \
            const FROM *pb = (const FROM *)in[1].data + o * in[1].outer;                                               \
            if (in[0].inner && in[1].inner) {                                                                          \
                AZ_INDEPENDENT AZ_MAP_LOOP(const FROM a = pa[i]; const FROM b = pb[i], EXPRESSION)                     \
            } else if (in[0].inner) {                                                                                  \
                const FROM b = pb[0];                                                                                  \
                AZ_INDEPENDENT AZ_MAP_LOOP(const FROM a = pa[i], EXPRESSION)                                           \
            } else if (in[1].inner) {                                                                                  \
                const FROM a = pa[0];                                                                                  \
                AZ_INDEPENDENT AZ_MAP_LOOP(const FROM b = pb[i], EXPRESSION)                                           \
            } else {                                                                                                   \
                const FROM a = pa[0], b = pb[0];                                                                       \
                const TO value = (EXPRESSION);                                                                         \
                for (int64_t i = 0; i < n_inner; i++) out[i] = value;                                                  \
            }                                                                                                          \
        }                                                                                                              \
    }

/* Both precisions of y = f(a) or f(a, b); FLOAT and DOUBLE are the expressions. */
#define AZ_MAP1(name, FLOAT, DOUBLE)                                                                                   \
    AZ_MAP1_OF(name##_f32, float, float, FLOAT)                                                                        \
    AZ_MAP1_OF(name##_f64, double, double, DOUBLE)                                                                     \
    AZ_KERNEL_TABLE(name) = {.map = {[AZ_F32] = name##_f32, [AZ_F64] = name##_f64}};
#define AZ_MAP2(name, FLOAT, DOUBLE)                                                                                   \
    AZ_MAP2_OF(name##_f32, float, float, FLOAT)                                                                        \
    AZ_MAP2_OF(name##_f64, double, double, DOUBLE)                                                                     \
    AZ_KERNEL_TABLE(name) = {.map = {[AZ_F32] = name##_f32, [AZ_F64] = name##_f64}};

#endif
