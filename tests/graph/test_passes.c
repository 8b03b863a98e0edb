/* SPDX-License-Identifier: BSD-3-Clause */
/* The passes of compiling, each alone: sharing and simplification as nodes are made, dead nodes, stages and what is
 * kept, the order of a phase, groups, last uses, scratch memory.  (Folding: test_fold.c; cost: test_cost.c.) */
#include "graph/lowering.h"
#include "graphs.h"
#include "ops/rules.h"

/* --- As nodes are made -----------------------------------------------------------------------------------------------
 */

#define SAME(a, b) assert_int_equal((a).id, (b).id)

static void test_sharing_and_simplification(void **state)
{
    (void)state;
    az_graph *g = az_graph_new(AZ_F64);
    const az_node x = az_input(g, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 6)),
                  y = az_input(g, "y", AZ_F64, AZ_SHAPE(AZ_ROWS, 6));
    const az_node w = az_parameter(g, "w", AZ_SHAPE(6));
    SAME(az_tanh(x), az_tanh(x));
    SAME(az_add(x, y), az_add(y, x));
    SAME(az_mul(x, w), az_mul(w, x));
    assert_true(az_sub(x, y).id != az_sub(y, x).id);
    SAME(az_input(g, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 6)), x);
    SAME(az_parameter(g, "w", AZ_SHAPE(6)), w);
    SAME(az_constant(g, 0.1), az_constant(g, 0.1));
    SAME(az_scale(x, 1), x);
    SAME(az_shift(x, 0), x);
    SAME(az_sub(x, az_constant(g, 0)), x);
    SAME(az_div(x, az_constant(g, 1)), x);
    SAME(az_neg(az_neg(x)), x);
    SAME(az_power(x, 1), x);
    SAME(az_power(x, 2), az_square(x));
    SAME(az_power(x, 0.5), az_sqrt(x));
    SAME(az_cast(x, AZ_F64), x);
    SAME(az_sum(x, 0), x);
    SAME(az_permute(x, (const int[]){0, 1}), x);
    SAME(az_slice(x, 1, 0, 6, 1), x);
    SAME(az_pad(x, 1, 0, 0, 3), x);
    SAME(az_concatenate(&x, 1, 1), x);
    SAME(az_reshape(az_reshape(x, AZ_SHAPE(AZ_ROWS, 2, 3)), AZ_SHAPE(AZ_ROWS, 6)), x);
    SAME(az_broadcast_to(x, AZ_SHAPE(AZ_ROWS, 6)), x);
    /* What is not the same to the bit stays: 0 times an infinity is no 0. */
    assert_true(az_scale(x, 0).id != az_constant(g, 0).id && az_node_op(az_scale(x, 0)) == az_node_op(az_mul(x, y)));
    az_graph_free(g);
}

/* --- Stages
 * ------------------------------------------------------------------------------------------------------------ */

typedef struct passes {
    az_graph *graph;
    az_plan *plan;
    az_lowering l;
} passes;

static void begin(passes *p, const az_node *outputs, int n, const void *const *folded)
{
    p->plan = az_alloc_zero(sizeof *p->plan);
    assert_non_null(p->plan);
    p->graph = outputs[0].graph;
    must(az_lowering_begin(&p->l, p->graph, p->plan, folded));
    must(az_describe(&p->l, outputs, NULL, n));
    must(az_find_stages(&p->l, outputs, n));
}

static void end(passes *p)
{
    az_lowering_end(&p->l);
    az_plan_free(p->plan);
    az_graph_free(p->graph);
}

/* h = tanh(x), y = h / sum of h over the rows: h is needed by both stages, and kept. */
static void test_stages(void **state)
{
    passes p;
    (void)state;
    az_graph *g = az_graph_new(AZ_F64);
    const az_node x = az_input(g, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 3)), h = az_tanh(x), dead = az_exp(az_sin(x));
    const az_node square = az_square(h), total = az_sum(square, 1), y = az_div(h, total), z = az_mul(y, x);
    begin(&p, &z, 1, NULL);
    assert_false(p.l.live[dead.id] || p.l.live[az_node_input(dead, 0).id]);
    assert_true(p.l.live[x.id] && p.l.live[h.id] && p.l.live[total.id] && p.l.live[z.id]);
    assert_int_equal(p.l.n_uses[x.id], 2); /* tanh(x), y x */
    assert_int_equal(p.l.n_uses[h.id], 3); /* twice in its square, and y */
    assert_int_equal(p.l.n_uses[z.id], 1); /* the output */
    assert_int_equal(p.l.n_stages, 2);
    assert_true(p.l.stage[h.id] == 0 && p.l.stage[square.id] == 0);
    assert_true(p.l.stage[total.id] == 1 && p.l.when[total.id] == 0); /* worked out with the rows, there after them */
    assert_true(p.l.stage[y.id] == 1 && p.l.stage[z.id] == 1);
    assert_true(p.l.kept[h.id]);
    assert_false(p.l.kept[x.id] || p.l.kept[square.id] || p.l.kept[y.id]); /* x is loaded again */
    assert_true(p.l.space[x.id] == p.l.space[y.id] && p.l.space[total.id] == AZ_NO_SPACE);
    end(&p);
}

