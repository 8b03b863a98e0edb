/* SPDX-License-Identifier: BSD-3-Clause */
/* Which columns of a text table are times, and that a design reads times in the unit in which it was fitted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/design.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char notes[4096];

static void take_note(void *user, az_level level, const char *text)
{
    (void)user;
    size_t used = strlen(notes);
    snprintf(notes + used, sizeof notes - used, "%s%s\n", level == AZ_WARNING ? "warning: " : "", text);
}

static const az_control listening = {.message = take_note};

static az_status read_text(az_table **table, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "time-%ld.csv", (long)getpid());
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    notes[0] = 0;
    *table = NULL;
    az_status status = az_table_read(table, path, NULL, &listening);
    remove(path);
    return status;
}

static az_table *read_table(const char *text)
{
    az_table *table;
    if (read_text(&table, text)) fail_msg("%s", az_error_message());
    return table;
}

static void test_dates_become_times(void **state)
{
    (void)state;
    az_table *table = read_table("a,b,c,d,e\n"
                                 "1970-01-02,1970,1970-03,x,1970-01-01T12:00Z\n"
                                 "NA,1971,,1970-01-02,1970-01-01 06:00\n"
                                 "1969-12-31,1972,1970-02,y,1970-01-01T00:00:00.5+01:00\n");
    const az_column_type types[] = {AZ_TIME, AZ_NUMERIC, AZ_TIME, AZ_CATEGORICAL, AZ_TIME};
    for (int j = 0; j < 5; j++) assert_int_equal(az_table_column_type(table, j), types[j]);
    assert_string_equal(az_table_column_unit(table, 0), "days since 1970-01-01");
    assert_string_equal(az_table_column_calendar(table, 0), "standard");
    assert_null(az_table_column_calendar(table, 1));
    assert_true(az_table_number(table, 0, 0) == 1 && isnan(az_table_number(table, 1, 0)));
    assert_true(az_table_number(table, 2, 0) == -1);
    assert_int_equal(az_table_column_n_missing(table, 0), 1);
    assert_true(az_table_number(table, 0, 2) == 59 && az_table_number(table, 2, 2) == 31);
    assert_true(az_table_number(table, 0, 4) == 0.5 && az_table_number(table, 1, 4) == 0.25);
    assert_true(fabs(az_table_number(table, 2, 4) - (0.5 - 3600) / 86400) < 1e-15);
    char text[AZ_TIME_MAX];
    az_table_print_number(text, table, 0, 4);
    assert_string_equal(text, "1970-01-01T12:00:00");
    assert_null(strstr(notes, "warning"));
    az_table_free(table);
}

static void test_numbers_with_a_unit_of_time(void **state)
{
    (void)state;
    az_table *table = read_table("t [hours since 2000-01-01],x [K]\n24,1\n25,2\n");
    assert_int_equal(az_table_column_type(table, 0), AZ_TIME);
    char text[AZ_TIME_MAX];
    az_table_print_number(text, table, 1, 0);
    assert_string_equal(text, "2000-01-02T01:00:00");
    az_table_free(table);
    assert_int_equal(read_text(&table, "t [days since 2001-02-29],x\n1,2\n"), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "2001-02-29"));
}

/* Nearly all are dates: the cell that is none is named, and the column stays text. */
static void test_odd_cells(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *says;
    } cases[] = {{"2021-02-30", "the calendar does not have"}, {"soon", "because of \"soon\""}, {"2021", "\"2021\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, "d,x\n2021-01-01,1\n2021-01-02,2\n2021-01-03,3\n2021-01-04,4\n2021-01-05,5\n%s,6\n",
                 cases[i].cell);
        az_table *table = read_table(text);
        assert_int_equal(az_table_column_type(table, 0), AZ_CATEGORICAL);
        assert_non_null(strstr(notes, "warning: "));
        assert_non_null(strstr(notes, cases[i].cell));
        assert_non_null(strstr(notes, cases[i].says));
        az_table_free(table);
    }
    az_table *table = read_table("d,x\n2021-01-01,1\nsoon,2\nlater,3\n");
    assert_null(strstr(notes, "warning")); /* text that holds a date here and there is text */
    az_table_free(table);
}

