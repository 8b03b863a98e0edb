/* SPDX-License-Identifier: BSD-3-Clause */
/* HDF5 files through libhdf5 itself: those that libnetcdf refuses, or of which it would leave out a part.  Datasets
 * have no named dimensions there, so these are called phony_dim_0, ... as libnetcdf calls them.  Called under the lock.
 */
#define H5_USE_110_API /* H5Ovisit of five arguments, with the newer libraries too */
#include "io/io.h"

#ifdef AZ_HAVE_HDF5
#include <hdf5.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_NAME = 256 }; /* of libnetcdf */

typedef struct hdf5_place {
    char *name;
    int rank;
    az_storage type;
} hdf5_place;

typedef struct hdf5_file {
    az_io_file base;
    hid_t id;
    hdf5_place *places;
    int32_t n_places;
    az_layout *layout; /* while it is being filled */
    hsize_t n_bytes;   /* of the whole file */
    az_io_marks marks;
    az_status status;
} hdf5_file;

/* libhdf5 prints its stack of errors unless it is told not to; the caller's setting is put back.  The library's own
 * macro for this cannot be left by return. */
typedef struct quiet {
    H5E_auto2_t print;
    void *data;
} quiet;

static quiet silence(void)
{
    quiet before = {0};
    H5Eget_auto2(H5E_DEFAULT, &before.print, &before.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return before;
}

static void restore(quiet before)
{
    H5Eclear2(H5E_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, before.print, before.data);
}

static herr_t innermost(unsigned n, const H5E_error2_t *error, void *user)
{
    if (n == 0 && error->desc) snprintf(user, 256, "%s", error->desc);
    return 0;
}

static az_status broken(const az_io_host *host, const char *path, const char *what)
{
    char why[256] = "unknown";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, why);
    return host->error(AZ_ERROR_DATA, "%s: broken HDF5 file: %s: %s; fetch or write it again", path, what, why);
}

/* A link by name may lead in a circle, and libnetcdf has memory for names of 256 bytes. */
static herr_t see_link(hid_t group, const char *name, const H5L_info_t *info, void *user)
{
    (void)group;
    const char *slash = strrchr(name, '/');
    if (info->type != H5L_TYPE_HARD || strlen(slash ? slash + 1 : name) > LONGEST_NAME) *(bool *)user = false;
    return 0;
}

static az_storage storage_of(hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    size_t size = H5Tget_size(type);
    if (class == H5T_STRING) return AZ_STORED_STRING;
    if (class == H5T_FLOAT) return size <= 4 ? AZ_STORED_F32 : AZ_STORED_F64;
    if (class != H5T_INTEGER || size > 8) return AZ_STORED_OTHER;
    bool is_signed = H5Tget_sign(type) != H5T_SGN_NONE;
    if (size == 1) return is_signed ? AZ_STORED_I8 : AZ_STORED_U8;
    if (size == 2) return is_signed ? AZ_STORED_I16 : AZ_STORED_U16;
    if (size <= 4) return is_signed ? AZ_STORED_I32 : AZ_STORED_U32;
    return is_signed ? AZ_STORED_I64 : AZ_STORED_U64;
}

static hid_t native(az_storage type)
{
    switch (type) {
    case AZ_STORED_I8: return H5T_NATIVE_INT8;
    case AZ_STORED_U8: return H5T_NATIVE_UINT8;
    case AZ_STORED_I16: return H5T_NATIVE_INT16;
    case AZ_STORED_U16: return H5T_NATIVE_UINT16;
    case AZ_STORED_I32: return H5T_NATIVE_INT32;
    case AZ_STORED_U32: return H5T_NATIVE_UINT32;
    case AZ_STORED_I64: return H5T_NATIVE_INT64;
    case AZ_STORED_U64: return H5T_NATIVE_UINT64;
    case AZ_STORED_F32: return H5T_NATIVE_FLOAT;
    default: return H5T_NATIVE_DOUBLE;
    }
}

