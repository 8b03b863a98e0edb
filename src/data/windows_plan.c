/* SPDX-License-Identifier: BSD-3-Clause */
/* Which columns windows are made of. */
#include "data/windows.h"

#include "base/number.h"
#include "data/time_parts.h"

#include <string.h>

az_status az_window_name(az_text *text, const char *series, int64_t lag)
{
    if (lag == 0)
        az_text_printf(text, "%s[t]", series);
    else
        az_text_printf(text, "%s[t-%lld]", series, (long long)lag);
    return az_text_status(text);
}

static az_status read_count(const char *name, const char *text, int64_t most, int64_t *count)
{
    if (az_parse_int_string(text, count) && *count >= 1 && *count <= most) return AZ_OK;
    return az_error(AZ_ERROR_USAGE, "--%s takes a whole number from 1 to %lld, not \"%s\"", name, (long long)most,
                    text);
}

az_status az_window_options(const az_reader_options *options, bool *wanted, int64_t *n_lags, int64_t *horizon)
{
    int64_t lags = 0, steps = 1;
    *wanted = options && options->lags;
    if (*wanted) {
        AZ_TRY(read_count("lags", options->lags, 100000, &lags));
        if (options->horizon) AZ_TRY(read_count("horizon", options->horizon, 1000000, &steps));
    } else if (options) {
        const char *alone = options->horizon ? "horizon" : options->by ? "by" : options->series ? "series" : NULL;
        if (alone) return az_error(AZ_ERROR_USAGE, "--%s goes with --lags L, which makes windows of a series", alone);
    }
    if (n_lags) *n_lags = lags;
    if (horizon) *horizon = steps;
    return AZ_OK;
}

/* Which column the rows are in order of: the one named, the one that is the time by itself, the only one of times. */
static az_status find_time(const az_table *table, const char *name, int64_t *time)
{
    if (name && !az_time_has_parts(name)) return az_table_find(table, name, time);
    *time = table->time_column;
    if (*time >= 0) return AZ_OK;
    int64_t n = 0;
    for (int64_t j = 0; j < table->n_columns; j++)
        if (table->columns[j].type == AZ_TIME) {
            *time = j;
            n++;
        }
    if (n == 1) return AZ_OK;
    return az_error(AZ_ERROR_USAGE, "%s: --lags needs to know which column is the time: %s; name it with --time",
                    table->source, n ? "several hold dates" : "none holds dates");
}

static az_status copy_text(az_arena *arena, const char *text, const char **copy)
{
    *copy = NULL;
    if (!text) return AZ_OK;
    *copy = az_arena_strndup(arena, text, strlen(text));
    return *copy ? AZ_OK : AZ_ERROR_MEMORY;
}

/* The place of a column of the table in the plan, to which it is added. */
static az_status need(az_window_plan *plan, const az_table *table, int64_t column, az_arena *arena, int64_t *place)
{
    for (*place = 0; *place < plan->n_columns; (*place)++)
        if (plan->columns[*place].column == column) return AZ_OK;
    const az_column *from = &table->columns[column];
    az_window_column *made = &plan->columns[plan->n_columns++];
    *made = (az_window_column){.column = column, .type = from->type, .time = from->time};
    AZ_TRY(copy_text(arena, from->name, &made->name));
    return copy_text(arena, from->unit, &made->unit);
}

static az_status put_out(az_window_plan *plan, int64_t source, int64_t lag, az_arena *arena)
{
    if ((plan->n_outputs & (plan->n_outputs - 1)) == 0) { /* full at powers of two */
        int64_t capacity = plan->n_outputs ? 2 * plan->n_outputs : 1;
        az_window_output *outputs = az_realloc_array(plan->outputs, capacity, sizeof *outputs);
        if (!outputs) return AZ_ERROR_MEMORY;
        plan->outputs = outputs;
    }
    az_window_output *made = &plan->outputs[plan->n_outputs++];
    *made = (az_window_output){.source = source, .lag = lag};
    az_text name = {0};
    if (lag >= 0)
        az_window_name(&name, plan->columns[source].name, lag);
    else
        az_text_append(&name, plan->columns[source].name);
    az_status status = az_text_status(&name);
    if (!status) status = copy_text(arena, name.data, &made->name);
    az_text_free(&name);
    return status;
}

typedef enum use { USE_NONE, USE_TIME, USE_BY, USE_TARGET, USE_BESIDE } use;

/* Marks the columns of a list.  Those that need not be there are passed over if they are not. */
static az_status mark(const az_table *table, const char *list, unsigned char *uses, use as, bool may_be_absent)
{
    char **names = NULL;
    int64_t n = 0;
    if (!list) return AZ_OK;
    AZ_TRY(az_list_split(list, &names, &n));
    az_status status = AZ_OK;
    for (int64_t i = 0; i < n && !status; i++) {
        int64_t column;
        if (may_be_absent && az_dictionary_find(&table->names, names[i], strlen(names[i])) < 0) continue;
        status = az_table_find(table, names[i], &column);
        if (status) break;
        if (uses[column] == USE_NONE) uses[column] = (unsigned char)as;
    }
    az_free(names);
    return status;
}

