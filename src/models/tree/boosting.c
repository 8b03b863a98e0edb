/* SPDX-License-Identifier: BSD-3-Clause */
/* Gradient boosting (Friedman 2001) as a model: its parameters, running and filing.  The fit is in boosting_fit.c. */
#include "models/tree/boosting.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "models/fit_parts.h"
#include "models/tree/boosting_options.h"

#include <math.h>
#include <string.h>

static const az_param boosting_params[] = {
    AZ_CHOICE(az_boosting_options, loss, AZ_BOOSTING_AUTO, AZ_LOSS_CHOICES,
              "what the trees lower (auto: squared_error for quantities, log_loss for classes; custom: from C only)",
              .aliases = "objective"),
    AZ_PARAM(az_boosting_options, alpha, 0.9, 0, 1,
             "loss quantile: which one; huber: the part of the residuals whose loss is a square",
             .aliases = "quantile"),
    AZ_PARAM(az_boosting_options, learning_rate, 0.1, 0, 10, "factor on the values of every tree",
             .aliases = "eta,shrinkage,shrinkage_rate"),
    AZ_PARAM(az_boosting_options, n_estimators, 100, 1, 1e6, "rounds: one tree a target, or a class of more than two",
             .aliases = "max_iter,n_trees,num_trees,num_round,num_boost_round,num_iterations,n_iter,iterations"),
    AZ_PARAM(az_boosting_options, max_leaf_nodes, 31, 0, 1e6,
             "leaves of a tree, the greatest gain first (0: no limit, level by level)",
             .aliases = "num_leaves,max_leaves", .differs = "0 for None"),
    AZ_PARAM(az_boosting_options, max_depth, 0, 0, 10000, "levels below the root (0: no limit)", .aliases = "depth",
             .differs = "0 for None"),
    AZ_PARAM(az_boosting_options, min_samples_leaf, 20, 1, 1e9, "rows that each side of a split must have",
             .aliases = "min_data_in_leaf,min_child_samples"),
    AZ_PARAM(az_boosting_options, min_child_weight, 1e-3, 0, INFINITY,
             "sum of the curvatures of the loss that each side of a split must have",
             .aliases = "min_sum_hessian_in_leaf,min_hessian_to_split"),
    AZ_PARAM(az_boosting_options, min_split_gain, 0, 0, INFINITY,
             "a split must raise the sum of gradient^2 / (curvature + l2) by more",
             .aliases = "min_gain_to_split,gamma", .differs = "XGBoost's gamma is half of it"),
    AZ_PARAM(az_boosting_options, cat_smooth, 10, 0, INFINITY,
             "added to a category's curvature where categories are sorted for a split: small ones count less"),
    AZ_PARAM(az_boosting_options, min_samples_category, 10, 0, INFINITY,
             "a category of fewer rows in a node goes with those that were never seen",
             .aliases = "min_data_per_group"),
    AZ_PARAM(az_boosting_options, l2_regularization, 0, 0, INFINITY, "added to the curvature of every leaf",
             .aliases = "reg_lambda,lambda,lambda_l2"),
    AZ_TEXT(az_boosting_options, max_features, "all",
            "features examined at each split: all, sqrt, log2, a count, or a part (0.5, 1/3)",
            .aliases = "colsample_bynode,feature_fraction_bynode"),
    AZ_TEXT(az_boosting_options, colsample_bytree, "all", "features that a tree may use, as max_features",
            .aliases = "feature_fraction"),
    AZ_PARAM(az_boosting_options, subsample, 1, 1e-6, 1, "part of the rows drawn, without replacement, for each round",
             .aliases = "bagging_fraction"),
    AZ_PARAM(az_boosting_options, max_bins, 255, 2, 65534, "bins that a feature is cut into", .aliases = "max_bin",
             .differs = "above 255 bins take two bytes"),
    AZ_TEXT(az_boosting_options, monotonic_cst, "", "columns in which predictions rise or fall: age=1,dose=-1",
            .aliases = "monotone_constraints"),
    AZ_TEXT(az_boosting_options, interaction_cst, "",
            "columns that may act together: \"a,b;b,c\" (those not named are one more group), or no_interactions",
            .aliases = "interaction_constraints"),
    AZ_TEXT(
        az_boosting_options, class_weight, "",
        "factors on the weights of a class's rows, e.g. yes:2,no:1 (others 1); balanced: every class counts the same"),
    AZ_PARAM(az_boosting_options, scale_pos_weight, 1, 0, INFINITY,
             "factor on the weights of the second of two classes"),
    AZ_PARAM(az_boosting_options, linear_tree, false, 0, 1,
             "linear models in leaves: there are none, true is refused and says what to do instead"),
    AZ_PARAM(az_boosting_options, early_stopping, false, 0, 1,
             "hold rows out and stop when their loss no longer falls; the rounds up to the best one are kept",
             .differs = "scikit-learn does so above 10,000 rows, and keeps the rounds after the best one"),
    AZ_PARAM(az_boosting_options, validation_fraction, 0.1, 0, 0.9, "part of the rows held out for early stopping"),
    AZ_PARAM(az_boosting_options, n_iter_no_change, 10, 1, 1e6, "rounds without a better loss after which it stops",
             .aliases = "early_stopping_rounds,patience"),
    AZ_PARAM(az_boosting_options, tol, 1e-7, 0, INFINITY, "a better loss is lower by more"),
    AZ_PARAM_END};

