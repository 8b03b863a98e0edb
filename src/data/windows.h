/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows in time: the options `lags`, `horizon`, `by`, `series`, and what they make of a table's columns.
 *
 * A series is the rows of one station in order of time.  The window of its row t holds the values of rows t, t-1, ...,
 * t-L+1 (L lags) as inputs, and as target the value of row t+H (H is the horizon).  The row's time is that of its
 * target.  The last H windows of a series have no target yet: these are the forecasts. */
#ifndef AZ_DATA_WINDOWS_H
#define AZ_DATA_WINDOWS_H

#include "base/control.h"
#include "data/table.h"

/* "T[t]", "T[t-1]": the name of the column with a series' values `lag` steps before the last known one. */
az_status az_window_name(az_text *text, const char *series, int64_t lag);

/* A column of the data that windows need. */
typedef struct az_window_column {
    int64_t column;
    const char *name, *unit; /* of the arena */
    az_column_type type;
    az_time_unit time;
    az_dictionary levels; /* categorical: all levels met, by the numbers that histories hold */
} az_window_column;

/* A column of the windows: a column of the data, `lag` rows before row t, or (-1) in the row of the target. */
typedef struct az_window_output {
    const char *name;
    int64_t source; /* in az_window_plan.columns */
    int64_t lag;
} az_window_output;

typedef struct az_window_plan {
    int64_t n_lags, horizon;
    int64_t n_columns, n_outputs, n_by;
    az_window_column *columns; /* the first is the time, the next n_by name the station */
    az_window_output *outputs; /* time, begin, station, series, what is taken along, targets */
    int64_t target_output;     /* the first target, or -1 */
} az_window_plan;

/* Are windows asked for?  Wrong numbers, and options that need --lags, are AZ_ERROR_USAGE.  Pointers may be NULL. */
az_status az_window_options(const az_reader_options *options, bool *wanted, int64_t *n_lags, int64_t *horizon);

/* A table in place of which its windows are put; freed on failure, and *table is NULL. */
az_status az_table_windows(az_table **table, const az_reader_options *options, const az_control *control);

/* The plan for data with the columns of this table.  Strings live in the arena. */
az_status az_window_plan_make(az_window_plan *plan, const az_table *table, const az_reader_options *options,
                              az_arena *arena, const az_control *control);
void az_window_plan_free(az_window_plan *plan);

#endif
