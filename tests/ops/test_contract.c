/* SPDX-License-Identifier: BSD-3-Clause */
/* The contract of ops, over every op of the registry, every sample of it, both precisions and every instruction set
 * that the processor has: values, bits, memory, bindings, and what the flags promise. */
#include "formulas.h"

#include <float.h>

static const int64_t batches[] = {0, 1, 2, 3, 5, 31, 32, 33, 70, 257};
enum { N_BATCHES = sizeof batches / sizeof batches[0] };

static double rounding(az_type type)
{
    return type == AZ_F32 ? (double)FLT_EPSILON : type == AZ_F64 ? DBL_EPSILON : 0;
}

/* Its tables are complete: who adds an op adds its sample and its formula. */
static void test_every_op_has_a_sample_and_a_formula(void **state)
{
    (void)state;
    int n = 0;
    for (const az_op *const *const *family = az_op_families; *family; family++)
        for (const az_op *const *op = *family; *op; op++, n++) {
            az_op_sample sample = {0};
            if (!(*op)->sample || !(*op)->sample(0, &sample)) fail_msg("%s has no sample", (*op)->name);
            if (!formula_of(*op)) fail_msg("%s has no formula in tests/ops/formulas.h", (*op)->name);
            if (!(*op)->equation) fail_msg("%s has no equation", (*op)->name);
        }
    assert_true(n > 30);
}

/* --- Values and bits ---------------------------------------------------------------------------------------------- */

typedef struct plans {
    az_plan *plan[AZ_N_ISA];
    int n;
    az_type type;
    az_shape shape;
} plans;

static plans compile_all(const instance *of)
{
    plans made = {.n = (int)az_isa_of_cpu() + 1};
    az_graph *graph = graph_new(of->real);
    az_node x[AZ_SAMPLE_INPUTS];
    const az_node y = build(of, graph, x);
    must(az_graph_status(graph), of->text);
    made.type = az_node_type(y);
    made.shape = az_node_shape(y);
    for (int i = 0; i < made.n; i++) made.plan[i] = compile(of, &y, 1, az_isa_name((az_isa)i));
    az_graph_free(graph);
    return made;
}

static void plans_free(plans *made)
{
    for (int i = 0; i < made->n; i++) az_plan_free(made->plan[i]);
}

static void must_equal(const char *what, const char *than, int64_t n_rows, const guarded *a, const guarded *b)
{
    assert_int_equal(a->n, b->n);
    if (memcmp(a->data, b->data, a->n) == 0) return;
    fail_msg("%s, %d rows: other bits %s", what, (int)n_rows, than);
}

/* The error in units of rounding, by what the result was summed from. */
static double worst_error(const instance *of, const plans *p, int64_t n_rows, double *const *x, const guarded *found)
{
    const int64_t n = count(p->shape, n_rows);
    long double *wide[AZ_SAMPLE_INPUTS], *y = malloc((size_t)n * sizeof *y + 1),
                                         *size = malloc((size_t)n * sizeof *y + 1);
    double worst = 0;
    for (int i = 0; i < of->sample.n; i++) {
        const int64_t m = count(of->sample.x[i].shape, n_rows);
        wide[i] = malloc((size_t)m * sizeof **wide + 1);
        for (int64_t k = 0; k < m; k++) wide[i][k] = x[i][k];
    }
    work_out(of, formula_of(of->op), p->shape, n_rows, (const long double *const *)wide, y, size);
    for (int64_t i = 0; i < n; i++) {
        const double value = number_at(found->data, p->type, i);
        const double error = value == (double)y[i] ? 0 : fabs((double)(value - y[i])); /* infinities too */
        const double unit = rounding(p->type) * (double)size[i];
        if (!(error <= 0)) worst = fmax(worst, unit > 0 && error == error ? error / unit : HUGE_VAL);
    }
    for (int i = 0; i < of->sample.n; i++) free(wide[i]);
    free(y);
    free(size);
    return worst;
}

