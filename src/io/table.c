/* SPDX-License-Identifier: BSD-3-Clause */
/* The table that libansatz-io shows. */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *libraries(void)
{
    static _Thread_local char text[256];
    int length = 0;
    const char *separator = "";
#define SAY(...)                                                                                                       \
    do {                                                                                                               \
        length += snprintf(text + length, sizeof text - (size_t)length, __VA_ARGS__);                                  \
        if (length >= (int)sizeof text) length = sizeof text - 1;                                                      \
        separator = ", ";                                                                                              \
    } while (0)
    text[0] = 0;
#ifdef AZ_HAVE_NETCDF
    const char *version = az_io_netcdf_version(); /* "4.9.0 of Apr 12 2022 ..." */
    SAY("%sNetCDF %.*s", separator, (int)strcspn(version, " "), version);
#endif
#ifdef AZ_HAVE_HDF5
    unsigned major, minor, release;
    az_io_hdf5_version(&major, &minor, &release);
    SAY("%sHDF5 %u.%u.%u", separator, major, minor, release);
#endif
#ifdef AZ_HAVE_UDUNITS
    SAY("%sUDUNITS 2", separator); /* it does not tell its version */
#endif
#ifdef AZ_HAVE_CURL
    SAY("%slibcurl %s", separator, az_io_curl_version());
#endif
#ifdef AZ_HAVE_ZLIB
    SAY("%szlib %s", separator, az_io_zlib_version());
#endif
#undef SAY
    (void)separator; /* without any library */
    (void)length;
    return text;
}

#ifdef AZ_HAVE_NETCDF
typedef enum kind { KIND_NONE, KIND_CLASSIC, KIND_HDF5 } kind;

/* HDF5 may stand behind a block of the user's, at 512, 1024, 2048, ... (HDF5 file format specification, section II.A).
 */
static kind kind_of(int descriptor, int64_t size)
{
    static const char hdf5[8] = "\x89HDF\r\n\x1a\n";
    char bytes[8];
    for (int64_t offset = 0; offset < size; offset = offset ? 2 * offset : 512) {
        if (pread(descriptor, bytes, sizeof bytes, offset) < 4) return KIND_NONE;
        if (offset == 0 && memcmp(bytes, "CDF", 3) == 0 && (bytes[3] == 1 || bytes[3] == 2 || bytes[3] == 5))
            return KIND_CLASSIC;
        if (memcmp(bytes, hdf5, sizeof bytes) == 0) return KIND_HDF5;
    }
    return KIND_NONE;
}

static az_status look_at(const az_io_host *host, const char *path, kind *found)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    if (descriptor < 0 || fstat(descriptor, &about)) {
        int reason = errno;
        if (descriptor >= 0) close(descriptor);
        return host->error(AZ_ERROR_NO_INPUT, "%s: cannot be read: %s", path, strerror(reason));
    }
    if (!S_ISREG(about.st_mode)) {
        close(descriptor);
        return host->error(AZ_ERROR_NO_INPUT,
                           "%s: NetCDF and HDF5 are read from regular files only, as they are not read in order", path);
    }
    *found = kind_of(descriptor, about.st_size);
    close(descriptor);
    if (*found == KIND_NONE)
        return host->error(AZ_ERROR_DATA, "%s is no NetCDF or HDF5 file, by its first bytes", path);
    return AZ_OK;
}

static void discard(az_io_file *file, az_layout *layout)
{
    const az_io_host *host = file->host;
    file->close(file);
    host->release(file->path);
    host->release(file);
    az_io_clear_layout(host, layout);
}

/* libhdf5 reads the whole of the metadata first: libnetcdf does not survive all that it meets in broken files, and
 * never ends with groups that lead in circles.  Then libnetcdf, which knows the dimensions, unless it would leave out
 * some of the datasets; then libhdf5 it is. */
static az_status open_hdf5(const az_io_host *host, const char *path, az_io_file **file, az_layout *layout)
{
#ifdef AZ_HAVE_HDF5
    az_io_marks marks;
    az_layout all = {0};
    az_io_file *hdf5;
    az_status status = az_io_hdf5_open(host, path, &hdf5, &all, &marks);
    if (status) return status;
    if (marks.is_tree && (marks.by_netcdf || marks.has_scales)) {
        status = az_io_netcdf_open(host, path, file, layout);
        if (status == AZ_ERROR_MEMORY || (!status && (marks.by_netcdf || layout->n_variables == all.n_variables))) {
            discard(hdf5, &all);
            if (!marks.by_netcdf) layout->format = "HDF5";
            return status;
        }
        if (!status) discard(*file, layout);
    }
    *file = hdf5;
    *layout = all;
    return AZ_OK;
#else
    return az_io_netcdf_open(host, path, file, layout);
#endif
}

static az_status open_file(const az_io_host *host, const char *path, kind found, az_io_file **file, az_layout *layout)
{
    if (found == KIND_HDF5) return open_hdf5(host, path, file, layout);
    az_status status = az_io_classic_check(host, path);
    return status ? status : az_io_netcdf_open(host, path, file, layout);
}

static az_status table_open(const az_io_host *host, const char *path, void **file, az_layout *layout)
{
    kind found = KIND_NONE;
    az_io_file *opened = NULL;
    az_layout contents = {0};
    az_status status = look_at(host, path, &found);
    if (status) return status;
    az_io_enter();
    status = open_file(host, path, found, &opened, &contents);
    az_io_leave();
    if (status) return status;
    *layout = contents;
    *file = opened;
    return AZ_OK;
}

static az_status table_read(void *handle, int32_t variable, const int64_t *start, const int64_t *count, void *values)
{
    az_io_file *file = handle;
    az_io_enter();
    az_status status = file->read(file, variable, start, count, values);
    az_io_leave();
    return status;
}

static void table_close(void *handle)
{
    az_io_file *file = handle;
    if (!file) return;
    const az_io_host *host = file->host;
    az_io_enter();
    file->close(file);
    az_io_leave();
    host->release(file->path);
    host->release(file);
}
#endif

const az_io az_io_table = {
    .abi = AZ_IO_ABI,
    .libraries = libraries,
#ifdef AZ_HAVE_NETCDF
    .open = table_open,
    .read = table_read,
    .close = table_close,
    .create = az_io_netcdf_create,
    .write = az_io_netcdf_write,
    .finish = az_io_netcdf_finish,
#endif
#ifdef AZ_HAVE_UDUNITS
    .convert = az_io_udunits_convert,
#endif
#ifdef AZ_HAVE_ZLIB
    .inflate_new = az_io_zlib_new,
    .inflate_next = az_io_zlib_next,
    .inflate_free = az_io_zlib_free,
#endif
#ifdef AZ_HAVE_CURL
    .download = az_io_curl_download,
#endif
};
