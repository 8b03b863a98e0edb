/* SPDX-License-Identifier: BSD-3-Clause */
/* Averaged trees: what must hold whatever the data, by brute force or by definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "models/model.h"
#include "models/tree/ensemble.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 400, N_NUMBERS = 6 };

/* Columns a, b, c, y, y2, weight, and texts colour, class (three), side (two). */
typedef struct box {
    int64_t n;
    double numbers[N_NUMBERS][3 * N];
    const char *colour[3 * N], *class[3 * N], *side[3 * N];
    az_table *table;
} box;
static const char *const names[N_NUMBERS] = {"a", "b", "c", "y", "y2", "weight"};

static void make_row(box *b, int64_t at, uint64_t i)
{
    static const char *const colours[] = {"red", "green", "blue", "grey", "pink"}, *const classes[] = {"u", "v", "w"};
    static const double shift[] = {3, -1, 7, 0, 5};
    const az_stream stream = az_stream_new(11, "ensemble");
    const uint64_t colour = az_random_below(stream, i, 3, 5);
    const double x = az_random_normal(stream, i, 0), z = az_random_uniform(stream, i, 1);
    const double noise = az_random_normal(stream, i, 2);
    const double y = floor(8 * (2 * x + sin(6 * z) + shift[colour] + 0.5 * noise)); /* whole: sums are exact */
    const double values[N_NUMBERS] = {floor(32 * x), floor(64 * z),      floor(8 * noise), y,
                                      1000 * x - y,  (double)(1 + i % 3)};
    for (int k = 0; k < N_NUMBERS; k++) b->numbers[k][at] = values[k];
    b->colour[at] = colours[colour];
    b->class[at] = classes[y < 0 ? 0 : y < 40 ? 1 : 2];
    b->side[at] = y + 8 * noise < 20 ? "left" : "right";
}

static void make_table(box *b)
{
    az_table_free(b->table);
    assert_int_equal(az_table_new(&b->table, b->n), AZ_OK);
    for (int k = 0; k < N_NUMBERS; k++)
        assert_int_equal(az_table_add_numeric(b->table, names[k], NULL, b->numbers[k], 1), AZ_OK);
    assert_int_equal(az_table_add_text(b->table, "colour", b->colour), AZ_OK);
    assert_int_equal(az_table_add_text(b->table, "class", b->class), AZ_OK);
    assert_int_equal(az_table_add_text(b->table, "side", b->side), AZ_OK);
}

static box *new_box(int64_t first)
{
    box *b = calloc(1, sizeof *b);
    assert_non_null(b);
    for (; b->n < N; b->n++) make_row(b, b->n, (uint64_t)(first + b->n));
    make_table(b);
    return b;
}

static void free_box(box *b)
{
    az_table_free(b->table);
    free(b);
}

static az_roles roles_of(const char *target, const char *features, const char *weight)
{
    const bool classes = strcmp(target, "class") == 0 || strcmp(target, "side") == 0;
    return (az_roles){
        .target = target, .features = features, .weight = weight, .task = classes ? "classification" : "regression"};
}

static az_model *fit(const box *b, const char *name, const char *target, const char *features, const char *weight,
                     const char *parameters)
{
    az_roles roles = roles_of(target, features, weight);
    az_model *model = NULL;
    if (az_fit_roles(&model, name, b->table, &roles, parameters, NULL)) print_error("%s\n", az_error_message());
    assert_non_null(model);
    return model;
}

static double *predict(const az_model *model, const box *b)
{
    double *p = calloc((size_t)(b->n * az_model_n_outputs(model)), sizeof *p);
    assert_non_null(p);
    assert_int_equal(az_predict_table(model, b->table, p, NULL, NULL), AZ_OK);
    return p;
}

static double fact(const az_model *model, const char *name)
{
    az_fact facts[AZ_MAX_FACTS];
    const int n = az_model_facts(model, facts);
    for (int i = 0; i < n; i++)
        if (strcmp(facts[i].name, name) == 0) return facts[i].value;
    return NAN;
}

