/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/param.h"

#include "base/number.h"

#include <stdio.h>
#include <string.h>

/* Names are compared with "-" standing for "_": --max-iter and --max_iter are the same. */
static bool same_name(const char *a, const char *b, size_t length_b)
{
    size_t i = 0;
    for (; i < length_b && a[i]; i++) {
        char c = a[i] == '-' ? '_' : a[i];
        char d = b[i] == '-' ? '_' : b[i];
        if (c != d) return false;
    }
    return i == length_b && !a[i];
}

/* Is `name` one of the words of `words`, which are separated by `separator`?  Returns its index, or -1. */
static int find_word(const char *name, const char *words, char separator)
{
    if (!words) return -1;
    for (int i = 0;; i++) {
        const char *end = strchr(words, separator);
        size_t length = end ? (size_t)(end - words) : strlen(words);
        if (same_name(name, words, length)) return i;
        if (!end) return -1;
        words = end + 1;
    }
}

const az_param *az_param_find(const az_param *params, const char *name)
{
    if (!params) return NULL;
    for (const az_param *param = params; param->name; param++)
        if (same_name(name, param->name, strlen(param->name)) || find_word(name, param->aliases, ',') >= 0)
            return param;
    return NULL;
}

static void *field(const az_param *param, void *options)
{
    return (char *)options + param->offset;
}

static const void *const_field(const az_param *param, const void *options)
{
    return (const char *)options + param->offset;
}

void az_params_default(const az_param *params, void *options)
{
    if (!params) return;
    for (const az_param *param = params; param->name; param++) {
        void *at = field(param, options);
        switch (param->type) {
        case AZ_PARAM_REAL: *(double *)at = param->initial; break;
        case AZ_PARAM_INT: *(int64_t *)at = (int64_t)param->initial; break;
        case AZ_PARAM_BOOL: *(bool *)at = param->initial != 0; break;
        case AZ_PARAM_CHOICE: *(int32_t *)at = (int32_t)param->initial; break;
        case AZ_PARAM_TEXT: {
            const char *text = param->initial_text ? param->initial_text : "";
            memset(at, 0, AZ_PARAM_TEXT_SIZE);
            memcpy(at, text, strnlen(text, AZ_PARAM_TEXT_SIZE - 1));
            break;
        }
        }
    }
}

static az_status out_of_range(const az_param *param, const char *value)
{
    char lower[AZ_NUMBER_MAX], upper[AZ_NUMBER_MAX];
    az_print_double(lower, param->lower);
    az_print_double(upper, param->upper);
    if (isinf(param->upper) && isinf(param->lower))
        return az_error(AZ_ERROR_USAGE, "%s = %s: not a finite number", param->name, value);
    if (isinf(param->upper))
        return az_error(AZ_ERROR_USAGE, "%s = %s is out of range: it must be a finite number of at least %s",
                        param->name, value, lower);
    return az_error(AZ_ERROR_USAGE, "%s = %s is out of range: it must lie between %s and %s", param->name, value, lower,
                    upper);
}

static az_status set_value(const az_param *param, void *at, const char *value)
{
    switch (param->type) {
    case AZ_PARAM_REAL: {
        double number;
        if (!az_parse_double_string(value, &number))
            return az_error(AZ_ERROR_USAGE, "%s = %s: a number is needed", param->name, value);
        if (!isfinite(number) || number < param->lower || number > param->upper) return out_of_range(param, value);
        *(double *)at = number;
        return AZ_OK;
    }
    case AZ_PARAM_INT: {
        int64_t number;
        if (!az_parse_int_string(value, &number))
            return az_error(AZ_ERROR_USAGE, "%s = %s: a whole number is needed", param->name, value);
        if ((double)number < param->lower || (double)number > param->upper) return out_of_range(param, value);
        *(int64_t *)at = number;
        return AZ_OK;
    }
    case AZ_PARAM_BOOL: {
        static const char yes[] = "true,1,yes,on", no[] = "false,0,no,off";
        bool is_yes = find_word(value, yes, ',') >= 0;
        if (!is_yes && find_word(value, no, ',') < 0)
            return az_error(AZ_ERROR_USAGE, "%s = %s: true or false is needed", param->name, value);
        *(bool *)at = is_yes;
        return AZ_OK;
    }
    case AZ_PARAM_CHOICE: {
        int choice = find_word(value, param->choices, '|');
        if (choice < 0)
            return az_error(AZ_ERROR_USAGE, "%s = %s: it must be one of %s", param->name, value, param->choices);
        *(int32_t *)at = choice;
        return AZ_OK;
    }
    case AZ_PARAM_TEXT: {
        size_t length = strlen(value);
        if (length >= AZ_PARAM_TEXT_SIZE)
            return az_error(AZ_ERROR_USAGE, "%s: the text is longer than %d characters", param->name,
                            AZ_PARAM_TEXT_SIZE - 1);
        memset(at, 0, AZ_PARAM_TEXT_SIZE);
        memcpy(at, value, length);
        return AZ_OK;
    }
    }
    return az_error(AZ_ERROR_INTERNAL, "%s: unknown type of parameter", param->name);
}

