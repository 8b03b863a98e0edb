/* SPDX-License-Identifier: BSD-3-Clause */
/* Importances of a model whose score is known in closed form, and the parts of predictions of every class of trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "fail_allocation.h"
#include "explain/explain.h"
#include "models/interval.h"
#include "models/tree/nodes.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_ROWS = 4000, N_COLUMNS = 5 };

static double x[N_COLUMNS][N_ROWS], y[N_ROWS], second[N_ROWS];
static const char *colour[N_ROWS], *label[N_ROWS];

/* y = 3 a - 2 b + noise; c, d, e say nothing of y; a tenth of d is missing. */
static az_table *make_table(void)
{
    static const char *const names[N_COLUMNS] = {"a", "b", "c", "d", "e"};
    static const char *const colours[] = {"red", "green", "blue", "grey", "black"};
    az_stream stream = az_stream_new(11, "explain test");
    az_table *table;
    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    for (uint64_t i = 0; i < N_ROWS; i++) {
        for (uint64_t j = 0; j < N_COLUMNS; j++) x[j][i] = az_random_normal(stream, i, j);
        uint64_t shade = az_random_below(stream, i, 20, 5);
        colour[i] = colours[shade];
        y[i] = 3 * x[0][i] - 2 * x[1][i] + 0.1 * az_random_normal(stream, i, 10);
        second[i] = x[2][i] * x[0][i] + (double)shade;
        label[i] = second[i] < 1 ? "low" : second[i] < 3 ? "middle" : "high";
        if (i % 10 == 0) x[3][i] = NAN;
    }
    for (int j = 0; j < N_COLUMNS; j++) assert_int_equal(az_table_add_numeric(table, names[j], NULL, x[j], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "second", NULL, second, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "colour", colour), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", label), AZ_OK);
    return table;
}

static const az_column_importance *find(const az_importances *list, const char *name)
{
    for (int64_t i = 0; i < list->n; i++)
        if (strcmp(list->columns[i].name, name) == 0) return &list->columns[i];
    fail_msg("no column %s", name);
    return NULL;
}

/* Of a linear model with coefficient b on a column independent of the others, an exchanged value differs from the true
 * one by b (x' - x), whose mean square is 2 b^2 var(x): the mean squared error rises by that. */
static void importance_is_known(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_roles roles = {.target = "y", .features = "a,b,c"};
    az_problem *problem;
    az_model *model;
    az_importances list, again, other;
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    assert_int_equal(az_model_fit(&model, az_model_class_find("linear"), NULL, NULL, problem, NULL, 0, NULL), AZ_OK);
    const az_metric *metric = az_metric_find("rmse", AZ_REGRESSION);
    assert_int_equal(az_permutation_importances(&list, model, problem, NULL, 0, metric, 10, 1, NULL), AZ_OK);
    assert_int_equal(list.n, 3);
    assert_string_equal(list.columns[0].name, "a");
    assert_string_equal(list.columns[1].name, "b");
    assert_true(fabs(list.score - 0.1) < 0.005);
    const double slope[] = {3, 2};
    for (int k = 0; k < 2; k++) {
        const az_column_importance *column = &list.columns[k];
        double variance = 0, mean = 0;
        for (int i = 0; i < N_ROWS; i++) mean += x[k][i] / N_ROWS;
        for (int i = 0; i < N_ROWS; i++) variance += (x[k][i] - mean) * (x[k][i] - mean) / N_ROWS;
        double wanted = sqrt(list.score * list.score + 2 * slope[k] * slope[k] * variance) - list.score;
        print_message("  %s: %.4f +- %.4f, in closed form %.4f\n", column->name, column->mean, column->deviation,
                      wanted);
        assert_true(fabs(column->mean - wanted) < 4 * column->deviation / sqrt(10) + 0.005 * wanted);
        assert_true(column->deviation > 0 && column->deviation < 0.05 * wanted);
        assert_true(isnan(column->training));
    }
    assert_true(fabs(find(&list, "c")->mean) < 0.01);
    /* The same numbers from any number of threads; others from another seed; less is worse for r2. */
    az_control control = {.n_threads = 3};
    assert_int_equal(az_permutation_importances(&again, model, problem, NULL, 0, metric, 10, 1, &control), AZ_OK);
    for (int64_t i = 0; i < 3; i++) assert_true(again.columns[i].mean == list.columns[i].mean);
    az_importances_free(&again);
    assert_int_equal(az_permutation_importances(&other, model, problem, NULL, 0, metric, 10, 2, NULL), AZ_OK);
    assert_true(other.columns[0].mean != list.columns[0].mean);
    az_importances_free(&other);
    metric = az_metric_find("r2", AZ_REGRESSION);
    int64_t rows[500];
    for (int i = 0; i < 500; i++) rows[i] = 7 * i;
    assert_int_equal(az_permutation_importances(&other, model, problem, rows, 500, metric, 1, 2, NULL), AZ_OK);
    assert_int_equal(other.n_rows, 500);
    assert_true(find(&other, "a")->mean > 1 && find(&other, "b")->mean > 0.3);
    assert_true(isnan(other.columns[0].deviation));
    az_importances_free(&other);
    int64_t one = 0;
    assert_int_equal(az_permutation_importances(&other, model, problem, &one, 1, metric, 1, 2, NULL), AZ_ERROR_DATA);
    az_importances_free(&list);
    az_model_free(model);
    az_problem_free(problem);
    az_table_free(table);
}

/* A column read as trend and as season is one column, exchanged in both. */
static void one_column_read_twice(void **state)
{
    (void)state;
    static double day[N_ROWS], wave[N_ROWS];
    az_table *table;
    az_problem *problem;
    az_model *model;
    az_importances list;
    for (int i = 0; i < N_ROWS; i++) {
        day[i] = i;
        wave[i] = 1e-3 * i + cos(2 * 3.14159265358979323846 * i / 365.2425);
    }
    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    assert_int_equal(az_table_add_time(table, "day", "days since 2000-01-01", NULL, day, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "wave", NULL, wave, 1), AZ_OK);
    az_roles roles = {.target = "wave", .features = "day", .periodic = "day=year"};
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    assert_int_equal(az_model_fit(&model, az_model_class_find("linear"), NULL, NULL, problem, NULL, 0, NULL), AZ_OK);
    assert_int_equal(az_model_n_inputs(model), 2);
    const az_metric *metric = az_metric_find("r2", AZ_REGRESSION);
    assert_int_equal(az_permutation_importances(&list, model, problem, NULL, 0, metric, 3, 0, NULL), AZ_OK);
    assert_int_equal(list.n, 1);
    /* All of the variance goes, twice. */
    assert_true(fabs(list.columns[0].mean - 2) < 0.2);
    az_importances_free(&list);
    az_model_free(model);
    az_problem_free(problem);
    az_table_free(table);
}

/* The raw output, from the leaves. */
static double raw_output(const az_tree_view *view, const double *leaves, int64_t k)
{
    double sum = view->offset ? view->offset[k] : 0;
    for (int64_t t = 0; t < view->trees->n_trees; t++) {
        const az_tree *tree = &view->trees->trees[t];
        if (view->trees->n_outputs == 1 && t % view->n_outputs != k) continue;
        double scale = view->scale * (view->tree_scale ? view->tree_scale[t] : 1);
        sum += scale * az_leaf_value(view->trees, tree, (int32_t)leaves[t], view->trees->n_outputs == 1 ? 0 : k);
    }
    return sum;
}

static void check_class(const az_model_class *class, const az_table *table, const char *target)
{
    az_roles roles = {.target = target, .features = "a,b,c,d,colour"};
    az_model *model;
    az_parts *parts;
    az_control control = {.n_threads = 2};
    if (strchr(target, ',') && !(class->traits & AZ_TRAIT_SEVERAL_TARGETS)) return;
    assert_int_equal(az_fit_roles(&model, class->name, table, &roles, "seed=3", NULL), AZ_OK);
    az_tree_view view = {0};
    class->trees(model->fitted, &view);
    if (view.trees) {
        assert_int_equal(az_parts_new(&parts, model, AZ_EXPLAIN_SHAP | AZ_EXPLAIN_LEAF), AZ_OK);
        const int64_t width = az_parts_n(parts), n_values = model->design->n_features + 1;
        const int64_t n_outputs = az_model_n_outputs(model);
        assert_int_equal(width, view.n_outputs * n_values + view.trees->n_trees);
        const char *last = az_parts_name(parts, view.n_outputs * n_values - 1);
        assert_true(strlen(last) >= 9 && strcmp(last + strlen(last) - 5, "_base") == 0);
        double *values = calloc((size_t)(table->n_rows * width), sizeof *values);
        double *prediction = calloc((size_t)(table->n_rows * n_outputs), sizeof *prediction), worst = 0;
        assert_int_equal(az_parts_fill(parts, table, values, &control), AZ_OK);
        assert_int_equal(az_predict_table(model, table, prediction, NULL, NULL), AZ_OK);
        for (int64_t i = 0; i < table->n_rows; i++)
            for (int64_t k = 0; k < view.n_outputs; k++) {
                const double *row = values + i * width;
                double sum = 0, raw = raw_output(&view, row + view.n_outputs * n_values, k);
                for (int64_t j = 0; j < n_values; j++) sum += row[k * n_values + j];
                worst = fmax(worst, fabs(sum - raw) / (1e-3 + fabs(raw)));
                if (!view.raw) assert_true(fabs(prediction[i * n_outputs + k] - raw) <= 1e-12 * (1 + fabs(raw)));
            }
        print_message("  %s of %s: SHAP values sum to the prediction within %.1e\n", class->name, target, worst);
        assert_true(worst < 1e-9);
        free(values);
        free(prediction);
        az_parts_free(parts);
    }
    az_model_free(model);
}

/* On trees of full depth too: a forest's leaves are single rows. */
static void parts_sum_to_the_prediction(void **state)
{
    (void)state;
    az_table *all = make_table(), *table;
    /* 400 rows: a forest of full depth costs as much as it has leaves, for each row. */
    static double part[N_COLUMNS + 2][400];
    assert_int_equal(az_table_new(&table, 400), AZ_OK);
    static const char *const names[] = {"a", "b", "c", "d", "e", "y", "second"};
    for (int j = 0; j < N_COLUMNS + 2; j++) {
        memcpy(part[j], j < N_COLUMNS ? x[j] : j == N_COLUMNS ? y : second, sizeof part[j]);
        assert_int_equal(az_table_add_numeric(table, names[j], NULL, part[j], 1), AZ_OK);
    }
    assert_int_equal(az_table_add_text(table, "colour", colour), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", label), AZ_OK);
    int n_classes = 0;
    for (int i = 0; az_model_classes[i]; i++) {
        const az_model_class *class = az_model_classes[i];
        if (!class->trees) continue;
        n_classes++;
        if (class->tasks & AZ_REGRESSION) {
            check_class(class, table, "y");
            check_class(class, table, "y,second");
        }
        if (class->tasks & AZ_CLASSIFICATION) check_class(class, table, "label");
    }
    assert_true(n_classes > 0);
    az_table_free(table);
    az_table_free(all);
}

/* In training: parts that sum to 1, those of levels and phases counted with their column; other models have none. */
static void training_importances(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_roles roles = {.target = "y", .features = "a,b,c,colour"};
    az_model *model;
    double part[4], sum = 0;
    assert_int_equal(az_fit_roles(&model, "forest", table, &roles, "n_estimators=10", NULL), AZ_OK);
    assert_true(az_training_importances(model, part));
    for (int j = 0; j < 4; j++) sum += part[j];
    assert_true(fabs(sum - 1) < 1e-12);
    assert_true(part[0] > part[1] && part[1] > 5 * part[2] && part[1] > 5 * part[3] && part[3] >= 0);
    az_model_free(model);
    assert_int_equal(az_fit_roles(&model, "linear", table, &roles, NULL, NULL), AZ_OK);
    assert_false(az_training_importances(model, part));
    az_parts *parts;
    assert_int_equal(az_parts_new(&parts, model, AZ_EXPLAIN_SHAP), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "linear"));
    az_model_free(model);
    az_table_free(table);
}

/* A tree that is known: weight is 1 for red and blue, else 5 + 2 where length is above 3.5. */
static void a_tree_in_words(void **state)
{
    (void)state;
    enum { N = 80 };
    static double length[N], weight[N];
    static const char *const colours[] = {"red", "green", "blue", "grey", "black"};
    static const char *shade[N];
    az_table *table;
    az_model *model;
    az_told_tree told;
    for (int i = 0; i < N; i++) {
        length[i] = i % 8;
        shade[i] = colours[i / 8 % 5];
        weight[i] = i / 8 % 5 == 0 || i / 8 % 5 == 2 ? 1 : 5 + 2 * (length[i] > 3.5);
    }
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "length", "cm", length, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "colour", shade), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "weight", "kg", weight, 1), AZ_OK);
    az_roles roles = {.target = "weight"};
    assert_int_equal(az_fit_roles(&model, "tree", table, &roles, NULL, NULL), AZ_OK);
    assert_int_equal(az_tell_tree(&told, model, 0, 10), AZ_OK);
    assert_int_equal(told.n_trees, 1);
    assert_int_equal(told.n, 5);
    assert_int_equal(told.n_leaves, 3);
    assert_int_equal(told.n_levels, 2);
    assert_string_equal(told.meaning, "weight [kg]");
    const az_told_node *root = &told.nodes[0], *light = &told.nodes[1], *heavy = &told.nodes[2];
    if (heavy->children < 0) {
        light = &told.nodes[2];
        heavy = &told.nodes[1];
    }
    assert_string_equal(root->rule, "");
    assert_string_equal(root->value, "4");
    assert_true(root->rows == 80 && light->rows == 32 && heavy->rows == 48);
    assert_string_equal(light->rule, "colour is blue or red");
    assert_string_equal(heavy->rule, "colour is not blue or red");
    assert_string_equal(light->value, "1");
    assert_string_equal(heavy->value, "6");
    assert_string_equal(heavy->split, "length <= 3.5 cm");
    assert_string_equal(told.nodes[heavy->children + 1].rule, "length > 3.5 cm");
    assert_string_equal(told.nodes[heavy->children].value, "5");
    assert_string_equal(told.nodes[heavy->children + 1].value, "7");
    az_told_tree_free(&told);
    assert_int_equal(az_tell_tree(&told, model, 0, 1), AZ_OK);
    assert_int_equal(told.n, 3);
    assert_int_equal(told.n_nodes, 5);
    assert_true(told.nodes[1].cut != told.nodes[2].cut);
    az_told_tree_free(&told);
    assert_int_equal(az_tell_tree(&told, model, 1, 1), AZ_ERROR_USAGE);
    az_model_free(model);
    az_table_free(table);
}

