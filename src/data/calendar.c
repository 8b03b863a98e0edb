/* SPDX-License-Identifier: BSD-3-Clause */
/* The calendars of the CF conventions, section 4.4.1.  All arithmetic is on years that begin in March, so that the leap
 * day is the last of its year (E. G. Richards, Mapping Time, 1998, chapter 25). */
#include "data/calendar.h"

enum { DAYS_400_YEARS = 146097, DAYS_4_YEARS = 1461 };

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

bool az_calendar_skips_year_zero(az_calendar calendar)
{
    return calendar == AZ_CALENDAR_STANDARD || calendar == AZ_CALENDAR_JULIAN;
}

static int64_t astronomical_year(az_calendar calendar, int64_t year)
{
    return az_calendar_skips_year_zero(calendar) && year < 0 ? year + 1 : year;
}

static bool is_julian_leap(int64_t year)
{
    return year % 4 == 0;
}

static bool is_gregorian_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_length(az_calendar calendar, int64_t year, int month)
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (calendar == AZ_CALENDAR_360_DAY) return 30;
    if (month != 2) return lengths[month - 1];
    switch (calendar) {
    case AZ_CALENDAR_STANDARD: return 28 + (year > 1582 ? is_gregorian_leap(year) : is_julian_leap(year));
    case AZ_CALENDAR_PROLEPTIC: return 28 + is_gregorian_leap(year);
    case AZ_CALENDAR_JULIAN: return 28 + is_julian_leap(year);
    case AZ_CALENDAR_ALL_LEAP: return 29;
    default: return 28;
    }
}

bool az_calendar_has(az_calendar calendar, int64_t year, int month, int day)
{
    if (month < 1 || month > 12 || day < 1) return false;
    if (day > month_length(calendar, astronomical_year(calendar, year), month)) return false;
    return !(calendar == AZ_CALENDAR_STANDARD && year == 1582 && month == 10 && day > 4 && day < 15);
}

/* The place of a day in a year that begins on 1 March: months of 31, 30, 31, 30, 31 days repeat every five. */
static int64_t day_since_march(int month, int day)
{
    return (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
}

/* 1 March of the year 0 is day 60 of a leap year. */
static int64_t gregorian_day(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2);
    return 365 * y + floor_divide(y, 4) - floor_divide(y, 100) + floor_divide(y, 400) + day_since_march(month, day) +
           60;
}

static int64_t julian_day(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2);
    return 365 * y + floor_divide(y, 4) + day_since_march(month, day) + 60;
}

int64_t az_calendar_day(az_calendar calendar, int64_t year, int month, int day)
{
    static const int before_month[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t y = astronomical_year(calendar, year);
    switch (calendar) {
    case AZ_CALENDAR_STANDARD: {
        bool gregorian = y > 1582 || (y == 1582 && (month > 10 || (month == 10 && day >= 15)));
        return gregorian ? gregorian_day(y, month, day) + AZ_STANDARD_AHEAD : julian_day(y, month, day);
    }
    case AZ_CALENDAR_PROLEPTIC: return gregorian_day(y, month, day);
    case AZ_CALENDAR_JULIAN: return julian_day(y, month, day);
    case AZ_CALENDAR_NOLEAP: return 365 * y + before_month[month - 1] + day - 1;
    case AZ_CALENDAR_ALL_LEAP: return 366 * y + before_month[month - 1] + (month > 2) + day - 1;
    case AZ_CALENDAR_360_DAY: break;
    }
    return 360 * y + 30 * (month - 1) + day - 1;
}

static void from_march(int64_t year, int64_t day_of_year, int64_t *y, int *month, int *day)
{
    int m = (int)((5 * day_of_year + 2) / 153);
    *day = (int)(day_of_year - (153 * m + 2) / 5) + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *y = year + (*month <= 2);
}

static void gregorian_date(int64_t number, int64_t *year, int *month, int *day)
{
    int64_t n = number - 60;
    int64_t era = floor_divide(n, DAYS_400_YEARS);
    int64_t of_era = n - era * DAYS_400_YEARS;
    /* The leap days before it are taken out: one at the end of every 4 years, none at that of 100, one at that of 400.
     */
    int64_t y = (of_era - of_era / (DAYS_4_YEARS - 1) + of_era / 36524 - of_era / (DAYS_400_YEARS - 1)) / 365;
    from_march(400 * era + y, of_era - (365 * y + y / 4 - y / 100), year, month, day);
}

static void julian_date(int64_t number, int64_t *year, int *month, int *day)
{
    int64_t n = number - 60;
    int64_t era = floor_divide(n, DAYS_4_YEARS);
    int64_t of_era = n - era * DAYS_4_YEARS;
    int64_t y = (of_era - of_era / (DAYS_4_YEARS - 1)) / 365;
    from_march(4 * era + y, of_era - 365 * y, year, month, day);
}

/* Years of equal length, with a leap day in each or in none. */
static void even_date(int64_t number, int64_t year_length, int64_t *year, int *month, int *day)
{
    *year = floor_divide(number, year_length);
    int64_t of_year = number - *year * year_length;
    az_calendar calendar = year_length == 366 ? AZ_CALENDAR_ALL_LEAP : AZ_CALENDAR_NOLEAP;
    *month = 1;
    while (of_year >= month_length(calendar, 1, *month)) of_year -= month_length(calendar, 1, (*month)++);
    *day = (int)of_year + 1;
}

void az_calendar_date(az_calendar calendar, int64_t number, int64_t *year, int *month, int *day)
{
    switch (calendar) {
    case AZ_CALENDAR_STANDARD:
        if (number >= AZ_FIRST_GREGORIAN_DAY)
            gregorian_date(number - AZ_STANDARD_AHEAD, year, month, day);
        else
            julian_date(number, year, month, day);
        break;
    case AZ_CALENDAR_PROLEPTIC: gregorian_date(number, year, month, day); break;
    case AZ_CALENDAR_JULIAN: julian_date(number, year, month, day); break;
    case AZ_CALENDAR_NOLEAP: even_date(number, 365, year, month, day); break;
    case AZ_CALENDAR_ALL_LEAP: even_date(number, 366, year, month, day); break;
    case AZ_CALENDAR_360_DAY:
        *year = floor_divide(number, 360);
        *month = (int)((number - 360 * *year) / 30) + 1;
        *day = (int)((number - 360 * *year) % 30) + 1;
        break;
    }
    if (az_calendar_skips_year_zero(calendar) && *year <= 0) (*year)--;
}

double az_calendar_year(az_calendar calendar)
{
    switch (calendar) {
    case AZ_CALENDAR_NOLEAP: return 365;
    case AZ_CALENDAR_ALL_LEAP: return 366;
    case AZ_CALENDAR_360_DAY: return 360;
    case AZ_CALENDAR_JULIAN: return 365.25;
    default: return 365.2425;
    }
}
