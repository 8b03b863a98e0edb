/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz compare: several models on the same folds, best first. */
#include "cli.h"

#include "base/json_write.h"
#include "base/memory.h"
#include "report/report.h"

#include <string.h>

typedef struct comparison {
    az_table *table;
    az_problem *problem;
    const az_model_class **classes;
    int64_t n_classes;
    const az_metric *metric;
    az_split_options split;
    az_cv_result *results;
    int64_t n_results;
} comparison;

/* Index of a metric in the values of a result. */
static int metric_index(const comparison *c, const az_metric *metric)
{
    for (int i = 0; i < az_metric_count(c->problem->task); i++)
        if (az_metric_of(c->problem->task, i) == metric) return i;
    return 0;
}

static int n_known_classes(void)
{
    int n = 0;
    while (az_model_classes[n]) n++;
    return n;
}

/* --models LIST; checked before the data are read. */
static az_status choose_named(cli_call *call, comparison *c)
{
    char **names;
    int64_t n;
    if (!call->options.models) return AZ_OK;
    AZ_TRY(az_list_split(call->options.models, &names, &n));
    az_status status = n ? AZ_OK : az_error(AZ_ERROR_USAGE, "--models needs at least one name");
    if (!status) status = AZ_NEW_ARRAY(c->classes, n);
    for (int64_t i = 0; i < n && !status; i++) {
        const az_model_class *class = az_model_class_find(names[i]);
        if (!class) status = AZ_ERROR_USAGE;
        for (int64_t j = 0; j < c->n_classes && !status; j++)
            if (c->classes[j] == class) status = az_error(AZ_ERROR_USAGE, "--models names %s twice", class->name);
        if (!status) c->classes[c->n_classes++] = class;
    }
    az_free(names);
    return status;
}

static bool classify_only(const comparison *c)
{
    for (int64_t i = 0; i < c->n_classes; i++)
        if (c->classes[i]->tasks != AZ_CLASSIFICATION) return false;
    return c->n_classes > 0;
}

static bool suits(const az_model_class *class, const az_problem *problem, int64_t *columns)
{
    int64_t n;
    if (!(class->tasks & problem->task)) return false;
    if (problem->n_targets > 1 && !(class->traits & AZ_TRAIT_SEVERAL_TARGETS)) return false;
    return class->inputs ? class->inputs(problem, columns, &n) == AZ_OK : problem->n_inputs > 0;
}

static az_status choose_suitable(comparison *c)
{
    int64_t *columns;
    if (c->classes) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(c->classes, n_known_classes()));
    AZ_TRY(AZ_NEW_ARRAY(columns, c->problem->n_targets + 1));
    for (int i = 0; az_model_classes[i]; i++)
        if (suits(az_model_classes[i], c->problem, columns)) c->classes[c->n_classes++] = az_model_classes[i];
    az_free(columns);
    if (c->n_classes == 0) return az_error(AZ_ERROR_DATA, "%s: no column is left as a feature", c->table->source);
    return AZ_OK;
}

static az_status print_board(const comparison *c)
{
    const az_metric *second = az_metric_find(c->problem->task == AZ_REGRESSION ? "r2" : "log_loss", c->problem->task);
    int first_index = metric_index(c, c->metric), second_index = second ? metric_index(c, second) : first_index;
    bool two = second_index != first_index;
    const char *unit = az_table_column_unit(c->table, c->problem->targets[0]);
    cli_grid grid = {.align = two ? "lrlrr" : "lrlr"};
    cli_grid_add(&grid, "model");
    cli_grid_add(&grid, "%s", c->metric->name);
    if (c->metric->in_target_unit && unit && c->problem->n_targets == 1)
        cli_grid_add(&grid, "  [%s]", unit);
    else
        cli_grid_add(&grid, "%s", "");
    if (two) cli_grid_add(&grid, "%s", second->name);
    cli_grid_add(&grid, "fit");
    for (int64_t i = 0; i < c->n_results; i++) {
        const az_cv_result *r = &c->results[i];
        char value[CLI_NUMBER_MAX], error[CLI_NUMBER_MAX];
        if (r->status) continue;
        cli_value_and_error(r->mean[first_index], r->std_error[first_index], 1, value, error);
        cli_grid_add(&grid, "%s", r->class->name);
        cli_grid_add(&grid, "%s", value);
        cli_grid_add(&grid, "\302\261 %s", error);
        if (two) cli_grid_add(&grid, "%s", cli_fixed(value, r->mean[second_index], 3));
        cli_grid_add(&grid, "%.1f s%s", r->seconds, r->converged ? "" : " (not converged)");
    }
    AZ_TRY(cli_grid_print(&grid));
    for (int64_t i = 0; i < c->n_results; i++)
        if (c->results[i].status) printf("  %s failed: %s\n", c->results[i].class->name, c->results[i].error);
    return AZ_OK;
}

