/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/boost.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "models/tree/boost_parts.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

az_status az_booster_new(az_booster **result, const az_bins *bins, const az_boost_options *options,
                         const az_control *control)
{
    az_booster *booster;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(booster));
    booster->bins = bins;
    booster->options = *options;
    booster->control = control;
    booster->n_threads = az_control_threads(control);
    AZ_GOTO(AZ_NEW_ARRAY(booster->place, bins->n_features));
    for (int64_t j = 0; j < bins->n_features; j++) {
        booster->place[j] = (int32_t)booster->n_cells;
        booster->n_cells += bins->features[j].n_bins + 1;
    }
    booster->n_doubles = 2 * booster->n_cells + (booster->n_cells + 1) / 2;
    AZ_GOTO(AZ_NEW_ARRAY(booster->blocks, (AZ_BOOST_BLOCKS - 1) * booster->n_doubles));
    AZ_GOTO(AZ_NEW_ARRAY(booster->rows, bins->n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(booster->spare, bins->n_rows));
done:
    if (status)
        az_booster_free(booster);
    else
        *result = booster;
    return status;
}

static void give_back(az_booster *booster, double *cells)
{
    if (cells) booster->pool[booster->n_pool++] = cells;
}

static void release_leaves(az_booster *booster)
{
    for (int64_t i = 0; i < booster->n_leaves; i++) {
        give_back(booster, booster->leaves[i].cells);
        booster->leaves[i].cells = NULL;
    }
}

void az_booster_free(az_booster *booster)
{
    if (!booster) return;
    release_leaves(booster);
    for (int64_t i = 0; i < booster->n_pool; i++) az_free(booster->pool[i]);
    az_free(booster->pool);
    az_free(booster->place);
    az_free(booster->blocks);
    az_free(booster->rows);
    az_free(booster->spare);
    az_free(booster->leaves);
    az_free(booster->nodes);
    az_free(booster->cover);
    az_free(booster->cut);
    az_free(booster->work);
    az_free(booster->sets);
    az_free(booster);
}

static az_status reserve(void **array, int64_t *capacity, int64_t needed, size_t size)
{
    if (needed <= *capacity) return AZ_OK;
    int64_t wanted = 2 * *capacity > needed ? 2 * *capacity : needed;
    void *grown = az_realloc_array(*array, wanted, size);
    if (!grown) return AZ_ERROR_MEMORY;
    *array = grown;
    *capacity = wanted;
    return AZ_OK;
}

/* A histogram from the pool, whose array always has room for all that were ever made. */
static az_status take_cells(az_booster *booster, double **cells)
{
    if (booster->n_pool == 0) {
        AZ_TRY(reserve((void **)&booster->pool, &booster->pool_capacity, booster->n_made + 1, sizeof *booster->pool));
        double *made;
        AZ_TRY(AZ_NEW_ARRAY(made, booster->n_doubles));
        booster->n_made++;
        booster->pool[booster->n_pool++] = made;
    }
    *cells = booster->pool[--booster->n_pool];
    return AZ_OK;
}

/* Rows of one leaf, cut into blocks for the threads; each block is divided on its own and then copied to its place. */
enum { DIVIDE_ROWS = 32768 };

typedef struct dividing {
    const az_booster *booster;
    const az_boost_split *split;
    uint32_t *rows, *spare;
    int64_t n_rows, n_blocks;
    int64_t *n_left; /* (n_blocks), then where each block's left part begins */
    int64_t n_all_left;
} dividing;

static inline bool goes_right(const az_boost_split *split, uint32_t code, uint32_t missing)
{
    if (code == missing) return !split->missing_left;
    if (split->categorical) return !(split->set[code >> 6] >> (code & 63) & 1);
    return code > (uint32_t)split->bin;
}

