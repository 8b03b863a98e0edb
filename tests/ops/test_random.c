/* SPDX-License-Identifier: BSD-3-Clause */
/* Random nodes: what a number depends on, and on what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ansatz/graph.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What two random nodes, of the streams "a" and "b" unless told otherwise, are in a run. */
static void draw(const char *a, const char *b, int64_t n_rows, const int64_t *row_number, uint64_t seed, uint64_t step,
                 int64_t n_members, int n_threads, double *found_a, double *found_b)
{
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node y[] = {az_normal(graph, a, AZ_SHAPE(AZ_ROWS, 3)), az_normal(graph, b, AZ_SHAPE(AZ_ROWS, 3))};
    az_plan *plan = NULL;
    if (az_compile(&plan, y, (const char *const[]){"a", "b"}, 2, NULL)) fail_msg("%s", az_error_message());
    const az_binding outputs[] = {{.name = "a", .data = found_a, .type = AZ_F64},
                                  {.name = "b", .data = found_b, .type = AZ_F64}};
    const az_run_arguments arguments = {.n_rows = n_rows,
                                        .n_members = n_members,
                                        .outputs = outputs,
                                        .n_outputs = 2,
                                        .seed = seed,
                                        .step = step,
                                        .row_number = row_number,
                                        .n_threads = n_threads};
    if (az_run(plan, &arguments)) fail_msg("%s", az_error_message());
    az_plan_free(plan);
    az_graph_free(graph);
}

static double correlation(const double *a, const double *b, int64_t n)
{
    double ab = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i < n; i++) ab += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
    return ab / sqrt(aa * bb);
}

static void random_numbers_belong_to_rows(void **state)
{
    (void)state;
    enum { N = 3000, M = 3 };
    double *a = malloc(sizeof *a * N * M * 2), *b = malloc(sizeof *b * N * M * 2), part[40 * M], other[40 * M];
    double *c = malloc(sizeof *c * N * M), *d = malloc(sizeof *d * N * M);
    draw("a", "b", N, NULL, 1, 5, 2, 2, a, b);
    /* A batch of some rows, in any order, gets what they get among all; so do many threads. */
    int64_t rows[40];
    for (int i = 0; i < 40; i++) rows[i] = (i * 997 + 13) % N;
    draw("a", "b", 40, rows, 1, 5, 1, 1, part, other);
    for (int i = 0; i < 40; i++) assert_memory_equal(part + i * M, a + rows[i] * M, sizeof *a * M);
    draw("a", "b", N, NULL, 1, 5, 1, 4, c, d);
    assert_memory_equal(c, a, sizeof *a * N * M);
    /* One name is one node; names, seeds, steps and members have nothing to do with each other: the correlation of n
     * pairs has the deviation 1 / sqrt(n). */
    const double limit = 4 / sqrt(N * M);
    assert_true(fabs(correlation(a, b, N * M)) < limit);
    assert_true(fabs(correlation(a, a + N * M, N * M)) < limit);
    draw("a", "a", N, NULL, 2, 5, 1, 1, c, d);
    assert_memory_equal(c, d, sizeof *c * N * M);
    assert_true(fabs(correlation(a, c, N * M)) < limit);
    draw("a", "b", N, NULL, 1, 6, 1, 1, c, d);
    assert_true(fabs(correlation(a, c, N * M)) < limit);
    double sum = 0, squares = 0;
    for (int i = 0; i < N * M; i++) sum += a[i], squares += a[i] * a[i];
    assert_true(fabs(sum / (N * M)) < limit && fabs(squares / (N * M) - 1) < 1.5 * limit);
    free(a);
    free(b);
    free(c);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_numbers_belong_to_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
