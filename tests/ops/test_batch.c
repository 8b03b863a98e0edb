/* SPDX-License-Identifier: BSD-3-Clause */
/* Batch rules: n values of an input side by side give, to the bit, what each of them gives by itself. */
#include "contract.h"
#include "graph/graph.h"

enum { BATCH = 3, MOST_ROWS = 37 };

static void check_input(const instance *of, int which)
{
    az_graph *graph = graph_new(of->real);
    az_node x[AZ_SAMPLE_INPUTS], out[1 + BATCH], one[AZ_SAMPLE_INPUTS];
    const az_node y = build(of, graph, x);
    const az_shape shape = of->sample.x[which].shape, batched = az_shape_batched(shape, BATCH);
    const az_node values = az_input(graph, "values", type_of(of, which), batched);
    out[0] = az_batch(y, x[which], values);
    memcpy(one, x, sizeof one);
    for (int i = 0; i < BATCH; i++) {
        one[which] = az_reshape(az_slice(values, az_shape_extents(shape), i, i + 1, 1), shape);
        out[1 + i] = az_apply(of->op, graph, one, of->sample.n, of->sample.attribute);
    }
    az_plan *plan = compile(of, out, 1 + BATCH, NULL);
    static const int rows[] = {0, 1, MOST_ROWS};
    for (int r = 0; r < 3; r++) {
        feed feeds[AZ_SAMPLE_INPUTS + 1];
        int n = 0;
        for (int i = 0; i < of->sample.n; i++, n++) {
            feeds[n] = (feed){.type = type_of(of, i), .shape = of->sample.x[i].shape};
            snprintf(feeds[n].name, sizeof feeds[n].name, "x%d", i);
            feeds[n].value = draw_input(of, i, rows[r], 1);
        }
        feeds[n++] = (feed){"values", type_of(of, which), batched,
                            draw_values(5, count(batched, rows[r]), type_of(of, which), of->sample.x[which].lower,
                                        of->sample.x[which].upper)};
        double *found[1 + BATCH];
        evaluate(of->text, plan, rows[r], feeds, n, out, 1 + BATCH, found);
        const int64_t inner = az_shape_elements(az_node_shape(y)), size = count(az_node_shape(y), rows[r]);
        for (int64_t k = 0; k < size; k++)
            for (int i = 0; i < BATCH; i++) {
                const double a = found[0][(k / inner * BATCH + i) * inner + k % inner], b = found[1 + i][k];
                if (memcmp(&a, &b, sizeof a) != 0)
                    fail_msg("%s, input %d, %d rows: %.17g of the batch, %.17g alone", of->text, which, rows[r], a, b);
            }
        for (int i = 0; i <= BATCH; i++) free(found[i]);
        for (int i = 0; i < n; i++) free(feeds[i].value);
    }
    az_plan_free(plan);
    az_graph_free(graph);
}

static void check(const instance *of)
{
    for (int i = 0; i < of->sample.n; i++) check_input(of, i);
}

static void test_a_batch_is_each_by_itself(void **state)
{
    (void)state;
    each_instance(AZ_F64, check);
    each_instance(AZ_F32, check);
}

/* What tangents are pushed through is linear: those ops would otherwise cost as many nodes as there are tangents. */
static void test_linear_ops_have_rules(void **state)
{
    (void)state;
    for (const az_op *const *const *family = az_op_families; *family; family++)
        for (const az_op *const *op = *family; *op; op++)
            if ((*op)->flags & AZ_OP_LINEAR && !((*op)->flags & AZ_OP_ELEMENTWISE) && !(*op)->batch)
                fail_msg("%s is linear and has no batch rule", (*op)->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_batch_is_each_by_itself),
        cmocka_unit_test(test_linear_ops_have_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
