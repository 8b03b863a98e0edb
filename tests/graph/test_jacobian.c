/* SPDX-License-Identifier: BSD-3-Clause */
/* Jacobians and Hessians of rows against those of JAX (reference/jacobian.py), and what they cost. */
#include "graph/graph.h"
#include "graphs.h"
#include "reference/jacobian.h"

enum { ROWS = 3, MOST_INPUTS = 40 };

/* One output of f64. */
static void run_one(az_node output, int64_t n_inputs, bool networks, double *found)
{
    double x[ROWS * MOST_INPUTS], theta[MOST_THETA];
    az_plan *plan = NULL;
    fill(x, ROWS * n_inputs, 53, 29, 97, 2);
    must(az_compile(&plan, &output, NULL, 1, NULL));
    if (networks) fill_theta(theta, az_plan_n_parameters(plan));
    const az_binding in = {.name = "x", .data = x, .type = AZ_F64}, out = {.name = "0", .data = found, .type = AZ_F64};
    must(az_run(plan,
                &(az_run_arguments){
                    .n_rows = ROWS, .theta = theta, .inputs = &in, .n_inputs = 1, .outputs = &out, .n_outputs = 1}));
    az_plan_free(plan);
}

static az_node input_of(az_graph *graph, int64_t n)
{
    return az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, n));
}

/* Fewer results than inputs, and more. */
static void test_networks(void **state)
{
    double found[ROWS * 100];
    (void)state;
    for (int tall = 0; tall < 2; tall++) {
        const int64_t sizes[] = {tall ? 3 : 10, 4, tall ? 10 : 3};
        az_graph *graph = az_graph_new(AZ_F64);
        const az_node x = input_of(graph, sizes[0]), jacobian = az_jacobian(network(x, sizes, 2), x);
        assert_int_equal(az_node_shape(jacobian).size[1], sizes[2]);
        assert_int_equal(az_node_shape(jacobian).size[2], sizes[0]);
        run_one(jacobian, sizes[0], true, found);
        must_be_close("Jacobian", found, tall ? jacobian_3_10 : jacobian_10_3, (int64_t)(ROWS * 30), 1e-14);
        az_graph_free(graph);
    }
    const int64_t sizes[] = {10, 4, 1};
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node x = input_of(graph, 10);
    run_one(az_hessian(network(x, sizes, 2), x), 10, true, found);
    MUST_BE("Hessian", found, hessian_10, 1e-14);
    az_graph_free(graph);
}

/* Ops of many shapes one after the other; twisted() of the reference. */
static az_node twisted(az_node x)
{
    az_graph *graph = x.graph;
    const int64_t places[] = {3, 0, 3};
    const int swap[] = {0, 2, 1};
    const az_node table = az_reshape(x, AZ_SHAPE(AZ_ROWS, 2, 5));
    const az_node total = az_broadcast(az_log_sum_exp(table, 1u << 1), AZ_SHAPE(AZ_ROWS, 2, 5), (const int[]){0, 2});
    const az_node soft = az_exp(az_sub(table, total));
    const az_node picked =
        az_permute(az_gather(az_permute(table, swap), az_constant_array(graph, AZ_I64, AZ_SHAPE(3), places)), swap);
    const az_node sums = az_cumulative_sum(az_pad(az_slice(x, 1, 1, 8, 2), 1, 1, 2, 0.5), 1);
    const az_node gram = az_matmul(soft, az_scale(table, 0.3), true, false);
    const az_node wave = az_broadcast(az_sin(az_sum(x, 1u << 1)), AZ_SHAPE(AZ_ROWS, 7), (const int[]){0});
    const az_node parts[] = {az_reshape(gram, AZ_SHAPE(AZ_ROWS, 25)), az_max_over(table, 1u << 2),
                             az_square(az_reshape(picked, AZ_SHAPE(AZ_ROWS, 6))), az_mul(sums, wave)};
    return az_div(az_concatenate(parts, 4, 1), az_shift(az_cos(az_slice(x, 1, 0, 1, 1)), 2));
}

static void test_ops_of_many_shapes(void **state)
{
    enum { RESULTS = 40 };
    double found[ROWS * RESULTS * 10];
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node x = input_of(graph, 10), y = twisted(x);
    run_one(az_jacobian(y, x), 10, false, found);
    MUST_BE("Jacobian", found, twisted_jacobian, 1e-14);
    run_one(az_hessian(az_sum(az_power(y, 3), 2), x), 10, false, found);
    MUST_BE("Hessian", found, twisted_hessian, 1e-13);
    az_graph_free(graph);
}

/* --- An op of one's own, without a batch rule: half of its input's elements ------------------------------------------
 */

static void half_kernel(const az_call *call)
{
    const double *x = call->x[0];
    double *y = call->y;
    for (int64_t i = 0; i < call->out->size[0] * call->n_rows; i++) y[i] = x[i];
}
static const az_kernels half_kernels = {.tile = {[AZ_F64] = half_kernel}};

static az_status half_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    *type = AZ_F64;
    *shape = az_node_shape(arguments->x[0]);
    shape->size[1] /= 2;
    return AZ_OK;
}

