/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees that are compared share the bins of each fold's training rows, and each predicts what it does alone: no bin
 * knows a test row. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "select/cross_validate.h"

enum { N_ROWS = 600, N_FOLDS = 3, N_CLASSES = 7 };

static double x[3][N_ROWS], y[N_ROWS];
static const char *place[N_ROWS], *kind[N_ROWS];

static az_table *make_table(void)
{
    static const char *const places[] = {"sea", "shore", "land", NULL};
    const az_stream stream = az_stream_new(1, "shared bins");
    az_table *table;
    for (int i = 0; i < N_ROWS; i++) {
        const uint64_t row = (uint64_t)i;
        for (int j = 0; j < 3; j++) x[j][i] = az_random_normal(stream, row, (uint64_t)j);
        place[i] = places[az_random_below(stream, row, 4, 4)];
        y[i] = x[0][i] * x[1][i] + (place[i] && *place[i] == 's') + 0.3 * az_random_normal(stream, row, 5);
        kind[i] = y[i] > 1 ? "high" : y[i] > 0 ? "middle" : "low";
        if (i % 13 == 4) x[2][i] = (double)NAN;
    }
    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "a", NULL, x[0], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "b", NULL, x[1], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "c", NULL, x[2], 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "place", place), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "kind", kind), AZ_OK);
    return table;
}

static void check(const char *target, int n_threads, int64_t degree)
{
    static const char *const names[N_CLASSES] = {"tree",     "forest",      "dummy",  "boosting",
                                                 "adaboost", "extra_trees", "bagging"};
    az_table *table = make_table();
    az_problem *problem;
    const az_roles roles = {.target = target, .features = "a,b,c,place"};
    const az_model_class *classes[N_CLASSES];
    const az_split_options split = {.kind = AZ_SPLIT_RANDOM, .seed = 3};
    const az_control control = {.n_threads = n_threads};
    az_pipeline_options pipeline;
    az_cv_result *results, alone;
    int64_t n;
    int32_t fold[N_ROWS];
    az_split_data data;
    az_params_default(az_pipeline_params, &pipeline);
    pipeline.degree = degree;
    for (int c = 0; c < N_CLASSES; c++) classes[c] = az_model_class_find(names[c]);
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    az_problem_split_data(problem, &data);
    assert_int_equal(az_split_folds(&split, &data, N_FOLDS, fold), AZ_OK);
    assert_int_equal(az_compare(&results, &n, classes, N_CLASSES, &pipeline, problem, N_FOLDS,
                                az_metric_default(problem->task), &split, &control),
                     AZ_OK);
    assert_int_equal(n, N_CLASSES);
    for (int c = 0; c < N_CLASSES; c++) {
        const az_cv_result *result = &results[c];
        assert_int_equal(result->status, AZ_OK);
        assert_int_equal(
            az_cross_validate(&alone, result->class, NULL, &pipeline, problem, fold, N_FOLDS, &split, NULL), AZ_OK);
        const size_t n_values = (size_t)(N_ROWS * alone.n_outputs);
        if (memcmp(alone.prediction, result->prediction, n_values * sizeof *alone.prediction) != 0)
            fail_msg("%s predicts something else beside others than alone", result->class->name);
        az_cv_result_free(&alone);
    }
    for (int c = 0; c < N_CLASSES; c++) az_cv_result_free(&results[c]);
    az_free(results);
    az_problem_free(problem);
    az_table_free(table);
}

static void as_alone(void **state)
{
    (void)state;
    check("y", 1, 1);
    check("y", 2, 1);
    check("kind", 2, 1);
    check("y", 2, 2);
}

/* What is kept is used, and by those only that ask for the same. */
static void kept_once(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_problem *problem;
    az_model *model;
    az_shared_bins shared = {0};
    int64_t rows[N_ROWS / 2];
    const az_roles roles = {.target = "y", .features = "a,b,c,place"};
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    for (int i = 0; i < N_ROWS / 2; i++) rows[i] = 2 * i;
    const az_model_class *dummy = az_model_class_find("dummy"), *tree = az_model_class_find("tree");
    assert_int_equal(az_model_fit_shared(&model, dummy, NULL, NULL, problem, rows, N_ROWS / 2, &shared, NULL), AZ_OK);
    az_model_free(model);
    assert_null(shared.bins);
    assert_int_equal(az_model_fit_shared(&model, tree, NULL, NULL, problem, rows, N_ROWS / 2, &shared, NULL), AZ_OK);
    az_model_free(model);
    const struct az_bins *kept = shared.bins;
    assert_non_null(kept);
    assert_int_equal(az_model_fit_shared(&model, tree, NULL, NULL, problem, rows, N_ROWS / 2, &shared, NULL), AZ_OK);
    assert_ptr_equal(shared.bins, kept);
    az_model_free(model);
    az_shared_bins_clear(&shared);
    assert_null(shared.bins);
    az_problem_free(problem);
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_alone), cmocka_unit_test(kept_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
