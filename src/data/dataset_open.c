/* SPDX-License-Identifier: BSD-3-Clause */
/* Which reader takes a file of fields is told by its first bytes, not by its name. */
#include "base/file.h"
#include "data/dataset.h"

#include <string.h>

typedef az_status (*opener)(az_dataset **dataset, const char *path, const az_control *control);

static bool begins_with(const unsigned char *bytes, size_t n_bytes, const char *magic, size_t length)
{
    return n_bytes >= length && memcmp(bytes, magic, length) == 0;
}

/* A zip archive whose first member is an array; workbooks and the like are zip archives too.  The name stands at byte
 * 30 of the local header, its length in bytes 26 and 27 (APPNOTE, section 4.3.7). */
static bool is_npz(const unsigned char *bytes, size_t n_bytes)
{
    if (begins_with(bytes, n_bytes, "PK\5\6", 4)) return n_bytes == 22; /* an empty archive, as numpy.savez() writes */
    if (!begins_with(bytes, n_bytes, "PK\3\4", 4) || n_bytes < 30) return false;
    size_t length = (size_t)bytes[26] | (size_t)bytes[27] << 8;
    return length >= 4 && n_bytes - 30 >= length && memcmp(bytes + 30 + length - 4, ".npy", 4) == 0;
}

/* Two zeros, a type, the number of dimensions. */
static bool is_idx(const unsigned char *bytes, size_t n_bytes)
{
    return n_bytes >= 8 && bytes[0] == 0 && bytes[1] == 0 && bytes[3] >= 1 && bytes[3] <= AZ_FIELD_DIMS &&
           (bytes[2] == 8 || bytes[2] == 9 || (bytes[2] >= 11 && bytes[2] <= 14));
}

/* HDF5 files may begin with a user's block, of 512 bytes or a power of two more (specification, section II.A). */
static bool is_hdf5(const unsigned char *bytes, size_t n_bytes)
{
    static const char magic[] = "\x89HDF\r\n\x1a\n";
    if (begins_with(bytes, n_bytes, magic, 8)) return true;
    for (size_t at = 512; at < n_bytes; at *= 2)
        if (begins_with(bytes + at, n_bytes - at, magic, 8)) return true;
    return false;
}

static opener find_opener(const void *first_bytes, size_t n_bytes)
{
    const unsigned char *bytes = first_bytes;
    if (begins_with(bytes, n_bytes, "\x93NUMPY", 6) || is_npz(bytes, n_bytes)) return az_dataset_open_npy;
    if (is_idx(bytes, n_bytes)) return az_dataset_open_idx;
    if (begins_with(bytes, n_bytes, "CDF\1", 4) || begins_with(bytes, n_bytes, "CDF\2", 4) ||
        begins_with(bytes, n_bytes, "CDF\5", 4) || is_hdf5(bytes, n_bytes))
        return az_dataset_open_netcdf;
    return NULL;
}

bool az_dataset_recognise(const void *bytes, size_t n_bytes)
{
    return find_opener(bytes, n_bytes) != NULL;
}

az_status az_path_holds_fields(const char *path, bool *fields)
{
    unsigned char bytes[AZ_DATASET_PEEK];
    size_t n_bytes;
    AZ_TRY(az_file_peek(path, bytes, sizeof bytes, &n_bytes));
    *fields = find_opener(bytes, n_bytes) != NULL;
    return AZ_OK;
}

az_status az_dataset_open(az_dataset **dataset, const char *path, const az_control *control)
{
    unsigned char bytes[AZ_DATASET_PEEK];
    size_t n_bytes;
    AZ_TRY(az_file_peek(path, bytes, sizeof bytes, &n_bytes));
    opener open = find_opener(bytes, n_bytes);
    if (!open) return az_error(AZ_ERROR_DATA, "%s is no file of fields: NetCDF, HDF5, NPY, NPZ and IDX are read", path);
    return open(dataset, path, control);
}
