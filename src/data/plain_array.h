/* SPDX-License-Identifier: BSD-3-Clause */
/* An array that lies in memory (mapped or inflated), as NPY and IDX files hold it: a type, a byte order, strides. */
#ifndef AZ_DATA_PLAIN_ARRAY_H
#define AZ_DATA_PLAIN_ARRAY_H

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

/* A block as az_dataset_class.read hands it out, from the array's bytes. */
void az_plain_array_read(const az_plain_array *array, const char *bytes, const int64_t *start, const int64_t *count,
                         void *values);

/* Appends the array to a layout as a variable of that name (copied); its dimensions are "dim0", "dim1", ... and shared
 * with earlier variables that have the same size there, else "dim0_NAME".  The layout's arrays have room for them. */
az_status az_plain_array_declare(const az_plain_array *array, const char *name, az_layout *layout);

/* The name of a variable for the file: "x" for "/a/x.npy.gz". */
char *az_plain_array_name(const char *path);

bool az_is_big_endian(void);

#endif
