/* SPDX-License-Identifier: BSD-3-Clause */
/* Scores of a model on rows of a problem. */
#ifndef CLI_SCORING_H
#define CLI_SCORING_H

#include "cli.h"

#include "base/json_write.h"
#include "data/metrics.h"
#include "models/interval.h"

typedef struct cli_scores {
    bool present;
    int64_t n_rows;
    int n_metrics;
    double *values;     /* (n_metrics), in the order of az_metric_of */
    double *prediction; /* (n_rows, n_outputs) */
    az_score_data data; /* points into prediction and work */
    void *work;
    double seconds; /* of predicting */
} cli_scores;

/* rows: indices into the problem's rows (NULL: all of them). */
az_status cli_score_rows(cli_call *call, const az_model *model, const az_problem *problem, const int64_t *rows,
                         int64_t n_rows, cli_scores *scores);
void cli_scores_free(cli_scores *scores);
void cli_json_scores(az_json *json, const char *key, az_task task, const cli_scores *scores); /* null if not present */

/* "interval": how it is made, level, coverage and width of the rows scored; nothing if there is none.  The level is
 * that of the fit or of --interval, the way that of --interval-by. */
typedef struct cli_coverage {
    bool present;
    az_bounds bounds;
    az_interval_score score;
} cli_coverage;
az_status cli_coverage_begin(cli_coverage *coverage, const cli_call *call, const az_model *model);
az_status cli_print_coverage(const cli_coverage *coverage, const az_model *model, const char *rows);
void cli_json_coverage(az_json *json, const cli_coverage *coverage, const az_model *model);
void cli_coverage_free(cli_coverage *coverage);
az_interval_way cli_interval_way(const cli_call *call);

/* The unit that a metric in the target's unit is printed with; "" if none. */
const char *cli_metric_unit(const az_metric *metric, const az_model *model);

#endif
