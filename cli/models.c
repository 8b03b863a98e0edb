/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz models: what can be fitted, and each model's parameters, from the tables of the models themselves. */
#include "cli.h"

#include "base/json_write.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

static const char *tasks_text(unsigned tasks)
{
    if (tasks == AZ_REGRESSION) return "regression";
    return tasks == AZ_CLASSIFICATION ? "classification" : "both";
}

static void initial_text(const az_param *param, char text[AZ_PARAM_TEXT_SIZE])
{
    text[0] = '\0';
    switch (param->type) {
    case AZ_PARAM_BOOL: snprintf(text, AZ_PARAM_TEXT_SIZE, "%s", param->initial != 0 ? "true" : "false"); return;
    case AZ_PARAM_TEXT:
        snprintf(text, AZ_PARAM_TEXT_SIZE, "%s", param->initial_text ? param->initial_text : "");
        return;
    case AZ_PARAM_REAL:
    case AZ_PARAM_INT: az_print_double(text, param->initial); return;
    case AZ_PARAM_CHOICE: {
        const char *at = param->choices;
        for (int skip = (int)param->initial; skip > 0 && at[strcspn(at, "|")]; skip--) at += strcspn(at, "|") + 1;
        snprintf(text, AZ_PARAM_TEXT_SIZE, "%.*s", (int)strcspn(at, "|"), at);
        return;
    }
    }
}

static void range_text(const az_param *param, char text[AZ_PARAM_TEXT_SIZE])
{
    char lower[AZ_NUMBER_MAX], upper[AZ_NUMBER_MAX];
    text[0] = '\0';
    if (param->type == AZ_PARAM_CHOICE) snprintf(text, AZ_PARAM_TEXT_SIZE, "%s", param->choices);
    if (param->type == AZ_PARAM_BOOL) snprintf(text, AZ_PARAM_TEXT_SIZE, "true|false");
    if (param->type != AZ_PARAM_REAL && param->type != AZ_PARAM_INT) return;
    az_print_double(lower, param->lower);
    az_print_double(upper, param->upper);
    if (isinf(param->lower) && isinf(param->upper)) return;
    if (isinf(param->upper))
        snprintf(text, AZ_PARAM_TEXT_SIZE, ">= %s", lower);
    else if (isinf(param->lower))
        snprintf(text, AZ_PARAM_TEXT_SIZE, "<= %s", upper);
    else
        snprintf(text, AZ_PARAM_TEXT_SIZE, "%s to %s", lower, upper);
}

static void print_params(const az_param *params, bool *differs)
{
    for (const az_param *param = params; param && param->name; param++) {
        char initial[AZ_PARAM_TEXT_SIZE], range[AZ_PARAM_TEXT_SIZE];
        initial_text(param, initial);
        range_text(param, range);
        printf("  --%s%s\n", param->name, param->differs ? " *" : "");
        printf("      %s\n", param->help);
        printf("      default %s", *initial ? initial : "none");
        if (*range) printf("; %s", range);
        if (param->aliases) printf("; also called %s", param->aliases);
        putchar('\n');
        if (param->differs) printf("      * %s\n", param->differs);
        *differs |= param->differs != NULL;
    }
}

static az_status print_class(const az_model_class *class)
{
    static const char *const scalings[] = {"none", "standard", "minmax", "robust"};
    bool differs = false;
    printf("%s: %s\n", class->name, class->summary);
    printf("  task: %s\n", class->tasks == (AZ_REGRESSION | AZ_CLASSIFICATION) ? "regression, classification"
                                                                              : tasks_text(class->tasks));
    if (class->aliases) printf("  also called: %s\n", class->aliases);
    if (class->reference) printf("  reference: %s\n", class->reference);
    printf("  scaling unless --scale says otherwise: %s\n", scalings[class->scaling]);
    if (class->params && class->params->name) {
        printf("\nParameters\n");
        print_params(class->params, &differs);
    }
    printf("\nBefore the model\n");
    print_params(az_pipeline_params, &differs);
    if (differs) printf("\n* differs from scikit-learn\n");
    cli_next("ansatz fit %s DATA.csv --target COLUMN", class->name);
    return cli_finish_output();
}

