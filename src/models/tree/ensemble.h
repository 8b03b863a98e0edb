/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees grown each for itself and averaged: what tree, bagging, forest and extra_trees share.  They differ in their
 * defaults and in which parameters they show. */
#ifndef AZ_MODELS_TREE_ENSEMBLE_H
#define AZ_MODELS_TREE_ENSEMBLE_H

#include "models/model.h"
#include "models/tree/draws.h"
#include "models/tree/grow.h"
#include "models/tree/kept.h"

/* The choice of `criterion`: auto, then az_criterion in its order, then a second name of entropy. */
enum { AZ_CRITERION_AUTO, AZ_CRITERION_FIRST, AZ_CRITERION_LOG_LOSS = AZ_CRITERION_FIRST + AZ_CRITERION_ENTROPY + 1 };
#define AZ_CRITERION_CHOICES "auto|squared_error|poisson|absolute_error|gini|entropy|log_loss"

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
    double max_samples; /* 1 and more: rows; below 1: a part; 0: as many as there are */
    bool oob_score;
    bool keep_targets;
    double ccp_alpha;
    int64_t max_bins;
    char monotonic_cst[AZ_PARAM_TEXT_SIZE];
    char class_weight[AZ_PARAM_TEXT_SIZE];
    int32_t splitter;   /* of a single tree: AZ_SPLITTER_BEST, ... */
    bool random_splits; /* not a parameter: set by the class */
} az_ensemble_options;

enum { AZ_SPLITTER_BEST, AZ_SPLITTER_RANDOM };

/* The parameters that all of them have, for the classes' tables. */
#define AZ_CRITERION_PARAM                                                                                             \
    AZ_CHOICE(az_ensemble_options, criterion, AZ_CRITERION_AUTO, AZ_CRITERION_CHOICES,                                 \
              "what a split lowers (auto: squared_error for quantities, gini for classes)", .differs = "auto")
#define AZ_ENSEMBLE_PARAMS(max_bins_)                                                                                  \
    AZ_CRITERION_PARAM,                                                                                                \
        AZ_PARAM(az_ensemble_options, max_depth, 0, 0, 10000, "levels below the root (0: no limit)",                   \
                 .aliases = "depth", .differs = "0 for None"),                                                         \
        AZ_SPLIT_PARAMS(max_bins_)
/* ... but the criterion and the depth. */
#define AZ_SPLIT_PARAMS(max_bins_)                                                                                     \
    AZ_PARAM(az_ensemble_options, max_leaf_nodes, 0, 0, 2e9, "leaves, the best splits first (0: no limit)",            \
             .aliases = "max_leaves,num_leaves", .differs = "0 for None"),                                             \
        AZ_PARAM(az_ensemble_options, min_samples_split, 2, 0, INFINITY,                                               \
                 "rows that a node must have to be split; below 1 a part of all rows"),                                \
        AZ_PARAM(az_ensemble_options, min_samples_leaf, 1, 0, INFINITY,                                                \
                 "rows that each side of a split must have; below 1 a part of all rows",                               \
                 .aliases = "min_node_size,min_data_in_leaf"),                                                         \
        AZ_PARAM(az_ensemble_options, min_weight_fraction_leaf, 0, 0, 0.5,                                             \
                 "part of all weight that each side of a split must have"),                                            \
        AZ_PARAM(az_ensemble_options, min_impurity_decrease, 0, 0, INFINITY,                                           \
                 "by how much a split must lower the impurity, as a part of all weight"),                              \
        AZ_PARAM(az_ensemble_options, ccp_alpha, 0, 0, INFINITY,                                                       \
                 "cost of a leaf: larger values prune more (the report of a tree shows how much pays)"),               \
        AZ_PARAM(                                                                                                      \
            az_ensemble_options, max_bins, max_bins_, 2, AZ_MOST_BINS,                                                 \
            "between how many bins of a feature nodes of more than 64 rows are cut; above 255 between all values, "    \
            "as smaller nodes are",                                                                                    \
            .differs = "scikit-learn's trees are cut between all values"),                                             \
        AZ_TEXT(az_ensemble_options, monotonic_cst, "", "columns in which predictions rise or fall: age=1,dose=-1",    \
                .differs = "columns are named; of two classes the second one's probability rises or falls"),           \
        AZ_TEXT(az_ensemble_options, class_weight, "",                                                                 \
                "factors on the weights of a class's rows, e.g. yes:2,no:1 (others 1); balanced: every class counts "  \
                "the same")
#define AZ_MAX_FEATURES_PARAM(help_, ...)                                                                              \
    AZ_TEXT(az_ensemble_options, max_features, "",                                                                     \
            "features examined at each split: all, sqrt, log2, a count, or a part such as 1/3 " help_,                 \
            .aliases = "mtry,colsample_bynode", __VA_ARGS__)
