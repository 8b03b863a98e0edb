/* SPDX-License-Identifier: BSD-3-Clause */
/* One step of a walk through a tree, without a branch where it pays.  For nodes*.c alone. */
#ifndef AZ_MODELS_TREE_NODES_WALK_H
#define AZ_MODELS_TREE_NODES_WALK_H

#include "models/tree/nodes.h"

/* A loop is made for each kind of rows: only then is its step short. */
#define WALK_INLINE static inline __attribute__((always_inline))

/* Numbers; numbers of which some are missing or infinite; numbers and categories. */
typedef enum rows_kind { ROWS_OF_NUMBERS, ROWS_WITH_MISSING, ROWS_WITH_CATEGORIES } rows_kind;

/* The node after `at`; a leaf is followed by itself.  Whether it is a leaf, a processor guesses wrong once a walk, and
 * what it has begun for the rows beside is lost with it; so the answer is a mask, not a branch. */
WALK_INLINE int32_t next_node(const az_tree *tree, rows_kind kind, int32_t at, const double *x)
{
    const az_tree_node *node = &tree->nodes[at];
    const uint32_t leaf = (uint32_t)(node->flags & AZ_NODE_LEAF);
    const double value = x[node->feature];
    uint32_t side = (uint32_t) !(value <= node->threshold);
    if (kind != ROWS_OF_NUMBERS) {
        const uint32_t missing = (uint32_t)(value != value),
                       to_right = (uint32_t) !(node->flags & AZ_NODE_MISSING_LEFT);
        side = (side & ~missing) | (missing & to_right);
    }
    if (kind == ROWS_WITH_CATEGORIES && (node->flags & (AZ_NODE_CATEGORICAL | AZ_NODE_LEAF)) == AZ_NODE_CATEGORICAL)
        side = (uint32_t)az_node_side(tree, node, value);
    const uint32_t next = (uint32_t)node->left + side;
    return (int32_t)((uint32_t)at ^ (((uint32_t)at ^ next) & (leaf - 1)));
}

/* Rows of one tree, far more than fit abreast, with memory from the caller (nodes_deep.c).  to (n_rows, stride). */
void az_tree_add_deep(const az_trees *trees, const az_tree *tree, rows_kind kind, const double *features,
                      int64_t n_rows, double *to, int64_t stride, void *scratch);
size_t az_tree_deep_scratch(int64_t n_rows);

#endif
