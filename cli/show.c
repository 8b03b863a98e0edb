/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz show: what is in a model file or in a table. */
#include "coefficients.h"
#include "importances.h"
#include "show.h"
#include "show_fields.h"

#include "base/memory.h"
#include "models/tree/nodes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A safetensors file starts with the length of its header (8 bytes, the upper ones 0) and a brace; no text does. */
static bool is_model_file(const char *path)
{
    unsigned char head[9];
    size_t length = strlen(path);
    if (length > 3 && strcmp(path + length - 3, ".az") == 0) return true;
    if (strcmp(path, "-") == 0) return false;
    FILE *file = fopen(path, "rbe");
    if (!file) return false;
    size_t n = fread(head, 1, sizeof head, file);
    fclose(file);
    return n == sizeof head && head[7] == 0 && head[6] == 0 && head[8] == '{';
}

static void json_model(az_json *json, const az_model *model)
{
    az_json_string(json, "model", model->class->name);
    az_json_string(json, "task", cli_task_name(model->task));
    cli_json_parameters(json, model);
    az_json_begin_array(json, "columns");
    for (int64_t i = 0; i < az_model_n_inputs(model); i++) az_json_string(json, NULL, az_model_input_name(model, i));
    az_json_end_array(json);
    if (model->task == AZ_CLASSIFICATION) {
        az_json_begin_array(json, "classes");
        for (int32_t k = 0; k < model->n_classes; k++) az_json_string(json, NULL, model->classes[k]);
        az_json_end_array(json);
    } else {
        az_json_null(json, "classes");
    }
    az_json_begin_array(json, "targets");
    for (int64_t k = 0; k < model->n_targets; k++) az_json_string(json, NULL, model->target_names[k]);
    az_json_end_array(json);
    az_json_int(json, "n_train", model->n_train);
    az_json_bool(json, "converged", model->result.converged);
    az_json_int(json, "iterations", model->result.n_iterations);
    az_json_string(json, "command", model->command);
    az_json_string(json, "version", model->version);
}

static az_status print_parameters(const az_model *model)
{
    char value[AZ_PARAM_TEXT_SIZE + 64];
    printf("\nParameters\n");
    cli_grid grid = {.align = "lr"};
    const az_param *tables[] = {model->class->params, az_pipeline_params};
    const void *options[] = {model->options, &model->pipeline};
    for (int t = 0; t < 2; t++)
        for (const az_param *param = tables[t]; param && param->name && options[t]; param++) {
            AZ_TRY(az_param_value_text(param, options[t], value, sizeof value));
            cli_grid_add(&grid, "%s", param->name);
            cli_grid_add(&grid, "%s", value);
        }
    return cli_grid_print(&grid);
}

/* An end of the range in training.  Phases of time have none. */
static const char *print_bound(char text[CLI_NUMBER_MAX], const az_raw_input *input, double value)
{
    text[0] = 0;
    if (input->type == AZ_CATEGORICAL || isinf(value)) return text;
    if (input->type == AZ_TIME)
        az_time_print(text, &input->time, value);
    else
        cli_number(text, value, 6);
    return text;
}

static az_status print_columns(const az_model *model)
{
    printf("\nColumns\n");
    cli_grid grid = {.align = "llrrl"};
    char lower[CLI_NUMBER_MAX], upper[CLI_NUMBER_MAX];
    cli_grid_add(&grid, "name");
    cli_grid_add(&grid, "unit");
    cli_grid_add(&grid, "from");
    cli_grid_add(&grid, "to");
    cli_grid_add(&grid, "%s", "");
    for (int64_t i = 0; i < model->design->n_inputs; i++) {
        const az_raw_input *input = &model->design->inputs[i];
        bool numeric = input->type != AZ_CATEGORICAL;
        cli_grid_add(&grid, "%s", input->name);
        cli_grid_add(&grid, "%s", input->unit ? input->unit : "");
        cli_grid_add(&grid, "%s", print_bound(lower, input, input->lower));
        cli_grid_add(&grid, "%s", print_bound(upper, input, input->upper));
        if (!numeric)
            cli_grid_add(&grid, "%d levels", (int)input->n_levels);
        else if (input->period > 0 && input->type == AZ_TIME && az_time_period_word(&input->time, input->period))
            cli_grid_add(&grid, "period of a %s", az_time_period_word(&input->time, input->period));
        else if (input->period > 0)
            cli_grid_add(&grid, "period %s", cli_number(lower, input->period, 6));
        else
            cli_grid_add(&grid, "%s", "");
    }
    return cli_grid_print(&grid);
}

/* The only tree, if there is one. */
static az_status print_tree(const cli_call *call, const az_model *model)
{
    az_tree_view view = {0};
    if (model->class->trees) model->class->trees(model->fitted, &view);
    return view.trees && view.trees->n_trees == 1 ? cli_print_tree(call, model, 0) : AZ_OK;
}

