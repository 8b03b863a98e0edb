/* SPDX-License-Identifier: BSD-3-Clause */
/* Tokens to a tree, by precedence climbing: an operand, then operators as long as they bind tightly enough, each with
 * its right operand read in the same way (Pratt, "Top down operator precedence", POPL 1973).  Nodes are appended when
 * they are complete, which is postorder. */
#include "formula/parts.h"

#include <math.h>
#include <stdio.h>

typedef struct parser {
    az_formula *formula;
    const char *text;
    formula_token token;    /* the next one */
    formula_token previous; /* the one before it, for messages */
    int depth;
} parser;

static az_status advance(parser *self)
{
    self->previous = self->token;
    return az_formula_token(self->text, self->token.end, &self->token);
}

static bool at_sign(const parser *self, const char *sign)
{
    return self->token.kind == TOKEN_SIGN && formula_same(self->text, &self->token, sign);
}

static bool at_word(const parser *self, const char *word)
{
    return self->token.kind == TOKEN_NAME && formula_same(self->text, &self->token, word);
}

/* The token as a message quotes it. */
static const char *quoted(const parser *self, const formula_token *token, char buffer[64])
{
    int length = token->end - token->begin;
    const char *begin = self->text + token->begin;
    if (token->kind == TOKEN_TEXT || token->kind == TOKEN_QUOTED_NAME)
        snprintf(buffer, 64, "%.*s", length < 40 ? length : 40, begin);
    else
        snprintf(buffer, 64, "\"%.*s\"", length < 40 ? length : 40, begin);
    return buffer;
}

static az_status refuse_operand(const parser *self)
{
    char before[64], here[64];
    if (self->token.kind == TOKEN_END && self->token.begin == 0)
        return az_error(AZ_ERROR_USAGE, "the formula is empty");
    if (self->previous.end == 0)
        return az_formula_error(AZ_ERROR_USAGE, self->text, self->token.begin,
                                "a formula begins with a number, a name or \"(\"%s%s",
                                self->token.kind == TOKEN_END ? "" : ", not with ",
                                self->token.kind == TOKEN_END ? "" : quoted(self, &self->token, here));
    return az_formula_error(AZ_ERROR_USAGE, self->text, self->token.begin,
                            "after %s a number, a name or \"(\" is missing", quoted(self, &self->previous, before));
}

/* The token stands where an operator, or the end, could. */
static az_status refuse_continuation(const parser *self, int open)
{
    char here[64];
    const formula_token *token = &self->token;
    if (open >= 0 && token->kind == TOKEN_END)
        return az_formula_error(AZ_ERROR_USAGE, self->text, open, "this \"(\" is never closed");
    if (at_sign(self, ")"))
        return az_formula_error(AZ_ERROR_USAGE, self->text, token->begin, "this \")\" closes nothing");
    if (at_sign(self, "="))
        return az_formula_error(AZ_ERROR_USAGE, self->text, token->begin,
                                "\"=\" stands once, between the two sides of an equation; \"==\" compares");
    if (at_sign(self, "["))
        return az_formula_error(AZ_ERROR_USAGE, self->text, token->begin,
                                "bounds belong to a parameter, after the formula: y = A*exp(-t/tau), tau=2[0,10]");
    if (at_sign(self, ","))
        return az_formula_error(AZ_ERROR_USAGE, self->text, token->begin,
                                "a comma stands between arguments of a function; decimals have a point");
    if (at_word(self, "not"))
        return az_formula_error(AZ_ERROR_USAGE, self->text, token->begin, "\"not\" stands before a whole condition");
    return az_formula_error(AZ_ERROR_USAGE, self->text, token->begin, "an operator is missing before %s",
                            quoted(self, token, here));
}

static az_status grow(void *array, int32_t n, int32_t *capacity, size_t size)
{
    if (n < *capacity) return AZ_OK;
    int32_t larger = *capacity ? 2 * *capacity : 16;
    void *moved = az_realloc_array(*(void **)array, larger, size);
    if (!moved) return AZ_ERROR_MEMORY;
    *(void **)array = moved;
    *capacity = larger;
    return AZ_OK;
}

static az_status add_node(parser *self, az_formula_node node)
{
    az_formula *formula = self->formula;
    AZ_TRY(grow(&formula->nodes, formula->n_nodes, &formula->nodes_capacity, sizeof *formula->nodes));
    formula->nodes[formula->n_nodes++] = node;
    return AZ_OK;
}

