/* SPDX-License-Identifier: BSD-3-Clause */
/* Gradient boosting (Friedman 2001): each tree is a Newton step of the loss in the space of functions of the features.
 *
 * Negative weights multiply gradient and curvature like others.  A split needs a curvature of at least
 * min_child_weight, and above 0, on both sides: no leaf then lies where what is subtracted outweighs the rest.  Medians
 * and quantiles (losses absolute_error, quantile, huber) take negative weights as 0. */
#include "models/tree/boosting.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/random.h"
#include "data/split.h"
#include "models/class_weight.h"
#include "models/fit_parts.h"
#include "models/tree/boost.h"
#include "models/tree/constraints.h"
#include "models/tree/ensemble.h"

#include <math.h>
#include <string.h>

enum { LOSS_AUTO, LOSS_FIRST }; /* the choice of `loss`: auto, then az_loss_kind in its order */

typedef struct boosting_options {
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
    bool early_stopping;
    double validation_fraction;
    int64_t n_iter_no_change;
    double tol;
    const az_loss_functions *custom; /* no parameter: set by az_fit_boosting for the time of the fit */
} boosting_options;

static const az_param boosting_params[] = {
    AZ_CHOICE(boosting_options, loss, LOSS_AUTO, AZ_LOSS_CHOICES,
              "what the trees lower (auto: squared_error for quantities, log_loss for classes; custom: from C only)",
              .aliases = "objective"),
    AZ_PARAM(boosting_options, alpha, 0.9, 0, 1,
             "loss quantile: which one; huber: the part of the residuals whose loss is a square",
             .aliases = "quantile"),
    AZ_PARAM(boosting_options, learning_rate, 0.1, 0, 10, "factor on the values of every tree",
             .aliases = "eta,shrinkage,shrinkage_rate"),
    AZ_PARAM(boosting_options, n_estimators, 100, 1, 1e6, "rounds: one tree a target, or a class of more than two",
             .aliases = "max_iter,n_trees,num_trees,num_round,num_boost_round,num_iterations,n_iter,iterations"),
    AZ_PARAM(boosting_options, max_leaf_nodes, 31, 0, 1e6,
             "leaves of a tree, the greatest gain first (0: no limit, level by level)",
             .aliases = "num_leaves,max_leaves", .differs = "0 for None"),
    AZ_PARAM(boosting_options, max_depth, 0, 0, 10000, "levels below the root (0: no limit)", .aliases = "depth",
             .differs = "0 for None"),
    AZ_PARAM(boosting_options, min_samples_leaf, 20, 1, 1e9, "rows that each side of a split must have",
             .aliases = "min_data_in_leaf,min_child_samples"),
    AZ_PARAM(boosting_options, min_child_weight, 1e-3, 0, INFINITY,
             "sum of the curvatures of the loss that each side of a split must have",
             .aliases = "min_sum_hessian_in_leaf,min_hessian_to_split"),
    AZ_PARAM(boosting_options, min_split_gain, 0, 0, INFINITY,
             "a split must raise the sum of gradient^2 / (curvature + l2) by more",
             .aliases = "min_gain_to_split,gamma", .differs = "XGBoost's gamma is half of it"),
    AZ_PARAM(boosting_options, cat_smooth, 10, 0, INFINITY,
             "added to a category's curvature where categories are sorted for a split: small ones count less"),
    AZ_PARAM(boosting_options, min_samples_category, 10, 0, INFINITY,
             "a category of fewer rows in a node goes with those that were never seen",
             .aliases = "min_data_per_group"),
    AZ_PARAM(boosting_options, l2_regularization, 0, 0, INFINITY, "added to the curvature of every leaf",
             .aliases = "reg_lambda,lambda,lambda_l2"),
    AZ_TEXT(boosting_options, max_features, "all",
            "features examined at each split: all, sqrt, log2, a count, or a part (0.5, 1/3)",
            .aliases = "colsample_bynode,feature_fraction_bynode"),
    AZ_TEXT(boosting_options, colsample_bytree, "all", "features that a tree may use, as max_features",
            .aliases = "feature_fraction"),
    AZ_PARAM(boosting_options, subsample, 1, 1e-6, 1, "part of the rows drawn, without replacement, for each round",
             .aliases = "bagging_fraction"),
    AZ_PARAM(boosting_options, max_bins, 255, 2, 65534, "bins that a feature is cut into", .aliases = "max_bin",
             .differs = "above 255 bins take two bytes"),
    AZ_TEXT(boosting_options, monotonic_cst, "", "columns in which predictions rise or fall: age=1,dose=-1",
            .aliases = "monotone_constraints"),
    AZ_TEXT(boosting_options, interaction_cst, "",
            "columns that may act together: \"a,b;b,c\" (those not named are one more group), or no_interactions",
            .aliases = "interaction_constraints"),
    AZ_TEXT(
        boosting_options, class_weight, "",
        "factors on the weights of a class's rows, e.g. yes:2,no:1 (others 1); balanced: every class counts the same"),
    AZ_PARAM(boosting_options, scale_pos_weight, 1, 0, INFINITY, "factor on the weights of the second of two classes"),
    AZ_PARAM(boosting_options, early_stopping, false, 0, 1,
             "hold rows out and stop when their loss no longer falls; the rounds up to the best one are kept",
             .differs = "scikit-learn does so above 10,000 rows, and keeps the rounds after the best one"),
    AZ_PARAM(boosting_options, validation_fraction, 0.1, 0, 0.9, "part of the rows held out for early stopping"),
    AZ_PARAM(boosting_options, n_iter_no_change, 10, 1, 1e6, "rounds without a better loss after which it stops",
             .aliases = "early_stopping_rounds,patience"),
    AZ_PARAM(boosting_options, tol, 1e-7, 0, INFINITY, "a better loss is lower by more"),
    AZ_PARAM_END};

