/* SPDX-License-Identifier: BSD-3-Clause */
/* Our own elementary functions against libm's in the next larger precision: special values, and a sample of all.  The
 * whole range of float, and many more doubles, are for tests/base/math_sweep.c. */
#include "math_reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { N = 40000 };
static double x_wide[N], y_wide[N], value_wide[N];
static float x_narrow[N], y_narrow[N], value_narrow[N];

static void check(int f, int n, double worst[2])
{
    for (int i = 0; i < n; i++) {
        x_narrow[i] = (float)x_wide[i];
        y_narrow[i] = (float)y_wide[i];
    }
    math_kernels_plain.narrow[f](value_narrow, x_narrow, y_narrow, n);
    math_kernels_plain.wide[f](value_wide, x_wide, y_wide, n);
    for (int i = 0; i < n; i++) {
        const long double exact = math_reference(f, (long double)x_wide[i], (long double)y_wide[i]);
        const long double exact_narrow = math_reference(f, (long double)x_narrow[i], (long double)y_narrow[i]);
        const double wide = math_error(f, 0, (long double)x_wide[i], (long double)value_wide[i], exact);
        const double narrow = math_error(f, 1, (long double)x_narrow[i], (long double)value_narrow[i], exact_narrow);
        if (!(wide <= math_references[f].wide_bound))
            fail_msg("%s(%a, %a) in double is %a, not %La: off by %.3f units", math_references[f].name, x_wide[i],
                     y_wide[i], value_wide[i], exact, wide);
        if (!(narrow <= math_references[f].narrow_bound))
            fail_msg("%s(%a, %a) in float is %a, not %La: off by %.3f units", math_references[f].name, x_narrow[i],
                     y_narrow[i], value_narrow[i], exact_narrow, narrow);
        if (wide > worst[1]) worst[1] = wide;
        if (narrow > worst[0]) worst[0] = narrow;
    }
}

static void special_values(void **state)
{
    (void)state;
    static const double special[] = {0,
                                     1,
                                     2,
                                     3,
                                     0.5,
                                     1.5,
                                     2.5,
                                     INFINITY,
                                     NAN,
                                     0x1p-1074,
                                     0x1p-1022,
                                     0x1p-149,
                                     0x1p-126,
                                     0x1p52,
                                     0x1.8p53,
                                     0x1p24,
                                     0x1.fp127,
                                     1e300,
                                     1e38,
                                     709.782712893384,
                                     709.7827128933841,
                                     745.1332191019412,
                                     745.2,
                                     88.72283,
                                     88.72284,
                                     103.97,
                                     103.98,
                                     1e-20,
                                     0x1.fffffffffffffp1023};
    const int n = (int)(sizeof special / sizeof *special);
    for (int f = 0; f < MATH_N_FUNCTIONS; f++) {
        double worst[2] = {0, 0};
        for (int i = 0; i < 4 * n * n; i++) {
            x_wide[i] = (i & 1 ? -1 : 1) * special[i / 4 % n];
            y_wide[i] = (i & 2 ? -1 : 1) * special[i / 4 / n];
        }
        check(f, 4 * n * n, worst);
    }
}

static void accuracy(void **state)
{
    (void)state;
    uint64_t bits = 12345;
    for (int f = 0; f < MATH_N_FUNCTIONS; f++) {
        double worst[2] = {0, 0};
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < N; i++) {
                double made[2];
                for (int k = 0; k < 2; k++) {
                    bits = bits * 6364136223846793005u + 1442695040888963407u;
                    const double fraction = (double)(bits >> 11) * 0x1p-53 - 0.5;
                    memcpy(&made[k], &bits, sizeof made[k]);
                    if (i % 4 == 1) made[k] = 80 * fraction;
                    if (i % 4 == 2) made[k] = 8 * fraction;
                    if (i % 4 == 3) made[k] = 1 + fraction;
                }
                x_wide[i] = made[0];
                y_wide[i] = made[1];
            }
            check(f, N, worst);
        }
        print_message("%-10s %.3f units in float, %.3f in double\n", math_references[f].name, worst[0], worst[1]);
    }
}

/* Where a function rises its values never fall from one of these points to the next, nor leave their bounds. */
static void rising(void **state)
{
    (void)state;
    static const struct {
        int f;
        double from, to, least, greatest;
    } cases[] = {{MATH_exp, -760, 720, 0, INFINITY}, {MATH_expm1, -60, 720, -1, INFINITY},
                 {MATH_log, 0, 1e6, -INFINITY, 20},  {MATH_log1p, -1, 1e6, -INFINITY, 20},
                 {MATH_tanh, -25, 25, -1, 1},        {MATH_sigmoid, -760, 60, 0, 1},
                 {MATH_softplus, -760, 800, 0, 800}, {MATH_erf, -8, 8, -1, 1},
                 {MATH_normal_cdf, -40, 10, 0, 1}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        for (int i = 0; i < N; i++) {
            x_wide[i] = cases[k].from + (cases[k].to - cases[k].from) * i / (N - 1);
            x_narrow[i] = (float)x_wide[i];
        }
        math_kernels_plain.narrow[cases[k].f](value_narrow, x_narrow, y_narrow, N);
        math_kernels_plain.wide[cases[k].f](value_wide, x_wide, y_wide, N);
        for (int i = 0; i < N; i++) {
            assert_true(value_wide[i] >= cases[k].least && value_wide[i] <= cases[k].greatest);
            assert_true((double)value_narrow[i] >= cases[k].least && (double)value_narrow[i] <= cases[k].greatest);
            if (i == 0) continue;
            assert_true(value_wide[i] >= value_wide[i - 1]);
            assert_true(value_narrow[i] >= value_narrow[i - 1]);
        }
    }
}

/* Powers that are numbers come out exact. */
static void exact_powers(void **state)
{
    (void)state;
    int n = 0;
    for (int base = 2; base <= 100; base++) {
        double power = 1;
        for (int exponent = 0; power < 0x1p53; exponent++, power *= base, n++) {
            x_wide[n] = n & 1 ? -base : base;
            y_wide[n] = exponent;
        }
    }
    math_kernels_plain.wide[MATH_pow](value_wide, x_wide, y_wide, n);
    for (int i = 0; i < n; i++) {
        double power = 1;
        for (int k = 0; k < (int)y_wide[i]; k++) power *= x_wide[i];
        assert_true(value_wide[i] == power);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(special_values), cmocka_unit_test(accuracy),
                                       cmocka_unit_test(rising), cmocka_unit_test(exact_powers)};
    return cmocka_run_group_tests_name("math", tests, NULL, NULL);
}