/* Rows normalised by their statistics: of what two stages need, the product and its exponential are kept, and the cheap
 * steps between them are made again. */
static void test_cheap_values_are_remade(void **state)
{
    enum { N = 300 };
    double x[2 * N], y[N], expected[N];
    passes p;
    (void)state;
    az_graph *g = az_graph_new(AZ_F64);
    const az_node in = az_input(g, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 2)),
                  w = az_constant_array(g, AZ_F64, AZ_SHAPE(2), (double[]){1, 3});
    const az_node h = az_matmul(in, w, false, false), n = az_extent_size(g, AZ_ROWS, AZ_F64);
    const az_node centred = az_sub(h, az_div(az_sum(h, 1), n)), twice = az_scale(centred, 2), power = az_exp(centred);
    const az_node total = az_sum(az_add(az_mul(twice, centred), power), 1);
    const az_node out = az_add(az_div(twice, total), az_div(power, total));
    begin(&p, &out, 1, NULL);
    assert_true(p.l.kept[h.id] && p.l.kept[power.id]);
    assert_true(p.l.remade[twice.id] && !p.l.kept[twice.id]);
    assert_true(p.l.remade[centred.id] && !p.l.kept[centred.id]); /* twice is made of it */
    assert_false(p.l.remade[power.id] || p.l.remade[h.id] || p.l.remade[out.id]);
    az_plan *plan = NULL;
    fill(x, (int64_t)(2 * N), 53, 29, 97, 2);
    must(az_compile(&plan, &out, NULL, 1, NULL));
    const az_binding from = {.name = "x", .data = x, .type = AZ_F64}, to = {.name = "0", .data = y, .type = AZ_F64};
    must(
        az_run(plan, &(az_run_arguments){.n_rows = N, .inputs = &from, .n_inputs = 1, .outputs = &to, .n_outputs = 1}));
    double mean = 0, sum = 0;
    for (int i = 0; i < N; i++) mean += (x[2 * i] + 3 * x[2 * i + 1]) / N;
    for (int i = 0; i < N; i++) {
        const double c = x[2 * i] + 3 * x[2 * i + 1] - mean;
        expected[i] = 2 * c + exp(c);
        sum += 2 * c * c + exp(c);
    }
    for (int i = 0; i < N; i++) expected[i] /= sum;
    must_be_close("rows by their statistics", y, expected, N, 1e-13);
    az_plan_free(plan);
    end(&p);
}

/* What is known needs nothing. */
static void test_folded_nodes_need_nothing(void **state)
{
    passes p;
    (void)state;
    az_graph *g = az_graph_new(AZ_F64);
    const az_node two = az_constant(g, 2), root = az_sqrt(two);
    const az_node y = az_mul(az_parameter(g, "w", AZ_SCALAR), root);
    const void **folded = calloc((size_t)g->n, sizeof *folded);
    const double value = sqrt(2);
    folded[root.id] = &value;
    begin(&p, &y, 1, folded);
    assert_true(p.l.live[root.id]);
    assert_false(p.l.live[two.id]);
    end(&p);
    free(folded);
}

/* --- Order, groups, last uses
 * ------------------------------------------------------------------------------------------ */

typedef struct phase {
    bool *member;
    int64_t *sequence, *order, *groups, length, n;
} phase;

static void order_all(const passes *p, phase *made)
{
    const size_t n = (size_t)p->l.n;
    *made = (phase){.member = calloc(n + 1, 1)};
    made->sequence = calloc(n, sizeof *made->sequence);
    made->order = calloc(n, sizeof *made->order);
    made->groups = calloc(n, sizeof *made->groups);
    for (int64_t id = 0; id < p->l.n; id++) made->member[id] = p->l.live[id] && p->l.space[id] >= 0;
    must(az_order_rows(&p->l, made->member, made->sequence, &made->length));
}

static void phase_free(phase *made)
{
    free(made->member);
    free(made->sequence);
    free(made->order);
    free(made->groups);
}

