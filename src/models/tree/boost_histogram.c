/* SPDX-License-Identifier: BSD-3-Clause */
/* Histograms of gradient and curvature.  Row by row, since a row's codes share a cache line and its gradient is read
 * once. */
#include "models/tree/boost_parts.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <string.h>

/* Rows of a block at least.  Its sums go to a histogram of its own, and these are added by a fixed tree, so that the
 * result does not depend on who computed which. */
enum { BLOCK_ROWS = 8192, AHEAD = 16 };

/* Emptying the words' cells costs what an eighth as many rows do: for fewer, their pairs are added. */
enum { FEW_ROWS = 8 };

/* Gradient and curvature, added at a time: GCC does not find that by itself. */
typedef double gradient_pair __attribute__((vector_size(16), aligned(8), may_alias));

static inline gradient_pair pair_of(const az_booster *booster, int64_t row, bool in_words)
{
    if (!in_words) return ((const gradient_pair *)(const void *)booster->round->pairs)[row];
    const uint64_t word = booster->words[row];
    return (gradient_pair){(double)az_boost_high(word, booster->low_bits) * booster->unit_g,
                           (double)az_boost_low(word, booster->low_bits) * booster->unit_h};
}

#define PREFETCH(address) __builtin_prefetch(address)
#define JOIN_(a, b)       a##_##b
#define JOIN(a, b)        JOIN_(a, b)
#define CODE              uint8_t
#define FN(name)          JOIN(name, 8)
#include "models/tree/boost_histogram.tmpl.h"
#undef CODE
#undef FN
#define CODE     uint16_t
#define FN(name) JOIN(name, 16)
#include "models/tree/boost_histogram.tmpl.h"

az_status az_boost_place_cells(az_booster *booster)
{
    const az_bins *bins = booster->bins;
    const az_bundles *bundles = booster->bundles;
    const int64_t n_features = bins->n_features;
    booster->codes = bundles ? bundles->codes : bins->codes;
    booster->n_columns = bundles ? bundles->n_columns : n_features;
    AZ_TRY(AZ_NEW_ARRAY(booster->place, n_features));
    AZ_TRY(AZ_NEW_ARRAY(booster->count_place, n_features));
    AZ_TRY(AZ_NEW_ARRAY(booster->column_place, booster->n_columns));
    for (int64_t c = 0; c < booster->n_columns; c++) {
        booster->column_place[c] = (int32_t)booster->n_cells;
        booster->n_cells += bundles ? bundles->n_codes[c] : bins->features[c].n_bins + 1;
        if (booster->n_cells > INT32_MAX)
            return az_error(AZ_ERROR_DATA, "boosting: all features together have more than 2,147,483,647 bins");
    }
    for (int64_t j = 0; j < n_features; j++) {
        const az_bin_feature *feature = &bins->features[j];
        booster->place[j] = booster->column_place[az_boost_column(booster, j)];
        if (az_boost_shares(booster, j)) booster->place[j] += bundles->first[j];
        booster->count_place[j] = (int32_t)booster->n_counts;
        booster->n_counts += feature->n_bins + 1;
        if (feature->n_bins + 1 > booster->most_bins) booster->most_bins = feature->n_bins + 1;
        const int64_t n_words = feature->categorical ? (feature->n_bins + 63) / 64 : 0;
        if (n_words > booster->set_words) booster->set_words = n_words;
    }
    return AZ_OK;
}

/* The words' sums go to the histogram, and their cells are zero again.  low_bits: for the compiler, which makes two. */
static inline void unload(const az_booster *booster, uint64_t *from, gradient_pair *cells, bool add, int low_bits)
{
    const double unit_g = booster->unit_g, unit_h = booster->unit_h;
    const int64_t n_cells = booster->n_cells;
    for (int64_t k = 0; k < n_cells; k++) {
        const gradient_pair pair = {(double)az_boost_high(from[k], low_bits) * unit_g,
                                    (double)az_boost_low(from[k], low_bits) * unit_h};
        if (add)
            cells[k] += pair;
        else
            cells[k] = pair;
    }
    memset(from, 0, sizeof *from * (size_t)n_cells);
}

static void fill(const az_booster *booster, const uint32_t *rows, int64_t first, int64_t end, double *cells, int thread)
{
    const bool narrow = booster->bins->code_bytes == 1;
    gradient_pair *pairs = (gradient_pair *)(void *)cells;
    if (booster->in_words && (end - first) * FEW_ROWS > booster->n_cells) {
        uint64_t *word_cells = booster->word_cells + thread * booster->n_cells;
        for (int64_t begin = first; begin < end; begin += AZ_BOOST_WORD_ROWS) {
            const int64_t stop = begin + AZ_BOOST_WORD_ROWS < end ? begin + AZ_BOOST_WORD_ROWS : end;
            if (narrow)
                fill_words_8(booster, rows, begin, stop, word_cells);
            else
                fill_words_16(booster, rows, begin, stop, word_cells);
            if (booster->low_bits == AZ_BOOST_COUNT_BITS)
                unload(booster, word_cells, pairs, begin > first, AZ_BOOST_COUNT_BITS);
            else
                unload(booster, word_cells, pairs, begin > first, AZ_BOOST_HALF_BITS);
        }
        return;
    }
    memset(cells, 0, sizeof *cells * (size_t)(2 * booster->n_cells));
    if (narrow && booster->in_words)
        fill_pairs_8(booster, rows, first, end, pairs, true);
    else if (narrow)
        fill_pairs_8(booster, rows, first, end, pairs, false);
    else
        fill_pairs_16(booster, rows, first, end, pairs, booster->in_words);
}

void az_boost_histogram(const az_booster *booster, const az_boost_leaf *leaf, double *cells, int thread)
{
    fill(booster, az_boost_rows(booster, leaf), 0, leaf->n, cells, thread);
}

typedef struct summing {
    const az_booster *booster;
    const uint32_t *rows;
    int64_t n_rows, n_blocks;
    double *into; /* block 0 sums here, the others in the booster's blocks */
} summing;

static double *block_cells(const az_booster *booster, int64_t block, double *into)
{
    return block ? booster->blocks + (block - 1) * 2 * booster->n_cells : into;
}

static void sum_block(void *context, int64_t block, int thread)
{
    const summing *job = context;
    const int64_t first = block * job->n_rows / job->n_blocks, end = (block + 1) * job->n_rows / job->n_blocks;
    fill(job->booster, job->rows, first, end, block_cells(job->booster, block, job->into), thread);
}

int64_t az_boost_histogram_wide(const az_booster *booster, const az_boost_leaf *leaf, double *cells)
{
    int64_t n_blocks = leaf->n / BLOCK_ROWS;
    if (n_blocks < 1) n_blocks = 1;
    if (n_blocks > AZ_BOOST_BLOCKS) n_blocks = AZ_BOOST_BLOCKS;
    summing job = {booster, az_boost_rows(booster, leaf), leaf->n, n_blocks, cells};
    az_parallel(booster->n_threads, n_blocks, sum_block, &job);
    return n_blocks;
}

/* The tree of az_tree_sum: 0 + 1, 2 + 3, then their sums. */
void az_boost_merge(const az_booster *booster, int64_t n_blocks, double *cells, int64_t first, int64_t n)
{
    for (int64_t step = 1; step < n_blocks; step *= 2)
        for (int64_t i = 0; i + step < n_blocks; i += 2 * step) {
            double *to = block_cells(booster, i, cells) + 2 * first;
            const double *from = block_cells(booster, i + step, cells) + 2 * first;
            for (int64_t k = 0; k < 2 * n; k++) to[k] += from[k];
        }
}
