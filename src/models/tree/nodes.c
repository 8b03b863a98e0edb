/* SPDX-License-Identifier: BSD-3-Clause */
/* Running trees. */
#include "models/tree/nodes_walk.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* A walk waits for memory at every node, so several rows walk at a time: measured on 20,000 rows and 100 full trees, 8
 * take a sixth of the time of one. */
enum { ABREAST = 8 };

/* Trees of so many nodes, which no cache close to the processor holds, and so many rows go by nodes_deep.c. */
enum { DEEP_NODES = 1 << 13, DEEP_ROWS = 1024 };

az_status az_trees_new(az_trees **result, int64_t n_trees, int64_t n_outputs, int64_t n_features)
{
    az_trees *trees;
    AZ_TRY(AZ_NEW_ZERO(trees));
    trees->n_trees = n_trees;
    trees->n_outputs = n_outputs;
    trees->n_features = n_features;
    az_status status = AZ_NEW_ARRAY(trees->trees, n_trees);
    if (status) {
        az_free(trees);
        return status;
    }
    memset(trees->trees, 0, sizeof *trees->trees * (size_t)n_trees);
    *result = trees;
    return AZ_OK;
}

void az_tree_clear(az_tree *tree)
{
    az_free(tree->nodes);
    az_free(tree->cover);
    az_free(tree->values);
    az_free(tree->sets);
    *tree = (az_tree){0};
}

static az_status copy_array(void **to, const void *from, int64_t n, size_t size)
{
    if (!from || n == 0) return AZ_OK;
    *to = az_alloc_array(n, size);
    if (!*to) return AZ_ERROR_MEMORY;
    memcpy(*to, from, size * (size_t)n);
    return AZ_OK;
}

az_status az_tree_copy(az_tree *to, const az_tree *from, int64_t n_outputs)
{
    to->n_nodes = from->n_nodes;
    to->n_values = from->n_values;
    to->n_sets = from->n_sets;
    AZ_TRY(copy_array((void **)&to->nodes, from->nodes, from->n_nodes, sizeof *from->nodes));
    AZ_TRY(copy_array((void **)&to->cover, from->cover, from->n_nodes, sizeof *from->cover));
    AZ_TRY(copy_array((void **)&to->values, from->values, from->n_values * n_outputs, sizeof *from->values));
    return copy_array((void **)&to->sets, from->sets, from->n_sets, sizeof *from->sets);
}

void az_trees_free(az_trees *trees)
{
    if (!trees) return;
    for (int64_t t = 0; t < trees->n_trees; t++) az_tree_clear(&trees->trees[t]);
    az_free(trees->trees);
    az_free(trees);
}

static inline int32_t leaf_of(const az_tree *tree, const double *x)
{
    int32_t at = 0;
    while (!(tree->nodes[at].flags & AZ_NODE_LEAF)) {
        const az_tree_node *node = &tree->nodes[at];
        at = node->left + az_node_side(tree, node, x[node->feature]);
    }
    return at;
}

bool az_trees_thresholds(const az_trees *trees, int64_t feature, double *lower, double *upper)
{
    *lower = INFINITY;
    *upper = -INFINITY;
    for (int64_t t = 0; t < trees->n_trees; t++)
        for (int32_t i = 0; i < trees->trees[t].n_nodes; i++) {
            const az_tree_node *node = &trees->trees[t].nodes[i];
            if (node->flags & (AZ_NODE_LEAF | AZ_NODE_CATEGORICAL) || node->feature != feature) continue;
            *lower = fmin(*lower, node->threshold);
            *upper = fmax(*upper, node->threshold);
        }
    return *lower <= *upper;
}

int32_t az_tree_leaf(const az_tree *tree, const double *features)
{
    return leaf_of(tree, features);
}

/* ABREAST rows through one tree. */
WALK_INLINE void walk_rows(const az_tree *tree, rows_kind kind, const double *x, int64_t n_features, int32_t *leaves)
{
    int32_t at[ABREAST] = {0};
    for (uint32_t walking = 1; walking;) {
        walking = 0;
        for (int r = 0; r < ABREAST; r++) {
            const int32_t next = next_node(tree, kind, at[r], x + r * n_features);
            walking |= (uint32_t)(next ^ at[r]);
            at[r] = next;
        }
    }
    for (int r = 0; r < ABREAST; r++) leaves[r] = at[r];
}

/* One row through ABREAST trees, whose walks do not wait for each other. */
WALK_INLINE void walk_trees(const az_tree *trees, rows_kind kind, const double *x, int32_t *leaves)
{
    int32_t at[ABREAST] = {0};
    for (uint32_t walking = 1; walking;) {
        walking = 0;
        for (int r = 0; r < ABREAST; r++) {
            const int32_t next = next_node(&trees[r], kind, at[r], x);
            walking |= (uint32_t)(next ^ at[r]);
            at[r] = next;
        }
    }
    for (int r = 0; r < ABREAST; r++) leaves[r] = at[r];
}

static inline void add_leaf(const az_trees *trees, const az_tree *tree, int32_t leaf, double scale, double *out)
{
    const az_tree_node *node = &tree->nodes[leaf];
    if (trees->n_outputs == 1) {
        *out += scale * node->threshold;
        return;
    }
    const double *value = tree->values + (int64_t)node->left * trees->n_outputs;
    for (int64_t k = 0; k < trees->n_outputs; k++) out[k] += scale * value[k];
}

