/* SPDX-License-Identifier: BSD-3-Clause */
/* How sure trees that are averaged are of a prediction: its standard deviation (tree/jackknife.h), and quantiles of the
 * target (tree/kept.h). */
#ifndef AZ_MODELS_SPREAD_H
#define AZ_MODELS_SPREAD_H

#include "models/model.h"

typedef struct az_spread az_spread;

typedef struct az_spread_options {
    bool deviation;      /* by how much each output would vary with another training sample */
    const double *level; /* (n_levels) of quantiles, 0 to 1; copied */
    int64_t n_levels;
} az_spread_options;

/* What does not depend on the rows is done here, once.  AZ_ERROR_USAGE: the model has no such numbers, and why. */
az_status az_spread_new(az_spread **spread, const az_model *model, const az_spread_options *options,
                        const az_control *control);
void az_spread_free(az_spread *spread);
/* Whether the model can tell quantiles of its targets. */
bool az_spread_has_quantiles(const az_model *model);

/* Numbers of a row: the deviation of each output, if asked for, then for each target its quantiles in the order of the
 * levels. */
int64_t az_spread_n(const az_spread *spread);
/* Trees with which deviations would be measured well; 0: none were asked for. */
int64_t az_spread_trees_wanted(const az_spread *spread);
/* values (n_rows, n) row-major of rows of the table (NULL: all), in the units of the predictions.  A row's numbers do
 * not depend on the others.  Adds to *n_noisy (may be NULL) the deviations that are 0 because few trees hide them. */
az_status az_spread_fill(const az_spread *spread, const az_table *table, const int64_t *rows, int64_t n_rows,
                         double *values, int64_t *n_noisy, const az_control *control);

#endif
