/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/text.h"

#include "base/memory.h"
#include "base/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for `more` bytes and the terminating 0. */
static bool reserve(az_text *text, size_t more)
{
    if (text->failed) return false;
    size_t needed;
    if (__builtin_add_overflow(text->length, more, &needed) || __builtin_add_overflow(needed, (size_t)1, &needed)) {
        text->failed = true;
        return false;
    }
    if (needed <= text->capacity) return true;
    size_t capacity = text->capacity < 32 ? 64 : text->capacity;
    while (capacity < needed) capacity = capacity > SIZE_MAX / 2 ? needed : 2 * capacity;
    char *data = az_realloc(text->data, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void az_text_append_n(az_text *text, const char *string, size_t length)
{
    if (!reserve(text, length)) return;
    if (length > 0) memcpy(text->data + text->length, string, length);
    text->length += length;
    text->data[text->length] = 0;
}

void az_text_append(az_text *text, const char *string)
{
    az_text_append_n(text, string, strlen(string));
}

void az_text_printf(az_text *text, const char *format, ...)
{
    if (!reserve(text, 127)) return;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t room = text->capacity - text->length;
    int length = vsnprintf(text->data + text->length, room, format, arguments);
    if (length >= 0 && (size_t)length >= room && reserve(text, (size_t)length))
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    if (length < 0) text->failed = true;
    if (!text->failed) text->length += (size_t)length;
    text->data[text->length] = 0;
}

void az_text_number(az_text *text, double value)
{
    char buffer[AZ_NUMBER_MAX];
    az_text_append_n(text, buffer, az_print_double(buffer, value));
}

void az_text_rounded(az_text *text, double value, int n_significant)
{
    char buffer[AZ_NUMBER_MAX];
    az_text_append_n(text, buffer, az_print_rounded(buffer, value, n_significant));
}

az_status az_text_status(const az_text *text)
{
    return text->failed ? az_error(AZ_ERROR_MEMORY, "out of memory: a text of more than %zu bytes", text->length)
                        : AZ_OK;
}

void az_text_free(az_text *text)
{
    az_free(text->data);
    *text = (az_text){0};
}

/* The Unicode Standard, table 3-7: overlong forms, surrogates and everything past U+10FFFF are not well formed. */
size_t az_utf8_length(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    if (length == 0) return 0;
    if (s[0] < 0x80) return 1;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || length < n) return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)) return 0;
    if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) return 0;
    return n;
}

bool az_is_valid_utf8(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t n = az_utf8_length(text + i, length - i);
        if (n == 0) return false;
        i += n;
    }
    return true;
}

typedef struct code_range {
    uint32_t first, last;
} code_range;

/* Combining marks and zero-width characters; then wide ones: blocks that Unicode's EastAsianWidth.txt gives as W or
 * F. */
static const code_range no_width[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f}, {0x0900, 0x0902},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064}, {0x20d0, 0x20f0},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};
static const code_range wide[] = {
    {0x1100, 0x115f}, {0x231a, 0x231b}, {0x23e9, 0x23ec}, {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0x9fff}, {0xa000, 0xa4cf}, {0xa960, 0xa97f}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x17000, 0x18cff}, {0x1b000, 0x1b2ff}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff}, {0x20000, 0x2fffd}, {0x30000, 0x3fffd},
};

static bool is_in(uint32_t code, const code_range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (code >= ranges[i].first && code <= ranges[i].last) return true;
    return false;
}

int az_display_width(const char *utf8)
{
    int width = 0;
    size_t length = strlen(utf8);
    for (size_t i = 0; i < length;) {
        size_t n = az_utf8_length(utf8 + i, length - i);
        if (n <= 1) { /* ASCII, or a broken byte, which terminals show as one replacement character */
            width += n == 0 || (utf8[i] >= ' ' && utf8[i] != 0x7f);
            i++;
            continue;
        }
        uint32_t code = (unsigned char)utf8[i] & (0xffu >> (n + 1));
        for (size_t j = 1; j < n; j++) code = code << 6 | ((unsigned char)utf8[i + j] & 0x3f);
        if (is_in(code, wide, sizeof wide / sizeof *wide))
            width += 2;
        else if (!is_in(code, no_width, sizeof no_width / sizeof *no_width))
            width += 1;
        i += n;
    }
    return width;
}
