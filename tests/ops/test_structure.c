/* SPDX-License-Identifier: BSD-3-Clause */
/* Ops that move, choose and count: against plain loops, and derivatives against differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ansatz/graph.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fractions of the golden ratio's multiples: spread evenly, no two alike. */
static double number(int64_t i)
{
    const double x = (double)(i + 1) * 0.6180339887498949;
    return 4 * (x - floor(x)) - 2;
}

/* What a run gave, and the errors of graph, plan and run: they are told, not expected. */
static void run(az_node y, int64_t n_rows, const double *x, const int64_t *index, const double *theta, void *result,
                az_type type)
{
    const char *name = "y";
    az_plan *plan = NULL;
    if (az_compile(&plan, &y, &name, 1, NULL)) fail_msg("%s", az_error_message());
    const az_binding inputs[] = {{.name = "x", .data = (void *)(uintptr_t)x, .type = AZ_F64},
                                 {.name = "index", .data = (void *)(uintptr_t)index, .type = AZ_I64}};
    const az_binding output = {.name = "y", .data = result, .type = type};
    const az_run_arguments arguments = {.n_rows = n_rows,
                                        .theta = theta,
                                        .inputs = inputs,
                                        .n_inputs = 2,
                                        .outputs = &output,
                                        .n_outputs = 1,
                                        .n_threads = 2};
    if (az_run(plan, &arguments)) fail_msg("%s", az_error_message());
    az_plan_free(plan);
}

static void check(const double *found, const double *wanted, int64_t n, double tolerance)
{
    for (int64_t i = 0; i < n; i++)
        if (!(fabs(found[i] - wanted[i]) <= tolerance * fmax(1, fabs(wanted[i]))) &&
            !(isinf(found[i]) && found[i] == wanted[i]) && !(isnan(found[i]) && isnan(wanted[i])))
            fail_msg("element %lld is %.17g, not %.17g", (long long)i, found[i], wanted[i]);
}

/* d (sum of cos(1 + y)) / d theta by reverse rules, and forward along a direction, against central differences; theta
 * are all parameters, named "a". */
static void check_derivative(az_node y, az_node a, int64_t n_rows, const double *x, const int64_t *index, double *theta,
                             int64_t n_theta)
{
    const az_node loss = az_sum_all(az_cos(az_shift(y, 1)));
    az_node gradient;
    double *found = malloc(sizeof *found * (size_t)n_theta), *direction = malloc(sizeof *direction * (size_t)n_theta);
    az_grad(loss, &a, 1, &gradient);
    run(gradient, n_rows, x, index, theta, found, AZ_F64);
    double along = 0, forward, plus, minus;
    for (int64_t i = 0; i < n_theta; i++) {
        const double middle = theta[i], h = 1e-5;
        direction[i] = number(3 * i + 7);
        along += direction[i] * found[i];
        theta[i] = middle + h;
        run(loss, n_rows, x, index, theta, &plus, AZ_F64);
        theta[i] = middle - h;
        run(loss, n_rows, x, index, theta, &minus, AZ_F64);
        theta[i] = middle;
        const double difference = (plus - minus) / (2 * h);
        if (!(fabs(difference - found[i]) <= 1e-7 * fmax(1, fabs(difference))))
            fail_msg("derivative %lld is %.15g, differences give %.15g", (long long)i, found[i], difference);
    }
    const az_node tangent = az_constant_array(a.graph, AZ_F64, az_node_shape(a), direction);
    run(az_jvp(loss, &a, &tangent, 1), n_rows, x, index, theta, &forward, AZ_F64);
    if (!(fabs(forward - along) <= 1e-12 * fmax(1, fabs(along))))
        fail_msg("forward gives %.15g, reverse %.15g", forward, along);
    free(found);
    free(direction);
}

enum { MOST = 40000 };

static void fill(double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) x[i] = number(i);
}

static const int64_t heights[] = {0, 1, 3, 5, 33, 257, 3000};
enum { N_HEIGHTS = sizeof heights / sizeof heights[0] };

/* --- Extremes ----------------------------------------------------------------------------------------------------- */

