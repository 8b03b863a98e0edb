/* SPDX-License-Identifier: BSD-3-Clause */
/* The best split of a leaf from its histogram. */
#include "models/tree/boost_parts.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

/* What a side lowers the loss by, times two: G^2 / (H + l2) (Chen and Guestrin 2016, equation 6). */
static inline double worth(double g, double h, double l2)
{
    return g * g / (h + l2);
}

typedef struct side_sums {
    double g, h;
    int64_t n;
} side_sums;

typedef struct trial {
    const az_booster *booster;
    const az_boost_leaf *leaf;
    const double *cells;    /* of the feature */
    const uint32_t *counts; /* or NULL */
    int32_t feature;
    az_boost_split *best;
} trial;

static bool allowed(const trial *t, side_sums left, side_sums right)
{
    const az_boost_options *options = &t->booster->options;
    if (left.h < options->min_curvature || right.h < options->min_curvature) return false;
    if (left.n < options->min_samples_leaf || right.n < options->min_samples_leaf) return false;
    if (!options->monotonic || !options->monotonic[t->feature]) return true;
    double below = -left.g / (left.h + options->l2), above = -right.g / (right.h + options->l2);
    below = fmin(fmax(below, t->leaf->lower), t->leaf->upper);
    above = fmin(fmax(above, t->leaf->lower), t->leaf->upper);
    return options->monotonic[t->feature] > 0 ? below <= above : above <= below;
}

/* Cuts behind each of the n codes in `order` (NULL: as they are), what is missing on one side. */
static void scan(const trial *t, const uint16_t *order, int32_t n, bool missing_left, bool has_missing,
                 int32_t missing_code)
{
    const double l2 = t->booster->options.l2, g = t->leaf->g, h = t->leaf->h;
    const int64_t n_rows = t->leaf->n;
    const double parent = worth(g, h, l2);
    side_sums left = {0};
    double best = t->best->gain;
    int32_t end = -1;
    side_sums best_left = {0};
    if (missing_left) {
        left = (side_sums){t->cells[2 * missing_code], t->cells[2 * missing_code + 1], 0};
        if (t->counts) left.n = t->counts[missing_code];
    }
    int32_t n_cuts = has_missing && !missing_left ? n : n - 1;
    for (int32_t c = 0; c < n_cuts; c++) {
        const int32_t code = order ? order[c] : c;
        left.g += t->cells[2 * code];
        left.h += t->cells[2 * code + 1];
        double gain = worth(left.g, left.h, l2) + worth(g - left.g, h - left.h, l2) - parent;
        if (t->counts) left.n += t->counts[code];
        if (!(gain > best)) continue;
        side_sums right = {g - left.g, h - left.h, n_rows - left.n};
        side_sums counted = left;
        if (!t->counts) { /* curvatures of 1 are counts; else none is asked for */
            counted.n = t->booster->constant ? (int64_t)left.h : INT64_MAX / 2;
            right.n = t->booster->constant ? n_rows - counted.n : INT64_MAX / 2;
        }
        if (!(right.h > 0) || !(left.h > 0) || !allowed(t, counted, right)) continue;
        best = gain;
        end = c;
        best_left = left;
    }
    if (end < 0) return;
    *t->best = (az_boost_split){.gain = best,
                                .feature = t->feature,
                                .bin = order ? order[end] : end,
                                .categorical = order != NULL,
                                .missing_left = missing_left,
                                .had_missing = has_missing,
                                .left_g = best_left.g,
                                .left_h = best_left.h};
    for (int32_t c = 0; order && c <= end; c++) t->best->set[order[c] >> 6] |= (uint64_t)1 << (order[c] & 63);
}

/* Categories that occur, by the mean of their gradient over their curvature (Fisher 1958). */
static int32_t sort_categories(const double *cells, int32_t n_bins, uint16_t *order)
{
    int32_t n = 0;
    for (int32_t c = 0; c < n_bins; c++) {
        if (!(cells[2 * c + 1] > 0)) continue;
        double key = cells[2 * c] / cells[2 * c + 1];
        int32_t at = n++;
        for (; at > 0 && cells[2 * order[at - 1]] / cells[2 * order[at - 1] + 1] > key; at--) order[at] = order[at - 1];
        order[at] = (uint16_t)c;
    }
    return n;
}

void az_boost_find_split(const az_booster *booster, az_boost_leaf *leaf, const unsigned char *features)
{
    leaf->split = (az_boost_split){.gain = booster->options.min_gain, .feature = -1};
    const az_bins *bins = booster->bins;
    for (int32_t j = 0; j < bins->n_features; j++) {
        if ((features && !features[j]) || (bins->features[j].categorical && bins->features[j].n_bins > 255)) continue;
        const az_bin_feature *feature = &bins->features[j];
        const double *cells = leaf->cells + 2 * (int64_t)booster->place[j];
        trial t = {booster, leaf, cells, NULL, j, &leaf->split};
        if (booster->counting)
            t.counts = (const uint32_t *)(const void *)(leaf->cells + 2 * booster->n_cells) + booster->place[j];
        const int32_t missing_code = feature->n_bins;
        const bool has_missing = cells[2 * missing_code + 1] > 0;
        uint16_t order[256];
        int32_t n = feature->n_bins;
        if (feature->categorical) n = sort_categories(cells, n, order);
        const uint16_t *by = feature->categorical ? order : NULL;
        scan(&t, by, n, false, has_missing, missing_code);
        if (has_missing) scan(&t, by, n, true, has_missing, missing_code);
    }
}
