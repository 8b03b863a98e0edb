/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/class_sums.h"

#include "base/number.h"

#include <string.h>

void az_class_sums_free(void *state)
{
    az_class_sums *sums = state;
    if (!sums) return;
    az_free(sums->weight);
    az_free(sums->first);
    az_free(sums->squares);
    az_free(sums);
}

az_status az_class_sums_new(az_class_sums **result, const az_sample *shape, bool counts)
{
    az_class_sums *sums;
    int64_t n_classes = shape->n_classes, n_features = shape->n_features, n = n_classes * n_features;
    az_status status = AZ_OK;
    if (n_features > INT64_MAX / n_classes) return az_error(AZ_ERROR_DATA, "naive_bayes: the model is too large");
    AZ_TRY(AZ_NEW_ZERO(sums));
    sums->counts = counts;
    sums->n_classes = n_classes;
    sums->n_features = n_features;
    AZ_GOTO(AZ_NEW_ARRAY(sums->weight, n_classes));
    AZ_GOTO(AZ_NEW_ARRAY(sums->first, n));
    if (!counts) AZ_GOTO(AZ_NEW_ARRAY(sums->squares, n));
    for (int64_t c = 0; c < n_classes; c++) sums->weight[c] = 0;
    for (int64_t i = 0; i < n; i++) sums->first[i] = 0;
    for (int64_t i = 0; !counts && i < n; i++) sums->squares[i] = 0;
    *result = sums;
    sums = NULL;
done:
    az_class_sums_free(sums);
    return status;
}

static double weight_of(const az_sample *sample, int64_t row)
{
    return sample->weight ? sample->weight[row] : 1;
}

/* Mean and sum of squares of column x within each class in two passes; the second subtracts the mean of the deviations
 * too (the corrected two-pass algorithm: Chan, Golub, LeVeque 1983, eq. 1.7), so that a large common offset costs no
 * digits. */
static void block_moments(const az_sample *sample, const double *x, const double *weight, double *mean, double *squares,
                          double *deviation)
{
    int64_t n_classes = sample->n_classes;
    for (int64_t c = 0; c < n_classes; c++) mean[c] = squares[c] = deviation[c] = 0;
    for (int64_t i = 0; i < sample->n_rows; i++) mean[sample->label[i]] += weight_of(sample, i) * x[i];
    for (int64_t c = 0; c < n_classes; c++)
        if (weight[c] > 0) mean[c] /= weight[c];
    for (int64_t i = 0; i < sample->n_rows; i++) {
        int32_t c = sample->label[i];
        double from_mean = x[i] - mean[c];
        deviation[c] += weight_of(sample, i) * from_mean;
        squares[c] += weight_of(sample, i) * from_mean * from_mean;
    }
    for (int64_t c = 0; c < n_classes; c++) {
        if (!(weight[c] > 0)) continue;
        double shift = deviation[c] / weight[c];
        squares[c] -= shift * deviation[c];
        if (squares[c] < 0) squares[c] = 0;
        mean[c] += shift;
    }
}

/* Two sets of rows as one: Chan, Golub, LeVeque 1983, eq. 1.5. */
static void join(double before, double *mean, double *squares, double more, double mean_more, double squares_more)
{
    if (before == 0) {
        *mean = mean_more;
        *squares = squares_more;
    } else if (more > 0) {
        double distance = mean_more - *mean, total = before + more;
        *mean += distance * (more / total);
        *squares += squares_more + distance * distance * (before * more / total);
    }
}

static az_status add_counts(az_class_sums *sums, const az_sample *block)
{
    for (int64_t j = 0; j < sums->n_features; j++) {
        const double *x = block->x + j * block->n_rows;
        for (int64_t i = 0; i < block->n_rows; i++) {
            if (x[i] < 0) {
                char value[AZ_NUMBER_MAX];
                az_print_double(value, x[i]);
                return az_error(AZ_ERROR_DATA,
                                "naive_bayes: distribution multinomial needs counts, but %s is %s in row "
                                "%lld; distribution gaussian takes negative numbers (and --scale must be none)",
                                block->features && block->features[j].name ? block->features[j].name : "?", value,
                                (long long)i);
            }
            sums->first[block->label[i] * sums->n_features + j] += weight_of(block, i) * x[i];
        }
    }
    return AZ_OK;
}

