/* SPDX-License-Identifier: BSD-3-Clause */
/* The page while it is being written, and what its sections share.  A section is one file that ends in one
 * const az_section, listed by one line in report.c. */
#ifndef AZ_REPORT_PAGE_H
#define AZ_REPORT_PAGE_H

#include "report/html.h"
#include "report/plot.h"
#include "report/report.h"

typedef struct az_page {
    const az_report *report;
    const az_control *control;
    az_text html;
    char *gnuplot;  /* absolute path, or NULL: no pictures */
    int n_pictures; /* places for pictures so far: makes their ids */
} az_page;

typedef struct az_section {
    const char *id, *title;
    bool (*present)(const az_report *report); /* is there anything to show? */
    az_status (*write)(az_page *page);
} az_section;

extern const az_section az_section_leaderboard, az_section_curve, az_section_scores, az_section_predictions,
    az_section_residuals, az_section_coefficients, az_section_path, az_section_confusion, az_section_calibration,
    az_section_columns, az_section_importance, az_section_pruning,
    az_section_training;

/* Draws the script into a figure with a caption (HTML, may be NULL).  Where gnuplot is missing or fails, the figure
 * says so; only interrupts and memory are errors. */
az_status az_page_picture(az_page *page, const az_text *script, const char *caption);

/* Points with intervals, one a line, the first on top: what a dot-whisker plot is.  lower and upper may be NaN. */
az_status az_page_whiskers(az_page *page, const char *const *names, const double *values, const double *lower,
                           const double *upper, int64_t n, const char *axis, const char *unit, bool zero_line,
                           const char *caption);

/* Name and unit of target k (the label for classification); unit is NULL if there is none. */
void az_page_target(const az_report *report, int64_t k, const char **name, const char **unit);

/* A range that holds all the numbers, a little wider; never empty. */
void az_plot_widen(double *lower, double *upper);

/* At most n_characters of the text, with an ellipsis in place of the rest. */
void az_plot_shorten(az_text *text, const char *name, int n_characters);

#endif
