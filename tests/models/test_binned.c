/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees fitted on a source that is read twice and kept as codes of one byte: the bits of the fit in memory as long as
 * the sample from which the bins are made holds all rows. */
#include "models/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "data/source.h"

enum { N_ROWS = 3000, N_NUMBERS = 4, N_MANY = 70000, MOST = N_MANY };

static double x[N_NUMBERS][MOST], hour[MOST], y[2][MOST], weight[MOST];
static const char *colour[MOST], *kind[MOST];
static int64_t n_rows;

/* x0 has missing cells, x1 nine values, so has x3; weights of some rows are negative, of others 0. */
static void fill(int64_t n)
{
    static const char *const colours[] = {"red", "green", "blue", NULL}, *const kinds[] = {"oak", "ash", "elm"};
    const az_stream stream = az_stream_new(3, "binned");
    n_rows = n;
    for (int64_t i = 0; i < n; i++) {
        const uint64_t row = (uint64_t)i;
        for (uint64_t j = 0; j < N_NUMBERS; j++) x[j][i] = az_random_normal(stream, row, j);
        x[1][i] = (double)az_random_below(stream, row, 10, 9);
        x[3][i] = (double)az_random_below(stream, row, 11, 9) / 3;
        const uint64_t level = az_random_below(stream, row, 12, 20);
        hour[i] = 48 * az_random_uniform(stream, row, 13) - 12;
        y[0][i] = sin(x[0][i]) + x[1][i] / 4 + x[2][i] * x[3][i] + (double)level / 9 + cos(hour[i] / 24 * 6.28) +
                  0.3 * az_random_normal(stream, row, 14);
        y[1][i] = x[2][i] - y[0][i];
        colour[i] = colours[level < 4 ? level : level % 3];
        kind[i] = kinds[y[0][i] < 1 ? 0 : y[0][i] < 2 ? 1 : 2];
        weight[i] = i % 17 == 3 ? 0 : i % 29 == 7 ? -0.1 : 0.5 + az_random_uniform(stream, row, 15);
        if (i % 23 == 5) x[0][i] = (double)NAN;
    }
    y[0][n / 2] = (double)NAN;
}

static az_table *table_of(int64_t first, int64_t n)
{
    static const char *const names[N_NUMBERS] = {"x0", "x1", "x2", "x3"};
    az_table *table;
    assert_int_equal(az_table_new(&table, n), AZ_OK);
    for (int j = 0; j < N_NUMBERS; j++)
        assert_int_equal(az_table_add_numeric(table, names[j], NULL, x[j] + first, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "hour", NULL, hour + first, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "colour", colour + first), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "w", NULL, weight + first, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y[0] + first, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "z", NULL, y[1] + first, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "kind", kind + first), AZ_OK);
    table->first_row = first;
    return table;
}

/* The rows as a source of blocks of 37, or more where they are many; a source that grows has twice as many when it is
 * read again. */
typedef struct blocks {
    int64_t at, n_rows;
    bool grows;
} blocks;

static az_status blocks_next(void *state, az_table **block, const az_control *control)
{
    blocks *self = state;
    const int64_t most = n_rows > N_ROWS ? 1009 : 37, left = self->n_rows - self->at;
    const int64_t n = left < most ? left : most;
    (void)control;
    if (n > 0) *block = table_of(self->at, n);
    self->at += n;
    return AZ_OK;
}

static az_status blocks_rewind(void *state)
{
    blocks *self = state;
    self->at = 0;
    if (self->grows) self->n_rows = n_rows;
    return AZ_OK;
}

static const az_source_class blocks_class = {.next = blocks_next, .rewind = blocks_rewind, .free = az_free};

static az_source *source_of_blocks(bool grows)
{
    blocks *state;
    az_source *source;
    assert_int_equal(AZ_NEW_ZERO(state), AZ_OK);
    *state = (blocks){.n_rows = grows ? n_rows / 2 : n_rows, .grows = grows};
    assert_int_equal(az_source_new(&source, &blocks_class, state, -1), AZ_OK);
    return source;
}

