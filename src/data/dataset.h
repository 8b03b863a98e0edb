/* SPDX-License-Identifier: BSD-3-Clause */
/* A dataset is a file of fields: variables on named dimensions, with coordinates, units and masks understood by the CF
 * conventions.  The numbers stay in the file, in their own type, until they are read. */
#ifndef AZ_DATA_DATASET_H
#define AZ_DATA_DATASET_H

#include "base/io.h"
#include "base/memory.h"
#include "data/time.h"
#include <ansatz/field.h>

/* Where the numbers come from: libansatz-io, or a reader of this room (NPY, NPZ, IDX). */
typedef struct az_dataset_class {
    az_status (*read)(void *file, int32_t variable, const int64_t *start, const int64_t *count, void *values);
    void (*close)(void *file);
} az_dataset_class;

enum { AZ_FIELD_FILLS = 8 };

/* What the CF attributes say of a variable (same index as layout.variables). */
typedef struct az_field {
    const char *unit, *long_name, *standard_name; /* borrowed from the attributes; NULL: none */
    az_storage decoded_as;                        /* the type as stored, or, by _Unsigned, its unsigned twin */
    double scale, offset;                         /* value = scale * stored + offset */
    bool packed;                                  /* scale or offset is given */
    double fill[AZ_FIELD_FILLS];                  /* stored values that mean missing: _FillValue, missing_value, ... */
    int n_fill;
    double lower, upper; /* valid_min, valid_max, valid_range, in stored values */
    bool is_time;
    az_time_unit time;  /* if is_time */
    bool is_coordinate; /* a dimension's coordinate, or named by a "coordinates" attribute */
    bool is_bounds;     /* bounds, climatology bounds, cell measures, grid mapping: read only by name */
} az_field;

struct az_dataset {
    char *path;
    az_layout layout;
    az_field *fields;
    int32_t *coordinate; /* per dimension: the variable with its coordinates, or -1 */
    bool plain_array;    /* NPY, IDX: the first dimension is the rows */
    const az_dataset_class *class;
    void *file;
};

/* Makes a dataset of a layout, a class and a file; layout and file are taken over, also on failure. */
az_status az_dataset_new(az_dataset **dataset, const char *path, az_layout *layout, const az_dataset_class *class,
                         void *file);

/* The number of the variable of exactly that name, or -1. */
int32_t az_dataset_lookup(const az_dataset *dataset, const char *name);
/* The dimensions of a variable as a field: without the length of its texts. */
int32_t az_variable_n_dims(const az_variable *variable);
/* By unit, standard name, or the customary names (CF, sections 4.1 and 4.2). */
bool az_field_is_latitude(const az_dataset *dataset, int32_t field);
bool az_field_is_longitude(const az_dataset *dataset, int32_t field);
bool az_name_is_latitude(const char *name, const char *unit);

/* A block as az_dataset_read, of a text variable: strings in the arena, NULL where they are empty. */
az_status az_dataset_read_text(const az_dataset *dataset, int64_t field, const int64_t *start, const int64_t *count,
                               az_arena *arena, const char **texts);

/* The part of each dimension that --select leaves (NULL: all): first[d] and count[d], n_dims each. */
az_status az_dataset_select(az_dataset *dataset, const char *select, int64_t *first, int64_t *count);

/* The formats told by their first bytes (after gunzip): true if az_dataset_open would take the file. */
bool az_dataset_recognise(const void *bytes, size_t n_bytes);
enum { AZ_DATASET_PEEK = 4104 }; /* so many first bytes tell all formats */
/* Whether the file is one of fields; false for pipes and stdin, which are read once.  AZ_ERROR_NO_INPUT. */
az_status az_path_holds_fields(const char *path, bool *fields);

az_status az_dataset_open_npy(az_dataset **dataset, const char *path, const az_control *control); /* NPY and NPZ */
az_status az_dataset_open_idx(az_dataset **dataset, const char *path, const az_control *control);
az_status az_dataset_open_netcdf(az_dataset **dataset, const char *path, const az_control *control);

/* Rows of fields.  How a dataset becomes a table: one row a grid point of the row dimensions, in the order of the file
 * (last dimension fastest). */
typedef struct az_grid {
    const az_dataset *dataset;
    int32_t n_dims;
    int32_t dims[AZ_FIELD_DIMS]; /* of the dataset: those that make the rows */
    int64_t first[AZ_FIELD_DIMS], count[AZ_FIELD_DIMS],
        step[AZ_FIELD_DIMS]; /* what --select left of each; step -1: reversed never happens */
    int64_t n_rows;
} az_grid;

/* The rows from at_row on, at most max_rows of them but at least one, that are a box of the grid: start (in the
 * dataset's numbers) and count per dimension; returns how many rows.  at_row: 0 or where the box before ended. */
int64_t az_grid_box(const az_grid *grid, int64_t at_row, int64_t max_rows, int64_t *start, int64_t *count);

#endif
