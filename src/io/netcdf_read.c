/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading NetCDF-3 and NetCDF-4 (and HDF5, as far as it goes) through libnetcdf.  Called under the lock. */
#include "io/io.h"

#ifdef AZ_HAVE_NETCDF
#include <netcdf.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS_DEEP = 32 }; /* nesting that is followed */

typedef struct place { /* where libnetcdf has a variable of the layout */
    int group, id;
    int rank;
    az_storage type;
} place;

typedef struct netcdf_file {
    az_io_file base;
    int id;
    place *places; /* per variable */
    int *dim_ids;  /* per dimension of the layout: libnetcdf's number */
    int32_t n_dim_ids;
} netcdf_file;

static az_status failed(const netcdf_file *file, int code, const char *what)
{
    if (code == NC_ENOMEM) return file->base.host->error(AZ_ERROR_MEMORY, "%s: out of memory", file->base.path);
    return file->base.host->error(AZ_ERROR_DATA, "%s: the file is broken: %s: %s; fetch or write it again",
                                  file->base.path, what, nc_strerror(code));
}

static az_storage storage_of(nc_type type)
{
    switch (type) {
    case NC_BYTE: return AZ_STORED_I8;
    case NC_UBYTE: return AZ_STORED_U8;
    case NC_SHORT: return AZ_STORED_I16;
    case NC_USHORT: return AZ_STORED_U16;
    case NC_INT: return AZ_STORED_I32;
    case NC_UINT: return AZ_STORED_U32;
    case NC_INT64: return AZ_STORED_I64;
    case NC_UINT64: return AZ_STORED_U64;
    case NC_FLOAT: return AZ_STORED_F32;
    case NC_DOUBLE: return AZ_STORED_F64;
    case NC_CHAR: return AZ_STORED_TEXT;
    case NC_STRING: return AZ_STORED_STRING;
    default: return AZ_STORED_OTHER;
    }
}

/* What a user-defined type is, in words: "compound of x, y, z". */
static void describe_type(const az_io_host *host, int group, nc_type type, char *text, size_t size)
{
    char name[NC_MAX_NAME + 1] = "";
    size_t n_bytes, n_members;
    nc_type base;
    int class;
    snprintf(text, size, "of a type of its own");
    if (nc_inq_user_type(group, type, name, &n_bytes, &base, &n_members, &class) != NC_NOERR) return;
    if (class == NC_OPAQUE) {
        snprintf(text, size, "opaque, %zu bytes", n_bytes);
    } else if (class == NC_VLEN) {
        snprintf(text, size, "ragged array of %s", host->storage_name(storage_of(base)));
    } else if (class == NC_ENUM) {
        snprintf(text, size, "enumeration of %zu names", n_members);
    } else if (class == NC_COMPOUND) {
        size_t length = (size_t)snprintf(text, size, "compound of ");
        for (size_t i = 0; i < n_members && length < size; i++) {
            if (nc_inq_compound_fieldname(group, type, (int)i, name) != NC_NOERR) break;
            length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", name);
        }
    }
}

/* Several strings of one attribute become one text: "a, b". */
static az_status read_strings(netcdf_file *file, int group, int variable, const char *name, size_t n, char **text)
{
    const az_io_host *host = file->base.host;
    char **strings = az_io_alloc(host, (int64_t)n, sizeof *strings);
    if (!strings) return AZ_ERROR_MEMORY;
    az_status status = AZ_OK;
    int code = nc_get_att_string(group, variable, name, strings);
    if (code) {
        status = failed(file, code, name);
    } else {
        size_t length = 0;
        for (size_t i = 0; i < n; i++) length += (strings[i] ? strlen(strings[i]) : 0) + 2;
        *text = az_io_alloc(host, (int64_t)length + 1, 1);
        if (!*text) status = AZ_ERROR_MEMORY;
        for (size_t i = 0; i < n && *text; i++) {
            if (i) strcat(*text, ", ");
            if (strings[i]) strcat(*text, strings[i]);
        }
        nc_free_string(n, strings);
    }
    host->release(strings);
    return status;
}

