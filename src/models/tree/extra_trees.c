/* SPDX-License-Identifier: BSD-3-Clause */
/* Extremely randomised trees: all rows, and one random threshold a feature (Geurts, Ernst, Wehenkel 2006). */
#include "models/tree/ensemble.h"

#include <string.h>

static const az_param extra_trees_params[] = {
    AZ_PARAM(az_ensemble_options, n_estimators, 100, 1, 1e6, "trees", .aliases = "num_trees,ntree,n_trees"),
    AZ_MAX_FEATURES_PARAM("(default: all for quantities, sqrt for classes)"), AZ_SAMPLES_PARAMS(false),
    AZ_ENSEMBLE_PARAMS(255), AZ_PARAM_END};

static az_ensemble_options resolve(const az_sample *sample, const void *options)
{
    az_ensemble_options chosen = *(const az_ensemble_options *)options;
    chosen.random_splits = true;
    if (!chosen.max_features[0]) strcpy(chosen.max_features, sample->task == AZ_CLASSIFICATION ? "sqrt" : "all");
    return chosen;
}

static az_status extra_trees_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                                 az_fit_result *result)
{
    const az_ensemble_options chosen = resolve(sample, options);
    return az_ensemble_fit(fitted, sample, &chosen, control, result);
}

static az_status extra_trees_extend(void **fitted, const void *before, const az_sample *sample, const void *options,
                                    const az_control *control, az_fit_result *result)
{
    const az_ensemble_options chosen = resolve(sample, options);
    return az_ensemble_continue(fitted, before, sample, &chosen, control, result);
}

const az_model_class az_extra_trees = {
    .name = "extra_trees",
    .aliases = "extremely_randomized_trees,et",
    .summary = "extremely randomised trees: random thresholds, averaged",
    .reference = "Geurts, Ernst, Wehenkel (2006), Machine Learning 63:3-42",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits = AZ_ENSEMBLE_TRAITS,
    .without = "negative weights: the mean of a leaf would have no meaning; sigma: leaves give no errors; "
               "repeat is weight and row order free: thresholds are drawn at random; partial fit: a split "
               "needs all rows; iterative: nothing is iterated; periodic: cut in [0, period); exact "
               "products: thresholds need no more digits",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_ensemble_options),
    .params = extra_trees_params,
    .fit = extra_trees_fit,
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
    .extend = extra_trees_extend,
    .merge = az_ensemble_merge,
    .export = az_ensemble_export,
};
