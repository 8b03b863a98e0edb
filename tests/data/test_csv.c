/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading text tables: what is found out, what is refused, and that neither threads nor the cutting into blocks show.
 */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "data/csv.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef AZ_HAVE_ZLIB
#include <zlib.h>
#endif

static char notes[4096];

static void take_note(void *user, az_level level, const char *text)
{
    (void)user;
    size_t used = strlen(notes);
    snprintf(notes + used, sizeof notes - used, "%s%s\n", level == AZ_WARNING ? "warning: " : "", text);
}

static const az_control listening = {.n_threads = 2, .message = take_note};

/* Names of files in the build folder, removed at the end of the test that made them. */
static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static az_status read_text(az_table **table, const char *text, size_t size, const az_reader_options *options)
{
    char path[64];
    snprintf(path, sizeof path, "csv-%ld.csv", (long)getpid());
    write_file(path, text, size);
    notes[0] = 0;
    *table = NULL;
    az_status status = az_table_read(table, path, options, &listening);
    remove(path);
    return status;
}

/* A table as one line: "name type: cell cell; ...", with ~ for missing, type n or t. */
static void describe(const az_table *table, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (int64_t j = 0; j < table->n_columns && used < size; j++) {
        const az_column *column = &table->columns[j];
        used += (size_t)snprintf(text + used, size - used, "%s%s %s:", j ? "; " : "", column->name,
                                 column->type == AZ_NUMERIC ? "n" : "t");
        for (int64_t i = 0; i < table->n_rows && used < size; i++) {
            const char *level = az_table_text(table, i, j);
            double value = az_table_number(table, i, j);
            if (level)
                used += (size_t)snprintf(text + used, size - used, " %s", level);
            else if (isnan(value))
                used += (size_t)snprintf(text + used, size - used, " ~");
            else
                used += (size_t)snprintf(text + used, size - used, " %.17g", value);
        }
    }
}

typedef struct good_case {
    const char *what, *text;
    az_reader_options options;
    const char *table, *note; /* note: contained in what was said; NULL: nothing was said */
} good_case;