static az_status read_attribute(netcdf_file *file, int group, int variable, int number, az_attribute **attributes,
                                int32_t *n_attributes)
{
    const az_io_host *host = file->base.host;
    char name[NC_MAX_NAME + 1] = "";
    nc_type type;
    size_t n;
    int code = nc_inq_attname(group, variable, number, name);
    if (!code) code = nc_inq_att(group, variable, name, &type, &n);
    if (code) return failed(file, code, "an attribute");
    az_attribute *attribute = az_io_add_attribute(host, attributes, n_attributes, name);
    if (!attribute) return AZ_ERROR_MEMORY;
    attribute->type = storage_of(type);
    if (attribute->type == AZ_STORED_OTHER) return AZ_OK;
    if (attribute->type == AZ_STORED_STRING) return read_strings(file, group, variable, name, n, &attribute->text);
    if (attribute->type == AZ_STORED_TEXT) {
        attribute->text = az_io_alloc(host, (int64_t)n + 1, 1);
        if (!attribute->text) return AZ_ERROR_MEMORY;
        code = n ? nc_get_att_text(group, variable, name, attribute->text) : NC_NOERR;
    } else {
        attribute->numbers = az_io_alloc(host, (int64_t)n, sizeof(double));
        if (!attribute->numbers) return AZ_ERROR_MEMORY;
        attribute->n_numbers = (int64_t)n;
        code = n ? nc_get_att_double(group, variable, name, attribute->numbers) : NC_NOERR;
    }
    return code ? failed(file, code, name) : AZ_OK;
}

static az_status read_dimensions(netcdf_file *file, int group, const char *prefix, az_layout *layout)
{
    const az_io_host *host = file->base.host;
    int n = 0, n_unlimited = 0;
    int code = nc_inq_dimids(group, &n, NULL, 0);
    if (!code) code = nc_inq_unlimdims(group, &n_unlimited, NULL);
    if (code) return failed(file, code, "its dimensions");
    int *ids = az_io_alloc(host, (int64_t)n + n_unlimited, sizeof *ids);
    if (!ids) return AZ_ERROR_MEMORY;
    az_status status = AZ_OK;
    code = nc_inq_dimids(group, NULL, ids, 0);
    if (!code) code = nc_inq_unlimdims(group, NULL, ids + n);
    if (code) status = failed(file, code, "its dimensions");
    for (int i = 0; i < n && !status; i++) {
        char name[NC_MAX_NAME + 1] = "", full[2 * NC_MAX_NAME + 2];
        size_t size;
        code = nc_inq_dim(group, ids[i], name, &size);
        if (code || size > INT64_MAX) {
            status = failed(file, code ? code : NC_EDIMSIZE, "a dimension");
            break;
        }
        snprintf(full, sizeof full, "%s%s", prefix, name);
        int *larger = host->resize(file->dim_ids, (size_t)(file->n_dim_ids + 1) * sizeof *larger);
        if (larger) file->dim_ids = larger;
        az_dimension *dimension = larger ? az_io_add_dimension(host, layout, full) : NULL;
        if (!dimension) {
            status = AZ_ERROR_MEMORY;
            break;
        }
        file->dim_ids[file->n_dim_ids++] = ids[i];
        dimension->size = (int64_t)size;
        for (int j = 0; j < n_unlimited; j++) dimension->unlimited |= ids[n + j] == ids[i];
    }
    host->release(ids);
    return status;
}

