/* SPDX-License-Identifier: BSD-3-Clause */
/* Models of XGBoost: whatever the bytes are, the parser gives a model that predicts and is written and read again, or
 * an error. */
#include "models/model.h"
#include "models/tree/foreign.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { N_ROWS = 4, MOST = 1 << 16 };

static void use(const az_model *model)
{
    const int64_t n = az_model_n_inputs(model), m = az_model_n_outputs(model);
    az_model *copy = NULL;
    if (n > MOST || m > MOST) return;
    double *rows = calloc((size_t)(N_ROWS * n), sizeof(double)),
           *predicted = calloc((size_t)(N_ROWS * m), sizeof(double));
    if (!rows || !predicted) abort();
    for (int64_t i = 0; i < N_ROWS * n; i++) rows[i] = i % 5 == 0 ? (double)NAN : (double)(i % 7) - 2.5;
    if (az_predict(model, NULL, rows, N_ROWS, n, 1, predicted, m, NULL, NULL) && !*az_error_message()) abort();
    if (az_model_copy(&copy, model)) abort(); /* what was read can be filed */
    az_model_free(copy);
    free(predicted);
    free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    az_foreign foreign = {0};
    az_model *model = NULL;
    az_status status = az_xgboost_parse(&foreign, (const char *)data, size);
    if (!status) status = az_foreign_model(&model, &foreign, "y");
    if (status ? model != NULL || !*az_error_message() : !model) abort();
    if (model) use(model);
    az_model_free(model);
    az_foreign_free(&foreign);
    return 0;
}
