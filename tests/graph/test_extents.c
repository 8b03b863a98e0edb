/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of two extents: pairs of rows and points, what is summed over one of them or both, and their derivatives. */
#include "pairs.h"

static const int64_t sizes[] = {0, 1, 3, 4, 5, 33, 257};
enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

static double gaussian_of(const double *x, const double *s)
{
    return exp(-(x[0] - s[0]) * (x[0] - s[0]) - (x[1] - s[1]) * (x[1] - s[1]));
}

static void test_values_and_sums(void **state)
{
    (void)state;
    const inputs in = inputs_new(AZ_F64);
    const az_node k = gaussian(in.x, in.s), both = az_mul(k, az_sum(in.pair, 1u << 2));
    const az_shape all = az_node_shape(in.pair); /* what is the same for all points counts for each of them */
    const az_node same = az_mul(az_broadcast_to(in.x, all), az_broadcast_to(az_sin(in.x), all));
    const az_node y[] = {k,
                         az_sum(az_mul(k, in.w), 1u << 1), /* an integral for each row */
                         az_sum(k, 1u << 0),
                         az_sum_all(both),
                         az_sum(in.pair, 1u << 0),
                         az_sum(in.pair, 1u << 1),
                         az_max_over(in.pair, 1u << 0),
                         az_min_over(in.pair, 1u << 1),
                         az_mean(k),
                         az_sum(az_mul(in.x, in.pair), 1u << 1 | 1u << 2),
                         az_sum(same, 1u << 0),
                         az_sum(same, 1u << 1)};
    enum { N = sizeof y / sizeof y[0] };
    az_plan *plan = compile(y, N, NULL);
    for (int i = 0; i < N_SIZES * N_SIZES; i++) {
        setting *of = setting_new(sizes[i / N_SIZES], sizes[i % N_SIZES]);
        const int64_t n = of->n, m = of->m, shape[N] = {n * m, n, m, 1, 2 * m, 2 * n, 2 * m, 2 * n, 1, n, 2 * m, 2 * n};
        double *found[N], *known[N];
        for (int k2 = 0; k2 < N; k2++) {
            found[k2] = malloc(sizeof(double) * (size_t)shape[k2] + 1);
            known[k2] = calloc((size_t)shape[k2] + 1, sizeof(double));
        }
        for (int64_t e = 0; e < 2 * m; e++) known[6][e] = -INFINITY;
        for (int64_t e = 0; e < 2 * n; e++) known[7][e] = INFINITY;
        for (int64_t r = 0; r < n; r++)
            for (int64_t p = 0; p < m; p++) {
                const double kernel = gaussian_of(of->x[r], of->s[p]), *pair = of->pair + 2 * (r * m + p);
                known[0][r * m + p] = kernel;
                known[1][r] += of->w[p] * kernel;
                known[2][p] += kernel;
                known[3][0] += kernel * (pair[0] + pair[1]);
                known[8][0] += kernel / (double)(n * m);
                known[9][r] += of->x[r][0] * pair[0] + of->x[r][1] * pair[1];
                for (int e = 0; e < 2; e++) {
                    known[10][2 * p + e] += of->x[r][e] * sin(of->x[r][e]);
                    known[11][2 * r + e] += of->x[r][e] * sin(of->x[r][e]);
                    known[4][2 * p + e] += pair[e];
                    known[5][2 * r + e] += pair[e];
                    known[6][2 * p + e] = fmax(known[6][2 * p + e], pair[e]);
                    known[7][2 * r + e] = fmin(known[7][2 * r + e], pair[e]);
                }
            }
        run(plan, of, found, N, 1);
        for (int k2 = 0; k2 < N; k2++) {
            char text[64];
            snprintf(text, sizeof text, "output %d of %d by %d", k2, (int)n, (int)m);
            if (k2 == 6 || k2 == 7)
                assert_memory_equal(found[k2], known[k2], sizeof(double) * (size_t)shape[k2]);
            else if (k2 != 8 || n * m > 0)
                must_be_close(text, found[k2], known[k2], shape[k2], 1e-13);
            free(found[k2]);
            free(known[k2]);
        }
        setting_free(of);
    }
    az_plan_free(plan);
    az_graph_free(in.graph);
}

