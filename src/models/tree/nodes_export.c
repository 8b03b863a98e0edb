/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees as tables of nodes and one loop that walks them.  Compilers choke on nested ifs of thousands of nodes; a table
 * is data, and the loop stays in the processor's cache. */
#include "models/tree/nodes_export.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The nodes of all trees one behind the other; the left child's number is that in the whole table.  A leaf has the
 * feature -1, its value for a threshold or its row of leaf_value for a child.  `missing` is the side of what is
 * missing, and 2 more of a split by categories, whose place in `levels` stands for the threshold.  Source files have no
 * infinite numbers: a split between all numbers and what is missing gets the greatest one. */
typedef struct tables {
    double *threshold;
    int32_t *feature, *child, *missing, *levels;
    double *values;
    int64_t n_nodes, n_values, n_levels;
} tables;

static bool is_categorical(const az_tree_node *node)
{
    return (node->flags & (AZ_NODE_CATEGORICAL | AZ_NODE_LEAF)) == AZ_NODE_CATEGORICAL;
}

static void count(const az_trees *trees, tables *all)
{
    for (int64_t t = 0; t < trees->n_trees; t++) {
        const az_tree *tree = &trees->trees[t];
        all->n_nodes += tree->n_nodes;
        if (trees->n_outputs > 1) all->n_values += tree->n_values;
        for (int32_t i = 0; i < tree->n_nodes; i++)
            if (is_categorical(&tree->nodes[i]))
                all->n_levels += 1 + (int64_t)tree->sets[(int64_t)tree->nodes[i].threshold];
    }
}

/* A set: how many levels it knows, then 1 for each that goes to the left. */
static void put_set(tables *all, const uint64_t *set)
{
    all->levels[all->n_levels++] = (int32_t)set[0];
    for (uint64_t level = 0; level < set[0]; level++)
        all->levels[all->n_levels++] = (int32_t)(set[1 + (level >> 6)] >> (level & 63) & 1);
}

static void put_tree(const az_trees *trees, const az_tree *tree, tables *all)
{
    const int64_t first = all->n_nodes;
    for (int32_t i = 0; i < tree->n_nodes; i++) {
        const az_tree_node *node = &tree->nodes[i];
        const int64_t at = first + i;
        const bool leaf = node->flags & AZ_NODE_LEAF, categorical = is_categorical(node);
        all->feature[at] = leaf ? -1 : node->feature;
        all->child[at] = (int32_t)(node->left + (leaf ? all->n_values : first));
        all->missing[at] = (!leaf && !(node->flags & AZ_NODE_MISSING_LEFT)) + 2 * categorical;
        all->threshold[at] = (leaf && trees->n_outputs > 1) || categorical ? 0 : node->threshold;
        if (!leaf && isinf(all->threshold[at])) all->threshold[at] = copysign(DBL_MAX, node->threshold);
        if (!categorical) continue;
        all->threshold[at] = (double)all->n_levels;
        put_set(all, tree->sets + (int64_t)node->threshold);
    }
    all->n_nodes += tree->n_nodes;
    if (trees->n_outputs == 1) return;
    memcpy(all->values + all->n_values * trees->n_outputs, tree->values,
           sizeof *tree->values * (size_t)(tree->n_values * trees->n_outputs));
    all->n_values += tree->n_values;
}

