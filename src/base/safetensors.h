/* SPDX-License-Identifier: BSD-3-Clause */
/* Safetensors: 8 bytes of length, a JSON header, raw little-endian row-major arrays.  A bundle is one such file in
 * memory: named arrays and one JSON document about them (kept as a string under "__metadata__": {"ansatz": ...}). */
#ifndef AZ_BASE_SAFETENSORS_H
#define AZ_BASE_SAFETENSORS_H

#include "base/status.h"

typedef enum az_dtype { AZ_DTYPE_F64, AZ_DTYPE_F32, AZ_DTYPE_I64, AZ_DTYPE_I32, AZ_DTYPE_U8 } az_dtype;
#define AZ_MAX_DIMS 8

typedef struct az_array {
    char *name;
    az_dtype dtype;
    int n_dims;
    int64_t shape[AZ_MAX_DIMS];
    const void *data;
} az_array;

typedef struct az_bundle az_bundle;

az_status az_bundle_new(az_bundle **bundle);
void az_bundle_free(az_bundle *bundle);

/* Adds a copy of an array.  A name already there is AZ_ERROR_INTERNAL. */
az_status az_bundle_put(az_bundle *bundle, const char *name, az_dtype dtype, int n_dims, const int64_t *shape,
                        const void *data);
az_status az_bundle_put_f64(az_bundle *bundle, const char *name, const double *data, int64_t n);
az_status az_bundle_put_i32(az_bundle *bundle, const char *name, const int32_t *data, int64_t n);
az_status az_bundle_put_scalar(az_bundle *bundle, const char *name, double value);
az_status az_bundle_set_document(az_bundle *bundle, const char *json);

/* Looks an array up and checks it: borrowed pointer, aligned for its type.  n < 0: any size, returned in *n_found (may
 * be NULL).  AZ_ERROR_DATA: not there, of another type or size. */
az_status az_bundle_get_f64(const az_bundle *bundle, const char *name, int64_t n, const double **data,
                            int64_t *n_found);
az_status az_bundle_get_i32(const az_bundle *bundle, const char *name, int64_t n, const int32_t **data,
                            int64_t *n_found);
az_status az_bundle_get_scalar(const az_bundle *bundle, const char *name, double *value);
const az_array *az_bundle_find(const az_bundle *bundle, const char *name); /* NULL: not there */
int64_t az_bundle_n_arrays(const az_bundle *bundle);
const az_array *az_bundle_array(const az_bundle *bundle, int64_t i);
const char *az_bundle_document(const az_bundle *bundle); /* "" if none */

/* Header untrusted: sizes, overlaps, holes, types, depth, duplicate names are checked; errors name the path. */
az_status az_bundle_write(const az_bundle *bundle, const char *path);
az_status az_bundle_read(az_bundle **bundle, const char *path);
az_status az_bundle_parse(az_bundle **bundle, const void *bytes, size_t n_bytes, const char *path_for_messages);

#endif
