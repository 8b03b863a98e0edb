/* SPDX-License-Identifier: BSD-3-Clause */
/* Importances out of bag: recomputed tree by tree, and in a case whose result is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "explain/explain.h"
#include "models/tree/draws.h"
#include "models/tree/nodes.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 300, N_TREES = 40, N_REPEATS = 3 };

static double a[N], b[N], c[N], y[N], weight[N];
static const char *label[N];

static az_table *make_table(void)
{
    az_stream stream = az_stream_new(5, "out of bag test");
    az_table *table;
    for (uint64_t i = 0; i < N; i++) {
        a[i] = az_random_normal(stream, i, 0);
        b[i] = az_random_normal(stream, i, 1);
        c[i] = az_random_normal(stream, i, 2);
        y[i] = a[i] * a[i] + 0.5 * b[i] + 0.1 * az_random_normal(stream, i, 3);
        label[i] = y[i] > 1 ? "high" : "low";
        weight[i] = 1 + (double)(i % 3);
    }
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "a", NULL, a, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "b", NULL, b, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "c", NULL, c, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "w", NULL, weight, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", label), AZ_OK);
    return table;
}

/* The score of all rows, each by the trees that did not see it, where in each tree the values of `column` (-1: none)
 * are exchanged in an order of its own: the definition, with the random numbers that the implementation says it draws.
 */
static double by_hand(const az_model *model, int column, int64_t repeat, uint64_t seed)
{
    static double sums[N][2], features[3];
    static uint16_t count[N];
    const double *const columns[3] = {a, b, c};
    double total = 0, result = 0;
    int n_trees[N] = {0};
    uint32_t key[4];
    az_tree_view view;
    model->class->trees(model->fitted, &view);
    memset(sums, 0, sizeof sums);
    az_random_bits(az_stream_new(seed, "explain.out_of_bag"), (uint64_t)(column + 1), (uint64_t)repeat, key);
    const az_stream stream = {{key[0], key[1]}};
    for (int64_t t = 0; t < N_TREES; t++) {
        int64_t unseen[N], order[N], n = 0;
        assert_non_null(az_draw_rows(view.draws, t, count));
        for (int64_t i = 0; i < N; i++)
            if (!count[i]) unseen[n++] = i;
        az_random_bits(stream, (uint64_t)t, 0, key);
        az_random_permutation((az_stream){{key[0], key[1]}}, n, order);
        for (int64_t u = 0; u < n; u++) {
            for (int k = 0; k < 3; k++) features[k] = columns[k][unseen[k == column ? order[u] : u]];
            const az_tree *tree = &view.trees->trees[t];
            for (int64_t k = 0; k < view.n_outputs; k++)
                sums[unseen[u]][k] += az_leaf_value(view.trees, tree, az_tree_leaf(tree, features), k);
            n_trees[unseen[u]]++;
        }
    }
    for (int i = 0; i < N; i++) {
        const double error = y[i] - (sums[i][0] / n_trees[i] + view.offset[0]);
        const bool right = (sums[i][0] >= sums[i][1]) == (label[i][0] == 'h'); /* "high" is the first class */
        total += weight[i];
        result += weight[i] * (model->task == AZ_CLASSIFICATION ? right : error * error);
    }
    return model->task == AZ_CLASSIFICATION ? result / total : sqrt(result / total);
}

static void against_its_definition(void **state)
{
    (void)state;
    static const char *const parameters[] = {"seed=3 n_estimators=40", "seed=3 n_estimators=40 bootstrap=false "
                                                                       "max_samples=0.5"};
    az_table *table = make_table();
    for (int run = 0; run < 4; run++) {
        az_roles roles = {.target = run < 2 ? "y" : "label", .features = "a,b,c", .weight = "w"};
        const unsigned task = run < 2 ? AZ_REGRESSION : AZ_CLASSIFICATION;
        const az_metric *metric = az_metric_default(task);
        az_model *model;
        az_problem *problem;
        az_importances list, again;
        bool found;
        assert_int_equal(az_fit_roles(&model, "forest", table, &roles, parameters[run % 2], NULL), AZ_OK);
        assert_int_equal(az_problem_for_model(&problem, table, model, NULL), AZ_OK);
        assert_int_equal(
            az_out_of_bag_importances(&list, &found, model, problem, NULL, 0, 0, metric, N_REPEATS, 9, NULL), AZ_OK);
        assert_true(found && list.out_of_bag && list.n_rows == N && list.n == 3);
        assert_true(fabs(list.score - by_hand(model, -1, 0, 9)) < 1e-12);
        for (int64_t k = 0; k < 3; k++) {
            const int column = list.columns[k].name[0] - 'a';
            double mean = 0;
            for (int64_t r = 0; r < N_REPEATS; r++) mean += by_hand(model, column, r, 9) / N_REPEATS;
            mean = metric->greater_is_better ? list.score - mean : mean - list.score;
            assert_true(fabs(list.columns[k].mean - mean) < 1e-12);
        }
        assert_string_equal(list.columns[0].name, "a");
        const double least = list.columns[2].name[0] == 'c' ? list.columns[2].mean : INFINITY;
        assert_true(least < 0.1 * list.columns[0].mean);
        az_control control = {.n_threads = 3};
        assert_int_equal(
            az_out_of_bag_importances(&again, &found, model, problem, NULL, 0, 0, metric, N_REPEATS, 9, &control),
            AZ_OK);
        for (int64_t k = 0; k < 3; k++) assert_true(again.columns[k].mean == list.columns[k].mean);
        az_importances_free(&again);
        /* Some of the rows. */
        assert_int_equal(
            az_out_of_bag_importances(&again, &found, model, problem, NULL, 0, 50, metric, N_REPEATS, 9, NULL), AZ_OK);
        assert_true(found && again.n_rows == 50);
        az_importances_free(&again);
        az_importances_free(&list);
        az_problem_free(problem);
        az_model_free(model);
    }
    az_table_free(table);
}

/* The rows must be those of the fit, all trees' and no others, and some must be out of bag. */
static void only_of_the_rows_of_the_fit(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_roles roles = {.target = "y", .features = "a,b,c"};
    const az_metric *metric = az_metric_default(AZ_REGRESSION);
    int64_t rows[N];
    for (int64_t i = 0; i < N; i++) rows[i] = i < 200 ? i : N - 1;
    static const struct {
        const char *class, *parameters;
        int64_t n_rows;
        bool found;
    } cases[] = {{"forest", "", 200, false},    {"bagging", "", N, true},
                 {"extra_trees", "", N, false}, {"extra_trees", "bootstrap=true", N, true},
                 {"boosting", "", N, false},    {"linear", "", N, false},
                 {"tree", "", N, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        az_model *model;
        az_problem *problem;
        az_importances list = {0};
        bool found;
        assert_int_equal(az_fit_roles(&model, cases[i].class, table, &roles, cases[i].parameters, NULL), AZ_OK);
        assert_int_equal(az_problem_for_model(&problem, table, model, NULL), AZ_OK);
        assert_int_equal(az_out_of_bag_importances(&list, &found, model, problem, cases[i].n_rows < N ? rows : NULL,
                                                   cases[i].n_rows, 0, metric, 1, 1, NULL),
                         AZ_OK);
        assert_int_equal(found, cases[i].found);
        az_importances_free(&list);
        az_problem_free(problem);
        az_model_free(model);
    }
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_its_definition),
        cmocka_unit_test(only_of_the_rows_of_the_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
