/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/ensemble.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct growing {
    const az_sample *sample;
    const az_ensemble_options *options;
    az_ensemble_plan plan;
    az_draws draws;
    az_grow_data data;
    az_trees *trees;
    az_grow_work *work; /* per thread */
    uint16_t *count;    /* (n_threads, n_rows) how often a row was drawn */
    double *importance; /* (n_trees, n_features) */
    double *y;          /* the targets, centred, scaled alike, row-major */
    uint32_t *order;    /* of criterion absolute_error */
    _Atomic int64_t n_done;
    _Atomic int failed; /* az_status of the first tree that failed */
    const az_control *control;
} growing;

static void fail(growing *job, az_status status)
{
    int none = AZ_OK;
    if (status) atomic_compare_exchange_strong(&job->failed, &none, (int)status);
}

static void grow_tree(void *context, int64_t t, int thread)
{
    growing *job = context;
    const int64_t n_rows = job->sample->n_rows, number = job->plan.first_tree + t;
    if (thread == 0 && az_check_interrupt(job->control)) fail(job, AZ_INTERRUPTED);
    if (atomic_load(&job->failed)) return;
    uint16_t *room = job->plan.draws ? job->count + thread * n_rows : NULL;
    const uint16_t *count = az_draw_rows(&job->draws, t, room);
    uint32_t key[4];
    az_random_bits(az_stream_new(job->sample->seed, "tree.splits"), (uint64_t)number, 0, key);
    fail(job, az_grow(&job->trees->trees[t], &job->data, &job->plan.grow, count, (az_stream){{key[0], key[1]}},
                      job->importance + t * job->sample->n_features, &job->work[thread]));
    int64_t done = atomic_fetch_add(&job->n_done, 1) + 1;
    if (thread == 0) az_report_progress(job->control, "trees", (double)done, (double)job->trees->n_trees, NULL, 0);
}

/* Targets about the one of them that is nearest to their mean, so that sums stay small beside their differences, and
 * those of whole numbers exact: the order of rows, or a row repeated for its weight, then changes nothing.  Several
 * ones in units of their deviation, so that none rules the splits by its unit.  Counts of criterion poisson stay what
 * they are.  offset: NULL, or what they are taken about. */
static az_status centre_targets(growing *job, az_ensemble *made, const double *offset, double *scale)
{
    const az_sample *sample = job->sample;
    const int64_t n = sample->n_rows, n_targets = sample->n_targets;
    const bool centred = job->plan.grow.criterion != AZ_CRITERION_POISSON;
    AZ_TRY(AZ_NEW_ARRAY(job->y, n * n_targets));
    for (int64_t k = 0; k < n_targets; k++) {
        const double *y = sample->y + k * n;
        double total = 0, mean = 0, squares = 0;
        for (int64_t i = 0; i < n; i++) {
            double weight = sample->weight ? sample->weight[i] : 1, difference = y[i] - mean;
            total += weight;
            mean += weight / total * difference;
            squares += weight * difference * (y[i] - mean);
        }
        double nearest = y[0];
        for (int64_t i = 1; i < n; i++)
            if (fabs(y[i] - mean) < fabs(nearest - mean)) nearest = y[i];
        made->offset[k] = !centred ? 0 : offset ? offset[k] : nearest;
        scale[k] = n_targets > 1 && squares > 0 ? sqrt(squares / total) : 1;
        for (int64_t i = 0; i < n; i++) job->y[i * n_targets + k] = (y[i] - made->offset[k]) / scale[k];
    }
    return AZ_OK;
}

typedef struct ranked {
    double y;
    uint32_t row;
} ranked;

static int by_target(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->y != y->y ? (x->y > y->y) - (x->y < y->y) : (x->row > y->row) - (x->row < y->row);
}

