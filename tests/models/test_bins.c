/* SPDX-License-Identifier: BSD-3-Clause */
/* The binned table: codes keep the order of the values, bins hold about equally many rows, few values have a bin each.
 */
#include "models/tree/bins.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

enum { N_ROWS = 30011, N_FEATURES = 8, N_LEVELS = 12 };

/* Normal; 256 values; 257 values; zeros of both signs, infinitely small and huge numbers; a value that half the rows
 * have; all missing; constant; a category. */
static double x[N_FEATURES * N_ROWS];
static az_feature features[N_FEATURES];

static double *column(int j)
{
    return x + (int64_t)j * N_ROWS;
}

static void fill(void)
{
    static const double odd[] = {0.0, -0.0, 5e-324, -5e-324, 1.7e308, -1.7e308, 1, 1.0000000000000002};
    const az_stream stream = az_stream_new(5, "bins");
    for (int64_t i = 0; i < N_ROWS; i++) {
        const uint64_t row = (uint64_t)i;
        column(0)[i] = i % 7 == 0 ? (double)NAN : az_random_normal(stream, row, 0);
        column(1)[i] = exp((double)az_random_below(stream, row, 1, 256) / 10) - 5;
        column(2)[i] = exp((double)az_random_below(stream, row, 2, 257) / 10) - 5;
        column(3)[i] = odd[az_random_below(stream, row, 3, 8)];
        column(4)[i] = i % 2 ? 0.25 : az_random_uniform(stream, row, 4);
        column(5)[i] = (double)NAN;
        column(6)[i] = -3;
        const int64_t level = (int64_t)az_random_below(stream, row, 7, N_LEVELS + 2) - 1; /* -1: unseen */
        column(7)[i] = level == N_LEVELS ? (double)NAN : (double)level;
    }
    features[7].n_categories = N_LEVELS;
}

static az_bins *bins_of(int64_t max_bins, int n_threads)
{
    const az_sample sample = {.n_rows = N_ROWS, .n_features = N_FEATURES, .x = x, .features = features};
    const az_control control = {.n_threads = n_threads};
    az_bins *bins;
    assert_int_equal(az_bins_new(&bins, &sample, max_bins, &control), AZ_OK);
    return bins;
}

static int32_t code_of(const az_bins *bins, int64_t row, int64_t feature)
{
    const int64_t at = row * N_FEATURES + feature;
    return bins->code_bytes == 1 ? ((const uint8_t *)bins->codes)[at] : ((const uint16_t *)bins->codes)[at];
}

static void check(const az_bins *bins, int64_t max_bins)
{
    for (int j = 0; j < N_FEATURES; j++) {
        const az_bin_feature *feature = &bins->features[j];
        assert_in_range(feature->n_bins, 1, j == 7 ? N_LEVELS : max_bins);
        assert_int_equal(feature->categorical, j == 7);
        for (int32_t b = 0; b + 1 < feature->n_bins && j < 7; b++) {
            assert_true(feature->smallest[b] <= feature->largest[b] && feature->largest[b] < feature->smallest[b + 1]);
            assert_true(feature->largest[b] <= feature->upper[b] && feature->upper[b] < feature->smallest[b + 1]);
        }
        for (int64_t i = 0; i < N_ROWS; i++) {
            const double value = column(j)[i];
            const int32_t code = code_of(bins, i, j);
            if (isnan(value) || (value < 0 && j == 7)) {
                assert_int_equal(code, feature->n_bins);
            } else if (j == 7) {
                assert_int_equal(code, (int32_t)value);
            } else {
                assert_true(feature->smallest[code] <= value && value <= feature->largest[code]);
            }
        }
    }
}

static void test_codes(void **state)
{
    (void)state;
    static const int64_t widths[] = {2, 7, 255, 256, 257, 1000};
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
        az_bins *bins = bins_of(widths[k], 1);
        assert_int_equal(bins->code_bytes, widths[k] > 255 ? 2 : 1);
        check(bins, widths[k]);
        /* -0 and 0 are one value, neighbours of it are others. */
        if (widths[k] >= 7) assert_int_equal(bins->features[3].n_bins, 7);
        assert_int_equal(bins->features[1].n_bins, widths[k] < 256 ? widths[k] : 256);
        assert_int_equal(bins->features[2].n_bins, widths[k] < 257 ? widths[k] : 257);
        assert_int_equal(bins->features[5].n_bins, 1);
        assert_int_equal(bins->features[6].n_bins, 1);
        az_bins_free(bins);
    }
}

/* Of a normal column every bin has its share but for rounding; a value that half the rows have is a bin alone, and the
 * others share the rest. */
static void test_shares(void **state)
{
    (void)state;
    az_bins *bins = bins_of(100, 1);
    int64_t count[2][101] = {{0}};
    for (int64_t i = 0; i < N_ROWS; i++) {
        count[0][code_of(bins, i, 0)]++;
        count[1][code_of(bins, i, 4)]++;
    }
    const double share = (double)(N_ROWS - count[0][100]) / 100;
    assert_int_equal(bins->features[0].n_bins, 100);
    for (int b = 0; b < 100; b++) assert_true(fabs((double)count[0][b] - share) <= 1);
    int n_large = 0;
    for (int b = 0; b < bins->features[4].n_bins; b++) {
        const bool large = bins->features[4].smallest[b] <= 0.25 && bins->features[4].largest[b] >= 0.25;
        n_large += large;
        if (large) assert_in_range(count[1][b], N_ROWS / 2, N_ROWS / 2 + N_ROWS / 150);
    }
    assert_int_equal(n_large, 1);
    az_bins_free(bins);
}

static void test_threads(void **state)
{
    (void)state;
    az_bins *one = bins_of(255, 1), *four = bins_of(255, 4);
    assert_memory_equal(one->codes, four->codes, (size_t)N_ROWS * N_FEATURES);
    az_bins_free(one);
    az_bins_free(four);
}

/* Cuts first, then rows in blocks: the same codes. */
static void test_in_blocks(void **state)
{
    (void)state;
    const az_sample sample = {.n_rows = N_ROWS, .n_features = N_FEATURES, .x = x, .features = features};
    az_bins *whole = bins_of(255, 2), *parts;
    double *block = malloc(sizeof *block * 1000 * N_FEATURES);
    assert_int_equal(az_bins_edges(&parts, &sample, 255, N_ROWS, NULL), AZ_OK);
    for (int64_t first = 0; first < N_ROWS; first += 1000) {
        const int64_t n = N_ROWS - first < 1000 ? N_ROWS - first : 1000;
        for (int j = 0; j < N_FEATURES; j++) memcpy(block + j * n, column(j) + first, sizeof *block * (size_t)n);
        az_bins_code(parts, block, n, first, NULL);
    }
    assert_memory_equal(parts->codes, whole->codes, (size_t)N_ROWS * N_FEATURES);
    free(block);
    az_bins_free(parts);
    az_bins_free(whole);
}

int main(void)
{
    fill();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_codes), cmocka_unit_test(test_shares),
                                       cmocka_unit_test(test_threads), cmocka_unit_test(test_in_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
