/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REAL
#define KERNEL "optim/momentum_kernels.c"
#include "optim/each_type.h"
const az_update AZ_ISA_NAME(az_momentum_update) = {update_f32, update_f64};
#else

/* v = momentum v + g; theta -= rate (ahead g + along v). */
static void FN(update)(const double *coefficients, int64_t n, const REAL *restrict gradient, REAL *restrict theta,
                       REAL *restrict velocity, REAL *restrict second)
{
    const REAL rate = (REAL)coefficients[0], decay = (REAL)coefficients[1], momentum = (REAL)coefficients[2];
    const REAL ahead = (REAL)coefficients[3], along = (REAL)coefficients[4];
    (void)second;
    for (int64_t i = 0; i < n; i++) {
        const REAL g = gradient[i] + decay * theta[i], v = momentum * velocity[i] + g;
        velocity[i] = v;
        theta[i] -= rate * (ahead * g + along * v);
    }
}

#endif
