/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/table.h"
#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

az_status az_table_new(az_table **table, int64_t n_rows)
{
    if (n_rows < 0) return az_error(AZ_ERROR_USAGE, "a table cannot have %lld rows", (long long)n_rows);
    az_table *made;
    AZ_TRY(AZ_NEW_ZERO(made));
    made->n_rows = n_rows;
    made->time_column = made->target_column = made->begin_column = -1;
    made->source = az_strdup("table");
    if (!made->source) {
        az_free(made);
        return AZ_ERROR_MEMORY;
    }
    *table = made;
    return AZ_OK;
}

static void free_column(az_column *column)
{
    az_free(column->name);
    az_free(column->unit);
    az_free(column->owned_values);
    if (column->borrowed) return;
    az_free(column->codes);
    az_free(column->levels);
}

void az_table_free(az_table *table)
{
    if (!table) return;
    for (int64_t j = 0; j < table->n_columns; j++) free_column(&table->columns[j]);
    az_free(table->columns);
    az_dictionary_free(&table->names);
    az_arena_free(&table->strings);
    az_free(table->row_numbers);
    az_free(table->source);
    az_free(table);
}

char *az_cut_unit(char *name)
{
    size_t length = strlen(name);
    char *open = strrchr(name, '[');
    if (length <= 2 || name[length - 1] != ']' || !open || open <= name + 1 || open[-1] != ' ' ||
        open + 1 >= name + length - 1)
        return NULL;
    char *unit = open + 1;
    name[length - 1] = 0;
    while (open > name && open[-1] == ' ') open--;
    *open = 0;
    return unit;
}

/* Adds an empty column of that name at the end. */
static az_status push_column(az_table *table, const char *name, const char *unit, az_column **column)
{
    int32_t number = az_dictionary_find(&table->names, name, strlen(name));
    if (number >= 0)
        return az_error(AZ_ERROR_DATA,
                        "%s: columns %d and %lld are both called \"%s\"; give them different names (--names)",
                        table->source, number, (long long)table->n_columns, name);
    if (table->n_columns == table->capacity) {
        int64_t capacity = table->capacity ? 2 * table->capacity : 8;
        az_column *columns = az_realloc_array(table->columns, capacity, sizeof *columns);
        if (!columns) return AZ_ERROR_MEMORY;
        table->columns = columns;
        table->capacity = capacity;
    }
    az_column *made = &table->columns[table->n_columns];
    memset(made, 0, sizeof *made);
    made->name = az_strdup(name);
    if (unit) made->unit = az_strdup(unit);
    /* The dictionary borrows the column's own string: both live as long as the table. */
    if (!made->name || (unit && !made->unit) ||
        az_dictionary_add(&table->names, NULL, made->name, strlen(name), &number)) {
        free_column(made);
        return AZ_ERROR_MEMORY;
    }
    table->n_columns++;
    *column = made;
    return AZ_OK;
}

static int64_t count_nan(const double *values, int64_t stride, int64_t n_rows)
{
    int64_t n = 0;
    for (int64_t i = 0; i < n_rows; i++) n += isnan(values[i * stride]) ? 1 : 0;
    return n;
}

az_status az_table_add_numeric(az_table *table, const char *name, const char *unit, const double *values,
                               int64_t stride)
{
    az_column *column;
    AZ_TRY(push_column(table, name, unit, &column));
    column->type = AZ_NUMERIC;
    column->values = values;
    column->stride = stride;
    column->n_missing = count_nan(values, stride, table->n_rows);
    return AZ_OK;
}

az_status az_table_take_numeric(az_table *table, const char *name, const char *unit, double *values)
{
    AZ_TRY(az_table_add_numeric(table, name, unit, values, 1));
    table->columns[table->n_columns - 1].owned_values = values;
    return AZ_OK;
}

static void make_time(az_column *column, const az_time_unit *time)
{
    column->type = AZ_TIME;
    column->time = *time;
}

az_status az_table_add_time(az_table *table, const char *name, const char *unit, const char *calendar,
                            const double *values, int64_t stride)
{
    az_time_unit time;
    az_status status = az_time_unit_parse(&time, unit, calendar);
    if (status) return az_error_context(status, "column \"%s\"", name);
    AZ_TRY(az_table_add_numeric(table, name, unit, values, stride));
    make_time(&table->columns[table->n_columns - 1], &time);
    return AZ_OK;
}

az_status az_table_take_time(az_table *table, const char *name, const az_time_unit *time, double *values)
{
    char unit[AZ_TIME_UNIT_MAX];
    az_time_unit_print(unit, time);
    AZ_TRY(az_table_take_numeric(table, name, unit, values));
    make_time(&table->columns[table->n_columns - 1], time);
    return AZ_OK;
}

