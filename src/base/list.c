/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists in one string, as users type them: "a, b, \"c,d\", `e f`" and "lon=360,hour=24". */
#include "base/memory.h"
#include "base/text.h"

#include <string.h>

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r') p++;
    return p;
}

/* Reads one word up to a character of `stops` or the end and copies it to *out, terminated.  A word that begins with a
 * quote ends with the same quote; the quote doubled stands for itself.  Brackets hold a word together that has none:
 * sst[lat=-5,lon=170]. */
static az_status read_word(const char *list, const char **p, const char *stops, char **out)
{
    const char *s = skip_blanks(*p);
    char *o = *out;
    if (*s == '"' || *s == '`') {
        const char quote = *s++;
        for (; *s; s++) {
            if (*s == quote) {
                if (s[1] != quote) break;
                s++;
            }
            *o++ = *s;
        }
        if (!*s) return az_error(AZ_ERROR_USAGE, "the list '%s' has a %c without its partner", list, quote);
        s = skip_blanks(s + 1);
        if (*s && !strchr(stops, *s))
            return az_error(AZ_ERROR_USAGE, "the list '%s' goes on after a closing %c; put a comma between items", list,
                            quote);
    } else {
        char *end = o;
        const char *closing = s; /* of the bracket that s is in */
        for (; *s && (s < closing || !strchr(stops, *s)); s++) {
            if (*s == '[' && s >= closing && strchr(s, ']')) closing = strchr(s, ']');
            *o++ = *s;
            if (skip_blanks(s) == s) end = o;
        }
        o = end;
    }
    *o++ = 0;
    *p = s;
    *out = o;
    return AZ_OK;
}

static int64_t count_commas(const char *list)
{
    int64_t n = 0;
    for (; *list; list++) n += *list == ',';
    return n;
}

/* One allocation for `n` pointers and the strings behind them, which are never longer than the list with one 0 each. */
static char **new_strings(const char *list, int64_t n, char **bytes)
{
    size_t n_pointers = (size_t)n * sizeof(char *);
    char **strings = az_alloc(n_pointers + strlen(list) + (size_t)n + 1);
    if (strings) *bytes = (char *)strings + n_pointers;
    return strings;
}

az_status az_list_split(const char *list, char ***items, int64_t *n_items)
{
    if (!list) list = "";
    int64_t most = count_commas(list) + 1, n = 0;
    char *bytes;
    char **strings = new_strings(list, most, &bytes);
    if (!strings) return AZ_ERROR_MEMORY;
    const char *p = list;
    if (*skip_blanks(p)) {
        for (;;) {
            strings[n++] = bytes;
            az_status status = read_word(list, &p, ",", &bytes);
            if (status) {
                az_free(strings);
                return status;
            }
            if (!*p) break;
            p++;
        }
    }
    *items = strings;
    *n_items = n;
    return AZ_OK;
}

az_status az_list_pairs(const char *list, char ***keys, char ***values, int64_t *n_items)
{
    if (!list) list = "";
    int64_t most = count_commas(list) + 1, n = 0;
    char *key_bytes, *value_bytes;
    az_status status = AZ_ERROR_MEMORY;
    char **key_strings = new_strings(list, most, &key_bytes), **value_strings = NULL;
    if (!key_strings) goto done;
    value_strings = new_strings(list, most, &value_bytes);
    if (!value_strings) goto done;
    const char *p = list;
    status = AZ_OK;
    if (*skip_blanks(p)) {
        for (;; p++) {
            key_strings[n] = key_bytes;
            AZ_GOTO(read_word(list, &p, "=,", &key_bytes));
            value_strings[n] = NULL;
            if (*p == '=') {
                p++;
                value_strings[n] = value_bytes;
                AZ_GOTO(read_word(list, &p, ",", &value_bytes));
            }
            n++;
            if (!*p) break;
        }
    }
    *keys = key_strings;
    *values = value_strings;
    *n_items = n;
    return AZ_OK;
done:
    az_free(key_strings);
    az_free(value_strings);
    return status;
}