az_status az_params_set(const az_param *params, void *options, const char *name, const char *value, bool *found)
{
    const az_param *param = az_param_find(params, name);
    *found = param != NULL;
    return param ? set_value(param, field(param, options), value) : AZ_OK;
}

static const char *candidate_name(void *context, int64_t i)
{
    return ((const az_param *)context)[i].name;
}

az_status az_params_set_strict(const az_param *params, void *options, const char *name, const char *value,
                               const char *owner)
{
    bool found;
    AZ_TRY(az_params_set(params, options, name, value, &found));
    if (found) return AZ_OK;
    const char *near = params ? az_nearest(name, candidate_name, (void *)(uintptr_t)params) : NULL;
    if (near)
        return az_error(AZ_ERROR_USAGE, "%s has no parameter \"%s\"; did you mean \"%s\"?", owner, name, near);
    return az_error(AZ_ERROR_USAGE, "%s has no parameter \"%s\"; \"ansatz models %s\" lists them", owner, name, owner);
}

/* The index-th word of "a|b|c". */
static size_t choice_word(const char *choices, int32_t index, const char **word)
{
    for (; index > 0 && choices; index--) {
        choices = strchr(choices, '|');
        if (choices) choices++;
    }
    *word = choices ? choices : "";
    return strcspn(*word, "|");
}

void az_params_print(const az_param *params, const void *options, az_json *json)
{
    if (!params) return;
    for (const az_param *param = params; param->name; param++) {
        const void *at = const_field(param, options);
        switch (param->type) {
        case AZ_PARAM_REAL: az_json_number(json, param->name, *(const double *)at); break;
        case AZ_PARAM_INT: az_json_int(json, param->name, *(const int64_t *)at); break;
        case AZ_PARAM_BOOL: az_json_bool(json, param->name, *(const bool *)at); break;
        case AZ_PARAM_CHOICE:
        case AZ_PARAM_TEXT: {
            char text[AZ_PARAM_TEXT_SIZE];
            if (az_param_value_text(param, options, text, sizeof text) == AZ_OK)
                az_json_string(json, param->name, text);
            break;
        }
        }
    }
}

az_status az_param_value_text(const az_param *param, const void *options, char *buffer, size_t size)
{
    const void *at = const_field(param, options);
    char number[AZ_NUMBER_MAX];
    const char *text = number;
    size_t length;
    switch (param->type) {
    case AZ_PARAM_REAL: length = az_print_double(number, *(const double *)at); break;
    case AZ_PARAM_INT: length = (size_t)snprintf(number, sizeof number, "%lld", (long long)*(const int64_t *)at); break;
    case AZ_PARAM_BOOL:
        text = *(const bool *)at ? "true" : "false";
        length = strlen(text);
        break;
    case AZ_PARAM_CHOICE: length = choice_word(param->choices, *(const int32_t *)at, &text); break;
    case AZ_PARAM_TEXT:
        text = at;
        length = strlen(text);
        break;
    default: return az_error(AZ_ERROR_INTERNAL, "%s: unknown type of parameter", param->name);
    }
    if (length >= size) return az_error(AZ_ERROR_INTERNAL, "%s: its text does not fit", param->name);
    memcpy(buffer, text, length);
    buffer[length] = 0;
    return AZ_OK;
}
