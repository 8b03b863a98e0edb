/* SPDX-License-Identifier: BSD-3-Clause */
/* Raw rows to features: the one path that training and prediction share, so that both see the same bits. */
#include "data/design.h"

#include "base/control.h"
#include "base/parallel.h"

#include <math.h>
#include <string.h>

static const double two_pi = 6.283185307179586476925286766559;

size_t az_design_scratch(const az_design *design)
{
    return (size_t)design->n_base * sizeof(double);
}

/* The remainder first: the phase of a large time must not lose its digits in the product with 2 pi. */
double az_design_phase(const az_raw_input *input, double value)
{
    return two_pi * (remainder(value, input->period) / input->period);
}

/* The remainder is exact and below half a period in size, and a number from [0, period) comes back as it was: what is
 * subtracted from it is its period, which leaves no rounding (Sterbenz 1974). */
double az_design_wrap(double value, double period)
{
    double wrapped = remainder(value, period);
    if (wrapped < 0) wrapped += period;
    return wrapped >= period ? 0 : wrapped; /* a tiny negative one rounds to the period itself */
}

/* A category as one number: its level, -1 if that was never seen, NaN if there is none. */
static bool kept_category(const az_raw_input *input, bool keep_missing, double value, double *base)
{
    if (isnan(value)) {
        base[0] = keep_missing ? value : (double)input->missing_level;
        return !keep_missing && input->missing_level >= 0;
    }
    const bool known = value >= 0 && value < input->n_levels;
    base[0] = known ? floor(value) : -1;
    return known;
}

/* One input to its base features.  Returns whether it lies in the range seen in training. */
static bool base_features(const az_raw_input *input, const az_design_options *options, double value, double *base)
{
    if (input->type == AZ_CATEGORICAL && options->keep_categories)
        return kept_category(input, options->keep_missing, value, base);
    if (input->type == AZ_CATEGORICAL) {
        int32_t level = -1;
        if (isnan(value))
            level = input->missing_level;
        else if (value >= 0 && value < input->n_levels)
            level = (int32_t)value;
        for (int32_t k = 0; k < input->n_base; k++) base[k] = 0;
        /* The levels behind the dropped one move down by one place. */
        int32_t place = input->dropped_level >= 0 && level > input->dropped_level ? level - 1 : level;
        if (level >= 0 && level != input->dropped_level) base[place] = 1;
        return level >= 0;
    }
    /* A comparison with NaN would stop a host that traps invalid operations. */
    bool missing = isnan(value), in_range = false;
    if (missing && !options->keep_missing)
        value = input->fill;
    else if (!missing)
        in_range = value >= input->lower && value <= input->upper;
    if (input->period == 0) {
        base[0] = value;
        return in_range;
    }
    if (options->keep_periodic) {
        base[0] = options->wrap_periodic && !isnan(value) ? az_design_wrap(value, input->period) : value;
    } else {
        double phase = az_design_phase(input, value);
        base[0] = cos(phase);
        base[1] = sin(phase);
    }
    return in_range;
}

void az_design_apply(const az_design *design, const int64_t *map, const double *rows, int64_t n_rows,
                     int64_t row_stride, int64_t column_stride, double *features, unsigned char *in_range,
                     void *scratch)
{
    const int64_t n_features = design->n_features;
    const int64_t degree = design->powers ? design->options.degree : 1;
    double *base = scratch;
    for (int64_t i = 0; i < n_rows; i++) {
        const double *row = rows + i * row_stride;
        double *out = features + i * n_features;
        double *into = design->powers ? base : out;
        bool all_in_range = true;
        for (int64_t k = 0; k < design->n_inputs; k++) {
            const az_raw_input *input = &design->inputs[k];
            double value = row[(map ? map[k] : k) * column_stride];
            all_in_range &= base_features(input, &design->options, value, into + input->first_base);
        }
        if (in_range) in_range[i] = all_in_range;
        for (int64_t j = 0; j < n_features; j++) {
            double value;
            if (design->powers) {
                const int32_t *factor = design->powers + j * degree;
                value = base[factor[0]];
                for (int64_t d = 1; d < degree && factor[d] >= 0; d++) value *= base[factor[d]];
            } else {
                value = out[j];
            }
            const az_feature *feature = &design->features[j];
            out[j] = (value - feature->center) / feature->scale;
        }
    }
}

