/* SPDX-License-Identifier: BSD-3-Clause */
/* Derivatives of every op: reverse against differences of its formula in long double, forward against reverse, second
 * derivatives by reverse over reverse and forward over reverse against each other and against differences of the first,
 * Taylor rules against nested forward.  Each test prints the worst error of each op. */
#include "formulas.h"

#include <float.h>

enum { N = 5, MOST = AZ_SAMPLE_INPUTS };

/* --- Worst errors, by op ------------------------------------------------------------------------------------------ */

static struct {
    const az_op *op;
    double error;
} table[200];
static int n_table;

static void note(const instance *of, double error, double allowed)
{
    int i = 0;
    while (i < n_table && table[i].op != of->op) i++;
    assert_true(i < 200);
    if (i == n_table) table[n_table++].op = of->op;
    if (error > table[i].error) table[i].error = error;
    if (!(error <= allowed)) fail_msg("%s: error %.3g, %g allowed", of->text, error, allowed);
}

static void check_all(const char *what, void (*check)(const instance *of))
{
    int worst = 0;
    memset(table, 0, sizeof table);
    n_table = 0;
    each_instance(AZ_F64, check);
    for (int i = 0; i < n_table; i++) {
        printf("%s  %8.2g  %s\n", what, table[i].error, table[i].op->name);
        if (table[i].error > table[worst].error) worst = i;
    }
    assert_true(n_table > 0);
    printf("%s  worst: %.2g, %s\n", what, table[worst].error, table[worst].op->name);
}

/* Of NaN: infinite. */
static double difference(double a, double b)
{
    const double error = fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b)));
    return error == error ? error : HUGE_VAL;
}

/* --- An instance with what it is differentiated along ------------------------------------------------------------- */

typedef struct problem {
    const instance *of;
    az_graph *graph;
    az_node x[MOST], y, w, v[MOST], real[MOST];
    int which[MOST], n_real; /* numbers of the real inputs */
    feed feeds[3 * MOST];
    int n_feeds;
} problem;

static az_node add_feed(problem *p, const char *letter, int i, az_type type, az_shape shape, double *value)
{
    feed *made = &p->feeds[p->n_feeds++];
    *made = (feed){.type = type, .shape = shape, .value = value};
    snprintf(made->name, sizeof made->name, "%s%d", letter, i);
    return az_input(p->graph, made->name, type, shape);
}

/* false: nothing to differentiate. */
static bool begin(problem *p, const instance *of)
{
    *p = (problem){.of = of, .graph = graph_new(of->real)};
    p->y = build(of, p->graph, p->x);
    must(az_graph_status(p->graph), of->text);
    const az_type type = az_node_type(p->y);
    const az_shape shape = az_node_shape(p->y);
    for (int i = 0; i < of->sample.n; i++) {
        add_feed(p, "x", i, type_of(of, i), of->sample.x[i].shape, draw_input(of, i, N, 1));
        if (az_type_is_real(type_of(of, i))) p->which[p->n_real++] = i;
    }
    if (!az_type_is_real(type) || p->n_real == 0) return false;
    p->w = add_feed(p, "w", 0, type, shape, draw_values(91, count(shape, N), type, -1, 1));
    for (int i = 0; i < p->n_real; i++) {
        const int k = p->which[i];
        const az_shape s = of->sample.x[k].shape;
        p->real[i] = p->x[k];
        p->v[i] =
            add_feed(p, "v", i, type_of(of, k), s, draw_values(92 + (uint64_t)i, count(s, N), type_of(of, k), -1, 1));
    }
    return true;
}

static void end(problem *p)
{
    for (int i = 0; i < p->n_feeds; i++) free(p->feeds[i].value);
    az_graph_free(p->graph);
}

static void values_of(const problem *p, const az_node *y, int n, double **values)
{
    must(az_graph_status(p->graph), p->of->text);
    az_plan *plan = compile(p->of, y, n, NULL);
    evaluate(p->of->text, plan, N, p->feeds, p->n_feeds, y, n, values);
    az_plan_free(plan);
}

