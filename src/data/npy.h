/* SPDX-License-Identifier: BSD-3-Clause */
/* NPY: one array with a header (numpy/lib/format.py); NPZ: a zip archive of them. */
#ifndef AZ_DATA_NPY_H
#define AZ_DATA_NPY_H

#include "base/file.h"
#include "data/plain_array.h"

enum { NPY_HEADER_MAX = 1 << 16 };

/* Reads the header at bytes (n_bytes are there, of a file that goes on to `size`): the array and where its numbers
 * begin.  `what` is what messages call it. */
az_status az_npy_parse(const unsigned char *bytes, size_t n_bytes, size_t size, const char *what, az_plain_array *array,
                       size_t *data);

/* One array of an archive, or the one of an NPY file. */
typedef struct npy_member {
    az_plain_array array;
    const char *bytes; /* its numbers, in memory; NULL: in the file, or still deflated */
    char *inflated;    /* owned: the whole member */
    const unsigned char *packed;
    size_t n_packed, size, data; /* of a deflated member: compressed, whole, and where the numbers begin in it */
    uint32_t checksum;
    char *name;
} npy_member;

typedef struct npy_file {
    az_file file;        /* an archive: mapped */
    az_plain_file plain; /* a single array */
    npy_member *members;
    int32_t n_members;
    bool is_single;
    char *path;
} npy_file;

/* npz.c: finds the arrays of the archive, and inflates one on demand. */
az_status az_npz_scan(npy_file *npz);
az_status az_npz_inflate(npy_file *npz, npy_member *member);

/* NPY written row by row: header, then rows of doubles as little-endian float64 or float32. */
az_status az_npy_write_header(az_output *output, bool single_precision, const int64_t *shape, int32_t n_dims);
az_status az_npy_write_values(az_output *output, bool single_precision, const double *values, int64_t n);

#endif
