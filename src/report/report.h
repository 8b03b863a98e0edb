/* SPDX-License-Identifier: BSD-3-Clause */
/* The report: one HTML file that opens offline.  Plots are gnuplot's SVG, inline; without gnuplot the report says so
 * where each picture would stand. */
#ifndef AZ_REPORT_REPORT_H
#define AZ_REPORT_REPORT_H

#include "explain/explain.h"
#include "select/cross_validate.h"
#include "select/pruning.h"

typedef struct az_report {
    const char *title;
    const char *command;              /* how to reproduce it, as typed */
    const az_table *table;
    const az_problem *problem;
    const az_model *model;            /* the fitted model, or NULL for a comparison alone */
    const az_cv_result *leaderboard;  /* or NULL */
    int64_t n_leaderboard;
    const az_metric *metric;          /* that the leaderboard is sorted by */
    /* Observed and predicted for the plots: the test part if one was held out, else out of fold. */
    const az_score_data *scored;
    const char *scored_on;            /* "5-fold cross-validation, random", "test.csv", "20 % held out" */
    const double *scores, *score_errors; /* of the task's metrics on it; errors may be NULL */
    const az_importances *importances; /* on rows that the model has not seen, or out of bag; or NULL */
    const az_pruning *pruning;         /* of a single tree, or NULL */
    const char *const *notes;         /* lines that were said on the way */
    int64_t n_notes;
} az_report;

az_status az_report_write(const az_report *report, const char *path, const az_control *control);

/* True if gnuplot can be run; what `doctor` shows. */
bool az_plot_available(void);

#endif
