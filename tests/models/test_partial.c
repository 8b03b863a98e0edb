/* SPDX-License-Identifier: BSD-3-Clause */
/* Fitting in parts, for every class that declares it: ten chunks, each after a model file has been written and read,
 * make the model that all rows at once make; so does a source that hands out blocks. */
#define _GNU_SOURCE /* mkdtemp */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "data/source.h"
#include "models/model.h"

enum { N_ROWS = 1000, N_CHUNKS = 10, N_NUMBERS = 7 };

static char folder[] = "/tmp/az_partial_XXXXXX";

/* Columns a, b, hour, y, y2, w, count; texts colour and label. */
static double numbers[N_NUMBERS][N_ROWS];
static const char *colours[N_ROWS], *labels[N_ROWS];
static const char *const names[N_NUMBERS] = {"a", "b", "hour", "y", "y2", "w", "count"};

static void make_data(void)
{
    static const char *const colour[] = {"red", "green", "blue"}, *const label[] = {"ash", "beech", "oak"};
    az_stream stream = az_stream_new(7, "partial");
    for (uint64_t i = 0; i < N_ROWS; i++) {
        double a = az_random_normal(stream, i, 0), b = 10 + 3 * az_random_normal(stream, i, 1) + 0.01 * (double)i;
        double noise = az_random_normal(stream, i, 2);
        uint64_t c = i % 3 == 0 ? 0 : az_random_below(stream, i, 3, 3), hour = i % 24;
        numbers[0][i] = a;
        numbers[1][i] = b;
        numbers[2][i] = (double)hour;
        numbers[3][i] = 3 * a - 0.5 * b + (double)c + cos(0.26 * (double)hour) + noise;
        numbers[4][i] = a * a + 0.1 * noise;
        numbers[5][i] = 0.5 + az_random_uniform(stream, i, 4);
        numbers[6][i] = i < 13 ? (double)i : (double)az_random_below(stream, i, 5, 9) + (c == 1 ? 4 : 0);
        colours[i] = colour[i < 3 ? i : c];
        labels[i] = label[i < 3 ? i : a + noise > 0.5 ? 0 : c == 2 ? 1 : 2];
    }
}

