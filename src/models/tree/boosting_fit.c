/* SPDX-License-Identifier: BSD-3-Clause */
/* The rounds of gradient boosting (Friedman 2001): each tree is a Newton step of the loss in the space of functions of
 * the features.
 *
 * Negative weights multiply gradient and curvature like others.  A split needs a curvature of at least
 * min_child_weight, and above 0, on both sides: no leaf then lies where what is subtracted outweighs the rest.  Medians
 * and quantiles (losses absolute_error, quantile, huber) take negative weights as 0. */
#include "models/tree/boosting.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/random.h"
#include "data/split.h"
#include "models/class_weight.h"
#include "models/tree/boost.h"
#include "models/tree/boosting_checkpoint.h"
#include "models/tree/constraints.h"
#include "models/tree/ensemble.h"

#include <math.h>
#include <string.h>

enum {
    SCORE_ROWS = 1024,  /* of a block, where the scores of earlier trees are added up ... */
    SCORE_BLOCKS = 256, /* ... so many blocks between two looks at whether to stop */
    MOST_LOOKED = 16384
};
static const double seconds_between_looks = 0.5;

typedef struct boosting_fit {
    const az_sample *sample;
    const az_boosting_options *options;
    const az_control *control;
    az_boosting *model;
    const az_boosting *before; /* what the fit goes on from, or NULL */
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
    az_boosting_state state;
    double *gain;     /* (n_features) as they were before the round that grows */
    uint32_t *looked; /* a few of the training rows: their loss is shown on the way */
    int64_t n_looked;
    double seen_loss, seen_at;
    az_status status;
} boosting_fit;

static void boosting_fit_free(boosting_fit *fit)
{
    az_boosting_free(fit->model);
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
    az_free(fit->gain);
    az_free(fit->looked);
}

