/* SPDX-License-Identifier: BSD-3-Clause */
/* NPY and NPZ: files that numpy wrote (tests/data/reference/freeze_npy.py), files that are broken, and files written
 * here, of which the bytes are given by the format (numpy/lib/format.py). */
#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/io.h"
#include "data/npy.h"
#include "data/source.h"
#include "fail_allocation.h"
#include "frozen_npy.h"
#include "temporary.h"
#include <math.h>

enum { N_READ = sizeof frozen_read / sizeof frozen_read[0], N_OTHERS = sizeof frozen_others / sizeof frozen_others[0] };

static bool can_inflate(void)
{
    const az_io *io;
    return az_io_load(&io, "the test") == AZ_OK && io->inflate_new;
}

static const frozen_file *find(const char *name)
{
    for (size_t i = 0; i < N_OTHERS; i++)
        if (strcmp(frozen_others[i].name, name) == 0) return &frozen_others[i];
    fail_msg("no such file: %s", name);
    return NULL;
}

static az_table *table_of(const char *name, const az_reader_options *options)
{
    const frozen_file *file = find(name);
    az_table *table = NULL;
    if (az_table_read(&table, temporary_file("x", file->bytes, file->size), options, NULL))
        fail_msg("%s: %s", name, az_error_message());
    return table;
}

static void refused_bytes(const char *what, const void *bytes, size_t size, const char *part)
{
    az_table *table = NULL;
    az_status status = az_table_read(&table, temporary_file("x", bytes, size), NULL, NULL);
    if (status != AZ_ERROR_DATA || !strstr(az_error_message(), part))
        fail_msg("%s: status %d, \"%s\"; expected \"%s\"", what, status, az_error_message(), part);
    assert_null(table);
}

static void every_type_and_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_READ; i++) {
        if (strcmp(frozen_read[i].name, "deflated") == 0 && !can_inflate()) continue;
        az_dataset *dataset = NULL;
        const char *path = temporary_file("x.npy", frozen_read[i].bytes, frozen_read[i].size);
        if (az_dataset_open(&dataset, path, NULL)) fail_msg("%s: %s", frozen_read[i].name, az_error_message());
        assert_int_equal(az_dataset_n_fields(dataset), 1);
        assert_string_equal(az_dataset_field_name(dataset, 0), "x");
        assert_int_equal(az_dataset_field_n_dimensions(dataset, 0), 2);
        assert_int_equal(az_dataset_dimension_size(dataset, 0), 2);
        assert_int_equal(az_dataset_dimension_size(dataset, 1), 3);
        double values[6], part[2];
        assert_int_equal(az_dataset_read(dataset, 0, (int64_t[]){0, 0}, (int64_t[]){2, 3}, values), AZ_OK);
        for (int k = 0; k < 6; k++)
            if (values[k] != 10 + k) fail_msg("%s: place %d is %g", frozen_read[i].name, k, values[k]);
        assert_int_equal(az_dataset_read(dataset, 0, (int64_t[]){0, 2}, (int64_t[]){2, 1}, part), AZ_OK);
        assert_true(part[0] == 12 && part[1] == 15);
        az_dataset_free(dataset);
    }
}

static void types_are_named(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"half", "float16"}, {"bool", "bool"}, {"cube", "int16"}, {"series", "float64"}};
    for (size_t i = 0; i < 4; i++) {
        az_dataset *dataset = NULL;
        const frozen_file *file = find(names[i][0]);
        assert_int_equal(az_dataset_open(&dataset, temporary_file("x", file->bytes, file->size), NULL), AZ_OK);
        assert_string_equal(az_dataset_field_type(dataset, 0), names[i][1]);
        az_dataset_free(dataset);
    }
}

static void halves(void **state)
{
    (void)state;
    az_table *table = table_of("half", NULL);
    const double expected[] = {0, -0.0, 1, -2.5, 65504, 0x1p-24, 0x1.8p-14};
    for (int i = 0; i < 7; i++) assert_true(az_table_number(table, i, 0) == expected[i]);
    assert_true(signbit(az_table_number(table, 1, 0)));
    assert_true(isnan(az_table_number(table, 7, 0)));
    az_table_free(table);
}

static void rows_and_names(void **state)
{
    (void)state;
    az_table *table = table_of("cube", NULL);
    assert_int_equal(table->n_rows, 2);
    assert_int_equal(table->n_columns, 12);
    assert_string_equal(table->columns[0].name, "p0_0");
    assert_string_equal(table->columns[7].name, "p1_3");
    assert_true(az_table_number(table, 1, 7) == 19);
    az_table_free(table);

    table = table_of("cube", &(az_reader_options){.select = "dim1=1,dim2=2:3"});
    assert_int_equal(table->n_columns, 2);
    assert_string_equal(table->columns[0].name, "p1_2");
    assert_true(az_table_number(table, 1, 1) == 19);
    az_table_free(table);

    table = table_of("series", NULL);
    assert_int_equal(table->n_rows, 3);
    assert_string_equal(table->columns[0].name, "c0");
    assert_true(az_table_number(table, 2, 0) == 7);
    az_table_free(table);

    table = table_of("series", &(az_reader_options){.names = "signal"});
    assert_string_equal(table->columns[0].name, "signal");
    az_table_free(table);

    table = table_of("single", NULL);
    assert_int_equal(table->n_rows, 1);
    assert_true(az_table_number(table, 0, 0) == 42);
    az_table_free(table);
}

