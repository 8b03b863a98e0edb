/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of two extents: pairs of rows and points, what is summed over one of them or both, and their derivatives. */
#include "base/isa.h"
#include "graphs.h"

static const int64_t sizes[] = {0, 1, 3, 4, 5, 33, 257};
enum { N_SIZES = sizeof sizes / sizeof sizes[0], MOST_OUTPUTS = 12, MOST = 257 };

/* Inputs x (rows, 2) and s (points, 2), numbers of pairs "pair" (rows, points, 2), weights w (points). */
typedef struct setting {
    int64_t n, m;
    double x[MOST][2], s[MOST][2], w[MOST];
    double *pair; /* (n, m, 2) */
    double theta[MOST_THETA];
} setting;

static setting *setting_new(int64_t n, int64_t m)
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

static void setting_free(setting *made)
{
    free(made->pair);
    free(made);
}

static az_plan *compile(const az_node *y, int n, const char *isa)
{
    az_plan *plan = NULL;
    const az_plan_options options = {.isa = isa};
    must(az_graph_status(y[0].graph));
    must(az_compile(&plan, y, NULL, n, &options));
    return plan;
}

/* Runs with whatever inputs the plan has; outputs "0", "1", ... in double. */
static void run(const az_plan *plan, setting *of, double *const *y, int n, int n_threads)
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

static inputs inputs_new(az_type real)
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
static az_node gaussian(az_node x, az_node s)
{
    return az_exp(az_neg(az_sum(az_square(az_sub(x, s)), 1u << 2)));
}

static double gaussian_of(const double *x, const double *s)
{
    return exp(-(x[0] - s[0]) * (x[0] - s[0]) - (x[1] - s[1]) * (x[1] - s[1]));
}

