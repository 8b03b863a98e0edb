/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks of stored numbers become values: packing undone, masked places NaN. */
#include "data/dataset.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

static double stored_number(az_storage type, const char *at)
{
#define STORED(name, c_type)                                                                                           \
    case name: {                                                                                                       \
        c_type number;                                                                                                 \
        memcpy(&number, at, sizeof number);                                                                            \
        return (double)number;                                                                                         \
    }
    switch (type) {
        STORED(AZ_STORED_I8, int8_t)
        STORED(AZ_STORED_U8, uint8_t)
        STORED(AZ_STORED_I16, int16_t)
        STORED(AZ_STORED_U16, uint16_t)
        STORED(AZ_STORED_I32, int32_t)
        STORED(AZ_STORED_U32, uint32_t)
        STORED(AZ_STORED_I64, int64_t)
        STORED(AZ_STORED_U64, uint64_t)
        STORED(AZ_STORED_F32, float)
        STORED(AZ_STORED_F64, double)
    default: return NAN;
    }
#undef STORED
}

/* The numbers stand, in their own type, at the end of the place for the values: each is read before the value of a
 * later one can be written over it, since no stored type is wider than a double. */
static void widen(az_storage type, const char *stored, double *values, int64_t n)
{
    size_t size = az_storage_size(type);
    for (int64_t i = 0; i < n; i++) values[i] = stored_number(type, stored + (size_t)i * size);
}

static void decode(const az_field *field, double *values, int64_t n)
{
    for (int k = 0; k < field->n_fill; k++) {
        double fill = field->fill[k];
        for (int64_t i = 0; i < n; i++)
            if (values[i] == fill) values[i] = NAN;
    }
    if (field->lower > -INFINITY || field->upper < INFINITY)
        for (int64_t i = 0; i < n; i++)
            if (values[i] < field->lower || values[i] > field->upper) values[i] = NAN;
    if (field->packed)
        for (int64_t i = 0; i < n; i++) values[i] = field->scale * values[i] + field->offset;
}

/* The number of values in the block, after a check of its bounds. */
static az_status check_block(const az_dataset *dataset, int64_t v, const int64_t *start, const int64_t *count,
                             int64_t *n)
{
    const az_variable *variable = &dataset->layout.variables[v];
    *n = 1;
    for (int32_t i = 0; i < az_variable_n_dims(variable); i++) {
        const az_dimension *dimension = &dataset->layout.dims[variable->dims[i]];
        if (start[i] < 0 || count[i] < 0 || start[i] > dimension->size || count[i] > dimension->size - start[i])
            return az_error(AZ_ERROR_USAGE, "%s: %s has %lld values along %s, and %lld from %lld on were asked for",
                            dataset->path, variable->name, (long long)dimension->size, dimension->name,
                            (long long)count[i], (long long)start[i]);
        if (__builtin_mul_overflow(*n, count[i], n))
            return az_error(AZ_ERROR_MEMORY, "%s: a block of %s has more values than can be counted", dataset->path,
                            variable->name);
    }
    return AZ_OK;
}

az_status az_dataset_read(const az_dataset *dataset, int64_t v, const int64_t *start, const int64_t *count,
                          double *values)
{
    const az_variable *variable = &dataset->layout.variables[v];
    const az_field *field = &dataset->fields[v];
    if (variable->type > AZ_STORED_F64)
        return az_error(AZ_ERROR_DATA, "%s: %s holds %s, not numbers", dataset->path, variable->name,
                        az_dataset_field_type(dataset, v));
    int64_t n;
    AZ_TRY(check_block(dataset, v, start, count, &n));
    if (n == 0) return AZ_OK;
    size_t size = az_storage_size(variable->type);
    char *stored = (char *)values + (size_t)n * (sizeof *values - size);
    AZ_TRY(dataset->class->read(dataset->file, (int32_t)v, start, count, stored));
    if (variable->type != AZ_STORED_F64) widen(field->decoded_as, stored, values, n);
    decode(field, values, n);
    return AZ_OK;
}

/* Texts of fixed length are padded, with zeros or with blanks; the empty one is missing. */
static az_status keep_text(az_arena *arena, const char *text, const char **kept)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') length--;
    *kept = length > 0 ? az_arena_strndup(arena, text, length) : NULL;
    return length > 0 && !*kept ? AZ_ERROR_MEMORY : AZ_OK;
}

az_status az_dataset_read_text(const az_dataset *dataset, int64_t v, const int64_t *start, const int64_t *count,
                               az_arena *arena, const char **texts)
{
    const az_variable *variable = &dataset->layout.variables[v];
    if (variable->type != AZ_STORED_TEXT && variable->type != AZ_STORED_STRING)
        return az_error(AZ_ERROR_INTERNAL, "%s: %s holds no texts", dataset->path, variable->name);
    int64_t n, whole_start[AZ_FIELD_DIMS] = {0}, whole_count[AZ_FIELD_DIMS];
    AZ_TRY(check_block(dataset, v, start, count, &n));
    if (n == 0) return AZ_OK;
    if ((size_t)n > SIZE_MAX / sizeof(char *)) return az_error(AZ_ERROR_MEMORY, "%s: too many texts", dataset->path);
    int32_t n_dims = az_variable_n_dims(variable);
    for (int32_t i = 0; i < n_dims; i++) {
        whole_start[i] = start[i];
        whole_count[i] = count[i];
    }
    if (n_dims < variable->n_dims) whole_count[n_dims] = dataset->layout.dims[variable->dims[n_dims]].size;
    char **read = az_alloc_zero((size_t)n * sizeof *read);
    if (!read) return AZ_ERROR_MEMORY;
    az_status status = dataset->class->read(dataset->file, (int32_t)v, whole_start, whole_count, read);
    int64_t n_read = status ? 0 : n;
    for (int64_t i = 0; i < n_read; i++) {
        if (!status) status = keep_text(arena, read[i] ? read[i] : "", &texts[i]);
        az_free(read[i]);
    }
    az_free(read);
    return status;
}
