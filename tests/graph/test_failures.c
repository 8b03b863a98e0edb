/* SPDX-License-Identifier: BSD-3-Clause */
/* What goes wrong: errors of building that name the call and the shapes, runs that are incomplete, values that are not
 * finite, interruption, memory that is not there, a host with floating-point settings of its own, and what a run
 * leaves behind. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* feenableexcept */
#endif
#include "fail_allocation.h"
#include "graphs.h"

#include <fenv.h>
#include <time.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

/* --- Building ----------------------------------------------------------------------------------------------------- */

typedef struct bench {
    az_graph *g;
    az_node x, w, v, s, i; /* (rows, 3), (3, 4), (5), scalar, i64 (rows) */
} bench;

/* An op that brings no derivative. */
static az_status own_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    *type = az_node_type(arguments->x[0]);
    *shape = az_node_shape(arguments->x[0]);
    return AZ_OK;
}

static az_node own(az_node x)
{
    static const az_op op = {.name = "own", .n_inputs = 1, .shape = own_shape};
    return az_apply(&op, x.graph, &x, 1, NULL);
}

#define BAD(NAME, ...)                                                                                                 \
    static az_node NAME(const bench *b)                                                                                \
    {                                                                                                                  \
        __VA_ARGS__;                                                                                                   \
    }
BAD(bad_add, return az_add(b->x, b->w))
BAD(bad_matmul, return az_matmul(b->x, b->w, false, true))
BAD(bad_type, return az_mul(b->x, az_cast(b->i, AZ_F32)))
BAD(bad_index, return az_exp(b->i))
BAD(bad_sum, return az_sum(b->x, 1u << 3))
BAD(bad_reshape, return az_reshape(b->x, AZ_SHAPE(AZ_ROWS, 4)))
BAD(bad_reshape_rows, return az_reshape(b->x, AZ_SHAPE(3)))
BAD(bad_broadcast, return az_broadcast_to(b->v, AZ_SHAPE(2, 4)))
BAD(bad_select, return az_select(b->x, b->x, b->x))
BAD(bad_input, return az_input(b->g, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 4)))
BAD(bad_input_type, return az_input(b->g, "x", AZ_F32, AZ_SHAPE(AZ_ROWS, 3)))
BAD(bad_parameter, return az_parameter(b->g, "w", AZ_SHAPE(4, 3)))
BAD(bad_parameter_rows, return az_parameter(b->g, "r", AZ_SHAPE(AZ_ROWS)))
BAD(bad_parameter_empty, return az_parameter(b->g, "e", AZ_SHAPE(0)))
BAD(bad_assign, az_assign(b->x, b->x); return b->x)
BAD(bad_assign_shape, az_assign(az_state(b->g, "m", AZ_SHAPE(3)), b->v); return b->x)
BAD(bad_assign_twice, az_node m = az_state(b->g, "m", AZ_SHAPE(5)); az_assign(m, b->v); az_assign(m, m); return b->x)
BAD(bad_extent, return az_extent_size(b->g, -7, AZ_F64))
BAD(bad_extent_last, return az_input(b->g, "z", AZ_F64, AZ_SHAPE(3, AZ_ROWS)))
BAD(bad_huge, return az_input(b->g, "z", AZ_F64, AZ_SHAPE((int64_t)1 << 40, (int64_t)1 << 40)))
BAD(bad_grad, az_node d; az_grad(b->x, &b->w, 1, &d); return d)
BAD(bad_grad_of_own, az_node d; az_grad(az_sum_all(own(b->x)), &b->x, 1, &d); return d)
BAD(bad_order, return az_polygamma(61, b->x))
BAD(bad_vjp, az_node d; az_vjp(b->x, b->w, &b->w, 1, &d); return d)
BAD(bad_jvp, return az_jvp(b->x, &b->x, &b->w, 1))
BAD(bad_partial, return az_partial(b->x, b->x, 3))
BAD(bad_partial_of, return az_partial(b->x, b->w, 0))
BAD(bad_hessian, return az_hessian(b->x, b->x))
BAD(bad_path, az_enter(b->g, "encoder"); az_enter(b->g, "layer 2"); return az_add(b->x, b->w))