static az_status boosting_check(const void *given)
{
    const boosting_options *options = given;
    if (options->max_leaf_nodes == 1)
        return az_error(AZ_ERROR_USAGE, "max_leaf_nodes = 1: a tree needs two leaves or more (0: no limit)");
    if (!options->max_leaf_nodes && !options->max_depth && options->min_samples_leaf == 1 &&
        options->min_child_weight == 0)
        return az_error(AZ_ERROR_USAGE, "nothing bounds the trees: give max_depth or max_leaf_nodes");
    if (options->early_stopping && !(options->validation_fraction > 0))
        return az_error(AZ_ERROR_USAGE, "early_stopping needs rows held out: validation_fraction above 0");
    if (options->loss == LOSS_FIRST + AZ_LOSS_CUSTOM && !options->custom)
        return az_error(AZ_ERROR_USAGE, "loss = custom is the caller's own function: az_fit_boosting in C");
    return AZ_OK;
}

static void boosting_free(void *fitted)
{
    az_boosting *model = fitted;
    if (!model) return;
    az_trees_free(model->trees);
    az_free(model->initial);
    az_free(model->importance);
    az_free(model);
}

static az_status boosting_new(az_boosting **result, int64_t n_features, int64_t n_scores)
{
    az_boosting *made;
    AZ_TRY(AZ_NEW_ZERO(made));
    *made = (az_boosting){.n_features = n_features, .n_scores = n_scores, .best_loss = NAN};
    made->initial = az_alloc_zero(sizeof *made->initial * (size_t)n_scores);
    made->importance = az_alloc_zero(sizeof *made->importance * (size_t)(n_features + 1));
    if (!made->initial || !made->importance) {
        boosting_free(made);
        return AZ_ERROR_MEMORY;
    }
    *result = made;
    return AZ_OK;
}

/* ---- fitting ---- */

typedef struct boosting_fit {
    const az_sample *sample;
    const boosting_options *options;
    const az_control *control;
    az_boosting *model;
    const az_loss *loss;
    az_loss_data data;
    az_bins *bins;
    az_booster *booster;
    double *weight;         /* with those of the classes */
    double *score, *pairs;  /* (n_scores, n_rows), pairs two each */
    uint32_t *train, *held; /* rows to train on (NULL: all), rows held out */
    int64_t n_train, n_held;
    uint32_t *drawn, *left;  /* subsample: of a round */
    unsigned char *features; /* colsample_bytree: of a tree */
    int8_t *monotonic;
    uint64_t *groups;
    int64_t n_columns; /* features of a tree */
    int64_t output;    /* of the tree that grows */
    int64_t n_done;    /* rounds */
    az_status status;
} boosting_fit;