static az_status boosting_check(const void *given)
{
    const az_boosting_options *options = given;
    if (options->max_leaf_nodes == 1)
        return az_error(AZ_ERROR_USAGE, "max_leaf_nodes = 1: a tree needs two leaves or more (0: no limit)");
    if (!options->max_leaf_nodes && !options->max_depth && options->min_samples_leaf == 1 &&
        options->min_child_weight == 0)
        return az_error(AZ_ERROR_USAGE, "nothing bounds the trees: give max_depth or max_leaf_nodes");
    if (options->linear_tree)
        return az_error(
            AZ_ERROR_USAGE,
            "linear_tree: leaves are constants, so that predictions stay bounded far from the training data; "
            "fit a linear trend first (ansatz fit linear) and boost its residuals");
    if (options->early_stopping && !(options->validation_fraction > 0))
        return az_error(AZ_ERROR_USAGE, "early_stopping needs rows held out: validation_fraction above 0");
    if (options->loss == AZ_BOOSTING_FIRST + AZ_LOSS_CUSTOM && !options->custom)
        return az_error(AZ_ERROR_USAGE, "loss = custom is the caller's own function: az_fit_boosting in C");
    return AZ_OK;
}

void az_boosting_free(void *fitted)
{
    az_boosting *model = fitted;
    if (!model) return;
    az_trees_free(model->trees);
    az_free(model->initial);
    az_free(model->gain);
    az_free(model->importance);
    az_free(model);
}

az_status az_boosting_new(az_boosting **result, int64_t n_features, int64_t n_scores)
{
    az_boosting *made;
    AZ_TRY(AZ_NEW_ZERO(made));
    *made = (az_boosting){.n_features = n_features, .n_scores = n_scores, .best_loss = NAN};
    made->initial = az_alloc_zero(sizeof *made->initial * (size_t)n_scores);
    made->importance = az_alloc_zero(sizeof *made->importance * (size_t)(n_features + 1));
    made->gain = az_alloc_zero(sizeof *made->gain * (size_t)(n_features + 1));
    if (!made->initial || !made->importance || !made->gain) {
        az_boosting_free(made);
        return AZ_ERROR_MEMORY;
    }
    *result = made;
    return AZ_OK;
}

void az_boosting_set_importance(az_boosting *model)
{
    const double sum = az_sum_of(model->n_features, model->gain, 1);
    for (int64_t j = 0; j < model->n_features; j++) model->importance[j] = sum > 0 ? model->gain[j] / sum : 0;
}

static az_status boosting_fit_model(void **fitted, const az_sample *sample, const void *options,
                                    const az_control *control, az_fit_result *result)
{
    return az_boosting_fit_from(fitted, NULL, sample, options, control, result);
}

