/* SPDX-License-Identifier: BSD-3-Clause */
/* Training steps (value, gradient, Adam) and single rows through graphs.
 *
 * usage: bench_step CASE THREADS      mlp32, mlp256, mlp10240, burgers_f32, burgers_f64, wide; row: one row through
 * 2-64-64-1; members: a hundred members of theta in one run, on one thread and on THREADS, beside a hundred runs
 * Data, start and output of the steps are those of peers/bench_step.py, which runs them. */
#include "base/isa.h"
#include "base/parallel.h"
#include "optim/optimiser.h"
#include <ansatz/graph.h>

#include "fma.h"
#include "step.h"

#include <string.h>

enum { MOST_LAYERS = 9, MEMBERS = 100 };

static void check(az_status status)
{
    if (!status) return;
    fprintf(stderr, "%s\n", az_error_message());
    exit(1);
}

static void *zeros(int64_t n)
{
    const size_t bytes = ((size_t)n * sizeof(double) + 127) / 64 * 64;
    void *array = aligned_alloc(64, bytes);
    if (!array) exit(1);
    return memset(array, 0, bytes);
}

static void set(az_type type, void *array, int64_t i, double value)
{
    if (type == AZ_F32)
        ((float *)array)[i] = (float)value;
    else
        ((double *)array)[i] = value;
}

/* A network of tanh layers, its parameters in `theta`: w0, b0, w1, ... */
typedef struct network {
    int n_layers;
    const int64_t *sizes;
    az_node theta[2 * MOST_LAYERS];
    char names[2 * MOST_LAYERS][8];
} network;

static az_node net_of(network *net, az_graph *graph, az_node h)
{
    for (int l = 0; l < net->n_layers; l++) {
        const int64_t n_in = net->sizes[l], n_out = net->sizes[l + 1];
        snprintf(net->names[2 * l], sizeof *net->names, "w%d", l);
        snprintf(net->names[2 * l + 1], sizeof *net->names, "b%d", l);
        net->theta[2 * l] = az_parameter(graph, net->names[2 * l], AZ_SHAPE(n_in, n_out));
        net->theta[2 * l + 1] = az_parameter(graph, net->names[2 * l + 1], AZ_SHAPE(n_out));
        h = az_dense(h, net->theta[2 * l], net->theta[2 * l + 1]);
        if (l < net->n_layers - 1) h = az_tanh(h);
    }
    return h;
}

static void start_of(const network *net, az_type type, void *theta)
{
    int64_t at = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const int64_t n_in = net->sizes[l], n_out = net->sizes[l + 1];
        for (int64_t i = 0; i < n_in * n_out; i++, at++)
            set(type, theta, at, (2 * draw(at + 1) - 1) * sqrt(6.0 / (double)(n_in + n_out)));
        at += n_out;
    }
}

/* --- Steps -------------------------------------------------------------------------------------------------------- */

typedef struct step {
    az_plan *plan;
    az_run_arguments arguments;
    az_type type;
    const az_optimiser *optimiser;
    az_optimiser_options options;
    az_isa isa;
    int64_t n_parameters, n_steps;
    int64_t left; /* steps still to be made */
    void *theta, *gradient, *state;
} step;

static void steps_made(void *context)
{
    step *s = context;
    const int n_threads = s->arguments.n_threads;
    for (; s->left > 0; s->left--) {
        check(az_run(s->plan, &s->arguments));
        s->n_steps++;
        if (s->type == AZ_F32)
            az_optimiser_step_f32(s->optimiser, &s->options, s->isa, s->options.learning_rate, s->n_steps,
                                  s->n_parameters, s->gradient, s->theta, s->state, n_threads);
        else
            az_optimiser_step_f64(s->optimiser, &s->options, s->isa, s->options.learning_rate, s->n_steps,
                                  s->n_parameters, s->gradient, s->theta, s->state, n_threads);
    }
}

static void run_steps(void *context, int64_t n, int n_threads)
{
    step *s = context;
    s->left = n;
    az_with_team(n_threads, steps_made, s);
}

/* u_t + u u_x - nu u_xx of every row (t, x). */
static az_node residual(az_node u, az_node z)
{
    az_node by_x[2];
    const az_node by_t = az_partial(u, z, 0);
    az_derivatives(u, z, 1, 2, by_x);
    return az_sub(az_add(by_t, az_mul(u, by_x[0])), az_scale(by_x[1], NU));
}

