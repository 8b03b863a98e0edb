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
    double seconds; /* of predicting */
} cli_scores;

/* rows: indices into the problem's rows (NULL: all of them). */
az_status cli_score_rows(cli_call *call, const az_model *model, const az_problem *problem, const int64_t *rows,
                         int64_t n_rows, cli_scores *scores);
void cli_scores_free(cli_scores *scores);
void cli_json_scores(az_json *json, const char *key, az_task task, const cli_scores *scores); /* null if not present */

/* "interval": level, coverage and half_width of the rows scored; nothing if there is none.  The level is that of the
 * fit or of --interval. */
typedef struct cli_coverage {
    double level;    /* 0: the model has no intervals */
    double *half;    /* (n_targets) */
    double coverage; /* NaN: no row */
} cli_coverage;
/* level 0: that of the fit, if there is one. */
az_status cli_coverage_begin(cli_coverage *coverage, const az_model *model, double level);
az_status cli_print_coverage(const cli_coverage *coverage, const az_model *model, const char *rows);
void cli_json_coverage(az_json *json, const cli_coverage *coverage, const az_model *model);
void cli_coverage_free(cli_coverage *coverage);

/* The unit that a metric in the target's unit is printed with; "" if none. */
const char *cli_metric_unit(const az_metric *metric, const az_model *model);

#endif
