/* SPDX-License-Identifier: BSD-3-Clause */
/* An optimiser's inner loop, made for float and double and for each set of instructions.
 *
 * The loops are elementwise, and add, multiply, divide and sqrt are correctly rounded (IEEE 754) at any width: the bits
 * do not depend on the set of instructions. */
#ifndef AZ_OPTIM_UPDATE_H
#define AZ_OPTIM_UPDATE_H

#include <stdint.h>

/* n parameters, their gradient and up to two arrays of state; a NULL where the optimiser has none. */
typedef void (*az_update_f32)(const double *coefficients, int64_t n, const float *restrict gradient,
                              float *restrict theta, float *restrict first, float *restrict second);
typedef void (*az_update_f64)(const double *coefficients, int64_t n, const double *restrict gradient,
                              double *restrict theta, double *restrict first, double *restrict second);

#if defined(__x86_64__) && defined(__GNUC__)
enum { AZ_UPDATE_LEVELS = 3 }; /* SSE2, AVX2, AVX-512 */
#else
enum { AZ_UPDATE_LEVELS = 1 };
#endif
/* The best that this CPU has. */
int az_update_level(void);

#endif
