/* SPDX-License-Identifier: BSD-3-Clause */
/* Gradient and curvature as whole numbers.
 *
 * In tables of many rows both are rounded, once a tree, to multiples of a power of two, and put side by side into one
 * word of 64 bits: gradient * 2^low_bits + curvature.  Words add up like vectors as long as the curvature's part stays
 * within its bits, which it does for AZ_BOOST_WORD_ROWS rows; its sign is taken off the gradient's part again.  So a
 * row costs one addition a feature on cells of half the size (Shi et al., Quantized Training of Gradient Boosting
 * Decision Trees, NeurIPS 2022, do so with far fewer bits), and the sums are exact: whatever the order, differences of
 * histograms included.  Only splits are chosen by these numbers; the values of leaves are sums of the gradients
 * themselves.
 *
 * Where the greatest gradient or curvature is far above the mean, most rows would be rounded away: then, and in small
 * tables, histograms are sums of doubles. */
#include "models/tree/boost_parts.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    SUM_ROWS = 8192,    /* of a block */
    WIDTH = 8,          /* numbers of a block: the first four are sums, which a fixed tree adds up */
    LEAST_LEVELS = 512, /* of the mean */
    TILE_ROWS = 1024
};
enum { SUM_G, SUM_H, SUM_ABS_G, SUM_ABS_H, MOST_G, MOST_H, LEAST_H };

int64_t az_boost_sums_size(int64_t n_rows)
{
    return WIDTH * (n_rows / SUM_ROWS + 1);
}

typedef struct measuring {
    az_booster *booster;
    int64_t n_rows;
} measuring;

static void measure_block(void *context, int64_t block, int thread)
{
    const measuring *job = context;
    const az_booster *booster = job->booster;
    const double *pairs = booster->round->pairs;
    double sum_g = 0, sum_h = 0, abs_g = 0, abs_h = 0, most_g = 0, most_h = 0, least_h = INFINITY;
    (void)thread;
    const int64_t first = block * SUM_ROWS, end = first + SUM_ROWS < job->n_rows ? first + SUM_ROWS : job->n_rows;
    for (int64_t i = first; i < end; i++) {
        const double *pair = pairs + 2 * (int64_t)booster->listed[i];
        const double size_g = fabs(pair[0]), size_h = fabs(pair[1]);
        sum_g += pair[0];
        sum_h += pair[1];
        abs_g += size_g;
        abs_h += size_h;
        most_g = size_g > most_g ? size_g : most_g;
        most_h = size_h > most_h ? size_h : most_h;
        least_h = pair[1] < least_h ? pair[1] : least_h;
    }
    double *sums = booster->sums + WIDTH * block;
    sums[SUM_G] = sum_g;
    sums[SUM_H] = sum_h;
    sums[SUM_ABS_G] = abs_g;
    sums[SUM_ABS_H] = abs_h;
    sums[MOST_G] = most_g;
    sums[MOST_H] = most_h;
    sums[LEAST_H] = least_h;
    sums[LEAST_H + 1] = 0;
}

/* The smallest power of two of which `most` is less than `levels`; 0 if that is no ordinary number, or if `mean` is
 * fewer than LEAST_LEVELS / 2 of it. */
static double unit_of(double most, double mean, double levels)
{
    int exponent;
    if (!(most > 0) || !isfinite(most) || !(most <= mean * (levels / LEAST_LEVELS))) return 0;
    frexp(most / levels, &exponent);
    return exponent > DBL_MIN_EXP + 64 && exponent < DBL_MAX_EXP - 64 ? ldexp(1, exponent) : 0;
}

/* Rounded to a whole number, ties to even, |x| < 2^51: in a double of exponent 52 the last bits are the number. */
static inline int64_t whole(double x)
{
    const double shift = 0x1.8p52, moved = x + shift;
    int64_t bits, shift_bits;
    memcpy(&bits, &moved, sizeof bits);
    memcpy(&shift_bits, &shift, sizeof bits);
    return bits - shift_bits;
}

static void fill_words(void *context, int64_t block, int thread)
{
    const measuring *job = context;
    const az_booster *booster = job->booster;
    const double *pairs = booster->round->pairs;
    const double per_unit_g = 1 / booster->unit_g, per_unit_h = 1 / booster->unit_h;
    int64_t sum_g = 0, sum_h = 0, most_h = 0;
    (void)thread;
    const int64_t first = block * SUM_ROWS, end = first + SUM_ROWS < job->n_rows ? first + SUM_ROWS : job->n_rows;
    for (int64_t i = first; i < end; i++) {
        const int64_t row = booster->listed[i];
        const int64_t g = whole(pairs[2 * row] * per_unit_g);
        int64_t h = whole(pairs[2 * row + 1] * per_unit_h);
        if (h == 0) h = (pairs[2 * row + 1] > 0) - (pairs[2 * row + 1] < 0); /* a row has not nothing */
        booster->words[row] = ((uint64_t)g << booster->low_bits) + (uint64_t)h;
        sum_g += g;
        sum_h += h;
        most_h = h > most_h ? h : most_h;
    }
    double *sums = booster->sums + WIDTH * block;
    sums[SUM_G] = (double)sum_g;
    sums[SUM_H] = (double)sum_h;
    sums[MOST_H] = (double)most_h;
}

