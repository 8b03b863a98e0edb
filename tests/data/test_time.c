/* SPDX-License-Identifier: BSD-3-Clause */
/* Times against cftime, and what must hold for every day of every calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/calendar.h"
#include "frozen_times.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static az_time_unit unit_of(const char *text, const char *calendar)
{
    az_time_unit unit;
    az_status status = az_time_unit_parse(&unit, text, calendar);
    if (status) fail_msg("%s, %s: %s", text, calendar ? calendar : "", az_error_message());
    return unit;
}

static void test_values_and_texts_are_those_of_cftime(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frozen_times / sizeof *frozen_times; i++) {
        const char *text = frozen_times[i].date;
        az_time_unit unit = unit_of(frozen_times[i].unit, frozen_times[i].calendar);
        az_date date;
        assert_true(az_date_parse(&date, text, text + strlen(text), unit.calendar, NULL));
        /* cftime rounds once or twice, after microseconds: at most a unit in the last place apart. */
        double value = az_time_of_date(&unit, &date), expected = frozen_times[i].value;
        if (!(fabs(value - expected) <= 0x1p-52 * fabs(expected)))
            fail_msg("%s, %s, %s: %.17g, not %.17g", frozen_times[i].unit, frozen_times[i].calendar, text, value,
                     expected);
        char printed[AZ_TIME_MAX];
        size_t length = az_time_print(printed, &unit, expected);
        assert_int_equal(length, strlen(printed));
        assert_string_equal(printed, text);
    }
}

static void test_dates_that_a_calendar_lacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frozen_no_dates / sizeof *frozen_no_dates; i++) {
        az_time_unit unit = unit_of("days since 1970-01-01", frozen_no_dates[i].calendar);
        const char *text = frozen_no_dates[i].date;
        az_date date;
        bool in_calendar;
        assert_false(az_date_parse(&date, text, text + strlen(text), unit.calendar, &in_calendar));
        assert_false(in_calendar);
    }
}

/* Each day is one after the one before it, its date comes back, and it is the day after that date. */
static void test_every_day_of_seven_centuries(void **state)
{
    (void)state;
    for (int calendar = AZ_CALENDAR_STANDARD; calendar <= AZ_CALENDAR_JULIAN; calendar++) {
        int64_t first = az_calendar_day((az_calendar)calendar, 1398, 1, 1);
        int64_t year_before = 1397;
        int month_before = 12, day_before = 31, longest = calendar == AZ_CALENDAR_360_DAY ? 30 : 31;
        for (int64_t number = first; number < first + 700 * 366; number++) {
            int64_t year;
            int month, day;
            az_calendar_date((az_calendar)calendar, number, &year, &month, &day);
            assert_true(az_calendar_has((az_calendar)calendar, year, month, day));
            assert_int_equal(az_calendar_day((az_calendar)calendar, year, month, day), number);
            bool next_day = year == year_before && month == month_before && day == day_before + 1;
            bool next_month = year == year_before && month == month_before + 1 && day == 1 && day_before >= 28;
            bool next_year = year == year_before + 1 && month == 1 && day == 1 && day_before >= longest - 1;
            bool reform =
                calendar == AZ_CALENDAR_STANDARD && year == 1582 && month == 10 && day == 15 && day_before == 4;
            assert_true(next_day || next_month || next_year || reform);
            year_before = year;
            month_before = month;
            day_before = day;
        }
    }
}

/* No unit drifts: a step of a second over the years comes back to the microsecond, and its text is exact. */
static void test_no_drift(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "microseconds since 1800-01-01", "milliseconds since 1800-01-01", "seconds since 1800-01-01",
        "minutes since 1800-01-01",      "hours since 1800-01-01",        "days since 1800-01-01",
        "weeks since 1800-01-01",        "months since 1800-01-01",       "years since 1800-01-01"};
    for (size_t u = 0; u < sizeof texts / sizeof *texts; u++) {
        az_time_unit unit = unit_of(texts[u], NULL), seconds = unit_of("seconds since 1970-01-01", NULL);
        for (int64_t i = 0; i < 20000; i++) {
            double expected = (double)(i * 345677 - 3000000000);
            az_date date, again;
            az_date_of_time(&seconds, expected, &date);
            double value = az_time_of_date(&unit, &date);
            az_date_of_time(&unit, value, &again);
            assert_true(fabs(az_time_of_date(&seconds, &again) - expected) <= 2e-6);
            char text[AZ_TIME_MAX], same[AZ_TIME_MAX];
            az_time_print(text, &unit, value);
            az_time_print(same, &seconds, expected);
            assert_string_equal(text, same);
            double converted = expected;
            assert_int_equal(az_time_convert(&seconds, &unit, &converted, 1), AZ_OK);
            assert_true(fabs(converted - value) <= 0x1p-51 * fabs(value));
        }
    }
}

