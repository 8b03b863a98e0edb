/* SPDX-License-Identifier: BSD-3-Clause */
/* What plans are said to cost, counted by hand. */
#include "graph/cost.h"
#include "graphs.h"

static az_plan *compiled(const az_node *out, int n)
{
    az_plan *plan = NULL;
    must(az_compile(&plan, out, NULL, n, NULL));
    return plan;
}

/* Of all phases with rows. */
static az_cost of_rows(const az_plan *plan, double *nanoseconds)
{
    az_cost sum = {0, 0};
    *nanoseconds = 0;
    for (int64_t p = 0; p < plan->n_phases; p++) {
        if (plan->phases[p].space < 0) continue;
        sum.flops += plan->phases[p].cost.flops;
        sum.bytes += plan->phases[p].cost.bytes;
        *nanoseconds += plan->phases[p].row_cost;
    }
    return sum;
}

/* y = exp(x) W: 3 exponentials, 3 x 4 fused multiply-adds; x is loaded, exp(x) made of it, read, y written and stored.
 */
static void test_a_plan_by_hand(void **state)
{
    (void)state;
    for (int type = AZ_F32; type <= AZ_F64; type++) {
        az_graph *graph = az_graph_new((az_type)type);
        double nanoseconds;
        const az_node x = az_input(graph, "x", (az_type)type, AZ_SHAPE(AZ_ROWS, 3));
        const az_node y = az_matmul(az_exp(x), az_parameter(graph, "w", AZ_SHAPE(3, 4)), false, false);
        az_plan *plan = compiled(&y, 1);
        const az_cost cost = of_rows(plan, &nanoseconds);
        const double size = type == AZ_F32 ? 4 : 8, of_exp = az_node_op(az_exp(x))->flops;
        assert_true(of_exp > 10);
        assert_true(cost.flops == 3 * of_exp + 2 * 3 * 4);
        assert_true(cost.bytes == (2 * 3 + 3 + 3 + 3 + 4 + 2 * 4) * size);
        assert_true(nanoseconds > 0);
        az_plan_free(plan);
        az_graph_free(graph);
    }
}

/* Of a group that hands on within blocks, only what goes in and out is moved; of a sum the terms. */
static void test_groups_and_sums(void **state)
{
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    double nanoseconds;
    const az_node x = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 5));
    const az_node y = az_sum_all(az_mul(az_scale(x, 3), az_shift(x, 2)));
    az_plan *plan = compiled(&y, 1);
    const az_cost cost = of_rows(plan, &nanoseconds);
    assert_true(cost.flops == 3 * 5 + 5);
    assert_true(cost.bytes == (2 * 5 + 2 * 5 + 5 + 5) * 8); /* load; x twice and the product; its elements summed */
    az_plan_free(plan);
    az_graph_free(graph);
}

/* Only the elements that are taken are read from a table. */
static void test_gather(void **state)
{
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    double nanoseconds;
    const az_node table = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 1000));
    const az_node index = az_input(graph, "i", AZ_I64, AZ_SHAPE(AZ_ROWS));
    const az_node y = az_sum_all(az_gather(table, index));
    az_plan *plan = compiled(&y, 1);
    const az_cost cost = of_rows(plan, &nanoseconds);
    assert_true(cost.bytes == 2 * 1000 * 8 + 2 * 8 + (2 * 8 + 8) + 8);
    az_plan_free(plan);
    az_graph_free(graph);
}

/* An op that says nothing: one operation an element.  One that does is believed. */
static void own_cost(const az_call *call, az_cost *cost)
{
    cost->flops = 1000 * (double)call->out->size[0];
    cost->bytes *= 2;
}

static void test_own_ops(void **state)
{
    const az_tile tile = {.type = AZ_F32, .rank = 1, .size = {7}, .stride = {1}, .row_stride = 1};
    const az_call call = {.in = &tile, .out = &tile, .n_inputs = 1};
    az_op op = {.name = "own"};
    (void)state;
    az_cost cost = az_cost_of(&op, &call);
    assert_true(cost.flops == 7 && cost.bytes == 2 * 7 * 4);
    op.flops = 12;
    assert_true(az_cost_of(&op, &call).flops == 84);
    op.cost = own_cost;
    cost = az_cost_of(&op, &call);
    assert_true(cost.flops == 7000 && cost.bytes == 4 * 7 * 4);
}

/* Times grow with widths as the products do, and az_plan_print tells all three numbers. */
static void test_widths_and_text(void **state)
{
    double before = 0;
    (void)state;
    for (int64_t width = 64; width <= 512; width *= 2) {
        az_graph *graph = az_graph_new(AZ_F32);
        char text[20000], line[200];
        double nanoseconds;
        const az_node x = az_input(graph, "x", AZ_F32, AZ_SHAPE(AZ_ROWS, width));
        const az_node y = az_matmul(x, az_parameter(graph, "w", AZ_SHAPE(width, width)), false, false);
        az_plan *plan = compiled(&y, 1);
        const az_cost cost = of_rows(plan, &nanoseconds);
        assert_true(cost.flops == 2.0 * (double)(width * width));
        assert_true(nanoseconds > 2 * before);
        before = nanoseconds;
        assert_true(az_plan_print(plan, text, sizeof text) < sizeof text);
        snprintf(line, sizeof line, "# %.0f operations, %.0f bytes moved, some %.3g ns a row", cost.flops, cost.bytes,
                 nanoseconds);
        assert_non_null(strstr(text, line));
        az_plan_free(plan);
        az_graph_free(graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plan_by_hand), cmocka_unit_test(test_groups_and_sums), cmocka_unit_test(test_gather),
        cmocka_unit_test(test_own_ops),        cmocka_unit_test(test_widths_and_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
