/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees in model files.  The trees of an ensemble stand one behind the other in each array; `tree.sizes` (n_trees, 3)
 * says how many nodes, values and words of sets each has.  A node is three arrays, so that a file can be read by other
 * programs: threshold (float64), left and packed feature and flags (int32). */
#include "models/tree/nodes.h"

#include "base/memory.h"

#include <limits.h>
#include <math.h>
#include <string.h>

typedef struct totals {
    int64_t n_nodes, n_values, n_sets;
} totals;

static totals count(const az_trees *trees)
{
    totals sum = {0};
    for (int64_t t = 0; t < trees->n_trees; t++) {
        sum.n_nodes += trees->trees[t].n_nodes;
        sum.n_values += trees->trees[t].n_values * trees->n_outputs;
        sum.n_sets += trees->trees[t].n_sets;
    }
    return sum;
}

/* One array of all trees: `part` copies a tree's share to `to` and returns the number of bytes. */
typedef size_t (*copy_fn)(const az_trees *trees, const az_tree *tree, char *to);

static size_t copy_sizes(const az_trees *trees, const az_tree *tree, char *to)
{
    (void)trees;
    int32_t sizes[3] = {tree->n_nodes, tree->n_values, (int32_t)tree->n_sets};
    memcpy(to, sizes, sizeof sizes);
    return sizeof sizes;
}

static size_t copy_thresholds(const az_trees *trees, const az_tree *tree, char *to)
{
    (void)trees;
    for (int32_t i = 0; i < tree->n_nodes; i++) memcpy(to + 8 * (size_t)i, &tree->nodes[i].threshold, 8);
    return 8 * (size_t)tree->n_nodes;
}

static size_t copy_links(const az_trees *trees, const az_tree *tree, char *to)
{
    (void)trees;
    for (int32_t i = 0; i < tree->n_nodes; i++) {
        const az_tree_node *node = &tree->nodes[i];
        int32_t pair[2] = {node->left, (int32_t)node->feature << 8 | node->flags};
        memcpy(to + 8 * (size_t)i, pair, sizeof pair);
    }
    return 8 * (size_t)tree->n_nodes;
}

static size_t copy_cover(const az_trees *trees, const az_tree *tree, char *to)
{
    (void)trees;
    memcpy(to, tree->cover, sizeof *tree->cover * (size_t)tree->n_nodes);
    return sizeof *tree->cover * (size_t)tree->n_nodes;
}

static size_t copy_values(const az_trees *trees, const az_tree *tree, char *to)
{
    size_t size = sizeof *tree->values * (size_t)(tree->n_values * trees->n_outputs);
    if (size) memcpy(to, tree->values, size);
    return size;
}

static size_t copy_sets(const az_trees *trees, const az_tree *tree, char *to)
{
    (void)trees;
    size_t size = sizeof *tree->sets * (size_t)tree->n_sets;
    if (size) memcpy(to, tree->sets, size);
    return size;
}

static az_status put(const az_trees *trees, az_bundle *bundle, const char *name, az_dtype dtype, int n_dims,
                     const int64_t *shape, size_t element, copy_fn copy)
{
    int64_t n = 1;
    for (int d = 0; d < n_dims; d++) n *= shape[d];
    char *bytes = az_alloc_array(n, element);
    if (!bytes) return AZ_ERROR_MEMORY;
    size_t at = 0;
    for (int64_t t = 0; t < trees->n_trees; t++) at += copy(trees, &trees->trees[t], bytes + at);
    az_status status = az_bundle_put(bundle, name, dtype, n_dims, shape, bytes);
    az_free(bytes);
    return status;
}

