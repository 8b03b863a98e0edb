/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/spread.h"

#include "base/parallel.h"
#include "base/special.h"
#include "models/tree/jackknife.h"
#include "models/tree/kept.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { BLOCK_ROWS = 64 };

struct az_spread {
    const az_model *model;
    az_tree_view view;
    az_jackknife *jackknife; /* NULL: not asked for */
    double *level;           /* NULL: none */
    double *normal;          /* of a model that tells normal distributions: their quantiles at the levels; or NULL */
    int64_t n_levels, n_outputs, n;
};

static bool tells_normal(const az_model *model)
{
    return model->class->is_normal && model->class->is_normal(model->fitted);
}

bool az_spread_has_quantiles(const az_model *model)
{
    az_tree_view view = {0};
    if (model->class->trees) model->class->trees(model->fitted, &view);
    return view.kept != NULL || tells_normal(model);
}

static az_status take_levels(az_spread *made, const az_spread_options *options)
{
    const bool normal = tells_normal(made->model);
    if (!made->view.kept && !normal)
        return az_error(AZ_ERROR_USAGE,
                        "the %s model keeps no training targets: fit bagging, forest or extra_trees with "
                        "keep_targets = true, or mlp with loss = gaussian",
                        made->model->class->name);
    AZ_TRY(AZ_NEW_ARRAY(made->level, options->n_levels));
    if (normal) AZ_TRY(AZ_NEW_ARRAY(made->normal, options->n_levels));
    made->n_levels = options->n_levels;
    for (int64_t i = 0; i < options->n_levels; i++) {
        made->level[i] = options->level[i];
        if (!(made->level[i] >= 0 && made->level[i] <= 1))
            return az_error(AZ_ERROR_USAGE, "the level of a quantile is a number from 0 to 1, such as 0.95, not %g",
                            options->level[i]);
        if (normal)
            made->normal[i] = made->level[i] == 0   ? -INFINITY
                              : made->level[i] == 1 ? INFINITY
                                                    : az_student_quantile(made->level[i], INFINITY);
    }
    return AZ_OK;
}

az_status az_spread_new(az_spread **result, const az_model *model, const az_spread_options *options,
                        const az_control *control)
{
    az_spread *made;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(made));
    made->model = model;
    made->n_outputs = az_model_n_outputs(model);
    if (model->class->trees) model->class->trees(model->fitted, &made->view);
    if (options->n_levels) AZ_GOTO(take_levels(made, options));
    if (options->deviation) AZ_GOTO(az_jackknife_new(&made->jackknife, &made->view, control));
    made->n = (made->jackknife ? made->n_outputs : 0) + (made->level ? model->n_targets * made->n_levels : 0);
    *result = made;
    made = NULL;
done:
    az_spread_free(made);
    return status;
}

void az_spread_free(az_spread *spread)
{
    if (!spread) return;
    az_jackknife_free(spread->jackknife);
    az_free(spread->level);
    az_free(spread->normal);
    az_free(spread);
}

int64_t az_spread_n(const az_spread *spread)
{
    return spread->n;
}

int64_t az_spread_trees_wanted(const az_spread *spread)
{
    return spread->jackknife ? az_jackknife_trees_wanted(spread->jackknife) : 0;
}

typedef struct job {
    const az_spread *spread;
    const az_encoder *encoder;
    const int64_t *rows;
    int64_t n_rows;
    double *values;
    char *work; /* (n_threads, work_size): raw inputs | features | of each tree | quantiles | scratch of the design */
    size_t work_size;
    char *kept; /* (n_threads, kept_size), zero: of quantiles */
    size_t kept_size;
    const az_control *control;
    atomic_bool stop;
    _Atomic int64_t n_noisy;
} job;

/* exp(p) varies by exp(p) times as much as p does, to first order. */
static double in_units(const az_spread *spread, double deviation, double prediction)
{
    return spread->model->pipeline.transform_target == AZ_TRANSFORM_LOG ? deviation * exp(prediction) : deviation;
}

/* One output of up to AZ_JACKKNIFE_ROWS rows. */
static int64_t fill_deviations(const az_spread *spread, const double *features, int64_t n, int64_t output,
                               double *of_trees, double *values)
{
    enum { R = AZ_JACKKNIFE_ROWS };
    const az_trees *trees = spread->view.trees;
    double variance[R], mean[R] = {0};
    int64_t n_noisy = 0;
    for (int64_t t = 0; t < trees->n_trees; t++) {
        const az_tree *tree = &trees->trees[t];
        for (int64_t r = 0; r < R; r++) {
            const double *x = features + (r < n ? r : 0) * trees->n_features;
            of_trees[t * R + r] = az_leaf_value(trees, tree, az_tree_leaf(tree, x), output);
            mean[r] += of_trees[t * R + r] / (double)trees->n_trees;
        }
    }
    az_jackknife_variance(spread->jackknife, of_trees, variance);
    for (int64_t r = 0; r < n; r++) {
        const double prediction = mean[r] + (spread->view.offset ? spread->view.offset[output] : 0);
        n_noisy += variance[r] < 0;
        values[r * spread->n + output] = in_units(spread, variance[r] > 0 ? sqrt(variance[r]) : 0, prediction);
    }
    return n_noisy;
}

static void fill_quantiles(const az_spread *spread, const double *features, double *out, void *scratch)
{
    const int64_t n = spread->model->n_targets * spread->n_levels;
    az_kept_quantiles(spread->view.kept, spread->view.trees, features, spread->level, spread->n_levels, out, scratch);
    if (spread->model->pipeline.transform_target == AZ_TRANSFORM_LOG)
        for (int64_t i = 0; i < n; i++) out[i] = exp(out[i]);
}