static const struct {
    az_node (*call)(const bench *b);
    const char *says[3];
} bad_calls[] = {
    {bad_add, {"add: ", "(rows, 3)", "(3, 4)"}},
    {bad_matmul, {"matmul: ", "(rows, 3)", "(3, 4) transposed"}},
    {bad_type, {"mul: ", "f64 and f32", "az_cast"}},
    {bad_index, {"exp: ", "i64", "real"}},
    {bad_sum, {"sum: ", "axis", "(rows, 3)"}},
    {bad_reshape, {"reshape: ", "(rows, 3)", "(rows, 4)"}},
    {bad_reshape_rows, {"reshape: ", "(rows, 3)", "(3)"}},
    {bad_broadcast, {"broadcast: ", "(5)", "(2, 4)"}},
    {bad_select, {"select: ", "mask"}},
    {bad_input, {"az_input: ", "\"x\"", "(rows, 4)"}},
    {bad_input_type, {"az_input: ", "f64", "f32"}},
    {bad_parameter, {"az_parameter: ", "\"w\"", "(4, 3)"}},
    {bad_parameter_rows, {"az_parameter: ", "\"r\"", "extent"}},
    {bad_parameter_empty, {"az_parameter: ", "\"e\"", "no elements"}},
    {bad_assign, {"az_assign: ", "no state"}},
    {bad_assign_shape, {"az_assign: ", "\"m\"", "shapes"}},
    {bad_assign_twice, {"az_assign: ", "\"m\"", "twice"}},
    {bad_extent, {"az_extent_size: ", "-7"}},
    {bad_extent_last, {"input: ", "(3, rows)", "extents lead"}},
    {bad_huge, {"input: ", "too many elements"}},
    {bad_grad, {"az_grad: ", "(rows, 3)", "scalar"}},
    {bad_grad_of_own, {"own: ", "no derivative"}},
    {bad_order, {"polygamma: ", "61", "to 60"}},
    {bad_vjp, {"az_vjp: ", "cotangent"}},
    {bad_jvp, {"az_jvp: ", "tangent 0"}},
    {bad_partial, {"az_partial: ", "input 3", "has 3"}},
    {bad_partial_of, {"az_partial: ", "(3, 4)", "(rows, d)"}},
    {bad_hessian, {"az_hessian: ", "(rows, 3)", "one number a row"}},
    {bad_path, {"add in encoder/layer 2: ", "(rows, 3)", "(3, 4)"}},
};

/* The first error stays, whatever is built after it, and az_compile tells it. */
static void test_errors_name_the_call_and_the_shapes(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof bad_calls / sizeof bad_calls[0]; k++) {
        bench b = {.g = az_graph_new(AZ_F64)};
        az_plan *plan = NULL;
        b.x = az_input(b.g, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 3));
        b.i = az_input(b.g, "i", AZ_I64, AZ_SHAPE(AZ_ROWS, 3));
        b.w = az_parameter(b.g, "w", AZ_SHAPE(3, 4));
        b.v = az_parameter(b.g, "v", AZ_SHAPE(5));
        b.s = az_constant(b.g, 2);
        must(az_graph_status(b.g));
        const az_node bad = bad_calls[k].call(&b);
        const az_node later = az_add(az_exp(bad), az_matmul(b.w, b.w, false, false));
        const az_node out[] = {az_sum_all(later)};
        const az_status status = az_compile(&plan, out, NULL, 1, NULL);
        if (status != AZ_ERROR_USAGE) fail_msg("bad call %d: status %d", (int)k, (int)status);
        const char *message = az_error_message();
        for (int i = 0; i < 3 && bad_calls[k].says[i]; i++)
            if (!strstr(message, bad_calls[k].says[i]))
                fail_msg("bad call %d: \"%s\" does not say \"%s\"", (int)k, message, bad_calls[k].says[i]);
        assert_null(plan);
        az_graph_free(b.g);
    }
}

