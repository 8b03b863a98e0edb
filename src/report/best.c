/* SPDX-License-Identifier: BSD-3-Clause */
/* What the best model of a comparison predicted for rows it had not seen, for the pictures of the report. */
#include "report/summary.h"

#include "base/memory.h"

#include <math.h>

az_status az_report_best(const az_report *report, az_score_data *data, void **work)
{
    const az_problem *problem = report->problem;
    const az_cv_result *best = report->n_leaderboard ? &report->leaderboard[0] : NULL;
    *work = NULL;
    *data = (az_score_data){0};
    if (!problem || !best || best->status || !best->prediction) return AZ_OK;
    bool classes = problem->task == AZ_CLASSIFICATION;
    int64_t width = best->n_outputs, n = 0;
    if (width != (classes ? problem->n_classes : problem->n_targets)) return AZ_OK;

    /* prediction | observed, or labels in its place | weight */
    double *block;
    AZ_TRY(AZ_NEW_ARRAY(block, problem->n_rows * (2 * width + 1)));
    double *prediction = block, *observed = prediction + problem->n_rows * width;
    double *weight = observed + problem->n_rows * width;
    int32_t *label = (int32_t *)(void *)observed;
    for (int64_t i = 0; i < problem->n_rows; i++) {
        const double *from = best->prediction + i * width;
        if (isnan(from[0])) continue; /* never tested: the gap of a split in time */
        for (int64_t k = 0; k < width; k++) {
            prediction[n * width + k] = from[k];
            if (!classes) observed[n * width + k] = problem->y[k * problem->n_rows + i];
        }
        if (classes) label[n] = problem->label[i];
        weight[n++] = problem->weight ? problem->weight[i] : 1;
    }
    *data = (az_score_data){.n_rows = n, .weight = problem->weight ? weight : NULL};
    if (classes) {
        data->n_classes = width;
        data->label = label;
        data->probability = prediction;
    } else {
        data->n_targets = width;
        data->observed = observed;
        data->predicted = prediction;
    }
    *work = block;
    return AZ_OK;
}
