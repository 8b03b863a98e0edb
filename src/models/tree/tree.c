/* SPDX-License-Identifier: BSD-3-Clause */
/* One tree (Breiman, Friedman, Olshen, Stone 1984). */
#include "models/tree/ensemble.h"

static const az_param tree_params[] = {AZ_CHOICE(az_ensemble_options, splitter, AZ_SPLITTER_BEST, "best|random",
                                                 "best: all thresholds of a feature are tried; random: one of them"),
                                       AZ_MAX_FEATURES_PARAM("(default: all)"), AZ_ENSEMBLE_PARAMS(AZ_MOST_BINS),
                                       AZ_PARAM_END};

static az_status tree_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                          az_fit_result *result)
{
    az_ensemble_options chosen = *(const az_ensemble_options *)options;
    chosen.n_estimators = 1;
    chosen.random_splits = chosen.splitter == AZ_SPLITTER_RANDOM;
    return az_ensemble_fit(fitted, sample, &chosen, control, result);
}

const az_model_class az_tree_model = {
    .name = "tree",
    .aliases = "decision_tree,cart",
    .summary = "decision tree: yes-or-no questions about one feature at a time",
    .reference = "Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits = AZ_ENSEMBLE_TRAITS | AZ_TRAIT_REPEAT_IS_WEIGHT,
    .without = "negative weights: the mean of a leaf would have no meaning; sigma: leaves give no errors; row order "
               "free: sums of another order may choose another of two equal splits; "
               "partial fit: a split needs all rows; iterative: nothing is iterated; periodic: cut in [0, "
               "period); exact products: thresholds need no more digits",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_ensemble_options),
    .params = tree_params,
    .fit = tree_fit,
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
    .export = az_ensemble_export,
};
