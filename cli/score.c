/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz score: how well a saved model does on data with known targets. */
#include "scoring.h"

#include "base/memory.h"

static az_status print_confusion(const az_model *model, const cli_scores *scores)
{
    int32_t n = model->n_classes;
    if (n > 20) return AZ_OK; /* wider than a screen: the report has it */
    double *counts;
    char align[32] = "l", number[CLI_NUMBER_MAX];
    AZ_TRY(AZ_NEW_ARRAY(counts, (int64_t)n * n));
    az_confusion(&scores->data, counts);
    for (int32_t k = 0; k < n; k++) align[k + 1] = 'r';
    cli_grid grid = {.align = align};
    cli_grid_add(&grid, "observed \\ predicted");
    for (int32_t k = 0; k < n; k++) cli_grid_add(&grid, "%s", model->classes[k]);
    for (int32_t i = 0; i < n; i++) {
        cli_grid_add(&grid, "%s", model->classes[i]);
        for (int32_t j = 0; j < n; j++) cli_grid_add(&grid, "%s", cli_number(number, counts[i * n + j], 6));
    }
    putchar('\n');
    az_free(counts);
    return cli_grid_print(&grid);
}

static az_status print_table(const cli_call *call, const az_model *model, const cli_scores *scores)
{
    char number[CLI_NUMBER_MAX];
    cli_grid grid = {.align = "lrll"};
    printf("%s on %s %s\n\n", model->class->name, cli_count(number, (double)scores->n_rows),
           cli_plural((double)scores->n_rows, "row", "rows"));
    for (int i = 0; i < scores->n_metrics; i++) {
        const az_metric *metric = az_metric_of(model->task, i);
        cli_grid_add(&grid, "%s", metric->name);
        cli_grid_add(&grid, "%s", cli_number(number, scores->values[i], 6));
        cli_grid_add(&grid, "%s", cli_metric_unit(metric, model));
        cli_grid_add(&grid, "%s", metric->title);
    }
    AZ_TRY(cli_grid_print(&grid));
    if (model->task == AZ_CLASSIFICATION) AZ_TRY(print_confusion(model, scores));
    az_text line = {0};
    az_text_append(&line, "ansatz predict");
    for (int64_t i = 0; i < call->n_words; i++) {
        az_text_append(&line, " ");
        cli_shell_quote(&line, call->words[i]);
    }
    AZ_TRY(az_text_status(&line));
    cli_next("%s -o predictions.csv", line.data);
    az_text_free(&line);
    return cli_finish_output();
}

static az_status run(cli_call *call)
{
    az_model *model = NULL;
    az_table *table = NULL;
    az_problem *problem = NULL;
    cli_scores scores = {0};
    az_text paths = {0};
    az_status status = cli_read_model(call, call->words[0], &model);
    if (status) return status;
    AZ_GOTO(cli_reader_from_model(call, model));
    AZ_GOTO(cli_join_words(call, 1, &paths));
    AZ_GOTO(cli_read_data(call, paths.data, &table));
    AZ_GOTO(az_problem_for_model(&problem, table, model, &call->control));
    AZ_GOTO(cli_score_rows(call, model, problem, NULL, 0, &scores));
    cli_notes_flush(call);
    if (!call->options.json) {
        AZ_GOTO(print_table(call, model, &scores));
    } else {
        az_json json = {.pretty = true};
        az_json_begin_object(&json, NULL);
        az_json_int(&json, "schema", 1);
        az_json_int(&json, "n", scores.n_rows);
        cli_json_scores(&json, "metrics", model->task, &scores);
        az_json_end_object(&json);
        AZ_GOTO(cli_print_json(&json));
    }
done:
    cli_scores_free(&scores);
    az_text_free(&paths);
    az_problem_free(problem);
    az_table_free(table);
    az_model_free(model);
    return status;
}

const cli_command cli_score = {
    .name = "score",
    .heading = "use",
    .arguments = "MODEL.az DATA...",
    .summary = "Score a saved model on data with known targets",
    .example = "ansatz score housing.az test.csv",
    .groups = CLI_READER,
    .options = "json,threads",
    .computes = true,
    .min_words = 2,
    .max_words = -1,
    .missing = "score needs a model file and a file with data",
    .run = run,
};
