/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/affine.h"

#include "models/linear_state.h"

#include <math.h>
#include <string.h>

typedef double two __attribute__((vector_size(16)));
typedef float two_floats __attribute__((vector_size(8)));

/* Where input j of a row lies in the caller's memory. */
static inline int64_t place(const int64_t *map, int64_t j, int64_t column_stride)
{
    return (map ? map[j] : j) * column_stride;
}

static bool in_order(const int64_t *map, int64_t n)
{
    for (int64_t j = 0; map && j < n; j++)
        if (map[j] != j) return false;
    return true;
}

#define VALUE        double
#define PAIR         two
#define AFFINE_FN(x) x##_f64
#include "models/affine.tmpl.h"

#define VALUE        float
#define PAIR         two_floats
#define AFFINE_FN(x) x##_f32
#include "models/affine.tmpl.h"

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