static struct {
    double error;
    char text[96];
} worst_of_op[200];
static int n_worst;

static void note_worst(const instance *of, double error)
{
    int i = 0;
    while (i < n_worst && strncmp(worst_of_op[i].text, of->text, strcspn(of->text, ",") + 1) != 0) i++;
    if (i == n_worst) {
        worst_of_op[n_worst++].error = -1;
        assert_true(n_worst < 200);
    }
    if (error <= worst_of_op[i].error) return;
    worst_of_op[i].error = error;
    memcpy(worst_of_op[i].text, of->text, sizeof of->text);
}

static bool keeps_rows(const instance *of, az_shape shape)
{
    if (!az_shape_extents(shape) || of->sample.n == 0) return false; /* numbers of rows differ by row */
    if (has_pairs(of, shape)) return false; /* tests/graph/test_extents.c has their rows alone */
    for (int i = 0; i < of->sample.n; i++)
        if (az_shape_extents(of->sample.x[i].shape) > az_shape_extents(shape)) return false;
    return !(of->op->flags & AZ_OP_RANDOM);
}

/* Each row, alone, has the bits that it has in the batch. */
static void check_rows_alone(const instance *of, const plans *p, int isa, int64_t n_rows, double *const *x,
                             const guarded *batch)
{
    const int64_t of_row = count(p->shape, 1);
    for (int64_t r = 0; r < n_rows; r++) {
        double *row[AZ_SAMPLE_INPUTS];
        for (int i = 0; i < of->sample.n; i++) {
            const az_shape s = of->sample.x[i].shape;
            row[i] = x[i] + (az_shape_extents(s) ? r * count(s, 1) : 0);
        }
        guarded alone = run_plain(of, p->plan[isa], p->type, p->shape, 1, row, 1);
        const unsigned char *in_batch = batch->data + (size_t)(r * of_row) * az_type_size(p->type);
        if (memcmp(alone.data, in_batch, alone.n) != 0)
            fail_msg("%s: row %d of %d has other bits alone", of->text, (int)r, (int)n_rows);
        free(alone.whole);
    }
}

static void check_values(const instance *of)
{
    const formula *f = formula_of(of->op);
    plans p = compile_all(of);
    double worst = 0;
    assert_non_null(f);
    for (int b = 0; b < N_BATCHES && !(batches[b] > 100 && has_pairs(of, p.shape)); b++) {
        double *x[AZ_SAMPLE_INPUTS];
        for (int i = 0; i < of->sample.n; i++) x[i] = draw_input(of, i, batches[b], 1);
        guarded first = run_plain(of, p.plan[0], p.type, p.shape, batches[b], x, 1);
        worst = fmax(worst, worst_error(of, &p, batches[b], x, &first));
        for (int isa = 0; isa < p.n; isa++) {
            guarded other = run_plain(of, p.plan[isa], p.type, p.shape, batches[b], x, 2);
            must_equal(of->text, az_isa_name((az_isa)isa), batches[b], &first, &other);
            free(other.whole);
            if (keeps_rows(of, p.shape) && (batches[b] == 5 || batches[b] == 70))
                check_rows_alone(of, &p, isa, batches[b], x, &first);
        }
        free(first.whole);
        for (int i = 0; i < of->sample.n; i++) free(x[i]);
    }
    note_worst(of, worst);
    if (worst > f->tolerance)
        fail_msg("%s: error of %.3g units of rounding, %g allowed", of->text, worst, f->tolerance);
    plans_free(&p);
}

static void test_values(void **state)
{
    (void)state;
    n_worst = 0;
    each_instance(AZ_F32, check_values);
    each_instance(AZ_F64, check_values);
    for (int i = 0; i < n_worst; i++) printf("forward  %8.2g  %s\n", worst_of_op[i].error, worst_of_op[i].text);
}

