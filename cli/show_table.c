/* SPDX-License-Identifier: BSD-3-Clause */
/* A table at a glance: each column's type, unit, missing cells, range and shape. */
#include "show.h"
#include "summary.h"

#include "base/memory.h"
#include "data/table.h"

#include <string.h>

#define MAX_LEVELS_SHOWN 4

static void summarise(const az_column *column, int64_t n_rows, cli_summary *summary)
{
    cli_summary_begin(summary);
    cli_summary_add(summary, column->values, n_rows, column->stride);
    cli_summary_count(summary, column->values, n_rows, column->stride);
}

static void level_list(const az_column *column, az_text *text)
{
    for (int32_t k = 0; k < column->n_levels && k < MAX_LEVELS_SHOWN; k++)
        az_text_printf(text, "%s%s", k ? ", " : "", column->levels[k]);
    if (column->n_levels > MAX_LEVELS_SHOWN) az_text_append(text, ", ...");
}

/* The mean of months needs no hours. */
static bool long_span(const az_column *column, const cli_summary *s)
{
    return s->upper - s->lower > 3 * az_time_period(&column->time, "day");
}

static const char *const type_names[] = {
    [AZ_NUMERIC] = "numeric", [AZ_CATEGORICAL] = "categorical", [AZ_TIME] = "time"};

static az_status print_table(const az_table *table)
{
    cli_grid grid = {.align = "llrrrrl"};
    static const char *const heads[] = {"column", "unit", "missing", "from", "mean", "to", "values"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) cli_grid_add(&grid, "%s", heads[i]);
    for (int64_t j = 0; j < table->n_columns; j++) {
        const az_column *column = &table->columns[j];
        char number[CLI_NUMBER_MAX], time[AZ_TIME_MAX], bars[CLI_BARS_MAX];
        cli_grid_add(&grid, "%s", column->name);
        cli_grid_add(&grid, "%s", column->unit ? column->unit : "");
        cli_grid_add(&grid, "%s", column->n_missing ? cli_count(number, (double)column->n_missing) : "");
        if (column->type != AZ_CATEGORICAL) {
            cli_summary s;
            summarise(column, table->n_rows, &s);
            const double shown[] = {s.lower, s.mean, s.upper};
            for (int k = 0; k < 3; k++) {
                bool is_time = column->type == AZ_TIME;
                if (is_time) az_time_print(time, &column->time, shown[k]);
                if (is_time && k == 1 && long_span(column, &s)) time[strcspn(time, "T")] = 0;
                cli_grid_add(&grid, "%s", is_time ? time : cli_number(number, shown[k], 5));
            }
            cli_grid_add(&grid, "%s", cli_summary_bars(&s, bars));
        } else {
            az_text levels = {0};
            level_list(column, &levels);
            for (int k = 0; k < 3; k++) cli_grid_add(&grid, "%s", "");
            cli_grid_add(&grid, "%s levels: %s", cli_count(number, column->n_levels), levels.data ? levels.data : "");
            az_text_free(&levels);
        }
    }
    return cli_grid_print(&grid);
}

static az_status print_json(const az_table *table)
{
    az_json json = {.pretty = true};
    az_json_begin_object(&json, NULL);
    az_json_int(&json, "schema", 1);
    az_json_int(&json, "n_rows", table->n_rows);
    az_json_int(&json, "n_columns", table->n_columns);
    az_json_begin_array(&json, "columns");
    for (int64_t j = 0; j < table->n_columns; j++) {
        const az_column *column = &table->columns[j];
        az_json_begin_object(&json, NULL);
        az_json_string(&json, "name", column->name);
        az_json_string(&json, "type", type_names[column->type]);
        az_json_string(&json, "unit", column->unit);
        if (column->type == AZ_TIME) az_json_string(&json, "calendar", az_calendar_name(column->time.calendar));
        az_json_int(&json, "n_missing", column->n_missing);
        if (column->type == AZ_TIME) {
            cli_summary s;
            char time[AZ_TIME_MAX];
            summarise(column, table->n_rows, &s);
            az_time_print(time, &column->time, s.lower);
            az_json_string(&json, "lower", time);
            az_time_print(time, &column->time, s.upper);
            az_json_string(&json, "upper", time);
        } else if (column->type == AZ_NUMERIC) {
            cli_summary s;
            summarise(column, table->n_rows, &s);
            cli_json_summary(&json, &s);
        } else {
            az_json_int(&json, "n_levels", column->n_levels);
            az_json_begin_array(&json, "levels");
            for (int32_t k = 0; k < column->n_levels && k < 50; k++) az_json_string(&json, NULL, column->levels[k]);
            az_json_end_array(&json);
        }
        az_json_end_object(&json);
    }
    az_json_end_array(&json);
    az_json_end_object(&json);
    return cli_print_json(&json);
}

az_status cli_show_table(cli_call *call, const az_table *table)
{
    if (call->options.json) return print_json(table);
    char rows[CLI_NUMBER_MAX], columns[CLI_NUMBER_MAX];
    printf("%s %s, %s %s\n\n", cli_count(rows, (double)table->n_rows), cli_plural((double)table->n_rows, "row", "rows"),
           cli_count(columns, (double)table->n_columns), cli_plural((double)table->n_columns, "column", "columns"));
    AZ_TRY(print_table(table));
    az_text line = {0};
    az_text_append(&line, "ansatz compare");
    for (int64_t i = 0; i < call->n_words; i++) {
        az_text_append(&line, " ");
        cli_shell_quote(&line, call->words[i]);
    }
    az_text_append(&line, " --target ");
    cli_shell_quote(&line, table->n_columns ? table->columns[table->n_columns - 1].name : "COLUMN");
    AZ_TRY(az_text_status(&line));
    cli_next("%s", line.data);
    az_text_free(&line);
    return cli_finish_output();
}
