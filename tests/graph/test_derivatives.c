/* SPDX-License-Identifier: BSD-3-Clause */
/* Derivatives that are known: closed forms, and values of JAX and PyTorch (reference/derivatives.py). */
#include "graphs.h"
#include "reference/derivatives.h"

/* One plan of outputs "0", "1", ..., compiled, run, and gone: arrays of f64. */
static void run_once(const az_node *outputs, int n, double *const *to, az_run_arguments arguments)
{
    enum { MOST = 24 };
    char names[MOST][16];
    az_binding bound[MOST];
    az_plan *plan = NULL;
    must(az_compile(&plan, outputs, NULL, n, NULL));
    for (int i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "%d", i);
        bound[i] = (az_binding){.name = names[i], .data = to[i], .type = AZ_F64};
    }
    arguments.outputs = bound;
    arguments.n_outputs = n;
    must(az_run(plan, &arguments));
    az_plan_free(plan);
}

/* The derivatives of tanh by powers of t = tanh. */
static double derivative_of_tanh(int order, double x)
{
    const double t = tanh(x), s = 1 - t * t;
    switch (order) {
    case 1: return s;
    case 2: return -2 * t * s;
    case 3: return s * (6 * t * t - 2);
    default: return s * t * (16 - 24 * t * t);
    }
}

/* A sum of a_k tanh(w_k x + b_k) has the derivatives a_k w_k^n tanh^(n)(w_k x + b_k). */
static void test_fourth_derivative_of_a_tanh_network(void **state)
{
    enum { N = 11, HIDDEN = 3, ORDER = 4 };
    const int64_t sizes[] = {1, HIDDEN, 1};
    double theta[3 * HIDDEN + 1], x[N], found[3 * ORDER][N];
    double *to[3 * ORDER];
    az_node out[3 * ORDER];
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node input = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 1)), u = network(input, sizes, 2);
    fill_theta(theta, 3 * HIDDEN + 1);
    fill(x, N, 53, 29, 97, 2);
    az_derivatives(u, input, 0, ORDER, out);
    for (int k = 0; k < ORDER; k++) {
        out[ORDER + k] = az_partial(k ? out[ORDER + k - 1] : u, input, 0);
        /* In reverse: rows do not mix, so the gradient of a sum over rows has the derivative of each. */
        az_grad(az_sum_all(k ? out[2 * ORDER + k - 1] : u), &input, 1, &out[2 * ORDER + k]);
    }
    for (int k = 0; k < 3 * ORDER; k++) to[k] = found[k];
    const az_binding in = {.name = "x", .data = x, .type = AZ_F64};
    run_once(out, 3 * ORDER, to, (az_run_arguments){.n_rows = N, .theta = theta, .inputs = &in, .n_inputs = 1});
    for (int k = 0; k < 3 * ORDER; k++) {
        double expected[N] = {0};
        const int order = k % ORDER + 1;
        for (int r = 0; r < N; r++)
            for (int j = 0; j < HIDDEN; j++) {
                const double w = theta[j], b = theta[HIDDEN + j], a = theta[2 * HIDDEN + j];
                expected[r] += a * pow(w, order) * derivative_of_tanh(order, w * x[r] + b);
            }
        MUST_BE("derivatives of a network of tanh", found[k], expected, 1e-13);
    }
    az_graph_free(graph);
}

