/* SPDX-License-Identifier: BSD-3-Clause */
/* The bundle in memory: arrays by name, and its JSON document.  Reading and writing files is in safetensors_file.c. */
#include "base/safetensors.h"

#include "base/memory.h"
#include "base/safetensors_file.h"

#include <inttypes.h>
#include <string.h>

const az_dtype_info az_dtypes[] = {
    [AZ_DTYPE_F64] = {"F64", 8}, [AZ_DTYPE_F32] = {"F32", 4}, [AZ_DTYPE_I64] = {"I64", 8},
    [AZ_DTYPE_I32] = {"I32", 4}, [AZ_DTYPE_U8] = {"U8", 1},
};

az_status az_bundle_new(az_bundle **bundle)
{
    return AZ_NEW_ZERO(*bundle);
}

void az_bundle_free(az_bundle *bundle)
{
    if (!bundle) return;
    for (int64_t i = 0; i < bundle->n_arrays; i++) {
        az_free(bundle->arrays[i].name);
        az_free(bundle->values[i]);
    }
    az_free(bundle->arrays);
    az_free(bundle->values);
    az_free(bundle->document);
    az_free(bundle);
}

bool az_array_bytes(az_dtype dtype, int n_dims, const int64_t *shape, size_t *n_bytes)
{
    size_t n = az_dtypes[dtype].size;
    for (int i = 0; i < n_dims; i++)
        if (shape[i] < 0 || __builtin_mul_overflow(n, (size_t)shape[i], &n)) return false;
    *n_bytes = n;
    return n <= PTRDIFF_MAX;
}

static az_status reserve_one(az_bundle *bundle)
{
    if (bundle->n_arrays < bundle->capacity) return AZ_OK;
    int64_t capacity = bundle->capacity ? 2 * bundle->capacity : 16;
    az_array *arrays = az_realloc_array(bundle->arrays, capacity, sizeof *arrays);
    if (!arrays) return AZ_ERROR_MEMORY;
    bundle->arrays = arrays;
    void **values = az_realloc_array(bundle->values, capacity, sizeof *values);
    if (!values) return AZ_ERROR_MEMORY;
    bundle->values = values;
    bundle->capacity = capacity;
    return AZ_OK;
}

az_status az_bundle_append(az_bundle *bundle, const char *name, az_dtype dtype, int n_dims, const int64_t *shape,
                           const void *data)
{
    size_t n_bytes;
    if (n_dims < 0 || n_dims > AZ_MAX_DIMS || !az_array_bytes(dtype, n_dims, shape, &n_bytes))
        return az_error(AZ_ERROR_INTERNAL, "the array '%s' has an impossible shape", name);
    AZ_TRY(reserve_one(bundle));
    az_array array = {.name = az_strdup(name), .dtype = dtype, .n_dims = n_dims};
    void *values = az_alloc(n_bytes);
    if (!array.name || !values) {
        az_free(array.name);
        az_free(values);
        return AZ_ERROR_MEMORY;
    }
    if (n_bytes > 0) memcpy(values, data, n_bytes);
    for (int i = 0; i < n_dims; i++) array.shape[i] = shape[i];
    array.data = values;
    bundle->arrays[bundle->n_arrays] = array;
    bundle->values[bundle->n_arrays++] = values;
    return AZ_OK;
}

az_status az_bundle_put(az_bundle *bundle, const char *name, az_dtype dtype, int n_dims, const int64_t *shape,
                        const void *data)
{
    if (az_bundle_find(bundle, name))
        return az_error(AZ_ERROR_INTERNAL, "the array '%s' is in the bundle already", name);
    return az_bundle_append(bundle, name, dtype, n_dims, shape, data);
}

az_status az_bundle_put_f64(az_bundle *bundle, const char *name, const double *data, int64_t n)
{
    return az_bundle_put(bundle, name, AZ_DTYPE_F64, 1, &n, data);
}

az_status az_bundle_put_i32(az_bundle *bundle, const char *name, const int32_t *data, int64_t n)
{
    return az_bundle_put(bundle, name, AZ_DTYPE_I32, 1, &n, data);
}

az_status az_bundle_put_scalar(az_bundle *bundle, const char *name, double value)
{
    return az_bundle_put(bundle, name, AZ_DTYPE_F64, 0, NULL, &value);
}

az_status az_bundle_set_document(az_bundle *bundle, const char *json)
{
    char *copy = az_strdup(json);
    if (!copy) return AZ_ERROR_MEMORY;
    az_free(bundle->document);
    bundle->document = copy;
    return AZ_OK;
}

const char *az_bundle_document(const az_bundle *bundle)
{
    return bundle->document ? bundle->document : "";
}

int64_t az_bundle_n_arrays(const az_bundle *bundle)
{
    return bundle->n_arrays;
}

const az_array *az_bundle_array(const az_bundle *bundle, int64_t i)
{
    return i >= 0 && i < bundle->n_arrays ? &bundle->arrays[i] : NULL;
}

const az_array *az_bundle_find(const az_bundle *bundle, const char *name)
{
    for (int64_t i = 0; i < bundle->n_arrays; i++)
        if (strcmp(bundle->arrays[i].name, name) == 0) return &bundle->arrays[i];
    return NULL;
}

static az_status get(const az_bundle *bundle, const char *name, az_dtype dtype, int64_t n, const void **data,
                     int64_t *n_found)
{
    const az_array *array = az_bundle_find(bundle, name);
    if (!array) return az_error(AZ_ERROR_DATA, "the array '%s' is missing", name);
    if (array->dtype != dtype)
        return az_error(AZ_ERROR_DATA, "the array '%s' is of type %s, not %s", name, az_dtypes[array->dtype].name,
                        az_dtypes[dtype].name);
    int64_t found = 1;
    for (int i = 0; i < array->n_dims; i++) found *= array->shape[i];
    if (n >= 0 && found != n)
        return az_error(AZ_ERROR_DATA, "the array '%s' has %" PRId64 " values, not %" PRId64, name, found, n);
    if (n_found) *n_found = found;
    *data = array->data;
    return AZ_OK;
}

az_status az_bundle_get_f64(const az_bundle *bundle, const char *name, int64_t n, const double **data, int64_t *n_found)
{
    const void *found;
    AZ_TRY(get(bundle, name, AZ_DTYPE_F64, n, &found, n_found));
    *data = found;
    return AZ_OK;
}

az_status az_bundle_get_i32(const az_bundle *bundle, const char *name, int64_t n, const int32_t **data,
                            int64_t *n_found)
{
    const void *found;
    AZ_TRY(get(bundle, name, AZ_DTYPE_I32, n, &found, n_found));
    *data = found;
    return AZ_OK;
}

az_status az_bundle_get_scalar(const az_bundle *bundle, const char *name, double *value)
{
    const double *found;
    AZ_TRY(az_bundle_get_f64(bundle, name, 1, &found, NULL));
    *value = *found;
    return AZ_OK;
}
