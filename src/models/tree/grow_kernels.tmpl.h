/* SPDX-License-Identifier: BSD-3-Clause */
/* The inner loops of growing, made once for each kind of cell.  Before including define
 *   FN(name)    the name of a function of this set
 *   WIDTH       doubles of a cell: a constant where it is known, so that its loops are unrolled; else `width`
 *   SIDES(left, right, total, grower)   declares the cells of both sides and of the node: in registers where WIDTH is
 * known ADD(cell, item, data)   adds a row to a cell
 *   GAIN(left, right, total, width)   by how much the split lowers the impurity times the weight; never negative
 *   SAME(a, b, data)        the two rows have the same target
 *   ORDER(cell)             the mean that monotonic constraints are about
 * A cell holds the weight of its rows, then the sums of the criterion. */

static bool FN(sum)(az_grower *grower, const az_grow_item *items, uint32_t n)
{
    const int64_t width = grower->width;
    (void)width;
    double *total = grower->total;
    bool same = true;
    memset(total, 0, sizeof *total * (size_t)(WIDTH));
    for (uint32_t i = 0; i < n; i++) {
        const az_grow_item item = items[i];
        ADD(total, item, grower->data);
        same = same && SAME(item, items[0], grower->data);
    }
    return same;
}

/* Does the split, whose score is better than the best, keep what is asked of its sides?  n_left rows of n are left. */
static bool FN(allowed)(const az_grower *grower, const az_grow_task *task, int32_t feature, const double *left,
                        const double *right, uint32_t n_left)
{
    const az_grow_options *options = grower->options;
    const int64_t width = grower->width;
    (void)width;
    if (left[0] < grower->min_weight_leaf || right[0] < grower->min_weight_leaf) return false;
    if (grower->counts &&
        ((int64_t)n_left < options->min_samples_leaf || (int64_t)(task->n - n_left) < options->min_samples_leaf))
        return false;
    if (options->monotonic && options->monotonic[feature]) {
        double below = ORDER(left), above = ORDER(right);
        if (options->monotonic[feature] < 0) {
            double swap = below;
            below = above;
            above = swap;
        }
        if (below > above || below < task->lower || above > task->upper) return false;
    }
    return true;
}

/* All cuts between the codes that occur, in the order given; missing values on one side. */
static void FN(scan)(az_grower *grower, const az_grow_task *task, int32_t feature, const counted *by, bool missing_left,
                     az_split *best)
{
    const int64_t width = grower->width;
    (void)width;
    SIDES(left, right, total, grower);
    const double *cells = grower->work->cells;
    const uint32_t *counts = grower->counts;
    uint32_t n_left = 0;
    int32_t end = -1;
    for (int64_t k = 0; k < WIDTH; k++) left[k] = missing_left ? cells[by->missing * WIDTH + k] : 0;
    if (missing_left && counts) n_left = counts[by->missing];
    /* With missing values on the right, all others against them is a split too. */
    double best_gain = best->gain;
    int32_t n_cuts = by->missing >= 0 && !missing_left ? by->n : by->n - 1;
    for (int32_t c = 0; c < n_cuts; c++) {
        const double *cell = cells + by->codes[c] * WIDTH;
        for (int64_t k = 0; k < WIDTH; k++) {
            left[k] += cell[k];
            right[k] = total[k] - left[k];
        }
        if (counts) n_left += counts[by->codes[c]];
        double gain = GAIN(left, right, total, WIDTH);
        if (!(gain > best_gain) || !FN(allowed)(grower, task, feature, left, right, n_left)) continue;
        best_gain = gain;
        end = c;
    }
    if (end < 0) return;
    const int32_t code = by->codes[end];
    if (by->categorical)
        az_split_categorical(best, feature, by->codes, end + 1, missing_left, by->missing >= 0, best_gain);
    else
        az_split_numeric(best, feature, by->last ? by->last[code] : code, missing_left, by->missing >= 0, best_gain);
}