static void test_nodes_of_another_graph(void **state)
{
    (void)state;
    az_graph *one = az_graph_new(AZ_F64), *other = az_graph_new(AZ_F64);
    az_plan *plan = NULL;
    const az_node a = az_input(one, "a", AZ_F64, AZ_SCALAR), b = az_input(other, "b", AZ_F64, AZ_SCALAR);
    const az_node both[] = {a, b};
    assert_int_equal(az_compile(&plan, both, NULL, 2, NULL), AZ_ERROR_USAGE);
    az_node sum = az_add(a, b);
    assert_int_equal(az_compile(&plan, &sum, NULL, 1, NULL), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "another graph"));
    assert_int_equal(az_compile(&plan, &(az_node){0}, NULL, 0, NULL), AZ_ERROR_USAGE);
    const az_plan_options strange = {.isa = "v5"};
    assert_int_equal(az_compile(&plan, &b, NULL, 1, &strange), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "v5"));
    az_graph_free(one);
    az_graph_free(other);
}

/* --- Running ------------------------------------------------------------------------------------------------------ */

static void test_incomplete_runs(void **state)
{
    const int64_t sizes[] = {2, 3, 1};
    double x[4] = {0}, theta[13] = {0}, y[2];
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const int64_t points = az_extent(graph, "points");
    const az_node p = az_input(graph, "p", AZ_F64, AZ_SHAPE(points));
    const az_node n = az_state(graph, "n", AZ_SCALAR);
    const az_node u = network(az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 2)), sizes, 2);
    const az_node out = az_add(u, az_add(n, az_sum_all(p)));
    const char *name = "u";
    az_plan *plan = NULL;
    must(az_compile(&plan, &out, &name, 1, NULL));
    double count = 0;
    const az_binding in[] = {{.name = "x", .data = x, .type = AZ_F64}, {.name = "p", .data = x, .type = AZ_F64}};
    const az_binding to = {.name = "u", .data = y, .type = AZ_F64}, wrong = {.name = "v", .data = y, .type = AZ_F64};
    const az_extent_value extent = {"points", 4};
    const az_run_arguments whole = {.n_rows = 2,
                                    .theta = theta,
                                    .state = &count,
                                    .inputs = in,
                                    .n_inputs = 2,
                                    .outputs = &to,
                                    .n_outputs = 1,
                                    .extents = &extent,
                                    .n_extents = 1};
    must(az_run(plan, &whole));
    az_run_arguments part[5] = {whole, whole, whole, whole, whole};
    const char *const says[] = {"\"p\"", "\"v\"", "theta", "state", "\"points\""};
    part[0].n_inputs = 1;
    part[1].outputs = &wrong;
    part[2].theta = NULL;
    part[3].state = NULL;
    part[4].n_extents = 0;
    for (int k = 0; k < 5; k++) {
        assert_int_equal(az_run(plan, &part[k]), AZ_ERROR_USAGE);
        if (!strstr(az_error_message(), says[k])) fail_msg("\"%s\" does not say %s", az_error_message(), says[k]);
    }
    must(az_run(plan, &whole));
    az_plan_free(plan);
    az_graph_free(graph);
}

