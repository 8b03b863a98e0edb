/* SPDX-License-Identifier: BSD-3-Clause */
/* What plans are estimated to cost (src/graph/cost.c), by which the executor decides how many threads a phase is worth,
 * beside the processor time that their runs take on one thread. */
#include "step.h"

#include "graph/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LAYERS = 10, MOST_OUTPUTS = 2 * MOST_LAYERS + 1, TILE = 128 };
static const double INSTRUCTION = 25; /* ns to begin one, as src/graph/run.c has it */

typedef enum task { FORWARD, STEP, BURGERS, HESSIAN, NORMAL, UNIFORM } task;

static void check(az_status status)
{
    if (!status) return;
    fprintf(stderr, "%s\n", az_error_message());
    exit(1);
}

/* The outputs of a task; returns how many. */
static int build(az_graph *graph, az_type type, task what, const int64_t *sizes, az_node (*activation)(az_node),
                 az_node *out)
{
    az_node wrt[2 * MOST_LAYERS], by_x[2];
    int n = 0;
    if (what == NORMAL) return out[0] = az_sum(az_normal(graph, "r", AZ_SHAPE(AZ_ROWS, 64)), 3), 1;
    if (what == UNIFORM) return out[0] = az_sum(az_uniform(graph, "r", AZ_SHAPE(AZ_ROWS, 64)), 3), 1;
    const az_node x = az_input(graph, "x", type, AZ_SHAPE(AZ_ROWS, sizes[0]));
    az_node u = x;
    for (int layer = 0; sizes[layer + 1]; layer++) {
        char name[2][16];
        for (int k = 0; k < 2; k++) snprintf(name[k], sizeof name[k], "%c%d", "wb"[k], layer);
        wrt[n++] = az_parameter(graph, name[0], AZ_SHAPE(sizes[layer], sizes[layer + 1]));
        wrt[n++] = az_parameter(graph, name[1], AZ_SHAPE(sizes[layer + 1]));
        u = az_dense(u, wrt[n - 2], wrt[n - 1]);
        if (sizes[layer + 2]) u = activation(u);
    }
    if (what == FORWARD) return out[0] = u, 1;
    if (what == HESSIAN) return out[0] = az_hessian(u, x), 1;
    if (what == BURGERS) {
        az_derivatives(u, x, 1, 2, by_x);
        u = az_sub(az_add(az_partial(u, x, 0), az_mul(u, by_x[0])), az_scale(by_x[1], NU));
    }
    out[0] = az_mean(az_square(u));
    az_grad(out[0], wrt, n, out + 1);
    return n + 1;
}

typedef struct measured {
    az_plan *plan;
    az_run_arguments run;
} measured;

static void run_plan(void *context, int64_t n, int n_threads)
{
    measured *m = context;
    m->run.n_threads = n_threads;
    for (int64_t i = 0; i < n; i++) check(az_run(m->plan, &m->run));
}

static void put(az_type type, void *array, int64_t i, double value)
{
    if (type == AZ_F32)
        ((float *)array)[i] = (float)value;
    else
        ((double *)array)[i] = value;
}

static void measure(const char *name, az_type type, task what, const int64_t *sizes, az_node (*activation)(az_node),
                    int64_t n_rows)
{
    az_node out[MOST_OUTPUTS];
    az_binding to[MOST_OUTPUTS];
    char names[MOST_OUTPUTS][16];
    double estimate = 0, milliseconds, processor;
    az_graph *graph = az_graph_new(type);
    const int n = build(graph, type, what, sizes, activation, out);
    measured m = {0};
    check(az_compile(&m.plan, out, NULL, n, NULL));
    const int64_t n_theta = az_plan_n_parameters(m.plan);
    void *theta = calloc((size_t)n_theta + 1, sizeof(double));
    void *x = calloc((size_t)(n_rows * sizes[0]), sizeof(double));
    if (!theta || !x) exit(1);
    for (int64_t i = 0; i < n_theta; i++) put(type, theta, i, 0.4 * draw(i) - 0.2);
    for (int64_t i = 0; i < n_rows * sizes[0]; i++) put(type, x, i, 2 * draw(i) - 1);
    for (int i = 0; i < n; i++) {
        int64_t elements = 1;
        const az_shape shape = az_node_shape(out[i]);
        for (int d = 0; d < shape.rank; d++) elements *= shape.size[d] < 0 ? n_rows : shape.size[d];
        snprintf(names[i], sizeof names[i], "%d", i);
        to[i] = (az_binding){
            .name = names[i], .data = calloc((size_t)elements, sizeof(double)), .type = az_node_type(out[i])};
        if (!to[i].data) exit(1);
    }
    const az_binding in = {.name = "x", .data = x, .type = type};
    m.run = (az_run_arguments){
        .n_rows = n_rows, .theta = theta, .inputs = &in, .n_inputs = 1, .outputs = to, .n_outputs = n};
    time_of_run(run_plan, &m, 1, &milliseconds, &processor);
    for (int64_t p = 0; p < m.plan->n_phases; p++) {
        const az_phase *phase = &m.plan->phases[p];
        if (phase->space < 0) continue;
        estimate += phase->row_cost * (double)n_rows;
        estimate += INSTRUCTION * (double)(phase->n * ((n_rows + TILE - 1) / TILE));
    }
    printf("%9.4f ms measured, %9.4f ms estimated, ratio %.2f  %s, %d rows, %s\n", processor, estimate * 1e-6,
           estimate * 1e-6 / processor, name, (int)n_rows, type == AZ_F32 ? "float" : "double");
    for (int i = 0; i < n; i++) free(to[i].data);
    free(theta);
    free(x);
    az_plan_free(m.plan);
    az_graph_free(graph);
}

int main(void)
{
    static const int64_t small[] = {2, 64, 64, 1, 0, 0}, step[] = {2, 64, 64, 64, 1, 0, 0};
    static const int64_t burgers[] = {2, 20, 20, 20, 20, 20, 20, 20, 20, 1, 0, 0};
    static const int64_t wide[] = {512, 512, 512, 512, 0, 0}, ten[] = {10, 64, 64, 1, 0, 0};
    for (int k = 0; k < 2; k++) {
        const az_type type = k ? AZ_F64 : AZ_F32;
        measure("2-64-64-64-1, tanh, gradient", type, STEP, step, az_tanh, 256);
        measure("2-64-64-64-1, tanh, gradient", type, STEP, step, az_tanh, 10240);
        measure("2-64-64-64-1, softplus, gradient", type, STEP, step, az_softplus, 1024);
        measure("2-64-64-64-1, sin, gradient", type, STEP, step, az_sin, 1024);
        measure("Burgers, 8 x 20, gradient", type, BURGERS, burgers, az_tanh, 10000);
        measure("512-512-512-512, gradient", type, STEP, wide, az_tanh, 1024);
        measure("2-64-64-1, values", type, FORWARD, small, az_tanh, 1024);
        measure("10-64-64-1, Hessian", type, HESSIAN, ten, az_tanh, 1024);
        measure("64 normal numbers a row", type, NORMAL, small, az_tanh, 1024);
        measure("64 uniform numbers a row", type, UNIFORM, small, az_tanh, 1024);
    }
    return 0;
}
