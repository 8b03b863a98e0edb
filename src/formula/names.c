/* SPDX-License-Identifier: BSD-3-Clause */
/* Questions about a tree: its sides, its names, whether it equals another. */
#include "formula/parts.h"

static bool same_number(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_node(const az_formula *a, const az_formula *b, int32_t i)
{
    const az_formula_node *x = &a->nodes[i], *y = &b->nodes[i];
    if (x->kind != y->kind || x->n_nodes != y->n_nodes || x->n_arguments != y->n_arguments) return false;
    switch (x->kind) {
    case AZ_FORMULA_NUMBER: return same_number(x->number, y->number);
    case AZ_FORMULA_APPLY: return x->operation == y->operation;
    case AZ_FORMULA_TEXT:
    case AZ_FORMULA_NAME: return strcmp(a->strings[x->string], b->strings[y->string]) == 0;
    }
    return false;
}

bool az_formula_equal(const az_formula *a, const az_formula *b)
{
    if (a->n_nodes != b->n_nodes || a->n_parameters != b->n_parameters) return false;
    for (int32_t i = 0; i < a->n_nodes; i++)
        if (!same_node(a, b, i)) return false;
    for (int32_t i = 0; i < a->n_parameters; i++) {
        const az_formula_parameter *x = &a->parameters[i], *y = &b->parameters[i];
        if (strcmp(a->strings[x->name], b->strings[y->name]) != 0 || !same_number(x->start, y->start) ||
            !same_number(x->lower, y->lower) || !same_number(x->upper, y->upper))
            return false;
    }
    return true;
}

void az_formula_sides(const az_formula *formula, int32_t *left, int32_t *right)
{
    int32_t root = formula->n_nodes - 1;
    const az_formula_node *node = &formula->nodes[root];
    bool equation = node->kind == AZ_FORMULA_APPLY && node->operation->sort == AZ_FORMULA_IS_EQUATION;
    *right = equation ? root - 1 : root;
    *left = equation ? root - 1 - formula->nodes[root - 1].n_nodes : -1;
}

const char *az_formula_name(const az_formula *formula, int32_t node)
{
    const az_formula_node *at = &formula->nodes[node];
    return at->kind == AZ_FORMULA_NAME ? formula->strings[at->string] : NULL;
}

bool az_formula_mentions(const az_formula *formula, int32_t node, const char *name)
{
    for (int32_t i = node - formula->nodes[node].n_nodes + 1; i <= node; i++) {
        const char *here = az_formula_name(formula, i);
        if (here && strcmp(here, name) == 0) return true;
    }
    return false;
}

az_status az_formula_names(const az_formula *formula, bool (*is_known)(void *user, const char *name), void *user,
                           const char ***names, int64_t *n_names)
{
    const char **made;
    AZ_TRY(AZ_NEW_ARRAY(made, formula->n_strings));
    int64_t n = 0;
    for (int32_t i = 0; i < formula->n_strings; i++) {
        const char *name = formula->strings[i];
        if (!formula->is_name[i] || az_formula_constant_find(name)) continue;
        if (!is_known || !is_known(user, name)) made[n++] = name;
    }
    *names = made;
    *n_names = n;
    return AZ_OK;
}

/* The end of the piece that begins at `at`: the next semicolon in no quotes, or the end of the list. */
static size_t piece_end(const char *list, size_t at)
{
    while (list[at] && list[at] != ';') {
        int64_t end = strchr("\"'`", list[at]) ? az_formula_quote_end(list, (int64_t)at) : -1;
        at = end > 0 ? (size_t)end : at + 1;
    }
    return at;
}

az_status az_formula_split(const char *list, char ***pieces, int64_t *n_pieces)
{
    size_t length = strlen(list), n_most = 1;
    for (size_t i = 0; i < length; i++) n_most += list[i] == ';';
    char **made = az_alloc(n_most * sizeof *made + length + 1);
    if (!made) return AZ_ERROR_MEMORY;
    char *copy = (char *)(made + n_most);
    memcpy(copy, list, length + 1);
    int64_t n = 0;
    for (size_t at = 0; at < length;) {
        size_t end = piece_end(list, at), begin = at + strspn(list + at, " \t\r\n"), last = end;
        while (last > begin && strchr(" \t\r\n", list[last - 1])) last--;
        copy[last] = 0;
        if (last > begin) made[n++] = copy + begin;
        at = end + 1;
    }
    *pieces = made;
    *n_pieces = n;
    return AZ_OK;
}
