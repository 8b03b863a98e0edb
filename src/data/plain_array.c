/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/plain_array.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool az_is_big_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 0;
}

bool az_plain_array_count(az_plain_array *array)
{
    int64_t bytes;
    array->n = 1;
    for (int32_t d = 0; d < array->n_dims; d++)
        if (array->shape[d] < 0 || __builtin_mul_overflow(array->n, array->shape[d], &array->n)) return false;
    return !__builtin_mul_overflow(array->n, (int64_t)sizeof(double), &bytes) &&
           !__builtin_mul_overflow(array->n, (int64_t)array->item_size, &bytes);
}

/* IEEE 754 binary16: sign, five bits of exponent, ten of fraction. */
static float half_to_float(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                      : exponent == 0 ? ldexpf((float)fraction, -24)
                                      : ldexpf((float)(fraction + 1024), exponent - 25);
    return bits >> 15 ? -magnitude : magnitude;
}

/* n items, `stride` bytes apart in the file, to consecutive places of the type handed out. */
static char *copy_items(const az_plain_array *array, const char *from, ptrdiff_t stride, int64_t n, char *to)
{
    size_t size = array->item_size;
    bool half = array->type == AZ_STORED_F32 && size == 2;
    if (!array->swap && !half && stride == (ptrdiff_t)size) {
        memcpy(to, from, (size_t)n * size);
        return to + (size_t)n * size;
    }
    for (int64_t i = 0; i < n; i++, from += stride) {
        char item[8];
        for (size_t k = 0; k < size; k++) item[k] = from[array->swap ? size - 1 - k : k];
        if (half) {
            uint16_t bits;
            memcpy(&bits, item, sizeof bits);
            float value = half_to_float(bits);
            memcpy(item, &value, sizeof value);
            memcpy(to, item, sizeof value);
            to += sizeof value;
        } else {
            memcpy(to, item, size);
            to += size;
        }
    }
    return to;
}

void az_plain_array_read(const az_plain_array *array, const char *bytes, const int64_t *start, const int64_t *count,
                         void *values)
{
    ptrdiff_t stride[AZ_FIELD_DIMS], product = (ptrdiff_t)array->item_size;
    int64_t index[AZ_FIELD_DIMS] = {0};
    int32_t n_dims = array->n_dims;
    for (int32_t i = 0; i < n_dims; i++) {
        int32_t d = array->fortran_order ? i : n_dims - 1 - i;
        stride[d] = product;
        product *= (ptrdiff_t)array->shape[d];
    }
    char *to = values;
    if (n_dims == 0) {
        copy_items(array, bytes, (ptrdiff_t)array->item_size, 1, to);
        return;
    }
    for (int32_t d = 0; d < n_dims; d++)
        if (count[d] == 0) return;
    for (;;) {
        const char *from = bytes;
        for (int32_t d = 0; d < n_dims; d++) from += stride[d] * (ptrdiff_t)(start[d] + index[d]);
        to = copy_items(array, from, stride[n_dims - 1], count[n_dims - 1], to);
        int32_t d = n_dims - 2;
        while (d >= 0 && ++index[d] == count[d]) index[d--] = 0;
        if (d < 0) return;
    }
}

/* The dimension of that place and size, made if there is none yet. */
static az_status find_dimension(az_layout *layout, int32_t place, int64_t size, const char *variable, int32_t *found)
{
    char first[16], name[128];
    snprintf(first, sizeof first, "dim%d", (int)place);
    snprintf(name, sizeof name, "%s", first);
    for (int32_t d = 0; d < layout->n_dims; d++) {
        size_t length = strlen(first);
        const char *other = layout->dims[d].name;
        if (strncmp(other, first, length) != 0 || (other[length] && other[length] != '_')) continue;
        *found = d;
        if (layout->dims[d].size == size) return AZ_OK;
        snprintf(name, sizeof name, "%s_%.100s", first, variable);
    }
    az_dimension *made = &layout->dims[layout->n_dims];
    *made = (az_dimension){.name = az_strdup(name), .size = size};
    if (!made->name) return AZ_ERROR_MEMORY;
    *found = layout->n_dims++;
    return AZ_OK;
}

az_status az_plain_array_declare(const az_plain_array *array, const char *name, az_layout *layout)
{
    az_variable *variable = &layout->variables[layout->n_variables];
    *variable = (az_variable){.name = az_strdup(name), .type = array->type, .n_dims = array->n_dims};
    if (!variable->name) return AZ_ERROR_MEMORY;
    layout->n_variables++;
    if (array->type_text) {
        variable->type_text = az_strdup(array->type_text);
        if (!variable->type_text) return AZ_ERROR_MEMORY;
    }
    for (int32_t d = 0; d < array->n_dims; d++)
        AZ_TRY(find_dimension(layout, d, array->shape[d], name, &variable->dims[d]));
    return AZ_OK;
}

char *az_plain_array_name(const char *path)
{
    static const char *const endings[] = {".gz", ".npy", ".npz", ".idx"};
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t length = strlen(base);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i]);
        if (length > n && memcmp(base + length - n, endings[i], n) == 0) length -= n;
    }
    return az_strndup(base, length);
}
