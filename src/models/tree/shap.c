/* SPDX-License-Identifier: BSD-3-Clause */
/* Exact Shapley values of trees without the subtractions of the published algorithm.
 *
 * On the way to one leaf with value v let feature j be split on at least once; o_j is 1 if the row passes all these
 * splits towards the leaf, else 0, and z_j the product of the shares of training rows that pass them.  With the
 * features S known, the leaf gives v prod_{S} o_j prod_{not S} z_j.  Shapley's weight of S among d features is the
 * integral of t^|S| (1-t)^(d-1-|S|) over 0 < t < 1, hence
 *
 *   phi_i = v (o_i - z_i) integral prod_{j != i} (t o_j + (1-t) z_j) dt,
 *
 * a polynomial of degree d - 1, for which the rule of Gauss and Legendre with d/2 points is exact.  All factors are
 * positive, so that no digits are lost however deep the tree is; TreeSHAP's UNWIND (Lundberg, Erion and Lee 2018,
 * algorithm 2) recovers weights by differences, whose errors grow with the depth.  As in Linear TreeSHAP (Yu, Xu, Bifet
 * and Read 2022) the products over the path go down with the walk and sums over leaves come up, so that a node costs as
 * much as there are points.  An edge on a feature that was split on above replaces the factor of the edge above: what
 * that edge added for these leaves is taken off again. */
#include "models/tree/shap.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* A rule of Gauss and Legendre on (0, 1). */
typedef struct rule {
    int64_t n;
    double *t, *rest, *weight; /* rest: 1 - t, without cancellation */
} rule;

struct az_shap {
    az_tree_view view;
    int64_t n_features;
    double *base;    /* (n_outputs) */
    int64_t *depth;  /* (n_trees) edges from the root to the deepest leaf */
    int64_t *points; /* (n_trees) of the rule that is exact for the tree */
    rule *rules;     /* [n]: that with n points, where some tree needs it */
    int64_t n_rules, most_levels, most_points;
};

/* One edge on the way from the root to the node where the walk stands. */
typedef struct level {
    int32_t node;
    int32_t feature;  /* of the split above */
    int32_t n_seen;   /* children done */
    double one, zero; /* the feature's o and z with this edge, and as they were above it */
    double one_above, zero_above;
} level;

typedef struct walk {
    level *levels;      /* (most_levels) */
    double *product;    /* (most_levels, n_points) */
    double *sum;        /* (most_levels, n_outputs of a tree, n_points) */
    double *one, *zero; /* (n_features) on the path so far; 1 and 1: not split on */
    double *inverse;    /* (n_features, n_points) 1 / (t one + (1 - t) zero) */
    double *before;     /* (most_levels, n_points) the feature's inverse above the edge */
} walk;

