/* SPDX-License-Identifier: BSD-3-Clause */
#include "nn/penalty.h"

enum { LANES = 16 };

#define PENALTY(name, REAL)                                                                                            \
    static double name(double factor, int64_t n, const REAL *restrict theta, REAL *restrict gradient)                  \
    {                                                                                                                  \
        const REAL by = (REAL)factor;                                                                                  \
        double lane[LANES] = {0};                                                                                      \
        int64_t i = 0;                                                                                                 \
        for (; i + LANES <= n; i += LANES)                                                                             \
            for (int k = 0; k < LANES; k++) {                                                                          \
                const double w = (double)theta[i + k];                                                                 \
                lane[k] += w * w;                                                                                      \
                gradient[i + k] += by * theta[i + k];                                                                  \
            }                                                                                                          \
        for (int k = 0; i + k < n; k++) {                                                                              \
            const double w = (double)theta[i + k];                                                                     \
            lane[k] += w * w;                                                                                          \
            gradient[i + k] += by * theta[i + k];                                                                      \
        }                                                                                                              \
        for (int step = LANES / 2; step > 0; step /= 2)                                                                \
            for (int k = 0; k < step; k++) lane[k] += lane[k + step];                                                  \
        return lane[0];                                                                                                \
    }
PENALTY(penalty_f32, float)
PENALTY(penalty_f64, double)

const az_penalty AZ_ISA_NAME(az_penalty_kernels) = {penalty_f32, penalty_f64};