static const az_op half_op;

static az_node half_forward(az_node y, const az_node *dx)
{
    return az_apply(&half_op, y.graph, dx, 1, NULL);
}

static const az_op half_op = {.name = "half",
                              .version = 1,
                              .n_inputs = 1,
                              .shape = half_shape,
                              .forward = half_forward,
                              .kernels = {&half_kernels, &half_kernels, &half_kernels}};

/* More inputs than an op may have: pieces are put together in steps. */
static void test_an_op_without_a_rule(void **state)
{
    enum { D = 70, H = D / 2 };
    double *found = calloc((size_t)(ROWS * H * D), sizeof *found), x[ROWS * D];
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node in = input_of(graph, D), square = az_square(in);
    const az_node jacobian =
        az_jacobian(az_concatenate((az_node[]){az_apply(&half_op, graph, &square, 1, NULL), in}, 2, 1), in);
    az_plan *plan = NULL;
    fill(x, (int64_t)(ROWS * D), 53, 29, 97, 2);
    const az_node upper = az_slice(jacobian, 1, 0, H, 1);
    must(az_compile(&plan, &upper, NULL, 1, NULL));
    const az_binding bound = {.name = "x", .data = x, .type = AZ_F64},
                     out = {.name = "0", .data = found, .type = AZ_F64};
    must(az_run(plan,
                &(az_run_arguments){.n_rows = ROWS, .inputs = &bound, .n_inputs = 1, .outputs = &out, .n_outputs = 1}));
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < H; i++)
            for (int j = 0; j < D; j++) assert_true(found[(r * H + i) * D + j] == (i == j ? 2 * x[r * D + i] : 0));
    az_plan_free(plan);
    az_graph_free(graph);
    free(found);
}

/* As many nodes for 40 inputs as for 2. */
static void test_nodes_do_not_grow_with_the_inputs(void **state)
{
    int64_t nodes[3][2];
    (void)state;
    for (int wide = 0; wide < 2; wide++)
        for (int which = 0; which < 3; which++) {
            const int64_t sizes[] = {wide ? MOST_INPUTS : 2, 5, which == 1 ? 50 : 1};
            az_graph *graph = az_graph_new(AZ_F64);
            const az_node x = input_of(graph, sizes[0]), y = network(x, sizes, 2);
            const az_node made = which == 2 ? az_hessian(y, x) : az_jacobian(y, x);
            assert_true(made.id >= 0);
            nodes[which][wide] = graph->n;
            az_graph_free(graph);
        }
    for (int which = 0; which < 3; which++) assert_int_equal(nodes[which][0], nodes[which][1]);
}

/* Slopes are repeated for every tangent: in tiles of many rows, block by block, as in one row. */
static void test_rows_alone_and_in_tiles(void **state)
{
    enum { N = 130, D = 10, MOST = 2000 };
    double x[N * D], theta[MOST], *all = calloc((size_t)(N * D * D), sizeof *all), alone[D * D];
    (void)state;
    fill(x, (int64_t)(N * D), 53, 29, 97, 2);
    fill(theta, MOST, 37, 11, 101, 0.5);
    for (int wide = 0; wide < 2; wide++) {
        const int64_t sizes[] = {D, wide ? 65 : 9, 7, 1};
        az_graph *graph = az_graph_new(AZ_F64);
        az_plan *plan = NULL;
        const az_node input = input_of(graph, D), hessian = az_hessian(network(input, sizes, 3), input);
        must(az_compile(&plan, &hessian, NULL, 1, NULL));
        assert_true(az_plan_n_parameters(plan) <= MOST);
        az_binding in = {.name = "x", .data = x, .type = AZ_F64}, out = {.name = "0", .data = all, .type = AZ_F64};
        az_run_arguments run = {
            .n_rows = N, .theta = theta, .inputs = &in, .n_inputs = 1, .outputs = &out, .n_outputs = 1};
        must(az_run(plan, &run));
        run.n_rows = 1;
        out.data = alone;
        for (int r = 0; r < N; r++) {
            in.data = x + r * D;
            must(az_run(plan, &run));
            assert_memory_equal(alone, all + r * D * D, sizeof alone);
        }
        az_plan_free(plan);
        az_graph_free(graph);
    }
    free(all);
}

static void test_what_does_not_depend_on_x(void **state)
{
    double found[3 * 2] = {1, 1, 1, 1, 1, 1};
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node x = input_of(graph, 2), y = az_constant_array(graph, AZ_F64, AZ_SHAPE(3), (double[]){1, 2, 3});
    run_one(az_jacobian(y, x), 2, false, found);
    for (int i = 0; i < 6; i++) assert_true(found[i] == 0);
    az_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_ops_of_many_shapes),
        cmocka_unit_test(test_an_op_without_a_rule),
        cmocka_unit_test(test_nodes_do_not_grow_with_the_inputs),
        cmocka_unit_test(test_rows_alone_and_in_tiles),
        cmocka_unit_test(test_what_does_not_depend_on_x),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
