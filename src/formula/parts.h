/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of this room share. */
#ifndef AZ_FORMULA_PARTS_H
#define AZ_FORMULA_PARTS_H

#include "formula/formula.h"

#include <string.h>

/* How tightly operators bind.  The printer sets parentheses by the same numbers as the parser reads them. */
enum {
    BINDING_EQUATION = 1,
    BINDING_OR,
    BINDING_AND,
    BINDING_NOT,
    BINDING_COMPARISON,
    BINDING_SUM,
    BINDING_PRODUCT,
    BINDING_SIGN,
    BINDING_POWER,
    BINDING_ATOM
};

typedef enum formula_token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_TEXT,
    TOKEN_NAME,
    TOKEN_QUOTED_NAME, /* in backquotes: never a keyword, a function or a constant's name */
    TOKEN_SIGN
} formula_token_kind;

typedef struct formula_token {
    formula_token_kind kind;
    int32_t begin, end; /* in the text; with the quotes */
    double number;
} formula_token;

/* The token at or after `at`.  The error has a caret. */
az_status az_formula_token(const char *text, int32_t at, formula_token *token);

/* What stands in the quotes, doubled ones undone. */
char *az_formula_unquote(const char *text, const formula_token *token, az_arena *arena);
/* The end of the quoted text that begins at `at`, or -1 if it never ends. */
int64_t az_formula_quote_end(const char *text, int64_t at);

/* Whether the name can stand without backquotes. */
bool az_formula_is_plain_name(const char *name);

/* A function (written with parentheses) or an operator with so many operands; NULL: none. */
const az_formula_operation *az_formula_function(const char *name);
const az_formula_operation *az_formula_operator(const char *name, int n_operands);
const char *az_formula_function_name(void *unused, int64_t i); /* for az_nearest */

static inline bool formula_same(const char *text, const formula_token *token, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(token->end - token->begin) == length && memcmp(text + token->begin, word, length) == 0;
}

#endif