static void test_values_and_sums(void **state)
{
    (void)state;
    const inputs in = inputs_new(AZ_F64);
    const az_node k = gaussian(in.x, in.s), both = az_mul(k, az_sum(in.pair, 1u << 2));
    const az_node y[] = {k,
                         az_sum(az_mul(k, in.w), 1u << 1), /* an integral for each row */
                         az_sum(k, 1u << 0),
                         az_sum_all(both),
                         az_sum(in.pair, 1u << 0),
                         az_sum(in.pair, 1u << 1),
                         az_max_over(in.pair, 1u << 0),
                         az_min_over(in.pair, 1u << 1),
                         az_mean(k),
                         az_sum(az_mul(in.x, in.pair), 1u << 1 | 1u << 2)};
    enum { N = sizeof y / sizeof y[0] };
    az_plan *plan = compile(y, N, NULL);
    for (int i = 0; i < N_SIZES * N_SIZES; i++) {
        setting *of = setting_new(sizes[i / N_SIZES], sizes[i % N_SIZES]);
        const int64_t n = of->n, m = of->m, shape[N] = {n * m, n, m, 1, 2 * m, 2 * n, 2 * m, 2 * n, 1, n};
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

/* As a function of its inputs: an operator u(x_i, s_j) = branch(x_i) . trunk(s_j), what it is at the pairs, an integral
 * of it over the points that should be 1 for each row, and one over the rows for each point.  A layer of 3 units on the
 * pairs has weights that all of them share. */
typedef struct model {
    az_node u, of_rows, of_points, loss;
} model;

static model model_of(const inputs *in)
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

/* --- The same bits ------------------------------------------------------------------------------------------------ */

/* The loss of the model and all its gradients, one after the other in *found; how many numbers that is. */
enum { N_LOSS = 1 + 8 + 8 + 6 + 3 };
static int64_t gradient_of(const az_plan *plan, setting *of, int n_threads, double *found)
{
    double *const y[] = {found,
                         found + 1,
                         found + 9,
                         found + 17,
                         found + 23,
                         found + N_LOSS,
                         found + N_LOSS + 2 * of->n,
                         found + N_LOSS + 2 * (of->n + of->m)};
    run(plan, of, y, 8, n_threads);
    return N_LOSS + 2 * (of->n + of->m + of->n * of->m);
}

static void test_same_bits(void **state)
{
    (void)state;
    static const int64_t cases[][2] = {{1, 1}, {2, 250}, {70, 1}, {67, 129}, {3, 4}};
    for (int real = 0; real < 2; real++) {
        const inputs in = inputs_new(real ? AZ_F32 : AZ_F64);
        const model made = model_of(&in);
        az_node wrt[7] = {az_parameter(in.graph, "branch", AZ_SHAPE(2, 4)),
                          az_parameter(in.graph, "trunk", AZ_SHAPE(2, 4)),
                          az_parameter(in.graph, "pairs", AZ_SHAPE(2, 3)),
                          az_parameter(in.graph, "pairs out", AZ_SHAPE(3, 1)),
                          in.x,
                          in.s,
                          in.pair};
        az_node out[8] = {made.loss};
        az_grad(made.loss, wrt, 7, out + 1);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            setting *of = setting_new(cases[i][0], cases[i][1]);
            float *narrow = (float *)of->theta;
            for (int k = 0; real && k < MOST_THETA; k++) narrow[k] = (float)of->theta[k];
            const int64_t most = N_LOSS + 2 * (of->n + of->m + of->n * of->m);
            double *first = malloc(sizeof(double) * (size_t)most), *other = malloc(sizeof(double) * (size_t)most);
            for (int isa = 0; isa <= (int)az_isa_of_cpu(); isa++) {
                az_plan *plan = compile(out, 8, az_isa_name((az_isa)isa));
                for (int n_threads = 1; n_threads <= 4; n_threads *= 2) {
                    memset(other, 0, sizeof(double) * (size_t)most);
                    const int64_t n = gradient_of(plan, of, n_threads, isa + n_threads == 1 ? first : other);
                    if (isa + n_threads > 1 && memcmp(first, other, sizeof(double) * (size_t)n) != 0)
                        fail_msg("other bits by %s and %d threads", az_isa_name((az_isa)isa), n_threads);
                }
                az_plan_free(plan);
            }
            free(first);
            free(other);
            setting_free(of);
        }
        az_graph_free(in.graph);
    }
}

/* A row with all points has the same bits alone, a pair too, and so do random numbers and places. */
static void test_rows_alone(void **state)
{
    (void)state;
    enum { N = 45, M = 83, R = 37, P = 81 };
    static double u[2][N * M], rows[2][N], drawn[2][N * M * 2], places[2][N * M * 2];
    const inputs in = inputs_new(AZ_F64);
    const model made = model_of(&in);
    const az_shape shape = AZ_SHAPE(AZ_ROWS, in.points, 2);
    const az_node out[] = {made.u, made.of_rows, az_normal(in.graph, "noise", shape),
                           az_cast(az_iota(in.graph, shape, 6), AZ_F64)};
    az_plan *plan = compile(out, 4, NULL);
    setting *all = setting_new(N, M), *row = setting_new(1, M), *pair = setting_new(1, 1);
    run(plan, all, (double *[]){u[0], rows[0], drawn[0], places[0]}, 4, 1);
    memcpy(row->x[0], all->x[R], sizeof row->x[0]);
    memcpy(row->pair, all->pair + 2 * M * R, sizeof(double[2]) * M);
    run(plan, row, (double *[]){u[1], rows[1], drawn[1], places[1]}, 4, 1);
    assert_memory_equal(u[1], u[0] + R * M, sizeof(double) * M);
    assert_memory_equal(rows[1], rows[0] + R, sizeof(double));
    assert_memory_equal(drawn[1], drawn[0], sizeof(double[2]) * M); /* of row 0 */
    assert_memory_equal(places[1], places[0] + 2 * R * M, sizeof(double[2]) * M);
    memcpy(pair->x[0], all->x[R], sizeof pair->x[0]);
    memcpy(pair->s[0], all->s[P], sizeof pair->s[0]);
    memcpy(pair->pair, all->pair + 2 * (M * R + P), sizeof(double[2]));
    run(plan, pair, (double *[]){u[1], rows[1], drawn[1], places[1]}, 4, 1);
    assert_memory_equal(u[1], u[0] + R * M + P, sizeof(double));
    assert_memory_equal(drawn[1], drawn[0], sizeof(double[2]));
    setting_free(all);
    setting_free(row);
    setting_free(pair);
    az_plan_free(plan);
    az_graph_free(in.graph);
}

/* --- Runs --------------------------------------------------------------------------------------------------------- */

/* Several theta at once; pairs that lie in memory with the points outermost, of rows taken by an index; results too. */
static void test_members_and_bindings(void **state)
{
    (void)state;
    enum { N = 19, M = 41, MEMBERS = 3 };
    static double u[MEMBERS][N][M], loss[MEMBERS], other[M][N], other_loss, turned[M][N][2];
    const inputs in = inputs_new(AZ_F64);
    const model made = model_of(&in);
    az_plan *plan = compile((az_node[]){made.u, made.loss}, 2, NULL);
    setting *of = setting_new(N, M);
    const int64_t n_theta = az_plan_n_parameters(plan);
    int64_t index[N];
    double theta[MEMBERS][32];
    fill(*theta, MEMBERS * n_theta, 37, 4, 83, 2);
    const az_extent_value points = {"points", M};
    az_binding from[] = {{.name = "x", .data = of->x, .type = AZ_F64},
                         {.name = "s", .data = of->s, .type = AZ_F64},
                         {.name = "w", .data = of->w, .type = AZ_F64},
                         {.name = "pair", .data = of->pair, .type = AZ_F64}};
    az_binding to[] = {{.name = "0", .data = u, .type = AZ_F64}, {.name = "1", .data = loss, .type = AZ_F64}};
    az_run_arguments arguments = {.n_rows = N,
                                  .extents = &points,
                                  .n_extents = 1,
                                  .theta = theta,
                                  .n_members = MEMBERS,
                                  .inputs = from,
                                  .n_inputs = 4,
                                  .outputs = to,
                                  .n_outputs = 2,
                                  .n_threads = 2};
    must(az_run(plan, &arguments));
    for (int64_t i = 0; i < N; i++) {
        index[i] = (7 * i + 3) % N;
        for (int64_t j = 0; j < M; j++) memcpy(turned[j][index[i]], of->pair + 2 * (i * M + j), sizeof turned[0][0]);
    }
    from[3] = (az_binding){
        .name = "pair", .data = turned, .type = AZ_F64, .stride = (const int64_t[]){2, 2 * N, 1}, .index = index};
    to[0] = (az_binding){.name = "0", .data = other, .type = AZ_F64, .stride = (const int64_t[]){1, N}, .index = index};
    to[1].data = &other_loss;
    arguments.n_members = 1;
    for (int member = 0; member < MEMBERS; member++) {
        arguments.theta = theta[0] + member * n_theta;
        must(az_run(plan, &arguments));
        assert_memory_equal(&other_loss, &loss[member], sizeof other_loss);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < M; j++) assert_memory_equal(&other[j][index[i]], &u[member][i][j], sizeof(double));
    }
    setting_free(of);
    az_plan_free(plan);
    az_graph_free(in.graph);
}

