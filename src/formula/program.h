/* SPDX-License-Identifier: BSD-3-Clause */
/* A formula tied to columns, as bind.c makes it and evaluate.c runs it. */
#ifndef AZ_FORMULA_PROGRAM_H
#define AZ_FORMULA_PROGRAM_H

#include "formula/parts.h"

typedef enum formula_step_kind {
    STEP_NUMBER,       /* puts a number on the stack */
    STEP_COLUMN,       /* puts a column of numbers or times */
    STEP_TEXT_IS,      /* puts 1 where a text column is `text`, or not (negated) */
    STEP_TEXTS_ARE,    /* the same for two text columns */
    STEP_TEXT_MISSING, /* puts 1 where a text column is missing */
    STEP_PART,         /* puts a part of the date of a time column */
    STEP_APPLY         /* puts the result of an operation in place of its arguments */
} formula_step_kind;

typedef struct formula_step {
    formula_step_kind kind;
    double number;
    int64_t column, other;
    const char *text;
    bool negated;
    int n_arguments;
    const az_formula_operation *operation;
} formula_step;

struct az_formula_program {
    const az_formula_columns *columns;
    formula_step *steps;
    int32_t n_steps;
    int32_t depth; /* of the stack */
};

#endif