/* Of a gradient: every member once, and none before what it is made of. */
static void test_order_and_groups(void **state)
{
    const int64_t sizes[] = {3, 5, 4, 1};
    passes p;
    phase made;
    az_node out[16];
    char names[16][16];
    (void)state;
    az_graph *g = az_graph_new(AZ_F64);
    const az_node u = network(az_input(g, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 3)), sizes, 3);
    const int n = network_gradient(az_mean(az_square(u)), sizes, 3, out, names);
    begin(&p, out, n, NULL);
    order_all(&p, &made);
    int64_t *at = calloc((size_t)p.l.n, sizeof *at), members = 0;
    for (int64_t id = 0; id < p.l.n; id++) members += made.member[id];
    assert_int_equal(made.length, members);
    az_find_groups(&p.l, made.member, made.sequence, made.length, made.order, made.groups, &made.n);
    assert_int_equal(made.n, members);
    for (int64_t i = 0; i < made.n; i++) {
        assert_true(made.member[made.order[i]] && at[made.order[i]] == 0);
        at[made.order[i]] = i + 1;
    }
    az_find_last_uses(&p.l, made.member, made.order, made.n);
    int64_t n_groups = 0, in_groups = 0;
    for (int64_t i = 0; i < made.n; i++) {
        const az_vertex *v = &g->vertices[made.order[i]], *before = i ? &g->vertices[made.order[i - 1]] : v;
        for (int k = 0; k < v->n; k++) {
            if (!made.member[v->x[k]]) continue;
            assert_true(at[v->x[k]] < at[made.order[i]]);
            assert_true(p.l.last_use[v->x[k]] >= i);
        }
        const bool with_last = i && made.groups[i] == made.groups[i - 1];
        n_groups += !with_last;
        in_groups += with_last;
        if (!with_last) continue;
        assert_true(v->op->flags & before->op->flags & AZ_OP_ELEMENTWISE);
        assert_true(az_shape_elements(v->shape) == az_shape_elements(before->shape));
    }
    assert_true(in_groups >= 6 && n_groups + in_groups == members); /* bias and tanh, of two layers; and more */
    free(at);
    phase_free(&made);
    end(&p);
}

/* x is read through a view of it after the last that reads x itself. */
static void test_last_uses_through_views(void **state)
{
    passes p;
    phase made;
    (void)state;
    az_graph *g = az_graph_new(AZ_F64);
    const az_node x = az_input(g, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, 4)), half = az_slice(x, 1, 0, 2, 1);
    const az_node y = az_exp(x), z = az_mul(half, az_slice(y, 1, 1, 3, 1));
    begin(&p, &z, 1, NULL);
    order_all(&p, &made);
    az_find_groups(&p.l, made.member, made.sequence, made.length, made.order, made.groups, &made.n);
    az_find_last_uses(&p.l, made.member, made.order, made.n);
    assert_int_equal(made.order[made.n - 1], z.id);
    assert_int_equal(p.l.last_use[x.id], made.n - 1);
    assert_int_equal(p.l.last_use[y.id], made.n - 1);
    phase_free(&made);
    end(&p);
}

/* --- Scratch memory
 * ---------------------------------------------------------------------------------------------------- */

/* Places that are in use at once do not overlap; and the memory is hardly more than what is in use at the worst. */
static void test_scratch(void **state)
{
    enum { STEPS = 500 };
    static int64_t offset[STEPS], size[STEPS], until[STEPS];
    int64_t most = 0;
    az_scratch scratch = {0};
    (void)state;
    for (int64_t step = 0; step < STEPS; step++) {
        int64_t in_use = 0;
        az_scratch_release(&scratch, step);
        size[step] = 8 * (1 + step * 37 % 61);
        until[step] = step + step * 53 % 23;
        offset[step] = az_scratch_take(&scratch, size[step], until[step]);
        for (int64_t i = 0; i <= step; i++) {
            if (until[i] < step) continue;
            in_use += size[i];
            assert_true(offset[i] >= 0 && offset[i] + size[i] <= scratch.size);
            if (i < step) assert_true(offset[i] + size[i] <= offset[step] || offset[step] + size[step] <= offset[i]);
        }
        if (in_use > most) most = in_use;
    }
    assert_false(scratch.failed);
    assert_true(scratch.size >= most && (double)scratch.size < 1.5 * (double)most);
    az_scratch_free(&scratch);
}

/* A chain needs the room of two links, however long it is. */
static void test_scratch_of_a_chain(void **state)
{
    az_scratch scratch = {0};
    (void)state;
    for (int64_t step = 0; step < 100; step++) {
        az_scratch_release(&scratch, step);
        az_scratch_take(&scratch, 64, step + 1);
    }
    assert_int_equal(scratch.size, 2 * 64);
    az_scratch_free(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sharing_and_simplification),
        cmocka_unit_test(test_stages),
        cmocka_unit_test(test_cheap_values_are_remade),
        cmocka_unit_test(test_folded_nodes_need_nothing),
        cmocka_unit_test(test_order_and_groups),
        cmocka_unit_test(test_last_uses_through_views),
        cmocka_unit_test(test_scratch),
        cmocka_unit_test(test_scratch_of_a_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
