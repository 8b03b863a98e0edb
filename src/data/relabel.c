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

/* Where the pair is cut: old and name within it.  Returns false if there is no '='. */
static bool cut_pair(const az_table *table, char *pair, char **old, char **name)
{
    char *cut = NULL;
    *old = trim(pair);
    char *closing = **old == '"' || **old == '`' ? strchr(*old + 1, **old) : NULL;
    if (closing && closing[1] == '=') {
        cut = closing + 1;
    } else {
        for (char *sign = strchr(*old, '='); sign; sign = strchr(sign + 1, '='))
            if (sign > *old && (!cut || (table && occurs(table, *old, (size_t)(sign - *old))))) cut = sign;
    }
    if (!cut) return false;
    *cut = 0;
    *name = unquote(trim(cut + 1));
    *old = unquote(trim(*old));
    return true;
}

struct az_relabelling {
    char *text;   /* the list, its pairs ended by zeros */
    char *work;   /* as long as the longest pair */
    char **pairs; /* (n_pairs) in text */
    bool *found;  /* (n_pairs) */
    int64_t n_pairs;
};

void az_relabelling_free(az_relabelling *relabelling)
{
    if (!relabelling) return;
    az_free(relabelling->text);
    az_free(relabelling->work);
    az_free(relabelling->pairs);
    az_free(relabelling->found);
    az_free(relabelling);
}

az_status az_relabelling_new(az_relabelling **result, const char *list)
{
    az_relabelling *made;
    int64_t n_most = 1;
    az_status status;
    for (const char *at = list; *at; at++) n_most += *at == ',';
    AZ_TRY(AZ_NEW_ZERO(made));
    made->text = az_strdup(list);
    made->work = az_alloc(strlen(list) + 1);
    if (!made->text || !made->work) AZ_GOTO(AZ_ERROR_MEMORY);
    AZ_GOTO(AZ_NEW_ARRAY(made->pairs, n_most));
    AZ_GOTO(AZ_NEW_ARRAY(made->found, n_most));
    for (char *pair = made->text; pair;) {
        char *end = pair, quote = 0, *old, *name;
        for (; *end && (quote || *end != ','); end++) {
            if (quote ? *end == quote : *end == '"' || *end == '`') quote = quote ? 0 : *end;
        }
        char *next = *end ? end + 1 : NULL;
        *end = 0;
        strcpy(made->work, pair);
        if (!cut_pair(NULL, made->work, &old, &name))
            AZ_GOTO(az_error(AZ_ERROR_USAGE, "--relabel \"%s\": give OLD=NEW", trim(pair)));
        made->found[made->n_pairs] = false;
        made->pairs[made->n_pairs++] = pair;
        pair = next;
    }
done:
    if (status)
        az_relabelling_free(made);
    else
        *result = made;
    return status;
}

az_status az_relabelling_apply(az_relabelling *relabelling, az_table *table)
{
    for (int64_t i = 0; i < relabelling->n_pairs; i++) {
        char *old, *name;
        strcpy(relabelling->work, relabelling->pairs[i]);
        if (!cut_pair(table, relabelling->work, &old, &name)) continue;
        for (int64_t j = 0; j < table->n_columns; j++) {
            az_column *column = &table->columns[j];
            int32_t level = find_level(column, old, strlen(old));
            if (level < 0) continue;
            relabelling->found[i] = true;
            AZ_TRY(rename_level(table, column, level, name));
        }
    }
    return AZ_OK;
}

void az_relabelling_tell(const az_relabelling *relabelling, const char *source, const az_control *control)
{
    for (int64_t i = 0; i < relabelling->n_pairs; i++) {
        char *old, *name;
        if (relabelling->found[i]) continue;
        strcpy(relabelling->work, relabelling->pairs[i]);
        if (!cut_pair(NULL, relabelling->work, &old, &name)) continue;
        az_warning(control, "%s: --relabel: no text column contains the left side of \"%s=%s\"", source, old, name);
    }
}

az_status az_table_relabel(az_table *table, const char *list, const az_control *control)
{
    az_relabelling *relabelling;
    AZ_TRY(az_relabelling_new(&relabelling, list));
    az_status status = az_relabelling_apply(relabelling, table);
    if (!status) az_relabelling_tell(relabelling, table->source, control);
    az_relabelling_free(relabelling);
    return status;
}
