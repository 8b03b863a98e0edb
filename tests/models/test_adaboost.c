/* SPDX-License-Identifier: BSD-3-Clause */
/* AdaBoost against scikit-learn's (frozen_adaboost.h) and against its own formulas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/model.h"
#include "models/tree/adaboost.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/frozen_sets.h"

#include "models/frozen_adaboost.h"

enum { MOST_ROWS = 1200, MOST_COLUMNS = 10, MOST_CLASSES = 3 };

/* A table with what it borrows: columns c0, c1, ..., y, weight. */
typedef struct box {
    int64_t n;
    double x[MOST_COLUMNS][MOST_ROWS], y[MOST_ROWS], weight[MOST_ROWS];
    az_table *table;
} box;

/* Every step-th row from `first` on; repeated: as often as its weight says. */
static void fill(box *b, int data, int first, int step, bool repeated)
{
    const struct source *from = &sources[data];
    b->n = 0;
    for (int i = first; i < from->n_rows; i += step)
        for (int copy = 0; copy < (repeated ? 1 + i % 3 : 1); copy++, b->n++) {
            for (int j = 0; j < from->n_columns; j++) b->x[j][b->n] = from->x[i * from->n_columns + j];
            b->y[b->n] = from->y[i];
            b->weight[b->n] = 1 + i % 3;
        }
    assert_int_equal(az_table_new(&b->table, b->n), AZ_OK);
    for (int j = 0; j < from->n_columns; j++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", j);
        assert_int_equal(az_table_add_numeric(b->table, name, NULL, b->x[j], 1), AZ_OK);
    }
    assert_int_equal(az_table_add_numeric(b->table, "y", NULL, b->y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(b->table, "weight", NULL, b->weight, 1), AZ_OK);
}

static az_status try_fit(az_model **model, const box *b, const char *task, bool weighted, const char *parameters,
                         int n_threads)
{
    const az_roles roles = {
        .target = "y", .task = task, .weight = weighted ? "weight" : NULL, .ignore = weighted ? NULL : "weight"};
    const az_control control = {.n_threads = n_threads};
    *model = NULL;
    return az_fit_roles(model, "adaboost", b->table, &roles, parameters, &control);
}

static az_model *fit(const box *b, const char *task, bool weighted, const char *parameters, int n_threads)
{
    az_model *model;
    if (try_fit(&model, b, task, weighted, parameters, n_threads))
        print_error("%s: %s\n", parameters, az_error_message());
    assert_non_null(model);
    return model;
}

static void predict(const az_model *model, const box *b, double *p)
{
    assert_int_equal(az_predict_table(model, b->table, p, NULL, NULL), AZ_OK);
}

static double greatest_difference(const double *a, const double *b, int64_t n)
{
    double most = 0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

static box one, two;
static double p[MOST_CLASSES * MOST_ROWS], q[MOST_CLASSES * MOST_ROWS];

static void samme_is_that_of_scikit_learn(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof frozen_samme / sizeof *frozen_samme; c++) {
        const struct frozen_samme *frozen = &frozen_samme[c];
        fill(&one, frozen->data, 0, 1, false);
        az_model *model = fit(&one, "classification", frozen->weighted, frozen->parameters, 1);
        const az_adaboost *made = model->fitted;
        predict(model, &one, p);
        assert_int_equal(made->trees->n_trees, frozen->n_trees);
        const double of_weights = greatest_difference(made->weight, frozen->weight, frozen->n_trees);
        const double of_rows = greatest_difference(p, frozen->probability, one.n * az_model_n_outputs(model));
        if (!(of_weights <= 1e-9) || !(of_rows <= 1e-10))
            fail_msg("case %d: weights differ by %g, probabilities by %g", (int)c, of_weights, of_rows);
        az_model_free(model);
        az_table_free(one.table);
    }
}

/* The rows that R2 draws are nobody else's, so its error is compared as a random number. */
static void r2_errs_as_scikit_learn_does(void **state)
{
    (void)state;
    enum { SEEDS = 20 };
    fill(&one, DIABETES, 0, 2, false);
    fill(&two, DIABETES, 1, 2, false);
    for (size_t c = 0; c < sizeof frozen_r2 / sizeof *frozen_r2; c++) {
        double mean = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            char parameters[64];
            double squares = 0;
            snprintf(parameters, sizeof parameters, "%s seed=%d", frozen_r2[c].parameters, seed);
            az_model *model = fit(&one, "regression", false, parameters, 1);
            predict(model, &two, p);
            for (int64_t i = 0; i < two.n; i++) squares += (p[i] - two.y[i]) * (p[i] - two.y[i]);
            mean += sqrt(squares / (double)two.n) / SEEDS;
            az_model_free(model);
        }
        /* Four standard errors of the difference of means over 20 and 40 states. */
        const double bound = 4 * frozen_r2[c].deviation * sqrt(1.0 / SEEDS + 1.0 / 40);
        if (!(fabs(mean - frozen_r2[c].mean) <= bound))
            fail_msg("%s: %g, not %g +- %g", frozen_r2[c].parameters, mean, frozen_r2[c].mean, bound);
    }
    az_table_free(one.table);
    az_table_free(two.table);
}

