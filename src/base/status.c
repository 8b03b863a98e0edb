/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef AZ_VERSION
#error "AZ_VERSION is set by the build from CMakeLists.txt"
#endif

static _Thread_local char message[2048];

const char *az_version(void)
{
    return AZ_VERSION;
}

const char *az_error_message(void)
{
    return message;
}

const char *az_status_text(az_status status)
{
    switch (status) {
#define AZ_STATUS_SENTENCE(name, code, sentence)                                                           \
    case name: return sentence;
        AZ_STATUS_LIST(AZ_STATUS_SENTENCE)
#undef AZ_STATUS_SENTENCE
    }
    return "unknown status";
}

az_status az_error(az_status status, const char *format, ...)
{
    /* Through a second buffer: an argument may be the old message. */
    char text[sizeof message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    memcpy(message, text, sizeof message);
    return status;
}

az_status az_error_context(az_status status, const char *format, ...)
{
    char prefix[sizeof message / 2], old[sizeof message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    memcpy(old, message, sizeof old);
    return az_error(status, "%s: %s", prefix, old);
}