/* f = sum_i 100 (x_(i+1) - x_i^2)^2 + (1 - x_i)^2, d = 3. */
static void test_hessian_of_rosenbrock(void **state)
{
    enum { N = 5, D = 3 };
    double x[N * D], found[N * D * D], expected[N * D * D] = {0};
    az_node column[D];
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node input = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, D));
    for (int i = 0; i < D; i++) {
        double unit[D] = {0};
        unit[i] = 1;
        column[i] = az_matmul(input, az_constant_array(graph, AZ_F64, AZ_SHAPE(D, 1), unit), false, false);
    }
    az_node f = az_constant(graph, 0);
    for (int i = 0; i + 1 < D; i++) {
        f = az_add(f, az_scale(az_square(az_sub(column[i + 1], az_square(column[i]))), 100));
        f = az_add(f, az_square(az_shift(az_neg(column[i]), 1)));
    }
    const az_node hessian = az_hessian(f, input);
    fill(x, (int64_t)(N * D), 53, 29, 97, 4);
    for (int r = 0; r < N; r++)
        for (int i = 0; i + 1 < D; i++) {
            double *h = expected + r * D * D;
            const double a = x[r * D + i], b = x[r * D + i + 1];
            h[i * D + i] += 1200 * a * a - 400 * b + 2;
            h[i * D + i + 1] = h[(i + 1) * D + i] = -400 * a;
            h[(i + 1) * D + i + 1] += 200;
        }
    const az_binding in = {.name = "x", .data = x, .type = AZ_F64};
    run_once(&hessian, 1, (double *[]){found}, (az_run_arguments){.n_rows = N, .inputs = &in, .n_inputs = 1});
    MUST_BE("Rosenbrock", found, expected, 1e-15);
    az_graph_free(graph);
}

static void test_jacobian_and_hessian_of_a_network(void **state)
{
    enum { N = 4 };
    const int64_t sizes[] = {3, 7, 5, 2};
    double theta[MOST_THETA], x[N * 3], jacobian[N * 2 * 3], hessian[N * 3 * 3], turned[N * 3 * 3];
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node input = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 3)), y = network(input, sizes, 3);
    const double first[] = {1, 0};
    const az_node y0 = az_matmul(y, az_constant_array(graph, AZ_F64, AZ_SHAPE(2, 1), first), false, false);
    fill_theta(theta, 3 * 7 + 7 + 7 * 5 + 5 + 5 * 2 + 2);
    fill(x, (int64_t)(N * 3), 53, 29, 97, 2);
    /* az_grad of az_grad's rows is the Hessian by another way: by the first input. */
    az_node gradient, again;
    az_grad(az_sum_all(y0), &input, 1, &gradient);
    const double unit[] = {1, 0, 0};
    az_grad(az_sum_all(az_mul(gradient, az_constant_array(graph, AZ_F64, AZ_SHAPE(3), unit))), &input, 1, &again);
    const az_node out[] = {az_jacobian(y, input), az_hessian(y0, input), again};
    assert_int_equal(az_node_shape(out[0]).rank, 3);
    const az_binding in = {.name = "x", .data = x, .type = AZ_F64};
    run_once(out, 3, (double *[]){jacobian, hessian, turned},
             (az_run_arguments){.n_rows = N, .theta = theta, .inputs = &in, .n_inputs = 1});
    MUST_BE("Jacobian", jacobian, network_jacobian, 1e-14);
    MUST_BE("Hessian", hessian, network_hessian, 1e-14);
    for (int r = 0; r < N; r++) {
        must_be_close("reverse over reverse", turned + 3 * r, network_hessian + 9 * r, 3, 1e-14);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < i; j++)
                assert_true(hessian[9 * r + 3 * i + j] == hessian[9 * r + 3 * j + i]); /* to the bit */
    }
    az_graph_free(graph);
}

/* --- Losses ------------------------------------------------------------------------------------------------------- */

/* A loss, its gradient by the parameters of a network, and what they should be. */
static void check_loss(const char *what, az_node loss, const int64_t *sizes, int n_layers, az_run_arguments arguments,
                       double expected_loss, const double *expected)
{
    double theta[MOST_THETA], gradient[MOST_THETA], value;
    double *to[16];
    az_node out[16];
    char names[16][16];
    const int n = network_gradient(loss, sizes, n_layers, out + 1, names);
    int64_t at = 0;
    out[0] = loss;
    to[0] = &value;
    for (int i = 0; i < n; i++) {
        to[i + 1] = gradient + at;
        for (int64_t k = 1, d = 0; d <= az_node_shape(out[i + 1]).rank; d++) {
            if (d == az_node_shape(out[i + 1]).rank)
                at += k;
            else
                k *= az_node_shape(out[i + 1]).size[d];
        }
    }
    fill_theta(theta, at);
    arguments.theta = theta;
    run_once(out, n + 1, to, arguments);
    must_be_close(what, &value, &expected_loss, 1, 1e-13);
    must_be_close(what, gradient, expected, at, 1e-12);
}

