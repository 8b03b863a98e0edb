/* SPDX-License-Identifier: BSD-3-Clause */
/* What a source is made of.  A kind of source is one file that fills an az_source_class; a stage is a source that draws
 * on another one (derived columns, chosen rows, windows in time). */
#ifndef AZ_DATA_SOURCE_H
#define AZ_DATA_SOURCE_H

#include "data/dataset.h"
#include "data/table.h"
#include <ansatz/source.h>

typedef struct az_source_class {
    az_status (*next)(void *state, az_table **block, const az_control *control); /* owned block; NULL: the end */
    az_status (*rewind)(void *state);
    void (*free)(void *state);
} az_source_class;

struct az_source {
    const az_source_class *class;
    void *state;
    int64_t n_rows;      /* -1: not known */
    const az_grid *grid; /* rows are the points of a grid, in its order; else NULL.  Borrowed from state */
    az_table *block;     /* handed out last, owned */
};

/* Takes over state, also on failure (frees it by class->free). */
az_status az_source_new(az_source **source, const az_source_class *class, void *state, int64_t n_rows);

/* A column that will be asked for, and as what. */
typedef struct az_expected {
    const char *name;
    bool is_text;  /* categories: read as text, whatever the cells hold; else numbers are expected */
    bool may_lack; /* the data need not have it */
} az_expected;

/* The kinds: text files (csv_source.c), fields (field_source.c).
 * The columns of a text table have their types from a first pass over all files, as if they were read whole; unless
 * it is known beforehand what is asked for (n_expected > 0): then one pass is enough, blocks have these columns only
 * (all of them if one is not there), and a block in which text stands for numbers has a text column there.  A source
 * of a pipe or stdin that expects nothing is read whole. */
az_status az_source_of_text(az_source **source, const char *paths, const az_reader_options *options,
                            const az_expected *expected, int64_t n_expected, const az_control *control);
/* az_source_of_files of which only the expected columns are asked for. */
az_status az_source_of_files_expecting(az_source **source, const char *paths, const az_reader_options *options,
                                       const az_expected *expected, int64_t n_expected, const az_control *control);
az_status az_source_of_fields(az_source **source, const char *paths, const az_reader_options *options,
                              const az_control *control);
az_status az_source_of_field_files(az_source **source, char *const *paths, int64_t n_paths,
                                   const az_reader_options *options, const az_control *control);

az_status az_source_of_fields_expecting(az_source **source, const char *paths, const az_reader_options *options,
                                        const az_expected *expected, int64_t n_expected, const az_control *control);

/* The variables (--vars) of the fields in the first of the files of which the columns are made; of all columns where
 * n_columns is -1; the target is none of them unless its past is used.  *vars is owned by the caller, and NULL if the
 * file is not one of fields with named variables. */
az_status az_fields_used(const char *paths, const az_reader_options *options, const char *const *columns,
                         int64_t n_columns, char **vars, const az_control *control);

/* The rows of a table that is taken over, also on failure: one block. */
az_status az_source_of_own_table(az_source **source, az_table *table);

/* Stages take over `from`, also on failure.  Options that ask for nothing give `from` back. */
az_status az_source_derive(az_source **source, az_source *from, const az_reader_options *options,
                           const az_control *control); /* --derive, then --where */
az_status az_source_time_of_parts(az_source **source, az_source *from,
                                  const az_reader_options *options); /* --time YEAR,MONTH */
az_status az_source_windows(az_source **source, az_source *from, const az_reader_options *options,
                            const az_control *control); /* --lags, --horizon, --by */

/* A table that grows block by block.  take hands the table over and leaves an empty collection. */
typedef struct az_collection az_collection;
az_status az_collection_new(az_collection **collection);
az_status az_collection_add(az_collection *collection, const az_table *block, int64_t n_known); /* rows in all; -1 */
int64_t az_collection_n_rows(const az_collection *collection);
az_status az_collection_take(az_collection *collection, az_table **table); /* AZ_ERROR_DATA if nothing was added */
void az_collection_free(az_collection *collection);                        /* NULL is allowed */

/* How many rows a block should have for its columns to fill a few megabytes. */
int64_t az_source_block_rows(int64_t n_columns);

#endif
