/* SPDX-License-Identifier: BSD-3-Clause */
/* The text columns: every block numbers its own texts in parallel; the blocks' dictionaries are then merged in the
 * order of the file, so that levels stand in order of first appearance whatever the number of threads. */
#include "data/csv.h"

#include <string.h>

static az_status read_cell(csv_block *block, const csv_cell *cell, int64_t k, int32_t *code)
{
    *code = -1;
    if (az_csv_is_missing(&block->source->dialect, cell)) return AZ_OK;
    const char *text = cell->begin;
    size_t length = (size_t)(cell->end - cell->begin);
    if (cell->doubled) {
        text = az_csv_cell_text(cell, &block->strings, &length);
        if (!text) return AZ_ERROR_MEMORY;
    }
    return az_dictionary_add(&block->dictionaries[k], NULL, text, length, code);
}

static void read_block(void *context, int64_t index, int thread)
{
    (void)thread;
    csv_reading *reading = context;
    csv_block *block = &reading->blocks[index];
    const csv_dialect *dialect = &block->source->dialect;
    int64_t row = block->first_row;
    block->dictionaries = az_alloc_array(reading->n_text, sizeof *block->dictionaries);
    if (!block->dictionaries) {
        block->problem = CSV_NO_MEMORY;
        return;
    }
    memset(block->dictionaries, 0, (size_t)reading->n_text * sizeof *block->dictionaries);
    for (const char *at = block->begin; at < block->end; at = az_csv_next(dialect, at, block->end)) {
        if (az_csv_line_kind(dialect, at, block->end) != CSV_ROW) continue;
        const char *next = at;
        csv_cell cell;
        for (int64_t j = 0, k = 0; k < reading->n_text; j++) {
            next = az_csv_cell(dialect, next, block->end, &cell);
            if (reading->text_columns[k] != j) continue;
            az_status status = read_cell(block, &cell, k++, &reading->columns[j].codes[row]);
            if (status) {
                block->problem = status == AZ_ERROR_MEMORY ? CSV_NO_MEMORY : CSV_TOO_MANY_LEVELS;
                return;
            }
        }
        row++;
    }
}

/* From the block's numbers to the table's, in maps[block][k][number]. */
static void renumber_block(void *context, int64_t index, int thread)
{
    (void)thread;
    csv_reading *reading = context;
    const csv_block *block = &reading->blocks[index];
    for (int64_t k = 0; k < reading->n_text; k++) {
        int32_t *codes = reading->columns[reading->text_columns[k]].codes + block->first_row;
        const int32_t *map = reading->maps[index][k];
        for (int64_t i = 0; i < block->n_rows; i++)
            if (codes[i] >= 0) codes[i] = map[codes[i]];
    }
}

static az_status refuse_encoding(const csv_reading *reading, const csv_block *block, int64_t column, int32_t code)
{
    const int32_t *codes = reading->columns[column].codes;
    int64_t row = block->first_row;
    while (codes[row] != code) row++;
    const char *at = az_csv_find_row(reading, row, &block);
    return az_error(AZ_ERROR_DATA,
                    "%s: line %lld: the text in column %lld is not UTF-8; is this a text table? "
                    "(iconv -f latin1 -t utf-8 converts an old one)",
                    block->source->path,
                    (long long)az_csv_line_number(block->source, block->offset + (size_t)(at - block->begin)),
                    (long long)column);
}

static az_status merge_block(csv_reading *reading, csv_block *block, int32_t **maps)
{
    for (int64_t k = 0; k < reading->n_text; k++) {
        const az_dictionary *local = &block->dictionaries[k];
        az_dictionary *global = &reading->dictionaries[k];
        maps[k] = az_alloc_array(local->n_entries, sizeof *maps[k]);
        if (!maps[k]) return AZ_ERROR_MEMORY;
        for (int32_t code = 0; code < local->n_entries; code++) {
            const az_dictionary_entry *entry = &local->entries[code];
            int32_t n_before = global->n_entries;
            AZ_TRY(az_dictionary_add(global, reading->strings, entry->text, entry->length, &maps[k][code]));
            if (global->n_entries > n_before && !az_is_valid_utf8(entry->text, entry->length))
                return refuse_encoding(reading, block, reading->text_columns[k], code);
        }
    }
    return AZ_OK;
}

static void free_block(csv_reading *reading, csv_block *block)
{
    for (int64_t k = 0; block->dictionaries && k < reading->n_text; k++) az_dictionary_free(&block->dictionaries[k]);
    az_free(block->dictionaries);
    block->dictionaries = NULL;
    az_arena_free(&block->strings);
}

static az_status merge_wave(csv_reading *reading, int64_t first, int64_t n)
{
    az_status status = AZ_OK;
    for (int64_t b = first; b < first + n && !status; b++) {
        reading->maps[b] = az_alloc_array(reading->n_text, sizeof *reading->maps[b]);
        if (!reading->maps[b]) return AZ_ERROR_MEMORY;
        memset(reading->maps[b], 0, (size_t)reading->n_text * sizeof *reading->maps[b]);
        status = merge_block(reading, &reading->blocks[b], reading->maps[b]);
        free_block(reading, &reading->blocks[b]);
    }
    return status;
}

az_status az_csv_read_text(csv_reading *reading)
{
    int64_t n_text = reading->n_text;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(reading->text_columns, n_text));
    AZ_GOTO(AZ_NEW_ARRAY(reading->dictionaries, n_text));
    memset(reading->dictionaries, 0, (size_t)n_text * sizeof *reading->dictionaries);
    AZ_GOTO(AZ_NEW_ARRAY(reading->maps, reading->n_blocks));
    memset(reading->maps, 0, (size_t)reading->n_blocks * sizeof *reading->maps);
    for (int64_t j = 0, k = 0; j < reading->n_columns; j++) {
        if (reading->columns[j].type != AZ_CATEGORICAL) continue;
        reading->text_columns[k++] = j;
        AZ_GOTO(AZ_NEW_ARRAY(reading->columns[j].codes, reading->n_rows));
    }
    AZ_GOTO(az_csv_waves(reading, read_block, merge_wave));
    AZ_GOTO(az_csv_waves(reading, renumber_block, NULL));
    for (int64_t k = 0; k < n_text; k++) {
        az_column *column = &reading->columns[reading->text_columns[k]];
        AZ_GOTO(az_dictionary_levels(&reading->dictionaries[k], &column->levels));
        column->n_levels = reading->dictionaries[k].n_entries;
        for (int64_t i = 0; i < reading->n_rows; i++) column->n_missing += column->codes[i] < 0;
    }
done:
    for (int64_t b = 0; b < reading->n_blocks; b++) {
        free_block(reading, &reading->blocks[b]);
        for (int64_t k = 0; reading->maps && reading->maps[b] && k < n_text; k++) az_free(reading->maps[b][k]);
        if (reading->maps) az_free(reading->maps[b]);
    }
    for (int64_t k = 0; reading->dictionaries && k < n_text; k++) az_dictionary_free(&reading->dictionaries[k]);
    az_free(reading->maps);
    az_free(reading->dictionaries);
    az_free(reading->text_columns);
    return status;
}
