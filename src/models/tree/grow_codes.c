/* SPDX-License-Identifier: BSD-3-Clause */
/* What growing does with the codes of a node's rows, whatever the criterion: gathering, sorting and dividing them. */
#include "models/tree/grow_split.h"

#include <string.h>

void az_grow_gather(const az_bins *bins, const az_bin_view *view, int32_t feature, const az_grow_item *items,
                    uint32_t n, uint16_t *codes)
{
    const int64_t step = bins->n_features;
    if (view || bins->code_bytes == 1) {
        const uint8_t *column = (view ? view->codes : (const uint8_t *)bins->codes) + feature;
        for (uint32_t i = 0; i < n; i++) codes[i] = column[items[i].row * step];
    } else {
        const uint16_t *column = (const uint16_t *)bins->codes + feature;
        for (uint32_t i = 0; i < n; i++) codes[i] = column[items[i].row * step];
    }
}

/* Every code is compared with every other, eight at a time: quadratic, and faster for few rows than any sort that has
 * to guess its branches. */
static void sort_few(const uint16_t *codes, uint32_t n, uint32_t *order)
{
    enum { LANES = 8 };
    typedef int16_t lanes __attribute__((vector_size(2 * LANES)));
    int16_t key[AZ_GROW_FEW] = {0}, rank[AZ_GROW_FEW];
    uint8_t n_taken[AZ_GROW_FEW] = {0};
    for (uint32_t i = 0; i < n; i++) key[i] = (int16_t)(codes[i] - 32768);
    for (uint32_t i = 0; i < n; i += LANES) {
        lanes mine, below = {0};
        memcpy(&mine, key + i, sizeof mine);
        for (uint32_t k = 0; k < n; k++) {
            const int16_t other = key[k];
            below -= mine > (lanes){other, other, other, other, other, other, other, other};
        }
        memcpy(rank + i, &below, sizeof below);
    }
    for (uint32_t i = 0; i < n; i++) order[rank[i] + n_taken[rank[i]]++] = i;
}

/* Radix sort from the lowest byte of what the codes lie above the smallest. */
static void sort_many(const uint16_t *codes, uint32_t n, uint32_t *order, uint32_t *spare)
{
    uint32_t smallest = codes[0], largest = codes[0];
    for (uint32_t i = 1; i < n; i++) {
        smallest = codes[i] < smallest ? codes[i] : smallest;
        largest = codes[i] > largest ? codes[i] : largest;
    }
    const bool two = largest - smallest > UINT8_MAX;
    uint32_t *pass = two ? spare : order, start[UINT8_MAX + 2] = {0};
    for (uint32_t i = 0; i < n; i++) start[((codes[i] - smallest) & UINT8_MAX) + 1]++;
    for (int d = 0; d < UINT8_MAX; d++) start[d + 1] += start[d];
    for (uint32_t i = 0; i < n; i++) pass[start[(codes[i] - smallest) & UINT8_MAX]++] = i;
    if (!two) return;
    memset(start, 0, sizeof start);
    for (uint32_t i = 0; i < n; i++) start[((codes[i] - smallest) >> 8) + 1]++;
    for (int d = 0; d < UINT8_MAX; d++) start[d + 1] += start[d];
    for (uint32_t i = 0; i < n; i++) order[start[(codes[spare[i]] - smallest) >> 8]++] = spare[i];
}

void az_grow_sort(const uint16_t *codes, uint32_t n, uint32_t *order, uint32_t *spare)
{
    if (n <= AZ_GROW_FEW)
        sort_few(codes, n, order);
    else
        sort_many(codes, n, order, spare);
}

int32_t az_grow_random_code(const az_bin_feature *feature, int32_t smallest, int32_t largest, uint64_t draw)
{
    const double low = feature->upper[smallest], high = feature->upper[largest - 1];
    const double cut = low + (high - low) * ((double)(draw >> 11) * 0x1p-53);
    int32_t below = smallest, end = largest;
    while (end - below > 1) {
        const int32_t middle = below + (end - below) / 2;
        if (feature->upper[middle - 1] < cut)
            below = middle;
        else
            end = middle;
    }
    return below;
}

int32_t az_grow_random_half(uint16_t *codes, int32_t n_codes, uint64_t draw)
{
    for (int32_t c = n_codes - 1; c > 0; c--) {
        draw = draw * 6364136223846793005u + 1442695040888963407u;
        int32_t other = (int32_t)((draw >> 33) % (uint64_t)(c + 1));
        uint16_t swap = codes[c];
        codes[c] = codes[other];
        codes[other] = swap;
    }
    return n_codes / 2 > 0 ? n_codes / 2 : 1;
}

void az_split_numeric(az_split *split, int32_t feature, int32_t bin, bool missing_left, bool had_missing, double gain)
{
    split->gain = gain;
    split->feature = feature;
    split->bin = bin;
    split->categorical = false;
    split->missing_left = missing_left;
    split->had_missing = had_missing;
}

void az_split_categorical(az_split *split, int32_t feature, const uint16_t *codes, int32_t n_left, bool missing_left,
                          bool had_missing, double gain)
{
    az_split_numeric(split, feature, -1, missing_left, had_missing, gain);
    split->categorical = true;
    memset(split->set, 0, sizeof split->set);
    for (int32_t c = 0; c < n_left; c++) split->set[codes[c] >> 6] |= (uint64_t)1 << (codes[c] & 63);
}

uint32_t az_grow_divide(const az_grower *grower, az_grow_item *items, uint32_t n, const az_split *split, int32_t *low,
                        int32_t *high)
{
    const az_bins *bins = grower->data->bins;
    const uint32_t missing = (uint32_t)bins->features[split->feature].n_bins;
    const uint16_t *codes = grower->work->codes;
    az_grow_item *spare = grower->work->spare;
    uint32_t n_left = 0, n_right = 0, largest = 0, smallest = missing;
    az_grow_gather(bins, NULL, split->feature, items, n, grower->work->codes);
    for (uint32_t i = 0; i < n; i++) {
        const az_grow_item item = items[i];
        const uint32_t code = codes[i];
        bool right;
        if (split->categorical) {
            right = !(split->set[code >> 6] >> (code & 63) & 1);
        } else {
            right = code > (uint32_t)split->bin;
            largest = !right && code > largest ? code : largest;
            smallest = right && code < smallest ? code : smallest;
        }
        if (split->missing_left) right = right && code != missing;
        spare[n_right] = item;
        items[n_left] = item;
        n_right += right;
        n_left += !right;
    }
    memcpy(items + n_left, spare, sizeof *items * n_right);
    *low = (int32_t)largest;
    *high = (int32_t)smallest;
    return n_left;
}
