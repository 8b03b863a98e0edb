/* SPDX-License-Identifier: BSD-3-Clause */
/* What a table is made of; outside this room use the functions of <ansatz/table.h> or these fields read-only. */
#ifndef AZ_DATA_TABLE_H
#define AZ_DATA_TABLE_H

#include "base/memory.h"
#include "base/text.h"
#include "data/dictionary.h"
#include "data/time.h"
#include <ansatz/table.h>

typedef struct az_column {
    char *name;
    char *unit; /* from "T [K]"; NULL: none */
    az_column_type type;
    az_time_unit time;    /* time: what the numbers count */
    const double *values; /* numeric and time: row i at values[i * stride]; owned_values or the caller's */
    int64_t stride;
    double *owned_values;
    int32_t *codes; /* categorical: owned, -1 is missing */
    char **levels;  /* categorical: n_levels distinct strings in order of first appearance; strings live in the arena */
    int32_t n_levels;
    int64_t n_missing;
    bool borrowed; /* codes and levels are another table's */
} az_column;

struct az_table {
    int64_t n_rows, n_columns, capacity;
    az_column *columns;
    az_arena strings;
    az_dictionary names;   /* column name -> number */
    char *source;          /* what messages call it: the path(s), or "table" */
    int64_t time_column;   /* plays the time role by itself (a NetCDF time dimension); -1: none */
    int64_t begin_column;  /* rows that are windows in time: the time of the oldest value in each; -1: none */
    int64_t target_column; /* the one of the target file, or the variable that a window predicts; -1: none */
    int64_t first_row;     /* of a block of a source: the number of its first row in the whole */
    int64_t *row_numbers; /* owned; where rows were left out (--where): the number of each in the data.  NULL: none was,
                             row i is first_row + i */
};

/* Adds a column that takes over the given memory (values or codes + levels, from az_alloc; level strings must be in
 * table->strings).  Frees nothing on failure. */
az_status az_table_take_numeric(az_table *table, const char *name, const char *unit, double *values);
az_status az_table_take_time(az_table *table, const char *name, const az_time_unit *time, double *values);
az_status az_table_take_categorical(az_table *table, const char *name, int32_t *codes, char **levels, int32_t n_levels);

/* The same for a whole column: the name and unit given, all else from *from, which is cleared. */
az_status az_table_take_column(az_table *table, const char *name, const char *unit, az_column *from);

/* "T [K]" is the name T and the unit K: ends the name where it ends, and returns the unit, or NULL if it has none. */
char *az_cut_unit(char *name);

/* The number in the data of a row, whatever was left out before it: what predictions are numbered by. */
static inline int64_t az_table_row_number(const az_table *table, int64_t row)
{
    return table->row_numbers ? table->row_numbers[row] : table->first_row + row;
}

/* Adds a column of another table with as many rows, which must outlive this one; nothing but its name is copied. */
az_status az_table_borrow_column(az_table *table, const az_table *from, int64_t column);
/* The same of the rows first, first + 1, ... of a column of a longer table. */
az_status az_table_borrow_rows(az_table *table, const az_table *from, int64_t column, int64_t first);
/* A table that borrows all columns of another: a block of a source can be one. */
az_status az_table_view(az_table **view, const az_table *table);

/* 64-bit digest of names, types and values of all columns, independent of threads and of memory layout. */
uint64_t az_table_digest(const az_table *table);
/* A digest with one more word, or text, mixed in. */
uint64_t az_digest_word(uint64_t digest, uint64_t word);
uint64_t az_digest_text(uint64_t digest, const char *text);

/* Levels compared as classes are sorted: finite numbers first, by value, then the other texts, bytewise. */
int az_level_compare(const char *a, const char *b);
/* The place of a level among n_levels sorted so, or -1. */
int32_t az_level_find(char *const *levels, int32_t n_levels, const char *level);
/* A number that is no level as it is written ("2.0") may be one as numbers are printed ("2"): so it does not matter
 * whether cells were read as numbers or, because of some other cell or block, as text. */
int32_t az_level_find_number(char *const *levels, int32_t n_levels, const char *level);
/* The level that a number is when numbers are read as categories: its shortest text; -0 and 0 are one.  The buffer has
 * AZ_NUMBER_MAX bytes; returns the length. */
size_t az_level_print(char *buffer, double value);

/* A cell of a numeric or time column as text: the shortest number, or ISO 8601.  Returns the length. */
size_t az_table_print_number(char buffer[AZ_TIME_MAX], const az_table *table, int64_t row, int64_t column);

/* How the table was read, as JSON (for the model file), and back.  The strings of `options` live in the arena. */
az_status az_reader_options_print(const az_reader_options *options, char **json);
az_status az_reader_options_parse(const char *json, az_reader_options *options, az_arena *arena);
/* What is not given is taken from what a model remembers. */
void az_reader_options_inherit(az_reader_options *options, const az_reader_options *stored);

/* Writing CSV (RFC 4180; shortest round-trip numbers): used by predict. */
void az_csv_quote(az_text *text, const char *cell);

#endif