static az_table *table_of(int64_t first, int64_t n)
{
    az_table *table;
    assert_int_equal(az_table_new(&table, n), AZ_OK);
    for (int k = 0; k < N_NUMBERS; k++)
        assert_int_equal(az_table_add_numeric(table, names[k], NULL, numbers[k] + first, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "colour", colours + first), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", labels + first), AZ_OK);
    table->first_row = first;
    return table;
}

/* The rows as a source of blocks of 37. */
typedef struct blocks {
    int64_t at;
} blocks;

static az_status blocks_next(void *state, az_table **block, const az_control *control)
{
    (void)control;
    blocks *self = state;
    int64_t n = N_ROWS - self->at < 37 ? N_ROWS - self->at : 37;
    if (n > 0) *block = table_of(self->at, n);
    self->at += n;
    return AZ_OK;
}

static az_status blocks_rewind(void *state)
{
    ((blocks *)state)->at = 0;
    return AZ_OK;
}

static const az_source_class blocks_class = {.next = blocks_next, .rewind = blocks_rewind, .free = az_free};

static az_source *source_of_blocks(void)
{
    blocks *state;
    az_source *source;
    assert_int_equal(AZ_NEW_ZERO(state), AZ_OK);
    assert_int_equal(az_source_new(&source, &blocks_class, state, -1), AZ_OK);
    return source;
}

static void check_close(const char *what, const char *name, double got, double expected, double scale)
{
    if (isnan(got) && isnan(expected)) return;
    if (!(fabs(got - expected) <= 1e-10 * fmax(fabs(expected), scale)))
        fail_msg("%s: %s is %.17g, not %.17g", what, name, got, expected);
}

/* Predictions, coefficients with errors, facts, number of rows, ranges: all the same to 1e-10. */
static void check_same(const char *what, const az_model *model, const az_model *batch)
{
    az_table *table = table_of(0, N_ROWS);
    int64_t n_outputs = az_model_n_outputs(batch), n = N_ROWS * n_outputs, n_got, n_expected;
    double *p = calloc((size_t)n, sizeof *p), *q = calloc((size_t)n, sizeof *q), scale = 0;
    unsigned char in_range[N_ROWS];
    assert_int_equal(az_predict_table(model, table, p, in_range, NULL), AZ_OK);
    assert_int_equal(az_predict_table(batch, table, q, NULL, NULL), AZ_OK);
    for (int64_t i = 0; i < n; i++) scale = fmax(scale, fabs(q[i]));
    for (int64_t i = 0; i < n; i++) check_close(what, "a prediction", p[i], q[i], scale);
    for (int64_t i = 0; i < N_ROWS; i++) assert_true(in_range[i]);
    az_coefficient *got, *expected;
    assert_int_equal(az_model_coefficients(model, &got, &n_got), AZ_OK);
    assert_int_equal(az_model_coefficients(batch, &expected, &n_expected), AZ_OK);
    assert_int_equal(n_got, n_expected);
    for (int64_t i = 0; i < n_got; i++) {
        assert_string_equal(got[i].name, expected[i].name);
        check_close(what, got[i].name, got[i].estimate, expected[i].estimate, 0);
        check_close(what, "its standard error", got[i].std_error, expected[i].std_error, 0);
    }
    az_fact facts[AZ_MAX_FACTS], others[AZ_MAX_FACTS];
    int n_facts = az_model_facts(batch, facts);
    assert_int_equal(az_model_facts(model, others), n_facts);
    for (int i = 0; i < n_facts; i++) check_close(what, facts[i].name, others[i].value, facts[i].value, 1e-3);
    assert_int_equal(model->n_train, batch->n_train);
    az_free(got);
    az_free(expected);
    free(p);
    free(q);
    az_table_free(table);
}

typedef struct subject {
    const char *model, *parameters;
    az_roles roles;
} subject;

static void check_subject(const subject *s)
{
    char path[128], what[200];
    az_table *all = table_of(0, N_ROWS);
    az_model *batch, *model, *next;
    snprintf(path, sizeof path, "%s/m.az", folder);
    snprintf(what, sizeof what, "%s %s, %s from %s", s->model, s->parameters ? s->parameters : "", s->roles.target,
             s->roles.features);
    if (az_fit_roles(&batch, s->model, all, &s->roles, s->parameters, NULL))
        fail_msg("%s: %s", what, az_error_message());

    az_table *chunk = table_of(0, N_ROWS / N_CHUNKS);
    assert_int_equal(az_fit_roles(&model, s->model, chunk, &s->roles, s->parameters, NULL), AZ_OK);
    az_table_free(chunk);
    for (int k = 1; k < N_CHUNKS; k++) {
        az_source *source;
        if (k == 5) {
            assert_int_equal(az_model_write(model, path), AZ_OK);
            az_model_free(model);
            assert_int_equal(az_model_read(&model, path), AZ_OK);
        }
        chunk = table_of(k * (N_ROWS / N_CHUNKS), N_ROWS / N_CHUNKS);
        assert_int_equal(az_source_of_table(&source, chunk), AZ_OK);
        if (az_fit_continue(&next, model, source, NULL)) fail_msg("%s: %s", what, az_error_message());
        az_source_free(source);
        az_table_free(chunk);
        az_model_free(model);
        model = next;
    }
    check_same(what, model, batch);
    az_model_free(model);

    az_source *source = source_of_blocks();
    if (az_fit_source(&model, s->model, source, &s->roles, s->parameters, NULL))
        fail_msg("%s: %s", what, az_error_message());
    check_same(what, model, batch);
    az_source_free(source);
    az_model_free(model);
    az_model_free(batch);
    az_table_free(all);
}

/* Every class of the registry that declares the trait, with what it can take. */
static void test_ten_chunks_are_one_fit(void **state)
{
    (void)state;
    static const char *const features[] = {"a,b", "a,colour,b,hour"};
    static const char *const scales[] = {"scale=auto", "scale=none", "scale=standard degree=2", "scale=minmax"};
    int n_subjects = 0;
    for (int k = 0; az_model_classes[k]; k++) {
        const az_model_class *class = az_model_classes[k];
        if (!(class->traits & AZ_TRAIT_PARTIAL_FIT)) {
            assert_null(class->partial);
            continue;
        }
        assert_non_null(class->partial);
        for (unsigned task = AZ_REGRESSION; task <= AZ_CLASSIFICATION; task++) {
            if (!(class->tasks & task)) continue;
            for (int f = 0; f < 2; f++)
                for (int p = 0; p < 4; p++)
                    for (int w = 0; w < 3; w++) {
                        if (w == 2 && (task == AZ_CLASSIFICATION || !(class->traits & AZ_TRAIT_SIGMA))) continue;
                        subject s = {.model = class->name,
                                     .parameters = scales[p],
                                     .roles = {.features = features[f],
                                               .target = task == AZ_REGRESSION ? "y" : "label",
                                               .periodic = f ? "hour=24" : NULL,
                                               .weight = w == 1 ? "w" : NULL,
                                               .sigma = w == 2 ? "w" : NULL}};
                        check_subject(&s);
                        n_subjects++;
                    }
        }
    }
    assert_true(n_subjects >= 4 * 2 * 4 * 2);
}

static void test_particular_options(void **state)
{
    (void)state;
    const subject subjects[] = {
        {"linear", "fit_intercept=false", {.target = "y", .features = "a,b"}},
        {"linear", "fit_intercept=false scale=standard", {.target = "y", .features = "a,b"}},
        {"linear", NULL, {.target = "y,y2", .features = "a,b,colour"}},
        {"ridge", "fit_intercept=false", {.target = "y", .features = "a,b"}},
        {"ridge", "choose=gcv", {.target = "y", .features = "a,b,hour"}},
        {"ridge", "alpha=100", {.target = "y,y2", .features = "a,b,hour", .weight = "w"}},
        {"linear", "transform_target=log", {.target = "w", .features = "a,b"}},
        {"naive_bayes", "distribution=multinomial", {.target = "label", .features = "hour,count"}},
        {"naive_bayes", NULL, {.target = "count", .features = "a,b", .task = "classification"}},
        {"linear", NULL, {.target = "y", .features = "a,hour", .categorical = "hour"}},
    };
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) check_subject(&subjects[i]);
}

