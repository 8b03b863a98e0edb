/* SPDX-License-Identifier: BSD-3-Clause */
/* Decompression piece by piece: gzip with all its members (RFC 1952, section 2.2), and raw deflate as in ZIP files. */
#include "io/io.h"

#ifdef AZ_HAVE_ZLIB
#include <zlib.h>

typedef struct zlib_stream {
    z_stream z;
    const az_io_host *host;
    bool gzip;
    bool ended;  /* at the end of a member */
    bool padded; /* zeros came after it */
} zlib_stream;

static void *zlib_alloc(void *opaque, unsigned count, unsigned size)
{
    return az_io_alloc(((zlib_stream *)opaque)->host, (int64_t)count, size);
}

static void zlib_release(void *opaque, void *pointer)
{
    ((zlib_stream *)opaque)->host->release(pointer);
}

az_status az_io_zlib_new(const az_io_host *host, char format, void **result)
{
    zlib_stream *stream = az_io_alloc(host, 1, sizeof *stream);
    if (!stream) return AZ_ERROR_MEMORY;
    stream->host = host;
    stream->gzip = format == 'g';
    stream->z = (z_stream){.zalloc = zlib_alloc, .zfree = zlib_release, .opaque = stream};
    /* zlib takes the container from the number of window bits: +16 is gzip alone, negative is none. */
    if (inflateInit2(&stream->z, stream->gzip ? MAX_WBITS + 16 : -MAX_WBITS) != Z_OK) {
        host->release(stream);
        return host->error(AZ_ERROR_MEMORY, "out of memory for decompression");
    }
    *result = stream;
    return AZ_OK;
}

/* Small enough that a caller who looks for an interrupt between two pieces does so within a fraction of a second. */
static uInt piece(size_t n_bytes)
{
    return n_bytes > ((size_t)1 << 24) ? (uInt)1 << 24 : (uInt)n_bytes;
}

az_status az_io_zlib_next(void *state, const void *in, size_t n_in, size_t *n_taken, void *out, size_t n_out,
                          size_t *n_given, bool *ended)
{
    zlib_stream *stream = state;
    const unsigned char *bytes = in;
    size_t skipped = 0;
    *n_taken = *n_given = 0;
    if (stream->ended && stream->gzip) {
        /* Tapes pad with zeros up to the end of the file; anything else must be another member. */
        while (skipped < n_in && !bytes[skipped]) skipped++;
        stream->padded |= skipped > 0;
        *n_taken = skipped;
        if (skipped < n_in) {
            if (stream->padded) return stream->host->error(AZ_ERROR_DATA, "bytes after the padding");
            inflateReset(&stream->z);
            stream->ended = false;
        }
    }
    *ended = stream->ended;
    if (stream->ended) return AZ_OK;
    uInt n_piece = piece(n_in - skipped), n_room = piece(n_out);
    stream->z.next_in = (z_const Bytef *)(uintptr_t)(bytes + skipped);
    stream->z.avail_in = n_piece;
    stream->z.next_out = out;
    stream->z.avail_out = n_room;
    int result = inflate(&stream->z, Z_NO_FLUSH);
    *n_taken = skipped + n_piece - stream->z.avail_in;
    *n_given = n_room - stream->z.avail_out;
    *ended = stream->ended = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR) return stream->host->error(AZ_ERROR_MEMORY, "out of memory for decompression");
    if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END)
        return stream->host->error(AZ_ERROR_DATA, "%s", stream->z.msg ? stream->z.msg : "not a compressed stream");
    return AZ_OK;
}

void az_io_zlib_free(void *state)
{
    zlib_stream *stream = state;
    if (!stream) return;
    inflateEnd(&stream->z);
    stream->host->release(stream);
}

const char *az_io_zlib_version(void)
{
    return zlibVersion();
}
#endif
