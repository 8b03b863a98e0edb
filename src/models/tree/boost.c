/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of splits.  A leaf is prepared (its rows divided, its children's histograms and best splits made) and later
 * committed.  Leaves of few rows are prepared several at a time, one a thread; larger ones one after the other, each by
 * all threads.  Leaf-wise growth prepares a few leaves of large gain ahead, of which nearly all are split in the end;
 * what is prepared in vain changes nothing. */
#include "models/tree/boost.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "models/tree/boost_parts.h"

#include <math.h>
#include <string.h>

enum {
    MOST_PREPARED = 64,                  /* leaves at a time, level by level */
    AHEAD_LEAVES = 4,                    /* leaves at a time, leaf-wise */
    AHEAD_ROWS = 4 * AZ_BOOST_WHOLE_ROWS /* ... that have so many rows together */
};

static az_status allocate(az_booster *booster)
{
    const az_bins *bins = booster->bins;
    const az_boost_options *options = &booster->options;
    const int64_t n_features = bins->n_features, n_rows = bins->n_rows;
    AZ_TRY(az_bundles_new(&booster->bundles, bins, booster->control));
    AZ_TRY(az_boost_place_cells(booster));
    const int64_t n_blocks = n_rows > AZ_BOOST_WHOLE_ROWS ? AZ_BOOST_BLOCKS - 1 : 0;
    AZ_TRY(AZ_NEW_ARRAY(booster->blocks, n_blocks * 2 * booster->n_cells));
    booster->scratch = az_alloc_array(booster->n_threads, az_boost_scratch_size(booster));
    if (!booster->scratch) return AZ_ERROR_MEMORY;
    AZ_TRY(AZ_NEW_ARRAY(booster->found, 2 * ((n_features + AZ_BOOST_GROUP - 1) / AZ_BOOST_GROUP)));
    AZ_TRY(AZ_NEW_ARRAY(booster->sums, az_boost_sums_size(n_rows)));
    if (n_rows >= AZ_BOOST_WORD_ROWS) {
        AZ_TRY(AZ_NEW_ARRAY(booster->words, n_rows));
        booster->word_cells =
            az_alloc_zero(sizeof *booster->word_cells * (size_t)(booster->n_threads * booster->n_cells));
        if (!booster->word_cells) return AZ_ERROR_MEMORY;
    }
    AZ_TRY(az_boost_columns(booster));
    for (int k = 0; k < 4; k++) AZ_TRY(AZ_NEW_ARRAY(booster->rows[k], n_rows));
    for (int64_t i = 0; i < n_rows; i++) booster->rows[0][i] = (uint32_t)i;
    booster->masking = options->max_features || options->groups || options->alone;
    return AZ_OK;
}

az_status az_booster_new(az_booster **result, const az_bins *bins, const az_boost_options *options,
                         const az_control *control)
{
    az_booster *booster;
    AZ_TRY(AZ_NEW_ZERO(booster));
    booster->bins = bins;
    booster->options = *options;
    booster->control = control;
    booster->n_threads = az_control_threads(control);
    az_status status = allocate(booster);
    if (status)
        az_booster_free(booster);
    else
        *result = booster;
    return status;
}

static void give_back(az_booster *booster, az_boost_leaf *leaf)
{
    if (leaf->cells) booster->pool[booster->n_pool++] = leaf->cells;
    leaf->cells = NULL;
}

static void release_leaves(az_booster *booster)
{
    for (int64_t i = 0; i < booster->n_leaves; i++) {
        give_back(booster, &booster->leaves[i]);
        for (int side = 0; side < 2 && booster->leaves[i].prepared; side++)
            give_back(booster, &booster->children[2 * i + side]);
    }
    booster->n_leaves = 0;
}

void az_booster_free(az_booster *booster)
{
    if (!booster) return;
    release_leaves(booster);
    for (int64_t i = 0; i < booster->n_pool; i++) az_free(booster->pool[i]);
    for (int k = 0; k < 4; k++) az_free(booster->rows[k]);
    az_free(booster->pool);
    az_bundles_free(booster->bundles);
    az_free(booster->place);
    az_free(booster->count_place);
    az_free(booster->column_place);
    az_free(booster->blocks);
    az_free(booster->scratch);
    az_free(booster->found);
    az_free(booster->sums);
    az_free(booster->words);
    az_free(booster->word_cells);
    az_free(booster->columns);
    az_free(booster->any_missing);
    az_free(booster->leaves);
    az_free(booster->children);
    az_free(booster->leaf_sets);
    az_free(booster->masks);
    az_free(booster->nodes);
    az_free(booster->cover);
    az_free(booster->cut);
    az_free(booster->sets);
    az_free(booster->work);
    az_free(booster);
}

static int64_t grown(int64_t capacity, int64_t needed)
{
    return 2 * capacity > needed ? 2 * capacity : needed;
}

static az_status resize(void **array, int64_t count, size_t size)
{
    void *made = az_realloc_array(*array, count, size);
    if (!made) return AZ_ERROR_MEMORY;
    *array = made;
    return AZ_OK;
}

static az_status reserve_leaves(az_booster *booster, int64_t needed)
{
    if (needed <= booster->leaf_capacity) return AZ_OK;
    const int64_t n = grown(booster->leaf_capacity, needed);
    AZ_TRY(resize((void **)&booster->leaves, n, sizeof *booster->leaves));
    AZ_TRY(resize((void **)&booster->children, 2 * n, sizeof *booster->children));
    AZ_TRY(resize((void **)&booster->leaf_sets, n * booster->set_words, sizeof *booster->leaf_sets));
    if (booster->masking) AZ_TRY(resize((void **)&booster->masks, n, 2 * (size_t)booster->bins->n_features));
    booster->leaf_capacity = n;
    return AZ_OK;
}

static az_status reserve_nodes(az_booster *booster, int64_t needed)
{
    if (needed <= booster->node_capacity) return AZ_OK;
    const int64_t n = grown(booster->node_capacity, needed);
    AZ_TRY(resize((void **)&booster->nodes, n, sizeof *booster->nodes));
    AZ_TRY(resize((void **)&booster->cover, n, sizeof *booster->cover));
    AZ_TRY(resize((void **)&booster->cut, n, sizeof *booster->cut));
    booster->node_capacity = n;
    return AZ_OK;
}

/* A histogram from the pool, whose array always has room for all that were ever made. */
static az_status take_cells(az_booster *booster, double **cells)
{
    if (booster->n_pool == 0) {
        if (booster->n_made + 1 > booster->pool_capacity) {
            const int64_t n = grown(booster->pool_capacity, booster->n_made + 1);
            AZ_TRY(resize((void **)&booster->pool, n, sizeof *booster->pool));
            booster->pool_capacity = n;
        }
        double *made;
        AZ_TRY(AZ_NEW_ARRAY(made, 2 * booster->n_cells));
        booster->n_made++;
        booster->pool[booster->n_pool++] = made;
    }
    *cells = booster->pool[--booster->n_pool];
    return AZ_OK;
}

/* The features that a leaf may be split on: those of the tree, of the groups that its path leaves, and of these so many
 * at random (Knuth, The Art of Computer Programming 3.4.2, algorithm S). */
static const unsigned char *choose_features(const az_booster *booster, const az_boost_leaf *leaf, unsigned char *mask)
{
    const az_boost_options *options = &booster->options;
    const unsigned char *of_tree = booster->round->features;
    const int64_t n_features = booster->bins->n_features;
    if (!booster->masking) return of_tree;
    int64_t n_open = 0, wanted = options->max_features;
    for (int64_t j = 0; j < n_features; j++) {
        bool open = !of_tree || of_tree[j];
        if (options->groups) open = open && (options->groups[j] & leaf->groups);
        if (options->alone && leaf->only >= 0) open = open && j == leaf->only;
        n_open += mask[j] = open;
    }
    for (int64_t j = 0; wanted && j < n_features; j++) {
        if (!mask[j]) continue;
        const double u = az_random_uniform(booster->round->stream, leaf->key, (uint64_t)j);
        mask[j] = u * (double)n_open-- < (double)wanted;
        if (mask[j] && --wanted == 0)
            for (int64_t k = j + 1; k < n_features; k++) mask[k] = 0;
    }
    return mask;
}

/* ---- preparing ---- */

/* What is known of the children before their rows are. */
static void describe_children(const az_booster *booster, const az_boost_leaf *leaf, az_boost_leaf children[2])
{
    const az_boost_options *options = &booster->options;
    const az_boost_split *split = &leaf->split;
    for (int side = 0; side < 2; side++)
        children[side] = (az_boost_leaf){.depth = leaf->depth + 1,
                                         .buffer = az_boost_other_buffer(leaf),
                                         .g = side ? leaf->g - split->left_g : split->left_g,
                                         .h = side ? leaf->h - split->left_h : split->left_h,
                                         .lower = leaf->lower,
                                         .upper = leaf->upper,
                                         .groups = options->groups ? leaf->groups & options->groups[split->feature] : 0,
                                         .only = split->feature,
                                         .key = (leaf->key * 2 + (uint64_t)side + 1) *
                                                0x9e3779b97f4a7c15u, /* odd: keys of a path stay apart */
                                         .split = {.feature = -1}};
    if (!options->monotonic || !options->monotonic[split->feature]) return;
    double middle = 0;
    for (int side = 0; side < 2; side++) {
        const double value = -children[side].g / (children[side].h + options->l2);
        middle += fmin(fmax(value, leaf->lower), leaf->upper) / 2;
    }
    const int low = options->monotonic[split->feature] > 0 ? 0 : 1;
    children[low].upper = middle;
    children[1 - low].lower = middle;
}

typedef struct preparing {
    az_booster *booster;
    const int64_t *leaves; /* those of few rows */
    bool last;             /* the children will not be split */
} preparing;

static void place_children(const az_boost_leaf *leaf, az_boost_leaf children[2], uint32_t n_left)
{
    children[0].first = leaf->first;
    children[0].n = n_left;
    children[1].first = leaf->first + n_left;
    children[1].n = leaf->n - n_left;
}

/* The smaller child's histogram is summed, into the cells that stand ready in child 0; the larger one's is what is left
 * of the parent's.  Where neither is wanted, the cells stay where they are. */
static bool hand_out_cells(const az_booster *booster, az_boost_leaf *leaf, az_boost_leaf children[2], bool last,
                           bool wanted[2], int *small)
{
    for (int side = 0; side < 2; side++) wanted[side] = !last && az_boost_may_split(booster, &children[side]);
    if (!wanted[0] && !wanted[1]) return false;
    *small = children[0].n <= children[1].n ? 0 : 1;
    double *spare = children[0].cells;
    children[*small].cells = spare;
    children[1 - *small].cells = leaf->cells;
    leaf->cells = NULL;
    return true;
}

static void prepare_whole(void *context, int64_t which, int thread)
{
    const preparing *job = context;
    az_booster *booster = job->booster;
    const int64_t i = job->leaves[which];
    az_boost_leaf *leaf = &booster->leaves[i], *children = booster->children + 2 * i;
    bool wanted[2];
    int small;
    place_children(leaf, children, az_boost_divide(booster, leaf, booster->leaf_sets + i * booster->set_words));
    if (!hand_out_cells(booster, leaf, children, job->last, wanted, &small)) return;
    double *part = children[small].cells, *from = children[1 - small].cells;
    az_boost_histogram(booster, &children[small], part, thread);
    for (int64_t k = 0; k < 2 * booster->n_cells; k++) from[k] -= part[k];
    for (int side = 0; side < 2; side++) {
        unsigned char *mask = booster->masking ? booster->masks + (2 * i + side) * booster->bins->n_features : NULL;
        if (wanted[side])
            az_boost_find_split(booster, &children[side], choose_features(booster, &children[side], mask), thread);
    }
}

static az_status prepare_wide(az_booster *booster, int64_t i, bool last)
{
    az_boost_leaf *leaf = &booster->leaves[i], *children = booster->children + 2 * i;
    const unsigned char *features[2] = {NULL, NULL};
    uint32_t n_left;
    bool wanted[2], by_size[2];
    int small;
    AZ_TRY(az_boost_divide_wide(booster, leaf, booster->leaf_sets + i * booster->set_words, &n_left));
    place_children(leaf, children, n_left);
    if (!hand_out_cells(booster, leaf, children, last, wanted, &small)) return AZ_OK;
    const int64_t n_blocks = az_boost_histogram_wide(booster, &children[small], children[small].cells);
    for (int k = 0; k < 2; k++) {
        const int side = k ? 1 - small : small;
        unsigned char *mask = booster->masking ? booster->masks + (2 * i + side) * booster->bins->n_features : NULL;
        by_size[k] = wanted[side];
        features[k] = choose_features(booster, &children[side], mask);
    }
    az_boost_find_splits_wide(booster, &children[small], &children[1 - small], n_blocks, by_size, features);
    return AZ_OK;
}

static az_status prepare(az_booster *booster, const int64_t *leaves, int64_t n, bool last)
{
    int64_t whole[MOST_PREPARED], n_whole = 0, n_rows = 0;
    az_status status = AZ_OK;
    for (int64_t k = 0; k < n; k++) {
        const int64_t i = leaves[k];
        az_boost_leaf *leaf = &booster->leaves[i], *children = booster->children + 2 * i;
        describe_children(booster, leaf, children);
        leaf->prepared = true;
        AZ_TRY(take_cells(booster, &children[0].cells));
        if (booster->bins->features[leaf->split.feature].categorical)
            az_boost_left_set(booster, leaf, booster->leaf_sets + i * booster->set_words);
        if (leaf->n > AZ_BOOST_WHOLE_ROWS) continue;
        whole[n_whole++] = i;
        n_rows += leaf->n;
    }
    preparing job = {booster, whole, last};
    az_parallel(n_rows > AZ_BOOST_FORK_ROWS ? booster->n_threads : 1, n_whole, prepare_whole, &job);
    for (int64_t k = 0; k < n && !status; k++)
        if (booster->leaves[leaves[k]].n > AZ_BOOST_WHOLE_ROWS) status = prepare_wide(booster, leaves[k], last);
    for (int64_t k = 0; k < n; k++) {
        give_back(booster, &booster->leaves[leaves[k]]);
        for (int side = 0; side < 2; side++) {
            az_boost_leaf *child = &booster->children[2 * leaves[k] + side];
            if (child->split.feature < 0) give_back(booster, child);
        }
    }
    return status;
}

/* ---- committing ---- */

/* The leaf becomes its left child, a new one the right. */
static az_status commit(az_booster *booster, int64_t which)
{
    AZ_TRY(reserve_leaves(booster, booster->n_leaves + 1));
    AZ_TRY(reserve_nodes(booster, booster->n_nodes + 2));
    az_boost_leaf *leaf = &booster->leaves[which], *children = booster->children + 2 * which;
    const az_boost_split *split = &leaf->split;
    const az_bin_feature *feature = &booster->bins->features[split->feature];
    az_tree_node node = {.left = (int32_t)booster->n_nodes, .feature = (uint16_t)split->feature};
    if (split->had_missing ? split->missing_left : children[0].n >= children[1].n) node.flags |= AZ_NODE_MISSING_LEFT;
    if (feature->categorical) {
        const int64_t n_words = (feature->n_bins + 63) / 64;
        if (booster->n_sets + 1 + n_words > booster->set_capacity) {
            const int64_t n = grown(booster->set_capacity, booster->n_sets + 1 + n_words);
            AZ_TRY(resize((void **)&booster->sets, n, sizeof *booster->sets));
            booster->set_capacity = n;
        }
        node.flags |= AZ_NODE_CATEGORICAL;
        node.threshold = (double)booster->n_sets;
        booster->sets[booster->n_sets++] = (uint64_t)feature->n_bins;
        memcpy(booster->sets + booster->n_sets, booster->leaf_sets + which * booster->set_words,
               sizeof *booster->sets * (size_t)n_words);
        booster->n_sets += n_words;
    } else {
        node.threshold = split->bin < feature->n_bins - 1 ? feature->upper[split->bin] : INFINITY;
    }
    booster->nodes[leaf->node] = node;
    booster->cut[leaf->node] = split->bin;
    if (booster->round->importance) booster->round->importance[split->feature] += split->gain;
    for (int side = 0; side < 2; side++) children[side].node = node.left + side;
    booster->n_nodes += 2;
    booster->leaves[booster->n_leaves++] = children[1];
    *leaf = children[0];
    return AZ_OK;
}

static bool waits(const az_boost_leaf *leaf)
{
    return leaf->split.feature >= 0 && !leaf->prepared;
}

/* Level by level from the last leaves, so that no more than a few levels have histograms at a time. */
static az_status grow_by_levels(az_booster *booster)
{
    for (;;) {
        int64_t batch[MOST_PREPARED], n = 0;
        for (int64_t i = booster->n_leaves - 1; i >= 0 && n < MOST_PREPARED; i--)
            if (waits(&booster->leaves[i])) batch[n++] = i;
        if (n == 0) return AZ_OK;
        AZ_TRY(az_check_interrupt(booster->control));
        AZ_TRY(prepare(booster, batch, n, false));
        for (int64_t k = 0; k < n; k++) AZ_TRY(commit(booster, batch[k]));
    }
}

/* The leaf of the greatest gain, among those not prepared or among all; -1: none. */
static int64_t greatest_gain(const az_booster *booster, bool waiting)
{
    int64_t best = -1;
    for (int64_t i = 0; i < booster->n_leaves; i++) {
        const az_boost_leaf *leaf = &booster->leaves[i];
        if (leaf->split.feature < 0 || (waiting && leaf->prepared)) continue;
        if (best < 0 || leaf->split.gain > booster->leaves[best].split.gain) best = i;
    }
    return best;
}

/* A leaf and, for other threads, those that are likely to be next; only as many as can still be split. */
static az_status prepare_ahead(az_booster *booster, int64_t which, int64_t n_splits_left)
{
    int64_t batch[AHEAD_LEAVES] = {which}, n = 1, n_rows = booster->leaves[which].n;
    if (booster->n_threads > 1) {
        booster->leaves[which].prepared = true; /* as prepare will have it */
        while (n < AHEAD_LEAVES && n < n_splits_left && n_rows < AHEAD_ROWS) {
            const int64_t next = greatest_gain(booster, true);
            if (next < 0) break;
            batch[n++] = next;
            n_rows += booster->leaves[next].n;
            booster->leaves[next].prepared = true;
        }
        for (int64_t k = 0; k < n; k++) booster->leaves[batch[k]].prepared = false;
    }
    return prepare(booster, batch, n, n_splits_left == 1);
}

static az_status grow_by_gain(az_booster *booster)
{
    while (booster->n_leaves < booster->options.max_leaf_nodes) {
        const int64_t which = greatest_gain(booster, false);
        if (which < 0) return AZ_OK;
        AZ_TRY(az_check_interrupt(booster->control));
        if (!booster->leaves[which].prepared)
            AZ_TRY(prepare_ahead(booster, which, booster->options.max_leaf_nodes - booster->n_leaves));
        AZ_TRY(commit(booster, which));
    }
    return AZ_OK;
}

/* The root: all rows, their sums and histogram. */
static az_status start(az_booster *booster, const az_boost_round *round)
{
    release_leaves(booster);
    booster->round = round;
    booster->listed = round->rows ? round->rows : booster->rows[0];
    booster->n_sets = 0;
    booster->n_nodes = 1;
    AZ_TRY(reserve_leaves(booster, 32));
    AZ_TRY(reserve_nodes(booster, 64));
    double g, h;
    az_boost_measure(booster, &g, &h);
    az_boost_leaf *root = &booster->leaves[0];
    *root = (az_boost_leaf){.n = (uint32_t)round->n_rows,
                            .g = g,
                            .h = h,
                            .lower = -INFINITY,
                            .upper = INFINITY,
                            .groups = ~(uint64_t)0,
                            .only = -1,
                            .split = {.feature = -1}};
    booster->n_leaves = 1;
    if (!az_boost_may_split(booster, root)) return AZ_OK;
    AZ_TRY(take_cells(booster, &root->cells));
    const unsigned char *features[2] = {choose_features(booster, root, booster->masks), NULL};
    const bool wanted[2] = {true, false};
    int64_t blocks = 1;
    if (round->n_rows > AZ_BOOST_WHOLE_ROWS)
        blocks = az_boost_histogram_wide(booster, root, root->cells);
    else
        az_boost_histogram(booster, root, root->cells, 0);
    az_boost_find_splits_wide(booster, root, NULL, blocks, wanted, features);
    if (root->split.feature < 0) give_back(booster, root);
    return AZ_OK;
}

az_status az_boost_tree(az_tree *tree, az_booster *booster, const az_boost_round *round)
{
    if (round->renew && !booster->work) AZ_TRY(AZ_NEW_ARRAY(booster->work, booster->bins->n_rows));
    AZ_TRY(start(booster, round));
    AZ_TRY(booster->options.max_leaf_nodes ? grow_by_gain(booster) : grow_by_levels(booster));
    return az_boost_finish(tree, booster);
}
