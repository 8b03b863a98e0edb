/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/special.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void near(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.17g is not %.17g (relative difference %.1e)", value, expected, value / expected - 1.0);
}

/* Values by scipy: tests/base/reference/special.py. */
static void values_of_scipy(void **state)
{
    (void)state;
    static const double two_sided[][3] = {
        {0.1, 1.0, 0.936548965138893},        {1.0, 1.0, 0.5000000000000001},       {2.5, 3.0, 0.08770664700806556},
        {12.7, 4.0, 0.00022140907155096572},  {1.96, 30.0, 0.05934231289605049},    {0.001, 7.0, 0.9992300172449988},
        {5.0, 100.0, 2.450173413503802e-06},  {3.0, 1000000.0, 0.0026998625414218}, {40.0, 12.0, 3.851229580772032e-14},
        {300.0, 2.0, 1.1110925929355216e-05},
    };
    static const double quantile[][3] = {
        {0.975, 1.0, 12.706204736174694},  {0.975, 5.0, 2.5705818356363146},    {0.975, 30.0, 2.0422724563012378},
        {0.995, 12.0, 3.0545395893929013}, {0.6, 3.0, 0.2766706623326898},      {0.5001, 9.0, 0.00025770877553428137},
        {0.025, 8.0, -2.3060041352041662}, {0.9999999, 4.0, 73.98575805751052}, {0.975, 1000000.0, 1.959966356814107},
    };
    static const double f_survival[][4] = {
        {1.0, 1.0, 1.0, 0.5000000000000001},        {4.2, 2.0, 10.0, 0.047414468316868755},
        {330.285, 6.0, 9.0, 4.984053422648473e-10}, {0.3, 5.0, 40.0, 0.9099525618715706},
        {1.1, 300.0, 500.0, 0.17505823930299014},   {1.01, 50.0, 999949.0, 0.4536271367931369},
        {2.0, 8.0, 3.0, 0.30737513305615355},
    };
    static const double chi2_survival[][3] = {
        {0.5, 1.0, 0.47950012218695337},      {3.84, 1.0, 0.05004352124870519},     {20.0, 5.0, 0.0012497305630313773},
        {100.0, 100.0, 0.48119168452795674},  {1030.0, 1000.0, 0.2485378502140807}, {0.01, 3.0, 0.9997348349413444},
        {400.0, 12.0, 3.784523657876538e-78}, {5.0, 10.0, 0.8911780189141513},
    };
    for (size_t i = 0; i < LENGTH(two_sided); i++)
        near(az_student_two_sided(two_sided[i][0], two_sided[i][1]), two_sided[i][2], 2e-12);
    for (size_t i = 0; i < LENGTH(quantile); i++)
        near(az_student_quantile(quantile[i][0], quantile[i][1]), quantile[i][2], 2e-12);
    for (size_t i = 0; i < LENGTH(f_survival); i++)
        near(az_f_survival(f_survival[i][0], f_survival[i][1], f_survival[i][2]), f_survival[i][3], 2e-12);
    for (size_t i = 0; i < LENGTH(chi2_survival); i++)
        near(az_chi2_survival(chi2_survival[i][0], chi2_survival[i][1]), chi2_survival[i][2], 2e-12);
}

static void closed_forms(void **state)
{
    (void)state;
    for (double t = 0.01; t < 1e6; t *= 3.7) {
        near(az_student_two_sided(t, 1.0), 2.0 / M_PI * atan(1.0 / t), 1e-13); /* Cauchy */
        near(az_student_two_sided(t, 2.0), 2.0 / ((2.0 + t * t) * (1.0 + t / sqrt(2.0 + t * t))), 1e-13);
        near(az_student_two_sided(-t, 5.0), az_student_two_sided(t, 5.0), 0.0);
        near(az_f_survival(t * t, 1.0, 7.0), az_student_two_sided(t, 7.0), 1e-12);
        if (t < 700.0) near(az_chi2_survival(2.0 * t, 2.0), exp(-t), 1e-12);
        if (t < 20.0) near(az_chi2_survival(t * t, 1.0), erfc(t / sqrt(2.0)), 1e-12);
    }
    near(az_student_quantile(0.75, 1.0), 1.0, 1e-15);
    near(az_student_quantile(0.2, 6.0), -az_student_quantile(0.8, 6.0), 1e-14);
    near(az_student_quantile(0.5 * erfc(-1.5 / sqrt(2.0)), INFINITY), 1.5, 1e-14);
    assert_true(az_student_quantile(0.5, 3.0) == 0.0);
}

static void limits(void **state)
{
    (void)state;
    assert_true(az_student_two_sided(0.0, 4.0) == 1.0);
    assert_true(az_student_two_sided(INFINITY, 4.0) == 0.0);
    assert_true(isnan(az_student_two_sided(NAN, 4.0)) && isnan(az_student_two_sided(1.0, 0.0)));
    assert_true(az_f_survival(0.0, 3.0, 4.0) == 1.0 && az_f_survival(INFINITY, 3.0, 4.0) == 0.0);
    assert_true(az_chi2_survival(0.0, 3.0) == 1.0 && az_chi2_survival(INFINITY, 3.0) == 0.0);
    assert_true(isnan(az_chi2_survival(1.0, -1.0)));
    assert_true(az_student_quantile(0.0, 3.0) == -INFINITY && az_student_quantile(1.0, 3.0) == INFINITY);
    assert_true(isnan(az_student_quantile(1.5, 3.0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_scipy),
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