static void extremes_over_fixed_axes_and_rows(void **state)
{
    (void)state;
    enum { A = 3, B = 4 };
    double *x = malloc(sizeof *x * MOST), *found = malloc(sizeof *x * MOST);
    int64_t *places = malloc(sizeof *places * MOST);
    for (int t = 0; t < N_HEIGHTS; t++) {
        const int64_t n = heights[t];
        fill(x, n * A * B);
        if (n > 1) x[A * B + 2] = x[2] = 3; /* equal ones: the first counts */
        for (unsigned axes = 1; axes < 8; axes++) {
            az_graph *graph = az_graph_new(AZ_F64);
            const az_node in = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, A, B));
            const int64_t size[3] = {n, A, B};
            int64_t kept = 1;
            for (int d = 0; d < 3; d++) kept *= axes >> d & 1 ? 1 : size[d];
            double *largest = malloc(sizeof *largest * (size_t)(kept + 1));
            double *smallest = malloc(sizeof *smallest * (size_t)(kept + 1));
            int64_t *at_largest = calloc((size_t)kept + 1, sizeof *at_largest);
            for (int64_t k = 0; k < kept; k++)
                largest[k] = -INFINITY, smallest[k] = INFINITY, at_largest[k] = INT64_MAX;
            for (int64_t r = 0; r < n; r++)
                for (int64_t a = 0; a < A; a++)
                    for (int64_t b = 0; b < B; b++) {
                        const int64_t at[3] = {r, a, b};
                        int64_t to = 0, place = 0;
                        for (int d = 0; d < 3; d++)
                            if (axes >> d & 1)
                                place = place * size[d] + at[d];
                            else
                                to = to * size[d] + at[d];
                        const double value = x[(r * A + a) * B + b];
                        if (value > largest[to]) largest[to] = value, at_largest[to] = place;
                        smallest[to] = fmin(smallest[to], value);
                    }
            run(az_max_over(in, axes), n, x, NULL, NULL, found, AZ_F64);
            check(found, largest, kept, 0);
            run(az_min_over(in, axes), n, x, NULL, NULL, found, AZ_F64);
            check(found, smallest, kept, 0);
            run(az_argmax_over(in, axes), n, x, NULL, NULL, places, AZ_I64);
            for (int64_t k = 0; k < kept; k++) assert_int_equal(places[k], at_largest[k]);
            free(largest);
            free(smallest);
            free(at_largest);
            az_graph_free(graph);
        }
    }
    free(x);
    free(found);
    free(places);
}

static void a_nan_comes_through_extremes(void **state)
{
    (void)state;
    double x[40], found;
    int64_t place;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node in = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS));
    for (int at = 0; at < 40; at += 13) {
        fill(x, 40);
        x[at] = NAN;
        run(az_max_over(in, 1), 40, x, NULL, NULL, &found, AZ_F64);
        assert_true(isnan(found));
        run(az_argmin_over(in, 1), 40, x, NULL, NULL, &place, AZ_I64);
        assert_int_equal(place, 0);
    }
    az_graph_free(graph);
}

static void derivatives_of_extremes(void **state)
{
    (void)state;
    double x[99], theta[3] = {0.3, -0.7, 1.1};
    fill(x, 99);
    for (unsigned axes = 1; axes < 4; axes++)
        for (int largest = 0; largest < 2; largest++) {
            az_graph *graph = az_graph_new(AZ_F64);
            const az_node a = az_parameter(graph, "a", AZ_SHAPE(3));
            const az_node y = az_mul(a, az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 3)));
            check_derivative(largest ? az_max_over(y, axes) : az_min_over(y, axes), a, 33, x, NULL, theta, 3);
            az_graph_free(graph);
        }
    /* Of equal ones the first has the whole slope. */
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node a = az_parameter(graph, "a", AZ_SHAPE(3));
    const double equal[3] = {1, 2, 2}, wanted[3] = {0, 1, 0};
    double found[3];
    az_node gradient;
    az_grad(az_max_over(a, 1), &a, 1, &gradient);
    run(gradient, 1, NULL, NULL, equal, found, AZ_F64);
    check(found, wanted, 3, 0);
    az_graph_free(graph);
}

/* --- Log of sums of exponentials, sums that go on ----------------------------------------------------------------- */

