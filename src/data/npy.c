/* SPDX-License-Identifier: BSD-3-Clause */
/* NumPy's array files, versions 1 to 3: "\x93NUMPY", two bytes of version, the length of the header (two bytes, four
 * from version 2 on), a Python dictionary with descr, fortran_order and shape, and the numbers.  The dictionary is
 * parsed here letter by letter; nothing is evaluated. */
#include "data/npy.h"

#include "base/memory.h"
#include "data/dataset.h"

#include <stdio.h>
#include <string.h>

/* The rest of the header that is still to be read. */
typedef struct cursor {
    const char *at, *end;
} cursor;

static void skip_blanks(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r')) c->at++;
}

static bool take(cursor *c, char wanted)
{
    skip_blanks(c);
    if (c->at == c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

static bool take_word(cursor *c, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(c);
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0) return false;
    c->at += length;
    return true;
}

/* 'text' or "text", without escapes, which no header has. */
static bool take_text(cursor *c, char *text, size_t size)
{
    skip_blanks(c);
    if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return false;
    char quote = *c->at++;
    size_t length = 0;
    for (; c->at < c->end && *c->at != quote; c->at++) {
        if (length + 1 == size) return false;
        text[length++] = *c->at;
    }
    text[length] = 0;
    return take(c, quote);
}

/* A whole number; Python 2 wrote 3L for long ones. */
static bool take_number(cursor *c, int64_t *number)
{
    skip_blanks(c);
    const char *begin = c->at;
    *number = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++)
        if (__builtin_mul_overflow(*number, 10, number) || __builtin_add_overflow(*number, *c->at - '0', number))
            return false;
    if (c->at == begin) return false;
    if (c->at < c->end && *c->at == 'L') c->at++;
    return true;
}

static az_status take_shape(cursor *c, const char *what, az_plain_array *array)
{
    if (!take(c, '(')) return az_error(AZ_ERROR_DATA, "%s: the header's shape is not a tuple", what);
    while (!take(c, ')')) {
        int64_t size;
        if (array->n_dims == AZ_FIELD_DIMS)
            return az_error(AZ_ERROR_DATA, "%s: the array has more than %d dimensions", what, AZ_FIELD_DIMS);
        if (!take_number(c, &size))
            return az_error(AZ_ERROR_DATA, "%s: the header's shape is not one of whole numbers", what);
        array->shape[array->n_dims++] = size;
        if (!take(c, ',')) {
            if (take(c, ')')) break;
            return az_error(AZ_ERROR_DATA, "%s: the header's shape has no end", what);
        }
    }
    return AZ_OK;
}

/* The types by NumPy's letters: "<f8" is a little-endian double. */
static az_status set_type(const char *descr, const char *what, az_plain_array *array)
{
    static const struct {
        const char *letters;
        az_storage type;
        size_t item_size;
        const char *text;
    } types[] = {
        {"b1", AZ_STORED_U8, 1, "bool"}, {"i1", AZ_STORED_I8, 1, NULL},  {"u1", AZ_STORED_U8, 1, NULL},
        {"i2", AZ_STORED_I16, 2, NULL},  {"u2", AZ_STORED_U16, 2, NULL}, {"i4", AZ_STORED_I32, 4, NULL},
        {"u4", AZ_STORED_U32, 4, NULL},  {"i8", AZ_STORED_I64, 8, NULL}, {"u8", AZ_STORED_U64, 8, NULL},
        {"f4", AZ_STORED_F32, 4, NULL},  {"f8", AZ_STORED_F64, 8, NULL}, {"f2", AZ_STORED_F32, 2, "float16"},
    };
    const char *letters = descr + (*descr && strchr("<>|=", *descr) ? 1 : 0);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(letters, types[i].letters) != 0) continue;
        array->type = types[i].type;
        array->type_text = types[i].text;
        array->item_size = types[i].item_size;
        array->swap =
            array->item_size > 1 && ((*descr == '>' && !az_is_big_endian()) || (*descr == '<' && az_is_big_endian()));
        return AZ_OK;
    }
    const char *hint = *letters == 'c' ? "complex numbers; save the real and imaginary parts as two arrays"
                       : *letters == 'U' || *letters == 'S' || *letters == 'a' ? "texts; save numbers, or a CSV file"
                       : *letters == 'O' ? "Python objects, which are not numbers and not read; save a numeric dtype"
                       : *letters == 'M' || *letters == 'm'
                           ? "dates; save them as a number of days (x.astype('datetime64[D]').astype(float))"
                       : *letters == 'f' ? "numbers of extended precision; save x.astype('f8')"
                       : *letters == 'V' ? "records without named numbers; save one array per field"
                                         : "a type that is not known";
    return az_error(AZ_ERROR_DATA, "%s: its dtype \"%s\" means %s", what, descr, hint);
}