static az_status read_variable(netcdf_file *file, int group, int id, const char *prefix, az_layout *layout)
{
    const az_io_host *host = file->base.host;
    char name[NC_MAX_NAME + 1] = "", full[2 * NC_MAX_NAME + 2], text[512];
    int rank, n_attributes, dims[NC_MAX_VAR_DIMS];
    nc_type type;
    int code = nc_inq_varndims(group, id, &rank);
    if (!code && (rank < 0 || rank > NC_MAX_VAR_DIMS)) code = NC_EMAXDIMS;
    if (!code) code = nc_inq_var(group, id, name, &type, &rank, dims, &n_attributes);
    if (code) return failed(file, code, "a variable");
    snprintf(full, sizeof full, "%s%s", prefix, name);
    place *larger = host->resize(file->places, (size_t)(layout->n_variables + 1) * sizeof *larger);
    if (!larger) return AZ_ERROR_MEMORY;
    file->places = larger;
    az_variable *variable = az_io_add_variable(host, layout, full);
    if (!variable) return AZ_ERROR_MEMORY;
    variable->type = storage_of(type);
    if (variable->type == AZ_STORED_OTHER) describe_type(host, group, type, text, sizeof text);
    if (rank > AZ_FIELD_DIMS) {
        variable->type = AZ_STORED_OTHER;
        snprintf(text, sizeof text, "array of %d dimensions", rank);
        rank = 0;
    }
    if (variable->type == AZ_STORED_OTHER && !(variable->type_text = az_io_text(host, text, strlen(text))))
        return AZ_ERROR_MEMORY;
    file->places[layout->n_variables - 1] = (place){group, id, rank, variable->type};
    variable->n_dims = rank;
    for (int d = 0; d < rank; d++) {
        int32_t found = 0;
        while (found < file->n_dim_ids && file->dim_ids[found] != dims[d]) found++;
        if (found == file->n_dim_ids) return failed(file, NC_EBADDIM, full);
        variable->dims[d] = found;
    }
    for (int i = 0; i < n_attributes; i++) {
        az_status status = read_attribute(file, group, id, i, &variable->attributes, &variable->n_attributes);
        if (status) return status;
    }
    return AZ_OK;
}

/* Dimensions of a group are known to the groups within it, so they come before these. */
static az_status read_group(netcdf_file *file, int group, const char *prefix, int depth, az_layout *layout)
{
    const az_io_host *host = file->base.host;
    int n_variables = 0, n_groups = 0, n_attributes = 0;
    int code = nc_inq_varids(group, &n_variables, NULL);
    if (!code) code = nc_inq_grps(group, &n_groups, NULL);
    if (!code) code = nc_inq_natts(group, &n_attributes);
    if (code) return failed(file, code, "its groups");
    if (depth > GROUPS_DEEP) return AZ_OK;
    int *ids = az_io_alloc(host, (int64_t)n_variables + n_groups, sizeof *ids);
    if (!ids) return AZ_ERROR_MEMORY;
    az_status status = read_dimensions(file, group, prefix, layout);
    code = nc_inq_varids(group, NULL, ids);
    if (!code) code = nc_inq_grps(group, NULL, ids + n_variables);
    if (!status && code) status = failed(file, code, "its groups");
    for (int i = 0; i < n_variables && !status; i++) status = read_variable(file, group, ids[i], prefix, layout);
    for (int i = 0; i < n_attributes && !status && depth == 0; i++)
        status = read_attribute(file, group, NC_GLOBAL, i, &layout->attributes, &layout->n_attributes);
    for (int i = 0; i < n_groups && !status; i++) {
        char name[NC_MAX_NAME + 1] = "";
        code = nc_inq_grpname(ids[n_variables + i], name);
        if (code) {
            status = failed(file, code, "a group");
            break;
        }
        size_t size = strlen(prefix) + strlen(name) + 2;
        char *inner = az_io_alloc(host, (int64_t)size, 1);
        if (!inner) {
            status = AZ_ERROR_MEMORY;
            break;
        }
        snprintf(inner, size, "%s%s/", prefix, name);
        status = read_group(file, ids[n_variables + i], inner, depth + 1, layout);
        host->release(inner);
    }
    host->release(ids);
    return status;
}