static const good_case good_cases[] = {
    {"plain", "a,b\n1,2\n3,4\n", {0}, "a n: 1 3; b n: 2 4", "comma separated, names in line 1 (--delimiter, --header"},
    {"nothing to guess", "1,2\n", {.delimiter = ",", .header = "none"}, "c0 n: 1; c1 n: 2", NULL},
    {"no final newline", "a,b\n1,2\n3,4", {0}, "a n: 1 3; b n: 2 4", "comma"},
    {"CRLF", "a,b\r\n1,x\r\n3,y\r\n", {0}, "a n: 1 3; b t: x y", "comma"},
    {"lone CR", "a,b\r1,x\r3,y", {0}, "a n: 1 3; b t: x y", "comma"},
    {"byte order mark",
     "\xef\xbb\xbf"
     "a,b\n1,2\n",
     {0},
     "a n: 1; b n: 2",
     "comma"},
    {"semicolons", "a;b\n1;x,y\n2;z\n", {0}, "a n: 1 2; b t: x,y z", "semicolon"},
    {"tabs", "a\tb c\n1\t\n\t4\n", {0}, "a n: 1 ~; b c n: ~ 4", "tab"},
    {"bars", "a|b\n1|2\n", {0}, "a n: 1; b n: 2", "separated by |"},
    {"blanks", "  a   b\n  1  2.5 \n-3\t 4\n", {0}, "a n: 1 -3; b n: 2.5 4", "separated by blanks"},
    {"blanks after commas", "a, b\n1, x y\n2, z\n", {0}, "a n: 1 2; b t: x y z", "comma"},
    {"one column", "a\n1\n2\n", {0}, "a n: 1 2", "names in line 1 (--header changes this)"},
    {"one column without a name", "1\n2\n", {0}, "c0 n: 1 2", "no names: c0, c1"},
    {"quotes",
     "\"a\",\"b\"\n\"1\",\"x, \"\"y\"\"\"\n2,\"two\nlines\"\n",
     {0},
     "a n: 1 2; b t: x, \"y\" two\nlines",
     "comma"},
    {"quotes after blanks", "a, \"b\"\n1, \"x,y\" \n2, z\n", {0}, "a n: 1 2; b t: x,y z", "comma"},
    {"a quote within a cell", "a,b\n1,5\" pipe\n2,6\" pipe\n", {0}, "a n: 1 2; b t: 5\" pipe 6\" pipe", "comma"},
    {"exponents", "a,b\n1.0D+03,1e-2\n.5d0,+7\n5.,-.25E1\n", {0}, "a n: 1000 0.5 5; b n: 0.01 7 -2.5", "comma"},
    {"more digits than fit",
     "a\n0.1000000000000000055511151231257827\n123456789012345678901234567890\n",
     {0},
     "a n: 0.10000000000000001 1.2345678901234568e+29",
     "line 1"},
    {"decimal commas", "a;b\n1,5;2\n-0,25;3,0\n", {.decimal = ","}, "a n: 1.5 -0.25; b n: 2 3", "semicolon"},
    {"missing", "a,b\n1,NA\n?,x\n,\nNaN,y\n", {0}, "a n: 1 ~ ~ ~; b t: ~ x ~ y", "comma"},
    {"missing by value", "a,b\n-999.0,-999\n1,x\n", {.missing = "-999"}, "a n: ~ 1; b t: ~ x", "comma"},
    {"words of one's own", "a,b\n1,NA\nnone,x\n", {.missing = "none"}, "a n: 1 ~; b t: NA x", "comma"},
    {"comments", "# made by hand\na,b\n1,2\n  # a remark, in between\n3,4\n", {0}, "a n: 1 3; b n: 2 4", "line 2"},
    {"another comment sign", "% x\na,#b\n1,2\n", {.comment = "%"}, "a n: 1; #b n: 2", "line 2"},
    {"no comments", "a,b\n1,2\n#3,4\n", {.comment = ""}, "a t: 1 #3; b n: 2 4", "comma"},
    {"names in a comment", "# one two\n# x\ty\n 1.5 2\n 2.5 3\n", {0}, "x n: 1.5 2.5; y n: 2 3", "comment in line 2"},
    {"empty lines", "\na,b\n\n1,2\n \n3,4\n\n", {0}, "a n: 1 3; b n: 2 4", "line 2"},
    {"empty rows at the end", "a,b\n1,2\n,\n3,4\n,\n,\r\n", {0}, "a n: 1 ~ 3; b n: 2 ~ 4", "comma"},
    {"no header", "x,0.5,1\ny,0.25,2\n", {0}, "c0 t: x y; c1 n: 0.5 0.25; c2 n: 1 2", "no names"},
    {"numbers are no names",
     "2019,2020\n1.5,2.5\n3.5,4.5\n",
     {0},
     "c0 n: 2019 1.5 3.5; c1 n: 2020 2.5 4.5",
     "no names"},
    {"but may be told to be", "2019,2020\n1.5,2.5\n", {.header = "1"}, "2019 n: 1.5; 2020 n: 2.5", "comma"},
    {"a count line",
     "2,3,yes,no\n1.5,2.5,3.5,0\n4.5,5.5,6.5,1\n",
     {0},
     "c0 n: 1.5 4.5; c1 n: 2.5 5.5; c2 n: 3.5 6.5; c3 n: 0 1",
     "line 1 (sizes, not a row) left out"},
    {"sizes, then names", "2,2,\nx,y,z\n1,2,3\n4,5,6\n", {0}, "x n: 1 4; y n: 2 5; z n: 3 6", "names in line 2"},
    {"text alone, with names",
     "name,city\nBob,Paris\nAnn,Rome\n",
     {0},
     "name t: Bob Ann; city t: Paris Rome",
     "line 1"},
    {"text alone, without", "yes\nno\nyes\n", {0}, "c0 t: yes no yes", "no names"},
    {"fewer names than columns", "a,b\n1,2,3\n4,5,6\n", {0}, "a n: 1 4; b n: 2 5; c2 n: 3 6", "2 names for 3 columns"},
    {"completed", "a,b\n1,2,3\n4,5,6\n", {.names = "z"}, "a n: 1 4; b n: 2 5; z n: 3 6", "2 names for 3"},
    {"replaced", "a,b\n1,2\n", {.names = "x, `y,z`"}, "x n: 1; y,z n: 2", "line 1"},
    {"the first named", "1,2,3\n4,5,6\n", {.names = "x,y"}, "x n: 1 4; y n: 2 5; c2 n: 3 6", "comma"},
    {"header in line 2", "some title\na,b\n1,2\n3,4\n", {.header = "2"}, "a n: 1 3; b n: 2 4", "comma"},
    {"header in a comment", "#a b\n1 2\n3 4\n", {.header = "1"}, "a n: 1 3; b n: 2 4", "blanks"},
    {"skip", "title, of the table\n\na,b\n1,2\n3,4\n", {.skip = "2"}, "a n: 1 3; b n: 2 4", "line 3"},
    {"relabel", "a,b\n1,<=5.\n2,>5\n3,<=5\n", {.relabel = "<=5.=<=5"}, "a n: 1 2 3; b t: <=5 >5 <=5", "comma"},
    {"relabel to missing", "a,b\n1,u\n2,v\n", {.relabel = "u="}, "a n: 1 2; b t: ~ v", "comma"},
    {"relabel what is not there", "a,b\n1,u\n2,v\n", {.relabel = "\"x=y\"=z"}, "a n: 1 2; b t: u v", "warning"},
    {"odd cells", "a\n1\n2\n3\n4\nabc\n", {0}, "a t: 1 2 3 4 abc", "is text because of \"abc\""},
    {"decimal commas unnoticed", "a;b\n1,5;1\n2,5;2\n", {0}, "a t: 1,5 2,5; b n: 1 2", "--decimal ,"},
    {"all missing", "a,b\n1,\n2,NA\n", {0}, "a n: 1 2; b n: ~ ~", "comma"},
};