static void features_at_a_split(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t n_features, expected;
    } cases[] = {{"", 9, 9},     {"all", 9, 9},  {"sqrt", 9, 3},  {"sqrt", 15, 3}, {"log2", 16, 4},
                 {"log2", 1, 1}, {"7", 9, 7},    {"70", 9, 9},    {"0.3", 10, 3},  {"0.3", 9, 2},
                 {"1/3", 12, 4}, {"1/3", 20, 6}, {"0.01", 10, 1}, {"1.0", 10, 10}, {"1", 10, 1}};
    int64_t n;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(az_max_features(cases[i].text, cases[i].n_features, &n), AZ_OK);
        assert_int_equal(n, cases[i].expected);
    }
    static const char *const bad[] = {"many", "-1", "0", "nan", "1/0", "3x", "inf", "1/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(az_max_features(bad[i], 10, &n), AZ_ERROR_USAGE);
}

/* A row of weight 2 is the row twice: the same splits, and on whole numbers the same bits. */
static void a_weight_is_a_row_repeated(void **state)
{
    (void)state;
    static const struct {
        const char *target, *parameters;
    } cases[] = {{"y", ""},
                 {"y", "criterion=absolute_error"},
                 {"class", ""},
                 {"side", "max_leaf_nodes=9"},
                 {"class", "class_weight=balanced criterion=entropy"},
                 {"y", "ccp_alpha=0.5"}};
    box *b = new_box(0), *repeated = new_box(0);
    repeated->n = 0;
    for (uint64_t i = 0; i < N; i++)
        for (uint64_t k = 0; k <= i % 3; k++) make_row(repeated, repeated->n++, i);
    make_table(repeated);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        az_model *x = fit(b, "tree", cases[c].target, "a,b,c,colour", "weight", cases[c].parameters);
        az_model *y = fit(repeated, "tree", cases[c].target, "a,b,c,colour", NULL, cases[c].parameters);
        double *p = predict(x, b), *q = predict(y, b);
        for (int64_t i = 0; i < N * az_model_n_outputs(x); i++)
            if (!(fabs(p[i] - q[i]) <= 1e-12)) fail_msg("case %d, row %d: %g and %g", (int)c, (int)i, p[i], q[i]);
        assert_true(fact(x, "n_leaves") == fact(y, "n_leaves"));
        free(p);
        free(q);
        az_model_free(x);
        az_model_free(y);
    }
    free_box(b);
    free_box(repeated);
}

/* One split on the five colours lowers the loss as much as the best of all 15 ways to divide them. */
static double loss_of(const box *b, const double *value, const unsigned char *left, bool absolute)
{
    double loss = 0, side[N];
    for (int s = 0; s < 2; s++) {
        int64_t n = 0;
        double centre = 0;
        for (int64_t i = 0; i < N; i++)
            if (left[i] == s) side[n++] = value[i];
        if (n == 0) return INFINITY;
        for (int64_t i = 0; i < n; i++) centre += side[i] / (double)n;
        if (!absolute) {
            for (int64_t i = 0; i < n; i++) loss += (side[i] - centre) * (side[i] - centre);
            continue;
        }
        double best = INFINITY; /* some value is a median */
        for (int64_t m = 0; m < n; m++) {
            double sum = 0;
            for (int64_t i = 0; i < n; i++) sum += fabs(side[i] - side[m]);
            if (sum < best) best = sum;
        }
        loss += best;
    }
    (void)b;
    return loss;
}

static void categories_are_divided_best(void **state)
{
    (void)state;
    static const char *const colours[] = {"red", "green", "blue", "grey", "pink"};
    box *b = new_box(0);
    for (int kind = 0; kind < 3; kind++) { /* squared error, two classes, absolute error */
        const bool absolute = kind == 2, classes = kind == 1;
        az_model *model = fit(b, "tree", classes ? "side" : "y", "colour", NULL,
                              absolute ? "max_depth=1 criterion=absolute_error" : "max_depth=1");
        double *p = predict(model, b), value[N], best = INFINITY;
        unsigned char left[N];
        for (int64_t i = 0; i < N; i++) value[i] = classes ? strcmp(b->side[i], "right") == 0 : b->numbers[3][i];
        for (unsigned set = 1; set < 16; set++) {
            for (int64_t i = 0; i < N; i++)
                for (unsigned k = 0; k < 5; k++)
                    if (b->colour[i] == colours[k] || strcmp(b->colour[i], colours[k]) == 0) left[i] = set >> k & 1;
            best = fmin(best, loss_of(b, value, left, absolute));
        }
        for (int64_t i = 0; i < N; i++) left[i] = p[i * az_model_n_outputs(model)] == p[0];
        assert_true(fabs(loss_of(b, value, left, absolute) - best) <= 1e-9 * best);
        free(p);
        az_model_free(model);
    }
    free_box(b);
}

