/* SPDX-License-Identifier: BSD-3-Clause */
/* Plans: the same bits whoever runs them and how, members, state, extents, several callers, the text of a plan, the
 * time to make one. */
#include "graphs.h"

#include <pthread.h>
#include <time.h>

enum { MOST_VALUES = 75000 };

/* A loss of a network and its gradient, with what a run needs. */
typedef struct training {
    az_plan *plan;
    az_type real;
    int n_outputs, n_layers;
    char names[16][16];
    int64_t n_parameters, size[16];
} training;

static az_plan *training_plan(training *t, az_type real, const int64_t *sizes, int n_layers, const char *isa)
{
    az_node out[16];
    *t = (training){.real = real, .n_layers = n_layers};
    az_graph *graph = az_graph_new(real);
    const az_node x = az_input(graph, "x", real, AZ_SHAPE(AZ_ROWS, sizes[0]));
    const az_node y = az_input(graph, "y", real, AZ_SHAPE(AZ_ROWS, 1));
    out[0] = az_mean(az_square(az_sub(network(x, sizes, n_layers), y)));
    snprintf(t->names[0], sizeof t->names[0], "loss");
    t->n_outputs = 1 + network_gradient(out[0], sizes, n_layers, out + 1, t->names + 1);
    const char *names[16];
    for (int i = 0; i < t->n_outputs; i++) names[i] = t->names[i];
    const az_plan_options options = {.isa = isa};
    must(az_compile(&t->plan, out, names, t->n_outputs, &options));
    t->n_parameters = az_plan_n_parameters(t->plan);
    for (int i = 0; i < t->n_outputs; i++) {
        const az_shape s = az_node_shape(out[i]);
        t->size[i] = 1;
        for (int d = 0; d < s.rank; d++) t->size[i] *= s.size[d];
    }
    az_graph_free(graph);
    return t->plan;
}

/* Loss and gradient of every member, as double, one output after the other. */
static az_status train(const training *t, int64_t n_rows, int64_t n_members, int n_threads, const double *theta,
                       double *found)
{
    az_binding out[16];
    double *x = malloc(sizeof *x * (size_t)(2 * n_rows)), *y = malloc(sizeof *y * (size_t)n_rows);
    fill(x, 2 * n_rows, 53, 29, 997, 2);
    fill(y, n_rows, 19, 7, 889, 1);
    const az_binding in[] = {{.name = "x", .data = x, .type = AZ_F64}, {.name = "y", .data = y, .type = AZ_F64}};
    float *narrow = malloc(sizeof *narrow * (size_t)(t->n_parameters * n_members));
    for (int64_t i = 0; i < t->n_parameters * n_members; i++) narrow[i] = (float)theta[i];
    for (int i = 0; i < t->n_outputs; i++) {
        out[i] = (az_binding){.name = t->names[i], .data = found, .type = AZ_F64};
        found += t->size[i] * n_members;
    }
    const az_run_arguments arguments = {.n_rows = n_rows,
                                        .theta = t->real == AZ_F32 ? (const void *)narrow : theta,
                                        .n_members = n_members,
                                        .inputs = in,
                                        .n_inputs = 2,
                                        .outputs = out,
                                        .n_outputs = t->n_outputs,
                                        .n_threads = n_threads};
    const az_status status = az_run(t->plan, &arguments);
    free(x);
    free(y);
    free(narrow);
    return status;
}

/* Small and large: accumulators in slots, and the wide phase of a large weight's gradient. */
static const struct {
    int64_t sizes[4];
    int64_t n_rows;
} cases[] = {{{2, 20, 20, 1}, 3},
             {{2, 20, 20, 1}, 4999},
             {{2, 100, 120, 1}, 700},
             {{2, 100, 120, 1}, 200},
             {{2, 260, 270, 1}, 300}};
enum { N_CASES = sizeof cases / sizeof cases[0] };

