/* SPDX-License-Identifier: BSD-3-Clause */
/* From the neutral language to a dialect.  The text comes from this library alone, so what is not understood is a fault
 * of Ansatz. */
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
    if (code->n_numbers > AZ_CODE_MOST_NUMBERS) return;
    for (int64_t i = 0; reals && i < n; i++) code->broken |= !isfinite(reals[i]);
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

/* ---- expressions ---- */

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Length of the word at text: a name, a number, or an operator of one or two characters. */
static size_t word_length(const char *text, size_t left)
{
    static const char *const pairs[] = {"&&", "||", "==", "!=", "<=", ">="};
    size_t n = 0;
    if (is_name(text[0]) || text[0] == '$') {
        for (n = 1; n < left && (is_name(text[n]) || (isdigit((unsigned char)text[0]) && text[n] == '.')); n++) {
        }
        return n;
    }
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs && left > 1; i++)
        if (strncmp(text, pairs[i], 2) == 0) return 2;
    return 1;
}

static void translate(const az_code *code, az_text *out, const char *text, size_t left)
{
    while (left > 0) {
        size_t n = word_length(text, left);
        const char *other = NULL;
        for (const char *const(*word)[2] = code->dialect->words; (*word)[0]; word++)
            if (strlen((*word)[0]) == n && strncmp((*word)[0], text, n) == 0) other = (*word)[1];
        if (other) {
            az_text_append(out, other);
        } else if (text[0] == '$') {
            az_text_printf(out, "%s_%.*s", code->name, (int)n - 1, text + 1);
        } else {
            az_text_append_n(out, text, n);
            if (isdigit((unsigned char)text[0]) && memchr(text, '.', n))
                az_text_append(out, code->dialect->real_suffix);
        }
        text += n;
        left -= n;
    }
}

/* ---- statements ---- */

typedef struct span {
    const char *text;
    size_t length;
} span;

static void indent(const az_code *code, az_text *text)
{
    for (int i = 0; i <= code->depth; i++) az_text_append(text, "    ");
}

static void emit(az_code *code, az_form form, const span *parts)
{
    az_text *body = &code->procedure.body;
    indent(code, body);
    for (const char *c = code->dialect->forms[form]; *c; c++) {
        if (*c == '$') {
            const span *part = &parts[*++c - '1'];
            translate(code, body, part->text, part->length);
        } else {
            az_text_append_n(body, c, 1);
        }
    }
    az_text_append(body, "\n");
}

/* The part of the line before `mark`, which is skipped; false if there is none. */
static bool cut_at(span *line, const char *mark, span *before)
{
    size_t n = strlen(mark);
    for (size_t i = 0; i + n <= line->length; i++)
        if (strncmp(line->text + i, mark, n) == 0) {
            *before = (span){line->text, i};
            *line = (span){line->text + i + n, line->length - i - n};
            return true;
        }
    return false;
}

static bool starts(span *line, const char *word)
{
    size_t n = strlen(word);
    if (line->length < n || strncmp(line->text, word, n) != 0) return false;
    *line = (span){line->text + n, line->length - n};
    return true;
}

static bool ends(span *line, const char *word)
{
    size_t n = strlen(word);
    if (line->length < n || strncmp(line->text + line->length - n, word, n) != 0) return false;
    line->length -= n;
    return true;
}

static void copy_name(az_code *code, char *to, size_t size, span from)
{
    code->broken |= from.length >= size;
    snprintf(to, size, "%.*s", (int)from.length, from.text);
}

/* "in real features[n_features], in int row" */
static void parse_arguments(az_code *code, az_code_procedure *procedure, span list)
{
    while (list.length > 0 && procedure->n_arguments < AZ_CODE_MOST_ARGUMENTS) {
        az_code_argument *argument = &procedure->arguments[procedure->n_arguments++];
        span item = list, name;
        if (!cut_at(&list, ", ", &item)) list.length = 0;
        argument->out = starts(&item, "out ");
        if (!argument->out) code->broken |= !starts(&item, "in ");
        argument->real = starts(&item, "real ");
        if (!argument->real) code->broken |= !starts(&item, "int ");
        if (ends(&item, "]") && cut_at(&item, "[", &name)) {
            copy_name(code, argument->extent, sizeof argument->extent, item);
            item = name;
        }
        copy_name(code, argument->name, sizeof argument->name, item);
    }
    code->broken |= list.length > 0;
}

static bool begin_procedure(az_code *code, span line)
{
    az_code_procedure *procedure = &code->procedure;
    bool public = starts(&line, "public "), function = starts(&line, "real function ");
    span name;
    if (!function && !starts(&line, "procedure ")) return false;
    procedure->public = public;
    procedure->function = function;
    if (!ends(&line, ") {") || !cut_at(&line, "(", &name)) return false;
    size_t used = 0;
    if (public) used = (size_t)snprintf(procedure->name, sizeof procedure->name, "%s_", code->name);
    copy_name(code, procedure->name + used, sizeof procedure->name - used, name);
    if (public) az_text_printf(&code->interface, "%s%s", code->interface.length ? " " : "", procedure->name);
    parse_arguments(code, procedure, line);
    return true;
}