/* The op, the part of the model that it was built in, and the row. */
static void test_the_first_value_that_is_not_finite(void **state)
{
    enum { N = 300 };
    static float x[N];
    (void)state;
    az_graph *graph = az_graph_new(AZ_F32);
    const az_node input = az_input(graph, "x", AZ_F32, AZ_SHAPE(AZ_ROWS));
    az_enter(graph, "encoder");
    az_enter(graph, "layer 2");
    const az_node root = az_sqrt(input);
    az_leave(graph);
    const az_node quotient = az_div(az_constant(graph, 1), az_shift(input, -7));
    az_leave(graph);
    const az_node loss = az_sum_all(az_tanh(az_add(root, quotient)));
    const az_node out[] = {loss, root};
    const az_plan_options options = {.find_nonfinite = true};
    az_plan *plan = NULL, *blind = NULL;
    must(az_compile(&plan, out, NULL, 2, &options));
    must(az_compile(&blind, out, NULL, 2, NULL));
    float sum, roots[N];
    const az_binding in = {.name = "x", .data = x, .type = AZ_F32};
    const az_binding to[] = {{.name = "0", .data = &sum, .type = AZ_F32}, {.name = "1", .data = roots, .type = AZ_F32}};
    az_run_info info;
    az_run_arguments arguments = {
        .n_rows = N, .inputs = &in, .n_inputs = 1, .outputs = to, .n_outputs = 2, .info = &info};
    for (int i = 0; i < N; i++) x[i] = 1 + (float)i / 64; /* 7 would be row 384 */
    must(az_run(plan, &arguments));
    assert_string_equal(info.nonfinite, "");
    assert_int_equal(info.nonfinite_row, -1);
    x[271] = -1;
    assert_int_equal(az_run(plan, &arguments), AZ_ERROR_DATA);
    assert_string_equal(info.nonfinite, "sqrt in encoder/layer 2");
    assert_int_equal(info.nonfinite_row, 271);
    assert_non_null(strstr(az_error_message(), "sqrt in encoder/layer 2"));
    assert_non_null(strstr(az_error_message(), "row 271"));
    must(az_run(blind, &arguments)); /* not asked for: it spreads */
    assert_true(isnan(sum));
    x[271] = 1;
    x[130] = 7;
    assert_int_equal(az_run(plan, &arguments), AZ_ERROR_DATA);
    assert_string_equal(info.nonfinite, "div in encoder");
    assert_int_equal(info.nonfinite_row, 130);
    x[130] = NAN;
    assert_int_equal(az_run(plan, &arguments), AZ_ERROR_DATA);
    assert_int_equal(info.nonfinite_row, 130);
    assert_memory_equal(info.nonfinite, "input", 5);
    az_plan_free(plan);
    az_plan_free(blind);
    az_graph_free(graph);
}

/* --- Interruption ------------------------------------------------------------------------------------------------- */

static bool count_down(void *user)
{
    int *left = user;
    return --*left < 0;
}

/* A run of forty tiles stops at the fifth question, and not before. */
static void test_interruption_between_tiles(void **state)
{
    enum { N = 256 * 40 };
    static double x[N], y[N];
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node out = az_exp(az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS)));
    az_plan *plan = NULL;
    must(az_compile(&plan, &out, NULL, 1, NULL));
    int left = 5;
    const az_control control = {.interrupted = count_down, .user = &left};
    const az_binding in = {.name = "x", .data = x, .type = AZ_F64}, to = {.name = "0", .data = y, .type = AZ_F64};
    const az_run_arguments arguments = {
        .n_rows = N, .inputs = &in, .n_inputs = 1, .outputs = &to, .n_outputs = 1, .control = &control};
    assert_int_equal(az_run(plan, &arguments), AZ_INTERRUPTED);
    assert_true(y[0] == 1 && y[N - 1] == 0); /* begun, not ended */
    left = 1000;
    must(az_run(plan, &arguments));
    assert_true(y[N - 1] == 1);
    az_plan_free(plan);
    az_graph_free(graph);
}

/* --- Memory ------------------------------------------------------------------------------------------------------- */