static void boosting_fit_free(boosting_fit *fit)
{
    boosting_free(fit->model);
    az_booster_free(fit->booster);
    az_bins_free(fit->bins);
    az_free(fit->data.delta);
    az_free(fit->weight);
    az_free(fit->score);
    az_free(fit->pairs);
    az_free(fit->train);
    az_free(fit->held);
    az_free(fit->drawn);
    az_free(fit->left);
    az_free(fit->features);
    az_free(fit->monotonic);
    az_free(fit->groups);
}

static az_status choose_loss(boosting_fit *fit)
{
    const bool classifies = fit->sample->task == AZ_CLASSIFICATION;
    const int32_t choice = fit->options->loss;
    az_loss_kind kind =
        choice == LOSS_AUTO ? (classifies ? AZ_LOSS_LOG : AZ_LOSS_SQUARED) : (az_loss_kind)(choice - LOSS_FIRST);
    if ((kind == AZ_LOSS_LOG) != classifies)
        return az_error(AZ_ERROR_USAGE, "loss = %s: %s", az_losses[kind].name,
                        classifies ? "classes are learnt by log_loss"
                                   : "log_loss is for classes; --task classification if the target holds classes");
    if (classifies && fit->sample->n_classes > 2) kind = AZ_LOSS_SOFTMAX;
    fit->loss = &az_losses[kind];
    fit->data.custom = kind == AZ_LOSS_CUSTOM ? fit->options->custom : NULL;
    if (fit->loss->renews && fit->options->monotonic_cst[0])
        return az_error(
            AZ_ERROR_USAGE,
            "monotonic_cst does not go with loss = %s, whose leaves are medians or quantiles of their rows; "
            "squared_error, poisson, gamma and log_loss keep it",
            fit->loss->name);
    if (fit->options->early_stopping && fit->data.custom && !fit->data.custom->value)
        return az_error(AZ_ERROR_USAGE, "early_stopping needs the value of the caller's loss, and there is none");
    return AZ_OK;
}

/* Weights of rows times those of classes. */
static az_status set_weights(boosting_fit *fit)
{
    const az_sample *sample = fit->sample;
    const boosting_options *options = fit->options;
    const bool classifies = sample->task == AZ_CLASSIFICATION;
    fit->data.weight = sample->weight;
    if (!options->class_weight[0] && options->scale_pos_weight == 1) return AZ_OK;
    if (!classifies) return az_error(AZ_ERROR_USAGE, "class_weight and scale_pos_weight are for classes");
    if (options->scale_pos_weight != 1 && sample->n_classes != 2)
        return az_error(AZ_ERROR_USAGE,
                        "scale_pos_weight is for two classes, and there are %d; class_weight takes more",
                        sample->n_classes);
    AZ_TRY(AZ_NEW_ARRAY(fit->weight, sample->n_rows));
    AZ_TRY(az_class_weights("boosting", options->class_weight, sample, fit->weight));
    for (int64_t i = 0; i < sample->n_rows; i++)
        if (sample->n_classes == 2 && sample->label[i] == 1) fit->weight[i] *= options->scale_pos_weight;
    fit->data.weight = fit->weight;
    return AZ_OK;
}

/* Rows held out for early stopping: the same part of every class. */
static az_status hold_out(boosting_fit *fit)
{
    const int64_t n = fit->sample->n_rows;
    unsigned char *test = NULL;
    az_status status;
    fit->n_train = n;
    if (!fit->options->early_stopping) return AZ_OK;
    const az_split_options split = {.kind = fit->sample->label ? AZ_SPLIT_STRATIFIED : AZ_SPLIT_RANDOM,
                                    .seed = fit->sample->seed};
    const az_split_data data = {.n_rows = n, .label = fit->sample->label};
    AZ_GOTO(AZ_NEW_ARRAY(test, n));
    AZ_GOTO(az_split_holdout(&split, &data, fit->options->validation_fraction, test));
    AZ_GOTO(AZ_NEW_ARRAY(fit->train, n));
    AZ_GOTO(AZ_NEW_ARRAY(fit->held, n));
    fit->n_train = 0;
    for (int64_t i = 0; i < n; i++) {
        if (test[i])
            fit->held[fit->n_held++] = (uint32_t)i;
        else
            fit->train[fit->n_train++] = (uint32_t)i;
    }
    if (fit->n_held == 0 || fit->n_train == 0)
        AZ_GOTO(az_error(AZ_ERROR_DATA, "early_stopping: %lld rows are too few to hold some out", (long long)n));
done:
    az_free(test);
    return status;
}

