/* SPDX-License-Identifier: BSD-3-Clause */
/* The model that looks at no feature: what every other one has to beat. */
#include "base/linalg.h"
#include "data/quantile.h"
#include "models/model.h"

#include <string.h>

typedef enum strategy { STRATEGY_MEAN, STRATEGY_MEDIAN } strategy;

typedef struct az_dummy_options {
    int32_t strategy;
} az_dummy_options;

static const az_param dummy_params[] = {
    AZ_CHOICE(az_dummy_options, strategy, STRATEGY_MEAN, "mean|median",
              "what a regression predicts; a classification predicts the classes' frequencies",
              .differs = "scikit-learn names strategies of classifiers too (prior is this one)"),
    AZ_PARAM_END};

typedef struct dummy {
    int64_t n_features, n_outputs;
    double *value; /* (n_outputs): the mean of each target, or the frequency of each class */
} dummy;

static void dummy_free(void *fitted)
{
    dummy *model = fitted;
    if (!model) return;
    az_free(model->value);
    az_free(model);
}

static az_status dummy_new(dummy **result, int64_t n_features, int64_t n_outputs)
{
    dummy *model;
    AZ_TRY(AZ_NEW_ZERO(model));
    model->n_features = n_features;
    model->n_outputs = n_outputs;
    az_status status = AZ_NEW_ARRAY(model->value, n_outputs);
    if (status)
        az_free(model);
    else
        *result = model;
    return status;
}

/* What a mean or frequencies are made of: weights and means of the targets, or the weight of each class. */
typedef struct dummy_sums {
    bool classes;
    int64_t n_outputs;
    double weight; /* regression */
    double *value; /* (n_outputs) means, or weights */
} dummy_sums;

static void sums_free(void *partial)
{
    dummy_sums *sums = partial;
    if (!sums) return;
    az_free(sums->value);
    az_free(sums);
}

static az_status sums_begin(void **partial, const az_sample *shape, const void *options)
{
    (void)options;
    dummy_sums *sums;
    AZ_TRY(AZ_NEW_ZERO(sums));
    sums->classes = shape->task == AZ_CLASSIFICATION;
    sums->n_outputs = sums->classes ? shape->n_classes : shape->n_targets;
    az_status status = AZ_NEW_ARRAY(sums->value, sums->n_outputs);
    if (status) {
        az_free(sums);
        return status;
    }
    for (int64_t k = 0; k < sums->n_outputs; k++) sums->value[k] = 0;
    *partial = sums;
    return AZ_OK;
}

static az_status sums_rows(void *partial, const az_sample *block, const void *options, const az_control *control)
{
    (void)options;
    (void)control;
    dummy_sums *sums = partial;
    const int64_t n = block->n_rows;
    double *work;
    if (sums->classes) {
        for (int64_t i = 0; i < n; i++) sums->value[block->label[i]] += block->weight ? block->weight[i] : 1;
        return AZ_OK;
    }
    AZ_TRY(AZ_NEW_ARRAY(work, n));
    double weight = block->weight ? az_sum_of(n, block->weight, 1) : (double)n, total = sums->weight + weight;
    for (int64_t t = 0; t < sums->n_outputs && weight > 0; t++) {
        const double *y = block->y + t * n;
        for (int64_t i = 0; i < n; i++) work[i] = block->weight ? block->weight[i] * y[i] : y[i];
        double mean = az_sum_of(n, work, 1) / weight;
        if (sums->weight == 0)
            sums->value[t] = mean;
        else
            sums->value[t] += (mean - sums->value[t]) * (weight / total);
    }
    sums->weight = total;
    az_free(work);
    return AZ_OK;
}

static az_status sums_finish(void **fitted, const void *partial, const az_sample *shape, const void *options,
                             const az_control *control, az_fit_result *result)
{
    (void)options;
    (void)control;
    const dummy_sums *sums = partial;
    dummy *model;
    double total = 0;
    AZ_TRY(dummy_new(&model, shape->n_features, sums->n_outputs));
    for (int64_t k = 0; k < sums->n_outputs; k++) total += sums->value[k];
    for (int64_t k = 0; k < sums->n_outputs; k++) model->value[k] = sums->value[k] / (sums->classes ? total : 1);
    *result = (az_fit_result){.converged = true};
    *fitted = model;
    return AZ_OK;
}

static az_status sums_save(const void *partial, az_bundle *bundle)
{
    const dummy_sums *sums = partial;
    AZ_TRY(az_bundle_put_scalar(bundle, "partial.weight", sums->weight));
    return az_bundle_put_f64(bundle, "partial.value", sums->value, sums->n_outputs);
}