static az_status boosting_extend(void **fitted, const void *before, const az_sample *sample, const void *options,
                                 const az_control *control, az_fit_result *result)
{
    const az_boosting *old = before;
    const az_boosting_options *wanted = options;
    const int64_t n_rounds = old->trees->n_trees / old->n_scores;
    if (wanted->n_estimators <= n_rounds)
        return az_error(AZ_ERROR_USAGE,
                        "n_estimators = %lld, and the model has %lld rounds: give the number of rounds in all, larger "
                        "than that",
                        (long long)wanted->n_estimators, (long long)n_rounds);
    return az_boosting_fit_from(fitted, old, sample, options, control, result);
}

/* ---- running, filing ---- */

/* The two probabilities of one score take more room than the score. */
static size_t boosting_scratch(const void *fitted, int64_t n_rows)
{
    const az_boosting *model = fitted;
    return model->link == AZ_LINK_LOGIT ? sizeof(double) * (size_t)n_rows : 0;
}

static void boosting_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const az_boosting *model = fitted;
    const int64_t n_scores = model->n_scores;
    double *score = model->link == AZ_LINK_LOGIT ? scratch : out;
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t k = 0; k < n_scores; k++) score[i * n_scores + k] = model->initial[k];
    az_trees_add_by_turns(model->trees, n_scores, features, n_rows, score);
    if (model->link == AZ_LINK_IDENTITY) return;
    const int64_t n_outputs = model->link == AZ_LINK_LOGIT ? 2 : n_scores;
    for (int64_t i = 0; i < n_rows; i++)
        az_link_apply(model->link, n_scores, score + i * n_scores, out + i * n_outputs);
}

static az_status boosting_save(const void *fitted, az_bundle *bundle)
{
    const az_boosting *model = fitted;
    const int32_t form[2] = {(int32_t)model->n_scores, (int32_t)model->link};
    AZ_TRY(az_trees_save(model->trees, bundle));
    AZ_TRY(az_bundle_put_i32(bundle, "boosting.form", form, 2));
    AZ_TRY(az_bundle_put_f64(bundle, "boosting.initial", model->initial, model->n_scores));
    AZ_TRY(az_bundle_put_f64(bundle, "boosting.best_loss", &model->best_loss, 1));
    return az_bundle_put_f64(bundle, "boosting.gain", model->gain, model->n_features);
}

static az_status boosting_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    const double *gain, *initial, *best_loss;
    const int32_t *form;
    az_boosting *made;
    AZ_TRY(az_bundle_get_i32(bundle, "boosting.form", 2, &form, NULL));
    if (form[1] < 0 || form[1] >= AZ_LINK_COUNT || form[0] < 1 ||
        form[0] != (form[1] == AZ_LINK_LOGIT ? 1 : n_outputs) || (form[1] == AZ_LINK_LOGIT && n_outputs != 2))
        return az_error(AZ_ERROR_DATA, "boosting: the number of scores does not fit the outputs");
    AZ_TRY(az_bundle_get_f64(bundle, "boosting.initial", form[0], &initial, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "boosting.best_loss", 1, &best_loss, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "boosting.gain", n_features, &gain, NULL));
    AZ_TRY(az_boosting_new(&made, n_features, form[0]));
    made->link = (az_link)form[1];
    made->best_loss = *best_loss;
    memcpy(made->initial, initial, sizeof *initial * (size_t)form[0]);
    memcpy(made->gain, gain, sizeof *gain * (size_t)n_features);
    az_boosting_set_importance(made);
    az_status status = az_trees_load(&made->trees, bundle, n_features, 1);
    if (!status && made->trees->n_trees % made->n_scores)
        status = az_error(AZ_ERROR_DATA, "boosting: a round is not whole");
    if (status)
        az_boosting_free(made);
    else
        *fitted = made;
    return status;
}

static int boosting_facts(const void *fitted, az_fact *facts)
{
    const az_boosting *model = fitted;
    double n_leaves = 0;
    int n = 0;
    for (int64_t t = 0; t < model->trees->n_trees; t++) n_leaves += (model->trees->trees[t].n_nodes + 1) / 2;
    facts[n++] = (az_fact){"n_rounds", "rounds", (double)(model->trees->n_trees / model->n_scores)};
    facts[n++] = (az_fact){"n_leaves", "leaves", n_leaves};
    if (model->best_loss == model->best_loss)
        facts[n++] = (az_fact){"validation_loss", "loss of the rows held out", model->best_loss};
    return n;
}

