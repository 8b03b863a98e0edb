/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/json_write.h"

#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MAX_DEPTH = 64 }; /* in_array has one bit a depth */

static void escape(az_text *text, const char *string)
{
    static const char short_escapes[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    size_t length = strlen(string);
    az_text_append(text, "\"");
    for (size_t i = 0; i < length;) {
        size_t n = az_utf8_length(string + i, length - i);
        unsigned char c = (unsigned char)string[i];
        if (n == 0) {
            az_text_append(text, "\xef\xbf\xbd"); /* U+FFFD */
            i++;
        } else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
            const char *found = NULL;
            for (const char *s = short_escapes; *s; s += 2)
                if ((unsigned char)*s == c) found = s + 1;
            if (found) {
                az_text_append(text, "\\");
                az_text_append_n(text, found, 1);
            } else {
                az_text_printf(text, "\\u%04x", (unsigned)c);
            }
            i++;
        } else {
            az_text_append_n(text, string + i, n);
            i += n;
        }
    }
    az_text_append(text, "\"");
}

static void new_line(az_json *json)
{
    az_text_append(&json->text, "\n");
    for (int i = 0; i < json->depth; i++) az_text_append(&json->text, "  ");
}

static bool is_in_array(const az_json *json)
{
    return json->depth > 0 && json->depth <= MAX_DEPTH && (json->in_array >> (json->depth - 1) & 1);
}

/* Comma, line break and key in front of a value. */
static void begin_value(az_json *json, const char *key, bool is_container)
{
    bool inline_item = is_in_array(json) && !is_container;
    if (json->needs_comma) az_text_append(&json->text, json->pretty && inline_item ? ", " : ",");
    if (json->pretty && json->depth > 0 && !inline_item) new_line(json);
    json->needs_comma = true;
    if (!key) return;
    escape(&json->text, key);
    az_text_append(&json->text, json->pretty ? ": " : ":");
}

static void begin_container(az_json *json, const char *key, bool is_array)
{
    begin_value(json, key, true);
    az_text_append(&json->text, is_array ? "[" : "{");
    json->depth++;
    json->needs_comma = false;
    if (json->depth > MAX_DEPTH) {
        json->text.failed = true;
        return;
    }
    uint64_t bit = (uint64_t)1 << (json->depth - 1);
    json->in_array = is_array ? json->in_array | bit : json->in_array & ~bit;
}

static void end_container(az_json *json, const char *bracket)
{
    bool is_array = is_in_array(json);
    char last = json->text.length ? json->text.data[json->text.length - 1] : 0;
    json->depth--;
    /* A list of numbers ends on its line; only a container leaves a bracket as the last character. */
    if (json->pretty && json->needs_comma && (!is_array || last == '}' || last == ']')) new_line(json);
    az_text_append(&json->text, bracket);
    json->needs_comma = true;
}

void az_json_begin_object(az_json *json, const char *key)
{
    begin_container(json, key, false);
}

void az_json_end_object(az_json *json)
{
    end_container(json, "}");
}

void az_json_begin_array(az_json *json, const char *key)
{
    begin_container(json, key, true);
}

void az_json_end_array(az_json *json)
{
    end_container(json, "]");
}

void az_json_null(az_json *json, const char *key)
{
    begin_value(json, key, false);
    az_text_append(&json->text, "null");
}

void az_json_number(az_json *json, const char *key, double value)
{
    begin_value(json, key, false);
    if (isfinite(value))
        az_text_number(&json->text, value);
    else
        az_text_append(&json->text, "null"); /* JSON has neither NaN nor infinities */
}

void az_json_int(az_json *json, const char *key, int64_t value)
{
    begin_value(json, key, false);
    az_text_printf(&json->text, "%" PRId64, value);
}

void az_json_bool(az_json *json, const char *key, bool value)
{
    begin_value(json, key, false);
    az_text_append(&json->text, value ? "true" : "false");
}

void az_json_string(az_json *json, const char *key, const char *value)
{
    if (!value) {
        az_json_null(json, key);
        return;
    }
    begin_value(json, key, false);
    escape(&json->text, value);
}