static void log_sum_exp_does_not_overflow(void **state)
{
    (void)state;
    enum { N = 70, K = 5 };
    double x[N * K], found[N], wanted[N];
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node in = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, K));
    fill(x, N * K);
    for (int r = 0; r < N; r++) {
        long double sum = 0;
        for (int k = 0; k < K; k++) sum += expl(x[r * K + k]);
        const double far = r % 2 ? 1e4 : -1e4; /* exp of that is out of range */
        for (int k = 0; k < K; k++) x[r * K + k] += far;
        wanted[r] = (double)logl(sum) + far;
    }
    for (int k = 0; k < K; k++) x[k] = -INFINITY;
    x[K] = INFINITY;
    wanted[0] = -INFINITY;
    wanted[1] = INFINITY;
    run(az_log_sum_exp(in, 2), N, x, NULL, NULL, found, AZ_F64);
    check(found, wanted, N, 1e-14);
    /* Over the rows, of the finite ones. */
    long double sum = 0;
    for (int i = 2 * K; i < N * K; i++) sum += expl(x[i] - 1e4L);
    wanted[0] = (double)(logl(sum) + 1e4L);
    run(az_log_sum_exp(in, 3), N - 2, x + 2 * K, NULL, NULL, found, AZ_F64);
    check(found, wanted, 1, 1e-14);
    az_graph_free(graph);
}

static void derivatives_of_log_sum_exp_and_cumulative_sum(void **state)
{
    (void)state;
    double x[99], theta[3] = {0.3, -0.7, 1.1};
    fill(x, 99);
    for (unsigned axes = 1; axes < 4; axes++) {
        az_graph *graph = az_graph_new(AZ_F64);
        const az_node a = az_parameter(graph, "a", AZ_SHAPE(3));
        const az_node y = az_mul(a, az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 3)));
        check_derivative(az_log_sum_exp(y, axes), a, 33, x, NULL, theta, 3);
        if (axes == 1) check_derivative(az_cumulative_sum(y, -1), a, 33, x, NULL, theta, 3);
        az_graph_free(graph);
    }
}

static void cumulative_sums(void **state)
{
    (void)state;
    enum { N = 35, A = 3, B = 2 };
    double x[N * A * B], found[N * A * B], wanted[N * A * B];
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node in = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, A, B));
    fill(x, N * A * B);
    for (int i = 0; i < N * A * B; i++) wanted[i] = x[i] + (i / B % A ? wanted[i - B] : 0);
    run(az_cumulative_sum(in, 1), N, x, NULL, NULL, found, AZ_F64);
    check(found, wanted, N * A * B, 0);
    az_graph_free(graph);
}

/* --- Parts -------------------------------------------------------------------------------------------------------- */

static void parts_of_arrays(void **state)
{
    (void)state;
    enum { N = 37, A = 3, B = 7 };
    double x[N * A * B], found[N * A * (2 * B)], wanted[N * A * (2 * B)];
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node in = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, A, B));
    fill(x, N * A * B);
#define X(r, a, b) x[((r)*A + (a)) * B + (b)]
    int n = 0;
    for (int r = 0; r < N; r++)
        for (int b = 0; b < B; b++)
            for (int a = 0; a < A; a++) wanted[n++] = X(r, a, b);
    run(az_permute(in, (int[]){0, 2, 1}), N, x, NULL, NULL, found, AZ_F64);
    check(found, wanted, n, 0);
    n = 0;
    for (int r = 0; r < N; r++)
        for (int a = 0; a < A; a++)
            for (int b = 1; b < 6; b += 2) wanted[n++] = exp(X(r, a, b));
    run(az_exp(az_slice(in, -1, 1, 6, 2)), N, x, NULL, NULL, found, AZ_F64);
    check(found, wanted, n, 1e-15);
    n = 0;
    for (int r = 0; r < N; r++)
        for (int a = A - 1; a >= 0; a--)
            for (int b = B - 1; b >= 0; b--) wanted[n++] = X(r, a, b);
    run(az_flip(az_flip(in, 1), 2), N, x, NULL, NULL, found, AZ_F64);
    check(found, wanted, n, 0);
    n = 0;
    for (int r = 0; r < N; r++)
        for (int a = 0; a < A; a++)
            for (int b = -2; b < B + 4; b++) wanted[n++] = b >= 0 && b < B ? X(r, a, b) : 0.25;
    run(az_pad(in, 2, 2, 4, 0.25), N, x, NULL, NULL, found, AZ_F64);
    check(found, wanted, n, 0);
    /* A constant goes with every row; parts of parts come together again. */
    n = 0;
    for (int r = 0; r < N; r++) {
        for (int b = 0; b < B; b++) wanted[n++] = 10 + b;
        for (int a = 0; a < A; a++)
            for (int b = 0; b < B; b++) wanted[n++] = X(r, a, b);
    }
    double tens[B];
    for (int b = 0; b < B; b++) tens[b] = 10 + b;
    const az_node parts[] = {az_constant_array(graph, AZ_F64, AZ_SHAPE(1, B), tens), az_slice(in, 1, 0, 2, 1),
                             az_slice(in, 1, 2, 3, 1)};
    run(az_concatenate(parts, 3, -2), N, x, NULL, NULL, found, AZ_F64);
    check(found, wanted, n, 0);
    n = 0;
    for (int r = 0; r < N; r++)
        for (int a = 0; a < A; a++)
            for (int k = 0; k < 2; k++)
                for (int b = 0; b < B; b++) wanted[n++] = (k ? -1 : 1) * X(r, a, b);
    run(az_stack((az_node[]){in, az_neg(in)}, 2, 2), N, x, NULL, NULL, found, AZ_F64);
    check(found, wanted, n, 0);
