/* SPDX-License-Identifier: BSD-3-Clause */
/* Split-conformal intervals: the rank of the residual, what is refused, files, and measured coverage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/fit_parts.h"
#include "models/interval.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_ROWS = 1200, N_SPLITS = 50 };

static double x[3][N_ROWS], y[N_ROWS], y2[N_ROWS], group[N_ROWS];

/* Noise whose size changes with x, and in y2 noise without a mean (Cauchy). */
static az_table *make_table(void)
{
    az_stream stream = az_stream_new(4, "interval test");
    az_table *table;
    for (uint64_t i = 0; i < N_ROWS; i++) {
        for (uint64_t j = 0; j < 3; j++) x[j][i] = az_random_normal(stream, i, j);
        y[i] = 2 * x[0][i] - x[1][i] + (0.2 + fabs(x[2][i])) * az_random_normal(stream, i, 5);
        y2[i] = x[0][i] + tan(3.14159265358979 * (az_random_uniform(stream, i, 6) - 0.5));
        group[i] = (double)(i / 40);
    }
    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "a", NULL, x[0], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "b", NULL, x[1], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "c", NULL, x[2], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y2", NULL, y2, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "station", NULL, group, 1), AZ_OK);
    return table;
}

static void ranks(void **state)
{
    (void)state;
    assert_int_equal(az_interval_rank(9, 0.9), 9);
    assert_int_equal(az_interval_rank(8, 0.9), 9); /* more than there are */
    assert_int_equal(az_interval_rank(99, 0.9), 90);
    assert_int_equal(az_interval_rank(100, 0.9), 91);
    assert_int_equal(az_interval_rank(99, 0.95), 95);
    /* (n + 1) level whole: the rank is it, though 0.7, 0.9 and their like are no binary fractions. */
    for (int64_t n = 9; n < 100000; n += 10)
        for (int tenths = 1; tenths < 10; tenths++)
            assert_int_equal(az_interval_rank(n, tenths / 10.0), (n + 1) / 10 * tenths);
}

/* Of a model that predicts the mean the half width can be counted by hand: at least rank residuals do not exceed it,
 * and fewer would with any smaller one. */
static void counted_by_hand(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_roles roles = {.target = "y,y2", .features = "a"};
    az_problem *problem;
    az_model *model, *read;
    double half[2], again[2];
    int64_t fitted[600], calibrated[N_ROWS - 600];
    for (int i = 0; i < N_ROWS; i++) *(i < 600 ? &fitted[i] : &calibrated[i - 600]) = i;
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    assert_int_equal(az_model_fit(&model, az_model_class_find("dummy"), NULL, NULL, problem, fitted, 600, NULL), AZ_OK);
    assert_int_equal(az_interval_half_widths(model, 0.9, half), AZ_ERROR_USAGE);
    assert_int_equal(az_model_calibrate(model, problem, calibrated, 600, 0.9, NULL), AZ_OK);
    for (int level = 1; level <= 99; level += 7) {
        assert_int_equal(az_interval_half_widths(model, level / 100.0, half), AZ_OK);
        const double *targets[] = {y, y2};
        for (int k = 0; k < 2; k++) {
            double mean = 0;
            int n_inside = 0, n_below = 0;
            for (int i = 0; i < 600; i++) mean += targets[k][i] / 600;
            for (int i = 600; i < N_ROWS; i++) {
                n_inside += fabs(targets[k][i] - mean) <= half[k] * (1 + 1e-12);
                n_below += fabs(targets[k][i] - mean) < half[k] * (1 - 1e-12);
            }
            int64_t rank = az_interval_rank(600, level / 100.0);
            assert_true(n_inside >= rank && n_below < rank);
        }
    }
    assert_int_equal(az_interval_half_widths(model, 0, half), AZ_OK);
    assert_int_equal(az_interval_half_widths(model, 0.9, again), AZ_OK);
    assert_memory_equal(half, again, sizeof half);
    /* 600 rows carry levels up to 600/601. */
    assert_int_equal(az_interval_half_widths(model, 600.0 / 601, half), AZ_OK);
    assert_int_equal(az_interval_half_widths(model, 0.9984, half), AZ_ERROR_DATA);
    assert_int_equal(az_interval_half_widths(model, 1, half), AZ_ERROR_USAGE);
    assert_int_equal(az_interval_half_widths(model, NAN, half), AZ_ERROR_USAGE);
    /* The file keeps them. */
    char path[] = "/tmp/az_interval_XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    assert_int_equal(az_model_write(model, path), AZ_OK);
    assert_int_equal(az_model_read(&read, path), AZ_OK);
    remove(path);
    assert_int_equal(az_interval_half_widths(read, 0, half), AZ_OK);
    assert_memory_equal(half, again, sizeof half);
    az_model_free(read);
    az_model_free(model);
    az_problem_free(problem);
    az_table_free(table);
}

