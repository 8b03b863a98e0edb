/* SPDX-License-Identifier: BSD-3-Clause */
/* Growing the trees of gradient boosting: second-order gains from histograms of gradient and curvature (Friedman 2001; Chen
 * and Guestrin, XGBoost, KDD 2016), the larger child's histogram by subtraction (Ke et al., LightGBM, NeurIPS 2017). */
#ifndef AZ_MODELS_TREE_BOOST_H
#define AZ_MODELS_TREE_BOOST_H

#include "models/tree/bins.h"
#include "models/tree/nodes.h"

typedef struct az_boost_options {
    double learning_rate;
    double l2;                /* added to the curvature of each leaf */
    double min_curvature;     /* sum of curvatures that each side of a split must have */
    double min_gain;          /* a split must lower the loss by more */
    int64_t max_depth;        /* 0: no limit */
    int64_t max_leaf_nodes;   /* 0: no limit; else leaf-wise: the largest gain is split first */
    int64_t min_samples_leaf;
    const int8_t *monotonic;  /* (n_features) or NULL */
} az_boost_options;

/* The memory of growing, made once for all rounds. */
typedef struct az_booster az_booster;
az_status az_booster_new(az_booster **booster, const az_bins *bins, const az_boost_options *options,
                         const az_control *control);
void az_booster_free(az_booster *booster);

/* Grows a tree on the rows listed (NULL: all n_rows) from gradient and curvature of the loss, pairs (n_rows, 2).
 * constant: all curvatures are 1.  features (n_features): those that may be used, or NULL.  Leaves hold -learning_rate G / (H + l2).
 * The tree's value is added to score[row * stride] of the rows listed; importance (n_features) gets gains added. */
az_status az_boost_tree(az_tree *tree, az_booster *booster, const double *pairs, bool constant, const uint32_t *rows,
                        int64_t n_rows, const unsigned char *features, double *score, int64_t stride,
                        double *importance);

/* For losses whose leaves are not means of gradients: the rows of leaf k (in order of nodes) of the tree grown last. */
int64_t az_booster_n_leaves(const az_booster *booster);
void az_booster_leaf(const az_booster *booster, int64_t leaf, int32_t *node, const uint32_t **rows, int64_t *n_rows);

#endif
