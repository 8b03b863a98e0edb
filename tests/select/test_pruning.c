/* SPDX-License-Identifier: BSD-3-Clause */
/* The score of a tree along the cost of a leaf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/number.h"
#include "models/fit_parts.h"
#include "select/pruning.h"
#include <math.h>
#include <string.h>

enum { N = 400 };
static double a[N], b[N], y[N], constant[N];
static const char *label[N];

static az_table *make_table(void)
{
    az_stream stream = az_stream_new(3, "pruning test");
    az_table *table;
    for (uint64_t i = 0; i < N; i++) {
        a[i] = az_random_uniform(stream, i, 0);
        b[i] = az_random_uniform(stream, i, 1);
        y[i] = 1e4 * ((a[i] > 0.5) + 2 * (b[i] > 0.3) + 0.5 * az_random_normal(stream, i, 2));
        label[i] = y[i] > 1.5e4 ? "high" : "low";
    }
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "a", NULL, a, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "b", NULL, b, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "constant", NULL, constant, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", label), AZ_OK);
    return table;
}

/* Scores are those of az_cross_validate on the same folds; trees shrink as leaves cost more, down to one leaf; noise is
 * not worth splitting. */
static void path_of_a_noisy_step(void **state)
{
    (void)state;
    static const char *const targets[] = {"y", "label", "y"};
    az_table *table = make_table();
    for (int run = 0; run < 3; run++) {
        const az_roles roles = {.target = targets[run], .features = "a,b"};
        const az_split_options split = {.seed = 4};
        const az_model_class *class;
        az_pipeline_options pipeline;
        az_problem *problem;
        az_pruning path;
        az_split_data data;
        int32_t fold[N];
        void *options;
        assert_int_equal(
            az_fit_options("tree", run == 2 ? "min_samples_leaf=3 max_depth=6" : "", &class, &options, &pipeline),
            AZ_OK);
        assert_true(az_can_prune(class) && !az_can_prune(az_model_class_find("forest")));
        assert_false(az_can_prune(az_model_class_find("linear")));
        assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
        assert_int_equal(az_pruning_path(&path, class, options, &pipeline, problem, NULL, 0, 1000, &split, NULL),
                         AZ_OK);
        assert_true(path.n > 10 && path.n_rows == N && path.alpha[path.n - 1] == 0);
        assert_true(path.n_leaves[0] == 1 && path.n_leaves[1] > 1);
        const double sign = path.metric->greater_is_better ? -1 : 1;
        for (int64_t i = 1; i < path.n; i++) {
            assert_true(path.alpha[i] < path.alpha[i - 1] && path.n_leaves[i] >= path.n_leaves[i - 1]);
            assert_true(sign * path.mean[i] >= sign * path.mean[path.best]);
        }
        assert_true(path.simplest <= path.best);
        assert_true(sign * (path.mean[path.simplest] - path.mean[path.best]) <= path.std_error[path.best]);
        if (run == 0) assert_true(path.n_leaves[path.simplest] >= 3 && path.n_leaves[path.simplest] <= 8);
        assert_true(path.mean[path.best] != path.mean[path.n - 1] || run);
        az_problem_split_data(problem, &data);
        assert_int_equal(az_split_folds(&split, &data, (int32_t)path.n_folds, fold), AZ_OK);
        for (int64_t i = 0; i < path.n; i += 4) {
            az_cv_result result;
            char text[32];
            bool found;
            az_print_double(text, path.alpha[i]);
            assert_int_equal(az_params_set(class->params, options, "ccp_alpha", text, &found), AZ_OK);
            assert_int_equal(
                az_cross_validate(&result, class, options, &pipeline, problem, fold, path.n_folds, &split, NULL),
                AZ_OK);
            for (int m = 0; m < result.n_metrics; m++) {
                if (az_metric_of((unsigned)problem->task, m) != path.metric) continue;
                assert_true(fabs(result.mean[m] - path.mean[i]) <= 1e-12 * fabs(path.mean[i]));
                assert_true(fabs(result.std_error[m] - path.std_error[i]) <= 1e-9 * fabs(path.mean[i]));
            }
            az_cv_result_free(&result);
        }
        az_pruning_free(&path);
        /* Of some rows. */
        int64_t rows[300];
        for (int64_t i = 0; i < 300; i++) rows[i] = i + 50;
        assert_int_equal(az_pruning_path(&path, class, options, &pipeline, problem, rows, 300, 100, &split, NULL),
                         AZ_OK);
        assert_true(path.n_rows == 100 && path.n > 10 && path.n_leaves[path.n - 1] <= 100);
        az_pruning_free(&path);
        az_free(options);
        az_problem_free(problem);
    }
    az_table_free(table);
}

static void nothing_to_prune(void **state)
{
    (void)state;
    const az_roles roles = {.target = "constant", .features = "a,b", .task = "regression"};
    const az_split_options split = {.seed = 4};
    az_table *table = make_table();
    const az_model_class *class;
    az_pipeline_options pipeline;
    az_problem *problem;
    az_pruning path;
    void *options;
    assert_int_equal(az_fit_options("tree", "", &class, &options, &pipeline), AZ_OK);
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    assert_int_equal(az_pruning_path(&path, class, options, &pipeline, problem, NULL, 0, 1000, &split, NULL), AZ_OK);
    assert_int_equal(path.n, 0);
    az_pruning_free(&path);
    az_free(options);
    az_problem_free(problem);
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_of_a_noisy_step),
        cmocka_unit_test(nothing_to_prune),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
