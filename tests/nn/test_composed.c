/* SPDX-License-Identifier: BSD-3-Clause */
/* Activations, normalisation and losses against their definitions in long double; gradients against differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ansatz/nn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 35, K = 4 };

/* Outputs (rows, K), and their targets: numbers, rows that sum to 1, zeros and ones, classes. */
typedef struct data {
    double x[N * K], target[N * K], share[N * K], mask[N * K];
    int64_t class_number[N];
} data;

static void make(data *d)
{
    for (int i = 0; i < N * K; i++) {
        d->x[i] = 3 * sin(1.7 * i + 0.3);
        d->target[i] = cos(2.9 * i);
        d->mask[i] = i % 3 == 0;
        d->share[i] = (i % K + 1.0) / (K * (K + 1) / 2);
    }
    for (int r = 0; r < N; r++) d->class_number[r] = (5 * r + r / 3) % K;
}

static void run(az_node y, const data *d, double *found)
{
    const char *name = "y";
    az_plan *plan = NULL;
    if (az_compile(&plan, &y, &name, 1, NULL)) fail_msg("%s", az_error_message());
    const az_binding inputs[] = {
        {.name = "x", .data = (void *)(uintptr_t)d->x, .type = AZ_F64},
        {.name = "target", .data = (void *)(uintptr_t)d->target, .type = AZ_F64},
        {.name = "share", .data = (void *)(uintptr_t)d->share, .type = AZ_F64},
        {.name = "mask", .data = (void *)(uintptr_t)d->mask, .type = AZ_F64},
        {.name = "class", .data = (void *)(uintptr_t)d->class_number, .type = AZ_I64},
    };
    const az_binding output = {.name = "y", .data = found, .type = AZ_F64};
    const az_run_arguments arguments = {
        .n_rows = N, .inputs = inputs, .n_inputs = 5, .outputs = &output, .n_outputs = 1};
    if (az_run(plan, &arguments)) fail_msg("%s", az_error_message());
    az_plan_free(plan);
}

typedef struct context {
    az_graph *graph;
    az_node x, target, share, mask, class_number;
} context;

static context begin(void)
{
    az_graph *graph = az_graph_new(AZ_F64);
    const az_shape shape = AZ_SHAPE(AZ_ROWS, K);
    return (context){graph,
                     az_input(graph, "x", AZ_F64, shape),
                     az_input(graph, "target", AZ_F64, shape),
                     az_input(graph, "share", AZ_F64, shape),
                     az_input(graph, "mask", AZ_F64, shape),
                     az_input(graph, "class", AZ_I64, AZ_SHAPE(AZ_ROWS))};
}

static long double log_sum(const double *x)
{
    long double sum = 0;
    for (int k = 0; k < K; k++) sum += expl(x[k]);
    return logl(sum);
}

/* The definitions: of row x with its targets, element k of what comes out (losses have one). */
typedef long double definition(const data *d, int r, int k);

static long double gelu(const data *d, int r, int k)
{
    const long double x = d->x[r * K + k];
    return x * erfcl(-x / sqrtl(2)) / 2;
}

static long double gelu_tanh(const data *d, int r, int k)
{
    const long double x = d->x[r * K + k];
    return x * (1 + tanhl(sqrtl(2 / acosl(-1)) * (x + 0.044715L * x * x * x))) / 2;
}

static long double softmax(const data *d, int r, int k)
{
    return expl(d->x[r * K + k] - log_sum(d->x + r * K));
}

static long double log_softmax(const data *d, int r, int k)
{
    return d->x[r * K + k] - log_sum(d->x + r * K);
}

static long double layer_norm(const data *d, int r, int k)
{
    long double mean = 0, variance = 0;
    for (int j = 0; j < K; j++) mean += d->x[r * K + j] / (long double)K;
    for (int j = 0; j < K; j++) variance += powl(d->x[r * K + j] - mean, 2) / K;
    return (d->x[r * K + k] - mean) / sqrtl(variance + 0.01L) * 2 + 0.5L;
}

static long double binary(const data *d, int r, int k)
{
    long double sum = 0;
    (void)k;
    for (int j = r * K; j < r * K + K; j++) {
        const long double p = 1 / (1 + expl(-d->x[j]));
        sum -= d->mask[j] != 0 ? logl(p) : logl(1 - p);
    }
    return sum;
}

