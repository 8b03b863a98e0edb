#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Dates and their numbers in every calendar of CF, by cftime (Debian: python3-cftime).

usage: tests/data/reference/freeze_times.py > tests/data/frozen_times.h
"""
import cftime

# cftime 1.6 passes over a zone with one digit for the hours ("-6:00", an example of CF): there are none here.

UNITS = {
    "standard": ["days since 1800-01-01", "hours since 1-1-1 00:00:0.0", "seconds since 1970-01-01T00:00:00Z",
                 "days since -4713-01-01 12:00", "milliseconds since 1582-10-15", "microseconds since 1990-1-1 0:00:00 -06:00",
                 "minutes since 1582-10-04 18:30"],
    "proleptic_gregorian": ["days since 0000-01-01", "hours since 1900-01-01T00:00:00+01:00", "seconds since 1-1-1"],
    "noleap": ["days since 0000-01-01", "hours since 1850-01-01 00:00:00", "common_years since 1900-01-01"],
    "all_leap": ["days since 0001-02-29", "minutes since 1970-01-01"],
    "360_day": ["days since 0001-01-01", "hours since 1970-02-30", "months since 1960-01-01", "seconds since 0001-01-01"],
    "julian": ["days since -4713-01-01 12:00", "hours since 1900-02-29 06:00"],
}
DATES = [(1, 1, 1, 0, 0, 0), (4, 2, 29, 12, 0, 0), (100, 3, 1, 0, 0, 0), (325, 3, 21, 6, 0, 0), (1000, 12, 31, 23, 59, 59),
         (1492, 10, 12, 2, 0, 0), (1500, 2, 28, 0, 0, 0), (1582, 10, 4, 23, 59, 59), (1582, 10, 15, 0, 0, 0),
         (1600, 2, 29, 0, 0, 0), (1700, 3, 1, 0, 0, 0), (1899, 12, 31, 18, 0, 0), (1900, 1, 1, 0, 0, 0),
         (1900, 3, 1, 0, 0, 0), (1969, 7, 20, 20, 17, 40), (1997, 3, 1, 6, 30, 0), (2000, 2, 29, 0, 0, 1),
         (2000, 12, 31, 0, 0, 0), (2024, 2, 29, 12, 34, 56), (2100, 2, 28, 23, 0, 0), (2400, 2, 29, 0, 0, 0),
         (9999, 12, 30, 0, 0, 0), (1999, 2, 30, 0, 0, 0), (2001, 2, 29, 3, 0, 0), (1900, 2, 29, 0, 0, 0)]

print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Made by tests/data/reference/freeze_times.py with cftime %s; not to be edited. */" % cftime.__version__)
print("#ifndef AZ_FROZEN_TIMES_H\n#define AZ_FROZEN_TIMES_H\n")
print("static const struct {\n    const char *calendar, *unit, *date;\n    double value;\n} frozen_times[] = {")
for calendar, units in UNITS.items():
    for unit in units:
        for date in DATES:
            try:
                when = cftime.datetime(*date, calendar=calendar)
            except ValueError:
                continue  # the calendar has no such date
            value = cftime.date2num(when, unit, calendar)
            text = "%04d-%02d-%02d" % date[:3] + ("T%02d:%02d:%02d" % date[3:] if date[3:] != (0, 0, 0) else "")
            print('    {"%s", "%s", "%s", %s},' % (calendar, unit, text, repr(float(value))))
print("};\n\n/* What the calendars do not have. */")
print("static const struct {\n    const char *calendar, *date;\n} frozen_no_dates[] = {")
for calendar in UNITS:
    for date in [(2021, 2, 30), (2021, 2, 29), (1900, 2, 29), (1582, 10, 5), (1582, 10, 14), (2021, 1, 31), (2021, 4, 31),
                 (2021, 13, 1), (2021, 0, 1), (2021, 1, 0), (2021, 12, 32)]:
        try:
            cftime.datetime(*date, calendar=calendar)
        except ValueError:
            print('    {"%s", "%04d-%02d-%02d"},' % ((calendar,) + date))
print("};\n\n#endif")
