/* SPDX-License-Identifier: BSD-3-Clause */
/* A differential equation solved by a network: the damped oscillator u'' + 2 g u' + w^2 u = 0 with u(0) = 1, u'(0) = 0.
 * The loss is how badly u(t) satisfies the equation at some points, and the conditions at t = 0; its gradient by the
 * network's weights goes through the derivatives of the network by its input.  (Lagaris, Likas, Fotiadis 1998; Raissi,
 * Perdikaris, Karniadakis 2019.)
 *
 *   cc main.c $(pkg-config --cflags --libs ansatz) -lm -o oscillator && ./oscillator
 */
#include <ansatz/ansatz.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 20, POINTS = 64, STEPS = 15000 };
static const double damping = 0.2, frequency = 2.0, end = 4.0;

/* u(t): 1-20-20-1.  The same names are the same weights, whatever points t stands for. */
static az_node network(az_node t)
{
    az_graph *g = t.graph;
    az_node W1 = az_parameter(g, "W1", AZ_SHAPE(1, WIDTH)), b1 = az_parameter(g, "b1", AZ_SHAPE(WIDTH));
    az_node W2 = az_parameter(g, "W2", AZ_SHAPE(WIDTH, WIDTH)), b2 = az_parameter(g, "b2", AZ_SHAPE(WIDTH));
    az_node W3 = az_parameter(g, "W3", AZ_SHAPE(WIDTH, 1)), b3 = az_parameter(g, "b3", AZ_SHAPE(1));
    az_node h = az_tanh(az_dense(az_tanh(az_dense(t, W1, b1)), W2, b2));
    return az_dense(h, W3, b3);
}

static double solution(double t)
{
    const double w = sqrt(frequency * frequency - damping * damping);
    return exp(-damping * t) * (cos(w * t) + damping / w * sin(w * t));
}

static int failed(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, az_error_message());
    return 1;
}

int main(void)
{
    static const char *const names[] = {"W1", "b1", "W2", "b2", "W3", "b3"};
    enum { N_NAMES = 6 };
    static const az_shape shapes[N_NAMES] = {{2, {1, WIDTH}}, {1, {WIDTH}},    {2, {WIDTH, WIDTH}},
                                             {1, {WIDTH}},    {2, {WIDTH, 1}}, {1, {1}}};

    /* Two sets of points, each an extent of its own: inside, and the start. */
    az_graph *g = az_graph_new(AZ_F64);
    az_node t = az_input(g, "t", AZ_F64, AZ_SHAPE(AZ_ROWS, 1));
    az_node t0 = az_input(g, "t0", AZ_F64, AZ_SHAPE(az_extent(g, "start"), 1));
    az_node u = network(t), u0 = network(t0), du[2], du0;
    az_derivatives(u, t, 0, 2, du);
    az_derivatives(u0, t0, 0, 1, &du0);
    az_node residual = az_add(az_add(du[1], az_scale(du[0], 2 * damping)), az_scale(u, frequency * frequency));
    az_node start = az_add(az_mean(az_square(az_shift(u0, -1))), az_mean(az_square(du0)));
    az_node loss = az_add(az_mean(az_square(residual)), az_scale(start, 10));

    az_node weights[N_NAMES], outputs[1 + N_NAMES];
    const char *output_names[1 + N_NAMES] = {"loss"};
    for (int i = 0; i < N_NAMES; i++) {
        weights[i] = az_parameter(g, names[i], shapes[i]);
        output_names[1 + i] = names[i];
    }
    outputs[0] = loss;
    az_grad(loss, weights, N_NAMES, outputs + 1);

    az_plan *training = NULL, *prediction = NULL;
    if (az_compile(&training, outputs, output_names, 1 + N_NAMES, NULL)) return failed("training");
    if (az_compile(&prediction, &u, (const char *const[]){"u"}, 1, NULL)) return failed("prediction");
    az_graph_free(g);

    const int64_t n = az_plan_n_parameters(training);
    double points[POINTS], zero = 0, value, u_of_t[POINTS];
    double *theta = malloc(sizeof *theta * (size_t)n), *gradient = malloc(sizeof *gradient * (size_t)n);
    double *m = calloc((size_t)n, sizeof *m), *v = calloc((size_t)n, sizeof *v);
    if (!theta || !gradient || !m || !v) return 1;
    for (int i = 0; i < POINTS; i++) points[i] = end * i / (POINTS - 1);
    for (int64_t i = 0; i < n; i++) theta[i] = sin(12.9898 * (double)(i + 1)) * 0.3;

    az_binding inputs[] = {{.name = "t", .data = points, .type = AZ_F64},
                           {.name = "t0", .data = &zero, .type = AZ_F64}};
    az_binding results[1 + N_NAMES] = {{.name = "loss", .data = &value, .type = AZ_F64}};
    for (int i = 0; i < N_NAMES; i++) {
        int64_t offset, size;
        if (!az_plan_parameter(training, names[i], &offset, &size)) return 1;
        results[1 + i] = (az_binding){.name = names[i], .data = gradient + offset, .type = AZ_F64};
    }
    az_run_arguments run = {.n_rows = POINTS,
                            .extents = &(az_extent_value){"start", 1},
                            .n_extents = 1,
                            .theta = theta,
                            .inputs = inputs,
                            .n_inputs = 2,
                            .outputs = results,
                            .n_outputs = 1 + N_NAMES};

    /* Adam (Kingma and Ba 2015), with a rate that falls. */
    for (int step = 1; step <= STEPS; step++) {
        if (az_run(training, &run)) return failed("a step");
        const double rate = 2e-2 * pow(0.03, (double)step / STEPS);
        for (int64_t i = 0; i < n; i++) {
            m[i] = 0.9 * m[i] + 0.1 * gradient[i];
            v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i];
            theta[i] -= rate * (m[i] / (1 - pow(0.9, step))) / (sqrt(v[i] / (1 - pow(0.999, step))) + 1e-8);
        }
        if (step % (STEPS / 4) == 0) printf("step %5d  loss %.3e\n", step, value);
    }

    az_run_arguments predict = {.n_rows = POINTS,
                                .theta = theta,
                                .inputs = inputs,
                                .n_inputs = 1,
                                .outputs = &(az_binding){.name = "u", .data = u_of_t, .type = AZ_F64},
                                .n_outputs = 1};
    if (az_run(prediction, &predict)) return failed("prediction");
    double worst = 0;
    for (int i = 0; i < POINTS; i++) worst = fmax(worst, fabs(u_of_t[i] - solution(points[i])));
    printf("largest difference from the solution: %.1e\n", worst);
    az_plan_free(training);
    az_plan_free(prediction);
    free(theta);
    free(gradient);
    free(m);
    free(v);
    return worst < 1e-2 ? 0 : 1;
}
