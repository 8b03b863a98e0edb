/* SPDX-License-Identifier: BSD-3-Clause */
/* Histograms of gradient and curvature.  Row by row, since a row's codes share a cache line and its gradient is read once. */
#include "models/tree/boost_parts.h"

#include "base/parallel.h"

#include <string.h>

/* Rows of a block: its sums go to a histogram of its own, and these are added by a fixed tree, so that the result does not
 * depend on who computed which. */
enum { BLOCK_ROWS = 8192 };

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define CODE uint8_t
#define FN(name) JOIN(name, 8)
#include "models/tree/boost_histogram.tmpl.h"
#undef CODE
#undef FN
#define CODE uint16_t
#define FN(name) JOIN(name, 16)
#include "models/tree/boost_histogram.tmpl.h"

int64_t az_boost_n_blocks(int64_t n_rows)
{
    int64_t n = n_rows / BLOCK_ROWS;
    return n < 1 ? 1 : n > AZ_BOOST_BLOCKS ? AZ_BOOST_BLOCKS : n;
}

typedef struct summing {
    const az_booster *booster;
    const uint32_t *rows;
    const double *pairs;
    int64_t n_rows, n_blocks;
    double *into;      /* block 0 sums here, the others in the booster's blocks */
    uint32_t *counts;
} summing;

static void sum_block(void *context, int64_t block, int thread)
{
    const summing *job = context;
    const az_booster *booster = job->booster;
    (void)thread;
    int64_t first = block * job->n_rows / job->n_blocks, end = (block + 1) * job->n_rows / job->n_blocks;
    double *cells = block ? booster->blocks + (block - 1) * booster->n_doubles : job->into;
    memset(cells, 0, sizeof *cells * (size_t)booster->n_doubles);
    uint32_t *counts = NULL;
    if (booster->counting) {
        counts = (uint32_t *)(void *)(cells + 2 * booster->n_cells);
    }
    if (booster->bins->code_bytes == 1)
        fill_8(booster, job->rows, job->pairs, first, end, cells, counts);
    else
        fill_16(booster, job->rows, job->pairs, first, end, cells, counts);
}

/* Cells are added in stretches, each by the tree of az_tree_sum: 0 + 1, 2 + 3, then their sums. */
typedef struct adding {
    const az_booster *booster;
    double *into;
    int64_t n_blocks;
} adding;

enum { STRETCH = 2048 };

static void add_stretch(void *context, int64_t stretch, int thread)
{
    const adding *job = context;
    const az_booster *booster = job->booster;
    (void)thread;
    int64_t first = stretch * STRETCH, n = 2 * booster->n_cells - first;
    if (n > STRETCH) n = STRETCH;
    for (int64_t step = 1; step < job->n_blocks; step *= 2)
        for (int64_t i = 0; i + step < job->n_blocks; i += 2 * step) {
            double *to = (i ? booster->blocks + (i - 1) * booster->n_doubles : job->into) + first;
            const double *from = booster->blocks + (i + step - 1) * booster->n_doubles + first;
            for (int64_t k = 0; k < n; k++) to[k] += from[k];
        }
}

void az_boost_histogram(const az_booster *booster, const uint32_t *rows, int64_t n_rows, const double *pairs,
                        double *into)
{
    summing job = {.booster = booster, .rows = rows, .pairs = pairs, .n_rows = n_rows,
                   .n_blocks = az_boost_n_blocks(n_rows), .into = into};
    az_parallel(booster->n_threads, job.n_blocks, sum_block, &job);
    if (job.n_blocks == 1) return;
    adding sums = {booster, into, job.n_blocks};
    az_parallel(booster->n_threads, (2 * booster->n_cells + STRETCH - 1) / STRETCH, add_stretch, &sums);
    if (!booster->counting) return;
    uint32_t *counts = (uint32_t *)(void *)(into + 2 * booster->n_cells);
    for (int64_t block = 1; block < job.n_blocks; block++) {
        const uint32_t *from =
            (const uint32_t *)(const void *)(booster->blocks + (block - 1) * booster->n_doubles + 2 * booster->n_cells);
        for (int64_t c = 0; c < booster->n_cells; c++) counts[c] += from[c];
    }
}

void az_boost_subtract(const az_booster *booster, double *from, const double *part)
{
    for (int64_t c = 0; c < 2 * booster->n_cells; c++) from[c] -= part[c];
    if (!booster->counting) return;
    uint32_t *counts = (uint32_t *)(void *)(from + 2 * booster->n_cells);
    const uint32_t *less = (const uint32_t *)(const void *)(part + 2 * booster->n_cells);
    for (int64_t c = 0; c < booster->n_cells; c++) counts[c] -= less[c];
}