static az_status leaf_value(void *context, const uint32_t *rows, int64_t n_rows, double *work, double *value)
{
    const boosting_fit *fit = context;
    return az_loss_leaf(fit->loss, &fit->data, fit->output, rows, n_rows, fit->score, work, value);
}

/* The rows of a round in increasing order, and the others (Knuth, The Art of Computer Programming 3.4.2, algorithm S).
 */
static void draw_rows(boosting_fit *fit, int64_t round, az_boost_round *of, int64_t *n_left)
{
    of->rows = fit->train;
    of->n_rows = fit->n_train;
    *n_left = 0;
    if (!fit->drawn) return;
    const az_stream stream = az_stream_new(fit->sample->seed, "boosting.rows");
    int64_t wanted = (int64_t)floor(fit->options->subsample * (double)fit->n_train), n_drawn = 0;
    if (wanted < 1) wanted = 1;
    for (int64_t i = 0; i < fit->n_train; i++) {
        const uint32_t row = fit->train ? fit->train[i] : (uint32_t)i;
        const double u = az_random_uniform(stream, (uint64_t)round, (uint64_t)i);
        if (u * (double)(fit->n_train - i) < (double)(wanted - n_drawn))
            fit->drawn[n_drawn++] = row;
        else
            fit->left[(*n_left)++] = row;
    }
    of->rows = fit->drawn;
    of->n_rows = n_drawn;
}

/* The features of a tree. */
static void draw_features(boosting_fit *fit, int64_t tree, az_boost_round *of)
{
    of->features = NULL;
    if (!fit->features) return;
    const az_stream stream = az_stream_new(fit->sample->seed, "boosting.columns");
    const int64_t n = fit->sample->n_features;
    int64_t left = fit->n_columns;
    for (int64_t j = 0; j < n; j++) {
        const double u = az_random_uniform(stream, (uint64_t)tree, (uint64_t)j);
        fit->features[j] = u * (double)(n - j) < (double)left;
        left -= fit->features[j];
    }
    of->features = fit->features;
}

static az_status set_up(boosting_fit *fit)
{
    const az_sample *sample = fit->sample;
    const boosting_options *options = fit->options;
    const int64_t n = sample->n_rows, n_scores = fit->model->n_scores;
    az_boost_options grow = {.learning_rate = options->learning_rate,
                             .l2 = options->l2_regularization,
                             .min_curvature = options->min_child_weight,
                             .min_gain = options->min_split_gain,
                             .category_smooth = options->cat_smooth,
                             .category_rows = options->min_samples_category,
                             .max_depth = options->max_depth,
                             .max_leaf_nodes = options->max_leaf_nodes,
                             .min_samples_leaf = options->min_samples_leaf};
    fit->data.n_rows = n;
    fit->data.n_outputs = n_scores;
    fit->data.y = sample->label ? NULL : sample->y;
    fit->data.label = sample->label;
    fit->data.alpha = options->alpha;
    fit->data.n_threads = az_control_threads(fit->control);
    AZ_TRY(AZ_NEW_ARRAY(fit->data.delta, n_scores));
    AZ_TRY(set_weights(fit));
    AZ_TRY(az_loss_check(fit->loss, &fit->data));
    AZ_TRY(az_loss_initial(fit->loss, &fit->data, fit->model->initial));
    AZ_TRY(az_max_features(options->max_features, sample->n_features, &grow.max_features));
    AZ_TRY(az_max_features(options->colsample_bytree, sample->n_features, &fit->n_columns));
    AZ_TRY(az_monotonic_parse("boosting", options->monotonic_cst, sample, &fit->monotonic));
    AZ_TRY(az_interaction_parse("boosting", options->interaction_cst, sample, &fit->groups, &grow.alone));
    grow.monotonic = fit->monotonic;
    grow.groups = fit->groups;
    AZ_TRY(hold_out(fit));
    AZ_TRY(AZ_NEW_ARRAY(fit->score, n * n_scores));
    AZ_TRY(AZ_NEW_ARRAY(fit->pairs, 2 * n * n_scores));
    if (options->subsample < 1) {
        AZ_TRY(AZ_NEW_ARRAY(fit->drawn, n));
        AZ_TRY(AZ_NEW_ARRAY(fit->left, n));
    }
    if (fit->n_columns < sample->n_features) AZ_TRY(AZ_NEW_ARRAY(fit->features, sample->n_features));
    if (grow.max_features == sample->n_features) grow.max_features = 0;
    AZ_TRY(az_bins_new(&fit->bins, sample, options->max_bins, fit->control));
    AZ_TRY(az_booster_new(&fit->booster, fit->bins, &grow, fit->control));
    for (int64_t k = 0; k < n_scores; k++)
        for (int64_t i = 0; i < n; i++) fit->score[k * n + i] = fit->model->initial[k];
    return AZ_OK;
}

