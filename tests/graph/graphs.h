/* SPDX-License-Identifier: BSD-3-Clause */
/* Small networks and their numbers, for tests of graphs. */
#ifndef AZ_TESTS_GRAPH_GRAPHS_H
#define AZ_TESTS_GRAPH_GRAPHS_H

#include <ansatz/op.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THETA = 128 };

/* scale * (((a i + b) mod m) / m - 1/2), as in reference/derivatives.py. */
static inline void fill(double *values, int64_t n, int64_t a, int64_t b, int64_t m, double scale)
{
    for (int64_t i = 0; i < n; i++) values[i] = scale * ((double)((a * i + b) % m) / (double)m - 0.5);
}

static inline void fill_theta(double *theta, int64_t n)
{
    assert_true(n <= MOST_THETA);
    fill(theta, n, 37, 11, 101, 1.5);
}

/* Dense layers with tanh between; parameters w0, b0, w1, ... in this order. */
static inline az_node network(az_node x, const int64_t *sizes, int n_layers)
{
    for (int layer = 0; layer < n_layers; layer++) {
        char w[16], b[16];
        snprintf(w, sizeof w, "w%d", layer);
        snprintf(b, sizeof b, "b%d", layer);
        /* One after the other: a compiler may take arguments in any order, and theta is in that of the calls. */
        const az_node weight = az_parameter(x.graph, w, AZ_SHAPE(sizes[layer], sizes[layer + 1]));
        const az_node bias = az_parameter(x.graph, b, AZ_SHAPE(sizes[layer + 1]));
        x = az_dense(x, weight, bias);
        if (layer < n_layers - 1) x = az_tanh(x);
    }
    return x;
}

/* The gradient of a loss by w0, b0, w1, ..., as outputs "w0", "b0", ...; returns how many. */
static inline int network_gradient(az_node loss, const int64_t *sizes, int n_layers, az_node *gradient,
                                   char (*names)[16])
{
    az_node wrt[16];
    for (int layer = 0; layer < n_layers; layer++) {
        snprintf(names[2 * layer], sizeof *names, "w%d", layer);
        snprintf(names[2 * layer + 1], sizeof *names, "b%d", layer);
        wrt[2 * layer] = az_parameter(loss.graph, names[2 * layer], AZ_SHAPE(sizes[layer], sizes[layer + 1]));
        wrt[2 * layer + 1] = az_parameter(loss.graph, names[2 * layer + 1], AZ_SHAPE(sizes[layer + 1]));
    }
    az_grad(loss, wrt, 2 * n_layers, gradient);
    return 2 * n_layers;
}

static inline void must(az_status status)
{
    if (status) fail_msg("%s", az_error_message());
}

/* The same to a relative error. */
static inline void must_be_close(const char *what, const double *found, const double *expected, int64_t n, double error)
{
    double size = 0;
    for (int64_t i = 0; i < n; i++) size = fmax(size, fabs(expected[i]));
    for (int64_t i = 0; i < n; i++)
        if (!(fabs(found[i] - expected[i]) <= error * size))
            fail_msg("%s: element %d is %.17g, not %.17g", what, (int)i, found[i], expected[i]);
}
#define MUST_BE(what, found, expected, error)                                                                          \
    must_be_close(what, found, expected, (int64_t)(sizeof(expected) / sizeof(expected)[0]), error)

#endif
