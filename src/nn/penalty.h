/* SPDX-License-Identifier: BSD-3-Clause */
/* A penalty on weights, alpha / 2 times their squares: one loop over a slice of theta.  As part of the graph it would
 * be five, each with an array of all weights between it and the next. */
#ifndef AZ_NN_PENALTY_H
#define AZ_NN_PENALTY_H

#include "base/isa.h"

#include <stdint.h>

/* gradient += factor theta; returns the sum of the squares of theta, in one order for every set of instructions. */
typedef struct az_penalty {
    double (*f32)(double factor, int64_t n, const float *restrict theta, float *restrict gradient);
    double (*f64)(double factor, int64_t n, const double *restrict theta, double *restrict gradient);
} az_penalty;
AZ_ISA_DECLARE(az_penalty, az_penalty_kernels);

#endif
