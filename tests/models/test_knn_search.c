/* SPDX-License-Identifier: BSD-3-Clause */
/* Both searches for neighbours against a list of all rows sorted by (distance, row). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "models/kd_tree.h"
#include "models/knn_brute.h"
#include "models/knn_kernel.h"

typedef struct entry {
    double distance;
    int64_t row;
} entry;

static int by_distance_and_row(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Every search with this k must give exactly the first k of the sorted list, whatever the leaf size; the whole batch of
 * queries at once, and each alone. */
static void check_search(const az_knn_points *points, const double *queries, int64_t n_queries, int64_t k)
{
    const int64_t n = points->n_rows;
    entry *all = malloc((size_t)n * sizeof *all), *expected = malloc((size_t)(n_queries * k) * sizeof *expected);
    double *distance = malloc((size_t)(n_queries * k) * sizeof *distance);
    int64_t *row = malloc((size_t)(n_queries * k) * sizeof *row);
    az_knn_heap *heaps = malloc((size_t)n_queries * sizeof *heaps);
    for (int64_t q = 0; q < n_queries; q++) {
        for (int64_t i = 0; i < n; i++)
            all[i] = (entry){az_knn_distance(points, queries + q * points->n_features,
                                             points->x + i * points->n_features), i};
        qsort(all, (size_t)n, sizeof *all, by_distance_and_row);
        memcpy(expected + q * k, all, (size_t)k * sizeof *all);
    }
    az_knn_brute *brute;
    assert_int_equal(az_knn_brute_new(&brute, points), AZ_OK);
    void *scratch = malloc(az_knn_brute_scratch(brute, n_queries) + 1);
    static const int64_t leaf_sizes[] = {1, 7, 30, 100000};
    for (int way = 0; way < 6; way++) { /* four trees, all queries at once, one by one */
        az_kd_tree *tree = NULL;
        for (int64_t q = 0; q < n_queries; q++)
            heaps[q] = (az_knn_heap){.capacity = k, .distance = distance + q * k, .row = row + q * k};
        if (way < 4) assert_int_equal(az_kd_tree_new(&tree, points, leaf_sizes[way]), AZ_OK);
        if (way == 4) az_knn_brute_search(brute, queries, n_queries, heaps, scratch);
        for (int64_t q = 0; q < n_queries; q++) {
            const double *query = queries + q * points->n_features;
            if (way < 4) az_kd_tree_search(tree, query, &heaps[q]);
            if (way == 5) az_knn_brute_search(brute, query, 1, &heaps[q], scratch);
            az_knn_heap_sort(&heaps[q]);
            assert_int_equal(heaps[q].n, k);
            for (int64_t i = 0; i < k; i++) {
                assert_int_equal(heaps[q].row[i], expected[q * k + i].row);
                assert_true(heaps[q].distance[i] == expected[q * k + i].distance);
            }
        }
        az_kd_tree_free(tree);
    }
    az_knn_brute_free(brute);
    free(scratch);
    free(all);
    free(expected);
    free(distance);
    free(row);
    free(heaps);
}

enum { GRID, NORMAL, OFFSET, CLUSTERS, SPREAD, TINY, HUGE_NUMBERS, SAME, SORTED, N_KINDS };

/* Kinds of points that are hard on one search or the other: ties by the thousand, distances far below the rounding
 * error of single precision, features of very different size, numbers whose squares under- or overflow. */
static double coordinate(int kind, az_stream stream, uint64_t i, uint64_t j)
{
    double normal = az_random_normal(stream, i, j);
    switch (kind) {
    case GRID: return j == 1 ? 2 : (double)az_random_below(stream, i, j, 4); /* feature 1 is constant */
    case OFFSET: return 1e9 + normal;
    case CLUSTERS: return (double)az_random_below(stream, i / 8, j, 3) + 1e-9 * normal;
    case SPREAD: return normal * pow(10, (double)(j % 12) - 6);
    case TINY: return 1e-160 * normal;
    case HUGE_NUMBERS: return 1e160 * normal;
    case SAME: return 0.1;
    case SORTED: return (double)i + 0.1 * normal;
    default: return normal;
    }
}

static void check_kind(int kind, int64_t n_rows, int64_t n_features, bool manhattan, bool periodic)
{
    enum { QUERIES = 27 };
    double *x = malloc((size_t)(n_rows * n_features) * sizeof *x);
    double *queries = malloc((size_t)(QUERIES * n_features) * sizeof *queries);
    double *period = malloc((size_t)n_features * sizeof *period);
    az_stream stream = az_stream_new(3, "points");
    for (int64_t j = 0; j < n_features; j++) {
        period[j] = j % 2 == 0 ? (kind == GRID ? 4 : 2.5) : 0;
        for (int64_t i = 0; i < n_rows; i++) x[i * n_features + j] = coordinate(kind, stream, (uint64_t)i, (uint64_t)j);
        for (int64_t q = 0; q < QUERIES; q++) {
            /* A third are training points, a third are drawn alike, one lies far away. */
            double value = coordinate(kind, stream, (uint64_t)(n_rows + q), (uint64_t)j);
            if (q % 3 == 0) value = x[q * 7 % n_rows * n_features + j];
            if (q == QUERIES - 1) value = 1e30;
            queries[q * n_features + j] = value;
        }
        if (!periodic || period[j] == 0) continue;
        for (int64_t i = 0; i < n_rows; i++) x[i * n_features + j] = az_knn_wrap(x[i * n_features + j], period[j]);
        for (int64_t q = 0; q < QUERIES; q++)
            queries[q * n_features + j] = az_knn_wrap(queries[q * n_features + j], period[j]);
    }
    az_knn_points points = {n_rows, n_features, x, periodic ? period : NULL, manhattan};
    check_search(&points, queries, QUERIES, 1);
    if (n_rows >= 10) check_search(&points, queries, QUERIES, 10);
    if (n_rows < 100) check_search(&points, queries, QUERIES, n_rows);
    free(x);
    free(queries);
    free(period);
}