static void good_tables(void **state)
{
    (void)state;
    int n_failed = 0;
    for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++) {
        const good_case *test = &good_cases[i];
        az_table *table;
        char found[1024] = "";
        az_status status = read_text(&table, test->text, strlen(test->text), &test->options);
        if (status)
            snprintf(found, sizeof found, "%s", az_error_message());
        else
            describe(table, found, sizeof found);
        bool said = test->note ? strstr(notes, test->note) != NULL : notes[0] == 0;
        if (strcmp(found, test->table) != 0 || !said) {
            fprintf(stderr, "%s:\n  read     %s\n  expected %s\n  said     %s\n", test->what, found, test->table,
                    notes);
            n_failed++;
        }
        az_table_free(table);
    }
    assert_int_equal(n_failed, 0);
}

#define BYTES(text) text, sizeof text - 1
static const struct {
    const char *what, *text;
    size_t size;
    az_reader_options options;
    az_status status;
    const char *said; /* parts that the message contains, separated by | */
} bad_cases[] = {
    {"empty", BYTES(""), {0}, AZ_ERROR_DATA, "empty"},
    {"comments only", BYTES("# a\n\n# b\n"), {0}, AZ_ERROR_DATA, "empty|--comment"},
    {"header only", BYTES("a,b,c\n"), {0}, AZ_ERROR_DATA, "no rows"},
    {"too few cells", BYTES("a,b\n1,2\n3\n4,5\n"), {0}, AZ_ERROR_DATA, "line 3|1 cells|2 were expected"},
    {"too many cells", BYTES("a,b\n1,2\n\n3,4,5,6\n7,8\n"), {0}, AZ_ERROR_DATA, "line 4|4 cells|2 were expected"},
    {"ragged blanks", BYTES("1 2\n3 4\n5\n6 7\n"), {0}, AZ_ERROR_DATA, "line 3|1 cells"},
    {"ragged in a text column", BYTES("a,b\nx,2\ny\nz,3\n"), {0}, AZ_ERROR_DATA, "line 3"},
    {"open quote", BYTES("a,b\n1,\"x\n2,y\n"), {0}, AZ_ERROR_DATA, "line 2|closing quote"},
    {"text after a quote", BYTES("a,b\n1,\"x\"y\n2,z\n"), {0}, AZ_ERROR_DATA, "line 2|after a closing quote"},
    {"zero byte", BYTES("a,b\n1,2\n3,\0\n"), {0}, AZ_ERROR_DATA, "line 3|zero byte"},
    {"Latin-1 cell", BYTES("a,b\n1,x\n2,\xc5ngstr\xf6m\n"), {0}, AZ_ERROR_DATA, "line 3|column 1|UTF-8|iconv"},
    {"Latin-1 name", BYTES("a,\xb5\n1,2\n"), {0}, AZ_ERROR_DATA, "name of column 1|UTF-8"},
    {"infinite", BYTES("a,b\n1,2\n3,inf\n"), {0}, AZ_ERROR_DATA, "line 3|\"inf\"|column 1, b|finite"},
    {"too large", BYTES("a\n1\n-1e400\n"), {0}, AZ_ERROR_DATA, "line 3|\"-1e400\"|--missing"},
    {"equal names", BYTES("a,b,a\n1,2,3\n"), {0}, AZ_ERROR_DATA, "columns 0 and 2|\"a\"|--names"},
    {"too many names", BYTES("a,b,c\n1,2\n3,4\n"), {0}, AZ_ERROR_DATA, "3 column names for 2 columns"},
    {"too many names given", BYTES("1,2\n"), {.names = "a,b,c"}, AZ_ERROR_DATA, "--names gives 3 names for 2"},
    {"no such header line", BYTES("a,b\n1,2\n"), {.header = "5"}, AZ_ERROR_DATA, "no line 5"},
    {"all skipped", BYTES("a,b\n1,2\n"), {.skip = "7"}, AZ_ERROR_DATA, "empty|--skip"},
#ifdef AZ_HAVE_ZLIB
    {"gzip cut short", BYTES("\x1f\x8b\x08\0\0\0\0\0\0\3K\xd4"), {0}, AZ_ERROR_DATA, "gzip"},
#endif
    {"bzip2", BYTES("BZh91AY&SY"), {0}, AZ_ERROR_UNAVAILABLE, "bunzip2"},
    {"spreadsheet", BYTES("PK\x03\x04xx"), {0}, AZ_ERROR_DATA, "spreadsheet"},
    {"UTF-16",
     BYTES("\xff\xfe"
           "a\0,\0b\0\n\0"),
     {0},
     AZ_ERROR_DATA,
     "UTF-16|iconv"},
    {"bad delimiter", BYTES("a\n"), {.delimiter = "::"}, AZ_ERROR_USAGE, "--delimiter"},
    {"a digit as delimiter", BYTES("a\n"), {.delimiter = "1"}, AZ_ERROR_USAGE, "--delimiter"},
    {"bad header", BYTES("a\n"), {.header = "first"}, AZ_ERROR_USAGE, "--header"},
    {"bad skip", BYTES("a\n"), {.skip = "-1"}, AZ_ERROR_USAGE, "--skip"},
    {"bad decimal", BYTES("a\n"), {.decimal = ";"}, AZ_ERROR_USAGE, "--decimal"},
    {"decimal is delimiter", BYTES("a\n"), {.decimal = ",", .delimiter = ","}, AZ_ERROR_USAGE, "--delimiter"},
    {"bad relabel", BYTES("a\nx\ny\nx\n"), {.relabel = "x"}, AZ_ERROR_USAGE, "OLD=NEW"},
    {"no such join", BYTES("a\n1\n"), {.join = "no-such-file.csv"}, AZ_ERROR_NO_INPUT, "no-such-file.csv"},
};