/* The extents in an order of one's own; and what is the same for all rows, or for all points. */
static void test_broadcasts(void **state)
{
    (void)state;
    enum { N = 6, M = 35 };
    static double turned[M][N], sums[M], rows[N];
    const inputs in = inputs_new(AZ_F64);
    const az_shape shape = AZ_SHAPE(in.points, AZ_ROWS, 2);
    const az_node x = az_broadcast(in.x, shape, (int[]){1, 2}), s = az_broadcast_to(in.s, shape);
    const az_node product = az_sum(az_mul(x, s), 1u << 2), one = az_constant(in.graph, 1);
    const az_node out[] = {product, az_sum(az_mul(product, az_sum(in.x, 1u << 1)), 1u << 1),
                           az_sum(az_mul(az_broadcast_to(one, AZ_SHAPE(AZ_ROWS, in.points)), in.w), 1u << 1)};
    az_plan *plan = compile(out, 3, NULL);
    setting *of = setting_new(N, M);
    run(plan, of, (double *[]){*turned, sums, rows}, 3, 1);
    double total = 0;
    for (int j = 0; j < M; j++) {
        double sum = 0;
        for (int i = 0; i < N; i++) {
            const double known = of->x[i][0] * of->s[j][0] + of->x[i][1] * of->s[j][1];
            assert_true(fabs(turned[j][i] - known) < 1e-14);
            sum += known * (of->x[i][0] + of->x[i][1]);
        }
        assert_true(fabs(sums[j] - sum) < 1e-13);
        total += of->w[j];
    }
    for (int i = 0; i < N; i++) assert_true(fabs(rows[i] - total) < 1e-13);
    setting_free(of);
    az_plan_free(plan);
    az_graph_free(in.graph);
}

static void must_say(az_graph *graph, const char *text)
{
    assert_int_not_equal(az_graph_status(graph), AZ_OK);
    if (!strstr(az_error_message(), text)) fail_msg("\"%s\" does not say \"%s\"", az_error_message(), text);
    az_graph_free(graph);
}