/* Some value is missing among these rows. */
static bool any_missing(const double *features, int64_t n)
{
    double sum = 0; /* infinities, too, take the slow way */
    for (int64_t i = 0; i < n; i++) sum += features[i] * 0;
    return sum != 0;
}

/* How trees `first` and following take turns with their outputs, and what their values are multiplied by. */
typedef struct turns {
    int64_t first, n, n_turns;
    double scale;
    void *scratch; /* for large trees, or NULL */
} turns;

/* Many rows: tree by tree, which stays in the cache. */
WALK_INLINE void add_rows(const az_trees *trees, turns of, rows_kind kind, const double *features, int64_t n_rows,
                          double *out)
{
    const int64_t n_features = trees->n_features, stride = of.n_turns * trees->n_outputs;
    for (int64_t t = of.first; t < of.first + of.n; t++) {
        const az_tree *tree = &trees->trees[t];
        double *to = out + t % of.n_turns;
        int64_t row = 0;
        if (of.scratch && tree->n_nodes >= DEEP_NODES && n_rows >= DEEP_ROWS) {
            az_tree_add_deep(trees, tree, kind, features, n_rows, to, stride, of.scratch);
            continue;
        }
        for (; row + ABREAST <= n_rows; row += ABREAST) {
            int32_t leaves[ABREAST];
            walk_rows(tree, kind, features + row * n_features, n_features, leaves);
            for (int r = 0; r < ABREAST; r++) add_leaf(trees, tree, leaves[r], of.scale, to + (row + r) * stride);
        }
        for (; row < n_rows; row++)
            add_leaf(trees, tree, leaf_of(tree, features + row * n_features), of.scale, to + row * stride);
    }
}

/* One row. */
WALK_INLINE void add_row(const az_trees *trees, turns of, rows_kind kind, const double *x, double *out)
{
    const int64_t end = of.first + of.n;
    int64_t t = of.first;
    for (; t + ABREAST <= end; t += ABREAST) {
        int32_t leaves[ABREAST];
        walk_trees(trees->trees + t, kind, x, leaves);
        for (int r = 0; r < ABREAST; r++)
            add_leaf(trees, &trees->trees[t + r], leaves[r], of.scale, out + (t + r) % of.n_turns);
    }
    for (; t < end; t++)
        add_leaf(trees, &trees->trees[t], leaf_of(&trees->trees[t], x), of.scale, out + t % of.n_turns);
}

WALK_INLINE void add_kind(const az_trees *trees, turns of, rows_kind kind, const double *features, int64_t n_rows,
                          double *out)
{
    if (n_rows >= ABREAST) {
        add_rows(trees, of, kind, features, n_rows, out);
        return;
    }
    for (int64_t row = 0; row < n_rows; row++)
        add_row(trees, of, kind, features + row * trees->n_features, out + row * of.n_turns * trees->n_outputs);
}

static void add(const az_trees *trees, turns of, const double *features, int64_t n_rows, double *out)
{
    if (trees->has_categories)
        add_kind(trees, of, ROWS_WITH_CATEGORIES, features, n_rows, out);
    else if (any_missing(features, n_rows * trees->n_features))
        add_kind(trees, of, ROWS_WITH_MISSING, features, n_rows, out);
    else
        add_kind(trees, of, ROWS_OF_NUMBERS, features, n_rows, out);
}

void az_trees_add(const az_trees *trees, int64_t first, int64_t n, double scale, const double *features, int64_t n_rows,
                  double *out)
{
    add(trees, (turns){first, n, 1, scale, NULL}, features, n_rows, out);
}

void az_trees_add_by_turns(const az_trees *trees, int64_t n_turns, const double *features, int64_t n_rows, double *out)
{
    add(trees, (turns){0, trees->n_trees, n_turns, 1, NULL}, features, n_rows, out);
}

void az_trees_run(const az_trees *trees, const double *features, int64_t n_rows, double *out, void *scratch)
{
    add(trees, (turns){0, trees->n_trees, 1, 1, scratch}, features, n_rows, out);
}

size_t az_trees_scratch(const az_trees *trees, int64_t n_rows)
{
    return trees->most_nodes >= DEEP_NODES && n_rows >= DEEP_ROWS ? az_tree_deep_scratch(n_rows) : 0;
}

int64_t az_trees_block_rows(const az_trees *trees)
{
    /* Large trees come from memory once a block; its features, and what becomes of them, are to stay near. */
    enum { USUAL = 256, MOST = 10240, NUMBERS = 1 << 18 };
    if (trees->most_nodes < DEEP_NODES) return USUAL;
    const int64_t n = NUMBERS / (trees->n_features + trees->n_outputs);
    return n < USUAL ? USUAL : n > MOST ? MOST : n;
}

void az_trees_note(az_trees *trees)
{
    trees->has_categories = false;
    trees->most_nodes = 0;
    for (int64_t t = 0; t < trees->n_trees; t++) {
        const az_tree *tree = &trees->trees[t];
        trees->has_categories |= tree->n_sets > 0;
        if (tree->n_nodes > trees->most_nodes) trees->most_nodes = tree->n_nodes;
    }
}
