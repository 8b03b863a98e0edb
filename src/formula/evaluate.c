/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a program on a block of rows: a stack of columns, each operation on whole columns. */
#include "formula/program.h"

#include <math.h>

int64_t az_formula_scratch(const az_formula_program *program)
{
    return (int64_t)program->depth * AZ_FORMULA_BLOCK;
}

static void compare_texts(const formula_step *step, const az_formula_columns *columns, int64_t first, int64_t n_rows,
                          double *values)
{
    for (int64_t i = 0; i < n_rows; i++) {
        const char *a = columns->text(columns->user, step->column, first + i), *b = step->text;
        if (step->kind == STEP_TEXTS_ARE) b = columns->text(columns->user, step->other, first + i);
        values[i] = a && b ? (strcmp(a, b) == 0) != step->negated : NAN;
    }
}

static void mark_missing(const double *values, int64_t n_rows, unsigned char *missing)
{
    if (!missing) return;
    for (int64_t i = 0; i < n_rows; i++)
        if (isnan(values[i])) missing[i] = 1;
}

/* A step that puts a new column on the stack. */
static void put(const az_formula_program *program, const formula_step *step, int64_t first, int64_t n_rows,
                double *values, unsigned char *missing)
{
    const az_formula_columns *columns = program->columns;
    switch (step->kind) {
    case STEP_NUMBER:
        for (int64_t i = 0; i < n_rows; i++) values[i] = step->number;
        break;
    case STEP_COLUMN:
        columns->numbers(columns->user, step->column, first, n_rows, values);
        mark_missing(values, n_rows, missing);
        break;
    case STEP_TEXT_IS:
    case STEP_TEXTS_ARE:
        compare_texts(step, columns, first, n_rows, values);
        mark_missing(values, n_rows, missing);
        break;
    case STEP_TEXT_MISSING:
        for (int64_t i = 0; i < n_rows; i++) values[i] = !columns->text(columns->user, step->column, first + i);
        break;
    case STEP_PART:
        columns->numbers(columns->user, step->column, first, n_rows, values);
        mark_missing(values, n_rows, missing);
        for (int64_t i = 0; i < n_rows; i++)
            if (!isnan(values[i]))
                values[i] = columns->part(columns->user, step->column, values[i], step->operation->part);
        break;
    case STEP_APPLY: break;
    }
}

void az_formula_evaluate(const az_formula_program *program, int64_t first, int64_t n_rows, double *scratch,
                         double *values, unsigned char *inputs_missing)
{
    int32_t depth = 0;
    if (inputs_missing) memset(inputs_missing, 0, (size_t)n_rows);
    for (int32_t i = 0; i < program->n_steps; i++) {
        const formula_step *step = &program->steps[i];
        if (step->kind != STEP_APPLY) {
            put(program, step, first, n_rows, scratch + (int64_t)depth++ * AZ_FORMULA_BLOCK, inputs_missing);
            continue;
        }
        double *arguments[AZ_FORMULA_ARGUMENTS];
        depth -= step->n_arguments;
        for (int k = 0; k < step->n_arguments; k++) arguments[k] = scratch + (int64_t)(depth + k) * AZ_FORMULA_BLOCK;
        step->operation->evaluate(arguments, step->n_arguments, n_rows);
        depth++;
    }
    memcpy(values, scratch, (size_t)n_rows * sizeof *values);
}