static void test_errors(void **state)
{
    (void)state;
    inputs in = inputs_new(AZ_F64);
    az_input(in.graph, "twice", AZ_F64, AZ_SHAPE(AZ_ROWS, AZ_ROWS, 2));
    must_say(in.graph, "(rows, rows, 2) has an extent twice");
    in = inputs_new(AZ_F64);
    az_add(in.pair, az_input(in.graph, "time", AZ_F64, AZ_SHAPE(az_extent(in.graph, "times"), 2)));
    must_say(in.graph, "(rows, points, 2) and (times, 2)");
    in = inputs_new(AZ_F64);
    az_input(in.graph, "three", AZ_F64, AZ_SHAPE(AZ_ROWS, in.points, az_extent(in.graph, "times")));
    must_say(in.graph, "more than two extents");
    in = inputs_new(AZ_F64);
    az_mul(in.pair, az_input(in.graph, "turned", AZ_F64, AZ_SHAPE(in.points, AZ_ROWS, 2)));
    must_say(in.graph, "(rows, points, 2) and (points, rows, 2)");
    in = inputs_new(AZ_F64);
    az_partial(az_sum(gaussian(in.x, in.s), 1u << 0), in.x, 0); /* each point's sum is of all rows */
    must_say(in.graph, "through \"sum\"");
    in = inputs_new(AZ_F64);
    az_reshape(in.pair, AZ_SHAPE(in.points, 2));
    must_say(in.graph, "extents and number of elements stay");
    in = inputs_new(AZ_F64);
    const az_node total = az_sum_all(gaussian(in.x, in.s));
    az_plan *plan = compile(&total, 1, NULL);
    double sum;
    const az_binding bound[] = {{.name = "x", .data = &sum, .type = AZ_F64},
                                {.name = "s", .data = &sum, .type = AZ_F64}};
    const az_binding to = {.name = "0", .data = &sum, .type = AZ_F64};
    assert_int_not_equal(
        az_run(plan, &(az_run_arguments){.inputs = bound, .n_inputs = 2, .outputs = &to, .n_outputs = 1}), AZ_OK);
    assert_non_null(strstr(az_error_message(), "the size of the extent \"points\" is not given"));
    az_plan_free(plan);
    az_graph_free(in.graph);
}

/* What is not finite, or outside of a table, is told with row and point. */
static void test_places_of_faults(void **state)
{
    (void)state;
    enum { N = 9, M = 140 };
    static int64_t place[N][M];
    static double pair[N][M][2], sum;
    az_graph *graph = az_graph_new(AZ_F64);
    const int64_t points = az_extent(graph, "points");
    const az_node index = az_input(graph, "place", AZ_I64, AZ_SHAPE(AZ_ROWS, points));
    const az_node y[] = {az_sum_all(az_log(az_input(graph, "pair", AZ_F64, AZ_SHAPE(AZ_ROWS, points, 2)))),
                         az_sum_all(az_gather(az_parameter(graph, "table", AZ_SHAPE(4)), index))};
    az_run_info info;
    const az_extent_value size = {"points", M};
    const double theta[4] = {1, 2, 3, 4};
    const az_binding in[] = {{.name = "place", .data = place, .type = AZ_I64},
                             {.name = "pair", .data = pair, .type = AZ_F64}};
    const az_binding out = {.name = "0", .data = &sum, .type = AZ_F64};
    for (int i = 0; i < N * M * 2; i++) (**pair)[i] = 1;
    pair[7][133][1] = 0;
    place[6][129] = 4;
    for (int k = 0; k < 2; k++) {
        az_plan *plan = NULL;
        must(az_compile(&plan, &y[k], NULL, 1, &(az_plan_options){.find_nonfinite = true}));
        assert_int_not_equal(az_run(plan, &(az_run_arguments){.n_rows = N,
                                                              .extents = &size,
                                                              .n_extents = 1,
                                                              .theta = theta,
                                                              .inputs = in,
                                                              .n_inputs = 2,
                                                              .outputs = &out,
                                                              .n_outputs = 1,
                                                              .info = &info}),
                             AZ_OK);
        const char *where = k ? "row 6, 129: the place 4" : "by log, in row 7, 133";
        if (!strstr(az_error_message(), where)) fail_msg("%s", az_error_message());
        if (k == 0) assert_true(info.nonfinite_row == 7 && info.nonfinite_column == 133);
        az_plan_free(plan);
    }
    az_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_sums),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_forward_against_reverse),
        cmocka_unit_test(test_partial),
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_rows_alone),
        cmocka_unit_test(test_members_and_bindings),
        cmocka_unit_test(test_broadcasts),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_places_of_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