static double value_of(const az_adaboost *made, int64_t t, const box *b, int64_t i)
{
    double row[MOST_COLUMNS];
    for (int j = 0; j < sources[DIABETES].n_columns; j++) row[j] = b->x[j][i];
    const az_tree *tree = &made->trees->trees[t];
    return az_leaf_value(made->trees, tree, az_tree_leaf(tree, row), 0);
}

/* Drucker's rounds, from the trees' predictions alone: the weights of the trees; and the median by its definition. */
static void r2_keeps_to_its_formulas(void **state)
{
    (void)state;
    static const char *const losses[] = {"linear", "square", "exponential"};
    fill(&one, DIABETES, 0, 1, false);
    for (int loss = 0; loss < 3; loss++) {
        static double weight[MOST_ROWS], part[MOST_ROWS];
        char parameters[64];
        const double rate = 0.7;
        snprintf(parameters, sizeof parameters, "loss=%s learning_rate=%g n_estimators=25", losses[loss], rate);
        az_model *model = fit(&one, "regression", true, parameters, 1);
        const az_adaboost *made = model->fitted;
        const int64_t n_trees = made->trees->n_trees;
        double sum = 0;
        assert_true(n_trees > 5);
        for (int64_t i = 0; i < one.n; i++) sum += one.weight[i];
        for (int64_t i = 0; i < one.n; i++) weight[i] = one.weight[i] / sum;
        for (int64_t t = 0; t < n_trees; t++) {
            double most = 0, mean = 0, total = 0;
            for (int64_t i = 0; i < one.n; i++) most = fmax(most, fabs(value_of(made, t, &one, i) - one.y[i]));
            for (int64_t i = 0; i < one.n; i++) {
                const double d = fabs(value_of(made, t, &one, i) - one.y[i]) / most;
                part[i] = loss == 0 ? d : loss == 1 ? d * d : 1 - exp(-d);
                mean += weight[i] * part[i];
            }
            const double beta = mean / (1 - mean);
            assert_true(fabs(made->weight[t] - rate * log(1 / beta)) <= 1e-9);
            for (int64_t i = 0; i < one.n; i++) total += weight[i] *= pow(beta, rate * (1 - part[i]));
            for (int64_t i = 0; i < one.n; i++) weight[i] /= total;
        }
        predict(model, &one, p);
        for (int64_t i = 0; i < one.n; i += 7) {
            double below = 0, up_to = 0;
            for (int64_t t = 0; t < n_trees; t++) {
                const double value = value_of(made, t, &one, i);
                below += value < p[i] ? made->weight[t] : 0;
                up_to += value <= p[i] ? made->weight[t] : 0;
            }
            assert_true(below < 0.5 * made->total && up_to >= 0.5 * made->total * (1 - 1e-12));
        }
        az_model_free(model);
    }
    az_table_free(one.table);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    for (int data = CANCER; data <= DIABETES; data++) {
        const char *task = data == DIABETES ? "regression" : "classification";
        fill(&one, data, 0, 1, false);
        az_model *a = fit(&one, task, true, "max_depth=4", 1), *b = fit(&one, task, true, "max_depth=4", 4);
        predict(a, &one, p);
        predict(b, &one, q);
        assert_memory_equal(p, q, sizeof *p * (size_t)(one.n * az_model_n_outputs(a)));
        az_model_free(a);
        az_model_free(b);
        az_table_free(one.table);
    }
}

