/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_BASE_GZIP_H
#define AZ_BASE_GZIP_H

#include "base/status.h"

/* Decompresses all members of a gzip file, one after the other (RFC 1952, section 2.2); az_free *out.
 * AZ_ERROR_UNAVAILABLE where there is no libansatz-io, or one without zlib. */
az_status az_gzip_inflate(const unsigned char *in, size_t in_size, const char *path, char **out, size_t *out_size,
                          const az_control *control);

#endif