static void divide_block(void *context, int64_t block, int thread)
{
    dividing *job = context;
    const az_bins *bins = job->booster->bins;
    const az_boost_split *split = job->split;
    (void)thread;
    const int64_t first = block * DIVIDE_ROWS;
    const int64_t end = first + DIVIDE_ROWS < job->n_rows ? first + DIVIDE_ROWS : job->n_rows;
    const uint32_t missing = (uint32_t)bins->features[split->feature].n_bins;
    uint32_t right[DIVIDE_ROWS];
    int64_t n_left = 0, n_right = 0;
    for (int64_t i = first; i < end; i++) {
        const uint32_t row = job->rows[i];
        const int64_t place = row * bins->n_features + split->feature;
        const uint32_t code =
            bins->code_bytes == 1 ? ((const uint8_t *)bins->codes)[place] : ((const uint16_t *)bins->codes)[place];
        const bool goes = goes_right(split, code, missing);
        job->spare[first + n_left] = row;
        right[n_right] = row;
        n_right += goes;
        n_left += !goes;
    }
    memcpy(job->spare + first + n_left, right, sizeof *right * (size_t)n_right);
    job->n_left[block] = n_left;
}

static void copy_block(void *context, int64_t block, int thread)
{
    const dividing *job = context;
    (void)thread;
    const int64_t first = block * DIVIDE_ROWS;
    const int64_t n = job->n_rows - first < DIVIDE_ROWS ? job->n_rows - first : DIVIDE_ROWS;
    const int64_t left_at = job->n_left[block], n_left = job->n_left[block + 1] - left_at;
    memcpy(job->rows + left_at, job->spare + first, sizeof *job->rows * (size_t)n_left);
    memcpy(job->rows + job->n_all_left + first - left_at, job->spare + first + n_left,
           sizeof *job->rows * (size_t)(n - n_left));
}

/* Rows that go left to the front, both parts in their order; how many these are. */
static az_status divide_rows(az_booster *booster, const az_boost_leaf *leaf, uint32_t *n_left)
{
    dividing job = {.booster = booster,
                    .split = &leaf->split,
                    .rows = booster->rows + leaf->first,
                    .spare = booster->spare + leaf->first,
                    .n_rows = leaf->n,
                    .n_blocks = ((int64_t)leaf->n + DIVIDE_ROWS - 1) / DIVIDE_ROWS};
    AZ_TRY(AZ_NEW_ARRAY(job.n_left, job.n_blocks + 1));
    az_parallel(booster->n_threads, job.n_blocks, divide_block, &job);
    for (int64_t b = 0, at = 0; b <= job.n_blocks; b++) {
        int64_t n = b < job.n_blocks ? job.n_left[b] : 0;
        job.n_left[b] = at;
        at += n;
    }
    job.n_all_left = job.n_left[job.n_blocks];
    az_parallel(booster->n_threads, job.n_blocks, copy_block, &job);
    *n_left = (uint32_t)job.n_all_left;
    az_free(job.n_left);
    return AZ_OK;
}

static bool may_split(const az_booster *booster, const az_boost_leaf *leaf)
{
    const az_boost_options *options = &booster->options;
    return (!options->max_depth || leaf->depth < options->max_depth) && leaf->n >= 2 &&
           (int64_t)leaf->n >= 2 * options->min_samples_leaf && leaf->h >= 2 * options->min_curvature;
}