/* What rounding took from the product of the factors: exact product = high + low, by the error-free product
 * p + e = a b, e = fma(a, b, -p) (Dekker 1971; Ogita, Rump and Oishi, SIAM J. Sci. Comput. 26 (2005) 1955). */
static double product_low(const double *base, const int32_t *factor, int64_t degree)
{
    double high = base[factor[0]], low = 0;
    for (int64_t d = 1; d < degree && factor[d] >= 0; d++) {
        double b = base[factor[d]], product = high * b;
        low = low * b + fma(high, b, -product);
        high = product;
    }
    return low;
}

enum { TILE = 256 };

typedef struct matrix_job {
    const az_design *design;
    const az_encoder *encoder;
    const int64_t *rows;
    int64_t n_rows;
    double *x, *x_low;
    double *work; /* per thread */
    size_t work_size;
} matrix_job;

/* Without products every input fills its own columns: no detour through rows. */
static void columns_of_tile(const matrix_job *job, int64_t first, int64_t n, double *raw)
{
    const az_design *design = job->design;
    const bool keep_missing = design->options.keep_missing;
    for (int64_t k = 0; k < design->n_inputs; k++) {
        const az_raw_input *input = &design->inputs[k];
        double *x = job->x + input->first_base * job->n_rows + first, *base = raw + TILE;
        az_encoder_column(job->encoder, k, job->rows ? job->rows + first : NULL, first, n, raw, 1);
        const bool wraps = input->period > 0 && design->options.wrap_periodic;
        if (input->n_base == 1 && input->type != AZ_CATEGORICAL && !wraps) {
            const az_feature *feature = &design->features[input->first_base];
            for (int64_t i = 0; i < n; i++)
                x[i] = ((isnan(raw[i]) && !keep_missing ? input->fill : raw[i]) - feature->center) / feature->scale;
            continue;
        }
        for (int64_t i = 0; i < n; i++) {
            base_features(input, &design->options, raw[i], base);
            for (int32_t b = 0; b < input->n_base; b++) {
                const az_feature *feature = &design->features[input->first_base + b];
                x[b * job->n_rows + i] = (base[b] - feature->center) / feature->scale;
            }
        }
    }
}

static void matrix_tile(void *context, int64_t tile, int thread)
{
    const matrix_job *job = context;
    const az_design *design = job->design;
    const int64_t n_features = design->n_features, n_inputs = design->n_inputs;
    int64_t first = tile * TILE, n = job->n_rows - first < TILE ? job->n_rows - first : TILE;
    double *raw = job->work + (size_t)thread * job->work_size;
    if (!design->powers) {
        columns_of_tile(job, first, n, raw);
        return;
    }
    double *features = raw + TILE * n_inputs;
    double *base = features + TILE * n_features;
    az_encoder_rows(job->encoder, job->rows ? job->rows + first : NULL, first, n, raw);
    az_design_apply(design, NULL, raw, n, n_inputs, 1, features, NULL, base);
    for (int64_t j = 0; j < n_features; j++)
        for (int64_t i = 0; i < n; i++) job->x[j * job->n_rows + first + i] = features[i * n_features + j];
    if (!job->x_low) return;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < n_inputs; k++)
            base_features(&design->inputs[k], &design->options, raw[i * n_inputs + k],
                          base + design->inputs[k].first_base);
        for (int64_t j = 0; j < n_features; j++)
            job->x_low[j * job->n_rows + first + i] =
                product_low(base, design->powers + j * design->options.degree, design->options.degree);
    }
}

az_status az_design_matrix(const az_design *design, const az_encoder *encoder, const int64_t *rows, int64_t n_rows,
                           double *x, double *x_low, const az_control *control)
{
    int n_threads = az_control_threads(control);
    matrix_job job = {design, encoder, rows, n_rows, x, design->powers ? x_low : NULL, NULL, 0};
    job.work_size = (size_t)(TILE * (design->powers ? design->n_inputs + design->n_features : 1) + design->n_base + 8);
    AZ_TRY(AZ_NEW_ARRAY(job.work, (int64_t)job.work_size * n_threads));
    if (x_low && !design->powers) memset(x_low, 0, (size_t)(n_rows * design->n_features) * sizeof *x_low);
    az_parallel(n_threads, (n_rows + TILE - 1) / TILE, matrix_tile, &job);
    az_free(job.work);
    return AZ_OK;
}
