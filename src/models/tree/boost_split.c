/* SPDX-License-Identifier: BSD-3-Clause */
/* The best split of a leaf from its histogram. */
#include "models/tree/boost_parts.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum { CHUNK_CELLS = 1024 };

/* What a thread works in. */
typedef struct scratch {
    double *g, *h, *gain;     /* (most_bins) of cuts: sums to the left, and the gain */
    double *cells;            /* (most_bins, 2) of a feature that shares its column */
    uint16_t *order, *merged; /* (most_bins) of categories */
    uint32_t *counts;         /* (n_counts) rows */
} scratch;

static size_t round_up(size_t n_bytes)
{
    return (n_bytes + 63) & ~(size_t)63;
}

size_t az_boost_scratch_size(const az_booster *booster)
{
    const size_t n = (size_t)booster->most_bins;
    return 3 * round_up(8 * n) + round_up(16 * n) + 2 * round_up(2 * n) + round_up(4 * (size_t)booster->n_counts);
}

static scratch scratch_of(const az_booster *booster, int thread)
{
    const size_t n = (size_t)booster->most_bins;
    char *at = (char *)booster->scratch + (size_t)thread * az_boost_scratch_size(booster);
    scratch work;
    work.g = (void *)at;
    work.h = (void *)(at += round_up(8 * n));
    work.gain = (void *)(at += round_up(8 * n));
    work.cells = (void *)(at += round_up(8 * n));
    work.order = (void *)(at += round_up(16 * n));
    work.merged = (void *)(at += round_up(2 * n));
    work.counts = (void *)(at + round_up(2 * n));
    return work;
}

bool az_boost_may_split(const az_booster *booster, const az_boost_leaf *leaf)
{
    const az_boost_options *options = &booster->options;
    return (!options->max_depth || leaf->depth < options->max_depth) && leaf->n >= 2 &&
           (int64_t)leaf->n >= 2 * options->min_samples_leaf && leaf->h >= 2 * options->min_curvature;
}

/* One feature of a leaf, to be tried. */
typedef struct trial {
    const az_booster *booster;
    const az_boost_leaf *leaf;
    const double *cells;
    const uint32_t *counts; /* rows of each code, or NULL: not counted */
    int32_t feature;
    const uint16_t *order; /* of categories, or NULL */
    int32_t n;             /* codes, without the one for missing values */
    bool has_missing;
    scratch work;
    az_boost_split *best;
} trial;

static bool keeps_order(const trial *t, double left_g, double left_h, double right_g, double right_h)
{
    const az_boost_options *options = &t->booster->options;
    if (!options->monotonic || !options->monotonic[t->feature]) return true;
    double below = -left_g / (left_h + options->l2), above = -right_g / (right_h + options->l2);
    below = fmin(fmax(below, t->leaf->lower), t->leaf->upper);
    above = fmin(fmax(above, t->leaf->lower), t->leaf->upper);
    return options->monotonic[t->feature] > 0 ? below <= above : above <= below;
}

/* Rows on both sides are enough.  Where they were not counted, a sum of curvatures above (m - 1) times the greatest one
 * tells that there are m rows; a cut of which it does not is doubtful. */
static bool has_rows(const trial *t, int32_t cut, bool missing_left, double gain)
{
    const int64_t least = t->booster->options.min_samples_leaf, n = t->leaf->n;
    const double left_h = t->work.h[cut], right_h = t->leaf->h - left_h;
    int64_t n_left;
    if (t->booster->round->constant) {
        n_left = (int64_t)(left_h + 0.5);
    } else if (t->counts) {
        n_left = missing_left ? t->counts[t->booster->bins->features[t->feature].n_bins] : 0;
        for (int32_t c = 0; c <= cut; c++) n_left += t->counts[t->order ? t->order[c] : c];
    } else {
        const double sure = ((double)(least - 1) + 1e-6) * t->booster->greatest_h;
        if (left_h > sure && right_h > sure) return true;
        t->best->doubtful = fmax(t->best->doubtful, gain);
        return false;
    }
    return n_left >= least && n - n_left >= least;
}

/* Cuts behind each of the codes in their order, what is missing on one side.  What a side lowers the loss by, times
 * two, is G^2 / (H + l2) (Chen and Guestrin 2016, equation 6). */
