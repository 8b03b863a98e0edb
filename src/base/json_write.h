/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing JSON: shortest round-trip numbers, NaN and infinities as null, strings escaped, invalid UTF-8 replaced by
 * U+FFFD, keys in the order written.  (Reading is jansson's.) */
#ifndef AZ_BASE_JSON_WRITE_H
#define AZ_BASE_JSON_WRITE_H

#include "base/text.h"

typedef struct az_json {
    az_text text;
    int depth;
    bool pretty;     /* one key a line, indented by two */
    bool needs_comma;
    uint64_t in_array; /* bit per depth: lists of numbers stay on one line */
} az_json;

/* key is NULL inside arrays and at the top. */
void az_json_begin_object(az_json *json, const char *key);
void az_json_end_object(az_json *json);
void az_json_begin_array(az_json *json, const char *key);
void az_json_end_array(az_json *json);
void az_json_number(az_json *json, const char *key, double value);
void az_json_int(az_json *json, const char *key, int64_t value);
void az_json_bool(az_json *json, const char *key, bool value);
void az_json_string(az_json *json, const char *key, const char *value); /* NULL value: null */
void az_json_null(az_json *json, const char *key);

#endif
