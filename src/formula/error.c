/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors in a formula: a sentence, the formula, a caret under the wrong character. */
#include "formula/parts.h"

#include <stdarg.h>
#include <stdio.h>

/* Of a long formula that much is shown, in bytes, so that the lines fit a terminal and the caret stays below. */
enum { SHOWN = 100, SHOWN_BEFORE = 60 };

/* Moves back to the first byte of a character. */
static int64_t character_begin(const char *text, int64_t at)
{
    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80) at--;
    return at;
}

/* Bytes [begin, end), blanks for tabs and line ends, question marks for what a terminal might obey or not know. */
static void append_shown(az_text *shown, const char *text, int64_t begin, int64_t end)
{
    for (int64_t i = begin; i < end;) {
        size_t length = az_utf8_length(text + i, (size_t)(end - i));
        unsigned char c = (unsigned char)text[i];
        if (c == '\t' || c == '\n' || c == '\r')
            az_text_append(shown, " ");
        else if (length == 0 || c < ' ' || c == 0x7f)
            az_text_append(shown, "?");
        else
            az_text_append_n(shown, text + i, length);
        i += length ? (int64_t)length : 1;
    }
}

az_status az_formula_error(az_status status, const char *text, int64_t position, const char *format, ...)
{
    char sentence[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    int64_t length = (int64_t)strlen(text), begin = 0, end = length;
    if (length > SHOWN) {
        begin = position > SHOWN_BEFORE ? character_begin(text, position - SHOWN_BEFORE) : 0;
        if (begin + SHOWN < length) end = character_begin(text, begin + SHOWN);
    }
    az_text before = {0}, line = {0};
    az_text_append(&before, begin > 0 ? "..." : "");
    append_shown(&before, text, begin, position);
    az_text_append(&line, before.data ? before.data : "");
    append_shown(&line, text, position, end);
    if (end < length) az_text_append(&line, "...");
    int width = before.data ? az_display_width(before.data) : 0;
    if (before.failed || line.failed)
        status = AZ_ERROR_MEMORY;
    else
        az_error(status, "%s\n    %s\n    %*s^", sentence, line.data ? line.data : "", width, "");
    az_text_free(&before);
    az_text_free(&line);
    return status;
}
