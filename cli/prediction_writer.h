/* SPDX-License-Identifier: BSD-3-Clause */
/* Where predictions go, block by block.  A format is one file that ends in a cli_prediction_writer and one line in the
 * table of prediction_writer.c; the suffix of the path chooses it. */
#ifndef CLI_PREDICTION_WRITER_H
#define CLI_PREDICTION_WRITER_H

#include "cli.h"

#include "data/source.h"

/* A column of numbers beside the predictions. */
typedef struct cli_extra {
    const char *name, *title;
    const char *unit; /* or NULL */
} cli_extra;

typedef struct cli_prediction_target {
    const cli_call *call; /* options.proba: probabilities of all classes too */
    const az_model *model;
    const char *path;        /* "-": stdout */
    const az_source *source; /* source->grid: rows are the points of a grid, in its order; n_rows -1: not known yet */
    bool in_range;           /* --guard: blocks come with in_range */
    const cli_extra *extras; /* columns that follow: blocks come with extra (rows, n_extras) row-major */
    int64_t n_extras;
} cli_prediction_target;

typedef struct cli_prediction_writer {
    const char *suffixes; /* "nc|nc4"; NULL: what no other one takes */
    const char *name;     /* "NetCDF" */
    /* open has read nothing from the source yet.  Nothing stands under the path before commit.  state is freed by
     * commit and by abandon; one of them is called, once, if open succeeded. */
    az_status (*open)(void **state, const cli_prediction_target *target);
    az_status (*rows)(void *state, const az_table *block, const double *prediction, const unsigned char *in_range,
                      const double *extra);
    az_status (*commit)(void *state);
    void (*abandon)(void *state);
} cli_prediction_writer;

extern const cli_prediction_writer cli_prediction_csv;    /* prediction_csv.c */
extern const cli_prediction_writer cli_prediction_npy;    /* prediction_npy.c */
extern const cli_prediction_writer cli_prediction_netcdf; /* prediction_netcdf.c */

/* Never NULL. */
const cli_prediction_writer *cli_prediction_writer_of(const char *path);

/* The names of the columns after the row's number, in order: prediction (or prediction_TARGET each), p_CLASS with
 * --proba, in_range, the extras.  Calls add(user, name) for each. */
az_status cli_prediction_columns(const cli_prediction_target *target, az_status (*add)(void *user, const char *name),
                                 void *user);

#endif
