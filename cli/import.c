/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz import: another library's trees as a model file. */
#include "cli.h"

#include "models/tree/nodes.h"
#include "models/model.h"

/* What the model file says of its origin. */
static az_status keep_command(cli_call *call, az_model *model)
{
    az_text line = {0};
    az_status status = cli_command_line(call, false, &line);
    if (!status && line.data) {
        model->command = az_arena_strndup(&model->strings, line.data, line.length);
        if (!model->command) status = AZ_ERROR_MEMORY;
    }
    az_text_free(&line);
    return status;
}

static void say_what(cli_call *call, const az_model *model)
{
    az_tree_view view;
    model->class->trees(model->fitted, &view);
    cli_say(call, "%lld boosted trees of %lld columns, a %s of %s", (long long)view.trees->n_trees,
            (long long)az_model_n_inputs(model),
            az_model_task(model) == AZ_CLASSIFICATION ? "classification" : "regression", model->target_names[0]);
    for (int64_t k = 0; k < model->design->n_inputs; k++) {
        const az_raw_input *input = &model->design->inputs[k];
        if (input->type == AZ_CATEGORICAL && input->n_levels > 0)
            cli_say(call, "%s is a category: %d of them, %s to %s", input->name, (int)input->n_levels, input->levels[0],
                    input->levels[input->n_levels - 1]);
    }
    if (model->task == AZ_CLASSIFICATION)
        cli_say(call, "the file does not name the classes: they are 0 to %d", (int)model->n_classes - 1);
}

static az_status run(cli_call *call)
{
    az_model *model = NULL;
    az_status status = AZ_OK;
    if (!call->options.output) return az_error(AZ_ERROR_USAGE, "say where the model goes: -o MODEL.az");
    AZ_TRY(cli_check_writable(call->options.output, "the model"));
    AZ_TRY(az_model_import(&model, call->words[0], call->options.roles.target, &call->control));
    AZ_GOTO(keep_command(call, model));
    AZ_GOTO(az_model_write(model, call->options.output));
    cli_say(call, "%s written", call->options.output);
    say_what(call, model);
done:
    az_model_free(model);
    return status;
}

const cli_command cli_import = {
    .name = "import",
    .heading = "use",
    .arguments = "FILE -o MODEL.az",
    .summary = "Read boosted trees that XGBoost or LightGBM has fitted",
    .example = "ansatz import xgboost.json --target price -o price.az",
    .details =
        "FILE is what XGBoost's save_model writes to a name in .json (1.3 to 3.x), or LightGBM's to one in .txt.\n"
        "The model that comes of it predicts, scores, explains and exports like one fitted here.  Rows go the same\n"
        "ways as there: XGBoost's comparisons of floats are kept; its sums of floats are made in double.\n"
        "Columns have the names in the file, or f0, f1, ... where it has none; classes are 0, 1, ...\n"
        "Neither library keeps the target's name: --target gives it.  All trees of the file are kept.",
    .options = "target,output",
    .min_words = 1,
    .max_words = 1,
    .missing = "import needs a file of XGBoost or LightGBM",
    .run = run,
};
