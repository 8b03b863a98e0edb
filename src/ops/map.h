/* SPDX-License-Identifier: BSD-3-Clause */
/* The loops of elementwise kernels.  A file of ops is compiled once for each instruction set (cmake/Kernels.cmake): its
 * kernels every time, under names that end in that of the set, its rules and descriptors (#ifdef AZ_RULES) once. */
#ifndef AZ_OPS_MAP_H
#define AZ_OPS_MAP_H

#include "base/isa.h"

/* A file of ops that move numbers rather than compute with them says AZ_KERNELS_ONCE before it includes this: wider
 * vectors bring it nothing, and one set of kernels serves every CPU. */
#ifdef AZ_KERNELS_ONCE
#define AZ_KERNELS(name)                                                                                               \
    {                                                                                                                  \
        &az_kernels_##name, &az_kernels_##name, &az_kernels_##name                                                     \
    }
#define AZ_KERNEL_TABLE(name) static const az_kernels az_kernels_##name
#else
#define AZ_KERNELS(name) AZ_ISA_TABLE(az_kernels_##name)
/* const az_kernels of this instruction set, followed by its initialiser. */
#define AZ_KERNEL_TABLE(name)                                                                                          \
    AZ_ISA_DECLARE(az_kernels, az_kernels_##name);                                                                     \
    const az_kernels AZ_ISA_NAME(az_kernels_##name)
#endif

/* Iterations do not depend on each other, though out may be an operand. */
#ifdef __clang__
#define AZ_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define AZ_INDEPENDENT _Pragma("GCC ivdep")
#endif

/* One kernel: out of type TO, operands of type FROM; the expression is of a and b.  One loop for each pattern of
 * strides, over whole vectors; each expression is compiled as few times as will do, for some are long. */
#define AZ_MAP1_OF(function, TO, FROM, EXPRESSION)                                                                     \
    static __attribute__((noinline)) void function##_row(int64_t n, TO *out, const FROM *pa)                           \
    {                                                                                                                  \
        AZ_INDEPENDENT for (int64_t i = 0; i < n; i++)                                                                 \
        {                                                                                                              \
            const FROM a = pa[i];                                                                                      \
            out[i] = (EXPRESSION);                                                                                     \
        }                                                                                                              \
    }                                                                                                                  \
    AZ_MAP1_ROWS_OF(function, TO, FROM)

/* The same by a function of arrays, ARRAY(out, a, n). */
#define AZ_MAP1_ARRAY_OF(function, REAL, ARRAY)                                                                        \
    static __attribute__((noinline)) void function##_row(int64_t n, REAL *out, const REAL *pa)                         \
    {                                                                                                                  \
        ARRAY(out, pa, n);                                                                                             \
    }                                                                                                                  \
    AZ_MAP1_ROWS_OF(function, REAL, REAL)

#define AZ_MAP1_ROWS_OF(function, TO, FROM)                                                                            \
    static void function(int64_t n_outer, int64_t n_inner, void *result, const az_operand *in, const void *attribute)  \
    {                                                                                                                  \
        (void)attribute;                                                                                               \
        for (int64_t o = 0; o < n_outer && n_inner > 0; o++) {                                                         \
            TO *out = (TO *)result + o * n_inner;                                                                      \
            const FROM *pa = (const FROM *)in[0].data + o * in[0].outer;                                               \
            function##_row(in[0].inner ? n_inner : 1, out, pa);                                                        \
            for (int64_t i = 1; !in[0].inner && i < n_inner; i++) out[i] = out[0];                                     \
        }                                                                                                              \
    }

/* Of two operands, where one loop is enough for short expressions in each pattern. */
#define AZ_MAP2_OF(function, TO, FROM, EXPRESSION)                                                                     \
    static void function(int64_t n_outer, int64_t n_inner, void *result, const az_operand *in, const void *attribute)  \
    {                                                                                                                  \
        (void)attribute;                                                                                               \
        for (int64_t o = 0; o < n_outer && n_inner > 0; o++) {                                                         \
            TO *out = (TO *)result + o * n_inner;                                                                      \
            const FROM *pa = (const FROM *)in[0].data + o * in[0].outer;                                               \
            const FROM *pb = (const FROM *)in[1].data + o * in[1].outer;                                               \
            const bool repeats = !in[0].inner && !in[1].inner;                                                         \
            const int64_t n = repeats ? 1 : n_inner;                                                                   \
            if (in[0].inner == in[1].inner) {                                                                          \
                AZ_INDEPENDENT for (int64_t i = 0; i < n; i++)                                                         \
                {                                                                                                      \
                    const FROM a = pa[i], b = pb[i];                                                                   \
                    out[i] = (EXPRESSION);                                                                             \
                }                                                                                                      \
            } else if (in[0].inner) {                                                                                  \
                const FROM b = pb[0];                                                                                  \
                AZ_INDEPENDENT for (int64_t i = 0; i < n; i++)                                                         \
                {                                                                                                      \
                    const FROM a = pa[i];                                                                              \
                    out[i] = (EXPRESSION);                                                                             \
                }                                                                                                      \
            } else {                                                                                                   \
                const FROM a = pa[0];                                                                                  \
                AZ_INDEPENDENT for (int64_t i = 0; i < n; i++)                                                         \
                {                                                                                                      \
                    const FROM b = pb[i];                                                                              \
                    out[i] = (EXPRESSION);                                                                             \
                }                                                                                                      \
            }                                                                                                          \
            for (int64_t i = 1; repeats && i < n_inner; i++) out[i] = out[0];                                          \
        }                                                                                                              \
    }

/* The same for long expressions: one loop; an operand that is one number is written out as a block of them. */
enum { AZ_MAP_BLOCK = 256 };
#define AZ_MAP2_LONG_OF(function, TO, FROM, EXPRESSION)                                                                \
    static __attribute__((noinline)) void function##_row(int64_t n, TO *out, const FROM *pa, const FROM *pb)           \
    {                                                                                                                  \
        AZ_INDEPENDENT for (int64_t i = 0; i < n; i++)                                                                 \
        {                                                                                                              \
            const FROM a = pa[i], b = pb[i];                                                                           \
            out[i] = (EXPRESSION);                                                                                     \
        }                                                                                                              \
    }                                                                                                                  \
    static void function(int64_t n_outer, int64_t n_inner, void *result, const az_operand *in, const void *attribute)  \
    {                                                                                                                  \
        FROM block[2][AZ_MAP_BLOCK];                                                                                   \
        (void)attribute;                                                                                               \
        for (int64_t o = 0; o < n_outer; o++)                                                                          \
            for (int64_t first = 0; first < n_inner; first += AZ_MAP_BLOCK) {                                          \
                const int64_t n = n_inner - first < AZ_MAP_BLOCK ? n_inner - first : AZ_MAP_BLOCK;                     \
                const FROM *p[2];                                                                                      \
                for (int k = 0; k < 2; k++) {                                                                          \
                    p[k] = (const FROM *)in[k].data + o * in[k].outer + first * in[k].inner;                           \
                    if (in[k].inner) continue;                                                                         \
                    for (int64_t i = 0; i < n; i++) block[k][i] = *p[k];                                               \
                    p[k] = block[k];                                                                                   \
                }                                                                                                      \
                function##_row(n, (TO *)result + o * n_inner + first, p[0], p[1]);                                     \
            }                                                                                                          \
    }

/* Both precisions of y = f(a) or f(a, b); FLOAT and DOUBLE are the expressions, or the functions of arrays. */
#define AZ_MAP1(name, FLOAT, DOUBLE)                                                                                   \
    AZ_MAP1_OF(name##_f32, float, float, FLOAT)                                                                        \
    AZ_MAP1_OF(name##_f64, double, double, DOUBLE)                                                                     \
    AZ_KERNEL_TABLE(name) = {.map = {[AZ_F32] = name##_f32, [AZ_F64] = name##_f64}};
#define AZ_MAP1_ARRAY(name, FLOAT, DOUBLE)                                                                             \
    AZ_MAP1_ARRAY_OF(name##_f32, float, FLOAT)                                                                         \
    AZ_MAP1_ARRAY_OF(name##_f64, double, DOUBLE)                                                                       \
    AZ_KERNEL_TABLE(name) = {.map = {[AZ_F32] = name##_f32, [AZ_F64] = name##_f64}};
#define AZ_MAP2(name, FLOAT, DOUBLE)                                                                                   \
    AZ_MAP2_OF(name##_f32, float, float, FLOAT)                                                                        \
    AZ_MAP2_OF(name##_f64, double, double, DOUBLE)                                                                     \
    AZ_KERNEL_TABLE(name) = {.map = {[AZ_F32] = name##_f32, [AZ_F64] = name##_f64}};

#define AZ_MAP2_LONG(name, FLOAT, DOUBLE)                                                                              \
    AZ_MAP2_LONG_OF(name##_f32, float, float, FLOAT)                                                                   \
    AZ_MAP2_LONG_OF(name##_f64, double, double, DOUBLE)                                                                \
    AZ_KERNEL_TABLE(name) = {.map = {[AZ_F32] = name##_f32, [AZ_F64] = name##_f64}};

#endif
