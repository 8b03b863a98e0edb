/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/parallel.h"

#include <omp.h>

void az_parallel(int n_threads, int64_t n_blocks, az_block_fn fn, void *context)
{
    if (n_threads > n_blocks) n_threads = (int)n_blocks;
    if (n_threads <= 1 || omp_in_parallel()) {
        for (int64_t block = 0; block < n_blocks; block++) fn(context, block, 0);
        return;
    }
    /* Which thread takes which block changes from run to run; what a block computes does not. */
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads)
    for (int64_t block = 0; block < n_blocks; block++) fn(context, block, omp_get_thread_num());
}

void az_tree_sum(double *slots, int64_t n_slots, int64_t width)
{
    for (int64_t step = 1; step < n_slots; step *= 2) {
        for (int64_t i = 0; i + step < n_slots; i += 2 * step) {
            double *into = slots + i * width;
            const double *from = slots + (i + step) * width;
            for (int64_t j = 0; j < width; j++) into[j] += from[j];
        }
    }
}