/* What cannot go on says why. */
static void check_refused(const char *model_name, const char *parameters, const az_roles *roles, az_table *more,
                          az_status expected, const char *part)
{
    az_table *chunk = table_of(0, 100);
    az_model *model, *next = NULL;
    az_source *source;
    assert_int_equal(az_fit_roles(&model, model_name, chunk, roles, parameters, NULL), AZ_OK);
    if (!more) more = table_of(100, 100);
    assert_int_equal(az_source_of_table(&source, more), AZ_OK);
    assert_int_equal(az_fit_continue(&next, model, source, NULL), expected);
    assert_null(next);
    if (!strstr(az_error_message(), part)) fail_msg("\"%s\" does not say \"%s\"", az_error_message(), part);
    az_source_free(source);
    az_model_free(model);
    az_table_free(more);
    az_table_free(chunk);
}

static az_table *small_table(const char *colour, const char *label, bool with_weight)
{
    static const double values[] = {1, 2, 3};
    const char *const colour_cells[] = {colour, "red", "red"}, *const label_cells[] = {label, "oak", "oak"};
    az_table *table;
    assert_int_equal(az_table_new(&table, 3), AZ_OK);
    for (int k = 0; k < N_NUMBERS; k++)
        if (with_weight || strcmp(names[k], "w") != 0)
            assert_int_equal(az_table_add_numeric(table, names[k], NULL, values, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "colour", colour_cells), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", label_cells), AZ_OK);
    return table;
}

static void test_refusals(void **state)
{
    (void)state;
    const az_roles plain = {.target = "y", .features = "a,b"}, colour = {.target = "y", .features = "a,colour"};
    const az_roles weighted = {.target = "y", .features = "a,b", .weight = "w"};
    const az_roles classes = {.target = "label", .features = "a,b"};
    check_refused("knn", NULL, &plain, NULL, AZ_ERROR_USAGE, "knn needs all rows at once");
    check_refused("dummy", "strategy=median", &plain, NULL, AZ_ERROR_USAGE, "strategy = median");
    check_refused("ridge", "choose=kfold", &plain, NULL, AZ_ERROR_USAGE, "choose = kfold");
    check_refused("ridge", "scale=robust", &plain, NULL, AZ_ERROR_USAGE, "scale = robust");
    check_refused("linear", NULL, &colour, small_table("violet", "oak", true), AZ_ERROR_DATA, "\"violet\"");
    check_refused("linear", NULL, &colour, small_table(NULL, "oak", true), AZ_ERROR_DATA, "missing cells");
    check_refused("naive_bayes", NULL, &classes, small_table("red", "yew", true), AZ_ERROR_DATA, "\"yew\"");
    check_refused("linear", NULL, &weighted, small_table("red", "oak", false), AZ_ERROR_DATA, "no column \"w\"");
}

/* A file of the time when models kept no sums. */
static void test_old_file(void **state)
{
    (void)state;
    char path[1024];
    az_model *model, *next = NULL;
    snprintf(path, sizeof path, "%s/tests/golden/linear-1.az", AZ_SOURCE_DIR);
    assert_int_equal(az_model_read(&model, path), AZ_OK);
    az_table *table = table_of(0, 100);
    az_source *source;
    assert_int_equal(az_source_of_table(&source, table), AZ_OK);
    assert_int_equal(az_fit_continue(&next, model, source, NULL), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "earlier version"));
    az_source_free(source);
    az_table_free(table);
    az_model_free(model);
}

static int set_up(void **state)
{
    (void)state;
    make_data();
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/m.az", folder);
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ten_chunks_are_one_fit),
        cmocka_unit_test(test_particular_options),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_old_file),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