static az_status train_once(void *context)
{
    const int64_t sizes[] = {2, 6, 6, 1};
    double x[2 * 40], y[40], theta[MOST_THETA], gradient[MOST_THETA], loss;
    az_node out[8], d[3];
    char names[8][16];
    az_plan *plan = NULL;
    (void)context;
    fill(x, 80, 53, 29, 97, 2);
    fill(y, 40, 19, 7, 89, 1);
    fill_theta(theta, 73);
    az_graph *graph = az_graph_new(AZ_F64);
    if (!graph) return AZ_ERROR_MEMORY;
    az_enter(graph, "net");
    const az_node input = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 2)), u = network(input, sizes, 3);
    az_leave(graph);
    az_derivatives(u, input, 1, 2, d);
    const az_node moving = az_state(graph, "moving", AZ_SCALAR);
    const az_node curl = az_sum_all(az_hessian(u, input));
    const az_node target = az_input(graph, "y", AZ_F64, AZ_SHAPE(AZ_ROWS, 1));
    out[0] = az_add(az_mean(az_square(az_sub(az_add(d[0], az_mul(u, d[1])), target))), curl);
    const az_node s = az_input(graph, "s", AZ_F64, AZ_SHAPE(az_extent(graph, "points"), 2));
    const az_node of_rows = az_sum(az_mul(u, az_tanh(az_sub(input, s))), 1u << 1); /* an integral for each row */
    out[0] = az_add(out[0], az_mean(az_square(of_rows)));
    az_assign(moving, out[0]);
    az_status status = az_graph_status(graph);
    if (!status) {
        const int n = 1 + network_gradient(out[0], sizes, 3, out + 1, names);
        status = az_compile(&plan, out, NULL, n, NULL);
    }
    if (!status) {
        const int64_t size[] = {1, 12, 6, 36, 6, 6, 1};
        static const char *const numbers[] = {"0", "1", "2", "3", "4", "5", "6"};
        const az_binding in[] = {{.name = "x", .data = x, .type = AZ_F64},
                                 {.name = "y", .data = y, .type = AZ_F64},
                                 {.name = "s", .data = x, .type = AZ_F64}};
        az_binding to[7] = {{.name = "0", .data = &loss, .type = AZ_F64}};
        double *at = gradient, held = 0;
        for (int i = 1; i < 7; at += size[i++]) to[i] = (az_binding){.name = numbers[i], .data = at, .type = AZ_F64};
        const az_run_arguments arguments = {.n_rows = 40,
                                            .extents = &(az_extent_value){"points", 30},
                                            .n_extents = 1,
                                            .theta = theta,
                                            .state = &held,
                                            .inputs = in,
                                            .n_inputs = 3,
                                            .outputs = to,
                                            .n_outputs = 7};
        status = az_run(plan, &arguments);
        if (!status) status = az_plan_print(plan, NULL, 0) ? AZ_OK : AZ_ERROR_MEMORY;
    }
    az_plan_free(plan);
    az_graph_free(graph);
    return status;
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    assert_int_equal(train_once(NULL), AZ_OK);
    const long n = fail_each_allocation(train_once, NULL);
    printf("%ld allocations, each made to fail\n", n);
    assert_true(n > 50);
}

/* With memory of the caller's nothing is allocated. */
static void test_a_run_in_given_memory_allocates_nothing(void **state)
{
    enum { N = 700 };
    const int64_t sizes[] = {2, 6, 1};
    static double x[2 * N], y[N], theta[MOST_THETA];
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node u = network(az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 2)), sizes, 2);
    const az_node out = az_sub(u, az_mean(u));
    az_plan *plan = NULL;
    must(az_compile(&plan, &out, NULL, 1, NULL));
    const az_binding in = {.name = "x", .data = x, .type = AZ_F64}, to = {.name = "0", .data = y, .type = AZ_F64};
    az_run_arguments arguments = {
        .n_rows = N, .theta = theta, .inputs = &in, .n_inputs = 1, .outputs = &to, .n_outputs = 1, .n_threads = 2};
    void *work = aligned_alloc(64, (az_work_bytes(plan, &arguments) + 63) / 64 * 64);
    arguments.work = work;
    failing_allocator counting = {0};
    const az_allocator hook = {failing_resize, failing_release, &counting};
    az_set_allocator(&hook);
    const az_status status = az_run(plan, &arguments);
    az_set_allocator(NULL);
    must(status);
    assert_int_equal(counting.n_requests, 0);
    free(work);
    az_plan_free(plan);
    az_graph_free(graph);
}

