/* SPDX-License-Identifier: BSD-3-Clause */
/* Polygamma functions of many orders and of negative numbers against mpmath (reference/polygamma.py), their special
 * values, and high derivatives of lgamma. */
#include "contract.h"
#include "reference/polygamma.h"

enum { N = sizeof polygamma_values / sizeof polygamma_values[0] };

/* f(order, x), or the derivative of that order of lgamma. */
static double value_of(int order, double x, az_type real, bool by_lgamma)
{
    az_graph *graph = az_graph_new(real);
    az_plan *plan = NULL;
    double y = 0;
    const az_node in = az_input(graph, "x", real, AZ_SHAPE(AZ_ROWS, 1));
    az_node out = by_lgamma ? az_lgamma(in) : az_polygamma(order, in);
    for (int k = 0; by_lgamma && k <= order; k++) out = az_partial(out, in, 0);
    must(az_compile(&plan, &out, NULL, 1, NULL), "polygamma");
    const az_binding bound = {.name = "x", .data = &x, .type = AZ_F64}, to = {.name = "0", .data = &y, .type = AZ_F64};
    must(
        az_run(plan, &(az_run_arguments){.n_rows = 1, .inputs = &bound, .n_inputs = 1, .outputs = &to, .n_outputs = 1}),
        "polygamma");
    az_plan_free(plan);
    az_graph_free(graph);
    return y;
}

/* Errors in units of the last place, and what the source promises. */
static void test_values(void **state)
{
    double worst[2] = {0};
    (void)state;
    for (int i = 0; i < N; i++) {
        const double *v = polygamma_values[i];
        const int order = (int)v[0];
        const double error = fabs(value_of(order, v[1], AZ_F64, false) - v[2]) / v[3] / 0x1p-53,
                     promised = 2 + 0.7 * order;
        worst[v[1] < 0] = fmax(worst[v[1] < 0], error / 2 / promised);
        if (!(error / 2 <= (v[1] < 0 ? 2 : 1) * promised))
            fail_msg("polygamma(%d, %.17g): %.3g units of the last place", order, v[1], error / 2);
        if (fabs(v[2]) > 1e38 || fabs(v[2]) < 1e-37 || (float)v[1] != v[1]) continue;
        assert_true(fabs(value_of(order, v[1], AZ_F32, false) - v[2]) <= 0x1p-24 * fmax(fabs(v[2]), v[3] * 0x1p-20));
    }
    printf("errors are up to %.2f (x > 0) and %.2f (x < 0) of the promise\n", worst[0], worst[1]);
}

static void test_special_values(void **state)
{
    (void)state;
    assert_true(fabs(value_of(1, 1, AZ_F64, false) - M_PI * M_PI / 6) < 1e-15);
    assert_true(value_of(1, 0, AZ_F64, false) == INFINITY && value_of(1, -3, AZ_F64, false) == INFINITY);
    assert_true(value_of(2, 0.0, AZ_F64, false) == -INFINITY && value_of(2, -0.0, AZ_F64, false) == INFINITY);
    assert_true(isnan(value_of(2, -3, AZ_F64, false)) && isnan(value_of(1, NAN, AZ_F64, false)));
    assert_true(isnan(value_of(1, -INFINITY, AZ_F64, false)) && value_of(1, INFINITY, AZ_F64, false) == 0);
    assert_true(value_of(1, 0x1p60, AZ_F64, false) == 0x1p-60);
    assert_true(value_of(0, 1.25, AZ_F64, false) == value_of(0, 1.25, AZ_F64, true)); /* digamma */
}

/* The derivative of order n + 1 of lgamma is polygamma of order n, to the bit. */
static void test_derivatives_of_lgamma(void **state)
{
    (void)state;
    for (int order = 0; order < 6; order++)
        for (int i = 0; i < 5; i++) {
            const double x = 0.4 + 1.3 * i;
            const double found = value_of(order, x, AZ_F64, true), expected = value_of(order, x, AZ_F64, false);
            assert_true(found == expected);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_special_values),
        cmocka_unit_test(test_derivatives_of_lgamma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