/* n texts of the host from strings, or from characters of which each text has `length`; all or none. */
static az_status take_texts(const az_io_host *host, size_t n, char *const *strings, const char *characters,
                            size_t length, char **values)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = strings ? strings[i] ? strings[i] : "" : characters + i * length;
        values[i] = az_io_text(host, text, strings ? strlen(text) : strnlen(text, length));
        if (values[i]) continue;
        while (i > 0) host->release(values[--i]);
        return AZ_ERROR_MEMORY;
    }
    return AZ_OK;
}

static az_status read_block(az_io_file *base, int32_t variable, const int64_t *start, const int64_t *count,
                            void *values)
{
    netcdf_file *file = (netcdf_file *)base;
    const az_io_host *host = base->host;
    const place *at = &file->places[variable];
    size_t first[AZ_FIELD_DIMS + 1] = {0}, n[AZ_FIELD_DIMS + 1] = {0}, total = 1;
    char name[NC_MAX_NAME + 1] = "";
    nc_inq_varname(at->group, at->id, name);
    if (at->type == AZ_STORED_OTHER)
        return host->error(AZ_ERROR_DATA, "%s: \"%s\" is not an array of numbers or texts, and is not read", base->path,
                           name);
    for (int d = 0; d < at->rank; d++) {
        first[d] = (size_t)start[d];
        n[d] = (size_t)count[d];
        total *= n[d];
    }
    if (total == 0) return AZ_OK;
    const bool characters = at->type == AZ_STORED_TEXT;
    if (!characters && at->type != AZ_STORED_STRING) {
        int code = nc_get_vara(at->group, at->id, first, n, values);
        return code ? failed(file, code, name) : AZ_OK;
    }
    void *read = az_io_alloc(host, (int64_t)total, characters ? 1 : sizeof(char *));
    if (!read) return AZ_ERROR_MEMORY;
    int code = nc_get_vara(at->group, at->id, first, n, read);
    az_status status = code ? failed(file, code, name) : AZ_OK;
    if (!status && characters) {
        size_t length = at->rank ? n[at->rank - 1] : 1;
        status = take_texts(host, total / length, NULL, read, length, values);
    } else if (!status) {
        status = take_texts(host, total, read, NULL, 0, values);
    }
    if (!characters) nc_free_string(total, read);
    host->release(read);
    return status;
}

static void close_file(az_io_file *base)
{
    netcdf_file *file = (netcdf_file *)base;
    nc_close(file->id);
    base->host->release(file->places);
    base->host->release(file->dim_ids);
}

az_status az_io_netcdf_open(const az_io_host *host, const char *path, az_io_file **result, az_layout *layout)
{
    netcdf_file *file = az_io_alloc(host, 1, sizeof *file);
    if (!file) return AZ_ERROR_MEMORY;
    file->base = (az_io_file){host, az_io_text(host, path, strlen(path)), read_block, close_file};
    /* libnetcdf takes "http://host/x", and "file://x#mode=zarr", for addresses; with "./" before it a name is one. */
    size_t size = strlen(path) + 3;
    char *name = az_io_alloc(host, (int64_t)size, 1);
    az_status status = file->base.path && name ? AZ_OK : AZ_ERROR_MEMORY;
    if (!status) {
        snprintf(name, size, "%s%s", path[0] == '/' ? "" : "./", path);
        int code = nc_open(name, NC_NOWRITE, &file->id);
        if (code) status = failed(file, code, "it cannot be opened");
    }
    host->release(name);
    if (!status) {
        int format = NC_FORMAT_CLASSIC;
        nc_inq_format(file->id, &format);
        bool hdf5 = format == NC_FORMAT_NETCDF4 || format == NC_FORMAT_NETCDF4_CLASSIC;
        layout->format = hdf5 ? "NetCDF-4" : "NetCDF-3";
        status = read_group(file, file->id, "", 0, layout);
        if (status) close_file(&file->base);
    }
    if (status) {
        az_io_clear_layout(host, layout);
        host->release(file->base.path);
        host->release(file);
        return status;
    }
    *result = &file->base;
    return AZ_OK;
}

const char *az_io_netcdf_version(void)
{
    return nc_inq_libvers();
}
#endif
