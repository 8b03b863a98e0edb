/* SPDX-License-Identifier: BSD-3-Clause */
/* Shapley values of trees: against the definition (all subsets of features), their sum, and LightGBM's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "frozen_shap.h"
#include "models/tree/shap.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_FEATURES = 7, N_OUTPUTS = 2, MOST_NODES = 511 };

/* A random tree: numeric splits, and on the last two features categorical ones of 5 levels. */
static void random_tree(az_tree *tree, int64_t n_outputs, az_stream stream, uint64_t number, int32_t n_nodes,
                        bool empty)
{
    tree->n_nodes = n_nodes;
    tree->n_values = n_outputs > 1 ? n_nodes : 0;
    tree->nodes = az_alloc_zero(sizeof *tree->nodes * (size_t)n_nodes);
    tree->cover = az_alloc_zero(sizeof *tree->cover * (size_t)n_nodes);
    tree->values = n_outputs > 1 ? az_alloc_zero(sizeof *tree->values * (size_t)(n_nodes * n_outputs)) : NULL;
    tree->sets = az_alloc_zero(sizeof *tree->sets * 2 * (size_t)n_nodes);
    int32_t n_made = 1;
    tree->cover[0] = 1000;
    for (int32_t i = 0; i < n_nodes; i++) {
        uint64_t column = number * 64;
        az_tree_node *node = &tree->nodes[i];
        /* Enough nodes ahead, so that the walk never runs dry before all are made. */
        bool leaf = n_made + 2 > n_nodes || (i + 1 < n_made && az_random_below(stream, (uint64_t)i, column, 3) == 0);
        if (leaf) {
            node->flags = AZ_NODE_LEAF;
            node->threshold = az_random_normal(stream, (uint64_t)i, column + 1);
            node->left = i;
            for (int64_t k = 0; k < n_outputs && tree->values; k++)
                tree->values[i * n_outputs + k] = az_random_normal(stream, (uint64_t)i, column + 2 + (uint64_t)k);
            continue;
        }
        node->feature = (uint16_t)az_random_below(stream, (uint64_t)i, column + 10, N_FEATURES);
        node->left = n_made;
        if (az_random_below(stream, (uint64_t)i, column + 11, 2)) node->flags |= AZ_NODE_MISSING_LEFT;
        if (node->feature >= N_FEATURES - 2) {
            node->flags |= AZ_NODE_CATEGORICAL;
            node->threshold = (double)tree->n_sets;
            tree->sets[tree->n_sets++] = 5;
            tree->sets[tree->n_sets++] = az_random_below(stream, (uint64_t)i, column + 12, 32);
        } else {
            node->threshold = az_random_normal(stream, (uint64_t)i, column + 13);
        }
        float part = (float)az_random_uniform(stream, (uint64_t)i, column + 14);
        if (empty && az_random_below(stream, (uint64_t)i, column + 15, 4) == 0) part = 0;
        tree->cover[n_made] = tree->cover[i] * part;
        tree->cover[n_made + 1] = tree->cover[i] * (1 - part);
        n_made += 2;
    }
    assert_int_equal(n_made, n_nodes);
}

static void random_row(double *x, az_stream stream, uint64_t row)
{
    for (uint64_t j = 0; j < N_FEATURES; j++) {
        x[j] = az_random_normal(stream, row, j);
        if (j >= N_FEATURES - 2) x[j] = (double)az_random_below(stream, row, 20 + j, 7) - 1; /* -1 and 5: never seen */
        if (az_random_below(stream, row, 40 + j, 5) == 0) x[j] = NAN;
    }
}

/* ---- the definition ---- */

/* Mean of output k over the training rows that agree with the known features, by the recursion of the paper. */
static double expected(const az_trees *trees, const az_tree *tree, int32_t i, const double *x, unsigned known,
                       int64_t k)
{
    const az_tree_node *node = &tree->nodes[i];
    if (node->flags & AZ_NODE_LEAF)
        return trees->n_outputs == 1 ? node->threshold : tree->values[(int64_t)node->left * trees->n_outputs + k];
    double left = tree->cover[node->left], right = tree->cover[node->left + 1];
    if (known >> node->feature & 1) {
        bool goes_left;
        double value = x[node->feature];
        if (isnan(value))
            goes_left = node->flags & AZ_NODE_MISSING_LEFT;
        else if (!(node->flags & AZ_NODE_CATEGORICAL))
            goes_left = value <= node->threshold;
        else if (value < 0 || value >= 5)
            goes_left = node->flags & AZ_NODE_MISSING_LEFT;
        else
            goes_left = tree->sets[(int64_t)node->threshold + 1] >> (int)value & 1;
        return expected(trees, tree, node->left + !goes_left, x, known, k);
    }
    double part = left + right > 0 ? left / (left + right) : 0.5;
    return part * expected(trees, tree, node->left, x, known, k) +
           (1 - part) * expected(trees, tree, node->left + 1, x, known, k);
}

