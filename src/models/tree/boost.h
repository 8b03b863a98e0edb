/* SPDX-License-Identifier: BSD-3-Clause */
/* Growing the trees of gradient boosting: second-order gains from histograms of gradient and curvature (Friedman 2001;
 * Chen and Guestrin, XGBoost, KDD 2016), the larger child's histogram by subtraction (Ke et al., LightGBM, NeurIPS
 * 2017). */
#ifndef AZ_MODELS_TREE_BOOST_H
#define AZ_MODELS_TREE_BOOST_H

#include "base/random.h"
#include "models/tree/bins.h"
#include "models/tree/nodes.h"

typedef struct az_boost_options {
    double learning_rate;
    double l2;              /* added to the curvature of each leaf */
    double min_curvature;   /* sum of curvatures that each side of a split must have */
    double min_gain;        /* a split must lower the loss by more */
    int64_t max_depth;      /* 0: no limit */
    int64_t max_leaf_nodes; /* 0: no limit; else leaf-wise: the largest gain is split first */
    int64_t min_samples_leaf;
    double category_smooth;  /* added to a category's curvature where categories are sorted */
    double category_rows;    /* categories of fewer rows in a leaf stay on the right of its split */
    int64_t max_features;    /* drawn anew for each split; 0: all */
    const int8_t *monotonic; /* (n_features) or NULL */
    const uint64_t *groups;  /* (n_features) bits of the groups that may act together, or NULL */
    bool alone;              /* one feature a tree's path */
} az_boost_options;

/* The memory of growing, made once for all rounds.  What the options point to must outlive it. */
typedef struct az_booster az_booster;
az_status az_booster_new(az_booster **booster, const az_bins *bins, const az_boost_options *options,
                         const az_control *control);
void az_booster_free(az_booster *booster);

/* The value of a leaf with these rows, before the learning rate; work (n_rows).  Called from several threads. */
typedef az_status (*az_boost_leaf_fn)(void *context, const uint32_t *rows, int64_t n_rows, double *work, double *value);

typedef struct az_boost_round {
    const double *pairs;  /* (rows of the bins, 2) gradient and curvature of the loss */
    bool constant;        /* all curvatures are 1 */
    const uint32_t *rows; /* increasing, or NULL: all */
    int64_t n_rows;
    const unsigned char *features; /* (n_features) those that may be used, or NULL */
    az_stream stream;              /* of this tree, for max_features */
    double *score;                 /* (rows of the bins) the tree's value is added for the rows listed; or NULL */
    az_boost_leaf_fn renew;        /* NULL: leaves are -gradient / (curvature + l2) */
    void *context;
    double *importance; /* (n_features) gains are added; or NULL */
} az_boost_round;

az_status az_boost_tree(az_tree *tree, az_booster *booster, const az_boost_round *round);

/* Adds the value of the tree grown last to the scores of other rows of the bins. */
void az_boost_add(const az_booster *booster, const uint32_t *rows, int64_t n_rows, double *score);

#endif
