/* SPDX-License-Identifier: BSD-3-Clause */
/* The design: what a column becomes.  Expected values are worked by hand or in quadruple precision. */
#include "base/control.h"
#include "data/design.h"
#include "data/quantile.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { N = 7 };
static const double temperature[N] = {12.25, -3.5, NAN, 7.75, 30.125, 7.5, -11.0625};
static const double angle[N] = {0, 90, 180, 270, 360, 450, -90};
static const char *const rock[N] = {"gneiss", "chalk", "gneiss", NULL, "basalt", "chalk", "gneiss"};

static az_table *make_table(void)
{
    az_table *table = NULL;
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "T", "K", temperature, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "angle", NULL, angle, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "rock", rock), AZ_OK);
    return table;
}

static az_design *fit(const az_table *table, int64_t n_columns, const double *periods, const az_design_options *options)
{
    static const int64_t columns[] = {0, 1, 2};
    az_design *design = NULL;
    assert_int_equal(az_design_fit(&design, table, columns, n_columns, periods, NULL, NULL, N, NULL, options, NULL),
                     AZ_OK);
    return design;
}

static void matrix(const az_design *design, const az_table *table, double *x, double *x_low)
{
    az_encoder *encoder = NULL;
    assert_int_equal(az_encoder_new(&encoder, design, table), AZ_OK);
    assert_int_equal(az_design_matrix(design, encoder, NULL, N, x, x_low, NULL), AZ_OK);
    az_encoder_free(encoder);
}

static void quantiles_are_those_of_sorted_numbers(void **state)
{
    (void)state;
    double values[] = {3, 1, 4, 1.5, 9};
    assert_true(az_quantile(values, 5, 0.5) == 3);
    double even[] = {3, 1, 4, 2};
    assert_true(az_quantile(even, 4, 0.5) == 2.5);
    double quarter[] = {10, 20, 30, 40};
    assert_true(az_quantile(quarter, 4, 0.25) == 17.5); /* numpy.percentile([10, 20, 30, 40], 25) */
    /* Weights 1, 2, 3 on 1, 2, 10 are the numbers 1, 2, 2, 10, 10, 10: their median is 6. */
    double result;
    assert_int_equal(az_weighted_quantile((double[]){10, 1, 2}, (double[]){3, 1, 2}, 3, 0.5, &result), AZ_OK);
    assert_true(result == 6);
    assert_int_equal(az_weighted_quantile((double[]){10, 1, 2}, (double[]){0.3, 0.1, 0.2}, 3, 0.5, &result), AZ_OK);
    assert_true(result == 6); /* relative weights: only their ratios count */
}

static void quantile_of_many_numbers_is_the_sorted_one(void **state)
{
    (void)state;
    enum { MANY = 5003 };
    static double values[MANY];
    for (int64_t i = 0; i < MANY; i++) values[i] = (double)((i * 2741) % MANY); /* a permutation of 0 .. 5002 */
    assert_true(az_quantile(values, MANY, 0.5) == 2501);
    for (int64_t i = 0; i < MANY; i++) values[i] = (double)((i * 2741) % 10); /* many ties */
    assert_true(az_quantile(values, MANY, 0.25) == 2);
}

static void missing_numbers_get_the_median_and_missing_text_a_level(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_design *design = fit(table, 3, NULL, &(az_design_options){.degree = 1});
    double x[N * 6];
    assert_int_equal(design->n_features, 6);
    matrix(design, table, x, NULL);
    assert_true(x[2] == 7.625); /* between 7.5 and 7.75, the two in the middle of six */
    static const char *const names[] = {"T", "angle", "rock=basalt", "rock=chalk", "rock=gneiss", "rock=(missing)"};
    for (int j = 0; j < 6; j++) assert_string_equal(design->features[j].name, names[j]);
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int j = 2; j < 6; j++) sum += x[j * N + i];
        assert_true(sum == 1);
    }
    assert_true(x[5 * N + 3] == 1 && x[2 * N + 4] == 1 && x[4 * N + 0] == 1);
    az_design_free(design);
    az_table_free(table);
}

static void first_level_is_dropped_where_asked(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_design *design = fit(table, 3, NULL, &(az_design_options){.degree = 1, .drop_first = true});
    double x[N * 5];
    assert_int_equal(design->n_features, 5);
    assert_string_equal(design->features[2].name, "rock=chalk");
    matrix(design, table, x, NULL);
    assert_true(x[2 * N + 4] == 0 && x[3 * N + 4] == 0 && x[4 * N + 4] == 0); /* basalt, the reference */
    az_design_free(design);
    az_table_free(table);
}

static void periodic_column_becomes_cosine_and_sine(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_design *design = fit(table, 2, (double[]){0, 360}, &(az_design_options){.degree = 1});
    double x[N * 3];
    matrix(design, table, x, NULL);
    static const double cosine[N] = {1, 0, -1, 0, 1, 0, 0}, sine[N] = {0, 1, 0, -1, 0, 1, -1};
    for (int i = 0; i < N; i++) {
        assert_true(fabs(x[1 * N + i] - cosine[i]) < 1e-15);
        assert_true(fabs(x[2 * N + i] - sine[i]) < 1e-15);
    }
    assert_true(x[1 * N + 0] == x[1 * N + 4]); /* 0 and 360 degrees: the same bits */
    az_design_free(design);
    az_table_free(table);
}

