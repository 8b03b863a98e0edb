/* SPDX-License-Identifier: BSD-3-Clause */
/* The first bytes of a file, by which formats are told. */
#include "base/file.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The beginning of what a gzip file holds.  Without libansatz-io it stays unknown here; whoever opens the file says so.
 */
static size_t inflate_head(const unsigned char *in, size_t n_in, unsigned char *out, size_t n_out)
{
    const az_io *io;
    void *stream = NULL;
    if (az_io_load(&io, "reading gzip") || !io->inflate_new) return 0;
    if (io->inflate_new(az_io_host_table(), 'g', &stream)) return 0;
    size_t used = 0, position = 0;
    bool ended = false;
    while (used < n_out && position < n_in && !ended) {
        size_t taken = 0, given = 0;
        if (io->inflate_next(stream, in + position, n_in - position, &taken, out + used, n_out - used, &given, &ended))
            break;
        if (taken == 0 && given == 0) break;
        position += taken;
        used += given;
    }
    io->inflate_free(stream);
    return used;
}

az_status az_file_peek(const char *path, unsigned char *bytes, size_t n, size_t *n_read)
{
    unsigned char head[1 << 13];
    struct stat about;
    *n_read = 0;
    /* What a pipe has given is gone: it is left to who reads it. */
    if (strcmp(path, "-") == 0 || (stat(path, &about) == 0 && !S_ISREG(about.st_mode))) return AZ_OK;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return az_error(AZ_ERROR_NO_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    size_t used = 0;
    while (used < sizeof head) {
        ssize_t got = read(descriptor, head + used, sizeof head - used);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        used += (size_t)got;
    }
    close(descriptor);
    if (used >= 2 && head[0] == 0x1f && head[1] == 0x8b) {
        *n_read = inflate_head(head, used, bytes, n);
    } else {
        *n_read = used < n ? used : n;
        memcpy(bytes, head, *n_read);
    }
    return AZ_OK;
}