static void bad_tables(void **state)
{
    (void)state;
    int n_failed = 0;
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
        az_table *table;
        az_status status = read_text(&table, bad_cases[i].text, bad_cases[i].size, &bad_cases[i].options);
        bool said = true;
        char parts[256];
        snprintf(parts, sizeof parts, "%s", bad_cases[i].said);
        for (char *part = strtok(parts, "|"); part; part = strtok(NULL, "|"))
            said = said && strstr(az_error_message(), part);
        if (status != bad_cases[i].status || !said || table || strchr(az_error_message(), '\n')) {
            fprintf(stderr, "%s: status %d, \"%s\"\n", bad_cases[i].what, (int)status,
                    status ? az_error_message() : "");
            n_failed++;
        }
        az_table_free(table);
    }
    assert_int_equal(n_failed, 0);
    az_table *table = NULL;
    assert_int_equal(az_table_read(&table, "no-such-file.csv", NULL, NULL), AZ_ERROR_NO_INPUT);
    assert_null(table);
}

static void several_files(void **state)
{
    (void)state;
    write_file("csv-part-1.csv", BYTES("a,b\n1,2\n3,4\n"));
    write_file("csv-part-2.csv", BYTES("a,b\n5,six\n"));
    write_file("csv-part-3.csv", BYTES("b,a\n5,6\n"));
    write_file("csv-side.csv", BYTES("c\n7\n8\n9\n"));
    write_file("csv-labels.csv", BYTES("yes\nno\nyes\n"));
    az_table *table = NULL;
    char found[256];
    az_reader_options options = {.join = "csv-side.csv", .target_file = "csv-labels.csv"};
    assert_int_equal(az_table_read(&table, "csv-part-[12].csv", &options, NULL), AZ_OK);
    describe(table, found, sizeof found);
    assert_string_equal(found, "a n: 1 3 5; b t: 2 4 six; c n: 7 8 9; target t: yes no yes");
    az_table_free(table);

    assert_int_equal(az_table_read(&table, "csv-part-1.csv,csv-part-3.csv", NULL, NULL), AZ_ERROR_DATA);
    assert_non_null(
        strstr(az_error_message(), "csv-part-3.csv: column 0 is called \"b\", but \"a\" in csv-part-1.csv"));
    assert_int_equal(az_table_read(&table, "csv-part-1.csv,csv-side.csv", NULL, NULL), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "1 columns"));
    assert_int_equal(az_table_read(&table, "csv-part-1.csv", &options, NULL), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "3 rows"));
    options = (az_reader_options){.target_file = "csv-part-1.csv"};
    assert_int_equal(az_table_read(&table, "csv-part-1.csv", &options, NULL), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "a target file has one"));
    static const char *const made[] = {"csv-part-1.csv", "csv-part-2.csv", "csv-part-3.csv", "csv-side.csv",
                                       "csv-labels.csv"};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) remove(made[i]);
}