static void what_is_refused(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_roles roles = {.target = "y", .features = "a"}, classes = {.target = "station", .task = "classification"};
    az_problem *problem;
    az_model *model;
    const az_model_class *dummy = az_model_class_find("dummy");
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    int64_t few[20];
    for (int i = 0; i < 20; i++) few[i] = i;
    /* 20 rows: 10 at most calibrate; 0.9 needs 9 of them, 0.95 needs 19. */
    assert_int_equal(az_model_fit_interval(&model, dummy, NULL, NULL, problem, few, 20, NULL, 0.95, NULL),
                     AZ_ERROR_DATA);
    assert_int_equal(az_model_fit_interval(&model, dummy, NULL, NULL, problem, few, 20, NULL, 0.9, NULL), AZ_OK);
    assert_int_equal(model->interval->n, 9);
    assert_int_equal(model->n_train, 11);
    az_model_free(model);
    assert_int_equal(az_model_fit_interval(&model, dummy, NULL, NULL, problem, few, 20, NULL, 1, NULL), AZ_ERROR_USAGE);
    az_problem_free(problem);
    assert_int_equal(az_problem_new(&problem, table, &classes, false, NULL), AZ_OK);
    assert_int_equal(az_model_fit_interval(&model, dummy, NULL, NULL, problem, NULL, 0, NULL, 0.9, NULL),
                     AZ_ERROR_USAGE);
    az_problem_free(problem);
    az_table_free(table);
}

/* Rows of one group stay together: the calibration has whole groups. */
static void groups_stay_together(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_roles roles = {.target = "y", .features = "a", .group = "station"};
    az_problem *problem;
    az_model *model;
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    assert_int_equal(
        az_model_fit_interval(&model, az_model_class_find("linear"), NULL, NULL, problem, NULL, 0, NULL, 0.9, NULL),
        AZ_OK);
    assert_int_equal(model->interval->n % 40, 0);
    assert_int_equal(model->interval->n + model->n_train, N_ROWS);
    assert_true(model->interval->n >= 200 && model->interval->n <= 280);
    az_model_free(model);
    az_problem_free(problem);
    az_table_free(table);
}

/* 90 % intervals on a quarter of the rows, held out 50 times. */
static double pooled_coverage(const char *class, az_interval_way way, const char *parameters, const az_table *table,
                              const az_problem *problem, az_interval_score *score)
{
    const int64_t n = problem->n_rows;
    unsigned char *test = malloc((size_t)n);
    int64_t *rows = malloc(2 * sizeof *rows * (size_t)n), *test_rows = rows + n;
    double *prediction = malloc(sizeof *prediction * (size_t)n);
    az_split_data split_data = {.n_rows = n};
    const az_model_class *model_class;
    void *options;
    az_pipeline_options pipeline;
    assert_int_equal(az_fit_options(class, parameters, &model_class, &options, &pipeline), AZ_OK);
    for (uint64_t seed = 0; seed < N_SPLITS; seed++) {
        az_split_options split = {.kind = AZ_SPLIT_RANDOM, .seed = seed};
        int64_t n_train = 0, n_test = 0;
        az_score_data data;
        az_model *model;
        az_bounds bounds;
        void *work;
        assert_int_equal(az_split_holdout(&split, &split_data, 0.25, test), AZ_OK);
        for (int64_t i = 0; i < n; i++) *(test[i] ? &test_rows[n_test++] : &rows[n_train++]) = i;
        if (way == AZ_INTERVAL_CONFORMAL)
            assert_int_equal(az_model_fit_interval(&model, model_class, options, &pipeline, problem, rows, n_train,
                                                   &split, 0.9, NULL),
                             AZ_OK);
        else
            assert_int_equal(az_model_fit(&model, model_class, options, &pipeline, problem, rows, n_train, NULL),
                             AZ_OK);
        assert_int_equal(az_bounds_new(&bounds, model, AZ_INTERVAL_AUTO, 0.9, NULL), AZ_OK);
        assert_int_equal(bounds.way, way);
        score->bounds = &bounds;
        int64_t *table_rows = rows; /* the training is over */
        for (int64_t i = 0; i < n_test; i++) table_rows[i] = problem->rows[test_rows[i]];
        assert_int_equal(az_model_predict_rows(model, table, table_rows, n_test, prediction, NULL, NULL), AZ_OK);
        assert_int_equal(az_model_score_data(model, problem, test_rows, n_test, prediction, &data, &work), AZ_OK);
        data.weight = NULL;
        assert_int_equal(az_interval_score_rows(score, problem, test_rows, &data, NULL), AZ_OK);
        az_bounds_free(&bounds);
        az_free(work);
        az_model_free(model);
    }
    az_free(options);
    free(test);
    free(rows);
    free(prediction);
    return score->inside / score->weight;
}