static double factorial(int n)
{
    double product = 1;
    for (int i = 2; i <= n; i++) product *= i;
    return product;
}

static double shapley(const az_trees *trees, const az_tree *tree, const double *x, int feature, int64_t k)
{
    double sum = 0;
    for (unsigned known = 0; known < 1u << N_FEATURES; known++) {
        if (known >> feature & 1) continue;
        int size = __builtin_popcount(known);
        double weight = factorial(size) * factorial(N_FEATURES - size - 1) / factorial(N_FEATURES);
        sum += weight * (expected(trees, tree, 0, x, known | 1u << feature, k) - expected(trees, tree, 0, x, known, k));
    }
    return sum;
}

static void check_definition(int64_t n_outputs, bool empty, const char *what)
{
    enum { N_TREES = 4, N_ROWS = 12 };
    const int32_t sizes[N_TREES] = {1, 3, 31, 127};
    const double tree_scale[N_TREES] = {1, 0.5, -2, 1.5};
    double offset[N_OUTPUTS] = {10, -3}, worst = 0;
    az_stream stream = az_stream_new(5, what);
    az_trees *trees;
    az_shap *shap;
    assert_int_equal(az_trees_new(&trees, N_TREES, n_outputs, N_FEATURES), AZ_OK);
    for (uint64_t t = 0; t < N_TREES; t++) random_tree(&trees->trees[t], n_outputs, stream, t + 1, sizes[t], empty);
    az_tree_view view = {
        .trees = trees, .n_outputs = n_outputs, .scale = 0.7, .tree_scale = tree_scale, .offset = offset};
    assert_int_equal(az_shap_new(&shap, &view), AZ_OK);
    void *scratch = malloc(az_shap_scratch(shap));
    for (uint64_t row = 0; row < N_ROWS; row++) {
        double x[N_FEATURES], values[N_OUTPUTS * (N_FEATURES + 1)];
        random_row(x, az_stream_new(6, what), row);
        az_shap_rows(shap, x, 1, values, 0, scratch);
        for (int64_t k = 0; k < n_outputs; k++) {
            const double *of = values + k * (N_FEATURES + 1);
            double base = offset[k];
            for (int t = 0; t < N_TREES; t++)
                base += 0.7 * tree_scale[t] * expected(trees, &trees->trees[t], 0, x, 0, k);
            worst = fmax(worst, fabs(of[N_FEATURES] - base));
            for (int j = 0; j < N_FEATURES; j++) {
                double wanted = 0;
                for (int t = 0; t < N_TREES; t++)
                    wanted += 0.7 * tree_scale[t] * shapley(trees, &trees->trees[t], x, j, k);
                worst = fmax(worst, fabs(of[j] - wanted));
            }
        }
    }
    print_message("  all subsets, %s: largest difference %.1e\n", what, worst);
    assert_true(worst < 1e-12);
    free(scratch);
    az_shap_free(shap);
    az_trees_free(trees);
}

static void test_definition(void **state)
{
    (void)state;
    check_definition(1, false, "one output");
    check_definition(N_OUTPUTS, false, "several outputs");
    check_definition(1, true, "ways that no training row took");
}

/* Trees of one output whose class has several: tree t belongs to output t % n. */
static void test_interleaved(void **state)
{
    (void)state;
    az_trees *trees, *one;
    az_shap *shap, *alone;
    double x[N_FEATURES], values[2 * (N_FEATURES + 1)], wanted[N_FEATURES + 1];
    az_stream stream = az_stream_new(7, "interleaved");
    assert_int_equal(az_trees_new(&trees, 2, 1, N_FEATURES), AZ_OK);
    for (uint64_t t = 0; t < 2; t++) random_tree(&trees->trees[t], 1, stream, t, 63, false);
    az_tree_view view = {.trees = trees, .n_outputs = 2, .scale = 1};
    assert_int_equal(az_shap_new(&shap, &view), AZ_OK);
    assert_int_equal(az_trees_new(&one, 1, 1, N_FEATURES), AZ_OK);
    random_tree(&one->trees[0], 1, stream, 1, 63, false);
    az_tree_view second = {.trees = one, .n_outputs = 1, .scale = 1};
    assert_int_equal(az_shap_new(&alone, &second), AZ_OK);
    void *scratch = malloc(az_shap_scratch(shap) + az_shap_scratch(alone));
    random_row(x, stream, 100);
    az_shap_rows(shap, x, 1, values, 0, scratch);
    az_shap_rows(alone, x, 1, wanted, 0, scratch);
    assert_memory_equal(values + N_FEATURES + 1, wanted, sizeof wanted);
    free(scratch);
    az_shap_free(shap);
    az_shap_free(alone);
    az_trees_free(trees);
    az_trees_free(one);
}