static void archives(void **state)
{
    (void)state;
    if (!can_inflate()) skip();
    az_table *table = table_of("pair", NULL);
    assert_int_equal(table->n_rows, 2);
    assert_int_equal(table->n_columns, 4);
    assert_string_equal(table->columns[2].name, "x_2");
    assert_string_equal(table->columns[3].name, "y");
    assert_true(az_table_number(table, 1, 2) == 15 && az_table_number(table, 1, 3) == 1.5);
    az_table_free(table);
    const frozen_file *file = find("lengths");
    refused_bytes("lengths", file->bytes, file->size, "arrays of different length (x has 2 rows, w 3)");
    table = table_of("lengths", &(az_reader_options){.vars = "w"});
    assert_int_equal(table->n_rows, 3);
    az_table_free(table);
    table = table_of("lengths", &(az_reader_options){.target = "w"});
    assert_int_equal(table->n_columns, 1);
    az_table_free(table);
}

/* A file beside a text table, and one with the target. */
static void beside_text(void **state)
{
    (void)state;
    char text[256], series[256];
    snprintf(text, sizeof text, "%s", temporary_file("t.csv", "a,b\n1,2\n3,4\n5,6\n", 16));
    snprintf(series, sizeof series, "%s", temporary_file("s.npy", find("series")->bytes, find("series")->size));
    az_table *table = NULL;
    assert_int_equal(az_table_read(&table, text, &(az_reader_options){.join = series}, NULL), AZ_OK);
    assert_int_equal(table->n_columns, 3);
    assert_string_equal(table->columns[2].name, "c2");
    az_table_free(table);
    assert_int_equal(az_table_read(&table, text, &(az_reader_options){.target_file = series}, NULL), AZ_OK);
    assert_string_equal(table->columns[2].name, "target");
    assert_true(az_table_number(table, 2, 2) == 7);
    az_table_free(table);
    az_source *source = NULL;
    const az_table *block;
    assert_int_equal(az_source_of_files(&source, series, &(az_reader_options){.target_file = text}, NULL),
                     AZ_ERROR_DATA); /* of two columns */
    assert_int_equal(az_source_of_files(&source, text, &(az_reader_options){.join = series}, NULL), AZ_OK);
    assert_int_equal(az_source_next(source, &block, NULL), AZ_OK);
    assert_int_equal(block->n_columns, 3);
    az_source_free(source);
}

static void what_is_not_read(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"records", "one array per field"}, {"complex", "real and imaginary"},
                                           {"objects", "Python objects"},      {"text", "means texts"},
                                           {"dates", "means dates"},           {"long double", "extended precision"},
                                           {"infinite", "infinite at index"},  {"no rows", "has no values"},
                                           {"workbook", "zip archive"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const frozen_file *file = find(cases[i][0]);
        refused_bytes(cases[i][0], file->bytes, file->size, cases[i][1]);
    }
}

/* A header of our own, in front of `n_numbers` zeros. */
static size_t make(char *bytes, const char *header, size_t n_numbers)
{
    size_t length = strlen(header);
    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (char)(length & 255);
    bytes[9] = (char)(length >> 8);
    memcpy(bytes + 10, header, length);
    memset(bytes + 10 + length, 0, 8 * n_numbers);
    return 10 + length + 8 * n_numbers;
}

static void broken_headers(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4,), }", "cut short"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 4), }", "too large"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (92233720368547758080,), }", "whole numbers"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", "whole numbers"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1), }", "more than 16"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3", "no end"},
        {"{'descr': '<f8', 'fortran_order': 1, 'shape': (3,), }", "neither True nor False"},
        {"{'descr': '<f8', 'shape': (3,), }", "lacks fortran_order"},
        {"{'descr': '<f8', 'descr': '<f4', 'shape': (3,), }", "twice"},
        {"{'descr': '<f8', 'evil': __import__('os'), }", "does not belong"},
        {"{'descr': '<z9', 'fortran_order': False, 'shape': (3,), }", "not known"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), } + 1", "goes on"},
        {"", "not a dictionary"},
    };
    char bytes[512];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused_bytes(cases[i][0], bytes, make(bytes, cases[i][0], 3), cases[i][1]);
    size_t size = make(bytes, "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", 3);
    refused_bytes("one byte short", bytes, size - 1, "cut short");
    refused_bytes("within the header", bytes, 40, "within its header");
    bytes[6] = 4;
    refused_bytes("version", bytes, size, "versions 1 to 3");
}

