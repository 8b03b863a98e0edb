/* SPDX-License-Identifier: BSD-3-Clause */
/* The door to libansatz-io, which holds everything that needs NetCDF, HDF5, UDUNITS, libcurl or zlib.  libansatz itself
 * links to none of them: the first call that needs one loads libansatz-io.  The two share no symbols: libansatz-io sees
 * of the library only the az_io_host handed to it, the library of libansatz-io only the table az_io. */
#ifndef AZ_BASE_IO_H
#define AZ_BASE_IO_H

#include <ansatz/base.h>

#define AZ_IO_ABI 1 /* raised with every change to a struct of this file */

/* The type of stored numbers. */
typedef enum az_storage {
    AZ_STORED_I8,
    AZ_STORED_U8,
    AZ_STORED_I16,
    AZ_STORED_U16,
    AZ_STORED_I32,
    AZ_STORED_U32,
    AZ_STORED_I64,
    AZ_STORED_U64,
    AZ_STORED_F32,
    AZ_STORED_F64,
    AZ_STORED_TEXT,   /* characters; the last dimension is the length of the texts */
    AZ_STORED_STRING, /* texts of any length */
    AZ_STORED_OTHER   /* compounds, opaque, enumerations, ragged arrays: listed, not read */
} az_storage;

/* What libansatz-io may use of the library that loads it. */
typedef struct az_io_host {
    int32_t abi;
    void *(*resize)(void *pointer, size_t n_bytes); /* NULL: out of memory, and the error is set */
    void (*release)(void *pointer);                 /* NULL is allowed */
    az_status (*error)(az_status status, const char *format, ...) AZ_PRINTF(2, 3);
    const char *(*storage_name)(az_storage type);
} az_io_host;

typedef struct az_attribute {
    char *name;
    az_storage type; /* of the file; decides how it is written again */
    char *text;      /* text and string; else NULL */
    double *numbers; /* else */
    int64_t n_numbers;
} az_attribute;

typedef struct az_dimension {
    char *name;
    int64_t size;
    bool unlimited;
} az_dimension;

enum { AZ_FIELD_DIMS = 16 };

typedef struct az_variable {
    char *name; /* variables in groups: "group/name" */
    az_storage type;
    char *type_text; /* AZ_STORED_OTHER: what it is, "compound of x, y, z"; else NULL */
    int32_t n_dims;
    int32_t dims[AZ_FIELD_DIMS]; /* indices into the file's dimensions; slowest first */
    int32_t n_attributes;
    az_attribute *attributes;
} az_variable;

/* The contents of a file of arrays, without the numbers.  All memory is the host's. */
typedef struct az_layout {
    const char *format; /* static text: "NetCDF-3", "NetCDF-4", "HDF5" */
    int32_t n_dims, n_variables, n_attributes;
    az_dimension *dims;
    az_variable *variables;
    az_attribute *attributes; /* of the whole file */
} az_layout;

/* One part of a download; false stops it.  `offset`: where the bytes belong in the file. */
typedef struct az_io_download {
    const char *url;
    int64_t resume_from; /* bytes already there: asked for with a range */
    bool (*sink)(void *user, int64_t offset, const void *bytes, size_t n_bytes);
    bool (*keep_going)(void *user, int64_t done, int64_t total); /* called at least twice a second; total 0: unknown */
    void *user;
} az_io_download;

typedef struct az_io {
    int32_t abi;
    const char *(*libraries)(void); /* "NetCDF 4.9.0, HDF5 1.10.8, UDUNITS 2.2.28, libcurl 7.88.1, zlib 1.2.13" */

    /* NetCDF-3, NetCDF-4 and HDF5.  NULL in a build without NetCDF.  `file` is an opaque handle; the layout is filled
     * with the host's memory and belongs to the caller.  Errors name the path and say what is broken. */
    az_status (*open)(const az_io_host *host, const char *path, void **file, az_layout *layout);
    /* A block in the stored type, row-major, the file's endianness undone.  Texts: char * each, of the host's memory;
     * those of AZ_STORED_TEXT are as long as count says for the last dimension, cut at the first 0. */
    az_status (*read)(void *file, int32_t variable, const int64_t *start, const int64_t *count, void *values);
    void (*close)(void *file);
    /* Writing NetCDF-4 (deflated; the classic model where its types suffice): define, then blocks in any order, then
     * finish (which closes).  The path is written in place: hand over az_output's temporary name and commit that after
     * finish.  A '/' in a name becomes '_'. */
    az_status (*create)(const az_io_host *host, const char *path, const az_layout *layout, void **file);
    az_status (*write)(void *file, int32_t variable, const int64_t *start, const int64_t *count, const void *values);
    az_status (*finish)(void *file); /* also to be called after a failed write */

    /* value in `to` = scale * value in `from` + offset, by UDUNITS.  AZ_ERROR_DATA: an unknown unit, or units of
     * different kind (the message names both).  NULL in a build without UDUNITS. */
    az_status (*convert)(const az_io_host *host, const char *from, const char *to, double *scale, double *offset);

    /* zlib.  format: 'g' gzip with all its members, 'r' raw deflate.  next takes and gives what there is;
     * *ended: the stream is complete.  NULL in a build without zlib. */
    az_status (*inflate_new)(const az_io_host *host, char format, void **stream);
    az_status (*inflate_next)(void *stream, const void *in, size_t n_in, size_t *n_taken, void *out, size_t n_out,
                              size_t *n_given, bool *ended);
    void (*inflate_free)(void *stream);

    /* libcurl.  NULL in a build without it. */
    az_status (*download)(const az_io_host *host, const az_io_download *download);
} az_io;

/* Loads libansatz-io (the dynamic linker counts how often; nothing is kept here).  AZ_ERROR_UNAVAILABLE says where it
 * was looked for, and which package or build option brings it; `what` is what it is needed for: "reading NetCDF". */
az_status az_io_load(const az_io **io, const char *what);
const az_io_host *az_io_host_table(void);
/* AZ_ERROR_UNAVAILABLE for an entry that is NULL: ("reading NetCDF", "libnetcdf", "AZ_WITH_NETCDF"). */
az_status az_io_lacking(const char *what, const char *library, const char *option);

void az_layout_free(az_layout *layout); /* what the layout holds, not the struct */
const az_attribute *az_attribute_find(const az_attribute *attributes, int32_t n, const char *name); /* NULL: none */
size_t az_storage_size(az_storage type);      /* bytes of one; 0: AZ_STORED_OTHER */
const char *az_storage_name(az_storage type); /* "float32", "int16", "text" */

#endif
