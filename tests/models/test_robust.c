/* SPDX-License-Identifier: BSD-3-Clause */
/* Huber's regression: stationarity of its objective, and indifference to gross errors. */
#include "base/random.h"
#include "models/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { N = 150, P = 3 };

static void make(double x[P][N], double y[N], bool spoilt)
{
    az_stream stream = az_stream_new(11, "robust test");
    for (uint64_t i = 0; i < N; i++) {
        y[i] = 1.5;
        for (uint64_t j = 0; j < P; j++) {
            x[j][i] = 3.7 * az_random_normal(stream, i, j) + 2.1 * (double)j;
            y[i] += (0.7 - 0.9 * (double)j) * x[j][i];
        }
        y[i] += 0.3 * az_random_normal(stream, i, 9);
        if (spoilt && i % 11 == 0) y[i] += 4000;
    }
}

static az_model *fit(double x[P][N], double y[N], const char *parameters)
{
    static const char *const names[P] = {"a", "b", "c"};
    az_table *table = NULL;
    az_model *model = NULL;
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    for (int j = 0; j < P; j++) assert_int_equal(az_table_add_numeric(table, names[j], NULL, x[j], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_fit(&model, "robust", table, "y", parameters), AZ_OK);
    az_table_free(table);
    assert_true(model->result.converged);
    return model;
}

static double fact(const az_model *model, int which)
{
    az_fact facts[AZ_MAX_FACTS];
    assert_true(az_model_facts(model, facts) > which);
    return facts[which].value;
}

/* At the minimum: sum psi(z_i) x_i = alpha b, sum psi(z_i) = 0, sum (1 - chi(z_i)) = 0. */
static void gradient_vanishes_at_the_solution(void **state)
{
    (void)state;
    double x[P][N], y[N];
    make(x, y, true);
    const double epsilon = 1.35, alpha = 0.5;
    az_model *model = fit(x, y, "alpha=0.5");
    az_coefficient *b = NULL;
    int64_t n = 0;
    assert_int_equal(az_model_coefficients(model, &b, &n), AZ_OK);
    assert_int_equal(n, P + 1);
    double scale = fact(model, 0), gradient[P + 2] = {0}, size[P + 2] = {0};
    for (int i = 0; i < N; i++) {
        double z = y[i] - b[0].estimate;
        for (int j = 0; j < P; j++) z -= b[j + 1].estimate * x[j][i];
        z /= scale;
        bool outlier = fabs(z) > epsilon;
        double slope = outlier ? copysign(epsilon, z) : z;
        double term[P + 2];
        for (int j = 0; j < P; j++) term[j] = slope * x[j][i];
        term[P] = slope;
        term[P + 1] = 1 - (outlier ? epsilon * epsilon : z * z);
        for (int j = 0; j < P + 2; j++) {
            gradient[j] += term[j];
            size[j] += fabs(term[j]);
        }
    }
    for (int j = 0; j < P; j++) gradient[j] -= alpha * b[j + 1].estimate;
    for (int j = 0; j < P + 2; j++) assert_true(fabs(gradient[j]) < 1e-8 * size[j]);
    az_free(b);
    az_model_free(model);
}

static void gross_errors_are_outliers_and_change_little(void **state)
{
    (void)state;
    double x[P][N], y[N];
    make(x, y, true);
    az_model *model = fit(x, y, NULL);
    az_coefficient *b = NULL;
    int64_t n = 0;
    assert_int_equal(az_model_coefficients(model, &b, &n), AZ_OK);
    for (int j = 0; j < P; j++) assert_true(fabs(b[j + 1].estimate - (0.7 - 0.9 * j)) < 0.05);
    assert_true(fact(model, 1) >= 14); /* every eleventh of 150 rows is spoilt */
    az_free(b);
    az_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_vanishes_at_the_solution),
        cmocka_unit_test(gross_errors_are_outliers_and_change_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
