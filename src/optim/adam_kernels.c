/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REAL
#define KERNEL "optim/adam_kernels.c"
#include "optim/each_type.h"
const az_update AZ_ISA_NAME(az_adam_update) = {update_f32, update_f64};
#else

/* m = beta_1 m + (1 - beta_1) g; v = beta_2 v + (1 - beta_2) g^2;
 * theta = keep theta - rate m / (unbias sqrt(v) + epsilon), where rate holds 1 / (1 - beta_1^t), unbias is
 * 1 / sqrt(1 - beta_2^t), and keep is 1 but for decoupled weight decay. */
static void FN(update)(const double *coefficients, int64_t n, const REAL *restrict gradient, REAL *restrict theta,
                       REAL *restrict mean, REAL *restrict square)
{
    const REAL rate = (REAL)coefficients[0], decay = (REAL)coefficients[1], keep = (REAL)coefficients[2];
    const REAL beta_1 = (REAL)coefficients[3], rest_1 = (REAL)coefficients[4];
    const REAL beta_2 = (REAL)coefficients[5], rest_2 = (REAL)coefficients[6];
    const REAL unbias = (REAL)coefficients[7], epsilon = (REAL)coefficients[8];
    for (int64_t i = 0; i < n; i++) {
        const REAL g = gradient[i] + decay * theta[i];
        const REAL m = beta_1 * mean[i] + rest_1 * g, v = beta_2 * square[i] + rest_2 * (g * g);
        mean[i] = m;
        square[i] = v;
        theta[i] = keep * theta[i] - rate * m / (unbias * SQRT(v) + epsilon);
    }
}

#endif
