/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables: named columns of equal length.  Numeric columns are float64 (NaN: missing); times are numbers with a unit
 * ("days since 1800-01-01") and a calendar (NaN: missing); categorical columns are codes into a dictionary of levels
 * (-1: missing).  Reading text tables and files of fields, roles of columns. */
#ifndef ANSATZ_TABLE_H
#define ANSATZ_TABLE_H

#include <ansatz/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct az_table az_table;

typedef enum az_column_type { AZ_NUMERIC, AZ_CATEGORICAL, AZ_TIME } az_column_type;

/* How a text table is read.  Zero-initialise, then set what differs.  Strings are borrowed for the call; NULL means
 * the default.  Lists are separated by commas; a name with a comma stands in double quotes or backquotes, unless the
 * comma is in brackets: sst[lat=-5,lon=170]. */
typedef struct az_reader_options {
    const char *delimiter;   /* one character, "tab", "space" (runs of blanks), or NULL: detected */
    const char *header;      /* "auto" (NULL), "none", or the 1-based line number of the names (after skip) */
    const char *names;       /* all names; or those that the header leaves out; or, without a header, the first ones */
    const char *skip;        /* number of lines to leave out at the start of each file */
    const char *comment;     /* lines that start with this are left out; default "#"; "" switches it off */
    const char *missing;     /* cells that mean missing; default NA, NaN, ? (case as written), and numbers by value; the
                                empty cell always does */
    const char *decimal;     /* decimal character, "." (NULL) or "," */
    const char *join;        /* files (list) put beside the data, row by row; read with the same options */
    const char *target_file; /* a file with one column, appended as the last column (named "target" if unnamed) */
    const char *relabel;     /* "OLD=NEW,...": cells of text columns replaced after reading (empty NEW: missing).  Cut
                                at the '=' that leaves a text of the table; quotes around OLD cut it beyond doubt */

    /* Files of fields (NetCDF, HDF5, NPY, NPZ, IDX). */
    const char *vars;   /* variables that become columns (list); default: all that share the target's dimensions */
    const char *select; /* "time=2010-01-01:2015-12-31, lat=-5:5": ranges of coordinates, or of indices where a
                           dimension has none; both ends are included */
    const char *rows;   /* dimensions that are the rows (list); the others are flattened into columns.  NULL: all of
                           them (NPY and IDX: the first) */

    /* What is made of the columns that were read, in this order. */
    const char *derive;  /* "lp = log10(period); area = w*h": columns by formulas; several by semicolons */
    const char *where;   /* "depth > 10": rows for which the formula holds */
    const char *lags;    /* number of steps of the past in each row of a series (--lags), with ... */
    const char *horizon; /* ... the target that many steps ahead; default 1 */
    const char *by;      /* the column that names the station: each has a series of its own */
    const char *series;  /* the columns that are lagged; default: all numeric ones */
    const char *target;  /* what is to be predicted, where the making of columns depends on it: set from the roles
                            by who fits; with lags it stands for the value `horizon` steps ahead */
    const char *time;    /* the column of the time (default: that of dates), or several: year, month[, day[, hour]],
                            from which the column "time" is made; set like target */
    const char *beside;  /* with lags: columns that play a part of their own (weights, groups; list): not lagged but
                            taken from the row of the target; set like target */
} az_reader_options;

/* Reads one or several text files (list of paths, or patterns as the shell's; "-" is stdin) into *table.  Rows of
 * several files are appended; their columns must agree in name and order.  Plain or gzip.  *table is owned by the
 * caller and untouched on failure.  A column is numeric if each of its cells is a finite number or missing; columns
 * without a name are called c0, c1, ... by their number; "T [K]" is the name T and the unit K.  What was found out
 * rather than given is told through control->message, in one line a file.
 * AZ_ERROR_NO_INPUT: no such file; AZ_ERROR_DATA: ragged row, empty file, broken gzip, an infinite
 * value or a number beyond the range of double precision (names file, line, column). */
AZ_API AZ_MUST_CHECK az_status az_table_read(az_table **table, const char *paths, const az_reader_options *options,
                                             const az_control *control);

/* An empty table for n_rows rows, to which columns are added.  Owned by the caller. */
AZ_API AZ_MUST_CHECK az_status az_table_new(az_table **table, int64_t n_rows);

/* Adds a numeric column whose value in row i is values[i * stride] (stride in elements).  `values` is borrowed, not
 * copied, and must outlive the table; `name` and `unit` (NULL: none) are copied.  NaN means missing. */
AZ_API AZ_MUST_CHECK az_status az_table_add_numeric(az_table *table, const char *name, const char *unit,
                                                    const double *values, int64_t stride);

/* The same for times: `unit` as in CF, "days since 1800-01-01 00:00:00", and its calendar ("standard" if NULL,
 * "noleap", "360_day", ...).  AZ_ERROR_DATA: no such unit or calendar. */
AZ_API AZ_MUST_CHECK az_status az_table_add_time(az_table *table, const char *name, const char *unit,
                                                 const char *calendar, const double *values, int64_t stride);

/* Adds a categorical column of n_rows strings (NULL: missing).  Everything is copied. */
AZ_API AZ_MUST_CHECK az_status az_table_add_text(az_table *table, const char *name, const char *const *values);

AZ_API void az_table_free(az_table *table); /* NULL is allowed */

AZ_API int64_t az_table_n_rows(const az_table *table);
AZ_API int64_t az_table_n_columns(const az_table *table);
AZ_API const char *az_table_column_name(const az_table *table, int64_t column);     /* borrowed */
AZ_API const char *az_table_column_unit(const az_table *table, int64_t column);     /* borrowed; NULL: none */
AZ_API const char *az_table_column_calendar(const az_table *table, int64_t column); /* static text; NULL: no time */
AZ_API az_column_type az_table_column_type(const az_table *table, int64_t column);
AZ_API int64_t az_table_column_n_missing(const az_table *table, int64_t column);
AZ_API int32_t az_table_column_n_levels(const az_table *table, int64_t column); /* 0 if not categorical */
/* One cell: numeric value or time (NaN: missing), or level text (NULL: missing), borrowed. */
AZ_API double az_table_number(const az_table *table, int64_t row, int64_t column);
AZ_API const char *az_table_text(const az_table *table, int64_t row, int64_t column);

/* The column of that name, or of that 0-based number if the text is a number and no column has it as its name.
 * AZ_ERROR_DATA with the nearest name if there is none. */
AZ_API AZ_MUST_CHECK az_status az_table_find(const az_table *table, const char *name_or_number, int64_t *column);

/* Which column plays which part.  Lists as in az_reader_options; NULL: none (features: all the others). */
typedef struct az_roles {
    const char *target;
    const char *features;
    const char *ignore;
    const char *weight;      /* relative weights of rows: the covariance is scaled by the residual variance */
    const char *sigma;       /* absolute standard error of the target: weights 1/sigma^2, covariance as it is */
    const char *group;       /* rows of one group stay together in splits */
    const char *time;        /* order in time, for blocked splits; not a feature unless named in `features` */
    const char *categorical; /* columns to be treated as categories */
    const char *periodic;    /* "lon=360,hour=24": columns that wrap round with that period */
    const char *task;        /* "auto" (NULL), "regression", "classification" */
} az_roles;

#ifdef __cplusplus
}
#endif
#endif