static void free_all(double **values, int n)
{
    for (int i = 0; i < n; i++) free(values[i]);
}

/* --- Reverse against differences, and against forward ------------------------------------------------------------- */

/* The sum of w y, by the formula. */
static long double formula_sum(const problem *p, const long double *const *x)
{
    const az_shape shape = az_node_shape(p->y);
    const int64_t n = count(shape, N);
    long double *y = malloc((size_t)n * sizeof *y + 1), *size = malloc((size_t)n * sizeof *y + 1), sum = 0;
    work_out(p->of, formula_of(p->of->op), shape, N, x, y, size);
    for (int64_t i = 0; i < n; i++) sum += y[i] * p->feeds[p->of->sample.n].value[i];
    free(y);
    free(size);
    return sum;
}

static double against_differences(const problem *p, double *const *gradient)
{
    const long double h = 0x1p-22L;
    long double *x[MOST];
    double worst = 0;
    for (int i = 0; i < p->of->sample.n; i++) {
        const int64_t n = count(p->of->sample.x[i].shape, N);
        x[i] = malloc((size_t)n * sizeof **x + 1);
        for (int64_t k = 0; k < n; k++) x[i][k] = p->feeds[i].value[k];
    }
    for (int i = 0; i < p->n_real; i++)
        for (int64_t k = 0; k < count(p->of->sample.x[p->which[i]].shape, N); k++) {
            long double *at = &x[p->which[i]][k], here = *at;
            *at = here + h;
            const long double above = formula_sum(p, (const long double *const *)x);
            *at = here - h;
            const long double below = formula_sum(p, (const long double *const *)x);
            *at = here;
            const double expected = formula_of(p->of->op)->constant ? 0 : (double)((above - below) / (2 * h));
            worst = fmax(worst, difference(gradient[i][k], expected));
        }
    for (int i = 0; i < p->of->sample.n; i++) free(x[i]);
    return worst;
}

static void check_reverse(const instance *of)
{
    problem p;
    az_node gradient[MOST];
    double *values[MOST];
    if (begin(&p, of)) {
        az_vjp(p.y, p.w, p.real, p.n_real, gradient);
        if (!of->op->reverse) fail_msg("%s has no derivative", of->text);
        values_of(&p, gradient, p.n_real, values);
        note(of, against_differences(&p, values), 1e-9);
        free_all(values, p.n_real);
    }
    end(&p);
}

/* <w, J v> = <J' w, v>. */
static void check_dot(const instance *of)
{
    problem p;
    az_node out[MOST + 1];
    double *values[MOST + 1];
    if (begin(&p, of)) {
        az_vjp(p.y, p.w, p.real, p.n_real, out + 1);
        out[0] = az_jvp(p.y, p.real, p.v, p.n_real);
        values_of(&p, out, p.n_real + 1, values);
        long double forward = 0, reverse = 0, size = 1;
        const feed *w = &p.feeds[of->sample.n];
        for (int64_t k = 0; k < count(w->shape, N); k++) {
            forward += (long double)w->value[k] * values[0][k];
            size += fabsl((long double)w->value[k] * values[0][k]);
        }
        for (int i = 0; i < p.n_real; i++)
            for (int64_t k = 0; k < count(w[i + 1].shape, N); k++)
                reverse += (long double)w[i + 1].value[k] * values[i + 1][k];
        const double error = (double)(fabsl(forward - reverse) / size);
        note(of, error == error ? error : HUGE_VAL, w->type == AZ_F32 ? (double)FLT_EPSILON : 1e-12);
        free_all(values, p.n_real + 1);
    }
    end(&p);
}

/* --- Second derivatives ------------------------------------------------------------------------------------------- */