static az_status print_next(const cli_call *call, const comparison *c)
{
    az_text line = {0}, stem = {0};
    const char *base = cli_base_name(call->words[0]);
    /* A pattern names no file that could lend its name to the model's. */
    if (strpbrk(base, "*?[,") || strcmp(base, "-") == 0) base = c->results[0].class->name;
    az_text_append_n(&stem, base, strcspn(base, "."));
    if (!stem.length) az_text_append(&stem, "model");
    az_text_printf(&line, "ansatz fit %s", c->results[0].class->name);
    for (int64_t i = 0; i < call->n_words; i++) {
        az_text_append(&line, " ");
        cli_shell_quote(&line, call->words[i]);
    }
    for (int64_t i = 0; i < call->n_settings; i++) {
        const cli_option *option = call->settings[i].option;
        if (option && !(option->group & (CLI_ROLES | CLI_READER))) continue;
        cli_append_setting(&line, &call->settings[i]);
    }
    az_status status = az_text_status(&stem);
    if (!status) {
        az_text_append(&line, " -o ");
        az_text model = {0}, report = {0};
        az_text_printf(&model, "%s.az", stem.data);
        az_text_printf(&report, "%s.html", stem.data);
        if (!az_text_status(&model) && !az_text_status(&report)) {
            cli_shell_quote(&line, model.data);
            az_text_append(&line, " --report ");
            cli_shell_quote(&line, report.data);
        }
        az_text_free(&model);
        az_text_free(&report);
        status = az_text_status(&line);
    }
    if (!status) cli_next("%s", line.data);
    az_text_free(&line);
    az_text_free(&stem);
    return status;
}

static az_status print_json(const comparison *c)
{
    az_json json = {.pretty = true};
    int index = metric_index(c, c->metric);
    az_json_begin_object(&json, NULL);
    az_json_int(&json, "schema", 1);
    az_json_string(&json, "metric", c->metric->name);
    az_json_begin_array(&json, "results");
    for (int64_t i = 0; i < c->n_results; i++) {
        const az_cv_result *r = &c->results[i];
        az_json_begin_object(&json, NULL);
        az_json_string(&json, "model", r->class->name);
        if (r->status) {
            az_json_null(&json, "mean");
            az_json_null(&json, "stderr");
            az_json_null(&json, "folds");
            az_json_null(&json, "seconds");
        } else {
            az_json_number(&json, "mean", r->mean[index]);
            az_json_number(&json, "stderr", r->std_error[index]);
            az_json_begin_array(&json, "folds");
            for (int64_t k = 0; k < r->n_folds; k++) az_json_number(&json, NULL, r->values[k * r->n_metrics + index]);
            az_json_end_array(&json);
            az_json_number(&json, "seconds", r->seconds);
        }
        az_json_string(&json, "error", r->status ? r->error : NULL);
        az_json_end_object(&json);
    }
    az_json_end_array(&json);
    az_json_end_object(&json);
    return cli_print_json(&json);
}