static void scan(const trial *t, bool missing_left)
{
    const az_boost_options *options = &t->booster->options;
    const double l2 = options->l2, g = t->leaf->g, h = t->leaf->h;
    const double parent = g * g / (h + l2);
    const int32_t n_cuts = t->order || (t->has_missing && !missing_left) ? t->n : t->n - 1;
    const int32_t missing_code = t->booster->bins->features[t->feature].n_bins;
    double *restrict left_g = t->work.g, *restrict left_h = t->work.h, *restrict gains = t->work.gain;
    double sum_g = 0, sum_h = 0;
    if (missing_left) {
        sum_g = t->cells[2 * missing_code];
        sum_h = t->cells[2 * missing_code + 1];
    }
    for (int32_t c = 0; c < n_cuts; c++) {
        const int32_t code = t->order ? t->order[c] : c;
        left_g[c] = sum_g += t->cells[2 * code];
        left_h[c] = sum_h += t->cells[2 * code + 1];
    }
    for (int32_t c = 0; c < n_cuts; c++) {
        const double right_g = g - left_g[c], right_h = h - left_h[c];
        gains[c] = left_g[c] * left_g[c] / (left_h[c] + l2) + right_g * right_g / (right_h + l2) - parent;
    }
    double best = t->best->gain;
    int32_t cut = -1;
    for (int32_t c = 0; c < n_cuts; c++) {
        if (!(gains[c] > best)) continue;
        const double right_g = g - left_g[c], right_h = h - left_h[c];
        if (!(left_h[c] > 0) || !(right_h > 0) || left_h[c] < options->min_curvature ||
            right_h < options->min_curvature || isinf(gains[c]) || !has_rows(t, c, missing_left, gains[c]) ||
            !keeps_order(t, left_g[c], left_h[c], right_g, right_h))
            continue;
        best = gains[c];
        cut = c;
    }
    if (cut < 0) return;
    *t->best = (az_boost_split){.gain = best,
                                .feature = t->feature,
                                .bin = cut,
                                .missing_left = missing_left,
                                .had_missing = t->has_missing,
                                .left_g = left_g[cut],
                                .left_h = left_h[cut],
                                .doubtful = t->best->doubtful};
}

/* Categories by their mean step: sorted so, the best of all subsets is one of the cuts (Fisher 1958).  As in
 * scikit-learn and LightGBM the step of small ones is drawn towards 0, and those of very few rows in the leaf are left
 * out: what they seem to say is chance.  Merging keeps categories of one mean in their order. */
static int32_t sort_categories(const az_booster *booster, const az_boost_leaf *leaf, const scratch *work,
                               const double *cells, int32_t n_bins)
{
    const double smooth = booster->options.category_smooth;
    const double least = booster->options.category_rows * leaf->h / leaf->n * (1 - 1e-9); /* as a curvature */
    uint16_t *order = work->order, *merged = work->merged;
    double *key = work->gain; /* not in use yet */
    int32_t n = 0;
    for (int32_t c = 0; c < n_bins; c++) {
        if (!(cells[2 * c + 1] > 0) || cells[2 * c + 1] < least) continue;
        key[c] = cells[2 * c] / (cells[2 * c + 1] + smooth);
        order[n++] = (uint16_t)c;
    }
    for (int32_t width = 1; width < n; width *= 2) {
        for (int32_t begin = 0; begin < n; begin += 2 * width) {
            const int32_t middle = begin + width < n ? begin + width : n;
            const int32_t end = begin + 2 * width < n ? begin + 2 * width : n;
            int32_t a = begin, b = middle;
            for (int32_t i = begin; i < end; i++)
                merged[i] = b >= end || (a < middle && key[order[a]] <= key[order[b]]) ? order[a++] : order[b++];
        }
        memcpy(order, merged, sizeof *order * (size_t)n);
    }
    return n;
}

