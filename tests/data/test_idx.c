/* SPDX-License-Identifier: BSD-3-Clause */
/* IDX: bytes written out by the format's description (two zeros, type, dimensions, sizes, numbers, all big-endian). */
#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/source.h"
#include "temporary.h"

static void every_type(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *bytes;
        size_t size;
        double first, second;
    } cases[] = {
        {"uint8", "\0\0\x08\1\0\0\0\2\0\xff", 10, 0, 255},
        {"int8", "\0\0\x09\1\0\0\0\2\x7f\xff", 10, 127, -1},
        {"int16", "\0\0\x0b\1\0\0\0\2\1\2\xff\xfe", 12, 258, -2},
        {"int32", "\0\0\x0c\1\0\0\0\2\0\1\0\0\xff\xff\xff\xfd", 16, 65536, -3},
        {"float32", "\0\0\x0d\1\0\0\0\2\x3f\xc0\0\0\xc2\xc8\0\0", 16, 1.5, -100},
        {"float64", "\0\0\x0e\1\0\0\0\2\x3f\xf8\0\0\0\0\0\0\xbf\xb9\x99\x99\x99\x99\x99\x9a", 24, 1.5, -0.1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        az_dataset *dataset = NULL;
        double values[2];
        const char *path = temporary_file("labels-idx1", cases[i].bytes, cases[i].size);
        assert_int_equal(az_dataset_open(&dataset, path, NULL), AZ_OK);
        assert_string_equal(az_dataset_field_type(dataset, 0), cases[i].type);
        assert_string_equal(az_dataset_field_name(dataset, 0), "labels-idx1");
        assert_int_equal(az_dataset_read(dataset, 0, (int64_t[]){0}, (int64_t[]){2}, values), AZ_OK);
        assert_true(values[0] == cases[i].first && values[1] == cases[i].second);
        az_dataset_free(dataset);
    }
}

static void images_are_rows(void **state)
{
    (void)state;
    static const char bytes[] = "\0\0\x08\3\0\0\0\2\0\0\0\2\0\0\0\3\1\2\3\4\5\6\7\10\11\12\13\14";
    az_table *table = NULL;
    assert_int_equal(az_table_read(&table, temporary_file("x", bytes, sizeof bytes - 1), NULL, NULL), AZ_OK);
    assert_int_equal(table->n_rows, 2);
    assert_int_equal(table->n_columns, 6);
    assert_string_equal(table->columns[5].name, "p1_2");
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 6; j++) assert_true(az_table_number(table, i, j) == 6 * i + j + 1);
    az_table_free(table);
    assert_int_equal(az_table_read(&table, temporary_file("x", bytes, sizeof bytes - 1),
                                   &(az_reader_options){.rows = "dim0,dim1,dim2"}, NULL),
                     AZ_OK);
    assert_int_equal(table->n_rows, 12);
    assert_int_equal(table->n_columns, 4);
    assert_true(az_table_number(table, 7, 0) == 1 && az_table_number(table, 7, 2) == 1 &&
                az_table_number(table, 7, 3) == 8);
    az_table_free(table);
}

static void what_is_broken(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *part;
    } cases[] = {
        {"\0\0\x08\1\0\0\0\3\1\2", 10, "announces 3 numbers, and 2 are there"},
        {"\0\0\x08\1\0\0\0\3\1\2\3\4", 12, "announces 3 numbers, and 4 are there"},
        {"\0\0\x0b\1\0\0\0\2\1\2\3\4\5", 13, "announces 2 numbers, and 2 are there"},
        {"\0\0\x08\4\0\0\0\2", 8, "within its header"},
        {"\0\0\x0e\4\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\1", 20, "too large"},
        {"\0\0\x08\1\0\0\0\0", 8, "has no values"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        az_table *table = NULL;
        az_status status = az_table_read(&table, temporary_file("x", cases[i].bytes, cases[i].size), NULL, NULL);
        if (status != AZ_ERROR_DATA || !strstr(az_error_message(), cases[i].part))
            fail_msg("case %zu: status %d, \"%s\"", i, status, az_error_message());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type),
        cmocka_unit_test(images_are_rows),
        cmocka_unit_test(what_is_broken),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
