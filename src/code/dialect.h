/* SPDX-License-Identifier: BSD-3-Clause */
/* What a language is to the writer; nobody outside this room includes it. */
#ifndef AZ_CODE_DIALECT_H
#define AZ_CODE_DIALECT_H

#include "code/code.h"

enum { AZ_CODE_MOST_ARGUMENTS = 8, AZ_CODE_MOST_DEPTH = 16, AZ_CODE_MOST_VARIABLES = 16 };

/* Statements; $1, $2, ... are what stands in them, already translated. */
typedef enum az_form {
    AZ_FORM_FOR,      /* $1 from $2 to below $3 */
    AZ_FORM_FOR_STEP, /* ... in steps of $4 */
    AZ_FORM_WHILE,
    AZ_FORM_IF,
    AZ_FORM_ELSE_IF,
    AZ_FORM_ELSE,
    AZ_FORM_SET,
    AZ_FORM_ADD,
    AZ_FORM_MULTIPLY,
    AZ_FORM_CALL,
    AZ_FORM_IGNORE,
    AZ_FORM_RETURN,
    AZ_FORM_END_FOR, /* of WHILE, too */
    AZ_FORM_END_IF,
    AZ_N_FORMS
} az_form;

typedef struct az_code_argument {
    bool out, real;
    char name[AZ_CODE_NAME_MAX];
    char extent[AZ_CODE_NAME_MAX]; /* "": not an array */
} az_code_argument;

typedef struct az_code_procedure {
    bool public, function;
    char name[2 * AZ_CODE_NAME_MAX];
    int n_arguments, n_variables;
    az_code_argument arguments[AZ_CODE_MOST_ARGUMENTS];
    char variables[AZ_CODE_MOST_VARIABLES][AZ_CODE_NAME_MAX]; /* of loops */
    az_text comment, declarations, body;
} az_code_procedure;

typedef struct az_dialect {
    const char *name, *title, *ending;
    int64_t most_numbers;          /* that compilers take; see the values */
    const char *const (*words)[2]; /* names and operators that are others here; {NULL, NULL} ends */
    const char *real_suffix;
    const char *forms[AZ_N_FORMS];
    void (*comment)(az_text *text, const char *line);
    void (*usage)(az_code *code); /* remarks */
    void (*constant)(az_text *text, const char *name, int64_t value);
    /* One of reals and integers. */
    void (*table)(az_text *text, const char *name, const double *reals, const int32_t *integers, int64_t n);
    void (*declare)(az_text *text, bool real, const char *list); /* "sum, part[4]" */
    void (*procedure)(az_text *text, const az_code_procedure *procedure);
    void (*file)(const struct az_code *code, az_text *text);
} az_dialect;

extern const az_dialect az_dialect_c, az_dialect_fortran;

struct az_code {
    const az_dialect *dialect;
    char name[AZ_CODE_NAME_MAX];
    bool testing;
    bool broken; /* text that is not of the neutral language */
    bool not_finite;
    az_status failed;
    int64_t n_numbers;
    int depth;
    az_form open[AZ_CODE_MOST_DEPTH];
    az_code_procedure procedure;      /* the one being written */
    az_text remarks, interface;       /* interface: names of public procedures, separated by blanks */
    az_text tables[2], procedures[2]; /* of the program and of its test */
};

/* Puts one line of the neutral language, without blanks around it, into its procedure; false: it is none. */
bool az_code_statement(az_code *code, const char *line, size_t length);

/* So many numbers to a line, commas between them. */
void az_code_list(az_text *text, const double *reals, const int32_t *integers, int64_t n, const char *suffix,
                  const char *line_end);

#endif