static long double categorical(const data *d, int r, int k)
{
    long double sum = 0;
    (void)k;
    for (int j = 0; j < K; j++) sum -= d->share[r * K + j] * log_softmax(d, r, j);
    return sum;
}

static long double by_class(const data *d, int r, int k)
{
    (void)k;
    return -log_softmax(d, r, (int)d->class_number[r]);
}

static long double huber(const data *d, int r, int k)
{
    long double sum = 0;
    (void)k;
    for (int j = r * K; j < r * K + K; j++) {
        const long double e = fabsl(d->x[j] - (long double)d->target[j]);
        sum += e <= 1.5L ? e * e / 2 : 1.5L * e - 1.125L;
    }
    return sum;
}

static void check(const char *name, const context *c, az_node y, definition *by, int n)
{
    data d;
    double found[N * K], gradient[N * K];
    make(&d);
    run(y, &d, found);
    for (int r = 0; r < N; r++)
        for (int k = 0; k < n; k++)
            if (!(fabs(found[r * n + k] - (double)by(&d, r, k)) <= 1e-14 * fmax(1, fabs(found[r * n + k]))))
                fail_msg("%s, row %d: %.17g, not %.17g", name, r, found[r * n + k], (double)by(&d, r, k));
    az_node slope;
    az_grad(az_sum_all(az_square(y)), &c->x, 1, &slope);
    run(slope, &d, gradient);
    for (int i = 0; i < N * K; i++) { /* a row's elements depend on that row alone */
        const double h = 1e-5, here = d.x[i];
        long double difference = 0;
        for (int side = 1; side >= -1; side -= 2) {
            d.x[i] = here + side * h;
            for (int k = 0; k < n; k++) difference += side * powl(by(&d, i / K, k), 2) / (2 * h);
        }
        d.x[i] = here;
        if (!(fabs(gradient[i] - (double)difference) <= 1e-7 * fmax(1, fabs(gradient[i]))))
            fail_msg("%s: slope %d is %.15g, differences give %.15g", name, i, gradient[i], (double)difference);
    }
}

static void composites_are_what_they_are_called(void **state)
{
    (void)state;
    const context c = begin();
    const double gain = 2, offset = 0.5;
    const az_node two = az_constant_array(c.graph, AZ_F64, AZ_SCALAR, &gain);
    const az_node half = az_constant_array(c.graph, AZ_F64, AZ_SCALAR, &offset);
    check("gelu", &c, az_gelu(c.x), gelu, K);
    check("gelu_tanh", &c, az_gelu_tanh(c.x), gelu_tanh, K);
    check("softmax", &c, az_softmax(c.x), softmax, K);
    check("log_softmax", &c, az_log_softmax(c.x), log_softmax, K);
    check("layer_norm", &c, az_layer_norm(c.x, two, half, 0.01), layer_norm, K);
    check("binary_cross_entropy", &c, az_binary_cross_entropy(c.x, c.mask), binary, 1);
    check("cross_entropy", &c, az_cross_entropy(c.x, c.share), categorical, 1);
    check("class_cross_entropy", &c, az_class_cross_entropy(c.x, c.class_number), by_class, 1);
    check("huber_loss", &c, az_huber_loss(c.x, c.target, 1.5), huber, 1);
    az_graph_free(c.graph);
}

/* Outputs whose exponentials are out of range. */
static void softmax_and_losses_do_not_overflow(void **state)
{
    (void)state;
    const context c = begin();
    data d;
    double found[N * K];
    make(&d);
    for (int i = 0; i < N * K; i++) d.x[i] *= 1000;
    az_node slope;
    az_grad(az_sum_all(az_class_cross_entropy(c.x, c.class_number)), &c.x, 1, &slope);
    const az_node all[] = {az_softmax(c.x), az_log_softmax(c.x), slope};
    for (int i = 0; i < 3; i++) {
        run(all[i], &d, found);
        for (int k = 0; k < N * K; k++) assert_true(isfinite(found[k]));
    }
    az_graph_free(c.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(composites_are_what_they_are_called),
        cmocka_unit_test(softmax_and_losses_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
