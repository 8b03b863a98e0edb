/* SPDX-License-Identifier: BSD-3-Clause */
/* The k-d tree.  It is complete: node i has the children 2i+1 and 2i+2, all leaves are on one level, and a node's
 * points are one range of `row`, halved at each step.  So it needs no links, its depth is log2(n / leaf_size) for any
 * points (duplicates too), and nothing in it could be wrong in a file: it is built anew when a model is loaded. */
#include "models/kd_tree.h"

#include "base/memory.h"
#include "base/random.h"

#include <string.h>

#define MAX_DEPTH 63

struct az_kd_tree {
    az_knn_points points; /* x is the tree's own copy, in the order of the leaves */
    double *x;            /* (n_rows, n_features) */
    int64_t *row;         /* (n_rows): the training row at each place of x */
    int64_t n_inner;      /* nodes with children; leaves follow */
    double *box;          /* (n_nodes, 2, n_features): lower corner, upper corner of the node's points */
};

void az_kd_tree_free(az_kd_tree *tree)
{
    if (!tree) return;
    az_free(tree->x);
    az_free(tree->row);
    az_free(tree->box);
    az_free(tree);
}

typedef struct builder {
    az_kd_tree *tree;
    const double *x; /* in the order of training rows */
    az_stream stream;
} builder;

static void measure_box(const builder *build, int64_t node, int64_t first, int64_t end)
{
    const int64_t n = build->tree->points.n_features;
    double *lower = build->tree->box + 2 * n * node, *upper = lower + n;
    for (int64_t j = 0; j < n; j++) {
        lower[j] = INFINITY;
        upper[j] = -INFINITY;
    }
    for (int64_t i = first; i < end; i++) {
        const double *x = build->x + build->tree->row[i] * n;
        for (int64_t j = 0; j < n; j++) {
            lower[j] = x[j] < lower[j] ? x[j] : lower[j];
            upper[j] = x[j] > upper[j] ? x[j] : upper[j];
        }
    }
}

static bool is_before(const builder *build, int64_t j, int64_t row, double than_value, int64_t than_row)
{
    double value = build->x[row * build->tree->points.n_features + j];
    return value < than_value || (value == than_value && row < than_row);
}

/* Hoare's selection: afterwards rows before `middle` are not after the one there, in the order by (feature j, row).
 * Pivots are drawn, so that no order of the points makes it slow; the order is total, so that the outcome is the same
 * set of rows on either side for any pivots. */
static void halve(const builder *build, int64_t node, int64_t first, int64_t end, int64_t middle, int64_t j)
{
    int64_t *row = build->tree->row;
    for (uint64_t step = 0; end - first > 1; step++) {
        uint64_t drawn = az_random_below(build->stream, (uint64_t)node, step, (uint64_t)(end - first));
        int64_t pivot = row[first + (int64_t)drawn];
        double value = build->x[pivot * build->tree->points.n_features + j];
        int64_t left = first, right = end - 1;
        while (left <= right) {
            while (is_before(build, j, row[left], value, pivot)) left++;
            while (row[right] != pivot && !is_before(build, j, row[right], value, pivot)) right--;
            if (left > right) break;
            int64_t kept = row[left];
            row[left++] = row[right];
            row[right--] = kept;
        }
        if (middle <= right)
            end = right + 1;
        else if (middle >= left)
            first = left;
        else
            return;
    }
}

static void build_node(const builder *build, int64_t node, int64_t first, int64_t end)
{
    az_kd_tree *tree = build->tree;
    measure_box(build, node, first, end);
    if (node >= tree->n_inner) return;
    const int64_t n = tree->points.n_features, middle = first + (end - first) / 2;
    const double *lower = tree->box + 2 * n * node, *upper = lower + n;
    int64_t widest = 0;
    for (int64_t j = 1; j < n; j++)
        if (upper[j] - lower[j] > upper[widest] - lower[widest]) widest = j;
    if (middle < end && n > 0) halve(build, node, first, end, middle, widest);
    build_node(build, 2 * node + 1, first, middle);
    build_node(build, 2 * node + 2, middle, end);
}

