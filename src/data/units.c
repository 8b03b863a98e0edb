/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/units.h"

#include "base/io.h"

#include <string.h>

az_status az_unit_convert(const char *from, const char *to, double *scale, double *offset)
{
    const az_io *io;
    *scale = 1;
    *offset = 0;
    if (!from || !to || !*from || !*to || strcmp(from, to) == 0) return AZ_OK;
    AZ_TRY(az_io_load(&io, "converting units"));
    if (!io->convert) return az_io_lacking("converting units", "UDUNITS-2", "AZ_WITH_UDUNITS");
    return io->convert(az_io_host_table(), from, to, scale, offset);
}

az_status az_unit_convert_column(const char *source, const char *column, const char *from, const char *to,
                                 double *scale, double *offset)
{
    az_status status = az_unit_convert(from, to, scale, offset);
    if (!status) return AZ_OK;
    return az_error_context(status, "%s: column \"%s\" is in \"%s\", the model expects \"%s\"", source, column, from,
                            to);
}
