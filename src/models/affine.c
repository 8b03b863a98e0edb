/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/affine.h"

#include "models/linear_state.h"

#include <math.h>

/* A class whose prediction is the linear map of its features, and features without products. */
static bool is_affine(const az_model *model)
{
    return model->class->predict == az_linear_state_predict && !model->design->powers &&
           !model->design->options.keep_periodic;
}

static bool is_plain(const az_raw_input *input)
{
    return input->type != AZ_CATEGORICAL && input->period == 0;
}

/* A weight that overflows, or loses digits because it is next to 0, is not what the model says. */
static double weight_of(double coefficient, double scale, bool *exact)
{
    double weight = coefficient / scale;
    *exact &= isnormal(weight) || coefficient == 0;
    return weight;
}

static void fill_plain(az_affine *affine, int64_t j, const az_model *model, const az_linear_map *map, bool *exact)
{
    const az_raw_input *input = &model->design->inputs[j];
    const az_feature *feature = &model->design->features[input->first_base];
    affine->center[j] = feature->center;
    for (int64_t k = 0; k < affine->n_outputs; k++)
        affine->weight[k * affine->n_inputs + j] =
            weight_of(map->coefficient[k * model->design->n_features + input->first_base], feature->scale, exact);
}

static az_status fill_special(az_affine *affine, int64_t j, const az_model *model, const az_linear_map *map,
                              bool *exact)
{
    const az_design *design = model->design;
    const az_raw_input *input = &design->inputs[j];
    const az_feature *features = &design->features[input->first_base];
    az_affine_special *special = &affine->special[affine->n_special++];
    special->input = j;
    special->description = input;
    affine->center[j] = 0;
    for (int64_t k = 0; k < affine->n_outputs; k++) affine->weight[k * affine->n_inputs + j] = 0;
    if (input->type != AZ_CATEGORICAL) {
        AZ_TRY(AZ_NEW_ARRAY(special->weight, 2 * affine->n_outputs));
        for (int b = 0; b < 2; b++) {
            special->center[b] = features[b].center;
            for (int64_t k = 0; k < affine->n_outputs; k++)
                special->weight[2 * k + b] = weight_of(map->coefficient[k * design->n_features + input->first_base + b],
                                                       features[b].scale, exact);
        }
        return AZ_OK;
    }
    const int64_t n_entries = input->n_levels + 1;
    AZ_TRY(AZ_NEW_ARRAY(special->table, n_entries * affine->n_outputs));
    for (int64_t k = 0; k < affine->n_outputs; k++)
        for (int32_t level = -1; level < input->n_levels; level++) {
            /* The levels behind the one without a feature are one place further down. */
            int32_t dropped = input->dropped_level, place = dropped >= 0 && level > dropped ? level - 1 : level;
            double sum = 0;
            for (int32_t b = 0; b < input->n_base; b++) {
                double value = level >= 0 && level != dropped && b == place;
                sum += weight_of(map->coefficient[k * design->n_features + input->first_base + b], features[b].scale,
                                 exact) *
                       (value - features[b].center);
            }
            special->table[k * n_entries + level + 1] = sum;
        }
    affine->fill[j] = 0;
    affine->lower[j] = 0;
    affine->upper[j] = input->n_levels > 0 ? nextafter(input->n_levels, 0) : -1; /* below n_levels */
    affine->missing_known[j] = input->missing_level >= 0;
    return AZ_OK;
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
    az_status status = AZ_OK;
    bool exact = true;
    int64_t n_special = 0;
    for (int64_t j = 0; j < n; j++) n_special += !is_plain(&design->inputs[j]);
    AZ_TRY(AZ_NEW_ZERO(affine));
    affine->special = az_alloc_zero((size_t)(n_special + 1) * sizeof *affine->special);
    affine->missing_known = az_alloc_zero((size_t)n + 1);
    if (!affine->special || !affine->missing_known) status = AZ_ERROR_MEMORY;
    if (!status) status = AZ_NEW_ARRAY(affine->center, n * (4 + m) + m);
    if (status) goto done;
    az_linear_state_map(model->fitted, &map);
    numbers = affine->center;
    affine->n_inputs = n;
    affine->n_outputs = m;
    affine->exponential = model->pipeline.transform_target == AZ_TRANSFORM_LOG;
    affine->fill = numbers + n;
    affine->lower = numbers + 2 * n;
    affine->upper = numbers + 3 * n;
    affine->weight = numbers + 4 * n;
    affine->intercept = numbers + n * (4 + m);
    for (int64_t k = 0; k < m; k++) affine->intercept[k] = map.intercept ? map.intercept[k] : 0;
    for (int64_t j = 0; j < n; j++) {
        affine->fill[j] = design->inputs[j].fill;
        affine->lower[j] = design->inputs[j].lower;
        affine->upper[j] = design->inputs[j].upper;
        if (is_plain(&design->inputs[j]))
            fill_plain(affine, j, model, &map, &exact);
        else
            AZ_GOTO(fill_special(affine, j, model, &map, &exact));
    }
    affine->predict_f64 = az_affine_predict_f64;
    affine->predict_f32 = az_affine_predict_f32;
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2")) {
        affine->predict_f64 = az_affine_predict_f64_avx2;
        affine->predict_f32 = az_affine_predict_f32_avx2;
    }
#endif
done:
    if (status || !exact)
        az_affine_free(affine);
    else
        *result = affine;
    return status;
}

void az_affine_free(az_affine *affine)
{
    if (!affine) return;
    for (int64_t i = 0; i < affine->n_special; i++) {
        az_free(affine->special[i].table);
        az_free(affine->special[i].weight);
    }
    az_free(affine->special);
    az_free(affine->missing_known);
    az_free(affine->center); /* all arrays of numbers are one */
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
