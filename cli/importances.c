/* SPDX-License-Identifier: BSD-3-Clause */
#include "importances.h"

#include "base/memory.h"
#include "scoring.h"

#include <math.h>
#include <stdlib.h>

static const char bias[] =
    "In training counts what splits gained on the rows the model was fitted on: it favours columns\n"
    "  with many different values, and what was learnt by heart.";

az_status cli_print_importances(const az_model *model, const az_importances *importances)
{
    char number[CLI_NUMBER_MAX], error[CLI_NUMBER_MAX], rows[CLI_NUMBER_MAX];
    const az_metric *metric = importances->metric;
    const char *unit = cli_metric_unit(metric, model);
    const bool has_training = importances->n && !isnan(importances->columns[0].training);
    if (importances->out_of_bag)
        printf("Out of bag: the training rows, each predicted by the trees that did not see it, and a column's values\n"
               "exchanged anew for each tree among the rows that it did not see.\n\n");
    printf("%s on %s rows: %s %s%s%s.  By how much it %s when one column's values are exchanged\n"
           "among the rows (mean and standard deviation of %lld %s):\n\n",
           model->class->name, cli_count(rows, (double)importances->n_rows), metric->name,
           cli_number(number, importances->score, 5), *unit ? " " : "", unit,
           metric->greater_is_better ? "falls" : "rises", (long long)importances->n_repeats,
           cli_plural((double)importances->n_repeats, "repeat", "repeats"));
    cli_grid grid = {.align = has_training ? "lrlr" : "lrl"};
    cli_grid_add(&grid, "column");
    cli_grid_add(&grid, "%s%s%s%s", metric->name, *unit ? " [" : "", unit, *unit ? "]" : "");
    cli_grid_add(&grid, "%s", "");
    if (has_training) cli_grid_add(&grid, "in training");
    for (int64_t i = 0; i < importances->n; i++) {
        const az_column_importance *column = &importances->columns[i];
        cli_grid_add(&grid, "%s", column->name);
        if (column->deviation > 0) {
            cli_value_and_error(column->mean, column->deviation, 2, number, error);
            cli_grid_add(&grid, "%s", number);
            cli_grid_add(&grid, "+- %s", error);
        } else {
            cli_grid_add(&grid, "%s", cli_number(number, column->mean, 4));
            cli_grid_add(&grid, "%s", "");
        }
        if (has_training) cli_grid_add(&grid, "%s %%", cli_fixed(number, 100 * column->training, 1));
    }
    AZ_TRY(cli_grid_print(&grid));
    if (has_training) printf("\n  %s\n", bias);
    return AZ_OK;
}

void cli_json_importances(az_json *json, const az_importances *importances)
{
    az_json_string(json, "metric", importances->metric->name);
    az_json_number(json, "score", importances->score);
    az_json_string(json, "rows", importances->out_of_bag ? "out of bag" : "given");
    az_json_int(json, "n", importances->n_rows);
    az_json_int(json, "repeats", importances->n_repeats);
    az_json_begin_array(json, "importances");
    for (int64_t i = 0; i < importances->n; i++) {
        const az_column_importance *column = &importances->columns[i];
        az_json_begin_object(json, NULL);
        az_json_string(json, "column", column->name);
        az_json_number(json, "mean", column->mean);
        az_json_number(json, "deviation", column->deviation);
        if (!isnan(column->training)) az_json_number(json, "training", column->training);
        az_json_end_object(json);
    }
    az_json_end_array(json);
}

typedef struct ranked {
    const char *name;
    double part;
} ranked;

static int by_part(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    return (a->part < b->part) - (a->part > b->part);
}

/* Most important first; *n 0 if the model has none. */
static az_status rank_training(const az_model *model, ranked **list, int64_t *n)
{
    const int64_t n_inputs = model->design->n_inputs;
    double *part;
    *list = NULL;
    *n = 0;
    AZ_TRY(AZ_NEW_ARRAY(part, n_inputs));
    az_status status = AZ_OK;
    if (az_training_importances(model, part)) {
        status = AZ_NEW_ARRAY(*list, n_inputs);
        for (; !status && *n < n_inputs; ++*n) (*list)[*n] = (ranked){model->design->inputs[*n].name, part[*n]};
        if (!status) qsort(*list, (size_t)*n, sizeof **list, by_part);
    }
    az_free(part);
    return status;
}

az_status cli_print_training_importances(const az_model *model)
{
    ranked *list;
    int64_t n;
    char number[CLI_NUMBER_MAX];
    AZ_TRY(rank_training(model, &list, &n));
    if (n) {
        printf("\nImportance in training\n");
        cli_grid grid = {.align = "lr"};
        for (int64_t i = 0; i < n; i++) {
            cli_grid_add(&grid, "%s", list[i].name);
            cli_grid_add(&grid, "%s %%", cli_fixed(number, 100 * list[i].part, 1));
        }
        az_status status = cli_grid_print(&grid);
        if (status) {
            az_free(list);
            return status;
        }
        printf("  %s\n  On rows it has not seen: ansatz explain MODEL.az DATA\n", bias);
    }
    az_free(list);
    return AZ_OK;
}

az_status cli_json_training_importances(az_json *json, const az_model *model)
{
    ranked *list;
    int64_t n;
    AZ_TRY(rank_training(model, &list, &n));
    if (n) az_json_begin_object(json, "importance_in_training");
    for (int64_t i = 0; i < n; i++) az_json_number(json, list[i].name, list[i].part);
    if (n) az_json_end_object(json);
    az_free(list);
    return AZ_OK;
}