static void compressed(void **state)
{
    (void)state;
#ifndef AZ_HAVE_ZLIB
    fprintf(stderr, "SKIPPED: built without zlib\n");
    skip();
#else
    gzFile file = gzopen("csv-small.csv.gz", "wb");
    assert_non_null(file);
    assert_true(gzputs(file, "a,b\n1,x\n2,y\n") > 0);
    assert_int_equal(gzclose(file), Z_OK);
    az_table *table = NULL;
    char found[256];
    assert_int_equal(az_table_read(&table, "csv-small.csv.gz", NULL, NULL), AZ_OK);
    describe(table, found, sizeof found);
    assert_string_equal(found, "a n: 1 2; b t: x y");
    az_table_free(table);
    remove("csv-small.csv.gz");
#endif
}

/* A file of several blocks, with quoted line breaks at all places relative to their borders and levels that appear in
 * any order: every cell is known, and the digest is the same from 1, 2 and 4 threads. */
static void many_blocks(void **state)
{
    (void)state;
    enum { N_ROWS = 60000 };
    size_t capacity = (size_t)N_ROWS * 80, used = 0;
    char *text = malloc(capacity);
    assert_non_null(text);
    used += (size_t)snprintf(text, capacity, "row,value [m/s],text\n");
    for (int i = 0; i < N_ROWS; i++) {
        if (i % 97 == 0) used += (size_t)snprintf(text + used, capacity - used, "# row %d, \"remark\n", i);
        used += (size_t)snprintf(text + used, capacity - used, "%d,%.17g,\"level %d\nof \"\"%d\"\"\"\n", i, sqrt(i) / 7,
                                 i * 7919 % 1009, i % 3);
    }
    write_file("csv-blocks.csv", text, used - 1); /* without the last newline */
    free(text);
    uint64_t digest = 0;
    for (int n_threads = 1; n_threads <= 4; n_threads *= 2) {
        az_table *table = NULL;
        az_control control = {.n_threads = n_threads};
        assert_int_equal(az_table_read(&table, "csv-blocks.csv", NULL, &control), AZ_OK);
        assert_int_equal(table->n_rows, N_ROWS);
        assert_string_equal(az_table_column_name(table, 1), "value");
        assert_string_equal(az_table_column_unit(table, 1), "m/s");
        assert_int_equal(az_table_column_n_levels(table, 2), 1009 * 3);
        for (int i = 0; i < N_ROWS; i++) {
            char level[64];
            snprintf(level, sizeof level, "level %d\nof \"%d\"", i * 7919 % 1009, i % 3);
            assert_true(az_table_number(table, i, 0) == i);
            assert_true(az_table_number(table, i, 1) == sqrt(i) / 7);
            assert_string_equal(az_table_text(table, i, 2), level);
        }
        assert_string_equal(table->columns[2].levels[1], az_table_text(table, 1, 2));
        if (n_threads == 1) digest = az_table_digest(table);
        assert_true(digest == az_table_digest(table));
        az_table_free(table);
    }
    remove("csv-blocks.csv");
}

