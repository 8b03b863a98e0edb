/* SPDX-License-Identifier: BSD-3-Clause */
#include "optim/clip.h"

#include "base/parallel.h"

#include <math.h>

/* The squares of one block are added in eight sums side by side, the blocks by halves: the order, and so the bits,
 * do not depend on the width of the CPU's vectors, and the error grows with the logarithm of n. */
enum { BLOCK = 4096, LANES = 8 };

#define CLIP(type, real)                                                                                               \
    static double block_squares_##type(int64_t n, const real *g, double unit)                                          \
    {                                                                                                                  \
        double sum[LANES] = {0};                                                                                       \
        int64_t i = 0;                                                                                                 \
        for (; i + LANES <= n; i += LANES)                                                                             \
            for (int lane = 0; lane < LANES; lane++) {                                                                 \
                const double part = (double)g[i + lane] * unit;                                                        \
                sum[lane] += part * part;                                                                              \
            }                                                                                                          \
        for (int lane = 0; i < n; i++, lane++) {                                                                       \
            const double part = (double)g[i] * unit;                                                                   \
            sum[lane] += part * part;                                                                                  \
        }                                                                                                              \
        az_tree_sum(sum, LANES, 1);                                                                                    \
        return sum[0];                                                                                                 \
    }                                                                                                                  \
                                                                                                                       \
    static double squares_##type(int64_t n, const real *g, double unit)                                                \
    {                                                                                                                  \
        if (n <= BLOCK) return block_squares_##type(n, g, unit);                                                       \
        int64_t half = BLOCK;                                                                                          \
        while (2 * half < n) half *= 2;                                                                                \
        return squares_##type(half, g, unit) + squares_##type(n - half, g + half, unit);                               \
    }                                                                                                                  \
                                                                                                                       \
    double az_clip_norm_##type(int64_t n, real *gradient, double most)                                                 \
    {                                                                                                                  \
        double unit = 1, sum = squares_##type(n, gradient, unit);                                                      \
        if (isinf(sum)) { /* squares overflow where the norm may not */                                                \
            unit = 0x1p-600;                                                                                           \
            sum = squares_##type(n, gradient, unit);                                                                   \
        }                                                                                                              \
        const double norm = sqrt(sum) / unit;                                                                          \
        if (!isfinite(norm) || norm <= most) return norm;                                                              \
        const double scale = most / norm;                                                                              \
        for (int64_t i = 0; i < n; i++) gradient[i] = (real)((double)gradient[i] * scale);                             \
        return norm;                                                                                                   \
    }

CLIP(f32, float)
CLIP(f64, double)
