/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/partial.h"

#include "models/interval.h"

#include "base/linalg.h"
#include "models/affine.h"
#include "models/fit_parts.h"

#include <math.h>
#include <string.h>

static void feature_sums_free(az_feature_sums *sums)
{
    if (!sums) return;
    az_free(sums->center);
    az_free(sums->spread);
    az_free(sums);
}

static az_status feature_sums_new(az_feature_sums **result, int64_t n_features)
{
    az_feature_sums *sums;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(sums));
    sums->n_features = n_features;
    AZ_GOTO(AZ_NEW_ARRAY(sums->center, n_features));
    AZ_GOTO(AZ_NEW_ARRAY(sums->spread, n_features));
    for (int64_t j = 0; j < n_features; j++) sums->center[j] = sums->spread[j] = 0;
    *result = sums;
    sums = NULL;
done:
    feature_sums_free(sums);
    return status;
}

static bool has_scales(const az_model *model)
{
    return model->design->options.scaling != AZ_SCALE_NONE;
}

void az_partial_free(az_model *model)
{
    if (model->result.partial) model->class->partial->free(model->result.partial);
    feature_sums_free(model->feature_sums);
    model->result.partial = NULL;
    model->feature_sums = NULL;
}

az_status az_partial_keep(az_model *model, double total_weight)
{
    if (!model->result.partial) return AZ_OK;
    if (model->design->options.scaling == AZ_SCALE_ROBUST) { /* quartiles cannot be joined */
        az_partial_free(model);
        return AZ_OK;
    }
    if (!has_scales(model)) return AZ_OK;
    AZ_TRY(feature_sums_new(&model->feature_sums, model->design->n_features));
    az_feature_sums *sums = model->feature_sums;
    sums->weight = total_weight;
    for (int64_t j = 0; j < sums->n_features; j++) {
        sums->center[j] = model->design->features[j].center;
        sums->spread[j] = model->design->features[j].spread;
    }
    return AZ_OK;
}

/* A sample without rows: sizes and names, with the features as the model scales them. */
static az_sample shape_of(const az_model *model)
{
    return (az_sample){.n_features = model->design->n_features,
                       .features = model->design->features,
                       .n_targets = model->task == AZ_REGRESSION ? model->n_targets : 0,
                       .n_classes = model->n_classes,
                       .class_names = model->classes,
                       .absolute = model->sigma != NULL,
                       .task = model->task,
                       .seed = (uint64_t)model->pipeline.seed};
}

az_status az_partial_save(const az_model *model, az_bundle *bundle)
{
    const az_feature_sums *sums = model->feature_sums;
    if (!model->result.partial) return AZ_OK;
    AZ_TRY(model->class->partial->save(model->result.partial, bundle));
    AZ_TRY(az_bundle_put_scalar(bundle, "partial.feature_weight", sums ? sums->weight : 0));
    if (!sums) return AZ_OK;
    AZ_TRY(az_bundle_put_f64(bundle, "partial.feature_center", sums->center, sums->n_features));
    return az_bundle_put_f64(bundle, "partial.feature_spread", sums->spread, sums->n_features);
}

az_status az_partial_load(az_model *model, const az_bundle *bundle)
{
    double weight;
    const double *center, *spread;
    int64_t n = model->design->n_features;
    if (!model->class->partial || !az_bundle_find(bundle, "partial.feature_weight")) return AZ_OK;
    az_sample shape = shape_of(model);
    AZ_TRY(model->class->partial->load(&model->result.partial, bundle, &shape, model->options));
    if (!has_scales(model)) return AZ_OK;
    AZ_TRY(az_bundle_get_scalar(bundle, "partial.feature_weight", &weight));
    AZ_TRY(az_bundle_get_f64(bundle, "partial.feature_center", n, &center, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "partial.feature_spread", n, &spread, NULL));
    AZ_TRY(feature_sums_new(&model->feature_sums, n));
    model->feature_sums->weight = weight;
    memcpy(model->feature_sums->center, center, (size_t)n * sizeof *center);
    memcpy(model->feature_sums->spread, spread, (size_t)n * sizeof *spread);
    return AZ_OK;
}

az_status az_partial_check(const az_model_class *class, const void *options, const az_pipeline_options *pipeline,
                           az_task task, const char *what)
{
    if (!class->partial) return az_error(AZ_ERROR_USAGE, "%s needs all rows at once: %s", class->name, what);
    const char *reason = class->partial->needs_all ? class->partial->needs_all(options, task) : NULL;
    if (reason) return az_error(AZ_ERROR_USAGE, "%s with %s; %s", class->name, reason, what);
    if (az_model_scaling(class, pipeline) == AZ_SCALE_ROBUST)
        return az_error(AZ_ERROR_USAGE, "scale = robust: the quartiles are found among all rows at once; %s", what);
    return AZ_OK;
}