/* Whatever one byte of an archive becomes, it is read or refused, and what it says is not believed. */
static void broken_archives(void **state)
{
    (void)state;
    if (!can_inflate()) skip();
    const frozen_file *file = find("pair");
    char *bytes = malloc(file->size);
    assert_non_null(bytes);
    int n_refused = 0;
    for (size_t at = 0; at < file->size; at++) {
        memcpy(bytes, file->bytes, file->size);
        bytes[at] = (char)(bytes[at] ^ 0x41);
        az_table *table = NULL;
        az_status status = az_table_read(&table, temporary_file("x", bytes, file->size), NULL, NULL);
        assert_true(status == AZ_OK || status == AZ_ERROR_DATA || status == AZ_ERROR_MEMORY);
        n_refused += status != AZ_OK;
        if (!status) assert_int_equal(table->n_rows, 2);
        az_table_free(table);
    }
    assert_true(n_refused > 100);
    for (size_t size = 0; size < file->size; size += 7) {
        az_table *table = NULL;
        assert_int_not_equal(az_table_read(&table, temporary_file("x", file->bytes, size), NULL, NULL), AZ_OK);
    }
    free(bytes);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    for (int single = 0; single <= 1; single++) {
        char path[256], bytes[256];
        az_output output;
        double values[3000];
        for (int i = 0; i < 3000; i++) values[i] = i == 7 ? NAN : i / 8.0 - 100;
        snprintf(path, sizeof path, "%s/w.npy", temporary_folder);
        assert_int_equal(az_output_open(&output, path), AZ_OK);
        assert_int_equal(az_npy_write_header(&output, single, (int64_t[]){1000, 3}, 2), AZ_OK);
        assert_int_equal(az_npy_write_values(&output, single, values, 1234), AZ_OK);
        assert_int_equal(az_npy_write_values(&output, single, values + 1234, 3000 - 1234), AZ_OK);
        assert_int_equal(az_output_commit(&output), AZ_OK);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        assert_int_equal(fread(bytes, 1, 128, file), 128);
        fclose(file);
        /* The numbers begin at a multiple of 64 bytes, after a newline. */
        assert_int_equal((unsigned char)bytes[8] + 256 * bytes[9] + 10, 128);
        assert_int_equal(bytes[127], '\n');
        const char *header = single ? "{'descr': '<f4', 'fortran_order': False, 'shape': (1000, 3), }"
                                    : "{'descr': '<f8', 'fortran_order': False, 'shape': (1000, 3), }";
        assert_memory_equal(bytes + 10, header, strlen(header));
        az_table *table = NULL;
        assert_int_equal(az_table_read(&table, path, NULL, NULL), AZ_OK);
        assert_int_equal(table->n_rows, 1000);
        for (int i = 0; i < 3000; i++)
            assert_true(i == 7 ? isnan(az_table_number(table, i / 3, i % 3))
                               : az_table_number(table, i / 3, i % 3) == values[i]);
        az_table_free(table);
    }
}

/* The file and the options in `context`, read as a table. */
static az_status read_and_free(void *context)
{
    const char *const *call = context;
    const az_reader_options options = {.vars = call[1], .select = call[2], .rows = call[3]};
    az_table *table = NULL;
    az_status status = az_table_read(&table, call[0], &options, NULL);
    az_table_free(table);
    return status;
}

static void no_allocation_is_taken_for_granted(void **state)
{
    (void)state;
    char cube[256], pair[256], field[4096];
    snprintf(cube, sizeof cube, "%s", temporary_file("cube", find("cube")->bytes, find("cube")->size));
    snprintf(pair, sizeof pair, "%s", temporary_file("pair", find("pair")->bytes, find("pair")->size));
    snprintf(field, sizeof field, "%s/tests/data/fields/first.nc", AZ_SOURCE_DIR);
    const char *const calls[][4] = {{cube, NULL, "dim0=0:1,dim2=1:2", NULL},
                                    {pair, "x,y", NULL, NULL},
                                    {field, "sst,mask", "time=2001-01-02:,y=0:1", NULL},
                                    {field, "sst,trend", NULL, "time"}};
    const az_io *io;
    bool netcdf = az_io_load(&io, "the test") == AZ_OK && io->open;
    for (int i = 0; i < 4; i++) {
        if ((i == 1 && !can_inflate()) || (i > 1 && !netcdf)) continue;
        long n = fail_each_allocation(read_and_free, (void *)(uintptr_t)calls[i]);
        if (n < 20) fail_msg("%s: %ld", calls[i][0], n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_and_order),
        cmocka_unit_test(types_are_named),
        cmocka_unit_test(halves),
        cmocka_unit_test(rows_and_names),
        cmocka_unit_test(archives),
        cmocka_unit_test(beside_text),
        cmocka_unit_test(what_is_not_read),
        cmocka_unit_test(broken_headers),
        cmocka_unit_test(broken_archives),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(no_allocation_is_taken_for_granted),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
