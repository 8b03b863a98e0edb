/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameter tables: every field of an options struct named once, for the command line, --help, the manual, model files
 * and bindings. */
#ifndef AZ_BASE_PARAM_H
#define AZ_BASE_PARAM_H

#include "base/json_write.h"
#include "base/memory.h"
#include <math.h>

typedef enum az_param_type { AZ_PARAM_REAL, AZ_PARAM_INT, AZ_PARAM_BOOL, AZ_PARAM_CHOICE, AZ_PARAM_TEXT } az_param_type;

#define AZ_PARAM_TEXT_SIZE 256

typedef struct az_param {
    const char *name;     /* scikit-learn's where one exists; "_" is also accepted as "-" on the command line */
    az_param_type type;
    size_t offset;
    double initial;       /* default; bool 0/1; choice: index into choices; text: "" unless initial_text */
    double lower, upper;  /* inclusive range of reals and ints (INFINITY: open) */
    const char *help;     /* one line of meaning, with the unit */
    const char *choices;  /* "auto|svd|cholesky" */
    const char *aliases;  /* "lambda,reg_lambda" */
    const char *differs;  /* where name or default differ from scikit-learn's, and why; NULL: same */
    const char *initial_text;
    const char *formerly; /* its name in older model files, which load for ever; NULL: the same */
} az_param;

/* AZ_PARAM(struct, field, default, lower, upper, help, .aliases = "..."): the type is read off the field: double,
 * int64_t or bool; int32_t is a choice (AZ_CHOICE), char[AZ_PARAM_TEXT_SIZE] a text (AZ_TEXT). */
#define AZ_PARAM(struct_type, field, initial_, lower_, upper_, help_, ...)                                 \
    {.name = #field,                                                                                       \
     .type = _Generic(((struct_type *)0)->field, double: AZ_PARAM_REAL, int64_t: AZ_PARAM_INT, bool: AZ_PARAM_BOOL), \
     .offset = offsetof(struct_type, field), .initial = (initial_), .lower = (lower_), .upper = (upper_),  \
     .help = (help_), __VA_ARGS__}
#define AZ_CHOICE(struct_type, field, initial_, choices_, help_, ...)                                      \
    {.name = #field, .type = AZ_PARAM_CHOICE, .offset = offsetof(struct_type, field), .initial = (initial_), \
     .choices = (choices_), .help = (help_), __VA_ARGS__}
#define AZ_TEXT(struct_type, field, initial_, help_, ...)                                                  \
    {.name = #field, .type = AZ_PARAM_TEXT, .offset = offsetof(struct_type, field), .initial_text = (initial_), \
     .help = (help_), __VA_ARGS__}
#define AZ_PARAM_END {.name = NULL}

void az_params_default(const az_param *params, void *options);
/* Sets one parameter from text; name or alias, "-" for "_".  *found is false (and AZ_OK) if the table has no such name.
 * AZ_ERROR_USAGE: not a number, out of range, no such choice: tells what is allowed. */
az_status az_params_set(const az_param *params, void *options, const char *name, const char *value, bool *found);
/* As az_params_set, with AZ_ERROR_USAGE and the nearest name when there is none; `owner` names the model. */
az_status az_params_set_strict(const az_param *params, void *options, const char *name, const char *value,
                               const char *owner);
void az_params_print(const az_param *params, const void *options, az_json *json); /* key: value, in table order */
az_status az_param_value_text(const az_param *param, const void *options, char *buffer, size_t size);
const az_param *az_param_find(const az_param *params, const char *name_or_alias);

#endif
