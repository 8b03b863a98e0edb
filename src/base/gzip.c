/* SPDX-License-Identifier: BSD-3-Clause */
/* The only file that knows zlib, which is optional. */
#include "base/gzip.h"

#ifdef AZ_HAVE_ZLIB
#include "base/control.h"
#include "base/memory.h"

#include <zlib.h>

bool az_gzip_available(void)
{
    return true;
}

static void *zlib_alloc(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return az_alloc_array((int64_t)count, size);
}

static void zlib_free(void *opaque, void *pointer)
{
    (void)opaque;
    az_free(pointer);
}

/* Small enough that an interrupt between two pieces is seen within a fraction of a second. */
static uInt piece(size_t n_bytes)
{
    return n_bytes > ((size_t)1 << 24) ? (uInt)1 << 24 : (uInt)n_bytes;
}

static bool is_all_zero(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i]) return false;
    return true;
}

az_status az_gzip_inflate(const unsigned char *in, size_t in_size, const char *path, char **out, size_t *out_size,
                          const az_control *control)
{
    z_stream stream = {.zalloc = zlib_alloc, .zfree = zlib_free};
    const int gzip_only = 15 + 16;
    if (inflateInit2(&stream, gzip_only) != Z_OK) return az_error(AZ_ERROR_MEMORY, "%s: out of memory for gzip", path);
    az_status status = AZ_OK;
    size_t capacity = in_size < SIZE_MAX / 8 ? 4 * in_size + 4096 : in_size, used = 0, position = 0;
    char *bytes = az_alloc(capacity);
    if (!bytes) {
        status = az_error_context(AZ_ERROR_MEMORY, "%s", path);
        goto done;
    }
    for (;;) {
        if (used == capacity) {
            char *larger = capacity > SIZE_MAX / 2 ? NULL : az_realloc(bytes, 2 * capacity);
            if (!larger) {
                status = az_error_context(AZ_ERROR_MEMORY, "%s", path);
                goto done;
            }
            bytes = larger;
            capacity *= 2;
        }
        status = az_check_interrupt(control);
        if (status) goto done;
        uInt n_in = piece(in_size - position), n_out = piece(capacity - used);
        stream.next_in = (z_const Bytef *)(uintptr_t)(in + position);
        stream.avail_in = n_in;
        stream.next_out = (Bytef *)bytes + used;
        stream.avail_out = n_out;
        int result = inflate(&stream, Z_NO_FLUSH);
        position += n_in - stream.avail_in;
        used += n_out - stream.avail_out;
        if (result == Z_STREAM_END) {
            /* Tapes pad with zeros; anything else must be another member. */
            if (is_all_zero(in + position, in_size - position)) break;
            inflateReset(&stream);
            continue;
        }
        if (result == Z_MEM_ERROR) {
            status = az_error(AZ_ERROR_MEMORY, "%s: out of memory for gzip", path);
            goto done;
        }
        if (result != Z_OK && result != Z_BUF_ERROR) {
            status = az_error(AZ_ERROR_DATA, "%s: broken gzip data at byte %zu: %s; fetch or compress the file again",
                              path, position, stream.msg ? stream.msg : "not a gzip member");
            goto done;
        }
        if (position == in_size && used < capacity) {
            status = az_error(AZ_ERROR_DATA, "%s: the gzip data end too early, after %zu bytes; fetch the file again",
                              path, in_size);
            goto done;
        }
    }
    *out = bytes;
    *out_size = used;
    bytes = NULL;
done:
    inflateEnd(&stream);
    az_free(bytes);
    return status;
}

#else

bool az_gzip_available(void)
{
    return false;
}

az_status az_gzip_inflate(const unsigned char *in, size_t in_size, const char *path, char **out, size_t *out_size,
                          const az_control *control)
{
    (void)in;
    (void)in_size;
    (void)out;
    (void)out_size;
    (void)control;
    return az_error(AZ_ERROR_UNAVAILABLE,
                    "%s is compressed with gzip, and this build is without zlib; decompress the file "
                    "(gunzip), or build with -DAZ_WITH_ZLIB=ON",
                    path);
}

#endif
