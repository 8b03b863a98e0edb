/* SPDX-License-Identifier: BSD-3-Clause */
/* Names to columns and constants, and which types may meet. */
#include "formula/program.h"

#include <math.h>

/* What a value on the stack of the program is, as far as it is known before there are rows. */
typedef struct operand {
    az_formula_type type;
    int32_t node;
    int32_t step;    /* that puts it there */
    int64_t column;  /* -1: none */
    bool is_literal; /* a text in quotes */
} operand;

typedef struct binder {
    const az_formula *formula;
    const az_formula_columns *columns;
    az_formula_program *program;
    operand *stack;
    int32_t n_operands;
} binder;

typedef struct known_names {
    const az_formula_columns *columns;
    int64_t n_columns;
} known_names;

/* Columns first, then constants. */
static const char *candidate(void *context, int64_t i)
{
    known_names *known = context;
    if (i < known->n_columns) return known->columns->name(known->columns->user, i);
    return az_formula_constants[i - known->n_columns].name;
}

static az_status refuse_name(const binder *self, const az_formula_node *node)
{
    const char *name = self->formula->strings[node->string], *text = self->formula->text;
    known_names known = {.columns = self->columns};
    while (self->columns->name(self->columns->user, known.n_columns)) known.n_columns++;
    if (az_formula_function(name))
        return az_formula_error(AZ_ERROR_DATA, text, node->begin,
                                "%s has no column \"%s\"; the function of that name is written %s(...)",
                                self->columns->what, name, name);
    const char *nearest = az_nearest(name, candidate, &known);
    if (nearest)
        return az_formula_error(AZ_ERROR_DATA, text, node->begin, "%s has no column \"%s\"; did you mean \"%s\"?",
                                self->columns->what, name, nearest);
    az_text names = {0};
    for (int64_t j = 0; j < known.n_columns && j < 12; j++)
        az_text_printf(&names, "%s%s", j ? ", " : "", candidate(&known, j));
    if (known.n_columns > 12) az_text_append(&names, ", ...");
    az_status status = az_text_status(&names);
    if (!status)
        status = az_formula_error(AZ_ERROR_DATA, text, node->begin, "%s has no column \"%s\"; its columns are %s",
                                  self->columns->what, name, names.data ? names.data : "none");
    az_text_free(&names);
    return status;
}

static void push(binder *self, operand made, formula_step step)
{
    made.step = self->program->n_steps;
    self->program->steps[self->program->n_steps++] = step;
    self->stack[self->n_operands++] = made;
    if (self->n_operands > self->program->depth) self->program->depth = self->n_operands;
}

static az_status bind_name(binder *self, int32_t i)
{
    const az_formula_node *node = &self->formula->nodes[i];
    const char *name = self->formula->strings[node->string];
    int64_t column = self->columns->find(self->columns->user, name);
    if (column >= 0) {
        push(self, (operand){.type = self->columns->type(self->columns->user, column), .node = i, .column = column},
             (formula_step){.kind = STEP_COLUMN, .column = column});
        return AZ_OK;
    }
    const az_formula_constant *constant = az_formula_constant_find(name);
    if (!constant) return refuse_name(self, node);
    push(self, (operand){.type = AZ_FORMULA_NUMBERS, .node = i, .column = -1},
         (formula_step){.kind = STEP_NUMBER, .number = constant->value});
    return AZ_OK;
}

static az_status refuse(const binder *self, int32_t node, const char *sentence)
{
    return az_formula_error(AZ_ERROR_USAGE, self->formula->text, self->formula->nodes[node].begin, "%s", sentence);
}

static az_status want_numbers(const binder *self, const operand *given, const az_formula_operation *operation)
{
    if (given->type != AZ_FORMULA_TEXTS) return AZ_OK;
    return az_formula_error(AZ_ERROR_USAGE, self->formula->text, self->formula->nodes[given->node].begin,
                            "%s a text, and \"%s\" works with numbers",
                            given->is_literal ? "this is" : "this column is", operation->name);
}

/* Both operands of a comparison of texts are leaves: their steps are the last two, and one takes their place. */
static void compare_texts(binder *self, const operand *a, const operand *b, bool negated)
{
    const operand *column = a->is_literal ? b : a, *other = a->is_literal ? a : b;
    formula_step step = {.kind = other->is_literal ? STEP_TEXT_IS : STEP_TEXTS_ARE,
                         .column = column->column,
                         .other = other->column,
                         .negated = negated};
    if (other->is_literal) step.text = self->formula->strings[self->formula->nodes[other->node].string];
    self->program->n_steps -= 2;
    self->program->steps[self->program->n_steps++] = step;
}

/* The literal becomes the number that the date is in the column's unit. */
static az_status read_date(binder *self, const operand *time, const operand *literal)
{
    const char *text = self->formula->strings[self->formula->nodes[literal->node].string];
    double value;
    if (!self->columns->date(self->columns->user, time->column, text, &value))
        return az_formula_error(AZ_ERROR_USAGE, self->formula->text, self->formula->nodes[literal->node].begin,
                                "\"%.60s\" is no date of the calendar of \"%s\"; dates are written \"2010-01-31\" or "
                                "\"2010-01-31T06:30\"",
                                text, self->columns->name(self->columns->user, time->column));
    self->program->steps[literal->step] = (formula_step){.kind = STEP_NUMBER, .number = value};
    return AZ_OK;
}

