/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs of pairs of rows and points: their bits, members, bindings, and what is told of errors. */
#include "base/isa.h"
#include "pairs.h"

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

/* Memory grows with rows and points, not with pairs of them: one number each of 100 million would take 800 MB. */
static void test_pairs_are_not_kept(void **state)
{
    (void)state;
    const inputs in = inputs_new(AZ_F64);
    const model made = model_of(&in);
    az_node gradient;
    az_grad(made.loss, (az_node[]){az_parameter(in.graph, "pairs", AZ_SHAPE(2, 3))}, 1, &gradient);
    az_plan *plan = compile(&gradient, 1, NULL);
    const az_extent_value points = {"points", 10000};
    const az_run_arguments arguments = {.n_rows = 10000, .extents = &points, .n_extents = 1};
    assert_in_range(az_work_bytes(plan, &arguments), 1, 20000000);
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

/* Three extents, of which every two make pairs; a broadcast is an output itself. */
static void test_three_extents(void **state)
{
    (void)state;
    enum { N = 18, M = 33, K = 7 };
    double x[N], s[M], t[K], y[N], total, slope[M], repeated[N][K], c[M] = {0}, known_total = 0, known_slope[M] = {0};
    fill(x, N, 29, 3, 97, 2);
    fill(s, M, 31, 8, 89, 2);
    fill(t, K, 17, 5, 61, 2);
    az_graph *graph = az_graph_new(AZ_F64);
    const int64_t points = az_extent(graph, "points"), times = az_extent(graph, "times");
    const az_node at_x = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS));
    const az_node at_s = az_input(graph, "s", AZ_F64, AZ_SHAPE(points));
    const az_node at_t = az_input(graph, "t", AZ_F64, AZ_SHAPE(times));
    const az_node of_points = az_sum(az_cos(az_mul(at_s, at_t)), 1u << 1);                  /* (points) */
    const az_node of_rows = az_sum(az_mul(az_sin(az_add(at_x, at_s)), of_points), 1u << 1); /* (rows) */
    az_node out[4] = {of_rows, az_sum_all(az_mul(of_rows, at_t)), AZ_NO_NODE,
                      az_broadcast(at_x, AZ_SHAPE(AZ_ROWS, times), (int[]){0})};
    az_grad(out[1], &at_s, 1, &out[2]);
    az_plan *plan = compile(out, 4, NULL);
    const az_extent_value extents[] = {{"times", K}, {"points", M}};
    const az_binding in[] = {{.name = "x", .data = x, .type = AZ_F64},
                             {.name = "s", .data = s, .type = AZ_F64},
                             {.name = "t", .data = t, .type = AZ_F64}};
    const az_binding to[] = {{.name = "0", .data = y, .type = AZ_F64},
                             {.name = "1", .data = &total, .type = AZ_F64},
                             {.name = "2", .data = slope, .type = AZ_F64},
                             {.name = "3", .data = repeated, .type = AZ_F64}};
    must(az_run(plan, &(az_run_arguments){.n_rows = N,
                                          .extents = extents,
                                          .n_extents = 2,
                                          .inputs = in,
                                          .n_inputs = 3,
                                          .outputs = to,
                                          .n_outputs = 4,
                                          .n_threads = 2}));
    double sum_t = 0;
    for (int k = 0; k < K; k++) sum_t += t[k];
    for (int j = 0; j < M; j++)
        for (int k = 0; k < K; k++) c[j] += cos(s[j] * t[k]);
    for (int i = 0; i < N; i++) {
        double known = 0;
        for (int j = 0; j < M; j++) {
            known += sin(x[i] + s[j]) * c[j];
            known_slope[j] += cos(x[i] + s[j]) * c[j] * sum_t;
            for (int k = 0; k < K; k++) known_slope[j] -= sin(x[i] + s[j]) * sin(s[j] * t[k]) * t[k] * sum_t;
        }
        assert_true(fabs(y[i] - known) < 1e-12);
        known_total += known * sum_t;
        for (int k = 0; k < K; k++) assert_true(repeated[i][k] == x[i]);
    }
    assert_true(fabs(total - known_total) < 1e-10);
    MUST_BE("slope", slope, known_slope, 1e-12);
    az_plan_free(plan);
    az_graph_free(graph);
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
    for (int i = 0; i < N * M; i++) pair[i / M][i % M][0] = pair[i / M][i % M][1] = 1;
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
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_rows_alone),
        cmocka_unit_test(test_pairs_are_not_kept),
        cmocka_unit_test(test_members_and_bindings),
        cmocka_unit_test(test_broadcasts),
        cmocka_unit_test(test_three_extents),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_places_of_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
