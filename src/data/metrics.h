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

typedef struct az_metric {
    const char *name;        /* "rmse" */
    const char *title;       /* "root mean squared error" */
    unsigned tasks;          /* az_task bits */
    bool greater_is_better;
    bool in_target_unit;     /* printed with the target's unit */
    /* NaN where it is not defined.  n_rows > 0; work holds az_metric_work(data) numbers (regression: may be NULL). */
    double (*score)(const az_score_data *data, double *work);
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
int64_t az_metric_work(const az_score_data *data);
az_status az_metrics_score(unsigned task, const az_score_data *data, double *values);

/* counts (n_classes, n_classes) row-major: row observed, column predicted; weights are added. */
void az_confusion(const az_score_data *data, double *counts);
/* The predicted class of each row: the first with the greatest probability. */
int32_t az_argmax(const double *probability, int64_t n_classes);

#endif