static void test_same_bits_at_any_number_of_threads(void **state)
{
    static double theta[MOST_VALUES], first[MOST_VALUES], other[MOST_VALUES];
    (void)state;
    fill(theta, MOST_VALUES, 37, 11, 10007, 0.7);
    for (int c = 0; c < N_CASES; c++)
        for (int real = 0; real < 2; real++) {
            training t;
            training_plan(&t, real ? AZ_F64 : AZ_F32, cases[c].sizes, 3, NULL);
            const size_t n = sizeof(double) * (size_t)(t.n_parameters + 1);
            must(train(&t, cases[c].n_rows, 1, 1, theta, first));
            for (int k = 0; k < 4; k++) {
                memset(other, 0, sizeof other);
                must(train(&t, cases[c].n_rows, 1, (int[]){1, 2, 4, 3}[k], theta, other));
                assert_memory_equal(first, other, n);
            }
            az_plan_free(t.plan);
        }
}

/* The residual of Burgers' equation, its loss and gradient: large groups, whose ops share loops of machine code and are
 * made again by others.  With find_nonfinite each op runs by itself, and those of base have no machine code. */
static void test_loops_of_several_ops(void **state)
{
    enum { ROWS = 301, LAYERS = 4 };
    static const int64_t sizes[LAYERS + 1] = {2, 20, 7, 20, 1};
    static const az_plan_options options[] = {
        {.isa = "base"}, {.isa = "v3"}, {.isa = "v3", .find_nonfinite = true}, {.isa = "v4"}};
    static double theta[MOST_VALUES], x[ROWS][2], found[MOST_VALUES], first[MOST_VALUES];
    (void)state;
    fill(theta, MOST_VALUES, 37, 11, 10007, 1.5);
    fill(x[0], ROWS * 2, 53, 29, 997, 2);
    for (int real = 0; real < 2; real++) {
        az_node out[1 + 2 * LAYERS], by_x[2];
        char names[1 + 2 * LAYERS][16] = {"loss"};
        const az_type type = real ? AZ_F64 : AZ_F32;
        az_graph *graph = az_graph_new(type);
        const az_node in = az_input(graph, "x", type, AZ_SHAPE(AZ_ROWS, 2)), u = network(in, sizes, LAYERS);
        const az_node by_t = az_partial(u, in, 0);
        az_derivatives(u, in, 1, 2, by_x);
        out[0] = az_mean(az_square(az_sub(az_add(by_t, az_mul(u, by_x[0])), az_scale(by_x[1], 0.1))));
        const int n = 1 + network_gradient(out[0], sizes, LAYERS, out + 1, names + 1);
        for (size_t o = 0; o < sizeof options / sizeof *options; o++) {
            az_plan *plan;
            az_binding outputs[1 + 2 * LAYERS];
            const char *name[1 + 2 * LAYERS];
            static float narrow[MOST_VALUES];
            int64_t at = 0;
            for (int i = 0; i < n; i++) name[i] = names[i];
            if (az_compile(&plan, out, name, n, &options[o])) continue; /* not this processor's */
            for (int64_t i = 0; i < az_plan_n_parameters(plan); i++) narrow[i] = (float)theta[i];
            for (int i = 0; i < n; i++) {
                const az_shape shape = az_node_shape(out[i]);
                outputs[i] = (az_binding){.name = name[i], .data = found + at, .type = AZ_F64};
                at += shape.rank == 0 ? 1 : shape.size[0] * (shape.rank > 1 ? shape.size[1] : 1);
            }
            const az_binding input = {.name = "x", .data = x, .type = AZ_F64};
            must(az_run(plan, &(az_run_arguments){.n_rows = ROWS,
                                                  .theta = real ? (const void *)theta : narrow,
                                                  .inputs = &input,
                                                  .n_inputs = 1,
                                                  .outputs = outputs,
                                                  .n_outputs = n}));
            if (o == 0) memcpy(first, found, sizeof first);
            assert_memory_equal(first, found, sizeof *found * (size_t)at);
            az_plan_free(plan);
        }
        az_graph_free(graph);
    }
}

/* A sum over rows that is cut into parts, the last of which is narrower, is the plain loop's to the bit of its chains.
 */
