/* SPDX-License-Identifier: BSD-3-Clause */
/* Quantile forests (Meinshausen 2006, JMLR 7:983-999): the trees keep which training rows end in each leaf, and not
 * only their mean.  For a new row the training targets get the weights with which they enter the forest's prediction;
 * the quantiles are those of that distribution, so that its mean is what the forest predicts. */
#ifndef AZ_MODELS_TREE_KEPT_H
#define AZ_MODELS_TREE_KEPT_H

#include "base/control.h"
#include "models/tree/draws.h"
#include "models/tree/nodes.h"

typedef struct az_kept {
    int64_t n_rows, n_targets, n_trees;
    double *target;   /* (n_targets, n_rows) of the training rows, as the trees saw them */
    double *weight;   /* (n_rows), NULL: ones */
    int64_t *first;   /* (n_trees + 1) where the entries of each tree begin in `row` */
    int32_t *row;     /* a row as often as it was drawn, leaf after leaf, in ascending order within each */
    int32_t **start;  /* tree t: (its n_nodes + 1) where the entries of each node begin, less first[t] */
    int32_t *rank;    /* (n_targets, n_rows) of the row's target in ascending order; of equal ones the first row's */
    int32_t *by_rank; /* (n_targets, n_rows) the row of a rank */
} az_kept;

struct az_sample;
az_status az_kept_new(az_kept **kept, const az_trees *trees, const struct az_sample *sample, const az_draws *draws,
                      const az_control *control);
void az_kept_free(az_kept *kept);

/* Those of two ensembles whose trees are `trees`, those of a first.  Rows that are the same ones are kept once.  NULL
 * if one of them keeps none. */
az_status az_kept_join(az_kept **joined, const az_trees *trees, const az_kept *a, const az_kept *b);

/* Arrays "kept.*"; NULL if there are none. */
az_status az_kept_save(const az_kept *kept, const az_trees *trees, az_bundle *bundle);
az_status az_kept_load(az_kept **kept, const az_trees *trees, const az_bundle *bundle, int64_t n_targets);

/* out (n_targets, n_levels): the smallest training target up to which at least so large a part of the weight lies
 * (inf {y: F(y) >= level}, Meinshausen's definition; nothing is interpolated).  NaN where no row has weight.
 * features: of one row.  scratch: az_kept_scratch bytes that are zero, and are left so. */
size_t az_kept_scratch(const az_kept *kept);
void az_kept_quantiles(const az_kept *kept, const az_trees *trees, const double *features, const double *level,
                       int64_t n_levels, double *out, void *scratch);

#endif
