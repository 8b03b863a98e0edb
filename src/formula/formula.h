/* SPDX-License-Identifier: BSD-3-Clause */
/* The equation language: infix formulas over named quantities.  Text to tree, tree to text, evaluation on columns.
 *
 *   y = A*exp(-t/tau)*cos(w*t + phi) + c, tau=2[0,10]
 *   depth > 10 and ocean != "INLAND"
 *   u_t + u*u_x = nu*u_xx
 *
 * From what binds least to what binds most:
 *   =                       one equation, at the top
 *   or, and, not            1 and 0; missing as in SQL: 0 and missing is 0, 1 or missing is 1
 *   < <= > >= == !=         one comparison, no chain; texts in double quotes, dates as texts
 *   + -, then * /           from left to right
 *   - +                     before an operand
 *   ^ (also **)             from right to left: -x^2 is -(x^2), 2^-x is 2^(-x)
 * and functions f(x, y), names (letters, digits, _, dots before a letter: const.c; others in backquotes) and decimal
 * numbers.  After the formula, separated by commas, the start and the bounds of free parameters: tau=2[0,10], c[0,inf].
 */
#ifndef AZ_FORMULA_FORMULA_H
#define AZ_FORMULA_FORMULA_H

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"

enum {
    AZ_FORMULA_DEPTH = 200,      /* of parentheses, signs and powers within each other */
    AZ_FORMULA_ARGUMENTS = 64,   /* of one function */
    AZ_FORMULA_LENGTH = 1 << 16, /* bytes */
    AZ_FORMULA_BLOCK = 512       /* rows that are evaluated at a time: the columns of a formula stay in the cache */
};

/* What an operation does with texts and times; most know numbers only. */
typedef enum az_formula_sort {
    AZ_FORMULA_OF_NUMBERS,
    AZ_FORMULA_EQUATES,       /* == and !=: two numbers, two texts, a time and a date */
    AZ_FORMULA_ORDERS,        /* < <= > >=: two numbers, a time and a date */
    AZ_FORMULA_TESTS_MISSING, /* is_missing: anything */
    AZ_FORMULA_OF_TIME,       /* a part of the date: one time */
    AZ_FORMULA_IS_EQUATION
} az_formula_sort;

typedef enum az_formula_part {
    AZ_FORMULA_YEAR,
    AZ_FORMULA_MONTH,
    AZ_FORMULA_DAY,
    AZ_FORMULA_DAY_OF_YEAR,
    AZ_FORMULA_HOUR
} az_formula_part;

/* An operator or a function: one line in the table of operations.c. */
typedef struct az_formula_operation {
    const char *name;
    int min_arguments, max_arguments;
    int binding; /* of an operator: the higher, the tighter; 0: a function, written name(...) */
    az_formula_sort sort;
    az_formula_part part; /* AZ_FORMULA_OF_TIME */
    /* n_rows values of each argument; the result replaces the first.  NaN is missing.  NULL: done by evaluate.c. */
    void (*evaluate)(double *const *arguments, int n_arguments, int64_t n_rows);
    const char *arguments; /* of a function, as help shows them: "x, y" */
    const char *meaning;
} az_formula_operation;
extern const az_formula_operation az_formula_operations[]; /* a NULL name ends */

/* Numbers that have names: pi, e and those of physics (constants.c). */
typedef struct az_formula_constant {
    const char *name;
    double value, uncertainty; /* one standard deviation, 0: exact */
    const char *unit, *meaning;
} az_formula_constant;
extern const az_formula_constant az_formula_constants[];               /* a NULL name ends */
const az_formula_constant *az_formula_constant_find(const char *name); /* NULL: none */

typedef enum az_formula_kind { AZ_FORMULA_NUMBER, AZ_FORMULA_TEXT, AZ_FORMULA_NAME, AZ_FORMULA_APPLY } az_formula_kind;

/* A tree is one flat array in postorder: the arguments of a node stand before it, the root is the last, the subtree of
 * node i is the nodes i - n_nodes + 1 .. i.  So it is evaluated, compared and copied by one loop. */
typedef struct az_formula_node {
    az_formula_kind kind;
    int32_t n_nodes;     /* of the subtree */
    int32_t n_arguments; /* of an operation */
    int32_t begin;       /* where it stands in the text, for messages: an operator's own sign */
    double number;       /* finite and not negative: a sign is an operation */
    int32_t string;      /* of a text or a name: index into strings */
    const az_formula_operation *operation;
} az_formula_node;

