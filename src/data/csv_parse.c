/* SPDX-License-Identifier: BSD-3-Clause */
/* All cells into columns.  The files are cut into blocks of whole records; a first pass counts the rows of each block,
 * so that a second can write every number to its final place: no copy, and nothing depends on the number of threads.
 * Every column is taken for numbers until a cell of it is neither a number nor missing; such columns are then read
 * once more as text. */
#define _GNU_SOURCE /* memrchr */
#include "base/number.h"
#include "base/parallel.h"
#include "data/csv.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK_BYTES = 1 << 19, WAVE = 64, LARGE_ARRAY = 1 << 20 };

static void note_non_finite(csv_reading *reading, int64_t column, int64_t row)
{
    int64_t seen = atomic_load_explicit(&reading->non_finite_row[column], memory_order_relaxed);
    while (row < seen && !atomic_compare_exchange_weak_explicit(&reading->non_finite_row[column], &seen, row,
                                                                memory_order_relaxed, memory_order_relaxed)) {
    }
}

bool az_csv_is_missing_number(const csv_dialect *dialect, double value)
{
    for (int64_t i = 0; i < dialect->n_missing_numbers; i++)
        if (value == dialect->missing_numbers[i]) return true;
    return false;
}

double az_csv_difficult_cell(csv_reading *reading, const csv_dialect *dialect, const csv_cell *cell, int64_t column,
                             int64_t row)
{
    double value = NAN;
    if (!az_csv_is_missing(dialect, cell)) {
        if (!az_parse_double_all(cell->begin, cell->end, dialect->decimal, &value)) {
            atomic_store_explicit(&reading->is_text[column], 1, memory_order_relaxed);
            return NAN;
        }
        if (isinf(value)) note_non_finite(reading, column, row);
        if (az_csv_is_missing_number(dialect, value)) value = NAN;
    }
    if (isnan(value)) atomic_fetch_add_explicit(&reading->n_missing[column], 1, memory_order_relaxed);
    return value;
}

void az_csv_ragged(csv_block *block, const char *at, const char *rest, int64_t n_found)
{
    csv_cell cell = {0};
    while (rest) {
        rest = az_csv_cell(&block->source->dialect, rest, block->end, &cell);
        n_found++;
        if (cell.last) break;
    }
    block->problem = CSV_RAGGED;
    block->problem_at = at;
    block->n_found = n_found;
}

static void count_block(void *context, int64_t index, int thread)
{
    (void)thread;
    csv_reading *reading = context;
    csv_block *block = &reading->blocks[index];
    const csv_dialect *dialect = &block->source->dialect;
    for (const char *at = block->begin; at && at < block->end;) {
        block->n_rows += az_csv_line_kind(dialect, at, block->end) == CSV_ROW;
        if (block->source->has_quotes)
            at = az_csv_next(dialect, at, block->end);
        else
            at = (const char *)memchr(at, dialect->newline, (size_t)(block->end - at)) + 1;
    }
}

const char *az_csv_find_row(const csv_reading *reading, int64_t row, const csv_block **block)
{
    const csv_block *in = reading->blocks;
    while (row >= in->first_row + in->n_rows) in++;
    *block = in;
    const csv_dialect *dialect = &in->source->dialect;
    const char *at = in->begin;
    for (int64_t i = in->first_row;; at = az_csv_next(dialect, at, in->end))
        if (az_csv_line_kind(dialect, at, in->end) == CSV_ROW && i++ == row) return at;
}

