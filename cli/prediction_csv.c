/* SPDX-License-Identifier: BSD-3-Clause */
/* Predictions as CSV: the number of the row (from 0), the prediction, and what else was asked for.  Rows that are
 * windows in time have no number in the data: the time for which each holds, and its station, say which it is. */
#include "prediction_writer.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/metrics.h"

#include <math.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)1 << 16)

typedef struct writer {
    cli_prediction_target target;
    int64_t n_outputs;
    char **quoted; /* class labels as CSV cells */
    az_arena strings;
    az_output output;
    char buffer[CHUNK_BYTES];
    size_t used;
    bool has_header;
    int64_t *keys, n_keys; /* windows: the columns with the time and the station */
    az_status status;
} writer;

static void put(writer *w, const char *text, size_t n)
{
    if (w->status) return;
    if (n > CHUNK_BYTES - w->used) {
        w->status = az_output_write(&w->output, w->buffer, w->used);
        w->used = 0;
        if (!w->status && n > CHUNK_BYTES) {
            w->status = az_output_write(&w->output, text, n);
            return;
        }
    }
    memcpy(w->buffer + w->used, text, n);
    w->used += n;
}

static void put_number(writer *w, double value)
{
    char number[AZ_NUMBER_MAX];
    put(w, ",", 1);
    if (value == value) put(w, number, az_print_double(number, value)); /* NaN: an empty cell, which reads as missing */
}

static az_status put_name(void *user, const char *name)
{
    writer *w = user;
    az_text cell = {0};
    az_csv_quote(&cell, name);
    az_status status = az_text_status(&cell);
    put(w, ",", 1);
    if (!status && cell.length) put(w, cell.data, cell.length);
    az_text_free(&cell);
    return status ? status : w->status;
}

static void put_cell(writer *w, const az_table *block, int64_t row, int64_t column)
{
    char number[AZ_TIME_MAX];
    const char *level = az_table_text(block, row, column);
    put(w, ",", 1);
    if (level) {
        az_text cell = {0};
        az_csv_quote(&cell, level);
        az_status status = az_text_status(&cell);
        if (!status && cell.length) put(w, cell.data, cell.length);
        if (!w->status) w->status = status;
        az_text_free(&cell);
    } else if (!isnan(az_table_number(block, row, column))) {
        put(w, number, az_table_print_number(number, block, row, column));
    }
}

/* The columns that say which window a row is. */
static az_status find_keys(writer *w, const az_table *block)
{
    char **names = NULL;
    int64_t n = 0;
    const char *by = w->target.call->options.reader.by;
    if (!block || block->begin_column < 0) return AZ_OK;
    az_status status = by ? az_list_split(by, &names, &n) : AZ_OK;
    if (!status) status = AZ_NEW_ARRAY(w->keys, n + 1);
    if (!status) w->keys[w->n_keys++] = block->time_column;
    for (int64_t i = 0; i < n && !status; i++) status = az_table_find(block, names[i], &w->keys[w->n_keys++]);
    az_free(names);
    return status;
}

/* Written when the first block is there, which says what its rows are. */
static az_status put_header(writer *w, const az_table *block)
{
    if (w->has_header) return w->status;
    w->has_header = true;
    AZ_TRY(find_keys(w, block));
    put(w, "row", 3);
    for (int64_t k = 0; k < w->n_keys; k++) AZ_TRY(put_name(w, az_table_column_name(block, w->keys[k])));
    AZ_TRY(cli_prediction_columns(&w->target, put_name, w));
    put(w, "\n", 1);
    return w->status;
}

static void put_row(writer *w, const az_table *block, int64_t row, const double *values, const unsigned char *in_range,
                    const double *extra)
{
    char text[AZ_NUMBER_MAX];
    const az_model *model = w->target.model;
    put(w, text, az_print_double(text, (double)az_table_row_number(block, row)));
    for (int64_t k = 0; k < w->n_keys; k++) put_cell(w, block, row, w->keys[k]);
    if (model->task == AZ_CLASSIFICATION) {
        const char *label = w->quoted[az_argmax(values, w->n_outputs)];
        put(w, ",", 1);
        if (values[0] == values[0]) put(w, label, strlen(label));
    }
    if (model->task == AZ_REGRESSION || w->target.call->options.proba)
        for (int64_t k = 0; k < w->n_outputs; k++) put_number(w, values[k]);
    if (in_range) put(w, *in_range ? ",1" : ",0", 2);
    for (int64_t k = 0; k < w->target.n_extras; k++) put_number(w, extra[k]);
    put(w, "\n", 1);
}

static az_status quote_classes(writer *w)
{
    const az_model *model = w->target.model;
    if (model->task != AZ_CLASSIFICATION) return AZ_OK;
    w->quoted = az_arena_alloc(&w->strings, sizeof *w->quoted * (size_t)model->n_classes);
    if (!w->quoted) return AZ_ERROR_MEMORY;
    for (int32_t k = 0; k < model->n_classes; k++) {
        az_text cell = {0};
        az_csv_quote(&cell, model->classes[k]);
        az_status status = az_text_status(&cell);
        w->quoted[k] = status ? NULL : az_arena_strndup(&w->strings, cell.data ? cell.data : "", cell.length);
        az_text_free(&cell);
        if (!w->quoted[k]) return AZ_ERROR_MEMORY;
    }
    return AZ_OK;
}

static void csv_abandon(void *state)
{
    writer *w = state;
    az_output_abandon(&w->output);
    az_free(w->keys);
    az_arena_free(&w->strings);
    az_free(w);
}

static az_status csv_open(void **state, const cli_prediction_target *target)
{
    writer *w;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(w));
    w->target = *target;
    w->n_outputs = az_model_n_outputs(target->model);
    AZ_GOTO(quote_classes(w));
    AZ_GOTO(az_output_open(&w->output, target->path));
done:
    if (status)
        csv_abandon(w);
    else
        *state = w;
    return status;
}

static az_status csv_rows(void *state, const az_table *block, const double *prediction, const unsigned char *in_range,
                          const double *extra)
{
    writer *w = state;
    AZ_TRY(put_header(w, block));
    for (int64_t i = 0; i < block->n_rows && !w->status; i++) {
        put_row(w, block, i, prediction + i * w->n_outputs, in_range ? in_range + i : NULL,
                extra ? extra + i * w->target.n_extras : NULL);
        if ((i & 0xffff) == 0 && !w->status) w->status = az_check_interrupt(&w->target.call->control);
    }
    return w->status;
}

static az_status csv_commit(void *state)
{
    writer *w = state;
    if (!w->status) w->status = put_header(w, NULL);
    if (!w->status) w->status = az_output_write(&w->output, w->buffer, w->used);
    if (!w->status) w->status = az_output_commit(&w->output);
    az_status status = w->status;
    csv_abandon(w);
    return status;
}

const cli_prediction_writer cli_prediction_csv = {
    .name = "CSV", .open = csv_open, .rows = csv_rows, .commit = csv_commit, .abandon = csv_abandon};
