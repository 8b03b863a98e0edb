/* SPDX-License-Identifier: BSD-3-Clause */
/* Model files load for ever: those in tests/golden, NAME[-VARIANT]-FORMAT.az, were written by scripts/make_golden when
 * their format was new, and each predicts for query.csv (query-time.csv if it is NAME-time...) what stands beside it.
 * What is newer than this library is refused. */
#include "data/table.h"
#include "models/model.h"

#include <ansatz/ansatz.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOLDEN AZ_SOURCE_DIR "/tests/golden/"

/* Relative to the greatest output: the digits may differ by what exp and cos of another C library or CPU round. */
#ifdef __x86_64__
#define TOLERANCE 1e-15
#else
#define TOLERANCE 1e-13
#endif

/* Past the folder: "knn-classes-1.az". */
static const char *base_name(const char *path)
{
    return strrchr(path, '/') + 1;
}

static az_table *read_table(const char *path, const char *reader)
{
    az_reader_options options = {0};
    az_arena arena = {0};
    az_table *table = NULL;
    if (reader) assert_int_equal(az_reader_options_parse(reader, &options, &arena), AZ_OK);
    if (az_table_read(&table, path, &options, NULL)) print_error("%s\n", az_error_message());
    assert_non_null(table);
    az_arena_free(&arena);
    return table;
}

/* The outputs are the last columns of the frozen table: targets, or the probabilities of the classes. */
static void expect_frozen(const char *path, const az_model *model)
{
    char frozen_path[4096];
    snprintf(frozen_path, sizeof frozen_path, "%.*scsv", (int)strlen(path) - 2, path);
    const char *rows = model->class->inputs                ? GOLDEN "series.csv"
                       : strstr(base_name(path), "-time") ? GOLDEN "query-time.csv"
                                                          : GOLDEN "query.csv";
    az_table *query = read_table(rows, model->reader), *frozen = read_table(frozen_path, NULL);
    int64_t n_rows = az_table_n_rows(query), m = az_model_n_outputs(model);
    int64_t first = az_table_n_columns(frozen) - m;
    assert_int_equal(az_table_n_rows(frozen), n_rows);
    double *prediction = calloc((size_t)(n_rows * m), sizeof *prediction);
    assert_non_null(prediction);
    assert_int_equal(az_predict_table(model, query, prediction, NULL, NULL), AZ_OK);
    for (int64_t k = 0; k < m; k++) {
        double greatest = 0;
        const char *column = az_table_column_name(frozen, first + k), *output = az_model_output_name(model, k);
        bool is_output = strstr(column, output) != NULL || strcmp(column, "prediction") == 0;
        if (!is_output) print_error("%s: column %s is not %s\n", path, column, output);
        assert_true(is_output);
        for (int64_t i = 0; i < n_rows; i++) greatest = fmax(greatest, fabs(az_table_number(frozen, i, first + k)));
        for (int64_t i = 0; i < n_rows; i++) {
            double expected = az_table_number(frozen, i, first + k), found = prediction[i * m + k];
            bool same = isnan(expected) ? isnan(found) : fabs(found - expected) <= TOLERANCE * greatest;
            if (!same) print_error("%s, row %d: %.17g, frozen is %.17g\n", path, (int)i, found, expected);
            assert_true(same);
        }
    }
    free(prediction);
    az_table_free(query);
    az_table_free(frozen);
}

static void every_file_loads_and_predicts_the_same(void **state)
{
    (void)state;
    glob_t files;
    assert_int_equal(glob(GOLDEN "*.az", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *path = files.gl_pathv[i], *name = base_name(path);
        az_model *model = NULL;
        if (az_model_read(&model, path)) print_error("%s\n", az_error_message());
        assert_non_null(model);
        assert_int_equal(strlen(model->class->name), strcspn(name, "-"));
        assert_int_equal(strncmp(model->class->name, name, strlen(model->class->name)), 0);
        expect_frozen(path, model);
        az_model_free(model);
    }
    globfree(&files);
}

/* A class without a file here could lose the way to read its models without a test that fails. */
static void every_class_has_a_file(void **state)
{
    (void)state;
    for (int i = 0; az_model_classes[i]; i++) {
        char path[4096];
        snprintf(path, sizeof path, GOLDEN "%s-1.az", az_model_classes[i]->name);
        if (access(path, R_OK) != 0) print_error("%s is missing: add a line to scripts/make_golden\n", path);
        assert_int_equal(access(path, R_OK), 0);
    }
}

/* A golden file with one text replaced by another of the same length. */
static void write_changed(const char *from, const char *to)
{
    static char bytes[1 << 16];
    FILE *file = fopen(GOLDEN "ridge-1.az", "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(n > 0 && n < sizeof bytes && strlen(from) == strlen(to));
    char *at = NULL;
    for (size_t i = 0; i + strlen(from) <= n && !at; i++)
        if (memcmp(bytes + i, from, strlen(from)) == 0) at = bytes + i;
    assert_non_null(at);
    memcpy(at, to, strlen(to));
    file = fopen("changed.az", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void expect_refusal(const char *from, const char *to, const char *words)
{
    az_model *model = NULL;
    write_changed(from, to);
    assert_int_equal(az_model_read(&model, "changed.az"), AZ_ERROR_DATA);
    assert_null(model);
    if (!strstr(az_error_message(), words)) print_error("%s\n", az_error_message());
    assert_non_null(strstr(az_error_message(), words));
    assert_non_null(strstr(az_error_message(), "changed.az"));
    remove("changed.az");
}

static void what_is_newer_is_refused(void **state)
{
    (void)state;
    expect_refusal("\\\"format\\\":1", "\\\"format\\\":2", "format 2, written by Ansatz 0.1.0");
    expect_refusal("\\\"format\\\":1", "\\\"format\\\":2", "read it with Ansatz 0.1.0 or a later one");
    expect_refusal("\\\"format\\\":1", "\\\"format\\\":0", "its format is 0");
    expect_refusal("\\\"format\\\":1", "\\\"farmot\\\":1", "no format number");
    expect_refusal("\\\"model\\\":\\\"ridge", "\\\"model\\\":\\\"rigde", "model \"rigde\", written by Ansatz 0.1.0");
}

static char folder[] = "/tmp/ansatz-golden-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : 1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") == 0 ? rmdir(folder) : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_loads_and_predicts_the_same),
        cmocka_unit_test(every_class_has_a_file),
        cmocka_unit_test_setup_teardown(what_is_newer_is_refused, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
