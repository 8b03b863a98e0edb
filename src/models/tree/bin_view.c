/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/bin_view.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum { TILE_ROWS = 4096 };

typedef struct viewing {
    az_bin_view *view;
    const az_bins *bins;
    int64_t max_bins;
    int64_t *first;   /* (n_features) where a feature's codes begin in the two arrays */
    uint32_t *counts; /* rows by code */
    uint8_t *map;     /* the bin of the view for each code */
} viewing;

static uint32_t code_at(const az_bins *bins, int64_t at)
{
    return bins->code_bytes == 1 ? ((const uint8_t *)bins->codes)[at] : ((const uint16_t *)bins->codes)[at];
}

/* Where rank r of n lies on the scale on which bins are equally wide, 0 to 2. */
static double place(double rank, double n)
{
    return rank / n + (log1p(rank) - log1p(n - rank) + log1p(n)) / (2 * log1p(n));
}

/* Gathers a feature's codes into bins.  A bin is closed when it has its share of what is left of the scale, or when
 * the next code would overfill it. */
static int32_t gather(const uint32_t *counts, int32_t n_codes, int64_t max_bins, uint8_t *map, uint16_t *last)
{
    double n = 0, rank = counts[0];
    for (int32_t code = 0; code < n_codes; code++) n += counts[code];
    double begin = 0, here = place(rank, n);
    int32_t bin = 0;
    for (int32_t code = 0; code < n_codes; code++) {
        map[code] = (uint8_t)bin;
        last[bin] = (uint16_t)code;
        if (code == n_codes - 1 || bin == max_bins - 1) continue;
        rank += counts[code + 1];
        const double share = (2 - begin) / (double)(max_bins - bin), next = place(rank, n);
        if (here - begin >= share || next - begin - share > share - (here - begin)) {
            begin = here;
            bin++;
        }
        here = next;
    }
    return bin + 1;
}

static void view_feature(void *context, int64_t j, int thread)
{
    viewing *job = context;
    const az_bins *bins = job->bins;
    const int32_t n_codes = bins->features[j].n_bins;
    uint32_t *counts = job->counts + job->first[j];
    uint8_t *map = job->map + job->first[j];
    (void)thread;
    if (bins->features[j].categorical || n_codes <= job->max_bins) return;
    for (int64_t i = 0; i < bins->n_rows; i++) counts[code_at(bins, i * bins->n_features + j)]++;
    job->view->n_bins[j] = gather(counts, n_codes, job->max_bins, map, job->view->last + j * AZ_VIEW_CODES);
    map[n_codes] = (uint8_t)job->view->n_bins[j];
}

static void fill_codes(void *context, int64_t tile, int thread)
{
    const viewing *job = context;
    const az_bins *bins = job->bins;
    const int64_t n_features = bins->n_features, first = tile * TILE_ROWS;
    const int64_t end = first + TILE_ROWS < bins->n_rows ? first + TILE_ROWS : bins->n_rows;
    (void)thread;
    for (int64_t at = first * n_features; at < end * n_features; at += n_features)
        for (int64_t j = 0; j < n_features; j++)
            if (job->view->n_bins[j]) job->view->codes[at + j] = job->map[job->first[j] + code_at(bins, at + j)];
}

static az_status build(az_bin_view *view, viewing *job, const az_control *control)
{
    const az_bins *bins = job->bins;
    const int n_threads = az_control_threads(control);
    int64_t n_codes = 0;
    AZ_TRY(AZ_NEW_ARRAY(job->first, bins->n_features));
    for (int64_t j = 0; j < bins->n_features; j++) {
        job->first[j] = n_codes;
        n_codes += bins->features[j].n_bins + 1;
    }
    AZ_TRY(AZ_NEW_ARRAY(job->counts, n_codes));
    AZ_TRY(AZ_NEW_ARRAY(job->map, n_codes));
    memset(job->counts, 0, sizeof *job->counts * (size_t)n_codes);
    AZ_TRY(AZ_NEW_ARRAY(view->codes, bins->n_rows * bins->n_features));
    AZ_TRY(AZ_NEW_ARRAY(view->n_bins, bins->n_features));
    AZ_TRY(AZ_NEW_ARRAY(view->last, bins->n_features * AZ_VIEW_CODES));
    memset(view->n_bins, 0, sizeof *view->n_bins * (size_t)bins->n_features);
    az_parallel(n_threads, bins->n_features, view_feature, job);
    az_parallel(n_threads, (bins->n_rows + TILE_ROWS - 1) / TILE_ROWS, fill_codes, job);
    return az_check_interrupt(control);
}

az_status az_bin_view_new(az_bin_view **result, const az_bins *bins, int64_t max_bins, const az_control *control)
{
    bool useful = false;
    for (int64_t j = 0; j < bins->n_features; j++)
        useful |= !bins->features[j].categorical && bins->features[j].n_bins > max_bins;
    *result = NULL;
    if (!useful) return AZ_OK;
    az_bin_view *view;
    AZ_TRY(AZ_NEW_ZERO(view));
    viewing job = {.view = view, .bins = bins, .max_bins = max_bins};
    az_status status = build(view, &job, control);
    az_free(job.first);
    az_free(job.counts);
    az_free(job.map);
    if (status)
        az_bin_view_free(view);
    else
        *result = view;
    return status;
}

void az_bin_view_free(az_bin_view *view)
{
    if (!view) return;
    az_free(view->codes);
    az_free(view->n_bins);
    az_free(view->last);
    az_free(view);
}