/* The numbers of every table of widths 1 to 40 and numbers of digits 1 to 20 are those that strtod reads. */
static void numbers_as_strtod(void **state)
{
    (void)state;
    char text[1 << 14];
    uint64_t random = 88172645463325252u;
    for (int width = 1; width <= 40; width++) {
        size_t used = 0;
        for (int i = 0; i < 12; i++) {
            for (int j = 0; j < width; j++) {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                double value = (double)(int64_t)random / (double)(1ull << (random >> 58));
                static const char *const formats[] = {"%.*f", "%.*e", "%.*g", "%.*g"};
                used += (size_t)snprintf(text + used, sizeof text - used, formats[random & 3],
                                         (int)((random >> 8) % 17), random & 16 ? value : value * 1e-15);
                text[used++] = j + 1 < width ? ',' : '\n';
            }
        }
        az_table *table;
        az_reader_options options = {.delimiter = ",", .header = "none"};
        assert_int_equal(read_text(&table, text, used, &options), AZ_OK);
        const char *at = text;
        for (int i = 0; i < 12; i++) {
            for (int j = 0; j < width; j++) {
                char *end;
                double expected = strtod(at, &end), found = az_table_number(table, i, j);
                assert_memory_equal(&expected, &found, sizeof found);
                at = end + 1;
            }
        }
        az_table_free(table);
    }
}

static double parse_column(const char *text, size_t size, csv_block_fn parse, double *values, int64_t n_rows)
{
    csv_source source = {.path = "test", .dialect = {.newline = '\n', .decimal = '.', .comment = ""}};
    az_csv_set_delimiter(&source.dialect, ',');
    csv_block block = {.source = &source, .begin = text, .end = text + size, .n_rows = n_rows};
    _Atomic unsigned char is_text = 0;
    _Atomic int64_t n_missing = 0, non_finite_row = INT64_MAX;
    csv_reading reading = {.sources = &source,
                           .blocks = &block,
                           .n_blocks = 1,
                           .n_rows = n_rows,
                           .n_columns = 1,
                           .values = &values,
                           .is_text = &is_text,
                           .n_missing = &n_missing,
                           .non_finite_row = &non_finite_row};
    parse(&reading, 0, 0);
    assert_int_equal(block.problem, CSV_FINE);
    assert_int_equal(is_text, 0);
    return values[n_rows - 1];
}

/* The loop for any CPU and the one with vector instructions read the same bits: of every number of digits before and
 * after the point, and of exponents. */
static void instruction_sets_agree(void **state)
{
    (void)state;
    enum { N_ROWS = 22 * 22 * 3 + 1 };
    static double plain[N_ROWS];
    static char text[N_ROWS * 64];
    static const char digits[] = "9007199254740993314159";
    size_t used = 0;
    int64_t row = 0;
    for (int before = 0; before < 22; before++) {
        for (int after = 0; after < 22; after++) {
            for (int form = 0; form < 3; form++, row++) {
                static const char *const ends[] = {"", "e-7", "E+281"};
                used +=
                    (size_t)snprintf(text + used, sizeof text - used, "%s%.*s.%.*s%s\n", form == 1 ? "-" : "", before,
                                     digits, after, digits + (before & 3), before + after ? ends[form] : "5");
            }
        }
    }
    used += (size_t)snprintf(text + used, sizeof text - used, "1.5\n");
    assert_int_equal(row + 1, N_ROWS);
    assert_true(parse_column(text, used, az_csv_parse_block, plain, N_ROWS) == 1.5);
    const char *at = text;
    for (int64_t i = 0; i < N_ROWS; i++) {
        double expected = strtod(at, NULL);
        if (isfinite(expected)) assert_memory_equal(&expected, &plain[i], sizeof expected);
        at = strchr(at, '\n') + 1;
    }
#if defined(__x86_64__) && defined(__GNUC__)
    static double vector[N_ROWS];
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi")) return;
    assert_true(parse_column(text, used, az_csv_parse_block_avx2, vector, N_ROWS) == 1.5);
    assert_memory_equal(plain, vector, sizeof plain);
#endif
}