/* Nodes of the two children, their bounds and sums; the leaf becomes its left child, a new one the right. */
static az_status split_leaf(az_booster *booster, int64_t which, az_boost_leaf children[2])
{
    AZ_TRY(reserve((void **)&booster->leaves, &booster->leaf_capacity, booster->n_leaves + 1, sizeof *booster->leaves));
    az_boost_leaf *leaf = &booster->leaves[which];
    const az_boost_split *split = &leaf->split;
    const az_bin_feature *feature = &booster->bins->features[split->feature];
    uint32_t n_left;
    AZ_TRY(divide_rows(booster, leaf, &n_left));
    int64_t room = booster->node_capacity;
    AZ_TRY(reserve((void **)&booster->nodes, &room, booster->n_nodes + 2, sizeof *booster->nodes));
    room = booster->node_capacity;
    AZ_TRY(reserve((void **)&booster->cut, &room, booster->n_nodes + 2, sizeof *booster->cut));
    AZ_TRY(reserve((void **)&booster->cover, &booster->node_capacity, booster->n_nodes + 2, sizeof *booster->cover));
    az_node node = {.left = (int32_t)booster->n_nodes, .feature = (uint16_t)split->feature};
    if (split->had_missing ? split->missing_left : 2 * n_left >= leaf->n) node.flags |= AZ_NODE_MISSING_LEFT;
    if (split->categorical) {
        const int64_t n_words = (feature->n_bins + 63) / 64;
        AZ_TRY(reserve((void **)&booster->sets, &booster->set_capacity, booster->n_sets + 1 + n_words,
                       sizeof *booster->sets));
        node.flags |= AZ_NODE_CATEGORICAL;
        node.threshold = (double)booster->n_sets;
        booster->sets[booster->n_sets++] = (uint64_t)feature->n_bins;
        for (int64_t w = 0; w < n_words; w++) booster->sets[booster->n_sets++] = split->set[w];
    } else {
        node.threshold = split->bin < feature->n_bins - 1 ? feature->upper[split->bin] : INFINITY;
    }
    booster->nodes[leaf->node] = node;
    booster->cut[leaf->node] = split->bin;
    for (int side = 0; side < 2; side++)
        children[side] = (az_boost_leaf){.node = node.left + side,
                                         .depth = leaf->depth + 1,
                                         .first = side ? leaf->first + n_left : leaf->first,
                                         .n = side ? leaf->n - n_left : n_left,
                                         .g = side ? leaf->g - split->left_g : split->left_g,
                                         .h = side ? leaf->h - split->left_h : split->left_h,
                                         .lower = leaf->lower,
                                         .upper = leaf->upper};
    const int8_t *monotonic = booster->options.monotonic;
    if (monotonic && monotonic[split->feature]) {
        double middle = 0;
        for (int side = 0; side < 2; side++) middle -= children[side].g / (children[side].h + booster->options.l2) / 2;
        middle = fmin(fmax(middle, leaf->lower), leaf->upper);
        const int low = monotonic[split->feature] > 0 ? 0 : 1;
        children[low].upper = middle;
        children[1 - low].lower = middle;
    }
    booster->n_nodes += 2;
    return AZ_OK;
}

/* The smaller child's histogram is summed, the larger one's is what is left of the parent's. */
static az_status make_histograms(az_booster *booster, double *parent, az_boost_leaf children[2], const double *pairs)
{
    const int small = children[0].n <= children[1].n ? 0 : 1;
    az_boost_leaf *lesser = &children[small], *larger = &children[1 - small];
    if (!may_split(booster, lesser) && !may_split(booster, larger)) {
        give_back(booster, parent);
        return AZ_OK;
    }
    az_status status = take_cells(booster, &lesser->cells);
    if (status) {
        give_back(booster, parent);
        return status;
    }
    az_boost_histogram(booster, booster->rows + lesser->first, lesser->n, pairs, lesser->cells);
    az_boost_subtract(booster, parent, lesser->cells);
    larger->cells = parent;
    return AZ_OK;
}

static void evaluate(az_booster *booster, az_boost_leaf *leaf, const unsigned char *features)
{
    leaf->split.feature = -1;
    if (leaf->cells && may_split(booster, leaf)) az_boost_find_split(booster, leaf, features);
    if (leaf->split.feature < 0) {
        give_back(booster, leaf->cells);
        leaf->cells = NULL;
    }
}

