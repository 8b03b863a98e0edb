/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing NetCDF-4: the classic model where its types suffice, each variable deflated. */
#include "io/io.h"

#ifdef AZ_HAVE_NETCDF
#include <math.h>
#include <netcdf.h>
#include <stdio.h>
#include <string.h>

typedef struct netcdf_output {
    const az_io_host *host;
    char *path;
    int id;
    int *variables, *ranks;
    bool stuck; /* the disk did not take what HDF5 wrote */
} netcdf_output;

static az_status failed(netcdf_output *output, int code, const char *what)
{
    output->stuck |= code == NC_EHDFERR;
    if (code == NC_ENOMEM) return output->host->error(AZ_ERROR_MEMORY, "%s: out of memory", output->path);
    return output->host->error(AZ_ERROR_IO, "%s: writing failed: %s: %s", output->path, what, nc_strerror(code));
}

static nc_type type_of(az_storage type)
{
    static const nc_type types[] = {NC_BYTE,   NC_UBYTE, NC_SHORT,  NC_USHORT, NC_INT,    NC_UINT, NC_INT64,
                                    NC_UINT64, NC_FLOAT, NC_DOUBLE, NC_CHAR,   NC_STRING, NC_NAT};
    return types[type];
}

static bool is_classic(az_storage type)
{
    return type == AZ_STORED_I8 || type == AZ_STORED_I16 || type == AZ_STORED_I32 || type == AZ_STORED_F32 ||
           type == AZ_STORED_F64 || type == AZ_STORED_TEXT;
}

/* The classic model has no unsigned and 64-bit integers and no strings. */
static bool needs_more(const az_layout *layout)
{
    for (int32_t i = 0; i < layout->n_variables; i++) {
        const az_variable *variable = &layout->variables[i];
        if (!is_classic(variable->type)) return true;
        for (int32_t k = 0; k < variable->n_attributes; k++)
            if (!variable->attributes[k].text && !is_classic(variable->attributes[k].type)) return true;
    }
    for (int32_t k = 0; k < layout->n_attributes; k++)
        if (!layout->attributes[k].text && !is_classic(layout->attributes[k].type)) return true;
    return false;
}

/* A name of a group's variable holds '/', which NetCDF has no names with; the output has one group. */
static void plain_name(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%s", name);
    for (char *c = out; *c; c++)
        if (*c == '/') *c = '_';
}

static int put_attribute(int id, int variable, az_storage variable_type, const az_attribute *attribute)
{
    if (attribute->text)
        return nc_put_att_text(id, variable, attribute->name, strlen(attribute->text), attribute->text);
    if (attribute->type == AZ_STORED_OTHER || attribute->type == AZ_STORED_TEXT || attribute->type == AZ_STORED_STRING)
        return NC_NOERR; /* nothing that could be written */
    /* NetCDF-4 asks that the fill value have the variable's own type. */
    bool is_fill = variable != NC_GLOBAL && strcmp(attribute->name, "_FillValue") == 0;
    nc_type type = type_of(is_fill ? variable_type : attribute->type);
    return nc_put_att_double(id, variable, attribute->name, type, (size_t)attribute->n_numbers, attribute->numbers);
}

static az_status define_variable(netcdf_output *output, const az_layout *layout, int32_t i, const int *dims)
{
    enum { LEVEL = 4 }; /* of deflate: beyond it files hardly get smaller */
    const az_variable *variable = &layout->variables[i];
    char name[NC_MAX_NAME + 1];
    int own[AZ_FIELD_DIMS];
    plain_name(name, sizeof name, variable->name);
    if (variable->type == AZ_STORED_OTHER)
        return output->host->error(AZ_ERROR_USAGE, "%s: \"%s\" has a type that cannot be written", output->path, name);
    for (int32_t d = 0; d < variable->n_dims; d++) own[d] = dims[variable->dims[d]];
    int code = nc_def_var(output->id, name, type_of(variable->type), variable->n_dims, own, &output->variables[i]);
    if (!code && variable->n_dims > 0 && variable->type != AZ_STORED_STRING)
        code = nc_def_var_deflate(output->id, output->variables[i], 1, 1, LEVEL);
    for (int32_t k = 0; k < variable->n_attributes && !code; k++)
        code = put_attribute(output->id, output->variables[i], variable->type, &variable->attributes[k]);
    output->ranks[i] = variable->n_dims;
    return code ? failed(output, code, name) : AZ_OK;
}

