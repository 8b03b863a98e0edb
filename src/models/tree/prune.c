/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/prune.h"

#include "base/memory.h"

#include <string.h>

/* What is known of the pruned subtree below a node. */
typedef struct branch {
    double gain; /* of its splits together */
    int32_t leaves;
} branch;

/* A split is worth its leaves if the gains below it are more than alpha for each leaf more.  From the bottom up, since
 * what is below must have been pruned before (theorem 3.10): children stand behind their parents.  A branch of one leaf
 * is a leaf. */
static void weigh(const az_tree *tree, const double *gain, double alpha, branch *branches)
{
    for (int32_t i = tree->n_nodes - 1; i >= 0; i--) {
        const az_tree_node *node = &tree->nodes[i];
        branches[i] = (branch){0, 1};
        if (node->flags & AZ_NODE_LEAF) continue;
        const branch *child = &branches[node->left];
        branch whole = {gain[i] + child[0].gain + child[1].gain, child[0].leaves + child[1].leaves};
        if (whole.gain > alpha * (whole.leaves - 1)) branches[i] = whole;
    }
}

static void put_leaf(az_tree *to, int32_t at, int64_t n_outputs, const double *value)
{
    to->nodes[at] = (az_tree_node){.flags = AZ_NODE_LEAF};
    if (n_outputs == 1) {
        to->nodes[at].threshold = *value;
        return;
    }
    to->nodes[at].left = to->n_values;
    memcpy(to->values + to->n_values * n_outputs, value, sizeof *value * (size_t)n_outputs);
    to->n_values++;
}

/* The words of a split's set move to the end of those there are. */
static void put_set(az_tree *to, int32_t at, const az_tree *from)
{
    const uint64_t *set = from->sets + (int64_t)to->nodes[at].threshold;
    const int64_t n_words = 1 + (int64_t)(set[0] + 63) / 64;
    memcpy(to->sets + to->n_sets, set, sizeof *set * (size_t)n_words);
    to->nodes[at].threshold = (double)to->n_sets;
    to->n_sets += n_words;
}

/* Copies what is left, from the root on; old[i]: the node that new node i was. */
static void copy(az_tree *to, const az_tree *from, int64_t n_outputs, const double *gain, const double *value,
                 const branch *branches, double *importance, int32_t *old)
{
    old[0] = 0;
    to->n_nodes = 1;
    for (int32_t i = 0; i < to->n_nodes; i++) {
        const az_tree_node *node = &from->nodes[old[i]];
        to->cover[i] = from->cover[old[i]];
        if (branches[old[i]].leaves == 1) {
            put_leaf(to, i, n_outputs, value + old[i] * n_outputs);
            continue;
        }
        to->nodes[i] = *node;
        to->nodes[i].left = to->n_nodes;
        if (node->flags & AZ_NODE_CATEGORICAL) put_set(to, i, from);
        if (importance) importance[node->feature] += gain[old[i]];
        old[to->n_nodes++] = node->left;
        old[to->n_nodes++] = node->left + 1;
    }
}

az_status az_prune(az_tree *tree, int64_t n_outputs, const double *gain, const double *value, double alpha,
                   double *importance)
{
    az_tree made = {0};
    branch *branches = NULL;
    int32_t *old = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(branches, tree->n_nodes));
    weigh(tree, gain, alpha, branches);
    const int64_t n_leaves = branches[0].leaves, n_nodes = 2 * n_leaves - 1;
    AZ_GOTO(AZ_NEW_ARRAY(old, n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(made.nodes, n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(made.cover, n_nodes));
    if (n_outputs > 1) AZ_GOTO(AZ_NEW_ARRAY(made.values, n_leaves * n_outputs));
    if (tree->n_sets) AZ_GOTO(AZ_NEW_ARRAY(made.sets, tree->n_sets));
    copy(&made, tree, n_outputs, gain, value, branches, importance, old);
    az_tree_clear(tree);
    *tree = made;
    made = (az_tree){0};
done:
    az_free(branches);
    az_free(old);
    az_tree_clear(&made);
    return status;
}
