/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of the text reader, private to csv_*.c:
 *   csv_scan.c   one cell, one record
 *   csv_sniff.c  delimiter, names and where the data begins, from the first lines of a file
 *   csv_parse.c  all cells of all files into columns, in parallel; csv_rows.tmpl.h is its inner loop
 *   csv_text.c   the columns that turned out to be text
 *   csv_time.c   the text columns that turned out to be dates
 *   csv_options.c the reader options, checked
 *   csv_read.c   files whole: names, join, target file, relabel
 *   csv_pieces.c a file piece by piece: whole records that fit into memory
 *   csv_source.c the same files block by block */
#ifndef AZ_DATA_CSV_H
#define AZ_DATA_CSV_H

#include "base/control.h"
#include "base/file.h"
#include "base/stream.h"
#include "data/table.h"

enum { CSV_BLANK = 1, CSV_DELIMITER = 2, CSV_NEWLINE = 4 };

/* How characters are to be understood.  In "runs of blanks" blanks are in the class CSV_BLANK only and no character is
 * in CSV_DELIMITER.  A carriage return is a blank where lines end in \n: CRLF needs no further care. */
typedef struct csv_dialect {
    bool runs_of_blanks;
    char delimiter, decimal, newline;
    unsigned char class_of[256];
    const char *comment; /* "": none */
    size_t comment_length;
    char **missing; /* besides the empty cell, which always is */
    int64_t n_missing;
    const double *missing_numbers; /* those of them that are numbers: compared by value */
    int64_t n_missing_numbers;
} csv_dialect;

/* --select chooses among coordinates, which text tables do not have. */
az_status az_refuse_select(const char *path, const az_reader_options *options);

/* Files as one table, without what formulas make of it: text, or fields, or one beside the other. */
az_status az_csv_table_read(az_table **table, const char *paths, const az_reader_options *options,
                            const az_control *control);

void az_csv_set_delimiter(csv_dialect *dialect, char delimiter); /* ' ': runs of blanks */

typedef enum csv_line { CSV_ROW, CSV_EMPTY_LINE, CSV_COMMENT_LINE } csv_line;

typedef enum csv_problem {
    CSV_FINE,
    CSV_OPEN_QUOTE,  /* a quoted cell never ends */
    CSV_AFTER_QUOTE, /* characters between a closing quote and the delimiter */
    CSV_RAGGED,      /* wrong number of cells */
    CSV_NO_MEMORY,
    CSV_TOO_MANY_LEVELS
} csv_problem;

typedef struct csv_cell {
    const char *begin, *end; /* without quotes, and without the blanks around an unquoted cell */
    bool quoted, doubled;    /* doubled: contains quotes written twice */
    bool last;               /* the last of its record */
    csv_problem problem;
} csv_cell;

/* All scanning relies on end[-1] being the newline character: no loop over plain characters needs a bound. */
csv_line az_csv_line_kind(const csv_dialect *dialect, const char *at, const char *end);

/* The cell that begins at `at`.  Returns where the next cell begins, or, after the last cell, its newline; NULL with
 * cell->problem set. */
const char *az_csv_cell(const csv_dialect *dialect, const char *at, const char *end, csv_cell *cell);

/* The beginning of the record (or comment, or empty line) after the one that begins at `at`; NULL: broken quotes. */
const char *az_csv_next(const csv_dialect *dialect, const char *at, const char *end);

bool az_csv_is_missing(const csv_dialect *dialect, const csv_cell *cell);

/* The cell's text in the arena, quotes undoubled.  NULL: out of memory. */
char *az_csv_cell_text(const csv_cell *cell, az_arena *arena, size_t *length);

typedef enum csv_header { CSV_HEADER_AUTO, CSV_HEADER_NONE, CSV_HEADER_LINE } csv_header;

/* One file of the input. */
typedef struct csv_source {
    const char *path; /* borrowed */
    az_file file;
    csv_dialect dialect;
    csv_header header;
    int64_t skip, header_line;
    int64_t lines_before; /* of a piece of a file: lines that stand before the bytes of `file` */
    bool given_delimiter, given_names;
    size_t body, end; /* the records of data: [body, end) of the file */
    int64_t n_columns;
    char **names; /* n_columns places, NULL: unnamed; or NULL if the file has no names */
    bool has_quotes;
    az_text guesses, remedies; /* "comma separated, names in line 1"; "--delimiter, --header" */
} csv_source;

/* The reader options, checked; zero-initialise. */
typedef struct csv_options {
    csv_dialect dialect;
    bool given_delimiter;
    csv_header header;
    int64_t skip, header_line;
    char **names;
    int64_t n_names;
    double *missing_numbers;
} csv_options;
az_status az_csv_options_read(csv_options *options, const az_reader_options *from);
void az_csv_options_free(csv_options *options);

/* A source that is not open yet. */
csv_source az_csv_source(const char *path, const csv_options *options);
/* Files that are something else, told by their first bytes. */
az_status az_csv_refuse_other_formats(const csv_source *source);
/* AZ_ERROR_DATA unless the columns of a further file are those of the first. */
az_status az_csv_check_agreement(const csv_source *first, const csv_source *source);
/* What was guessed, once for files in which the same was guessed. */
void az_csv_tell_guesses(const csv_source *source, const csv_source *first, const az_control *control);
/* --names into names (n_columns; NULL: none so far). */
az_status az_csv_apply_names(char **names, int64_t n_columns, const csv_options *options, const char *path);
/* Adds a column to the table under its final name and unit (name NULL: by its number). */
az_status az_csv_take_column(az_table *table, const char *name, int64_t number, bool is_target, az_column *column);
void az_csv_warn_of_odd_cells(const az_table *table, char decimal, const az_control *control);