/* Differences of the gradient along v, of the fourth order in the step. */
static double against_gradients(problem *p, const az_node *gradient, double *const *second)
{
    const double h = 0x1p-11;
    double *at[4][MOST], *here[MOST], worst = 0;
    for (int step = 0; step < 4; step++) {
        const double t = h * (double[]){-2, -1, 1, 2}[step];
        for (int i = 0; i < p->n_real; i++) {
            feed *x = &p->feeds[p->which[i]];
            const double *v = p->feeds[p->of->sample.n + 1 + i].value;
            here[i] = x->value;
            x->value = malloc((size_t)count(x->shape, N) * sizeof *x->value + 1);
            for (int64_t k = 0; k < count(x->shape, N); k++) x->value[k] = here[i][k] + t * v[k];
        }
        values_of(p, gradient, p->n_real, at[step]);
        for (int i = 0; i < p->n_real; i++) {
            free(p->feeds[p->which[i]].value);
            p->feeds[p->which[i]].value = here[i];
        }
    }
    for (int i = 0; i < p->n_real; i++)
        for (int64_t k = 0; k < count(p->feeds[p->which[i]].shape, N); k++) {
            const double slope = (8 * (at[2][i][k] - at[1][i][k]) - (at[3][i][k] - at[0][i][k])) / (12 * h);
            worst = fmax(worst, difference(second[i][k], slope));
        }
    for (int step = 0; step < 4; step++) free_all(at[step], p->n_real);
    return worst;
}

static az_node contracted(const problem *p, const az_node *gradient)
{
    az_node sum = az_cast(az_constant(p->graph, 0), p->of->real);
    for (int i = 0; i < p->n_real; i++) sum = az_add(sum, az_sum_all(az_mul(gradient[i], p->v[i])));
    return sum;
}

static void check_second(const instance *of, bool modes)
{
    problem p;
    az_node gradient[MOST], out[2 * MOST];
    double *values[2 * MOST];
    if (begin(&p, of)) {
        const int n = p.n_real;
        az_vjp(p.y, p.w, p.real, n, gradient);
        az_grad(contracted(&p, gradient), p.real, n, out);
        for (int i = 0; i < n; i++) out[n + i] = az_jvp(gradient[i], p.real, p.v, n);
        values_of(&p, out, 2 * n, values);
        double worst = modes ? 0 : against_gradients(&p, gradient, values);
        for (int i = 0; modes && i < n; i++)
            for (int64_t k = 0; k < count(p.feeds[p.which[i]].shape, N); k++)
                worst = fmax(worst, difference(values[i][k], values[n + i][k]));
        note(of, worst, modes ? 1e-12 : 1e-8);
        free_all(values, 2 * n);
    }
    end(&p);
}

static void check_second_differences(const instance *of)
{
    check_second(of, false);
}

static void check_second_modes(const instance *of)
{
    check_second(of, true);
}

/* --- Taylor ------------------------------------------------------------------------------------------------------- */

/* Every input with rows moves along a + b t + c t^2 with its own row's t; the derivatives by t at t = 0, by Taylor
 * rules and by one tangent inside the other. */