static void scales_are_those_of_the_columns(void **state)
{
    (void)state;
    az_table *table = make_table();
    double x[N * 2];
    az_design *design = fit(table, 2, NULL, &(az_design_options){.degree = 1, .scaling = AZ_SCALE_STANDARD});
    matrix(design, table, x, NULL);
    assert_int_equal(az_design_scale(design, x, N, NULL, NULL), AZ_OK);
    assert_true(design->features[1].center == 180);             /* mean of the angles */
    assert_true(fabs(design->features[1].scale - 180) < 1e-12); /* their population deviation: sqrt(226800 / 7) */
    double raw[2] = {temperature[0], angle[0]}, out[2], scratch[8];
    az_design_apply(design, NULL, raw, 1, 2, 1, out, NULL, scratch);
    assert_true(out[0] == x[0] && out[1] == x[N]); /* prediction sees the bits of training */
    az_design_free(design);
    design = fit(table, 2, NULL, &(az_design_options){.degree = 1, .scaling = AZ_SCALE_ROBUST});
    matrix(design, table, x, NULL);
    assert_int_equal(az_design_scale(design, x, N, NULL, NULL), AZ_OK);
    assert_true(design->features[1].center == 180 && design->features[1].scale == 270); /* quartiles 45 and 315 */
    az_design_free(design);
    az_table_free(table);
}

/* 113 bits: the type of that width has another name where long double has it. */
#ifdef __aarch64__
typedef long double quadruple;
#else
typedef __float128 quadruple;
#endif

/* Products are ordered as scikit-learn's PolynomialFeatures(include_bias=False), and x + x_low is the exact product. */
static void products_come_in_order_and_exactly(void **state)
{
    (void)state;
    az_table *table = make_table();
    static const double a[N] = {1.1, -6.860120914, 0.3, 1e-7, 12345.678, 2, 3}, b[N] = {0.7, 3.3, -1e5, 9, 0.1, 0.2, 5};
    assert_int_equal(az_table_add_numeric(table, "a", NULL, a, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "b", NULL, b, 1), AZ_OK);
    static const int64_t columns[] = {3, 4};
    az_design *design = NULL;
    az_design_options options = {.degree = 3, .exact_products = true};
    assert_int_equal(az_design_fit(&design, table, columns, 2, NULL, NULL, NULL, N, NULL, &options, NULL), AZ_OK);
    static const char *const names[] = {"a", "b", "a^2", "a*b", "b^2", "a^3", "a^2*b", "a*b^2", "b^3"};
    assert_int_equal(design->n_features, 9);
    for (int j = 0; j < 9; j++) assert_string_equal(design->features[j].name, names[j]);
    double x[9 * N], low[9 * N];
    matrix(design, table, x, low);
    for (int i = 0; i < N; i++) {
        quadruple exact[9] = {a[i], b[i], (quadruple)a[i] * a[i], (quadruple)a[i] * b[i], (quadruple)b[i] * b[i]};
        exact[5] = exact[2] * a[i];
        exact[6] = exact[2] * b[i];
        exact[7] = exact[3] * b[i];
        exact[8] = exact[4] * b[i];
        for (int j = 0; j < 9; j++) {
            quadruple error = (quadruple)x[j * N + i] + (quadruple)low[j * N + i] - exact[j];
            double relative = (double)(error / exact[j]);
            assert_true(fabs(relative) < 1e-31);
        }
    }
    az_design_free(design);
    options = (az_design_options){.degree = 2, .interaction_only = true};
    assert_int_equal(az_design_fit(&design, table, columns, 2, NULL, NULL, NULL, N, NULL, &options, NULL), AZ_OK);
    assert_int_equal(design->n_features, 3);
    az_design_free(design);
    az_table_free(table);
}

static void saved_design_gives_the_same_bits(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_design_options options = {.degree = 2, .scaling = AZ_SCALE_STANDARD, .drop_first = true};
    az_design *design = fit(table, 3, (double[]){0, 360, 0}, &options), *copy = NULL;
    double *x = az_alloc_array(N * design->n_features, sizeof *x),
           *again = az_alloc_array(N * design->n_features, sizeof *x);
    matrix(design, table, x, NULL);
    assert_int_equal(az_design_scale(design, x, N, NULL, NULL), AZ_OK);
    az_bundle *bundle = NULL;
    assert_int_equal(az_bundle_new(&bundle), AZ_OK);
    assert_int_equal(az_design_save(design, bundle), AZ_OK);
    assert_int_equal(az_design_load(&copy, bundle), AZ_OK);
    matrix(copy, table, again, NULL);
    assert_memory_equal(x, again, (size_t)(N * design->n_features) * sizeof *x);
    az_bundle_free(bundle);
    az_design_free(design);
    az_design_free(copy);
    az_free(x);
    az_free(again);
    az_table_free(table);
}

