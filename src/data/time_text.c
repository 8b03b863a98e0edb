/* SPDX-License-Identifier: BSD-3-Clause */
/* Dates as text: ISO 8601, and the looser forms in which units name their origins. */
#include "data/calendar.h"
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct scan {
    const char *at, *end;
    bool loose;
} scan;

static bool take(scan *s, char c)
{
    if (s->at == s->end || *s->at != c) return false;
    s->at++;
    return true;
}

static void skip_blanks(scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t')) s->at++;
}

/* A whole number of `least` to `most` digits; fewer too where the form is loose. */
static bool digits(scan *s, int least, int most, int64_t *number)
{
    int n = 0;
    *number = 0;
    for (; n < most && s->at < s->end && *s->at >= '0' && *s->at <= '9'; n++) *number = 10 * *number + (*s->at++ - '0');
    return n >= (s->loose ? 1 : least);
}

static bool two_digits(scan *s, int *number)
{
    int64_t found;
    if (!digits(s, 2, 2, &found)) return false;
    *number = (int)found;
    return true;
}

/* A year has four digits, more only with a sign. */
static bool scan_day(scan *s, az_date *date)
{
    bool minus = take(s, '-'), plus = !minus && take(s, '+');
    if (!digits(s, 4, minus || plus || s->loose ? 7 : 4, &date->year)) return false;
    if (minus) date->year = -date->year;
    date->month = date->day = 1;
    if (s->loose && s->at == s->end) return true;
    if (!take(s, '-') || !two_digits(s, &date->month)) return false;
    if (s->at == s->end) return true;
    return take(s, '-') && two_digits(s, &date->day);
}

static bool scan_second(scan *s, double *second)
{
    const char *begin = s->at;
    int64_t whole;
    if (!digits(s, 2, 2, &whole)) return false;
    if (take(s, '.'))
        while (s->at < s->end && *s->at >= '0' && *s->at <= '9') s->at++;
    /* "0." is a number in units of old files. */
    return az_parse_double(begin, s->at, '.', second) != NULL;
}

/* Hours, ":" minutes and ":" seconds; ISO 8601 asks for the minutes. */
static bool scan_clock(scan *s, az_date *date)
{
    if (!two_digits(s, &date->hour)) return false;
    if (!take(s, ':')) return s->loose;
    if (!two_digits(s, &date->minute)) return false;
    return !take(s, ':') || scan_second(s, &date->second);
}

/* "Z", "+01:00", "+0100", "+01", and with a loose form "UTC", "GMT", "-6:00": seconds ahead of UTC. */
static bool scan_zone(scan *s, int64_t *ahead)
{
    *ahead = 0;
    size_t left = (size_t)(s->end - s->at);
    if (left == 0 || take(s, 'Z')) return true;
    if (s->loose && left >= 3 && (strncasecmp(s->at, "UTC", 3) == 0 || strncasecmp(s->at, "GMT", 3) == 0)) {
        s->at += 3;
        return true;
    }
    bool minus = take(s, '-');
    if (!minus && !take(s, '+')) return false;
    int hours, minutes = 0;
    if (!two_digits(s, &hours)) return false;
    bool colon = take(s, ':');
    if ((colon || s->at < s->end) && !two_digits(s, &minutes)) return false;
    *ahead = (minus ? -1 : 1) * (3600 * (int64_t)hours + 60 * minutes);
    return hours < 24 && minutes < 60;
}