/* The first problem of the first block that has one, so that threads do not change what is reported. */
static az_status report_problem(const csv_reading *reading, const csv_block *block)
{
    const csv_source *source = block->source;
    long long line = 0;
    if (block->problem_at)
        line = (long long)az_csv_line_number(source, block->offset + (size_t)(block->problem_at - block->begin));
    switch (block->problem) {
    case CSV_FINE: break;
    case CSV_OPEN_QUOTE:
        return az_error(AZ_ERROR_DATA, "%s: the quoted cell that begins in line %lld has no closing quote",
                        source->path, line);
    case CSV_AFTER_QUOTE:
        return az_error(AZ_ERROR_DATA,
                        "%s: line %lld: text after a closing quote; a quote inside a quoted cell is written twice",
                        source->path, line);
    case CSV_RAGGED:
        return az_error(AZ_ERROR_DATA,
                        "%s: line %lld has %lld cells where %lld were expected; mend the line, or see --delimiter, "
                        "--header, --skip and --comment",
                        source->path, line, (long long)block->n_found, (long long)reading->n_columns);
    case CSV_TOO_MANY_LEVELS: return az_error(AZ_ERROR_DATA, "%s: too many distinct texts", source->path);
    case CSV_NO_MEMORY: return az_error(AZ_ERROR_MEMORY, "%s: out of memory while reading text columns", source->path);
    }
    return AZ_OK;
}

az_status az_csv_waves(csv_reading *reading, csv_block_fn fn, az_status (*after)(csv_reading *, int64_t, int64_t))
{
    for (int64_t first = 0; first < reading->n_blocks; first += WAVE) {
        int64_t n = reading->n_blocks - first < WAVE ? reading->n_blocks - first : WAVE;
        csv_reading part = *reading; /* the same arrays, numbered from the wave's first block */
        part.blocks += first;
        part.maps = reading->maps ? reading->maps + first : NULL;
        az_parallel(az_control_threads(reading->control), n, fn, &part);
        for (int64_t i = first; i < first + n; i++) AZ_TRY(report_problem(reading, &reading->blocks[i]));
        if (after) AZ_TRY(after(reading, first, n));
        az_report_progress(reading->control, "read", (double)(first + n), (double)reading->n_blocks, NULL, 0);
        AZ_TRY(az_check_interrupt(reading->control));
    }
    return AZ_OK;
}

/* Lines at the end with nothing but delimiters and blanks are not rows. */
static size_t trimmed_end(const csv_source *source)
{
    const char *data = source->file.data;
    const unsigned char *class_of = source->dialect.class_of;
    size_t end = source->file.size;
    while (end > source->body && class_of[(unsigned char)data[end - 1]]) end--;
    const char *newline = memchr(data + end, source->dialect.newline, source->file.size - end);
    return newline ? (size_t)(newline - data) + 1 : source->file.size;
}

static az_status push_block(csv_reading *reading, const csv_source *source, size_t begin, size_t end)
{
    if ((reading->n_blocks & (reading->n_blocks - 1)) == 0) { /* room for the next power of two */
        int64_t capacity = reading->n_blocks ? 2 * reading->n_blocks : 1;
        csv_block *blocks = az_realloc_array(reading->blocks, capacity, sizeof *blocks);
        if (!blocks) return AZ_ERROR_MEMORY;
        reading->blocks = blocks;
    }
    csv_block *block = &reading->blocks[reading->n_blocks];
    const char *data = source->file.data;
    *block = (csv_block){.source = source, .begin = data + begin, .end = data + end, .offset = begin};
    if (data[end - 1] != source->dialect.newline) {
        block->copy = az_alloc(end - begin + 1);
        if (!block->copy) return AZ_ERROR_MEMORY;
        memcpy(block->copy, data + begin, end - begin);
        block->copy[end - begin] = source->dialect.newline;
        block->begin = block->copy;
        block->end = block->copy + (end - begin) + 1;
    }
    reading->n_blocks++;
    return AZ_OK;
}

typedef struct csv_search {
    const char *data;
    size_t size;
    _Atomic bool found_quote, found_zero;
} csv_search;

static void search_block(void *context, int64_t index, int thread)
{
    (void)thread;
    csv_search *search = context;
    size_t begin = (size_t)index * BLOCK_BYTES, n = search->size - begin;
    if (n > BLOCK_BYTES) n = BLOCK_BYTES;
    if (memchr(search->data + begin, '"', n)) atomic_store_explicit(&search->found_quote, true, memory_order_relaxed);
    if (memchr(search->data + begin, 0, n)) atomic_store_explicit(&search->found_zero, true, memory_order_relaxed);
}

