/* SPDX-License-Identifier: BSD-3-Clause */
/* How a file of fields becomes the columns and rows of a table; private to field_*.c:
 *   field_plan.c    which dimensions are the rows, which variables the columns, what the columns are called
 *   field_select.c  the ranges of --select
 *   field_block.c   the columns of one box of rows
 *   field_source.c  files one after the other, block by block */
#ifndef AZ_DATA_FIELD_PLAN_H
#define AZ_DATA_FIELD_PLAN_H

#include "base/control.h"
#include "data/dataset.h"
#include "data/table.h"

/* The columns that come of one variable: one, or one for each place along the dimensions that are no rows. */
typedef struct field_part {
    int32_t variable; /* -1: the index numbers along a dimension that has no coordinates ... */
    int32_t place;    /* ... of the grid */
    int64_t n_columns;
    int64_t first_column; /* of the plan's names */
} field_part;

typedef struct field_plan {
    az_dataset *dataset; /* owned */
    az_grid grid;
    int64_t *first, *count; /* per dimension of the dataset: what --select left */
    int32_t *place;         /* per dimension: its place in the grid, or -1 */
    field_part *parts;
    int32_t n_parts, n_coordinates; /* the coordinates come first */
    int32_t master; /* the variable whose dimensions make the rows */
    char **names;   /* of the columns; in the arena */
    int64_t n_columns;
    int64_t time_column; /* or -1 */
    az_arena strings;
} field_plan;

/* Plans the dataset (taken over, also on failure).  may_be_empty: a selection without rows is no error, since further
 * files follow. */
az_status az_field_plan_new(field_plan **plan, az_dataset *dataset, const az_reader_options *options,
                            bool may_be_empty);
void az_field_plan_free(field_plan *plan); /* NULL is allowed */

/* That a further file can stand below the first one. */
az_status az_field_plan_agree(const field_plan *first, const field_plan *plan);

/* Narrows plan->first and plan->count to the ranges. */
az_status az_field_select(field_plan *plan, const char *select, bool may_be_empty);

/* The rows from at_row on, at most max_rows, as a table whose columns are called and count time as those of `first`. */
az_status az_field_block(const field_plan *plan, const field_plan *first, int64_t at_row, int64_t max_rows,
                         az_table **table);

#endif