static void test_wide_sum(void **state)
{
    enum { ROWS = 133, M = 259, N = 267 };
    static double a[ROWS * M], b[ROWS * N], c[M * N];
    (void)state;
    fill(a, ROWS * M, 53, 29, 997, 2);
    fill(b, ROWS * N, 19, 7, 889, 1);
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node sum = az_matmul_sum(az_input(graph, "a", AZ_F64, AZ_SHAPE(AZ_ROWS, 1, M)),
                                      az_input(graph, "b", AZ_F64, AZ_SHAPE(AZ_ROWS, 1, N)), true, false);
    az_plan *plan;
    must(az_compile(&plan, &sum, (const char *[]){"c"}, 1, NULL));
    const az_binding in[] = {{.name = "a", .data = a, .type = AZ_F64}, {.name = "b", .data = b, .type = AZ_F64}};
    const az_binding out = {.name = "c", .data = c, .type = AZ_F64};
    must(az_run(plan,
                &(az_run_arguments){
                    .n_rows = ROWS, .inputs = in, .n_inputs = 2, .outputs = &out, .n_outputs = 1, .n_threads = 2}));
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            double chain = 0;
            for (int r = 0; r < ROWS; r++) chain = fma(a[r * M + i], b[r * N + j], chain);
            assert_true(c[i * N + j] == chain);
        }
    az_plan_free(plan);
    az_graph_free(graph);
}

/* Each member has the bits of a run of its own. */
static void test_members(void **state)
{
    enum { MEMBERS = 3 };
    static double theta[MEMBERS * MOST_VALUES], together[MEMBERS * MOST_VALUES], alone[MOST_VALUES];
    (void)state;
    fill(theta, (int64_t)(MEMBERS * MOST_VALUES), 37, 11, 10007, 0.7);
    for (int c = 0; c < N_CASES; c++)
        for (int real = 0; real < 2; real++) {
            training t;
            training_plan(&t, real ? AZ_F64 : AZ_F32, cases[c].sizes, 3, NULL);
            must(train(&t, cases[c].n_rows, MEMBERS, 2, theta, together));
            for (int64_t m = 0; m < MEMBERS; m++) {
                must(train(&t, cases[c].n_rows, 1, 1, theta + m * t.n_parameters, alone));
                const double *of_all = together, *of_one = alone;
                for (int i = 0; i < t.n_outputs; i++) {
                    assert_memory_equal(of_all + m * t.size[i], of_one, sizeof(double) * (size_t)t.size[i]);
                    of_all += MEMBERS * t.size[i];
                    of_one += t.size[i];
                }
            }
            az_plan_free(t.plan);
        }
}

/* So many that threads take several at a time; few rows, each of them a tile of its own, and none. */
static void test_many_members_on_threads(void **state)
{
    enum { MEMBERS = 300, N_PARAMETERS = 3 * 9 + 10 };
    static double theta[MEMBERS * N_PARAMETERS], together[3][MEMBERS * (N_PARAMETERS + 1)], alone[N_PARAMETERS + 1];
    const int64_t sizes[] = {2, 9, 1}, n_rows[] = {0, 1, 2, 3, 5};
    const int n_threads[] = {1, 2, 5};
    training t;
    (void)state;
    fill(theta, (int64_t)(MEMBERS * N_PARAMETERS), 37, 11, 10007, 0.7);
    training_plan(&t, AZ_F32, sizes, 2, NULL);
    assert_int_equal(t.n_parameters, N_PARAMETERS);
    for (int c = 0; c < 5; c++) {
        for (int k = 0; k < 3; k++) must(train(&t, n_rows[c], MEMBERS, n_threads[k], theta, together[k]));
        for (int k = 1; k < 3; k++)
            assert_memory_equal(together[k], together[0], sizeof(double) * MEMBERS * (N_PARAMETERS + 1));
        for (int64_t m = 0; m < MEMBERS; m += 23) {
            must(train(&t, n_rows[c], 1, 1, theta + m * N_PARAMETERS, alone));
            const double *of_all = together[0], *of_one = alone;
            for (int i = 0; i < t.n_outputs; i++) {
                assert_memory_equal(of_all + m * t.size[i], of_one, sizeof(double) * (size_t)t.size[i]);
                of_all += MEMBERS * t.size[i];
                of_one += t.size[i];
            }
        }
    }
    az_plan_free(t.plan);
}

/* --- Several callers ---------------------------------------------------------------------------------------------- */

typedef struct caller {
    const training *t;
    const double *theta;
    double *found;
    az_status status;
} caller;

static void *call_often(void *argument)
{
    caller *c = argument;
    for (int k = 0; k < 5 && !c->status; k++) c->status = train(c->t, 1000, 1, 1 + k % 2, c->theta, c->found);
    return NULL;
}

