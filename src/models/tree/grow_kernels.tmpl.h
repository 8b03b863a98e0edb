/* SPDX-License-Identifier: BSD-3-Clause */
/* The inner loops of growing, made once for each kind of cell and each width of codes.  Before including define
 *   CODE        uint8_t or uint16_t
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
    if (grower->counts && ((int64_t)n_left < options->min_samples_leaf ||
                           (int64_t)(task->n - n_left) < options->min_samples_leaf))
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

/* All cuts between the `n_codes` codes that occur, in the order given; missing values on one side. */
static void FN(scan)(az_grower *grower, const az_grow_task *task, int32_t feature, const uint16_t *codes,
                     int32_t n_codes, bool categorical, bool missing_left, int32_t missing_code, az_split *best)
{
    const int64_t width = grower->width;
    (void)width;
    SIDES(left, right, total, grower);
    const double *cells = grower->work->cells;
    const uint32_t *counts = grower->counts;
    uint32_t n_left = 0;
    int32_t end = -1;
    for (int64_t k = 0; k < WIDTH; k++) left[k] = missing_left ? cells[missing_code * WIDTH + k] : 0;
    if (missing_left && counts) n_left = counts[missing_code];
    /* With missing values on the right, all others against them is a split too. */
    double best_gain = best->gain;
    int32_t n_cuts = missing_code >= 0 && !missing_left ? n_codes : n_codes - 1;
    for (int32_t c = 0; c < n_cuts; c++) {
        const double *cell = cells + codes[c] * WIDTH;
        for (int64_t k = 0; k < WIDTH; k++) {
            left[k] += cell[k];
            right[k] = total[k] - left[k];
        }
        if (counts) n_left += counts[codes[c]];
        double gain = GAIN(left, right, total, WIDTH);
        if (!(gain > best_gain) || !FN(allowed)(grower, task, feature, left, right, n_left)) continue;
        best_gain = gain;
        end = c;
    }
    if (end < 0) return;
    az_split_set(best, feature, categorical, codes, n_codes, end + 1, missing_left, missing_code >= 0, best_gain);
}

/* Extremely randomised trees (Geurts, Ernst, Wehenkel 2006): one threshold, uniform between the cuts around the values
 * of the node; of categories a random half. */
