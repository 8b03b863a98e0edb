/* SPDX-License-Identifier: BSD-3-Clause */
/* Files from the network, whole and checked, or not there. */
#ifndef AZ_BASE_FETCH_H
#define AZ_BASE_FETCH_H

#include "base/sha256.h"
#include "base/status.h"

/* Downloads url to path, whose folder is made if it is not there.  Bytes gather in "path.part", which stays when the
 * download breaks or is stopped and is gone on with by the next call; the name is given when all is there and the
 * content (decompressed where it is gzip) has the SHA-256 wanted (NULL: any).  `digest` is that of the content; `what`
 * is what progress is called, and has to outlive the call.
 * AZ_ERROR_UNAVAILABLE: the download failed, or this build has none; AZ_ERROR_DATA: the content is another one, and is
 * removed. */
az_status az_fetch(const char *url, const char *path, const char *sha256, const char *what, char digest[AZ_SHA256_TEXT],
                   const az_control *control);

#endif