static void range_and_unseen_levels_are_known(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_design *design = fit(table, 3, NULL, &(az_design_options){.degree = 1});
    double raw[4][3] = {{10, 100, 0}, {31, 100, 0}, {10, 100, -1}, {NAN, 100, 0}}, out[4 * 6], scratch[8];
    unsigned char in_range[4];
    az_design_apply(design, NULL, &raw[0][0], 4, 3, 1, out, in_range, scratch);
    assert_int_equal(in_range[0], 1);
    assert_int_equal(in_range[1], 0);
    assert_int_equal(in_range[2], 0);
    assert_int_equal(in_range[3], 0);
    for (int j = 2; j < 6; j++) assert_true(out[2 * 6 + j] == 0); /* an unseen level is no level */
    assert_int_equal(az_input_level(&design->inputs[2], "chalk"), 1);
    assert_int_equal(az_input_level(&design->inputs[2], "slate"), -1);
    az_design_free(design);
    az_table_free(table);
}

/* As trees take them: a category is its level, what is missing stays missing, an angle lies in [0, 360). */
static void data_can_stay_as_they_are(void **state)
{
    (void)state;
    static const double wrapped[N] = {0, 90, 180, 270, 0, 90, 270};
    static const double level[N] = {2, 1, 2, NAN, 0, 1, 2}; /* basalt, chalk, gneiss */
    az_table *table = make_table();
    const az_design_options options = {.degree = 1,
                                       .keep_categories = true,
                                       .keep_missing = true,
                                       .keep_periodic = true,
                                       .wrap_periodic = true,
                                       .drop_first = true};
    az_design *design = fit(table, 3, (double[]){0, 360, 0}, &options), *copy = NULL;
    az_bundle *bundle = NULL;
    assert_int_equal(az_bundle_new(&bundle), AZ_OK);
    assert_int_equal(az_design_save(design, bundle), AZ_OK);
    assert_int_equal(az_design_load(&copy, bundle), AZ_OK);
    for (int which = 0; which < 2; which++) {
        const az_design *d = which ? copy : design;
        double x[3 * N], raw[3 * N], out[3 * N], scratch[8];
        unsigned char in_range[N];
        assert_int_equal(d->n_features, 3);
        assert_int_equal(d->features[0].n_categories, 0);
        assert_int_equal(d->features[2].n_categories, 3);
        assert_string_equal(d->features[2].name, "rock");
        matrix(d, table, x, NULL);
        assert_memory_equal(x + N, wrapped, sizeof wrapped);
        for (int i = 0; i < N; i++) {
            assert_true(isnan(temperature[i]) ? isnan(x[i]) : x[i] == temperature[i]);
            assert_true(isnan(level[i]) ? isnan(x[2 * N + i]) : x[2 * N + i] == level[i]);
            raw[3 * i] = temperature[i];
            raw[3 * i + 1] = angle[i];
            raw[3 * i + 2] = i == 6 ? -1 : level[i];
        }
        az_design_apply(d, NULL, raw, N, 3, 1, out, in_range, scratch);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < 3; j++) {
                double expected = i == 6 && j == 2 ? -1 : x[j * N + i]; /* an unseen level */
                assert_true(isnan(expected) ? isnan(out[3 * i + j]) : out[3 * i + j] == expected);
            }
        assert_int_equal(in_range[0], 1);
        assert_int_equal(in_range[2], 0); /* missing */
        assert_int_equal(in_range[6], 0);
    }
    assert_true(az_design_wrap(-1e-20, 360) == 0 && az_design_wrap(359.99, 360) == 359.99);
    assert_true(isnan(az_design_wrap(INFINITY, 360)));
    /* Scales, where they are asked for, are those of the numbers that are there. */
    az_design_options scaled = options;
    scaled.scaling = AZ_SCALE_MINMAX;
    az_design *other = fit(table, 3, NULL, &scaled);
    double x[3 * N];
    matrix(other, table, x, NULL);
    assert_int_equal(az_design_scale(other, x, N, NULL, NULL), AZ_OK);
    assert_true(x[4] == 1 && x[6] == 0 && isnan(x[2]) && x[2 * N] == 2);
    az_bundle_free(bundle);
    az_design_free(design);
    az_design_free(copy);
    az_design_free(other);
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_sorted_numbers),
        cmocka_unit_test(quantile_of_many_numbers_is_the_sorted_one),
        cmocka_unit_test(missing_numbers_get_the_median_and_missing_text_a_level),
        cmocka_unit_test(first_level_is_dropped_where_asked),
        cmocka_unit_test(periodic_column_becomes_cosine_and_sine),
        cmocka_unit_test(scales_are_those_of_the_columns),
        cmocka_unit_test(products_come_in_order_and_exactly),
        cmocka_unit_test(saved_design_gives_the_same_bits),
        cmocka_unit_test(range_and_unseen_levels_are_known),
        cmocka_unit_test(data_can_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