static void measure_step(const char *which, int n_threads)
{
    static const int64_t mlp[] = {2, 64, 64, 64, 1}, burgers[] = {2, 20, 20, 20, 20, 20, 20, 20, 20, 1},
                         wide[] = {512, 512, 512};
    const bool is_burgers = strncmp(which, "burgers", 7) == 0, is_wide = strcmp(which, "wide") == 0;
    const az_type type = strstr(which, "f64") ? AZ_F64 : AZ_F32;
    const int64_t n = is_burgers ? 10000
                      : is_wide  ? 1024
                                 : atol(which + 3),
                  d = is_wide ? 512 : 2, n_y = is_wide ? 512 : 1;
    network net = {.n_layers = is_burgers ? 9 : is_wide ? 2 : 4, .sizes = is_burgers ? burgers : is_wide ? wide : mlp};
    az_graph *graph = az_graph_new(type);
    if (!graph) exit(1);
    const az_node x = az_input(graph, "x", type, AZ_SHAPE(AZ_ROWS, d));
    const az_node u = net_of(&net, graph, x);
    const az_node r = is_burgers ? residual(u, x) : az_sub(u, az_input(graph, "y", type, AZ_SHAPE(AZ_ROWS, n_y)));
    const az_node loss = az_mean(az_square(r));
    az_node outputs[1 + 2 * MOST_LAYERS] = {loss};
    const char *names[1 + 2 * MOST_LAYERS] = {"loss"};
    const int n_theta = 2 * net.n_layers;
    az_grad(loss, net.theta, n_theta, outputs + 1);
    for (int i = 0; i < n_theta; i++) names[1 + i] = net.names[i];
    step s = {.type = type, .isa = az_isa_wanted(), .optimiser = az_optimiser_find("adam")};
    s.options = (az_optimiser_options){.learning_rate = 1e-3, .beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-8};
    check(az_compile(&s.plan, outputs, names, n_theta + 1, NULL));
    s.n_parameters = az_plan_n_parameters(s.plan);
    s.theta = zeros(s.n_parameters);
    s.gradient = zeros(s.n_parameters);
    s.state = zeros(2 * s.n_parameters);
    start_of(&net, type, s.theta);
    void *data[2] = {zeros(n * d), zeros(n * n_y)};
    for (int64_t i = 0; i < n * d; i++) {
        const double value = draw(1000001 + i);
        set(type, data[0], i, is_burgers && i % 2 == 0 ? value : 2 * value - 1);
    }
    for (int64_t i = 0; i < n * n_y; i++) {
        const double a = 2 * draw(1000001 + 2 * i) - 1, b = 2 * draw(1000002 + 2 * i) - 1;
        set(type, data[1], i, is_wide ? 2 * draw(3000001 + i) - 1 : a * a * b - 0.5 * b);
    }
    double value;
    const az_binding inputs[] = {{.name = "x", .data = data[0], .type = type},
                                 {.name = "y", .data = data[1], .type = type}};
    az_binding results[1 + 2 * MOST_LAYERS] = {{.name = "loss", .data = &value, .type = AZ_F64}};
    for (int i = 0; i < n_theta; i++) {
        int64_t offset, size;
        if (!az_plan_parameter(s.plan, net.names[i], &offset, &size)) exit(1);
        results[1 + i] = (az_binding){
            .name = net.names[i], .data = (char *)s.gradient + (type == AZ_F32 ? 4 : 8) * offset, .type = type};
    }
    s.arguments = (az_run_arguments){.n_rows = n,
                                     .theta = s.theta,
                                     .inputs = inputs,
                                     .n_inputs = is_burgers ? 1 : 2,
                                     .outputs = results,
                                     .n_outputs = n_theta + 1,
                                     .n_threads = n_threads};
    s.arguments.work = zeros((int64_t)(az_work_bytes(s.plan, &s.arguments) / 8));
    run_steps(&s, 3, n_threads);
    check(az_run(s.plan, &s.arguments));
    const double loss_then = value;
    double squares = 0, wall, processor;
    for (int64_t i = 0; i < s.n_parameters; i++) {
        const double g = type == AZ_F32 ? (double)((float *)s.gradient)[i] : ((double *)s.gradient)[i];
        squares += g * g;
    }
    const double before = fma_widest() ? fma_rate(false, fma_widest()) : 0;
    time_of_run(run_steps, &s, n_threads, &wall, &processor);
    print_step("ansatz", wall, processor, loss_then, sqrt(squares));
    if (is_wide && before > 0) {
        /* Forward, weights' gradients, and the second layer's input gradient; of all else nothing is counted. */
        const double rate = 5 * 2.0 * 1024 * 512 * 512 / (processor * 1e-3);
        double best = before;
        for (int i = 0; i < 100; i++) {
            const double again = fma_rate(false, fma_widest());
            if (again > best) best = again;
        }
        printf("          %.1f GFLOP/s, %.0f %% of the fused multiply-adds of one core (%.1f)\n", rate * 1e-9,
               100 * rate / best, best * 1e-9);
    }
    free(data[0]);
    free(data[1]);
    free(s.theta);
    free(s.gradient);
    free(s.state);
    free(s.arguments.work);
    az_plan_free(s.plan);
    az_graph_free(graph);
}

/* --- One row, and many members ------------------------------------------------------------------------------------ */

typedef struct row {
    az_plan *plan;
    az_run_arguments arguments;
    const char *theta;
    int64_t n_thetas; /* that runs take one after the other */
    int64_t left;     /* times still to be run */
    size_t theta_bytes, result_bytes;
    char *result;
} row;