static void check_taylor(const instance *of)
{
    enum { ORDER = 4 };
    problem p = {.of = of, .graph = graph_new(AZ_F64)};
    az_node x[MOST], out[2 * ORDER];
    double *values[2 * ORDER], worst = 0;
    bool moves = false;
    const az_node t = add_feed(&p, "t", 0, AZ_F64, AZ_SHAPE(AZ_ROWS, 1), calloc(N, sizeof(double)));
    for (int i = 0; i < of->sample.n; i++) {
        const az_shape s = of->sample.x[i].shape;
        const az_type type = type_of(of, i);
        x[i] = add_feed(&p, "x", i, type, s, draw_input(of, i, N, 1));
        if (!az_shape_covers(s, AZ_SHAPE(AZ_ROWS)) || !az_type_is_real(type)) continue;
        moves = true;
        const az_node along = az_broadcast(az_reshape(t, AZ_SHAPE(AZ_ROWS)), s, (int[]){0});
        const az_node b = add_feed(&p, "b", i, type, s, draw_values(93, count(s, N), type, -1, 1));
        const az_node c = add_feed(&p, "c", i, type, s, draw_values(94, count(s, N), type, -1, 1));
        x[i] = az_add(x[i], az_mul(along, az_add(b, az_mul(along, c))));
    }
    const az_node y = az_apply(of->op, p.graph, x, of->sample.n, of->sample.attribute);
    must(az_graph_status(p.graph), of->text);
    bool keeps = moves && az_shape_covers(az_node_shape(y), AZ_SHAPE(AZ_ROWS)) && az_type_is_real(az_node_type(y));
    if (keeps) {
        az_derivatives(y, t, 0, ORDER, out);
        for (int k = 0; k < ORDER; k++) out[ORDER + k] = az_partial(k ? out[ORDER + k - 1] : y, t, 0);
        values_of(&p, out, 2 * ORDER, values);
        for (int k = 0; k < ORDER; k++)
            for (int64_t i = 0; i < count(az_node_shape(y), N); i++)
                worst = fmax(worst, difference(values[k][i], values[ORDER + k][i]));
        note(of, worst, 1e-12);
        free_all(values, 2 * ORDER);
    }
    end(&p);
}

/* --- Both precisions, all instruction sets ------------------------------------------------------------------------ */

/* The gradient has the same bits by every instruction set; in float it is that in double to rounding. */
static void check_bits(const instance *of)
{
    az_node gradient[MOST];
    double *values[3][MOST];
    for (int k = 0; k < 2; k++) {
        instance other = *of;
        problem p;
        other.real = k ? AZ_F64 : AZ_F32;
        if (!begin(&p, of)) {
            end(&p);
            return;
        }
        end(&p);
        begin(&p, &other);
        if (k) /* the numbers of the float's run */
            for (int i = 0; i < p.n_feeds; i++)
                for (int64_t j = 0; j < count(p.feeds[i].shape, N); j++)
                    if (az_type_is_real(p.feeds[i].type)) p.feeds[i].value[j] = (float)p.feeds[i].value[j];
        az_vjp(p.y, p.w, p.real, p.n_real, gradient);
        must(az_graph_status(p.graph), of->text);
        for (int isa = 0; isa <= (int)az_isa_of_cpu(); isa++) {
            double **found = values[isa ? 2 : k];
            az_plan *plan = compile(&other, gradient, p.n_real, az_isa_name((az_isa)isa));
            evaluate(of->text, plan, N, p.feeds, p.n_feeds, gradient, p.n_real, found);
            az_plan_free(plan);
            for (int i = 0; isa && i < p.n_real; i++)
                if (memcmp(found[i], values[k][i], sizeof(double) * (size_t)count(az_node_shape(gradient[i]), N)) != 0)
                    fail_msg("%s: the gradient has other bits by %s", of->text, az_isa_name((az_isa)isa));
            if (isa) free_all(found, p.n_real);
        }
        for (int i = 0; k && i < p.n_real; i++) {
            double worst = 0;
            for (int64_t j = 0; j < count(az_node_shape(gradient[i]), N); j++)
                worst = fmax(worst, difference(values[0][i][j], values[1][i][j]));
            note(of, worst, 20 * (double)FLT_EPSILON);
            free(values[0][i]);
            free(values[1][i]);
        }
        end(&p);
    }
}

static void test_reverse(void **state)
{
    (void)state;
    check_all("reverse", check_reverse);
}

static void test_dot(void **state)
{
    (void)state;
    check_all("dot    ", check_dot);
}

static void test_second(void **state)
{
    (void)state;
    check_all("second ", check_second_differences);
    check_all("modes  ", check_second_modes);
}

static void test_taylor(void **state)
{
    (void)state;
    check_all("taylor ", check_taylor);
}

static void test_bits(void **state)
{
    (void)state;
    check_all("float  ", check_bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reverse), cmocka_unit_test(test_dot),  cmocka_unit_test(test_second),
        cmocka_unit_test(test_taylor),  cmocka_unit_test(test_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
