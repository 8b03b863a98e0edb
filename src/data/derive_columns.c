/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/derive_columns.h"

#include <math.h>
#include <string.h>

static const char *column_name(void *user, int64_t column)
{
    const az_table *table = user;
    return column < table->n_columns ? table->columns[column].name : NULL;
}

static int64_t find_column(void *user, const char *name)
{
    const az_table *table = user;
    return az_dictionary_find(&table->names, name, strlen(name));
}

static az_formula_type column_type(void *user, int64_t column)
{
    const az_table *table = user;
    switch (table->columns[column].type) {
    case AZ_CATEGORICAL: return AZ_FORMULA_TEXTS;
    case AZ_TIME: return AZ_FORMULA_TIMES;
    case AZ_NUMERIC: break;
    }
    return AZ_FORMULA_NUMBERS;
}

static void read_numbers(void *user, int64_t column, int64_t first, int64_t n_rows, double *values)
{
    const az_column *from = &((const az_table *)user)->columns[column];
    for (int64_t i = 0; i < n_rows; i++) values[i] = from->values[(first + i) * from->stride];
}

static const char *read_text(void *user, int64_t column, int64_t row)
{
    return az_table_text(user, row, column);
}

static bool read_date(void *user, int64_t column, const char *text, double *value)
{
    const az_time_unit *unit = &((const az_table *)user)->columns[column].time;
    az_date date;
    if (!az_date_parse(&date, text, text + strlen(text), unit->calendar, NULL)) return false;
    *value = az_time_of_date(unit, &date);
    return isfinite(*value);
}

static bool same_unit(void *user, int64_t a, int64_t b)
{
    const az_table *table = user;
    const az_time_unit *x = &table->columns[a].time, *y = &table->columns[b].time;
    return x->calendar == y->calendar && x->seconds == y->seconds && x->origin_day == y->origin_day &&
           x->origin_second == y->origin_second;
}

static double date_part(void *user, int64_t column, double value, az_formula_part part)
{
    const az_time_unit *unit = &((const az_table *)user)->columns[column].time;
    az_date date;
    az_date_of_time(unit, value, &date);
    az_date day = {.year = date.year, .month = date.month, .day = date.day}, first = {date.year, 1, 1, 0, 0, 0};
    switch (part) {
    case AZ_FORMULA_YEAR: return (double)date.year;
    case AZ_FORMULA_MONTH: return date.month;
    case AZ_FORMULA_DAY: return date.day;
    case AZ_FORMULA_DAY_OF_YEAR:
        return 1 + rint((az_time_of_date(unit, &day) - az_time_of_date(unit, &first)) * unit->seconds / 86400);
    case AZ_FORMULA_HOUR: return date.hour + date.minute / 60.0 + date.second / 3600;
    }
    return NAN;
}

az_formula_columns az_formula_columns_of(const az_table *table)
{
    return (az_formula_columns){.user = (void *)(uintptr_t)table,
                                .what = table->source,
                                .name = column_name,
                                .find = find_column,
                                .type = column_type,
                                .numbers = read_numbers,
                                .text = read_text,
                                .date = read_date,
                                .same_unit = same_unit,
                                .part = date_part};
}
