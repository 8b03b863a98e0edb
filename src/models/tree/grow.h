/* SPDX-License-Identifier: BSD-3-Clause */
/* Growing one tree on given rows: CART (Breiman, Friedman, Olshen, Stone 1984) on binned features. */
#ifndef AZ_MODELS_TREE_GROW_H
#define AZ_MODELS_TREE_GROW_H

#include "base/random.h"
#include "models/tree/bin_view.h"
#include "models/tree/nodes.h"

typedef enum az_criterion {
    AZ_CRITERION_SQUARED_ERROR,
    AZ_CRITERION_POISSON,
    AZ_CRITERION_ABSOLUTE_ERROR,
    AZ_CRITERION_GINI,
    AZ_CRITERION_ENTROPY
} az_criterion;

typedef struct az_grow_options {
    az_criterion criterion;
    int64_t max_depth;                           /* 0: no limit */
    int64_t max_leaf_nodes;                      /* 0: no limit; else the best split of all comes first */
    int64_t min_samples_split, min_samples_leaf; /* rows, each once however often it was drawn */
    double min_weight_fraction;                  /* of the tree's weight, in each leaf */
    double min_impurity_decrease;                /* of the weighted impurity, relative to all weight */
    double ccp_alpha;                            /* cost of a leaf, relative to all weight: prunes (prune.h) */
    int64_t max_features;                        /* examined at each node; constant ones do not count */
    bool random_splits;                          /* extremely randomised: one random threshold a feature */
    const int8_t *monotonic;                     /* (n_features) 1: increasing, -1: decreasing, 0; or NULL */
} az_grow_options;

/* What all trees of a forest share. */
typedef struct az_grow_data {
    const az_bins *bins;
    const az_bin_view *view; /* of the bins, for nodes of many rows; or NULL */
    int64_t n_outputs;       /* targets, or classes */
    const double *y;         /* regression (n_rows, n_outputs) row-major, scaled so that targets weigh alike; or NULL */
    const int32_t *label;    /* classification */
    const double *weight;    /* (n_rows), positive, or NULL: ones */
    const uint32_t *order;   /* criterion absolute_error: the rows by their target, smallest first; else NULL */
} az_grow_data;

/* Memory of one thread, reused from tree to tree.  Zero-initialise. */
typedef struct az_grow_work {
    void *items, *spare; /* rows in the order of the nodes */
    uint16_t *codes;     /* of a node's rows */
    uint32_t *places;    /* two orders of a node's rows */
    double *cells;       /* histogram of one feature */
    void *tasks;
    int64_t n_rows, n_cells, n_tasks;
    az_tree_node *nodes;
    float *cover;
    int64_t n_nodes;
    double *values;
    int64_t n_values;
    uint64_t *sets;
    int64_t n_sets;
    int32_t *order; /* of the features */
    double *gains;  /* what pruning needs of every node: the decrease of impurity of its split, ... */
    int64_t n_gains;
    double *inner; /* ... and its values */
    int64_t n_inner;
    void *medians; /* of criterion absolute_error */
    int64_t n_medians;
} az_grow_work;
void az_grow_work_free(az_grow_work *work);

/* count (n_rows): how often each row is in the sample of this tree, or NULL: once.  stream: of this tree alone.
 * importance (n_features, may be NULL) gets each feature's decrease of impurity added, as a part of all weight. */
az_status az_grow(az_tree *tree, const az_grow_data *data, const az_grow_options *options, const uint16_t *count,
                  az_stream stream, double *importance, az_grow_work *work);

#endif