static void test_burgers(void **state)
{
    enum { N = 6 };
    const int64_t sizes[] = {2, 6, 6, 1};
    double x[N * 2];
    (void)state;
    fill(x, (int64_t)(N * 2), 53, 29, 97, 2);
    for (int taylor = 0; taylor < 2; taylor++) {
        az_graph *graph = az_graph_new(AZ_F64);
        const az_node tx = az_input(graph, "tx", AZ_F64, AZ_SHAPE(AZ_ROWS, 2)), u = network(tx, sizes, 3);
        az_node by_x[2] = {az_partial(u, tx, 1), az_partial(az_partial(u, tx, 1), tx, 1)};
        if (taylor) az_derivatives(u, tx, 1, 2, by_x);
        const az_node drift = az_add(az_partial(u, tx, 0), az_mul(u, by_x[0]));
        const az_node loss = az_mean(az_square(az_sub(drift, az_scale(by_x[1], 0.03))));
        const az_binding in = {.name = "tx", .data = x, .type = AZ_F64};
        check_loss("Burgers", loss, sizes, 3, (az_run_arguments){.n_rows = N, .inputs = &in, .n_inputs = 1},
                   burgers_loss[0], burgers_gradient);
        az_graph_free(graph);
    }
}

enum { N_DATA = 6, N_GRID = 9 };

typedef struct data {
    double x[N_DATA], y[N_DATA], grid[N_GRID];
    az_binding in[3];
    az_extent_value extent;
} data;

static void make_data(data *d)
{
    fill(d->x, N_DATA, 53, 29, 97, 2);
    fill(d->y, N_DATA, 19, 7, 89, 1);
    for (int i = 0; i < N_GRID; i++) d->grid[i] = 0.125 * i;
    d->in[0] = (az_binding){.name = "x", .data = d->x, .type = AZ_F64};
    d->in[1] = (az_binding){.name = "y", .data = d->y, .type = AZ_F64};
    d->in[2] = (az_binding){.name = "grid", .data = d->grid, .type = AZ_F64};
    d->extent = (az_extent_value){"grid", N_GRID};
}

/* Data of one extent, and (sum of x f(x) dx - 1)^2 over another. */
static void test_integral_constraint(void **state)
{
    const int64_t sizes[] = {1, 5, 1};
    data d;
    (void)state;
    make_data(&d);
    az_graph *graph = az_graph_new(AZ_F64);
    const int64_t on_grid = az_extent(graph, "grid");
    const az_node x = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 1));
    const az_node y = az_input(graph, "y", AZ_F64, AZ_SHAPE(AZ_ROWS, 1));
    const az_node grid = az_input(graph, "grid", AZ_F64, AZ_SHAPE(on_grid, 1));
    const az_node integral = az_sum_all(az_scale(az_mul(grid, network(grid, sizes, 2)), 0.125));
    const az_node loss = az_add(az_mean(az_square(az_sub(network(x, sizes, 2), y))), az_square(az_shift(integral, -1)));
    check_loss(
        "integral", loss, sizes, 2,
        (az_run_arguments){.n_rows = N_DATA, .inputs = d.in, .n_inputs = 3, .extents = &d.extent, .n_extents = 1},
        integral_loss[0], integral_gradient);
    az_graph_free(graph);
}

/* u'' + u = 0 inside, u = y at the boundary: two sets of points, one set of weights. */
static void test_two_sets_of_points(void **state)
{
    const int64_t sizes[] = {1, 5, 1};
    data d;
    (void)state;
    make_data(&d);
    az_graph *graph = az_graph_new(AZ_F64);
    const int64_t on_grid = az_extent(graph, "grid");
    const az_node x = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 1));
    const az_node y = az_input(graph, "y", AZ_F64, AZ_SHAPE(AZ_ROWS, 1));
    const az_node grid = az_input(graph, "grid", AZ_F64, AZ_SHAPE(on_grid, 1)), u = network(grid, sizes, 2);
    az_node by_s[2];
    az_derivatives(u, grid, 0, 2, by_s);
    const az_node loss = az_add(az_mean(az_square(az_add(by_s[1], u))),
                                az_scale(az_mean(az_square(az_sub(network(x, sizes, 2), y))), 10));
    check_loss(
        "two sets of points", loss, sizes, 2,
        (az_run_arguments){.n_rows = N_DATA, .inputs = d.in, .n_inputs = 3, .extents = &d.extent, .n_extents = 1},
        two_sets_loss[0], two_sets_gradient);
    az_graph_free(graph);
}