static az_status choose_loss(boosting_fit *fit)
{
    const bool classifies = fit->sample->task == AZ_CLASSIFICATION;
    const int32_t choice = fit->options->loss;
    az_loss_kind kind = choice == AZ_BOOSTING_AUTO ? (classifies ? AZ_LOSS_LOG : AZ_LOSS_SQUARED)
                                                   : (az_loss_kind)(choice - AZ_BOOSTING_FIRST);
    if ((kind == AZ_LOSS_LOG) != classifies)
        return az_error(AZ_ERROR_USAGE, "loss = %s: %s", az_losses[kind].name,
                        classifies ? "classes are learnt by log_loss"
                                   : "log_loss is for classes; --task classification if the target holds classes");
    if (classifies && fit->sample->n_classes > 2) kind = AZ_LOSS_SOFTMAX;
    fit->loss = &az_losses[kind];
    fit->data.custom = kind == AZ_LOSS_CUSTOM ? fit->options->custom : NULL;
    if (kind == AZ_LOSS_CUSTOM && !fit->data.custom)
        return az_error(AZ_ERROR_USAGE,
                        "loss = custom is the caller's own function, which a model does not keep: fit it "
                        "anew with az_fit_boosting");
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
    const az_boosting_options *options = fit->options;
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

/* Training rows at equal distances.  The loss of all would cost what a part of a round does. */
static az_status choose_looked(boosting_fit *fit)
{
    if (!fit->control || !fit->control->progress || (fit->data.custom && !fit->data.custom->value)) return AZ_OK;
    fit->n_looked = fit->n_train < MOST_LOOKED ? fit->n_train : MOST_LOOKED;
    AZ_TRY(AZ_NEW_ARRAY(fit->looked, fit->n_looked));
    for (int64_t i = 0; i < fit->n_looked; i++) {
        const int64_t at = i * fit->n_train / fit->n_looked;
        fit->looked[i] = fit->train ? fit->train[at] : (uint32_t)at;
    }
    return AZ_OK;
}

static az_status set_up(boosting_fit *fit)
{
    const az_sample *sample = fit->sample;
    const az_boosting_options *options = fit->options;
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
    if (fit->before)
        memcpy(fit->model->initial, fit->before->initial, sizeof *fit->model->initial * (size_t)n_scores);
    else
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
    AZ_TRY(AZ_NEW_ARRAY(fit->gain, sample->n_features));
    return choose_looked(fit);
}

/* The scores that the first trees give, of blocks of rows. */
typedef struct scoring {
    boosting_fit *fit;
    az_trees grown;
    double *work; /* (n_threads, n_features + n_scores) */
    int64_t first, end;
} scoring;

static void score_block(void *context, int64_t block, int thread)
{
    const scoring *job = context;
    const az_sample *sample = job->fit->sample;
    const int64_t n = sample->n_rows, n_features = sample->n_features, n_scores = job->fit->model->n_scores;
    double *row = job->work + thread * (n_features + n_scores), *score = row + n_features;
    const int64_t first = job->first + block * SCORE_ROWS;
    const int64_t end = first + SCORE_ROWS < job->end ? first + SCORE_ROWS : job->end;
    for (int64_t i = first; i < end; i++) {
        for (int64_t j = 0; j < n_features; j++) row[j] = sample->x[j * n + i];
        memcpy(score, job->fit->model->initial, sizeof *score * (size_t)n_scores);
        az_trees_add_by_turns(&job->grown, n_scores, row, 1, score);
        for (int64_t k = 0; k < n_scores; k++) job->fit->score[k * n + i] = score[k];
    }
}

static az_status score_rows(boosting_fit *fit)
{
    const int64_t n = fit->sample->n_rows, n_scores = fit->model->n_scores;
    const int n_threads = az_control_threads(fit->control);
    scoring job = {.fit = fit, .grown = *fit->model->trees};
    az_status status = AZ_OK;
    job.grown.n_trees = fit->state.n_done * n_scores;
    if (fit->state.n_done == 0) {
        for (int64_t k = 0; k < n_scores; k++)
            for (int64_t i = 0; i < n; i++) fit->score[k * n + i] = fit->model->initial[k];
        return AZ_OK;
    }
    AZ_TRY(AZ_NEW_ARRAY(job.work, n_threads * (fit->sample->n_features + n_scores)));
    for (int64_t first = 0; first < n && !status; first += SCORE_BLOCKS * SCORE_ROWS) {
        job.first = first;
        job.end = first + SCORE_BLOCKS * SCORE_ROWS < n ? first + SCORE_BLOCKS * SCORE_ROWS : n;
        az_parallel(n_threads, (job.end - first + SCORE_ROWS - 1) / SCORE_ROWS, score_block, &job);
        status = az_check_interrupt(fit->control);
    }
    az_free(job.work);
    return status;
}

/* The trees of the model that is gone on from. */
static az_status take_rounds(boosting_fit *fit)
{
    const az_boosting *before = fit->before;
    for (int64_t t = 0; t < before->trees->n_trees; t++)
        AZ_TRY(az_tree_copy(&fit->model->trees->trees[t], &before->trees->trees[t], 1));
    memcpy(fit->model->gain, before->gain, sizeof *before->gain * (size_t)fit->sample->n_features);
    fit->state.n_done = fit->state.best_round = before->trees->n_trees / before->n_scores;
    return AZ_OK;
}

/* One round: a tree for each score, all by the gradients at the scores before. */
static az_status grow_round(boosting_fit *fit, int64_t round)
{
    const int64_t n = fit->sample->n_rows, n_scores = fit->model->n_scores;
    az_boost_round of = {.constant = fit->loss->constant && !fit->data.weight,
                         .renew = fit->loss->renews ? leaf_value : NULL,
                         .context = fit,
                         .importance = fit->model->gain};
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

/* The loss that progress shows: of the rows held out, or once in a while of a few rows trained on. */
static double loss_to_show(boosting_fit *fit, double held_loss)
{
    const double now = az_seconds();
    if (fit->n_held) return held_loss;
    if (fit->n_looked && (fit->seen_at == 0 || now - fit->seen_at >= seconds_between_looks)) {
        fit->seen_loss = az_loss_mean(fit->loss, &fit->data, fit->looked, fit->n_looked, fit->score);
        fit->seen_at = now;
    }
    return fit->seen_loss;
}

/* What a round that was interrupted has left is taken back, so that the checkpoint is of whole rounds. */
static az_status stop_in_round(boosting_fit *fit, az_iteration *iteration, az_status why, double held_loss)
{
    const int64_t n_scores = fit->model->n_scores, n_done = fit->state.n_done;
    if (why != AZ_INTERRUPTED || !fit->control->checkpoint) return why;
    for (int64_t t = n_done * n_scores; t < (n_done + 1) * n_scores; t++) az_tree_clear(&fit->model->trees->trees[t]);
    memcpy(fit->model->gain, fit->gain, sizeof *fit->gain * (size_t)fit->model->n_features);
    az_status status = az_iteration_next(iteration, n_done, NULL, held_loss);
    return status ? status : why;
}

/* Goes on from a checkpoint, or from the model before, or begins. */
static az_status begin(boosting_fit *fit, az_iteration *iteration, const az_iteration_store *store)
{
    const int64_t n_rounds = fit->options->n_estimators;
    int64_t start;
    AZ_TRY(az_trees_new(&fit->model->trees, n_rounds * fit->model->n_scores, 1, fit->sample->n_features));
    if (fit->before) AZ_TRY(take_rounds(fit));
    AZ_TRY(az_iteration_begin_stored(iteration, fit->control, "boosting", store, n_rounds, &start));
    AZ_TRY(score_rows(fit));
    if (start > 0 || !fit->before || !fit->n_held) return AZ_OK;
    AZ_TRY(az_loss_prepare(fit->loss, &fit->data, fit->score));
    fit->state.best_loss = az_loss_mean(fit->loss, &fit->data, fit->held, fit->n_held, fit->score);
    return AZ_OK;
}

static az_status boost(boosting_fit *fit)
{
    const az_boosting_options *options = fit->options;
    const az_iteration_store store = {az_boosting_state_save, az_boosting_state_load, &fit->state};
    const char *shown = fit->n_held ? "held-out loss" : fit->looked ? "loss" : NULL;
    az_boosting_state *state = &fit->state;
    az_iteration iteration;
    double loss = 0;
    *state = (az_boosting_state){.sample = fit->sample, .options = options, .model = fit->model, .best_loss = INFINITY};
    AZ_TRY(begin(fit, &iteration, &store));
    while (state->n_done < options->n_estimators) {
        if (fit->n_held && state->n_done - state->best_round >= options->n_iter_no_change) break;
        memcpy(fit->gain, fit->model->gain, sizeof *fit->gain * (size_t)fit->model->n_features);
        az_status status = grow_round(fit, state->n_done);
        if (status) return stop_in_round(fit, &iteration, status, loss);
        state->n_done++;
        if (fit->n_held) {
            loss = az_loss_mean(fit->loss, &fit->data, fit->held, fit->n_held, fit->score);
            if (loss < state->best_loss - options->tol || state->best_round == 0) {
                state->best_loss = loss;
                state->best_round = state->n_done;
            }
        }
        AZ_TRY(az_iteration_next(&iteration, state->n_done, shown, loss_to_show(fit, loss)));
    }
    if (fit->n_held) {
        fit->model->best_loss = state->best_loss;
        state->n_done = state->best_round;
    }
    cut_rounds(fit->model, state->n_done);
    az_trees_note(fit->model->trees);
    az_boosting_set_importance(fit->model);
    return AZ_OK;
}

static void drive(void *context)
{
    boosting_fit *fit = context;
    fit->status = boost(fit);
}

az_status az_boosting_fit_from(void **fitted, const az_boosting *before, const az_sample *sample, const void *options,
                               const az_control *control, az_fit_result *result)
{
    boosting_fit fit = {.sample = sample, .options = options, .control = control, .before = before};
    az_status status;
    if (sample->n_rows > UINT32_MAX || sample->n_features > UINT16_MAX)
        return az_error(AZ_ERROR_DATA, "trees take at most 4,294,967,295 rows and 65,535 features");
    AZ_GOTO(choose_loss(&fit));
    const int64_t n_scores = !sample->label ? sample->n_targets : sample->n_classes == 2 ? 1 : sample->n_classes;
    AZ_GOTO(az_boosting_new(&fit.model, sample->n_features, n_scores));
    fit.model->link = fit.loss->link;
    AZ_GOTO(set_up(&fit));
    az_with_team(az_control_threads(control), drive, &fit);
    AZ_GOTO(fit.status);
    *result = (az_fit_result){.converged = true, .n_iterations = fit.state.n_done};
    *fitted = fit.model;
    fit.model = NULL;
done:
    boosting_fit_free(&fit);
    return status;
}
