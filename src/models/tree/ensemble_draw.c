/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rows a tree sees. */
#include "models/tree/ensemble.h"

#include <string.h>

/* Drawn with replacement: row i is where the i-th 64 random bits, as a part of all rows, point to. */
static void draw_bootstrap(az_stream stream, int64_t t, int64_t n_drawn, int64_t n_rows, uint16_t *count)
{
    for (int64_t i = 0; i < n_drawn; i += 2) {
        uint32_t bits[4];
        az_random_bits(stream, (uint64_t)t, (uint64_t)i, bits);
        for (int k = 0; k < 2 && i + k < n_drawn; k++) {
            uint64_t word = (uint64_t)bits[2 * k] << 32 | bits[2 * k + 1];
            uint16_t *drawn = &count[(int64_t)((unsigned __int128)word * (uint64_t)n_rows >> 64)];
            if (*drawn < UINT16_MAX) ++*drawn;
        }
    }
}

/* Selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S). */
static void draw_once(az_stream stream, int64_t t, int64_t n_drawn, int64_t n_rows, uint16_t *count)
{
    int64_t left = n_drawn;
    for (int64_t i = 0; i < n_rows && left; i++)
        if (az_random_uniform(stream, (uint64_t)t, (uint64_t)i) * (double)(n_rows - i) < (double)left) {
            count[i] = 1;
            left--;
        }
}

const uint16_t *az_ensemble_draw(const az_ensemble_plan *plan, const az_ensemble_options *options, uint64_t seed,
                                 int64_t t, int64_t n_rows, uint16_t *count)
{
    if (!plan->draws) return NULL;
    az_stream stream = az_stream_new(seed, "tree.rows");
    memset(count, 0, sizeof *count * (size_t)n_rows);
    if (options->bootstrap)
        draw_bootstrap(stream, t, plan->n_drawn, n_rows, count);
    else
        draw_once(stream, t, plan->n_drawn, n_rows, count);
    return count;
}
