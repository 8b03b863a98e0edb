/* SPDX-License-Identifier: BSD-3-Clause */
/* Our own elementary functions against libm's in the next larger precision. */
#include "base/math.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *name;
    float (*narrow)(float);
    double (*wide)(double);
    long double (*reference)(long double);
    double bound; /* units in the last place */
} function;

static long double sigmoid(long double x)
{
    return 1 / (1 + expl(-x));
}

#define OURS(name)                                                                                                     \
    static float name##_narrow(float x)                                                                                \
    {                                                                                                                  \
        return az_##name##_f32(x);                                                                                     \
    }                                                                                                                  \
    static double name##_wide(double x)                                                                                \
    {                                                                                                                  \
        return az_##name##_f64(x);                                                                                     \
    }
OURS(exp)
OURS(expm1)
OURS(log)
OURS(tanh)
OURS(sigmoid)
OURS(sin)
OURS(cos)

static const function functions[] = {
    {"exp", exp_narrow, exp_wide, expl, 1},
    {"expm1", expm1_narrow, expm1_wide, expm1l, 1},
    {"log", log_narrow, log_wide, logl, 1},
    {"tanh", tanh_narrow, tanh_wide, tanhl, 1},
    {"sin", sin_narrow, sin_wide, sinl, 1},
    {"cos", cos_narrow, cos_wide, cosl, 1},
    {"sigmoid", sigmoid_narrow, sigmoid_wide, sigmoid, 1},
};

/* |value - exact| in units of the last place that exact has among numbers of so many digits. */
static double units(long double value, long double exact, int digits, int least_exponent)
{
    int exponent;
    frexpl(exact, &exponent);
    if (exact == 0 || exponent < least_exponent) exponent = least_exponent;
    return (double)(fabsl(value - exact) / ldexpl(1, exponent - digits));
}

static void compare(const function *f, double x, double *worst_narrow, double *worst_wide)
{
    const float argument = (float)x, narrow = f->narrow(argument);
    const double wide = f->wide(x);
    const long double exact_narrow = f->reference((long double)argument), exact_wide = f->reference((long double)x);
    if (isnan(exact_wide) || isinf((double)exact_wide)) {
        if (!(isnan(exact_wide) ? isnan(wide) : wide == (double)exact_wide))
            fail_msg("%s(%a) is %a, not %La", f->name, x, wide, exact_wide);
    } else {
        const double error = units(wide, exact_wide, 53, -1021);
        if (!(error <= f->bound)) fail_msg("%s(%a) = %a is off by %.3f units", f->name, x, wide, error);
        if (exact_wide == 0) assert_int_equal(!signbit(wide), !signbit(exact_wide));
        if (error > *worst_wide) *worst_wide = error;
    }
    if (isnan(exact_narrow) || isinf((float)exact_narrow)) {
        if (!(isnan(exact_narrow) ? isnan(narrow) : narrow == (float)exact_narrow))
            fail_msg("%s(%a) is %a, not %La", f->name, argument, narrow, exact_narrow);
    } else {
        const double error = units(narrow, exact_narrow, 24, -125);
        if (!(error <= f->bound)) fail_msg("%s(%a) = %a is off by %.3f units", f->name, argument, narrow, error);
        if (exact_narrow == 0) assert_int_equal(!signbit(narrow), !signbit(exact_narrow));
        if (error > *worst_narrow) *worst_narrow = error;
    }
}

static void against_libm(void **state)
{
    (void)state;
    static const double special[] = {0,
                                     1,
                                     0.5,
                                     INFINITY,
                                     NAN,
                                     0x1p-1074,
                                     0x1p-1022,
                                     0x1p-149,
                                     0x1p-126,
                                     1e300,
                                     1e38,
                                     709.782712893384,
                                     709.7827128933841,
                                     745.1332191019412,
                                     745.2,
                                     88.72283,
                                     88.72284,
                                     103.97,
                                     103.98};
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) {
        const function *f = &functions[k];
        double narrow = 0, wide = 0;
        for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
            compare(f, special[i], &narrow, &wide);
            compare(f, -special[i], &narrow, &wide);
        }
        uint64_t bits = 0x9e3779b97f4a7c15;
        for (int i = 0; i < 200000; i++) {
            bits = bits * 6364136223846793005u + 1442695040888963407u;
            const double fraction = (double)(bits >> 11) * 0x1p-53;
            double any;
            memcpy(&any, &bits, sizeof any);
            compare(f, i & 1 ? any : (i & 2 ? 40 : 4) * (2 * fraction - 1), &narrow, &wide);
        }
        print_message("%-8s %.3f units in float, %.3f in double\n", f->name, narrow, wide);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(against_libm)};
    return cmocka_run_group_tests_name("math", tests, NULL, NULL);
}
