/* SPDX-License-Identifier: BSD-3-Clause */
/* A few columns for formulas: numbers from arrays, a column of texts, a column of times in days. */
#ifndef TESTS_FORMULA_COLUMNS_H
#define TESTS_FORMULA_COLUMNS_H

#include "formula/formula.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { MAX_TEST_COLUMNS = 16 };

typedef struct test_columns {
    int64_t n_columns;
    const char *names[MAX_TEST_COLUMNS];
    az_formula_type types[MAX_TEST_COLUMNS];
    const double *numbers[MAX_TEST_COLUMNS];
    const char *const *texts[MAX_TEST_COLUMNS];
} test_columns;

static const char *test_name(void *user, int64_t column)
{
    const test_columns *self = user;
    return column < self->n_columns ? self->names[column] : NULL;
}

static int64_t test_find(void *user, const char *name)
{
    const test_columns *self = user;
    for (int64_t j = 0; j < self->n_columns; j++)
        if (strcmp(self->names[j], name) == 0) return j;
    return -1;
}

static az_formula_type test_type(void *user, int64_t column)
{
    return ((const test_columns *)user)->types[column];
}

static void test_numbers(void *user, int64_t column, int64_t first, int64_t n_rows, double *values)
{
    memcpy(values, ((const test_columns *)user)->numbers[column] + first, (size_t)n_rows * sizeof *values);
}

static const char *test_text(void *user, int64_t column, int64_t row)
{
    return ((const test_columns *)user)->texts[column][row];
}

/* The only dates of this calendar: "2000-01-01" is day 0 and "2000-01-31" day 30. */
static bool test_date(void *user, int64_t column, const char *text, double *value)
{
    (void)user, (void)column;
    *value = strcmp(text, "2000-01-31") == 0 ? 30 : 0;
    return *value > 0 || strcmp(text, "2000-01-01") == 0;
}

static bool test_same_unit(void *user, int64_t a, int64_t b)
{
    (void)user;
    return a == b;
}

static double test_part(void *user, int64_t column, double value, az_formula_part part)
{
    (void)user, (void)column;
    return part == AZ_FORMULA_DAY ? floor(value) + 1 : part == AZ_FORMULA_MONTH ? 1 : 2000;
}

static inline az_formula_columns test_columns_of(test_columns *columns)
{
    return (az_formula_columns){columns,      "the table", test_name, test_find,      test_type,
                                test_numbers, test_text,   test_date, test_same_unit, test_part};
}

#endif