static void end_procedure(az_code *code)
{
    az_code_procedure *procedure = &code->procedure;
    az_text *text = &code->procedures[code->testing];
    az_text_append(&procedure->declarations, "");
    az_text_append(&procedure->body, "");
    az_text_append(&procedure->comment, "");
    if (az_text_status(&procedure->declarations) || az_text_status(&procedure->comment) ||
        az_text_status(&procedure->body)) {
        text->failed = true;
    } else {
        az_text_append(text, "\n");
        code->dialect->procedure(text, procedure);
    }
    az_text_free(&procedure->comment);
    az_text_free(&procedure->declarations);
    az_text_free(&procedure->body);
    *procedure = (az_code_procedure){0};
}

static void loop_variable(az_code *code, span name)
{
    az_code_procedure *procedure = &code->procedure;
    for (int i = 0; i < procedure->n_variables; i++)
        if (strlen(procedure->variables[i]) == name.length &&
            strncmp(procedure->variables[i], name.text, name.length) == 0)
            return;
    if (procedure->n_variables == AZ_CODE_MOST_VARIABLES)
        code->broken = true;
    else
        copy_name(code, procedure->variables[procedure->n_variables++], AZ_CODE_NAME_MAX, name);
}

static void open_block(az_code *code, az_form end)
{
    if (code->depth + 1 >= AZ_CODE_MOST_DEPTH)
        code->broken = true;
    else
        code->open[code->depth++] = end;
}

static bool write_loop(az_code *code, span line)
{
    span part[4];
    if (!ends(&line, " {") || !cut_at(&line, " in ", &part[0]) || !cut_at(&line, " .. ", &part[1])) return false;
    bool stepped = cut_at(&line, " step ", &part[2]);
    part[stepped ? 3 : 2] = line;
    loop_variable(code, part[0]);
    emit(code, stepped ? AZ_FORM_FOR_STEP : AZ_FORM_FOR, part);
    open_block(code, AZ_FORM_END_FOR);
    return true;
}

static bool close_block(az_code *code, span line)
{
    if (line.length == 0 && code->depth == 0) {
        end_procedure(code);
        return true;
    }
    if (code->depth == 0) return false;
    az_form end = code->open[--code->depth];
    if (line.length == 0) {
        emit(code, end, NULL);
        return true;
    }
    if (end != AZ_FORM_END_IF || !starts(&line, " else ") || !ends(&line, "{")) return false;
    if (starts(&line, "if ") && ends(&line, " "))
        emit(code, AZ_FORM_ELSE_IF, &line);
    else
        emit(code, AZ_FORM_ELSE, NULL);
    open_block(code, AZ_FORM_END_IF);
    return true;
}

static bool write_statement(az_code *code, span line)
{
    az_code_procedure *procedure = &code->procedure;
    span part[2];
    if (starts(&line, "}")) return close_block(code, line);
    if (starts(&line, "# ")) {
        az_text_append_n(&procedure->comment, line.text, line.length);
        return true;
    }
    if (!procedure->name[0]) return begin_procedure(code, line);
    if (starts(&line, "for ")) return write_loop(code, line);
    bool real = starts(&line, "real ");
    if (real || starts(&line, "int ")) {
        az_text list = {0};
        az_text_append_n(&list, line.text, line.length);
        if (az_text_status(&list))
            procedure->declarations.failed = true;
        else
            code->dialect->declare(&procedure->declarations, real, list.data);
        az_text_free(&list);
        return true;
    }
    if (starts(&line, "if ")) {
        if (!ends(&line, " {")) return false;
        emit(code, AZ_FORM_IF, &line);
        open_block(code, AZ_FORM_END_IF);
        return true;
    }
    static const struct {
        const char *word;
        az_form form;
    } simple[] = {{"call ", AZ_FORM_CALL}, {"ignore ", AZ_FORM_IGNORE}, {"return ", AZ_FORM_RETURN}};
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (starts(&line, simple[i].word)) {
            emit(code, simple[i].form, &line);
            return true;
        }
    az_form form = cut_at(&line, " += ", &part[0])   ? AZ_FORM_ADD
                   : cut_at(&line, " *= ", &part[0]) ? AZ_FORM_MULTIPLY
                   : cut_at(&line, " = ", &part[0])  ? AZ_FORM_SET
                                                     : AZ_N_FORMS;
    part[1] = line;
    if (form == AZ_N_FORMS) return false;
    emit(code, form, part);
    return true;
}

void az_code_write(az_code *code, const char *text)
{
    while (*text) {
        text += strspn(text, " \n");
        span line = {text, strcspn(text, "\n")};
        if (line.length > 0) code->broken |= !write_statement(code, line);
        text += line.length;
    }
}

az_status az_code_finish(az_code *code, az_text *text)
{
    if (code->broken || code->procedure.name[0])
        return az_error(AZ_ERROR_INTERNAL, "the program for the export of %s is not well formed", code->name);
    if (code->n_numbers > AZ_CODE_MOST_NUMBERS)
        return az_error(AZ_ERROR_DATA,
                        "the model holds more than %d numbers, too many for a source file that compilers take; fit it "
                        "on fewer rows or columns, or run it through the library",
                        AZ_CODE_MOST_NUMBERS);
    az_text *const parts[] = {&code->remarks,   &code->interface,     &code->tables[0],
                              &code->tables[1], &code->procedures[0], &code->procedures[1]};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        az_text_append(parts[i], "");
        AZ_TRY(az_text_status(parts[i]));
    }
    code->dialect->file(code, text);
    return az_text_status(text);
}
