/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz predict: one row of output a row of input, in order; block by block, so that neither need fit into memory. */
#include "extras.h"

#include "base/memory.h"

#include <string.h>

typedef struct destination {
    const cli_prediction_writer *writer;
    void *state; /* NULL: nothing is open */
    cli_extras *extras;
    int64_t n_rows;
} destination;

static az_status take_rows(void *user, const az_table *block, const double *prediction, const unsigned char *in_range)
{
    destination *to = user;
    const double *extra;
    to->n_rows += block->n_rows;
    AZ_TRY(cli_extras_rows(to->extras, block, prediction, &extra));
    return to->writer->rows(to->state, block, prediction, in_range, extra);
}

static void tell_written(cli_call *call, int64_t n_rows)
{
    az_text line = {0};
    char rows[CLI_NUMBER_MAX];
    const char *output = call->options.output;
    cli_say(call, "%s %s written to %s", cli_count(rows, (double)n_rows),
            cli_plural((double)n_rows, "prediction", "predictions"), output);
    az_text_append(&line, "Next: ansatz show ");
    cli_shell_quote(&line, output);
    if (!az_text_status(&line)) cli_say(call, "%s", line.data);
    az_text_free(&line);
}

static az_status run(cli_call *call)
{
    az_model *model = NULL;
    az_source *source = NULL;
    az_text paths = {0};
    const char *output = call->options.output;
    destination to = {.writer = cli_prediction_writer_of(output ? output : "-")};
    AZ_TRY(cli_check_writable(output, "the predictions"));
    az_status status = cli_read_model(call, call->words[0], &model);
    if (status) return status;
    if (call->options.proba && model->task != AZ_CLASSIFICATION)
        AZ_GOTO(
            az_error(AZ_ERROR_USAGE, "--proba gives probabilities of classes, and %s does regression", call->words[0]));
    AZ_GOTO(cli_extras_new(&to.extras, call, model));
    AZ_GOTO(cli_reader_from_model(call, model));
    AZ_GOTO(cli_join_words(call, 1, &paths));
    AZ_GOTO(az_source_for_model(&source, model, paths.data, &call->options.reader, false, &call->control));
    cli_prediction_target target = {
        .call = call, .model = model, .path = output ? output : "-", .source = source, .in_range = call->options.guard};
    target.extras = cli_extras_columns(to.extras, &target.n_extras);
    AZ_GOTO(to.writer->open(&to.state, &target));
    AZ_GOTO(az_predict_source(model, source, call->options.guard, take_rows, &to, &call->control));
    cli_extras_tell(to.extras);
    void *state = to.state;
    to.state = NULL;
    AZ_GOTO(to.writer->commit(state));
    if (output && strcmp(output, "-") != 0) tell_written(call, to.n_rows);
done:
    if (to.state) to.writer->abandon(to.state);
    cli_extras_free(to.extras);
    az_text_free(&paths);
    az_source_free(source);
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
        "Writes CSV: row (from 0) and prediction; of windows (--lags) also the time for which each holds.\n"
        "With -o FILE.nc NetCDF, where points of a grid have their places again and masked inputs give masked\n"
        "predictions; with -o FILE.npy an array of the same columns.\n"
        "Columns are found by name; how the data are read is known from the model file unless an option says\n"
        "otherwise.\n"
        "\n"
        "--interval 0.9 adds lower and upper, between which 90 % of new values lie (models fitted with --interval).\n"
        "Forests fitted with --keep-targets true have them by quantiles of the training targets in their leaves;\n"
        "where a model has both, they are conformal unless --interval-by quantiles.  --quantiles 0.05,0.5,0.95 adds\n"
        "q0.05 and so on.  --deviation adds by how much the prediction of a forest, the mean of the target there,\n"
        "would vary with other training rows (infinitesimal jackknife); new values scatter about that mean besides,\n"
        "it takes some ten times sqrt(2 rows) trees to be measured well, and of trees grown to the end it is rather\n"
        "too small than too large.\n"
        "--shap adds what each feature adds to the prediction (shap_FEATURE) to the mean of the training rows\n"
        "(shap_base), for models made of trees; --leaf the number of the node in which the row ends, in each tree.\n"
        "Of boosted classes and logarithmic links they sum to the log odds or the logarithm, as ansatz show --tree "
        "tells.",
    .groups = CLI_READER,
    .options = "output,proba,interval,interval-by,deviation,quantiles,guard,shap,leaf,threads",
    .computes = true,
    .min_words = 2,
    .max_words = -1,
    .missing = "predict needs a model file and a file with data",
    .run = run,
};
