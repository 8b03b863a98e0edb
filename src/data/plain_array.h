/* SPDX-License-Identifier: BSD-3-Clause */
/* An array as NPY and IDX files hold it: a type, a byte order, first or last dimension fastest. */
#ifndef AZ_DATA_PLAIN_ARRAY_H
#define AZ_DATA_PLAIN_ARRAY_H

#include "base/file.h"
#include "base/io.h"

typedef struct az_plain_array {
    az_storage type;       /* of the values handed out */
    const char *type_text; /* what the file calls it where that is another: "bool", "float16"; else NULL */
    size_t item_size;      /* in the file */
    bool swap;             /* of the other byte order than this machine's */
    bool fortran_order;    /* first dimension fastest */
    int32_t n_dims;
    int64_t shape[AZ_FIELD_DIMS]; /* slowest first, whatever the order in the file */
    int64_t n;                    /* product of the shape */
} az_plain_array;

/* Sets n; false: the shape has more bytes than can be counted. */
bool az_plain_array_count(az_plain_array *array);

/* Where an array's bytes are: in memory, or from a place of a file on, of which only what a block needs is read. */
typedef struct az_plain_bytes {
    const char *memory; /* or NULL */
    int descriptor;
    int64_t offset;   /* in the file */
    const char *path; /* for messages */
} az_plain_bytes;

/* A block as az_dataset_class.read hands it out. */
az_status az_plain_array_read(const az_plain_array *array, const az_plain_bytes *bytes, const int64_t *start,
                              const int64_t *count, void *values);

/* The contents of a file of one array.  A regular file that is not gzip stays on disk: `head` are its first bytes, at
 * most n_head; all else is in memory (file.owned).  az_plain_file_close releases both. */
typedef struct az_plain_file {
    az_file file;   /* what is in memory */
    int descriptor; /* -1: none */
    char *head;
    size_t n_head, size;
} az_plain_file;
az_status az_plain_file_open(az_plain_file *plain, const char *path, size_t n_head, const az_control *control);
void az_plain_file_close(az_plain_file *plain);
/* The bytes from `offset` on. */
az_plain_bytes az_plain_file_bytes(const az_plain_file *plain, size_t offset, const char *path);

/* Appends the array to a layout as a variable of that name (copied); its dimensions are "dim0", "dim1", ... and shared
 * with earlier variables that have the same size there, else "dim0_NAME".  The layout's arrays have room for them. */
az_status az_plain_array_declare(const az_plain_array *array, const char *name, az_layout *layout);

/* The name of a variable for the file: "x" for "/a/x.npy.gz". */
char *az_plain_array_name(const char *path);

bool az_is_big_endian(void);

#endif