static void FN(scan_random)(az_grower *grower, const az_grow_task *task, int32_t feature, uint16_t *codes,
                            int32_t n_codes, bool categorical, bool missing_left, int32_t missing_code, uint64_t draw,
                            az_split *best)
{
    const int64_t width = grower->width;
    (void)width;
    const int32_t keep = az_grow_random_cut(&grower->data->bins->features[feature], codes, n_codes, draw);
    /* The cut alone, as the only one of a scan: the codes on either side count as one. */
    SIDES(left, right, total, grower);
    const double *cells = grower->work->cells;
    uint32_t n_left = 0;
    for (int64_t k = 0; k < WIDTH; k++) left[k] = 0;
    for (int32_t c = missing_left ? -1 : 0; c < keep; c++) {
        int32_t code = c < 0 ? missing_code : codes[c];
        for (int64_t k = 0; k < WIDTH; k++) left[k] += cells[code * WIDTH + k];
        if (grower->counts) n_left += grower->counts[code];
    }
    for (int64_t k = 0; k < WIDTH; k++) right[k] = total[k] - left[k];
    double gain = GAIN(left, right, total, WIDTH);
    if (!(gain > best->gain) || !FN(allowed)(grower, task, feature, left, right, n_left)) return;
    az_split_set(best, feature, categorical, codes, n_codes, keep, missing_left, missing_code >= 0, gain);
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

/* Both sides for the missing values; where there are none, or nothing else, they are on the right. */
static void FN(scan_sides)(az_grower *grower, const az_grow_task *task, int32_t feature, const uint16_t *codes,
                           int32_t n_codes, bool categorical, int32_t missing_code, az_split *best)
{
    if (missing_code >= 0 && n_codes > 1)
        FN(scan)(grower, task, feature, codes, n_codes, categorical, true, missing_code, best);
    FN(scan)(grower, task, feature, codes, n_codes, categorical, false, missing_code, best);
}

/* For one quantity, or two classes, the best of all divisions of the categories is one of those in the order of their
 * means (Fisher 1958; Breiman et al. 1984, theorem 4.5).  For more classes or targets that holds no more: tried are the
 * orders by each of the first MOST_ORDERS classes (targets) that the node has, one against the rest. */
static void FN(scan_categories)(az_grower *grower, const az_grow_task *task, int32_t feature, uint16_t *codes,
                                int32_t n_codes, int32_t missing_code, az_split *best)
{
    enum { MOST_ORDERS = 16 };
    const int64_t width = grower->width;
    const bool one = width == 2 || (grower->data->label && width == 3);
    int tried = 0;
    for (int64_t by = one ? width - 1 : 1; by < width && tried < MOST_ORDERS; by++) {
        if (grower->data->label && grower->total[by] == 0) continue;
        FN(sort_categories)(grower->work->cells, width, by, codes, n_codes);
        FN(scan_sides)(grower, task, feature, codes, n_codes, true, missing_code, best);
        tried++;
    }
}

/* The same for few rows, all of them with a number: sorted by insertion, without a histogram that would have to be
 * cleared. Half of all nodes of a full tree have two rows. */
static bool FN(examine_few)(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                            const uint32_t *sorted, az_split *best)
{
    const int64_t width = grower->width;
    (void)width;
    SIDES(left, right, total, grower);
    double best_gain = best->gain;
    int32_t end = -1;
    for (int64_t k = 0; k < WIDTH; k++) left[k] = 0;
    for (uint32_t i = 0; i + 1 < task->n; i++) {
        const az_grow_item item = items[sorted[i] & (FEW - 1)];
        ADD(left, item, grower->data);
        if (sorted[i] / FEW == sorted[i + 1] / FEW) continue;
        for (int64_t k = 0; k < WIDTH; k++) right[k] = total[k] - left[k];
        double gain = GAIN(left, right, total, WIDTH);
        if (!(gain > best_gain) || !FN(allowed)(grower, task, feature, left, right, i + 1)) continue;
        best_gain = gain;
        end = (int32_t)i;
    }
    if (end < 0) return true;
    best->gain = best_gain;
    best->feature = feature;
    best->categorical = best->missing_left = best->had_missing = false;
    best->bin = (int32_t)(sorted[end] / FEW);
    best->next = (int32_t)(sorted[end + 1] / FEW);
    return true;
}

static bool FN(examine)(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                        uint64_t draw, az_split *best)
{
    const int64_t width = grower->width;
    (void)width;
    const az_bins *bins = grower->data->bins;
    const az_bin_feature *feature_bins = &bins->features[feature];
    const CODE *column = (const CODE *)bins->codes + feature;
    const int64_t step = bins->n_features;
    double *cells = grower->work->cells;
    uint64_t *mask = grower->mask;
    const int32_t n_words = (feature_bins->n_bins >> 6) + 1;
    uint16_t codes[sizeof(CODE) == 1 ? 256 : 65536];
    int32_t n_codes = 0;
    if (task->n <= FEW && !feature_bins->categorical && !grower->options->random_splits) {
        uint32_t sorted[FEW];
        for (uint32_t i = 0; i < task->n; i++) {
            const uint32_t code = column[items[i].row * step];
            uint32_t at = i, key = code * FEW + i;
            for (; at > 0 && sorted[at - 1] > key; at--) sorted[at] = sorted[at - 1];
            sorted[at] = key;
        }
        const uint32_t smallest = sorted[0] / FEW;
        const uint32_t largest = sorted[task->n - 1] / FEW;
        if (smallest == largest) return false;
        if (largest < (uint32_t)feature_bins->n_bins)
            return FN(examine_few)(grower, task, items, feature, sorted, best);
    }
    /* The items are copied, since the compiler has to think that a cell may be one. */
    if (task->n < 4 * (uint32_t)feature_bins->n_bins) {
        for (uint32_t i = 0; i < task->n; i++) {
            const az_grow_item item = items[i];
            const uint32_t code = column[item.row * step];
            double *cell = cells + code * WIDTH;
            ADD(cell, item, grower->data);
            mask[code >> 6] |= (uint64_t)1 << (code & 63);
        }
    } else {
        for (uint32_t i = 0; i < task->n; i++) {
            const az_grow_item item = items[i];
            double *cell = cells + column[item.row * step] * WIDTH;
            ADD(cell, item, grower->data);
        }
        for (int32_t code = 0; code <= feature_bins->n_bins; code++)
            mask[code >> 6] |= (uint64_t)(cells[code * WIDTH] > 0) << (code & 63);
    }
    if (grower->counts)
        for (uint32_t i = 0; i < task->n; i++) grower->counts[column[items[i].row * step]]++;
    for (int32_t word = 0; word < n_words; word++) {
        for (uint64_t bits = mask[word]; bits; bits &= bits - 1)
            codes[n_codes++] = (uint16_t)(word << 6 | __builtin_ctzll(bits));
        mask[word] = 0;
    }
    int32_t missing_code = -1;
    if (codes[n_codes - 1] == feature_bins->n_bins) missing_code = codes[--n_codes];
    const bool varies = n_codes + (missing_code >= 0) > 1;
    if (varies) {
        const bool categorical = feature_bins->categorical;
        if (n_codes > 1 && grower->options->random_splits) {
            for (int side = missing_code >= 0; side >= 0; side--)
                FN(scan_random)(grower, task, feature, codes, n_codes, categorical, side == 1, missing_code, draw,
                                best);
        } else if (n_codes > 0 && categorical) {
            FN(scan_categories)(grower, task, feature, codes, n_codes, missing_code, best);
        } else if (n_codes > 0) {
            FN(scan_sides)(grower, task, feature, codes, n_codes, false, missing_code, best);
        }
    }
    for (int32_t c = 0; c < n_codes; c++) {
        memset(cells + codes[c] * WIDTH, 0, sizeof *cells * (size_t)(WIDTH));
        if (grower->counts) grower->counts[codes[c]] = 0;
    }
    if (missing_code >= 0) {
        memset(cells + missing_code * WIDTH, 0, sizeof *cells * (size_t)(WIDTH));
        if (grower->counts) grower->counts[missing_code] = 0;
    }
    return varies;
}

static uint32_t FN(divide)(az_grower *grower, az_grow_item *items, uint32_t n, const az_split *split)
{
    const az_bins *bins = grower->data->bins;
    const CODE *column = (const CODE *)bins->codes + split->feature;
    const int64_t step = bins->n_features;
    az_grow_item *spare = grower->work->spare;
    uint32_t n_left = 0, n_right = 0;
    const uint32_t missing = (uint32_t)bins->features[split->feature].n_bins;
    for (uint32_t i = 0; i < n; i++) {
        az_grow_item item = items[i];
        uint32_t code = column[item.row * step];
        bool right;
        if (split->categorical)
            right = !(split->set[code >> 6] >> (code & 63) & 1);
        else
            right = code > (uint32_t)split->bin;
        if (split->missing_left) right = right && code != missing;
        spare[n_right] = item;
        items[n_left] = item;
        n_right += right;
        n_left += !right;
    }
    memcpy(items + n_left, spare, sizeof *items * n_right);
    return n_left;
}

static const az_grow_kernels FN(kernels) = {FN(sum), FN(examine), FN(divide)};
