/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/bundle.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <stdatomic.h>
#include <string.h>

enum {
    GLANCE_ROWS = 1024, /* rows that tell which code is common */
    MOST_TRIED = 100,   /* bundles that a feature is tried on, the newest first */
    MOST_CODES = 256,   /* of a column */
    TILE_WORDS = 16     /* 64 rows each */
};

typedef struct bundling {
    const az_bins *bins;
    az_bundles *made;
    int64_t n_words, n_sparse;
    int32_t *sparse;              /* (n_sparse) features that are mostly one code */
    uint64_t *bits;               /* (n_sparse, n_words) rows in which they have another */
    _Atomic unsigned char *holes; /* (n_features) something is missing */
    uint64_t *taken;              /* (n_bundles, n_words) rows in which some feature of the bundle has another code */
    int64_t n_bundles;
    int32_t *n_codes, *n_members; /* (n_bundles) */
} bundling;

/* The most frequent code among some rows spread over all, if at least half of them have it; else, or if most have no
 * value, -1. */
static int32_t common_code(const az_bins *bins, int64_t feature)
{
    int32_t count[MOST_CODES] = {0}, best = 0;
    const uint8_t *codes = bins->codes;
    const int64_t n = bins->n_rows < GLANCE_ROWS ? bins->n_rows : GLANCE_ROWS;
    if (bins->features[feature].categorical) return -1;
    for (int64_t k = 0; k < n; k++) count[codes[k * bins->n_rows / n * bins->n_features + feature]]++;
    for (int32_t c = 1; c < MOST_CODES; c++)
        if (count[c] > count[best]) best = c;
    return 2 * (int64_t)count[best] >= n && best < bins->features[feature].n_bins ? best : -1;
}

static void mark_rows(void *context, int64_t tile, int thread)
{
    const bundling *job = context;
    const az_bins *bins = job->bins;
    const uint8_t *codes = bins->codes;
    const int64_t end = (tile + 1) * TILE_WORDS < job->n_words ? (tile + 1) * TILE_WORDS : job->n_words;
    (void)thread;
    for (int64_t w = tile * TILE_WORDS; w < end; w++) {
        const int64_t first = 64 * w, n = bins->n_rows - first < 64 ? bins->n_rows - first : 64;
        for (int64_t s = 0; s < job->n_sparse; s++) {
            const int64_t j = job->sparse[s];
            const uint8_t common = (uint8_t)job->made->common[j], missing = (uint8_t)bins->features[j].n_bins;
            const uint8_t *at = codes + first * bins->n_features + j;
            uint64_t word = 0;
            bool hole = false;
            for (int64_t i = 0; i < n; i++) {
                const uint8_t code = at[i * bins->n_features];
                word |= (uint64_t)(code != common) << i;
                hole |= code == missing;
            }
            job->bits[s * job->n_words + w] = word;
            if (hole) atomic_store_explicit(&job->holes[j], 1, memory_order_relaxed);
        }
    }
}

static bool exclusive(const uint64_t *a, const uint64_t *b, int64_t n_words)
{
    for (int64_t w = 0; w < n_words; w++)
        if (a[w] & b[w]) return false;
    return true;
}

/* Feature after feature goes to the newest bundle with which it has no row in common: features that were one category
 * stand side by side. */
static az_status choose_bundles(bundling *job, const az_control *control)
{
    az_bundles *made = job->made;
    const int64_t n_words = job->n_words;
    for (int64_t s = 0; s < job->n_sparse; s++) {
        const int64_t j = job->sparse[s];
        const uint64_t *bits = job->bits + s * n_words;
        const int32_t n_bins = job->bins->features[j].n_bins;
        made->n_other[j] = n_bins - 1 + atomic_load_explicit(&job->holes[j], memory_order_relaxed);
        int64_t b = job->n_bundles - 1;
        const int64_t last = job->n_bundles > MOST_TRIED ? job->n_bundles - MOST_TRIED : 0;
        while (b >= last && !(job->n_codes[b] + made->n_other[j] <= MOST_CODES &&
                              exclusive(bits, job->taken + b * n_words, n_words)))
            b--;
        if (b < last) {
            b = job->n_bundles++;
            uint64_t *grown = az_realloc_array(job->taken, job->n_bundles * n_words, sizeof *grown);
            if (!grown) return AZ_ERROR_MEMORY;
            job->taken = grown;
            memset(job->taken + b * n_words, 0, sizeof *grown * (size_t)n_words);
            job->n_codes[b] = 1;
            job->n_members[b] = 0;
        }
        for (int64_t w = 0; w < n_words; w++) job->taken[b * n_words + w] |= bits[w];
        made->column[j] = (int32_t)b;
        made->first[j] = job->n_codes[b];
        job->n_codes[b] += made->n_other[j];
        job->n_members[b]++;
        AZ_TRY(az_check_interrupt(control));
    }
    return AZ_OK;
}