static void test_searches(void **state)
{
    (void)state;
    static const int64_t features[] = {1, 2, 3, 5, 20, 33}, rows[] = {1, 2, 31, 32, 33, 500};
    for (int kind = 0; kind < N_KINDS; kind++)
        for (int d = 0; d < 6; d++)
            for (int r = 0; r < 6; r++)
                for (int way = 0; way < 4; way++) check_kind(kind, rows[r], features[d], way & 1, way & 2);
}

/* The distance itself, against closed forms. */
static void test_distance(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3, 4, 5, 6}, b[] = {2, 0, 3, 7, 1, 6.5}, period[] = {0, 0, 0, 0, 5, 0};
    az_knn_points points = {.n_rows = 1, .n_features = 6};
    assert_true(az_knn_distance(&points, a, b) == 1 + 4 + 0 + 9 + 16 + 0.25);
    points.manhattan = true;
    assert_true(az_knn_distance(&points, a, b) == 1 + 2 + 0 + 3 + 4 + 0.5);
    points.period = period;
    assert_true(az_knn_distance(&points, a, b) == 1 + 2 + 0 + 3 + 1 + 0.5);
    points.manhattan = false;
    assert_true(az_knn_distance(&points, a, b) == 1 + 4 + 0 + 9 + 1 + 0.25);
    assert_true(az_knn_wrap(365, 360) == 5);
    assert_true(az_knn_wrap(-5, 360) == 355);
    assert_true(az_knn_wrap(360, 360) == 0);
    assert_true(az_knn_wrap(-1e-20, 360) == 0); /* 360 - 1e-20 would round to 360 itself */
}

/* Every kernel that this CPU runs gives the masks of the formula; scores at the threshold are avoided, those within are
 * whole numbers and so exact in any order of operations. */
static void test_kernels(void **state)
{
    (void)state;
    enum { COLUMNS = 37 };
    static float panel[COLUMNS * AZ_KNN_WIDTH], start[AZ_KNN_WIDTH], query[COLUMNS * AZ_KNN_HEIGHT];
    float threshold[AZ_KNN_HEIGHT];
    az_stream stream = az_stream_new(4, "kernels");
    for (int i = 0; i < COLUMNS * AZ_KNN_WIDTH; i++) panel[i] = (float)az_random_below(stream, (uint64_t)i, 0, 9) - 4;
    for (int i = 0; i < COLUMNS * AZ_KNN_HEIGHT; i++) query[i] = (float)az_random_below(stream, (uint64_t)i, 1, 9) - 4;
    for (int i = 0; i < AZ_KNN_WIDTH; i++) start[i] = (float)az_random_below(stream, (uint64_t)i, 2, 50);
    start[5] = INFINITY;
    for (int manhattan = 0; manhattan < 2; manhattan++) {
        az_knn_kernel kernels[AZ_KNN_KERNELS];
        int n = az_knn_kernel_list(manhattan, kernels);
        assert_in_range(n, 1, AZ_KNN_KERNELS);
        for (int q = 0; q < AZ_KNN_HEIGHT; q++) threshold[q] = (float)(manhattan ? 90 + 4 * q : 8 * q - 20);
        threshold[3] = -INFINITY;
        for (int k = 0; k < n; k++) {
            uint32_t mask[AZ_KNN_HEIGHT];
            kernels[k](panel, start, COLUMNS, query, AZ_KNN_HEIGHT, threshold, mask);
            int n_set = 0;
            for (int q = 0; q < AZ_KNN_HEIGHT; q++) {
                for (int i = 0; i < AZ_KNN_WIDTH; i++) {
                    double score = start[i];
                    for (int j = 0; j < COLUMNS; j++) {
                        double a = query[j * AZ_KNN_HEIGHT + q], b = panel[j * AZ_KNN_WIDTH + i];
                        score += manhattan ? fabs(a - b) : -a * b;
                    }
                    assert_int_equal(mask[q] >> i & 1, score <= threshold[q]);
                    n_set += score <= threshold[q];
                }
            }
            assert_in_range(n_set, 40, AZ_KNN_HEIGHT * AZ_KNN_WIDTH - 80);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_distance), cmocka_unit_test(test_kernels),
                                       cmocka_unit_test(test_searches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
