/* SPDX-License-Identifier: BSD-3-Clause */
/* Fitted trees: compact nodes, and running them. */
#ifndef AZ_MODELS_TREE_NODES_H
#define AZ_MODELS_TREE_NODES_H

#include "base/safetensors.h"
#include "base/status.h"

/* One node in 16 bytes.  Children lie side by side: left and left + 1, both behind their parent, so that a walk ends
 * whatever the file said.  A numeric split sends x <= threshold to the left; a categorical one sends a level to the
 * left if its bit is set in the words sets[left_set ...] (the place stands in `threshold` as a number); a missing value
 * goes where AZ_NODE_MISSING_LEFT says. */
typedef struct az_tree_node {
    double threshold; /* a leaf's value where there is one output; with several, unused */
    int32_t left;     /* a leaf: row of `values` */
    uint16_t feature;
    uint16_t flags;
} az_tree_node;

enum { AZ_NODE_LEAF = 1, AZ_NODE_CATEGORICAL = 2, AZ_NODE_MISSING_LEFT = 4 };

typedef struct az_tree {
    int32_t n_nodes, n_values;
    int64_t n_sets;
    az_tree_node *nodes;
    float *cover;   /* (n_nodes) weight of the training rows that came through */
    double *values; /* (n_values, n_outputs) of the leaves; NULL with one output */
    uint64_t *sets; /* (n_sets) words: first the number of levels of a set, then its bits */
} az_tree;

typedef struct az_trees {
    int64_t n_trees, n_outputs, n_features;
    az_tree *trees;
    bool has_categories; /* some node needs more than a comparison */
    int32_t most_nodes;  /* of a tree */
} az_trees;

az_status az_trees_new(az_trees **trees, int64_t n_trees, int64_t n_outputs, int64_t n_features);
void az_trees_free(az_trees *trees);
void az_tree_clear(az_tree *tree);
az_status az_tree_copy(az_tree *to, const az_tree *from, int64_t n_outputs);
/* To be called when the trees are there: finds what is known of all of them together. */
void az_trees_note(az_trees *trees);

/* Adds scale times every tree's value to out (n_rows, n_outputs) row-major; features (n_rows, n_features) row-major.
 * Trees first to first + n - 1.  A row's sum goes over the trees in order, whatever rows stand beside it. */
void az_trees_add(const az_trees *trees, int64_t first, int64_t n, double scale, const double *features, int64_t n_rows,
                  double *out);

/* The same of all trees with scale 1, faster where trees are large and rows many: with az_trees_scratch bytes, and best
 * with az_trees_block_rows rows at a time. */
void az_trees_run(const az_trees *trees, const double *features, int64_t n_rows, double *out, void *scratch);
size_t az_trees_scratch(const az_trees *trees, int64_t n_rows);
int64_t az_trees_block_rows(const az_trees *trees);

/* The same of trees that take turns: tree t adds to column t % n_turns of out (n_rows, n_turns). */
void az_trees_add_by_turns(const az_trees *trees, int64_t n_turns, const double *features, int64_t n_rows, double *out);

/* Left or right (0 or 1), for every kind of node and value. */
static inline int32_t az_node_side(const az_tree *tree, const az_tree_node *node, double x)
{
    if (x != x || (node->flags & AZ_NODE_CATEGORICAL && x < 0)) return !(node->flags & AZ_NODE_MISSING_LEFT);
    if (!(node->flags & AZ_NODE_CATEGORICAL)) return !(x <= node->threshold);
    const uint64_t *set = tree->sets + (int64_t)node->threshold;
    if (!(x < (double)set[0])) return !(node->flags & AZ_NODE_MISSING_LEFT); /* before it is cut to a whole number */
    const uint64_t level = (uint64_t)x;
    return !(set[1 + (level >> 6)] >> (level & 63) & 1);
}

/* Output k of a leaf. */
static inline double az_leaf_value(const az_trees *trees, const az_tree *tree, int32_t leaf, int64_t k)
{
    const az_tree_node *node = &tree->nodes[leaf];
    return trees->n_outputs == 1 ? node->threshold : tree->values[(int64_t)node->left * trees->n_outputs + k];
}

/* The smallest and the greatest threshold of the splits on a feature; false: there are none, or of categories. */
bool az_trees_thresholds(const az_trees *trees, int64_t feature, double *lower, double *upper);

/* The leaf (node number) of one tree that a row comes to. */
int32_t az_tree_leaf(const az_tree *tree, const double *features);

/* Arrays PREFIXnodes, ...; load checks that every walk ends in a leaf inside the arrays. */
az_status az_trees_save(const az_trees *trees, az_bundle *bundle);
az_status az_trees_load(az_trees **trees, const az_bundle *bundle, int64_t n_features, int64_t n_outputs);

#endif