/* Columns in the order of their first features. */
static az_status number_columns(bundling *job)
{
    az_bundles *made = job->made;
    int32_t *place;
    AZ_TRY(AZ_NEW_ARRAY(place, job->n_bundles));
    for (int64_t b = 0; b < job->n_bundles; b++) place[b] = -1;
    for (int64_t j = 0; j < made->n_features; j++) {
        const int32_t b = made->column[j];
        if (b < 0 || job->n_members[b] == 1) { /* alone, with its codes as they are */
            made->common[j] = -1;
            made->n_codes[made->n_columns] = job->bins->features[j].n_bins + 1;
            made->column[j] = (int32_t)made->n_columns++;
            continue;
        }
        if (place[b] < 0) {
            made->n_codes[made->n_columns] = job->n_codes[b];
            place[b] = (int32_t)made->n_columns++;
        }
        made->column[j] = place[b];
    }
    az_free(place);
    return AZ_OK;
}

static void fill_codes(void *context, int64_t tile, int thread)
{
    const bundling *job = context;
    const az_bins *bins = job->bins;
    const az_bundles *made = job->made;
    const int64_t begin = tile * TILE_WORDS * 64, last = begin + TILE_WORDS * 64;
    const int64_t end = last < bins->n_rows ? last : bins->n_rows;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const uint8_t *from = (const uint8_t *)bins->codes + i * bins->n_features;
        uint8_t *to = made->codes + i * made->n_columns;
        memset(to, 0, (size_t)made->n_columns);
        for (int64_t j = 0; j < bins->n_features; j++) {
            const int32_t common = made->common[j], code = from[j];
            if (common < 0)
                to[made->column[j]] = (uint8_t)code;
            else if (code != common)
                to[made->column[j]] = (uint8_t)(made->first[j] + code - (code > common));
        }
    }
}

static az_status bundle(bundling *job, az_bundles **result, const az_control *control)
{
    const az_bins *bins = job->bins;
    az_bundles *made = job->made;
    const int64_t n = bins->n_features;
    const int n_threads = az_control_threads(control);
    AZ_TRY(AZ_NEW_ARRAY(made->column, n));
    AZ_TRY(AZ_NEW_ARRAY(made->common, n));
    AZ_TRY(AZ_NEW_ARRAY(job->sparse, n));
    for (int64_t j = 0; j < n; j++) {
        made->column[j] = -1;
        made->common[j] = common_code(bins, j);
        if (made->common[j] >= 0) job->sparse[job->n_sparse++] = (int32_t)j;
    }
    if (job->n_sparse < 2 || 8 * job->n_sparse < n) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(made->first, n));
    AZ_TRY(AZ_NEW_ARRAY(made->n_other, n));
    AZ_TRY(AZ_NEW_ARRAY(made->n_codes, n));
    AZ_TRY(AZ_NEW_ARRAY(job->n_codes, job->n_sparse));
    AZ_TRY(AZ_NEW_ARRAY(job->n_members, job->n_sparse));
    AZ_TRY(AZ_NEW_ARRAY(job->bits, job->n_sparse * job->n_words));
    job->holes = az_alloc_zero((size_t)n);
    if (!job->holes) return AZ_ERROR_MEMORY;
    az_parallel(n_threads, (job->n_words + TILE_WORDS - 1) / TILE_WORDS, mark_rows, job);
    AZ_TRY(choose_bundles(job, control));
    AZ_TRY(number_columns(job));
    if (8 * (n - made->n_columns) < n) return AZ_OK; /* not worth a second table */
    AZ_TRY(AZ_NEW_ARRAY(made->codes, bins->n_rows * made->n_columns));
    az_parallel(n_threads, (job->n_words + TILE_WORDS - 1) / TILE_WORDS, fill_codes, job);
    *result = made;
    job->made = NULL;
    return AZ_OK;
}

az_status az_bundles_new(az_bundles **result, const az_bins *bins, const az_control *control)
{
    bundling job = {.bins = bins, .n_words = (bins->n_rows + 63) / 64};
    *result = NULL;
    if (bins->code_bytes != 1) return AZ_OK;
    AZ_TRY(AZ_NEW_ZERO(job.made));
    job.made->n_rows = bins->n_rows;
    job.made->n_features = bins->n_features;
    az_status status = bundle(&job, result, control);
    az_bundles_free(job.made);
    az_free(job.sparse);
    az_free(job.bits);
    az_free((void *)job.holes);
    az_free(job.taken);
    az_free(job.n_codes);
    az_free(job.n_members);
    return status;
}

void az_bundles_free(az_bundles *bundles)
{
    if (!bundles) return;
    az_free(bundles->codes);
    az_free(bundles->column);
    az_free(bundles->common);
    az_free(bundles->first);
    az_free(bundles->n_other);
    az_free(bundles->n_codes);
    az_free(bundles);
}
