/* SPDX-License-Identifier: BSD-3-Clause */
/* Columns of dates: text all of whose cells are ISO 8601, or numbers whose unit says since when they count. */
#include "data/csv.h"

#include <math.h>
#include <string.h>

/* Text that is a date all but for a few cells is worth a word.  Few: one in five. */
typedef struct date_count {
    int32_t n_dates, n_others;
    const char *odd;      /* the first level that is no date */
    bool not_in_calendar; /* it is one of no calendar: 2021-02-30 */
} date_count;

static bool level_date(const char *level, az_date *date, bool *in_calendar)
{
    return az_date_parse(date, level, level + strlen(level), AZ_CALENDAR_STANDARD, in_calendar);
}

/* Stops as soon as the column cannot be one of dates: text costs a look at its first levels. */
static void count_dates(const az_column *column, date_count *count)
{
    *count = (date_count){0};
    for (int32_t k = 0; k < column->n_levels && count->n_others <= column->n_levels / 5; k++) {
        az_date date;
        bool in_calendar;
        if (level_date(column->levels[k], &date, &in_calendar)) {
            count->n_dates++;
            continue;
        }
        if (!count->odd || (!in_calendar && !count->not_in_calendar)) {
            count->odd = column->levels[k];
            count->not_in_calendar = !in_calendar;
        }
        count->n_others++;
    }
}

static az_status take_dates(const az_table *table, az_column *column)
{
    az_time_unit unit;
    double *of_level = NULL, *values = NULL;
    az_status status;
    AZ_GOTO(az_time_unit_parse(&unit, AZ_TIME_DEFAULT_UNIT, NULL));
    AZ_GOTO(AZ_NEW_ARRAY(of_level, column->n_levels));
    AZ_GOTO(AZ_NEW_ARRAY(values, table->n_rows));
    for (int32_t k = 0; k < column->n_levels; k++) {
        az_date date;
        bool in_calendar;
        of_level[k] = level_date(column->levels[k], &date, &in_calendar) ? az_time_of_date(&unit, &date) : NAN;
    }
    for (int64_t i = 0; i < table->n_rows; i++) values[i] = column->codes[i] < 0 ? NAN : of_level[column->codes[i]];
    char *unit_text = az_strdup(AZ_TIME_DEFAULT_UNIT);
    if (!unit_text) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    az_free(column->unit);
    if (!column->borrowed) {
        az_free(column->codes);
        az_free(column->levels);
    }
    *column = (az_column){.name = column->name,
                          .unit = unit_text,
                          .type = AZ_TIME,
                          .time = unit,
                          .values = values,
                          .stride = 1,
                          .owned_values = values,
                          .n_missing = column->n_missing};
    values = NULL;
done:
    az_free(of_level);
    az_free(values);
    return status;
}

static void tell_odd(const az_table *table, const az_column *column, const date_count *count, const az_control *control)
{
    if (count->not_in_calendar)
        az_warning(control,
                   "%s: column \"%s\" is text and not a time: \"%.40s\" is a date that the calendar does not have",
                   table->source, column->name, count->odd);
    else
        az_warning(control,
                   "%s: column \"%s\" is text and not a time because of \"%.40s\"; dates read as 1997-03-01 or "
                   "1997-03-01T06:30 (--missing may name what means missing)",
                   table->source, column->name, count->odd);
}

az_status az_csv_find_times(az_table *table, const az_control *control)
{
    for (int64_t j = 0; j < table->n_columns; j++) {
        az_column *column = &table->columns[j];
        if (column->type == AZ_NUMERIC && az_is_time_unit(column->unit)) {
            az_status status = az_time_unit_parse(&column->time, column->unit, NULL);
            if (status) return az_error_context(status, "%s: column \"%s\"", table->source, column->name);
            column->type = AZ_TIME;
        }
        if (column->type != AZ_CATEGORICAL || column->n_levels == 0) continue;
        date_count count;
        count_dates(column, &count);
        if (count.n_others == 0)
            AZ_TRY(take_dates(table, column));
        else if (count.n_dates > 0 && 4 * count.n_others <= count.n_dates)
            tell_odd(table, column, &count, control);
    }
    return AZ_OK;
}

static az_status no_date(const az_table *table, const az_column *column, const char *cell)
{
    return az_error(AZ_ERROR_DATA,
                    "%s: column \"%s\" began with dates, but \"%.40s\" is none (--missing may name what means missing)",
                    table->source, column->name, cell);
}

az_status az_csv_repeat_times(az_table *table, const az_table *before)
{
    for (int64_t j = 0; j < table->n_columns; j++) {
        az_column *column = &table->columns[j];
        if (before->columns[j].type != AZ_TIME) continue;
        if (column->type == AZ_NUMERIC && az_is_time_unit(column->unit)) {
            column->time = before->columns[j].time;
            column->type = AZ_TIME;
        }
        if (column->type == AZ_TIME) continue;
        if (column->type != AZ_CATEGORICAL) return no_date(table, column, "a number");
        for (int32_t k = 0; k < column->n_levels; k++) {
            az_date date;
            bool in_calendar;
            if (!level_date(column->levels[k], &date, &in_calendar)) return no_date(table, column, column->levels[k]);
        }
        AZ_TRY(take_dates(table, column));
    }
    return AZ_OK;
}