static az_status sums_load(void **partial, const az_bundle *bundle, const az_sample *shape, const void *options)
{
    double weight;
    const double *value;
    AZ_TRY(az_bundle_get_scalar(bundle, "partial.weight", &weight));
    AZ_TRY(az_bundle_get_f64(bundle, "partial.value",
                             shape->task == AZ_CLASSIFICATION ? shape->n_classes : shape->n_targets, &value, NULL));
    AZ_TRY(sums_begin(partial, shape, options));
    dummy_sums *sums = *partial;
    sums->weight = weight;
    memcpy(sums->value, value, (size_t)sums->n_outputs * sizeof *value);
    return AZ_OK;
}

static const char *dummy_needs_all(const void *options, az_task task)
{
    const az_dummy_options *chosen = options;
    if (task == AZ_CLASSIFICATION || chosen->strategy == STRATEGY_MEAN) return NULL;
    return "strategy = median: the median is found among all rows at once (strategy = mean is not)";
}

static const az_partial_class dummy_partial = {.begin = sums_begin,
                                               .rows = sums_rows,
                                               .finish = sums_finish,
                                               .free = sums_free,
                                               .save = sums_save,
                                               .load = sums_load,
                                               .needs_all = dummy_needs_all};

static az_status fit_medians(dummy *model, const az_sample *sample)
{
    const int64_t n = sample->n_rows;
    double *work;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(work, n));
    for (int64_t t = 0; t < sample->n_targets && !status; t++) {
        const double *y = sample->y + t * n;
        if (sample->weight) {
            status = az_weighted_quantile(y, sample->weight, n, 0.5, &model->value[t]);
        } else {
            memcpy(work, y, (size_t)n * sizeof *work);
            model->value[t] = az_quantile(work, n, 0.5);
        }
    }
    az_free(work);
    return status;
}

static az_status dummy_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                           az_fit_result *result)
{
    void *sums = NULL;
    if (dummy_needs_all(options, sample->task)) {
        dummy *model;
        AZ_TRY(dummy_new(&model, sample->n_features, sample->n_targets));
        az_status status = fit_medians(model, sample);
        if (status) {
            dummy_free(model);
            return status;
        }
        *result = (az_fit_result){.converged = true};
        *fitted = model;
        return AZ_OK;
    }
    AZ_TRY(sums_begin(&sums, sample, options));
    az_status status = sums_rows(sums, sample, options, control);
    if (!status) status = sums_finish(fitted, sums, sample, options, control, result);
    if (status)
        sums_free(sums);
    else
        result->partial = sums;
    return status;
}

static void dummy_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const dummy *model = fitted;
    (void)features;
    (void)scratch;
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t k = 0; k < model->n_outputs; k++) out[i * model->n_outputs + k] = model->value[k];
}

static az_status dummy_save(const void *fitted, az_bundle *bundle)
{
    const dummy *model = fitted;
    return az_bundle_put_f64(bundle, "value", model->value, model->n_outputs);
}

static az_status dummy_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    const double *value;
    dummy *model;
    AZ_TRY(az_bundle_get_f64(bundle, "value", n_outputs, &value, NULL));
    AZ_TRY(dummy_new(&model, n_features, n_outputs));
    memcpy(model->value, value, (size_t)n_outputs * sizeof *value);
    *fitted = model;
    return AZ_OK;
}

static void dummy_export(const void *fitted, az_code *code)
{
    const dummy *model = fitted;
    az_code_reals(code, "prediction", model->value, model->n_outputs);
    az_code_write(code, "# Whatever the features.\n"
                        "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n"
                        "    ignore features\n"
                        "    for k in 0 .. n_outputs {\n"
                        "        outputs[k] = prediction[k]\n"
                        "    }\n"
                        "}\n");
}

const az_model_class az_dummy = {
    .name = "dummy",
    .aliases = "baseline",
    .summary = "the mean or median of the target, or the frequencies of the classes, whatever the features",
    .reference = "the yardstick; scikit-learn's DummyRegressor and DummyClassifier(strategy=\"prior\")",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_SIGMA | AZ_TRAIT_REPEAT_IS_WEIGHT | AZ_TRAIT_ROW_ORDER_FREE |
              AZ_TRAIT_SEVERAL_TARGETS | AZ_TRAIT_PARTIAL_FIT,
    .without = "negative weights: a class could get a negative frequency; missing: the design fills cells; "
               "interval, iterative: one pass over the target; periodic, exact products: no feature is read",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_dummy_options),
    .params = dummy_params,
    .fit = dummy_fit,
    .free = dummy_free,
    .predict = dummy_predict,
    .save = dummy_save,
    .load = dummy_load,
    .partial = &dummy_partial,
    .export = dummy_export,
};
