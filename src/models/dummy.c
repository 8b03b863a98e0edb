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

static az_status fit_regression(dummy *model, const az_sample *sample, strategy which)
{
    const int64_t n = sample->n_rows;
    double *work;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(work, n));
    double total = sample->weight ? az_sum(n, sample->weight, 1) : (double)n;
    for (int64_t t = 0; t < sample->n_targets && !status; t++) {
        const double *y = sample->y + t * n;
        if (which == STRATEGY_MEAN) {
            for (int64_t i = 0; i < n; i++) work[i] = sample->weight ? sample->weight[i] * y[i] : y[i];
            model->value[t] = az_sum(n, work, 1) / total;
        } else if (sample->weight) {
            status = az_weighted_quantile(y, sample->weight, n, 0.5, &model->value[t]);
        } else {
            memcpy(work, y, (size_t)n * sizeof *work);
            model->value[t] = az_quantile(work, n, 0.5);
        }
    }
    az_free(work);
    return status;
}

static void fit_classification(dummy *model, const az_sample *sample)
{
    double total = 0;
    memset(model->value, 0, (size_t)model->n_outputs * sizeof *model->value);
    for (int64_t i = 0; i < sample->n_rows; i++) {
        double weight = sample->weight ? sample->weight[i] : 1;
        model->value[sample->label[i]] += weight;
        total += weight;
    }
    for (int64_t c = 0; c < model->n_outputs; c++) model->value[c] /= total;
}

static az_status dummy_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                           az_fit_result *result)
{
    const az_dummy_options *chosen = options;
    (void)control;
    dummy *model;
    AZ_TRY(dummy_new(&model, sample->n_features,
                     sample->task == AZ_REGRESSION ? sample->n_targets : sample->n_classes));
    az_status status = AZ_OK;
    if (sample->task == AZ_REGRESSION)
        status = fit_regression(model, sample, (strategy)chosen->strategy);
    else
        fit_classification(model, sample);
    if (status) {
        dummy_free(model);
        return status;
    }
    *result = (az_fit_result){.converged = true};
    *fitted = model;
    return AZ_OK;
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
              AZ_TRAIT_SEVERAL_TARGETS,
    .without =
        "negative weights: a class could get a negative frequency; missing: the design fills cells; partial fit, "
        "interval, iterative: one pass over the target; periodic, exact products: no feature is read",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_dummy_options),
    .params = dummy_params,
    .fit = dummy_fit,
    .free = dummy_free,
    .predict = dummy_predict,
    .save = dummy_save,
    .load = dummy_load,
    .export = dummy_export,
};