/* Both sides for the missing values; where there are none, or nothing else, they are on the right. */
static void FN(scan_sides)(az_grower *grower, const az_grow_task *task, int32_t feature, const counted *by,
                           az_split *best)
{
    if (by->missing >= 0 && by->n > 1) FN(scan)(grower, task, feature, by, true, best);
    if (by->n > 0) FN(scan)(grower, task, feature, by, false, best);
}

/* Insertion sort of the categories that occur by the mean of sum `by` of their cells: nodes have few. */
static void FN(sort_categories)(const double *cells, int64_t width, int64_t by, uint16_t *codes, int32_t n_codes)
{
    (void)width;
    for (int32_t i = 1; i < n_codes; i++) {
        const uint16_t code = codes[i];
        const double key = cells[code * WIDTH + by] / cells[code * WIDTH];
        int32_t j = i;
        for (; j > 0 && cells[codes[j - 1] * WIDTH + by] / cells[codes[j - 1] * WIDTH] > key; j--)
            codes[j] = codes[j - 1];
        codes[j] = code;
    }
}

/* For one quantity, or two classes, the best of all divisions of the categories is one of those in the order of their
 * means (Fisher 1958; Breiman et al. 1984, theorem 4.5).  For more classes or targets that holds no more: tried are the
 * orders by each of the first MOST_ORDERS classes (targets) that the node has, one against the rest. */
static void FN(scan_categories)(az_grower *grower, const az_grow_task *task, int32_t feature, const counted *by,
                                az_split *best)
{
    enum { MOST_ORDERS = 16 };
    const int64_t width = grower->width;
    const bool one = width == 2 || (grower->data->label && width == 3);
    int tried = 0;
    for (int64_t k = one ? width - 1 : 1; k < width && tried < MOST_ORDERS; k++) {
        if (grower->data->label && grower->total[k] == 0) continue;
        FN(sort_categories)(grower->work->cells, width, k, by->codes, by->n);
        FN(scan_sides)(grower, task, feature, by, best);
        tried++;
    }
}

/* Extremely randomised trees (Geurts, Ernst, Wehenkel 2006): of categories a random half. */
static void FN(scan_half)(az_grower *grower, const az_grow_task *task, int32_t feature, const counted *by,
                          bool missing_left, uint64_t draw, az_split *best)
{
    const int64_t width = grower->width;
    (void)width;
    const int32_t half = az_grow_random_half(by->codes, by->n, draw);
    SIDES(left, right, total, grower);
    const double *cells = grower->work->cells;
    uint32_t n_left = 0;
    for (int64_t k = 0; k < WIDTH; k++) left[k] = 0;
    for (int32_t c = missing_left ? -1 : 0; c < half; c++) {
        int32_t code = c < 0 ? by->missing : by->codes[c];
        for (int64_t k = 0; k < WIDTH; k++) left[k] += cells[code * WIDTH + k];
        if (grower->counts) n_left += grower->counts[code];
    }
    for (int64_t k = 0; k < WIDTH; k++) right[k] = total[k] - left[k];
    double gain = GAIN(left, right, total, WIDTH);
    if (!(gain > best->gain) || !FN(allowed)(grower, task, feature, left, right, n_left)) return;
    az_split_categorical(best, feature, by->codes, half, missing_left, by->missing >= 0, gain);
}