az_status az_trees_save(const az_trees *trees, az_bundle *bundle)
{
    const totals sum = count(trees);
    for (int64_t t = 0; t < trees->n_trees; t++)
        if (trees->trees[t].n_sets > INT32_MAX)
            return az_error(AZ_ERROR_DATA, "a tree has too many categories in its splits for a model file");
    AZ_TRY(put(trees, bundle, "tree.sizes", AZ_DTYPE_I32, 2, (int64_t[]){trees->n_trees, 3}, 4, copy_sizes));
    AZ_TRY(put(trees, bundle, "tree.threshold", AZ_DTYPE_F64, 1, (int64_t[]){sum.n_nodes}, 8, copy_thresholds));
    AZ_TRY(put(trees, bundle, "tree.link", AZ_DTYPE_I32, 2, (int64_t[]){sum.n_nodes, 2}, 4, copy_links));
    AZ_TRY(put(trees, bundle, "tree.cover", AZ_DTYPE_F32, 1, (int64_t[]){sum.n_nodes}, 4, copy_cover));
    if (sum.n_values)
        AZ_TRY(put(trees, bundle, "tree.value", AZ_DTYPE_F64, 1, (int64_t[]){sum.n_values}, 8, copy_values));
    if (sum.n_sets) AZ_TRY(put(trees, bundle, "tree.set", AZ_DTYPE_I64, 1, (int64_t[]){sum.n_sets}, 8, copy_sets));
    return AZ_OK;
}

static az_status broken(const char *what)
{
    return az_error(AZ_ERROR_DATA, "the trees are broken: %s", what);
}

/* Every child lies behind its parent and inside the tree, so a walk ends; it has one parent, so that walks over all
 * ways end, too; no node hangs in the air; every leaf's value and every set is there. */
static az_status check_nodes(const az_trees *trees, const az_tree *tree, unsigned char *has_parent)
{
    for (int32_t i = 0; i < tree->n_nodes; i++) {
        const az_tree_node *node = &tree->nodes[i];
        if (node->feature >= trees->n_features && node->feature > 0) return broken("a node's feature is not there");
        if (node->flags & AZ_NODE_LEAF) {
            if (trees->n_outputs > 1 && (node->left < 0 || node->left >= tree->n_values))
                return broken("a leaf has no value");
            continue;
        }
        if (node->left <= i || node->left >= tree->n_nodes - 1) return broken("a child is outside its tree");
        if (has_parent[node->left] || has_parent[node->left + 1]) return broken("two ways lead to the same node");
        has_parent[node->left] = has_parent[node->left + 1] = 1;
        if (node->feature >= trees->n_features) return broken("a split is on a feature that is not there");
        if (!(node->flags & AZ_NODE_CATEGORICAL)) {
            if (isnan(node->threshold)) return broken("a threshold is not a number");
            continue;
        }
        if (!(node->threshold >= 0 && node->threshold < (double)tree->n_sets)) return broken("a set is not there");
        int64_t place = (int64_t)node->threshold;
        if (tree->sets[place] > UINT16_MAX || place + 1 + (int64_t)(tree->sets[place] + 63) / 64 > tree->n_sets)
            return broken("a set has no end");
    }
    for (int32_t i = 1; i < tree->n_nodes; i++)
        if (!has_parent[i]) return broken("no way leads to a node");
    return AZ_OK;
}

static az_status check_tree(const az_trees *trees, const az_tree *tree)
{
    unsigned char *has_parent = az_alloc_zero((size_t)tree->n_nodes);
    if (!has_parent) return AZ_ERROR_MEMORY;
    az_status status = check_nodes(trees, tree, has_parent);
    az_free(has_parent);
    return status;
}

/* Where the reading of the arrays has come to. */
typedef struct cursor {
    const double *threshold, *value;
    const int32_t *link;
    const float *cover;
    const uint64_t *set;
} cursor;