static void describe_type(const az_io_host *host, hid_t type, char *text, size_t size)
{
    H5T_class_t class = H5Tget_class(type);
    snprintf(text, size, "of a type that is not read");
    if (class == H5T_COMPOUND) {
        int n = H5Tget_nmembers(type);
        size_t length = (size_t)snprintf(text, size, "compound of ");
        for (int i = 0; i < n && length < size; i++) {
            char *name = H5Tget_member_name(type, (unsigned)i);
            length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", name ? name : "?");
            H5free_memory(name);
        }
    } else if (class == H5T_VLEN || class == H5T_ARRAY) {
        hid_t super = H5Tget_super(type);
        snprintf(text, size, "%s of %s", class == H5T_VLEN ? "ragged array" : "arrays",
                 super >= 0 ? host->storage_name(storage_of(super)) : "?");
        if (super >= 0) H5Tclose(super);
    } else if (class == H5T_ENUM) {
        snprintf(text, size, "enumeration of %d names", H5Tget_nmembers(type));
    } else if (class == H5T_OPAQUE) {
        snprintf(text, size, "opaque, %zu bytes", H5Tget_size(type));
    } else if (class == H5T_REFERENCE) {
        snprintf(text, size, "references");
    }
}

/* n strings of an attribute or of a block of a dataset, as texts of the host. */
typedef struct string_source {
    hid_t id, memory_space, file_space; /* spaces -1: an attribute */
} string_source;

static az_status read_strings(hdf5_file *file, string_source from, hid_t type, int64_t n, char **texts)
{
    const az_io_host *host = file->base.host;
    bool ragged = H5Tis_variable_str(type) > 0;
    size_t size = ragged ? sizeof(char *) : H5Tget_size(type);
    az_status status = AZ_OK;
    char *raw = az_io_alloc(host, n, size);
    if (!raw) return AZ_ERROR_MEMORY;
    /* Fixed strings are read in the type of the file, which keeps their padding: cut at the first 0 below. */
    herr_t result = from.file_space < 0 ? H5Aread(from.id, type, raw)
                                        : H5Dread(from.id, type, from.memory_space, from.file_space, H5P_DEFAULT, raw);
    if (result < 0) status = broken(host, file->base.path, "texts");
    int64_t done = 0;
    for (; done < n && !status; done++) {
        const char *text = raw + (size_t)done * size;
        size_t length = 0;
        if (ragged) {
            memcpy(&text, (const void *)text, sizeof text);
            if (!text) text = "";
            length = strlen(text);
        } else {
            length = strnlen(text, size);
            if (H5Tget_strpad(type) == H5T_STR_SPACEPAD)
                while (length > 0 && text[length - 1] == ' ') length--;
        }
        texts[done] = az_io_text(host, text, length);
        if (!texts[done]) {
            status = AZ_ERROR_MEMORY;
            break;
        }
    }
    if (status)
        while (done > 0) host->release(texts[--done]);
    if (ragged && result >= 0) {
        hid_t space = from.file_space < 0 ? H5Aget_space(from.id) : H5Scopy(from.memory_space);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw);
        H5Sclose(space);
    }
    host->release(raw);
    return status;
}

static az_status join(const az_io_host *host, char **texts, int64_t n, char **joined)
{
    size_t length = 0;
    for (int64_t i = 0; i < n; i++) length += strlen(texts[i]) + 2;
    *joined = az_io_alloc(host, (int64_t)length + 1, 1);
    if (!*joined) return AZ_ERROR_MEMORY;
    char *end = *joined;
    for (int64_t i = 0; i < n; i++) end += sprintf(end, "%s%s", i ? ", " : "", texts[i]);
    return AZ_OK;
}

/* Attributes of other types (references to dimensions) are not kept, but libnetcdf will read them, and takes harm from
 * those that cannot be read. */
static az_status try_to_read(const hdf5_file *file, hid_t id, hid_t type, int64_t n, const char *name)
{
    const az_io_host *host = file->base.host;
    void *values = az_io_alloc(host, n, H5Tget_size(type));
    if (!values) return AZ_ERROR_MEMORY;
    az_status status = AZ_OK;
    hid_t space = H5Aget_space(id);
    if (n && H5Aread(id, type, values) < 0)
        status = broken(host, file->base.path, name);
    else if (n)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
    H5Sclose(space);
    host->release(values);
    return status;
}

