/* SPDX-License-Identifier: BSD-3-Clause */
/* What all sources have in common, and the simplest one: a table. */
#include "data/source.h"

#include <string.h>

az_status az_source_new(az_source **source, const az_source_class *class, void *state, int64_t n_rows)
{
    az_source *made;
    if (AZ_NEW_ZERO(made)) {
        class->free(state);
        return AZ_ERROR_MEMORY;
    }
    *made = (az_source){.class = class, .state = state, .n_rows = n_rows};
    *source = made;
    return AZ_OK;
}

az_status az_source_next(az_source *source, const az_table **block, const az_control *control)
{
    az_table_free(source->block);
    source->block = NULL;
    AZ_TRY(source->class->next(source->state, &source->block, control));
    *block = source->block;
    return AZ_OK;
}

az_status az_source_rewind(az_source *source)
{
    az_table_free(source->block);
    source->block = NULL;
    return source->class->rewind(source->state);
}

int64_t az_source_n_rows(const az_source *source)
{
    return source->n_rows;
}

void az_source_free(az_source *source)
{
    if (!source) return;
    az_table_free(source->block);
    source->class->free(source->state);
    az_free(source);
}

/* Blocks of 4 MB stay in the cache of a CPU while they pass from stage to stage, and are large enough that what a block
 * costs by itself (a table, its names) is not seen.  A multiple of 256, the rows of a call of predict. */
int64_t az_source_block_rows(int64_t n_columns)
{
    const int64_t block_bytes = (int64_t)1 << 22, least = 256, most = (int64_t)1 << 16;
    int64_t n = block_bytes / (int64_t)sizeof(double) / (n_columns > 0 ? n_columns : 1);
    n -= n % least;
    return n < least ? least : n > most ? most : n;
}

/* A table as a source: one block that borrows all columns. */
typedef struct table_state {
    const az_table *table;
    az_table *owned; /* or NULL: the caller's */
    bool given;
} table_state;

static az_status table_next(void *state, az_table **block, const az_control *control)
{
    (void)control;
    table_state *from = state;
    if (from->given) return AZ_OK;
    AZ_TRY(az_table_view(block, from->table));
    from->given = true;
    return AZ_OK;
}

static az_status table_rewind(void *state)
{
    ((table_state *)state)->given = false;
    return AZ_OK;
}

static void table_free(void *state)
{
    az_table_free(((table_state *)state)->owned);
    az_free(state);
}

static const az_source_class table_class = {.next = table_next, .rewind = table_rewind, .free = table_free};

az_status az_source_of_table(az_source **source, const az_table *table)
{
    table_state *state;
    AZ_TRY(AZ_NEW_ZERO(state));
    state->table = table;
    return az_source_new(source, &table_class, state, table->n_rows);
}

az_status az_source_of_own_table(az_source **source, az_table *table)
{
    table_state *state;
    az_status status = AZ_NEW_ZERO(state);
    if (status) {
        az_table_free(table);
        return status;
    }
    state->table = state->owned = table;
    return az_source_new(source, &table_class, state, table->n_rows);
}