static int64_t boosting_max_bins(const void *options)
{
    return ((const az_boosting_options *)options)->max_bins;
}

/* Scores, gradients and curvatures; lists of rows: as given, in the order of leaves twice, a spare. */
static double boosting_bytes(const void *given, const az_sample *shape, int n_threads)
{
    const az_boosting_options *options = given;
    const int64_t n_scores = shape->n_classes > 2 ? shape->n_classes : shape->n_targets > 1 ? shape->n_targets : 1;
    const bool weighs = options->class_weight[0] || options->scale_pos_weight != 1;
    const bool renews = options->loss >= AZ_BOOSTING_FIRST && az_losses[options->loss - AZ_BOOSTING_FIRST].renews;
    const int64_t lists = 4 + (options->early_stopping ? 2 : 0) + (options->subsample < 1 ? 2 : 0);
    (void)n_threads;
    return (double)shape->n_rows * (double)(24 * n_scores + 4 * lists + 8 * weighs + 8 * renews);
}

static const az_binned_class boosting_binned = {boosting_max_bins, boosting_bytes, NULL};

static void boosting_trees(const void *fitted, az_tree_view *view)
{
    const az_boosting *model = fitted;
    static const char *const raw[AZ_LINK_COUNT] = {NULL, "logarithm", "log odds", "log odds"};
    *view = (az_tree_view){.trees = model->trees,
                           .n_outputs = model->n_scores,
                           .scale = 1,
                           .offset = model->initial,
                           .importance = model->importance,
                           .raw = raw[model->link]};
}

az_status az_fit_boosting(az_model **model, const az_table *table, const az_roles *roles, const char *parameters,
                          const az_loss_functions *loss, const az_control *control)
{
    az_status status;
    az_problem *problem = NULL;
    const az_model_class *class;
    void *options = NULL;
    az_pipeline_options pipeline;
    if (!roles || !roles->target) return az_error(AZ_ERROR_USAGE, "no target is named");
    if (!loss || !loss->gradient) return az_error(AZ_ERROR_USAGE, "no loss is given: its gradient is needed");
    AZ_GOTO(az_fit_options("boosting", parameters, &class, &options, &pipeline));
    az_boosting_options *own = options;
    own->loss = AZ_BOOSTING_FIRST + AZ_LOSS_CUSTOM;
    own->custom = loss;
    AZ_GOTO(az_problem_new(&problem, table, roles, false, control));
    AZ_GOTO(az_model_fit(model, class, options, &pipeline, problem, NULL, 0, control));
    ((az_boosting_options *)(*model)->options)->custom = NULL;
done:
    az_problem_free(problem);
    az_free(options);
    return status;
}

const az_model_class az_boosting_class = {
    .name = "boosting",
    .aliases = "gradient_boosting,hist_gradient_boosting,gbm,gbt,gbdt,gbrt",
    .summary = "gradient-boosted trees: each corrects the sum of those before",
    .reference = "Friedman (2001), Annals of Statistics 29:1189-1232; Ke et al. (2017), LightGBM, NeurIPS 30",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_NEGATIVE_WEIGHTS | AZ_TRAIT_SEVERAL_TARGETS | AZ_TRAIT_MISSING |
              AZ_TRAIT_CATEGORIES | AZ_TRAIT_CUTS_PERIODIC | AZ_TRAIT_ITERATIVE,
    .without = "sigma: no errors of leaves; repeat is weight: min_samples_leaf counts rows; row order free: sums of "
               "another order may choose another of two equal splits; partial fit: a split needs all rows",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_boosting_options),
    .params = boosting_params,
    .fit = boosting_fit_model,
    .free = az_boosting_free,
    .predict = boosting_predict,
    .save = boosting_save,
    .load = boosting_load,
    .scratch = boosting_scratch,
    .check = boosting_check,
    .facts = boosting_facts,
    .trees = boosting_trees,
    .binned = &boosting_binned,
    .more = "n_estimators",
    .extend = boosting_extend,
    .export = az_boosting_export,
};
