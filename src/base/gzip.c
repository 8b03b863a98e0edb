/* SPDX-License-Identifier: BSD-3-Clause */
/* Files compressed with gzip, by the zlib of libansatz-io. */
#include "base/gzip.h"

#include "base/control.h"
#include "base/io.h"
#include "base/memory.h"

az_status az_gzip_inflate(const unsigned char *in, size_t in_size, const char *path, char **out, size_t *out_size,
                          const az_control *control)
{
    const az_io *io;
    az_status status = az_io_load(&io, "reading gzip");
    if (status) return az_error_context(status, "%s", path);
    if (!io->inflate_new)
        return az_error(AZ_ERROR_UNAVAILABLE,
                        "%s is compressed with gzip, and this build is without zlib; decompress the file "
                        "(gunzip), or build with -DAZ_WITH_ZLIB=ON",
                        path);
    size_t capacity = in_size < SIZE_MAX / 8 ? 4 * in_size + 4096 : in_size, used = 0, position = 0;
    bool ended = false;
    void *stream = NULL;
    char *bytes = az_alloc(capacity);
    status = bytes ? io->inflate_new(az_io_host_table(), 'g', &stream) : AZ_ERROR_MEMORY;
    if (status) {
        az_error_context(status, "%s", path);
        goto done;
    }
    while (!ended || position < in_size) {
        if (used == capacity) {
            char *larger = capacity > SIZE_MAX / 2 ? NULL : az_realloc(bytes, 2 * capacity);
            if (!larger) {
                status = az_error_context(AZ_ERROR_MEMORY, "%s", path);
                goto done;
            }
            bytes = larger;
            capacity *= 2;
        }
        AZ_GOTO(az_check_interrupt(control));
        size_t n_taken, n_given;
        status = io->inflate_next(stream, in + position, in_size - position, &n_taken, bytes + used, capacity - used,
                                  &n_given, &ended);
        position += n_taken;
        used += n_given;
        if (status) {
            status = status == AZ_ERROR_DATA
                         ? az_error(status, "%s: broken gzip data at byte %zu: %s; fetch or compress the file again",
                                    path, position, az_error_message())
                         : az_error_context(status, "%s", path);
            goto done;
        }
        if (!ended && position == in_size && used < capacity) {
            status = az_error(AZ_ERROR_DATA, "%s: the gzip data end too early, after %zu bytes; fetch the file again",
                              path, in_size);
            goto done;
        }
    }
    *out = bytes;
    *out_size = used;
    bytes = NULL;
done:
    if (stream) io->inflate_free(stream);
    az_free(bytes);
    return status;
}
