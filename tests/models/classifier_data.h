/* SPDX-License-Identifier: BSD-3-Clause */
/* Real tables straight into an az_sample, so that a classifier can be tested by itself. */
#ifndef AZ_TESTS_CLASSIFIER_DATA_H
#define AZ_TESTS_CLASSIFIER_DATA_H

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "models/frozen_classifiers.h"
#include "models/drop_partial.h"
#include "models/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct classifier_data {
    az_sample sample;
    double *x, *rows; /* column-major and row-major */
    int32_t *label;
    double *weight;
} classifier_data;

static inline void classifier_data_free(classifier_data *data)
{
    az_free(data->x);
    az_free(data->rows);
    az_free(data->label);
    az_free(data->weight);
    *data = (classifier_data){0};
}

/* Columns to mean 0 and standard deviation 1 (of the population); a constant column is only centred. */
static inline void classifier_data_scale(classifier_data *data)
{
    int64_t n = data->sample.n_rows;
    for (int64_t j = 0; j < data->sample.n_features; j++) {
        double *x = data->x + j * n, mean = 0, square = 0;
        for (int64_t i = 0; i < n; i++) mean += x[i] / (double)n;
        for (int64_t i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean) / (double)n;
        double deviation = square > 1e-20 * mean * mean ? sqrt(square) : 1;
        for (int64_t i = 0; i < n; i++) x[i] = (x[i] - mean) / deviation;
    }
}

static inline void classifier_data_rows(classifier_data *data)
{
    for (int64_t i = 0; i < data->sample.n_rows; i++)
        for (int64_t j = 0; j < data->sample.n_features; j++)
            data->rows[i * data->sample.n_features + j] = data->x[j * data->sample.n_rows + i];
}

static inline az_status classifier_data_new(classifier_data *data, int64_t n_rows, int64_t n_features,
                                            int32_t n_classes)
{
    *data = (classifier_data){0};
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(data->x, n_rows * n_features));
    AZ_GOTO(AZ_NEW_ARRAY(data->rows, n_rows * n_features));
    AZ_GOTO(AZ_NEW_ARRAY(data->label, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(data->weight, n_rows));
    data->sample = (az_sample){.n_rows = n_rows, .n_features = n_features, .x = data->x, .n_classes = n_classes,
                               .label = data->label, .task = AZ_CLASSIFICATION};
done:
    if (status) classifier_data_free(data);
    return status;
}

/* The table of a frozen case; AZ_ERROR_NO_INPUT if $ANSATZ_DATA is not set or lacks it. */
static inline az_status classifier_data_read(classifier_data *data, const frozen_classifier *frozen)
{
    char path[4096];
    const char *folder = getenv("ANSATZ_DATA");
    az_file file = {0};
    double *values = NULL;
    int64_t n = 0, capacity = 0, n_rows = 0;
    az_status status = AZ_OK;
    if (!folder) return az_error(AZ_ERROR_NO_INPUT, "ANSATZ_DATA is not set");
    snprintf(path, sizeof path, "%s/%s", folder, frozen->path);
    AZ_TRY(az_file_open(&file, path, NULL));
    const char *at = file.data, *end = file.data + file.size;
    for (int line = 0; line < frozen->n_skipped; line++) at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    bool in_row = false;
    while (at < end) {
        if (*at == '\n') {
            n_rows += in_row;
            in_row = false;
        }
        if (*at == ' ' || *at == ',' || *at == '\r' || *at == '\n') {
            at++;
            continue;
        }
        if (n == capacity) {
            capacity = capacity ? 2 * capacity : 1024;
            double *larger = az_realloc_array(values, capacity, sizeof *values);
            if (!larger) status = AZ_ERROR_MEMORY;
            if (!larger) goto done;
            values = larger;
        }
        at = az_parse_double(at, end, '.', &values[n++]);
        if (!at) status = az_error(AZ_ERROR_DATA, "%s: number %lld cannot be read", path, (long long)n);
        if (!at) goto done;
        in_row = true;
    }
    n_rows += in_row;
    int64_t width = n / n_rows, p = width - 1;
    AZ_GOTO(classifier_data_new(data, n_rows, p, frozen->n_classes));
    for (int64_t i = 0; i < n_rows; i++) {
        const double *row = values + i * width;
        for (int64_t j = 0; j < p; j++) data->x[j * n_rows + i] = row[j];
        data->label[i] = isnan(frozen->above) ? (int32_t)row[p] : row[p] > frozen->above;
        data->weight[i] = 0.5 + (double)(i % 4);
    }
    if (frozen->scaled) classifier_data_scale(data);
    if (frozen->weighted) data->sample.weight = data->weight;
    classifier_data_rows(data);
done:
    az_free(values);
    az_file_close(&file);
    return status;
}

/* Options from "name=value name=value" over the defaults; az_free them. */
static inline void *classifier_options(const az_model_class *class, const char *parameters)
{
    char text[512], *save = NULL;
    void *options = az_alloc_zero(class->options_size);
    if (!options) return NULL;
    az_params_default(class->params, options);
    snprintf(text, sizeof text, "%s", parameters);
    for (char *item = strtok_r(text, " ", &save); item; item = strtok_r(NULL, " ", &save)) {
        char *equals = strchr(item, '=');
        *equals = 0;
        if (az_params_set_strict(class->params, options, item, equals + 1, class->name)) {
            az_free(options);
            return NULL;
        }
    }
    return options;
}

/* Fits with parameters as text and predicts all rows: probability (n_rows, n_classes).  fitted may be NULL. */
static inline az_status classifier_run(const az_model_class *class, const classifier_data *data, const char *parameters,
                                       const az_control *control, double *probability, az_fit_result *result,
                                       void **fitted)
{
    void *model = NULL, *options = classifier_options(class, parameters);
    if (!options) return AZ_ERROR_USAGE;
    az_fit_result own;
    az_status status = class->check ? class->check(options) : AZ_OK;
    if (!status) status = class->fit(&model, &data->sample, options, control, result ? result : &own);
    az_free(options);
    if (status) return status;
    drop_partial(class, result ? result : &own);
    if (probability) class->predict(model, data->rows, data->sample.n_rows, probability, NULL);
    if (fitted) *fitted = model;
    else class->free(model);
    return AZ_OK;
}

/* The greatest difference between probabilities and those of a frozen case. */
static inline double classifier_distance(const frozen_classifier *frozen, const double *probability, int64_t n_rows)
{
    double greatest = 0;
    int64_t kept = 0;
    for (int64_t i = 0; i < n_rows; i += frozen->every, kept++)
        for (int k = 0; k < frozen->n_classes; k++) {
            double difference =
                fabs(probability[i * frozen->n_classes + k] - frozen->probability[kept * frozen->n_classes + k]);
            if (!(difference <= greatest)) greatest = difference; /* a NaN stays */
        }
    return greatest;
}

#endif
