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

/* The rows of a node by their codes. */
typedef struct sorted {
    uint32_t *rows;     /* (n) their places in the node, those of one code in the order of their targets */
    uint32_t *start;    /* (n_codes + 2) where those of a code begin; behind the last code are the missing values */
    uint16_t *codes;    /* (n_codes) that occur, then that of missing values; behind it as much room again */
    side *left, *right; /* (n_codes + 1) of the cut behind each code */
    int32_t *order;     /* (n_codes) the numbers of the codes, in which they are cut */
    int32_t n_codes;
    bool has_missing;
} sorted;

static az_status make_room(az_grow_work *work, uint32_t n, medians *tree, sorted *by)
{
    const size_t most = (size_t)n + 2;
    const size_t size =
        most * (sizeof(entry) + 2 * sizeof(side) + sizeof(uint32_t) + sizeof(int32_t) + 2 * sizeof(uint16_t));
    if ((int64_t)size > work->n_medians) {
        az_free(work->medians);
        work->n_medians = 0;
        work->medians = az_alloc(size);
        if (!work->medians) return AZ_ERROR_MEMORY;
        work->n_medians = (int64_t)size;
    }
    tree->tree = work->medians;
    by->left = (side *)(void *)(tree->tree + most);
    by->right = by->left + most;
    by->start = (uint32_t *)(void *)(by->right + most);
    by->order = (int32_t *)(void *)(by->start + most);
    by->codes = (uint16_t *)(void *)(by->order + most);
    by->rows = work->places;
    return AZ_OK;
}

/* Sorting keeps the order of the targets within a code.  false: all rows have one. */
static bool sort_rows(az_grow_work *work, uint32_t n, int32_t missing, sorted *by)
{
    const uint16_t *codes = work->codes;
    az_grow_sort(codes, n, by->rows, by->rows + n);
    by->n_codes = 0;
    by->has_missing = codes[by->rows[n - 1]] == missing;
    for (uint32_t i = 0; i < n; i++) {
        const uint16_t code = codes[by->rows[i]];
        if (i > 0 && code == codes[by->rows[i - 1]]) continue;
        by->start[by->n_codes] = i;
        by->codes[by->n_codes++] = code;
    }
    by->start[by->n_codes] = n;
    by->n_codes -= by->has_missing;
    for (int32_t c = 0; c < by->n_codes; c++) by->order[c] = c;
    return by->n_codes + by->has_missing > 1;
}

static double median_of_code(const az_grow_item *items, const sorted *by, int32_t c)
{
    double total = 0, sum = 0;
    for (uint32_t i = by->start[c]; i < by->start[c + 1]; i++) total += items[by->rows[i]].weight;
    uint32_t i = by->start[c];
    for (; i + 1 < by->start[c + 1]; i++) {
        sum += items[by->rows[i]].weight;
        if (sum >= total / 2) break;
    }
    return items[by->rows[i]].value;
}

/* Categories by their medians: a heuristic here, since Fisher's theorem is about squares. */
static void sort_categories(const az_grow_item *items, sorted *by)
{
    for (int32_t i = 1; i < by->n_codes; i++) {
        const int32_t c = by->order[i];
        const double key = median_of_code(items, by, c);
        int32_t j = i;
        for (; j > 0 && median_of_code(items, by, by->order[j - 1]) > key; j--) by->order[j] = by->order[j - 1];
        by->order[j] = c;
    }
}

/* A random half of the categories. */
static int32_t choose_half(sorted *by, uint64_t draw)
{
    uint16_t *numbers = by->codes + by->n_codes + 1;
    for (int32_t c = 0; c < by->n_codes; c++) numbers[c] = (uint16_t)c;
    const int32_t half = az_grow_random_half(numbers, by->n_codes, draw);
    for (int32_t c = 0; c < by->n_codes; c++) by->order[c] = numbers[c];
    return half;
}

static uint32_t insert_code(medians *tree, const sorted *by, int32_t c)
{
    for (uint32_t i = by->start[c]; i < by->start[c + 1]; i++) insert(tree, by->rows[i]);
    return by->start[c + 1] - by->start[c];
}

