/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees grown each for itself and averaged: what tree, bagging, forest and extra_trees share.  They differ in their defaults
 * and in which parameters they show. */
#ifndef AZ_MODELS_TREE_ENSEMBLE_H
#define AZ_MODELS_TREE_ENSEMBLE_H

#include "models/model.h"
#include "models/tree/grow.h"

enum { AZ_CRITERION_AUTO, AZ_CRITERION_FIRST }; /* the choice of `criterion`: auto, then az_criterion in its order */
#define AZ_CRITERION_CHOICES "auto|squared_error|poisson|absolute_error|gini|entropy"

typedef struct az_ensemble_options {
    int64_t n_estimators;
    int32_t criterion;
    int64_t max_depth;
    int64_t max_leaf_nodes;
    double min_samples_split, min_samples_leaf; /* 1 and more: rows; below 1: a part of the rows */
    double min_weight_fraction_leaf;
    double min_impurity_decrease;
    char max_features[AZ_PARAM_TEXT_SIZE]; /* "all", "sqrt", "log2", a count, or a fraction below 1 or with a point */
    bool bootstrap;
    double max_samples;                    /* 1 and more: rows; below 1: a part; 0: as many as there are */
    bool oob_score;
    double ccp_alpha;
    int64_t max_bins;
    char monotonic_cst[AZ_PARAM_TEXT_SIZE];
    bool random_splits;                    /* not a parameter: set by the class */
} az_ensemble_options;

/* The parameters that all of them have, for the classes' tables. */
#define AZ_ENSEMBLE_PARAMS                                                                                             \
    AZ_CHOICE(az_ensemble_options, criterion, AZ_CRITERION_AUTO, AZ_CRITERION_CHOICES,                                 \
              "what a split lowers (auto: squared_error for quantities, gini for classes)",                            \
              .differs = "auto; log_loss is called entropy"),                                                          \
        AZ_PARAM(az_ensemble_options, max_depth, 0, 0, 10000, "levels below the root (0: no limit)",                   \
                 .aliases = "depth", .differs = "0 for None"),                                                         \
        AZ_PARAM(az_ensemble_options, max_leaf_nodes, 0, 0, 2e9, "leaves, the best splits first (0: no limit)",        \
                 .aliases = "max_leaves,num_leaves", .differs = "0 for None"),                                         \
        AZ_PARAM(az_ensemble_options, min_samples_split, 2, 0, INFINITY,                                               \
                 "rows that a node must have to be split; below 1 a part of all rows"),                                \
        AZ_PARAM(az_ensemble_options, min_samples_leaf, 1, 0, INFINITY,                                                \
                 "rows that each side of a split must have; below 1 a part of all rows",                               \
                 .aliases = "min_node_size,min_data_in_leaf"),                                                         \
        AZ_PARAM(az_ensemble_options, min_weight_fraction_leaf, 0, 0, 0.5,                                             \
                 "part of all weight that each side of a split must have"),                                            \
        AZ_PARAM(az_ensemble_options, min_impurity_decrease, 0, 0, INFINITY,                                           \
                 "by how much a split must lower the impurity, as a part of all weight"),                              \
        AZ_PARAM(az_ensemble_options, ccp_alpha, 0, 0, INFINITY, "cost of a leaf: larger values prune more"),          \
        AZ_PARAM(az_ensemble_options, max_bins, 255, 2, 65534, "bins that a feature is cut into",                      \
                 .differs = "scikit-learn's trees sort all values; above 255 bins take two bytes"),                    \
        AZ_TEXT(az_ensemble_options, monotonic_cst, "", "columns in which predictions rise or fall: age=1,dose=-1")

typedef struct az_ensemble {
    az_trees *trees;
    double *importance;      /* (n_features) sum to 1: mean decrease of impurity */
    double *offset;          /* (n_outputs) regression: the target's mean, taken off before growing */
    double *oob;             /* (n_outputs) or NULL: r2 of each target, or accuracy, of the out-of-bag predictions */
    int64_t n_features, n_outputs;
    bool classifies;
} az_ensemble;

az_status az_ensemble_fit(void **fitted, const az_sample *sample, const az_ensemble_options *options,
                          const az_control *control, az_fit_result *result);
void az_ensemble_free(void *fitted);
void az_ensemble_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch);
az_status az_ensemble_save(const void *fitted, az_bundle *bundle);
az_status az_ensemble_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs);
int az_ensemble_facts(const void *fitted, az_fact *facts);
void az_ensemble_trees(const void *fitted, az_tree_view *view);
void az_ensemble_export(const void *fitted, az_code *code);

/* "sqrt", "log2", "all", "7", "0.3", "1/3": features examined at each split; fractions round down, at least 1. */
az_status az_max_features(const char *text, int64_t n_features, int64_t *n);

#endif