/* The subtrees of its arguments begin at node `first`. */
static az_status add_operation(parser *self, const az_formula_operation *operation, int32_t begin, int32_t first,
                               int n_arguments)
{
    return add_node(self, (az_formula_node){.kind = AZ_FORMULA_APPLY,
                                            .operation = operation,
                                            .begin = begin,
                                            .n_nodes = self->formula->n_nodes - first + 1,
                                            .n_arguments = n_arguments});
}

/* The number of a name or text, which is kept once. */
static az_status intern(parser *self, const formula_token *token, int32_t *number)
{
    az_formula *formula = self->formula;
    bool is_name = token->kind != TOKEN_TEXT;
    char *string = token->kind == TOKEN_NAME ? az_arena_strndup(&formula->arena, self->text + token->begin,
                                                                (size_t)(token->end - token->begin))
                                             : az_formula_unquote(self->text, token, &formula->arena);
    if (!string) return AZ_ERROR_MEMORY;
    for (int32_t i = 0; i < formula->n_strings; i++)
        if (formula->is_name[i] == is_name && strcmp(formula->strings[i], string) == 0) {
            *number = i;
            return AZ_OK;
        }
    int32_t capacity = formula->strings_capacity;
    AZ_TRY(grow(&formula->strings, formula->n_strings, &capacity, sizeof *formula->strings));
    AZ_TRY(grow(&formula->is_name, formula->n_strings, &formula->strings_capacity, sizeof *formula->is_name));
    formula->strings[formula->n_strings] = string;
    formula->is_name[formula->n_strings] = is_name;
    *number = formula->n_strings++;
    return AZ_OK;
}

static az_status expression(parser *self, int binding);

static az_status wrong_count(const parser *self, const az_formula_operation *function, int32_t begin, int n)
{
    char wanted[40];
    if (function->max_arguments == function->min_arguments)
        snprintf(wanted, sizeof wanted, "%d", function->min_arguments);
    else
        snprintf(wanted, sizeof wanted, "%d to %d", function->min_arguments, function->max_arguments);
    return az_formula_error(AZ_ERROR_USAGE, self->text, begin, "%s takes %s argument%s, not %d: %s(%s) is %s",
                            function->name, wanted, function->max_arguments == 1 ? "" : "s", n, function->name,
                            function->arguments, function->meaning);
}

static az_status call(parser *self, const formula_token *name)
{
    char word[64];
    snprintf(word, sizeof word, "%.*s", name->end - name->begin < 63 ? name->end - name->begin : 63,
             self->text + name->begin);
    const az_formula_operation *function = az_formula_function(word);
    if (!function) {
        const char *nearest = az_nearest(word, az_formula_function_name, NULL);
        if (nearest)
            return az_formula_error(AZ_ERROR_USAGE, self->text, name->begin,
                                    "there is no function \"%s\"; did you mean \"%s\"?", word, nearest);
        return az_formula_error(AZ_ERROR_USAGE, self->text, name->begin,
                                "there is no function \"%s\"; a product needs its sign: %s*(...)", word, word);
    }
    int32_t open = self->token.begin, first = self->formula->n_nodes;
    int n = 0;
    AZ_TRY(advance(self));
    while (n > 0 || !at_sign(self, ")")) {
        AZ_TRY(expression(self, BINDING_OR));
        n++;
        if (!at_sign(self, ",")) break;
        if (n == AZ_FORMULA_ARGUMENTS) return wrong_count(self, function, name->begin, n + 1);
        AZ_TRY(advance(self));
    }
    if (!at_sign(self, ")")) return refuse_continuation(self, open);
    if (n < function->min_arguments || n > function->max_arguments) return wrong_count(self, function, name->begin, n);
    AZ_TRY(advance(self));
    return add_operation(self, function, name->begin, first, n);
}

static az_status prefix(parser *self, const char *sign, int binding)
{
    int32_t begin = self->token.begin, first = self->formula->n_nodes;
    AZ_TRY(advance(self));
    AZ_TRY(expression(self, binding));
    const az_formula_operation *operation = az_formula_operator(sign, 1);
    return operation ? add_operation(self, operation, begin, first, 1) : AZ_OK; /* a plus changes nothing */
}

