/* SPDX-License-Identifier: BSD-3-Clause */
/* The stage of a source that derives columns and chooses rows. */
#include "data/derive.h"
#include "data/source.h"

typedef struct derive_stage {
    az_source *from;
    az_derive *derive;
} derive_stage;

static az_status next(void *state, az_table **block, const az_control *control)
{
    derive_stage *self = state;
    /* Blocks of which no row is left are skipped: an empty block would read as one with data. */
    for (;;) {
        az_table *made = NULL;
        AZ_TRY(self->from->class->next(self->from->state, &made, control));
        if (!made) {
            *block = NULL;
            return az_derive_finish(self->derive, control);
        }
        az_status status = az_derive_apply(self->derive, made, control);
        if (!status && made->n_rows > 0) {
            *block = made;
            return AZ_OK;
        }
        az_table_free(made);
        if (status) return status;
    }
}

static az_status rewind_stage(void *state)
{
    derive_stage *self = state;
    az_derive_restart(self->derive);
    return az_source_rewind(self->from);
}

static void free_stage(void *state)
{
    derive_stage *self = state;
    az_source_free(self->from);
    az_derive_free(self->derive);
    az_free(self);
}

static const az_source_class derive_class = {.next = next, .rewind = rewind_stage, .free = free_stage};

az_status az_source_derive(az_source **source, az_source *from, const az_reader_options *options,
                           const az_control *control)
{
    (void)control;
    derive_stage *self = NULL;
    az_derive *derive = NULL;
    az_status status = az_derive_new(&derive, options);
    if (!status && !derive) {
        *source = from;
        return AZ_OK;
    }
    if (!status) status = AZ_NEW_ZERO(self);
    if (status) {
        az_derive_free(derive);
        az_source_free(from);
        return status;
    }
    *self = (derive_stage){.from = from, .derive = derive};
    const az_grid *grid = from->grid;
    int64_t n_rows = options->where ? -1 : from->n_rows;
    AZ_TRY(az_source_new(source, &derive_class, self, n_rows));
    (*source)->grid = grid;
    return AZ_OK;
}