/* A chain as deep as it is long, each split on a feature of its own: 300 factors a leaf.  f is the sum of what features
 * alone would give, so that the values are known: leaf i of the chain has the value i, and the row takes all splits. */
static void test_deep(void **state)
{
    (void)state;
    enum { DEPTH = 300 };
    az_trees *trees;
    az_shap *shap;
    double x[DEPTH], values[DEPTH + 1];
    assert_int_equal(az_trees_new(&trees, 1, 1, DEPTH), AZ_OK);
    az_tree *tree = &trees->trees[0];
    tree->n_nodes = 2 * DEPTH + 1;
    tree->nodes = az_alloc_zero(sizeof *tree->nodes * (size_t)tree->n_nodes);
    tree->cover = az_alloc_zero(sizeof *tree->cover * (size_t)tree->n_nodes);
    tree->cover[0] = 1;
    /* Node 2i is the split on feature i, 2i + 1 its leaf to the left, 2i + 2 the next one; half of the rows go each
     * way. */
    for (int32_t i = 0; i < DEPTH; i++) {
        tree->nodes[2 * i] = (az_tree_node){.left = 2 * i + 1, .feature = (uint16_t)i};
        tree->nodes[2 * i + 1] = (az_tree_node){.flags = AZ_NODE_LEAF, .threshold = 0};
        tree->cover[2 * i + 1] = tree->cover[2 * i + 2] = 1;
        x[i] = 1;
    }
    tree->nodes[2 * DEPTH] = (az_tree_node){.flags = AZ_NODE_LEAF, .threshold = 1};
    az_tree_view view = {.trees = trees, .n_outputs = 1, .scale = 1};
    assert_int_equal(az_shap_new(&shap, &view), AZ_OK);
    void *scratch = malloc(az_shap_scratch(shap));
    az_shap_rows(shap, x, 1, values, 0, scratch);
    /* f is 1 where all are known, and symmetric in them: each has (1 - 2^-300) / 300. */
    double worst = 0;
    for (int j = 0; j < DEPTH; j++) worst = fmax(worst, fabs(values[j] * DEPTH - 1));
    print_message("  a chain of %d splits: relative error %.1e\n", DEPTH, worst);
    assert_true(worst < 1e-12);
    free(scratch);
    az_shap_free(shap);
    az_trees_free(trees);
}

/* LightGBM's pred_contrib on its own trees, in double precision (reference/shap.py). */
static void test_lightgbm(void **state)
{
    (void)state;
    az_trees *trees;
    az_shap *shap;
    double worst = 0, values[SHAP_FEATURES + 1];
    assert_int_equal(az_trees_new(&trees, SHAP_TREES, 1, SHAP_FEATURES), AZ_OK);
    const shap_node *from = shap_nodes;
    for (int t = 0; t < SHAP_TREES; t++) {
        az_tree *tree = &trees->trees[t];
        tree->n_nodes = shap_sizes[t];
        tree->nodes = az_alloc_zero(sizeof *tree->nodes * (size_t)tree->n_nodes);
        tree->cover = az_alloc_zero(sizeof *tree->cover * (size_t)tree->n_nodes);
        for (int32_t i = 0; i < tree->n_nodes; i++, from++) {
            tree->nodes[i] = (az_tree_node){.threshold = from->number, .left = from->left};
            tree->cover[i] = (float)from->cover;
            if (from->feature < 0)
                tree->nodes[i].flags = AZ_NODE_LEAF;
            else
                tree->nodes[i].feature = (uint16_t)from->feature;
        }
    }
    az_tree_view view = {.trees = trees, .n_outputs = 1, .scale = 1};
    assert_int_equal(az_shap_new(&shap, &view), AZ_OK);
    void *scratch = malloc(az_shap_scratch(shap));
    for (int row = 0; row < SHAP_ROWS; row++) {
        az_shap_rows(shap, shap_x[row], 1, values, 0, scratch);
        for (int j = 0; j <= SHAP_FEATURES; j++) worst = fmax(worst, fabs(values[j] - shap_values[row][j]));
    }
    print_message("  LightGBM: largest difference %.1e\n", worst);
    assert_true(worst < 1e-12);
    free(scratch);
    az_shap_free(shap);
    az_trees_free(trees);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_interleaved),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_lightgbm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
