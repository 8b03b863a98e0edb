/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of numbers, and fits of boosting to them. */
#ifndef AZ_TESTS_BOOSTING_DATA_H
#define AZ_TESTS_BOOSTING_DATA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/model.h"
#include "models/tree/boosting.h"
#include <ansatz/ansatz.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 8 };

/* A table of numbers x0, x1, ..., a target y and a weight w. */
typedef struct numbers {
    int64_t n_rows;
    int n_columns;
    double *x[MOST_COLUMNS], *y, *w;
    const char **label, **text; /* or NULL */
} numbers;

static inline numbers new_numbers(int64_t n_rows, int n_columns)
{
    numbers made = {.n_rows = n_rows, .n_columns = n_columns};
    for (int j = 0; j < n_columns; j++) made.x[j] = calloc((size_t)n_rows, sizeof(double));
    made.y = calloc((size_t)n_rows, sizeof(double));
    made.w = calloc((size_t)n_rows, sizeof(double));
    for (int64_t i = 0; i < n_rows; i++) made.w[i] = 1;
    return made;
}

static inline void free_numbers(numbers *data)
{
    for (int j = 0; j < data->n_columns; j++) free(data->x[j]);
    free(data->y);
    free(data->w);
    free(data->label);
    free(data->text);
}

static inline az_table *table_of(const numbers *data)
{
    az_table *table = NULL;
    assert_int_equal(az_table_new(&table, data->n_rows), AZ_OK);
    for (int j = 0; j < data->n_columns; j++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", j);
        assert_int_equal(az_table_add_numeric(table, name, NULL, data->x[j], 1), AZ_OK);
    }
    if (data->text) assert_int_equal(az_table_add_text(table, "text", data->text), AZ_OK);
    if (data->label)
        assert_int_equal(az_table_add_text(table, "y", data->label), AZ_OK);
    else
        assert_int_equal(az_table_add_numeric(table, "y", NULL, data->y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "w", NULL, data->w, 1), AZ_OK);
    return table;
}

static inline az_model *fit_threads(const numbers *data, bool weighted, const char *parameters, int n_threads)
{
    az_table *table = table_of(data);
    az_model *model = NULL;
    const az_control control = {.n_threads = n_threads};
    const az_roles roles = {.target = "y",
                            .categorical = data->text ? "text" : NULL,
                            .features = data->text ? "text" : NULL,
                            .weight = weighted ? "w" : NULL,
                            .ignore = weighted || data->text ? NULL : "w",
                            .task = data->label ? "classification" : "regression"};
    if (az_fit_roles(&model, "boosting", table, &roles, parameters, &control)) fail_msg("%s", az_error_message());
    az_table_free(table);
    return model;
}

static inline az_model *fit(const numbers *data, const char *parameters)
{
    return fit_threads(data, false, parameters, 1);
}

static inline void expect_refusal(const numbers *data, const char *parameters, const char *text)
{
    az_table *table = table_of(data);
    az_model *model = NULL;
    const az_roles roles = {.target = "y", .ignore = "w"};
    assert_int_not_equal(az_fit_roles(&model, "boosting", table, &roles, parameters, NULL), AZ_OK);
    if (!strstr(az_error_message(), text)) fail_msg("\"%s\" is not in: %s", text, az_error_message());
    az_table_free(table);
}

static inline double *predict(const az_model *model, const numbers *data)
{
    az_table *table = table_of(data);
    double *out = calloc((size_t)(data->n_rows * az_model_n_outputs(model)), sizeof *out);
    if (az_predict_table(model, table, out, NULL, NULL)) fail_msg("%s", az_error_message());
    az_table_free(table);
    return out;
}

static inline void expect_same_bits(const az_model *first, const az_model *second, const numbers *data)
{
    double *p = predict(first, data), *q = predict(second, data);
    assert_memory_equal(p, q, sizeof *p * (size_t)(data->n_rows * az_model_n_outputs(first)));
    free(p);
    free(q);
}

static inline double difference(const az_model *first, const az_model *second, const numbers *data)
{
    double *p = predict(first, data), *q = predict(second, data), most = 0;
    for (int64_t i = 0; i < data->n_rows * az_model_n_outputs(first); i++) most = fmax(most, fabs(p[i] - q[i]));
    free(p);
    free(q);
    return most;
}

/* Friedman's first function with noise; some cells of x3 are missing and tell so. */
static inline numbers friedman(int64_t n_rows, bool missing)
{
    const az_stream stream = az_stream_new(5, "boosting");
    numbers data = new_numbers(n_rows, 6);
    for (int64_t i = 0; i < n_rows; i++) {
        double r[6];
        for (int j = 0; j < 6; j++) data.x[j][i] = r[j] = az_random_uniform(stream, (uint64_t)i, (uint64_t)j);
        data.y[i] = 10 * sin(3.14159265358979 * r[0] * r[1]) + 20 * (r[2] - 0.5) * (r[2] - 0.5) + 10 * r[3] + 5 * r[4] +
                    az_random_normal(stream, (uint64_t)i, 9);
        data.w[i] = 0.5 + az_random_uniform(stream, (uint64_t)i, 10);
        if (missing && i % 7 == 0) data.x[3][i] = NAN;
    }
    return data;
}

/* y cut into classes. */
static inline void make_labels(numbers *data, int n_classes)
{
    static const char *const names[] = {"a", "b", "c"};
    data->label = calloc((size_t)data->n_rows, sizeof *data->label);
    for (int64_t i = 0; i < data->n_rows; i++) {
        int class = data->y[i] < 12 ? 0 : n_classes == 2 || data->y[i] < 18 ? 1 : 2;
        data->label[i] = names[class];
    }
}

#endif
