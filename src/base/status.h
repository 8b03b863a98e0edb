/* SPDX-License-Identifier: BSD-3-Clause */
/* Setting the error text.  Every function that fails says so here, once, where it knows the most. */
#ifndef AZ_BASE_STATUS_H
#define AZ_BASE_STATUS_H

#include <ansatz/base.h>

/* Sets the thread's error text and returns status: return az_error(AZ_ERROR_DATA, "%s:%lld: ...", ...). */
az_status az_error(az_status status, const char *format, ...) AZ_PRINTF(2, 3);

/* Puts "prefix: " before the error text that stands, and returns status; for callers that know the context. */
az_status az_error_context(az_status status, const char *format, ...) AZ_PRINTF(2, 3);

#define AZ_TRY(call)                                                                                       \
    do {                                                                                                   \
        az_status az_try_status = (call);                                                                  \
        if (az_try_status) return az_try_status;                                                           \
    } while (0)

/* The same for functions with one clean-up at the label `done` and a variable `status`. */
#define AZ_GOTO(call)                                                                                      \
    do {                                                                                                   \
        status = (call);                                                                                   \
        if (status) goto done;                                                                             \
    } while (0)

#endif