/* Rows whose value is missing go where they belong, though no threshold separates them from the others. */
static void missing_values_learn_their_side(void **state)
{
    (void)state;
    static const char *const models[] = {"tree", "forest", "extra_trees"};
    box *b = new_box(0);
    for (int64_t i = 0; i < N; i++) b->numbers[0][i] = (double)(i % 100);
    for (int side = 0; side < 2; side++) {
        for (int64_t i = 0; i < N; i++) {
            bool missing = i % 5 == 0, high = b->numbers[0][i] > 50;
            b->numbers[3][i] = (missing ? side == 1 : high) ? 10 : -10;
            if (missing)
                b->numbers[0][i] = NAN;
            else
                b->numbers[0][i] = (double)(i % 100);
        }
        make_table(b);
        for (int m = 0; m < 3; m++) {
            az_model *model = fit(b, models[m], "y", "a", NULL, m ? "n_estimators=20 max_depth=4" : "max_depth=1");
            double *p = predict(model, b);
            for (int64_t i = 0; i < N; i += 5) assert_true(fabs(p[i] - (side ? 10 : -10)) < (m ? 6 : 1e-9));
            free(p);
            az_model_free(model);
        }
    }
    free_box(b);
}

/* Out of bag: each row by the trees that did not see it, drawn again and run one by one. */
static void out_of_bag_is_what_it_says(void **state)
{
    (void)state;
    static const struct {
        const char *target, *parameters;
    } cases[] = {{"y", "n_estimators=70 oob_score=true seed=3"},
                 {"y", "n_estimators=70 oob_score=true seed=3 bootstrap=false max_samples=0.6"},
                 {"class", "n_estimators=70 oob_score=true seed=3"}};
    box *b = new_box(0);
    for (int c = 0; c < 3; c++) {
        const bool classes = c == 2;
        az_model *model = fit(b, "forest", cases[c].target, "a,b,c", "weight", cases[c].parameters);
        const az_ensemble *made = model->fitted;
        const int64_t n_outputs = made->n_outputs;
        const az_draws draws = {
            .draws = true, .bootstrap = c != 1, .n_rows = N, .n_drawn = c == 1 ? 240 : N, .seed = 3};
        static double sums[N][3], n_trees[N];
        memset(sums, 0, sizeof sums);
        memset(n_trees, 0, sizeof n_trees);
        for (int64_t t = 0; t < 70; t++) {
            uint16_t count[N];
            int64_t total = 0;
            assert_non_null(az_draw_rows(&draws, t, count));
            for (int64_t i = 0; i < N; i++) {
                const double x[3] = {b->numbers[0][i], b->numbers[1][i], b->numbers[2][i]};
                total += count[i];
                if (c == 1) assert_true(count[i] <= 1);
                if (count[i]) continue;
                n_trees[i]++;
                az_trees_add(made->trees, t, 1, 1, x, 1, sums[i]);
            }
            assert_int_equal(total, draws.n_drawn);
        }
        double mean = 0, weight = 0, squares = 0, errors = 0, right = 0;
        for (int64_t i = 0; i < N; i++) {
            mean += b->numbers[5][i] * b->numbers[3][i];
            weight += b->numbers[5][i];
        }
        for (int64_t i = 0; i < N; i++) {
            double w = b->numbers[5][i], y = b->numbers[3][i], p = sums[i][0] / n_trees[i] + made->offset[0];
            int64_t best = 0;
            for (int64_t k = 1; k < n_outputs; k++) best = sums[i][k] > sums[i][best] ? k : best;
            squares += w * (y - mean / weight) * (y - mean / weight);
            errors += w * (y - p) * (y - p);
            right += w * (b->class[i][0] == 'u' + best);
        }
        double expected = classes ? right / weight : 1 - errors / squares;
        assert_true(fabs(fact(model, classes ? "oob_accuracy" : "oob_r2") - expected) <= 1e-12);
        assert_true(expected > 0.2 && expected < 1);
        az_model_free(model);
    }
    free_box(b);
}