static void test_one_plan_for_many_callers(void **state)
{
    enum { N = 4 };
    static double theta[MOST_VALUES], found[N][MOST_VALUES], first[MOST_VALUES];
    const int64_t sizes[] = {2, 20, 20, 1};
    training t;
    pthread_t thread[N];
    caller callers[N];
    (void)state;
    fill(theta, MOST_VALUES, 37, 11, 10007, 0.7);
    training_plan(&t, AZ_F32, sizes, 3, NULL);
    must(train(&t, 1000, 1, 1, theta, first));
    for (int i = 0; i < N; i++) {
        callers[i] = (caller){&t, theta, found[i], AZ_OK};
        assert_int_equal(pthread_create(&thread[i], NULL, call_often, &callers[i]), 0);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(thread[i], NULL);
        must(callers[i].status);
        assert_memory_equal(found[i], first, sizeof(double) * (size_t)(t.n_parameters + 1));
    }
    az_plan_free(t.plan);
}

/* --- State, extents ----------------------------------------------------------------------------------------------- */

/* A running mean and a count, over three runs: what a run writes the next one reads. */
static void test_state_is_written_when_a_run_ends(void **state)
{
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node x = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 2));
    const az_node mean = az_state(graph, "mean", AZ_SHAPE(2)), n = az_state(graph, "n", AZ_SCALAR);
    const az_node batch = az_div(az_sum(x, 1), az_extent_size(graph, AZ_ROWS, AZ_F64));
    az_assign(n, az_shift(n, 1));
    az_assign(mean, az_add(az_scale(mean, 0.5), az_scale(batch, 0.5)));
    const az_node out[] = {az_sub(x, mean), mean, n};
    az_plan *plan = NULL;
    must(az_compile(&plan, out, NULL, 3, NULL));
    assert_int_equal(az_plan_n_state(plan), 3);
    double values[3] = {8, 16, 0}, data[] = {1, 2, 3, 4}, shown[4], was[2], counted;
    const az_binding in = {.name = "x", .data = data, .type = AZ_F64};
    const az_binding to[] = {{.name = "0", .data = shown, .type = AZ_F64},
                             {.name = "1", .data = was, .type = AZ_F64},
                             {.name = "2", .data = &counted, .type = AZ_F64}};
    const az_run_arguments arguments = {
        .n_rows = 2, .state = values, .inputs = &in, .n_inputs = 1, .outputs = to, .n_outputs = 3};
    const double means[][2] = {{8, 16}, {5, 9.5}, {3.5, 6.25}, {2.75, 4.625}};
    for (int k = 0; k < 3; k++) {
        must(az_run(plan, &arguments));
        assert_true(was[0] == means[k][0] && was[1] == means[k][1] && counted == k);
        assert_true(shown[3] == data[3] - means[k][1]);
        assert_true(values[0] == means[k + 1][0] && values[1] == means[k + 1][1] && values[2] == k + 1);
    }
    az_plan_free(plan);
    az_graph_free(graph);
}

/* Extents of different sizes, one of them empty. */
static void test_extents(void **state)
{
    (void)state;
    az_graph *graph = az_graph_new(AZ_F64);
    const int64_t points = az_extent(graph, "points");
    assert_int_equal(az_extent(graph, "points"), points);
    assert_int_equal(az_extent(graph, "rows"), AZ_ROWS);
    const az_node a = az_input(graph, "a", AZ_F64, AZ_SHAPE(AZ_ROWS));
    const az_node b = az_input(graph, "b", AZ_F64, AZ_SHAPE(points));
    const az_node total = az_add(az_sum_all(a), az_sum_all(b));
    const az_node out[] = {az_mul(a, total), az_add(b, total), total, az_extent_size(graph, points, AZ_F64)};
    az_plan *plan = NULL;
    must(az_compile(&plan, out, NULL, 4, NULL));
    for (int n = 0; n < 100; n += 33)
        for (int m = 0; m < 300; m += 130) {
            double x[100], y[300], found_a[100], found_b[300], sum = -1, size = -1, expected = 0;
            for (int i = 0; i < n; i++) expected += x[i] = i;
            for (int i = 0; i < m; i++) expected += y[i] = 0.5 * i;
            const az_binding in[] = {{.name = "b", .data = y, .type = AZ_F64},
                                     {.name = "a", .data = x, .type = AZ_F64}};
            const az_binding to[] = {{.name = "0", .data = found_a, .type = AZ_F64},
                                     {.name = "1", .data = found_b, .type = AZ_F64},
                                     {.name = "2", .data = &sum, .type = AZ_F64},
                                     {.name = "3", .data = &size, .type = AZ_F64}};
            const az_extent_value extent = {"points", m};
            must(az_run(plan, &(az_run_arguments){.n_rows = n,
                                                  .extents = &extent,
                                                  .n_extents = 1,
                                                  .inputs = in,
                                                  .n_inputs = 2,
                                                  .outputs = to,
                                                  .n_outputs = 4}));
            assert_true(sum == expected && size == m); /* halves of whole numbers: exact */
            for (int i = 0; i < n; i++) assert_true(found_a[i] == x[i] * expected);
            for (int i = 0; i < m; i++) assert_true(found_b[i] == y[i] + expected);
        }
    az_plan_free(plan);
    az_graph_free(graph);
}