/* The columns that are lagged: the list, or all numbers that play no other part; targets too. */
static az_status choose_series(const az_table *table, const az_reader_options *options, const unsigned char *uses,
                               bool *lagged, const az_control *control)
{
    az_status status = AZ_OK;
    for (int64_t j = 0; j < table->n_columns; j++) lagged[j] = false;
    if (options->series) {
        char **names = NULL;
        int64_t n = 0;
        AZ_TRY(az_list_split(options->series, &names, &n));
        for (int64_t i = 0; i < n && !status; i++) {
            int64_t column;
            status = az_table_find(table, names[i], &column);
            if (status) break;
            lagged[column] = true;
            if (uses[column] != USE_NONE && uses[column] != USE_TARGET)
                status = az_error(AZ_ERROR_USAGE,
                                  "--series names \"%s\", which already is the time, the station, or has "
                                  "another part",
                                  names[i]);
        }
        az_free(names);
        return status;
    }
    az_text left = {0};
    for (int64_t j = 0; j < table->n_columns; j++) {
        bool is_free = uses[j] == USE_NONE || uses[j] == USE_TARGET;
        lagged[j] = is_free && table->columns[j].type == AZ_NUMERIC;
        if (!is_free || lagged[j] || uses[j] == USE_TARGET) continue;
        az_text_printf(&left, "%s%s", left.length ? ", " : "", table->columns[j].name);
    }
    if (left.length)
        az_note(control, "%s: not in the windows, being no numbers (--series takes what it names)", left.data);
    az_text_free(&left);
    return AZ_OK;
}

static az_status put_all(az_window_plan *plan, const az_table *table, const unsigned char *uses, const bool *lagged,
                         int64_t time, az_arena *arena)
{
    int64_t place;
    AZ_TRY(need(plan, table, time, arena, &place));
    for (int64_t j = 0; j < table->n_columns; j++)
        if (uses[j] == USE_BY) AZ_TRY(need(plan, table, j, arena, &place));
    plan->n_by = plan->n_columns - 1;
    AZ_TRY(put_out(plan, 0, -1, arena));
    AZ_TRY(put_out(plan, 0, plan->n_lags - 1, arena));
    for (int64_t k = 1; k <= plan->n_by; k++) AZ_TRY(put_out(plan, k, -1, arena));
    for (int64_t j = 0; j < table->n_columns; j++) {
        if (!lagged[j]) continue;
        AZ_TRY(need(plan, table, j, arena, &place));
        for (int64_t lag = 0; lag < plan->n_lags; lag++) AZ_TRY(put_out(plan, place, lag, arena));
    }
    for (use as = USE_BESIDE; as != USE_NONE; as = as == USE_BESIDE ? USE_TARGET : USE_NONE)
        for (int64_t j = 0; j < table->n_columns; j++) {
            if (uses[j] != as) continue;
            if (as == USE_TARGET && plan->target_output < 0) plan->target_output = plan->n_outputs;
            AZ_TRY(need(plan, table, j, arena, &place));
            AZ_TRY(put_out(plan, place, -1, arena));
        }
    return AZ_OK;
}

az_status az_window_plan_make(az_window_plan *plan, const az_table *table, const az_reader_options *options,
                              az_arena *arena, const az_control *control)
{
    unsigned char *uses = NULL;
    bool *lagged = NULL, wanted;
    int64_t time, n_lagged = 0;
    az_status status;
    *plan = (az_window_plan){.target_output = -1};
    AZ_TRY(az_window_options(options, &wanted, &plan->n_lags, &plan->horizon));
    AZ_GOTO(AZ_NEW_ARRAY(plan->columns, table->n_columns));
    AZ_GOTO(AZ_NEW_ARRAY(uses, table->n_columns));
    AZ_GOTO(AZ_NEW_ARRAY(lagged, table->n_columns));
    memset(uses, USE_NONE, (size_t)table->n_columns);
    AZ_GOTO(find_time(table, options->time, &time));
    if (table->columns[time].type == AZ_CATEGORICAL)
        AZ_GOTO(az_error(AZ_ERROR_DATA,
                         "%s: column \"%s\" holds text (\"%s\") and cannot be the time; dates read as 1997-03-01",
                         table->source, table->columns[time].name,
                         table->columns[time].n_levels ? table->columns[time].levels[0] : ""));
    if (az_time_has_parts(options->time)) AZ_GOTO(mark(table, options->time, uses, USE_TIME, true));
    uses[time] = USE_TIME;
    AZ_GOTO(mark(table, options->by, uses, USE_BY, false));
    AZ_GOTO(mark(table, options->target, uses, USE_TARGET, false));
    if (!options->target && table->target_column >= 0) uses[table->target_column] = USE_TARGET;
    AZ_GOTO(mark(table, options->beside, uses, USE_BESIDE, true));
    AZ_GOTO(choose_series(table, options, uses, lagged, control));
    for (int64_t j = 0; j < table->n_columns; j++) n_lagged += lagged[j];
    if (n_lagged == 0)
        AZ_GOTO(az_error(AZ_ERROR_DATA, "%s: no column of numbers is left to make windows of; name some with --series",
                         table->source));
    status = put_all(plan, table, uses, lagged, time, arena);
done:
    az_free(uses);
    az_free(lagged);
    return status;
}

void az_window_plan_free(az_window_plan *plan)
{
    for (int64_t k = 0; k < plan->n_columns; k++) az_dictionary_free(&plan->columns[k].levels);
    az_free(plan->columns);
    az_free(plan->outputs);
}