/* --- Derivatives -------------------------------------------------------------------------------------------------- */

/* The loss for theta or an input moved along a direction, by central differences of fourth order. */
static double difference(const az_plan *plan, setting *of, double *place, int64_t n, const double *direction)
{
    const double h = 2e-4, step[] = {-2, -1, 1, 2}, weight[] = {1. / 12, -8. / 12, 8. / 12, -1. / 12};
    double sum = 0;
    for (int k = 0; k < 4; k++) {
        double loss;
        for (int64_t i = 0; i < n; i++) place[i] += h * step[k] * direction[i];
        run(plan, of, (double *[]){&loss}, 1, 1);
        for (int64_t i = 0; i < n; i++) place[i] -= h * step[k] * direction[i];
        sum += weight[k] * loss / h;
    }
    return sum;
}

static void test_gradient(void **state)
{
    (void)state;
    static const int64_t cases[][2] = {{1, 1}, {3, 5}, {5, 33}, {33, 5}, {40, 130}};
    const inputs in = inputs_new(AZ_F64);
    const model made = model_of(&in);
    enum { N_THETA = 8 + 8 + 6 + 3 };
    az_node wrt[7] = {az_parameter(in.graph, "branch", AZ_SHAPE(2, 4)),
                      az_parameter(in.graph, "trunk", AZ_SHAPE(2, 4)),
                      az_parameter(in.graph, "pairs", AZ_SHAPE(2, 3)),
                      az_parameter(in.graph, "pairs out", AZ_SHAPE(3, 1)),
                      in.x,
                      in.s,
                      in.pair};
    az_node gradient[7];
    az_grad(made.loss, wrt, 7, gradient);
    az_plan *forward = compile(&made.loss, 1, NULL), *plan = compile(gradient, 7, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setting *of = setting_new(cases[i][0], cases[i][1]);
        const int64_t n = of->n, m = of->m;
        double *theta = malloc(sizeof(double) * N_THETA), *x = malloc(sizeof(double[2]) * (size_t)n);
        double *s = malloc(sizeof(double[2]) * (size_t)m), *pair = malloc(sizeof(double[2]) * (size_t)(n * m));
        run(plan, of, (double *[]){theta, theta + 8, theta + 16, theta + 22, x, s, pair}, 7, 2);
        double *const found[] = {theta, x, s, pair};
        double *const place[] = {of->theta, *of->x, *of->s, of->pair};
        const int64_t count[] = {N_THETA, 2 * n, 2 * m, 2 * n * m};
        for (int k = 0; k < 4; k++) {
            double *direction = malloc(sizeof(double) * (size_t)count[k]), product = 0;
            fill(direction, count[k], 23, 7, 71, 1);
            for (int64_t e = 0; e < count[k]; e++) product += direction[e] * found[k][e];
            const double known = difference(forward, of, place[k], count[k], direction);
            if (!(fabs(product - known) <= 1e-9 * (1 + fabs(known))))
                fail_msg("%d by %d, kind %d: %.15g, by differences %.15g", (int)n, (int)m, k, product, known);
            free(direction);
        }
        free(theta);
        free(x);
        free(s);
        free(pair);
        setting_free(of);
    }
    az_plan_free(forward);
    az_plan_free(plan);
    az_graph_free(in.graph);
}

