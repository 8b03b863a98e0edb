/* SPDX-License-Identifier: BSD-3-Clause */
/* Several threads of a caller's program fit and predict at once, each fit with threads of its own, and share one fitted
 * model: all get the same bits.  Under the thread sanitizer this is where a hidden shared state would show. */
#include "models/registry_data.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N_CALLERS = 3, N_ROWS = 700 };

static registry_data data;

typedef struct caller {
    const az_model_class *class;
    az_roles roles;
    const az_table *table;
    const az_model *shared; /* NULL: fit one's own */
    double *prediction;
    az_status status;
    char message[256]; /* the error text belongs to the thread that failed */
} caller;

static void *call(void *argument)
{
    caller *self = argument;
    az_model *own = NULL;
    const az_control control = {.n_threads = 4};
    if (!self->shared)
        self->status = az_fit_roles(&own, self->class->name, self->table, &self->roles, NULL, &control);
    const az_model *model = self->shared ? self->shared : own;
    if (!self->status) self->status = az_predict_table(model, self->table, self->prediction, NULL, &control);
    if (self->status) snprintf(self->message, sizeof self->message, "%s", az_error_message());
    az_model_free(own);
    return NULL;
}

static void call_at_once(const az_model_class *class, const az_roles *roles, const az_table *table,
                         const az_model *shared, const double *expected, int64_t n_values)
{
    pthread_t threads[N_CALLERS];
    caller callers[N_CALLERS];
    for (int i = 0; i < N_CALLERS; i++) {
        callers[i] = (caller){.class = class, .roles = *roles, .table = table, .shared = shared,
                              .prediction = calloc((size_t)n_values, sizeof(double))};
        assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
    }
    for (int i = 0; i < N_CALLERS; i++) {
        pthread_join(threads[i], NULL);
        if (callers[i].status) fail_msg("%s: %s", class->name, callers[i].message);
        if (memcmp(callers[i].prediction, expected, (size_t)n_values * sizeof(double)) != 0)
            fail_msg("%s: caller %d got other bits", class->name, i);
        free(callers[i].prediction);
    }
}

static void many_callers(const az_model_class *class, az_task task)
{
    az_table *table = NULL;
    az_model *model = NULL;
    const az_roles roles = registry_data_roles(task, false);
    if (registry_data_table(&data, task, false, &table)) fail_msg("table: %s", az_error_message());
    if (az_fit_roles(&model, class->name, table, &roles, NULL, NULL))
        fail_msg("%s: %s", class->name, az_error_message());
    int64_t n_values = N_ROWS * az_model_n_outputs(model);
    double *expected = calloc((size_t)n_values, sizeof(double));
    if (az_predict_table(model, table, expected, NULL, NULL)) fail_msg("%s: %s", class->name, az_error_message());

    call_at_once(class, &roles, table, NULL, expected, n_values);
    call_at_once(class, &roles, table, model, expected, n_values);
    free(expected);
    az_model_free(model);
    az_table_free(table);
}

static void test_many_callers(void **state)
{
    (void)state;
    registry_data_fill(&data, N_ROWS);
    registry_each(many_callers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_many_callers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