/* The leaf to split next: leaf-wise the largest gain, level-wise the first one; -1: none. */
static int64_t next_leaf(const az_booster *booster)
{
    int64_t best = -1;
    const bool by_gain = booster->options.max_leaf_nodes > 0;
    if (by_gain && booster->n_leaves >= booster->options.max_leaf_nodes) return -1;
    for (int64_t i = 0; i < booster->n_leaves; i++) {
        const az_boost_leaf *leaf = &booster->leaves[i];
        if (leaf->split.feature < 0) continue;
        if (!by_gain) return i;
        if (best < 0 || leaf->split.gain > booster->leaves[best].split.gain) best = i;
    }
    return best;
}

static az_status grow(az_booster *booster, const double *pairs, const unsigned char *features, double *importance)
{
    for (;;) {
        int64_t which = next_leaf(booster);
        if (which < 0) return AZ_OK;
        az_boost_leaf children[2];
        AZ_TRY(az_check_interrupt(booster->control));
        AZ_TRY(split_leaf(booster, which, children));
        if (importance) importance[booster->leaves[which].split.feature] += booster->leaves[which].split.gain;
        double *parent = booster->leaves[which].cells;
        booster->leaves[which].cells = NULL;
        booster->leaves[which].split.feature = -1;
        AZ_TRY(make_histograms(booster, parent, children, pairs));
        booster->leaves[which] = children[0];
        booster->leaves[booster->n_leaves++] = children[1];
        evaluate(booster, &booster->leaves[which], features);
        evaluate(booster, &booster->leaves[booster->n_leaves - 1], features);
    }
}

/* The value of a leaf from its rows themselves, not from differences of histograms; then the scores of these rows. */
typedef struct finishing {
    az_booster *booster;
    const az_boost_round *round;
    _Atomic int failed; /* az_status */
} finishing;

static void finish_leaf(void *context, int64_t which, int thread)
{
    finishing *job = context;
    az_booster *booster = job->booster;
    const az_boost_round *round = job->round;
    const az_boost_leaf *leaf = &booster->leaves[which];
    const uint32_t *rows = booster->rows + leaf->first;
    double value = 0;
    (void)thread;
    if (round->renew) {
        az_status status = round->renew(round->context, rows, leaf->n, booster->work + leaf->first, &value);
        if (status) atomic_store(&job->failed, (int)status);
    } else {
        double g = 0, h = 0;
        for (uint32_t i = 0; i < leaf->n; i++) {
            g += round->pairs[2 * (int64_t)rows[i]];
            h += round->pairs[2 * (int64_t)rows[i] + 1];
        }
        value = h + booster->options.l2 > 0 ? -g / (h + booster->options.l2) : 0;
        value = fmin(fmax(value, leaf->lower), leaf->upper);
    }
    value *= booster->options.learning_rate;
    booster->nodes[leaf->node] = (az_node){.threshold = value, .flags = AZ_NODE_LEAF};
    for (uint32_t i = 0; round->score && i < leaf->n; i++) round->score[rows[i]] += value;
}

/* How many rows came through each node: children lie behind their parents. */
static void sum_cover(az_booster *booster)
{
    for (int64_t i = 0; i < booster->n_nodes; i++) booster->cover[i] = 0;
    for (int64_t i = 0; i < booster->n_leaves; i++)
        booster->cover[booster->leaves[i].node] = (float)booster->leaves[i].n;
    for (int64_t i = booster->n_nodes - 1; i >= 0; i--)
        if (!(booster->nodes[i].flags & AZ_NODE_LEAF))
            booster->cover[i] = booster->cover[booster->nodes[i].left] + booster->cover[booster->nodes[i].left + 1];
}

static az_status take_tree(const az_booster *booster, az_tree *tree)
{
    az_tree made = {.n_nodes = (int32_t)booster->n_nodes, .n_sets = booster->n_sets};
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(made.nodes, booster->n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(made.cover, booster->n_nodes));
    memcpy(made.nodes, booster->nodes, sizeof *made.nodes * (size_t)booster->n_nodes);
    memcpy(made.cover, booster->cover, sizeof *made.cover * (size_t)booster->n_nodes);
    if (made.n_sets) {
        AZ_GOTO(AZ_NEW_ARRAY(made.sets, made.n_sets));
        memcpy(made.sets, booster->sets, sizeof *made.sets * (size_t)made.n_sets);
    }
    *tree = made;
done:
    if (status) az_tree_clear(&made);
    return status;
}