#undef X
    az_graph_free(graph);
}

static void derivatives_of_parts(void **state)
{
    (void)state;
    double x[33 * 4], theta[12];
    fill(x, 33 * 4);
    fill(theta, 12);
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node a = az_parameter(graph, "a", AZ_SHAPE(3, 4));
    const az_node in = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 1, 4)), y = az_mul(a, in); /* (rows, 3, 4) */
    const az_node chosen[] = {az_permute(y, (int[]){0, 2, 1}),
                              az_slice(y, 2, 1, 4, 2),
                              az_flip(y, 1),
                              az_pad(y, 1, 2, 0, 0.5),
                              az_slice(a, 0, 1, 3, 1),
                              az_permute(a, (int[]){1, 0}),
                              az_concatenate((az_node[]){y, a, az_square(y)}, 3, 1),
                              az_stack((az_node[]){y, az_sin(y)}, 2, -1)};
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++)
        check_derivative(chosen[i], a, 33, x, NULL, theta, 12);
    az_graph_free(graph);
}

/* --- Places ------------------------------------------------------------------------------------------------------- */

static void gather_reads_rows_of_tables(void **state)
{
    (void)state;
    enum { MOST_N = 3000, K = 5, M = 3 };
    double *x = malloc(sizeof *x * MOST_N * K), *found = malloc(sizeof *x * MOST_N * K), theta[K * M];
    double *wanted = malloc(sizeof *x * MOST_N * K);
    int64_t index[MOST_N];
    fill(theta, K * M);
    fill(x, MOST_N * K);
    for (int t = 0; t < N_HEIGHTS; t++) {
        const int64_t n = heights[t];
        az_graph *graph = az_graph_new(AZ_F64);
        const az_node a = az_parameter(graph, "a", AZ_SHAPE(K, M));
        const az_node in = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, K));
        const az_node place = az_input(graph, "index", AZ_I64, AZ_SHAPE(AZ_ROWS));
        for (int64_t r = 0; r < n; r++) {
            index[r] = (r * r + 3 * r) % K;
            for (int m = 0; m < M; m++) wanted[r * M + m] = theta[index[r] * M + m];
        }
        run(az_gather(a, place), n, x, index, theta, found, AZ_F64);
        check(found, wanted, n * M, 0);
        for (int64_t r = 0; r < n; r++) wanted[r] = x[r * K + index[r]];
        run(az_gather(in, place), n, x, index, theta, found, AZ_F64);
        check(found, wanted, n, 0);
        double sums[K * K] = {0};
        for (int64_t r = 0; r < n; r++)
            for (int k = 0; k < K; k++) sums[index[r] * K + k] += x[r * K + k];
        run(az_scatter_add(place, in, K, true), n, x, index, theta, found, AZ_F64);
        check(found, sums, K * K, 1e-13);
        for (int64_t r = 0; r < n; r++)
            for (int k = 0; k < K; k++) wanted[r * K + k] = k == index[r];
        run(az_one_hot(place, K), n, x, index, theta, found, AZ_F64);
        check(found, wanted, n * K, 0);
        if (n == 33) {
            check_derivative(az_gather(a, place), a, n, x, index, theta, K * M);
            const az_node table = az_mul(az_slice(a, 1, 0, 1, 1), az_reshape(in, AZ_SHAPE(AZ_ROWS, K, 1)));
            check_derivative(az_gather(table, place), a, n, x, index, theta, K * M);
            check_derivative(az_scatter_add(place, az_gather(table, place), K, true), a, n, x, index, theta, K * M);
            check_derivative(az_scatter_add(place, az_gather(table, place), K, false), a, n, x, index, theta, K * M);
        }
        az_graph_free(graph);
    }
    free(x);
    free(found);
    free(wanted);
}

