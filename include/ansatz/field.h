/* SPDX-License-Identifier: BSD-3-Clause */
/* Fields: arrays on named dimensions with coordinates, units and masks, as NetCDF, HDF5, NPY, NPZ and IDX files hold
 * them.  (A table of a file of fields is read by az_table_read, in table.h.) */
#ifndef ANSATZ_FIELD_H
#define ANSATZ_FIELD_H

#include <ansatz/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct az_dataset az_dataset;

/* Opens a file of fields: NetCDF-3, NetCDF-4, HDF5 (by libansatz-io), NPY, NPZ, IDX, the last three also gzipped.  Only
 * the names, shapes and attributes are read.  AZ_ERROR_NO_INPUT, AZ_ERROR_DATA (what is broken),
 * AZ_ERROR_UNAVAILABLE (libansatz-io is not there). */
AZ_API AZ_MUST_CHECK az_status az_dataset_open(az_dataset **dataset, const char *path, const az_control *control);
AZ_API void az_dataset_free(az_dataset *dataset); /* NULL is allowed */

AZ_API int64_t az_dataset_n_dimensions(const az_dataset *dataset);
AZ_API const char *az_dataset_dimension_name(const az_dataset *dataset, int64_t dimension); /* borrowed */
AZ_API int64_t az_dataset_dimension_size(const az_dataset *dataset, int64_t dimension);

AZ_API int64_t az_dataset_n_fields(const az_dataset *dataset);
AZ_API const char *az_dataset_field_name(const az_dataset *dataset, int64_t field); /* borrowed, as all texts here */
AZ_API const char *az_dataset_field_unit(const az_dataset *dataset, int64_t field); /* NULL: none */
AZ_API const char *az_dataset_field_type(const az_dataset *dataset, int64_t field); /* as stored: "float32", "int16" */
AZ_API int64_t az_dataset_field_n_dimensions(const az_dataset *dataset, int64_t field);
AZ_API int64_t az_dataset_field_dimension(const az_dataset *dataset, int64_t field, int64_t place); /* slowest first */
/* AZ_ERROR_DATA with the nearest name. */
AZ_API AZ_MUST_CHECK az_status az_dataset_find(const az_dataset *dataset, const char *name, int64_t *field);

/* A block of a field: count[d] values from start[d] on in each of its dimensions, row-major, scale and offset applied,
 * NaN where the field is masked (fill value, missing value, out of the valid range). */
AZ_API AZ_MUST_CHECK az_status az_dataset_read(const az_dataset *dataset, int64_t field, const int64_t *start,
                                               const int64_t *count, double *values);

#ifdef __cplusplus
}
#endif
#endif
