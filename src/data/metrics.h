/* SPDX-License-Identifier: BSD-3-Clause */
/* Scores of predictions.  One table; each entry is a line with its function. */
#ifndef AZ_DATA_METRICS_H
#define AZ_DATA_METRICS_H

#include "base/memory.h"

typedef struct az_score_data {
    int64_t n_rows;
    const double *weight;    /* (n_rows), NULL: ones */
    int64_t n_targets;       /* regression: observed and predicted (n_rows, n_targets) row-major; scores are means */
    const double *observed, *predicted;
    int64_t n_classes;       /* classification: label (n_rows), probability (n_rows, n_classes) row-major */
    const int32_t *label;
    const double *probability;
} az_score_data;

/* What the metrics are made of: sums over rows, and for the area under the ROC curve the rows themselves. */
typedef struct az_score_sums az_score_sums;

typedef struct az_metric {
    const char *name;        /* "rmse" */
    const char *title;       /* "root mean squared error" */
    unsigned tasks;          /* az_task bits */
    bool greater_is_better;
    bool in_target_unit;     /* printed with the target's unit */
    double (*score)(const az_score_sums *sums); /* NaN where it is not defined */
} az_metric;

/* rmse, mae, r2, explained_variance; accuracy, balanced_accuracy, log_loss, auc, f1_macro.  The first of each task is
 * the one models are ranked by unless asked otherwise (rmse; log_loss is not: accuracy). */
extern const az_metric *const az_metrics[]; /* NULL ends */
/* NULL: no such; sets the error with the nearest name. */
const az_metric *az_metric_find(const char *name, unsigned task);
const az_metric *az_metric_default(unsigned task);

/* Values of all metrics of the task, az_metric_count of them, in the table's order. */
int az_metric_count(unsigned task);
const az_metric *az_metric_of(unsigned task, int i);
az_status az_metrics_score(unsigned task, const az_score_data *data, double *values);

/* The same of rows that come in blocks; n_outputs: targets or classes.  Memory does not grow with the rows, except for
 * the area under the ROC curve: up to 128 MB; it is NaN where they are not enough (az_score_sums_held_all: false). */
az_status az_score_sums_new(az_score_sums **sums, unsigned task, int64_t n_outputs);
az_status az_score_sums_add(az_score_sums *sums, const az_score_data *data);
az_status az_score_sums_values(az_score_sums *sums, double *values);
int64_t az_score_sums_n_rows(const az_score_sums *sums);
/* counts (n_classes, n_classes) row-major: row observed, column predicted; weights are added.  Borrowed. */
const double *az_score_sums_confusion(const az_score_sums *sums);
bool az_score_sums_held_all(const az_score_sums *sums);
void az_score_sums_free(az_score_sums *sums); /* NULL is allowed */

/* counts as az_score_sums_confusion has them. */
void az_confusion(const az_score_data *data, double *counts);
/* The predicted class of each row: the first with the greatest probability. */
int32_t az_argmax(const double *probability, int64_t n_classes);

#endif