/* The root: all rows, and their sums from the cells of the first feature. */
static az_status start(az_booster *booster, const double *pairs, const uint32_t *rows, int64_t n_rows)
{
    release_leaves(booster);
    booster->n_leaves = 0;
    booster->n_sets = 0;
    booster->n_nodes = 1;
    int64_t room = booster->node_capacity;
    AZ_TRY(reserve((void **)&booster->nodes, &room, 64, sizeof *booster->nodes));
    room = booster->node_capacity;
    AZ_TRY(reserve((void **)&booster->cut, &room, 64, sizeof *booster->cut));
    AZ_TRY(reserve((void **)&booster->cover, &booster->node_capacity, 64, sizeof *booster->cover));
    AZ_TRY(reserve((void **)&booster->leaves, &booster->leaf_capacity, 32, sizeof *booster->leaves));
    for (int64_t i = 0; i < n_rows; i++) booster->rows[i] = rows ? rows[i] : (uint32_t)i;
    az_boost_leaf root = {.n = (uint32_t)n_rows, .lower = -INFINITY, .upper = INFINITY};
    AZ_TRY(take_cells(booster, &root.cells));
    az_boost_histogram(booster, booster->rows, n_rows, pairs, root.cells);
    for (int32_t code = 0; code <= booster->bins->features[0].n_bins; code++) {
        root.g += root.cells[2 * code];
        root.h += root.cells[2 * code + 1];
    }
    booster->leaves[booster->n_leaves++] = root;
    return AZ_OK;
}

az_status az_boost_tree(az_tree *tree, az_booster *booster, const az_boost_round *round)
{
    booster->constant = round->constant;
    booster->counting = !round->constant && booster->options.min_samples_leaf > 1;
    if (round->renew && !booster->work) AZ_TRY(AZ_NEW_ARRAY(booster->work, booster->bins->n_rows));
    AZ_TRY(start(booster, round->pairs, round->rows, round->n_rows));
    evaluate(booster, &booster->leaves[0], round->features);
    AZ_TRY(grow(booster, round->pairs, round->features, round->importance));
    finishing job = {.booster = booster, .round = round};
    az_parallel(round->n_rows > 10000 ? booster->n_threads : 1, booster->n_leaves, finish_leaf, &job);
    az_status failed = (az_status)atomic_load(&job.failed);
    if (failed) return az_error(failed, "no tree could be grown: %s", az_status_text(failed));
    sum_cover(booster);
    return take_tree(booster, tree);
}

/* Walks by codes: the bin of a node's cut stands beside it. */
void az_boost_add(const az_booster *booster, const uint32_t *rows, int64_t n_rows, double *score)
{
    const az_bins *bins = booster->bins;
    for (int64_t i = 0; i < n_rows; i++) {
        int32_t at = 0;
        while (!(booster->nodes[at].flags & AZ_NODE_LEAF)) {
            const az_node *node = &booster->nodes[at];
            const int64_t place = rows[i] * bins->n_features + node->feature;
            const int32_t code =
                bins->code_bytes == 1 ? ((const uint8_t *)bins->codes)[place] : ((const uint16_t *)bins->codes)[place];
            bool left;
            if (code == bins->features[node->feature].n_bins) {
                left = node->flags & AZ_NODE_MISSING_LEFT;
            } else if (node->flags & AZ_NODE_CATEGORICAL) {
                const uint64_t *set = booster->sets + (int64_t)node->threshold + 1;
                left = set[code >> 6] >> (code & 63) & 1;
            } else {
                left = code <= booster->cut[at];
            }
            at = node->left + !left;
        }
        score[rows[i]] += booster->nodes[at].threshold;
    }
}
