/* SPDX-License-Identifier: BSD-3-Clause */
/* Derived columns and chosen rows, in one table and block by block. */
#include "data/derive.h"
#include "data/source.h"
#include "fail_allocation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { N_ROWS = 6 };
static const double period[N_ROWS] = {10, 100, NAN, 0, 1000, -1};
static const double mass[N_ROWS] = {1, 2, 3, 4, NAN, 6};
static const double days[N_ROWS] = {0, 59, 365, 366, NAN, -1};
static const char *const method[N_ROWS] = {"transit", "velocity", "transit", NULL, "imaging", "velocity"};

static az_table *make_table(void)
{
    az_table *table = NULL;
    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "period", "d", period, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "mass of it", NULL, mass, 1), AZ_OK);
    assert_int_equal(az_table_add_time(table, "time", "days since 2000-01-01", NULL, days, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "method", method), AZ_OK);
    return table;
}

typedef struct told {
    int n;
    char text[1024];
} told;

static void listen(void *user, az_level level, const char *message)
{
    (void)level;
    told *heard = user;
    heard->n++;
    snprintf(heard->text + strlen(heard->text), sizeof heard->text - strlen(heard->text), "%s\n", message);
}

static az_status derive_table(az_table *table, const char *derive, const char *where, told *heard)
{
    const az_reader_options options = {.derive = derive, .where = where};
    const az_control control = {.message = listen, .user = heard};
    az_derive *made = NULL;
    az_status status = az_derive_new(&made, &options);
    if (!status && made) status = az_derive_apply(made, table, heard ? &control : NULL);
    if (!status && made) status = az_derive_finish(made, heard ? &control : NULL);
    az_derive_free(made);
    return status;
}

static void expect_column(const az_table *table, const char *name, const double *expected)
{
    int64_t column = -1, n_missing = 0;
    assert_int_equal(az_table_find(table, name, &column), AZ_OK);
    for (int64_t i = 0; i < table->n_rows; i++) {
        double value = az_table_number(table, i, column);
        if (isnan(expected[i]) ? !isnan(value) : fabs(value - expected[i]) > 1e-14)
            fail_msg("%s, row %d: %.17g", name, (int)i, value);
        n_missing += isnan(value);
    }
    assert_int_equal(table->columns[column].n_missing, n_missing);
}

static void test_columns(void **state)
{
    (void)state;
    az_table *table = make_table();
    told heard = {0};
    assert_int_equal(
        derive_table(table,
                     "lp = log10(period); twice = 2*lp; m = `mass of it`; `is it` = method == 'transit'; "
                     "how = method; when = time; year = year(time); month = month(time); day = day(time); "
                     "of_year = day_of_year(time); p = period; `f [1/d]` = 1/period; g = 2*f; `q [days]` = period",
                     NULL, &heard),
        AZ_OK);
    expect_column(table, "lp", (const double[]){1, 2, NAN, NAN, 3, NAN});
    expect_column(table, "twice", (const double[]){2, 4, NAN, NAN, 6, NAN});
    expect_column(table, "m", mass);
    expect_column(table, "is it", (const double[]){1, 0, 1, NAN, 0, 0});
    expect_column(table, "year", (const double[]){2000, 2000, 2000, 2001, NAN, 1999});
    expect_column(table, "month", (const double[]){1, 2, 12, 1, NAN, 12});
    expect_column(table, "day", (const double[]){1, 29, 31, 1, NAN, 31});
    expect_column(table, "of_year", (const double[]){1, 60, 366, 1, NAN, 365});
    /* A plain copy is of the same type and has the same unit; what is computed has none. */
    int64_t column;
    assert_int_equal(az_table_find(table, "p", &column), AZ_OK);
    assert_string_equal(az_table_column_unit(table, column), "d");
    assert_int_equal(az_table_find(table, "lp", &column), AZ_OK);
    assert_null(az_table_column_unit(table, column));
    assert_int_equal(az_table_find(table, "f", &column), AZ_OK);
    assert_string_equal(az_table_column_unit(table, column), "1/d");
    expect_column(table, "g", (const double[]){0.2, 0.02, NAN, NAN, 0.002, -2});
    assert_int_equal(az_table_find(table, "q", &column), AZ_OK);
    assert_string_equal(az_table_column_unit(table, column), "days");
    assert_int_equal(az_table_find(table, "how", &column), AZ_OK);
    assert_int_equal(az_table_column_type(table, column), AZ_CATEGORICAL);
    assert_string_equal(az_table_text(table, 4, column), "imaging");
    assert_null(az_table_text(table, 3, column));
    assert_int_equal(az_table_find(table, "when", &column), AZ_OK);
    assert_int_equal(az_table_column_type(table, column), AZ_TIME);
    /* log10 of 0 and of -1; the third row was missing before. */
    assert_non_null(strstr(heard.text, "\"lp\" has no finite value in 2 of 6 rows"));
    assert_non_null(strstr(heard.text, "\"f\" has no finite value in 1 of 6 rows"));
    assert_int_equal(heard.n, 2);
    az_table_free(table);
}

