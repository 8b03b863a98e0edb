/* SPDX-License-Identifier: BSD-3-Clause */
/* Sources: blocks, rewinding, and all of them together as one table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "data/source.h"

static void test_a_table_is_one_block(void **state)
{
    (void)state;
    const double x[] = {1, NAN, 3};
    const char *text[] = {"b", "a", NULL};
    az_table *table;
    az_source *source;
    const az_table *block;
    assert_int_equal(az_table_new(&table, 3), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "x", "K", x, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", text), AZ_OK);
    assert_int_equal(az_source_of_table(&source, table), AZ_OK);
    assert_int_equal(az_source_n_rows(source), 3);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(az_source_next(source, &block, NULL), AZ_OK);
        assert_int_equal(az_table_n_rows(block), 3);
        assert_string_equal(az_table_column_unit(block, 0), "K");
        assert_string_equal(az_table_text(block, 0, 1), "b");
        assert_null(az_table_text(block, 2, 1));
        assert_true(az_table_digest(block) == az_table_digest(table));
        assert_int_equal(az_source_next(source, &block, NULL), AZ_OK);
        assert_null(block);
        assert_int_equal(az_source_rewind(source), AZ_OK);
    }
    az_table *copy;
    assert_int_equal(az_table_collect(&copy, source, NULL), AZ_OK);
    assert_true(az_table_digest(copy) == az_table_digest(table));
    assert_int_equal(az_table_column_n_missing(copy, 0), 1);
    az_source_free(source);
    az_table_free(table);
    az_table_free(copy);
}

typedef struct counter {
    int64_t at, n;
} counter;

/* Rows (i, i^2), seven at a time, however many are asked for; -1 where n is negative. */
static int64_t next_squares(void *user, double *rows, int64_t max_rows)
{
    counter *c = user;
    if (c->n < 0) return -1;
    int64_t n = c->n - c->at < 7 ? c->n - c->at : 7;
    assert_true(max_rows >= n);
    for (int64_t i = 0; i < n; i++, c->at++) {
        rows[2 * i] = (double)c->at;
        rows[2 * i + 1] = (double)(c->at * c->at);
    }
    return n;
}

static bool rewind_squares(void *user)
{
    ((counter *)user)->at = 0;
    return true;
}

static void test_rows_of_a_caller(void **state)
{
    (void)state;
    counter c = {.n = 24};
    const char *names[] = {"i", "square"}, *units[] = {NULL, "m2"};
    az_source_callback callback = {.n_columns = 2,
                                   .names = names,
                                   .units = units,
                                   .n_rows = -1,
                                   .next = next_squares,
                                   .rewind = rewind_squares,
                                   .user = &c};
    az_source *source;
    const az_table *block;
    assert_int_equal(az_source_of_callback(&source, &callback), AZ_OK);
    assert_int_equal(az_source_n_rows(source), -1);
    for (int64_t first = 0; first < 24; first += 7) {
        assert_int_equal(az_source_next(source, &block, NULL), AZ_OK);
        assert_int_equal(block->first_row, first);
        assert_int_equal(az_table_n_rows(block), first < 21 ? 7 : 3);
        assert_true(az_table_number(block, 2, 1) == (double)((first + 2) * (first + 2)));
    }
    assert_int_equal(az_source_rewind(source), AZ_OK);
    az_table *table;
    assert_int_equal(az_table_collect(&table, source, NULL), AZ_OK);
    assert_int_equal(az_table_n_rows(table), 24);
    assert_true(az_table_number(table, 23, 1) == 529);
    assert_string_equal(az_table_column_unit(table, 1), "m2");
    az_table_free(table);
    az_source_free(source);

    callback.rewind = NULL;
    assert_int_equal(az_source_of_callback(&source, &callback), AZ_OK);
    assert_int_equal(az_source_rewind(source), AZ_ERROR_USAGE);
    c.n = -1;
    assert_int_equal(az_source_next(source, &block, NULL), AZ_ERROR_IO);
    az_source_free(source);
    callback.names = NULL;
    assert_int_equal(az_source_of_callback(&source, &callback), AZ_ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_table_is_one_block),
        cmocka_unit_test(test_rows_of_a_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
