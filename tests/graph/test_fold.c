/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant folding: what is made of constants has no instruction in the plan, and the bits that a run would give it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* feenableexcept */
#endif
#include "graph/plan.h"
#include "ops/contract.h"
#include <ansatz/nn.h>

#include <fenv.h>

static int64_t n_instructions(const az_plan *plan)
{
    int64_t n = 0;
    for (int64_t p = 0; p < plan->n_phases; p++) n += plan->phases[p].n;
    return n;
}

/* --- Every op ----------------------------------------------------------------------------------------------------- */

static int n_checked;

/* Of samples without rows: the op on constants, and on the same numbers as inputs. */
static void check(const instance *of)
{
    for (int i = 0; i < of->sample.n; i++)
        if (az_shape_extents(of->sample.x[i].shape)) return;
    az_graph *graph = graph_new(of->real);
    az_node x[AZ_SAMPLE_INPUTS];
    feed feeds[AZ_SAMPLE_INPUTS];
    const az_node of_inputs = build(of, graph, x);
    const az_shape shape = az_node_shape(of_inputs);
    for (int i = 0; i < of->sample.n; i++) {
        feeds[i] = (feed){.type = type_of(of, i), .shape = of->sample.x[i].shape, .value = draw_input(of, i, 1, 3)};
        snprintf(feeds[i].name, sizeof feeds[i].name, "x%d", i);
        guarded data = guarded_of(feeds[i].value, count(feeds[i].shape, 1), feeds[i].type);
        x[i] = az_constant_array(graph, feeds[i].type, feeds[i].shape, data.data);
        free(data.whole);
    }
    const az_node of_constants = az_apply(of->op, graph, x, of->sample.n, of->sample.attribute);
    must(az_graph_status(graph), of->text);
    if (!az_shape_extents(shape) && !(of->op->flags & AZ_OP_RANDOM))
        for (int isa = 0; isa <= (int)az_isa_of_cpu(); isa++) {
            double *values[2];
            az_plan *folded = compile(of, &of_constants, 1, az_isa_name((az_isa)isa));
            az_plan *plan = compile(of, &of_inputs, 1, az_isa_name((az_isa)isa));
            if (!(of->op->flags & AZ_OP_VIEW) && n_instructions(folded)) fail_msg("%s: is not folded", of->text);
            evaluate(of->text, folded, 1, NULL, 0, &of_constants, 1, &values[0]);
            evaluate(of->text, plan, 1, feeds, of->sample.n, &of_inputs, 1, &values[1]);
            if (memcmp(values[0], values[1], sizeof(double) * (size_t)count(shape, 1)) != 0)
                fail_msg("%s: other bits when folded", of->text);
            free(values[0]);
            free(values[1]);
            az_plan_free(folded);
            az_plan_free(plan);
            n_checked++;
        }
    for (int i = 0; i < of->sample.n; i++) free(feeds[i].value);
    az_graph_free(graph);
}

static void test_every_op(void **state)
{
    (void)state;
    each_instance(AZ_F64, check);
    each_instance(AZ_F32, check);
    printf("%d plans without instructions\n", n_checked);
    assert_true(n_checked > 100);
}

/* --- What is folded, and what not ------------------------------------------------------------------------------------
 */

static double run_scalar(const az_plan *plan, double w)
{
    double y = 0;
    const az_binding to = {.name = "0", .data = &y, .type = AZ_F64};
    must(az_run(plan, &(az_run_arguments){.theta = &w, .outputs = &to, .n_outputs = 1}), "scalar");
    return y;
}

/* Only what constants make is: w (2^3 + 1) keeps the product with the parameter. */
static void test_constants_within_a_graph(void **state)
{
    (void)state;
    for (int look = 0; look < 2; look++) {
        az_graph *graph = az_graph_new(AZ_F64);
        az_plan *plan = NULL;
        const az_node two = az_constant(graph, 2), three = az_constant(graph, 3);
        const az_node y = az_mul(az_parameter(graph, "w", AZ_SCALAR), az_shift(az_pow(two, three), 1));
        must(az_compile(&plan, &y, NULL, 1, &(az_plan_options){.find_nonfinite = look}), "w (2^3 + 1)");
        assert_int_equal(n_instructions(plan), 1); /* a group */
        assert_int_equal(plan->phases[0].instructions[0].n_maps, look ? 3 : 1);
        assert_true(run_scalar(plan, 0.5) == 4.5);
        az_plan_free(plan);
        az_graph_free(graph);
    }
}