/* Each row has weights of its own for all of its points, and each point a table that rows read at a place. */
static void test_weights_of_rows(void **state)
{
    (void)state;
    static const int64_t cases[][2] = {{1, 1}, {3, 3}, {5, 33}, {20, 130}};
    const inputs in = inputs_new(AZ_F64);
    const az_node w0 = az_parameter(in.graph, "w", AZ_SHAPE(2, 3));
    const az_node weight = az_mul(az_reshape(in.x, AZ_SHAPE(AZ_ROWS, 2, 1)), w0);                    /* (rows, 2, 3) */
    const az_node place = az_cast(az_less(az_sum(in.x, 1u << 1), az_constant(in.graph, 0)), AZ_I64); /* (rows) */
    const az_node y = az_add(az_matmul(in.pair, weight, false, false),
                             az_reshape(az_gather(in.s, place), AZ_SHAPE(AZ_ROWS, in.points, 1)));
    az_node out[3] = {y, az_mean(az_square(y))};
    az_grad(out[1], &w0, 1, &out[2]);
    az_plan *plan = compile(out, 3, NULL), *loss = compile(&out[1], 1, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setting *of = setting_new(cases[i][0], cases[i][1]);
        const int64_t n = of->n, m = of->m;
        double *found = malloc(sizeof(double[3]) * (size_t)(n * m)), mean, gradient[6];
        run(plan, of, (double *[]){found, &mean, gradient}, 3, 1);
        for (int64_t r = 0; r < n; r++)
            for (int64_t p = 0; p < m; p++)
                for (int k = 0; k < 3; k++) {
                    const double *pair = of->pair + 2 * (r * m + p);
                    double known = of->s[p][of->x[r][0] + of->x[r][1] < 0];
                    for (int l = 0; l < 2; l++) known += pair[l] * of->x[r][l] * of->theta[3 * l + k];
                    assert_true(fabs(found[3 * (r * m + p) + k] - known) < 1e-14);
                }
        for (int k = 0; k < 6; k++) {
            double direction[6] = {0};
            direction[k] = 1;
            const double known = difference(loss, of, of->theta, 6, direction);
            if (!(fabs(gradient[k] - known) < 1e-10)) fail_msg("%g, by differences %g", gradient[k], known);
        }
        free(found);
        setting_free(of);
    }
    az_plan_free(plan);
    az_plan_free(loss);
    az_graph_free(in.graph);
}

/* A softmax over the points of each row, with the derivative of its logarithm's sum; the nearest point, and row. */
static void test_softmax_and_nearest(void **state)
{
    (void)state;
    enum { N = 35, M = 60 };
    static double soft[N * M], slope[N * 2], nearest[N], nearest_row[M];
    const inputs in = inputs_new(AZ_F64);
    const az_node distance = az_sum(az_square(az_sub(in.x, in.s)), 1u << 2), score = az_scale(distance, -3);
    const az_node total = az_log_sum_exp(score, 1u << 1);
    az_node out[4] = {az_exp(az_sub(score, total))};
    az_grad(az_sum_all(total), &in.x, 1, &out[1]);
    out[2] = az_cast(az_argmin_over(distance, 1u << 1), AZ_F64);
    out[3] = az_cast(az_argmin_over(distance, 1u << 0), AZ_F64);
    az_plan *plan = compile(out, 4, NULL);
    setting *of = setting_new(N, M);
    run(plan, of, (double *[]){soft, slope, nearest, nearest_row}, 4, 1);
    int row_of[M] = {0};
    for (int i = 0; i < N; i++) {
        double sum = 0, known_slope[2] = {0};
        int point = 0;
        for (int j = 0; j < M; j++) sum += pow(gaussian_of(of->x[i], of->s[j]), 3);
        for (int j = 0; j < M; j++) {
            const double known = pow(gaussian_of(of->x[i], of->s[j]), 3) / sum;
            assert_true(fabs(soft[i * M + j] - known) < 1e-14);
            for (int k = 0; k < 2; k++) known_slope[k] -= 6 * (of->x[i][k] - of->s[j][k]) * known;
            if (gaussian_of(of->x[i], of->s[j]) > gaussian_of(of->x[i], of->s[point])) point = j;
            if (gaussian_of(of->x[i], of->s[j]) > gaussian_of(of->x[row_of[j]], of->s[j])) row_of[j] = i;
        }
        for (int k = 0; k < 2; k++) assert_true(fabs(slope[2 * i + k] - known_slope[k]) < 1e-12);
        assert_true(nearest[i] == point);
    }
    for (int j = 0; j < M; j++) assert_true(nearest_row[j] == row_of[j]);
    setting_free(of);
    az_plan_free(plan);
    az_graph_free(in.graph);
}

