/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of trees with bytes changed: each is refused with a message, or gives a model whose every walk ends. */
#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/model.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOLDEN AZ_SOURCE_DIR "/tests/golden/"
enum { MOST_BYTES = 1 << 16, N_CHANGES = 1500, N_ROWS = 16 };

static char folder[] = "/tmp/ansatz-trees-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : 1;
}

static int leave(void **state)
{
    (void)state;
    remove("changed.az");
    return chdir("/") == 0 ? rmdir(folder) : 1;
}

/* Rows of ordinary numbers, missing ones, levels that are none, and numbers far out. */
static void run(const az_model *model)
{
    static const double values[] = {0, 1, -1, 3, NAN, 1e300, -1e300, 250, 1013, 2.5};
    const int64_t n_inputs = az_model_n_inputs(model), n_outputs = az_model_n_outputs(model);
    double *rows = calloc((size_t)(N_ROWS * n_inputs), sizeof *rows);
    double *p = calloc((size_t)(N_ROWS * n_outputs), sizeof *p);
    assert_true(rows && p);
    for (int64_t i = 0; i < N_ROWS * n_inputs; i++) rows[i] = values[(7 * i + i / n_inputs) % 10];
    assert_int_equal(az_predict(model, NULL, rows, N_ROWS, n_inputs, 1, p, n_outputs, NULL, NULL), AZ_OK);
    free(rows);
    free(p);
}

static void damaged_files_do_no_harm(void **state)
{
    (void)state;
    static const char *const files[] = {"tree-1.az", "forest-classes-1.az", "bagging-1.az"};
    static unsigned char bytes[MOST_BYTES], changed[MOST_BYTES];
    int n_read = 0, n_refused = 0;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        char path[4096];
        snprintf(path, sizeof path, GOLDEN "%s", files[f]);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        const size_t n = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        assert_true(n > 64 && n < sizeof bytes);
        const az_stream stream = az_stream_new(f, "damage");
        for (uint64_t c = 0; c < N_CHANGES; c++) {
            memcpy(changed, bytes, n);
            /* One to three bytes; most of them among the arrays behind the header. */
            for (uint64_t k = 0; k <= c % 3; k++) {
                const size_t first = c % 5 ? n / 4 : 0;
                changed[first + az_random_below(stream, c, 2 * k, n - first)] =
                    (unsigned char)az_random_below(stream, c, 2 * k + 1, 256);
            }
            file = fopen("changed.az", "wb");
            assert_non_null(file);
            assert_int_equal(fwrite(changed, 1, n, file), n);
            assert_int_equal(fclose(file), 0);
            az_model *model = NULL;
            if (az_model_read(&model, "changed.az")) {
                assert_null(model);
                assert_true(az_error_message()[0]);
                n_refused++;
                continue;
            }
            n_read++;
            run(model);
            az_model_free(model);
        }
    }
    print_message("%d files read and run, %d refused\n", n_read, n_refused);
    assert_true(n_read > 100 && n_refused > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(damaged_files_do_no_harm, enter, leave)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
