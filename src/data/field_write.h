/* SPDX-License-Identifier: BSD-3-Clause */
/* Making files of fields: the layout of a new file, put together piece by piece, and a NetCDF file that is there whole
 * or not at all. */
#ifndef AZ_DATA_FIELD_WRITE_H
#define AZ_DATA_FIELD_WRITE_H

#include "base/file.h"
#include "base/text.h"
#include "data/dataset.h"

/* Each returns the number of what it added through its last argument, which may be NULL. */
az_status az_layout_add_dimension(az_layout *layout, const char *name, int64_t size, bool unlimited,
                                  int32_t *dimension);
az_status az_layout_add_variable(az_layout *layout, const char *name, az_storage type, const int32_t *dims,
                                 int32_t n_dims, int32_t *variable);
int32_t az_layout_find_variable(const az_layout *layout, const char *name); /* -1: none */

/* Of a variable, or with variable -1 of the whole file. */
az_status az_layout_add_text(az_layout *layout, int32_t variable, const char *name, const char *text);
az_status az_layout_add_numbers(az_layout *layout, int32_t variable, const char *name, az_storage type,
                                const double *numbers, int64_t n);

/* The dimensions of the grid, and all that says where its points are: coordinates on these dimensions, their bounds,
 * and the mapping of the grid, with their attributes.  Copied from its dataset, as far as the grid goes. */
typedef struct az_grid_copy {
    int32_t from, to; /* the variable in the dataset, and in the new file */
} az_grid_copy;
typedef struct az_grid_layout {
    az_layout layout;
    int32_t dims[AZ_FIELD_DIMS]; /* of the new file: those of the grid */
    az_grid_copy *copies;
    int32_t n_copies;
} az_grid_layout;
az_status az_grid_layout_begin(az_grid_layout *begun, const az_grid *grid);
void az_grid_layout_free(az_grid_layout *begun);
/* The names of the copied coordinates that are no dimension's own, as the attribute "coordinates" lists them. */
az_status az_grid_layout_coordinates(const az_grid_layout *begun, const az_grid *grid, az_text *names);

typedef struct az_field_file {
    const az_io *io;
    void *file; /* NULL: nothing is open */
    az_output output;
} az_field_file;
/* AZ_ERROR_UNAVAILABLE: without libansatz-io. */
az_status az_field_file_create(az_field_file *file, const char *path, const az_layout *layout);
az_status az_field_file_write(az_field_file *file, int32_t variable, const int64_t *start, const int64_t *count,
                              const void *values);
/* Writes the numbers of what was copied. */
az_status az_field_file_copy(az_field_file *file, const az_grid_layout *begun, const az_grid *grid);
az_status az_field_file_commit(az_field_file *file);
void az_field_file_abandon(az_field_file *file); /* harmless twice, and after commit */

/* A part of the rows of a grid, values[i] of row at_row + i, in as few blocks as it takes.  size: bytes of a value. */
az_status az_field_file_write_rows(az_field_file *file, int32_t variable, const az_grid *grid, int64_t at_row,
                                   int64_t n_rows, const void *values, size_t size);

#endif