static az_status fill_attribute(hdf5_file *file, hid_t id, hid_t type, int64_t n, az_attribute *attribute)
{
    const az_io_host *host = file->base.host;
    attribute->type = storage_of(type);
    if (attribute->type == AZ_STORED_OTHER) return try_to_read(file, id, type, n, attribute->name);
    if (attribute->type != AZ_STORED_STRING) {
        attribute->numbers = az_io_alloc(host, n, sizeof(double));
        if (!attribute->numbers) return AZ_ERROR_MEMORY;
        if (n && H5Aread(id, H5T_NATIVE_DOUBLE, attribute->numbers) < 0)
            return broken(host, file->base.path, attribute->name);
        attribute->n_numbers = n;
        return AZ_OK;
    }
    char **texts = az_io_alloc(host, n, sizeof *texts);
    if (!texts) return AZ_ERROR_MEMORY;
    az_status status = n ? read_strings(file, (string_source){id, -1, -1}, type, n, texts) : AZ_OK;
    if (!status) {
        status = join(host, texts, n, &attribute->text);
        for (int64_t i = 0; i < n; i++) host->release(texts[i]);
    }
    host->release(texts);
    return status;
}

typedef struct attribute_list {
    hdf5_file *file;
    az_attribute **attributes;
    int32_t *n;
} attribute_list;

/* What tells of NetCDF-4 and of dimension scales (NetCDF-4 file format specification; HDF5 Dimension Scale
 * Specification). */
static void look_for_marks(az_io_marks *marks, const char *name, const az_attribute *attribute)
{
    static const char *const netcdf[] = {"_NCProperties", "_Netcdf4Dimid", "_Netcdf4Coordinates", "_nc3_strict"};
    static const char no_variable[] = "This is a netCDF dimension but not a netCDF variable";
    marks->is_tree &= strlen(name) <= LONGEST_NAME;
    marks->has_scales |= strcmp(name, "DIMENSION_LIST") == 0 || strcmp(name, "REFERENCE_LIST") == 0;
    for (size_t i = 0; i < sizeof netcdf / sizeof *netcdf; i++) marks->by_netcdf |= strcmp(name, netcdf[i]) == 0;
    marks->by_netcdf |= strcmp(name, "NAME") == 0 && attribute->text &&
                        strncmp(attribute->text, no_variable, sizeof no_variable - 1) == 0;
}

static herr_t take_attribute(hid_t object, const char *name, const H5A_info_t *info, void *user)
{
    attribute_list *list = user;
    (void)info;
    hid_t id = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = id < 0 ? -1 : H5Aget_type(id), space = id < 0 ? -1 : H5Aget_space(id);
    if (type < 0 || space < 0) {
        list->file->status = broken(list->file->base.host, list->file->base.path, name);
    } else {
        az_attribute *attribute = az_io_add_attribute(list->file->base.host, list->attributes, list->n, name);
        hssize_t n = H5Sget_simple_extent_npoints(space);
        if (!attribute) /* attributes are not compressed: what is larger than the file is damage */
            list->file->status = AZ_ERROR_MEMORY;
        else if (n > 0 && (hsize_t)n > list->file->n_bytes / H5Tget_size(type))
            list->file->status = broken(list->file->base.host, list->file->base.path, name);
        else
            list->file->status = fill_attribute(list->file, id, type, n > 0 ? (int64_t)n : 0, attribute);
        if (attribute) look_for_marks(&list->file->marks, name, attribute);
    }
    if (space >= 0) H5Sclose(space);
    if (type >= 0) H5Tclose(type);
    if (id >= 0) H5Aclose(id);
    return list->file->status ? -1 : 0;
}

static az_status take_attributes(hdf5_file *file, hid_t object, az_attribute **attributes, int32_t *n)
{
    attribute_list list = {file, attributes, n};
    hsize_t start = 0;
    herr_t result = H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &start, take_attribute, &list);
    if (result < 0 && !file->status) file->status = broken(file->base.host, file->base.path, "its attributes");
    return file->status;
}

/* A dimension of the size that the variable does not have yet, made if there is none. */
static int32_t phony_dimension(hdf5_file *file, const az_variable *variable, int64_t size, bool unlimited)
{
    az_layout *layout = file->layout;
    for (int32_t d = 0; d < layout->n_dims; d++) {
        bool taken = layout->dims[d].size != size || layout->dims[d].unlimited != unlimited;
        for (int32_t k = 0; k < variable->n_dims; k++) taken |= variable->dims[k] == d;
        if (!taken) return d;
    }
    char name[32];
    snprintf(name, sizeof name, "phony_dim_%d", (int)layout->n_dims);
    az_dimension *dimension = az_io_add_dimension(file->base.host, layout, name);
    if (!dimension) return -1;
    dimension->size = size;
    dimension->unlimited = unlimited;
    return layout->n_dims - 1;
}

