/* SPDX-License-Identifier: BSD-3-Clause */
/* Units of time and what numbers in them mean. */
#include "base/number.h"
#include "data/calendar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SECONDS_OF_DAY 86400.0

/* The year of UDUNITS: the tropical year of 1900, udunits2-common.xml. */
#define UDUNITS_YEAR (365.242198781 * SECONDS_OF_DAY)

static const struct {
    const char *step, *names; /* names: between blanks */
    double seconds;
} units[] = {
    {"microsecond", " microseconds microsecond microsecs microsec us ", 1e-6},
    {"millisecond", " milliseconds millisecond millisecs millisec msecs msec ms ", 1e-3},
    {"second", " seconds second secs sec s ", 1},
    {"minute", " minutes minute mins min ", 60},
    {"hour", " hours hour hrs hr h ", 3600},
    {"day", " days day d ", SECONDS_OF_DAY},
    {"week", " weeks week ", 7 * SECONDS_OF_DAY},
    {"month", " months month ", UDUNITS_YEAR / 12},
    {"year", " years year yr ", UDUNITS_YEAR},
    {"common_year", " common_years common_year ", 365 * SECONDS_OF_DAY},
};

static const struct {
    const char *name;
    az_calendar calendar;
} calendars[] = {
    /* The first name of each is the one that is written. */
    {"standard", AZ_CALENDAR_STANDARD},  {"proleptic_gregorian", AZ_CALENDAR_PROLEPTIC},
    {"noleap", AZ_CALENDAR_NOLEAP},      {"all_leap", AZ_CALENDAR_ALL_LEAP},
    {"360_day", AZ_CALENDAR_360_DAY},    {"julian", AZ_CALENDAR_JULIAN},
    {"gregorian", AZ_CALENDAR_STANDARD}, {"none", AZ_CALENDAR_STANDARD},
    {"", AZ_CALENDAR_STANDARD},          {"365_day", AZ_CALENDAR_NOLEAP},
    {"366_day", AZ_CALENDAR_ALL_LEAP},   {"360", AZ_CALENDAR_360_DAY},
};

enum { N_UNITS = sizeof units / sizeof *units, N_CALENDARS = sizeof calendars / sizeof *calendars };

const char *az_calendar_name(az_calendar calendar)
{
    for (int i = 0; i < N_CALENDARS; i++)
        if (calendars[i].calendar == calendar) return calendars[i].name;
    return "";
}

