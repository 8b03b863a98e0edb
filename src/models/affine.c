/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/affine.h"

#include "models/linear_state.h"

#include <math.h>

/* Numbers that are features as they are, and a class whose prediction is the linear map of its features. */
static bool is_affine(const az_model *model)
{
    const az_design *design = model->design;
    if (model->class->predict != az_linear_state_predict || design->powers) return false;
    for (int64_t j = 0; j < design->n_inputs; j++) {
        const az_input *input = &design->inputs[j];
        if (input->type != AZ_NUMERIC || input->period != 0 || input->first_base != j) return false;
    }
    return design->n_inputs == design->n_features;
}

az_status az_affine_new(az_affine **result, const az_model *model)
{
    *result = NULL;
    if (!is_affine(model)) return AZ_OK;
    const az_design *design = model->design;
    const int64_t n = design->n_inputs, m = model->n_targets;
    az_affine *affine;
    double *numbers;
    az_linear_map map;
    AZ_TRY(AZ_NEW_ZERO(affine));
    if (AZ_NEW_ARRAY(numbers, n * (4 + m) + m)) {
        az_free(affine);
        return AZ_ERROR_MEMORY;
    }
    az_linear_state_map(model->fitted, &map);
    *affine = (az_affine){.n_inputs = n,
                          .n_outputs = m,
                          .exponential = model->pipeline.transform_target == AZ_TRANSFORM_LOG,
                          .center = numbers,
                          .fill = numbers + n,
                          .lower = numbers + 2 * n,
                          .upper = numbers + 3 * n,
                          .weight = numbers + 4 * n,
                          .intercept = numbers + n * (4 + m)};
    /* A weight that overflows, or loses digits because it is next to 0, is not what the model says. */
    bool exact = true;
    for (int64_t k = 0; k < m; k++) {
        affine->intercept[k] = map.intercept ? map.intercept[k] : 0;
        for (int64_t j = 0; j < n; j++) {
            double coefficient = map.coefficient[k * n + j];
            double weight = affine->weight[k * n + j] = coefficient / design->features[j].scale;
            exact &= isnormal(weight) || coefficient == 0;
        }
    }
    for (int64_t j = 0; j < n; j++) {
        affine->center[j] = design->features[j].center;
        affine->fill[j] = design->inputs[j].fill;
        affine->lower[j] = design->inputs[j].lower;
        affine->upper[j] = design->inputs[j].upper;
    }
    affine->predict_f64 = az_affine_predict_f64;
    affine->predict_f32 = az_affine_predict_f32;
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2")) {
        affine->predict_f64 = az_affine_predict_f64_avx2;
        affine->predict_f32 = az_affine_predict_f32_avx2;
    }
#endif
    if (exact)
        *result = affine;
    else
        az_affine_free(affine);
    return AZ_OK;
}

void az_affine_free(az_affine *affine)
{
    if (!affine) return;
    az_free(affine->center); /* all arrays are one */
    az_free(affine);
}

void az_affine_export(const az_affine *affine, az_code *code)
{
    const int64_t n = affine->n_inputs;
    bool centered = false;
    for (int64_t j = 0; j < n; j++) centered |= affine->center[j] != 0;
    az_code_constant(code, "n_inputs", n);
    az_code_constant(code, "n_features", n);
    az_code_reals(code, "input_fill", affine->fill, n);
    if (centered) az_code_reals(code, "input_center", affine->center, n);
    az_code_write(code, "# Missing inputs are filled; the scales are in the coefficients.\n"
                        "procedure make_features(in real inputs[n_inputs], out real features[n_features]) {\n"
                        "    for j in 0 .. n_inputs {\n"
                        "        features[j] = inputs[j]\n"
                        "        if isnan(inputs[j]) {\n"
                        "            features[j] = input_fill[j]\n"
                        "        }\n");
    if (centered) az_code_write(code, "features[j] = features[j] - input_center[j]\n");
    az_code_write(code, "    }\n"
                        "}\n");
    az_linear_map_write_code(code, n, affine->n_outputs, affine->intercept, affine->weight);
}