static void expect_rows(const char *where, const int64_t *rows, int64_t n)
{
    az_table *table = make_table();
    az_status status = derive_table(table, "m = `mass of it`", where, NULL);
    if (status) fail_msg("%s: %s", where, az_error_message());
    if (table->n_rows != n) fail_msg("%s keeps %d rows", where, (int)table->n_rows);
    for (int64_t i = 0; i < n; i++) {
        if (az_table_row_number(table, i) != rows[i]) fail_msg("%s: row %d", where, (int)i);
        const double m = az_table_number(table, i, 1);
        assert_true(isnan(mass[rows[i]]) ? isnan(m) : m == mass[rows[i]]);
        assert_true(az_table_number(table, i, 4) == m || isnan(m));
        const char *text = az_table_text(table, i, 3);
        assert_true(text && method[rows[i]] ? strcmp(text, method[rows[i]]) == 0 : text == method[rows[i]]);
    }
    az_table_free(table);
}

static void test_rows(void **state)
{
    (void)state;
    expect_rows("m > 2", (const int64_t[]){2, 3, 5}, 3);
    expect_rows("period", (const int64_t[]){0, 1, 4, 5}, 4);
    expect_rows("method != 'transit'", (const int64_t[]){1, 4, 5}, 3);
    expect_rows("is_missing(method) or is_missing(period)", (const int64_t[]){2, 3}, 2);
    expect_rows("time >= '2000-02-29' and time < \"2000-12-31\"", (const int64_t[]){1}, 1);
    expect_rows("time < '2000-01-01'", (const int64_t[]){5}, 1);
    expect_rows("1", (const int64_t[]){0, 1, 2, 3, 4, 5}, 6);
}

