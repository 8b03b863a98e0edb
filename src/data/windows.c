/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows in time as a stage of a source: the last lags + horizon rows of every station are kept, whatever the length
 * of the series. */
#include "data/windows.h"

#include "base/number.h"
#include "data/calendar.h"
#include "data/source.h"

#include <math.h>
#include <string.h>

/* The rows of one station that later windows need, as a ring: row i of the series at (i % ring) * n_columns.
 * Categories are the numbers of their levels; missing cells are NaN. */
typedef struct station {
    double *rows;
    int64_t n_rows;
    double first_time, shortest, longest; /* steps */
    int64_t last_month;                   /* that of the last row, in calendar months */
    int64_t months;                       /* every step so far is so many calendar months; 0: not so */
} station;

typedef struct windows {
    az_source *from;
    az_reader_options options;
    az_window_plan plan;
    bool planned, ended, told;
    const char *source; /* what messages call the data */
    az_arena strings;
    az_dictionary names; /* of stations */
    station *stations;
    int64_t n_stations, capacity, ring;
    int64_t next_open;        /* station whose windows without a target come next, at the end */
    int64_t n_given, n_short; /* windows handed out; rows without a full history */
    double *values;           /* (n_outputs, n_made) of the block being made, column by column */
    int64_t n_made, block_capacity;
} windows;

static const double *row_of(const windows *w, const station *s, int64_t row)
{
    return s->rows + row % w->ring * w->plan.n_columns;
}

static az_status more_room(windows *w)
{
    if (w->n_made < w->block_capacity) return AZ_OK;
    int64_t n = w->plan.n_outputs, old = w->block_capacity, wide = old ? 2 * old : 256;
    double *values;
    AZ_TRY(AZ_NEW_ARRAY(values, n * wide));
    for (int64_t k = 0; k < n && w->n_made; k++)
        memcpy(values + k * wide, w->values + k * old, (size_t)w->n_made * sizeof *values);
    az_free(w->values);
    w->values = values;
    w->block_capacity = wide;
    return AZ_OK;
}

/* The window whose last known row is t; `ahead` is the row of the target, or NULL: only its time is known. */
static az_status emit(windows *w, const station *s, int64_t t, const double *ahead, double time)
{
    const az_window_plan *plan = &w->plan;
    AZ_TRY(more_room(w));
    for (int64_t k = 0; k < plan->n_outputs; k++) {
        const az_window_output *output = &plan->outputs[k];
        double *cell = &w->values[k * w->block_capacity + w->n_made];
        if (output->lag >= 0)
            *cell = row_of(w, s, t - output->lag)[output->source];
        else if (ahead)
            *cell = ahead[output->source];
        else if (output->source == 0)
            *cell = time;
        else
            *cell = output->source <= plan->n_by ? row_of(w, s, t)[output->source] : (double)NAN;
    }
    w->n_made++;
    return AZ_OK;
}

/* Months since the year 0, of a time. */
static int64_t month_of(const az_time_unit *unit, double time)
{
    az_date date;
    az_date_of_time(unit, time, &date);
    return 12 * date.year + date.month - 1;
}

/* `count` steps after the last row: calendar months where all steps were so, else steps of the mean length. */
static double time_after(const windows *w, const station *s, int64_t count)
{
    const az_window_column *column = &w->plan.columns[0];
    double last = row_of(w, s, s->n_rows - 1)[0];
    if (s->months > 0) {
        az_date date, next;
        az_date_of_time(&column->time, last, &date);
        bool at_end = !az_calendar_has(column->time.calendar, date.year, date.month, date.day + 1);
        int64_t month = 12 * date.year + date.month - 1 + count * s->months;
        next = date;
        next.year = month / 12 - (month % 12 < 0);
        next.month = (int)(month - 12 * next.year) + 1;
        next.day = at_end ? 31 : date.day;
        while (!az_calendar_has(column->time.calendar, next.year, next.month, next.day)) next.day--;
        return az_time_of_date(&column->time, &next);
    }
    double step = s->longest == s->shortest ? s->longest : (last - s->first_time) / (double)(s->n_rows - 1);
    return last + (double)count * step;
}

static void print_time(const windows *w, double time, char text[AZ_TIME_MAX])
{
    if (w->plan.columns[0].type == AZ_TIME)
        az_time_print(text, &w->plan.columns[0].time, time);
    else
        az_print_double(text, time);
}

