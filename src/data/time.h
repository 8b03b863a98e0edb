/* SPDX-License-Identifier: BSD-3-Clause */
/* Time: a number with a unit ("days since 1800-01-01 00:00:00") and a calendar, as the CF conventions (section 4.4)
 * have it; ISO 8601 text on the way in and out. */
#ifndef AZ_DATA_TIME_H
#define AZ_DATA_TIME_H

#include "base/status.h"

/* CF calendars.  Standard is Julian up to 1582-10-04 and Gregorian from 1582-10-15. */
typedef enum az_calendar {
    AZ_CALENDAR_STANDARD, /* also "gregorian", "none" given or nothing */
    AZ_CALENDAR_PROLEPTIC,
    AZ_CALENDAR_NOLEAP,   /* also "365_day" */
    AZ_CALENDAR_ALL_LEAP, /* also "366_day" */
    AZ_CALENDAR_360_DAY,
    AZ_CALENDAR_JULIAN
} az_calendar;

typedef struct az_time_unit {
    az_calendar calendar;
    double seconds;       /* of one unit; months and years as UDUNITS has them (refused for 360_day where CF does) */
    int64_t origin_day;   /* the origin: days since 0000-01-01 of the calendar ... */
    double origin_second; /* ... and seconds of that day */
} az_time_unit;

typedef struct az_date {
    int64_t year;
    int month, day, hour, minute;
    double second;
} az_date;

/* Text columns of dates become this. */
#define AZ_TIME_DEFAULT_UNIT "days since 1970-01-01"

enum { AZ_TIME_MAX = 40 }; /* bytes that az_time_print needs */

bool az_is_time_unit(const char *unit); /* "... since ..." */
az_status az_time_unit_parse(az_time_unit *parsed, const char *unit,
                             const char *calendar); /* calendar NULL: standard */
const char *az_calendar_name(az_calendar calendar);
/* The unit as text that parses to the same: "days since 1800-01-01". */
enum { AZ_TIME_UNIT_MAX = 64 };
void az_time_unit_print(char *buffer, const az_time_unit *unit);
/* One of what the unit counts: "day".  A slope is so much per day, whenever the days began to be counted. */
const char *az_time_step_name(const az_time_unit *unit);
bool az_time_unit_equal(const az_time_unit *a, const az_time_unit *b);

/* "1997-03-01", "1997-03-01T06:30", "...:00Z", "...+01:00" (blank for T), "1997-03": false if it is no such text, or no
 * date of the calendar (*in_calendar tells which; may be NULL). */
bool az_date_parse(az_date *date, const char *begin, const char *end, az_calendar calendar, bool *in_calendar);
double az_time_of_date(const az_time_unit *unit, const az_date *date);
void az_date_of_time(const az_time_unit *unit, double value, az_date *date);
/* ISO 8601, as short as it is exact: "1997-03-01", "1997-03-01T06:30:00"; returns the length; NaN: "". */
size_t az_time_print(char *buffer, const az_time_unit *unit, double value);

/* The value in `to` of a value in `from`; AZ_ERROR_DATA if the calendars differ (CF standard and proleptic agree after
 * 1582-10-15). */
az_status az_time_convert(const az_time_unit *from, const az_time_unit *to, double *values, int64_t n);

/* The mean length of a "year", "month", "week", "day" or "hour" of the calendar in the unit; 0: no such word. */
double az_time_period(const az_time_unit *unit, const char *word);
/* The word whose period that is, or NULL. */
const char *az_time_period_word(const az_time_unit *unit, double period);

/* A length of time: "30 days", "6 months" (calendar months in the mean), "12 h"; or a number alone, which is in the
 * unit already.  unit NULL: times are plain numbers, and a word is refused. */
az_status az_time_length(const az_time_unit *unit, const char *text, double *length);

#endif