static az_status define(netcdf_output *output, const az_layout *layout, int *dims)
{
    for (int32_t d = 0; d < layout->n_dims; d++) {
        char name[NC_MAX_NAME + 1];
        const az_dimension *dimension = &layout->dims[d];
        plain_name(name, sizeof name, dimension->name);
        size_t size = dimension->unlimited ? NC_UNLIMITED : (size_t)dimension->size;
        int code = nc_def_dim(output->id, name, size, &dims[d]);
        if (code) return failed(output, code, name);
    }
    for (int32_t i = 0; i < layout->n_variables; i++) {
        az_status status = define_variable(output, layout, i, dims);
        if (status) return status;
    }
    for (int32_t k = 0; k < layout->n_attributes; k++) {
        int code = put_attribute(output->id, NC_GLOBAL, AZ_STORED_OTHER, &layout->attributes[k]);
        if (code) return failed(output, code, layout->attributes[k].name);
    }
    int code = nc_enddef(output->id);
    return code ? failed(output, code, "its header") : AZ_OK;
}

/* Gives up a file.  One that is stuck stays open: libnetcdf (4.9) crashes where it would report what libhdf5 does not
 * let go of. */
static void leave(const netcdf_output *output)
{
    if (!output->stuck) nc_abort(output->id);
}

static void release(netcdf_output *output)
{
    const az_io_host *host = output->host;
    host->release(output->variables);
    host->release(output->ranks);
    host->release(output->path);
    host->release(output);
}

az_status az_io_netcdf_create(const az_io_host *host, const char *path, const az_layout *layout, void **file)
{
    netcdf_output *output = az_io_alloc(host, 1, sizeof *output);
    if (!output) return AZ_ERROR_MEMORY;
    *output = (netcdf_output){.host = host};
    size_t size = strlen(path) + 3;
    char *name = az_io_alloc(host, (int64_t)size, 1);
    int *dims = az_io_alloc(host, layout->n_dims, sizeof *dims);
    output->path = az_io_text(host, path, strlen(path));
    output->variables = az_io_alloc(host, layout->n_variables, sizeof(int));
    output->ranks = az_io_alloc(host, layout->n_variables, sizeof(int));
    az_status status = name && dims && output->path && output->variables && output->ranks ? AZ_OK : AZ_ERROR_MEMORY;
    if (!status) {
        snprintf(name, size, "%s%s", path[0] == '/' ? "" : "./", path); /* never an address; see netcdf_read.c */
        az_io_enter();
        int mode = NC_NETCDF4 | NC_CLOBBER | (needs_more(layout) ? 0 : NC_CLASSIC_MODEL);
        int code = nc_create(name, mode, &output->id);
        if (code) {
            status = host->error(AZ_ERROR_CANNOT_WRITE, "%s: cannot be created: %s", path, nc_strerror(code));
        } else {
            status = define(output, layout, dims);
            if (status) leave(output);
        }
        az_io_leave();
    }
    host->release(name);
    host->release(dims);
    if (status)
        release(output);
    else
        *file = output;
    return status;
}

az_status az_io_netcdf_write(void *file, int32_t variable, const int64_t *start, const int64_t *count,
                             const void *values)
{
    netcdf_output *output = file;
    size_t first[AZ_FIELD_DIMS + 1] = {0}, n[AZ_FIELD_DIMS + 1] = {0};
    for (int d = 0; d < output->ranks[variable]; d++) {
        first[d] = (size_t)start[d];
        n[d] = (size_t)count[d];
    }
    az_io_enter();
    int code = nc_put_vara(output->id, output->variables[variable], first, n, values);
    az_io_leave();
    return code ? failed(output, code, "values") : AZ_OK;
}

az_status az_io_netcdf_finish(void *file)
{
    netcdf_output *output = file;
    az_io_enter();
    int code = output->stuck ? NC_EHDFERR : nc_close(output->id);
    az_io_leave();
    az_status status = code ? failed(output, code, "closing") : AZ_OK;
    release(output);
    return status;
}
#endif
