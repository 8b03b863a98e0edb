/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/text.h"
#include "data/npy.h"

#include <string.h>

/* Version 1.0; the header is padded with blanks so that the numbers begin at a multiple of 64 bytes. */
az_status az_npy_write_header(az_output *output, bool single_precision, const int64_t *shape, int32_t n_dims)
{
    enum { PREFIX = 10, ALIGNMENT = 64 };
    az_text header = {0};
    az_text_append_n(&header, "\x93NUMPY\1\0\0\0", PREFIX);
    az_text_printf(&header, "{'descr': '<f%d', 'fortran_order': False, 'shape': (", single_precision ? 4 : 8);
    for (int32_t d = 0; d < n_dims; d++) az_text_printf(&header, "%s%lld", d ? ", " : "", (long long)shape[d]);
    az_text_append(&header, n_dims == 1 ? ",), }" : "), }");
    while (!header.failed && (header.length + 1) % ALIGNMENT) az_text_append(&header, " ");
    az_text_append(&header, "\n");
    az_status status = az_text_status(&header);
    if (!status) {
        size_t length = header.length - PREFIX;
        header.data[8] = (char)(length & 255);
        header.data[9] = (char)(length >> 8);
        status = az_output_write(output, header.data, header.length);
    }
    az_text_free(&header);
    return status;
}

az_status az_npy_write_values(az_output *output, bool single_precision, const double *values, int64_t n)
{
    bool swap = az_is_big_endian();
    char buffer[1 << 12];
    size_t used = 0, size = single_precision ? 4 : 8;
    for (int64_t i = 0; i < n; i++) {
        float single = (float)values[i];
        char item[8];
        memcpy(item, single_precision ? (const void *)&single : (const void *)&values[i], size);
        for (size_t k = 0; k < size; k++) buffer[used + k] = item[swap ? size - 1 - k : k];
        used += size;
        if (used == sizeof buffer || i == n - 1) {
            AZ_TRY(az_output_write(output, buffer, used));
            used = 0;
        }
    }
    return AZ_OK;
}