#define AZ_SAMPLES_PARAMS(bootstrap_)                                                                                  \
    AZ_PARAM(az_ensemble_options, bootstrap, bootstrap_, 0, 1,                                                         \
             "whether rows are drawn with replacement for each tree"),                                                 \
        AZ_PARAM(az_ensemble_options, max_samples, 0, 0, INFINITY,                                                     \
                 "rows drawn for each tree, below 1 a part of them (0: as many as there are)",                         \
                 .aliases = "sample_fraction",                                                                         \
                 .differs = "0 for None; without bootstrap that many rows are drawn, too, none twice"),                \
        AZ_PARAM(az_ensemble_options, oob_score, false, 0, 1, "score each row by the trees that did not see it",       \
                 .aliases = "oob"),                                                                                    \
        AZ_PARAM(az_ensemble_options, keep_targets, false, 0, 1,                                                       \
                 "keep which training rows end in each leaf, for predict --quantiles (4 bytes a row and tree)",        \
                 .aliases = "quantreg,quantile_forest", .differs = "scikit-learn has no quantile forest")
#define AZ_ENSEMBLE_TRAITS                                                                                             \
    (AZ_TRAIT_WEIGHTS | AZ_TRAIT_SEVERAL_TARGETS | AZ_TRAIT_JOINT_TARGETS | AZ_TRAIT_MISSING | AZ_TRAIT_CATEGORIES |   \
     AZ_TRAIT_CUTS_PERIODIC)

typedef struct az_ensemble {
    az_trees *trees;
    double *importance; /* (n_features) sum to 1: mean decrease of impurity, or 0 where nothing was split */
    double *offset;     /* (n_outputs) regression: the target's mean, taken off before growing */
    bool has_oob, classifies;
    double oob_score; /* R2 (mean over the targets) or accuracy of the out-of-bag predictions */
    az_draws *draws;  /* (n_draws) which rows the trees saw; NULL: not known, of a file of an older version */
    int64_t n_draws;
    az_kept *kept; /* training rows in the leaves (keep_targets), or NULL */
    int64_t n_features, n_outputs;
} az_ensemble;

az_status az_ensemble_fit(void **fitted, const az_sample *sample, const az_ensemble_options *options,
                          const az_control *control, az_fit_result *result);
/* As many trees more as n_estimators is above those of `before`, which stay as they are and come first.  On the same
 * data that is the model that a fit of all of them gives. */
az_status az_ensemble_continue(void **fitted, const void *before, const az_sample *sample, const void *options,
                               const az_control *control, az_fit_result *result);
void az_ensemble_free(void *fitted);
size_t az_ensemble_scratch(const void *fitted, int64_t n_rows);
int64_t az_ensemble_block_rows(const void *fitted);
void az_ensemble_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch);
az_status az_ensemble_save(const void *fitted, az_bundle *bundle);
az_status az_ensemble_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs);
int az_ensemble_facts(const void *fitted, az_fact *facts);
void az_ensemble_trees(const void *fitted, az_tree_view *view);
void az_ensemble_export(const void *fitted, az_code *code);
az_status az_ensemble_check(const void *options);
extern const az_binned_class az_ensemble_binned;

/* The trees of two models as one, those of `first` first; importances and offsets are the means over all trees, and an
 * out-of-bag score there is none. */
az_status az_ensemble_merge(void **fitted, const void *first, const void *second, void *options);

/* What the options say, resolved for a sample (ensemble_options.c). */
typedef struct az_ensemble_plan {
    az_grow_options grow;
    int64_t n_drawn;    /* rows drawn for each tree */
    bool draws;         /* else each tree sees every row once */
    int64_t first_tree; /* the number of the first one to be grown: of a model that is continued, those there are */
    int8_t *monotonic;  /* (n_features), or NULL */
    double *weight;     /* with those of the classes, or NULL: the sample's */
} az_ensemble_plan;
az_status az_ensemble_plan_make(az_ensemble_plan *plan, const az_sample *sample, const az_ensemble_options *options);
void az_ensemble_plan_clear(az_ensemble_plan *plan);

/* The codes of a sample, all that two bytes can tell apart, and their view (NULL where the options ask for
 * none), which is freed first. */
az_status az_ensemble_bins(az_bins **bins, az_bin_view **view, const az_sample *sample,
                           const az_ensemble_options *options, const az_control *control);

/* "sqrt", "log2", "all", "7", "0.3", "1/3": features examined at each split; fractions round down, at least 1. */
az_status az_max_features(const char *text, int64_t n_features, int64_t *n);

/* How the trees' rows are drawn, as the model keeps it. */
az_draws az_ensemble_draws(const az_ensemble_plan *plan, const az_ensemble_options *options, const az_sample *sample);

/* Predictions of each training row by the trees that did not see it: sums (n_rows, n_outputs) row-major of what they
 * predict, n_trees (n_rows) how many they are.  In memory one word a row besides (oob.c). */
az_status az_oob_sums(const az_trees *trees, const az_sample *sample, const az_draws *draws, double *sums,
                      int32_t *n_trees, const az_control *control);
/* Scores those predictions into the model; a row that every tree has seen is left out. */
az_status az_oob_score(az_ensemble *model, const az_sample *sample, const az_draws *draws, const az_control *control);

#endif