/* Adds the rows to the cells of their codes, and puts down which codes these are. */
static void FN(count)(az_grower *grower, const az_grow_item *items, const uint16_t *codes, uint32_t n, int32_t n_bins,
                      counted *by)
{
    const int64_t width = grower->width;
    (void)width;
    double *cells = grower->work->cells;
    uint64_t *mask = grower->mask;
    const int32_t n_words = (n_bins >> 6) + 1;
    const bool sparse = n < 4 * (uint32_t)n_bins;
    /* The items are copied, since the compiler has to think that a cell may be one. */
    for (uint32_t i = 0; i < n; i++) {
        const az_grow_item item = items[i];
        double *cell = cells + codes[i] * WIDTH;
        ADD(cell, item, grower->data);
    }
    if (sparse)
        for (uint32_t i = 0; i < n; i++) mask[codes[i] >> 6] |= (uint64_t)1 << (codes[i] & 63);
    else
        for (int32_t code = 0; code <= n_bins; code++)
            mask[code >> 6] |= (uint64_t)(cells[code * WIDTH] > 0) << (code & 63);
    if (grower->counts)
        for (uint32_t i = 0; i < n; i++) grower->counts[codes[i]]++;
    for (int32_t word = 0; word < n_words; word++) {
        for (uint64_t bits = mask[word]; bits; bits &= bits - 1)
            by->codes[by->n++] = (uint16_t)(word << 6 | __builtin_ctzll(bits));
        mask[word] = 0;
    }
    if (by->codes[by->n - 1] == n_bins) by->missing = by->codes[--by->n];
}

static void FN(clear)(az_grower *grower, int32_t code)
{
    const int64_t width = grower->width;
    (void)width;
    memset(grower->work->cells + code * WIDTH, 0, sizeof *grower->work->cells * (size_t)(WIDTH));
    if (grower->counts) grower->counts[code] = 0;
}

/* Few codes: a cell for each.  The order of categories may change on the way, that of other codes does not. */
static bool FN(examine_counted)(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                                uint64_t draw, const az_bin_view *view, az_split *best)
{
    const az_bin_feature *bins = &grower->data->bins->features[feature];
    uint16_t codes[AZ_SET_WORDS * 64];
    counted by = {.codes = codes,
                  .missing = -1,
                  .categorical = bins->categorical,
                  .last = view ? view->last + feature * AZ_VIEW_CODES : NULL};
    az_grow_gather(grower->data->bins, view, feature, items, task->n, grower->work->codes);
    FN(count)(grower, items, grower->work->codes, task->n, view ? view->n_bins[feature] : bins->n_bins, &by);
    const bool varies = by.n + (by.missing >= 0) > 1;
    if (varies) {
        if (bins->categorical && by.n > 1 && grower->options->random_splits) {
            for (int side = by.missing >= 0; side >= 0; side--)
                FN(scan_half)(grower, task, feature, &by, side == 1, draw, best);
        } else if (bins->categorical) {
            FN(scan_categories)(grower, task, feature, &by, best);
        } else {
            FN(scan_sides)(grower, task, feature, &by, best);
        }
    }
    for (int32_t c = 0; c < by.n; c++) FN(clear)(grower, codes[c]);
    if (by.missing >= 0) FN(clear)(grower, by.missing);
    return varies;
}

/* All cuts between rows in the order of their codes; those behind the first n_present have none. */
static void FN(scan_sorted)(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                            const uint16_t *codes, const uint32_t *order, uint32_t n_present, bool missing_left,
                            az_split *best)
{
    const int64_t width = grower->width;
    (void)width;
    SIDES(left, right, total, grower);
    const bool has_missing = n_present < task->n;
    const uint32_t n_cuts = has_missing && !missing_left ? n_present : n_present - 1;
    double best_gain = best->gain;
    int32_t end = -1;
    for (int64_t k = 0; k < WIDTH; k++) left[k] = 0;
    for (uint32_t i = n_present; missing_left && i < task->n; i++) {
        const az_grow_item item = items[order[i]];
        ADD(left, item, grower->data);
    }
    const uint32_t n_before = missing_left ? task->n - n_present + 1 : 1;
    for (uint32_t i = 0; i < n_cuts; i++) {
        const az_grow_item item = items[order[i]];
        ADD(left, item, grower->data);
        if (i + 1 < n_present && codes[order[i]] == codes[order[i + 1]]) continue;
        for (int64_t k = 0; k < WIDTH; k++) right[k] = total[k] - left[k];
        double gain = GAIN(left, right, total, WIDTH);
        if (!(gain > best_gain) || !FN(allowed)(grower, task, feature, left, right, n_before + i)) continue;
        best_gain = gain;
        end = codes[order[i]];
    }
    if (end >= 0) az_split_numeric(best, feature, end, missing_left, has_missing, best_gain);
}