static az_status parse_dictionary(cursor *c, const char *what, az_plain_array *array)
{
    bool have_descr = false, have_order = false, have_shape = false;
    if (!take(c, '{')) return az_error(AZ_ERROR_DATA, "%s: the header is not a dictionary", what);
    while (!take(c, '}')) {
        char key[16], descr[32];
        if (!take_text(c, key, sizeof key) || !take(c, ':'))
            return az_error(AZ_ERROR_DATA, "%s: the header is not a dictionary of descr, fortran_order and shape",
                            what);
        if (strcmp(key, "descr") == 0 && !have_descr) {
            skip_blanks(c);
            if (c->at < c->end && *c->at == '[')
                return az_error(AZ_ERROR_DATA,
                                "%s holds records (a structured dtype); save one array per field, in an NPZ file",
                                what);
            if (!take_text(c, descr, sizeof descr))
                return az_error(AZ_ERROR_DATA, "%s: the header's dtype is not a text", what);
            AZ_TRY(set_type(descr, what, array));
            have_descr = true;
        } else if (strcmp(key, "fortran_order") == 0 && !have_order) {
            array->fortran_order = take_word(c, "True");
            if (!array->fortran_order && !take_word(c, "False"))
                return az_error(AZ_ERROR_DATA, "%s: the header's fortran_order is neither True nor False", what);
            have_order = true;
        } else if (strcmp(key, "shape") == 0 && !have_shape) {
            AZ_TRY(take_shape(c, what, array));
            have_shape = true;
        } else {
            return az_error(AZ_ERROR_DATA, "%s: \"%s\" does not belong in the header, or stands there twice", what,
                            key);
        }
        if (!take(c, ',')) {
            if (take(c, '}')) break;
            return az_error(AZ_ERROR_DATA, "%s: the header's dictionary has no end", what);
        }
    }
    if (!have_descr || !have_order || !have_shape)
        return az_error(AZ_ERROR_DATA, "%s: the header lacks %s", what,
                        !have_descr   ? "descr"
                        : !have_order ? "fortran_order"
                                      : "shape");
    skip_blanks(c);
    if (c->at != c->end) return az_error(AZ_ERROR_DATA, "%s: the header goes on after its dictionary", what);
    return AZ_OK;
}

