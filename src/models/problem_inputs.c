/* SPDX-License-Identifier: BSD-3-Clause */
/* Which columns are inputs, and how each is to be read: as a number, a category, a phase. */
#include "models/problem_parts.h"

#include "base/number.h"

#include <math.h>

enum { MOST_LEVELS = 50 };

static az_status mark_categorical(az_problem *problem)
{
    const az_table *table = problem->table;
    char **names = NULL;
    int64_t n = 0;
    az_status status = AZ_OK;
    if (!problem->roles.categorical) return AZ_OK;
    AZ_TRY(az_list_split(problem->roles.categorical, &names, &n));
    for (int64_t i = 0; i < n; i++) {
        int64_t column;
        AZ_GOTO(az_table_find(table, names[i], &column));
        if (table->columns[column].type == AZ_TIME)
            AZ_GOTO(az_error(AZ_ERROR_USAGE, "--categorical %s: the column holds times, which are no categories",
                             table->columns[column].name));
        for (int64_t k = 0; k < problem->n_inputs; k++)
            if (problem->inputs[k] == column) problem->forced_categorical[k] = true;
    }
done:
    az_free(names);
    return status;
}

/* A period is a number; of a time also the name of one: "year". */
static az_status read_period(const az_table *table, int64_t column, const char *text, double *period)
{
    const az_column *from = &table->columns[column];
    bool is_time = from->type == AZ_TIME;
    az_status status = AZ_OK;
    *period = is_time && text ? az_time_period(&from->time, text) : 0;
    if (*period > 0) return AZ_OK;
    if (!text || !az_parse_double_string(text, period) || !(*period > 0) || isinf(*period)) {
        if (is_time)
            return az_error(AZ_ERROR_USAGE,
                            "--periodic %s: give year, month, week, day, hour, or a positive number of %s", from->name,
                            from->unit);
        return az_error(AZ_ERROR_USAGE, "--periodic %s: a positive period is needed, as in %s=360", from->name,
                        from->name);
    }
    return is_time || az_numeric_column(table, column, "periodic column", &status) ? AZ_OK : status;
}

/* A number with a period is one input instead of itself.  A time has an input for each of its periods, besides itself
 * where --features names it. */
static az_status mark_periodic(az_problem *problem)
{
    const az_table *table = problem->table;
    char **names = NULL, **values = NULL;
    int64_t n = 0;
    az_status status = AZ_OK;
    if (!problem->roles.periodic) return AZ_OK;
    AZ_TRY(az_list_pairs(problem->roles.periodic, &names, &values, &n));
    for (int64_t i = 0; i < n; i++) {
        int64_t column;
        double period;
        AZ_GOTO(az_table_find(table, names[i], &column));
        AZ_GOTO(read_period(table, column, values[i], &period));
        if (table->columns[column].type == AZ_TIME) {
            int64_t k = problem->n_inputs++;
            problem->inputs[k] = column;
            problem->periods[k] = period;
            problem->forced_categorical[k] = false;
            continue;
        }
        for (int64_t k = 0; k < problem->n_inputs; k++)
            if (problem->inputs[k] == column) problem->periods[k] = period;
    }
done:
    az_free(names);
    az_free(values);
    return status;
}

/* --categorical and --periodic, told per input. */
az_status az_mark_inputs(az_problem *problem)
{
    AZ_TRY(AZ_NEW_ARRAY(problem->periods, problem->inputs_capacity));
    AZ_TRY(AZ_NEW_ARRAY(problem->forced_categorical, problem->inputs_capacity));
    for (int64_t k = 0; k < problem->n_inputs; k++) {
        problem->periods[k] = 0;
        problem->forced_categorical[k] = false;
    }
    AZ_TRY(mark_categorical(problem));
    return mark_periodic(problem);
}