az_status az_class_sums_add(az_class_sums *sums, const az_sample *block)
{
    int64_t n_classes = sums->n_classes, n_features = sums->n_features;
    double *work;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(work, 4 * n_classes));
    double *weight = work, *mean = work + n_classes, *squares = mean + n_classes, *deviation = squares + n_classes;
    for (int64_t c = 0; c < n_classes; c++) weight[c] = 0;
    for (int64_t i = 0; i < block->n_rows; i++) weight[block->label[i]] += weight_of(block, i);
    if (sums->counts) status = add_counts(sums, block);
    for (int64_t j = 0; !sums->counts && j < n_features; j++) {
        block_moments(block, block->x + j * block->n_rows, weight, mean, squares, deviation);
        for (int64_t c = 0; c < n_classes; c++)
            join(sums->weight[c], &sums->first[c * n_features + j], &sums->squares[c * n_features + j], weight[c],
                 mean[c], squares[c]);
    }
    for (int64_t c = 0; c < n_classes; c++) sums->weight[c] += weight[c];
    az_free(work);
    return status;
}

void az_class_sums_scale(az_class_sums *sums, const az_feature *features, bool inverse)
{
    for (int64_t c = 0; features && c < sums->n_classes; c++)
        for (int64_t j = 0; j < sums->n_features; j++) {
            double center = features[j].center * (sums->counts ? sums->weight[c] : 1), scale = features[j].scale;
            double *first = &sums->first[c * sums->n_features + j];
            *first = inverse ? *first * scale + center : (*first - center) / scale;
            if (sums->counts) continue;
            double *squares = &sums->squares[c * sums->n_features + j];
            *squares = inverse ? *squares * scale * scale : *squares / scale / scale;
        }
}

az_status az_class_sums_copy(az_class_sums **copy, const az_class_sums *sums)
{
    az_sample shape = {.n_classes = (int32_t)sums->n_classes, .n_features = sums->n_features};
    size_t n = (size_t)(sums->n_classes * sums->n_features) * sizeof(double);
    AZ_TRY(az_class_sums_new(copy, &shape, sums->counts));
    memcpy((*copy)->weight, sums->weight, (size_t)sums->n_classes * sizeof(double));
    memcpy((*copy)->first, sums->first, n);
    if (!sums->counts) memcpy((*copy)->squares, sums->squares, n);
    return AZ_OK;
}

az_status az_class_sums_save(const void *state, az_bundle *bundle)
{
    const az_class_sums *sums = state;
    int64_t n = sums->n_classes * sums->n_features;
    AZ_TRY(az_bundle_put_f64(bundle, "partial.weight", sums->weight, sums->n_classes));
    AZ_TRY(az_bundle_put_f64(bundle, "partial.first", sums->first, n));
    return sums->counts ? AZ_OK : az_bundle_put_f64(bundle, "partial.squares", sums->squares, n);
}

az_status az_class_sums_load(az_class_sums **result, const az_bundle *bundle, const az_sample *shape, bool counts)
{
    const double *weight, *first, *squares = NULL;
    int64_t n = (int64_t)shape->n_classes * shape->n_features;
    AZ_TRY(az_bundle_get_f64(bundle, "partial.weight", shape->n_classes, &weight, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "partial.first", n, &first, NULL));
    if (!counts) AZ_TRY(az_bundle_get_f64(bundle, "partial.squares", n, &squares, NULL));
    AZ_TRY(az_class_sums_new(result, shape, counts));
    memcpy((*result)->weight, weight, (size_t)shape->n_classes * sizeof *weight);
    memcpy((*result)->first, first, (size_t)n * sizeof *first);
    if (!counts) memcpy((*result)->squares, squares, (size_t)n * sizeof *squares);
    return AZ_OK;
}
