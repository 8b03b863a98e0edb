/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of fields as a source: one after the other along their first row dimension, block by block. */
#include "base/file.h"
#include "data/field_plan.h"
#include "data/source.h"

#include <string.h>

typedef struct field_state {
    char **paths;
    int64_t n_paths;
    az_reader_options options; /* those that matter here; in the arena */
    field_plan *first;   /* of the first file, which stays open: names, units, and the grid if it is the only one */
    field_plan *current; /* of the file in hand if it is another one */
    int64_t file, row;   /* the next block: in this file, from this row on */
    int64_t rows_before; /* of the files before this one */
    az_arena strings;
} field_state;

static void free_state(void *of)
{
    field_state *state = of;
    az_field_plan_free(state->current);
    az_field_plan_free(state->first);
    az_free(state->paths);
    az_arena_free(&state->strings);
    az_free(state);
}

static az_status open_plan(const field_state *state, int64_t file, field_plan **plan, const az_control *control)
{
    az_dataset *dataset = NULL;
    AZ_TRY(az_dataset_open(&dataset, state->paths[file], control));
    AZ_TRY(az_field_plan_new(plan, dataset, &state->options, state->n_paths > 1));
    return AZ_OK;
}

/* The plan of the file in hand. */
static az_status current_plan(field_state *state, const field_plan **plan, const az_control *control)
{
    if (state->file > 0 && !state->current) AZ_TRY(open_plan(state, state->file, &state->current, control));
    *plan = state->file == 0 ? state->first : state->current;
    return AZ_OK;
}

static az_status next_block(void *of, az_table **block, const az_control *control)
{
    field_state *state = of;
    while (state->file < state->n_paths) {
        const field_plan *plan;
        AZ_TRY(current_plan(state, &plan, control));
        if (state->row < plan->grid.n_rows) {
            AZ_TRY(az_field_block(plan, state->first, state->row, az_source_block_rows(plan->n_columns), block));
            (*block)->first_row = state->rows_before + state->row;
            state->row += (*block)->n_rows;
            return AZ_OK;
        }
        state->rows_before += plan->grid.n_rows;
        state->row = 0;
        az_field_plan_free(state->current);
        state->current = NULL;
        state->file++;
    }
    return AZ_OK;
}

static az_status rewind_source(void *of)
{
    field_state *state = of;
    az_field_plan_free(state->current);
    state->current = NULL;
    state->file = state->row = state->rows_before = 0;
    return AZ_OK;
}

static const az_source_class field_class = {.next = next_block, .rewind = rewind_source, .free = free_state};

static az_status keep(field_state *state, char *const *paths, int64_t n_paths, const az_reader_options *options)
{
    AZ_TRY(AZ_NEW_ARRAY(state->paths, n_paths));
    state->n_paths = n_paths;
    for (int64_t i = 0; i < n_paths; i++) {
        state->paths[i] = az_arena_strndup(&state->strings, paths[i], strlen(paths[i]));
        if (!state->paths[i]) return AZ_ERROR_MEMORY;
    }
    const char *const from[] = {options->vars, options->select, options->rows, options->target};
    const char **const to[] = {&state->options.vars, &state->options.select, &state->options.rows,
                               &state->options.target};
    for (int i = 0; i < 4; i++) {
        if (!from[i]) continue;
        *to[i] = az_arena_strndup(&state->strings, from[i], strlen(from[i]));
        if (!*to[i]) return AZ_ERROR_MEMORY;
    }
    return AZ_OK;
}

/* All files are looked at before the first row is handed out: what does not fit is told at once. */
static az_status count_rows(field_state *state, const az_control *control, int64_t *n_rows)
{
    AZ_TRY(open_plan(state, 0, &state->first, control));
    *n_rows = state->first->grid.n_rows;
    for (int64_t i = 1; i < state->n_paths; i++) {
        field_plan *plan;
        AZ_TRY(open_plan(state, i, &plan, control));
        az_status status = az_field_plan_agree(state->first, plan);
        *n_rows += plan->grid.n_rows;
        az_field_plan_free(plan);
        if (status) return status;
        AZ_TRY(az_check_interrupt(control));
    }
    if (*n_rows == 0)
        return az_error(AZ_ERROR_DATA, "--select %s leaves nothing of the %lld files",
                        state->options.select ? state->options.select : "", (long long)state->n_paths);
    return AZ_OK;
}

az_status az_source_of_field_files(az_source **source, char *const *paths, int64_t n_paths,
                                   const az_reader_options *options, const az_control *control)
{
    static const az_reader_options defaults;
    field_state *state;
    int64_t n_rows = 0;
    AZ_TRY(AZ_NEW_ZERO(state));
    az_status status = keep(state, paths, n_paths, options ? options : &defaults);
    if (!status) status = count_rows(state, control, &n_rows);
    if (status) {
        free_state(state);
        return status;
    }
    const az_grid *grid = state->n_paths == 1 ? &state->first->grid : NULL;
    AZ_TRY(az_source_new(source, &field_class, state, n_rows));
    (*source)->grid = grid;
    return AZ_OK;
}

az_status az_source_of_fields(az_source **source, const char *paths, const az_reader_options *options,
                              const az_control *control)
{
    char **list;
    int64_t n;
    AZ_TRY(az_file_expand(paths, &list, &n));
    az_status status = az_source_of_field_files(source, list, n, options, control);
    az_free(list);
    return status;
}