static az_status refuse_order(const windows *w, const az_table *block, int64_t row, double before, double time)
{
    char a[AZ_TIME_MAX], b[AZ_TIME_MAX];
    print_time(w, time, a);
    print_time(w, before, b);
    long long number = (long long)az_table_row_number(block, row) + 1;
    const char *name = w->plan.columns[0].name;
    if (time == before)
        return az_error(AZ_ERROR_DATA, "%s: %s %s stands twice, in data row %lld and before%s", block->source, name, a,
                        number, w->plan.n_by ? " in the same station" : "; --by names the column of the station");
    return az_error(AZ_ERROR_DATA,
                    "%s: the times are out of order: %s %s in data row %lld comes after %s; sort the rows%s",
                    block->source, name, a, number, b, w->plan.n_by ? "" : ", or name the station with --by");
}

/* The step from the row before, for the times of forecasts and for a note where steps differ. */
static void measure_step(const windows *w, station *s, double before, double time)
{
    double step = time - before;
    if (s->n_rows == 1 || step < s->shortest) s->shortest = step;
    if (s->n_rows == 1 || step > s->longest) s->longest = step;
    if (w->plan.columns[0].type != AZ_TIME) return;
    int64_t month = month_of(&w->plan.columns[0].time, time), months = month - s->last_month;
    if (s->n_rows == 1)
        s->months = months;
    else if (months != s->months)
        s->months = 0;
    s->last_month = month;
}

static az_status push_row(windows *w, station *s, const az_table *block, int64_t row, const double *values)
{
    const az_window_plan *plan = &w->plan;
    double time = values[0];
    if (!isfinite(time))
        return az_error(AZ_ERROR_DATA, "%s: the time \"%s\" is missing in data row %lld", block->source,
                        plan->columns[0].name, (long long)az_table_row_number(block, row) + 1);
    if (s->n_rows == 0) {
        s->first_time = time;
        if (plan->columns[0].type == AZ_TIME) s->last_month = month_of(&plan->columns[0].time, time);
    } else {
        double before = row_of(w, s, s->n_rows - 1)[0];
        if (!(time > before)) return refuse_order(w, block, row, before, time);
        measure_step(w, s, before, time);
    }
    memcpy(s->rows + s->n_rows % w->ring * plan->n_columns, values, (size_t)plan->n_columns * sizeof *values);
    s->n_rows++;
    if (s->n_rows < plan->n_lags) w->n_short++;
    if (s->n_rows < plan->n_lags + plan->horizon) return AZ_OK;
    return emit(w, s, s->n_rows - 1 - plan->horizon, row_of(w, s, s->n_rows - 1), time);
}

/* The station of a row: by the texts of the columns that name it. */
static az_status find_station(windows *w, const az_table *block, int64_t row, station **found)
{
    az_text name = {0};
    int32_t number = 0;
    for (int64_t k = 1; k <= w->plan.n_by; k++) {
        const az_column *column = &block->columns[w->plan.columns[k].column];
        char text[AZ_TIME_MAX];
        if (column->type == AZ_CATEGORICAL) {
            if (column->codes[row] >= 0) az_text_append(&name, column->levels[column->codes[row]]);
        } else {
            az_table_print_number(text, block, row, w->plan.columns[k].column);
            az_text_append(&name, text);
        }
        az_text_append(&name, "\n");
    }
    az_status status = az_text_status(&name);
    if (!status) status = az_dictionary_add(&w->names, &w->strings, name.data ? name.data : "", name.length, &number);
    az_text_free(&name);
    AZ_TRY(status);
    if (number == w->n_stations) {
        if (w->n_stations == w->capacity) {
            int64_t capacity = w->capacity ? 2 * w->capacity : 4;
            station *stations = az_realloc_array(w->stations, capacity, sizeof *stations);
            if (!stations) return AZ_ERROR_MEMORY;
            w->stations = stations;
            w->capacity = capacity;
        }
        station *made = &w->stations[w->n_stations];
        *made = (station){0};
        AZ_TRY(AZ_NEW_ARRAY(made->rows, w->ring * w->plan.n_columns));
        w->n_stations++;
    }
    *found = &w->stations[number];
    return AZ_OK;
}

/* Numbers of levels that hold for all blocks, from those of one. */
static az_status map_levels(windows *w, const az_table *block, int32_t **maps)
{
    for (int64_t k = 0; k < w->plan.n_columns; k++) {
        az_window_column *to = &w->plan.columns[k];
        const az_column *column = &block->columns[to->column];
        if (column->type != AZ_CATEGORICAL) continue;
        AZ_TRY(AZ_NEW_ARRAY(maps[k], column->n_levels));
        for (int32_t code = 0; code < column->n_levels; code++)
            AZ_TRY(az_dictionary_add(&to->levels, &w->strings, column->levels[code], strlen(column->levels[code]),
                                     &maps[k][code]));
    }
    return AZ_OK;
}