/* Sets *done where the comparison is one of texts, whose step stands already. */
static az_status bind_comparison(binder *self, const az_formula_node *node, int32_t at, bool *done)
{
    const operand *a = &self->stack[self->n_operands - 2], *b = &self->stack[self->n_operands - 1];
    bool a_time = a->type == AZ_FORMULA_TIMES, b_time = b->type == AZ_FORMULA_TIMES;
    bool a_text = a->type == AZ_FORMULA_TEXTS, b_text = b->type == AZ_FORMULA_TEXTS;
    if (a_time && b_time) {
        if (self->columns->same_unit(self->columns->user, a->column, b->column)) return AZ_OK;
        return refuse(self, at, "these two times are counted in different units");
    }
    if (a_time && b->is_literal) return read_date(self, a, b);
    if (b_time && a->is_literal) return read_date(self, b, a);
    if (a_time || b_time)
        return refuse(self, a_time ? b->node : a->node,
                      "a time is compared with a date in quotes: time >= \"2010-01-01\"");
    if (!a_text && !b_text) return AZ_OK;
    const operand *text = a_text ? a : b, *other = a_text ? b : a;
    if (text->is_literal && other->is_literal) return refuse(self, at, "one of the two has to be a column");
    if (!a_text || !b_text)
        return refuse(self, other->node,
                      text->is_literal ? "this is a number; a number is compared with a number, without quotes"
                                       : "this is a number, and it is compared with a column of texts; texts stand in "
                                         "double quotes");
    if (node->operation->sort == AZ_FORMULA_ORDERS)
        return refuse(self, at, "texts are equal (==) or not (!=); none is less than another");
    compare_texts(self, a, b, strcmp(node->operation->name, "!=") == 0);
    *done = true;
    return AZ_OK;
}

static az_status bind_operation(binder *self, int32_t i)
{
    const az_formula_node *node = &self->formula->nodes[i];
    const az_formula_operation *operation = node->operation;
    const operand *arguments = &self->stack[self->n_operands - node->n_arguments];
    bool done = false;
    switch (operation->sort) {
    case AZ_FORMULA_EQUATES:
    case AZ_FORMULA_ORDERS: AZ_TRY(bind_comparison(self, node, i, &done)); break;
    case AZ_FORMULA_TESTS_MISSING:
        if (arguments->is_literal) return refuse(self, arguments->node, "a text in quotes is never missing");
        if (arguments->type == AZ_FORMULA_TEXTS) {
            self->program->steps[arguments->step].kind = STEP_TEXT_MISSING;
            done = true;
        }
        break;
    case AZ_FORMULA_OF_TIME:
        if (arguments->type != AZ_FORMULA_TIMES)
            return az_formula_error(AZ_ERROR_USAGE, self->formula->text, self->formula->nodes[arguments->node].begin,
                                    "%s takes a column of times", operation->name);
        self->program->steps[arguments->step].kind = STEP_PART;
        self->program->steps[arguments->step].operation = operation;
        done = true;
        break;
    case AZ_FORMULA_IS_EQUATION: return refuse(self, i, "an equation has no value here; \"==\" compares");
    case AZ_FORMULA_OF_NUMBERS:
        for (int k = 0; k < node->n_arguments; k++) AZ_TRY(want_numbers(self, &arguments[k], operation));
        break;
    }
    self->n_operands -= node->n_arguments;
    operand result = {.type = AZ_FORMULA_NUMBERS, .node = i, .column = -1};
    if (!done) {
        push(self, result,
             (formula_step){.kind = STEP_APPLY, .operation = operation, .n_arguments = node->n_arguments});
    } else {
        result.step = self->program->n_steps - 1;
        self->stack[self->n_operands++] = result;
    }
    return AZ_OK;
}

static az_status bind_node(binder *self, int32_t i)
{
    const az_formula_node *node = &self->formula->nodes[i];
    switch (node->kind) {
    case AZ_FORMULA_NUMBER:
        push(self, (operand){.type = AZ_FORMULA_NUMBERS, .node = i, .column = -1},
             (formula_step){.kind = STEP_NUMBER, .number = node->number});
        return AZ_OK;
    case AZ_FORMULA_TEXT:
        push(self, (operand){.type = AZ_FORMULA_TEXTS, .node = i, .column = -1, .is_literal = true},
             (formula_step){.kind = STEP_NUMBER, .number = NAN});
        return AZ_OK;
    case AZ_FORMULA_NAME: return bind_name(self, i);
    case AZ_FORMULA_APPLY: return bind_operation(self, i);
    }
    return AZ_OK;
}

az_status az_formula_bind(az_formula_program **program, const az_formula *formula, int32_t node,
                          const az_formula_columns *columns)
{
    binder self = {.formula = formula, .columns = columns};
    int32_t first = node - formula->nodes[node].n_nodes + 1;
    az_status status;
    AZ_GOTO(AZ_NEW_ZERO(self.program));
    self.program->columns = columns;
    AZ_GOTO(AZ_NEW_ARRAY(self.program->steps, formula->nodes[node].n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(self.stack, formula->nodes[node].n_nodes));
    for (int32_t i = first; i <= node; i++) AZ_GOTO(bind_node(&self, i));
    if (self.stack[0].type == AZ_FORMULA_TEXTS) {
        status = refuse(&self, node, "the result of a formula is a number, and this is a text");
        goto done;
    }
    *program = self.program;
    self.program = NULL;
done:
    az_free(self.stack);
    az_formula_program_free(self.program);
    return status;
}

void az_formula_program_free(az_formula_program *program)
{
    if (!program) return;
    az_free(program->steps);
    az_free(program);
}
