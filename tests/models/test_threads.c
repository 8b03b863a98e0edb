/* SPDX-License-Identifier: BSD-3-Clause */
/* Every model of the registry gives the same bits and byte-identical model files from 1, 2 and 4 threads. */
#include "models/registry_data.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static registry_data data;

static void must(az_status status, const char *what)
{
    if (status) fail_msg("%s: %s", what, az_error_message());
}

typedef struct outcome {
    az_file file;
    double *prediction;
    int64_t n_values;
} outcome;

static void run(const az_model_class *class, az_task task, bool weighted, bool in_parts, int n_threads, outcome *result)
{
    az_table *table = NULL;
    az_model *model = NULL, *again = NULL;
    const az_control control = {.n_threads = n_threads};
    const az_roles roles = registry_data_roles(task, weighted);
    char path[64];
    snprintf(path, sizeof path, "/tmp/ansatz_threads_%ld.az", (long)getpid());

    must(registry_data_table(&data, task, weighted, &table), "table");
    must(az_fit_roles(&model, class->name, table, &roles, NULL, &control), class->name);
    if (class->partial && in_parts) { /* from a source, and on from there */
        az_source *source;
        az_model_free(model);
        must(az_source_of_table(&source, table), "source");
        must(az_fit_source(&again, class->name, source, &roles, NULL, &control), class->name);
        must(az_source_rewind(source), "rewind");
        must(az_fit_continue(&model, again, source, &control), class->name);
        az_model_free(again);
        az_source_free(source);
    }
    must(az_model_write(model, path), "write");
    must(az_file_open(&result->file, path, NULL), "open");
    must(az_model_read(&again, path), "read");
    unlink(path);
    result->n_values = data.n_rows * az_model_n_outputs(again);
    result->prediction = calloc((size_t)result->n_values, sizeof(double));
    must(az_predict_table(again, table, result->prediction, NULL, &control), "predict");
    az_model_free(again);
    az_model_free(model);
    az_table_free(table);
}

static void same_from_any_thread_count(const az_model_class *class, az_task task)
{
    const int last = ((class->traits & AZ_TRAIT_WEIGHTS) ? 1 : 0) + (class->partial ? 1 : 0);
    for (int way = 0; way <= last; way++) { /* plain, with weights, in parts */
        outcome one, many;
        const bool weighted = way > 0, in_parts = way == 2;
        run(class, task, weighted, in_parts, 1, &one);
        for (int n_threads = 2; n_threads <= 4; n_threads += 2) {
            run(class, task, weighted, in_parts, n_threads, &many);
            if (many.file.size != one.file.size || memcmp(many.file.data, one.file.data, one.file.size) != 0)
                fail_msg("%s: the model file from %d threads differs", class->name, n_threads);
            if (memcmp(many.prediction, one.prediction, (size_t)one.n_values * sizeof(double)) != 0)
                fail_msg("%s: predictions from %d threads differ", class->name, n_threads);
            az_file_close(&many.file);
            free(many.prediction);
        }
        az_file_close(&one.file);
        free(one.prediction);
    }
}

static void test_same_bits_and_bytes(void **state)
{
    (void)state;
    registry_data_fill(&data, 3001); /* several blocks, the last one ragged */
    registry_each(same_from_any_thread_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bits_and_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