/* What is left is the table that only these rows would have made: levels without a row are gone. */
static void test_levels(void **state)
{
    (void)state;
    static const double few_period[] = {100, 1000, -1}, few_mass[] = {2, NAN, 6}, few_days[] = {59, NAN, -1};
    static const char *const few_method[] = {"velocity", "imaging", "velocity"};
    az_table *table = make_table(), *few = NULL, *view = NULL;
    assert_int_equal(az_table_view(&view, table), AZ_OK);
    const uint64_t digest = az_table_digest(table);
    assert_int_equal(az_table_new(&few, 3), AZ_OK);
    assert_int_equal(az_table_add_numeric(few, "period", "d", few_period, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(few, "mass of it", NULL, few_mass, 1), AZ_OK);
    assert_int_equal(az_table_add_time(few, "time", "days since 2000-01-01", NULL, few_days, 1), AZ_OK);
    assert_int_equal(az_table_add_text(few, "method", few_method), AZ_OK);
    assert_int_equal(derive_table(view, NULL, "method != 'transit'", NULL), AZ_OK);
    assert_true(az_table_digest(view) == az_table_digest(few));
    for (int j = 0; j < 4; j++) assert_int_equal(view->columns[j].n_missing, few->columns[j].n_missing);
    assert_true(az_table_digest(table) == digest); /* of which the view borrowed */
    assert_int_equal(derive_table(view, NULL, "method == 'velocity'", NULL), AZ_OK);
    assert_int_equal(view->columns[3].n_levels, 1);
    assert_int_equal(az_table_row_number(view, 1), 5); /* still the numbers of the data */
    az_table_free(view);
    az_table_free(few);
    az_table_free(table);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *derive, *where;
        az_status status;
        const char *says;
    } cases[] = {
        {"log10(period)", NULL, AZ_ERROR_USAGE, "--derive: a derived column needs a name"},
        {"2*lp = period", NULL, AZ_ERROR_USAGE, "--derive: the left side of a derived column is its name"},
        {" ; ", NULL, AZ_ERROR_USAGE, "--derive: the formula is empty"},
        {"", NULL, AZ_ERROR_USAGE, "--derive: the formula is empty"},
        {"a = ", NULL, AZ_ERROR_USAGE, "--derive: after \"=\""},
        {"period = 1", NULL, AZ_ERROR_USAGE, "table has a column \"period\" already"},
        {"a = 1; a = 2", NULL, AZ_ERROR_USAGE, "table has a column \"a\" already"},
        {"b = a; a = 1", NULL, AZ_ERROR_DATA, "no column \"a\""},
        {"a = perod", NULL, AZ_ERROR_DATA, "did you mean \"period\"?"},
        {"a = b, b=2", NULL, AZ_ERROR_USAGE, "no free parameters, and \"b\" is given a start"},
        {NULL, "period = 3", AZ_ERROR_USAGE, "--where: \"=\" makes an equation"},
        {NULL, "", AZ_ERROR_USAGE, "--where: the formula is empty"},
        {NULL, "mass > 1", AZ_ERROR_DATA, "no column \"mass\""},
        {NULL, "period > 1e6", AZ_ERROR_DATA, "--where \"period > 1e6\" holds for none of 6 rows"},
        {NULL, "time > '2000-02-30'", AZ_ERROR_USAGE, "is no date of the calendar"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        az_table *table = make_table();
        az_status status = derive_table(table, cases[i].derive, cases[i].where, NULL);
        if (status != cases[i].status || !strstr(az_error_message(), cases[i].says))
            fail_msg("%s, %s: status %d: %s", cases[i].derive, cases[i].where, status, az_error_message());
        az_table_free(table);
    }
}

/* ---- sources ---- */

enum { N_STREAM = 100000 };

static int64_t next_rows(void *user, double *rows, int64_t max_rows)
{
    int64_t *at = user, n = 0;
    for (; n < max_rows && n < 4096 && *at < N_STREAM; n++, ++*at) {
        rows[2 * n] = (double)*at;
        rows[2 * n + 1] = *at % 11 == 0 ? NAN : (double)(*at % 101) - 50;
    }
    return n;
}

static bool rewind_rows(void *user)
{
    *(int64_t *)user = 0;
    return true;
}

static void test_source(void **state)
{
    (void)state;
    static const char *const names[] = {"i", "x"};
    const az_reader_options options = {.derive = "r = sqrt(x); s = r + i", .where = "s > 50 or i > 99990"};
    int64_t at = 0;
    told heard = {0};
    uint64_t digests[3];
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        const az_control control = {.message = listen, .user = &heard, .n_threads = n_threads};
        const az_source_callback callback = {2, names, NULL, N_STREAM, next_rows, rewind_rows, &at};
        az_source *source = NULL;
        heard = (told){0};
        at = 0;
        assert_int_equal(az_source_of_callback(&source, &callback), AZ_OK);
        assert_int_equal(az_source_derive(&source, source, &options, &control), AZ_OK);
        assert_int_equal(az_source_n_rows(source), -1);
        for (int pass = 0; pass < 2; pass++) {
            az_table *all = NULL;
            int64_t k = 0;
            assert_int_equal(az_table_collect(&all, source, &control), AZ_OK);
            assert_int_equal(all->n_columns, 4);
            for (int64_t i = 0; i < N_STREAM; i++) {
                double x = i % 11 == 0 ? NAN : (double)(i % 101) - 50, s = sqrt(x) + (double)i;
                if (!(s > 50) && i <= 99990) continue;
                assert_true(k < all->n_rows && az_table_row_number(all, k) == i);
                assert_true(az_table_number(all, k, 0) == (double)i);
                assert_true(isnan(s) ? isnan(az_table_number(all, k, 3)) : az_table_number(all, k, 3) == s);
                k++;
            }
            assert_int_equal(all->n_rows, k);
            digests[n_threads - 1] = az_table_digest(all);
            az_table_free(all);
            assert_int_equal(az_source_rewind(source), AZ_OK);
        }
        az_source_free(source);
        /* Said once, not in each pass or block: r has no value (s only misses its input), rows are left out. */
        assert_int_equal(heard.n, 2);
        assert_non_null(strstr(heard.text, "of 100000 rows"));
    }
    assert_true(digests[0] == digests[1] && digests[0] == digests[2]);
}

