/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/time_parts.h"

#include "data/calendar.h"
#include "data/source.h"

#include <math.h>

enum { YEAR, MONTH, DAY, HOUR, MOST_PARTS };

static const char column_name[] = "time";

/* A comma outside of quotes, which open at the beginning of a name alone.  Asked without memory, so that a failed
 * allocation is never taken for an answer. */
bool az_time_has_parts(const char *time)
{
    char quote = 0;
    for (bool at_begin = true; time && *time; time++) {
        if (quote)
            quote = *time == quote ? 0 : quote;
        else if (*time == ',')
            return true;
        else if (at_begin && (*time == '"' || *time == '`'))
            quote = *time;
        at_begin = at_begin && *time == ' ';
    }
    return false;
}

/* One row: whole numbers but for the hour, and a date that there is. */
static az_status read_row(const az_table *table, const az_column *const parts[MOST_PARTS], int64_t row,
                          const az_time_unit *unit, double *time)
{
    double value[MOST_PARTS] = {0, 1, 1, 0};
    *time = NAN;
    for (int k = 0; k < MOST_PARTS; k++) {
        if (!parts[k]) continue;
        value[k] = parts[k]->values[row * parts[k]->stride];
        if (isnan(value[k])) return AZ_OK;
    }
    bool is_date = fabs(value[YEAR]) < 1e6 && value[HOUR] >= 0 && value[HOUR] < 24;
    for (int k = YEAR; k <= DAY; k++) is_date = is_date && value[k] == floor(value[k]) && fabs(value[k]) < 1e6;
    if (!is_date || !az_calendar_has(unit->calendar, (int64_t)value[YEAR], (int)value[MONTH], (int)value[DAY])) {
        az_text text = {0};
        for (int k = 0; k < MOST_PARTS && parts[k]; k++) {
            if (k) az_text_append(&text, ", ");
            az_text_number(&text, value[k]);
        }
        az_status status = az_text_status(&text);
        if (!status)
            status = az_error(AZ_ERROR_DATA, "%s: data row %lld holds no date: %s (--time YEAR,MONTH,DAY,HOUR)",
                              table->source, (long long)az_table_row_number(table, row) + 1, text.data);
        az_text_free(&text);
        return status;
    }
    const az_date date = {.year = (int64_t)value[YEAR], .month = (int)value[MONTH], .day = (int)value[DAY]};
    *time = az_time_of_date(unit, &date) + value[HOUR] / 24;
    return AZ_OK;
}

az_status az_table_time_of_parts(az_table *table, const char *time)
{
    char **names = NULL;
    int64_t n = 0;
    double *values = NULL;
    const az_column *parts[MOST_PARTS] = {NULL};
    az_time_unit unit;
    if (!az_time_has_parts(time)) return AZ_OK;
    az_status status = az_list_split(time, &names, &n);
    if (status) return status;
    if (n > MOST_PARTS)
        AZ_GOTO(az_error(AZ_ERROR_USAGE, "--time names %lld columns; it takes one, or year, month, day and hour",
                         (long long)n));
    for (int64_t k = 0; k < n; k++) {
        int64_t column;
        AZ_GOTO(az_table_find(table, names[k], &column));
        parts[k] = &table->columns[column];
        if (parts[k]->type != AZ_NUMERIC)
            AZ_GOTO(az_error(AZ_ERROR_DATA, "%s: column \"%s\" holds no numbers and cannot be a part of the time",
                             table->source, names[k]));
    }
    AZ_GOTO(az_time_unit_parse(&unit, AZ_TIME_DEFAULT_UNIT, NULL));
    AZ_GOTO(AZ_NEW_ARRAY(values, table->n_rows));
    for (int64_t row = 0; row < table->n_rows; row++) AZ_GOTO(read_row(table, parts, row, &unit, &values[row]));
    AZ_GOTO(az_table_take_time(table, column_name, &unit, values));
    values = NULL;
    table->time_column = table->n_columns - 1;
done:
    az_free(names);
    az_free(values);
    return status;
}

/* The same as a stage of a source. */
typedef struct parts_stage {
    az_source *from;
    char *time;
} parts_stage;

static az_status parts_next(void *state, az_table **block, const az_control *control)
{
    parts_stage *self = state;
    az_table *made = NULL;
    AZ_TRY(self->from->class->next(self->from->state, &made, control));
    az_status status = made ? az_table_time_of_parts(made, self->time) : AZ_OK;
    if (status)
        az_table_free(made);
    else
        *block = made;
    return status;
}

static az_status parts_rewind(void *state)
{
    return az_source_rewind(((parts_stage *)state)->from);
}

static void parts_free(void *state)
{
    parts_stage *self = state;
    az_source_free(self->from);
    az_free(self->time);
    az_free(self);
}

static const az_source_class parts_class = {.next = parts_next, .rewind = parts_rewind, .free = parts_free};

az_status az_source_time_of_parts(az_source **source, az_source *from, const az_reader_options *options)
{
    parts_stage *self = NULL;
    if (!options || !az_time_has_parts(options->time)) {
        *source = from;
        return AZ_OK;
    }
    az_status status = AZ_NEW_ZERO(self);
    if (!status) {
        self->time = az_strdup(options->time);
        if (!self->time) status = AZ_ERROR_MEMORY;
    }
    if (status) {
        az_free(self);
        az_source_free(from);
        return status;
    }
    self->from = from;
    int64_t n_rows = from->n_rows;
    const az_grid *grid = from->grid;
    AZ_TRY(az_source_new(source, &parts_class, self, n_rows));
    (*source)->grid = grid;
    return AZ_OK;
}
