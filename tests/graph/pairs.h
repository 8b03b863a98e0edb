/* SPDX-License-Identifier: BSD-3-Clause */
/* A kernel, an operator and a loss on pairs of rows and points, with their inputs, for tests of two extents. */
#ifndef AZ_TESTS_GRAPH_PAIRS_H
#define AZ_TESTS_GRAPH_PAIRS_H

#include "graphs.h"

enum { MOST_OUTPUTS = 12, MOST = 257 };

/* Inputs x (rows, 2) and s (points, 2), numbers of pairs "pair" (rows, points, 2), weights w (points). */
typedef struct setting {
    int64_t n, m;
    double x[MOST][2], s[MOST][2], w[MOST];
    double *pair; /* (n, m, 2) */
    double theta[MOST_THETA];
} setting;

static inline setting *setting_new(int64_t n, int64_t m)
{
    setting *made = calloc(1, sizeof *made);
    assert_true(n <= MOST && m <= MOST);
    assert_non_null(made);
    made->n = n;
    made->m = m;
    made->pair = malloc(sizeof(double[2]) * (size_t)(n * m) + 1);
    assert_non_null(made->pair);
    fill(*made->x, 2 * n, 29, 3, 97, 2);
    fill(*made->s, 2 * m, 31, 8, 89, 2);
    fill(made->w, m, 17, 5, 61, 1);
    fill(made->pair, 2 * n * m, 43, 1, 103, 2);
    fill_theta(made->theta, MOST_THETA);
    return made;
}

static inline void setting_free(setting *made)
{
    free(made->pair);
    free(made);
}

static inline az_plan *compile(const az_node *y, int n, const char *isa)
{
    az_plan *plan = NULL;
    const az_plan_options options = {.isa = isa};
    must(az_graph_status(y[0].graph));
    must(az_compile(&plan, y, NULL, n, &options));
    return plan;
}

/* Runs with whatever inputs the plan has; outputs "0", "1", ... in double. */
static inline void run(const az_plan *plan, setting *of, double *const *y, int n, int n_threads)
{
    static const char *const names[MOST_OUTPUTS] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"};
    const az_binding in[] = {{.name = "x", .data = of->x, .type = AZ_F64},
                             {.name = "s", .data = of->s, .type = AZ_F64},
                             {.name = "w", .data = of->w, .type = AZ_F64},
                             {.name = "pair", .data = of->pair, .type = AZ_F64}};
    const az_extent_value points = {"points", of->m};
    az_binding out[MOST_OUTPUTS];
    for (int i = 0; i < n; i++) out[i] = (az_binding){.name = names[i], .data = y[i], .type = AZ_F64};
    const az_run_arguments arguments = {.n_rows = of->n,
                                        .extents = &points,
                                        .n_extents = 1,
                                        .theta = of->theta,
                                        .inputs = in,
                                        .n_inputs = 4,
                                        .outputs = out,
                                        .n_outputs = n,
                                        .n_threads = n_threads};
    must(az_run(plan, &arguments));
}

/* A graph and its inputs. */
typedef struct inputs {
    az_graph *graph;
    int64_t points;
    az_node x, s, w, pair;
} inputs;

static inline inputs inputs_new(az_type real)
{
    inputs made = {.graph = az_graph_new(real)};
    made.points = az_extent(made.graph, "points");
    made.x = az_input(made.graph, "x", real, AZ_SHAPE(AZ_ROWS, 2));
    made.s = az_input(made.graph, "s", real, AZ_SHAPE(made.points, 2));
    made.w = az_input(made.graph, "w", real, AZ_SHAPE(made.points));
    made.pair = az_input(made.graph, "pair", real, AZ_SHAPE(AZ_ROWS, made.points, 2));
    return made;
}

/* exp(-|x_i - s_j|^2) */
static inline az_node gaussian(az_node x, az_node s)
{
    return az_exp(az_neg(az_sum(az_square(az_sub(x, s)), 1u << 2)));
}

/* As a function of its inputs: an operator u(x_i, s_j) = branch(x_i) . trunk(s_j), what it is at the pairs, an integral
 * of it over the points that should be 1 for each row, and one over the rows for each point.  A layer of 3 units on the
 * pairs has weights that all of them share. */
typedef struct model {
    az_node u, of_rows, of_points, loss;
} model;

static inline model model_of(const inputs *in)
{
    const az_node w0 = az_parameter(in->graph, "branch", AZ_SHAPE(2, 4));
    const az_node w1 = az_parameter(in->graph, "trunk", AZ_SHAPE(2, 4));
    const az_node w2 = az_parameter(in->graph, "pairs", AZ_SHAPE(2, 3));
    const az_node w3 = az_parameter(in->graph, "pairs out", AZ_SHAPE(3, 1));
    model made;
    const az_node branch = az_tanh(az_matmul(in->x, w0, false, false));
    const az_node trunk = az_tanh(az_matmul(in->s, w1, false, false));
    const az_node hidden = az_tanh(az_matmul(az_sub(az_mul(in->pair, in->x), in->s), w2, false, false));
    const az_node correction = az_sum(az_matmul(hidden, w3, false, false), 1u << 2);
    made.u = az_add(az_matmul(branch, trunk, false, false), correction);
    made.of_rows = az_sum(az_mul(made.u, in->w), 1u << 1);
    made.of_points = az_sum(az_square(made.u), 1u << 0);
    made.loss = az_add(az_mean(az_square(az_shift(made.of_rows, -1))),
                       az_mean(az_mul(az_sin(made.of_points), az_mul(az_mul(in->w, in->w), made.of_points))));
    made.loss = az_add(made.loss, az_mean(az_square(az_sub(made.u, az_sum(in->pair, 1u << 2)))));
    return made;
}

#endif
