/* SPDX-License-Identifier: BSD-3-Clause */
/* A program as a whole: its comment, its tables, its parts put together. */
#include "base/memory.h"
#include "base/number.h"
#include "code/dialect.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const az_dialect *const dialects[] = {&az_dialect_c, &az_dialect_fortran};
enum { N_DIALECTS = sizeof dialects / sizeof *dialects };

const char *az_code_language_of(const char *path)
{
    const char *point = path ? strrchr(path, '.') : NULL;
    for (int i = 0; point && i < N_DIALECTS; i++)
        if (strcasecmp(point, dialects[i]->ending) == 0) return dialects[i]->name;
    return NULL;
}

void az_code_identifier(char identifier[AZ_CODE_NAME_MAX], const char *text)
{
    size_t n = 0;
    for (const char *c = text; *c && n + 2 < AZ_CODE_NAME_MAX; c++) {
        bool plain = (unsigned char)*c < 128 && isalnum((unsigned char)*c);
        if (n == 0 && !(plain && isalpha((unsigned char)*c))) identifier[n++] = 'm';
        if (plain)
            identifier[n++] = *c;
        else if (identifier[n - 1] != '_')
            identifier[n++] = '_';
    }
    while (n > 0 && identifier[n - 1] == '_') n--;
    identifier[n] = '\0';
    if (n == 0) snprintf(identifier, AZ_CODE_NAME_MAX, "model");
}

az_status az_code_new(az_code **result, const char *language, const char *name)
{
    const az_dialect *dialect = NULL;
    az_code *code;
    for (int i = 0; i < N_DIALECTS; i++)
        if (strcmp(language, dialects[i]->name) == 0) dialect = dialects[i];
    if (!dialect) return az_error(AZ_ERROR_USAGE, "a model is exported to c or fortran, and not to \"%s\"", language);
    AZ_TRY(AZ_NEW_ZERO(code));
    code->dialect = dialect;
    az_code_identifier(code->name, name);
    *result = code;
    return AZ_OK;
}

void az_code_free(az_code *code)
{
    if (!code) return;
    az_text_free(&code->remarks);
    az_text_free(&code->interface);
    az_text_free(&code->procedure.comment);
    az_text_free(&code->procedure.declarations);
    az_text_free(&code->procedure.body);
    for (int part = 0; part < 2; part++) {
        az_text_free(&code->tables[part]);
        az_text_free(&code->procedures[part]);
    }
    az_free(code);
}

const char *az_code_name(const az_code *code)
{
    return code->name;
}

void az_code_remark_usage(az_code *code)
{
    code->dialect->usage(code);
}

void az_code_begin_test(az_code *code)
{
    code->testing = true;
}

/* ---- remarks ---- */

/* The bytes of a character that may stand in a comment; 0: a '?' or blank stands for it.  Control characters would
 * break the line, and those that turn the direction of writing (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069)
 * could make code look like a comment. */
static size_t harmless(const char *text, size_t length)
{
    size_t n = az_utf8_length(text, length);
    const unsigned char *c = (const unsigned char *)text;
    if (n == 1 && (c[0] < 0x20 || c[0] == 0x7f)) return 0;
    if (n == 2 && c[0] == 0xc2 && c[1] < 0xa0) return 0;
    if (n == 3 && c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae)))
        return 0;
    if (n == 3 && c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9) return 0;
    return n;
}

/* Names and units come from files: no byte of them may end the comment, or warn a compiler (nested comments,
 * trigraphs). */
static void clean(az_text *clean, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        size_t n = harmless(text, left);
        bool pair = (text[0] == '*' && text[1] == '/') || (text[0] == '/' && text[1] == '*') ||
                    (text[0] == '?' && text[1] == '?');
        if (n)
            az_text_append_n(clean, text, n);
        else
            az_text_append(clean, (unsigned char)text[0] < 0x80 ? " " : "?");
        if (pair) az_text_append(clean, " ");
        text += n ? n : 1;
        left -= n ? n : 1;
    }
}

enum { REMARK_COLUMNS = 110, REMARK_INDENT = 4 };

/* Lines are broken at blanks; those that go on are indented. */
static void wrap(const az_dialect *dialect, az_text *text, const char *line)
{
    char piece[1024];
    bool first = true;
    do {
        size_t indent = first ? 0 : REMARK_INDENT, room = REMARK_COLUMNS - indent, length = strlen(line);
        if (length > room) {
            length = room;
            while (length > 0 && line[length] != ' ') length--;
            if (length == 0) length = strcspn(line, " ");
            if (length >= sizeof piece - REMARK_INDENT) { /* a word without end: between two characters */
                length = sizeof piece - REMARK_INDENT - 4;
                while (length > 1 && ((unsigned char)line[length] & 0xc0) == 0x80) length--;
            }
        }
        snprintf(piece, sizeof piece, "%*s%.*s", (int)indent, "", (int)length, line);
        dialect->comment(text, piece);
        line += length;
        line += strspn(line, " ");
        first = false;
    } while (*line);
}

