/* SPDX-License-Identifier: BSD-3-Clause */
/* What the two files of safetensors share; nobody else includes it. */
#ifndef AZ_BASE_SAFETENSORS_FILE_H
#define AZ_BASE_SAFETENSORS_FILE_H

#include "base/safetensors.h"

enum { AZ_N_DTYPES = AZ_DTYPE_U8 + 1 };
typedef struct az_dtype_info {
    const char *name; /* in the file */
    size_t size;      /* bytes of an element, also its alignment */
} az_dtype_info;
extern const az_dtype_info az_dtypes[AZ_N_DTYPES];

struct az_bundle {
    int64_t n_arrays, capacity;
    az_array *arrays;
    void **values; /* owned: arrays[i].data without const */
    char *document;
};

/* Bytes of an array; false when they do not fit into memory or an extent is negative. */
bool az_array_bytes(az_dtype dtype, int n_dims, const int64_t *shape, size_t *n_bytes);

/* az_bundle_put without looking for the name, for callers who know that it is new. */
az_status az_bundle_append(az_bundle *bundle, const char *name, az_dtype dtype, int n_dims, const int64_t *shape,
                           const void *data);

#endif