/* --- Bindings ----------------------------------------------------------------------------------------------------- */

enum { GAP = 3 };

/* Inputs with axes in the opposite order and gaps, rows taken by an index, in the other real type; the output likewise:
 * the same bits as from plain arrays. */
static void check_bindings(const instance *of)
{
    enum { N = 37, OF = 50 };
    plans p = compile_all(of);
    double *x[AZ_SAMPLE_INPUTS];
    guarded in[AZ_SAMPLE_INPUTS];
    int64_t stride[AZ_SAMPLE_INPUTS + 1][AZ_MAX_RANK], index[N];
    az_binding bound[AZ_SAMPLE_INPUTS];
    for (int64_t r = 0; r < N; r++) index[r] = (r * 7 + 3) % OF;
    for (int i = 0; i < of->sample.n; i++) {
        const az_shape s = of->sample.x[i].shape;
        const az_type type = type_of(of, i), other = type == AZ_F32 ? AZ_F64 : type;
        x[i] = draw_input(of, i, N, 2);
        int64_t n = GAP;
        for (int d = 0; d < s.rank; d++) {
            stride[i][d] = n;
            n *= s.size[d] < 0 ? OF : s.size[d] + 1;
        }
        double *spread = malloc((size_t)(n + 1) * sizeof *spread);
        for (int64_t k = 0; k < n; k++) spread[k] = type == AZ_I64 || type == AZ_MASK ? 1 : 0.75;
        int64_t at[AZ_MAX_RANK] = {0}, k = 0;
        if (count(s, N)) do {
                int64_t to = 0;
                for (int d = 0; d < s.rank; d++) to += stride[i][d] * (s.size[d] < 0 && d == 0 ? index[at[d]] : at[d]);
                spread[to] = x[i][k++];
            } while (next_place(s, N, at));
        in[i] = guarded_of(spread, n, other);
        bound[i] = (az_binding){.name = x_names[i],
                                .data = in[i].data,
                                .type = other,
                                .stride = stride[i],
                                .index = az_shape_extents(s) ? index : NULL};
        free(spread);
    }
    guarded plain = run_plain(of, p.plan[p.n - 1], p.type, p.shape, N, x, 1);
    /* The result as double, axes in the opposite order. */
    int64_t n = 1;
    for (int d = 0; d < p.shape.rank; d++) {
        stride[AZ_SAMPLE_INPUTS][d] = n;
        n *= p.shape.size[d] < 0 ? N : p.shape.size[d];
    }
    const az_type other = p.type == AZ_F32 ? AZ_F64 : p.type;
    guarded out = guarded_new((size_t)n * az_type_size(other));
    const az_binding result = {.name = "0", .data = out.data, .type = other, .stride = stride[AZ_SAMPLE_INPUTS]};
    run(of->text, p.plan[p.n - 1], N, bound, of->sample.n, &result, 1, 1);
    if (!guarded_whole(&out)) fail_msg("%s: wrote outside of a strided output", of->text);
    int64_t at[AZ_MAX_RANK] = {0}, k = 0;
    if (count(p.shape, N)) do {
            int64_t from = 0;
            for (int d = 0; d < p.shape.rank; d++) from += stride[AZ_SAMPLE_INPUTS][d] * at[d];
            const double a = number_at(plain.data, p.type, k++), b = number_at(out.data, other, from);
            if (a != b) fail_msg("%s: %.17g from strided arrays, %.17g from plain ones", of->text, b, a);
        } while (next_place(p.shape, N, at));
    for (int i = 0; i < of->sample.n; i++) {
        free(x[i]);
        free(in[i].whole);
    }
    free(plain.whole);
    free(out.whole);
    plans_free(&p);
}

static void test_bindings(void **state)
{
    (void)state;
    each_instance(AZ_F32, check_bindings);
    each_instance(AZ_F64, check_bindings);
}

/* --- What the flags promise --------------------------------------------------------------------------------------- */

