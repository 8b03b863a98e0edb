/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz predict: one row of output a row of input, in order. */
#include "cli.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/metrics.h"
#include "data/table.h"

#include <string.h>

#define CHUNK_BYTES ((size_t)1 << 16)

typedef struct writer {
    const cli_call *call;
    const az_model *model;
    const double *prediction;
    const unsigned char *in_range;
    char **quoted; /* class labels as CSV cells */
    int64_t n_outputs;
    az_output output;
    char buffer[CHUNK_BYTES];
    size_t used;
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

static az_status header(writer *w)
{
    az_text line = {0}, name = {0};
    const az_model *model = w->model;
    az_text_append(&line, "row");
    if (model->task == AZ_CLASSIFICATION || model->n_targets == 1) az_text_append(&line, ",prediction");
    for (int64_t k = 0; model->task == AZ_REGRESSION && model->n_targets > 1 && k < model->n_targets; k++) {
        az_text_free(&name);
        az_text_printf(&name, "prediction_%s", model->target_names[k]);
        AZ_TRY(az_text_status(&name));
        az_text_append(&line, ",");
        az_csv_quote(&line, name.data);
    }
    for (int32_t k = 0; w->call->options.proba && k < model->n_classes; k++) {
        az_text_free(&name);
        az_text_printf(&name, "p_%s", model->classes[k]);
        AZ_TRY(az_text_status(&name));
        az_text_append(&line, ",");
        az_csv_quote(&line, name.data);
    }
    if (w->in_range) az_text_append(&line, ",in_range");
    az_text_append(&line, "\n");
    az_status status = az_text_status(&line);
    if (!status) put(w, line.data, line.length);
    az_text_free(&line);
    az_text_free(&name);
    return status ? status : w->status;
}

static void row(writer *w, int64_t i)
{
    char number[AZ_NUMBER_MAX];
    const double *values = w->prediction + i * w->n_outputs;
    put(w, number, az_print_double(number, (double)i));
    if (w->model->task == AZ_CLASSIFICATION) {
        const char *label = w->quoted[az_argmax(values, w->n_outputs)];
        put(w, ",", 1);
        if (values[0] == values[0]) put(w, label, strlen(label));
    }
    if (w->model->task == AZ_REGRESSION || w->call->options.proba)
        for (int64_t k = 0; k < w->n_outputs; k++) put_number(w, values[k]);
    if (w->in_range) put(w, w->in_range[i] ? ",1" : ",0", 2);
    put(w, "\n", 1);
}

static az_status quote_classes(writer *w, az_arena *arena)
{
    if (w->model->task != AZ_CLASSIFICATION) return AZ_OK;
    w->quoted = az_arena_alloc(arena, sizeof *w->quoted * (size_t)w->model->n_classes);
    if (!w->quoted) return AZ_ERROR_MEMORY;
    for (int32_t k = 0; k < w->model->n_classes; k++) {
        az_text cell = {0};
        az_csv_quote(&cell, w->model->classes[k]);
        az_status status = az_text_status(&cell);
        w->quoted[k] = status ? NULL : az_arena_strndup(arena, cell.data ? cell.data : "", cell.length);
        az_text_free(&cell);
        if (!w->quoted[k]) return AZ_ERROR_MEMORY;
    }
    return AZ_OK;
}

static az_status write_all(cli_call *call, writer *w, int64_t n_rows)
{
    const char *path = call->options.output ? call->options.output : "-";
    AZ_TRY(quote_classes(w, &call->strings));
    AZ_TRY(az_output_open(&w->output, path));
    w->status = header(w);
    for (int64_t i = 0; i < n_rows && !w->status; i++) {
        row(w, i);
        if ((i & 0xffff) == 0 && !w->status) w->status = az_check_interrupt(&call->control);
    }
    if (!w->status) w->status = az_output_write(&w->output, w->buffer, w->used);
    if (!w->status) w->status = az_output_commit(&w->output);
    az_output_abandon(&w->output);
    return w->status;
}

static az_status run(cli_call *call)
{
    az_model *model = NULL;
    az_table *table = NULL;
    double *prediction = NULL;
    unsigned char *in_range = NULL;
    writer *w = NULL;
    az_text paths = {0};
    const char *output = call->options.output;
    AZ_TRY(cli_check_writable(output, "the predictions"));
    az_status status = cli_read_model(call, call->words[0], &model);
    if (status) return status;
    if (call->options.proba && model->task != AZ_CLASSIFICATION)
        AZ_GOTO(
            az_error(AZ_ERROR_USAGE, "--proba gives probabilities of classes, and %s does regression", call->words[0]));
    AZ_GOTO(cli_reader_from_model(call, model));
    AZ_GOTO(cli_join_words(call, 1, &paths));
    AZ_GOTO(cli_read_data(call, paths.data, &table));
    int64_t n_rows = az_table_n_rows(table), n_outputs = az_model_n_outputs(model);
    AZ_GOTO(AZ_NEW_ARRAY(prediction, n_rows * n_outputs));
    if (call->options.guard) AZ_GOTO(AZ_NEW_ARRAY(in_range, n_rows));
    AZ_GOTO(az_predict_table(model, table, prediction, in_range, &call->control));
    AZ_GOTO(AZ_NEW_ZERO(w));
    *w = (writer){.call = call, .model = model, .prediction = prediction, .in_range = in_range, .n_outputs = n_outputs};
    AZ_GOTO(write_all(call, w, n_rows));
    if (output && strcmp(output, "-") != 0) {
        az_text line = {0};
        char rows[CLI_NUMBER_MAX];
        cli_say(call, "%s %s written to %s", cli_count(rows, (double)n_rows),
                cli_plural((double)n_rows, "prediction", "predictions"), output);
        az_text_append(&line, "Next: ansatz show ");
        cli_shell_quote(&line, output);
        if (!az_text_status(&line)) cli_say(call, "%s", line.data);
        az_text_free(&line);
    }
done:
    az_free(w);
    az_free(prediction);
    az_free(in_range);
    az_text_free(&paths);
    az_table_free(table);
    az_model_free(model);
    return status;
}

const cli_command cli_predict = {
    .name = "predict",
    .heading = "use",
    .arguments = "MODEL.az DATA...",
    .summary = "Predict the target for each row of a table",
    .example = "ansatz predict housing.az new.csv -o predictions.csv",
    .details =
        "Writes CSV: row (from 0) and prediction.  Columns are found by name; how the data are read is known from\n"
        "the model file unless an option says otherwise.",
    .groups = CLI_READER,
    .options = "output,proba,guard,threads",
    .computes = true,
    .min_words = 2,
    .max_words = -1,
    .missing = "predict needs a model file and a file with data",
    .run = run,
};
