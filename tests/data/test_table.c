/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables made in memory: borrowed columns with strides, categories, look-up by name or number, digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/table.h"
#include <math.h>
#include <string.h>

static const double grid[4][3] = {{1.5, -2, 30}, {NAN, -4, 10}, {3.25, -0.0, 20}, {1.5, 0, 10}};
static const char *const texts[4] = {"beta", NULL, "alpha", "beta"};

static az_table *make(void)
{
    az_table *table = NULL;
    assert_int_equal(az_table_new(&table, 4), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "a", "m/s", &grid[0][0], 3), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "b", NULL, &grid[0][1], 3), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "7", NULL, &grid[0][2], 3), AZ_OK);
    assert_int_equal(az_table_add_text(table, "word", texts), AZ_OK);
    return table;
}

static void columns(void **state)
{
    (void)state;
    az_table *table = make();
    assert_int_equal(az_table_n_rows(table), 4);
    assert_int_equal(az_table_n_columns(table), 4);
    assert_string_equal(az_table_column_unit(table, 0), "m/s");
    assert_null(az_table_column_unit(table, 1));
    assert_int_equal(az_table_column_n_missing(table, 0), 1);
    assert_int_equal(az_table_column_n_missing(table, 3), 1);
    assert_int_equal(az_table_column_n_levels(table, 3), 2);
    assert_int_equal(az_table_column_n_levels(table, 0), 0);
    for (int64_t i = 0; i < 4; i++)
        for (int64_t j = 0; j < 3; j++) assert_memory_equal(&grid[i][j], &(double){az_table_number(table, i, j)}, 8);
    assert_string_equal(az_table_text(table, 0, 3), "beta");
    assert_null(az_table_text(table, 1, 3));
    assert_true(isnan(az_table_number(table, 0, 3)));
    assert_null(az_table_text(table, 0, 0));
    az_table_free(table);
    az_table_free(NULL);
}

static void finding_columns(void **state)
{
    (void)state;
    az_table *table = make();
    int64_t column = -1;
    assert_int_equal(az_table_find(table, "word", &column), AZ_OK);
    assert_int_equal(column, 3);
    assert_int_equal(az_table_find(table, "1", &column), AZ_OK);
    assert_int_equal(column, 1);
    assert_int_equal(az_table_find(table, "7", &column), AZ_OK); /* a name goes before a number */
    assert_int_equal(column, 2);
    assert_int_equal(az_table_find(table, "4", &column), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "from 0 to 3"));
    assert_int_equal(az_table_find(table, "wrod", &column), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "did you mean \"word\"?"));
    assert_int_equal(az_table_find(table, "temperature", &column), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "a, b, 7, word"));
    az_table_free(table);
}

static void names_are_distinct(void **state)
{
    (void)state;
    az_table *table = make();
    assert_int_equal(az_table_add_numeric(table, "b", NULL, &grid[0][0], 3), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "columns 1 and 4"));
    assert_non_null(strstr(az_error_message(), "--names"));
    assert_int_equal(az_table_n_columns(table), 4);
    az_table_free(table);
    assert_int_equal(az_table_new(&table, -1), AZ_ERROR_USAGE);
}

static void levels_of_numbers(void **state)
{
    (void)state;
    static char *const levels[] = {"-4", "0", "10", "chalk"};
    char text[AZ_NUMBER_MAX];
    assert_int_equal(az_level_print(text, -0.0), 1);
    assert_string_equal(text, "0");
    assert_int_equal(az_level_find(levels, 4, text), 1);
    assert_int_equal(az_level_find(levels, 4, "1e1"), -1); /* the value is there, the level is not */
    assert_int_equal(az_level_find(levels, 4, "chalk"), 3);
    assert_int_equal(az_level_find(levels, 4, "slate"), -1);
    assert_int_equal(az_level_find(levels, 0, "0"), -1);
}

/* The digest sees values, names and types, and nothing of where they lie. */
static void digest(void **state)
{
    (void)state;
    az_table *table = make(), *same = NULL;
    double a[4], b[4], c[4];
    for (int i = 0; i < 4; i++) {
        a[i] = i == 1 ? -NAN : grid[i][0];
        b[i] = grid[i][1];
        c[i] = grid[i][2];
    }
    assert_int_equal(az_table_new(&same, 4), AZ_OK);
    assert_int_equal(az_table_add_numeric(same, "a", "m/s", a, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(same, "b", NULL, b, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(same, "7", NULL, c, 1), AZ_OK);
    assert_int_equal(az_table_add_text(same, "word", texts), AZ_OK);
    uint64_t before = az_table_digest(table);
    assert_true(before == az_table_digest(same));
    c[2] = nextafter(c[2], 0);
    assert_true(before != az_table_digest(same));
    c[2] = grid[2][2];
    assert_true(before == az_table_digest(same));
    az_table_free(same);
    az_table_free(table);
}

/* A total order, for any mixture of numbers and texts. */
static void order_of_levels(void **state)
{
    (void)state;
    static const char *const sorted[] = {"-3", "0", "0.5", "5e-1", "9", "10", "1e3", "", "10a", "Z", "a", "inf", "nan"};
    enum { N = sizeof sorted / sizeof sorted[0] };
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            int order = az_level_compare(sorted[i], sorted[j]);
            assert_true(i < j ? order < 0 : i > j ? order > 0 : order == 0);
        }
    }
}

static void reader_options_round_trip(void **state)
{
    (void)state;
    az_reader_options options = {
        .delimiter = "tab", .skip = "60", .missing = "", .names = "`a,b`,\"c\"", .comment = "\\%"};
    az_reader_options read = {0};
    az_arena arena = {0};
    char *json = NULL;
    assert_int_equal(az_reader_options_print(&options, &json), AZ_OK);
    assert_int_equal(az_reader_options_parse(json, &read, &arena), AZ_OK);
    assert_string_equal(read.delimiter, "tab");
    assert_string_equal(read.skip, "60");
    assert_string_equal(read.missing, ""); /* not the default */
    assert_string_equal(read.names, options.names);
    assert_string_equal(read.comment, options.comment);
    assert_null(read.header);
    assert_null(read.decimal);
    az_free(json);
    static const char *const broken[] = {"", "[]", "{", "{\"skip\": 3}", "null"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        assert_int_equal(az_reader_options_parse(broken[i], &read, &arena), AZ_ERROR_DATA);
    az_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns),
        cmocka_unit_test(finding_columns),
        cmocka_unit_test(names_are_distinct),
        cmocka_unit_test(levels_of_numbers),
        cmocka_unit_test(digest),
        cmocka_unit_test(order_of_levels),
        cmocka_unit_test(reader_options_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
