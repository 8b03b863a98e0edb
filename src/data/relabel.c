/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/relabel.h"
#include "base/control.h"

#include <string.h>

/* The level of that text in a column, or -1. */
static int32_t find_level(const az_column *column, const char *text, size_t length)
{
    for (int32_t k = 0; k < column->n_levels; k++)
        if (strncmp(column->levels[k], text, length) == 0 && column->levels[k][length] == 0) return k;
    return -1;
}

/* Renames one level; where the new name is a level already, the two become one.  Levels keep the order of their first
 * appearance, a merged one that of the earlier. */
static az_status rename_level(az_table *table, az_column *column, int32_t old, const char *name)
{
    int32_t same = *name ? find_level(column, name, strlen(name)) : -1;
    if (same == old) return AZ_OK;
    int32_t kept = -1, dropped = old; /* dropped without a kept one: the cells become missing */
    if (*name) {
        char *copy = az_arena_strndup(&table->strings, name, strlen(name));
        if (!copy) return AZ_ERROR_MEMORY;
        column->levels[old] = copy;
        if (same < 0) return AZ_OK;
        kept = old < same ? old : same;
        dropped = old < same ? same : old;
    }
    for (int64_t i = 0; i < table->n_rows; i++) {
        int32_t *code = &column->codes[i];
        if (*code == dropped) {
            *code = kept;
            column->n_missing += kept < 0;
        } else if (*code > dropped) {
            --*code;
        }
    }
    for (int32_t k = dropped; k + 1 < column->n_levels; k++) column->levels[k] = column->levels[k + 1];
    column->n_levels--;
    return AZ_OK;
}

static bool occurs(const az_table *table, const char *text, size_t length)
{
    for (int64_t j = 0; j < table->n_columns; j++)
        if (find_level(&table->columns[j], text, length) >= 0) return true;
    return false;
}

static char *trim(char *text)
{
    while (*text == ' ') text++;
    size_t length = strlen(text);
    while (length && text[length - 1] == ' ') text[--length] = 0;
    return text;
}

/* A text that stands wholly in quotes or backquotes loses them. */
static char *unquote(char *text)
{
    size_t length = strlen(text);
    if (length >= 2 && strchr("\"`", text[0]) && text[length - 1] == text[0]) {
        text[length - 1] = 0;
        text++;
    }
    return text;
}

static az_status apply_pair(az_table *table, char *pair, const az_control *control)
{
    char *old = trim(pair), *cut = NULL;
    char *closing = *old == '"' || *old == '`' ? strchr(old + 1, *old) : NULL;
    if (closing && closing[1] == '=') {
        cut = closing + 1;
    } else {
        for (char *sign = strchr(old, '='); sign; sign = strchr(sign + 1, '='))
            if (sign > old && (!cut || occurs(table, old, (size_t)(sign - old)))) cut = sign;
    }
    if (!cut) return az_error(AZ_ERROR_USAGE, "--relabel \"%s\": give OLD=NEW", old);
    *cut = 0;
    char *name = unquote(trim(cut + 1));
    old = unquote(trim(old));
    if (!occurs(table, old, strlen(old))) {
        az_warning(control, "%s: --relabel: no text column contains the left side of \"%s=%s\"", table->source, old,
                   name);
        return AZ_OK;
    }
    for (int64_t j = 0; j < table->n_columns; j++) {
        az_column *column = &table->columns[j];
        int32_t level = find_level(column, old, strlen(old));
        if (level >= 0) AZ_TRY(rename_level(table, column, level, name));
    }
    return AZ_OK;
}

az_status az_table_relabel(az_table *table, const char *list, const az_control *control)
{
    char *copy = az_strdup(list);
    if (!copy) return AZ_ERROR_MEMORY;
    az_status status = AZ_OK;
    for (char *pair = copy; pair && !status;) {
        char *end = pair, quote = 0;
        for (; *end && (quote || *end != ','); end++) {
            if (quote ? *end == quote : *end == '"' || *end == '`') quote = quote ? 0 : *end;
        }
        char *next = *end ? end + 1 : NULL;
        *end = 0;
        status = apply_pair(table, pair, control);
        pair = next;
    }
    az_free(copy);
    return status;
}
