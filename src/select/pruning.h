/* SPDX-License-Identifier: BSD-3-Clause */
/* How much a single tree is to be pruned: its score along the cost of a leaf (ccp_alpha), by cross-validation (Breiman,
 * Friedman, Olshen, Stone 1984, section 3.4). */
#ifndef AZ_SELECT_PRUNING_H
#define AZ_SELECT_PRUNING_H

#include "select/cross_validate.h"

typedef struct az_pruning {
    const az_metric *metric;
    int64_t n, n_rows, n_folds;
    double *alpha;            /* (n) descending by halves from where one leaf is left; the last is 0 */
    double *n_leaves;         /* (n) of the tree of all rows */
    double *mean, *std_error; /* (n) of the score over the folds */
    int64_t best;             /* the best score */
    int64_t simplest;         /* the largest alpha whose score is within one standard error of the best */
} az_pruning;

/* Whether the class is a single tree with that parameter. */
bool az_can_prune(const az_model_class *class);
/* On rows of the problem (NULL: all), at most most_rows of them, evenly chosen.  n 0: no tree has a split. */
az_status az_pruning_path(az_pruning *pruning, const az_model_class *class, const void *options,
                          const az_pipeline_options *pipeline, const az_problem *problem, const int64_t *rows,
                          int64_t n_rows, int64_t most_rows, const az_split_options *split, const az_control *control);
void az_pruning_free(az_pruning *pruning);

#endif