static az_status order_rows(growing *job)
{
    const int64_t n = job->sample->n_rows;
    ranked *rows;
    if (job->plan.grow.criterion != AZ_CRITERION_ABSOLUTE_ERROR) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(job->order, n));
    AZ_TRY(AZ_NEW_ARRAY(rows, n));
    for (int64_t i = 0; i < n; i++) rows[i] = (ranked){job->y[i], (uint32_t)i};
    qsort(rows, (size_t)n, sizeof *rows, by_target);
    for (int64_t i = 0; i < n; i++) job->order[i] = rows[i].row;
    job->data.order = job->order;
    az_free(rows);
    return AZ_OK;
}

static void unscale_values(az_trees *trees, const double *scale)
{
    for (int64_t t = 0; t < trees->n_trees && trees->n_outputs > 1; t++)
        for (int64_t i = 0; i < trees->trees[t].n_values; i++)
            for (int64_t k = 0; k < trees->n_outputs; k++) trees->trees[t].values[i * trees->n_outputs + k] *= scale[k];
}

static az_status grow_all(growing *job, az_ensemble *made)
{
    const int64_t n_trees = made->trees->n_trees, n_features = job->sample->n_features;
    const int n_threads = az_control_threads(job->control);
    job->trees = made->trees;
    AZ_TRY(AZ_NEW_ARRAY(job->work, n_threads));
    memset(job->work, 0, sizeof *job->work * (size_t)n_threads);
    if (job->plan.draws) AZ_TRY(AZ_NEW_ARRAY(job->count, n_threads * job->sample->n_rows));
    AZ_TRY(AZ_NEW_ARRAY(job->importance, n_trees * n_features));
    memset(job->importance, 0, sizeof *job->importance * (size_t)(n_trees * n_features));
    az_parallel(n_threads, n_trees, grow_tree, job);
    for (int i = 0; i < n_threads; i++) az_grow_work_free(&job->work[i]);
    az_status failed = (az_status)atomic_load(&job->failed);
    if (failed == AZ_INTERRUPTED) return az_error(AZ_INTERRUPTED, "interrupted");
    /* The text of an error stays in the thread that met it; growing has no other than this one. */
    if (failed) return az_error(failed, "out of memory for %lld trees", (long long)n_trees);
    az_trees_note(made->trees);
    az_tree_sum(job->importance, n_trees, n_features);
    double sum = az_sum_of(n_features, job->importance, 1);
    for (int64_t j = 0; j < n_features; j++) made->importance[j] = sum > 0 ? job->importance[j] / sum : 0;
    return AZ_OK;
}

static az_status ensemble_new(az_ensemble **result, int64_t n_features, int64_t n_outputs, bool classifies)
{
    az_ensemble *made;
    AZ_TRY(AZ_NEW_ZERO(made));
    *made = (az_ensemble){.n_features = n_features, .n_outputs = n_outputs, .classifies = classifies};
    made->importance = az_alloc_zero(sizeof *made->importance * (size_t)(n_features + 1));
    made->offset = az_alloc_zero(sizeof *made->offset * (size_t)n_outputs);
    if (!made->importance || !made->offset) {
        az_ensemble_free(made);
        return AZ_ERROR_MEMORY;
    }
    *result = made;
    return AZ_OK;
}

static bool has_view(const az_ensemble_options *options)
{
    return options->max_bins < AZ_VIEW_CODES && !options->random_splits;
}

az_status az_ensemble_bins(az_bins **bins, az_bin_view **view, const az_sample *sample,
                           const az_ensemble_options *options, const az_control *control)
{
    *view = NULL;
    AZ_TRY(az_bins_new(bins, sample, AZ_MOST_BINS, control));
    return has_view(options) ? az_bin_view_new(view, *bins, options->max_bins, control) : AZ_OK;
}