/* The sides of all cuts: left[c] holds the first c + 1 codes in their order, right[c] the others. */
static void fill_sides(medians *tree, const sorted *by, bool missing_left)
{
    uint32_t n_there = 0;
    clear(tree);
    if (by->has_missing && missing_left) n_there = insert_code(tree, by, by->n_codes);
    for (int32_t c = 0; c < by->n_codes; c++) {
        n_there += insert_code(tree, by, by->order[c]);
        measure(tree, &by->left[c]);
        by->left[c].n = n_there;
    }
    clear(tree);
    if (by->has_missing && !missing_left) insert_code(tree, by, by->n_codes);
    for (int32_t c = by->n_codes - 1; c >= 0; c--) {
        if (tree->total.weight > 0) measure(tree, &by->right[c]);
        insert_code(tree, by, by->order[c]);
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

/* The cuts first to end - 1; last: of a view, the last code of the table in each bin. */
static void scan(az_grower *grower, const az_grow_task *task, int32_t feature, sorted *by, bool missing_left,
                 int32_t first, int32_t end, const uint16_t *last, az_split *best)
{
    int32_t found = -1;
    double best_gain = best->gain;
    for (int32_t c = first; c < end; c++) {
        double gain = grower->loss - by->left[c].loss - by->right[c].loss;
        if (gain < 0) gain = 0;
        if (!(gain > best_gain) || !allowed(grower, task, feature, &by->left[c], &by->right[c])) continue;
        best_gain = gain;
        found = c;
    }
    if (found < 0) return;
    const uint16_t code = by->codes[by->order[found]];
    if (!grower->data->bins->features[feature].categorical) {
        az_split_numeric(best, feature, last ? last[code] : code, missing_left, by->has_missing, best_gain);
        return;
    }
    uint16_t *chosen = by->codes + by->n_codes + 1;
    for (int32_t c = 0; c <= found; c++) chosen[c] = by->codes[by->order[c]];
    az_split_categorical(best, feature, chosen, found + 1, missing_left, by->has_missing, best_gain);
}

static bool examine(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                    uint64_t draw, const az_bin_view *view, az_split *best)
{
    const az_bin_feature *bins = &grower->data->bins->features[feature];
    const uint16_t *last = view ? view->last + feature * AZ_VIEW_CODES : NULL;
    medians tree = {.items = items, .n = task->n, .top = 1};
    sorted by;
    if (make_room(grower->work, task->n, &tree, &by)) {
        grower->failed = true;
        return false;
    }
    while (tree.top <= tree.n / 2) tree.top *= 2;
    az_grow_gather(grower->data->bins, view, feature, items, task->n, grower->work->codes);
    if (!sort_rows(grower->work, task->n, view ? view->n_bins[feature] : bins->n_bins, &by)) return false;
    int32_t cut = -1;
    if (grower->options->random_splits && by.n_codes < 2) return true;
    if (grower->options->random_splits && bins->categorical) {
        cut = choose_half(&by, draw) - 1;
    } else if (grower->options->random_splits) {
        const int32_t code = az_grow_random_code(bins, by.codes[0], by.codes[by.n_codes - 1], draw);
        while (cut + 1 < by.n_codes && by.codes[cut + 1] <= code) cut++;
    } else if (bins->categorical) {
        sort_categories(items, &by);
    }
    for (int left = by.has_missing && by.n_codes > 1; left >= 0; left--) {
        fill_sides(&tree, &by, left);
        /* With the missing values on the right, all others against them is a cut too. */
        const int32_t n_cuts = by.has_missing && !left ? by.n_codes : by.n_codes - 1;
        scan(grower, task, feature, &by, left, cut < 0 ? 0 : cut, cut < 0 ? n_cuts : cut + 1, last, best);
    }
    return true;
}

bool az_grow_absolute_examine(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                              uint64_t draw, az_split *best)
{
    const az_bin_view *view = grower->data->view;
    const bool coarse = task->n > AZ_GROW_FEW && view && view->n_bins[feature] && !grower->options->random_splits;
    /* Rows of one bin of the view may differ yet. */
    return (coarse && examine(grower, task, items, feature, draw, view, best)) ||
           (!grower->failed && examine(grower, task, items, feature, draw, NULL, best));
}