az_status az_kd_tree_new(az_kd_tree **result, const az_knn_points *points, int64_t leaf_size)
{
    const int64_t n_rows = points->n_rows, n = points->n_features;
    az_status status = AZ_OK;
    az_kd_tree *tree;
    AZ_TRY(AZ_NEW_ZERO(tree));
    int64_t n_leaves = 1;
    while (n_leaves < n_rows && (n_rows - 1) / n_leaves + 1 > leaf_size) n_leaves *= 2;
    tree->n_inner = n_leaves - 1;
    tree->points = *points;
    if (n > 0 && (n_rows > INT64_MAX / 16 / n || 2 * n_leaves > INT64_MAX / 16 / n))
        AZ_GOTO(az_error(AZ_ERROR_MEMORY, "knn: %lld rows of %lld features are too many", (long long)n_rows,
                         (long long)n));
    AZ_GOTO(AZ_NEW_ARRAY(tree->x, n_rows * n));
    AZ_GOTO(AZ_NEW_ARRAY(tree->row, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(tree->box, (2 * n_leaves - 1) * 2 * n));
    for (int64_t i = 0; i < n_rows; i++) tree->row[i] = i;
    builder build = {.tree = tree, .x = points->x, .stream = az_stream_new(0, "kd_tree")};
    build_node(&build, 0, 0, n_rows);
    for (int64_t i = 0; i < n_rows; i++)
        memcpy(tree->x + i * n, points->x + tree->row[i] * n, (size_t)n * sizeof *tree->x);
    tree->points.x = tree->x;
    *result = tree;
done:
    if (status) az_kd_tree_free(tree);
    return status;
}

/* The least gap between a value and the interval [lower, upper]. */
static double gap_to_interval(const az_knn_points *points, int64_t j, double value, double lower, double upper)
{
    const double period = points->period ? points->period[j] : 0;
    if (value < lower) {
        double direct = lower - value, round = period - (upper - value);
        return period == 0 || direct < round ? direct : round;
    }
    if (value > upper) {
        double direct = value - upper, round = period - (value - lower);
        return period == 0 || direct < round ? direct : round;
    }
    return 0;
}

/* Rounding is monotone, and the sums run in the order of az_knn_distance: so this is at most the distance to any point
 * in the box as that function computes it, rounding errors and all, and pruning on "strictly greater" is exact. */
static double box_distance(const az_kd_tree *tree, int64_t node, const double *query)
{
    const az_knn_points *points = &tree->points;
    const double *lower = tree->box + 2 * points->n_features * node, *upper = lower + points->n_features;
    AZ_KNN_SUM(gap_to_interval(points, j, query[j], lower[j], upper[j]));
}

typedef struct visit {
    int64_t node, first, end;
    double distance;
} visit;

void az_kd_tree_search(const az_kd_tree *tree, const double *query, az_knn_heap *heap)
{
    const az_knn_points *points = &tree->points;
    visit stack[MAX_DEPTH + 1]; /* one sibling a level, and the node in hand */
    int n_stack = 1;
    stack[0] = (visit){0, 0, points->n_rows, 0};
    while (n_stack > 0) {
        visit now = stack[--n_stack];
        if (now.distance > az_knn_heap_bound(heap)) continue;
        if (now.node >= tree->n_inner) {
            for (int64_t i = now.first; i < now.end; i++) {
                double distance = az_knn_distance(points, query, tree->x + i * points->n_features);
                if (distance <= az_knn_heap_bound(heap)) az_knn_heap_offer(heap, distance, tree->row[i]);
            }
            continue;
        }
        int64_t left = 2 * now.node + 1, middle = now.first + (now.end - now.first) / 2;
        visit near = {left, now.first, middle, box_distance(tree, left, query)};
        visit far = {left + 1, middle, now.end, box_distance(tree, left + 1, query)};
        if (far.distance < near.distance) {
            visit kept = near;
            near = far;
            far = kept;
        }
        stack[n_stack++] = far;
        stack[n_stack++] = near;
    }
}
