/* SPDX-License-Identifier: BSD-3-Clause */
/* Model files: whatever the bytes are, reading them gives a model that predicts and saves again, or an error.  The
 * mutated part is the content; a file whose header was mutated beyond reading is the business of safetensors.c. */
#define _GNU_SOURCE /* memfd_create */
#include "base/memory.h"
#include "explain/explain.h"
#include "models/model.h"
#include "models/tree/shap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { N_ROWS = 3, MAX_VALUES = 1 << 20 };

/* A tree in words, and the parts of predictions: whatever covers and links say, they end. */
static void use_trees(const az_model *model, const double *features)
{
    az_told_tree told = {0};
    az_tree_view view;
    az_shap *shap = NULL;
    if (!model->class->trees) return;
    if (az_tell_tree(&told, model, 0, 30) == AZ_OK) az_told_tree_free(&told);
    model->class->trees(model->fitted, &view);
    const int64_t n_features = model->design->n_features;
    double *values = calloc((size_t)(N_ROWS * view.n_outputs * (n_features + 1)), sizeof(double));
    if (!values) abort();
    if (az_shap_new(&shap, &view) == AZ_OK) {
        void *scratch = malloc(az_shap_scratch(shap) + 64);
        if (!scratch) abort();
        az_shap_rows(shap, features, N_ROWS, values, view.n_outputs * (n_features + 1), scratch);
        free(scratch);
    }
    az_shap_free(shap);
    free(values);
}

static void use(const az_model *model)
{
    int64_t n_inputs = az_model_n_inputs(model), n_outputs = az_model_n_outputs(model);
    if (n_inputs < 0 || n_outputs < 1 || n_inputs > MAX_VALUES || n_outputs > MAX_VALUES) return;
    double *rows = calloc((size_t)(N_ROWS * n_inputs + 1), sizeof(double));
    double *prediction = calloc((size_t)(N_ROWS * n_outputs), sizeof(double));
    unsigned char in_range[N_ROWS];
    if (!rows || !prediction) abort();
    for (int64_t i = 0; i < N_ROWS * n_inputs; i++) rows[i] = (double)(i % 7) - 2.5;
    az_status status = az_predict(model, NULL, rows, N_ROWS, n_inputs, 1, prediction, n_outputs, in_range, NULL);
    if (status && !*az_error_message()) abort();
    for (int64_t j = 0; j < n_inputs; j++)
        if (!az_model_input_name(model, j)) abort();
    for (int64_t k = 0; k < n_outputs; k++)
        if (!az_model_output_name(model, k)) abort();
    az_coefficient *coefficients = NULL;
    int64_t n_coefficients = 0;
    if (az_model_coefficients(model, &coefficients, &n_coefficients) == AZ_OK) az_free(coefficients);
    az_fact facts[AZ_MAX_FACTS];
    if (az_model_facts(model, facts) > AZ_MAX_FACTS) abort();
    status = az_model_export(model, n_inputs % 2 ? "c" : "fortran", "model", "/dev/null");
    if (status == AZ_ERROR_INTERNAL || (status && !*az_error_message())) abort();
    if (model->design->n_features <= n_inputs) use_trees(model, rows);
    free(prediction);
    free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int file = memfd_create("model", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    az_model *model = NULL;
    az_status status = az_model_read(&model, path);
    if (status ? model != NULL || !*az_error_message() : !model) abort();
    if (model) use(model);
    az_model_free(model);
    close(file);
    return 0;
}