static az_status make_rule(rule *made, int64_t n)
{
    double *block;
    AZ_TRY(AZ_NEW_ARRAY(block, 3 * n));
    *made = (rule){.n = n, .t = block, .rest = block + n, .weight = block + 2 * n};
    for (int64_t i = 0; i < n; i++) {
        /* Newton's method on the Legendre polynomial, from Tricomi's estimate of its zero. */
        double x = cos(3.14159265358979323846 * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1;
        for (int step = 0; step < 100; step++) {
            double p = 1, before = 0;
            for (int64_t k = 1; k <= n; k++) {
                double next = ((double)(2 * k - 1) * x * p - (double)(k - 1) * before) / (double)k;
                before = p;
                p = next;
            }
            slope = (double)n * (x * p - before) / (x * x - 1);
            double change = p / slope;
            x -= change;
            if (fabs(change) < 1e-16) break;
        }
        made->t[i] = (1 - x) / 2;
        made->rest[i] = (1 + x) / 2;
        made->weight[i] = 1 / ((1 - x) * (1 + x) * slope * slope);
    }
    return AZ_OK;
}

/* The share of training rows that go to a child.  Where none came to the node (trees of other programs may have such),
 * both ways count alike. */
static inline double share(const az_tree *tree, const az_tree_node *node, int32_t side)
{
    const double left = tree->cover[node->left], right = tree->cover[node->left + 1], both = left + right;
    if (!(both > 0)) return 0.5;
    return (side ? right : left) / both;
}

static double weight_of(const az_tree_view *view, int64_t t)
{
    return view->scale * (view->tree_scale ? view->tree_scale[t] : 1);
}

/* The first of the outputs that a tree adds to. */
static int64_t first_output(const az_tree_view *view, int64_t t)
{
    return view->trees->n_outputs == 1 ? t % view->n_outputs : 0;
}

/* The mean over the training rows, depth and points of one tree.  Children lie behind their parents, so one pass does.
 * reached (n_nodes), depth (n_nodes), seen (n_features). */
static void survey(az_shap *shap, int64_t t, double *reached, int32_t *depth, unsigned char *seen)
{
    const az_trees *trees = shap->view.trees;
    const az_tree *tree = &trees->trees[t];
    int64_t n_seen = 0, deepest = 0;
    double *base = shap->base + first_output(&shap->view, t), weight = weight_of(&shap->view, t);
    memset(seen, 0, (size_t)shap->n_features);
    reached[0] = 1;
    depth[0] = 0;
    for (int32_t i = 0; i < tree->n_nodes; i++) {
        const az_tree_node *node = &tree->nodes[i];
        if (depth[i] > deepest) deepest = depth[i];
        if (node->flags & AZ_NODE_LEAF) {
            for (int64_t k = 0; k < trees->n_outputs; k++)
                base[k] += weight * reached[i] * az_leaf_value(trees, tree, i, k);
            continue;
        }
        for (int32_t side = 0; side < 2; side++) {
            reached[node->left + side] = reached[i] * share(tree, node, side);
            depth[node->left + side] = depth[i] + 1;
        }
        if (!seen[node->feature]) n_seen++;
        seen[node->feature] = 1;
    }
    shap->depth[t] = deepest;
    int64_t n_distinct = n_seen < deepest ? n_seen : deepest;
    shap->points[t] = (n_distinct + 1) / 2;
}

static az_status survey_all(az_shap *shap)
{
    const az_trees *trees = shap->view.trees;
    double *reached = NULL;
    int32_t *depth = NULL;
    unsigned char *seen = NULL;
    int32_t most_nodes = 0;
    az_status status;
    for (int64_t t = 0; t < trees->n_trees; t++)
        if (trees->trees[t].n_nodes > most_nodes) most_nodes = trees->trees[t].n_nodes;
    AZ_GOTO(AZ_NEW_ARRAY(reached, most_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(depth, most_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(seen, shap->n_features));
    for (int64_t t = 0; t < trees->n_trees; t++) {
        survey(shap, t, reached, depth, seen);
        if (shap->depth[t] + 1 > shap->most_levels) shap->most_levels = shap->depth[t] + 1;
        if (shap->points[t] > shap->most_points) shap->most_points = shap->points[t];
    }
    shap->n_rules = shap->most_points + 1;
    AZ_GOTO(AZ_NEW_ARRAY(shap->rules, shap->n_rules));
    memset(shap->rules, 0, sizeof *shap->rules * (size_t)shap->n_rules);
    for (int64_t t = 0; t < trees->n_trees; t++) {
        int64_t n = shap->points[t];
        if (n && !shap->rules[n].t) AZ_GOTO(make_rule(&shap->rules[n], n));
    }
done:
    az_free(reached);
    az_free(depth);
    az_free(seen);
    return status;
}

az_status az_shap_new(az_shap **result, const az_tree_view *view)
{
    az_shap *shap;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(shap));
    shap->view = *view;
    shap->n_features = view->trees->n_features;
    AZ_GOTO(AZ_NEW_ARRAY(shap->base, view->n_outputs));
    for (int64_t k = 0; k < view->n_outputs; k++) shap->base[k] = view->offset ? view->offset[k] : 0;
    AZ_GOTO(AZ_NEW_ARRAY(shap->depth, view->trees->n_trees));
    AZ_GOTO(AZ_NEW_ARRAY(shap->points, view->trees->n_trees));
    AZ_GOTO(survey_all(shap));
    *result = shap;
    shap = NULL;
done:
    az_shap_free(shap);
    return status;
}

void az_shap_free(az_shap *shap)
{
    if (!shap) return;
    for (int64_t n = 0; n < shap->n_rules && shap->rules; n++) az_free(shap->rules[n].t);
    az_free(shap->rules);
    az_free(shap->points);
    az_free(shap->depth);
    az_free(shap->base);
    az_free(shap);
}

size_t az_shap_scratch(const az_shap *shap)
{
    const size_t levels = (size_t)shap->most_levels, points = (size_t)shap->most_points;
    const size_t width = points * (1 + (size_t)shap->view.trees->n_outputs);
    return levels * (sizeof(level) + (width + points) * sizeof(double)) +
           (2 + points) * (size_t)shap->n_features * sizeof(double);
}

/* Half of all nodes are leaves: what one adds to its feature's value and to the sum at its parent, without a level of
 * its own. */
static void add_leaf(const az_shap *shap, const az_tree *tree, const rule *q, walk *at, int64_t here, const level *edge,
                     double weight, double *values)
{
    const az_trees *trees = shap->view.trees;
    const int64_t n_outputs = trees->n_outputs, stride = shap->n_features + 1;
    const double with = edge->one - edge->zero, above = edge->one_above - edge->zero_above;
    const double *product = at->product + here * q->n, *inverse = at->inverse + edge->feature * q->n;
    double *sum = at->sum + here * n_outputs * q->n;
    for (int64_t k = 0; k < n_outputs; k++, sum += q->n) {
        const double leaf = az_leaf_value(trees, tree, edge->node, k);
        double value = 0;
        for (int64_t i = 0; i < q->n; i++) {
            const double factor = q->t[i] * edge->one + q->rest[i] * edge->zero, others = product[i] * inverse[i];
            value += q->weight[i] * others * (with - above * factor * inverse[i]);
            sum[i] += leaf * others * factor;
        }
        values[k * stride + edge->feature] += weight * leaf * value;
    }
}

/* One step down.  False: the child is a leaf, which is done, or nothing comes there, neither the row nor training rows.
 */
static bool go_down(const az_shap *shap, const az_tree *tree, const rule *q, walk *at, int64_t here, const double *x,
                    double weight, double *values)
{
    level *from = &at->levels[here];
    const az_tree_node *node = &tree->nodes[from->node];
    const int32_t side = from->n_seen++, f = node->feature;
    const level to = {.node = node->left + side,
                      .feature = f,
                      .one = az_node_side(tree, node, x[f]) == side ? at->one[f] : 0,
                      .zero = at->zero[f] * share(tree, node, side),
                      .one_above = at->one[f],
                      .zero_above = at->zero[f]};
    if (to.one == 0 && to.zero == 0) return false;
    if (tree->nodes[to.node].flags & AZ_NODE_LEAF) {
        add_leaf(shap, tree, q, at, here, &to, weight, values);
        return false;
    }
    const double *above = at->product + here * q->n;
    double *product = at->product + (here + 1) * q->n, *before = at->before + (here + 1) * q->n;
    double *inverse = at->inverse + f * q->n;
    for (int64_t i = 0; i < q->n; i++) {
        const double factor = q->t[i] * to.one + q->rest[i] * to.zero;
        before[i] = inverse[i];
        product[i] = above[i] * factor * inverse[i];
        inverse[i] = 1 / factor;
    }
    from[1] = to;
    at->one[f] = to.one;
    at->zero[f] = to.zero;
    return true;
}

/* Takes what the edge's leaves sum to into its feature's value and to the level above. */
static void go_up(const rule *q, walk *at, int64_t here, int64_t n_outputs, int64_t stride, double weight,
                  double *values)
{
    const level *edge = &at->levels[here];
    const double with = edge->one - edge->zero, above = edge->one_above - edge->zero_above;
    double *sum = at->sum + here * n_outputs * q->n, *sum_above = sum - n_outputs * q->n;
    double *inverse = at->inverse + edge->feature * q->n;
    const double *before = at->before + here * q->n;
    for (int64_t k = 0; k < n_outputs; k++, sum += q->n, sum_above += q->n) {
        double value = 0;
        for (int64_t i = 0; i < q->n; i++) {
            const double gain = with * inverse[i] - above * before[i];
            value += q->weight[i] * gain * sum[i];
            sum_above[i] += sum[i];
        }
        values[k * stride + edge->feature] += weight * value;
    }
    memcpy(inverse, before, sizeof *inverse * (size_t)q->n);
    at->one[edge->feature] = edge->one_above;
    at->zero[edge->feature] = edge->zero_above;
}

/* All ways through one tree, without recursion: a tree of a file may be as deep as it has nodes. */
static void add_tree(const az_shap *shap, int64_t t, const double *x, walk *at, double *values)
{
    const az_trees *trees = shap->view.trees;
    const az_tree *tree = &trees->trees[t];
    const rule *q = &shap->rules[shap->points[t]];
    const int64_t n_outputs = trees->n_outputs, stride = shap->n_features + 1;
    const double weight = weight_of(&shap->view, t);
    values += first_output(&shap->view, t) * stride;
    at->levels[0] = (level){0};
    for (int64_t i = 0; i < q->n; i++) at->product[i] = 1;
    for (int64_t i = 0; i < q->n * shap->n_features; i++) at->inverse[i] = 1;
    memset(at->sum, 0, sizeof *at->sum * (size_t)(n_outputs * q->n));
    for (int64_t here = 0; here >= 0;) {
        level *stand = &at->levels[here];
        if (stand->n_seen < 2) {
            if (!go_down(shap, tree, q, at, here, x, weight, values)) continue;
            here++;
            memset(at->sum + here * n_outputs * q->n, 0, sizeof *at->sum * (size_t)(n_outputs * q->n));
        } else {
            if (here > 0) go_up(q, at, here, n_outputs, stride, weight, values);
            here--;
        }
    }
}

void az_shap_rows(const az_shap *shap, const double *features, int64_t n_rows, double *values, int64_t row_stride,
                  void *scratch)
{
    const int64_t n_features = shap->n_features, n_outputs = shap->view.n_outputs;
    double *numbers = scratch;
    walk at = {.one = numbers, .zero = numbers + n_features};
    at.product = numbers + 2 * n_features;
    at.sum = at.product + shap->most_levels * shap->most_points;
    at.before = at.sum + shap->most_levels * shap->most_points * shap->view.trees->n_outputs;
    at.inverse = at.before + shap->most_levels * shap->most_points;
    at.levels = (level *)(void *)(at.inverse + n_features * shap->most_points);
    for (int64_t f = 0; f < n_features; f++) at.one[f] = at.zero[f] = 1;
    /* Tree by tree: one fits into a cache, a forest does not. */
    for (int64_t row = 0; row < n_rows; row++)
        memset(values + row * row_stride, 0, sizeof *values * (size_t)(n_outputs * (n_features + 1)));
    for (int64_t t = 0; t < shap->view.trees->n_trees; t++)
        for (int64_t row = 0; row < n_rows && shap->points[t]; row++)
            add_tree(shap, t, features + row * n_features, &at, values + row * row_stride);
    for (int64_t row = 0; row < n_rows; row++)
        for (int64_t k = 0; k < n_outputs; k++)
            values[row * row_stride + k * (n_features + 1) + n_features] = shap->base[k];
}