static void test_source_of_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"i", "x"};
    const az_reader_options nothing = {0}, none = {.where = "i < 0"}, wrong = {.where = "i <"};
    int64_t at = 0;
    const az_source_callback callback = {2, names, NULL, N_STREAM, next_rows, rewind_rows, &at};
    az_source *source = NULL, *same;
    const az_table *block;
    assert_int_equal(az_source_of_callback(&source, &callback), AZ_OK);
    assert_int_equal(az_source_derive(&same, source, &nothing, NULL), AZ_OK);
    assert_ptr_equal(source, same);
    assert_int_equal(az_source_derive(&source, source, &none, NULL), AZ_OK);
    assert_int_equal(az_source_next(source, &block, NULL), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "holds for none of 100000 rows"));
    az_source_free(source);
    assert_int_equal(az_source_of_callback(&source, &callback), AZ_OK);
    assert_int_equal(az_source_derive(&same, source, &wrong, NULL), AZ_ERROR_USAGE); /* and `source` is freed */
}

static void test_needed(void **state)
{
    (void)state;
    static const char *const names[] = {"b", "x"};
    az_reader_options options = {.derive = "`a [K]` = x + 1; t = log(y); b = a^2; c = 2*b; `d d` = x"};
    char *needed = NULL;
    assert_int_equal(az_derive_needed(&needed, &options, names, 2), AZ_OK);
    assert_string_equal(needed, "`a [K]` = x + 1; b = a^2");
    az_free(needed);
    options.where = "`d d` > 1";
    assert_int_equal(az_derive_needed(&needed, &options, names + 1, 1), AZ_OK);
    assert_string_equal(needed, "`d d` = x");
    az_free(needed);
    options.where = NULL;
    assert_int_equal(az_derive_needed(&needed, &options, names + 1, 1), AZ_OK);
    assert_null(needed);
}

static az_status all_of_it(void *context)
{
    (void)context;
    az_table *table = NULL;
    az_status status = az_table_new(&table, N_ROWS);
    if (!status) status = az_table_add_numeric(table, "period", "d", period, 1);
    if (!status) status = az_table_add_text(table, "method", method);
    if (!status) status = derive_table(table, "a = period^2; b = method; c = a + 1", "method != 'transit'", NULL);
    az_table_free(table);
    return status;
}

static void test_no_memory(void **state)
{
    (void)state;
    assert_true(fail_each_allocation(all_of_it, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns), cmocka_unit_test(test_rows),      cmocka_unit_test(test_levels),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_source),    cmocka_unit_test(test_source_of_nothing),
        cmocka_unit_test(test_needed),  cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
