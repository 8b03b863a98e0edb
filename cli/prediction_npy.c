/* SPDX-License-Identifier: BSD-3-Clause */
/* Predictions as an NPY array of float64 (rows, columns): the columns of the CSV file without the row's number.  A
 * class is its number in the model's sorted classes, which `ansatz show MODEL.az` lists; NaN where none is predicted.
 */
#include "prediction_writer.h"

#include "base/memory.h"
#include "data/metrics.h"
#include "data/npy.h"

#include <math.h>

typedef struct writer {
    cli_prediction_target target;
    int64_t n_outputs, n_rows; /* rows written */
    int64_t shape[2];          /* as the header has it */
    double *row;
    az_output output;
} writer;

static az_status count_column(void *user, const char *name)
{
    (void)name;
    ++*(int64_t *)user;
    return AZ_OK;
}

static void npy_abandon(void *state)
{
    writer *w = state;
    az_output_abandon(&w->output);
    az_free(w->row);
    az_free(w);
}

static az_status npy_open(void **state, const cli_prediction_target *target)
{
    writer *w;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(w));
    w->target = *target;
    w->output.descriptor = -1;
    w->n_outputs = az_model_n_outputs(target->model);
    AZ_GOTO(cli_prediction_columns(target, count_column, &w->shape[1]));
    AZ_GOTO(AZ_NEW_ARRAY(w->row, w->shape[1]));
    AZ_GOTO(az_output_open(&w->output, target->path));
    w->shape[0] = target->source->n_rows < 0 ? 0 : target->source->n_rows;
    status = az_npy_write_header(&w->output, false, w->shape, 2);
done:
    if (status)
        npy_abandon(w);
    else
        *state = w;
    return status;
}

static az_status npy_rows(void *state, const az_table *block, const double *prediction, const unsigned char *in_range,
                          const double *extra)
{
    writer *w = state;
    const az_model *model = w->target.model;
    for (int64_t i = 0; i < block->n_rows; i++) {
        const double *values = prediction + i * w->n_outputs;
        double *next = w->row;
        if (model->task == AZ_CLASSIFICATION)
            *next++ = isnan(values[0]) ? NAN : (double)az_argmax(values, w->n_outputs);
        if (model->task == AZ_REGRESSION || w->target.call->options.proba)
            for (int64_t k = 0; k < w->n_outputs; k++) *next++ = values[k];
        if (in_range) *next++ = in_range[i];
        for (int64_t k = 0; k < w->target.n_extras; k++) *next++ = extra[i * w->target.n_extras + k];
        AZ_TRY(az_npy_write_values(&w->output, false, w->row, w->shape[1]));
    }
    w->n_rows += block->n_rows;
    return az_check_interrupt(&w->target.call->control);
}

/* The number of rows may be known only now.  The header takes 128 bytes whatever it is. */
static az_status npy_commit(void *state)
{
    writer *w = state;
    az_status status = AZ_OK;
    if (w->n_rows != w->shape[0]) {
        w->shape[0] = w->n_rows;
        status = az_output_rewind(&w->output);
        if (!status) status = az_npy_write_header(&w->output, false, w->shape, 2);
    }
    if (!status) status = az_output_commit(&w->output);
    npy_abandon(w);
    return status;
}

const cli_prediction_writer cli_prediction_npy = {
    .suffixes = "npy", .name = "NPY", .open = npy_open, .rows = npy_rows, .commit = npy_commit, .abandon = npy_abandon};
