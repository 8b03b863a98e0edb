/* SPDX-License-Identifier: BSD-3-Clause */
/* Days and dates of the CF calendars, without a time of day. */
#ifndef AZ_DATA_CALENDAR_H
#define AZ_DATA_CALENDAR_H

#include "data/time.h"

/* Years of these calendars go from -1 to 1, as historians count; the others have a year 0, as astronomers count. */
bool az_calendar_skips_year_zero(az_calendar calendar);

/* Whether the calendar has that date.  Year 0 is taken for 1 BC where there is no year 0: files name it as an origin.
 */
bool az_calendar_has(az_calendar calendar, int64_t year, int month, int day);

/* Days since 1 January of the astronomical year 0 of the calendar, and back. */
int64_t az_calendar_day(az_calendar calendar, int64_t year, int month, int day);
void az_calendar_date(az_calendar calendar, int64_t day_number, int64_t *year, int *month, int *day);

/* The mean length of a year in days. */
double az_calendar_year(az_calendar calendar);

/* The first Gregorian day, 1582-10-15, in the standard calendar, and what the day numbers of the standard calendar are
 * ahead of those of the proleptic Gregorian one from there on. */
enum { AZ_FIRST_GREGORIAN_DAY = 578103, AZ_STANDARD_AHEAD = 2 };

/* The day number and the microsecond of that day of a time; false: too far away to be a date, or missing. */
#define AZ_MICROSECONDS_OF_DAY INT64_C(86400000000)
bool az_time_split(const az_time_unit *unit, double value, int64_t *day, int64_t *microsecond);
void az_date_make(az_calendar calendar, int64_t day, int64_t microsecond, az_date *date);

/* Reads the whole of [begin, end) as a date: as ISO 8601 writes it, or as units name their origins ("1-1-1 00:00:0.0",
 * "1900", "1990-1-1 0:0 -6:00", "... UTC").  The time zone is taken off.  False and *in_calendar: it is no date at all;
 * false and not *in_calendar: a date that the calendar does not have. */
typedef enum az_date_style { AZ_DATE_ISO, AZ_DATE_OF_UNIT } az_date_style;
bool az_date_scan(az_date *date, const char *begin, const char *end, az_calendar calendar, az_date_style style,
                  bool *in_calendar);

#endif