/* Of one row, from its means and deviations. */
static void fill_normal(const az_spread *spread, const double *features, double *out, double *numbers, void *scratch)
{
    const az_model *model = spread->model;
    const int64_t n = model->n_targets;
    model->class->normal(model->fitted, features, 1, numbers, scratch);
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = 0; i < spread->n_levels; i++) {
            const double value = numbers[n + k] > 0 ? numbers[k] + numbers[n + k] * spread->normal[i] : numbers[k];
            out[k * spread->n_levels + i] = model->pipeline.transform_target == AZ_TRANSFORM_LOG ? exp(value) : value;
        }
}

/* Numbers of doubles that a block needs besides inputs and features. */
static int64_t n_extra(const az_spread *spread)
{
    return spread->normal ? 2 * spread->model->n_targets : AZ_JACKKNIFE_ROWS * spread->view.trees->n_trees;
}

static void fill_block(void *context, int64_t block, int thread)
{
    job *j = context;
    const az_spread *spread = j->spread;
    const az_design *design = spread->model->design;
    const int64_t first = block * BLOCK_ROWS;
    const int64_t n = j->n_rows - first < BLOCK_ROWS ? j->n_rows - first : BLOCK_ROWS;
    int64_t n_noisy = 0;
    if (thread == 0 && az_check_interrupt(j->control)) atomic_store(&j->stop, true);
    if (atomic_load(&j->stop)) return;
    double *raw = (double *)(void *)(j->work + (size_t)thread * j->work_size);
    double *features = raw + BLOCK_ROWS * design->n_inputs;
    double *of_trees = features + BLOCK_ROWS * design->n_features;
    void *scratch = of_trees + n_extra(spread);
    double *values = j->values + first * spread->n;
    az_encoder_rows(j->encoder, j->rows ? j->rows + first : NULL, first, n, raw);
    az_design_apply(design, NULL, raw, n, design->n_inputs, 1, features, NULL, scratch);
    for (int64_t i = 0; i < n && spread->jackknife; i += AZ_JACKKNIFE_ROWS)
        for (int64_t k = 0; k < spread->n_outputs; k++)
            n_noisy += fill_deviations(spread, features + i * design->n_features,
                                       n - i < AZ_JACKKNIFE_ROWS ? n - i : AZ_JACKKNIFE_ROWS, k, of_trees,
                                       values + i * spread->n);
    const int64_t before = spread->jackknife ? spread->n_outputs : 0;
    for (int64_t i = 0; i < n && spread->level; i++) {
        const double *x = features + i * design->n_features;
        double *of_row = values + i * spread->n + before;
        void *kept = j->kept + (size_t)thread * j->kept_size;
        if (spread->normal)
            fill_normal(spread, x, of_row, of_trees, kept);
        else
            fill_quantiles(spread, x, of_row, kept);
    }
    atomic_fetch_add(&j->n_noisy, n_noisy);
    if (thread == 0) az_report_progress(j->control, "spread", (double)(first + n), (double)j->n_rows, NULL, 0);
}

az_status az_spread_fill(const az_spread *spread, const az_table *table, const int64_t *rows, int64_t n_rows,
                         double *values, int64_t *n_noisy, const az_control *control)
{
    const az_design *design = spread->model->design;
    const int n_threads = az_control_threads(control);
    if (!rows) n_rows = table->n_rows;
    job j = {.spread = spread, .rows = rows, .n_rows = n_rows, .values = values, .control = control};
    az_encoder *encoder = NULL;
    az_status status;
    AZ_TRY(az_encoder_new(&encoder, design, table));
    j.encoder = encoder;
    const int64_t n_numbers = BLOCK_ROWS * (design->n_inputs + design->n_features) + n_extra(spread);
    j.work_size = ((size_t)n_numbers * sizeof(double) + az_design_scratch(design) + 63) & ~(size_t)63;
    j.work = az_alloc_array(n_threads, j.work_size);
    if (!j.work) AZ_GOTO(AZ_ERROR_MEMORY);
    if (spread->level) {
        const az_model *model = spread->model;
        const size_t size =
            spread->normal ? model->class->scratch(model->fitted, 1) : az_kept_scratch(spread->view.kept);
        j.kept_size = (size + 63) & ~(size_t)63;
        j.kept = az_alloc_array(n_threads, j.kept_size);
        if (!j.kept) AZ_GOTO(AZ_ERROR_MEMORY);
        memset(j.kept, 0, (size_t)n_threads * j.kept_size);
    }
    az_parallel(n_threads, (n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS, fill_block, &j);
    status = atomic_load(&j.stop) ? az_error(AZ_INTERRUPTED, "interrupted") : AZ_OK;
    if (n_noisy) *n_noisy += atomic_load(&j.n_noisy);
done:
    az_free(j.work);
    az_free(j.kept);
    az_encoder_free(encoder);
    return status;
}

static az_status fill_once(const az_model *model, const az_spread_options *options, const az_table *table,
                           double *values, const az_control *control)
{
    az_spread *spread;
    AZ_TRY(az_spread_new(&spread, model, options, control));
    az_status status = az_spread_fill(spread, table, NULL, 0, values, NULL, control);
    az_spread_free(spread);
    return status;
}

az_status az_predict_deviation(const az_model *model, const az_table *table, double *deviation,
                               const az_control *control)
{
    return fill_once(model, &(az_spread_options){.deviation = true}, table, deviation, control);
}

az_status az_predict_quantiles(const az_model *model, const az_table *table, const double *levels, int64_t n_levels,
                               double *quantiles, const az_control *control)
{
    if (n_levels < 1 || !levels) return az_error(AZ_ERROR_USAGE, "az_predict_quantiles: there are no levels");
    return fill_once(model, &(az_spread_options){.level = levels, .n_levels = n_levels}, table, quantiles, control);
}