az_status az_table_take_categorical(az_table *table, const char *name, int32_t *codes, char **levels, int32_t n_levels)
{
    az_column *column;
    AZ_TRY(push_column(table, name, NULL, &column));
    column->type = AZ_CATEGORICAL;
    column->codes = codes;
    column->levels = levels;
    column->n_levels = n_levels;
    for (int64_t i = 0; i < table->n_rows; i++) column->n_missing += codes[i] < 0;
    return AZ_OK;
}

az_status az_table_take_column(az_table *table, const char *name, const char *unit, az_column *from)
{
    az_column *column;
    AZ_TRY(push_column(table, name, unit, &column));
    char *own_name = column->name, *own_unit = column->unit;
    *column = *from;
    column->name = own_name;
    column->unit = own_unit;
    memset(from, 0, sizeof *from);
    return AZ_OK;
}

az_status az_table_borrow_column(az_table *table, const az_table *from, int64_t number)
{
    const az_column *column = &from->columns[number];
    az_column view = *column;
    view.owned_values = NULL;
    view.borrowed = true;
    return az_table_take_column(table, column->name, column->unit, &view);
}

az_status az_table_borrow_rows(az_table *table, const az_table *from, int64_t number, int64_t first)
{
    AZ_TRY(az_table_borrow_column(table, from, number));
    az_column *column = &table->columns[table->n_columns - 1];
    if (column->type == AZ_CATEGORICAL) {
        column->codes += first;
        column->n_missing = 0;
        for (int64_t i = 0; i < table->n_rows; i++) column->n_missing += column->codes[i] < 0;
    } else {
        column->values += first * column->stride;
        column->n_missing = count_nan(column->values, column->stride, table->n_rows);
    }
    return AZ_OK;
}

az_status az_table_view(az_table **view, const az_table *table)
{
    az_table *made;
    az_status status;
    AZ_TRY(az_table_new(&made, table->n_rows));
    made->time_column = table->time_column;
    made->target_column = table->target_column;
    made->begin_column = table->begin_column;
    made->first_row = table->first_row;
    az_free(made->source);
    made->source = az_strdup(table->source);
    status = made->source ? AZ_OK : AZ_ERROR_MEMORY;
    if (table->row_numbers && !status) {
        status = AZ_NEW_ARRAY(made->row_numbers, table->n_rows);
        if (!status) memcpy(made->row_numbers, table->row_numbers, (size_t)table->n_rows * sizeof *table->row_numbers);
    }
    for (int64_t j = 0; j < table->n_columns && !status; j++) status = az_table_borrow_column(made, table, j);
    if (status)
        az_table_free(made);
    else
        *view = made;
    return status;
}

az_status az_table_add_text(az_table *table, const char *name, const char *const *values)
{
    az_dictionary dictionary = {0};
    int32_t *codes = NULL;
    char **levels = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(codes, table->n_rows));
    for (int64_t i = 0; i < table->n_rows; i++) {
        codes[i] = -1;
        if (!values[i]) continue;
        AZ_GOTO(az_dictionary_add(&dictionary, &table->strings, values[i], strlen(values[i]), &codes[i]));
    }
    AZ_GOTO(az_dictionary_levels(&dictionary, &levels));
    AZ_GOTO(az_table_take_categorical(table, name, codes, levels, dictionary.n_entries));
    codes = NULL;
    levels = NULL;
done:
    az_dictionary_free(&dictionary);
    az_free(codes);
    az_free(levels);
    return status;
}

int64_t az_table_n_rows(const az_table *table)
{
    return table->n_rows;
}

int64_t az_table_n_columns(const az_table *table)
{
    return table->n_columns;
}

const char *az_table_column_name(const az_table *table, int64_t column)
{
    return table->columns[column].name;
}

const char *az_table_column_unit(const az_table *table, int64_t column)
{
    return table->columns[column].unit;
}

az_column_type az_table_column_type(const az_table *table, int64_t column)
{
    return table->columns[column].type;
}

int64_t az_table_column_n_missing(const az_table *table, int64_t column)
{
    return table->columns[column].n_missing;
}

int32_t az_table_column_n_levels(const az_table *table, int64_t column)
{
    return table->columns[column].n_levels;
}

const char *az_table_column_calendar(const az_table *table, int64_t column)
{
    const az_column *from = &table->columns[column];
    return from->type == AZ_TIME ? az_calendar_name(from->time.calendar) : NULL;
}

double az_table_number(const az_table *table, int64_t row, int64_t column)
{
    const az_column *from = &table->columns[column];
    return from->type == AZ_CATEGORICAL ? NAN : from->values[row * from->stride];
}

const char *az_table_text(const az_table *table, int64_t row, int64_t column)
{
    const az_column *from = &table->columns[column];
    if (from->type != AZ_CATEGORICAL || from->codes[row] < 0) return NULL;
    return from->levels[from->codes[row]];
}

static const char *candidate_name(void *context, int64_t i)
{
    const az_table *table = context;
    return i < table->n_columns ? table->columns[i].name : NULL;
}

