/* SPDX-License-Identifier: BSD-3-Clause */
/* The last known value is the forecast: the baseline of every forecast in time. */
#include "models/model.h"

#include "data/windows.h"

#include <string.h>

typedef struct persistence {
    int64_t n_outputs;
} persistence;

/* The target's value at the last known moment of its window, "T[t]". */
static az_status persistence_inputs(const az_problem *problem, int64_t *columns, int64_t *n)
{
    const az_table *table = problem->table;
    *n = problem->n_targets;
    for (int64_t t = 0; t < problem->n_targets; t++) {
        az_text name = {0};
        const char *target = table->columns[problem->targets[t]].name;
        az_status status = az_window_name(&name, target, 0);
        if (!status) {
            columns[t] = az_dictionary_find(&table->names, name.data, name.length);
            if (columns[t] < 0 || table->columns[columns[t]].type != AZ_NUMERIC)
                status = az_error(AZ_ERROR_USAGE,
                                  "persistence predicts the last known value, and the data have no column \"%s\"; "
                                  "--lags L with --horizon H makes such windows of a series",
                                  name.data);
        }
        az_text_free(&name);
        AZ_TRY(status);
    }
    return AZ_OK;
}

static void persistence_free(void *fitted)
{
    az_free(fitted);
}

static az_status persistence_new(void **fitted, int64_t n_outputs)
{
    persistence *model;
    AZ_TRY(AZ_NEW_ZERO(model));
    model->n_outputs = n_outputs;
    *fitted = model;
    return AZ_OK;
}

static az_status persistence_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                                 az_fit_result *result)
{
    (void)options;
    (void)control;
    *result = (az_fit_result){.converged = true};
    return persistence_new(fitted, sample->n_targets);
}

/* One feature a target, in their order. */
static void persistence_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const persistence *model = fitted;
    (void)scratch;
    memcpy(out, features, (size_t)(n_rows * model->n_outputs) * sizeof *out);
}

static az_status persistence_save(const void *fitted, az_bundle *bundle)
{
    (void)fitted;
    (void)bundle;
    return AZ_OK;
}

static az_status persistence_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    (void)bundle;
    if (n_features != n_outputs)
        return az_error(AZ_ERROR_DATA, "the model file is broken: persistence of %lld targets reads %lld columns",
                        (long long)n_outputs, (long long)n_features);
    return persistence_new(fitted, n_outputs);
}

static void persistence_export(const void *fitted, az_code *code)
{
    (void)fitted;
    az_code_write(code, "# The last known values.\n"
                        "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n"
                        "    for k in 0 .. n_outputs {\n"
                        "        outputs[k] = features[k]\n"
                        "    }\n"
                        "}\n");
}

static const az_param persistence_params[] = {AZ_PARAM_END};

const az_model_class az_persistence = {
    .name = "persistence",
    .summary = "the last known value of the series, whatever the horizon (needs --lags)",
    .reference = "Wilks, Statistical Methods in the Atmospheric Sciences (2019), section 9.1",
    .tasks = AZ_REGRESSION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_NEGATIVE_WEIGHTS | AZ_TRAIT_SIGMA | AZ_TRAIT_REPEAT_IS_WEIGHT |
              AZ_TRAIT_ROW_ORDER_FREE | AZ_TRAIT_SEVERAL_TARGETS | AZ_TRAIT_LEARNS_NOTHING,
    .without = "missing: the design fills cells; partial fit, interval, iterative: there is nothing to fit; periodic, "
               "exact products: the one column is taken as it is",
    .scaling = AZ_SCALE_NONE,
    .params = persistence_params,
    .inputs = persistence_inputs,
    .fit = persistence_fit,
    .free = persistence_free,
    .predict = persistence_predict,
    .save = persistence_save,
    .load = persistence_load,
    .export = persistence_export,
};
