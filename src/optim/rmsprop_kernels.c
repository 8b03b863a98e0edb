/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REAL
#define KERNEL "optim/rmsprop_kernels.c"
#include "optim/each_type.h"
const az_update AZ_ISA_NAME(az_rmsprop_update) = {update_f32, update_f64};
#else

/* s = rho s + (1 - rho) g^2; theta -= rate g / (sqrt(s) + epsilon). */
static void FN(update)(const double *coefficients, int64_t n, const REAL *restrict gradient, REAL *restrict theta,
                       REAL *restrict square, REAL *restrict second)
{
    const REAL rate = (REAL)coefficients[0], decay = (REAL)coefficients[1], rho = (REAL)coefficients[2];
    const REAL rest = (REAL)coefficients[3], epsilon = (REAL)coefficients[4];
    (void)second;
    for (int64_t i = 0; i < n; i++) {
        const REAL g = gradient[i] + decay * theta[i], s = rho * square[i] + rest * (g * g);
        square[i] = s;
        theta[i] -= rate * g / (SQRT(s) + epsilon);
    }
}

#endif
