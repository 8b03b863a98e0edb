/* SPDX-License-Identifier: BSD-3-Clause */
/* Centres and scales of the features, measured on the training matrix. */
#include "data/design.h"

#include "base/control.h"
#include "base/linalg.h"
#include "base/parallel.h"
#include "data/quantile.h"

#include <math.h>
#include <string.h>

typedef struct scale_job {
    az_design *design;
    double *x;
    int64_t n_rows;
    const double *weight;
    double *work; /* (n_threads, n_rows); three times as much where missing numbers are kept */
    int64_t work_size;
    az_status *status;
} scale_job;

/* Weighted mean and standard deviation (divided by the sum of weights, as scikit-learn's StandardScaler), in two passes
 * with pairwise sums.  A column whose deviation is within rounding of its mean is constant and keeps the scale 1. */
static double scale_of_variance(double mean, double variance, double n_rows)
{
    double rounding = 2.220446049250313e-16 * fabs(mean);
    return variance > n_rows * rounding * rounding ? sqrt(variance) : 1;
}

static void standard_scale(const scale_job *job, const double *x, double *work, az_feature *feature)
{
    int64_t n = job->n_rows;
    double total = job->weight ? az_sum_of(n, job->weight, 1) : (double)n;
    for (int64_t i = 0; i < n; i++) work[i] = job->weight ? job->weight[i] * x[i] : x[i];
    double mean = az_sum_of(n, work, 1) / total;
    for (int64_t i = 0; i < n; i++) {
        double d = x[i] - mean;
        work[i] = job->weight ? job->weight[i] * d * d : d * d;
    }
    double variance = az_sum_of(n, work, 1) / total;
    feature->center = mean;
    feature->spread = variance;
    feature->scale = scale_of_variance(mean, variance, (double)n);
}

static void minmax_scale(const scale_job *job, const double *x, az_feature *feature)
{
    double lower = INFINITY, upper = -INFINITY;
    for (int64_t i = 0; i < job->n_rows; i++) {
        if (x[i] < lower) lower = x[i];
        if (x[i] > upper) upper = x[i];
    }
    feature->center = lower;
    feature->scale = feature->spread = upper - lower;
}

/* Median and distance of the quartiles. */
static az_status robust_scale(const scale_job *job, const double *x, double *work, az_feature *feature)
{
    double quartile[3];
    for (int q = 0; q < 3; q++) {
        double level = 0.25 * (q + 1);
        if (job->weight) {
            AZ_TRY(az_weighted_quantile(x, job->weight, job->n_rows, level, &quartile[q]));
        } else {
            memcpy(work, x, (size_t)job->n_rows * sizeof *work);
            quartile[q] = az_quantile(work, job->n_rows, level);
        }
    }
    feature->center = quartile[1];
    feature->scale = quartile[2] - quartile[0];
    return AZ_OK;
}

/* The numbers of a column that are there, with their weights, in `room` (2 n_rows). */
static scale_job keep_present(const scale_job *job, const double *x, double *room)
{
    double *weight = room + job->n_rows;
    int64_t n = 0;
    for (int64_t i = 0; i < job->n_rows; i++) {
        if (isnan(x[i])) continue;
        room[n] = x[i];
        weight[n++] = job->weight ? job->weight[i] : 1;
    }
    scale_job present = *job;
    present.x = room;
    present.n_rows = n;
    if (job->weight) present.weight = weight;
    return present;
}

static void scale_feature(void *context, int64_t j, int thread)
{
    const scale_job *const all = context, *job = all;
    az_feature *feature = &job->design->features[j];
    double *x = job->x + j * job->n_rows, *work = job->work + thread * job->work_size;
    az_scaling scaling = job->design->options.scaling;
    scale_job present;
    if (feature->one_hot || feature->n_categories > 0) return;
    if (job->design->options.keep_missing) {
        present = keep_present(job, x, work + job->n_rows);
        if (present.n_rows == 0) return;
        job = &present;
        x = present.x;
    }
    if (feature->period > 0) { /* a phase has no centre; a uniform one has these spreads */
        feature->scale = scaling == AZ_SCALE_STANDARD ? feature->period / sqrt(12.0)
                         : scaling == AZ_SCALE_ROBUST ? feature->period / 2
                                                      : feature->period;
    } else if (scaling == AZ_SCALE_STANDARD) {
        standard_scale(job, x, work, feature);
    } else if (scaling == AZ_SCALE_MINMAX) {
        minmax_scale(job, x, feature);
    } else {
        job->status[j] = robust_scale(job, x, work, feature);
    }
    if (!(feature->scale > 0)) feature->scale = 1;
    x = all->x + j * all->n_rows;
    for (int64_t i = 0; i < all->n_rows; i++) x[i] = (x[i] - feature->center) / feature->scale;
    feature->period /= feature->scale;
}

az_status az_design_scale(az_design *design, double *x, int64_t n_rows, const double *weight, const az_control *control)
{
    if (design->options.scaling == AZ_SCALE_NONE) return AZ_OK;
    int n_threads = az_control_threads(control);
    scale_job job = {design, x, n_rows, weight, NULL, design->options.keep_missing ? 3 * n_rows : n_rows, NULL};
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(job.work, job.work_size * n_threads));
    AZ_GOTO(AZ_NEW_ARRAY(job.status, design->n_features));
    for (int64_t j = 0; j < design->n_features; j++) job.status[j] = AZ_OK;
    az_parallel(n_threads, design->n_features, scale_feature, &job);
    for (int64_t j = 0; j < design->n_features; j++)
        if (job.status[j]) status = az_error(job.status[j], "out of memory for quantiles");
done:
    az_free(job.work);
    az_free(job.status);
    return status;
}

void az_feature_scale(az_feature *feature, az_scaling scaling, double center, double spread, int64_t n_rows)
{
    if (feature->one_hot || scaling == AZ_SCALE_NONE) return;
    feature->center = center;
    feature->spread = spread;
    feature->scale = scaling == AZ_SCALE_STANDARD ? scale_of_variance(center, spread, (double)n_rows) : spread;
    if (!(feature->scale > 0)) feature->scale = 1;
}