static az_model *fit_source(const char *name, const az_roles *roles, const char *parameters, int n_threads)
{
    az_source *source = source_of_blocks(false);
    const az_control control = {.n_threads = n_threads};
    az_model *model = NULL;
    if (az_fit_source(&model, name, source, roles, parameters, &control))
        fail_msg("%s %s: %s", name, parameters, az_error_message());
    az_source_free(source);
    return model;
}

static void check_same(const char *name, const char *parameters, const az_roles *roles)
{
    az_table *table = table_of(0, n_rows);
    az_model *memory, *stream = fit_source(name, roles, parameters, 2);
    if (az_fit_roles(&memory, name, table, roles, parameters, NULL)) fail_msg("%s: %s", name, az_error_message());
    const int64_t n = n_rows * az_model_n_outputs(memory);
    double *expected = calloc((size_t)n, sizeof *expected), *got = calloc((size_t)n, sizeof *got);
    unsigned char *in_range = calloc((size_t)n_rows, 1), *inside = calloc((size_t)n_rows, 1);
    assert_int_equal(az_model_n_outputs(stream), az_model_n_outputs(memory));
    assert_int_equal(stream->n_train, memory->n_train);
    assert_int_equal(az_predict_table(memory, table, expected, inside, NULL), AZ_OK);
    assert_int_equal(az_predict_table(stream, table, got, in_range, NULL), AZ_OK);
    for (int64_t i = 0; i < n; i++)
        if (memcmp(&got[i], &expected[i], sizeof *got) != 0)
            fail_msg("%s %s: output %lld is %.17g, not %.17g", name, parameters, (long long)i, got[i], expected[i]);
    assert_memory_equal(in_range, inside, (size_t)n_rows);
    az_fact facts[AZ_MAX_FACTS], others[AZ_MAX_FACTS];
    const int n_facts = az_model_facts(memory, facts);
    assert_int_equal(az_model_facts(stream, others), n_facts);
    for (int i = 0; i < n_facts; i++)
        assert_true(facts[i].value == others[i].value || (isnan(facts[i].value) && isnan(others[i].value)));
    free(expected);
    free(got);
    free(in_range);
    free(inside);
    az_model_free(memory);
    az_model_free(stream);
    az_table_free(table);
}

/* Values enough for bins with many values in them. */
static void test_boosting(void **state)
{
    (void)state;
    fill(N_ROWS);
    const az_roles quantity = {.target = "y", .features = "x0,x1,x2,x3,hour,colour", .periodic = "hour=24"};
    const az_roles weighted = {.target = "y", .features = "x0,x1,x2,x3,colour", .weight = "w"};
    const az_roles two = {.target = "y,z", .features = "x0,x1,x2,x3"};
    const az_roles classes = {.target = "kind", .features = "x0,x1,x2,x3,colour"};
    check_same("boosting", "n_estimators=20", &quantity);
    check_same("boosting", "n_estimators=20 max_bins=7", &weighted);
    check_same("boosting", "n_estimators=10 max_bins=2000 loss=huber", &quantity);
    check_same("boosting", "n_estimators=10 subsample=0.5 max_features=2", &two);
    check_same("boosting", "n_estimators=10 early_stopping=yes max_leaf_nodes=0 max_depth=4", &classes);
    check_same("boosting", "n_estimators=10 degree=2", &two);
    check_same("boosting", "n_estimators=10 transform_target=none monotonic_cst=x1=1", &quantity);
}

/* In memory small nodes of averaged trees put thresholds between their own values, here between bins: that is the same
 * where no bin holds several values. */