/* Units of gradient and curvature, if words will do.  A sum over all rows is to be exact as a double, too. */
static bool choose_units(az_booster *booster, double most_g, double most_h, double mean_g, double mean_h)
{
    const az_boost_round *round = booster->round;
    int log_rows;
    if (!booster->words || round->n_rows < AZ_BOOST_WORD_ROWS) return false;
    frexp((double)round->n_rows, &log_rows);
    if (round->constant) {
        booster->low_bits = AZ_BOOST_COUNT_BITS;
        booster->unit_h = 1;
        booster->unit_g = unit_of(most_g, mean_g, ldexp(1, log_rows > 19 ? 52 - log_rows : 33));
    } else {
        booster->low_bits = AZ_BOOST_HALF_BITS;
        booster->unit_h = unit_of(most_h, mean_h, (1 << 17) - 1);
        booster->unit_g = unit_of(most_g, mean_g, (1 << 17) - 1);
    }
    return booster->unit_g > 0 && booster->unit_h > 0;
}

void az_boost_measure(az_booster *booster, double *g, double *h)
{
    const int64_t n_rows = booster->round->n_rows, n_blocks = (n_rows + SUM_ROWS - 1) / SUM_ROWS;
    double *sums = booster->sums;
    measuring job = {booster, n_rows};
    az_parallel(booster->n_threads, n_blocks, measure_block, &job);
    double most_g = 0, most_h = 0, least_h = INFINITY, greatest = 0;
    for (int64_t b = 0; b < n_blocks; b++) {
        most_g = fmax(most_g, sums[WIDTH * b + MOST_G]);
        most_h = fmax(most_h, sums[WIDTH * b + MOST_H]);
        least_h = fmin(least_h, sums[WIDTH * b + LEAST_H]);
    }
    az_tree_sum(sums, n_blocks, WIDTH);
    booster->cancels = !(least_h > 0);
    const double n = (double)n_rows;
    booster->in_words = choose_units(booster, most_g, most_h, sums[SUM_ABS_G] / n, sums[SUM_ABS_H] / n);
    if (!booster->in_words) {
        booster->greatest_h = most_h;
        *g = sums[SUM_G];
        *h = sums[SUM_H];
        return;
    }
    az_parallel(booster->n_threads, n_blocks, fill_words, &job);
    for (int64_t b = 0; b < n_blocks; b++) greatest = fmax(greatest, sums[WIDTH * b + MOST_H]);
    az_tree_sum(sums, n_blocks, WIDTH);
    booster->greatest_h = greatest * booster->unit_h;
    *g = sums[SUM_G] * booster->unit_g;
    *h = sums[SUM_H] * booster->unit_h;
}

/* ---- the codes by columns ---- */

static void turn_tile(void *context, int64_t tile, int thread)
{
    az_booster *booster = context;
    const int64_t n_rows = booster->bins->n_rows, n_columns = booster->n_columns;
    (void)thread;
    const int64_t first = tile * TILE_ROWS, end = first + TILE_ROWS < n_rows ? first + TILE_ROWS : n_rows;
    for (int64_t j = 0; j < n_columns; j++) {
        if (booster->bins->code_bytes == 1)
            for (int64_t i = first; i < end; i++)
                ((uint8_t *)booster->columns)[j * n_rows + i] = ((const uint8_t *)booster->codes)[i * n_columns + j];
        else
            for (int64_t i = first; i < end; i++)
                ((uint16_t *)booster->columns)[j * n_rows + i] = ((const uint16_t *)booster->codes)[i * n_columns + j];
    }
}

static void look_for_missing(void *context, int64_t feature, int thread)
{
    az_booster *booster = context;
    const az_bins *bins = booster->bins;
    const uint32_t missing = (uint32_t)bins->features[feature].n_bins;
    bool any = false;
    (void)thread;
    if (bins->code_bytes == 1) {
        const uint8_t *codes = az_boost_column_codes(booster, feature);
        for (uint32_t c = 0; c < 256 && !any; c++) {
            const uint32_t code = booster->bundles ? az_bundle_decode(booster->bundles, feature, c) : c;
            if (code == missing) any = memchr(codes, (int)c, (size_t)bins->n_rows) != NULL;
        }
    } else {
        const uint16_t *codes = (const uint16_t *)booster->columns + feature * bins->n_rows;
        for (int64_t i = 0; i < bins->n_rows && !any; i++) any = codes[i] == missing;
    }
    booster->any_missing[feature] = any;
}

az_status az_boost_columns(az_booster *booster)
{
    const az_bins *bins = booster->bins;
    booster->columns = az_alloc_array(bins->n_rows * booster->n_columns, (size_t)bins->code_bytes);
    if (!booster->columns) return AZ_ERROR_MEMORY;
    AZ_TRY(AZ_NEW_ARRAY(booster->any_missing, bins->n_features));
    az_parallel(booster->n_threads, (bins->n_rows + TILE_ROWS - 1) / TILE_ROWS, turn_tile, booster);
    az_parallel(booster->n_threads, bins->n_features, look_for_missing, booster);
    return AZ_OK;
}
