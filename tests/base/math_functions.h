/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions of base/math.h as a table: by them are tested what each promises, and that all give the same bits. */
#ifndef TESTS_BASE_MATH_FUNCTIONS_H
#define TESTS_BASE_MATH_FUNCTIONS_H

#include <stdint.h>

/* X(name, units in the last place that it may be off in float, and in double) */
#define MATH_FUNCTIONS(X)                                                                                              \
    X(exp, 0.76, 0.76)                                                                                                 \
    X(expm1, 0.76, 0.95)                                                                                               \
    X(log, 0.70, 0.65)                                                                                                 \
    X(log1p, 0.70, 0.68)                                                                                               \
    X(tanh, 0.70, 0.80)                                                                                                \
    X(sigmoid, 0.76, 0.76)                                                                                             \
    X(softplus, 0.76, 0.80)                                                                                            \
    X(sin, 0.80, 0.80)                                                                                                 \
    X(cos, 0.80, 0.80)                                                                                                 \
    X(erf, 0.90, 0.90)                                                                                                 \
    X(erfc, 3.8, 4.0)                                                                                                  \
    X(normal_cdf, 0.95, 1.0)                                                                                           \
    X(lgamma, 0.51, 4.0)                                                                                               \
    X(digamma, 0.51, 5.0)
#define MATH_FUNCTIONS_OF_TWO(X)                                                                                       \
    X(atan2, 0.95, 0.85)                                                                                               \
    X(pow, 0.51, 0.90)
/* Those that have a function of arrays besides, az_NAME_array_f32 and so on. */
#define MATH_ARRAYS(X) X(sin) X(cos) X(tanh) X(softplus) X(erf) X(normal_cdf)

enum {
#define ONE(name, narrow, wide) MATH_##name,
    MATH_FUNCTIONS(ONE) MATH_FUNCTIONS_OF_TWO(ONE)
#undef ONE
        MATH_N_FUNCTIONS,
    MATH_LAST_FUNCTION = MATH_N_FUNCTIONS - 1,
#define ONE(name) MATH_##name##_array,
    MATH_ARRAYS(ONE)
#undef ONE
        MATH_N_LOOPS
};

/* The loops over arrays that tests/base/math_kernels.c makes for one instruction set; functions of one argument do not
 * look at the second. */
/* The loop over arrays that is the fastest for a function. */
static inline int math_loop(int f)
{
#define ONE(name)                                                                                                      \
    if (f == MATH_##name) return MATH_##name##_array;
    MATH_ARRAYS(ONE)
#undef ONE
    return f;
}

typedef struct {
    const char *name; /* of the instruction set */
    void (*narrow[MATH_N_LOOPS])(float *value, const float *x, const float *y, int64_t n);
    void (*wide[MATH_N_LOOPS])(double *value, const double *x, const double *y, int64_t n);
} math_kernels;

extern const math_kernels math_kernels_plain; /* the flags of the project */
#ifdef MATH_LEVELS
extern const math_kernels math_kernels_fma;    /* x86-64-v3, not vectorised */
extern const math_kernels math_kernels_avx2;   /* x86-64-v3 */
extern const math_kernels math_kernels_avx512; /* x86-64-v4 */
#endif

#endif
