/* SPDX-License-Identifier: BSD-3-Clause */
/* What the contract suite works with: rows of high entropy, tables made of chosen rows, and fits of one subject, which
 * is a model class with a task and a kind of data. */
#ifndef AZ_TESTS_CONTRACT_H
#define AZ_TESTS_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/model.h"
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_ROWS = 203, MOST_ROWS = 3 * N_ROWS, MOST_INPUTS = 4, MOST_OUTPUTS = 16, N_NUMBERS = 9 };

typedef enum data_kind { NUMERIC, MIXED, PERIODIC, N_KINDS } data_kind;
static const char *const kind_names[] = {"numeric", "with categories", "with a period"};

typedef struct subject {
    const az_model_class *class;
    az_task task;
    data_kind kind;
} subject;

/* Failures are counted and told, so that one run lists all of them. */
static int n_failures;
#define EXPECT(s, condition, ...)                                                                                      \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            n_failures++;                                                                                              \
            print_message("  FAILS %s, %s, %s (line %d): ", (s)->class->name,                                          \
                          (s)->task == AZ_REGRESSION ? "regression" : "classification", kind_names[(s)->kind],         \
                          __LINE__);                                                                                   \
            print_message(__VA_ARGS__);                                                                                \
            print_message("\n");                                                                                       \
        }                                                                                                              \
    } while (0)

/* One row of the sample that all tests draw from. */
typedef struct row {
    double a, b, c, lon, y, y2, weight;
    double last, last2, when; /* as windows have them: the last known values of the targets, the day of the target */
    const char *colour, *label;
} row;

static row sample_row(int64_t i, uint64_t seed)
{
    static const char *const colours[] = {"red", "green", "blue", "grey"};
    static const char *const labels[] = {"spiral", "elliptic", "irregular"};
    static const double shift[] = {0, 1.5, -1, 0.4};
    az_stream stream = az_stream_new(seed, "contract");
    uint64_t u = (uint64_t)i;
    row r = {.a = az_random_normal(stream, u, 0),
             .b = 40 + 7 * az_random_normal(stream, u, 1),
             .c = 1e-3 * az_random_uniform(stream, u, 2),
             .lon = 360 * az_random_uniform(stream, u, 3)};
    uint64_t colour = az_random_below(stream, u, 4, 4);
    r.colour = colours[colour];
    double signal =
        2 * r.a - 0.1 * (r.b - 40) + 1500 * r.c + shift[colour] + cos(r.lon * (3.14159265358979323846 / 180));
    r.y = signal + 0.3 * az_random_normal(stream, u, 5);
    r.y2 = -3 * r.a * r.a + 0.2 * r.b + az_random_normal(stream, u, 6);
    double noisy = signal + az_random_normal(stream, u, 7);
    r.label = labels[noisy < 0 ? 0 : noisy < 2 ? 1 : 2];
    r.weight = 0.2 + 2 * az_random_uniform(stream, u, 8);
    r.last = r.y + 0.2 * r.a;
    r.last2 = r.y2 - 0.2 * r.a;
    r.when = floor(20000 * az_random_uniform(stream, u, 9));
    return r;
}

/* A table of its own rows, with what it borrows. */
typedef struct box {
    int64_t n_rows;
    row rows[MOST_ROWS];
    double numbers[N_NUMBERS][MOST_ROWS], when[MOST_ROWS];
    az_table *table;
} box;

static void take_rows(box *b, int64_t n_rows, uint64_t seed)
{
    b->n_rows = n_rows;
    for (int64_t i = 0; i < n_rows; i++) b->rows[i] = sample_row(i, seed);
}

/* Makes the table from b->rows; to be done again after rows were changed. */
static void make_table(box *b)
{
    static const char *const names[N_NUMBERS] = {"a", "b", "c", "lon", "y", "y2", "weight", "y[t]", "y2[t]"};
    static const char *colours[MOST_ROWS], *labels[MOST_ROWS];
    az_table_free(b->table);
    b->table = NULL;
    assert_int_equal(az_table_new(&b->table, b->n_rows), AZ_OK);
    for (int64_t i = 0; i < b->n_rows; i++) {
        const row *r = &b->rows[i];
        const double values[N_NUMBERS] = {r->a, r->b, r->c, r->lon, r->y, r->y2, r->weight, r->last, r->last2};
        for (int k = 0; k < N_NUMBERS; k++) b->numbers[k][i] = values[k];
        b->when[i] = r->when;
        colours[i] = r->colour;
        labels[i] = r->label;
    }
    for (int k = 0; k < N_NUMBERS; k++) {
        assert_int_equal(az_table_add_numeric(b->table, names[k], NULL, b->numbers[k], 1), AZ_OK);
    }
    assert_int_equal(az_table_add_time(b->table, "when", "days since 1970-01-01", NULL, b->when, 1), AZ_OK);
    assert_int_equal(az_table_add_text(b->table, "colour", colours), AZ_OK);
    assert_int_equal(az_table_add_text(b->table, "label", labels), AZ_OK);
}

static box *new_box(void)
{
    box *b = calloc(1, sizeof *b);
    assert_non_null(b);
    return b;
}

static box *sample_box(uint64_t seed)
{
    box *b = new_box();
    take_rows(b, N_ROWS, seed);
    make_table(b);
    return b;
}

