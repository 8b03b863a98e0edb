/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_MODELS_TREE_BOOSTING_OPTIONS_H
#define AZ_MODELS_TREE_BOOSTING_OPTIONS_H

#include "models/tree/boosting.h"

enum { AZ_BOOSTING_AUTO, AZ_BOOSTING_FIRST }; /* the choice of `loss`: auto, then az_loss_kind in its order */

typedef struct az_boosting_options {
    int32_t loss;
    double alpha;
    double learning_rate;
    int64_t n_estimators;
    int64_t max_leaf_nodes;
    int64_t max_depth;
    int64_t min_samples_leaf;
    double min_child_weight;
    double min_split_gain;
    double cat_smooth;
    double min_samples_category;
    double l2_regularization;
    char max_features[AZ_PARAM_TEXT_SIZE];
    char colsample_bytree[AZ_PARAM_TEXT_SIZE];
    double subsample;
    int64_t max_bins;
    char monotonic_cst[AZ_PARAM_TEXT_SIZE];
    char interaction_cst[AZ_PARAM_TEXT_SIZE];
    char class_weight[AZ_PARAM_TEXT_SIZE];
    double scale_pos_weight;
    bool linear_tree;
    bool early_stopping;
    double validation_fraction;
    int64_t n_iter_no_change;
    double tol;
    const az_loss_functions *custom; /* no parameter: set by az_fit_boosting for the time of the fit */
} az_boosting_options;

az_status az_boosting_new(az_boosting **boosting, int64_t n_features, int64_t n_scores);
void az_boosting_free(void *fitted);
void az_boosting_set_importance(az_boosting *model);

/* before: the model to go on from, or NULL. */
az_status az_boosting_fit_from(void **fitted, const az_boosting *before, const az_sample *sample, const void *options,
                               const az_control *control, az_fit_result *result);

#endif