static az_status write_report(cli_call *call, comparison *c)
{
    az_text line = {0}, title = {0};
    const char **notes = NULL;
    az_status status = cli_command_line(call, true, &line);
    az_text_printf(&title, "%s: models compared", cli_base_name(call->words[0]));
    if (!status) status = az_text_status(&title);
    if (!status) status = AZ_NEW_ARRAY(notes, call->n_notes);
    for (int64_t i = 0; i < call->n_notes && !status; i++) notes[i] = call->notes[i].text;
    az_report report = {.title = title.data,
                        .command = line.data,
                        .table = c->table,
                        .problem = c->problem,
                        .leaderboard = c->results,
                        .n_leaderboard = c->n_results,
                        .metric = c->metric,
                        .notes = notes,
                        .n_notes = call->n_notes};
    if (!status) status = az_report_write(&report, call->options.report, &call->control);
    az_free(notes);
    az_text_free(&line);
    az_text_free(&title);
    return status;
}

static az_status compare(cli_call *call, comparison *c)
{
    az_text paths = {0};
    az_status status = AZ_OK;
    AZ_GOTO(choose_named(call, c));
    AZ_GOTO(cli_split_options(call, &c->split));
    AZ_GOTO(cli_join_words(call, 0, &paths));
    AZ_GOTO(cli_read_data(call, paths.data, &c->table));
    AZ_GOTO(az_problem_new(&c->problem, c->table, &call->options.roles, classify_only(c), &call->control));
    cli_describe_problem(call, c->problem);
    c->metric = call->options.metric ? az_metric_find(call->options.metric, c->problem->task)
                                     : az_metric_default(c->problem->task);
    if (!c->metric) {
        status = AZ_ERROR_USAGE;
        goto done;
    }
    AZ_GOTO(choose_suitable(c));
    az_split_data data;
    az_problem_split_data(c->problem, &data);
    AZ_GOTO(cli_split_gap(call, c->problem, &c->split));
    cli_say(call, "%lld folds, split: %s%s (--folds, --split)", (long long)call->options.folds,
            az_split_name(az_split_resolve(c->split.kind, &data)),
            data.group || data.time ? "" : ", since no --time or --group column is named");
    AZ_GOTO(az_compare(&c->results, &c->n_results, c->classes, c->n_classes, &call->pipeline, c->problem,
                       call->options.folds, c->metric, &c->split, &call->control));
    if (c->n_results == 0 || c->results[0].status)
        AZ_GOTO(az_error(c->n_results ? c->results[0].status : AZ_ERROR_INTERNAL, "no model could be fitted; %s: %s",
                         c->n_results ? c->results[0].class->name : "none", c->n_results ? c->results[0].error : ""));
    if (call->options.report) AZ_GOTO(write_report(call, c));
    cli_notes_flush(call);
    if (call->options.json) {
        status = print_json(c);
        goto done;
    }
    AZ_GOTO(print_board(c));
    if (call->options.report) printf("\nReport: %s\n", call->options.report);
    AZ_GOTO(print_next(call, c));
    status = cli_finish_output();
done:
    az_text_free(&paths);
    return status;
}

static az_status run(cli_call *call)
{
    comparison c = {0};
    if (!call->options.roles.target)
        return az_error(AZ_ERROR_USAGE,
                        "compare needs --target COLUMN, the column to predict; ansatz show %s lists the columns",
                        call->words[0]);
    AZ_TRY(cli_check_writable(call->options.report, "the report"));
    az_status status = compare(call, &c);
    for (int64_t i = 0; i < c.n_results; i++) az_cv_result_free(&c.results[i]);
    az_free(c.results);
    az_free(c.classes);
    az_problem_free(c.problem);
    az_table_free(c.table);
    return status;
}

const cli_command cli_compare = {
    .name = "compare",
    .heading = "fit",
    .arguments = "DATA... --target COL",
    .summary = "Compare models on the same folds of a table, best first",
    .example = "ansatz compare housing.csv --target price",
    .details =
        "Each model is fitted with its default parameters on each fold's training rows and scored on the others; what\n"
        "stands before the model (--scale, --degree, --transform-target) is the same for all.\n"
        "A model that fails does not stop the rest.",
    .groups = CLI_ROLES | CLI_READER,
    .options = "split,gap,folds,metric,models,report,json,threads,config,print-config",
    .pipeline = "*",
    .computes = true,
    .min_words = 1,
    .max_words = -1,
    .missing = "compare needs a file with data",
    .run = run,
};