/* offset: what the targets are centred by, NULL: their means. */
static az_status fit(az_ensemble **fitted, const az_sample *sample, const az_ensemble_options *options, int64_t first,
                     const double *offset, const az_control *control)
{
    const bool classifies = sample->task == AZ_CLASSIFICATION;
    az_ensemble *made = NULL;
    az_bins *bins = NULL;
    az_bin_view *view = NULL;
    double *scale = NULL;
    growing job = {.sample = sample, .options = options, .control = control};
    az_status status;
    if (sample->n_rows > UINT32_MAX || sample->n_features > UINT16_MAX)
        return az_error(AZ_ERROR_DATA, "trees take at most 4,294,967,295 rows and 65,535 features");
    AZ_TRY(az_ensemble_plan_make(&job.plan, sample, options));
    job.plan.first_tree = first;
    job.draws = az_ensemble_draws(&job.plan, options, sample);
    AZ_GOTO(ensemble_new(&made, sample->n_features, classifies ? sample->n_classes : sample->n_targets, classifies));
    AZ_GOTO(AZ_NEW_ARRAY(scale, made->n_outputs));
    job.data = (az_grow_data){.n_outputs = made->n_outputs,
                              .label = classifies ? sample->label : NULL,
                              .weight = job.plan.weight ? job.plan.weight : sample->weight};
    if (!classifies) AZ_GOTO(centre_targets(&job, made, offset, scale));
    job.data.y = job.y;
    AZ_GOTO(order_rows(&job));
    AZ_GOTO(az_ensemble_bins(&bins, &view, sample, options, control));
    job.data.bins = bins;
    job.data.view = view;
    AZ_GOTO(az_trees_new(&made->trees, options->n_estimators - first, made->n_outputs, sample->n_features));
    AZ_GOTO(grow_all(&job, made));
    if (!classifies) unscale_values(made->trees, scale);
    az_bin_view_free(view);
    view = NULL;
    az_bins_free(bins);
    bins = NULL;
    AZ_GOTO(AZ_NEW_ARRAY(made->draws, 1));
    made->draws[0] = job.draws;
    made->n_draws = 1;
    if (options->oob_score) AZ_GOTO(az_oob_score(made, sample, &job.draws, control));
    if (options->keep_targets) AZ_GOTO(az_kept_new(&made->kept, made->trees, sample, &job.draws, control));
    *fitted = made;
    made = NULL;
done:
    az_free(scale);
    az_free(job.work);
    az_free(job.count);
    az_free(job.importance);
    az_free(job.y);
    az_free(job.order);
    az_bin_view_free(view);
    az_bins_free(bins);
    az_ensemble_plan_clear(&job.plan);
    az_ensemble_free(made);
    return status;
}

az_status az_ensemble_fit(void **fitted, const az_sample *sample, const az_ensemble_options *options,
                          const az_control *control, az_fit_result *result)
{
    az_ensemble *made;
    AZ_TRY(fit(&made, sample, options, 0, NULL, control));
    *result = (az_fit_result){.converged = true};
    *fitted = made;
    return AZ_OK;
}

void az_ensemble_free(void *fitted)
{
    az_ensemble *model = fitted;
    if (!model) return;
    az_kept_free(model->kept);
    az_free(model->draws);
    az_trees_free(model->trees);
    az_free(model->importance);
    az_free(model->offset);
    az_free(model);
}

az_status az_ensemble_merge(void **fitted, const void *first, const void *second, void *options)
{
    const az_ensemble *const parts[2] = {first, second};
    const int64_t n_trees = parts[0]->trees->n_trees + parts[1]->trees->n_trees;
    az_ensemble *made;
    az_status status;
    AZ_TRY(ensemble_new(&made, parts[0]->n_features, parts[0]->n_outputs, parts[0]->classifies));
    AZ_GOTO(az_trees_new(&made->trees, n_trees, made->n_outputs, made->n_features));
    int64_t at = 0;
    for (int p = 0; p < 2; p++) {
        const az_ensemble *part = parts[p];
        const double share = (double)part->trees->n_trees / (double)n_trees;
        for (int64_t t = 0; t < part->trees->n_trees; t++)
            AZ_GOTO(az_tree_copy(&made->trees->trees[at++], &part->trees->trees[t], made->n_outputs));
        for (int64_t j = 0; j < made->n_features; j++) made->importance[j] += share * part->importance[j];
        for (int64_t k = 0; k < made->n_outputs; k++) /* equal ones stay what they are to the bit */
            made->offset[k] = p == 0 || part->offset[k] == made->offset[k]
                                  ? part->offset[k]
                                  : (1 - share) * made->offset[k] + share * part->offset[k];
    }
    az_trees_note(made->trees);
    AZ_GOTO(az_draws_join(&made->draws, &made->n_draws, parts[0]->draws, parts[0]->n_draws, parts[1]->draws,
                          parts[1]->n_draws));
    AZ_GOTO(az_kept_join(&made->kept, made->trees, parts[0]->kept, parts[1]->kept));
    if (options) {
        ((az_ensemble_options *)options)->n_estimators = n_trees;
        ((az_ensemble_options *)options)->keep_targets = made->kept != NULL;
    }
    *fitted = made;
    made = NULL;
done:
    az_ensemble_free(made);
    return status;
}

