/* SPDX-License-Identifier: BSD-3-Clause */
/* Forests on public data: their scores are those of scikit-learn's, within what random numbers make of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "models/model.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_SEEDS = 3 };

/* mean, deviation: of one fit of scikit-learn 1.9.1, by tests/models/reference/forests.py. */
static const struct frozen {
    const char *file, *target, *model, *parameters; /* target NULL: the last column */
    bool classes;
    double mean, deviation;
} frozen[] = {
    {"california_housing/housing.csv", "median_house_value", "forest", "n_estimators=40", false, 49315.4, 319},
    {"adult/adult-train.csv", NULL, "forest", "n_estimators=40", true, 0.853616, 0.00193},
    {"sklearn_toy/digits.csv.gz", NULL, "forest", "", true, 0.971619, 0.00273},
    {"sklearn_toy/digits.csv.gz", NULL, "extra_trees", "", true, 0.980921, 0.00233},
};

/* RMSE, or accuracy, on every third row of a model fitted on the others. */
static double score(const struct frozen *f, const az_problem *problem, int seed)
{
    int64_t *rows[2], n[2] = {0};
    for (int part = 0; part < 2; part++) {
        rows[part] = calloc((size_t)problem->n_rows, sizeof **rows);
        assert_non_null(rows[part]);
    }
    for (int64_t i = 0; i < problem->n_rows; i++) rows[i % 3 == 0][n[i % 3 == 0]++] = i;
    const az_model_class *class = az_model_class_find(f->model);
    void *options = calloc(1, class->options_size);
    az_pipeline_options pipeline;
    bool found;
    assert_non_null(options);
    az_params_default(class->params, options);
    az_params_default(az_pipeline_params, &pipeline);
    if (*f->parameters)
        assert_int_equal(az_params_set(class->params, options, "n_estimators", strchr(f->parameters, '=') + 1, &found),
                         AZ_OK);
    pipeline.seed = seed;
    az_model *model = NULL;
    assert_int_equal(az_model_fit(&model, class, options, &pipeline, problem, rows[0], n[0], NULL), AZ_OK);
    const int64_t m = az_model_n_outputs(model);
    double *p = calloc((size_t)(n[1] * m), sizeof *p), sum = 0;
    int64_t *table_rows = calloc((size_t)n[1], sizeof *table_rows);
    assert_true(p && table_rows);
    for (int64_t i = 0; i < n[1]; i++) table_rows[i] = problem->rows[rows[1][i]];
    assert_int_equal(az_model_predict_rows(model, problem->table, table_rows, n[1], p, NULL, NULL), AZ_OK);
    for (int64_t i = 0; i < n[1]; i++) {
        const int64_t row = rows[1][i];
        int64_t best = 0;
        for (int64_t k = 1; k < m; k++) best = p[i * m + k] > p[i * m + best] ? k : best;
        sum += f->classes ? best == problem->label[row] : (p[i] - problem->y[row]) * (p[i] - problem->y[row]);
    }
    for (int part = 0; part < 2; part++) free(rows[part]);
    free(table_rows);
    free(options);
    free(p);
    az_model_free(model);
    return f->classes ? sum / (double)n[1] : sqrt(sum / (double)n[1]);
}

static void scores_are_those_of_scikit_learn(void **state)
{
    (void)state;
    const char *folder = getenv("ANSATZ_DATA");
    if (!folder) skip();
    for (size_t i = 0; i < sizeof frozen / sizeof *frozen; i++) {
        const struct frozen *f = &frozen[i];
        char path[4096];
        az_table *table = NULL;
        az_problem *problem = NULL;
        snprintf(path, sizeof path, "%s/%s", folder, f->file);
        az_status status = az_table_read(&table, path, NULL, NULL);
        if (status == AZ_ERROR_NO_INPUT || status == AZ_ERROR_UNAVAILABLE) continue; /* not there, or no zlib */
        assert_int_equal(status, AZ_OK);
        const char *last = az_table_column_name(table, az_table_n_columns(table) - 1);
        az_roles roles = {.target = f->target ? f->target : last, .task = f->classes ? "classification" : "regression"};
        assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
        double mean = 0;
        for (int seed = 0; seed < N_SEEDS; seed++) mean += score(f, problem, seed) / N_SEEDS;
        print_message("%s, %s: %g, scikit-learn's %g +- %g\n", f->file, f->model, mean, f->mean, f->deviation);
        /* Not worse than three deviations of a difference of means over 3 and 7 seeds. */
        const double slack = 3 * f->deviation * sqrt(1.0 / N_SEEDS + 1.0 / 7);
        assert_true(f->classes ? mean >= f->mean - slack : mean <= f->mean + slack);
        az_problem_free(problem);
        az_table_free(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scores_are_those_of_scikit_learn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
