/* SPDX-License-Identifier: BSD-3-Clause */
/* The model: closed forms, scikit-learn's predictions, independence of the batch, saved and loaded, bad files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/text.h"
#include "models/frozen_knn.h"
#include "models/model.h"

extern const az_model_class az_knn;

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) fail_msg("%.17g is not %.17g", value, expected);
}

/* "a=1 b=2" into the model's options, or the pipeline's. */
static void set(void *options, az_pipeline_options *pipeline, const char *text)
{
    char copy[256], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(word, '=');
        bool found = false;
        *equals = 0;
        if (pipeline) assert_int_equal(az_params_set(az_pipeline_params, pipeline, word, equals + 1, &found), AZ_OK);
        if (!found) assert_int_equal(az_params_set_strict(az_knn.params, options, word, equals + 1, "knn"), AZ_OK);
    }
}

static void *fit_sample(const az_sample *sample, const char *parameters)
{
    void *options = az_alloc_zero(az_knn.options_size), *fitted = NULL;
    az_fit_result result;
    az_params_default(az_knn.params, options);
    set(options, NULL, parameters);
    assert_int_equal(az_knn.fit(&fitted, sample, options, NULL, &result), AZ_OK);
    assert_true(result.converged);
    az_free(options);
    return fitted;
}

static void predict(const void *fitted, const double *features, int64_t n_rows, double *out)
{
    void *scratch = malloc(az_knn.scratch(fitted, n_rows) + 1);
    az_knn.predict(fitted, features, n_rows, out, scratch);
    free(scratch);
}

#define EACH_ALGORITHM(parameters) "algorithm=kd_tree " parameters, "algorithm=brute " parameters

