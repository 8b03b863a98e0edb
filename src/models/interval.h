/* SPDX-License-Identifier: BSD-3-Clause */
/* Split-conformal prediction intervals, for any model of quantities: prediction +- the residual that so many of the
 * rows held back for calibration do not exceed (Papadopoulos, Proedrou, Vovk and Gammerman 2002; Lei, G'Sell, Rinaldo,
 * Tibshirani and Wasserman, JASA 113, 2018, algorithm 2).  Whatever the model and the distribution, an interval of
 * level c holds a new row's value with probability at least c, and at most c + 1 / (n + 1) where residuals have no
 * ties, if the new row and the n calibration rows could as well have changed places. */
#ifndef AZ_MODELS_INTERVAL_H
#define AZ_MODELS_INTERVAL_H

#include "data/metrics.h"
#include "models/model.h"
#include "models/spread.h"

/* Part of a model; in its file the arrays "interval.*". */
typedef struct az_interval {
    double level; /* what was asked for in the fit; any other can be had as well */
    int64_t n_targets, n;
    double *residual; /* (n_targets, n) |observed - predicted| of the calibration rows, ascending */
} az_interval;
void az_interval_free(az_interval *interval);

/* As az_model_fit, with a part of the rows held back for calibration: a fifth (at most 10,000), more where the level
 * asks for more, chosen as `split` says.  AZ_ERROR_USAGE: the model classifies; AZ_ERROR_DATA: too few rows for the
 * level. */
az_status az_model_fit_interval(az_model **model, const az_model_class *class, const void *options,
                                const az_pipeline_options *pipeline, const az_problem *problem, const int64_t *rows,
                                int64_t n_rows, const az_split_options *split, double level, const az_control *control);

/* Calibrates a fitted model on rows (indices, NULL: all) that it has not seen, in place of an earlier calibration. */
az_status az_model_calibrate(az_model *model, const az_problem *problem, const int64_t *rows, int64_t n_rows,
                             double level, const az_control *control);

/* Which residual, counted from 1 in ascending order, bounds the interval: ceil((n + 1) level); more than n: there is
 * none, the interval would be all numbers. */
int64_t az_interval_rank(int64_t n, double level);

/* Half the width of each target's interval.  level 0: the one asked for in the fit.  AZ_ERROR_USAGE: the model was not
 * calibrated; AZ_ERROR_DATA: too few calibration rows for the level. */
az_status az_interval_half_widths(const az_model *model, double level, double *half);

/* The intervals of a model at one level, by one of the two ways: split-conformal, of constant width, or by the
 * quantiles of a quantile forest (tree/kept.h), which follow the rows but promise nothing. */
typedef enum az_interval_way { AZ_INTERVAL_AUTO, AZ_INTERVAL_CONFORMAL, AZ_INTERVAL_QUANTILES } az_interval_way;
typedef struct az_bounds {
    const az_model *model;
    az_interval_way way;
    double level;
    double *half;      /* conformal: (n_targets), else NULL */
    az_spread *spread; /* quantiles: the lower, then the upper end of each target; else NULL */
} az_bounds;

/* AZ_INTERVAL_AUTO: conformal if the model was calibrated, else by quantiles if it has them.  level 0: the one asked
 * for in the fit.  AZ_ERROR_USAGE: the model has no intervals of this way. */
az_status az_bounds_new(az_bounds *bounds, const az_model *model, az_interval_way way, double level,
                        const az_control *control);
void az_bounds_free(az_bounds *bounds);
/* bounds (n_rows, n_targets, 2) of rows of the table (NULL: all), with their predictions (n_rows, n_targets). */
az_status az_bounds_fill(const az_bounds *of, const az_table *table, const int64_t *rows, int64_t n_rows,
                         const double *prediction, double *bounds, const az_control *control);

/* How many observed values lie in their intervals, and how wide these are: begin with zeros, and width (n_targets). */
typedef struct az_interval_score {
    const az_bounds *bounds;
    double weight, inside; /* sums over rows and targets */
    double *width;         /* (n_targets) weighted sums over rows */
} az_interval_score;
/* bounds: of the rows, as from az_bounds_fill. */
void az_interval_score_add(az_interval_score *score, const az_score_data *data, const double *bounds);
/* The same of rows of a problem (NULL: all) with their score data. */
az_status az_interval_score_rows(az_interval_score *score, const az_problem *problem, const int64_t *rows,
                                 const az_score_data *data, const az_control *control);

az_status az_interval_save(const az_model *model, az_bundle *bundle);
az_status az_interval_load(az_model *model, const az_bundle *bundle);

#endif