/* All of the room, and intervals, on a small tree. */
static az_status explain_everything(void *context)
{
    (void)context;
    enum { N = 40 };
    static double a[N], b[N], target[N], values[N * 8];
    az_table *table = NULL;
    az_problem *problem = NULL;
    az_model *model = NULL;
    az_importances list = {0};
    az_parts *parts = NULL;
    az_told_tree told = {0};
    az_roles roles = {.target = "y"};
    az_control control = {.n_threads = 1};
    az_status status;
    for (int i = 0; i < N; i++) {
        a[i] = i % 7;
        b[i] = i % 5;
        target[i] = a[i] > 3 ? 1 : b[i];
    }
    AZ_GOTO(az_table_new(&table, N));
    AZ_GOTO(az_table_add_numeric(table, "a", NULL, a, 1));
    AZ_GOTO(az_table_add_numeric(table, "b", NULL, b, 1));
    AZ_GOTO(az_table_add_numeric(table, "y", NULL, target, 1));
    AZ_GOTO(az_problem_new(&problem, table, &roles, false, &control));
    AZ_GOTO(
        az_model_fit_interval(&model, az_model_class_find("tree"), NULL, NULL, problem, NULL, 0, NULL, 0.8, &control));
    AZ_GOTO(az_permutation_importances(&list, model, problem, NULL, 0, az_metric_find("mae", AZ_REGRESSION), 2, 0,
                                       &control));
    AZ_GOTO(az_parts_new(&parts, model, AZ_EXPLAIN_SHAP | AZ_EXPLAIN_LEAF));
    AZ_GOTO(az_parts_fill(parts, table, values, &control));
    status = az_tell_tree(&told, model, 0, 5);
done:
    az_told_tree_free(&told);
    az_parts_free(parts);
    az_importances_free(&list);
    az_model_free(model);
    az_problem_free(problem);
    az_table_free(table);
    return status;
}

static void memory_runs_out(void **state)
{
    (void)state;
    long n = fail_each_allocation(explain_everything, NULL);
    print_message("  %ld requests of memory\n", n);
    assert_true(n > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(importance_is_known),
        cmocka_unit_test(one_column_read_twice),
        cmocka_unit_test(parts_sum_to_the_prediction),
        cmocka_unit_test(training_importances),
        cmocka_unit_test(a_tree_in_words),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