/* Tiles of all heights, and what is kept from one phase to the next: the deviations of exp(x) from their mean sum to
 * nothing, and each is that of its row. */
static void test_every_number_of_rows(void **state)
{
    enum { MOST_ROWS = 300, WIDTH = 3 };
    static double x[MOST_ROWS * WIDTH], found[MOST_ROWS * WIDTH];
    (void)state;
    fill(x, (int64_t)(MOST_ROWS * WIDTH), 53, 29, 997, 2);
    az_graph *graph = az_graph_new(AZ_F64);
    const az_node e = az_exp(az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, WIDTH)));
    const az_node mean = az_div(az_sum(e, 1), az_extent_size(graph, AZ_ROWS, AZ_F64)), out[] = {az_sub(e, mean), mean};
    az_plan *plan = NULL;
    must(az_compile(&plan, out, NULL, 2, NULL));
    for (int n = 1; n <= MOST_ROWS; n++) {
        double means[WIDTH];
        const az_binding in = {.name = "x", .data = x, .type = AZ_F64};
        const az_binding to[] = {{.name = "0", .data = found, .type = AZ_F64},
                                 {.name = "1", .data = means, .type = AZ_F64}};
        must(az_run(plan,
                    &(az_run_arguments){.n_rows = n, .inputs = &in, .n_inputs = 1, .outputs = to, .n_outputs = 2}));
        for (int k = 0; k < WIDTH; k++) {
            double sum = 0;
            for (int i = 0; i < n; i++) sum += exp(x[i * WIDTH + k]);
            assert_true(fabs(means[k] - sum / n) < 1e-13);
            for (int i = 0; i < n; i++)
                assert_true(fabs(found[i * WIDTH + k] - (exp(x[i * WIDTH + k]) - sum / n)) < 1e-13);
        }
    }
    az_plan_free(plan);
    az_graph_free(graph);
}

/* --- The text of a plan ------------------------------------------------------------------------------------------- */

/* Frozen for one small training step.  When passes of the compiler change, it does: read the new text before taking it
 * (the test writes it to plan.txt in the build folder). */
static void test_print(void **state)
{
    const int64_t sizes[] = {2, 5, 1};
    training t;
    char text[8192], frozen[8192], path[512];
    (void)state;
    training_plan(&t, AZ_F32, sizes, 2, "base");
    const size_t n = az_plan_print(t.plan, text, sizeof text);
    assert_true(n > 0 && n < sizeof text && strlen(text) == n);
    assert_int_equal(az_plan_print(t.plan, frozen, 10), n); /* what does not fit is cut, and the length told */
    assert_memory_equal(frozen, text, 9);
    assert_int_equal(frozen[9], 0);
    assert_int_equal(az_plan_print(t.plan, NULL, 0), n);
    snprintf(path, sizeof path, "%s/tests/graph/plan.txt", AZ_SOURCE_DIR);
    FILE *file = fopen(path, "r");
    const size_t length = file ? fread(frozen, 1, sizeof frozen - 1, file) : 0;
    frozen[length] = 0;
    if (file) fclose(file);
    if (strcmp(text, frozen) != 0) {
        file = fopen("plan.txt", "w");
        if (file) fputs(text, file), fclose(file);
        fail_msg("the plan's text is not that of tests/graph/plan.txt; it is now in plan.txt");
    }
    az_plan_free(t.plan);
}