/* Ten trees, and then thirty more, are forty. */
static void a_forest_goes_on(void **state)
{
    (void)state;
    static const char *const models[] = {"bagging", "forest", "extra_trees"}, *const targets[] = {"y", "y,y2", "class"};
    box *b = new_box(0), *other = new_box(1000);
    for (int m = 0; m < 3; m++)
        for (int t = 0; t < 3; t++) {
            az_model *ten = fit(b, models[m], targets[t], "a,b,colour", "weight", "n_estimators=10");
            az_model *forty = fit(b, models[m], targets[t], "a,b,colour", "weight", "n_estimators=40"), *more = NULL;
            assert_int_equal(az_fit_extend(&more, ten, b->table, "n_estimators=40", NULL), AZ_OK);
            double *p = predict(forty, other), *q = predict(more, other);
            assert_memory_equal(p, q, sizeof *p * (size_t)(N * az_model_n_outputs(forty)));
            assert_int_equal(more->n_train, N);
            assert_true(fact(more, "n_trees") == 40);
            free(p);
            free(q);
            az_model_free(more);
            more = NULL;
            /* On other rows: the first trees stay, the others know the new rows. */
            assert_int_equal(az_fit_extend(&more, ten, other->table, "n_estimators=40", NULL), AZ_OK);
            assert_int_equal(more->n_train, 2 * N);
            az_model_free(more);
            more = NULL;
            assert_int_equal(az_fit_extend(&more, ten, b->table, "n_estimators=10", NULL), AZ_ERROR_USAGE);
            assert_int_equal(az_fit_extend(&more, ten, b->table, "max_depth=10", NULL), AZ_ERROR_USAGE);
            assert_int_equal(az_fit_extend(&more, ten, b->table, NULL, NULL), AZ_ERROR_USAGE);
            assert_null(more);
            az_model_free(ten);
            az_model_free(forty);
        }
    az_model *tree = fit(b, "tree", "y", "a", NULL, ""), *more = NULL;
    assert_int_equal(az_fit_extend(&more, tree, b->table, "n_estimators=2", NULL), AZ_ERROR_USAGE);
    az_model_free(tree);
    free_box(b);
    free_box(other);
}

static void merged_forests_are_the_mean(void **state)
{
    (void)state;
    static const char *const targets[] = {"y", "class", "y,y2"};
    box *b = new_box(0), *other = new_box(1000), *probe = new_box(5000);
    for (int t = 0; t < 3; t++) {
        az_model *x = fit(b, "forest", targets[t], "a,b,colour", NULL, "n_estimators=10");
        az_model *y = fit(other, "forest", targets[t], "a,b,colour", NULL, "n_estimators=30"), *both = NULL;
        assert_int_equal(az_model_merge(&both, x, y), AZ_OK);
        double *p = predict(x, probe), *q = predict(y, probe), *r = predict(both, probe);
        for (int64_t i = 0; i < N * az_model_n_outputs(x); i++)
            assert_true(fabs(r[i] - (0.25 * p[i] + 0.75 * q[i])) <= 1e-10 * (1 + fabs(r[i])));
        assert_true(fact(both, "n_trees") == 40);
        assert_int_equal(both->n_train, 2 * N);
        free(p);
        free(q);
        free(r);
        az_model_free(both);
        both = NULL;
        static const struct {
            const char *model, *target, *features, *words;
        } others[] = {{"bagging", NULL, "a,b,colour", "the other bagging"},
                      {"forest", NULL, "a,colour", "\"b\""},
                      {"forest", NULL, "b,a,colour", "another order"},
                      {"forest", "side", "a,b,colour", "different targets"}};
        for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
            az_model *z = fit(other, others[k].model, others[k].target ? others[k].target : targets[t],
                              others[k].features, NULL, "n_estimators=3");
            assert_int_equal(az_model_merge(&both, x, z), AZ_ERROR_USAGE);
            if (!strstr(az_error_message(), others[k].words)) print_error("%s\n", az_error_message());
            assert_non_null(strstr(az_error_message(), others[k].words));
            az_model_free(z);
        }
        assert_int_equal(az_model_merge(&both, x, x), AZ_ERROR_USAGE);
        assert_non_null(strstr(az_error_message(), "--seed"));
        assert_null(both);
        az_model_free(x);
        az_model_free(y);
    }
    free_box(b);
    free_box(other);
    free_box(probe);
}

