/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/plain_array.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* n consecutive items of the file to places `step` apart of the type handed out. */
static void copy_items(const az_plain_array *array, const char *from, int64_t n, char *to, int64_t step)
{
    size_t size = array->item_size, out_size = az_storage_size(array->type);
    bool half = out_size != size;
    if (!array->swap && !half && step == 1) {
        memcpy(to, from, (size_t)n * size);
        return;
    }
    for (int64_t i = 0; i < n; i++, from += size, to += (size_t)step * out_size) {
        char item[8];
        for (size_t k = 0; k < size; k++) item[k] = from[array->swap ? size - 1 - k : k];
        if (half) {
            uint16_t bits;
            memcpy(&bits, item, sizeof bits);
            float value = half_to_float(bits);
            memcpy(item, &value, sizeof value);
        }
        memcpy(to, item, out_size);
    }
}

enum { PIECE = 1 << 18 }; /* bytes read at once */

/* n items that follow each other in the file, the first at `offset` of the array. */
static az_status copy_run(const az_plain_array *array, const az_plain_bytes *bytes, int64_t offset, int64_t n,
                          char *buffer, char *to, int64_t step)
{
    int64_t size = (int64_t)array->item_size, out_size = (int64_t)az_storage_size(array->type);
    if (bytes->memory) {
        copy_items(array, bytes->memory + offset, n, to, step);
        return AZ_OK;
    }
    while (n > 0) {
        int64_t m = n < PIECE / size ? n : PIECE / size;
        size_t wanted = (size_t)(m * size), got = 0;
        while (got < wanted) {
            ssize_t part = pread(bytes->descriptor, buffer + got, wanted - got, bytes->offset + offset + (int64_t)got);
            if (part < 0 && errno == EINTR) continue;
            if (part < 0) return az_error(AZ_ERROR_IO, "%s: reading failed: %s", bytes->path, strerror(errno));
            if (part == 0) return az_error(AZ_ERROR_DATA, "%s became shorter while it was read", bytes->path);
            got += (size_t)part;
        }
        copy_items(array, buffer, m, to, step);
        to += m * step * out_size;
        offset += m * size;
        n -= m;
    }
    return AZ_OK;
}

/* The block goes run by run: along the dimension that is fastest in the file, together with those next to it as long as
 * all of the faster ones is wanted; the others are counted through. */
az_status az_plain_array_read(const az_plain_array *array, const az_plain_bytes *bytes, const int64_t *start,
                              const int64_t *count, void *values)
{
    int64_t stride[AZ_FIELD_DIMS], out_stride[AZ_FIELD_DIMS], index[AZ_FIELD_DIMS] = {0};
    int64_t product = (int64_t)array->item_size, out_product = 1, run = 1;
    int32_t n_dims = array->n_dims, n_outer = n_dims;
    bool fortran = array->fortran_order && n_dims > 1;
    for (int32_t i = 0; i < n_dims; i++) {
        int32_t d = fortran ? i : n_dims - 1 - i, last = n_dims - 1 - i;
        if (count[d] == 0) return AZ_OK;
        stride[d] = product;
        product *= array->shape[d];
        out_stride[last] = out_product;
        out_product *= count[last];
    }
    /* In Fortran order only the first dimension is a run: the next one does not go on where it ends in the result. */
    int32_t fastest = fortran ? 0 : n_dims - 1;
    if (n_dims > 0) run = count[fastest];
    if (!fortran)
        for (n_outer = n_dims - 1; n_outer > 0 && count[n_outer] == array->shape[n_outer]; n_outer--)
            run *= count[n_outer - 1];
    char *buffer = NULL;
    if (!bytes->memory && !(buffer = az_alloc(PIECE))) return AZ_ERROR_MEMORY;
    az_status status = AZ_OK;
    for (bool more = true; more && !status;) {
        int64_t offset = 0, place = 0;
        for (int32_t d = 0; d < n_dims; d++) {
            offset += stride[d] * (start[d] + index[d]);
            place += out_stride[d] * index[d];
        }
        status =
            copy_run(array, bytes, offset, run, buffer, (char *)values + (size_t)place * az_storage_size(array->type),
                     fortran ? out_stride[fastest] : 1);
        more = false;
        for (int32_t d = (fortran ? n_dims : n_outer) - 1; d >= (fortran ? 1 : 0) && !more; d--) {
            more = ++index[d] < count[d];
            if (!more) index[d] = 0;
        }
    }
    az_free(buffer);
    return status;
}

az_status az_plain_file_open(az_plain_file *plain, const char *path, size_t n_head, const az_control *control)
{
    struct stat about;
    *plain = (az_plain_file){.descriptor = -1, .file = {.data = ""}};
    unsigned char magic[2] = {0};
    int descriptor = strcmp(path, "-") == 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    bool regular = descriptor >= 0 && fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
    ssize_t n_magic = regular ? pread(descriptor, magic, 2, 0) : -1;
    if (n_magic != 2 || (magic[0] == 0x1f && magic[1] == 0x8b)) {
        if (descriptor >= 0) close(descriptor);
        AZ_TRY(az_file_open(&plain->file, path, control));
        plain->size = plain->file.size;
        plain->n_head = plain->size;
        return AZ_OK;
    }
    plain->descriptor = descriptor;
    plain->size = (size_t)about.st_size;
    plain->head = az_alloc(n_head);
    if (!plain->head) {
        az_plain_file_close(plain);
        return AZ_ERROR_MEMORY;
    }
    while (plain->n_head < n_head) {
        ssize_t part = pread(descriptor, plain->head + plain->n_head, n_head - plain->n_head, (off_t)plain->n_head);
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) break;
        plain->n_head += (size_t)part;
    }
    return AZ_OK;
}

void az_plain_file_close(az_plain_file *plain)
{
    if (plain->descriptor >= 0) close(plain->descriptor);
    plain->descriptor = -1;
    az_free(plain->head);
    plain->head = NULL;
    az_file_close(&plain->file);
}

az_plain_bytes az_plain_file_bytes(const az_plain_file *plain, size_t offset, const char *path)
{
    return (az_plain_bytes){.memory = plain->descriptor < 0 ? plain->file.data + offset : NULL,
                            .descriptor = plain->descriptor,
                            .offset = (int64_t)offset,
                            .path = path};
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