static az_status operand(parser *self, int binding)
{
    formula_token token = self->token;
    az_formula_node node = {.begin = token.begin, .n_nodes = 1};
    switch (token.kind) {
    case TOKEN_NUMBER:
        node.kind = AZ_FORMULA_NUMBER;
        node.number = token.number;
        AZ_TRY(advance(self));
        return add_node(self, node);
    case TOKEN_NAME:
        if (at_word(self, "not")) {
            if (binding > BINDING_NOT)
                return az_formula_error(AZ_ERROR_USAGE, self->text, token.begin,
                                        "\"not\" binds less than what stands before it: put it in parentheses");
            return prefix(self, "not", BINDING_NOT);
        }
        if (at_word(self, "and") || at_word(self, "or")) return refuse_operand(self);
        AZ_TRY(advance(self));
        if (at_sign(self, "(")) return call(self, &token);
        break;
    case TOKEN_QUOTED_NAME:
    case TOKEN_TEXT: AZ_TRY(advance(self)); break;
    case TOKEN_SIGN:
        if (at_sign(self, "-")) return prefix(self, "-", BINDING_SIGN);
        if (at_sign(self, "+")) return prefix(self, "+", BINDING_SIGN);
        if (!at_sign(self, "(")) return refuse_operand(self);
        AZ_TRY(advance(self));
        AZ_TRY(expression(self, BINDING_OR));
        if (!at_sign(self, ")")) return refuse_continuation(self, token.begin);
        return advance(self);
    case TOKEN_END: return refuse_operand(self);
    }
    node.kind = token.kind == TOKEN_TEXT ? AZ_FORMULA_TEXT : AZ_FORMULA_NAME;
    AZ_TRY(intern(self, &token, &node.string));
    return add_node(self, node);
}

/* The operator between two operands that the token is, or NULL. */
static const az_formula_operation *infix(const parser *self)
{
    char word[8] = "";
    int length = self->token.end - self->token.begin;
    if ((self->token.kind != TOKEN_SIGN && self->token.kind != TOKEN_NAME) || length >= (int)sizeof word) return NULL;
    memcpy(word, self->text + self->token.begin, (size_t)length);
    return az_formula_operator(strcmp(word, "**") == 0 ? "^" : word, 2);
}

static az_status expression(parser *self, int binding)
{
    if (++self->depth > AZ_FORMULA_DEPTH)
        return az_formula_error(AZ_ERROR_USAGE, self->text, self->token.begin,
                                "more than %d parentheses, signs and powers stand within each other here",
                                AZ_FORMULA_DEPTH);
    int32_t first = self->formula->n_nodes;
    AZ_TRY(operand(self, binding));
    const az_formula_operation *operation;
    while ((operation = infix(self)) && operation->binding >= binding && operation->sort != AZ_FORMULA_IS_EQUATION) {
        int32_t begin = self->token.begin;
        AZ_TRY(advance(self));
        /* The right operand of a power may have a sign, and is a power first: 2^-x^2 is 2^(-(x^2)). */
        AZ_TRY(expression(self, operation->binding == BINDING_POWER ? BINDING_SIGN : operation->binding + 1));
        AZ_TRY(add_operation(self, operation, begin, first, 2));
        const az_formula_operation *next = infix(self);
        if (operation->binding == BINDING_COMPARISON && next && next->binding == BINDING_COMPARISON)
            return az_formula_error(AZ_ERROR_USAGE, self->text, self->token.begin,
                                    "comparisons do not chain; write: 0 < x and x < 1");
    }
    self->depth--;
    return AZ_OK;
}

/* "2", "-1e3", "inf" */
static az_status signed_number(parser *self, double *value)
{
    double sign = 1;
    if (at_sign(self, "-") || at_sign(self, "+")) {
        if (at_sign(self, "-")) sign = -1;
        AZ_TRY(advance(self));
    }
    if (self->token.kind == TOKEN_NUMBER)
        *value = sign * self->token.number;
    else if (at_word(self, "inf"))
        *value = sign * HUGE_VAL;
    else
        return az_formula_error(AZ_ERROR_USAGE, self->text, self->token.begin,
                                "a number is missing here: a parameter is written tau=2[0,10]");
    return advance(self);
}

static az_status expect(parser *self, const char *sign)
{
    if (!at_sign(self, sign))
        return az_formula_error(AZ_ERROR_USAGE, self->text, self->token.begin,
                                "\"%s\" is missing here: a parameter is written tau=2[0,10]", sign);
    return advance(self);
}

static const char *candidate_name(void *context, int64_t i)
{
    const az_formula *formula = context;
    /* Every second call is for a text: az_nearest ends at NULL, so a text stands in by the empty name. */
    return i >= formula->n_strings ? NULL : formula->is_name[i] ? formula->strings[i] : "";
}