az_status az_npy_parse(const unsigned char *bytes, size_t n_bytes, size_t size, const char *what, az_plain_array *array,
                       size_t *data)
{
    if (n_bytes < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return az_error(AZ_ERROR_DATA, "%s is no NPY file: it does not begin as one", what);
    if (bytes[6] < 1 || bytes[6] > 3)
        return az_error(AZ_ERROR_DATA, "%s is an NPY file of version %d.%d; versions 1 to 3 are known", what, bytes[6],
                        bytes[7]);
    size_t prefix = bytes[6] == 1 ? 10 : 12;
    size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (prefix == 12) {
        if (n_bytes < 12) return az_error(AZ_ERROR_DATA, "%s ends within its header", what);
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    }
    if (length > NPY_HEADER_MAX)
        return az_error(AZ_ERROR_DATA, "%s: a header of %zu bytes is longer than that of any array of numbers", what,
                        length);
    if (n_bytes - prefix < length) return az_error(AZ_ERROR_DATA, "%s ends within its header", what);
    *array = (az_plain_array){0};
    cursor c = {(const char *)bytes + prefix, (const char *)bytes + prefix + length};
    AZ_TRY(parse_dictionary(&c, what, array));
    if (!az_plain_array_count(array)) return az_error(AZ_ERROR_DATA, "%s: the header's shape is too large", what);
    *data = prefix + length;
    if ((size - *data) / array->item_size < (size_t)array->n)
        return az_error(AZ_ERROR_DATA, "%s is cut short: its header announces %lld numbers, %zu are there", what,
                        (long long)array->n, (size - *data) / array->item_size);
    return AZ_OK;
}

static void close_npy(void *state)
{
    npy_file *npy = state;
    for (int32_t i = 0; i < npy->n_members; i++) {
        az_free(npy->members[i].inflated);
        az_free(npy->members[i].name);
    }
    az_free(npy->members);
    az_free(npy->path);
    az_file_close(&npy->file);
    az_plain_file_close(&npy->plain);
    az_free(npy);
}

static az_status read_npy(void *state, int32_t variable, const int64_t *start, const int64_t *count, void *values)
{
    npy_file *npy = state;
    npy_member *member = &npy->members[variable];
    az_plain_bytes bytes = {.memory = member->bytes, .path = npy->path};
    if (npy->is_single) {
        bytes = az_plain_file_bytes(&npy->plain, member->data, npy->path);
    } else if (!member->bytes) {
        AZ_TRY(az_npz_inflate(npy, member));
        bytes.memory = member->bytes;
    }
    return az_plain_array_read(&member->array, &bytes, start, count, values);
}

static const az_dataset_class npy_class = {.read = read_npy, .close = close_npy};

static az_status open_single(npy_file *npy)
{
    AZ_TRY(AZ_NEW_ZERO(npy->members));
    npy->n_members = 1;
    npy_member *member = &npy->members[0];
    member->name = az_plain_array_name(npy->path);
    if (!member->name) return AZ_ERROR_MEMORY;
    const az_plain_file *plain = &npy->plain;
    return az_npy_parse((const unsigned char *)(plain->head ? plain->head : plain->file.data), plain->n_head,
                        plain->size, npy->path, &member->array, &member->data);
}

az_status az_dataset_open_npy(az_dataset **dataset, const char *path, const az_control *control)
{
    npy_file *npy;
    az_layout layout = {0};
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(npy));
    npy->plain.descriptor = -1;
    npy->path = az_strdup(path);
    if (!npy->path) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    AZ_GOTO(az_plain_file_open(&npy->plain, path, NPY_HEADER_MAX + 12, control));
    const char *begin = npy->plain.head ? npy->plain.head : npy->plain.file.data;
    npy->is_single = npy->plain.n_head < 2 || memcmp(begin, "PK", 2) != 0;
    if (!npy->is_single) {
        az_plain_file_close(&npy->plain);
        AZ_GOTO(az_file_open(&npy->file, path, control));
    }
    AZ_GOTO(npy->is_single ? open_single(npy) : az_npz_scan(npy));
    layout.format = npy->is_single ? "NPY" : "NPZ";
    AZ_GOTO(AZ_NEW_ARRAY(layout.variables, npy->n_members));
    AZ_GOTO(AZ_NEW_ARRAY(layout.dims, (int64_t)npy->n_members * AZ_FIELD_DIMS));
    for (int32_t i = 0; i < npy->n_members; i++)
        AZ_GOTO(az_plain_array_declare(&npy->members[i].array, npy->members[i].name, &layout));
    npy_file *given = npy;
    npy = NULL;
    AZ_GOTO(az_dataset_new(dataset, path, &layout, &npy_class, given));
    (*dataset)->plain_array = true;
done:
    az_layout_free(&layout);
    if (npy) close_npy(npy);
    return status;
}
