/* SPDX-License-Identifier: BSD-3-Clause */
/* A caller's rows as a source. */
#include "data/source.h"

#include <string.h>

typedef struct callback_state {
    az_source_callback callback; /* names and units are those below */
    char **names, **units;
    az_arena strings;
    int64_t first_row;
} callback_state;

static void callback_free(void *state)
{
    callback_state *from = state;
    az_arena_free(&from->strings);
    az_free(from);
}

/* Row-major in the caller's hands, column-major here: one copy, in which every column is filled from its row's place.
 */
static az_status split_columns(const callback_state *from, const double *rows, int64_t n_rows, az_table **block)
{
    int64_t n_columns = from->callback.n_columns;
    az_table *table;
    az_status status;
    AZ_TRY(az_table_new(&table, n_rows));
    table->first_row = from->first_row;
    for (int64_t j = 0; j < n_columns; j++) {
        double *values;
        AZ_GOTO(AZ_NEW_ARRAY(values, n_rows));
        for (int64_t i = 0; i < n_rows; i++) values[i] = rows[i * n_columns + j];
        status = az_table_take_numeric(table, from->names[j], from->units[j], values);
        if (status) {
            az_free(values);
            goto done;
        }
    }
    *block = table;
    table = NULL;
    status = AZ_OK;
done:
    az_table_free(table);
    return status;
}

static az_status callback_next(void *state, az_table **block, const az_control *control)
{
    (void)control;
    callback_state *from = state;
    const az_source_callback *callback = &from->callback;
    int64_t max_rows = az_source_block_rows(callback->n_columns), n;
    double *rows = az_alloc_array(max_rows, (size_t)callback->n_columns * sizeof *rows);
    if (!rows) return AZ_ERROR_MEMORY;
    n = callback->next(callback->user, rows, max_rows);
    az_status status = AZ_OK;
    if (n < 0)
        status = az_error(AZ_ERROR_IO, "the caller's source of rows failed after row %lld", (long long)from->first_row);
    else if (n > max_rows)
        status =
            az_error(AZ_ERROR_USAGE, "the caller's source of rows gave %lld rows where at most %lld were asked for",
                     (long long)n, (long long)max_rows);
    else if (n > 0)
        status = split_columns(from, rows, n, block);
    if (!status) from->first_row += n;
    az_free(rows);
    return status;
}

static az_status callback_rewind(void *state)
{
    callback_state *from = state;
    if (!from->callback.rewind || !from->callback.rewind(from->callback.user))
        return az_error(AZ_ERROR_USAGE, "the caller's source of rows can be read only once, and this needs them twice");
    from->first_row = 0;
    return AZ_OK;
}

static const az_source_class callback_class = {.next = callback_next, .rewind = callback_rewind, .free = callback_free};

static az_status copy_text(az_arena *arena, const char *text, char **copy)
{
    *copy = text ? az_arena_strndup(arena, text, strlen(text)) : NULL;
    return text && !*copy ? AZ_ERROR_MEMORY : AZ_OK;
}

az_status az_source_of_callback(az_source **source, const az_source_callback *callback)
{
    if (callback->n_columns < 1 || !callback->names || !callback->next)
        return az_error(AZ_ERROR_USAGE,
                        "a source of rows needs at least one column, their names and a function `next`");
    callback_state *state;
    int64_t n = callback->n_columns;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(state));
    state->callback = *callback;
    state->names = az_arena_alloc(&state->strings, (size_t)n * sizeof(char *));
    state->units = az_arena_alloc(&state->strings, (size_t)n * sizeof(char *));
    status = state->names && state->units ? AZ_OK : AZ_ERROR_MEMORY;
    for (int64_t j = 0; j < n && !status; j++) {
        if (!callback->names[j])
            status = az_error(AZ_ERROR_USAGE, "a source of rows: column %lld has no name", (long long)j);
        if (!status) status = copy_text(&state->strings, callback->names[j], &state->names[j]);
        if (!status) status = copy_text(&state->strings, callback->units ? callback->units[j] : NULL, &state->units[j]);
    }
    if (status) {
        callback_free(state);
        return status;
    }
    return az_source_new(source, &callback_class, state, callback->n_rows);
}
