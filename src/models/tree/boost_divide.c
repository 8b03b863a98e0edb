/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of a leaf divided among its children. */
#include "models/tree/boost_parts.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <string.h>

enum { DIVIDE_ROWS = 16384 };

/* Rows first to end - 1 of a leaf: those that go left to `left`, the others to `right`; how many go left. */
static uint32_t divide(const az_booster *booster, const az_boost_leaf *leaf, const uint64_t *set, int64_t first,
                       int64_t end, uint32_t *left, uint32_t *right)
{
    const az_bins *bins = booster->bins;
    const az_boost_split *split = &leaf->split;
    const az_bin_feature *feature = &bins->features[split->feature];
    const uint32_t missing = (uint32_t)feature->n_bins, bin = (uint32_t)split->bin;
    const uint32_t *rows = az_boost_rows(booster, leaf);
    const bool missing_left = split->missing_left;
    uint32_t n_left = 0, n_right = 0;
    if (bins->code_bytes == 1 && az_boost_shares(booster, split->feature)) { /* all codes of the column tell where to */
        const uint8_t *codes = az_boost_column_codes(booster, split->feature);
        bool to_right[256];
        for (uint32_t c = 0; c < 256; c++) {
            const uint32_t code = az_bundle_decode(booster->bundles, split->feature, c);
            to_right[c] = code == missing ? !missing_left : code > bin;
        }
        for (int64_t i = first; i < end; i++) {
            const uint32_t row = rows[i];
            const bool goes_right = to_right[codes[row]];
            left[n_left] = row;
            right[n_right] = row;
            n_right += goes_right;
            n_left += !goes_right;
        }
        return n_left;
    }
    if (bins->code_bytes == 1 && !feature->categorical && !split->had_missing) { /* the usual case, without branches */
        const uint8_t *codes = az_boost_column_codes(booster, split->feature);
        for (int64_t i = first; i < end; i++) {
            const uint32_t row = rows[i];
            const bool goes_right = codes[row] > bin;
            left[n_left] = row;
            right[n_right] = row;
            n_right += goes_right;
            n_left += !goes_right;
        }
        return n_left;
    }
    for (int64_t i = first; i < end; i++) {
        const uint32_t row = rows[i], code = az_boost_code(booster, row, split->feature);
        bool goes_left = feature->categorical ? code < missing && (set[code >> 6] >> (code & 63) & 1) : code <= bin;
        if (code == missing) goes_left = missing_left;
        left[n_left] = row;
        right[n_right] = row;
        n_right += !goes_left;
        n_left += goes_left;
    }
    return n_left;
}

uint32_t az_boost_divide(const az_booster *booster, const az_boost_leaf *leaf, const uint64_t *set)
{
    uint32_t *right = booster->rows[3] + leaf->first;
    uint32_t *to = booster->rows[az_boost_other_buffer(leaf)] + leaf->first;
    const uint32_t n_left = divide(booster, leaf, set, 0, leaf->n, to, right);
    memcpy(to + n_left, right, sizeof *right * (size_t)(leaf->n - n_left));
    return n_left;
}

typedef struct dividing {
    const az_booster *booster;
    const az_boost_leaf *leaf;
    const uint64_t *set;
    uint32_t *spare, *to;
    int64_t n_blocks;
    int64_t *n_left; /* (n_blocks), then where each block's left part begins */
    int64_t n_all_left;
} dividing;

static void divide_block(void *context, int64_t block, int thread)
{
    const dividing *job = context;
    (void)thread;
    const int64_t first = block * DIVIDE_ROWS;
    const int64_t end = first + DIVIDE_ROWS < job->leaf->n ? first + DIVIDE_ROWS : job->leaf->n;
    uint32_t right[DIVIDE_ROWS];
    const int64_t n_left = divide(job->booster, job->leaf, job->set, first, end, job->spare + first, right);
    memcpy(job->spare + first + n_left, right, sizeof *right * (size_t)(end - first - n_left));
    job->n_left[block] = n_left;
}

static void copy_block(void *context, int64_t block, int thread)
{
    const dividing *job = context;
    (void)thread;
    const int64_t first = block * DIVIDE_ROWS;
    const int64_t n = job->leaf->n - first < DIVIDE_ROWS ? job->leaf->n - first : DIVIDE_ROWS;
    const int64_t left_at = job->n_left[block], n_left = job->n_left[block + 1] - left_at;
    memcpy(job->to + left_at, job->spare + first, sizeof *job->to * (size_t)n_left);
    memcpy(job->to + job->n_all_left + first - left_at, job->spare + first + n_left,
           sizeof *job->to * (size_t)(n - n_left));
}

az_status az_boost_divide_wide(const az_booster *booster, const az_boost_leaf *leaf, const uint64_t *set,
                               uint32_t *n_left)
{
    dividing job = {.booster = booster,
                    .leaf = leaf,
                    .set = set,
                    .spare = booster->rows[3] + leaf->first,
                    .to = booster->rows[az_boost_other_buffer(leaf)] + leaf->first,
                    .n_blocks = ((int64_t)leaf->n + DIVIDE_ROWS - 1) / DIVIDE_ROWS};
    AZ_TRY(AZ_NEW_ARRAY(job.n_left, job.n_blocks + 1));
    az_parallel(booster->n_threads, job.n_blocks, divide_block, &job);
    for (int64_t b = 0, at = 0; b <= job.n_blocks; b++) {
        const int64_t n = b < job.n_blocks ? job.n_left[b] : 0;
        job.n_left[b] = at;
        at += n;
    }
    job.n_all_left = job.n_left[job.n_blocks];
    az_parallel(booster->n_threads, job.n_blocks, copy_block, &job);
    *n_left = (uint32_t)job.n_all_left;
    az_free(job.n_left);
    return AZ_OK;
}
