/* SPDX-License-Identifier: BSD-3-Clause */
/* Splits that lower the sum of absolute deviations from the median, exactly and in n log n a feature: rows are put one
 * by one into a binary indexed tree (Fenwick 1994) over the ranks of their targets, in which the median of what is
 * there, and the sums on its two sides, are found by one descent.  The rows of a tree are taken in the order of their
 * targets, and dividing a node keeps orders, so that a row's place in its node is its rank there. */
#include "models/tree/grow_split.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

typedef struct entry {
    double weight, sum; /* of weights, of weights times targets */
} entry;

typedef struct medians {
    const az_grow_item *items;
    uint32_t n, top; /* top: the largest power of two up to n */
    entry *tree;     /* (n + 1) */
    entry total;
} medians;

/* One side of a cut. */
typedef struct side {
    double weight, median, loss;
    uint32_t n;
} side;

static void clear(medians *self)
{
    memset(self->tree, 0, sizeof *self->tree * (self->n + 1));
    self->total = (entry){0, 0};
}

static void insert(medians *self, uint32_t i)
{
    const double weight = self->items[i].weight, sum = weight * self->items[i].value;
    for (uint32_t at = i + 1; at <= self->n; at += at & -at) {
        self->tree[at].weight += weight;
        self->tree[at].sum += sum;
    }
    self->total.weight += weight;
    self->total.sum += sum;
}

/* The smallest rank at which half of the weight is reached, and the sums before it. */
static uint32_t descend(const medians *self, double half, entry *before)
{
    uint32_t at = 0;
    *before = (entry){0, 0};
    for (uint32_t step = self->top; step; step >>= 1) {
        if (at + step > self->n || !(before->weight + self->tree[at + step].weight < half)) continue;
        at += step;
        before->weight += self->tree[at].weight;
        before->sum += self->tree[at].sum;
    }
    return at < self->n ? at : self->n - 1;
}

/* sum w |y - m| = (m W- - S-) + (S+ - m W+), with the sums below and above a median m.  Where exactly half of the
 * weight is on each side, all numbers between the two in the middle are such, and the one told is their mean, as in
 * median_of. */
static void measure(const medians *self, side *result)
{
    entry below, ignored;
    const double half = self->total.weight / 2;
    const uint32_t rank = descend(self, half, &below);
    const double median = self->items[rank].value;
    result->weight = self->total.weight;
    result->median = median;
    if (below.weight + self->items[rank].weight == half)
        result->median = (median + self->items[descend(self, nextafter(half, INFINITY), &ignored)].value) / 2;
    result->loss = median * below.weight - below.sum + (self->total.sum - below.sum) -
                   median * (self->total.weight - below.weight);
}

/* The mean of the two in the middle where exactly half of the weight is on each side: numpy's median. */
static double median_of(const az_grow_item *items, uint32_t n, double total)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += items[i].weight;
        if (sum < total / 2) continue;
        return sum == total / 2 && i + 1 < n ? (items[i].value + items[i + 1].value) / 2 : items[i].value;
    }
    return items[n - 1].value;
}

bool az_grow_absolute_sum(az_grower *grower, const az_grow_item *items, uint32_t n)
{
    double weight = 0, loss = 0;
    for (uint32_t i = 0; i < n; i++) weight += items[i].weight;
    grower->median = median_of(items, n, weight);
    for (uint32_t i = 0; i < n; i++) loss += items[i].weight * fabs(items[i].value - grower->median);
    grower->loss = loss;
    grower->total[0] = weight;
    grower->total[1] = weight * grower->median;
    return items[0].value == items[n - 1].value;
}

/* What the rows of a node are sorted into, by code. */
typedef struct sorted {
    uint32_t *start;    /* (n_bins + 2) where the rows of a code begin */
    uint32_t *rows;     /* (n) their places in the node */
    uint16_t *codes;    /* those that occur, without that of missing values */
    side *left, *right; /* (n_codes + 1) of the cut behind each code */
    int32_t n_codes, missing;
} sorted;

static az_status make_room(az_grow_work *work, uint32_t n, int32_t n_bins, medians *tree, sorted *by)
{
    const size_t n_codes = (size_t)n_bins + 2;
    const size_t size = sizeof(entry) * ((size_t)n + 1) + 2 * sizeof(side) * n_codes +
                        sizeof(uint32_t) * (n_codes + n) + sizeof(uint16_t) * n_codes;
    if ((int64_t)size > work->n_medians) {
        az_free(work->medians);
        work->n_medians = 0;
        work->medians = az_alloc(size);
        if (!work->medians) return AZ_ERROR_MEMORY;
        work->n_medians = (int64_t)size;
    }
    tree->tree = work->medians;
    by->left = (side *)(void *)(tree->tree + n + 1);
    by->right = by->left + n_codes;
    by->start = (uint32_t *)(void *)(by->right + n_codes);
    by->rows = by->start + n_codes;
    by->codes = (uint16_t *)(void *)(by->rows + n);
    return AZ_OK;
}

static uint32_t code_of(const az_bins *bins, int32_t feature, uint32_t row)
{
    const int64_t at = (int64_t)row * bins->n_features + feature;
    return bins->code_bytes == 1 ? ((const uint8_t *)bins->codes)[at] : ((const uint16_t *)bins->codes)[at];
}