/* Without quotes any newline ends a record; with them the blocks' ends are found by walking from record to record. */
static az_status cut_source(csv_reading *reading, csv_source *source)
{
    const char *data = source->file.data;
    source->end = trimmed_end(source);
    csv_search search = {.data = data + source->body, .size = source->end - source->body};
    int64_t n = (int64_t)((search.size + BLOCK_BYTES - 1) / BLOCK_BYTES);
    az_parallel(az_control_threads(reading->control), n, search_block, &search);
    source->has_quotes = search.found_quote;
    if (search.found_zero) {
        const char *zero = memchr(search.data, 0, search.size);
        return az_error(AZ_ERROR_DATA, "%s: line %lld contains a zero byte: this is not a text table", source->path,
                        (long long)az_csv_line_number(source, (size_t)(zero - data)));
    }
    const csv_dialect *dialect = &source->dialect;
    size_t begin = source->body;
    bool ends_in_newline = source->end > begin && data[source->end - 1] == dialect->newline;
    while (begin < source->end) {
        size_t end = source->end;
        if (end - begin > BLOCK_BYTES && !source->has_quotes) {
            const char *stop = memchr(data + begin + BLOCK_BYTES - 1, dialect->newline, end - begin - BLOCK_BYTES + 1);
            if (stop) end = (size_t)(stop - data) + 1;
        } else if (end - begin > BLOCK_BYTES) {
            const char *last = memrchr(data + begin, dialect->newline, end - begin);
            const char *safe = ends_in_newline ? data + end : last ? last + 1 : data + begin, *at = data + begin;
            while (at && at < safe && at < data + begin + BLOCK_BYTES) at = az_csv_next(dialect, at, safe);
            if (at && at < data + end && at > data + begin) end = (size_t)(at - data);
        }
        AZ_TRY(push_block(reading, source, begin, end));
        begin = end;
    }
    return AZ_OK;
}

/* The rows of every block and file, from the counts. */
static az_status number_rows(csv_reading *reading)
{
    for (int64_t s = 0, b = 0; s < reading->n_sources; s++) {
        int64_t before = reading->n_rows;
        for (; b < reading->n_blocks && reading->blocks[b].source == &reading->sources[s]; b++) {
            reading->blocks[b].first_row = reading->n_rows;
            reading->n_rows += reading->blocks[b].n_rows;
        }
        if (reading->n_rows == before && !reading->part_of_file)
            return az_error(AZ_ERROR_DATA,
                            "%s: no data: there are column names but no rows (--header none, if the "
                            "names are data)",
                            reading->sources[s].path);
    }
    return AZ_OK;
}

/* Asks for large pages: the first touch of 100 MB in pages of 4 kB costs as much as reading the numbers into them.
 * The advice concerns whole pages around the array and is harmless for what else lies in them. */
static void advise_large_pages(const void *array, size_t n_bytes)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t page = 4096;
    uintptr_t begin = (uintptr_t)array & ~(page - 1), end = ((uintptr_t)array + n_bytes + page - 1) & ~(page - 1);
    if (n_bytes >= LARGE_ARRAY) madvise((void *)begin, end - begin, MADV_HUGEPAGE);
#else
    (void)array;
    (void)n_bytes;
#endif
}