static void quoting(void **state)
{
    (void)state;
    static const char *const cells[] = {"plain", "a,b",      "say \"so\"", "two\nlines", " blank",
                                        "#x",    "\xce\xbc", "",           "1.5"};
    az_text text = {0};
    az_text_append(&text, "n,cell\n");
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        az_text_append(&text, "0,");
        az_csv_quote(&text, cells[i]);
        az_text_append(&text, "\n");
    }
    az_table *table;
    assert_int_equal(read_text(&table, text.data, text.length, NULL), AZ_OK);
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        const char *read = az_table_text(table, (int64_t)i, 1);
        assert_string_equal(read ? read : "", cells[i]);
    }
    az_table_free(table);
    az_text_free(&text);
}

/* An allocator whose n-th request fails, and which knows how many pieces are out. */
typedef struct failing {
    int64_t n_requests, fails_at, n_out;
} failing;

static void *failing_resize(void *user, void *pointer, size_t n_bytes)
{
    failing *state = user;
    if (++state->n_requests == state->fails_at) return NULL;
    void *made = realloc(pointer, n_bytes);
    state->n_out += made && !pointer;
    return made;
}

static void failing_release(void *user, void *pointer)
{
    failing *state = user;
    state->n_out--;
    free(pointer);
}

/* Whichever allocation fails, the reader says so, gives no table and keeps no memory. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    write_file("csv-memory-1.csv", BYTES("a,,b [m]\n1,\"x \"\"y\"\"\",2\n3,z,NA\n"));
    write_file("csv-memory-2.csv", BYTES("a,,b [m]\n5,w,2.5\n"));
    write_file("csv-memory-side.csv", BYTES("7\n8\n9\n"));
    write_file("csv-memory-target.csv", BYTES("yes\nno\nyes\n"));
    az_reader_options options = {.join = "csv-memory-side.csv",
                                 .target_file = "csv-memory-target.csv",
                                 .names = "text,side",
                                 .relabel = "yes=1,z=w",
                                 .missing = "NA,-9"};
    failing memory = {0};
    az_set_allocator(&(az_allocator){failing_resize, failing_release, &memory});
    bool good = true;
    int64_t n = 0;
    uint64_t digest = 0, last = 0;
    do { /* a message that is lost for want of memory is no failure: the table is then the right one */
        az_table *table = NULL;
        memory = (failing){.fails_at = n};
        az_status status = az_table_read(&table, "csv-memory-[12].csv", &options, &(az_control){.n_threads = 1});
        if (n == 0) digest = az_table_digest(table);
        good = status == (table ? AZ_OK : AZ_ERROR_MEMORY) && (!table || az_table_digest(table) == digest);
        az_table_free(table);
        n++;
        last = (uint64_t)memory.n_requests;
    } while (good && memory.n_out == 0 && (n == 1 || memory.n_requests >= memory.fails_at));
    int64_t n_out = memory.n_out;
    az_set_allocator(NULL);
    static const char *const made[] = {"csv-memory-1.csv", "csv-memory-2.csv", "csv-memory-side.csv",
                                       "csv-memory-target.csv"};
    for (int i = 0; i < 4; i++) remove(made[i]);
    if (!good || n_out)
        fail_msg("allocation %lld: %s, %lld pieces kept", (long long)n - 1, az_error_message(), (long long)n_out);
    assert_true(n > 50 && last > 50);
}

static bool stop(void *user)
{
    (void)user;
    return true;
}

static void interrupted(void **state)
{
    (void)state;
    write_file("csv-stop.csv", BYTES("a\n1\n"));
    az_table *table = NULL;
    assert_int_equal(az_table_read(&table, "csv-stop.csv", NULL, &(az_control){.interrupted = stop}), AZ_INTERRUPTED);
    assert_null(table);
    remove("csv-stop.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_tables),
        cmocka_unit_test(bad_tables),
        cmocka_unit_test(several_files),
        cmocka_unit_test(compressed),
        cmocka_unit_test(many_blocks),
        cmocka_unit_test(numbers_as_strtod),
        cmocka_unit_test(quoting),
        cmocka_unit_test(interrupted),
        cmocka_unit_test(instruction_sets_agree),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