static az_table *table_of(const char *unit, const char *calendar, const double *values, int64_t n)
{
    az_table *table;
    assert_int_equal(az_table_new(&table, n), AZ_OK);
    assert_int_equal(az_table_add_time(table, "t", unit, calendar, values, 1), AZ_OK);
    return table;
}

/* A design fitted on days reads hours since another day as the same moments, and refuses what is no time. */
static void test_designs_read_times_in_their_unit(void **state)
{
    (void)state;
    const double days[] = {0, 10.25, 400, 17000.5}, shift = 25567 * 24; /* 1900-01-01 to 1970-01-01 in hours */
    double hours[4];
    for (int i = 0; i < 4; i++) hours[i] = days[i] * 24 + shift;
    az_table *fitted = table_of("days since 1970-01-01", "standard", days, 4);
    az_table *other = table_of("hours since 1900-01-01", "proleptic_gregorian", hours, 4);
    const int64_t columns[] = {0, 0};
    az_design_options options = {.degree = 1};
    for (int periodic = 0; periodic < 2; periodic++) {
        const double periods[] = {0, periodic ? 365.2425 : 0};
        az_design *design, *loaded;
        az_encoder *encoder;
        az_bundle *bundle;
        assert_int_equal(
            az_design_fit(&design, fitted, columns, 1 + periodic, periods, NULL, NULL, 4, NULL, &options, NULL), AZ_OK);
        assert_int_equal(az_bundle_new(&bundle), AZ_OK);
        assert_int_equal(az_design_save(design, bundle), AZ_OK);
        assert_int_equal(az_design_load(&loaded, bundle), AZ_OK);
        assert_int_equal(loaded->inputs[0].type, AZ_TIME);
        assert_true(az_time_unit_equal(&loaded->inputs[0].time, &design->inputs[0].time));
        if (periodic) {
            assert_string_equal(loaded->features[1].name, "cos(t, year)");
            assert_string_equal(loaded->features[2].name, "sin(t, year)");
        }
        assert_int_equal(az_encoder_new(&encoder, loaded, other), AZ_OK);
        double raw[8];
        az_encoder_rows(encoder, NULL, 0, 4, raw);
        for (int i = 0; i < 4; i++) assert_true(raw[i * (1 + periodic)] == days[i]);
        az_encoder_free(encoder);
        az_bundle_free(bundle);
        az_design_free(loaded);

        az_table *noleap = table_of("days since 1970-01-01", "noleap", days, 4), *plain;
        assert_int_equal(az_encoder_new(&encoder, design, noleap), AZ_ERROR_DATA);
        assert_non_null(strstr(az_error_message(), "noleap"));
        assert_int_equal(az_table_new(&plain, 4), AZ_OK);
        assert_int_equal(az_table_add_numeric(plain, "t", NULL, days, 1), AZ_OK);
        assert_int_equal(az_encoder_new(&encoder, design, plain), AZ_ERROR_DATA);
        assert_non_null(strstr(az_error_message(), "plain numbers"));
        az_table_free(noleap);
        az_table_free(plain);
        az_design_free(design);
    }
    az_table_free(fitted);
    az_table_free(other);
}

/* The digest tells the same numbers in another unit apart. */
static void test_digest(void **state)
{
    (void)state;
    const double days[] = {0, 1};
    az_table *a = table_of("days since 1970-01-01", NULL, days, 2),
             *b = table_of("days since 1970-01-02", NULL, days, 2),
             *c = table_of("days since 1970-01-01", "noleap", days, 2);
    assert_true(az_table_digest(a) != az_table_digest(b) && az_table_digest(a) != az_table_digest(c));
    az_table_free(a);
    az_table_free(b);
    az_table_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates_become_times),
        cmocka_unit_test(test_numbers_with_a_unit_of_time),
        cmocka_unit_test(test_odd_cells),
        cmocka_unit_test(test_designs_read_times_in_their_unit),
        cmocka_unit_test(test_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
