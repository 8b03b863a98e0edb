/* SPDX-License-Identifier: BSD-3-Clause */
/* Random forest: trees on bootstrap samples, each split chosen among a few features (Breiman 2001). */
#include "models/tree/ensemble.h"

#include <string.h>

static const az_param forest_params[] = {
    AZ_PARAM(az_ensemble_options, n_estimators, 100, 1, 1e6, "trees", .aliases = "num_trees,ntree,n_trees"),
    AZ_MAX_FEATURES_PARAM("(default: 1/3 for quantities, sqrt for classes)",
                          .differs = "scikit-learn examines all features for quantities"),
    AZ_SAMPLES_PARAMS(true), AZ_ENSEMBLE_PARAMS(255), AZ_PARAM_END};

static az_ensemble_options resolve(const az_sample *sample, const void *options)
{
    az_ensemble_options chosen = *(const az_ensemble_options *)options;
    if (!chosen.max_features[0]) strcpy(chosen.max_features, sample->task == AZ_CLASSIFICATION ? "sqrt" : "1/3");
    return chosen;
}

static az_status forest_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                            az_fit_result *result)
{
    const az_ensemble_options chosen = resolve(sample, options);
    return az_ensemble_fit(fitted, sample, &chosen, control, result);
}

static az_status forest_extend(void **fitted, const void *before, const az_sample *sample, const void *options,
                               const az_control *control, az_fit_result *result)
{
    const az_ensemble_options chosen = resolve(sample, options);
    return az_ensemble_continue(fitted, before, sample, &chosen, control, result);
}

const az_model_class az_forest = {
    .name = "forest",
    .aliases = "random_forest,rf",
    .summary = "random forest: many trees on resampled rows and features, averaged",
    .reference = "Breiman (2001), Machine Learning 45:5-32",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits = AZ_ENSEMBLE_TRAITS,
    .without = "negative weights: the mean of a leaf would have no meaning; sigma: leaves give no errors; "
               "repeat is weight and row order free: rows are drawn at random; partial fit: a split needs "
               "all rows; iterative: nothing is iterated; periodic: cut in [0, period); exact products: "
               "thresholds need no more digits",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_ensemble_options),
    .params = forest_params,
    .fit = forest_fit,
    .free = az_ensemble_free,
    .predict = az_ensemble_predict,
    .scratch = az_ensemble_scratch,
    .block_rows = az_ensemble_block_rows,
    .save = az_ensemble_save,
    .load = az_ensemble_load,
    .check = az_ensemble_check,
    .facts = az_ensemble_facts,
    .trees = az_ensemble_trees,
    .binned = &az_ensemble_binned,
    .more = "n_estimators",
    .extend = forest_extend,
    .merge = az_ensemble_merge,
    .export = az_ensemble_export,
};