/* --- A host's floating-point environment -------------------------------------------------------------------------- */

/* Values that overflow, underflow and are rounded on the way in and out; weights without rows; sums. */
static void test_a_host_with_traps_and_other_rounding(void **state)
{
    enum { N = 70 };
    static double x[N * 2], found[2][N + 2 + 1];
    double weight[2] = {0.1, 1.0 / 3}, wide[2] = {1e300, 1e-300};
    (void)state;
    az_graph *graph = az_graph_new(AZ_F32);
    const az_node input = az_input(graph, "x", AZ_F32, AZ_SHAPE(AZ_ROWS, 2));
    const az_node w = az_input(graph, "w", AZ_F32, AZ_SHAPE(2)), v = az_input(graph, "v", AZ_F32, AZ_SHAPE(2));
    const az_node out[] = {az_tanh(az_sum(az_mul(input, w), 2)), az_exp(az_mul(v, w)), az_mean(input)};
    az_plan *plan = NULL;
    must(az_compile(&plan, out, NULL, 3, NULL));
    fill(x, (int64_t)(N * 2), 53, 29, 97, 1.7);
    const az_binding in[] = {{.name = "x", .data = x, .type = AZ_F64},
                             {.name = "w", .data = weight, .type = AZ_F64},
                             {.name = "v", .data = wide, .type = AZ_F64}};
    fenv_t host;
    fegetenv(&host);
    for (int k = 0; k < 2; k++) {
        const az_binding to[] = {{.name = "0", .data = found[k], .type = AZ_F64},
                                 {.name = "1", .data = found[k] + N, .type = AZ_F64},
                                 {.name = "2", .data = found[k] + N + 2, .type = AZ_F64}};
        if (k) {
            fesetround(FE_UPWARD);
            feclearexcept(FE_ALL_EXCEPT);
            feenableexcept(FE_INVALID | FE_OVERFLOW | FE_DIVBYZERO | FE_UNDERFLOW);
        }
        const az_status status =
            az_run(plan, &(az_run_arguments){.n_rows = N, .inputs = in, .n_inputs = 3, .outputs = to, .n_outputs = 3});
        const int rounding = fegetround(), traps = fegetexcept(), raised = fetestexcept(FE_ALL_EXCEPT & ~FE_INEXACT);
        fesetenv(&host);
        must(status);
        if (!k) continue;
        assert_int_equal(rounding, FE_UPWARD);
        assert_int_equal(traps, FE_INVALID | FE_OVERFLOW | FE_DIVBYZERO | FE_UNDERFLOW);
        assert_int_equal(raised, 0);
    }
    assert_memory_equal(found[0], found[1], sizeof found[0]);
    assert_true(isinf(found[0][N])); /* exp(infinity), which was 1e300 */
    az_plan_free(plan);
    az_graph_free(graph);
}

/* --- What a run leaves behind in the CPU -------------------------------------------------------------------------- */

#if defined(__x86_64__)
/* Upper halves of the vector registers that are not 0, as XGETBV tells (Intel 64 Software Developer's Manual, volume 1,
 * 13.6: bit 2 those of 256-bit registers, bit 6 of 512-bit ones); -1: this CPU does not tell. */
static int uppers_in_use(void)
{
    unsigned a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 27) || !(c & 1u << 28)) return -1; /* OSXSAVE, AVX */
    if (!__get_cpuid_count(0xd, 1, &a, &b, &c, &d) || !(a & 4)) return -1;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(1));
    return (int)(low & 0x44);
}

