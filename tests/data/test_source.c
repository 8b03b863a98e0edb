/* SPDX-License-Identifier: BSD-3-Clause */
/* Sources: blocks, rewinding, and all of them together as one table. */
#define _GNU_SOURCE /* mkdtemp */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Files of more than one piece (8 MB), made of `n` rows by a function, and others beside them. */
static char folder[] = "/tmp/az_source_XXXXXX";

static const char *path_of(char path[128], const char *name)
{
    snprintf(path, 128, "%s/%s", folder, name);
    return path;
}

static void write_rows(const char *path, const char *header, int64_t n, void (*row)(FILE *, int64_t), const char *end)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(header, file);
    for (int64_t i = 0; i < n; i++) row(file, i);
    fputs(end, file);
    assert_int_equal(fclose(file), 0);
}

/* Both ways of reading give the same table, or the same error. */
static void check_same(const char *paths, const az_reader_options *options, bool several_blocks)
{
    az_table *whole = NULL, *collected = NULL;
    az_source *source = NULL;
    az_status status = az_table_read(&whole, paths, options, NULL);
    char message[512];
    snprintf(message, sizeof message, "%s", az_error_message());
    az_status streamed = az_source_of_files(&source, paths, options, NULL);
    if (!streamed) {
        const az_table *block;
        assert_int_equal(az_source_next(source, &block, NULL), AZ_OK);
        if (several_blocks) assert_true(block->n_rows < az_source_n_rows(source));
        assert_int_equal(az_source_rewind(source), AZ_OK);
        streamed = az_table_collect(&collected, source, NULL);
    }
    assert_int_equal(streamed, status);
    if (status) {
        assert_string_equal(az_error_message(), message);
    } else {
        assert_int_equal(az_source_n_rows(source), az_table_n_rows(whole));
        assert_int_equal(az_table_n_rows(collected), az_table_n_rows(whole));
        assert_int_equal(az_table_n_columns(collected), az_table_n_columns(whole));
        assert_true(az_table_digest(collected) == az_table_digest(whole));
    }
    az_source_free(source);
    az_table_free(whole);
    az_table_free(collected);
}

/* 60 bytes a row.  "late" holds text from row 190,000 on; quoted cells hold newlines and delimiters. */
static void write_mixed(FILE *file, int64_t i)
{
    fprintf(file, "%lld,%.6f,\"level %lld,\nsecond line with \"\"quotes\"\"\",%s,%s\n", (long long)i, sin((double)i),
            (long long)(i * i % 17), i % 1000 ? "0.5" : "NA", i < 190000 ? "1" : "one");
}

static void write_pair(FILE *file, int64_t i)
{
    fprintf(file, "%lld;%lld                                                                   \n", (long long)i,
            (long long)(2 * i));
}

static void write_one(FILE *file, int64_t i)
{
    fprintf(file, "%lld.5\n", (long long)i);
}

static void write_filler(FILE *file, int64_t i)
{
    if (i == 99000) fputs("1;2;3\n", file);
    write_pair(file, i);
}

static void write_infinite(FILE *file, int64_t i)
{
    if (i == 99000)
        fputs("1e999;5\n", file);
    else
        write_pair(file, i);
}

static void write_commas(FILE *file, int64_t i)
{
    (void)i;
    fputs(" ;\n", file);
}

static void test_pieces_are_the_whole_file(void **state)
{
    (void)state;
    char a[128], b[128], list[300];
    write_rows(path_of(a, "mixed.csv"), "i,s [m],text,half,late\n", 200000, write_mixed, ",,,,\n,,,,\n\n");
    check_same(a, NULL, true);
    check_same(a, &(az_reader_options){.relabel = "one=two,never=ever", .names = "A,B,C,D,E"}, true);
    /* No newline at the end of the file, and a second file below it. */
    write_rows(path_of(b, "more.csv"), "i,s [m],text,half,late\n", 10, write_mixed, "7,8,9,10,11");
    snprintf(list, sizeof list, "%s,%s", a, b);
    check_same(list, NULL, true);
}

static void test_lines_of_delimiters(void **state)
{
    (void)state;
    char a[128];
    /* Ten megabytes of them are rows if data follow, and none if the file ends there. */
    FILE *file = fopen(path_of(a, "blank.csv"), "w");
    assert_non_null(file);
    fputs("x;y\n1;2\n", file);
    for (int64_t i = 0; i < 4000000; i++) write_commas(file, i);
    assert_int_equal(fclose(file), 0);
    check_same(a, NULL, false);
    file = fopen(a, "a");
    assert_non_null(file);
    fputs("3;4\n", file);
    assert_int_equal(fclose(file), 0);
    check_same(a, NULL, false);
}

static void test_files_side_by_side(void **state)
{
    (void)state;
    char a[128], b[128], t[128];
    write_rows(path_of(a, "left.csv"), "i;twice\n", 150000, write_pair, "");
    write_rows(path_of(b, "right.csv"), "half\n", 150000, write_one, "");
    write_rows(path_of(t, "target.csv"), "", 150000, write_one, "");
    check_same(a, &(az_reader_options){.join = b}, true);
    check_same(a, &(az_reader_options){.join = b, .target_file = t}, true);
    write_rows(b, "half\n", 149999, write_one, "");
    check_same(a, &(az_reader_options){.join = b}, true);
}

static void test_errors_name_the_same_line(void **state)
{
    (void)state;
    char a[128];
    write_rows(path_of(a, "ragged.csv"), "i;twice\n", 120000, write_filler, "");
    check_same(a, NULL, false);
    write_rows(a, "i;twice\n", 120000, write_infinite, "");
    check_same(a, NULL, false);
    /* A column that is text in its last row holds no numbers that could be too large. */
    write_rows(a, "i;twice\n", 120000, write_infinite, "end;1\n");
    check_same(a, NULL, true);
    write_rows(a, "i;twice\n", 120000, write_pair, "\"open;1\n");
    check_same(a, NULL, false);
    write_rows(a, "i;twice\n", 0, write_pair, "");
    check_same(a, NULL, false);
    check_same("/nowhere/at/all.csv", NULL, false);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"mixed.csv", "more.csv",   "blank.csv", "left.csv",
                                        "right.csv", "target.csv", "ragged.csv"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(path_of(path, names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_the_whole_file), cmocka_unit_test(test_lines_of_delimiters),
        cmocka_unit_test(test_files_side_by_side),        cmocka_unit_test(test_errors_name_the_same_line),
        cmocka_unit_test(test_a_table_is_one_block),      cmocka_unit_test(test_rows_of_a_caller),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
