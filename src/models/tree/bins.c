/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/bins.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Cuts are found on a sample of this many rows at most, as scikit-learn and LightGBM do. */
enum {
    SAMPLE_ROWS = 200000,
    TILE_ROWS = 4096,
    TILE_BYTES = 24576,
    RADIX_BITS = 11,
    RADIX = 1 << RADIX_BITS,
    DIGITS = 6,       /* of 11 bits in 64 */
    FEW_VALUES = 256, /* of a column are counted in a table of so many slots: */
    SLOT_BITS = 10,
    SLOTS = 1 << SLOT_BITS
};

typedef struct binning {
    az_bins *bins;
    const az_sample *sample;
    int64_t max_bins, n_sampled;
    const int64_t *sampled; /* row numbers, or NULL: all rows */
    uint64_t *work;         /* per thread: 2 * n_sampled */
    uint32_t *counts;       /* per thread: DIGITS * RADIX */
    double *scales;         /* (n_features, 3 max_bins) where cuts, and the ends of bins, are put down */
} binning;

/* Doubles as unsigned integers in the same order: negative ones with all bits turned, the others with the sign turned.
 */
static uint64_t key_of(double value)
{
    uint64_t bits;
    value += 0.0; /* -0 and 0 are one value */
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double value_of(uint64_t key)
{
    uint64_t bits = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Radix sort from the lowest digit, 11 bits a pass; a pass in which all keys have one digit is left out.  The digits of
 * all passes are counted at once. */
static uint64_t *sort_keys(uint64_t *keys, uint64_t *other, int64_t n, uint32_t *counts)
{
    memset(counts, 0, sizeof *counts * DIGITS * RADIX);
    for (int64_t i = 0; i < n; i++)
        for (int d = 0; d < DIGITS; d++) counts[d * RADIX + (int)(keys[i] >> d * RADIX_BITS & (RADIX - 1))]++;
    for (int d = 0; d < DIGITS && n > 0; d++) {
        uint32_t *place = counts + d * RADIX, at = 0;
        if (place[keys[0] >> d * RADIX_BITS & (RADIX - 1)] == n) continue;
        for (int k = 0; k < RADIX; k++) {
            const uint32_t count = place[k];
            place[k] = at;
            at += count;
        }
        for (int64_t i = 0; i < n; i++) other[place[keys[i] >> d * RADIX_BITS & (RADIX - 1)]++] = keys[i];
        uint64_t *swap = keys;
        keys = other;
        other = swap;
    }
    return keys;
}

/* The distinct keys, sorted, and how often each occurs. */
typedef struct distinct {
    int64_t n;
    uint64_t *keys, *counts;
} distinct;

static int by_key(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* A column of few values is counted rather than sorted, in a table of hashes; false: they are not few. */
static bool count_few(const uint64_t *keys, int64_t n, distinct *found)
{
    uint64_t slot_key[SLOTS], pair[2 * FEW_VALUES];
    uint32_t slot_count[SLOTS] = {0};
    int64_t n_found = 0;
    for (int64_t i = 0; i < n; i++) {
        uint64_t at = keys[i] * 0x9e3779b97f4a7c15u >> (64 - SLOT_BITS);
        while (slot_count[at] && slot_key[at] != keys[i]) at = (at + 1) & (SLOTS - 1);
        if (!slot_count[at]) {
            if (n_found == FEW_VALUES) return false;
            slot_key[at] = keys[i];
            n_found++;
        }
        slot_count[at]++;
    }
    found->n = 0;
    for (int k = 0; k < SLOTS; k++)
        if (slot_count[k]) {
            pair[2 * found->n] = slot_key[k];
            pair[2 * found->n++ + 1] = slot_count[k];
        }
    qsort(pair, (size_t)found->n, 2 * sizeof *pair, by_key);
    for (int64_t k = 0; k < found->n; k++) {
        found->keys[k] = pair[2 * k];
        found->counts[k] = pair[2 * k + 1];
    }
    return true;
}

/* keys, which are overwritten, and room for as many. */
static distinct find_distinct(uint64_t *keys, uint64_t *room, int64_t n, uint32_t *counts)
{
    distinct found = {.keys = room, .counts = room + FEW_VALUES};
    if (n >= 2 * FEW_VALUES && count_few(keys, n, &found)) return found;
    uint64_t *sorted = sort_keys(keys, room, n, counts);
    found = (distinct){.keys = sorted, .counts = sorted == keys ? room : keys};
    for (int64_t i = 0; i < n;) {
        const uint64_t key = sorted[i];
        const int64_t first = i;
        while (i < n && sorted[i] == key) i++;
        found.keys[found.n] = key;
        found.counts[found.n++] = (uint64_t)(i - first);
    }
    return found;
}

/* The number halfway between two doubles, below the upper one whatever the rounding. */
static double halfway(double lower, double upper)
{
    double middle = lower / 2 + upper / 2;
    return middle < upper ? (middle < lower ? lower : middle) : lower;
}

/* Cuts between all distinct values if they fit, else so that bins hold about equally many rows; a value with more than
 * its share gets a bin to itself and what is left is shared out anew. */
static int32_t cut(const distinct *values, int64_t n, int64_t max_bins, double *upper, double *smallest,
                   double *largest)
{
    const uint64_t *keys = values->keys;
    const bool all = values->n <= max_bins;
    int32_t n_cuts = 0;
    int64_t in_bin = 0, left = n, bins_left = max_bins;
    smallest[0] = values->n > 0 ? value_of(keys[0]) : 0;
    for (int64_t i = 0; i + 1 < values->n; i++) {
        in_bin += (int64_t)values->counts[i];
        /* Close the bin when it has its share, or when the next value would overfill it. */
        const double share = (double)left / (double)bins_left;
        const double next = (double)(in_bin + (int64_t)values->counts[i + 1]);
        if (!all && (bins_left == 1 || ((double)in_bin < share && next - share <= share - (double)in_bin))) continue;
        largest[n_cuts] = value_of(keys[i]);
        smallest[n_cuts + 1] = value_of(keys[i + 1]);
        upper[n_cuts] = halfway(largest[n_cuts], smallest[n_cuts + 1]);
        n_cuts++;
        left -= in_bin;
        bins_left--;
        in_bin = 0;
    }
    largest[n_cuts] = values->n > 0 ? value_of(keys[values->n - 1]) : 0;
    return n_cuts;
}

double az_bin_threshold(const az_bin_feature *feature, int32_t left, int32_t right)
{
    return halfway(feature->largest[left], feature->smallest[right]);
}

static void find_cuts(void *context, int64_t feature, int thread)
{
    binning *job = context;
    az_bin_feature *made = &job->bins->features[feature];
    int32_t n_categories = job->sample->features[feature].n_categories;
    if (n_categories > 0) {
        *made = (az_bin_feature){.n_bins = n_categories, .categorical = true};
        return;
    }
    uint64_t *keys = job->work + (size_t)thread * 2 * (size_t)job->n_sampled;
    const double *x = job->sample->x + feature * job->sample->n_rows;
    int64_t n = 0;
    for (int64_t i = 0; i < job->n_sampled; i++) {
        double value = x[job->sampled ? job->sampled[i] : i];
        if (value == value) keys[n++] = key_of(value);
    }
    double *upper = job->scales + feature * 3 * job->max_bins;
    double *smallest = upper + job->max_bins, *largest = smallest + job->max_bins;
    uint32_t *counts = job->counts + (size_t)thread * DIGITS * RADIX;
    const distinct values = find_distinct(keys, keys + job->n_sampled, n, counts);
    *made = (az_bin_feature){.n_bins = cut(&values, n, job->max_bins, upper, smallest, largest) + 1,
                             .upper = upper,
                             .smallest = smallest,
                             .largest = largest};
}

/* Codes of a few values at a time: the first cut that is not below each, by bisection.  How many steps that takes does
 * not depend on the values, so the searches run side by side, without branches. */
static void find_codes(const az_bin_feature *feature, const double *values, int64_t n, uint16_t *codes)
{
    enum { LANES = 8 };
    const double *upper = feature->upper;
    const uint16_t missing = (uint16_t)feature->n_bins;
    if (feature->categorical) {
        for (int64_t i = 0; i < n; i++) codes[i] = values[i] >= 0 ? (uint16_t)values[i] : missing;
        return;
    }
    for (int64_t i = 0; i < n; i += LANES) {
        double value[LANES];
        int32_t low[LANES] = {0};
        const int64_t n_lanes = n - i < LANES ? n - i : LANES;
        for (int64_t k = 0; k < LANES; k++) value[k] = values[i + (k < n_lanes ? k : 0)];
        for (int32_t left = feature->n_bins - 1; left > 0;) {
            const int32_t half = (left + 1) / 2;
            for (int k = 0; k < LANES; k++) low[k] += half & -(int32_t)(value[k] > upper[low[k] + half - 1]);
            left -= half;
        }
        for (int64_t k = 0; k < n_lanes; k++) codes[i + k] = value[k] == value[k] ? (uint16_t)low[k] : missing;
    }
}

typedef struct coding {
    az_bins *bins;
    const double *x; /* (n_rows, n_features) column-major */
    int64_t n_rows, first;
    int64_t tile_rows;
} coding;

static void fill_codes(void *context, int64_t tile, int thread)
{
    const coding *job = context;
    const az_bins *bins = job->bins;
    const int64_t n_features = bins->n_features, begin = tile * job->tile_rows;
    const int64_t n = job->n_rows - begin < job->tile_rows ? job->n_rows - begin : job->tile_rows;
    const int64_t at = (job->first + begin) * n_features;
    uint16_t codes[TILE_ROWS];
    (void)thread;
    for (int64_t j = 0; j < n_features; j++) {
        find_codes(&bins->features[j], job->x + j * job->n_rows + begin, n, codes);
        if (bins->code_bytes == 1)
            for (int64_t i = 0; i < n; i++) ((uint8_t *)bins->codes)[at + i * n_features + j] = (uint8_t)codes[i];
        else
            for (int64_t i = 0; i < n; i++) ((uint16_t *)bins->codes)[at + i * n_features + j] = codes[i];
    }
}

void az_bins_code(az_bins *bins, const double *x, int64_t n_rows, int64_t first, const az_control *control)
{
    /* A tile's codes stay in the first cache while its columns are written one after the other. */
    int64_t tile_rows = TILE_BYTES / (bins->n_features * bins->code_bytes + 1);
    tile_rows = tile_rows < 64 ? 64 : tile_rows > TILE_ROWS ? TILE_ROWS : tile_rows;
    coding job = {.bins = bins, .x = x, .n_rows = n_rows, .first = first, .tile_rows = tile_rows};
    az_parallel(az_control_threads(control), (n_rows + tile_rows - 1) / tile_rows, fill_codes, &job);
}

/* Every k-th row of a random order would not do: rows may be sorted.  Row i is taken if its random number is among the
 * smallest: here by a threshold, which gives the wanted number within a few per cent. */
static az_status choose_sample(binning *job, int64_t **rows)
{
    const int64_t n = job->sample->n_rows;
    job->n_sampled = n;
    if (n <= SAMPLE_ROWS) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(*rows, n));
    az_stream stream = az_stream_new(job->sample->seed, "tree.bins");
    int64_t n_taken = 0;
    const double part = (double)SAMPLE_ROWS / (double)n;
    for (int64_t i = 0; i < n; i++)
        if (az_random_uniform(stream, (uint64_t)i, 0) < part) (*rows)[n_taken++] = i;
    job->sampled = *rows;
    job->n_sampled = n_taken;
    return AZ_OK;
}

static az_status find_all_cuts(az_bins *bins, binning *job, int64_t **rows, const az_control *control)
{
    const az_sample *sample = job->sample;
    const int n_threads = az_control_threads(control);
    for (int64_t j = 0; j < sample->n_features; j++)
        if (sample->features[j].n_categories > UINT16_MAX - 1)
            return az_error(AZ_ERROR_DATA, "feature \"%s\" has %d categories; trees take at most 65,534",
                            sample->features[j].name, sample->features[j].n_categories);
    AZ_TRY(choose_sample(job, rows));
    AZ_TRY(AZ_NEW_ARRAY(bins->features, sample->n_features));
    AZ_TRY(AZ_NEW_ARRAY(bins->uppers, sample->n_features * 3 * job->max_bins));
    job->scales = bins->uppers;
    AZ_TRY(AZ_NEW_ARRAY(job->work, 2 * job->n_sampled * n_threads));
    AZ_TRY(AZ_NEW_ARRAY(job->counts, (int64_t)n_threads * DIGITS * RADIX));
    az_parallel(n_threads, sample->n_features, find_cuts, job);
    for (int64_t j = 0; j < bins->n_features; j++)
        if (bins->features[j].n_bins + 1 > bins->max_bins) bins->max_bins = bins->features[j].n_bins + 1;
    bins->code_bytes = bins->max_bins > UINT8_MAX + 1 ? 2 : 1;
    return az_check_interrupt(control);
}

az_status az_bins_edges(az_bins **result, const az_sample *sample, int64_t max_bins, int64_t n_rows,
                        const az_control *control)
{
    az_bins *bins;
    int64_t *rows = NULL;
    AZ_TRY(AZ_NEW_ZERO(bins));
    *bins = (az_bins){.n_rows = n_rows, .n_features = sample->n_features};
    binning job = {.bins = bins, .sample = sample, .max_bins = max_bins};
    az_status status = find_all_cuts(bins, &job, &rows, control);
    az_free(rows);
    az_free(job.work);
    az_free(job.counts);
    if (!status) {
        bins->codes = az_alloc_array(n_rows * bins->n_features, (size_t)bins->code_bytes);
        if (!bins->codes) status = AZ_ERROR_MEMORY;
    }
    if (status)
        az_bins_free(bins);
    else
        *result = bins;
    return status;
}

az_status az_bins_new(az_bins **result, const az_sample *sample, int64_t max_bins, const az_control *control)
{
    az_bins *bins;
    if (sample->bins) {
        AZ_TRY(AZ_NEW_ZERO(bins));
        *bins = *sample->bins;
        bins->x = sample->x;
        bins->borrowed = true;
        *result = bins;
        return AZ_OK;
    }
    AZ_TRY(az_bins_edges(&bins, sample, max_bins, sample->n_rows, control));
    bins->x = sample->x;
    az_bins_code(bins, sample->x, sample->n_rows, 0, control);
    az_status status = az_check_interrupt(control);
    if (status)
        az_bins_free(bins);
    else
        *result = bins;
    return status;
}

void az_bins_free(az_bins *bins)
{
    if (!bins) return;
    if (!bins->borrowed) {
        az_free(bins->codes);
        az_free(bins->features);
        az_free(bins->uppers);
    }
    az_free(bins);
}
