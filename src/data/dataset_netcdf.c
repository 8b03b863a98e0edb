/* SPDX-License-Identifier: BSD-3-Clause */
/* NetCDF-3, NetCDF-4 and HDF5 files as datasets: libansatz-io reads them. */
#include "data/dataset.h"

#include "base/control.h"
#include "base/memory.h"

typedef struct netcdf_file {
    const az_io *io;
    void *file;
} netcdf_file;

static az_status read_block(void *state, int32_t variable, const int64_t *start, const int64_t *count, void *values)
{
    netcdf_file *netcdf = state;
    return netcdf->io->read(netcdf->file, variable, start, count, values);
}

static void close_file(void *state)
{
    netcdf_file *netcdf = state;
    if (!netcdf) return;
    netcdf->io->close(netcdf->file);
    az_free(netcdf);
}

az_status az_dataset_open_netcdf(az_dataset **dataset, const char *path, const az_control *control)
{
    static const az_dataset_class class = {read_block, close_file};
    const az_io *io;
    netcdf_file *netcdf;
    az_layout layout = {0};
    AZ_TRY(az_check_interrupt(control));
    az_status status = az_io_load(&io, "reading NetCDF and HDF5");
    if (status) return az_error_context(status, "%s", path);
    if (!io->open) return az_error_context(az_io_lacking("reading NetCDF", "libnetcdf", "AZ_WITH_NETCDF"), "%s", path);
    AZ_TRY(AZ_NEW_ZERO(netcdf));
    netcdf->io = io;
    status = io->open(az_io_host_table(), path, &netcdf->file, &layout);
    if (status) {
        az_free(netcdf);
        return status;
    }
    status = az_dataset_new(dataset, path, &layout, &class, netcdf);
    return status;
}
