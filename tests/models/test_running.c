/* SPDX-License-Identifier: BSD-3-Clause */
/* Running trees: many rows at a time come where each comes alone, to the bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "models/tree/nodes.h"
#include <math.h>
#include <string.h>

enum { N_FEATURES = 9, N_NUMBERS = 7, N_LEVELS = 70, MOST_ROWS = 3001, N_TREES = 11 };

/* A tree whose nodes lie depth first, or (chain) one leaf after the other. */
static void random_tree(az_tree *tree, int64_t n_outputs, az_stream stream, uint64_t number, int32_t n_nodes,
                        bool categories, bool chain)
{
    *tree = (az_tree){.n_nodes = n_nodes, .n_values = n_outputs > 1 ? n_nodes : 0};
    tree->nodes = az_alloc_zero(sizeof *tree->nodes * (size_t)n_nodes);
    tree->cover = az_alloc_zero(sizeof *tree->cover * (size_t)n_nodes);
    tree->values = az_alloc_zero(sizeof *tree->values * (size_t)(n_nodes * n_outputs));
    tree->sets = az_alloc_zero(sizeof *tree->sets * 3 * (size_t)n_nodes);
    int32_t *open = az_alloc_array(n_nodes, sizeof *open), n_open = 1, n_made = 1;
    assert_true(tree->nodes && tree->cover && tree->values && tree->sets && open);
    open[0] = 0;
    while (n_open > 0) {
        const int32_t i = open[--n_open];
        const uint64_t row = number << 32 | (uint64_t)i;
        az_tree_node *node = &tree->nodes[i];
        const bool leaf = n_made + 2 > n_nodes ||
                          (chain ? i > 0 && i % 2 == 0 : n_open > 0 && az_random_below(stream, row, 0, 5) < 2);
        if (leaf) {
            *node = (az_tree_node){.flags = AZ_NODE_LEAF, .threshold = az_random_normal(stream, row, 1), .left = i};
            for (int64_t k = 0; k < n_outputs; k++)
                tree->values[i * n_outputs + k] = az_random_normal(stream, row, 2 + (uint64_t)k);
            if (n_outputs == 1) node->left = 0;
            continue;
        }
        node->feature = (uint16_t)az_random_below(stream, row, 10, categories ? N_FEATURES : N_NUMBERS);
        node->threshold = az_random_normal(stream, row, 11);
        node->left = n_made;
        if (az_random_below(stream, row, 12, 2)) node->flags |= AZ_NODE_MISSING_LEFT;
        if (node->feature >= N_NUMBERS) {
            node->flags |= AZ_NODE_CATEGORICAL;
            node->threshold = (double)tree->n_sets;
            tree->sets[tree->n_sets++] = N_LEVELS;
            for (uint64_t word = 0; word < 2; word++)
                tree->sets[tree->n_sets++] = az_random_below(stream, row, 13 + word, UINT64_MAX);
        }
        open[n_open++] = n_made + 1;
        open[n_open++] = n_made;
        n_made += 2;
    }
    assert_int_equal(n_made, n_nodes);
    az_free(open);
}

static void make_rows(double *x, az_stream stream, bool missing)
{
    for (uint64_t i = 0; i < MOST_ROWS; i++)
        for (uint64_t j = 0; j < N_FEATURES; j++) {
            double *value = &x[i * N_FEATURES + j];
            *value = j < N_NUMBERS ? az_random_normal(stream, i, j)
                                   : (double)az_random_below(stream, i, j, N_LEVELS + 2) - 1; /* two of them unknown */
            if (!missing) continue;
            const uint64_t draw = az_random_below(stream, i, 20 + j, 12);
            if (draw == 0) *value = NAN;
            if (draw == 1 && j < N_NUMBERS) *value = i % 2 ? INFINITY : -INFINITY;
        }
}

/* Trees small and large, a chain among them; few rows, as many as go abreast, and many. */
static void rows_do_not_depend_on_the_rows_beside_them(void **state)
{
    (void)state;
    static const int32_t n_nodes[N_TREES] = {1, 3, 61, 20001, 8193, 63, 301, 12001, 30001, 5, 9001};
    static const int64_t n_rows[] = {1, 3, 8, 13, 1023, 1024, 1031, MOST_ROWS};
    static double x[MOST_ROWS * N_FEATURES], alone[MOST_ROWS * 3], together[MOST_ROWS * 3];
    const az_stream stream = az_stream_new(5, "running");
    for (int kind = 0; kind < 3; kind++)
        for (int64_t n_outputs = 1; n_outputs <= 3; n_outputs += 2) {
            az_trees *trees;
            assert_int_equal(az_trees_new(&trees, N_TREES, n_outputs, N_FEATURES), AZ_OK);
            for (int t = 0; t < N_TREES; t++)
                random_tree(&trees->trees[t], n_outputs, stream, (uint64_t)t, n_nodes[t], kind == 2, t == 10);
            az_trees_note(trees);
            assert_int_equal(trees->has_categories, kind == 2);
            assert_int_equal(trees->most_nodes, 30001);
            make_rows(x, stream, kind > 0);
            memset(alone, 0, sizeof alone);
            for (int64_t i = 0; i < MOST_ROWS; i++)
                for (int t = 0; t < N_TREES; t++) {
                    const int32_t leaf = az_tree_leaf(&trees->trees[t], x + i * N_FEATURES);
                    for (int64_t k = 0; k < n_outputs; k++)
                        alone[i * n_outputs + k] += az_leaf_value(trees, &trees->trees[t], leaf, k);
                }
            assert_true(az_trees_scratch(trees, MOST_ROWS) > 0);
            assert_true(az_trees_block_rows(trees) > 256);
            void *scratch = az_alloc(az_trees_scratch(trees, MOST_ROWS));
            assert_non_null(scratch);
            for (size_t k = 0; k < sizeof n_rows / sizeof *n_rows; k++)
                for (int way = 0; way < 2; way++) {
                    memset(together, 0, sizeof together);
                    if (way)
                        az_trees_run(trees, x, n_rows[k], together, scratch);
                    else
                        az_trees_add(trees, 0, N_TREES, 1, x, n_rows[k], together);
                    assert_memory_equal(together, alone, sizeof *alone * (size_t)(n_rows[k] * n_outputs));
                }
            az_free(scratch);
            az_trees_free(trees);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_do_not_depend_on_the_rows_beside_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