static void a_weight_is_a_row_repeated(void **state)
{
    (void)state;
    for (int data = IRIS; data <= CANCER; data++) {
        fill(&one, data, 0, 1, false);
        fill(&two, data, 0, 1, true);
        az_model *a = fit(&one, "classification", true, "", 1), *b = fit(&two, "classification", false, "", 1);
        predict(a, &one, p);
        predict(b, &one, q);
        const double difference = greatest_difference(p, q, one.n * az_model_n_outputs(a));
        if (!(difference <= 1e-12)) fail_msg("data %d: %g", data, difference);
        az_model_free(a);
        az_model_free(b);
        az_table_free(one.table);
        az_table_free(two.table);
    }
}

/* A column that tells all ends it after one tree; columns that tell nothing are refused, or leave the median. */
static void it_stops_where_nothing_is_to_gain(void **state)
{
    (void)state;
    az_model *model;
    fill(&one, IRIS, 0, 1, false);
    for (int64_t i = 0; i < one.n; i++) {
        one.y[i] = (double)(i % 2);
        for (int j = 0; j < 4; j++) one.x[j][i] = j == 0 ? (double)(i % 2) : 1;
    }
    model = fit(&one, "classification", false, "", 1);
    assert_int_equal(((const az_adaboost *)model->fitted)->trees->n_trees, 1);
    assert_true(((const az_adaboost *)model->fitted)->weight[0] == 1);
    predict(model, &one, p); /* votes of 1 and -1, so 1 / (1 + exp(-2)) */
    assert_true(fabs(p[0] - 1 / (1 + exp(-2))) <= 1e-15);
    az_model_free(model);
    model = fit(&one, "regression", false, "", 1);
    assert_int_equal(((const az_adaboost *)model->fitted)->trees->n_trees, 1);
    predict(model, &one, p);
    assert_memory_equal(p, one.y, sizeof *p * (size_t)one.n);
    az_model_free(model);
    for (int64_t i = 0; i < one.n; i++) one.x[0][i] = 1;
    assert_int_equal(try_fit(&model, &one, "classification", false, "", 1), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "no better than chance"));
    assert_null(model);
    model = fit(&one, "regression", false, "", 1);
    predict(model, &one, p);
    for (int64_t i = 0; i < one.n; i++) assert_true(p[i] == p[0] && p[i] >= 0 && p[i] <= 1);
    az_model_free(model);
    az_table_free(one.table);
}

static void parameters_that_make_no_sense(void **state)
{
    (void)state;
    static const char *const bad[] = {"n_estimators=0",  "learning_rate=0", "learning_rate=-1",
                                      "loss=cubic",      "max_depth=-1",    "criterion=gini",
                                      "max_features=no", "max_bins=1",      "criterion=absolute_error"};
    az_model *model;
    fill(&one, DIABETES, 0, 1, false);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(try_fit(&model, &one, "regression", false, bad[i], 1), AZ_ERROR_USAGE);
        assert_null(model);
    }
    az_table_free(one.table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samme_is_that_of_scikit_learn), cmocka_unit_test(r2_errs_as_scikit_learn_does),
        cmocka_unit_test(r2_keeps_to_its_formulas),      cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(a_weight_is_a_row_repeated),    cmocka_unit_test(it_stops_where_nothing_is_to_gain),
        cmocka_unit_test(parameters_that_make_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