az_status cli_show_model(cli_call *call, const az_model *model)
{
    if (call->options.json) {
        az_json json = {.pretty = true};
        az_json_begin_object(&json, NULL);
        az_json_int(&json, "schema", 1);
        json_model(&json, model);
        cli_json_facts(&json, model);
        cli_json_history(&json, model);
        AZ_TRY(cli_json_coefficients(&json, model));
        AZ_TRY(cli_json_training_importances(&json, model));
        az_json_end_object(&json);
        return cli_print_json(&json);
    }
    char rows[CLI_NUMBER_MAX];
    printf("%s, %s of ", model->class->name, cli_task_name(model->task));
    for (int64_t k = 0; k < model->n_targets; k++) printf("%s%s", k ? ", " : "", model->target_names[k]);
    if (model->n_train > 0)
        printf(", fitted on %s rows%s\n", cli_count(rows, (double)model->n_train),
               model->result.converged ? "" : " (not converged)");
    else
        printf(", fitted elsewhere\n");
    if (model->command) printf("%s\n", model->command);
    if (model->task == AZ_CLASSIFICATION) {
        printf("Classes:");
        for (int32_t k = 0; k < model->n_classes && k < 20; k++) printf("%s %s", k ? "," : "", model->classes[k]);
        printf("%s\n", model->n_classes > 20 ? ", ..." : "");
    }
    AZ_TRY(print_columns(model));
    AZ_TRY(print_parameters(model));
    AZ_TRY(cli_print_coefficients(model));
    AZ_TRY(cli_print_facts(model));
    AZ_TRY(cli_print_training_importances(model));
    AZ_TRY(print_tree(call, model));
    az_text line = {0};
    cli_shell_quote(&line, call->words[0]);
    AZ_TRY(az_text_status(&line));
    cli_next("ansatz predict %s DATA.csv -o predictions.csv", line.data);
    az_text_free(&line);
    return cli_finish_output();
}

static az_status show_fields(cli_call *call)
{
    az_dataset *dataset = NULL;
    cli_fields fields = {.call = call};
    AZ_TRY(az_dataset_open(&dataset, call->words[0], &call->control));
    fields.dataset = dataset;
    int64_t n_dims = az_dataset_n_dimensions(dataset);
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(fields.first, 2 * n_dims));
    fields.count = fields.first + n_dims;
    AZ_GOTO(az_dataset_select(dataset, call->options.reader.select, fields.first, fields.count));
    AZ_GOTO(cli_check_vars(&fields));
    if (call->options.output)
        status = cli_show_picture(&fields);
    else
        status = call->options.json ? cli_json_fields(&fields) : cli_show_fields(&fields);
done:
    az_free(fields.first);
    az_dataset_free(dataset);
    return status;
}

static az_status show_model(cli_call *call)
{
    az_model *model = NULL;
    AZ_TRY(cli_read_model(call, call->words[0], &model));
    az_status status;
    if (call->options.plan || call->options.dot)
        status = cli_show_plan(call, model);
    else if (call->options.output)
        status = cli_draw_tree(call, model);
    else if (call->options.tree >= 0)
        status = cli_print_tree(call, model, call->options.tree);
    else
        status = cli_show_model(call, model);
    az_model_free(model);
    return status;
}

/* Columns that are made of the fields stand in no file: of them there is a table. */
static bool asks_for_table(const az_reader_options *reader)
{
    return reader->rows || reader->derive || reader->where || reader->lags || reader->join || reader->names ||
           reader->relabel;
}

static az_status run(cli_call *call)
{
    az_text paths = {0};
    az_status status;
    bool is_model = call->n_words == 1 && is_model_file(call->words[0]), is_fields = false;
    /* A list or a pattern of files is a table, whatever they hold. */
    if (!is_model && call->n_words == 1 && access(call->words[0], F_OK) == 0)
        AZ_TRY(az_path_holds_fields(call->words[0], &is_fields));
    if (is_fields && !asks_for_table(&call->options.reader)) return show_fields(call);
    if (call->options.output && is_fields)
        return az_error(AZ_ERROR_USAGE, "show -o draws a field as it is in the file: leave out the options that make a "
                                        "table of it (--rows, --derive, --where, --lags, --join)");
    if ((call->options.plan || call->options.dot) && !is_model)
        return az_error(AZ_ERROR_USAGE, "show --%s is of a model file, and %s is a table",
                        call->options.plan ? "plan" : "dot", call->words[0]);
    if (call->options.output && !is_model)
        return az_error(AZ_ERROR_USAGE,
                        "show -o draws a field of a NetCDF, HDF5, NPY, NPZ or IDX file or a tree of a model, and %s is "
                        "a table",
                        call->words[0]);
    if (is_model) return show_model(call);
    az_table *table = NULL;
    AZ_GOTO(cli_join_words(call, 0, &paths));
    AZ_GOTO(cli_read_data(call, paths.data, &table));
    cli_notes_flush(call);
    AZ_GOTO(cli_show_table(call, table));
done:
    az_table_free(table);
    az_text_free(&paths);
    return status;
}

const cli_command cli_show = {
    .name = "show",
    .heading = "look",
    .arguments = "FILE...",
    .summary = "Show what is in a table, a file of fields, or a model file",
    .example = "ansatz show ersst.nc --vars sst --select time=2015-12 -o map.svg",
    .details =
        "Of a file of fields (NetCDF, HDF5, NPY, NPZ, IDX): dimensions, variables, attributes.  With -o the variable\n"
        "that --vars names is drawn (.svg, .png, .pdf): a map where there are two horizontal dimensions, else a\n"
        "section or a line; the first images of an IDX file.  Of the other dimensions the first place is taken, or\n"
        "the one that --select names.  Of a model made of trees --tree K prints one, and with -o draws it; of\n"
        "a network --plan prints how it is run, and --dot draws that.  Where values of both signs are alike in size,\n"
        "colours diverge from 0.",
    .groups = CLI_READER,
    .options = "output,tree,levels,plan,dot,json,threads",
    .min_words = 1,
    .max_words = -1,
    .missing = "show needs a file: a table, fields or a model",
    .run = run,
};
