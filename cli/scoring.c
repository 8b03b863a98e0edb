/* SPDX-License-Identifier: BSD-3-Clause */
#include "scoring.h"

#include "base/memory.h"

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