void az_boost_left_set(const az_booster *booster, const az_boost_leaf *leaf, uint64_t *set)
{
    const az_boost_split *split = &leaf->split;
    const scratch work = scratch_of(booster, 0);
    const int32_t n_bins = booster->bins->features[split->feature].n_bins;
    sort_categories(booster, leaf, &work, leaf->cells + 2 * (int64_t)booster->place[split->feature], n_bins);
    memset(set, 0, sizeof *set * (size_t)((n_bins + 63) / 64));
    for (int32_t c = 0; c <= split->bin; c++) set[work.order[c] >> 6] |= (uint64_t)1 << (work.order[c] & 63);
}

/* The cells of a feature by its codes.  Where it shares a column, those of its common code are what the others leave of
 * the leaf's sums (Ke et al. 2017: the column holds them together with those of the other features). */
static const double *cells_of(const az_booster *booster, const az_boost_leaf *leaf, int64_t feature, double *spare)
{
    const double *cells = leaf->cells + 2 * (int64_t)booster->place[feature];
    if (!az_boost_shares(booster, feature)) return cells;
    const int32_t common = booster->bundles->common[feature], n_other = booster->bundles->n_other[feature];
    const int32_t n_codes = booster->bins->features[feature].n_bins + 1;
    double g = leaf->g, h = leaf->h;
    spare[2 * (n_codes - 1)] = spare[2 * (n_codes - 1) + 1] = 0; /* missing ones may have no cell */
    for (int32_t c = 0; c < n_other; c++) {
        const int32_t code = c + (c >= common);
        g -= spare[2 * code] = cells[2 * c];
        h -= spare[2 * code + 1] = cells[2 * c + 1];
    }
    spare[2 * common] = g;
    spare[2 * common + 1] = h;
    return spare;
}

/* A leaf whose sums of what is missing are not 0 has such rows; where some curvatures are not positive, sums of 0 may
 * hide them, and a direction is looked for wherever the feature has any. */
static bool has_missing(const az_booster *booster, int64_t feature, const double *cell)
{
    return booster->any_missing[feature] && (booster->cancels || cell[0] != 0 || cell[1] != 0);
}

/* The best split on features first to end - 1. */
static void find(const az_booster *booster, const az_boost_leaf *leaf, int64_t first, int64_t end,
                 const unsigned char *features, bool counted, scratch work, az_boost_split *best)
{
    const az_bins *bins = booster->bins;
    *best = (az_boost_split){.gain = booster->options.min_gain, .feature = -1, .doubtful = -INFINITY};
    for (int64_t j = first; j < end; j++) {
        if (features && !features[j]) continue;
        const az_bin_feature *feature = &bins->features[j];
        const double *cells = cells_of(booster, leaf, j, work.cells);
        trial t = {.booster = booster,
                   .leaf = leaf,
                   .cells = cells,
                   .counts = counted ? work.counts + booster->count_place[j] : NULL,
                   .feature = (int32_t)j,
                   .n = feature->n_bins,
                   .has_missing = has_missing(booster, j, cells + 2 * feature->n_bins),
                   .work = work,
                   .best = best};
        if (feature->categorical) {
            t.n = sort_categories(booster, leaf, &work, cells, feature->n_bins);
            t.order = work.order;
        }
        scan(&t, false);
        if (t.has_missing) scan(&t, true);
    }
}

static void count_rows(const az_booster *booster, const az_boost_leaf *leaf, int64_t first, int64_t end,
                       uint32_t *counts)
{
    const az_bins *bins = booster->bins;
    const uint32_t *rows = az_boost_rows(booster, leaf);
    for (int64_t j = first; j < end; j++)
        memset(counts + booster->count_place[j], 0, sizeof *counts * (size_t)(bins->features[j].n_bins + 1));
    for (int64_t i = 0; i < leaf->n; i++)
        for (int64_t j = first; j < end; j++)
            counts[(uint32_t)booster->count_place[j] + az_boost_code(booster, rows[i], j)]++;
}

void az_boost_find_split(const az_booster *booster, az_boost_leaf *leaf, const unsigned char *features, int thread)
{
    const scratch work = scratch_of(booster, thread);
    const int64_t n_features = booster->bins->n_features;
    find(booster, leaf, 0, n_features, features, false, work, &leaf->split);
    if (!(leaf->split.doubtful > leaf->split.gain)) return;
    count_rows(booster, leaf, 0, n_features, work.counts);
    find(booster, leaf, 0, n_features, features, true, work, &leaf->split);
}

