/* SPDX-License-Identifier: BSD-3-Clause */
/* The bytes of a file one after the other: of a plain file, of a gzip file decompressed on the way, of stdin or a pipe.
 * What is in memory does not grow with the file. */
#ifndef AZ_BASE_STREAM_H
#define AZ_BASE_STREAM_H

#include "base/status.h"

typedef struct az_stream az_stream;

/* path "-": stdin.  Errors name the path. */
az_status az_stream_open(az_stream **stream, const char *path, const az_control *control);
/* Fills bytes (n) as far as there are any; *n_read < n only at the end. */
az_status az_stream_read(az_stream *stream, char *bytes, size_t n, size_t *n_read, const az_control *control);
void az_stream_close(az_stream *stream); /* NULL is allowed */

/* Compressed bytes read so far, and the size of the file (0: not known): for the progress. */
void az_stream_place(const az_stream *stream, double *done, double *total);

/* Whether the file can be read again from its beginning: it is a regular file. */
bool az_is_regular_file(const char *path);

#endif