/* Counting sort, which keeps the order of the targets within a code. */
static void sort_rows(const az_bins *bins, int32_t feature, const az_grow_item *items, uint32_t n, sorted *by)
{
    const int32_t n_bins = bins->features[feature].n_bins;
    memset(by->start, 0, sizeof *by->start * ((size_t)n_bins + 2));
    for (uint32_t i = 0; i < n; i++) by->start[code_of(bins, feature, items[i].row) + 1]++;
    by->n_codes = 0;
    for (int32_t code = 0; code < n_bins; code++)
        if (by->start[code + 1]) by->codes[by->n_codes++] = (uint16_t)code;
    by->missing = by->start[n_bins + 1] ? n_bins : -1;
    for (int32_t code = 0; code <= n_bins; code++) by->start[code + 1] += by->start[code];
    for (uint32_t i = 0; i < n; i++) by->rows[by->start[code_of(bins, feature, items[i].row)]++] = i;
    for (int32_t code = n_bins + 1; code > 0; code--) by->start[code] = by->start[code - 1];
    by->start[0] = 0;
}

static double median_of_code(const az_grow_item *items, const sorted *by, uint16_t code)
{
    double total = 0, sum = 0;
    for (uint32_t i = by->start[code]; i < by->start[code + 1]; i++) total += items[by->rows[i]].weight;
    uint32_t i = by->start[code];
    for (; i + 1 < by->start[code + 1]; i++) {
        sum += items[by->rows[i]].weight;
        if (sum >= total / 2) break;
    }
    return items[by->rows[i]].value;
}

/* Categories by their medians: a heuristic here, since Fisher's theorem is about squares. */
static void sort_categories(const az_grow_item *items, sorted *by)
{
    for (int32_t i = 1; i < by->n_codes; i++) {
        const uint16_t code = by->codes[i];
        const double key = median_of_code(items, by, code);
        int32_t j = i;
        for (; j > 0 && median_of_code(items, by, by->codes[j - 1]) > key; j--) by->codes[j] = by->codes[j - 1];
        by->codes[j] = code;
    }
}

static void insert_code(medians *tree, const sorted *by, int32_t code)
{
    for (uint32_t i = by->start[code]; i < by->start[code + 1]; i++) insert(tree, by->rows[i]);
}

/* The sides of all cuts: left[c] holds codes 0 .. c in their order, right[c] the others. */
static void fill_sides(medians *tree, const sorted *by, bool missing_left)
{
    uint32_t n_there = 0;
    clear(tree);
    if (by->missing >= 0 && missing_left) {
        insert_code(tree, by, by->missing);
        n_there = by->start[by->missing + 1] - by->start[by->missing];
    }
    for (int32_t c = 0; c < by->n_codes; c++) {
        insert_code(tree, by, by->codes[c]);
        measure(tree, &by->left[c]);
        by->left[c].n = n_there += by->start[by->codes[c] + 1] - by->start[by->codes[c]];
    }
    clear(tree);
    if (by->missing >= 0 && !missing_left) insert_code(tree, by, by->missing);
    for (int32_t c = by->n_codes - 1; c >= 0; c--) {
        if (tree->total.weight > 0) measure(tree, &by->right[c]);
        insert_code(tree, by, by->codes[c]);
    }
}

static bool allowed(const az_grower *grower, const az_grow_task *task, int32_t feature, const side *left,
                    const side *right)
{
    const az_grow_options *options = grower->options;
    if (left->weight < grower->min_weight_leaf || right->weight < grower->min_weight_leaf) return false;
    if ((int64_t)left->n < options->min_samples_leaf || (int64_t)(task->n - left->n) < options->min_samples_leaf)
        return false;
    const int8_t sign = options->monotonic ? options->monotonic[feature] : 0;
    if (!sign) return true;
    double below = sign > 0 ? left->median : right->median, above = sign > 0 ? right->median : left->median;
    return below <= above && below >= task->lower && above <= task->upper;
}

static void scan(az_grower *grower, const az_grow_task *task, int32_t feature, const sorted *by, bool missing_left,
                 int32_t first, int32_t end, az_split *best)
{
    for (int32_t c = first; c < end; c++) {
        double gain = grower->loss - by->left[c].loss - by->right[c].loss;
        if (gain < 0) gain = 0;
        if (!(gain > best->gain) || !allowed(grower, task, feature, &by->left[c], &by->right[c])) continue;
        az_split_set(best, feature, grower->data->bins->features[feature].categorical, by->codes, by->n_codes, c + 1,
                     missing_left, by->missing >= 0, gain);
    }
}

bool az_grow_absolute_examine(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                              uint64_t draw, az_split *best)
{
    const az_bin_feature *bins = &grower->data->bins->features[feature];
    medians tree = {.items = items, .n = task->n, .top = 1};
    sorted by;
    if (make_room(grower->work, task->n, bins->n_bins, &tree, &by)) {
        grower->failed = true;
        return false;
    }
    while (tree.top <= tree.n / 2) tree.top *= 2;
    sort_rows(grower->data->bins, feature, items, task->n, &by);
    if (by.n_codes + (by.missing >= 0) < 2) return false;
    int32_t cut = -1;
    if (grower->options->random_splits && by.n_codes < 2) return true;
    if (grower->options->random_splits)
        cut = az_grow_random_cut(bins, by.codes, by.n_codes, draw) - 1;
    else if (bins->categorical)
        sort_categories(items, &by);
    for (int left = by.missing >= 0 && by.n_codes > 1; left >= 0; left--) {
        fill_sides(&tree, &by, left);
        /* With the missing values on the right, all others against them is a cut too. */
        const int32_t n_cuts = by.missing >= 0 && !left ? by.n_codes : by.n_codes - 1;
        scan(grower, task, feature, &by, left, cut < 0 ? 0 : cut, cut < 0 ? n_cuts : cut + 1, best);
    }
    return true;
}