static az_status read_tree(az_trees *trees, az_tree *tree, const int32_t *sizes, cursor *at)
{
    const int64_t n_values = (int64_t)sizes[1] * trees->n_outputs;
    AZ_TRY(AZ_NEW_ARRAY(tree->nodes, sizes[0]));
    AZ_TRY(AZ_NEW_ARRAY(tree->cover, sizes[0]));
    tree->n_nodes = sizes[0];
    for (int32_t i = 0; i < sizes[0]; i++) {
        int32_t packed = at->link[2 * i + 1];
        if (packed < 0 || packed >> 8 > UINT16_MAX || (packed & 0xff) > 7) return broken("a node has unknown flags");
        tree->nodes[i] = (az_tree_node){.threshold = at->threshold[i],
                                        .left = at->link[2 * i],
                                        .feature = (uint16_t)(packed >> 8),
                                        .flags = (uint16_t)(packed & 0xff)};
    }
    memcpy(tree->cover, at->cover, sizeof *tree->cover * (size_t)sizes[0]);
    if (n_values) {
        AZ_TRY(AZ_NEW_ARRAY(tree->values, n_values));
        memcpy(tree->values, at->value, sizeof *tree->values * (size_t)n_values);
        tree->n_values = sizes[1];
    }
    if (sizes[2]) {
        AZ_TRY(AZ_NEW_ARRAY(tree->sets, sizes[2]));
        memcpy(tree->sets, at->set, sizeof *tree->sets * (size_t)sizes[2]);
        tree->n_sets = sizes[2];
    }
    at->threshold += sizes[0];
    at->link += 2 * (int64_t)sizes[0];
    at->cover += sizes[0];
    if (n_values) at->value += n_values; /* an array of nothing need not be there */
    if (sizes[2]) at->set += sizes[2];
    return check_tree(trees, tree);
}

/* An array of the bundle of exactly that type and number of elements; an empty one need not be there. */
static az_status get(const az_bundle *bundle, const char *name, az_dtype dtype, int64_t n, const void **data)
{
    const az_array *array = az_bundle_find(bundle, name);
    *data = NULL;
    if (!array && n == 0) return AZ_OK;
    if (!array || array->dtype != dtype) return broken("an array is missing or has another type");
    int64_t n_found = 1;
    for (int d = 0; d < array->n_dims; d++) n_found *= array->shape[d];
    if (n_found != n) return broken("an array has another size");
    *data = array->data;
    return AZ_OK;
}

az_status az_trees_load(az_trees **result, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    const az_array *sizes = az_bundle_find(bundle, "tree.sizes");
    if (!sizes || sizes->dtype != AZ_DTYPE_I32 || sizes->n_dims != 2 || sizes->shape[1] != 3 || sizes->shape[0] < 1)
        return broken("their sizes are not there");
    const int32_t *size = sizes->data;
    const int64_t n_trees = sizes->shape[0];
    totals sum = {0};
    for (int64_t t = 0; t < n_trees; t++) {
        if (size[3 * t] < 1 || size[3 * t + 1] < 0 || size[3 * t + 2] < 0) return broken("a size is not positive");
        sum.n_nodes += size[3 * t];
        sum.n_values += size[3 * t + 1] * n_outputs;
        sum.n_sets += size[3 * t + 2];
    }
    const void *threshold, *link, *cover, *value, *set;
    AZ_TRY(get(bundle, "tree.threshold", AZ_DTYPE_F64, sum.n_nodes, &threshold));
    AZ_TRY(get(bundle, "tree.link", AZ_DTYPE_I32, 2 * sum.n_nodes, &link));
    AZ_TRY(get(bundle, "tree.cover", AZ_DTYPE_F32, sum.n_nodes, &cover));
    AZ_TRY(get(bundle, "tree.value", AZ_DTYPE_F64, sum.n_values, &value));
    AZ_TRY(get(bundle, "tree.set", AZ_DTYPE_I64, sum.n_sets, &set));
    az_trees *trees;
    AZ_TRY(az_trees_new(&trees, n_trees, n_outputs, n_features));
    cursor at = {threshold, value, link, cover, set};
    az_status status = AZ_OK;
    for (int64_t t = 0; t < n_trees && !status; t++) status = read_tree(trees, &trees->trees[t], size + 3 * t, &at);
    if (status) {
        az_trees_free(trees);
        return status;
    }
    az_trees_note(trees);
    *result = trees;
    return AZ_OK;
}
