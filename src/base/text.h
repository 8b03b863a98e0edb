/* SPDX-License-Identifier: BSD-3-Clause */
/* Strings: a growing buffer, lists, and the nearest right name. */
#ifndef AZ_BASE_TEXT_H
#define AZ_BASE_TEXT_H

#include "base/status.h"

/* A growing string.  Zero-initialise.  A failed allocation sets `failed` and makes further appends do nothing, so that
 * only the end needs a check: az_text_status.  `data` is always terminated (NULL while nothing was appended). */
typedef struct az_text {
    char *data;
    size_t length, capacity;
    bool failed;
} az_text;

void az_text_append(az_text *text, const char *string);
void az_text_append_n(az_text *text, const char *string, size_t length);
void az_text_printf(az_text *text, const char *format, ...) AZ_PRINTF(2, 3); /* no floating-point formats: locale */
void az_text_number(az_text *text, double value);                            /* shortest round trip */
void az_text_rounded(az_text *text, double value, int n_significant);
az_status az_text_status(const az_text *text);
void az_text_free(az_text *text);

/* A list "a,b,\"c,d\",`e f`" as strings.  Blanks around items are dropped.  items is one allocation: az_free it. */
az_status az_list_split(const char *list, char ***items, int64_t *n_items);

/* "KEY=VALUE,KEY=VALUE" with the same quoting: keys[i], values[i]; az_free both (values may be missing: NULL). */
az_status az_list_pairs(const char *list, char ***keys, char ***values, int64_t *n_items);

/* The candidate nearest to name by edit distance (with transpositions; case ignored at first), if it is near enough to
 * be a misspelling; else NULL.  Candidates are visited by index: candidate(context, i) returns a name, NULL ends. */
const char *az_nearest(const char *name, const char *(*candidate)(void *context, int64_t i), void *context);

/* Bytes of the UTF-8 character at text (length bytes are there); 0 if it is not well formed. */
size_t az_utf8_length(const char *text, size_t length);
bool az_is_valid_utf8(const char *text, size_t length);
int az_display_width(const char *utf8); /* columns on a terminal (wide East Asian characters count 2) */

#endif