static az_status take_block(windows *w, const az_table *block)
{
    const int64_t n = w->plan.n_columns;
    double *values = NULL;
    int32_t **maps = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(values, n));
    AZ_GOTO(AZ_NEW_ARRAY(maps, n));
    memset(maps, 0, (size_t)n * sizeof *maps);
    AZ_GOTO(map_levels(w, block, maps));
    for (int64_t row = 0; row < block->n_rows; row++) {
        station *s;
        for (int64_t k = 0; k < n; k++) {
            const az_column *column = &block->columns[w->plan.columns[k].column];
            if (column->type != AZ_CATEGORICAL)
                values[k] = column->values[row * column->stride];
            else
                values[k] = column->codes[row] < 0 ? (double)NAN : (double)maps[k][column->codes[row]];
        }
        AZ_GOTO(find_station(w, block, row, &s));
        AZ_GOTO(push_row(w, s, block, row, values));
    }
done:
    for (int64_t k = 0; maps && k < n; k++) az_free(maps[k]);
    az_free(maps);
    az_free(values);
    return status;
}

/* The last windows of a station: those whose target lies beyond its last row. */
static az_status take_open(windows *w, const station *s)
{
    const int64_t horizon = w->plan.horizon, n_lags = w->plan.n_lags;
    for (int64_t count = 1; count <= horizon; count++) {
        int64_t t = s->n_rows - 1 - horizon + count;
        if (t >= n_lags - 1) AZ_TRY(emit(w, s, t, NULL, time_after(w, s, count)));
    }
    return AZ_OK;
}

/* One column of the block: numbers as they are, categories with all levels met so far, in the arena of the stage. */
static az_status put_column(windows *w, az_table *block, int64_t k)
{
    const az_window_output *output = &w->plan.outputs[k];
    const az_window_column *source = &w->plan.columns[output->source];
    const double *from = w->values + k * w->block_capacity;
    az_column made = {.type = source->type, .time = source->time, .stride = 1};
    az_status status = AZ_OK;
    if (source->type == AZ_CATEGORICAL) {
        AZ_GOTO(AZ_NEW_ARRAY(made.codes, w->n_made));
        AZ_GOTO(az_dictionary_levels(&source->levels, &made.levels));
        made.n_levels = source->levels.n_entries;
        for (int64_t i = 0; i < w->n_made; i++) {
            made.codes[i] = isnan(from[i]) ? -1 : (int32_t)from[i];
            made.n_missing += made.codes[i] < 0;
        }
    } else {
        AZ_GOTO(AZ_NEW_ARRAY(made.owned_values, w->n_made));
        made.values = made.owned_values;
        memcpy(made.owned_values, from, (size_t)w->n_made * sizeof *from);
        for (int64_t i = 0; i < w->n_made; i++) made.n_missing += isnan(from[i]);
    }
    AZ_GOTO(az_table_take_column(block, output->name, source->unit, &made));
done:
    if (status) {
        az_free(made.codes);
        az_free(made.levels);
        az_free(made.owned_values);
    }
    return status;
}

enum { TIME_OUTPUT, BEGIN_OUTPUT };

static az_status make_block(windows *w, az_table **block)
{
    az_table *made;
    az_status status;
    AZ_TRY(az_table_new(&made, w->n_made));
    az_free(made->source);
    made->source = az_strdup(w->source);
    if (!made->source) AZ_GOTO(AZ_ERROR_MEMORY);
    for (int64_t k = 0; k < w->plan.n_outputs; k++) AZ_GOTO(put_column(w, made, k));
    made->time_column = TIME_OUTPUT;
    made->begin_column = BEGIN_OUTPUT;
    made->target_column = w->plan.target_output;
    made->first_row = w->n_given;
    w->n_given += w->n_made;
    w->n_made = 0;
    *block = made;
    made = NULL;
done:
    az_table_free(made);
    return status;
}

