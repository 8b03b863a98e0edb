/* SPDX-License-Identifier: BSD-3-Clause */
/* Tree to text. */
#include "formula/parts.h"

#include <math.h>

static void append_quoted(az_text *text, const char *string, char quote)
{
    az_text_append_n(text, &quote, 1);
    for (; *string; string++) {
        if (*string == quote) az_text_append_n(text, &quote, 1);
        az_text_append_n(text, string, 1);
    }
    az_text_append_n(text, &quote, 1);
}

/* A name that could be read as something else stands in backquotes. */
static void append_name(az_text *text, const char *name)
{
    if (az_formula_is_plain_name(name))
        az_text_append(text, name);
    else
        append_quoted(text, name, '`');
}

static int binding_of(const az_formula_node *node)
{
    return node->kind == AZ_FORMULA_APPLY && node->operation->binding ? node->operation->binding : BINDING_ATOM;
}

/* How tightly argument k of an operator has to bind to stand without parentheses. */
static int wanted_binding(const az_formula_operation *operation, int n_arguments, int k)
{
    int binding = operation->binding;
    if (binding == 0 || binding == BINDING_EQUATION) return BINDING_OR;
    if (n_arguments == 1) return binding;
    if (binding == BINDING_POWER) return k == 0 ? BINDING_ATOM : BINDING_SIGN;
    if (binding == BINDING_COMPARISON) return binding + 1;
    return k == 0 ? binding : binding + 1;
}

/* A node on the way down: which of its arguments comes next. */
typedef struct visit {
    int32_t node;
    int next;
    bool parentheses;
} visit;

static void append_leaf(const az_formula *formula, const az_formula_node *node, az_text *text)
{
    if (node->kind == AZ_FORMULA_NUMBER)
        az_text_number(text, node->number);
    else if (node->kind == AZ_FORMULA_TEXT)
        append_quoted(text, formula->strings[node->string], '"');
    else
        append_name(text, formula->strings[node->string]);
}

/* What stands before argument k of an operation; k past the last: after all of them. */
static void append_between(const az_formula_node *node, int k, az_text *text)
{
    const az_formula_operation *operation = node->operation;
    int binding = operation->binding;
    if (binding == 0) {
        if (k == 0) az_text_append(text, operation->name);
        az_text_append(text, k == 0 ? "(" : k < node->n_arguments ? ", " : ")");
    } else if (node->n_arguments == 1) {
        if (k == 0) az_text_append(text, operation->name);
        if (k == 0 && binding == BINDING_NOT) az_text_append(text, " ");
    } else if (k == 1) {
        bool tight = binding == BINDING_PRODUCT || binding == BINDING_POWER;
        az_text_printf(text, tight ? "%s" : " %s ", operation->name);
    }
}

/* The root of argument k: the last argument stands right before the node, each other one before the next one's
 * subtree. */
static int32_t argument(const az_formula *formula, int32_t node, int k)
{
    int32_t at = node - 1;
    for (int j = formula->nodes[node].n_arguments - 1; j > k; j--) at -= formula->nodes[at].n_nodes;
    return at;
}

/* Without recursion: a sum of ten thousand terms is a tree ten thousand deep. */
static az_status print_tree(const az_formula *formula, az_text *text)
{
    visit *stack;
    AZ_TRY(AZ_NEW_ARRAY(stack, formula->n_nodes));
    int32_t depth = 0;
    stack[depth++] = (visit){.node = formula->n_nodes - 1};
    while (depth > 0) {
        visit *top = &stack[depth - 1];
        const az_formula_node *node = &formula->nodes[top->node];
        if (top->next == 0 && top->parentheses) az_text_append(text, "(");
        if (node->kind != AZ_FORMULA_APPLY)
            append_leaf(formula, node, text);
        else
            append_between(node, top->next, text);
        if (top->next < node->n_arguments) {
            int k = top->next++;
            int32_t child = argument(formula, top->node, k);
            bool parentheses =
                binding_of(&formula->nodes[child]) < wanted_binding(node->operation, node->n_arguments, k);
            stack[depth++] = (visit){.node = child, .parentheses = parentheses};
            continue;
        }
        if (top->parentheses) az_text_append(text, ")");
        depth--;
    }
    az_free(stack);
    return az_text_status(text);
}

az_status az_formula_print(const az_formula *formula, az_text *text)
{
    AZ_TRY(print_tree(formula, text));
    for (int32_t i = 0; i < formula->n_parameters; i++) {
        const az_formula_parameter *parameter = &formula->parameters[i];
        az_text_append(text, ", ");
        append_name(text, formula->strings[parameter->name]);
        if (!isnan(parameter->start)) {
            az_text_append(text, "=");
            az_text_number(text, parameter->start);
        }
        if (isinf(parameter->lower) && isinf(parameter->upper) && !isnan(parameter->start)) continue;
        az_text_append(text, "[");
        az_text_number(text, parameter->lower);
        az_text_append(text, ",");
        az_text_number(text, parameter->upper);
        az_text_append(text, "]");
    }
    return az_text_status(text);
}