void az_code_remark(az_code *code, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *line = length < 0 ? NULL : az_alloc((size_t)length + 1);
    if (line) vsnprintf(line, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    az_text safe = {0};
    if (line) clean(&safe, line);
    az_text_append(&safe, "");
    if (!line || az_text_status(&safe))
        code->remarks.failed = true;
    else
        wrap(code->dialect, &code->remarks, safe.data);
    az_text_free(&safe);
    az_free(line);
}

/* ---- tables ---- */

void az_code_constant(az_code *code, const char *name, int64_t value)
{
    code->dialect->constant(&code->tables[code->testing], name, value);
}

void az_code_list(az_text *text, const double *reals, const int32_t *integers, int64_t n, const char *suffix,
                  const char *line_end)
{
    enum { COLUMNS = 100 };
    size_t used = 0;
    for (int64_t i = 0; i < n; i++) {
        char number[AZ_NUMBER_MAX + 16];
        if (reals) {
            size_t length = az_print_double(number, reals[i]);
            snprintf(number + length, sizeof number - length, "%s%s", strpbrk(number, ".e") ? "" : ".0", suffix);
        } else {
            snprintf(number, sizeof number, "%d", (int)integers[i]);
        }
        size_t length = strlen(number) + 2;
        if (i > 0) az_text_append(text, ",");
        if (used + length > COLUMNS) {
            az_text_append(text, line_end);
            used = 0;
        } else if (i > 0) {
            az_text_append(text, " ");
        }
        az_text_append(text, number);
        used += length;
    }
}

/* An empty table gets an element that is never read: C has no empty arrays. */
static void put_table(az_code *code, const char *name, const double *reals, const int32_t *integers, int64_t n)
{
    static const double no_reals[1] = {0};
    static const int32_t no_integers[1] = {0};
    if (n == 0) {
        reals = reals ? no_reals : NULL;
        integers = reals ? NULL : no_integers;
        n = 1;
    }
    code->n_numbers = n > INT64_MAX - code->n_numbers ? INT64_MAX : code->n_numbers + n;
    if (!az_code_has_room(code, 0)) return;
    for (int64_t i = 0; reals && i < n; i++) code->not_finite |= !isfinite(reals[i]);
    code->dialect->table(&code->tables[code->testing], name, reals, integers, n);
}

void az_code_reals(az_code *code, const char *name, const double *values, int64_t n)
{
    static const double none[1] = {0};
    put_table(code, name, values ? values : none, NULL, n);
}

void az_code_integers(az_code *code, const char *name, const int32_t *values, int64_t n)
{
    static const int32_t none[1] = {0};
    put_table(code, name, NULL, values ? values : none, n);
}

void az_code_fail(az_code *code, az_status status)
{
    if (!code->failed) code->failed = status;
}

bool az_code_has_room(const az_code *code, int64_t n_numbers)
{
    const int64_t most = code->dialect->most_numbers;
    return code->n_numbers <= most && n_numbers <= most - code->n_numbers;
}

void az_code_write(az_code *code, const char *text)
{
    while (*text) {
        text += strspn(text, " \n");
        size_t length = strcspn(text, "\n");
        if (length > 0) code->broken |= !az_code_statement(code, text, length);
        text += length;
    }
}

az_status az_code_finish(az_code *code, az_text *text)
{
    if (code->failed) return code->failed;
    if (code->broken || code->procedure.name[0])
        return az_error(AZ_ERROR_INTERNAL, "the program for the export of %s is not well formed", code->name);
    if (code->not_finite)
        return az_error(AZ_ERROR_DATA,
                        "the model holds numbers that are not finite, which have no place in a source file");
    if (!az_code_has_room(code, 0))
        return az_error(AZ_ERROR_DATA,
                        "the model holds more than %lld numbers, too many for a source file that compilers of %s take "
                        "in reasonable time; fit it on fewer rows or columns, or with fewer or smaller trees, or run "
                        "it through the library",
                        (long long)code->dialect->most_numbers, code->dialect->title);
    az_text *const parts[] = {&code->remarks,   &code->interface,     &code->tables[0],
                              &code->tables[1], &code->procedures[0], &code->procedures[1]};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        az_text_append(parts[i], "");
        AZ_TRY(az_text_status(parts[i]));
    }
    code->dialect->file(code, text);
    return az_text_status(text);
}