/* A product comes last, whose generated code leaves the registers as it used them. */
static void test_no_upper_half_of_a_register_stays_in_use(void **state)
{
    enum { N = 256, K = 64 };
    static float x[N * K], w[K * K], y[N * K], sums[K * K];
    (void)state;
    if (uppers_in_use() < 0) skip();
    __asm__ volatile("vzeroupper" ::: "memory");
    if (uppers_in_use() != 0) skip(); /* an emulator, or a CPU that takes them all for used */
    __asm__ volatile("vpcmpeqd %%ymm0, %%ymm0, %%ymm0" ::: "xmm0");
    if (uppers_in_use() == 0) skip();
    az_graph *graph = az_graph_new(AZ_F32);
    const az_node input = az_input(graph, "x", AZ_F32, AZ_SHAPE(AZ_ROWS, K));
    const az_node outs[] = {az_matmul(input, az_parameter(graph, "w", AZ_SHAPE(K, K)), false, false),
                            az_matmul_sum(input, input, true, false)};
    const az_binding in = {.name = "x", .data = x, .type = AZ_F32};
    const az_binding to[] = {{.name = "0", .data = y, .type = AZ_F32}, {.name = "0", .data = sums, .type = AZ_F32}};
    for (int k = 0; k < 2; k++) {
        az_plan *plan = NULL;
        must(az_compile(&plan, &outs[k], NULL, 1, NULL));
        for (int n = 1; n <= N; n *= 4) {
            __asm__ volatile("vzeroupper" ::: "memory");
            const az_status status = az_run(
                plan, &(az_run_arguments){
                          .n_rows = n, .theta = w, .inputs = &in, .n_inputs = 1, .outputs = &to[k], .n_outputs = 1});
            const int in_use = uppers_in_use();
            must(status);
            assert_int_equal(in_use, 0);
        }
        az_plan_free(plan);
    }
    az_graph_free(graph);
}
#else
static void test_no_upper_half_of_a_register_stays_in_use(void **state)
{
    (void)state;
    skip();
}
#endif

/* Nanoseconds of processor time for a thousand calls of libm. */
static double time_of_libm(void)
{
    struct timespec start, end;
    volatile double sum = 0;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    for (int i = 0; i < 250; i++)
        sum = sum + sin(i * 0.1) + exp(i * -0.01) + log(1.5 + i) + (double)cosf((float)i * 0.1f);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return 1e9 * (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec);
}

/* The least of many, before a prediction and right after it. */
static void test_libm_is_as_fast_after_a_run_as_before(void **state)
{
    enum { N = 64, TIMES = 300 };
    const int64_t sizes[] = {2, 64, 64, 1};
    static float x[2 * N], theta[4417], y[N];
    double before = INFINITY, after = INFINITY;
    (void)state;
    az_graph *graph = az_graph_new(AZ_F32);
    const az_node u = network(az_input(graph, "x", AZ_F32, AZ_SHAPE(AZ_ROWS, 2)), sizes, 3);
    az_plan *plan = NULL;
    must(az_compile(&plan, &u, NULL, 1, NULL));
    for (int i = 0; i < 4417; i++) theta[i] = (float)(i * 37 % 101) / 101 - 0.5f;
    const az_binding in = {.name = "x", .data = x, .type = AZ_F32}, to = {.name = "0", .data = y, .type = AZ_F32};
    const az_run_arguments arguments = {
        .n_rows = N, .theta = theta, .inputs = &in, .n_inputs = 1, .outputs = &to, .n_outputs = 1};
    for (int i = 0; i < TIMES; i++) {
        before = fmin(before, time_of_libm());
        must(az_run(plan, &arguments));
        after = fmin(after, time_of_libm());
    }
    printf("1,000 calls of libm: %.0f ns before a run, %.0f after it\n", before, after);
    assert_true(after < 1.25 * before);
    az_plan_free(plan);
    az_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_name_the_call_and_the_shapes),
        cmocka_unit_test(test_nodes_of_another_graph),
        cmocka_unit_test(test_incomplete_runs),
        cmocka_unit_test(test_the_first_value_that_is_not_finite),
        cmocka_unit_test(test_interruption_between_tiles),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_a_run_in_given_memory_allocates_nothing),
        cmocka_unit_test(test_a_host_with_traps_and_other_rounding),
        cmocka_unit_test(test_no_upper_half_of_a_register_stays_in_use),
        cmocka_unit_test(test_libm_is_as_fast_after_a_run_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
