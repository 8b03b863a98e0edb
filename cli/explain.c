/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz explain: which columns a saved model goes by. */
#include "importances.h"

#include "base/memory.h"
#include "data/table.h"

static az_status read_rows(cli_call *call, const az_model *model, az_table **table, az_problem **problem)
{
    az_text paths = {0};
    AZ_TRY(cli_reader_from_model(call, model));
    if (call->options.roles.target) call->options.reader.target_file = call->options.roles.target;
    az_status status = cli_join_words(call, 1, &paths);
    if (!status) status = cli_read_data(call, paths.data, table);
    if (!status) status = az_problem_for_model(problem, *table, model, &call->control);
    az_text_free(&paths);
    return status;
}

static az_status print(const cli_call *call, const az_model *model, const az_importances *importances)
{
    if (!call->options.json) {
        AZ_TRY(cli_print_importances(model, importances));
        return cli_finish_output();
    }
    az_json json = {.pretty = true};
    az_json_begin_object(&json, NULL);
    az_json_int(&json, "schema", 1);
    az_json_string(&json, "model", model->class->name);
    cli_json_importances(&json, importances);
    az_json_end_object(&json);
    return cli_print_json(&json);
}

/* Out of bag where the trees were grown on these rows: importances on rows that a model has learnt by heart flatter
 * what it learnt there. */
static az_status measure(cli_call *call, const az_model *model, const az_problem *problem, const az_metric *metric,
                         az_importances *importances)
{
    const int64_t n_repeats = call->options.repeats;
    const uint64_t seed = (uint64_t)call->pipeline.seed;
    bool out_of_bag;
    AZ_TRY(az_out_of_bag_importances(importances, &out_of_bag, model, problem, NULL, 0, 0, metric, n_repeats, seed,
                                     &call->control));
    if (out_of_bag) return AZ_OK;
    if (az_table_digest(problem->table) == model->data_digest)
        az_warning(&call->control, "these are the data that the model was fitted on: what it learnt by heart looks "
                                   "important; give rows that it has not seen");
    return az_permutation_importances(importances, model, problem, NULL, 0, metric, n_repeats, seed, &call->control);
}

static az_status run(cli_call *call)
{
    az_model *model = NULL;
    az_table *table = NULL;
    az_problem *problem = NULL;
    az_importances importances = {0};
    const cli_options *options = &call->options;
    az_status status = cli_read_model(call, call->words[0], &model);
    if (status) return status;
    const az_metric *metric = options->metric ? az_metric_find(options->metric, (unsigned)model->task)
                                              : az_metric_default((unsigned)model->task);
    if (!metric) AZ_GOTO(AZ_ERROR_USAGE);
    AZ_GOTO(read_rows(call, model, &table, &problem));
    AZ_GOTO(measure(call, model, problem, metric, &importances));
    cli_notes_flush(call);
    AZ_GOTO(print(call, model, &importances));
done:
    az_importances_free(&importances);
    az_problem_free(problem);
    az_table_free(table);
    az_model_free(model);
    return status;
}

const cli_command cli_explain = {
    .name = "explain",
    .heading = "understand",
    .arguments = "MODEL.az DATA...",
    .summary = "Show which columns a saved model goes by",
    .example = "ansatz explain housing.az test.csv",
    .details =
        "Importance of a column: by how much the score becomes worse when its values are exchanged among the rows,\n"
        "--repeats times.  DATA are best rows that the model was not fitted on.  Where they are the very rows that\n"
        "bagging, forest or extra_trees drew from, each row is scored by the trees that did not see it (out of bag,\n"
        "Breiman 2001), so that nothing need be held out; numbers are then smaller, since values are exchanged anew\n"
        "for each tree.  Columns that say the same share their importance.  What each column adds to one prediction\n"
        "is shown by ansatz predict --shap.",
    .groups = CLI_READER,
    .options = "target,metric,repeats,sample,json,threads",
    .pipeline = "seed",
    .computes = true,
    .min_words = 2,
    .max_words = -1,
    .missing = "explain needs a model file and a file with data",
    .run = run,
};
