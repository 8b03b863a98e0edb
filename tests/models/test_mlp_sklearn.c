/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole trainings of the perceptron against scikit-learn's from the same weights, with every solver that both have:
 * epochs, losses, and what the networks say in the end. */
#include "base/memory.h"
#include "models/mlp/mlp.h"

#include <ansatz/ansatz.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "frozen_mlp_sklearn.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 230, N_SHOWN = 4 };
static double columns[6][N];

/* As tests/models/reference/mlp_sklearn.py makes it. */
static az_table *make_table(void)
{
    static const char *const names[] = {"a", "b", "c", "y", "z", "w"};
    static const char *two[N], *three[N];
    az_table *table;
    for (int i = 0; i < N; i++) {
        const double a = columns[0][i] = sin(1.3 * i + 0.2), b = columns[1][i] = sin(0.7 * i * i + 0.5);
        const double c = columns[2][i] = cos(2.1 * i);
        const double y = columns[3][i] = sin(2 * a) * b + 0.1 * cos(5.0 * i);
        columns[4][i] = c * c - a;
        columns[5][i] = 1 + i % 3;
        two[i] = a * b > 0 ? "same" : "other";
        three[i] = y > 0.3 ? "top" : y > -0.3 ? "middle" : "low";
    }
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    for (int k = 0; k < 6; k++) assert_int_equal(az_table_add_numeric(table, names[k], NULL, columns[k], 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "two", two), AZ_OK);
    assert_int_equal(az_table_add_text(table, "three", three), AZ_OK);
    return table;
}

static void trainings_are_those_of_scikit_learn(void **state)
{
    (void)state;
    az_table *table = make_table();
    double worst = 0;
    for (size_t t = 0; t < sizeof trainings / sizeof *trainings; t++) {
        const az_roles roles = {.target = trainings[t].target, .features = "a,b,c", .weight = trainings[t].weight};
        az_model *model = NULL;
        char parameters[400];
        snprintf(parameters, sizeof parameters, "%s shuffle=false precision=%s", trainings[t].parameters,
                 strstr(trainings[t].parameters, "lbfgs") ? "auto" : "f64");
        const az_status status = az_fit_roles(&model, "mlp", table, &roles, parameters, NULL);
        if (status) print_error("%s: %s\n", parameters, az_error_message());
        assert_int_equal(status, AZ_OK);
        const az_history *history = &((const az_mlp *)model->fitted)->history;
        double shown[12], most = 0;
        assert_int_equal(history->n, trainings[t].n_epochs);
        for (int k = 0; k < 2; k++) {
            const int64_t epoch = k ? history->n - 1 : history->n / 2;
            if (!isnan(trainings[t].loss[k])) most = fmax(most, fabs(history->loss[epoch] - trainings[t].loss[k]));
        }
        const int n_outputs = strcmp(trainings[t].target, "three") == 0 ? 3
                              : strcmp(trainings[t].target, "y") == 0   ? 1
                                                                        : 2;
        for (int i = 0; i < N_SHOWN; i++) {
            const double row[] = {columns[0][i], columns[1][i], columns[2][i]};
            assert_int_equal(az_predict(model, NULL, row, 1, 3, 1, shown + i * n_outputs, n_outputs, NULL, NULL),
                             AZ_OK);
        }
        for (int i = 0; i < N_SHOWN * n_outputs; i++) most = fmax(most, fabs(shown[i] - trainings[t].shown[i]));
        print_message("%s: %.2g\n", trainings[t].parameters, most);
        worst = fmax(worst, most);
        az_model_free(model);
    }
    assert_true(worst < 1e-10);
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trainings_are_those_of_scikit_learn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
