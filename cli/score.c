/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz score: how well a saved model does on data with known targets, however many. */
#include "scoring.h"

#include "base/memory.h"
#include "data/source.h"

static az_status print_confusion(const az_model *model, const double *counts)
{
    int32_t n = model->n_classes;
    if (n > 20) return AZ_OK; /* wider than a screen: the report has it */
    char align[32] = "l", number[CLI_NUMBER_MAX];
    for (int32_t k = 0; k < n; k++) align[k + 1] = 'r';
    cli_grid grid = {.align = align};
    cli_grid_add(&grid, "observed \\ predicted");
    for (int32_t k = 0; k < n; k++) cli_grid_add(&grid, "%s", model->classes[k]);
    for (int32_t i = 0; i < n; i++) {
        cli_grid_add(&grid, "%s", model->classes[i]);
        for (int32_t j = 0; j < n; j++) cli_grid_add(&grid, "%s", cli_number(number, counts[i * n + j], 6));
    }
    putchar('\n');
    return cli_grid_print(&grid);
}

static az_status print_table(const cli_call *call, const az_model *model, const cli_scores *scores,
                             const cli_coverage *coverage, const double *confusion)
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
    AZ_TRY(cli_print_coverage(coverage, model, "rows"));
    if (model->task == AZ_CLASSIFICATION) AZ_TRY(print_confusion(model, confusion));
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
    az_source *source = NULL;
    az_score_sums *sums = NULL;
    cli_scores scores = {0};
    cli_coverage coverage = {0};
    az_text paths = {0};
    az_status status = cli_read_model(call, call->words[0], &model);
    if (status) return status;
    AZ_GOTO(cli_coverage_begin(&coverage, call, model));
    AZ_GOTO(cli_reader_from_model(call, model));
    if (call->options.roles.target) call->options.reader.target_file = call->options.roles.target;
    AZ_GOTO(cli_join_words(call, 1, &paths));
    AZ_GOTO(az_source_for_model(&source, model, paths.data, &call->options.reader, true, &call->control));
    AZ_GOTO(az_model_score_source(model, source, &sums, coverage.present ? &coverage.score : NULL, &call->control));
    scores = (cli_scores){
        .present = true, .n_rows = az_score_sums_n_rows(sums), .n_metrics = az_metric_count((unsigned)model->task)};
    AZ_GOTO(AZ_NEW_ARRAY(scores.values, scores.n_metrics));
    AZ_GOTO(az_score_sums_values(sums, scores.values));
    cli_notes_flush(call);
    if (!call->options.json) {
        AZ_GOTO(print_table(call, model, &scores, &coverage, az_score_sums_confusion(sums)));
    } else {
        az_json json = {.pretty = true};
        az_json_begin_object(&json, NULL);
        az_json_int(&json, "schema", 1);
        az_json_int(&json, "n", scores.n_rows);
        cli_json_scores(&json, "metrics", model->task, &scores);
        cli_json_coverage(&json, &coverage, model);
        az_json_end_object(&json);
        AZ_GOTO(cli_print_json(&json));
    }
done:
    cli_scores_free(&scores);
    cli_coverage_free(&coverage);
    az_text_free(&paths);
    az_score_sums_free(sums);
    az_source_free(source);
    az_model_free(model);
    return status;
}

const cli_command cli_score = {
    .name = "score",
    .heading = "use",
    .arguments = "MODEL.az DATA...",
    .summary = "Score a saved model on data with known targets",
    .example = "ansatz score housing.az test.csv",
    .details = "Targets are found by their name; --target FILE is a file that holds them, one a row of the data.\n"
               "Of a model fitted with --interval it is measured how many of the targets lie in their intervals; of a\n"
               "forest fitted with --keep-targets true it is with --interval 0.9.",
    .groups = CLI_READER,
    .options = "target,interval,interval-by,json,threads",
    .computes = true,
    .min_words = 2,
    .max_words = -1,
    .missing = "score needs a model file and a file with data",
    .run = run,
};
