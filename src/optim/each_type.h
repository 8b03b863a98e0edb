/* SPDX-License-Identifier: BSD-3-Clause */
/* To be included once by an optimiser's file, with KERNEL defined as the file that holds its loop:
 *   static INLINE void FN(update)(const double *coefficients, int64_t n, const REAL *restrict gradient,
 *                                 REAL *restrict theta, REAL *restrict first, REAL *restrict second)
 * written with REAL and SQRT.  Makes of it UPDATES(f32) and UPDATES(f64): the initialisers of an az_optimiser. */
#include "optim/update.h"

#include <math.h>

#if defined(__GNUC__)
#define INLINE inline __attribute__((always_inline)) /* so that the loop takes on the instructions of its caller */
#else
#define INLINE inline
#endif

#define REAL  float
#define SQRT  sqrtf
#define FN(x) x##_f32
#include KERNEL
#undef REAL
#undef SQRT
#undef FN

#define REAL  double
#define SQRT  sqrt
#define FN(x) x##_f64
#include KERNEL
#undef REAL
#undef SQRT
#undef FN

#define AT_LEVEL(name, type, real, target)                                                                             \
    target static void name(const double *coefficients, int64_t n, const real *restrict gradient,                      \
                            real *restrict theta, real *restrict first, real *restrict second)                         \
    {                                                                                                                  \
        update_##type(coefficients, n, gradient, theta, first, second);                                                \
    }
#define EACH_LEVEL(type, real, avx2, avx512)                                                                           \
    AT_LEVEL(update_##type##_plain, type, real, )                                                                      \
    AT_LEVEL(update_##type##_avx2, type, real, avx2)                                                                   \
    AT_LEVEL(update_##type##_avx512, type, real, avx512)

#if defined(__x86_64__) && defined(__GNUC__)
EACH_LEVEL(f32, float, __attribute__((target("avx2"))), __attribute__((target("avx512f,avx512vl,avx512dq"))))
EACH_LEVEL(f64, double, __attribute__((target("avx2"))), __attribute__((target("avx512f,avx512vl,avx512dq"))))
#define UPDATES(type)                                                                                                  \
    {                                                                                                                  \
        update_##type##_plain, update_##type##_avx2, update_##type##_avx512                                            \
    }
#else
AT_LEVEL(update_f32_plain, f32, float, )
AT_LEVEL(update_f64_plain, f64, double, )
#define UPDATES(type)                                                                                                  \
    {                                                                                                                  \
        update_##type##_plain                                                                                          \
    }
#endif