/* What is worth a word, once at the end. */
static az_status tell(const windows *w, const az_control *control)
{
    const az_window_plan *plan = &w->plan;
    int64_t longest = 0;
    bool uneven = false;
    double shortest_step = INFINITY, longest_step = 0;
    for (int64_t i = 0; i < w->n_stations; i++) {
        const station *s = &w->stations[i];
        if (s->n_rows > longest) longest = s->n_rows;
        /* Sums of equal steps in binary differ in their last digits. */
        uneven |= s->n_rows > 2 && s->months == 0 && s->longest > s->shortest * (1 + 1e-6);
        shortest_step = s->n_rows > 1 ? fmin(shortest_step, s->shortest) : shortest_step;
        longest_step = s->n_rows > 1 ? fmax(longest_step, s->longest) : longest_step;
    }
    if (longest < plan->n_lags)
        return az_error(AZ_ERROR_DATA, "%s: %lld lags need a series of as many rows, and the longest has %lld",
                        w->source, (long long)plan->n_lags, (long long)longest);
    if (w->n_short)
        az_note(control, "%lld rows have no full history of %lld lags and make no window", (long long)w->n_short,
                (long long)plan->n_lags);
    if (uneven) {
        az_text text = {0};
        az_text_append(&text, plan->columns[0].name);
        az_text_append(&text, ": steps differ, from ");
        az_text_rounded(&text, shortest_step, 6);
        az_text_append(&text, " to ");
        az_text_rounded(&text, longest_step, 6);
        if (plan->columns[0].unit)
            az_text_printf(&text, " %.*s", (int)strcspn(plan->columns[0].unit, " "), plan->columns[0].unit);
        az_text_append(&text, "; lags and the horizon count rows");
        if (!az_text_status(&text)) az_note(control, "%s", text.data);
        az_text_free(&text);
    }
    return AZ_OK;
}

static az_status windows_next(void *state, az_table **block, const az_control *control)
{
    windows *w = state;
    while (!w->ended && w->n_made == 0) {
        const az_table *rows;
        AZ_TRY(az_source_next(w->from, &rows, control));
        if (!rows) {
            w->ended = true;
            break;
        }
        if (!w->planned) {
            AZ_TRY(az_window_plan_make(&w->plan, rows, &w->options, &w->strings, control));
            w->source = az_arena_strndup(&w->strings, rows->source, strlen(rows->source));
            if (!w->source) return AZ_ERROR_MEMORY;
            w->planned = true;
            w->ring = w->plan.n_lags + w->plan.horizon;
        }
        AZ_TRY(take_block(w, rows));
        AZ_TRY(az_check_interrupt(control));
    }
    if (w->ended && w->planned && !w->told) AZ_TRY(tell(w, control));
    w->told |= w->ended;
    while (w->ended && w->next_open < w->n_stations && w->n_made < 4096)
        AZ_TRY(take_open(w, &w->stations[w->next_open++]));
    if (w->n_made > 0) AZ_TRY(make_block(w, block));
    return AZ_OK;
}

static void forget(windows *w)
{
    for (int64_t i = 0; i < w->n_stations; i++) az_free(w->stations[i].rows);
    az_dictionary_free(&w->names);
    w->n_stations = w->next_open = w->n_given = w->n_short = w->n_made = 0;
    w->ended = false;
}

static az_status windows_rewind(void *state)
{
    windows *w = state;
    forget(w);
    return az_source_rewind(w->from);
}

static void windows_free(void *state)
{
    windows *w = state;
    forget(w);
    az_window_plan_free(&w->plan);
    az_free(w->stations);
    az_free(w->values);
    az_arena_free(&w->strings);
    az_source_free(w->from);
    az_free(w);
}

static const az_source_class windows_class = {.next = windows_next, .rewind = windows_rewind, .free = windows_free};

/* The options are copied: the caller's strings need not live as long as the source. */
static az_status copy_options(windows *w, const az_reader_options *from)
{
    const char *const texts[] = {from->lags,   from->horizon, from->by,    from->series,
                                 from->target, from->time,    from->beside};
    const char **copies[] = {&w->options.lags,   &w->options.horizon, &w->options.by,    &w->options.series,
                             &w->options.target, &w->options.time,    &w->options.beside};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!texts[i]) continue;
        *copies[i] = az_arena_strndup(&w->strings, texts[i], strlen(texts[i]));
        if (!*copies[i]) return AZ_ERROR_MEMORY;
    }
    return AZ_OK;
}

az_status az_source_windows(az_source **source, az_source *from, const az_reader_options *options,
                            const az_control *control)
{
    bool wanted = false;
    windows *w = NULL;
    (void)control;
    az_status status = az_window_options(options, &wanted, NULL, NULL);
    if (!status && !wanted) {
        *source = from;
        return AZ_OK;
    }
    if (!status) status = AZ_NEW_ZERO(w);
    if (status) {
        az_source_free(from);
        return status;
    }
    w->from = from;
    status = copy_options(w, options);
    if (status) {
        windows_free(w);
        return status;
    }
    return az_source_new(source, &windows_class, w, -1);
}

az_status az_table_windows(az_table **table, const az_reader_options *options, const az_control *control)
{
    az_source *rows = NULL, *made = NULL;
    az_table *from = *table;
    *table = NULL;
    AZ_TRY(az_source_of_own_table(&rows, from));
    AZ_TRY(az_source_windows(&made, rows, options, control));
    az_status status = az_table_collect(table, made, control);
    az_source_free(made);
    return status;
}