static void constraints_hold_on_a_grid(void **state)
{
    (void)state;
    static const struct {
        const char *model, *target, *parameters;
    } cases[] = {{"tree", "y", "monotonic_cst=a=1,b=-1"},
                 {"forest", "y", "monotonic_cst=a=1,b=-1 n_estimators=20"},
                 {"extra_trees", "side", "monotonic_cst=a=1,b=-1 n_estimators=20"},
                 {"tree", "side", "monotonic_cst=a=1,b=-1 criterion=entropy"},
                 {"tree", "y", "monotonic_cst=a=1,b=-1 criterion=absolute_error"},
                 {"bagging", "y", "monotonic_cst=a=1,b=-1 max_leaf_nodes=20 n_estimators=20"}};
    box *b = new_box(0);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        az_model *model = fit(b, cases[c].model, cases[c].target, "a,b,c", NULL, cases[c].parameters);
        const int64_t m = az_model_n_outputs(model);
        for (int column = 0; column < 2; column++)
            for (int64_t i = 0; i < N; i += 5) {
                double x[3] = {b->numbers[0][i], b->numbers[1][i], b->numbers[2][i]}, last = NAN, p[2];
                for (double at = -100; at <= 100; at += 0.5) {
                    x[column] = at;
                    assert_int_equal(az_predict(model, NULL, x, 1, 3, 1, p, m, NULL, NULL), AZ_OK);
                    double value = p[m - 1];
                    if (at > -100 && !(column == 0 ? value >= last - 1e-12 : value <= last + 1e-12))
                        fail_msg("case %d, column %d at %g: %g after %g", (int)c, column, at, value, last);
                    last = value;
                }
            }
        az_model_free(model);
    }
    free_box(b);
}

/* Nodes of many rows are cut between few bins, and trees are full all the same; what goes on to be cut at the same
 * places is the same tree. */
static void few_bins_lose_nothing(void **state)
{
    (void)state;
    static const char *const parameters[] = {"max_bins=2", "max_bins=255 splitter=random", "max_bins=256",
                                             "max_bins=255 criterion=absolute_error", "max_bins=3 min_samples_leaf=1"};
    box *b = new_box(0);
    for (int64_t i = 0; i < N; i++) b->numbers[0][i] = (double)i + 0.25 * (double)(i * i % 3);
    make_table(b);
    for (size_t c = 0; c < sizeof parameters / sizeof *parameters; c++) {
        az_model *model = fit(b, "tree", "y", "a", NULL, parameters[c]);
        double *p = predict(model, b);
        for (int64_t i = 0; i < N; i++)
            if (p[i] != b->numbers[3][i]) fail_msg("%s: row %lld", parameters[c], (long long)i);
        free(p);
        az_model_free(model);
    }
    free_box(b);
}

/* The units of the targets do not matter: seconds and milliseconds give the same splits. */
static void targets_weigh_alike(void **state)
{
    (void)state;
    box *b = new_box(0), *scaled = new_box(0);
    for (int64_t i = 0; i < N; i++) scaled->numbers[4][i] *= 1024;
    make_table(scaled);
    az_model *x = fit(b, "tree", "y,y2", "a,b,colour", NULL, "max_depth=4");
    az_model *y = fit(scaled, "tree", "y,y2", "a,b,colour", NULL, "max_depth=4");
    double *p = predict(x, b), *q = predict(y, b);
    for (int64_t i = 0; i < N; i++) {
        assert_true(fabs(p[2 * i] - q[2 * i]) <= 1e-9 * (1 + fabs(p[2 * i])));
        assert_true(fabs(1024 * p[2 * i + 1] - q[2 * i + 1]) <= 1e-9 * (1 + fabs(q[2 * i + 1])));
    }
    free(p);
    free(q);
    az_model_free(x);
    az_model_free(y);
    free_box(b);
    free_box(scaled);
}

static void log_loss_is_entropy(void **state)
{
    (void)state;
    box *b = new_box(0);
    az_model *x = fit(b, "tree", "class", "a,b,c,colour", NULL, "criterion=log_loss max_depth=4");
    az_model *y = fit(b, "tree", "class", "a,b,c,colour", NULL, "criterion=entropy max_depth=4");
    az_model *z = fit(b, "tree", "class", "a,b,c,colour", NULL, "criterion=gini max_depth=4");
    double *p = predict(x, b), *q = predict(y, b), *r = predict(z, b);
    assert_memory_equal(p, q, 3 * N * sizeof *p);
    assert_memory_not_equal(p, r, 3 * N * sizeof *p);
    free(p);
    free(q);
    free(r);
    az_model_free(x);
    az_model_free(y);
    az_model_free(z);
    free_box(b);
}