static az_status take_shape(hdf5_file *file, hid_t space, az_variable *variable, char *text, size_t size)
{
    int rank = H5Sget_simple_extent_ndims(space);
    hsize_t sizes[H5S_MAX_RANK], largest[H5S_MAX_RANK];
    if (rank < 0 || H5Sget_simple_extent_dims(space, sizes, largest) < 0)
        return broken(file->base.host, file->base.path, variable->name);
    if (H5Sget_simple_extent_type(space) == H5S_NULL) {
        variable->type = AZ_STORED_OTHER;
        snprintf(text, size, "nothing (an empty dataspace)");
        return AZ_OK;
    }
    if (rank > AZ_FIELD_DIMS) {
        variable->type = AZ_STORED_OTHER;
        snprintf(text, size, "array of %d dimensions", rank);
        return AZ_OK;
    }
    for (int d = 0; d < rank; d++) {
        if (sizes[d] > INT64_MAX) return broken(file->base.host, file->base.path, variable->name);
        int32_t dimension = phony_dimension(file, variable, (int64_t)sizes[d], largest[d] == H5S_UNLIMITED);
        if (dimension < 0) return AZ_ERROR_MEMORY;
        variable->dims[variable->n_dims++] = dimension;
    }
    return AZ_OK;
}

static az_status take_dataset(hdf5_file *file, hid_t id, const char *name)
{
    const az_io_host *host = file->base.host;
    az_layout *layout = file->layout;
    char text[512] = "";
    hdf5_place *larger = host->resize(file->places, (size_t)(layout->n_variables + 1) * sizeof *larger);
    if (!larger) return AZ_ERROR_MEMORY;
    file->places = larger;
    az_variable *variable = az_io_add_variable(host, layout, name);
    if (!variable) return AZ_ERROR_MEMORY;
    hdf5_place *at = &file->places[layout->n_variables - 1];
    hid_t type = H5Dget_type(id), space = H5Dget_space(id);
    if (type < 0 || space < 0) {
        file->status = broken(host, file->base.path, name);
    } else {
        variable->type = storage_of(type);
        if (variable->type == AZ_STORED_OTHER) describe_type(host, type, text, sizeof text);
        file->status = take_shape(file, space, variable, text, sizeof text);
    }
    if (space >= 0) H5Sclose(space);
    if (type >= 0) H5Tclose(type);
    *at = (hdf5_place){az_io_text(host, name, strlen(name)), variable->n_dims, variable->type};
    file->n_places = layout->n_variables;
    if (!file->status && !at->name) file->status = AZ_ERROR_MEMORY;
    if (!file->status && variable->type == AZ_STORED_OTHER) {
        variable->type_text = az_io_text(host, text, strlen(text));
        if (!variable->type_text) file->status = AZ_ERROR_MEMORY;
    }
    return file->status ? file->status : take_attributes(file, id, &variable->attributes, &variable->n_attributes);
}

static herr_t take_object(hid_t root, const char *name, const H5O_info_t *info, void *user)
{
    hdf5_file *file = user;
    const az_io_host *host = file->base.host;
    const bool is_group = info->type == H5O_TYPE_GROUP, is_root = strcmp(name, ".") == 0;
    if (is_group && info->rc > 1) file->marks.is_tree = false;
    if (info->type != H5O_TYPE_DATASET && !is_group) return 0;
    hid_t id = H5Oopen(root, name, H5P_DEFAULT);
    if (id < 0) {
        file->status = broken(host, file->base.path, name);
        return -1;
    }
    if (!is_group) {
        file->status = take_dataset(file, id, name);
    } else if (is_root) {
        file->status = take_attributes(file, id, &file->layout->attributes, &file->layout->n_attributes);
    } else { /* the layout has no place for a group's attributes; libnetcdf reads them */
        az_layout groups = {0};
        file->status = take_attributes(file, id, &groups.attributes, &groups.n_attributes);
        az_io_clear_layout(host, &groups);
    }
    H5Oclose(id);
    return file->status ? -1 : 0;
}