static az_status print_all(void)
{
    cli_grid grid = {.align = "lll"};
    cli_grid_add(&grid, "model");
    cli_grid_add(&grid, "task");
    cli_grid_add(&grid, "%s", "");
    for (int i = 0; az_model_classes[i]; i++) {
        cli_grid_add(&grid, "%s", az_model_classes[i]->name);
        cli_grid_add(&grid, "%s", tasks_text(az_model_classes[i]->tasks));
        cli_grid_add(&grid, "%s", az_model_classes[i]->summary);
    }
    AZ_TRY(cli_grid_print(&grid));
    cli_next("ansatz models NAME lists the parameters of a model");
    return cli_finish_output();
}

static void json_params(az_json *json, const char *key, const az_param *params)
{
    static const char *const types[] = {"real", "int", "bool", "choice", "text"};
    az_json_begin_array(json, key);
    for (const az_param *param = params; param && param->name; param++) {
        char initial[AZ_PARAM_TEXT_SIZE];
        initial_text(param, initial);
        az_json_begin_object(json, NULL);
        az_json_string(json, "name", param->name);
        az_json_string(json, "type", types[param->type]);
        if (param->type == AZ_PARAM_REAL || param->type == AZ_PARAM_INT) {
            az_json_number(json, "default", param->initial);
            az_json_number(json, "lower", param->lower);
            az_json_number(json, "upper", param->upper);
        } else if (param->type == AZ_PARAM_BOOL) {
            az_json_bool(json, "default", param->initial != 0);
        } else {
            az_json_string(json, "default", initial);
        }
        az_json_string(json, "choices", param->choices);
        az_json_string(json, "aliases", param->aliases);
        az_json_string(json, "help", param->help);
        az_json_string(json, "differs", param->differs);
        az_json_end_object(json);
    }
    az_json_end_array(json);
}

static void json_class(az_json *json, const az_model_class *class, bool with_params)
{
    az_json_string(json, "model", class->name);
    az_json_string(json, "summary", class->summary);
    az_json_string(json, "aliases", class->aliases);
    az_json_begin_array(json, "tasks");
    if (class->tasks & AZ_REGRESSION) az_json_string(json, NULL, "regression");
    if (class->tasks & AZ_CLASSIFICATION) az_json_string(json, NULL, "classification");
    az_json_end_array(json);
    az_json_string(json, "reference", class->reference);
    if (!with_params) return;
    json_params(json, "parameters", class->params);
    json_params(json, "pipeline", az_pipeline_params);
}

static az_status run(cli_call *call)
{
    const az_model_class *class = NULL;
    if (call->n_words) {
        class = az_model_class_find(call->words[0]);
        if (!class) return AZ_ERROR_USAGE;
    }
    if (!call->options.json) return class ? print_class(class) : print_all();
    az_json json = {.pretty = true};
    az_json_begin_object(&json, NULL);
    az_json_int(&json, "schema", 1);
    if (class) {
        json_class(&json, class, true);
    } else {
        az_json_begin_array(&json, "models");
        for (int i = 0; az_model_classes[i]; i++) {
            az_json_begin_object(&json, NULL);
            json_class(&json, az_model_classes[i], false);
            az_json_end_object(&json);
        }
        az_json_end_array(&json);
    }
    az_json_end_object(&json);
    return cli_print_json(&json);
}

const cli_command cli_models = {
    .name = "models",
    .heading = "look",
    .arguments = "[NAME]",
    .summary = "List the models, or the parameters of one",
    .example = "ansatz models ridge",
    .options = "json",
    .max_words = 1,
    .run = run,
};
