/* SPDX-License-Identifier: BSD-3-Clause */
/* Random forest: trees on bootstrap samples, each split chosen among a few features (Breiman 2001). */
#include "models/tree/ensemble.h"

#include <string.h>

static const az_param forest_params[] = {
    AZ_PARAM(az_ensemble_options, n_estimators, 100, 1, 1e6, "trees", .aliases = "num_trees,ntree,n_trees"),
    AZ_TEXT(
        az_ensemble_options, max_features, "",
        "features examined at each split: all, sqrt, log2, a count, or a part (default: 1/3 for quantities, sqrt for "
        "classes)",
        .aliases = "mtry", .differs = "scikit-learn examines all features in regression"),
    AZ_PARAM(az_ensemble_options, bootstrap, true, 0, 1, "whether rows are drawn with replacement for each tree"),
    AZ_PARAM(az_ensemble_options, max_samples, 0, 0, INFINITY,
             "rows drawn for each tree, below 1 a part (0: as many as there are)", .differs = "0 for None"),
    AZ_ENSEMBLE_PARAMS,
    AZ_PARAM_END};

static az_status forest_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                            az_fit_result *result)
{
    az_ensemble_options chosen = *(const az_ensemble_options *)options;
    if (!chosen.max_features[0]) strcpy(chosen.max_features, sample->task == AZ_CLASSIFICATION ? "sqrt" : "1/3");
    return az_ensemble_fit(fitted, sample, &chosen, control, result);
}

const az_model_class az_forest = {
    .name = "forest",
    .aliases = "random_forest,rf",
    .summary = "random forest: many trees on resampled rows and features, averaged",
    .reference = "Breiman (2001), Machine Learning 45:5-32",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_SEVERAL_TARGETS | AZ_TRAIT_JOINT_TARGETS | AZ_TRAIT_MISSING |
              AZ_TRAIT_CATEGORIES | AZ_TRAIT_CUTS_PERIODIC,
    .without = "negative weights: the mean of a leaf would have no meaning; sigma: no errors of leaves; "
               "repeat is weight and row order free: rows are drawn at random; partial fit: a split needs all rows",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_ensemble_options),
    .params = forest_params,
    .fit = forest_fit,
    .free = az_ensemble_free,
    .predict = az_ensemble_predict,
    .save = az_ensemble_save,
    .load = az_ensemble_load,
    .facts = az_ensemble_facts,
    .trees = az_ensemble_trees,
    .export = az_ensemble_export,
};