static void expect_refusal(const box *b, const char *name, const char *target, const char *parameters,
                           const char *words)
{
    az_roles roles = roles_of(target, "a,b,colour", NULL);
    az_model *model = NULL;
    az_status status = az_fit_roles(&model, name, b->table, &roles, parameters, NULL);
    if (status != AZ_ERROR_USAGE && status != AZ_ERROR_DATA) print_error("%s %s\n", name, parameters);
    assert_true(status == AZ_ERROR_USAGE || status == AZ_ERROR_DATA);
    if (!strstr(az_error_message(), words)) print_error("%s: %s\n", parameters, az_error_message());
    assert_non_null(strstr(az_error_message(), words));
    assert_null(model);
}

static void bad_parameters_are_refused(void **state)
{
    (void)state;
    box *b = new_box(0);
    expect_refusal(b, "forest", "y", "criterion=gini", "for classes");
    expect_refusal(b, "forest", "class", "criterion=squared_error", "gini or entropy");
    expect_refusal(b, "forest", "y", "criterion=poisson", "negative");
    expect_refusal(b, "forest", "y,y2", "criterion=absolute_error", "several targets");
    expect_refusal(b, "forest", "y", "max_features=lots", "sqrt");
    expect_refusal(b, "forest", "y", "min_samples_leaf=2.5", "whole number");
    expect_refusal(b, "forest", "y", "max_samples=1e9", "training rows");
    expect_refusal(b, "forest", "y", "n_estimators=0", "n_estimators");
    expect_refusal(b, "forest", "y", "max_bins=1", "max_bins");
    expect_refusal(b, "forest", "y", "oob_score=true bootstrap=false", "bootstrap");
    expect_refusal(b, "forest", "y", "class_weight=balanced", "no classes");
    expect_refusal(b, "forest", "class", "class_weight=x:2", "no class 'x'");
    expect_refusal(b, "forest", "y", "monotonic_cst=colour=1", "categor");
    expect_refusal(b, "forest", "y", "monotonic_cst=d=1", "no feature 'd'");
    expect_refusal(b, "forest", "class", "monotonic_cst=a=1", "two classes");
    free_box(b);
}

/* Parameters far beyond the data are the nearest that make sense. */
static void absurd_parameters_give_a_tree(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "min_samples_leaf=1e12", "min_samples_split=1e12", "max_leaf_nodes=2000000000",
        "max_depth=10000",       "max_features=1000000",   "min_impurity_decrease=1e300",
        "ccp_alpha=1e300",       "max_bins=65534",         "min_weight_fraction_leaf=0.5",
        "max_leaf_nodes=1",      "min_samples_leaf=0",     "min_samples_split=0"};
    box *b = new_box(0);
    for (int64_t i = 0; i < N; i++) b->numbers[2][i] = NAN; /* and a column without a value, but one */
    b->numbers[2][7] = 1;
    make_table(b);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        az_model *model = fit(b, "tree", "y", "a,b,c,colour", NULL, cases[c]);
        double *p = predict(model, b);
        for (int64_t i = 0; i < N; i++) assert_true(isfinite(p[i]));
        free(p);
        az_model_free(model);
    }
    free_box(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_at_a_split),           cmocka_unit_test(a_weight_is_a_row_repeated),
        cmocka_unit_test(categories_are_divided_best),   cmocka_unit_test(missing_values_learn_their_side),
        cmocka_unit_test(out_of_bag_is_what_it_says),    cmocka_unit_test(a_forest_goes_on),
        cmocka_unit_test(merged_forests_are_the_mean),   cmocka_unit_test(constraints_hold_on_a_grid),
        cmocka_unit_test(few_bins_lose_nothing),         cmocka_unit_test(targets_weigh_alike),
        cmocka_unit_test(log_loss_is_entropy),           cmocka_unit_test(bad_parameters_are_refused),
        cmocka_unit_test(absurd_parameters_give_a_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