/* Opens nothing: file, dialect (but for delimiter and newline), header, skip must be set.  expected: names of the file
 * before it, or NULL. */
az_status az_csv_sniff(csv_source *source, char **expected, int64_t n_expected, az_arena *arena);

/* The 1-based number of the line in which the byte at `offset` stands. */
int64_t az_csv_line_number(const csv_source *source, size_t offset);

/* A piece of a file, whole records, with the rows of the table that they fill. */
typedef struct csv_block {
    const csv_source *source;
    const char *begin, *end;
    size_t offset; /* of begin in the file */
    char *copy;    /* the last block of a file without a final newline is a copy with one; else NULL */
    int64_t first_row, n_rows;
    csv_problem problem;
    const char *problem_at;
    int64_t n_found;             /* CSV_RAGGED: cells found */
    az_dictionary *dictionaries; /* of the text columns, while they are read */
    az_arena strings;
} csv_block;

/* What is known of a column before it is read. */
typedef enum csv_given {
    CSV_FIND, /* nothing: numbers, unless a cell says otherwise */
    CSV_TEXT,
    CSV_SKIP /* it is not needed: no values, no texts */
} csv_given;

typedef struct csv_reading {
    csv_source *sources;
    int64_t n_sources;
    const unsigned char *given; /* csv_given per column; NULL: CSV_FIND */
    bool part_of_file;          /* a piece of a file may have no rows */
    bool types_only;            /* only is_text and n_rows are wanted */
    csv_block *blocks;
    int64_t n_blocks;
    int64_t n_rows, n_columns;
    az_column *columns; /* without names */
    double **values;
    _Atomic unsigned char *is_text;
    _Atomic int64_t *n_missing, *non_finite_row;
    az_arena *strings;     /* for levels */
    int64_t *text_columns; /* csv_text.c */
    int64_t n_text;
    az_dictionary *dictionaries;
    int32_t ***maps;
    const az_control *control;
} csv_reading;

/* A file in pieces of whole records: as much as is needed stands in memory, whatever the file's size. */
typedef struct csv_pieces {
    csv_source source; /* sniffed; its file is the piece */
    az_stream *stream;
    char *buffer;
    size_t capacity, used; /* bytes in the buffer ... */
    size_t end;            /* ... of which the first ones are the piece given last */
    int64_t n_rows;        /* of the pieces before: counted by the caller */
    bool ended;            /* the stream gave its last byte */
} csv_pieces;
az_status az_csv_pieces_open(csv_pieces *pieces, const char *path, const csv_options *options, char **expected,
                             int64_t n_expected, az_arena *arena, const az_control *control);
/* The next piece into pieces->source; *more false: there is none. */
az_status az_csv_pieces_next(csv_pieces *pieces, bool *more, const az_control *control);
void az_csv_pieces_close(csv_pieces *pieces);

/* Fills reading->columns from the sources (n_columns set; sniffed); az_csv_reading_free releases all but the files. */
az_status az_csv_parse(csv_reading *reading);
void az_csv_reading_free(csv_reading *reading);
/* Infinite values, and numbers beyond the range of a double, spoil every model; they are refused where they stand,
 * unless the column is text. */
az_status az_csv_refuse_non_finite(const csv_reading *reading, int64_t column);

/* Runs fn over all blocks in waves, between which the caller may interrupt and problems are reported. */
typedef void (*csv_block_fn)(void *reading, int64_t block, int thread);
az_status az_csv_waves(csv_reading *reading, csv_block_fn fn, az_status (*after)(csv_reading *, int64_t, int64_t));

/* The block and the place in it where a row of the table begins. */
const char *az_csv_find_row(const csv_reading *reading, int64_t row, const csv_block **block);

az_status az_csv_read_text(csv_reading *reading);

/* Makes times of the columns that hold dates (ISO 8601, or missing), and of numbers with a unit "... since ...". */
az_status az_csv_find_times(az_table *table, const az_control *control);
/* The same for a further block of the same columns: times are those that were times before. */
az_status az_csv_repeat_times(az_table *table, const az_table *before);

/* csv_rows.c, csv_rows_avx2.c: the rows of one block into the columns (csv_block_fn). */
void az_csv_parse_block(void *reading, int64_t block, int thread);
void az_csv_parse_block_avx2(void *reading, int64_t block, int thread);

/* For these two.  A cell that is not plainly a number: missing (NaN), quoted, not finite, or text (NaN, and the column
 * is marked). */
double az_csv_difficult_cell(csv_reading *reading, const csv_dialect *dialect, const csv_cell *cell, int64_t column,
                             int64_t row);
bool az_csv_is_missing_number(const csv_dialect *dialect, double value);
/* The record at `at` has a wrong number of cells: n_found up to `rest`, where more follow unless it is NULL. */
void az_csv_ragged(csv_block *block, const char *at, const char *rest, int64_t n_found);

#endif
