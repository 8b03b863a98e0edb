/* SPDX-License-Identifier: BSD-3-Clause */
/* Text tables as a source. */
#include "data/csv.h"
#include "data/source.h"

typedef struct text_state {
    az_table *table;
    bool given;
} text_state;

static az_status text_next(void *state, az_table **block, const az_control *control)
{
    (void)control;
    text_state *from = state;
    if (from->given) return AZ_OK;
    AZ_TRY(az_table_view(block, from->table));
    from->given = true;
    return AZ_OK;
}

static az_status text_rewind(void *state)
{
    ((text_state *)state)->given = false;
    return AZ_OK;
}

static void text_free(void *state)
{
    az_table_free(((text_state *)state)->table);
    az_free(state);
}

static const az_source_class text_class = {.next = text_next, .rewind = text_rewind, .free = text_free};

az_status az_source_of_text(az_source **source, const char *paths, const az_reader_options *options,
                            const az_control *control)
{
    text_state *state;
    AZ_TRY(AZ_NEW_ZERO(state));
    az_status status = az_csv_table_read(&state->table, paths, options, control);
    if (status) {
        text_free(state);
        return status;
    }
    return az_source_new(source, &text_class, state, state->table->n_rows);
}
