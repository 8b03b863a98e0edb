/* SPDX-License-Identifier: BSD-3-Clause */
/* Coefficients, facts and parameters of a fitted model, for fit and show. */
#include "coefficients.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

#define MAX_ROWS_SHOWN 40

/* The unit of a coefficient: the target's by the input's; of an intercept the target's.  Only for features that are an
 * input as it stands. */
static void unit_of(const az_model *model, const az_coefficient *c, char *text, size_t size)
{
    const char *target = NULL, *input = NULL;
    text[0] = '\0';
    if (model->task != AZ_REGRESSION || !model->target_units) return;
    for (int64_t k = 0; k < model->n_targets; k++)
        if (strcmp(model->target_names[k], c->output) == 0) target = model->target_units[k];
    for (int64_t i = 0; i < model->design->n_inputs; i++)
        if (strcmp(model->design->inputs[i].name, c->name) == 0)
            input = model->design->inputs[i].type == AZ_TIME ? az_time_step_name(&model->design->inputs[i].time)
                                                             : model->design->inputs[i].unit;
    if (!target && !input) return;
    if (input && strpbrk(input, "/* "))
        snprintf(text, size, "%s/(%s)", target ? target : "1", input);
    else if (input)
        snprintf(text, size, "%s/%s", target ? target : "1", input);
    else
        snprintf(text, size, "%s", target);
}

az_status cli_print_coefficients(const az_model *model)
{
    az_coefficient *coefficients;
    int64_t n;
    bool several = az_model_n_outputs(model) > 1, errors = false, units = false;
    char unit[256];
    AZ_TRY(az_model_coefficients(model, &coefficients, &n));
    if (n == 0) return AZ_OK;
    int64_t shown = n > MAX_ROWS_SHOWN ? MAX_ROWS_SHOWN : n;
    for (int64_t i = 0; i < n; i++) {
        errors |= !isnan(coefficients[i].std_error);
        unit_of(model, &coefficients[i], unit, sizeof unit);
        units |= unit[0] != '\0';
    }
    char align[16];
    snprintf(align, sizeof align, "%sl%s%s", several ? "l" : "", errors ? "rrrr" : "r", units ? "l" : "");
    cli_grid grid = {.align = align};
    if (several) cli_grid_add(&grid, "output");
    cli_grid_add(&grid, "coefficient");
    cli_grid_add(&grid, "estimate");
    if (errors) {
        cli_grid_add(&grid, "std error");
        cli_grid_add(&grid, "t");
        cli_grid_add(&grid, "p");
    }
    if (units) cli_grid_add(&grid, "unit");
    for (int64_t i = 0; i < shown; i++) {
        const az_coefficient *c = &coefficients[i];
        char estimate[CLI_NUMBER_MAX], error[CLI_NUMBER_MAX], number[CLI_NUMBER_MAX];
        if (several) cli_grid_add(&grid, "%s", c->output);
        cli_grid_add(&grid, "%s", c->name);
        cli_value_and_error(c->estimate, c->std_error, 2, estimate, error);
        cli_grid_add(&grid, "%s", estimate);
        if (errors) {
            cli_grid_add(&grid, "%s", error);
            cli_grid_add(&grid, "%s", cli_number(number, c->t, 3));
            cli_grid_add(&grid, "%s", cli_number(number, c->p, 2));
        }
        unit_of(model, c, unit, sizeof unit);
        if (units) cli_grid_add(&grid, "%s", unit);
    }
    putchar('\n');
    az_status status = cli_grid_print(&grid);
    if (shown < n)
        printf("  ... and %lld more: --json, or ansatz show MODEL.az --json, lists all\n", (long long)(n - shown));
    az_free(coefficients);
    return status;
}

az_status cli_print_facts(const az_model *model)
{
    az_fact facts[AZ_MAX_FACTS];
    int n = az_model_facts(model, facts);
    if (n == 0) return AZ_OK;
    cli_grid grid = {.align = "lr"};
    for (int i = 0; i < n; i++) {
        char number[CLI_NUMBER_MAX];
        cli_grid_add(&grid, "%s", facts[i].title);
        cli_grid_add(&grid, "%s", cli_number(number, facts[i].value, 6));
    }
    putchar('\n');
    return cli_grid_print(&grid);
}

az_status cli_json_coefficients(az_json *json, const az_model *model)
{
    az_coefficient *coefficients;
    int64_t n;
    bool several = az_model_n_outputs(model) > 1;
    AZ_TRY(az_model_coefficients(model, &coefficients, &n));
    if (n == 0) return AZ_OK;
    az_json_begin_array(json, "coefficients");
    for (int64_t i = 0; i < n; i++) {
        az_json_begin_object(json, NULL);
        if (several) az_json_string(json, "output", coefficients[i].output);
        az_json_string(json, "name", coefficients[i].name);
        az_json_number(json, "estimate", coefficients[i].estimate);
        az_json_number(json, "std_error", coefficients[i].std_error);
        az_json_number(json, "t", coefficients[i].t);
        az_json_number(json, "p", coefficients[i].p);
        az_json_number(json, "lower", coefficients[i].lower);
        az_json_number(json, "upper", coefficients[i].upper);
        az_json_end_object(json);
    }
    az_json_end_array(json);
    az_free(coefficients);
    return AZ_OK;
}

void cli_json_facts(az_json *json, const az_model *model)
{
    az_fact facts[AZ_MAX_FACTS];
    int n = az_model_facts(model, facts);
    if (n == 0) return;
    az_json_begin_object(json, "facts");
    for (int i = 0; i < n; i++) az_json_number(json, facts[i].name, facts[i].value);
    az_json_end_object(json);
}

void cli_json_history(az_json *json, const az_model *model)
{
    az_loss_history history = {0};
    if (!model->class->history || !model->class->history(model->fitted, &history)) return;
    az_json_begin_object(json, "history");
    const double *const lists[] = {history.loss, history.held};
    static const char *const names[] = {"loss", "held_out_loss"};
    for (int k = 0; k < 2; k++) {
        if (!lists[k]) continue;
        az_json_begin_array(json, names[k]);
        for (int64_t i = 0; i < history.n; i++) az_json_number(json, NULL, lists[k][i]);
        az_json_end_array(json);
    }
    if (history.held) az_json_int(json, "best_epoch", history.best);
    az_json_end_object(json);
}

void cli_json_parameters(az_json *json, const az_model *model)
{
    az_json_begin_object(json, "parameters");
    if (model->class->params && model->options) az_params_print(model->class->params, model->options, json);
    az_params_print(az_pipeline_params, &model->pipeline, json);
    az_json_end_object(json);
}