static az_status put_tables(const az_trees *trees, az_code *code)
{
    tables all = {0};
    int32_t *root = NULL;
    az_status status = AZ_OK;
    count(trees, &all);
    if (!az_code_has_room(code, 4 * all.n_nodes + all.n_values * trees->n_outputs + all.n_levels)) {
        az_code_reals(code, "node_threshold", NULL, INT64_MAX); /* refused, whatever comes behind */
        return AZ_OK;
    }
    AZ_GOTO(AZ_NEW_ARRAY(root, trees->n_trees));
    AZ_GOTO(AZ_NEW_ARRAY(all.threshold, all.n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(all.feature, all.n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(all.child, all.n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(all.missing, all.n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(all.levels, all.n_levels));
    AZ_GOTO(AZ_NEW_ARRAY(all.values, all.n_values * trees->n_outputs));
    all.n_nodes = all.n_values = all.n_levels = 0;
    for (int64_t t = 0; t < trees->n_trees; t++) {
        root[t] = (int32_t)all.n_nodes;
        put_tree(trees, &trees->trees[t], &all);
    }
    az_code_constant(code, "n_trees", trees->n_trees);
    az_code_integers(code, "tree_root", root, trees->n_trees);
    az_code_integers(code, "node_feature", all.feature, all.n_nodes);
    az_code_integers(code, "node_child", all.child, all.n_nodes);
    az_code_integers(code, "node_missing", all.missing, all.n_nodes);
    az_code_reals(code, "node_threshold", all.threshold, all.n_nodes);
    if (trees->has_categories) az_code_integers(code, "set_levels", all.levels, all.n_levels);
    if (trees->n_outputs > 1) az_code_reals(code, "leaf_value", all.values, all.n_values * trees->n_outputs);
done:
    az_free(root);
    az_free(all.threshold);
    az_free(all.feature);
    az_free(all.child);
    az_free(all.missing);
    az_free(all.levels);
    az_free(all.values);
    return status;
}

/* What is neither below nor above a threshold is missing, and so is a level that a set does not know. */
static void write_walk(const az_trees *trees, az_code *code)
{
    az_code_write(code, "node = tree_root[t]\n"
                        "while node_feature[node] >= 0 {\n"
                        "    value = features[node_feature[node]]\n"
                        "    side = node_missing[node]\n");
    if (trees->has_categories)
        az_code_write(code, "if side > 1 {\n"
                            "    side = side - 2\n"
                            "    set = whole(node_threshold[node])\n"
                            "    if value >= 0.0 && value < set_levels[set] {\n"
                            "        side = 1 - set_levels[set + 1 + whole(value)]\n"
                            "    }\n"
                            "} else if value <= node_threshold[node] {\n");
    else
        az_code_write(code, "if value <= node_threshold[node] {\n");
    az_code_write(code, "    side = 0\n"
                        "} else if value > node_threshold[node] {\n"
                        "    side = 1\n"
                        "}\n"
                        "node = node_child[node] + side\n"
                        "}\n");
}

/* The same additions in the same order as az_trees_add. */
static void write_sum(const az_trees *trees, int64_t n_sums, az_code *code)
{
    const bool several = trees->n_outputs > 1;
    if (several) az_code_write(code, "for k in 0 .. n_sums {\n");
    az_code_write(code,
                  several ? "value = leaf_value[node_child[node] * n_sums + k]\n" : "value = node_threshold[node]\n");
    if (several)
        az_code_write(code, "sums[k] += value\n"
                            "}\n");
    else if (n_sums == 1)
        az_code_write(code, "sums[0] += value\n");
    else
        az_code_write(code, "sums[to] += value\n"
                            "to += 1\n"
                            "if to == n_sums {\n"
                            "    to = 0\n"
                            "}\n");
}

void az_trees_export(const az_trees *trees, int64_t n_sums, const double *initial, az_code *code)
{
    const az_status status = put_tables(trees, code);
    if (status) {
        az_code_fail(code, status);
        return;
    }
    az_code_constant(code, "n_sums", n_sums);
    if (initial) az_code_reals(code, "initial", initial, n_sums);
    az_code_write(code, "# From each root to a leaf; what is there is added up.\n"
                        "procedure sum_trees(in real features[n_features], out real sums[n_sums]) {\n"
                        "    real value\n"
                        "    int node, side\n");
    const bool in_turn = trees->n_outputs == 1 && n_sums > 1;
    if (trees->has_categories) az_code_write(code, "int set\n");
    if (in_turn)
        az_code_write(code, "int to\n"
                            "to = 0\n");
    az_code_write(code, "for k in 0 .. n_sums {\n");
    az_code_write(code, initial ? "    sums[k] = initial[k]\n" : "    sums[k] = 0.0\n");
    az_code_write(code, "}\n"
                        "for t in 0 .. n_trees {\n");
    write_walk(trees, code);
    write_sum(trees, n_sums, code);
    az_code_write(code, "}\n"
                        "}\n");
}
