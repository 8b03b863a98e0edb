/* SPDX-License-Identifier: BSD-3-Clause */
/* From the neutral language to a dialect, line by line.  The text comes from this library alone, so what is not
 * understood is a fault of Ansatz. */
#include "code/dialect.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

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

bool az_code_statement(az_code *code, const char *text, size_t length)
{
    span line = {text, length};
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
    const bool repeats = starts(&line, "while ");
    if (repeats || starts(&line, "if ")) {
        if (!ends(&line, " {")) return false;
        emit(code, repeats ? AZ_FORM_WHILE : AZ_FORM_IF, &line);
        open_block(code, repeats ? AZ_FORM_END_FOR : AZ_FORM_END_IF);
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
