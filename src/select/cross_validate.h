/* SPDX-License-Identifier: BSD-3-Clause */
/* Cross-validation and the comparison of models. */
#ifndef AZ_SELECT_CROSS_VALIDATE_H
#define AZ_SELECT_CROSS_VALIDATE_H

#include "data/metrics.h"
#include "data/split.h"
#include "models/model.h"

typedef struct az_cv_result {
    const az_model_class *class;
    int64_t n_folds;
    int n_metrics;
    double *values;   /* (n_folds, n_metrics): the task's metrics in the order of az_metric_of */
    double *mean;     /* (n_metrics), over the folds in which the metric is defined */
    double *std_error;/* (n_metrics): standard deviation over those n folds (divisor n - 1) / sqrt(n) */
    double seconds;   /* fit and predict, all folds */
    double *prediction; /* (problem->n_rows, n_outputs) out of fold, row-major; NaN where a row was never tested */
    int64_t n_outputs;
    bool converged;   /* in every fold */
    az_status status; /* AZ_OK, or why this model could not be fitted; then all pointers are NULL ... */
    char *error;      /* ... and this says it */
} az_cv_result;

/* Fits on every fold's training rows and scores its test rows.  A failing fit is kept in result->status, and AZ_OK is
 * returned; only interrupts, memory and internal faults are errors of the call. */
az_status az_cross_validate(az_cv_result *result, const az_model_class *class, const void *options,
                            const az_pipeline_options *pipeline, const az_problem *problem, const int32_t *fold,
                            int64_t n_folds, const az_split_options *split, const az_control *control);
void az_cv_result_free(az_cv_result *result);

/* Several classes with their default options on the same folds, best first by the metric (failed ones last).  The
 * pipeline (NULL: the defaults) stands in front of each. */
az_status az_compare(az_cv_result **results, int64_t *n_results, const az_model_class *const *classes,
                     int64_t n_classes, const az_pipeline_options *pipeline, const az_problem *problem, int64_t n_folds,
                     const az_metric *metric, const az_split_options *split, const az_control *control);

#endif