az_status az_ensemble_continue(void **fitted, const void *before, const az_sample *sample, const void *options,
                               const az_control *control, az_fit_result *result)
{
    const az_ensemble *old = before;
    az_ensemble_options wanted = *(const az_ensemble_options *)options;
    az_ensemble *added;
    if (wanted.n_estimators <= old->trees->n_trees)
        return az_error(AZ_ERROR_USAGE,
                        "n_estimators = %lld, and the model has %lld trees: give the number of trees in all, larger "
                        "than that",
                        (long long)wanted.n_estimators, (long long)old->trees->n_trees);
    /* Whether the rows are those that the older trees were grown on, nobody knows here. */
    wanted.oob_score = false;
    AZ_TRY(fit(&added, sample, &wanted, old->trees->n_trees, old->offset, control));
    az_status status = az_ensemble_merge(fitted, old, added, NULL);
    if (!status) *result = (az_fit_result){.converged = true};
    az_ensemble_free(added);
    return status;
}

size_t az_ensemble_scratch(const void *fitted, int64_t n_rows)
{
    return az_trees_scratch(((const az_ensemble *)fitted)->trees, n_rows);
}

int64_t az_ensemble_block_rows(const void *fitted)
{
    return az_trees_block_rows(((const az_ensemble *)fitted)->trees);
}

void az_ensemble_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const az_ensemble *model = fitted;
    const int64_t n_outputs = model->n_outputs, n_trees = model->trees->n_trees;
    memset(out, 0, sizeof *out * (size_t)(n_rows * n_outputs));
    az_trees_run(model->trees, features, n_rows, out, scratch);
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t k = 0; k < n_outputs; k++)
            out[i * n_outputs + k] = out[i * n_outputs + k] / (double)n_trees + model->offset[k];
}

static const char *oob_name(const az_ensemble *model)
{
    return model->classifies ? "tree.oob_accuracy" : "tree.oob_r2";
}

az_status az_ensemble_save(const void *fitted, az_bundle *bundle)
{
    const az_ensemble *model = fitted;
    AZ_TRY(az_trees_save(model->trees, bundle));
    AZ_TRY(az_bundle_put_f64(bundle, "tree.importance", model->importance, model->n_features));
    if (model->has_oob) AZ_TRY(az_bundle_put_f64(bundle, oob_name(model), &model->oob_score, 1));
    AZ_TRY(az_draws_save(model->draws, model->n_draws, bundle));
    AZ_TRY(az_kept_save(model->kept, model->trees, bundle));
    return az_bundle_put_f64(bundle, "tree.offset", model->offset, model->n_outputs);
}

