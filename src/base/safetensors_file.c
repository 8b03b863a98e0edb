/* SPDX-License-Identifier: BSD-3-Clause */
/* The safetensors format (https://github.com/huggingface/safetensors): 8 bytes of header length, little-endian; the
 * header, one JSON object {"name": {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}, ...}; the data, whose
 * arrays follow each other without holes.  A header that is read is trusted in nothing. */
#include "base/safetensors_file.h"

#include "base/file.h"
#include "base/json_write.h"
#include "base/memory.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "arrays are copied as they lie in memory, which is little-endian"
#endif

static const size_t max_header = 100000000; /* the limit of the reference implementation */
static const size_t data_alignment = 64;
static const char metadata_key[] = "__metadata__", document_key[] = "ansatz";

/* Elements of 8 bytes first, then 4, then 1, each group in the bundle's order: so every array is aligned for its type
 * without holes, and equal bundles give equal bytes. */
static const size_t element_sizes[] = {8, 4, 1};
enum { N_ELEMENT_SIZES = sizeof element_sizes / sizeof *element_sizes };

static size_t array_bytes(const az_array *array)
{
    size_t n_bytes = 0;
    az_array_bytes(array->dtype, array->n_dims, array->shape, &n_bytes);
    return n_bytes;
}

static az_status make_header(const az_bundle *bundle, az_text *header)
{
    az_json json = {0};
    int64_t *offsets = NULL, end = 0;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(offsets, bundle->n_arrays));
    for (int group = 0; group < N_ELEMENT_SIZES; group++) {
        for (int64_t i = 0; i < bundle->n_arrays; i++) {
            if (az_dtypes[bundle->arrays[i].dtype].size != element_sizes[group]) continue;
            offsets[i] = end;
            end += (int64_t)array_bytes(&bundle->arrays[i]);
        }
    }
    az_json_begin_object(&json, NULL);
    if (bundle->document) {
        az_json_begin_object(&json, metadata_key);
        az_json_string(&json, document_key, bundle->document);
        az_json_end_object(&json);
    }
    for (int64_t i = 0; i < bundle->n_arrays; i++) {
        const az_array *array = &bundle->arrays[i];
        az_json_begin_object(&json, array->name);
        az_json_string(&json, "dtype", az_dtypes[array->dtype].name);
        az_json_begin_array(&json, "shape");
        for (int k = 0; k < array->n_dims; k++) az_json_int(&json, NULL, array->shape[k]);
        az_json_end_array(&json);
        az_json_begin_array(&json, "data_offsets");
        az_json_int(&json, NULL, offsets[i]);
        az_json_int(&json, NULL, offsets[i] + (int64_t)array_bytes(array));
        az_json_end_array(&json);
        az_json_end_object(&json);
    }
    az_json_end_object(&json);
    while (!json.text.failed && (sizeof(uint64_t) + json.text.length) % data_alignment != 0)
        az_text_append(&json.text, " ");
    AZ_GOTO(az_text_status(&json.text));
    if (json.text.length > max_header) {
        status = az_error(AZ_ERROR_DATA, "the description of the model takes %zu bytes; the format allows %zu",
                          json.text.length, max_header);
        goto done;
    }
    *header = json.text;
    json.text = (az_text){0};
done:
    az_text_free(&json.text);
    az_free(offsets);
    return status;
}

az_status az_bundle_write(const az_bundle *bundle, const char *path)
{
    az_text header = {0};
    az_output output = {.descriptor = -1};
    az_status status;
    AZ_GOTO(make_header(bundle, &header));
    AZ_GOTO(az_output_open(&output, path));
    uint64_t length = header.length;
    AZ_GOTO(az_output_write(&output, &length, sizeof length));
    AZ_GOTO(az_output_write(&output, header.data, header.length));
    for (int group = 0; group < N_ELEMENT_SIZES; group++) {
        for (int64_t i = 0; i < bundle->n_arrays; i++) {
            const az_array *array = &bundle->arrays[i];
            if (az_dtypes[array->dtype].size != element_sizes[group]) continue;
            AZ_GOTO(az_output_write(&output, array->data, array_bytes(array)));
        }
    }
    AZ_GOTO(az_output_commit(&output));
done:
    az_output_abandon(&output);
    az_text_free(&header);
    return status;
}

