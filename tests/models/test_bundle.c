/* SPDX-License-Identifier: BSD-3-Clause */
/* One-hot columns share columns of codes in boosting, and trees are what they are without. */
#include "models/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/tree/bundle.h"

/* Three categories of 8 levels, each a column of zeros and ones; two counts that are zero but in a few rows, apart from
 * each other but in one row; a column that is mostly 0.5 and sometimes missing, exclusive with the first count; a plain
 * one. */
enum { LEVELS = 8, GROUPS = 3, N_HOT = LEVELS * GROUPS, N_FEATURES = N_HOT + 4, N_ROWS = 20000 };

static double x[N_FEATURES][N_ROWS], y[N_ROWS], weight[N_ROWS];
static const char *dust[N_ROWS], *kind[N_ROWS];
static char names[N_FEATURES][16];

static void fill(void)
{
    static char specks[300][8];
    const az_stream stream = az_stream_new(11, "bundles");
    for (int k = 0; k < 300; k++) snprintf(specks[k], sizeof specks[k], "s%03d", k);
    for (int j = 0; j < N_FEATURES; j++) snprintf(names[j], sizeof names[j], "c%d", j);
    for (int64_t i = 0; i < N_ROWS; i++) {
        const uint64_t row = (uint64_t)i;
        double sum = 0;
        for (int j = 0; j < N_FEATURES; j++) x[j][i] = 0;
        for (int g = 0; g < GROUPS; g++) {
            const int64_t level = (int64_t)az_random_below(stream, row, (uint64_t)g, LEVELS);
            x[g * LEVELS + level][i] = 1;
            sum += (double)((level * (3 + g)) % 7) / (1 + g);
        }
        x[N_HOT + 2][i] = 0.5;
        if (i % 10 == 3) x[N_HOT][i] = 1 + (double)az_random_below(stream, row, 5, 4);
        if (i % 10 == 5) x[N_HOT + 1][i] = (double)az_random_below(stream, row, 6, 3) - 1;
        if (i == 123) x[N_HOT + 1][i] = 1; /* 123 % 10 is 3 */
        if (i % 10 == 7) x[N_HOT + 2][i] = i % 20 == 7 ? (double)NAN : (double)az_random_below(stream, row, 7, 2);
        x[N_HOT + 3][i] = (double)az_random_below(stream, row, 8, 200);
        y[i] = sum + x[N_HOT][i] * x[2][i] - x[N_HOT + 1][i] + sin(x[N_HOT + 3][i] / 20) + (i % 20 == 7) +
               0.5 * az_random_normal(stream, row, 9);
        kind[i] = y[i] > 6 ? "high" : "low";
        weight[i] = 0.5 + az_random_uniform(stream, row, 10);
        dust[i] = specks[i % 300];
    }
}

static az_table *table_of(bool dusty)
{
    az_table *table;
    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    for (int j = 0; j < N_FEATURES; j++) assert_int_equal(az_table_add_numeric(table, names[j], NULL, x[j], 1), AZ_OK);
    if (dusty) assert_int_equal(az_table_add_text(table, "dust", dust), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "w", NULL, weight, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "kind", kind), AZ_OK);
    return table;
}

/* Every code is found again, and columns are as few as can be. */
static void test_codes(void **state)
{
    (void)state;
    az_feature features[N_FEATURES] = {{0}};
    double *matrix = malloc(sizeof x);
    memcpy(matrix, x, sizeof x);
    const az_sample sample = {.n_rows = N_ROWS, .n_features = N_FEATURES, .x = matrix, .features = features};
    az_bins *bins;
    az_bundles *bundles;
    const az_control control = {.n_threads = 2};
    assert_int_equal(az_bins_new(&bins, &sample, 255, &control), AZ_OK);
    assert_int_equal(az_bundles_new(&bundles, bins, &control), AZ_OK);
    assert_non_null(bundles);
    /* One a category; the two counts are apart; the plain one. */
    assert_int_equal(bundles->n_columns, GROUPS + 3);
    for (int j = 0; j < N_HOT; j++) assert_int_equal(bundles->column[j], j / LEVELS);
    assert_int_not_equal(bundles->column[N_HOT], bundles->column[N_HOT + 1]);
    assert_int_equal(bundles->common[N_HOT + 3], -1);
    for (int64_t i = 0; i < N_ROWS; i++)
        for (int64_t j = 0; j < N_FEATURES; j++) {
            const uint32_t code = ((const uint8_t *)bins->codes)[i * N_FEATURES + j];
            const uint32_t shared = bundles->codes[i * bundles->n_columns + bundles->column[j]];
            assert_int_equal(az_bundle_decode(bundles, j, shared), code);
            assert_true(shared < (uint32_t)bundles->n_codes[bundles->column[j]]);
        }
    az_bundles_free(bundles);
    az_bins_free(bins);
    /* Of plain columns, and of codes of two bytes, there are none. */
    const az_sample plain = {.n_rows = N_ROWS, .n_features = 1, .x = x[N_HOT + 3], .features = features};
    assert_int_equal(az_bins_new(&bins, &plain, 255, &control), AZ_OK);
    assert_int_equal(az_bundles_new(&bundles, bins, &control), AZ_OK);
    assert_null(bundles);
    az_bins_free(bins);
    free(matrix);
}

static void predict(bool dusty, const char *target, const char *parameters, bool weighted, double *p)
{
    az_table *table = table_of(dusty);
    az_model *model;
    const az_roles roles = {
        .target = target, .ignore = strcmp(target, "y") == 0 ? "kind" : "y", .weight = weighted ? "w" : NULL};
    const az_control control = {.n_threads = 2};
    if (az_fit_roles(&model, "boosting", table, &roles, parameters, &control)) fail_msg("%s", az_error_message());
    assert_int_equal(az_predict_table(model, table, p, NULL, &control), AZ_OK);
    az_model_free(model);
    az_table_free(table);
}

/* A category of more than 255 levels makes codes two bytes wide, of which nothing is bundled; its levels are too small
 * to be split on. */
static void test_trees_are_the_same(void **state)
{
    (void)state;
    static const char *const parameters[] = {
        "n_estimators=25", "n_estimators=25 max_leaf_nodes=0 max_depth=6 min_samples_leaf=3",
        "n_estimators=25 monotonic_cst=c2=1,c27=-1 l2_regularization=1",
        "n_estimators=15 loss=absolute_error interaction_cst=c0,c1,c2,c3,c24;c26,c27"};
    double *p = calloc(2 * N_ROWS, sizeof *p), *q = calloc(2 * N_ROWS, sizeof *q);
    for (int k = 0; k < 9; k++) {
        char text[256];
        const bool classes = k >= 6, weighted = k == 4 || k == 5 || k == 8;
        snprintf(text, sizeof text, "%s min_samples_category=100000", parameters[classes ? k - 6 : k % 4]);
        const char *target = classes ? "kind" : "y";
        const size_t n = (size_t)(classes ? 2 : 1) * N_ROWS;
        predict(false, target, text, weighted, p);
        predict(true, target, text, weighted, q);
        for (size_t i = 0; i < n; i++)
            if (memcmp(&p[i], &q[i], sizeof *p) != 0)
                fail_msg("%s of %s: row %zu is %.17g bundled and %.17g not", text, target, i, p[i], q[i]);
    }
    free(p);
    free(q);
}

int main(void)
{
    fill();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_codes), cmocka_unit_test(test_trees_are_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