az_status az_table_find(const az_table *table, const char *name_or_number, int64_t *column)
{
    int32_t found = az_dictionary_find(&table->names, name_or_number, strlen(name_or_number));
    if (found >= 0) {
        *column = found;
        return AZ_OK;
    }
    int64_t number;
    if (az_parse_int_string(name_or_number, &number)) {
        if (number >= 0 && number < table->n_columns) {
            *column = number;
            return AZ_OK;
        }
        return az_error(AZ_ERROR_DATA, "%s has no column %s: its columns are numbered from 0 to %lld", table->source,
                        name_or_number, (long long)table->n_columns - 1);
    }
    const char *nearest = az_nearest(name_or_number, candidate_name, (void *)(uintptr_t)table);
    if (nearest)
        return az_error(AZ_ERROR_DATA, "%s has no column \"%s\"; did you mean \"%s\"?", table->source, name_or_number,
                        nearest);
    az_text names = {0};
    for (int64_t j = 0; j < table->n_columns && j < 12; j++)
        az_text_printf(&names, "%s%s", j ? ", " : "", table->columns[j].name);
    if (table->n_columns > 12) az_text_append(&names, ", ...");
    az_status status = az_text_status(&names);
    if (!status)
        status = az_error(AZ_ERROR_DATA, "%s has no column \"%s\"; its columns are %s", table->source, name_or_number,
                          names.data ? names.data : "none");
    az_text_free(&names);
    return status;
}

uint64_t az_digest_word(uint64_t digest, uint64_t word)
{
    digest = (digest ^ word) * 0x9e3779b97f4a7c15u;
    return digest ^ (digest >> 32);
}

uint64_t az_digest_text(uint64_t digest, const char *text)
{
    size_t length = strlen(text);
    digest = az_digest_word(digest, length);
    for (size_t i = 0; i < length; i++) digest = az_digest_word(digest, (unsigned char)text[i]);
    return digest;
}

uint64_t az_table_digest(const az_table *table)
{
    uint64_t digest = az_digest_word((uint64_t)table->n_rows, (uint64_t)table->n_columns);
    for (int64_t j = 0; j < table->n_columns; j++) {
        const az_column *column = &table->columns[j];
        digest = az_digest_text(digest, column->name);
        digest = az_digest_word(digest, (uint64_t)column->type);
        for (int32_t k = 0; k < column->n_levels; k++) digest = az_digest_text(digest, column->levels[k]);
        if (column->type == AZ_TIME) {
            char unit[AZ_TIME_UNIT_MAX];
            az_time_unit_print(unit, &column->time);
            digest = az_digest_text(az_digest_text(digest, unit), az_calendar_name(column->time.calendar));
        }
        for (int64_t i = 0; i < table->n_rows; i++) {
            uint64_t word = UINT64_MAX; /* missing: the bits of a NaN differ from one source to the next */
            if (column->type == AZ_CATEGORICAL) {
                if (column->codes[i] >= 0) word = (uint64_t)column->codes[i];
            } else if (!isnan(column->values[i * column->stride])) {
                memcpy(&word, &column->values[i * column->stride], sizeof word);
            }
            digest = az_digest_word(digest, word);
        }
    }
    return digest;
}

/* Finite numbers stand before all other texts: were numbers compared by value and all else by bytes, the order of
 * "9" < "10" < "1a" < "9" would be a circle. */
int az_level_compare(const char *a, const char *b)
{
    double x = 0, y = 0;
    bool a_is_number = az_parse_double_string(a, &x) && isfinite(x);
    bool b_is_number = az_parse_double_string(b, &y) && isfinite(y);
    if (a_is_number != b_is_number) return a_is_number ? -1 : 1;
    if (a_is_number && x != y) return x < y ? -1 : 1;
    return strcmp(a, b);
}

int32_t az_level_find(char *const *levels, int32_t n_levels, const char *level)
{
    int32_t low = 0, high = n_levels;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        int order = az_level_compare(level, levels[middle]);
        if (order == 0) return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

int32_t az_level_find_number(char *const *levels, int32_t n_levels, const char *level)
{
    char printed[AZ_NUMBER_MAX];
    double value;
    int32_t found = az_level_find(levels, n_levels, level);
    if (found >= 0 || !az_parse_double_string(level, &value) || !isfinite(value)) return found;
    az_level_print(printed, value);
    return strcmp(printed, level) == 0 ? -1 : az_level_find(levels, n_levels, printed);
}

size_t az_table_print_number(char buffer[AZ_TIME_MAX], const az_table *table, int64_t row, int64_t column)
{
    const az_column *from = &table->columns[column];
    double value = from->values[row * from->stride];
    return from->type == AZ_TIME ? az_time_print(buffer, &from->time, value) : az_print_double(buffer, value);
}

size_t az_level_print(char *buffer, double value)
{
    return az_print_double(buffer, value == 0 ? 0.0 : value);
}
