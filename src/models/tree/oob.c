/* SPDX-License-Identifier: BSD-3-Clause */
/* Out-of-bag estimates (Breiman 2001, section 3.1): each training row predicted by the trees that were grown without
 * it.
 *
 * Which rows a tree saw is not kept but drawn again: 64 trees at a time, one bit of a word for each row.  Then every
 * row adds up those of the 64 that did not see it, in their order, so that its sum is the same from any number of
 * threads. */
#include "models/tree/ensemble.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum { TREES = 64, TILE = 256 };

typedef struct oob_job {
    const az_trees *trees;
    const az_sample *sample;
    const az_draws *draws;
    int64_t first, n; /* trees of this turn */
    uint8_t *seen;    /* (n_rows, 8) bit t of a row: tree first + t saw it */
    uint16_t *count;  /* (n_threads, n_rows) */
    double *features; /* (n_threads, TILE * (n_features + n_outputs)) */
    double *sums;
    int32_t *n_trees;
} oob_job;

/* Eight trees share a byte of each row, which one thread alone writes. */
static void mark_rows(void *context, int64_t group, int thread)
{
    oob_job *job = context;
    const int64_t n_rows = job->sample->n_rows;
    uint16_t *count = job->count + thread * n_rows;
    for (int64_t t = 8 * group; t < 8 * group + 8 && t < job->n; t++) {
        az_draw_rows(job->draws, job->first + t, count);
        for (int64_t i = 0; i < n_rows; i++) job->seen[i * 8 + group] |= (uint8_t)((count[i] > 0) << (t & 7));
    }
}

static void add_tile(void *context, int64_t tile, int thread)
{
    oob_job *job = context;
    const int64_t n_rows = job->sample->n_rows, n_features = job->sample->n_features;
    const int64_t n_outputs = job->trees->n_outputs, first = tile * TILE;
    const int64_t n = n_rows - first < TILE ? n_rows - first : TILE;
    double *features = job->features + thread * TILE * (n_features + n_outputs), *out = features + TILE * n_features;
    for (int64_t j = 0; j < n_features; j++)
        for (int64_t i = 0; i < n; i++) features[i * n_features + j] = job->sample->x[j * n_rows + first + i];
    for (int64_t t = 0; t < job->n; t++) {
        memset(out, 0, sizeof *out * (size_t)(n * n_outputs));
        az_trees_add(job->trees, job->first + t, 1, 1, features, n, out);
        for (int64_t i = 0; i < n; i++) {
            if (job->seen[(first + i) * 8 + t / 8] >> (t & 7) & 1) continue;
            job->n_trees[first + i]++;
            for (int64_t k = 0; k < n_outputs; k++) job->sums[(first + i) * n_outputs + k] += out[i * n_outputs + k];
        }
    }
}

az_status az_oob_sums(const az_trees *trees, const az_sample *sample, const az_draws *draws, double *sums,
                      int32_t *n_trees, const az_control *control)
{
    const int n_threads = az_control_threads(control);
    const int64_t n_rows = sample->n_rows, n_tiles = (n_rows + TILE - 1) / TILE;
    oob_job job = {.trees = trees, .sample = sample, .draws = draws, .sums = sums, .n_trees = n_trees};
    az_status status;
    memset(sums, 0, sizeof *sums * (size_t)(n_rows * trees->n_outputs));
    memset(n_trees, 0, sizeof *n_trees * (size_t)n_rows);
    if (!draws->draws) return AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(job.seen, n_rows * (TREES / 8)));
    AZ_GOTO(AZ_NEW_ARRAY(job.count, n_rows * n_threads));
    AZ_GOTO(AZ_NEW_ARRAY(job.features, n_threads * TILE * (sample->n_features + trees->n_outputs)));
    for (; job.first < trees->n_trees; job.first += TREES) {
        job.n = trees->n_trees - job.first < TREES ? trees->n_trees - job.first : TREES;
        memset(job.seen, 0, (size_t)n_rows * (TREES / 8));
        az_parallel(n_threads, (job.n + 7) / 8, mark_rows, &job);
        AZ_GOTO(az_check_interrupt(control));
        az_parallel(n_threads, n_tiles, add_tile, &job);
        AZ_GOTO(az_check_interrupt(control));
    }
done:
    az_free(job.seen);
    az_free(job.count);
    az_free(job.features);
    return status;
}

/* The part of the rows, by weight, whose likeliest class is their own. */
static double accuracy(const az_sample *sample, int64_t n_classes, const double *sums, const int32_t *n_trees)
{
    double right = 0, total = 0;
    for (int64_t i = 0; i < sample->n_rows; i++) {
        if (n_trees[i] == 0) continue;
        int64_t best = 0;
        for (int64_t k = 1; k < n_classes; k++)
            if (sums[i * n_classes + k] > sums[i * n_classes + best]) best = k;
        double weight = sample->weight ? sample->weight[i] : 1;
        right += best == sample->label[i] ? weight : 0;
        total += weight;
    }
    return right / total;
}

/* R2 of one target. */
static double r2(const az_ensemble *model, const az_sample *sample, int64_t k, const double *sums,
                 const int32_t *n_trees)
{
    const double *y = sample->y + k * sample->n_rows;
    double total = 0, mean = 0, squares = 0, errors = 0;
    for (int64_t i = 0; i < sample->n_rows; i++) {
        if (n_trees[i] == 0) continue;
        double weight = sample->weight ? sample->weight[i] : 1, difference = y[i] - mean;
        double error = y[i] - (sums[i * model->n_outputs + k] / n_trees[i] + model->offset[k]);
        total += weight;
        mean += weight / total * difference;
        squares += weight * difference * (y[i] - mean);
        errors += weight * error * error;
    }
    return squares > 0 ? 1 - errors / squares : (double)NAN;
}

az_status az_oob_score(az_ensemble *model, const az_sample *sample, const az_draws *draws, const az_control *control)
{
    double *sums = NULL;
    int32_t *n_trees = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(sums, sample->n_rows * model->n_outputs));
    AZ_GOTO(AZ_NEW_ARRAY(n_trees, sample->n_rows));
    AZ_GOTO(az_oob_sums(model->trees, sample, draws, sums, n_trees, control));
    int64_t n_never = 0;
    for (int64_t i = 0; i < sample->n_rows; i++) n_never += n_trees[i] == 0;
    if (n_never)
        az_warning(control,
                   "out of bag: %lld of %lld rows are in the sample of every tree and left out; grow more trees",
                   (long long)n_never, (long long)sample->n_rows);
    if (n_never == sample->n_rows) goto done;
    double sum = 0;
    for (int64_t k = 0; k < sample->n_targets; k++) sum += r2(model, sample, k, sums, n_trees);
    model->oob_score =
        model->classifies ? accuracy(sample, model->n_outputs, sums, n_trees) : sum / (double)sample->n_targets;
    model->has_oob = isfinite(model->oob_score); /* a constant target has no R2 */
done:
    az_free(sums);
    az_free(n_trees);
    return status;
}
