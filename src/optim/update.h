/* SPDX-License-Identifier: BSD-3-Clause */
/* An optimiser's inner loop, made for float and double and for each set of instructions (base/isa.h).
 *
 * The loops are elementwise, and add, multiply, divide and sqrt are correctly rounded (IEEE 754) at any width: the bits
 * do not depend on the set of instructions. */
#ifndef AZ_OPTIM_UPDATE_H
#define AZ_OPTIM_UPDATE_H

#include "base/isa.h"

#include <stdint.h>

/* n parameters, their gradient and up to two arrays of state; NULL where the optimiser has none. */
typedef struct az_update {
    void (*f32)(const double *coefficients, int64_t n, const float *restrict gradient, float *restrict theta,
                float *restrict first, float *restrict second);
    void (*f64)(const double *coefficients, int64_t n, const double *restrict gradient, double *restrict theta,
                double *restrict first, double *restrict second);
} az_update;

#endif