typedef struct az_formula_parameter {
    int32_t name;               /* index into strings */
    double start, lower, upper; /* NaN: no start; -inf, inf: no bound */
} az_formula_parameter;

typedef struct az_formula {
    char *text; /* as it was given */
    az_formula_node *nodes;
    az_formula_parameter *parameters;
    char **strings; /* names and texts, each once; strings[i] is a name if is_name[i] */
    bool *is_name;
    int32_t n_nodes, n_parameters, n_strings;
    int32_t nodes_capacity, parameters_capacity, strings_capacity;
    az_arena arena;
} az_formula;

/* Parses one formula.  AZ_ERROR_USAGE: a line that says what was expected, then the formula and a caret under the wrong
 * character. */
az_status az_formula_parse(az_formula **formula, const char *text);
void az_formula_free(az_formula *formula); /* NULL is allowed */

/* "a = b; c = d" cut at the semicolons that are in no quotes; empty pieces are left out.  One allocation: az_free it.
 */
az_status az_formula_split(const char *list, char ***pieces, int64_t *n_pieces);

/* The formula as text with no more parentheses than it needs and the shortest numbers: parsing it gives an equal tree.
 */
az_status az_formula_print(const az_formula *formula, az_text *text);
bool az_formula_equal(const az_formula *a, const az_formula *b);

/* The sides of an equation, as numbers of nodes; left is -1 where there is no equation. */
void az_formula_sides(const az_formula *formula, int32_t *left, int32_t *right);
/* The name that node is, or NULL. */
const char *az_formula_name(const az_formula *formula, int32_t node);
/* Whether the subtree of `node` mentions the name. */
bool az_formula_mentions(const az_formula *formula, int32_t node, const char *name);

/* The names of the formula and its parameters that are neither constants nor known to the caller (NULL: none are): the
 * free parameters.  In order of appearance; *names is one allocation, the strings belong to the formula. */
az_status az_formula_names(const az_formula *formula, bool (*is_known)(void *user, const char *name), void *user,
                           const char ***names, int64_t *n_names);

/* Sets the error: the sentence, then the formula with a caret under the byte at `position`. */
az_status az_formula_error(az_status status, const char *text, int64_t position, const char *format, ...)
    AZ_PRINTF(4, 5);

/* Columns as the evaluation sees them. */
typedef enum az_formula_type { AZ_FORMULA_NUMBERS, AZ_FORMULA_TEXTS, AZ_FORMULA_TIMES } az_formula_type;
typedef struct az_formula_columns {
    void *user;
    const char *what;                                /* for messages: "housing.csv" */
    const char *(*name)(void *user, int64_t column); /* NULL: past the last */
    int64_t (*find)(void *user, const char *name);   /* -1: none */
    az_formula_type (*type)(void *user, int64_t column);
    /* Rows first .. first + n_rows - 1 of numbers or times. */
    void (*numbers)(void *user, int64_t column, int64_t first, int64_t n_rows, double *values);
    const char *(*text)(void *user, int64_t column, int64_t row); /* NULL: missing */
    /* The number in a time column of a date; false: it is no date (of the column's calendar). */
    bool (*date)(void *user, int64_t column, const char *text, double *value);
    bool (*same_unit)(void *user, int64_t a, int64_t b); /* two time columns count the same from the same day */
    double (*part)(void *user, int64_t column, double value, az_formula_part part);
} az_formula_columns;

/* A formula tied to columns: which column each name is, which types meet.  Borrows both. */
typedef struct az_formula_program az_formula_program;

/* The subtree of `node`.  A column goes before a constant of the same name.  AZ_ERROR_DATA: a name that is neither,
 * with the nearest; AZ_ERROR_USAGE: texts, times and numbers that do not go together.  Both with a caret. */
az_status az_formula_bind(az_formula_program **program, const az_formula *formula, int32_t node,
                          const az_formula_columns *columns);
void az_formula_program_free(az_formula_program *program);

/* Numbers of memory that evaluation needs besides. */
int64_t az_formula_scratch(const az_formula_program *program);
/* At most AZ_FORMULA_BLOCK rows; a program may be run by several threads, each with its own scratch.  inputs_missing
 * (NULL: not asked): 1 where a column that the formula reads is missing. */
void az_formula_evaluate(const az_formula_program *program, int64_t first, int64_t n_rows, double *scratch,
                         double *values, unsigned char *inputs_missing);

#endif