static az_status find_calendar(const char *name, az_calendar *calendar)
{
    *calendar = AZ_CALENDAR_STANDARD;
    if (!name) return AZ_OK;
    for (int i = 0; i < N_CALENDARS; i++)
        if (strcasecmp(name, calendars[i].name) == 0) {
            *calendar = calendars[i].calendar;
            return AZ_OK;
        }
    return az_error(
        AZ_ERROR_DATA,
        "there is no calendar \"%s\"; it is one of standard, proleptic_gregorian, noleap, all_leap, 360_day, "
        "julian",
        name);
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static bool find_unit(const char *text, size_t length, double *seconds)
{
    char word[24] = " ";
    if (length == 0 || length > sizeof word - 3) return false;
    for (size_t i = 0; i < length; i++)
        word[i + 1] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
    word[length + 1] = ' ';
    word[length + 2] = 0;
    for (int i = 0; i < N_UNITS; i++)
        if (strstr(units[i].names, word)) {
            *seconds = units[i].seconds;
            return true;
        }
    return false;
}

/* The unit before "since", and the text behind it. */
static bool split_unit(const char *text, double *seconds, const char **origin)
{
    text = skip_blanks(text);
    size_t length = strcspn(text, " \t");
    const char *rest = skip_blanks(text + length);
    if (strncasecmp(rest, "since", 5) != 0 || (rest[5] != ' ' && rest[5] != '\t')) return false;
    *origin = skip_blanks(rest + 5);
    return find_unit(text, length, seconds);
}

/* Which of the units it is; -1: none of them. */
static int unit_number(const az_time_unit *unit)
{
    double seconds = unit->seconds;
    if (unit->calendar == AZ_CALENDAR_360_DAY && seconds == 30 * SECONDS_OF_DAY) seconds = UDUNITS_YEAR / 12;
    if (unit->calendar == AZ_CALENDAR_360_DAY && seconds == 360 * SECONDS_OF_DAY) seconds = UDUNITS_YEAR;
    for (int i = 0; i < N_UNITS; i++)
        if (units[i].seconds == seconds) return i;
    return -1;
}

const char *az_time_step_name(const az_time_unit *unit)
{
    int number = unit_number(unit);
    return number < 0 ? "step" : units[number].step;
}

void az_time_unit_print(char *buffer, const az_time_unit *unit)
{
    char origin[AZ_TIME_MAX];
    az_time_print(origin, unit, 0);
    snprintf(buffer, AZ_TIME_UNIT_MAX, "%ss since %s", az_time_step_name(unit), origin);
}

bool az_time_unit_equal(const az_time_unit *a, const az_time_unit *b)
{
    return a->calendar == b->calendar && a->seconds == b->seconds && a->origin_day == b->origin_day &&
           a->origin_second == b->origin_second;
}

bool az_is_time_unit(const char *unit)
{
    double seconds;
    const char *origin;
    return unit && split_unit(unit, &seconds, &origin);
}

/* A month of UDUNITS is a twelfth of a solar year, which no calendar of even years keeps: there it means a calendar
 * month of 30 days where all are so, and nothing that two programs agree on elsewhere. */
static az_status even_calendar(az_time_unit *parsed, const char *unit, const char *calendar)
{
    bool is_month = parsed->seconds == UDUNITS_YEAR / 12, is_year = parsed->seconds == UDUNITS_YEAR;
    if (!is_month && !is_year) return AZ_OK;
    switch (parsed->calendar) {
    case AZ_CALENDAR_360_DAY: parsed->seconds = (is_month ? 30 : 360) * SECONDS_OF_DAY; return AZ_OK;
    case AZ_CALENDAR_NOLEAP:
    case AZ_CALENDAR_ALL_LEAP:
        return az_error(AZ_ERROR_DATA,
                        "the time unit \"%s\" is a part of the solar year of 365.2422 days, which the calendar %s does "
                        "not have; count days instead",
                        unit, calendar);
    default: return AZ_OK;
    }
}

az_status az_time_unit_parse(az_time_unit *parsed, const char *unit, const char *calendar)
{
    az_time_unit made = {0};
    const char *origin;
    AZ_TRY(find_calendar(calendar, &made.calendar));
    if (!split_unit(unit, &made.seconds, &origin))
        return az_error(
            AZ_ERROR_DATA,
            "\"%s\" is no unit of time; it should read as \"days since 1970-01-01\" (microseconds to years)", unit);
    AZ_TRY(even_calendar(&made, unit, calendar));
    az_date date;
    bool in_calendar;
    if (!az_date_scan(&date, origin, origin + strlen(origin), made.calendar, AZ_DATE_OF_UNIT, &in_calendar)) {
        if (!in_calendar)
            return az_error(AZ_ERROR_DATA, "the time unit \"%s\" begins at a date that the calendar %s does not have",
                            unit, az_calendar_name(made.calendar));
        return az_error(AZ_ERROR_DATA, "the time unit \"%s\" has no date that can be read after \"since\"", unit);
    }
    made.origin_day = az_calendar_day(made.calendar, date.year, date.month, date.day);
    made.origin_second = date.hour * 3600 + date.minute * 60 + date.second;
    *parsed = made;
    return AZ_OK;
}

double az_time_of_date(const az_time_unit *unit, const az_date *date)
{
    int64_t day = az_calendar_day(unit->calendar, date->year, date->month, date->day) - unit->origin_day;
    double second = date->hour * 3600 + date->minute * 60 + date->second - unit->origin_second;
    if (unit->seconds < 1) /* dividing by a thousandth, which is no binary number, would round whole counts */
        return ((double)day * SECONDS_OF_DAY + second) * round(1 / unit->seconds);
    return ((double)day * SECONDS_OF_DAY + second) / unit->seconds;
}

/* The value as a day and the seconds of that day, the whole units apart from their fraction: no digit is lost that the
 * value has. */
static void day_and_second(const az_time_unit *unit, double value, int64_t *day, double *second)
{
    double whole = floor(value);
    double seconds = unit->seconds < 1 ? whole / round(1 / unit->seconds) : whole * unit->seconds;
    double days = floor(seconds / SECONDS_OF_DAY);
    double rest = fma(-days, SECONDS_OF_DAY, seconds) + (value - whole) * unit->seconds + unit->origin_second;
    double carry = floor(rest / SECONDS_OF_DAY);
    *day = (int64_t)(days + carry) + unit->origin_day;
    *second = rest - carry * SECONDS_OF_DAY;
}

/* Ten million years: what lies beyond is no date, and no integer overflows within. */
bool az_time_split(const az_time_unit *unit, double value, int64_t *day, int64_t *microsecond)
{
    if (!(fabs(value) * unit->seconds < 1e7 * UDUNITS_YEAR)) return false;
    double second;
    day_and_second(unit, value, day, &second);
    /* Numbers of days have no exact microseconds: the nearest one is what was meant. */
    *microsecond = llround(second * 1e6);
    if (*microsecond == AZ_MICROSECONDS_OF_DAY) {
        (*day)++;
        *microsecond = 0;
    }
    return true;
}

void az_date_make(az_calendar calendar, int64_t day, int64_t microsecond, az_date *date)
{
    az_calendar_date(calendar, day, &date->year, &date->month, &date->day);
    int64_t whole = microsecond / 1000000;
    date->hour = (int)(whole / 3600);
    date->minute = (int)(whole % 3600 / 60);
    date->second = (double)(microsecond - (whole - whole % 60) * 1000000) / 1e6;
}

void az_date_of_time(const az_time_unit *unit, double value, az_date *date)
{
    int64_t day = 0, microsecond = 0;
    if (!az_time_split(unit, value, &day, &microsecond)) day = microsecond = 0;
    az_date_make(unit->calendar, day, microsecond, date);
}

/* Days from the origin of `from` to that of `to`, on the axis of `from`. */
static double origin_shift(const az_time_unit *from, const az_time_unit *to)
{
    int64_t ahead = 0;
    if (from->calendar != to->calendar) ahead = from->calendar == AZ_CALENDAR_STANDARD ? 2 : -2;
    return (double)(to->origin_day + ahead - from->origin_day) * SECONDS_OF_DAY + to->origin_second -
           from->origin_second;
}

static bool is_gregorian(az_calendar calendar)
{
    return calendar == AZ_CALENDAR_STANDARD || calendar == AZ_CALENDAR_PROLEPTIC;
}

static az_status no_conversion(const az_time_unit *from, const az_time_unit *to, const char *why)
{
    return az_error(AZ_ERROR_DATA, "times of the calendar %s cannot be converted to the calendar %s%s",
                    az_calendar_name(from->calendar), az_calendar_name(to->calendar), why);
}

az_status az_time_convert(const az_time_unit *from, const az_time_unit *to, double *values, int64_t n)
{
    if (from->calendar != to->calendar) {
        if (!is_gregorian(from->calendar) || !is_gregorian(to->calendar))
            return no_conversion(from, to, ": their years have different days");
        int64_t first = AZ_FIRST_GREGORIAN_DAY - (from->calendar == AZ_CALENDAR_PROLEPTIC ? AZ_STANDARD_AHEAD : 0);
        for (int64_t i = 0; i < n; i++) {
            int64_t day, microsecond;
            if (az_time_split(from, values[i], &day, &microsecond) && day < first)
                return no_conversion(from, to, " before 1582-10-15, where the two differ");
        }
    }
    double shift = origin_shift(from, to);
    if (shift == 0 && from->seconds == to->seconds) return AZ_OK;
    double per_second = to->seconds < 1 ? round(1 / to->seconds) : 1;
    for (int64_t i = 0; i < n; i++) {
        double seconds = (from->seconds < 1 ? values[i] / round(1 / from->seconds) : values[i] * from->seconds) - shift;
        values[i] = to->seconds < 1 ? seconds * per_second : seconds / to->seconds;
    }
    return AZ_OK;
}

/* In order of length. */
static const char *const period_words[] = {"year", "month", "week", "day", "hour"};
enum { N_PERIODS = sizeof period_words / sizeof *period_words };

double az_time_period(const az_time_unit *unit, const char *word)
{
    double year = az_calendar_year(unit->calendar) * SECONDS_OF_DAY;
    const double seconds[N_PERIODS] = {year, year / 12, 7 * SECONDS_OF_DAY, SECONDS_OF_DAY, 3600};
    for (int i = 0; i < N_PERIODS; i++)
        if (strcmp(word, period_words[i]) == 0) return seconds[i] / unit->seconds;
    return 0;
}

const char *az_time_period_word(const az_time_unit *unit, double period)
{
    for (int i = 0; i < N_PERIODS; i++)
        if (az_time_period(unit, period_words[i]) == period) return period_words[i];
    return NULL;
}

az_status az_time_length(const az_time_unit *unit, const char *text, double *length)
{
    double number, seconds;
    const char *end = text + strlen(text), *begin = skip_blanks(text);
    const char *word = az_parse_double(begin, end, '.', &number);
    if (!word || !(number >= 0) || isinf(number))
        return az_error(AZ_ERROR_USAGE,
                        "\"%s\" is no length of time; give a number from 0 up, or one with a unit, as "
                        "\"30 days\"",
                        text);
    word = skip_blanks(word);
    if (!*word) {
        *length = number;
        return AZ_OK;
    }
    if (!find_unit(word, strcspn(word, " \t"), &seconds) || *skip_blanks(word + strcspn(word, " \t")))
        return az_error(AZ_ERROR_USAGE,
                        "\"%s\" is no length of time: the unit is one of microseconds, milliseconds, "
                        "seconds, minutes, hours, days, weeks, months, years",
                        text);
    if (!unit)
        return az_error(AZ_ERROR_USAGE,
                        "\"%s\" is a length of time, but the time column holds plain numbers; give a "
                        "number in their unit",
                        text);
    double year = az_calendar_year(unit->calendar) * SECONDS_OF_DAY;
    if (seconds == UDUNITS_YEAR) seconds = year;
    if (seconds == UDUNITS_YEAR / 12) seconds = year / 12;
    *length = number * seconds / unit->seconds;
    return AZ_OK;
}