/* More of them than a run has outputs. */
static void test_many(void **state)
{
    enum { N = 150 };
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    az_plan *plan = NULL;
    az_node sum = az_parameter(graph, "w", AZ_SCALAR);
    for (int i = 0; i < N; i++) sum = az_mul(sum, az_exp(az_constant(graph, i % 2 ? 0.01 * i : -0.01 * (i + 1))));
    must(az_compile(&plan, &sum, NULL, 1, NULL), "many");
    assert_int_equal(plan->n_phases, 1);
    for (int64_t i = 0; i < plan->phases[0].n; i++)
        for (int m = 0; m < plan->phases[0].instructions[i].n_maps; m++)
            assert_string_equal(plan->phases[0].instructions[i].maps[m].op->name, "mul");
    assert_true(fabs(run_scalar(plan, 3) - 3) < 1e-13);
    az_plan_free(plan);
    az_graph_free(graph);
}

/* Values of more than 64 kB, random numbers, sizes of extents, and what fails stay in the plan. */
static void test_what_stays(void **state)
{
    (void)state;
    for (int which = 0; which < 4; which++) {
        az_graph *graph = az_graph_new(AZ_F64);
        az_plan *plan = NULL;
        const az_node one = az_constant(graph, 1);
        const int64_t outside = 7;
        const az_node stays[] = {
            az_sum_all(az_exp(az_broadcast_to(one, AZ_SHAPE(100, 100)))), az_exp(az_normal(graph, "r", AZ_SCALAR)),
            az_exp(az_extent_size(graph, AZ_ROWS, AZ_F64)),
            az_gather(az_broadcast_to(one, AZ_SHAPE(3)), az_constant_array(graph, AZ_I64, AZ_SCALAR, &outside))};
        must(az_compile(&plan, &stays[which], NULL, 1, NULL), "stays");
        assert_true(n_instructions(plan) > 0);
        double y = 0;
        const az_binding to = {.name = "0", .data = &y, .type = AZ_F64};
        const az_status status = az_run(plan, &(az_run_arguments){.n_rows = 2, .outputs = &to, .n_outputs = 1});
        if (which == 3) {
            assert_int_equal(status, AZ_ERROR_DATA);
            assert_non_null(strstr(az_error_message(), "gather"));
        } else {
            must(status, "stays");
        }
        if (which == 2) assert_true(fabs(y - exp(2)) < 1e-14);
        az_plan_free(plan);
        az_graph_free(graph);
    }
}

/* --- A host that rounds upwards and traps ------------------------------------------------------------------------- */

static void build_and_run(const float *x, int64_t n, float *y)
{
    enum { COLUMNS = 7 };
    az_graph *graph = az_graph_new(AZ_F32);
    az_plan *plan = NULL;
    const az_node in = az_input(graph, "x", AZ_F32, AZ_SHAPE(AZ_ROWS, COLUMNS));
    const az_node third = az_cast(az_cast(az_constant(graph, 1 / 3.0), AZ_F64), AZ_F32);
    const az_node tiny = az_constant(graph, 1e-300), huge = az_constant(graph, 1e300); /* 0 and infinity in float */
    const az_node normal = az_layer_norm(az_scale(in, 0.1), third, az_log(az_constant(graph, 0.7)), 1e-5);
    const az_node out = az_add(az_gelu_tanh(az_min(normal, huge)), tiny);
    const az_status status = az_compile(&plan, &out, NULL, 1, NULL);
    const az_binding bound = {.name = "x", .data = (void *)(uintptr_t)x, .type = AZ_F32};
    const az_binding to = {.name = "0", .data = y, .type = AZ_F32};
    if (!status)
        must(az_run(plan,
                    &(az_run_arguments){.n_rows = n, .inputs = &bound, .n_inputs = 1, .outputs = &to, .n_outputs = 1}),
             "host");
    az_plan_free(plan);
    az_graph_free(graph);
    must(status, "host");
}

static void test_a_host_that_rounds_upwards_and_traps(void **state)
{
    enum { N = 9, COLUMNS = 7 };
    float x[N * COLUMNS], found[2][N * COLUMNS];
    fenv_t host;
    (void)state;
    for (int i = 0; i < N * COLUMNS; i++) x[i] = (float)(draw(3, (uint64_t)i) * 8 - 4);
    build_and_run(x, N, found[0]);
    fegetenv(&host);
    fesetround(FE_UPWARD);
    feclearexcept(FE_ALL_EXCEPT);
    feenableexcept(FE_INVALID | FE_OVERFLOW | FE_DIVBYZERO | FE_UNDERFLOW);
    build_and_run(x, N, found[1]);
    const int rounding = fegetround(), traps = fegetexcept();
    fesetenv(&host);
    assert_int_equal(rounding, FE_UPWARD);
    assert_int_equal(traps, FE_INVALID | FE_OVERFLOW | FE_DIVBYZERO | FE_UNDERFLOW);
    assert_memory_equal(found[0], found[1], sizeof found[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_op),
        cmocka_unit_test(test_constants_within_a_graph),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_what_stays),
        cmocka_unit_test(test_a_host_that_rounds_upwards_and_traps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