static void test_averaged(void **state)
{
    (void)state;
    fill(N_ROWS);
    for (int64_t i = 0; i < n_rows; i++) weight[i] = fabs(weight[i]);
    const az_roles quantity = {.target = "y", .features = "x0,x1,x2,x3,hour,colour", .periodic = "hour=24"};
    const az_roles few = {.target = "y", .features = "x1,x3,colour", .weight = "w"};
    const az_roles classes = {.target = "kind", .features = "x1,x3,colour"};
    const az_roles two = {.target = "y,z", .features = "x1,x3,colour"};
    check_same("tree", "max_bins=4000", &quantity);
    check_same("tree", "ccp_alpha=0.001", &few);
    check_same("tree", "criterion=absolute_error max_depth=5", &few);
    check_same("forest", "n_estimators=7", &classes);
    check_same("bagging", "n_estimators=7", &two);
    check_same("extra_trees", "n_estimators=7", &quantity);
}

/* The sample holds 65,536 rows: bins are others than in memory, as good ones, and threads change nothing. */
static void test_more_rows_than_the_sample(void **state)
{
    (void)state;
    fill(N_MANY);
    const az_roles roles = {.target = "y", .features = "x0,x1,x2,x3,hour,colour", .periodic = "hour=24"};
    az_table *table = table_of(0, n_rows);
    double *p = calloc((size_t)n_rows, sizeof *p), *q = calloc((size_t)n_rows, sizeof *q);
    az_model *one = fit_source("boosting", &roles, "n_estimators=30", 1);
    az_model *four = fit_source("boosting", &roles, "n_estimators=30", 4), *memory;
    assert_int_equal(az_fit_roles(&memory, "boosting", table, &roles, "n_estimators=30", NULL), AZ_OK);
    assert_int_equal(az_predict_table(one, table, p, NULL, NULL), AZ_OK);
    assert_int_equal(az_predict_table(four, table, q, NULL, NULL), AZ_OK);
    assert_memory_equal(p, q, sizeof *p * (size_t)n_rows);
    assert_int_equal(az_predict_table(memory, table, q, NULL, NULL), AZ_OK);
    double errors = 0, others = 0;
    bool differ = false;
    for (int64_t i = 0; i < n_rows; i++) {
        if (isnan(y[0][i])) continue;
        errors += (p[i] - y[0][i]) * (p[i] - y[0][i]);
        others += (q[i] - y[0][i]) * (q[i] - y[0][i]);
        differ = differ || p[i] != q[i];
    }
    assert_true(differ);
    assert_true(fabs(errors / others - 1) < 0.01);
    az_model_free(one);
    az_model_free(four);
    az_model_free(memory);
    az_table_free(table);
    free(p);
    free(q);
}

static void check_refused(const char *name, const char *parameters, const az_roles *roles, bool grows, const char *text)
{
    az_source *source = source_of_blocks(grows);
    az_model *model = NULL;
    assert_int_not_equal(az_fit_source(&model, name, source, roles, parameters, NULL), AZ_OK);
    assert_null(model);
    if (!strstr(az_error_message(), text)) fail_msg("\"%s\" says nothing of \"%s\"", az_error_message(), text);
    az_source_free(source);
}

static void test_refusals(void **state)
{
    (void)state;
    fill(N_ROWS);
    const az_roles roles = {.target = "y", .features = "x0,x1"}, weighted = {.target = "y", .weight = "w"};
    check_refused("forest", "oob_score=yes", &roles, false, "oob_score");
    check_refused("boosting", "scale=standard", &roles, false, "scale");
    check_refused("adaboost", NULL, &roles, false, "adaboost needs all rows at once");
    check_refused("forest", NULL, &weighted, false, "negative weights");
    check_refused("boosting", NULL, &roles, true, "more than the 1500 rows");
    x[1][77] = (double)INFINITY;
    check_refused("boosting", NULL, &roles, false, "not finite in data row 78");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_boosting), cmocka_unit_test(test_averaged),
                                       cmocka_unit_test(test_more_rows_than_the_sample),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