az_status az_partial_begin(az_model *model)
{
    az_sample shape = shape_of(model);
    for (int64_t k = 0; k < model->design->n_inputs; k++) {
        model->design->inputs[k].lower = INFINITY;
        model->design->inputs[k].upper = -INFINITY;
    }
    if (has_scales(model)) AZ_TRY(feature_sums_new(&model->feature_sums, model->design->n_features));
    return model->class->partial->begin(&model->result.partial, &shape, model->options);
}

/* Mean and variance, or lower end and range, of the rows so far and of a block's (column-major) together. */
static az_status join_features(az_feature_sums *sums, az_scaling scaling, const az_sample *block)
{
    int64_t n = block->n_rows;
    double *work, before = sums->weight;
    AZ_TRY(AZ_NEW_ARRAY(work, n));
    double weight = block->weight ? az_sum(n, block->weight, 1) : (double)n, total = before + weight;
    for (int64_t j = 0; j < sums->n_features && weight > 0; j++) {
        const double *x = block->x + j * n;
        double *center = &sums->center[j], *spread = &sums->spread[j];
        if (scaling == AZ_SCALE_MINMAX) {
            double lower = before > 0 ? *center : INFINITY, upper = before > 0 ? *center + *spread : -INFINITY;
            for (int64_t i = 0; i < n; i++) {
                if (x[i] < lower) lower = x[i];
                if (x[i] > upper) upper = x[i];
            }
            *center = lower;
            *spread = upper - lower;
            continue;
        }
        for (int64_t i = 0; i < n; i++) work[i] = block->weight ? block->weight[i] * x[i] : x[i];
        double mean = az_sum(n, work, 1) / weight;
        for (int64_t i = 0; i < n; i++) {
            double d = x[i] - mean;
            work[i] = block->weight ? block->weight[i] * d * d : d * d;
        }
        /* Chan, Golub and LeVeque, The American Statistician 37 (1983) 242, eq. 1.5. */
        double squares = az_sum(n, work, 1), distance = before > 0 ? mean - *center : 0;
        *center = before > 0 ? *center + distance * (weight / total) : mean;
        *spread = (*spread * before + squares + distance * distance * (before * weight / total)) / total;
    }
    sums->weight = total;
    az_free(work);
    return AZ_OK;
}

/* What absorbs the blocks of one source. */
typedef struct absorber {
    az_model *model;
    az_design raw; /* the model's, with features neither centred nor scaled */
    az_tally *tally;
    int64_t n_rows, n_dropped_target, n_dropped_weight;
    double weight;
} absorber;

static void widen_ranges(az_design *design, const az_encoder *encoder, const int64_t *rows, int64_t n_rows,
                         double *work)
{
    for (int64_t k = 0; k < design->n_inputs; k++) {
        az_raw_input *input = &design->inputs[k];
        if (input->type == AZ_CATEGORICAL) continue;
        az_encoder_column(encoder, k, rows, 0, n_rows, work, 1);
        for (int64_t i = 0; i < n_rows; i++) {
            if (work[i] < input->lower) input->lower = work[i];
            if (work[i] > input->upper) input->upper = work[i];
        }
    }
}

/* Rows first .. first + n - 1 of a block's problem. */
static az_status absorb_rows(absorber *self, const az_problem *problem, const az_encoder *encoder, int64_t first,
                             int64_t n, const az_control *control)
{
    az_model *model = self->model;
    const int64_t *rows = problem->rows + first;
    double *x = NULL, *y = NULL;
    az_status status;
    az_sample block = shape_of(model);
    AZ_GOTO(AZ_NEW_ARRAY(x, n * (self->raw.n_features > 0 ? self->raw.n_features : 1)));
    AZ_GOTO(AZ_NEW_ARRAY(y, n * (block.n_targets + 1)));
    widen_ranges(model->design, encoder, rows, n, y);
    AZ_GOTO(az_design_matrix(&self->raw, encoder, rows, n, x, NULL, control));
    AZ_GOTO(az_refuse_infinite(&self->raw, x, n, problem->table, rows));
    for (int64_t t = 0; t < block.n_targets; t++) AZ_GOTO(az_fill_target(model, problem, t, NULL, first, n, y + t * n));
    block.n_rows = n;
    block.x = x;
    block.features = self->raw.features;
    block.y = y;
    block.label = problem->label ? problem->label + first : NULL;
    block.weight = problem->weight ? problem->weight + first : NULL;
    if (model->feature_sums) AZ_GOTO(join_features(model->feature_sums, model->design->options.scaling, &block));
    AZ_GOTO(model->class->partial->rows(model->result.partial, &block, model->options, control));
done:
    az_free(x);
    az_free(y);
    return status;
}