/* One entry of the header, checked by itself. */
typedef struct entry {
    const char *name; /* the JSON object's */
    az_dtype dtype;
    int n_dims;
    int64_t shape[AZ_MAX_DIMS];
    size_t begin, end;
} entry;

static az_status read_size(const json_t *value, const char *path, const char *name, const char *what, int64_t *size)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return az_error(AZ_ERROR_DATA, "%s: array '%s': %s must be whole numbers from 0 on", path, name, what);
    *size = json_integer_value(value);
    return AZ_OK;
}

static az_status read_entry(entry *out, const char *name, const json_t *value, size_t data_size, const char *path)
{
    out->name = name;
    const json_t *dtype = json_object_get(value, "dtype"), *shape = json_object_get(value, "shape");
    const json_t *offsets = json_object_get(value, "data_offsets");
    if (!json_is_string(dtype) || !json_is_array(shape) || !json_is_array(offsets) || json_object_size(value) != 3)
        return az_error(AZ_ERROR_DATA, "%s: array '%s' needs dtype, shape and data_offsets, and nothing else", path,
                        name);
    int type = 0;
    while (type < AZ_N_DTYPES && strcmp(az_dtypes[type].name, json_string_value(dtype)) != 0) type++;
    if (type == AZ_N_DTYPES)
        return az_error(AZ_ERROR_DATA, "%s: array '%s' is of type %.20s; F64, F32, I64, I32 and U8 can be read", path,
                        name, json_string_value(dtype));
    out->dtype = (az_dtype)type;
    if (json_array_size(shape) > AZ_MAX_DIMS)
        return az_error(AZ_ERROR_DATA, "%s: array '%s' has %zu dimensions; at most %d can be read", path, name,
                        json_array_size(shape), AZ_MAX_DIMS);
    out->n_dims = (int)json_array_size(shape);
    for (int i = 0; i < out->n_dims; i++)
        AZ_TRY(read_size(json_array_get(shape, (size_t)i), path, name, "extents", &out->shape[i]));
    int64_t begin = 0, end = 0;
    if (json_array_size(offsets) != 2)
        return az_error(AZ_ERROR_DATA, "%s: array '%s': data_offsets must be two numbers", path, name);
    AZ_TRY(read_size(json_array_get(offsets, 0), path, name, "data_offsets", &begin));
    AZ_TRY(read_size(json_array_get(offsets, 1), path, name, "data_offsets", &end));
    size_t n_bytes;
    if (begin > end || (uint64_t)end > data_size)
        return az_error(AZ_ERROR_DATA,
                        "%s: array '%s' lies at bytes %" PRId64 " to %" PRId64
                        " of %zu: the file is damaged or cut short",
                        path, name, begin, end, data_size);
    if (!az_array_bytes(out->dtype, out->n_dims, out->shape, &n_bytes) || n_bytes != (uint64_t)(end - begin))
        return az_error(AZ_ERROR_DATA, "%s: array '%s' has a shape that does not match its %" PRId64 " bytes", path,
                        name, end - begin);
    out->begin = (size_t)begin;
    out->end = (size_t)end;
    return AZ_OK;
}