static void rows_run(void *context)
{
    row *r = context;
    az_binding result = {.name = "u", .data = r->result, .type = r->arguments.outputs[0].type};
    az_run_arguments arguments = r->arguments;
    arguments.outputs = &result;
    for (; r->left > 0; r->left--)
        for (int64_t k = 0; k < r->n_thetas; k++) {
            arguments.theta = r->theta + r->theta_bytes * (size_t)k;
            result.data = r->result + r->result_bytes * (size_t)k;
            check(az_run(r->plan, &arguments));
        }
}

static void run_row(void *context, int64_t n, int n_threads)
{
    row *r = context;
    r->left = n;
    r->arguments.n_threads = n_threads;
    az_with_team(n_threads, rows_run, r);
}

/* A hundred runs of one member by the clock, over one run of a hundred, one after the other in each batch. */
static void measure_members(row *r, int n_threads, const char *name)
{
    double wall, processor, ratio[BATCHES], apart[BATCHES], together[BATCHES];
    for (int i = 0; i < BATCHES; i++) {
        r->arguments.n_members = 1;
        r->n_thetas = MEMBERS;
        time_of_run(run_row, r, 1, &apart[i], &processor);
        r->arguments.n_members = MEMBERS;
        r->n_thetas = 1;
        time_of_run(run_row, r, n_threads, &together[i], &wall);
        ratio[i] = apart[i] / together[i];
    }
    qsort(ratio, BATCHES, sizeof *ratio, by_size);
    qsort(apart, BATCHES, sizeof *apart, by_size);
    qsort(together, BATCHES, sizeof *together, by_size);
    printf("%8.3f us, %d members in one run on %d thread%s, %.3f us in as many: %.2f times; %lld row%s in %s\n",
           1e3 * together[BATCHES / 2], MEMBERS, n_threads, n_threads > 1 ? "s" : "", 1e3 * apart[BATCHES / 2],
           ratio[BATCHES / 2], (long long)r->arguments.n_rows, r->arguments.n_rows > 1 ? "s" : "", name);
}

static void measure_row(az_type type, int64_t n_rows, bool members, int n_threads)
{
    static const int64_t sizes[] = {2, 64, 64, 1};
    const size_t size = type == AZ_F32 ? 4 : 8;
    network net = {.n_layers = 3, .sizes = sizes};
    az_graph *graph = az_graph_new(type);
    if (!graph) exit(1);
    const az_node u = net_of(&net, graph, az_input(graph, "x", type, AZ_SHAPE(AZ_ROWS, 2)));
    row r = {.n_thetas = 1};
    check(az_compile(&r.plan, &u, (const char *[]){"u"}, 1, NULL));
    const int64_t n_parameters = az_plan_n_parameters(r.plan);
    char *theta = zeros(n_parameters * MEMBERS), *x = zeros(2 * n_rows), *result = zeros(n_rows * MEMBERS);
    for (int k = 0; k < MEMBERS; k++) start_of(&net, type, theta + size * (size_t)(k * n_parameters));
    for (int64_t i = 0; i < 2 * n_rows; i++) set(type, x, i, 2 * draw(1000001 + i) - 1);
    const az_binding input = {.name = "x", .data = x, .type = type}, output = {.name = "u", .type = type};
    r.theta = theta;
    r.theta_bytes = size * (size_t)n_parameters;
    r.result = result;
    r.result_bytes = size * (size_t)n_rows;
    r.arguments = (az_run_arguments){
        .n_rows = n_rows, .inputs = &input, .n_inputs = 1, .outputs = &output, .n_outputs = 1, .n_members = MEMBERS};
    r.arguments.n_threads = n_threads;
    r.arguments.work = zeros((int64_t)(az_work_bytes(r.plan, &r.arguments) / 8));
    const char *name = type == AZ_F32 ? "float" : "double";
    if (members) {
        measure_members(&r, 1, name);
        if (n_threads > 1) measure_members(&r, n_threads, name);
    } else {
        double wall, processor;
        r.arguments.n_members = 1;
        time_of_run(run_row, &r, 1, &wall, &processor);
        printf("%8.3f us, one row through 2-64-64-1 in %s\n", 1e3 * processor, name);
    }
    free(theta);
    free(x);
    free(result);
    free(r.arguments.work);
    az_plan_free(r.plan);
    az_graph_free(graph);
}

int main(int argc, char **argv)
{
    const char *which = argc > 1 ? argv[1] : "mlp256";
    const int n_threads = argc > 2 ? atoi(argv[2]) : 1;
    if (n_threads < 1) return 64;
    if (strcmp(which, "row") == 0 || strcmp(which, "members") == 0) {
        for (int is_double = 0; is_double < 2; is_double++) {
            measure_row(is_double ? AZ_F64 : AZ_F32, 1, which[0] == 'm', n_threads);
            if (which[0] == 'm') measure_row(is_double ? AZ_F64 : AZ_F32, 32, true, n_threads);
        }
        return 0;
    }
    measure_step(which, n_threads);
    return 0;
}