/* One round: a tree for each score, all by the gradients at the scores before. */
static az_status grow_round(boosting_fit *fit, int64_t round)
{
    const int64_t n = fit->sample->n_rows, n_scores = fit->model->n_scores;
    az_boost_round of = {.constant = fit->loss->constant && !fit->data.weight,
                         .renew = fit->loss->renews ? leaf_value : NULL,
                         .context = fit,
                         .importance = fit->model->importance};
    int64_t n_left;
    AZ_TRY(az_loss_prepare(fit->loss, &fit->data, fit->score));
    AZ_TRY(az_loss_pairs(fit->loss, &fit->data, fit->score, fit->pairs));
    draw_rows(fit, round, &of, &n_left);
    for (int64_t k = 0; k < n_scores; k++) {
        const int64_t t = round * n_scores + k;
        uint32_t key[4];
        az_random_bits(az_stream_new(fit->sample->seed, "boosting.splits"), (uint64_t)t, 0, key);
        of.stream = (az_stream){{key[0], key[1]}};
        of.pairs = fit->pairs + 2 * k * n;
        of.score = fit->score + k * n;
        fit->output = k;
        draw_features(fit, t, &of);
        az_tree *tree = &fit->model->trees->trees[t];
        AZ_TRY(az_boost_tree(tree, fit->booster, &of));
        fit->model->trees->has_categories |= tree->n_sets > 0;
        az_boost_add(fit->booster, fit->left, n_left, of.score);
        az_boost_add(fit->booster, fit->held, fit->n_held, of.score);
    }
    return AZ_OK;
}

/* Keeps the first n rounds. */
static void cut_rounds(az_boosting *model, int64_t n_rounds)
{
    az_trees *trees = model->trees;
    for (int64_t t = n_rounds * model->n_scores; t < trees->n_trees; t++) az_tree_clear(&trees->trees[t]);
    trees->n_trees = n_rounds * model->n_scores;
}

static az_status boost(boosting_fit *fit)
{
    const boosting_options *options = fit->options;
    const int64_t n_rounds = options->n_estimators, n_scores = fit->model->n_scores;
    int64_t best_round = 0, n_done = 0;
    double best = INFINITY;
    AZ_TRY(az_trees_new(&fit->model->trees, n_rounds * n_scores, 1, fit->sample->n_features));
    while (n_done < n_rounds) {
        AZ_TRY(grow_round(fit, n_done));
        n_done++;
        double loss = 0;
        if (fit->n_held) {
            loss = az_loss_mean(fit->loss, &fit->data, fit->held, fit->n_held, fit->score);
            if (loss < best - options->tol || best_round == 0) {
                best = loss;
                best_round = n_done;
            }
        }
        az_report_progress(fit->control, "rounds", (double)n_done, (double)n_rounds, fit->n_held ? "loss" : NULL, loss);
        AZ_TRY(az_check_interrupt(fit->control));
        if (fit->n_held && n_done - best_round >= options->n_iter_no_change) break;
    }
    if (fit->n_held) {
        fit->model->best_loss = best;
        n_done = best_round;
    }
    cut_rounds(fit->model, n_done);
    double *importance = fit->model->importance;
    const double sum = az_sum(fit->sample->n_features, importance, 1);
    for (int64_t j = 0; j < fit->sample->n_features; j++) importance[j] = sum > 0 ? importance[j] / sum : 0;
    fit->n_done = n_done;
    return AZ_OK;
}

