/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/partial.h"

#include "models/interval.h"

#include "base/linalg.h"
#include "models/affine.h"
#include "models/fit_parts.h"
#include "models/source_rows.h"

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
    az_sample shape = az_model_shape(model);
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
    az_sample shape = az_model_shape(model);
    az_source_rows_begin(model);
    if (has_scales(model)) AZ_TRY(feature_sums_new(&model->feature_sums, model->design->n_features));
    return model->class->partial->begin(&model->result.partial, &shape, model->options);
}

/* Mean and variance, or lower end and range, of the rows so far and of a block's (column-major) together. */
static az_status join_features(az_feature_sums *sums, az_scaling scaling, const az_sample *block)
{
    int64_t n = block->n_rows;
    double *work, before = sums->weight;
    AZ_TRY(AZ_NEW_ARRAY(work, n));
    double weight = block->weight ? az_sum_of(n, block->weight, 1) : (double)n, total = before + weight;
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
        double mean = az_sum_of(n, work, 1) / weight;
        for (int64_t i = 0; i < n; i++) {
            double d = x[i] - mean;
            work[i] = block->weight ? block->weight[i] * d * d : d * d;
        }
        /* Chan, Golub and LeVeque, The American Statistician 37 (1983) 242, eq. 1.5. */
        double squares = az_sum_of(n, work, 1), distance = before > 0 ? mean - *center : 0;
        *center = before > 0 ? *center + distance * (weight / total) : mean;
        *spread = (*spread * before + squares + distance * distance * (before * weight / total)) / total;
    }
    sums->weight = total;
    az_free(work);
    return AZ_OK;
}

static az_status finish(az_model *model, const az_control *control)
{
    void *partial = model->result.partial, *fitted = NULL;
    az_fit_result result = {0};
    const az_feature_sums *sums = model->feature_sums;
    for (int64_t j = 0; sums && j < sums->n_features; j++)
        az_feature_scale(&model->design->features[j], model->design->options.scaling, sums->center[j], sums->spread[j],
                         model->n_train);
    az_sample shape = az_model_shape(model);
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

static az_status absorb(void *context, const az_sample *block, const az_control *control)
{
    az_model *model = context;
    if (model->feature_sums) AZ_TRY(join_features(model->feature_sums, model->design->options.scaling, block));
    return model->class->partial->rows(model->result.partial, block, model->options, control);
}

az_status az_partial_rows(az_model *model, az_source *source, const az_control *control)
{
    AZ_TRY(az_source_rows(model, source, false, absorb, model, control));
    return finish(model, control);
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
