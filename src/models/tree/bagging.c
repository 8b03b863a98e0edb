/* SPDX-License-Identifier: BSD-3-Clause */
/* Bagging: trees on bootstrap samples (Breiman 1996). */
#include "models/tree/ensemble.h"

static const az_param bagging_params[] = {
    AZ_PARAM(az_ensemble_options, n_estimators, 100, 1, 1e6, "trees", .aliases = "num_trees,ntree,n_trees",
             .differs = "scikit-learn's 10 are few: more do no harm but to the time"),
    AZ_MAX_FEATURES_PARAM("(default: all)", .differs = "scikit-learn's bagging draws them once for each tree"),
    AZ_SAMPLES_PARAMS(true), AZ_ENSEMBLE_PARAMS(255), AZ_PARAM_END};

static az_status bagging_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                             az_fit_result *result)
{
    return az_ensemble_fit(fitted, sample, options, control, result);
}

const az_model_class az_bagging = {
    .name = "bagging",
    .aliases = "bootstrap_aggregating",
    .summary = "bagging: many trees on resampled rows, averaged",
    .reference = "Breiman (1996), Machine Learning 24:123-140",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits = AZ_ENSEMBLE_TRAITS,
    .without = "negative weights: the mean of a leaf would have no meaning; sigma: leaves give no errors; "
               "repeat is weight and row order free: rows are drawn at random; partial fit: a split needs "
               "all rows; iterative: nothing is iterated; periodic: cut in [0, period); exact products: "
               "thresholds need no more digits",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_ensemble_options),
    .params = bagging_params,
    .fit = bagging_fit,
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
    .extend = az_ensemble_continue,
    .merge = az_ensemble_merge,
    .export = az_ensemble_export,
};