static az_status read_values(hdf5_file *file, const hdf5_place *at, hid_t id, hid_t type, const int64_t *start,
                             const int64_t *count, void *values)
{
    hsize_t first[AZ_FIELD_DIMS], n[AZ_FIELD_DIMS], total = 1;
    for (int d = 0; d < at->rank; d++) {
        first[d] = (hsize_t)start[d];
        n[d] = (hsize_t)count[d];
        total *= n[d];
    }
    if (total == 0) return AZ_OK;
    hid_t from = H5Dget_space(id), to = at->rank ? H5Screate_simple(at->rank, n, NULL) : H5Screate(H5S_SCALAR);
    az_status status = AZ_OK;
    bool ready =
        from >= 0 && to >= 0 && (at->rank == 0 || H5Sselect_hyperslab(from, H5S_SELECT_SET, first, NULL, n, NULL) >= 0);
    if (ready && at->type == AZ_STORED_STRING)
        status = read_strings(file, (string_source){id, to, from}, type, (int64_t)total, values);
    else if (!ready || H5Dread(id, native(at->type), to, from, H5P_DEFAULT, values) < 0)
        status = broken(file->base.host, file->base.path, at->name);
    if (to >= 0) H5Sclose(to);
    if (from >= 0) H5Sclose(from);
    return status;
}

static az_status read_block(az_io_file *base, int32_t variable, const int64_t *start, const int64_t *count,
                            void *values)
{
    hdf5_file *file = (hdf5_file *)base;
    const hdf5_place *at = &file->places[variable];
    if (at->type == AZ_STORED_OTHER)
        return base->host->error(AZ_ERROR_DATA, "%s: \"%s\" is not an array of numbers or texts, and is not read",
                                 base->path, at->name);
    quiet before = silence();
    hid_t id = H5Dopen2(file->id, at->name, H5P_DEFAULT), type = id < 0 ? -1 : H5Dget_type(id);
    az_status status =
        type < 0 ? broken(base->host, base->path, at->name) : read_values(file, at, id, type, start, count, values);
    if (type >= 0) H5Tclose(type);
    if (id >= 0) H5Dclose(id);
    restore(before);
    return status;
}

static void close_file(az_io_file *base)
{
    hdf5_file *file = (hdf5_file *)base;
    quiet before = silence();
    if (file->id >= 0) H5Fclose(file->id);
    restore(before);
    for (int32_t i = 0; i < file->n_places; i++) base->host->release(file->places[i].name);
    base->host->release(file->places);
}

az_status az_io_hdf5_open(const az_io_host *host, const char *path, az_io_file **result, az_layout *layout,
                          az_io_marks *marks)
{
    hdf5_file *file = az_io_alloc(host, 1, sizeof *file);
    if (!file) return AZ_ERROR_MEMORY;
    file->base = (az_io_file){host, az_io_text(host, path, strlen(path)), read_block, close_file};
    file->layout = layout;
    file->id = -1;
    file->marks.is_tree = true;
    layout->format = "HDF5";
    quiet before = silence();
    az_status status = file->base.path ? AZ_OK : AZ_ERROR_MEMORY;
    if (!status) {
        file->id = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
        if (file->id < 0 || H5Fget_filesize(file->id, &file->n_bytes) < 0)
            status = broken(host, path, "it cannot be opened");
    }
    if (!status) status = az_io_heap_check(host, path);
    if (!status) {
        herr_t seen = H5Lvisit(file->id, H5_INDEX_NAME, H5_ITER_NATIVE, see_link, &file->marks.is_tree);
        if (seen >= 0) seen = H5Ovisit(file->id, H5_INDEX_NAME, H5_ITER_INC, take_object, file);
        status = file->status;
        if (!status && seen < 0) status = broken(host, path, "its groups");
    }
    restore(before);
    if (status) {
        close_file(&file->base);
        az_io_clear_layout(host, layout);
        host->release(file->base.path);
        host->release(file);
        return status;
    }
    file->layout = NULL;
    *marks = file->marks;
    *result = &file->base;
    return AZ_OK;
}

void az_io_hdf5_version(unsigned *major, unsigned *minor, unsigned *release)
{
    H5get_libversion(major, minor, release);
}
#endif
