/* SPDX-License-Identifier: BSD-3-Clause */
#include "scoring.h"

#include "base/memory.h"
#include <math.h>
#include <string.h>

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

az_interval_way cli_interval_way(const cli_call *call)
{
    const char *way = call->options.interval_by;
    return !way ? AZ_INTERVAL_AUTO : strcmp(way, "quantiles") == 0 ? AZ_INTERVAL_QUANTILES : AZ_INTERVAL_CONFORMAL;
}

az_status cli_coverage_begin(cli_coverage *coverage, const cli_call *call, const az_model *model)
{
    const double level = call->options.interval;
    *coverage = (cli_coverage){0};
    if (!model->interval && level == 0 && !call->options.interval_by) return AZ_OK;
    AZ_TRY(az_bounds_new(&coverage->bounds, model, cli_interval_way(call), level, &call->control));
    coverage->score.bounds = &coverage->bounds;
    coverage->score.width = az_alloc_zero(sizeof *coverage->score.width * (size_t)model->n_targets);
    if (!coverage->score.width) {
        cli_coverage_free(coverage);
        return AZ_ERROR_MEMORY;
    }
    coverage->present = true;
    return AZ_OK;
}

/* Of target k, a mean where it follows the rows; NaN: there is no row. */
static double width(const cli_coverage *coverage, const az_model *model, int64_t k)
{
    if (coverage->bounds.half) return 2 * coverage->bounds.half[k];
    const double weight = coverage->score.weight / (double)model->n_targets;
    return weight != 0 ? coverage->score.width[k] / weight : (double)NAN;
}

az_status cli_print_coverage(const cli_coverage *coverage, const az_model *model, const char *rows)
{
    char number[CLI_NUMBER_MAX];
    if (!coverage->present) return AZ_OK;
    const bool conformal = coverage->bounds.half != NULL;
    const char *before = conformal ? "" : " by quantiles";
    printf("\nInterval of level %s%s: ", cli_number(number, coverage->bounds.level, 6), before);
    for (int64_t k = 0; k < model->n_targets; k++) {
        const char *unit = model->target_units && model->target_units[k] ? model->target_units[k] : "";
        if (k) printf(", ");
        if (model->n_targets > 1) printf("%s ", model->target_names[k]);
        printf("%s%s%s%s", conformal ? "+- " : "width on average ",
               cli_number(number, width(coverage, model, k) / (conformal ? 2 : 1), 6), *unit ? " " : "", unit);
    }
    if (coverage->score.weight != 0)
        printf("; it holds %s %% of the %s",
               cli_fixed(number, 100 * coverage->score.inside / coverage->score.weight, 2), rows);
    putchar('\n');
    return AZ_OK;
}

void cli_json_coverage(az_json *json, const cli_coverage *coverage, const az_model *model)
{
    if (!coverage->present) return;
    az_json_begin_object(json, "interval");
    az_json_string(json, "by", coverage->bounds.half ? "conformal" : "quantiles");
    az_json_number(json, "level", coverage->bounds.level);
    az_json_number(json, "coverage",
                   coverage->score.weight != 0 ? coverage->score.inside / coverage->score.weight : (double)NAN);
    az_json_begin_array(json, "width");
    for (int64_t k = 0; k < model->n_targets; k++) az_json_number(json, NULL, width(coverage, model, k));
    az_json_end_array(json);
    az_json_end_object(json);
}

void cli_coverage_free(cli_coverage *coverage)
{
    az_bounds_free(&coverage->bounds);
    az_free(coverage->score.width);
    *coverage = (cli_coverage){0};
}