bool az_date_scan(az_date *date, const char *begin, const char *end, az_calendar calendar, az_date_style style,
                  bool *in_calendar)
{
    scan s = {.at = begin, .end = end, .loose = style == AZ_DATE_OF_UNIT};
    az_date made = {0};
    int64_t ahead = 0;
    *in_calendar = true;
    if (!scan_day(&s, &made)) return false;
    if (s.loose) {
        while (s.end > s.at && s.end[-1] == ' ') s.end--;
    }
    bool separated = take(&s, 'T') || (s.at < s.end && *s.at == ' ');
    if (separated) {
        if (s.loose)
            skip_blanks(&s);
        else
            take(&s, ' ');
        bool has_clock = s.at < s.end && *s.at >= '0' && *s.at <= '9';
        if (has_clock && !scan_clock(&s, &made)) return false;
        if (!has_clock && !s.loose) return false;
        if (s.loose) skip_blanks(&s);
        if (!scan_zone(&s, &ahead)) return false;
    }
    if (s.at != s.end) return false;
    *in_calendar = az_calendar_has(calendar, made.year, made.month, made.day) && made.hour < 24 && made.minute < 60 &&
                   made.second < 60;
    if (!*in_calendar) return false;
    if (ahead != 0) {
        /* Midnight of the day as the origin; az_date_of_time would round the second, so only whole ones are moved. */
        int64_t day = az_calendar_day(calendar, made.year, made.month, made.day);
        int64_t second = 3600 * (int64_t)made.hour + 60 * (int64_t)made.minute - ahead;
        int64_t carry = second < 0 ? -1 : second >= 86400;
        az_date moved;
        az_date_make(calendar, day + carry, (second - carry * 86400) * 1000000, &moved);
        moved.second = made.second;
        made = moved;
    }
    *date = made;
    return true;
}

bool az_date_parse(az_date *date, const char *begin, const char *end, az_calendar calendar, bool *in_calendar)
{
    bool has;
    bool parsed = az_date_scan(date, begin, end, calendar, AZ_DATE_ISO, &has);
    if (in_calendar) *in_calendar = has;
    return parsed;
}

static size_t print_date(char *buffer, const az_date *date, int n_decimals, bool with_clock)
{
    int n = date->year < 0
                ? snprintf(buffer, AZ_TIME_MAX, "-%04lld", -(long long)date->year)
                : snprintf(buffer, AZ_TIME_MAX, "%s%04lld", date->year > 9999 ? "+" : "", (long long)date->year);
    n += snprintf(buffer + n, AZ_TIME_MAX - (size_t)n, "-%02d-%02d", date->month, date->day);
    if (!with_clock) return (size_t)n;
    n += snprintf(buffer + n, AZ_TIME_MAX - (size_t)n, "T%02d:%02d:%02d", date->hour, date->minute, (int)date->second);
    if (n_decimals > 0) {
        int micro = (int)lround((date->second - floor(date->second)) * 1e6);
        char fraction[16];
        snprintf(fraction, sizeof fraction, "%06d", micro);
        n += snprintf(buffer + n, AZ_TIME_MAX - (size_t)n, ".%.*s", n_decimals, fraction);
    }
    return (size_t)n;
}

/* A text is exact if it reads back as the value, but for the last bits that numbers of days lose. */
static bool is_exact(const az_time_unit *unit, const az_date *date, double value)
{
    return fabs(az_time_of_date(unit, date) - value) <= 0x1p-51 * fabs(value);
}

size_t az_time_print(char *buffer, const az_time_unit *unit, double value)
{
    static const struct {
        int64_t microseconds;
        int n_decimals;
        bool with_clock;
    } steps[] = {{AZ_MICROSECONDS_OF_DAY, 0, false}, {1000000, 0, true}, {1000, 3, true}, {1, 6, true}};
    buffer[0] = 0;
    if (isnan(value)) return 0;
    int64_t day, microsecond;
    if (!az_time_split(unit, value, &day, &microsecond)) return az_print_double(buffer, value);
    for (int i = 0;; i++) {
        int64_t step = steps[i].microseconds, rounded = (microsecond + step / 2) / step * step;
        bool carry = rounded == AZ_MICROSECONDS_OF_DAY;
        az_date date;
        az_date_make(unit->calendar, day + carry, carry ? 0 : rounded, &date);
        if (step == 1 || rounded == microsecond || is_exact(unit, &date, value))
            return print_date(buffer, &date, steps[i].n_decimals, steps[i].with_clock);
    }
}
