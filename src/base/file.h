/* SPDX-License-Identifier: BSD-3-Clause */
/* Files: read whole (mapped where possible), written whole or not at all. */
#ifndef AZ_BASE_FILE_H
#define AZ_BASE_FILE_H

#include "base/status.h"

/* The bytes of a file: mapped if it is a regular file, else ("-" for stdin, pipes) read into memory; gzip content is
 * decompressed into memory.  Borrow data until az_file_close.  Errors name the path. */
typedef struct az_file {
    const char *data;
    size_t size;
    bool mapped, gzip;
    void *owned;
} az_file;
az_status az_file_open(az_file *file, const char *path, const az_control *control); /* NULL: not interrupted */
void az_file_close(az_file *file);

/* The first bytes of a regular file, of what it holds if it is gzip; none (*n_read 0) of pipes and stdin. */
az_status az_file_peek(const char *path, unsigned char *bytes, size_t n, size_t *n_read);

/* Paths from a list in which patterns (* ? [) are expanded in sorted order; az_free the array. */
az_status az_file_expand(const char *list, char ***paths, int64_t *n_paths);

/* A file being written: to a temporary name in the same folder, then flushed, synced and renamed by commit.  "-" is
 * stdout, written through.  abandon (also after a failed write) removes the temporary file and is harmless twice. */
typedef struct az_output {
    char *path, *temporary;
    int descriptor;
    char *buffer;
    size_t used;
    az_status status;
} az_output;
az_status az_output_open(az_output *output, const char *path);
az_status az_output_write(az_output *output, const void *bytes, size_t n_bytes);
/* What is written next replaces the first bytes: a header whose numbers are known at the end.  Not for pipes. */
az_status az_output_rewind(az_output *output);
az_status az_output_commit(az_output *output);
void az_output_abandon(az_output *output);
/* All temporary files that are open now are removed; async-signal-safe; for the command's handlers. */
void az_output_abandon_all(void);

#endif
