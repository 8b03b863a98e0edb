/* SPDX-License-Identifier: BSD-3-Clause */
/* IDX, the files of MNIST (Y. LeCun's description of the data set): two zeros, a letter for the type, the number of
 * dimensions, each size in four bytes, the numbers; all of it big-endian, last dimension fastest. */
#include "base/file.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/plain_array.h"

typedef struct idx_file {
    az_plain_file file;
    az_plain_array array;
    size_t data;
    char *path;
} idx_file;

enum { LONGEST_HEADER = 4 + 4 * AZ_FIELD_DIMS };

static az_status set_type(unsigned char letter, const char *path, az_plain_array *array)
{
    switch (letter) {
    case 0x08: array->type = AZ_STORED_U8; break;
    case 0x09: array->type = AZ_STORED_I8; break;
    case 0x0b: array->type = AZ_STORED_I16; break;
    case 0x0c: array->type = AZ_STORED_I32; break;
    case 0x0d: array->type = AZ_STORED_F32; break;
    case 0x0e: array->type = AZ_STORED_F64; break;
    default: return az_error(AZ_ERROR_DATA, "%s: an IDX file has no type 0x%02x", path, letter);
    }
    array->item_size = az_storage_size(array->type);
    array->swap = array->item_size > 1 && !az_is_big_endian();
    return AZ_OK;
}

static az_status parse(idx_file *idx, const char *path)
{
    const unsigned char *bytes = (const unsigned char *)(idx->file.head ? idx->file.head : idx->file.file.data);
    size_t size = idx->file.size;
    az_plain_array *array = &idx->array;
    if (size < 4 || idx->file.n_head < 4 || bytes[0] != 0 || bytes[1] != 0)
        return az_error(AZ_ERROR_DATA, "%s is no IDX file: it does not begin as one", path);
    AZ_TRY(set_type(bytes[2], path, array));
    if (bytes[3] < 1 || bytes[3] > AZ_FIELD_DIMS)
        return az_error(AZ_ERROR_DATA, "%s: an array of %d dimensions is not read; 1 to %d are", path, bytes[3],
                        AZ_FIELD_DIMS);
    array->n_dims = bytes[3];
    idx->data = 4 + 4 * (size_t)array->n_dims;
    if (size < idx->data || idx->file.n_head < idx->data)
        return az_error(AZ_ERROR_DATA, "%s ends within its header", path);
    for (int32_t d = 0; d < array->n_dims; d++) {
        const unsigned char *at = bytes + 4 + 4 * d;
        array->shape[d] = (int64_t)at[0] << 24 | (int64_t)at[1] << 16 | (int64_t)at[2] << 8 | (int64_t)at[3];
    }
    if (!az_plain_array_count(array)) return az_error(AZ_ERROR_DATA, "%s: the header's sizes are too large", path);
    size_t n_there = (size - idx->data) / array->item_size;
    if (n_there != (size_t)array->n || (size - idx->data) % array->item_size)
        return az_error(AZ_ERROR_DATA, "%s: its header announces %lld numbers, and %zu are there; fetch the file again",
                        path, (long long)array->n, n_there);
    return AZ_OK;
}

static void close_idx(void *state)
{
    idx_file *idx = state;
    az_plain_file_close(&idx->file);
    az_free(idx->path);
    az_free(idx);
}

static az_status read_idx(void *state, int32_t variable, const int64_t *start, const int64_t *count, void *values)
{
    (void)variable;
    const idx_file *idx = state;
    const az_plain_bytes bytes = az_plain_file_bytes(&idx->file, idx->data, idx->path);
    return az_plain_array_read(&idx->array, &bytes, start, count, values);
}

static const az_dataset_class idx_class = {.read = read_idx, .close = close_idx};

az_status az_dataset_open_idx(az_dataset **dataset, const char *path, const az_control *control)
{
    idx_file *idx;
    az_layout layout = {.format = "IDX"};
    char *name = NULL;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(idx));
    idx->file.descriptor = -1;
    AZ_GOTO(az_plain_file_open(&idx->file, path, LONGEST_HEADER, control));
    AZ_GOTO(parse(idx, path));
    name = az_plain_array_name(path);
    idx->path = az_strdup(path);
    if (!name || !idx->path) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    AZ_GOTO(AZ_NEW_ARRAY(layout.variables, 1));
    AZ_GOTO(AZ_NEW_ARRAY(layout.dims, AZ_FIELD_DIMS));
    AZ_GOTO(az_plain_array_declare(&idx->array, name, &layout));
    idx_file *given = idx;
    idx = NULL;
    AZ_GOTO(az_dataset_new(dataset, path, &layout, &idx_class, given));
    (*dataset)->plain_array = true;
done:
    az_free(name);
    az_layout_free(&layout);
    if (idx) close_idx(idx);
    return status;
}
