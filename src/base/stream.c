/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/stream.h"

#include "base/control.h"
#include "base/io.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RAW_BYTES = 1 << 17 };

struct az_stream {
    char *name; /* for messages */
    int descriptor;
    bool is_stdin, is_gzip;
    const az_io *io;
    void *inflater;
    bool member_ended; /* gzip: nothing of a member is half read */
    char *raw;         /* bytes as they stand in the file: the first ones are looked at to tell gzip */
    size_t n_raw, raw_at;
    bool raw_ended;
    double n_done, n_total;
};

bool az_is_regular_file(const char *path)
{
    struct stat about;
    return strcmp(path, "-") != 0 && stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

/* What the file holds next, at least one byte unless it has ended. */
static az_status read_raw(az_stream *stream, char *bytes, size_t n, size_t *n_read, const az_control *control)
{
    for (;;) {
        ssize_t got = read(stream->descriptor, bytes, n);
        int error = errno;
        AZ_TRY(az_check_interrupt(control)); /* a signal ends the wait for a pipe that says nothing */
        if (got < 0 && error == EINTR) continue;
        if (got < 0) return az_error(AZ_ERROR_IO, "%s: reading failed: %s", stream->name, strerror(error));
        *n_read = (size_t)got;
        stream->n_done += (double)got;
        return AZ_OK;
    }
}

static az_status refill(az_stream *stream, const az_control *control)
{
    stream->raw_at = 0;
    AZ_TRY(read_raw(stream, stream->raw, RAW_BYTES, &stream->n_raw, control));
    stream->raw_ended = stream->n_raw == 0;
    return AZ_OK;
}

az_status az_stream_open(az_stream **result, const char *path, const az_control *control)
{
    az_stream *stream;
    struct stat about;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ZERO(stream));
    stream->is_stdin = strcmp(path, "-") == 0;
    stream->descriptor = -1;
    stream->name = az_strdup(stream->is_stdin ? "stdin" : path);
    stream->raw = az_alloc(RAW_BYTES);
    if (!stream->name || !stream->raw) AZ_GOTO(AZ_ERROR_MEMORY);
    stream->descriptor = stream->is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (stream->descriptor < 0) {
        int error = errno;
        AZ_GOTO(az_check_interrupt(control)); /* opening a pipe waits for its writer */
        AZ_GOTO(az_error(AZ_ERROR_NO_INPUT, "%s: cannot be read: %s", path, strerror(error)));
    }
    if (fstat(stream->descriptor, &about)) AZ_GOTO(az_error(AZ_ERROR_NO_INPUT, "%s: %s", path, strerror(errno)));
    if (S_ISDIR(about.st_mode)) AZ_GOTO(az_error(AZ_ERROR_NO_INPUT, "%s is a folder; a file is needed", path));
    if (S_ISREG(about.st_mode)) stream->n_total = (double)about.st_size;
    while (stream->n_raw < 2 && !stream->raw_ended) { /* a pipe may give one byte at a time */
        size_t n = 0;
        AZ_GOTO(read_raw(stream, stream->raw + stream->n_raw, RAW_BYTES - stream->n_raw, &n, control));
        stream->n_raw += n;
        stream->raw_ended = n == 0;
    }
    stream->is_gzip = stream->n_raw >= 2 && memcmp(stream->raw, "\x1f\x8b", 2) == 0;
    if (stream->is_gzip) {
        AZ_GOTO(az_io_load(&stream->io, "reading gzip"));
        if (!stream->io->inflate_new)
            AZ_GOTO(az_error(AZ_ERROR_UNAVAILABLE,
                             "%s is compressed with gzip, and this build is without zlib; decompress the file "
                             "(gunzip), or build with -DAZ_WITH_ZLIB=ON",
                             stream->name));
        AZ_GOTO(stream->io->inflate_new(az_io_host_table(), 'g', &stream->inflater));
    }
done:
    if (status)
        az_stream_close(stream);
    else
        *result = stream;
    return status;
}

static az_status read_gzip(az_stream *stream, char *bytes, size_t n, size_t *n_read, const az_control *control)
{
    while (*n_read < n) {
        if (stream->raw_at == stream->n_raw && !stream->raw_ended) AZ_TRY(refill(stream, control));
        size_t taken = 0, given = 0;
        az_status status =
            stream->io->inflate_next(stream->inflater, stream->raw + stream->raw_at, stream->n_raw - stream->raw_at,
                                     &taken, bytes + *n_read, n - *n_read, &given, &stream->member_ended);
        if (status == AZ_ERROR_DATA)
            return az_error(status, "%s: broken gzip data at byte %.0f: %s; fetch or compress the file again",
                            stream->name, stream->n_done - (double)(stream->n_raw - stream->raw_at),
                            az_error_message());
        AZ_TRY(status);
        stream->raw_at += taken;
        *n_read += given;
        if (taken || given || stream->raw_at < stream->n_raw || !stream->raw_ended) continue;
        if (stream->member_ended) return AZ_OK;
        return az_error(AZ_ERROR_DATA, "%s: the gzip data end too early, after %.0f bytes; fetch the file again",
                        stream->name, stream->n_done);
    }
    return AZ_OK;
}

az_status az_stream_read(az_stream *stream, char *bytes, size_t n, size_t *n_read, const az_control *control)
{
    *n_read = 0;
    if (stream->is_gzip) return read_gzip(stream, bytes, n, n_read, control);
    size_t head = stream->n_raw - stream->raw_at; /* what was read to tell the format */
    if (head > n) head = n;
    memcpy(bytes, stream->raw + stream->raw_at, head);
    stream->raw_at += head;
    *n_read = head;
    while (*n_read < n) {
        size_t got = 0;
        AZ_TRY(read_raw(stream, bytes + *n_read, n - *n_read, &got, control));
        if (got == 0) break;
        *n_read += got;
    }
    return AZ_OK;
}

void az_stream_place(const az_stream *stream, double *done, double *total)
{
    *done = stream->n_done;
    *total = stream->n_total;
}

void az_stream_close(az_stream *stream)
{
    if (!stream) return;
    if (stream->inflater) stream->io->inflate_free(stream->inflater);
    if (stream->descriptor >= 0 && !stream->is_stdin) close(stream->descriptor);
    az_free(stream->raw);
    az_free(stream->name);
    az_free(stream);
}
