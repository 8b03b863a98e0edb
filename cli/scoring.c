/* SPDX-License-Identifier: BSD-3-Clause */
#include "scoring.h"

#include "base/memory.h"
#include "models/interval.h"

#include <math.h>

az_status cli_score_rows(cli_call *call, const az_model *model, const az_problem *problem, const int64_t *rows,
                         int64_t n_rows, cli_scores *scores)
{
    if (!rows) n_rows = problem->n_rows;
    int64_t n_outputs = az_model_n_outputs(model), *table_rows = NULL;
    az_status status = AZ_OK;
    scores->n_rows = n_rows;
    scores->n_metrics = az_metric_count(model->task);
    AZ_GOTO(AZ_NEW_ARRAY(table_rows, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(scores->prediction, n_rows * n_outputs));
    AZ_GOTO(AZ_NEW_ARRAY(scores->values, scores->n_metrics));
    for (int64_t i = 0; i < n_rows; i++) table_rows[i] = problem->rows[rows ? rows[i] : i];
    double start = az_seconds();
    AZ_GOTO(az_model_predict_rows(model, problem->table, table_rows, n_rows, scores->prediction, NULL, &call->control));
    scores->seconds = az_seconds() - start;
    AZ_GOTO(az_model_score_data(model, problem, rows, n_rows, scores->prediction, &scores->data, &scores->work));
    AZ_GOTO(az_metrics_score(model->task, &scores->data, scores->values));
    scores->present = true;
done:
    az_free(table_rows);
    return status;
}

void cli_scores_free(cli_scores *scores)
{
    az_free(scores->values);
    az_free(scores->prediction);
    az_free(scores->work);
    *scores = (cli_scores){0};
}

void cli_json_scores(az_json *json, const char *key, az_task task, const cli_scores *scores)
{
    if (!scores->present) {
        az_json_null(json, key);
        return;
    }
    az_json_begin_object(json, key);
    for (int i = 0; i < scores->n_metrics; i++) az_json_number(json, az_metric_of(task, i)->name, scores->values[i]);
    az_json_end_object(json);
}

const char *cli_metric_unit(const az_metric *metric, const az_model *model)
{
    if (!metric->in_target_unit || model->n_targets != 1 || !model->target_units || !model->target_units[0]) return "";
    return model->target_units[0];
}

az_status cli_coverage_begin(cli_coverage *coverage, const az_model *model, double level)
{
    *coverage = (cli_coverage){.coverage = NAN};
    if (!model->interval && level == 0) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(coverage->half, model->n_targets));
    az_status status = az_interval_half_widths(model, level, coverage->half);
    if (status)
        cli_coverage_free(coverage);
    else
        coverage->level = level > 0 ? level : model->interval->level;
    return status;
}

az_status cli_print_coverage(const cli_coverage *coverage, const az_model *model, const char *rows)
{
    char number[CLI_NUMBER_MAX];
    if (coverage->level == 0) return AZ_OK;
    printf("\nInterval of level %s: ", cli_number(number, coverage->level, 6));
    for (int64_t k = 0; k < model->n_targets; k++) {
        const char *unit = model->target_units && model->target_units[k] ? model->target_units[k] : "";
        if (k) printf(", ");
        if (model->n_targets > 1) printf("%s ", model->target_names[k]);
        printf("+- %s%s%s", cli_number(number, coverage->half[k], 6), *unit ? " " : "", unit);
    }
    if (coverage->coverage == coverage->coverage)
        printf("; it holds %s %% of the %s", cli_fixed(number, 100 * coverage->coverage, 2), rows);
    putchar('\n');
    return AZ_OK;
}

void cli_json_coverage(az_json *json, const cli_coverage *coverage, const az_model *model)
{
    if (coverage->level == 0) return;
    az_json_begin_object(json, "interval");
    az_json_number(json, "level", coverage->level);
    az_json_number(json, "coverage", coverage->coverage);
    az_json_begin_array(json, "width");
    for (int64_t k = 0; k < model->n_targets; k++) az_json_number(json, NULL, 2 * coverage->half[k]);
    az_json_end_array(json);
    az_json_end_object(json);
}

void cli_coverage_free(cli_coverage *coverage)
{
    az_free(coverage->half);
    *coverage = (cli_coverage){0};
}