/* Every edge joins nodes that are drawn, and every output is one of them. */
static void test_dot(void **state)
{
    const int64_t sizes[] = {2, 5, 1};
    static char text[20000];
    training t;
    int n_edges = 0;
    (void)state;
    training_plan(&t, AZ_F32, sizes, 2, NULL);
    const size_t n = az_plan_dot(t.plan, text, sizeof text);
    assert_true(n > 0 && n < sizeof text && strlen(text) == n);
    for (const char *edge = strstr(text, " -> "); edge; edge = strstr(edge + 1, " -> "), n_edges++) {
        char node[2][40];
        const char *begin = edge;
        while (begin[-1] != ' ') begin--;
        for (int i = 0; i < 2; i++) {
            const char *at = i ? edge + 4 : begin;
            snprintf(node[i], sizeof node[i], " %.*s [", (int)strspn(at, "n0123456789"), at);
            if (!strstr(text, node[i])) fail_msg("there is no node%s", node[i]);
        }
    }
    assert_true(n_edges > 30);
    for (int i = 0; i < t.n_outputs; i++) {
        char label[40];
        snprintf(label, sizeof label, "label=\"%s\"", t.names[i]);
        if (!strstr(text, label)) fail_msg("the output %s is not drawn", t.names[i]);
    }
    assert_non_null(strstr(text, "label=\"stage 0, tiles of rows\""));
    az_plan_free(t.plan);
}

/* --- Time --------------------------------------------------------------------------------------------------------- */

static double thread_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

/* Fifty layers with the gradient: building and compiling.  Once before, so that products' kernels are there. */
static void test_time_to_compile(void **state)
{
    enum { LAYERS = 50, REPEATS = 5 };
    int64_t sizes[LAYERS + 1];
    double building = HUGE_VAL, compiling = HUGE_VAL;
    (void)state;
    for (int i = 0; i <= LAYERS; i++) sizes[i] = i == LAYERS ? 1 : 32;
    for (int k = 0; k < REPEATS; k++) {
        az_node out[1 + 2 * LAYERS], wrt[2 * LAYERS];
        az_plan *plan = NULL;
        const double begin = thread_milliseconds();
        az_graph *graph = az_graph_new(AZ_F32);
        const az_node x = az_input(graph, "x", AZ_F32, AZ_SHAPE(AZ_ROWS, 32));
        const az_node y = az_input(graph, "y", AZ_F32, AZ_SHAPE(AZ_ROWS, 1));
        out[0] = az_mean(az_square(az_sub(network(x, sizes, LAYERS), y)));
        for (int i = 0; i < LAYERS; i++) {
            char name[16];
            snprintf(name, sizeof name, "w%d", i);
            wrt[2 * i] = az_parameter(graph, name, AZ_SHAPE(sizes[i], sizes[i + 1]));
            snprintf(name, sizeof name, "b%d", i);
            wrt[2 * i + 1] = az_parameter(graph, name, AZ_SHAPE(sizes[i + 1]));
        }
        az_grad(out[0], wrt, 2 * LAYERS, out + 1);
        const double built = thread_milliseconds();
        must(az_compile(&plan, out, NULL, 1 + 2 * LAYERS, NULL));
        const double compiled = thread_milliseconds();
        building = fmin(building, built - begin);
        compiling = fmin(compiling, compiled - built);
        az_plan_free(plan);
        az_graph_free(graph);
    }
    printf("50 layers with their gradient: built in %.2f ms, compiled in %.2f ms\n", building, compiling);
    assert_true(building + compiling < 200); /* sanitizers and busy machines; the aim is 10 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits_at_any_number_of_threads),
        cmocka_unit_test(test_loops_of_several_ops),
        cmocka_unit_test(test_wide_sum),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_many_members_on_threads),
        cmocka_unit_test(test_one_plan_for_many_callers),
        cmocka_unit_test(test_state_is_written_when_a_run_ends),
        cmocka_unit_test(test_extents),
        cmocka_unit_test(test_every_number_of_rows),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_time_to_compile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
