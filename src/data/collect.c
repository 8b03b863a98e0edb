/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks of a source as one table. */
#include "base/control.h"
#include "data/source.h"

#include <string.h>

struct az_collection {
    az_table *table;
    az_dictionary *levels; /* one a column; used by the categorical ones */
    int64_t capacity;      /* rows for which the columns have room */
    int32_t *map;          /* a block's codes to the table's */
    bool numbered;         /* rows were left out: the table keeps the numbers of all */
};

static az_status begin(az_collection *to, const az_table *block)
{
    AZ_TRY(az_table_new(&to->table, 0));
    az_table *table = to->table;
    az_free(table->source);
    table->source = az_strdup(block->source);
    if (!table->source) return AZ_ERROR_MEMORY;
    table->time_column = block->time_column;
    table->target_column = block->target_column;
    table->begin_column = block->begin_column;
    table->first_row = block->first_row;
    for (int64_t j = 0; j < block->n_columns; j++) {
        const az_column *from = &block->columns[j];
        az_column empty = {.type = from->type, .time = from->time, .stride = 1};
        AZ_TRY(az_table_take_column(table, from->name, from->unit, &empty));
    }
    AZ_TRY(AZ_NEW_ARRAY(to->levels, block->n_columns));
    memset(to->levels, 0, (size_t)block->n_columns * sizeof *to->levels);
    return AZ_OK;
}

/* From the first row on that is not the next of the data, the table has to know the numbers of its rows. */
static az_status note_numbers(az_collection *to, const az_table *block)
{
    az_table *table = to->table;
    if (to->numbered || (!block->row_numbers && block->first_row == table->first_row + table->n_rows)) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(table->row_numbers, to->capacity));
    for (int64_t i = 0; i < table->n_rows; i++) table->row_numbers[i] = table->first_row + i;
    to->numbered = true;
    return AZ_OK;
}

/* Room for so many rows in all columns, doubled each time; exact where their number is known beforehand. */
static az_status reserve(az_collection *to, int64_t n_rows, int64_t n_known)
{
    if (n_rows <= to->capacity) return AZ_OK;
    int64_t capacity = n_known >= n_rows ? n_known : n_rows > 2 * to->capacity ? n_rows : 2 * to->capacity;
    for (int64_t j = 0; j < to->table->n_columns; j++) {
        az_column *column = &to->table->columns[j];
        if (column->type == AZ_CATEGORICAL) {
            int32_t *codes = az_realloc_array(column->codes, capacity, sizeof *codes);
            if (!codes) return AZ_ERROR_MEMORY;
            column->codes = codes;
        } else {
            double *values = az_realloc_array(column->owned_values, capacity, sizeof *values);
            if (!values) return AZ_ERROR_MEMORY;
            column->owned_values = values;
            column->values = values;
        }
    }
    if (to->numbered) {
        int64_t *numbers = az_realloc_array(to->table->row_numbers, capacity, sizeof *numbers);
        if (!numbers) return AZ_ERROR_MEMORY;
        to->table->row_numbers = numbers;
    }
    to->capacity = capacity;
    return AZ_OK;
}

/* Levels get their numbers when a row first has them: a block may list some that none of its rows has. */
static az_status append_codes(az_collection *to, int64_t j, const az_column *from, int64_t n_rows)
{
    az_table *table = to->table;
    int32_t *codes = table->columns[j].codes + table->n_rows;
    az_free(to->map);
    AZ_TRY(AZ_NEW_ARRAY(to->map, from->n_levels));
    for (int32_t k = 0; k < from->n_levels; k++) to->map[k] = -1;
    for (int64_t i = 0; i < n_rows; i++) {
        int32_t code = from->codes[i];
        codes[i] = -1;
        if (code < 0) continue;
        if (to->map[code] < 0)
            AZ_TRY(az_dictionary_add(&to->levels[j], &table->strings, from->levels[code], strlen(from->levels[code]),
                                     &to->map[code]));
        codes[i] = to->map[code];
    }
    return AZ_OK;
}

static az_status append(az_collection *to, const az_table *block)
{
    az_table *table = to->table;
    for (int64_t j = 0; j < table->n_columns; j++) {
        az_column *column = &table->columns[j];
        const az_column *from = j < block->n_columns ? &block->columns[j] : NULL;
        if (!from || from->type != column->type || block->n_columns != table->n_columns)
            return az_error(AZ_ERROR_INTERNAL, "%s: the blocks of a source differ in column \"%s\"", table->source,
                            column->name);
        column->n_missing += from->n_missing;
        if (column->type == AZ_CATEGORICAL) {
            AZ_TRY(append_codes(to, j, from, block->n_rows));
        } else {
            double *values = column->owned_values + table->n_rows;
            for (int64_t i = 0; i < block->n_rows; i++) values[i] = from->values[i * from->stride];
        }
    }
    for (int64_t i = 0; to->numbered && i < block->n_rows; i++)
        table->row_numbers[table->n_rows + i] = az_table_row_number(block, i);
    table->n_rows += block->n_rows;
    return AZ_OK;
}

az_status az_collection_new(az_collection **result)
{
    return AZ_NEW_ZERO(*result);
}

void az_collection_free(az_collection *collection)
{
    if (!collection) return;
    for (int64_t j = 0; collection->levels && j < collection->table->n_columns; j++)
        az_dictionary_free(&collection->levels[j]);
    az_free(collection->levels);
    az_free(collection->map);
    az_table_free(collection->table);
    az_free(collection);
}

az_status az_collection_add(az_collection *collection, const az_table *block, int64_t n_known)
{
    if (!collection->table) AZ_TRY(begin(collection, block));
    AZ_TRY(reserve(collection, collection->table->n_rows + block->n_rows, n_known));
    AZ_TRY(note_numbers(collection, block));
    return append(collection, block);
}

int64_t az_collection_n_rows(const az_collection *collection)
{
    return collection->table ? collection->table->n_rows : 0;
}

az_status az_collection_take(az_collection *collection, az_table **table)
{
    az_table *made = collection->table;
    if (!made) return az_error(AZ_ERROR_DATA, "no data: the source has no rows");
    for (int64_t j = 0; j < made->n_columns; j++) {
        az_column *column = &made->columns[j];
        if (column->type != AZ_CATEGORICAL) continue;
        AZ_TRY(az_dictionary_levels(&collection->levels[j], &column->levels));
        column->n_levels = collection->levels[j].n_entries;
    }
    for (int64_t j = 0; j < made->n_columns; j++) az_dictionary_free(&collection->levels[j]);
    az_free(collection->levels);
    az_free(collection->map);
    *collection = (az_collection){0};
    *table = made;
    return AZ_OK;
}

az_status az_table_collect(az_table **table, az_source *source, const az_control *control)
{
    az_collection *collection;
    az_status status;
    AZ_TRY(az_collection_new(&collection));
    for (;;) {
        const az_table *block;
        AZ_GOTO(az_source_next(source, &block, control));
        if (!block) break;
        AZ_GOTO(az_collection_add(collection, block, source->n_rows));
        AZ_GOTO(az_check_interrupt(control));
    }
    AZ_GOTO(az_collection_take(collection, table));
done:
    az_collection_free(collection);
    return status;
}
