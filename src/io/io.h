/* SPDX-License-Identifier: BSD-3-Clause */
/* libansatz-io: what needs NetCDF, HDF5, UDUNITS, libcurl or zlib.  It uses nothing of libansatz but the az_io_host
 * that it is handed, and shows nothing but the table az_io_table.  Each library is known to the files named after it
 * alone; where it is missing, its entries of the table are NULL. */
#ifndef AZ_IO_IO_H
#define AZ_IO_IO_H

#include "base/io.h"

AZ_API extern const az_io az_io_table;

/* What is common to the files opened here, whichever library reads them; the first member of each one's own struct. */
typedef struct az_io_file {
    const az_io_host *host;
    char *path;
    az_status (*read)(struct az_io_file *file, int32_t variable, const int64_t *start, const int64_t *count,
                      void *values);
    void (*close)(struct az_io_file *file); /* releases all but this struct's own memory */
} az_io_file;

/* NetCDF, HDF5 and UDUNITS keep global state without locks of their own: every call into them stands between these. */
void az_io_enter(void);
void az_io_leave(void);

/* Memory of the host.  NULL: out of memory, and the error is set. */
void *az_io_alloc(const az_io_host *host, int64_t count, size_t size); /* cleared */
char *az_io_text(const az_io_host *host, const char *text, size_t length);

/* Building a layout.  The new entry is cleared but for its name; NULL: out of memory. */
az_dimension *az_io_add_dimension(const az_io_host *host, az_layout *layout, const char *name);
az_variable *az_io_add_variable(const az_io_host *host, az_layout *layout, const char *name);
az_attribute *az_io_add_attribute(const az_io_host *host, az_attribute **attributes, int32_t *n, const char *name);
void az_io_clear_layout(const az_io_host *host, az_layout *layout);

#ifdef AZ_HAVE_NETCDF
az_status az_io_netcdf_open(const az_io_host *host, const char *path, az_io_file **file, az_layout *layout);
az_status az_io_netcdf_create(const az_io_host *host, const char *path, const az_layout *layout, void **file);
az_status az_io_netcdf_write(void *file, int32_t variable, const int64_t *start, const int64_t *count,
                             const void *values);
az_status az_io_netcdf_finish(void *file);
const char *az_io_netcdf_version(void);
#endif

#ifdef AZ_HAVE_HDF5
typedef struct az_io_marks {
    bool is_tree; /* each group has one link and none goes by name, so that following them ends; and names are short */
    bool has_scales; /* dimensions have names */
    bool by_netcdf;  /* a NetCDF library wrote the file */
} az_io_marks;
az_status az_io_hdf5_open(const az_io_host *host, const char *path, az_io_file **file, az_layout *layout,
                          az_io_marks *marks);
/* The global heaps of the file, which libhdf5 believes. */
az_status az_io_heap_check(const az_io_host *host, const char *path);
void az_io_hdf5_version(unsigned *major, unsigned *minor, unsigned *release);
#endif

/* The header of a NetCDF-3 file against the length of the file. */
az_status az_io_classic_check(const az_io_host *host, const char *path);

#ifdef AZ_HAVE_UDUNITS
az_status az_io_udunits_convert(const az_io_host *host, const char *from, const char *to, double *scale,
                                double *offset);
#endif

#ifdef AZ_HAVE_ZLIB
az_status az_io_zlib_new(const az_io_host *host, char format, void **stream);
az_status az_io_zlib_next(void *stream, const void *in, size_t n_in, size_t *n_taken, void *out, size_t n_out,
                          size_t *n_given, bool *ended);
void az_io_zlib_free(void *stream);
const char *az_io_zlib_version(void);
#endif

#ifdef AZ_HAVE_CURL
az_status az_io_curl_download(const az_io_host *host, const az_io_download *download);
const char *az_io_curl_version(void);
#endif

#endif
