/* SPDX-License-Identifier: BSD-3-Clause */
/* Scores of a model on rows of a problem. */
#ifndef CLI_SCORING_H
#define CLI_SCORING_H

#include "cli.h"

#include "base/json_write.h"
#include "data/metrics.h"

typedef struct cli_scores {
    bool present;
    int64_t n_rows;
    int n_metrics;
    double *values;     /* (n_metrics), in the order of az_metric_of */
    double *prediction; /* (n_rows, n_outputs) */
    az_score_data data; /* points into prediction and work */
    void *work;
    double seconds;     /* of predicting */
} cli_scores;

/* rows: indices into the problem's rows (NULL: all of them). */
az_status cli_score_rows(cli_call *call, const az_model *model, const az_problem *problem, const int64_t *rows,
                         int64_t n_rows, cli_scores *scores);
void cli_scores_free(cli_scores *scores);
void cli_json_scores(az_json *json, const char *key, az_task task, const cli_scores *scores); /* null if not present */

/* The unit that a metric in the target's unit is printed with; "" if none. */
const char *cli_metric_unit(const az_metric *metric, const az_model *model);

#endif
