/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/triangle.h"

#include "base/linalg.h"
#include "models/compress.h"

#include <math.h>
#include <string.h>

void az_triangle_free(void *partial)
{
    az_triangle_sums *sums = partial;
    if (!sums) return;
    az_free(sums->r);
    az_free(sums);
}

az_status az_triangle_begin(void **partial, const az_sample *shape, const void *options)
{
    (void)options;
    az_triangle_sums *sums;
    AZ_TRY(AZ_NEW_ZERO(sums));
    sums->n_features = shape->n_features;
    sums->n_targets = shape->n_targets;
    sums->width = 1 + shape->n_features + shape->n_targets;
    az_status status = AZ_NEW_ARRAY(sums->r, sums->width * sums->width);
    if (status) {
        az_free(sums);
        return status;
    }
    memset(sums->r, 0, (size_t)(sums->width * sums->width) * sizeof *sums->r);
    *partial = sums;
    return AZ_OK;
}

static void count_rows(az_triangle_sums *sums, const az_sample *sample)
{
    sums->n_rows += sample->n_rows;
    if (!sample->weight) {
        sums->weight += (double)sample->n_rows;
        return;
    }
    sums->weight += az_sum_of(sample->n_rows, sample->weight, 1);
    for (int64_t i = 0; i < sample->n_rows; i++) sums->log_weight += log(sample->weight[i]);
}

az_status az_triangle_rows(void *partial, const az_sample *block, const void *options, const az_control *control)
{
    (void)options;
    az_triangle_sums *sums = partial;
    int64_t width = sums->width, height = 2 * width;
    const double **columns = NULL;
    double *stacked = NULL, *r = NULL;
    az_status status;
    if (block->n_rows == 0) return AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(columns, width));
    AZ_GOTO(AZ_NEW_ARRAY(stacked, height * width));
    AZ_GOTO(AZ_NEW_ARRAY(r, width * width));
    AZ_GOTO(az_triangle(r, block, true, NULL, 0, control));
    for (int64_t j = 0; j < width; j++) {
        memcpy(stacked + j * height, sums->r + j * width, (size_t)width * sizeof *r);
        memcpy(stacked + j * height + width, r + j * width, (size_t)width * sizeof *r);
        columns[j] = stacked + j * height;
    }
    AZ_GOTO(az_tsqr(height, width, columns, NULL, sums->r, width, 1));
    count_rows(sums, block);
done:
    az_free(columns);
    az_free(stacked);
    az_free(r);
    return status;
}

az_status az_triangle_of_fit(void **partial, const az_sample *sample, const double *r, const az_control *control)
{
    void *made = NULL;
    az_status status;
    for (int64_t i = 0; sample->weight && i < sample->n_rows; i++)
        if (sample->weight[i] < 0) return AZ_OK; /* such rows cannot be joined to others: nothing is kept */
    AZ_GOTO(az_triangle_begin(&made, sample, NULL));
    az_triangle_sums *sums = made;
    int64_t width = sums->width;
    if (r)
        memcpy(sums->r, r, (size_t)(width * width) * sizeof *r);
    else
        AZ_GOTO(az_triangle(sums->r, sample, true, NULL, 0, control));
    /* From the scaled features f back to x = f scale + centre. */
    for (int64_t j = 0; sample->features && j < sample->n_features; j++) {
        double *column = sums->r + (1 + j) * width;
        for (int64_t i = 0; i <= j + 1; i++) column[i] *= sample->features[j].scale;
        column[0] += sample->features[j].center * sums->r[0];
    }
    count_rows(sums, sample);
    *partial = made;
    made = NULL;
done:
    az_triangle_free(made);
    return status;
}

az_status az_triangle_scaled(const az_triangle_sums *sums, const az_feature *features, bool intercept, double **r)
{
    int64_t width = sums->width, n = width - 1;
    double *scaled;
    AZ_TRY(AZ_NEW_ARRAY(scaled, width * width));
    memcpy(scaled, sums->r, (size_t)(width * width) * sizeof *scaled);
    for (int64_t j = 0; j < sums->n_features; j++) {
        double *column = scaled + (1 + j) * width;
        column[0] -= features[j].center * scaled[0];
        for (int64_t i = 0; i <= j + 1; i++) column[i] /= features[j].scale;
    }
    if (intercept) {
        *r = scaled;
        return AZ_OK;
    }
    /* Without the ones the other columns are Hessenberg: one more small factorisation. */
    const double **columns = NULL;
    double *without = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(columns, n));
    AZ_GOTO(AZ_NEW_ARRAY(without, n * n));
    for (int64_t j = 0; j < n; j++) columns[j] = scaled + (1 + j) * width;
    AZ_GOTO(az_tsqr(width, n, columns, NULL, without, n, 1));
    *r = without;
    without = NULL;
done:
    az_free(columns);
    az_free(without);
    az_free(scaled);
    return status;
}

az_status az_triangle_save(const void *partial, az_bundle *bundle)
{
    const az_triangle_sums *sums = partial;
    AZ_TRY(az_bundle_put_scalar(bundle, "partial.n_rows", (double)sums->n_rows));
    AZ_TRY(az_bundle_put_scalar(bundle, "partial.weight", sums->weight));
    AZ_TRY(az_bundle_put_scalar(bundle, "partial.log_weight", sums->log_weight));
    return az_bundle_put_f64(bundle, "partial.triangle", sums->r, sums->width * sums->width);
}

az_status az_triangle_load(void **partial, const az_bundle *bundle, const az_sample *shape, const void *options)
{
    double n_rows, weight, log_weight;
    const double *r;
    int64_t width = 1 + shape->n_features + shape->n_targets;
    AZ_TRY(az_bundle_get_scalar(bundle, "partial.n_rows", &n_rows));
    AZ_TRY(az_bundle_get_scalar(bundle, "partial.weight", &weight));
    AZ_TRY(az_bundle_get_scalar(bundle, "partial.log_weight", &log_weight));
    AZ_TRY(az_bundle_get_f64(bundle, "partial.triangle", width * width, &r, NULL));
    if (!(n_rows >= 0 && n_rows <= 9007199254740992.0))
        return az_error(AZ_ERROR_DATA, "broken model file: partial.n_rows");
    AZ_TRY(az_triangle_begin(partial, shape, options));
    az_triangle_sums *sums = *partial;
    sums->n_rows = (int64_t)n_rows;
    sums->weight = weight;
    sums->log_weight = log_weight;
    memcpy(sums->r, r, (size_t)(width * width) * sizeof *r);
    return AZ_OK;
}