static az_status absorb_block(absorber *self, const az_table *table, const az_control *control)
{
    const int64_t most_numbers = (int64_t)1 << 21; /* 16 MB of features at a time */
    az_model *model = self->model;
    az_problem *problem = NULL;
    az_encoder *encoder = NULL;
    az_status status;
    int64_t step = most_numbers / (self->raw.n_features + 1);
    if (step < 256) step = 256;
    AZ_GOTO(az_problem_for_block(&problem, table, model, control));
    const char *weights = model->sigma ? model->sigma : model->weight;
    if (weights && !problem->weight)
        AZ_GOTO(az_error(AZ_ERROR_DATA, "%s has no column \"%s\", the %s of the rows that the model has seen",
                         table->source, weights, model->sigma ? "error" : "weight"));
    if (problem->negative_weights)
        AZ_GOTO(az_error(AZ_ERROR_DATA,
                         "%s: column \"%s\" holds negative weights, and such rows cannot be fitted in parts",
                         table->source, model->weight));
    AZ_GOTO(az_encoder_new(&encoder, &self->raw, table));
    az_tally_add(self->tally, encoder);
    AZ_GOTO(az_tally_refuse_new(self->tally, table->source));
    for (int64_t first = 0; first < problem->n_rows; first += step) {
        int64_t n = problem->n_rows - first < step ? problem->n_rows - first : step;
        AZ_GOTO(absorb_rows(self, problem, encoder, first, n, control));
    }
    self->n_rows += problem->n_rows;
    self->n_dropped_target += problem->n_dropped_target;
    self->n_dropped_weight += problem->n_dropped_weight;
    self->weight += problem->total_weight;
    model->data_digest = az_digest_word(model->data_digest, az_table_digest(table));
done:
    az_encoder_free(encoder);
    az_problem_free(problem);
    return status;
}

static az_status finish(az_model *model, const az_control *control)
{
    void *partial = model->result.partial, *fitted = NULL;
    az_fit_result result = {0};
    const az_feature_sums *sums = model->feature_sums;
    for (int64_t j = 0; sums && j < sums->n_features; j++)
        az_feature_scale(&model->design->features[j], model->design->options.scaling, sums->center[j], sums->spread[j],
                         model->n_train);
    az_sample shape = shape_of(model);
    shape.n_rows = model->n_train;
    AZ_TRY(model->class->partial->finish(&fitted, partial, &shape, model->options, control, &result));
    if (model->fitted) model->class->free(model->fitted);
    model->fitted = fitted;
    model->result = result;
    model->result.partial = partial;
    az_affine_free(model->affine);
    model->affine = NULL;
    return az_affine_new(&model->affine, model);
}

az_status az_partial_rows(az_model *model, az_source *source, const az_control *control)
{
    absorber self = {.model = model, .raw = *model->design};
    char *name = NULL;
    az_status status;
    const char *weights = model->sigma ? model->sigma : model->weight;
    self.raw.features = NULL;
    AZ_GOTO(AZ_NEW_ARRAY(self.raw.features, self.raw.n_features));
    for (int64_t j = 0; j < self.raw.n_features; j++) {
        self.raw.features[j] = model->design->features[j];
        self.raw.features[j].center = 0;
        self.raw.features[j].scale = 1;
    }
    AZ_GOTO(az_tally_new(&self.tally, model->design));
    for (;;) {
        const az_table *block;
        AZ_GOTO(az_source_next(source, &block, control));
        if (!block) break;
        if (!name && !(name = az_strdup(block->source))) AZ_GOTO(AZ_ERROR_MEMORY);
        AZ_GOTO(absorb_block(&self, block, control));
        AZ_GOTO(az_check_interrupt(control));
    }
    AZ_GOTO(az_problem_check_rows(name ? name : "no data", self.n_rows, self.n_dropped_target, self.n_dropped_weight,
                                  weights, self.weight, control));
    az_tally_tell(self.tally, control);
    model->n_train += self.n_rows;
    AZ_GOTO(finish(model, control));
done:
    az_tally_free(self.tally);
    az_free(self.raw.features);
    az_free(name);
    return status;
}

az_status az_fit_continue(az_model **result, const az_model *from, az_source *source, const az_control *control)
{
    az_model *model = NULL;
    az_status status;
    AZ_TRY(az_partial_check(from->class, from->options, &from->pipeline, from->task,
                            "it cannot go on from what it has seen; fit it anew on all the data"));
    if (!from->result.partial)
        return az_error(AZ_ERROR_USAGE,
                        "the model holds no sums to go on from: it was written by an earlier version (%s), or fitted "
                        "with negative weights or thousands of features; fit it anew",
                        from->version ? from->version : "?");
    AZ_GOTO(az_model_copy(&model, from));
    if (model->interval) az_note(control, "the intervals of the model are gone: they held for the rows seen before");
    az_interval_free(model->interval);
    model->interval = NULL;
    AZ_GOTO(az_partial_rows(model, source, control));
    *result = model;
    model = NULL;
done:
    az_model_free(model);
    return status;
}