static void a_place_outside_the_table_is_told_with_its_row(void **state)
{
    (void)state;
    enum { N = 500 };
    int64_t index[N] = {0};
    double theta[5] = {0}, found[N];
    az_graph *graph = az_graph_new(AZ_F64);
    az_enter(graph, "embedding");
    az_node y = az_gather(az_parameter(graph, "a", AZ_SHAPE(5)), az_input(graph, "index", AZ_I64, AZ_SHAPE(AZ_ROWS)));
    az_leave(graph);
    az_plan *plan = NULL;
    assert_int_equal(az_compile(&plan, &y, NULL, 1, NULL), AZ_OK);
    const az_binding input = {.name = "index", .data = index, .type = AZ_I64};
    const az_binding output = {.name = "0", .data = found, .type = AZ_F64};
    const az_run_arguments arguments = {
        .n_rows = N, .theta = theta, .inputs = &input, .n_inputs = 1, .outputs = &output, .n_outputs = 1};
    assert_int_equal(az_run(plan, &arguments), AZ_OK);
    index[317] = 5;
    assert_int_equal(az_run(plan, &arguments), AZ_ERROR_DATA);
    assert_string_equal(az_error_message(),
                        "gather in embedding, row 317: the place 5 is outside a table of 5, counted from 0");
    index[317] = -1;
    assert_int_equal(az_run(plan, &arguments), AZ_ERROR_DATA);
    index[317] = 4;
    assert_int_equal(az_run(plan, &arguments), AZ_OK);
    az_plan_free(plan);
    az_graph_free(graph);
}

/* --- Products of many matrices ------------------------------------------------------------------------------------ */

static void products_broadcast_their_leading_axes(void **state)
{
    (void)state;
    enum { N = 33, H = 2, A = 3, B = 4, C = 5 };
    double x[N * H * A * B], theta[H * B * C], found[N * H * A * C], wanted[N * H * A * C];
    fill(x, N * H * A * B);
    fill(theta, H * B * C);
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node in = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, H, A, B));
    const az_node a = az_parameter(graph, "a", AZ_SHAPE(H, B, C));
    /* Weights of each of H, and the same of all. */
    for (int shared = 0; shared < 2; shared++) {
        const az_node weight = shared ? az_reshape(az_slice(a, 0, 1, 2, 1), AZ_SHAPE(B, C)) : a;
        for (int r = 0; r < N; r++)
            for (int h = 0; h < H; h++)
                for (int i = 0; i < A; i++)
                    for (int j = 0; j < C; j++) {
                        double sum = 0;
                        for (int k = 0; k < B; k++)
                            sum += x[((r * H + h) * A + i) * B + k] * theta[((shared ? 1 : h) * B + k) * C + j];
                        wanted[((r * H + h) * A + i) * C + j] = sum;
                    }
        const az_node y = az_matmul(in, weight, false, false);
        run(y, N, x, NULL, theta, found, AZ_F64);
        check(found, wanted, N * H * A * C, 1e-14);
        check_derivative(y, a, N, x, NULL, theta, H * B * C);
        const az_node turned = az_permute(weight, shared ? (int[]){1, 0} : (int[]){0, 2, 1});
        run(az_matmul(in, turned, false, true), N, x, NULL, theta, found, AZ_F64);
        check(found, wanted, N * H * A * C, 1e-14);
    }
    /* A matrix a row on the left of H matrices. */
    const az_node left = az_reshape(az_slice(in, 1, 0, 1, 1), AZ_SHAPE(AZ_ROWS, A, B));
    check_derivative(az_matmul(left, a, false, false), a, N, x, NULL, theta, H * B * C);
    az_graph_free(graph);
}