static void check_print(const char *unit, double value, const char *expected)
{
    az_time_unit parsed = unit_of(unit, NULL);
    char text[AZ_TIME_MAX];
    assert_int_equal(az_time_print(text, &parsed, value), strlen(expected));
    assert_string_equal(text, expected);
}

static void test_texts(void **state)
{
    (void)state;
    check_print("days since 1970-01-01", NAN, "");
    check_print("days since 1970-01-01", 0, "1970-01-01");
    check_print("days since 1970-01-01", 1.0 / 3, "1970-01-01T08:00:00");
    check_print("days since 1970-01-01", -0.5, "1969-12-31T12:00:00");
    check_print("seconds since 1970-01-01", 0.25, "1970-01-01T00:00:00.250");
    check_print("seconds since 1970-01-01", 86399.9999999, "1970-01-02");
    check_print("seconds since 1970-01-01", 1e-6, "1970-01-01T00:00:00.000001");
    check_print("days since 10000-01-01", 1, "+10000-01-02");
    check_print("days since 1-1-1", -1, "-0001-12-31");
    check_print("days since 1970-01-01", 1e300, "1e+300");
    check_print("days since 1970-01-01", INFINITY, "inf");

    static const struct {
        const char *text;
        double days; /* since 1970; NaN: no date */
    } cells[] = {{"1970-01-02", 1},
                 {"1970-02", 31},
                 {"1970-01-01T06:00", 0.25},
                 {"1970-01-01 06:00:00", 0.25},
                 {"1970-01-01T06:00:00Z", 0.25},
                 {"1970-01-01T06:00+01:00", 5.0 / 24},
                 {"1970-01-01T00:30:00+0130", -1.0 / 24},
                 {"1970-01-01T23:00-02", 25.0 / 24},
                 {"1970-01-01T00:00:00.5", 0.5 / 86400},
                 {"+1970-01-02", 1},
                 {"1970", NAN},
                 {"19700101", NAN},
                 {"70-01-01", NAN},
                 {"1970-1-1", NAN},
                 {"1970-01-01T", NAN},
                 {"1970-01-01T6:00", NAN},
                 {"1970-01-01T06", NAN},
                 {"1970-01-01T06:00:00 UTC", NAN},
                 {"1970-01-01T24:00", NAN},
                 {"1970-01-01T23:59:60", NAN},
                 {"1970-01-01x", NAN},
                 {"1970-01-", NAN},
                 {"", NAN},
                 {"-", NAN},
                 {"NaN", NAN}};
    az_time_unit days = unit_of(AZ_TIME_DEFAULT_UNIT, NULL);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        az_date date;
        const char *text = cells[i].text;
        bool parsed = az_date_parse(&date, text, text + strlen(text), AZ_CALENDAR_STANDARD, NULL);
        if (parsed != !isnan(cells[i].days)) fail_msg("\"%s\" is%s a date", text, parsed ? "" : " not");
        if (parsed) assert_true(az_time_of_date(&days, &date) == cells[i].days);
    }
}