az_status az_ensemble_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    const double *importance, *offset, *oob = NULL;
    const bool classifies = az_bundle_find(bundle, "tree.oob_accuracy") != NULL;
    az_ensemble *made;
    AZ_TRY(az_bundle_get_f64(bundle, "tree.importance", n_features, &importance, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "tree.offset", n_outputs, &offset, NULL));
    AZ_TRY(ensemble_new(&made, n_features, n_outputs, classifies));
    memcpy(made->importance, importance, sizeof *importance * (size_t)n_features);
    memcpy(made->offset, offset, sizeof *offset * (size_t)n_outputs);
    az_status status = az_trees_load(&made->trees, bundle, n_features, n_outputs);
    if (!status) status = az_draws_load(&made->draws, &made->n_draws, bundle, made->trees->n_trees);
    if (!status) status = az_kept_load(&made->kept, made->trees, bundle, n_outputs);
    if (!status && az_bundle_find(bundle, oob_name(made))) {
        status = az_bundle_get_f64(bundle, oob_name(made), 1, &oob, NULL);
        if (!status) {
            made->has_oob = true;
            made->oob_score = *oob;
        }
    }
    if (status)
        az_ensemble_free(made);
    else
        *fitted = made;
    return status;
}

int az_ensemble_facts(const void *fitted, az_fact *facts)
{
    const az_ensemble *model = fitted;
    double n_leaves = 0;
    int n = 0;
    for (int64_t t = 0; t < model->trees->n_trees; t++) n_leaves += (model->trees->trees[t].n_nodes + 1) / 2;
    facts[n++] = (az_fact){"n_trees", "trees", (double)model->trees->n_trees};
    facts[n++] = (az_fact){"n_leaves", "leaves", n_leaves};
    if (model->has_oob)
        facts[n++] = model->classifies ? (az_fact){"oob_accuracy", "accuracy, out of bag", model->oob_score}
                                       : (az_fact){"oob_r2", "R2, out of bag", model->oob_score};
    return n;
}

void az_ensemble_trees(const void *fitted, az_tree_view *view)
{
    const az_ensemble *model = fitted;
    *view = (az_tree_view){.trees = model->trees,
                           .n_outputs = model->n_outputs,
                           .scale = 1 / (double)model->trees->n_trees,
                           .offset = model->offset,
                           .importance = model->importance,
                           .draws = model->draws,
                           .n_draws = model->n_draws,
                           .kept = model->kept};
}

/* ---- fitting on codes ---- */

/* All that codes can tell apart: `max_bins` is about the view. */
static int64_t max_bins(const void *options)
{
    (void)options;
    return AZ_MOST_BINS;
}

/* What threads hold of the rows, and the trees themselves, which may be larger than the data. */
static double bytes(const void *given, const az_sample *shape, int n_threads)
{
    const az_ensemble_options *options = given;
    const double n = (double)shape->n_rows, least = options->min_samples_leaf;
    const double n_outputs = (double)(shape->n_classes > 0 ? shape->n_classes : shape->n_targets);
    const double n_trees = options->n_estimators > 0 ? (double)options->n_estimators : 1;
    double n_leaves = n / (least < 1 ? fmax(least * n, 1) : least);
    if (options->bootstrap) n_leaves *= 0.632; /* as many rows are in a tree's sample */
    if (options->max_samples > 0)
        n_leaves = fmin(n_leaves, options->max_samples < 1 ? options->max_samples * n : options->max_samples);
    if (options->max_leaf_nodes > 0) n_leaves = fmin(n_leaves, (double)options->max_leaf_nodes);
    if (options->max_depth > 0) n_leaves = fmin(n_leaves, exp2((double)options->max_depth));
    const double of_leaf = 2 * (sizeof(az_tree_node) + sizeof(float)) + (n_outputs > 1 ? 8 * n_outputs : 0);
    const double n_at_work = fmin(n_threads, n_trees), view = has_view(options) ? (double)shape->n_features : 0;
    return n * (view + 8 * n_outputs + n_at_work * (2 * 24 + 12)) + (n_trees + n_at_work) * n_leaves * of_leaf;
}

static const char *needs_numbers(const void *options)
{
    const az_ensemble_options *chosen = options;
    if (chosen->keep_targets) return "with keep_targets: each row is run through the trees that saw it";
    return chosen->oob_score ? "with oob_score: each row is run through the trees that did not see it" : NULL;
}

const az_binned_class az_ensemble_binned = {max_bins, bytes, needs_numbers};