static void check_commutative(const instance *of)
{
    enum { N = 41 };
    if (!(of->op->flags & AZ_OP_COMMUTATIVE)) return;
    assert_int_equal(of->sample.n, 2);
    plans p = compile_all(of);
    double *x[2], *swapped[2];
    const double special[] = {0, -0.0, 1, -1, HUGE_VAL, -HUGE_VAL, 0x1p-149, 3};
    for (int i = 0; i < 2; i++) {
        x[i] = draw_input(of, i, N, 3);
        const int64_t n = count(of->sample.x[i].shape, N);
        for (int64_t k = 0; k < n && k < 64; k++) x[i][k] = special[i ? k / 8 : k % 8];
        swapped[1 - i] = x[i];
    }
    for (int isa = 0; isa < p.n; isa++) {
        guarded a = run_plain(of, p.plan[isa], p.type, p.shape, N, x, 1);
        guarded b = run_plain(of, p.plan[isa], p.type, p.shape, N, swapped, 1);
        for (int64_t k = 0; k < count(p.shape, N); k++) {
            const double u = number_at(a.data, p.type, k), v = number_at(b.data, p.type, k);
            if (!(u == v && signbit(u) == signbit(v)) && !(isnan(u) && isnan(v)))
                fail_msg("%s is not commutative: %g and %g", of->text, u, v);
        }
        free(a.whole);
        free(b.whole);
    }
    free(x[0]);
    free(x[1]);
    plans_free(&p);
}

/* f(c u + (1 - c) v) = c f(u) + (1 - c) f(v) in each real input, the others held. */
static void check_linear(const instance *of)
{
    enum { N = 9 };
    const double c = 0.375;
    if (!(of->op->flags & AZ_OP_LINEAR)) return;
    plans p = compile_all(of);
    if (!az_type_is_real(p.type)) {
        plans_free(&p);
        return;
    }
    for (int i = 0; i < of->sample.n; i++) {
        if (!az_type_is_real(type_of(of, i))) continue;
        double *x[AZ_SAMPLE_INPUTS], *u, *v, *w;
        for (int k = 0; k < of->sample.n; k++) x[k] = draw_input(of, k, N, 4);
        const int64_t n = count(of->sample.x[i].shape, N), m = count(p.shape, N);
        free(x[i]);
        u = draw_input(of, i, N, 5);
        v = draw_input(of, i, N, 6);
        w = malloc((size_t)n * sizeof *w + 1);
        for (int64_t k = 0; k < n; k++) w[k] = c * u[k] + (1 - c) * v[k];
        guarded y[3];
        double *const ends[] = {u, v, w};
        for (int k = 0; k < 3; k++) {
            x[i] = ends[k];
            y[k] = run_plain(of, p.plan[p.n - 1], p.type, p.shape, N, x, 1);
        }
        for (int64_t k = 0; k < m; k++) {
            const double a = number_at(y[0].data, p.type, k), b = number_at(y[1].data, p.type, k);
            const double error = fabs(number_at(y[2].data, p.type, k) - (c * a + (1 - c) * b));
            if (!(error <= 200 * fmax(rounding(p.type), rounding(type_of(of, i))) * (1 + fabs(a) + fabs(b))))
                fail_msg("%s is not linear in input %d: off by %g", of->text, i, error);
        }
        for (int k = 0; k < 3; k++) {
            free(y[k].whole);
            free(ends[k]);
        }
        for (int k = 0; k < of->sample.n; k++)
            if (k != i) free(x[k]);
    }
    plans_free(&p);
}

static void test_flags(void **state)
{
    (void)state;
    each_instance(AZ_F32, check_commutative);
    each_instance(AZ_F64, check_commutative);
    each_instance(AZ_F32, check_linear);
    each_instance(AZ_F64, check_linear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_op_has_a_sample_and_a_formula),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bindings),
        cmocka_unit_test(test_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
