/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REAL
#define KERNEL "optim/gradient_descent_kernels.c"
#include "optim/each_type.h"
const az_update AZ_ISA_NAME(az_gradient_descent_update) = {update_f32, update_f64};
#else

/* theta -= rate (g + decay theta). */
static void FN(update)(const double *coefficients, int64_t n, const REAL *restrict gradient, REAL *restrict theta,
                       REAL *restrict first, REAL *restrict second)
{
    const REAL rate = (REAL)coefficients[0], decay = (REAL)coefficients[1];
    (void)first, (void)second;
    for (int64_t i = 0; i < n; i++) theta[i] -= rate * (gradient[i] + decay * theta[i]);
}

#endif