static int compare_places(const void *a, const void *b)
{
    const entry *x = *(const entry *const *)a, *y = *(const entry *const *)b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* The arrays must cover the data exactly once: no overlap, no hole, nothing behind the last. */
static az_status check_places(const entry *entries, int64_t n, size_t data_size, const char *path)
{
    const entry **sorted;
    AZ_TRY(AZ_NEW_ARRAY(sorted, n));
    for (int64_t i = 0; i < n; i++) sorted[i] = &entries[i];
    qsort(sorted, (size_t)n, sizeof *sorted, compare_places);
    size_t end = 0;
    az_status status = AZ_OK;
    for (int64_t i = 0; i < n && !status; i++) {
        if (sorted[i]->begin != end)
            status = az_error(AZ_ERROR_DATA, "%s: array '%s' %s: the file is damaged", path, sorted[i]->name,
                              sorted[i]->begin < end ? "overlaps another one" : "leaves a hole in front of it");
        end = sorted[i]->end;
    }
    if (!status && end != data_size)
        status =
            az_error(AZ_ERROR_DATA, "%s: %zu bytes behind the last array: the file is damaged", path, data_size - end);
    az_free(sorted);
    return status;
}

static az_status read_metadata(az_bundle *bundle, const json_t *metadata, const char *path)
{
    const char *key;
    json_t *value;
    if (!json_is_object(metadata)) return az_error(AZ_ERROR_DATA, "%s: %s must be an object", path, metadata_key);
    json_object_foreach((json_t *)(uintptr_t)metadata, key, value) {
        if (!json_is_string(value))
            return az_error(AZ_ERROR_DATA, "%s: '%s' under %s must be a string", path, key, metadata_key);
        if (strcmp(key, document_key) == 0) AZ_TRY(az_bundle_set_document(bundle, json_string_value(value)));
    }
    return AZ_OK;
}

static az_status read_header(az_bundle *bundle, json_t *header, const char *data, size_t data_size, const char *path)
{
    entry *entries = NULL;
    int64_t n = 0;
    const char *key;
    json_t *value;
    az_status status;
    if (!json_is_object(header)) return az_error(AZ_ERROR_DATA, "%s: the header is not a JSON object", path);
    AZ_GOTO(AZ_NEW_ARRAY(entries, (int64_t)json_object_size(header)));
    json_object_foreach(header, key, value) {
        if (strcmp(key, metadata_key) == 0)
            AZ_GOTO(read_metadata(bundle, value, path));
        else
            AZ_GOTO(read_entry(&entries[n++], key, value, data_size, path));
    }
    AZ_GOTO(check_places(entries, n, data_size, path));
    /* Copies are aligned whatever the offsets are, and outlive the file. */
    for (int64_t i = 0; i < n; i++) {
        const entry *e = &entries[i];
        AZ_GOTO(az_bundle_append(bundle, e->name, e->dtype, e->n_dims, e->shape, data + e->begin));
    }
done:
    az_free(entries);
    return status;
}

az_status az_bundle_parse(az_bundle **bundle, const void *bytes, size_t n_bytes, const char *path_for_messages)
{
    const char *path = path_for_messages, *start = bytes;
    az_bundle *result = NULL;
    json_t *header = NULL;
    uint64_t length;
    az_status status;
    if (n_bytes < sizeof length)
        return az_error(AZ_ERROR_DATA, "%s is not a model file: it has %zu bytes", path, n_bytes);
    memcpy(&length, start, sizeof length);
    if (length > max_header || length > n_bytes - sizeof length)
        return az_error(AZ_ERROR_DATA, "%s is not a model file, or it is cut short", path);
    json_error_t problem;
    /* jansson limits the depth to 2048 and refuses invalid UTF-8. */
    header = json_loadb(start + sizeof length, (size_t)length, JSON_REJECT_DUPLICATES, &problem);
    if (!header) {
        /* Without memory for a value jansson gives up and leaves the text empty. */
        if (json_error_code(&problem) == json_error_out_of_memory || !problem.text[0])
            return az_error(AZ_ERROR_MEMORY, "%s: out of memory for the header", path);
        return az_error(AZ_ERROR_DATA, "%s is not a model file, or is damaged: %s", path, problem.text);
    }
    AZ_GOTO(az_bundle_new(&result));
    size_t data_start = sizeof length + (size_t)length;
    AZ_GOTO(read_header(result, header, start + data_start, n_bytes - data_start, path));
    *bundle = result;
    result = NULL;
done:
    json_decref(header);
    az_bundle_free(result);
    return status;
}

az_status az_bundle_read(az_bundle **bundle, const char *path)
{
    az_file file;
    AZ_TRY(az_file_open(&file, path, NULL));
    az_status status = az_bundle_parse(bundle, file.data, file.size, path);
    az_file_close(&file);
    return status;
}
