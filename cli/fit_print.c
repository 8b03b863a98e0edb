/* SPDX-License-Identifier: BSD-3-Clause */
/* The result of a fit: for people, and as JSON. */
#include "coefficients.h"
#include "fit.h"

#include "base/memory.h"

#include <string.h>

static void print_head(const cli_fit_state *state)
{
    const az_model *model = state->model;
    char rows[CLI_NUMBER_MAX], inputs[CLI_NUMBER_MAX], features[CLI_NUMBER_MAX];
    printf("%s, %s of ", model->class->name, cli_task_name(model->task));
    for (int64_t k = 0; k < model->n_targets; k++) printf("%s%s", k ? ", " : "", model->target_names[k]);
    printf(": %s %s, %s %s", cli_count(rows, (double)state->n_train), cli_plural((double)state->n_train, "row", "rows"),
           cli_count(inputs, (double)model->design->n_inputs),
           cli_plural((double)model->design->n_inputs, "column", "columns"));
    if (model->design->n_features != model->design->n_inputs)
        printf(" made into %s features", cli_count(features, (double)model->design->n_features));
    if (model->task == AZ_CLASSIFICATION) printf(", %d classes", (int)model->n_classes);
    if (model->result.n_iterations)
        printf(", %lld %s%s", (long long)model->result.n_iterations,
               cli_plural((double)model->result.n_iterations, "iteration", "iterations"),
               model->result.converged ? "" : " (not converged)");
    putchar('\n');
}

static void score_row(cli_grid *grid, const char *part, const cli_scores *scores)
{
    char number[CLI_NUMBER_MAX];
    if (!scores->present) return;
    cli_grid_add(grid, "%s", part);
    cli_grid_add(grid, "%s", cli_count(number, (double)scores->n_rows));
    for (int i = 0; i < scores->n_metrics; i++) cli_grid_add(grid, "%s", cli_number(number, scores->values[i], 5));
}

static az_status print_scores(const cli_fit_state *state)
{
    char align[32] = "lr";
    int n = az_metric_count((unsigned)state->model->task);
    if (!state->train.present && !state->test.present) return AZ_OK; /* --continue sees each row once */
    for (int i = 0; i < n && i < 28; i++) align[i + 2] = 'r';
    cli_grid grid = {.align = align};
    cli_grid_add(&grid, "scored on");
    cli_grid_add(&grid, "rows");
    for (int i = 0; i < n; i++) {
        const az_metric *metric = az_metric_of(state->model->task, i);
        const char *unit = cli_metric_unit(metric, state->model);
        cli_grid_add(&grid, "%s%s%s%s", metric->name, *unit ? " [" : "", unit, *unit ? "]" : "");
    }
    score_row(&grid, "train", &state->train);
    score_row(&grid, "test", &state->test);
    putchar('\n');
    return cli_grid_print(&grid);
}

static az_status next_command(const cli_call *call, const cli_fit_state *state)
{
    az_text line = {0};
    const char *output = call->options.output;
    if (output) {
        az_text_append(&line, "ansatz predict ");
        cli_shell_quote(&line, output);
        az_text_append(&line, " ");
        cli_shell_quote(&line, state->n_test && state->test_fraction == 0 ? call->options.test : call->words[0]);
        az_text_append(&line, " -o predictions.csv");
    } else {
        AZ_TRY(cli_command_line(call, true, &line));
        if (!call->options.test) az_text_append(&line, " --test 0.2");
        az_text_printf(&line, " -o %s.az", call->class->name);
    }
    az_status status = az_text_status(&line);
    if (!status) cli_next("%s", line.data);
    az_text_free(&line);
    return status;
}

az_status cli_fit_print(cli_call *call, cli_fit_state *state)
{
    const char *output = call->options.output, *report = call->options.report;
    print_head(state);
    AZ_TRY(cli_print_coefficients(state->model));
    AZ_TRY(cli_print_facts(state->model));
    AZ_TRY(print_scores(state));
    AZ_TRY(cli_print_coverage(&state->coverage, state->model, "test"));
    if (!call->options.test && state->train.present)
        printf("  Nothing was held out: --test 0.2 shows how the model does on rows it has not seen.\n");
    putchar('\n');
    if (output)
        printf("Saved %s%s\n", output, state->refitted ? ", fitted on all rows" : "");
    else
        printf("Nothing was saved: -o FILE.az keeps the model.\n");
    if (report) printf("Report: %s\n", report);
    AZ_TRY(next_command(call, state));
    return cli_finish_output();
}

az_status cli_fit_json(cli_call *call, cli_fit_state *state)
{
    az_json json = {.pretty = true};
    const az_model *model = state->model;
    az_json_begin_object(&json, NULL);
    az_json_int(&json, "schema", 1);
    az_json_string(&json, "model", model->class->name);
    az_json_string(&json, "task", cli_task_name(model->task));
    az_json_int(&json, "n_train", state->n_train);
    az_json_int(&json, "n_test", state->n_test);
    cli_json_scores(&json, "train", model->task, &state->train);
    cli_json_scores(&json, "test", model->task, &state->test);
    cli_json_coverage(&json, &state->coverage, model);
    cli_json_parameters(&json, model);
    az_json_begin_object(&json, "seconds");
    az_json_number(&json, "read", state->seconds_read);
    az_json_number(&json, "fit", state->seconds_fit);
    az_json_number(&json, "predict", state->train.seconds + state->test.seconds);
    az_json_end_object(&json);
    az_json_int(&json, "seed", call->pipeline.seed);
    az_json_bool(&json, "converged", model->result.converged);
    az_json_int(&json, "iterations", model->result.n_iterations);
    cli_json_facts(&json, model);
    cli_json_history(&json, model);
    az_json_begin_array(&json, "warnings");
    for (int64_t i = 0; i < call->n_notes; i++)
        if (call->notes[i].level == AZ_WARNING) az_json_string(&json, NULL, call->notes[i].text);
    az_json_end_array(&json);
    az_json_end_object(&json);
    return cli_print_json(&json);
}
