/* SPDX-License-Identifier: BSD-3-Clause */
/* What a fitted linear model says of its coefficients, in the columns' own units. */
#include "models/model.h"

#include "base/special.h"

#include <math.h>

int az_model_facts(const az_model *model, az_fact facts[AZ_MAX_FACTS])
{
    return model->class->facts ? model->class->facts(model->fitted, facts) : 0;
}

/* Test and interval from an estimate and its standard error. */
static void test_zero(az_coefficient *coefficient, double variance, double dof)
{
    coefficient->std_error = coefficient->t = coefficient->p = coefficient->lower = coefficient->upper = NAN;
    if (!(variance >= 0)) return; /* NaN: not determined by the data */
    coefficient->std_error = sqrt(variance);
    if (!(dof > 0)) return;
    double half = az_student_quantile(0.975, dof) * coefficient->std_error;
    coefficient->lower = coefficient->estimate - half;
    coefficient->upper = coefficient->estimate + half;
    if (coefficient->std_error == 0) return;
    coefficient->t = coefficient->estimate / coefficient->std_error;
    coefficient->p = az_student_two_sided(coefficient->t, dof);
}

/* y = b0 + sum_j b_j (f_j - c_j) / s_j  =  (b0 - sum_j b_j c_j / s_j) + sum_j (b_j / s_j) f_j. */
static void unscale_output(const az_model *model, const az_linear_map *map, int64_t output, az_coefficient *list)
{
    const az_design *design = model->design;
    const int64_t p = design->n_features;
    const double *b = map->coefficient + output * p;
    double intercept = map->intercept ? map->intercept[output] : 0;
    double variance = map->variance ? map->variance[output] : NAN;
    for (int64_t j = 0; j < p; j++) {
        const az_feature *feature = &design->features[j];
        list[j + 1] = (az_coefficient){.name = feature->name, .estimate = b[j] / feature->scale};
        if (feature->center != 0) intercept -= b[j] * feature->center / feature->scale;
        double own = map->covariance ? map->covariance[(j + 1) * (p + 1) + j + 1] : NAN;
        test_zero(&list[j + 1], variance * own / (feature->scale * feature->scale), map->dof);
    }
    list[0] = (az_coefficient){.name = "intercept", .estimate = intercept};
    /* Var(b0 - sum c_j/s_j b_j) = g' C g with g = (1, -c_j / s_j); a feature without centre does not enter, so that one
     * that is not determined leaves the intercept's error alone. */
    double own = NAN;
    if (map->covariance && map->intercept) {
        own = map->covariance[0];
        for (int64_t j = 0; j < p; j++) {
            double gj = design->features[j].center / design->features[j].scale;
            if (gj == 0) continue;
            const double *row = map->covariance + (j + 1) * (p + 1);
            own -= 2 * gj * row[0];
            for (int64_t k = 0; k < p; k++)
                if (design->features[k].center != 0)
                    own += gj * row[k + 1] * (design->features[k].center / design->features[k].scale);
        }
        if (own < 0) own = 0; /* rounding of a difference of equals */
    }
    test_zero(&list[0], variance * own, map->dof);
}

az_status az_model_coefficients(const az_model *model, az_coefficient **coefficients, int64_t *n)
{
    *coefficients = NULL;
    *n = 0;
    if (!model->class->linear_map) return AZ_OK;
    az_linear_map map = {0};
    model->class->linear_map(model->fitted, &map);
    if (!map.coefficient) return AZ_OK;
    const int64_t width = model->design->n_features + 1;
    /* A model without a constant has none here either, unless the features' centres make one. */
    bool has_intercept = map.intercept != NULL;
    for (int64_t j = 0; j + 1 < width; j++) has_intercept |= model->design->features[j].center != 0;
    az_coefficient *list;
    AZ_TRY(AZ_NEW_ARRAY(list, map.n_outputs * width));
    for (int64_t k = 0; k < map.n_outputs; k++) {
        unscale_output(model, &map, k, list + k * width);
        /* A binary classifier has one map, for the second class. */
        bool binary = model->task == AZ_CLASSIFICATION && map.n_outputs == 1;
        const char *output = az_model_output_name(model, binary ? 1 : k);
        for (int64_t j = 0; j < width; j++) list[k * width + j].output = output;
    }
    for (int64_t i = 0; i < map.n_outputs * width; i++)
        if (i % width != 0 || has_intercept) list[(*n)++] = list[i];
    *coefficients = list;
    return AZ_OK;
}