/* Is the column named in the list?  A name that is no column has been refused before. */
static bool is_listed(const az_table *table, const char *list, int64_t column)
{
    if (!list) return false;
    char **names = NULL;
    int64_t n = 0;
    bool found = false;
    if (az_list_split(list, &names, &n)) return false;
    for (int64_t i = 0; i < n && !found; i++) {
        int64_t place;
        found = az_table_find(table, names[i], &place) == AZ_OK && place == column;
    }
    az_free(names);
    return found;
}

/* Is the column named in --periodic? */
static bool is_periodic(const az_problem *problem, int64_t column)
{
    char **names = NULL, **values = NULL;
    int64_t n = 0;
    bool found = false;
    if (!problem->roles.periodic || az_list_pairs(problem->roles.periodic, &names, &values, &n)) return false;
    for (int64_t i = 0; i < n && !found; i++) {
        int64_t place;
        found = az_table_find(problem->table, names[i], &place) == AZ_OK && place == column;
    }
    az_free(names);
    az_free(values);
    return found;
}

/* How many inputs --periodic can add. */
static az_status count_periods(const az_problem *problem, int64_t *n)
{
    char **names = NULL, **values = NULL;
    *n = 0;
    if (problem->roles.periodic) AZ_TRY(az_list_pairs(problem->roles.periodic, &names, &values, n));
    az_free(names);
    az_free(values);
    return AZ_OK;
}

/* Text that would make a column of zeros and ones per row is left out, unless --categorical asks for it. */
az_status az_choose_inputs(az_problem *problem, unsigned char *parts, const az_control *control)
{
    const az_table *table = problem->table;
    int64_t *named = NULL, n_named = 0;
    az_status status = AZ_OK;
    AZ_TRY(count_periods(problem, &problem->inputs_capacity));
    problem->inputs_capacity += table->n_columns;
    AZ_TRY(AZ_NEW_ARRAY(problem->inputs, problem->inputs_capacity));
    if (problem->roles.features) {
        /* The time column may be named as a feature too. */
        char **items = NULL;
        AZ_GOTO(az_list_split(problem->roles.features, &items, &n_named));
        named = az_alloc_array(n_named, sizeof *named);
        if (!named) status = AZ_ERROR_MEMORY;
        for (int64_t i = 0; i < n_named && !status; i++) {
            status = az_table_find(table, items[i], &named[i]);
            if (!status && parts[named[i]] != PART_NONE && parts[named[i]] != PART_TIME)
                status = az_error(AZ_ERROR_USAGE, "column \"%s\" is named twice, as --%s and as --features",
                                  table->columns[named[i]].name, az_part_names[parts[named[i]]]);
        }
        az_free(items);
        if (status) goto done;
    } else {
        AZ_GOTO(AZ_NEW_ARRAY(named, table->n_columns));
        for (int64_t c = 0; c < table->n_columns; c++) {
            if (parts[c] != PART_NONE || c == table->begin_column) continue;
            if (table->columns[c].type == AZ_TIME) {
                if (!is_periodic(problem, c))
                    az_note(control, "%s: a time, left out (--features or --periodic %s=year would use it)",
                            table->columns[c].name, table->columns[c].name);
                continue;
            }
            named[n_named++] = c;
        }
    }
    for (int64_t i = 0; i < n_named; i++) {
        const az_column *column = &table->columns[named[i]];
        bool many = column->n_levels > MOST_LEVELS, mostly_distinct = 2 * (int64_t)column->n_levels > table->n_rows;
        if (column->type == AZ_CATEGORICAL && (many || mostly_distinct) &&
            !is_listed(table, problem->roles.categorical, named[i])) {
            az_note(control, "%s: left out: text with %d different values in %lld rows (--categorical %s keeps it)",
                    column->name, column->n_levels, (long long)table->n_rows, column->name);
            continue;
        }
        if (column->n_missing == table->n_rows) {
            az_note(control, "%s: left out: every cell is missing", column->name);
            continue;
        }
        problem->inputs[problem->n_inputs++] = named[i];
    }
done:
    az_free(named);
    return status;
}