/* ---- larger leaves: a group of features a block ---- */

typedef struct finding {
    const az_booster *booster;
    az_boost_leaf *small, *large;
    int64_t n_blocks, n_groups;
    bool prepare; /* merge and subtract */
    bool wanted[2];
    bool counted;
    const unsigned char *features[2];
    az_boost_split *found; /* (2, n_groups) */
} finding;

/* Makes the cells first to end - 1 of both leaves. */
static void prepare_cells(const finding *job, int64_t first, int64_t end)
{
    az_boost_merge(job->booster, job->n_blocks, job->small->cells, first, end - first);
    if (!job->large) return;
    const double *part = job->small->cells;
    double *from = job->large->cells;
    for (int64_t k = 2 * first; k < 2 * end; k++) from[k] -= part[k];
}

/* The same where cells do not lie in the order of features. */
static void prepare_chunk(void *context, int64_t chunk, int thread)
{
    const finding *job = context;
    const int64_t first = chunk * CHUNK_CELLS, n = job->booster->n_cells;
    (void)thread;
    prepare_cells(job, first, first + CHUNK_CELLS < n ? first + CHUNK_CELLS : n);
}

static void find_group(void *context, int64_t group, int thread)
{
    const finding *job = context;
    const az_booster *booster = job->booster;
    const scratch work = scratch_of(booster, thread);
    const int64_t n_features = booster->bins->n_features, first = group * AZ_BOOST_GROUP;
    const int64_t end = first + AZ_BOOST_GROUP < n_features ? first + AZ_BOOST_GROUP : n_features;
    if (job->prepare && !booster->bundles)
        prepare_cells(job, booster->place[first], end < n_features ? booster->place[end] : booster->n_cells);
    for (int side = 0; side < 2; side++) {
        if (!job->wanted[side]) continue;
        const az_boost_leaf *leaf = side ? job->large : job->small;
        if (job->counted) count_rows(booster, leaf, first, end, work.counts);
        find(booster, leaf, first, end, job->features[side], job->counted, work,
             &job->found[side * job->n_groups + group]);
    }
}

/* The first of the greatest gains, as one thread would find it. */
static az_boost_split best_of(const az_booster *booster, const az_boost_split *found, int64_t n)
{
    az_boost_split best = {.gain = booster->options.min_gain, .feature = -1, .doubtful = -INFINITY};
    double doubtful = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        doubtful = fmax(doubtful, found[i].doubtful);
        if (found[i].feature >= 0 && found[i].gain > best.gain) best = found[i];
    }
    best.doubtful = doubtful;
    return best;
}

void az_boost_find_splits_wide(const az_booster *booster, az_boost_leaf *small, az_boost_leaf *large, int64_t n_blocks,
                               const bool wanted[2], const unsigned char *const features[2])
{
    const int64_t n_groups = (booster->bins->n_features + AZ_BOOST_GROUP - 1) / AZ_BOOST_GROUP;
    finding job = {.booster = booster,
                   .small = small,
                   .large = large,
                   .n_blocks = n_blocks,
                   .n_groups = n_groups,
                   .prepare = true,
                   .wanted = {wanted[0], wanted[1]},
                   .features = {features[0], features[1]},
                   .found = booster->found};
    if (booster->bundles)
        az_parallel(booster->n_threads, (booster->n_cells + CHUNK_CELLS - 1) / CHUNK_CELLS, prepare_chunk, &job);
    az_parallel(booster->n_threads, n_groups, find_group, &job);
    for (int side = 0; side < 2; side++) {
        az_boost_leaf *leaf = side ? large : small;
        job.wanted[side] = false;
        if (!wanted[side]) continue;
        leaf->split = best_of(booster, job.found + side * n_groups, n_groups);
        job.wanted[side] = leaf->split.doubtful > leaf->split.gain;
    }
    if (!job.wanted[0] && !job.wanted[1]) return;
    job.prepare = false;
    job.counted = true;
    az_parallel(booster->n_threads, n_groups, find_group, &job);
    for (int side = 0; side < 2; side++)
        if (job.wanted[side]) (side ? large : small)->split = best_of(booster, job.found + side * n_groups, n_groups);
}