/* Few rows, or many codes: the rows are sorted. */
static bool FN(examine_sorted)(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                               az_split *best)
{
    const az_grow_data *data = grower->data;
    const uint32_t n = task->n;
    const uint16_t missing = (uint16_t)data->bins->features[feature].n_bins;
    uint16_t *codes = grower->work->codes;
    uint32_t *order = grower->work->places, n_present = n;
    az_grow_gather(data->bins, NULL, feature, items, n, codes);
    az_grow_sort(codes, n, order, order + n);
    if (codes[order[0]] == codes[order[n - 1]]) return false;
    while (codes[order[n_present - 1]] == missing) n_present--;
    if (n_present < n && codes[order[0]] != codes[order[n_present - 1]])
        FN(scan_sorted)(grower, task, items, feature, codes, order, n_present, true, best);
    FN(scan_sorted)(grower, task, items, feature, codes, order, n_present, false, best);
    return true;
}

/* Extremely randomised trees: one threshold, uniform between the cuts around the values of the node. */
static bool FN(examine_random)(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                               uint64_t draw, az_split *best)
{
    const int64_t width = grower->width;
    (void)width;
    const az_bin_feature *bins = &grower->data->bins->features[feature];
    const uint16_t missing = (uint16_t)bins->n_bins;
    uint16_t *codes = grower->work->codes, smallest = missing, largest = 0;
    uint32_t n_missing = 0;
    az_grow_gather(grower->data->bins, NULL, feature, items, task->n, codes);
    for (uint32_t i = 0; i < task->n; i++) {
        const bool present = codes[i] != missing;
        n_missing += !present;
        smallest = codes[i] < smallest ? codes[i] : smallest;
        largest = present && codes[i] > largest ? codes[i] : largest;
    }
    if (n_missing == task->n || (n_missing == 0 && smallest == largest)) return false;
    const int32_t code =
        smallest == largest ? smallest : az_grow_random_code(bins, (int32_t)smallest, (int32_t)largest, draw);
    SIDES(left, right, total, grower);
    for (int missing_left = n_missing > 0 && smallest < largest; missing_left >= 0; missing_left--) {
        uint32_t n_left = 0;
        for (int64_t k = 0; k < WIDTH; k++) left[k] = 0;
        for (uint32_t i = 0; i < task->n; i++) {
            if (codes[i] > code && !(missing_left && codes[i] == missing)) continue;
            const az_grow_item item = items[i];
            ADD(left, item, grower->data);
            n_left++;
        }
        for (int64_t k = 0; k < WIDTH; k++) right[k] = total[k] - left[k];
        double gain = GAIN(left, right, total, WIDTH);
        if (gain > best->gain && FN(allowed)(grower, task, feature, left, right, n_left))
            az_split_numeric(best, feature, code, missing_left, n_missing > 0, gain);
    }
    return true;
}

static bool FN(examine)(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                        uint64_t draw, az_split *best)
{
    const az_grow_data *data = grower->data;
    const az_bin_feature *bins = &data->bins->features[feature];
    if (bins->categorical) return FN(examine_counted)(grower, task, items, feature, draw, NULL, best);
    if (grower->options->random_splits) return FN(examine_random)(grower, task, items, feature, draw, best);
    if (task->n > AZ_GROW_FEW) {
        if (bins->n_bins <= UINT8_MAX) return FN(examine_counted)(grower, task, items, feature, draw, NULL, best);
        /* Rows of one bin of the view may differ yet. */
        if (data->view && data->view->n_bins[feature] &&
            FN(examine_counted)(grower, task, items, feature, draw, data->view, best))
            return true;
    }
    return FN(examine_sorted)(grower, task, items, feature, best);
}

static const az_grow_kernels FN(kernels) = {FN(sum), FN(examine)};