/* Batch normalisation, of sums over the rows: the gradient runs through the statistics. */
static void test_batch_statistics(void **state)
{
    enum { N = 6, D = 3 };
    double x[N * 2], y[N * D], w[2 * D], scale[D], shift[D], loss, found[2 * D + 2 * D + 2 * N];
    (void)state;
    fill(x, (int64_t)(N * 2), 53, 29, 97, 2);
    fill(y, (int64_t)(N * D), 19, 7, 89, 1);
    fill(w, (int64_t)(2 * D), 37, 11, 101, 1.5);
    fill(scale, D, 31, 5, 83, 1);
    fill(shift, D, 23, 3, 79, 1);
    for (int i = 0; i < D; i++) scale[i] += 1;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node wrt[] = {az_input(graph, "w", AZ_F64, AZ_SHAPE(2, D)), az_input(graph, "scale", AZ_F64, AZ_SHAPE(D)),
                           az_input(graph, "shift", AZ_F64, AZ_SHAPE(D)),
                           az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 2))};
    const az_node target = az_input(graph, "y", AZ_F64, AZ_SHAPE(AZ_ROWS, D));
    const az_node n = az_extent_size(graph, AZ_ROWS, AZ_F64), h = az_matmul(wrt[3], wrt[0], false, false);
    const az_node centred = az_sub(h, az_div(az_sum(h, 1), n));
    const az_node variance = az_div(az_sum(az_square(centred), 1), n);
    const az_node normal = az_div(centred, az_sqrt(az_shift(variance, 1e-3)));
    az_node out[5];
    out[0] = az_mean(az_square(az_sub(az_tanh(az_add(az_mul(normal, wrt[1]), wrt[2])), target)));
    az_grad(out[0], wrt, 4, out + 1);
    const az_binding in[] = {{.name = "w", .data = w, .type = AZ_F64},
                             {.name = "scale", .data = scale, .type = AZ_F64},
                             {.name = "shift", .data = shift, .type = AZ_F64},
                             {.name = "x", .data = x, .type = AZ_F64},
                             {.name = "y", .data = y, .type = AZ_F64}};
    run_once(out, 5, (double *[]){&loss, found, found + 2 * D, found + 3 * D, found + 4 * D},
             (az_run_arguments){.n_rows = N, .inputs = in, .n_inputs = 5});
    must_be_close("batch normalisation", &loss, norm_loss, 1, 1e-13);
    MUST_BE("batch normalisation", found, norm_gradient, 1e-12);
    az_graph_free(graph);
}

/* --- What cannot be had ------------------------------------------------------------------------------------------- */

static void test_rows_that_are_coupled(void **state)
{
    (void)state;
    for (int call = 0; call < 4; call++) {
        az_graph *graph = az_graph_new(AZ_F64);
        const az_node x = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 2));
        const az_node u = az_sub(x, az_sum(x, 1)); /* every row knows of all */
        az_node d[3];
        az_plan *plan = NULL;
        switch (call) {
        case 0: d[0] = az_partial(u, x, 0); break;
        case 1: az_derivatives(u, x, 0, 2, d); break;
        case 2: d[0] = az_jacobian(u, x); break;
        default: d[0] = az_hessian(az_sum(u, 2), x); break;
        }
        assert_int_equal(az_compile(&plan, d, NULL, 1, NULL), AZ_ERROR_USAGE);
        assert_non_null(strstr(az_error_message(), "depends on other rows of x, through \"sum\""));
        az_graph_free(graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fourth_derivative_of_a_tanh_network),
        cmocka_unit_test(test_hessian_of_rosenbrock),
        cmocka_unit_test(test_jacobian_and_hessian_of_a_network),
        cmocka_unit_test(test_burgers),
        cmocka_unit_test(test_integral_constraint),
        cmocka_unit_test(test_two_sets_of_points),
        cmocka_unit_test(test_batch_statistics),
        cmocka_unit_test(test_rows_that_are_coupled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
