/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz merge: models that were fitted separately as one. */
#include "cli.h"

#include "base/memory.h"

#include <string.h>

static az_status remember(cli_call *call, az_model *model)
{
    az_text line = {0};
    az_status status = cli_command_line(call, false, &line);
    if (!status) {
        model->command = az_arena_strndup(&model->strings, line.data, line.length);
        if (!model->command) status = AZ_ERROR_MEMORY;
    }
    az_text_free(&line);
    return status;
}

static double number_of_trees(const az_model *model)
{
    az_fact facts[AZ_MAX_FACTS];
    const int n = az_model_facts(model, facts);
    for (int i = 0; i < n; i++)
        if (strcmp(facts[i].name, "n_trees") == 0) return facts[i].value;
    return 0;
}

static az_status run(cli_call *call)
{
    const char *path = call->options.output;
    az_model *model = NULL, *other = NULL, *merged = NULL;
    char trees[CLI_NUMBER_MAX];
    az_status status;
    if (!path) return az_error(AZ_ERROR_USAGE, "merge needs -o FILE.az, where the model goes");
    AZ_TRY(cli_check_writable(path, "the model"));
    AZ_TRY(cli_read_model(call, call->words[0], &model));
    for (int64_t i = 1; i < call->n_words; i++) {
        AZ_GOTO(cli_read_model(call, call->words[i], &other));
        status = az_model_merge(&merged, model, other);
        if (status) {
            status = az_error_context(status, "%s and %s", call->words[0], call->words[i]);
            goto done;
        }
        az_model_free(model);
        az_model_free(other);
        model = merged;
        merged = other = NULL;
    }
    AZ_GOTO(remember(call, model));
    AZ_GOTO(az_model_write(model, path));
    if (strcmp(path, "-") != 0) cli_say(call, "%s: %s trees", path, cli_count(trees, number_of_trees(model)));
done:
    az_model_free(model);
    az_model_free(other);
    return status;
}

const cli_command cli_merge = {
    .name = "merge",
    .heading = "use",
    .arguments = "A.az B.az...",
    .summary = "Make one model of forests that were grown separately",
    .example = "ansatz merge monday.az tuesday.az -o both.az",
    .details =
        "Models of bagging, forest and extra_trees with the same columns, targets, classes and levels become one that\n"
        "holds all their trees, each of which counts the same.  Trees grown with one seed on the same data are the\n"
        "same trees: take another --seed for each part.",
    .options = "output",
    .min_words = 2,
    .max_words = -1,
    .missing = "merge needs two model files or more",
    .run = run,
};