/* Rows at 0, 3 and 10 of a line, the query at 1: distances 1, 2 and 9. */
static void test_closed_forms(void **state)
{
    (void)state;
    const double x[] = {0, 3, 10}, y[] = {1, 4, 100, -1, -4, -100}, weight[] = {1, 3, 1}, query = 1, at = 3;
    const int32_t label[] = {0, 1, 2};
    double out[3];
    az_sample regression = {.n_rows = 3, .n_features = 1, .x = x, .n_targets = 2, .y = y, .task = AZ_REGRESSION};
    az_sample weighted = regression,
              classes = {
                  .n_rows = 3, .n_features = 1, .x = x, .n_classes = 3, .label = label, .task = AZ_CLASSIFICATION};
    weighted.weight = weight;
    const struct {
        const az_sample *sample;
        const char *parameters[2];
        const double *query;
        double expected[3];
    } cases[] = {
        {&regression, {EACH_ALGORITHM("n_neighbors=2")}, &query, {2.5, -2.5}},
        {&regression, {EACH_ALGORITHM("n_neighbors=1")}, &query, {1, -1}},
        {&regression, {EACH_ALGORITHM("k=3")}, &query, {35, -35}},
        {&regression, {EACH_ALGORITHM("n_neighbors=2 weights=distance")}, &query, {2, -2}}, /* (1 + 4/2) / 1.5 */
        {&regression, {EACH_ALGORITHM("n_neighbors=2 weights=distance p=1")}, &query, {2, -2}},
        {&regression, {EACH_ALGORITHM("n_neighbors=3 weights=distance")}, &at, {4, -4}}, /* the exact match alone */
        {&weighted, {EACH_ALGORITHM("n_neighbors=2")}, &query, {13.0 / 4, -13.0 / 4}},
        {&weighted, {EACH_ALGORITHM("n_neighbors=2 weights=distance")}, &query, {7 / 2.5, -7 / 2.5}},
        {&classes, {EACH_ALGORITHM("n_neighbors=2")}, &query, {0.5, 0.5, 0}},
        {&classes, {EACH_ALGORITHM("n_neighbors=2 weights=distance")}, &query, {2.0 / 3, 1.0 / 3, 0}},
        {&classes, {EACH_ALGORITHM("n_neighbors=3 weights=distance")}, &at, {0, 1, 0}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (int a = 0; a < 2; a++) {
            void *fitted = fit_sample(cases[c].sample, cases[c].parameters[a]);
            predict(fitted, cases[c].query, 1, out);
            for (int t = 0; t < (cases[c].sample == &classes ? 3 : 2); t++)
                assert_near(out[t], cases[c].expected[t], 1e-14);
            az_knn.free(fitted);
        }
    }
}

/* Rows at the same distance: the first ones count.  A tie of four rows, one or two or three of which are asked for. */
static void test_ties(void **state)
{
    (void)state;
    const double x[] = {1, -1, 1, -1, 5}, y[] = {1, 2, 4, 8, 16}, query = 0, expected[] = {1, 1.5, 7.0 / 3, 15.0 / 4};
    az_sample sample = {.n_rows = 5, .n_features = 1, .x = x, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    for (int k = 1; k <= 4; k++) {
        for (int a = 0; a < 2; a++) {
            char parameters[64];
            double out;
            snprintf(parameters, sizeof parameters, "n_neighbors=%d leaf_size=1 algorithm=%s", k,
                     a ? "kd_tree" : "brute");
            void *fitted = fit_sample(&sample, parameters);
            predict(fitted, &query, 1, &out);
            assert_near(out, expected[k - 1], 1e-15);
            az_knn.free(fitted);
        }
    }
}

/* 359 degrees and 1 degree are 2 apart, wherever the query's zero is. */
static void test_period(void **state)
{
    (void)state;
    const double x[] = {359, 10, 200, -170}, y[] = {1, 2, 3, 5}, queries[] = {1, 361, -359, 721, 195, -165};
    const double expected[] = {1, 1, 1, 1, 4, 4};
    az_feature feature = {.period = 360};
    az_sample sample = {
        .n_rows = 4, .n_features = 1, .x = x, .features = &feature, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    const char *both[] = {EACH_ALGORITHM("")};
    for (int q = 0; q < 6; q++) {
        for (int a = 0; a < 2; a++) {
            char parameters[64];
            double out;
            snprintf(parameters, sizeof parameters, "%sn_neighbors=%d", both[a], q < 4 ? 1 : 2);
            void *fitted = fit_sample(&sample, parameters);
            predict(fitted, &queries[q], 1, &out);
            assert_near(out, expected[q], 1e-15);
            az_knn.free(fitted);
        }
    }
}

enum { ROWS = 700, FEATURES = 6, CLASSES = 4, QUERIES = 500 };

typedef struct sample_data {
    double x[ROWS * FEATURES], weight[ROWS], queries[QUERIES * FEATURES];
    int32_t label[ROWS];
    az_feature features[FEATURES];
    az_sample sample;
} sample_data;

static sample_data *new_data(void)
{
    sample_data *data = calloc(1, sizeof *data);
    az_stream stream = az_stream_new(5, "knn");
    for (int i = 0; i < ROWS * FEATURES; i++) data->x[i] = az_random_normal(stream, (uint64_t)i, 0);
    for (int i = 0; i < QUERIES * FEATURES; i++) data->queries[i] = az_random_normal(stream, (uint64_t)i, 1);
    for (int i = 0; i < ROWS; i++) {
        data->weight[i] = 0.1 + az_random_uniform(stream, (uint64_t)i, 2);
        data->label[i] = i % CLASSES;
    }
    data->features[1].period = 3;
    data->sample = (az_sample){.n_rows = ROWS,
                               .n_features = FEATURES,
                               .x = data->x,
                               .features = data->features,
                               .n_classes = CLASSES,
                               .label = data->label,
                               .weight = data->weight,
                               .task = AZ_CLASSIFICATION};
    return data;
}

/* The same bits from both searches, in one call, for single rows, in other blocks, and after saving and loading. */
static void test_same_bits(void **state)
{
    (void)state;
    sample_data *data = new_data();
    static double expected[QUERIES * CLASSES], out[QUERIES * CLASSES];
    static const char *const parameters[] = {"algorithm=brute weights=distance n_neighbors=13",
                                             "algorithm=kd_tree weights=distance n_neighbors=13",
                                             "algorithm=kd_tree weights=distance n_neighbors=13 leaf_size=3"};
    static const int64_t heights[] = {1, 5, 12, 13, 191, 192, 193, 499};
    for (int a = 0; a < 3; a++) {
        void *fitted = fit_sample(&data->sample, parameters[a]), *loaded;
        predict(fitted, data->queries, QUERIES, a ? out : expected);
        if (a) assert_memory_equal(out, expected, sizeof out);
        for (size_t h = 0; h < sizeof heights / sizeof *heights; h++) {
            memset(out, 0, sizeof out);
            for (int64_t first = 0; first < QUERIES; first += heights[h])
                predict(fitted, data->queries + first * FEATURES,
                        QUERIES - first < heights[h] ? QUERIES - first : heights[h], out + first * CLASSES);
            assert_memory_equal(out, expected, sizeof out);
        }
        az_bundle *bundle;
        assert_int_equal(az_bundle_new(&bundle), AZ_OK);
        assert_int_equal(az_knn.save(fitted, bundle), AZ_OK);
        assert_int_equal(az_knn.load(&loaded, bundle, FEATURES, CLASSES), AZ_OK);
        predict(loaded, data->queries, QUERIES, out);
        assert_memory_equal(out, expected, sizeof out);
        az_knn.free(loaded);
        az_bundle_free(bundle);
        az_knn.free(fitted);
    }
    free(data);
}

/* As many neighbours as rows: the memory for neighbours is bounded by taking few rows at a time. */
static void test_all_rows_are_neighbours(void **state)
{
    (void)state;
    sample_data *data = new_data();
    static double out[QUERIES * CLASSES];
    data->sample.weight = NULL;
    void *fitted = fit_sample(&data->sample, "n_neighbors=700");
    predict(fitted, data->queries, QUERIES, out);
    for (int i = 0; i < QUERIES * CLASSES; i++) assert_near(out[i], 1.0 / CLASSES, 1e-14);
    az_knn.free(fitted);
    free(data);
}

static void test_too_many_neighbours(void **state)
{
    (void)state;
    sample_data *data = new_data();
    void *options = az_alloc_zero(az_knn.options_size), *fitted = NULL;
    az_fit_result result;
    az_params_default(az_knn.params, options);
    set(options, NULL, "n_neighbors=701");
    assert_int_equal(az_knn.fit(&fitted, &data->sample, options, NULL, &result), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "701"));
    assert_non_null(strstr(az_error_message(), "700"));
    assert_null(fitted);
    az_free(options);
    free(data);
}

/* A query that is not finite is answered by NaN and disturbs no other. */
static void test_not_finite(void **state)
{
    (void)state;
    sample_data *data = new_data();
    static double expected[QUERIES * CLASSES], out[QUERIES * CLASSES];
    for (int a = 0; a < 2; a++) {
        void *fitted = fit_sample(&data->sample, a ? "algorithm=kd_tree" : "algorithm=brute");
        predict(fitted, data->queries, QUERIES, expected);
        double kept = data->queries[3 * FEATURES + 1];
        data->queries[3 * FEATURES + 1] = a ? NAN : -INFINITY;
        predict(fitted, data->queries, QUERIES, out);
        data->queries[3 * FEATURES + 1] = kept;
        for (int c = 0; c < CLASSES; c++) {
            assert_true(isnan(out[3 * CLASSES + c]));
            out[3 * CLASSES + c] = expected[3 * CLASSES + c];
        }
        assert_memory_equal(out, expected, sizeof out);
        az_knn.free(fitted);
    }
    free(data);
}

/* One array or number of a good file replaced: load must refuse it as bad data. */
static void test_bad_files(void **state)
{
    (void)state;
    enum { N = 8, D = 2 };
    static const char *const scalars[] = {"n_neighbors", "weights", "p", "algorithm", "leaf_size"};
    static const double good[] = {3, 0, 2, 0, 30};
    const struct {
        const char *what;
        double value;
    } cases[] = {{"n_neighbors", 9},   {"n_neighbors", 0}, {"n_neighbors", 2.5},
                 {"n_neighbors", NAN}, {"weights", 2},     {"p", 3},
                 {"algorithm", -1},    {"leaf_size", 0},   {"leaf_size", INFINITY},
                 {"label", 3},         {"label", -1},      {"x", NAN},
                 {"x", INFINITY},      {"period", -1},     {"period", NAN},
                 {"weight", 0},        {"weight", -1},     {"weight", INFINITY},
                 {"shape", 0},         {"rows", 0},        {"", 0}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double x[N * D] = {0}, period[D] = {0}, weight[N];
        int32_t label[N];
        void *loaded = NULL;
        az_bundle *bundle;
        const char *what = cases[c].what;
        for (int i = 0; i < N; i++) {
            label[i] = i % 3;
            weight[i] = 1;
        }
        if (strcmp(what, "x") == 0) x[5] = cases[c].value;
        if (strcmp(what, "period") == 0) period[1] = cases[c].value;
        if (strcmp(what, "weight") == 0) weight[7] = cases[c].value;
        if (strcmp(what, "label") == 0) label[7] = (int32_t)cases[c].value;
        assert_int_equal(az_bundle_new(&bundle), AZ_OK);
        for (int s = 0; s < 5; s++)
            assert_int_equal(
                az_bundle_put_scalar(bundle, scalars[s], strcmp(what, scalars[s]) ? good[s] : cases[c].value), AZ_OK);
        int64_t shape[2] = {N, D};
        if (strcmp(what, "shape") == 0) shape[0] = D, shape[1] = N;
        assert_int_equal(az_bundle_put(bundle, "x", AZ_DTYPE_F64, 2, shape, x), AZ_OK);
        assert_int_equal(az_bundle_put_f64(bundle, "period", period, D), AZ_OK);
        assert_int_equal(az_bundle_put_f64(bundle, "weight", weight, N), AZ_OK);
        assert_int_equal(az_bundle_put_i32(bundle, "label", label, strcmp(what, "rows") ? N : N - 1), AZ_OK);
        az_status status = az_knn.load(&loaded, bundle, D, 3);
        assert_int_equal(status, *what ? AZ_ERROR_DATA : AZ_OK);
        az_knn.free(loaded);
        az_bundle_free(bundle);
    }
}

typedef struct source {
    const char *name, *files, *target_file, *skip;
} source;

static void check_frozen(const source *from, const char *folder)
{
    char files[4096], target_file[4096], target[32];
    snprintf(files, sizeof files, "%s/sklearn_toy/%s", folder, from->files);
    snprintf(target_file, sizeof target_file, "%s/sklearn_toy/%s", folder, from->target_file ? from->target_file : "");
    az_reader_options reader = {
        .header = "none", .skip = from->skip, .target_file = from->target_file ? target_file : NULL};
    az_table *table;
    az_problem *problem;
    if (az_table_read(&table, files, &reader, NULL)) fail_msg("%s", az_error_message());
    snprintf(target, sizeof target, "%lld", (long long)az_table_n_columns(table) - 1);
    az_roles roles = {.target = target, .task = from->target_file ? "regression" : "classification"};
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    int64_t *train = malloc((size_t)problem->n_rows * sizeof *train), n_train = 0;
    for (int64_t i = 0; i < problem->n_rows; i++)
        if (i % 5) train[n_train++] = i;
    int n_cases = 0;
    for (size_t c = 0; c < sizeof frozen_knns / sizeof *frozen_knns; c++) {
        const frozen_knn *frozen = &frozen_knns[c];
        if (strcmp(frozen->name, from->name) != 0) continue;
        n_cases++;
        for (int a = 0; a < 3; a++) {
            az_pipeline_options pipeline;
            az_model *model;
            void *options = az_alloc_zero(az_knn.options_size);
            az_params_default(az_pipeline_params, &pipeline);
            az_params_default(az_knn.params, options);
            set(options, &pipeline, frozen->parameters);
            set(options, &pipeline, a == 0 ? "algorithm=auto" : a == 1 ? "algorithm=kd_tree" : "algorithm=brute");
            assert_int_equal(az_model_fit(&model, &az_knn, options, &pipeline, problem, train, n_train, NULL), AZ_OK);
            assert_int_equal(az_model_n_outputs(model), frozen->n_outputs);
            double *out = malloc((size_t)(frozen->n_queries * frozen->n_outputs) * sizeof *out);
            assert_int_equal(az_model_predict_rows(model, table, frozen->rows, frozen->n_queries, out, NULL, NULL),
                             AZ_OK);
            for (int64_t i = 0; i < frozen->n_queries * frozen->n_outputs; i++)
                assert_near(out[i], frozen->expected[i], 1e-6);
            free(out);
            az_free(options);
            az_model_free(model);
        }
    }
    assert_int_equal(n_cases, 6);
    free(train);
    az_problem_free(problem);
    az_table_free(table);
}

static void test_frozen(void **state)
{
    (void)state;
    static const source sources[] = {{"iris", "iris.csv", NULL, "1"},
                                     {"wine", "wine_data.csv", NULL, "1"},
                                     {"breast_cancer", "breast_cancer.csv", NULL, "1"},
                                     {"digits", "digits.csv.gz", NULL, NULL},
                                     {"diabetes", "diabetes_data.csv.gz", "diabetes_target.csv.gz", NULL}};
    const char *folder = getenv("ANSATZ_DATA");
    if (!folder) skip();
    for (size_t s = 0; s < sizeof sources / sizeof *sources; s++) {
#ifndef AZ_HAVE_ZLIB
        if (strstr(sources[s].files, ".gz")) continue;
#endif
        check_frozen(&sources[s], folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_closed_forms),
                                       cmocka_unit_test(test_ties),
                                       cmocka_unit_test(test_period),
                                       cmocka_unit_test(test_same_bits),
                                       cmocka_unit_test(test_all_rows_are_neighbours),
                                       cmocka_unit_test(test_too_many_neighbours),
                                       cmocka_unit_test(test_not_finite),
                                       cmocka_unit_test(test_bad_files),
                                       cmocka_unit_test(test_frozen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
