/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256 (FIPS 180-4). */
#ifndef AZ_BASE_SHA256_H
#define AZ_BASE_SHA256_H

#include <stddef.h>

enum { AZ_SHA256_TEXT = 65 }; /* 64 hexadecimal digits and the terminating 0 */

void az_sha256(const void *bytes, size_t n_bytes, char digest[AZ_SHA256_TEXT]);

#endif