/* --- Another extent ----------------------------------------------------------------------------------------------- */

/* The largest over points less the largest over rows, and where it stands among the points. */
static void extents_are_reduced_each_for_itself(void **state)
{
    (void)state;
    enum { N = 50, P = 700 };
    double x[N], points[P], found;
    int64_t place, best = 0;
    fill(x, N);
    fill(points, P);
    points[613] = 5;
    x[7] = 3;
    for (int i = 0; i < P; i++) best = points[i] > points[best] ? i : best;
    az_graph *graph = az_graph_new(AZ_F64);
    const int64_t extent = az_extent(graph, "points");
    const az_node p = az_input(graph, "points", AZ_F64, AZ_SHAPE(extent));
    const az_node y[] = {az_sub(az_max_over(p, 1), az_max_over(az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS)), 1)),
                         az_argmax_over(p, 1)};
    az_plan *plan = NULL;
    if (az_compile(&plan, y, (const char *const[]){"y", "place"}, 2, NULL)) fail_msg("%s", az_error_message());
    const az_binding inputs[] = {{.name = "x", .data = x, .type = AZ_F64},
                                 {.name = "points", .data = points, .type = AZ_F64}};
    const az_binding outputs[] = {{.name = "y", .data = &found, .type = AZ_F64},
                                  {.name = "place", .data = &place, .type = AZ_I64}};
    const az_extent_value size = {"points", P};
    const az_run_arguments arguments = {.n_rows = N,
                                        .extents = &size,
                                        .n_extents = 1,
                                        .inputs = inputs,
                                        .n_inputs = 2,
                                        .outputs = outputs,
                                        .n_outputs = 2};
    if (az_run(plan, &arguments)) fail_msg("%s", az_error_message());
    assert_true(found == 2);
    assert_int_equal(place, best);
    az_plan_free(plan);
    az_graph_free(graph);
}

/* --- Errors ------------------------------------------------------------------------------------------------------- */

static void wrong_shapes_are_told(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        az_graph *graph = az_graph_new(AZ_F64);
        const az_node x = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 3));
        const az_node index = az_input(graph, "index", AZ_I64, AZ_SHAPE(AZ_ROWS));
        switch (i) {
        case 0: az_max_over(x, 4); break;
        case 1: az_slice(x, 0, 0, 1, 1); break;
        case 2: az_slice(x, 1, 0, 4, 1); break;
        case 3: az_slice(x, 1, 0, 3, 0); break;
        case 4: az_permute(x, (int[]){1, 0}); break;
        case 5: az_pad(x, 1, -1, 0, 0); break;
        case 6: az_concatenate((az_node[]){x, az_sum(x, 2)}, 2, 1); break;
        case 7: az_gather(x, x); break;
        case 8: az_scatter_add(index, x, -1, true); break;
        case 9: az_cumulative_sum(x, 5); break;
        case 11: az_matmul(az_reshape(x, AZ_SHAPE(AZ_ROWS, 3, 1, 1)), index, false, false); break;
        case 10: az_normal(graph, "", AZ_SCALAR); break;
        }
        if (i == 3) { /* no step: nothing is taken */
            assert_int_equal(az_graph_status(graph), AZ_OK);
        } else if (az_graph_status(graph) != AZ_ERROR_USAGE) {
            fail_msg("case %d is taken", i);
        }
        az_graph_free(graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extremes_over_fixed_axes_and_rows),
        cmocka_unit_test(a_nan_comes_through_extremes),
        cmocka_unit_test(derivatives_of_extremes),
        cmocka_unit_test(log_sum_exp_does_not_overflow),
        cmocka_unit_test(derivatives_of_log_sum_exp_and_cumulative_sum),
        cmocka_unit_test(cumulative_sums),
        cmocka_unit_test(parts_of_arrays),
        cmocka_unit_test(derivatives_of_parts),
        cmocka_unit_test(gather_reads_rows_of_tables),
        cmocka_unit_test(a_place_outside_the_table_is_told_with_its_row),
        cmocka_unit_test(products_broadcast_their_leading_axes),
        cmocka_unit_test(extents_are_reduced_each_for_itself),
        cmocka_unit_test(wrong_shapes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