static void free_box(box *b)
{
    az_table_free(b->table);
    free(b);
}

static az_roles roles_of(const subject *s)
{
    static const char *const features[] = {"a,b,c", "a,colour,b", "a,lon,c"};
    az_roles roles = {.target = s->task == AZ_REGRESSION ? "y" : "label",
                      .features = features[s->kind],
                      .task = s->task == AZ_REGRESSION ? "regression" : "classification"};
    if (s->kind == PERIODIC) roles.periodic = "lon=360";
    if (s->class->inputs) roles.time = "when";
    return roles;
}

/* The defaults, but where these leave nothing to choose: the root of three columns is one, and trees grown to pure
 * leaves at random thresholds of one random column are the same for all weights. */
static const char *parameters_of(const subject *s)
{
    return strcmp(s->class->name, "extra_trees") == 0 ? "max_features=2" : NULL;
}

/* Fits with the subject's parameters; NULL after telling the failure. */
static az_model *fit_with(const subject *s, const box *b, const az_roles *roles, int n_threads)
{
    az_control control = {.n_threads = n_threads};
    az_model *model = NULL;
    az_status status = az_fit_roles(&model, s->class->name, b->table, roles, parameters_of(s), &control);
    EXPECT(s, status == AZ_OK, "the fit fails: %s", az_error_message());
    return model;
}

static az_model *fit(const subject *s, const box *b)
{
    az_roles roles = roles_of(s);
    return fit_with(s, b, &roles, 1);
}

/* Predictions for the rows of a box, (n_rows, n_outputs); free it.  NULL model: NULL. */
static inline double *predict(const subject *s, const az_model *model, const box *b)
{
    if (!model) return NULL;
    size_t n = (size_t)(b->n_rows * az_model_n_outputs(model));
    double *prediction = calloc(n + 1, sizeof *prediction);
    assert_non_null(prediction);
    az_status status = az_predict_table(model, b->table, prediction, NULL, NULL);
    EXPECT(s, status == AZ_OK, "prediction fails: %s", az_error_message());
    return prediction;
}

/* The box's rows as the numbers that az_predict takes, (n_rows, n_inputs) row-major; free it. */
static double *raw_rows(const az_model *model, const box *b)
{
    int64_t n_inputs = az_model_n_inputs(model);
    double *raw = calloc((size_t)(b->n_rows * n_inputs), sizeof *raw);
    assert_non_null(raw);
    for (int64_t j = 0; j < n_inputs; j++) {
        int64_t column;
        assert_int_equal(az_table_find(b->table, az_model_input_name(model, j), &column), AZ_OK);
        bool text = az_table_column_type(b->table, column) == AZ_CATEGORICAL;
        for (int64_t i = 0; i < b->n_rows; i++) {
            raw[i * n_inputs + j] = text ? az_model_input_level(model, j, az_table_text(b->table, i, column))
                                         : az_table_number(b->table, i, column);
        }
    }
    return raw;
}

static bool same_bits(const double *x, const double *y, int64_t n)
{
    return x && y && memcmp(x, y, (size_t)n * sizeof *x) == 0;
}

/* Largest |x - y| / (1 + |y|). */
static inline double difference(const double *x, const double *y, int64_t n)
{
    double most = 0;
    if (!x || !y) return INFINITY;
    for (int64_t i = 0; i < n; i++) {
        double d = fabs(x[i] - y[i]) / (1 + fabs(y[i]));
        if (!(d <= most)) most = isnan(d) ? INFINITY : d;
    }
    return most;
}

/* The bytes of the model's file; free them. */
static char *file_bytes(const subject *s, const az_model *model, size_t *size)
{
    char folder[] = "/tmp/az_contract_XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/model.az", folder);
    az_status status = az_model_write(model, path);
    EXPECT(s, status == AZ_OK, "writing fails: %s", az_error_message());
    char *bytes = NULL;
    *size = 0;
    FILE *file = fopen(path, "rb");
    if (file) {
        fseek(file, 0, SEEK_END);
        *size = (size_t)ftell(file);
        rewind(file);
        bytes = malloc(*size + 1);
        assert_non_null(bytes);
        assert_int_equal(fread(bytes, 1, *size, file), *size);
        fclose(file);
    }
    remove(path);
    remove(folder);
    return bytes;
}

static inline bool same_files(const subject *s, const az_model *x, const az_model *y)
{
    size_t n, m;
    char *p = file_bytes(s, x, &n), *q = file_bytes(s, y, &m);
    bool same = p && q && n == m && memcmp(p, q, n) == 0;
    free(p);
    free(q);
    return same;
}

/* Runs a check on every class of the registry, with each of its tasks and each kind of data. */
static void for_every_subject(void (*check)(const subject *s))
{
    n_failures = 0;
    for (int i = 0; az_model_classes[i]; i++) {
        for (az_task task = AZ_REGRESSION; task <= AZ_CLASSIFICATION; task++) {
            if (!(az_model_classes[i]->tasks & (unsigned)task)) continue;
            for (data_kind kind = 0; kind < N_KINDS; kind++) {
                if (az_model_classes[i]->inputs && kind != NUMERIC) continue; /* it reads other columns */
                subject s = {az_model_classes[i], task, kind};
                check(&s);
            }
        }
    }
    assert_int_equal(n_failures, 0);
}

#endif