/* Forward against reverse: for tangents v of x, s and pairs and cotangents c, c . (J v) = v . (J' c). */
static void test_forward_against_reverse(void **state)
{
    (void)state;
    const inputs in = inputs_new(AZ_F64);
    const model made = model_of(&in);
    const az_node x[] = {in.x, in.s, in.pair}, y[] = {made.u, made.of_rows, made.of_points};
    az_node tangent[3], out[6];
    for (int i = 0; i < 3; i++) tangent[i] = az_cos(az_scale(x[i], 7));
    az_node dots[2][3];
    for (int k = 0; k < 3; k++) {
        const az_node cotangent = az_sin(az_scale(y[k], 5));
        const az_node moved = az_jvp(y[k], x, tangent, 3);
        dots[0][k] = az_sum_all(az_mul(moved, cotangent));
        az_node back[3];
        az_vjp(y[k], cotangent, x, 3, back);
        dots[1][k] = az_constant(in.graph, 0);
        for (int i = 0; i < 3; i++) dots[1][k] = az_add(dots[1][k], az_sum_all(az_mul(back[i], tangent[i])));
    }
    memcpy(out, dots, sizeof out);
    az_plan *plan = compile(out, 6, NULL);
    setting *of = setting_new(37, 70);
    double found[6];
    run(plan, of, (double *[]){found, found + 1, found + 2, found + 3, found + 4, found + 5}, 6, 1);
    for (int k = 0; k < 3; k++)
        if (!(fabs(found[k] - found[3 + k]) <= 1e-12 * (1 + fabs(found[k]))))
            fail_msg("result %d: %.17g forward, %.17g in reverse", k, found[k], found[3 + k]);
    setting_free(of);
    az_plan_free(plan);
    az_graph_free(in.graph);
}

/* A pair by the inputs of its row, and of its point; an integral over the points by those of its row; all of a kernel
 * whose derivatives are known. */
static void test_partial(void **state)
{
    (void)state;
    enum { N = 21, M = 50 };
    const inputs in = inputs_new(AZ_F64);
    const az_node k = gaussian(in.x, in.s), y = az_sum(az_mul(k, in.w), 1u << 1);
    az_node high[4];
    az_derivatives(k, in.x, 0, 4, high);
    const az_node out[] = {az_partial(k, in.x, 1), az_partial(az_partial(k, in.x, 0), in.s, 1),
                           az_partial(y, in.x, 0), az_jacobian(k, in.x),
                           az_hessian(y, in.x),    high[3]};
    az_plan *plan = compile(out, 6, NULL);
    setting *of = setting_new(N, M);
    static double first[N * M], mixed[N * M], row[N], both[N * M * 2], second[N * 4], fourth[N * M];
    static double known_first[N * M], known_mixed[N * M], known_row[N], known_both[N * M * 2], known_second[N * 4],
        known_fourth[N * M];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++) {
            const double a = of->x[i][0] - of->s[j][0], b = of->x[i][1] - of->s[j][1];
            const double value = gaussian_of(of->x[i], of->s[j]);
            known_both[2 * (i * M + j)] = -2 * a * value;
            known_both[2 * (i * M + j) + 1] = known_first[i * M + j] = -2 * b * value;
            known_mixed[i * M + j] = -4 * a * b * value;
            known_row[i] += -2 * a * value * of->w[j];
            known_second[4 * i] += (4 * a * a - 2) * value * of->w[j];
            known_second[4 * i + 3] += (4 * b * b - 2) * value * of->w[j];
            known_second[4 * i + 1] = known_second[4 * i + 2] += 4 * a * b * value * of->w[j];
            known_fourth[i * M + j] = (16 * a * a * a * a - 48 * a * a + 12) * value;
        }
    run(plan, of, (double *[]){first, mixed, row, both, second, fourth}, 6, 2);
    MUST_BE("by the row's input", first, known_first, 1e-14);
    MUST_BE("by inputs of row and point", mixed, known_mixed, 1e-14);
    MUST_BE("of an integral", row, known_row, 1e-13);
    MUST_BE("Jacobian", both, known_both, 1e-14);
    MUST_BE("Hessian of an integral", second, known_second, 1e-13);
    MUST_BE("fourth derivative", fourth, known_fourth, 1e-13);
    setting_free(of);
    az_plan_free(plan);
    az_graph_free(in.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_sums),         cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_weights_of_rows),         cmocka_unit_test(test_softmax_and_nearest),
        cmocka_unit_test(test_forward_against_reverse), cmocka_unit_test(test_partial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
