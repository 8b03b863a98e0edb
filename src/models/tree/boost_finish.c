/* SPDX-License-Identifier: BSD-3-Clause */
/* What follows the splits: the leaves' values, the tree, and its values for rows that did not grow it. */
#include "models/tree/boost_parts.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { AHEAD = 16 /* rows that are fetched beforehand: those of a leaf lie far apart */ };

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
    const uint32_t *rows = az_boost_rows(booster, leaf);
    double value = 0;
    (void)thread;
    if (round->renew) {
        az_status status = round->renew(round->context, rows, leaf->n, booster->work + leaf->first, &value);
        if (status) atomic_store(&job->failed, (int)status);
    } else {
        double g = 0, h = 0;
        for (uint32_t i = 0; i < leaf->n; i++) {
            if (i + AHEAD < leaf->n) __builtin_prefetch(round->pairs + 2 * (int64_t)rows[i + AHEAD]);
            g += round->pairs[2 * (int64_t)rows[i]];
            h += round->pairs[2 * (int64_t)rows[i] + 1];
        }
        value = h + booster->options.l2 > 0 ? -g / (h + booster->options.l2) : 0;
        value = fmin(fmax(value, leaf->lower), leaf->upper);
    }
    value *= booster->options.learning_rate;
    booster->nodes[leaf->node] = (az_tree_node){.threshold = value, .flags = AZ_NODE_LEAF};
    for (uint32_t i = 0; round->score && i < leaf->n; i++) {
        if (i + AHEAD < leaf->n) __builtin_prefetch(round->score + rows[i + AHEAD], 1);
        round->score[rows[i]] += value;
    }
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

az_status az_boost_finish(az_tree *tree, az_booster *booster)
{
    finishing job = {.booster = booster, .round = booster->round};
    const int n_threads = booster->round->n_rows > AZ_BOOST_FORK_ROWS ? booster->n_threads : 1;
    az_parallel(n_threads, booster->n_leaves, finish_leaf, &job);
    az_status failed = (az_status)atomic_load(&job.failed);
    if (failed) return az_error(failed, "no tree could be grown: %s", az_status_text(failed));
    sum_cover(booster);
    return take_tree(booster, tree);
}

/* Walks by codes: the bin of a node's cut stands beside it. */
static double value_by_codes(const az_booster *booster, int64_t row)
{
    const az_bins *bins = booster->bins;
    int32_t at = 0;
    while (!(booster->nodes[at].flags & AZ_NODE_LEAF)) {
        const az_tree_node *node = &booster->nodes[at];
        const uint32_t code = az_boost_code(booster, row, node->feature);
        bool left;
        if (code == (uint32_t)bins->features[node->feature].n_bins) {
            left = node->flags & AZ_NODE_MISSING_LEFT;
        } else if (node->flags & AZ_NODE_CATEGORICAL) {
            const uint64_t *set = booster->sets + (int64_t)node->threshold + 1;
            left = set[code >> 6] >> (code & 63) & 1;
        } else {
            left = code <= (uint32_t)booster->cut[at];
        }
        at = node->left + !left;
    }
    return booster->nodes[at].threshold;
}

typedef struct adding {
    const az_booster *booster;
    const uint32_t *rows;
    int64_t n_rows;
    double *score;
} adding;

static void add_block(void *context, int64_t block, int thread)
{
    const adding *job = context;
    (void)thread;
    const int64_t first = block * AZ_BOOST_FORK_ROWS,
                  end = first + AZ_BOOST_FORK_ROWS < job->n_rows ? first + AZ_BOOST_FORK_ROWS : job->n_rows;
    for (int64_t i = first; i < end; i++) job->score[job->rows[i]] += value_by_codes(job->booster, job->rows[i]);
}

void az_boost_add(const az_booster *booster, const uint32_t *rows, int64_t n_rows, double *score)
{
    adding job = {booster, rows, n_rows, score};
    az_parallel(booster->n_threads, (n_rows + AZ_BOOST_FORK_ROWS - 1) / AZ_BOOST_FORK_ROWS, add_block, &job);
}