/* Conformal intervals promise their coverage; those of a quantile forest are measured beside them, and are only to be
 * of some use. */
static void check_coverage(const char *name, const char *class, const az_table *table, const az_roles *roles)
{
    double width[2] = {0};
    az_problem *problem;
    assert_int_equal(az_problem_new(&problem, table, roles, false, NULL), AZ_OK);
    az_interval_score conformal = {.width = &width[0]}, quantiles = {.width = &width[1]};
    double coverage = pooled_coverage(class, AZ_INTERVAL_CONFORMAL, NULL, table, problem, &conformal);
    print_message("  %s, %s: %.2f %% of %.0f rows in the 90 %% interval, width %.4g\n", name, class, 100 * coverage,
                  conformal.weight, width[0] / conformal.weight);
    assert_true(coverage > 0.88 && coverage < 0.92);
    if (strcmp(class, "knn") == 0) goto done; /* data that there have been before */
    coverage = pooled_coverage("forest", AZ_INTERVAL_QUANTILES, "n_estimators=25 min_samples_leaf=5 keep_targets=true",
                               table, problem, &quantiles);
    print_message("  %s, quantile forest: %.2f %%, width %.4g on average\n", name, 100 * coverage,
                  width[1] / quantiles.weight);
    assert_true(coverage > 0.8 && coverage < 0.98);
done:
    az_problem_free(problem);
}

static void check_file(const char *folder, const char *path, const char *class, az_roles roles,
                       const az_reader_options *reader)
{
    char full[1024];
    az_table *table;
    snprintf(full, sizeof full, "%s/%s", folder, path);
    az_status status = az_table_read(&table, full, reader, NULL);
    if (status) print_message("%s\n", az_error_message());
    assert_int_equal(status, AZ_OK);
    check_coverage(path, class, table, &roles);
    az_table_free(table);
}

static void coverage(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_roles roles = {.target = "y", .features = "a,b,c"}, heavy = {.target = "y2", .features = "a,b,c"};
    check_coverage("noise that changes in size", "linear", table, &roles);
    check_coverage("noise that changes in size", "knn", table, &roles);
    check_coverage("noise without a mean", "linear", table, &heavy);
    az_table_free(table);
}

static void coverage_of_real_data(void **state)
{
    (void)state;
    const char *data = getenv("ANSATZ_DATA");
    az_reader_options plain = {0};
    if (!data) skip();
    check_file(data, "boston_housing/boston_house_prices.csv", "forest", (az_roles){.target = "MEDV"}, &plain);
    az_reader_options joined = {.header = "none", .target_file = "target"};
    char target[1024];
    snprintf(target, sizeof target, "%s/sklearn_toy/diabetes_target.csv.gz", data);
    joined.target_file = target;
    check_file(data, "sklearn_toy/diabetes_data.csv.gz", "ridge", (az_roles){.target = "target"}, &joined);
    check_file(data, "california_housing/housing.csv", "linear",
               (az_roles){.target = "median_house_value", .ignore = "ocean_proximity"}, &plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks),           cmocka_unit_test(counted_by_hand),
        cmocka_unit_test(what_is_refused), cmocka_unit_test(groups_stay_together),
        cmocka_unit_test(coverage),        cmocka_unit_test(coverage_of_real_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
