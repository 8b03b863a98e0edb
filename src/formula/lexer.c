/* SPDX-License-Identifier: BSD-3-Clause */
/* Characters to tokens. */
#include "base/number.h"
#include "formula/parts.h"

#include <math.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters of any script: what is not ASCII is a letter, but for the signs that are refused by name below. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* What people write for something that has another sign here. */
static const struct {
    const char *sign, *instead;
} other_signs[] = {
    {"&&", "and"}, {"||", "or"}, {"&", "and"}, {"|", "or"}, {"!", "not"},       {"<>", "!="},
    {"−", "-"},    {"–", "-"},   {"×", "*"},   {"·", "*"},  {"⋅", "*"},         {"÷", "/"},
    {"≤", "<="},   {"≥", ">="},  {"≠", "!="},  {"“", "\""}, {"”", "\""},        {"„", "\""},
    {"‘", "\""},   {"’", "\""},  {"²", "^2"},  {"³", "^3"}, {"%", "mod(x, y)"}, {"√", "sqrt(x)"},
};
enum { N_OTHER_SIGNS = sizeof other_signs / sizeof other_signs[0] };

/* The longest come first. */
static const char *const signs[] = {"**", "<=", ">=", "==", "!=", "+", "-", "*", "/", "^",
                                    "<",  ">",  "=",  "(",  ")",  "[", "]", ",", NULL};

static int find_other_sign(const char *text)
{
    for (int i = 0; i < N_OTHER_SIGNS; i++)
        if (strncmp(text, other_signs[i].sign, strlen(other_signs[i].sign)) == 0 && strncmp(text, "!=", 2) != 0)
            return i;
    return -1;
}

int64_t az_formula_quote_end(const char *text, int64_t at)
{
    char quote = text[at++];
    for (; text[at]; at++) {
        if (text[at] != quote) continue;
        if (text[at + 1] != quote) return at + 1;
        at++;
    }
    return -1;
}

char *az_formula_unquote(const char *text, const formula_token *token, az_arena *arena)
{
    char quote = text[token->begin];
    char *copy = az_arena_alloc(arena, (size_t)(token->end - token->begin)), *to = copy;
    if (!copy) return NULL;
    for (int32_t i = token->begin + 1; i < token->end - 1; i++) {
        *to++ = text[i];
        if (text[i] == quote) i++;
    }
    *to = 0;
    return copy;
}

/* A dot joins two names into one (const.c, petal.width); before a digit it begins a number. */
static int64_t name_end(const char *text, int64_t at)
{
    for (; text[at]; at++) {
        if (is_digit(text[at])) continue;
        if (text[at] == '.' && is_letter(text[at + 1]) && find_other_sign(text + at + 1) < 0) continue;
        if (!is_letter(text[at])) break;
        if ((unsigned char)text[at] >= 0xc0 && find_other_sign(text + at) >= 0) break;
        if (text[at] == '\xc2' && text[at + 1] == '\xa0') break; /* a blank that does not break */
    }
    return at;
}

bool az_formula_is_plain_name(const char *name)
{
    static const char *const keywords[] = {"and", "or", "not"};
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strcmp(name, keywords[i]) == 0) return false;
    return is_letter(name[0]) && find_other_sign(name) < 0 && az_is_valid_utf8(name, strlen(name)) &&
           name[name_end(name, 0)] == 0;
}

static az_status read_number(const char *text, formula_token *token)
{
    int32_t at = token->begin;
    while (is_digit(text[at])) at++;
    if (text[token->begin] == '0' && at > token->begin + 1)
        return az_formula_error(AZ_ERROR_USAGE, text, token->begin,
                                "a number does not begin with a 0 that means nothing; dates stand in quotes: "
                                "\"2010-01-01\"");
    if (text[at] == '.') at++;
    while (is_digit(text[at])) at++;
    if (text[at] == 'e' || text[at] == 'E') {
        int32_t exponent = at + 1;
        if (text[exponent] == '+' || text[exponent] == '-') exponent++;
        if (is_digit(text[exponent])) {
            at = exponent;
            while (is_digit(text[at])) at++;
        }
    }
    token->end = at;
    token->kind = TOKEN_NUMBER;
    if (is_letter(text[at]) && find_other_sign(text + at) < 0 && !(text[at] == '\xc2' && text[at + 1] == '\xa0'))
        return az_formula_error(AZ_ERROR_USAGE, text, at,
                                "an operator is missing after the number %.*s; a product needs its sign: 2*x",
                                at - token->begin < 40 ? at - token->begin : 40, text + token->begin);
    if (az_parse_double(text + token->begin, text + at, '.', &token->number) != text + at || !isfinite(token->number))
        return az_formula_error(AZ_ERROR_USAGE, text, token->begin,
                                "this number is beyond the range of double precision");
    return AZ_OK;
}

static az_status read_quoted(const char *text, formula_token *token)
{
    int64_t end = az_formula_quote_end(text, token->begin);
    bool is_name = text[token->begin] == '`';
    if (end < 0) return az_formula_error(AZ_ERROR_USAGE, text, token->begin, "this quote is never closed");
    token->end = (int32_t)end;
    token->kind = is_name ? TOKEN_QUOTED_NAME : TOKEN_TEXT;
    if (is_name && token->end == token->begin + 2)
        return az_formula_error(AZ_ERROR_USAGE, text, token->begin, "there is no name between these backquotes");
    return AZ_OK;
}

az_status az_formula_token(const char *text, int32_t at, formula_token *token)
{
    while (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r' ||
           (text[at] == '\xc2' && text[at + 1] == '\xa0'))
        at += text[at] == '\xc2' ? 2 : 1;
    *token = (formula_token){.kind = TOKEN_END, .begin = at, .end = at};
    const char *here = text + at;
    if (!*here) return AZ_OK;
    if (is_digit(*here) || (*here == '.' && is_digit(here[1]))) return read_number(text, token);
    if (*here == '"' || *here == '\'' || *here == '`') return read_quoted(text, token);
    int other = find_other_sign(here);
    if (other >= 0)
        return az_formula_error(AZ_ERROR_USAGE, text, at, "%s is no operator here; write %s", other_signs[other].sign,
                                other_signs[other].instead);
    for (int i = 0; signs[i]; i++)
        if (strncmp(here, signs[i], strlen(signs[i])) == 0) {
            token->kind = TOKEN_SIGN;
            token->end = at + (int32_t)strlen(signs[i]);
            return AZ_OK;
        }
    if (is_letter(*here)) {
        token->kind = TOKEN_NAME;
        token->end = (int32_t)name_end(text, at);
        return AZ_OK;
    }
    if (*here == ';')
        return az_formula_error(AZ_ERROR_USAGE, text, at,
                                "a semicolon separates formulas, and only one can stand here");
    return az_formula_error(AZ_ERROR_USAGE, text, at, "no formula has this character");
}