static void test_units(void **state)
{
    (void)state;
    assert_true(az_is_time_unit("days since 1970-01-01"));
    assert_true(az_is_time_unit("Hours Since 1-1-1 00:00:0.0"));
    assert_false(az_is_time_unit("days"));
    assert_false(az_is_time_unit("K"));
    assert_false(az_is_time_unit(NULL));
    assert_false(az_is_time_unit("counts since 1970-01-01"));

    static const struct {
        const char *unit, *calendar, *says;
    } wrong[] = {{"fortnights since 1970-01-01", NULL, "no unit of time"},
                 {"days", NULL, "no unit of time"},
                 {"days since the flood", NULL, "no date"},
                 {"days since ", NULL, "no "},
                 {"days since 1970-02-30", NULL, "calendar standard does not have"},
                 {"days since 1582-10-10", NULL, "does not have"},
                 {"days since 1970-01-31", "360_day", "calendar 360_day does not have"},
                 {"days since 1970-01-01 25:00", NULL, "does not have"},
                 {"days since 1970-01-01", "lunar", "there is no calendar \"lunar\""},
                 {"years since 1970-01-01", "noleap", "count days"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        az_time_unit unit;
        assert_int_equal(az_time_unit_parse(&unit, wrong[i].unit, wrong[i].calendar), AZ_ERROR_DATA);
        if (!strstr(az_error_message(), wrong[i].says)) fail_msg("%s: %s", wrong[i].unit, az_error_message());
    }

    /* UDUNITS: udunits2 -H 'months' -W 'days' gives 30.4368499 */
    assert_true(fabs(unit_of("months since 1970-01-01", NULL).seconds / 86400 - 30.436849898416667) < 1e-13);
    assert_true(fabs(unit_of("years since 1970-01-01", NULL).seconds / 86400 - 365.242198781) < 1e-12);
    /* One moment, three ways to name it. */
    az_time_unit a = unit_of("hours since 1990-1-1 00:00:0 -6:00", NULL),
                 b = unit_of("hours since 1990-01-01T06:00Z", NULL),
                 c = unit_of("hours since 1990-01-01 06:00 UTC", NULL);
    assert_true(a.origin_day == b.origin_day && a.origin_second == b.origin_second);
    assert_true(a.origin_day == c.origin_day && a.origin_second == c.origin_second);
}

static void test_conversion_between_calendars(void **state)
{
    (void)state;
    az_time_unit standard = unit_of("days since 1-1-1", "gregorian"),
                 proleptic = unit_of("hours since 1970-01-01", "proleptic_gregorian"),
                 noleap = unit_of("days since 1970-01-01", "noleap");
    double value = 719164; /* of 1970-01-01 since 1-1-1 in the mixed calendar: cftime */
    assert_int_equal(az_time_convert(&standard, &proleptic, &value, 1), AZ_OK);
    assert_true(value == 0);
    assert_int_equal(az_time_convert(&proleptic, &standard, &value, 1), AZ_OK);
    assert_true(value == 719164);
    value = 577736; /* 1582-10-04 */
    char text[AZ_TIME_MAX];
    az_time_print(text, &standard, value);
    assert_string_equal(text, "1582-10-04");
    assert_int_equal(az_time_convert(&standard, &proleptic, &value, 1), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "1582-10-15"));
    value = 0;
    assert_int_equal(az_time_convert(&noleap, &proleptic, &value, 1), AZ_ERROR_DATA);
    value = NAN;
    assert_int_equal(az_time_convert(&standard, &proleptic, &value, 1), AZ_OK);
    assert_true(isnan(value));
}

static void test_units_as_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frozen_times / sizeof *frozen_times; i++) {
        az_time_unit unit = unit_of(frozen_times[i].unit, frozen_times[i].calendar);
        char text[AZ_TIME_UNIT_MAX];
        az_time_unit_print(text, &unit);
        az_time_unit again = unit_of(text, az_calendar_name(unit.calendar));
        if (!az_time_unit_equal(&unit, &again)) fail_msg("%s became %s", frozen_times[i].unit, text);
    }
}

static void test_lengths(void **state)
{
    (void)state;
    az_time_unit hours = unit_of("hours since 1970-01-01", NULL);
    double length;
    assert_int_equal(az_time_length(&hours, "30 days", &length), AZ_OK);
    assert_true(length == 720);
    assert_int_equal(az_time_length(&hours, "6months", &length), AZ_OK);
    assert_true(fabs(length - 24 * 365.2425 / 2) < 1e-9);
    assert_int_equal(az_time_length(NULL, "2.5", &length), AZ_OK);
    assert_true(length == 2.5);
    static const char *const wrong[] = {"", "days", "-1", "3 fortnights", "3 days ago", "inf", "nan"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(az_time_length(&hours, wrong[i], &length), AZ_ERROR_USAGE);
    assert_int_equal(az_time_length(NULL, "30 days", &length), AZ_ERROR_USAGE);
}

static void test_periods(void **state)
{
    (void)state;
    az_time_unit days = unit_of("days since 1970-01-01", NULL), hours = unit_of("hours since 1970-01-01", "360_day");
    assert_true(az_time_period(&days, "year") == 365.2425);
    assert_true(az_time_period(&days, "day") == 1);
    assert_true(az_time_period(&hours, "year") == 8640);
    assert_true(az_time_period(&hours, "month") == 720);
    assert_true(az_time_period(&hours, "hour") == 1);
    assert_true(az_time_period(&hours, "decade") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_texts_are_those_of_cftime),
        cmocka_unit_test(test_dates_that_a_calendar_lacks),
        cmocka_unit_test(test_every_day_of_seven_centuries),
        cmocka_unit_test(test_no_drift),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_conversion_between_calendars),
        cmocka_unit_test(test_units_as_text),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_periods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