static az_status allocate_columns(csv_reading *reading)
{
    int64_t n = reading->n_columns;
    reading->columns = az_alloc_array(n, sizeof *reading->columns);
    if (!reading->columns) return AZ_ERROR_MEMORY;
    memset(reading->columns, 0, (size_t)n * sizeof *reading->columns);
    AZ_TRY(AZ_NEW_ARRAY(reading->values, n));
    AZ_TRY(AZ_NEW_ARRAY(reading->is_text, n));
    AZ_TRY(AZ_NEW_ARRAY(reading->n_missing, n));
    AZ_TRY(AZ_NEW_ARRAY(reading->non_finite_row, n));
    for (int64_t j = 0; j < n; j++) {
        csv_given given = reading->given ? (csv_given)reading->given[j] : CSV_FIND;
        atomic_init(&reading->is_text[j], given != CSV_FIND);
        atomic_init(&reading->n_missing[j], 0);
        atomic_init(&reading->non_finite_row[j], INT64_MAX);
        az_column *column = &reading->columns[j];
        reading->values[j] = NULL;
        if (given != CSV_FIND) continue;
        AZ_TRY(AZ_NEW_ARRAY(column->owned_values, reading->n_rows));
        reading->values[j] = column->owned_values;
        advise_large_pages(column->owned_values, (size_t)reading->n_rows * sizeof(double));
    }
    return AZ_OK;
}

az_status az_csv_refuse_non_finite(const csv_reading *reading, int64_t j)
{
    int64_t row = reading->non_finite_row[j];
    if (reading->is_text[j] || row == INT64_MAX) return AZ_OK;
    const csv_block *block;
    const char *at = az_csv_find_row(reading, row, &block);
    long long line = (long long)az_csv_line_number(block->source, block->offset + (size_t)(at - block->begin));
    csv_cell cell = {0};
    for (int64_t k = 0; k <= j; k++) at = az_csv_cell(&block->source->dialect, at, block->end, &cell);
    int length = cell.end - cell.begin > 40 ? 40 : (int)(cell.end - cell.begin);
    const char *name = reading->sources->names ? reading->sources->names[j] : NULL;
    return az_error(AZ_ERROR_DATA,
                    "%s: line %lld: \"%.*s\" in column %lld%s%s is not a finite number in double precision "
                    "(--missing %.*s reads it as missing)",
                    block->source->path, line, length, cell.begin, (long long)j, name ? ", " : "", name ? name : "",
                    length, cell.begin);
}

/* Both give the same bits; one needs instructions that not every CPU has. */
static csv_block_fn row_parser(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) return az_csv_parse_block_avx2;
#endif
    return az_csv_parse_block;
}

az_status az_csv_parse(csv_reading *reading)
{
    for (int64_t s = 0; s < reading->n_sources; s++) AZ_TRY(cut_source(reading, &reading->sources[s]));
    AZ_TRY(az_csv_waves(reading, count_block, NULL));
    AZ_TRY(number_rows(reading));
    AZ_TRY(allocate_columns(reading));
    AZ_TRY(az_csv_waves(reading, row_parser(), NULL));
    if (reading->types_only) return AZ_OK;
    for (int64_t j = 0; j < reading->n_columns; j++) AZ_TRY(az_csv_refuse_non_finite(reading, j));
    for (int64_t j = 0; j < reading->n_columns; j++) {
        az_column *column = &reading->columns[j];
        if (reading->given && reading->given[j] == CSV_SKIP) continue;
        if (reading->is_text[j]) {
            column->type = AZ_CATEGORICAL;
            az_free(column->owned_values);
            column->owned_values = NULL;
            reading->n_text++;
        } else {
            column->type = AZ_NUMERIC;
            column->values = column->owned_values;
            column->stride = 1;
            column->n_missing = reading->n_missing[j];
        }
    }
    return reading->n_text ? az_csv_read_text(reading) : AZ_OK;
}

void az_csv_reading_free(csv_reading *reading)
{
    for (int64_t b = 0; b < reading->n_blocks; b++) az_free(reading->blocks[b].copy);
    az_free(reading->blocks);
    for (int64_t j = 0; reading->columns && j < reading->n_columns; j++) {
        az_free(reading->columns[j].owned_values);
        az_free(reading->columns[j].codes);
        az_free(reading->columns[j].levels);
    }
    az_free(reading->columns);
    az_free(reading->values);
    az_free((void *)reading->is_text);
    az_free((void *)reading->n_missing);
    az_free((void *)reading->non_finite_row);
}