static void drive(void *context)
{
    boosting_fit *fit = context;
    fit->status = boost(fit);
}

static az_status boosting_fit_model(void **fitted, const az_sample *sample, const void *options,
                                    const az_control *control, az_fit_result *result)
{
    boosting_fit fit = {.sample = sample, .options = options, .control = control};
    az_status status;
    if (sample->n_rows > UINT32_MAX || sample->n_features > UINT16_MAX)
        return az_error(AZ_ERROR_DATA, "trees take at most 4,294,967,295 rows and 65,535 features");
    AZ_GOTO(choose_loss(&fit));
    const int64_t n_scores = !sample->label ? sample->n_targets : sample->n_classes == 2 ? 1 : sample->n_classes;
    AZ_GOTO(boosting_new(&fit.model, sample->n_features, n_scores));
    fit.model->link = fit.loss->link;
    AZ_GOTO(set_up(&fit));
    az_with_team(az_control_threads(control), drive, &fit);
    AZ_GOTO(fit.status);
    *result = (az_fit_result){.converged = true, .n_iterations = fit.n_done};
    *fitted = fit.model;
    fit.model = NULL;
done:
    boosting_fit_free(&fit);
    return status;
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
    return az_bundle_put_f64(bundle, "tree.importance", model->importance, model->n_features);
}

static az_status boosting_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    const double *importance, *initial, *best_loss;
    const int32_t *form;
    az_boosting *made;
    AZ_TRY(az_bundle_get_i32(bundle, "boosting.form", 2, &form, NULL));
    if (form[1] < 0 || form[1] >= AZ_LINK_COUNT || form[0] < 1 ||
        form[0] != (form[1] == AZ_LINK_LOGIT ? n_outputs - 1 : n_outputs))
        return az_error(AZ_ERROR_DATA, "boosting: the number of scores does not fit the outputs");
    AZ_TRY(az_bundle_get_f64(bundle, "boosting.initial", form[0], &initial, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "boosting.best_loss", 1, &best_loss, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "tree.importance", n_features, &importance, NULL));
    AZ_TRY(boosting_new(&made, n_features, form[0]));
    made->link = (az_link)form[1];
    made->best_loss = *best_loss;
    memcpy(made->initial, initial, sizeof *initial * (size_t)form[0]);
    memcpy(made->importance, importance, sizeof *importance * (size_t)n_features);
    az_status status = az_trees_load(&made->trees, bundle, n_features, 1);
    if (!status && made->trees->n_trees % made->n_scores)
        status = az_error(AZ_ERROR_DATA, "boosting: a round is not whole");
    if (status)
        boosting_free(made);
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
    boosting_options *own = options;
    own->loss = LOSS_FIRST + AZ_LOSS_CUSTOM;
    own->custom = loss;
    AZ_GOTO(az_problem_new(&problem, table, roles, false, control));
    AZ_GOTO(az_model_fit(model, class, options, &pipeline, problem, NULL, 0, control));
    ((boosting_options *)(*model)->options)->custom = NULL;
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
              AZ_TRAIT_CATEGORIES | AZ_TRAIT_CUTS_PERIODIC,
    .without = "sigma: no errors of leaves; repeat is weight: min_samples_leaf counts rows; row order free: sums of "
               "another order may choose another of two equal splits; partial fit: a split needs all rows",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(boosting_options),
    .params = boosting_params,
    .fit = boosting_fit_model,
    .free = boosting_free,
    .predict = boosting_predict,
    .save = boosting_save,
    .load = boosting_load,
    .scratch = boosting_scratch,
    .check = boosting_check,
    .facts = boosting_facts,
    .trees = boosting_trees,
    .export = az_boosting_export,
};