static az_status parameter(parser *self)
{
    az_formula *formula = self->formula;
    formula_token name = self->token;
    az_formula_parameter made = {.start = NAN, .lower = -HUGE_VAL, .upper = HUGE_VAL};
    if (name.kind != TOKEN_NAME && name.kind != TOKEN_QUOTED_NAME)
        return az_formula_error(
            AZ_ERROR_USAGE, self->text, name.begin,
            "the name of a parameter is missing here: y = A*exp(-t/tau), tau=2[0,10] (decimals have a "
            "point)");
    int32_t n_before = formula->n_strings;
    AZ_TRY(intern(self, &name, &made.name));
    if (made.name >= n_before) {
        formula->n_strings = n_before;
        const char *word = formula->strings[n_before], *nearest = az_nearest(word, candidate_name, formula);
        return az_formula_error(AZ_ERROR_USAGE, self->text, name.begin, "\"%s\" does not stand in the formula%s%s%s",
                                word, nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    }
    for (int32_t i = 0; i < formula->n_parameters; i++)
        if (formula->parameters[i].name == made.name)
            return az_formula_error(AZ_ERROR_USAGE, self->text, name.begin, "\"%s\" is given twice",
                                    formula->strings[made.name]);
    AZ_TRY(advance(self));
    if (!at_sign(self, "[")) {
        AZ_TRY(expect(self, "="));
        AZ_TRY(signed_number(self, &made.start));
        if (isinf(made.start))
            return az_formula_error(AZ_ERROR_USAGE, self->text, self->previous.begin, "a start is a finite number");
    }
    if (at_sign(self, "[")) {
        int32_t begin = self->token.begin;
        AZ_TRY(advance(self));
        AZ_TRY(signed_number(self, &made.lower));
        AZ_TRY(expect(self, ","));
        AZ_TRY(signed_number(self, &made.upper));
        AZ_TRY(expect(self, "]"));
        if (!(made.lower < made.upper))
            return az_formula_error(AZ_ERROR_USAGE, self->text, begin, "the lower bound is not below the upper one");
        if (made.start < made.lower || made.start > made.upper)
            return az_formula_error(AZ_ERROR_USAGE, self->text, begin, "the start is not within these bounds");
    }
    AZ_TRY(
        grow(&formula->parameters, formula->n_parameters, &formula->parameters_capacity, sizeof *formula->parameters));
    formula->parameters[formula->n_parameters++] = made;
    return AZ_OK;
}

static az_status whole(parser *self)
{
    AZ_TRY(az_formula_token(self->text, 0, &self->token));
    AZ_TRY(expression(self, BINDING_OR));
    if (at_sign(self, "=")) {
        int32_t begin = self->token.begin;
        AZ_TRY(advance(self));
        AZ_TRY(expression(self, BINDING_OR));
        AZ_TRY(add_operation(self, az_formula_operator("=", 2), begin, 0, 2));
    }
    while (at_sign(self, ",")) {
        AZ_TRY(advance(self));
        AZ_TRY(parameter(self));
    }
    return self->token.kind == TOKEN_END ? AZ_OK : refuse_continuation(self, -1);
}

az_status az_formula_parse(az_formula **formula, const char *text)
{
    size_t length = strlen(text);
    if (length > AZ_FORMULA_LENGTH)
        return az_error(AZ_ERROR_USAGE, "a formula of %zu bytes is too long: %d are allowed", length,
                        AZ_FORMULA_LENGTH);
    for (size_t i = 0; i < length;) {
        size_t n = az_utf8_length(text + i, length - i);
        if (n == 0)
            return az_formula_error(AZ_ERROR_USAGE, text, (int64_t)i, "the formula is not UTF-8 text from here on");
        i += n;
    }
    az_formula *made;
    AZ_TRY(AZ_NEW_ZERO(made));
    made->text = az_strdup(text);
    az_status status = made->text ? AZ_OK : AZ_ERROR_MEMORY;
    parser self = {.formula = made, .text = made->text};
    if (!status) status = whole(&self);
    if (status)
        az_formula_free(made);
    else
        *formula = made;
    return status;
}

void az_formula_free(az_formula *formula)
{
    if (!formula) return;
    az_free(formula->text);
    az_free(formula->nodes);
    az_free(formula->parameters);
    az_free(formula->strings);
    az_free(formula->is_name);
    az_arena_free(&formula->arena);
    az_free(formula);
}
