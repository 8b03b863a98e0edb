/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/layout.h"

#include "base/status.h"

#include <string.h>

enum {
    MOST_SLOTS = 64,   /* partial sums over rows: a power of two */
    LONE_SLOTS = 16,   /* where there are more, each has two tiles at least: joining them costs too */
    COLUMNS = 1 << 24, /* bytes that sums over the first of two extents may take in all slots, if there are two */
    FEW_SLOTS = 4,     /* of such sums; more where each has MANY_ROWS of the first extent, as it costs one to join it */
    MANY_ROWS = 16,
    CACHE = 1000 * 1024, /* bytes that a tile may take: a core's second cache, of which no tile needs all at once */
    FEW_ROWS = 4         /* up to this many rows each is a tile of its own */
};

/* The number of the height of a tile for the rows left, at most h: the lowest that holds them all, unless more than a
 * quarter of it were empty and a lower one could be filled. */
static int height_for(int64_t n_left, int h)
{
    while (h > 1 && az_heights[h - 1] >= n_left) h--;
    while (h > 1 && 4 * n_left < 3 * az_heights[h]) h--;
    return h;
}

/* The tile of a space of one extent that has a row. */
static void find_row(const az_layout *l, int32_t space, int64_t row, az_kept *kept)
{
    const int h = l->space[space].height_number;
    kept->height = l->space[space].height;
    kept->row = row / kept->height * kept->height;
    if (row < l->space[space].n_whole * kept->height) return;
    for (kept->row = l->space[space].n_whole * kept->height;; kept->row += kept->height) {
        kept->height = az_heights[height_for(l->space[space].n_rows - kept->row, h)];
        if (row < kept->row + kept->height) return;
    }
}

void az_next_tile(const az_layout *l, int32_t space, az_frame *frame)
{
    const az_space *of = &frame->plan->spaces[space];
    frame->first_row += frame->n_valid;
    if (of->n == 2) {
        if (frame->first_row == l->space[space].n_rows) {
            frame->first_row = 0;
            frame->row_of_first++;
        }
        find_row(l, of->single[0], frame->row_of_first, &frame->kept[of->single[0]]);
        frame->kept[of->single[1]].row = frame->first_row;
    }
    frame->kept[space].row = frame->first_row;
    const int64_t n_left = l->space[space].n_rows - frame->first_row;
    frame->height_number = height_for(n_left, l->space[space].height_number);
    frame->height = frame->scale[AZ_AT_TILE] = az_heights[frame->height_number];
    frame->n_valid = n_left < frame->height ? n_left : frame->height;
}

void az_to_tile(const az_layout *l, int32_t space, int64_t tile, az_frame *frame)
{
    frame->n_extents = frame->plan->spaces[space].n;
    frame->last_extent = l->space[space].n_rows;
    frame->row_of_first = frame->n_extents == 2 ? tile / l->space[space].row_tiles : 0;
    const int64_t n = tile - frame->row_of_first * l->space[space].row_tiles;
    const int64_t n_whole = n < l->space[space].n_whole ? n : l->space[space].n_whole;
    frame->first_row = n_whole * l->space[space].height;
    frame->n_valid = 0;
    for (int64_t i = n_whole; i <= n; i++) az_next_tile(l, space, frame);
}

/* Are tiles of one row the best?  For few rows they are, but not for few points of many rows: a tile of 16 costs less
 * than two of one. */
static bool is_few(const az_plan *plan, int32_t space, const az_layout *l)
{
    const int64_t last = plan->spaces[space].extent[plan->spaces[space].n - 1], n = l->space[space].n_rows;
    for (int32_t s = 0; s < plan->n_spaces && n > 1; s++) {
        const az_space *pairs = &plan->spaces[s];
        if (pairs->n == 2 && pairs->extent[1] == last && l->extent[-1 - pairs->extent[0]] > FEW_ROWS) return false;
    }
    return n <= FEW_ROWS;
}

/* The height of tiles depends on the plan and the number of rows alone, so that sums do not depend on the machine.  Of
 * two extents the second has tiles, of the same height as alone. */
static void choose_height(const az_plan *plan, int32_t space, az_layout *l)
{
    const az_space *of = &plan->spaces[space];
    const int64_t n = l->space[space].n_rows;
    int h = 0;
    if (!is_few(plan, space, l)) {
        h = AZ_N_HEIGHTS - 1;
        while (h > 1 && (az_heights[h] * of->tile_bytes > CACHE || az_heights[h - 1] >= n)) h--;
    }
    l->space[space].height_number = h;
    l->space[space].height = az_heights[h];
    l->space[space].n_whole = l->space[space].row_tiles = n / az_heights[h];
    l->space[space].n_padded = l->space[space].n_whole * az_heights[h];
    for (int64_t n_left = n - l->space[space].n_padded; n_left > 0; l->space[space].row_tiles++) {
        const int64_t height = az_heights[height_for(n_left, h)];
        l->space[space].n_padded += height;
        n_left -= height;
    }
    l->space[space].n_tiles = l->space[space].n_first * l->space[space].row_tiles;
    int64_t slots = 1;
    while (slots < MOST_SLOTS && (slots < LONE_SLOTS ? 2 : 4) * slots <= l->space[space].n_tiles) slots *= 2;
    l->space[space].n_slots = l->space[space].n_tiles ? slots : 0;
}

size_t az_bytes_of_slot(const az_layout *l, const az_phase *phase)
{
    return az_up((size_t)phase->slot_bytes) + az_up((size_t)(phase->column_bytes * l->space[phase->space].n_padded));
}

int64_t az_slots_of(const az_layout *l, const az_phase *phase)
{
    int64_t n = l->space[phase->space].n_slots;
    if (!phase->whole_rows) return n;
    while (n > l->space[phase->space].n_first) n /= 2;
    if (phase->column_bytes == 0) return n;
    while (n > FEW_SLOTS && l->space[phase->space].n_first < MANY_ROWS * n) n /= 2;
    while (n > 1 && az_bytes_of_slot(l, phase) * (size_t)n > COLUMNS) n /= 2;
    return n;
}

static bool same_name(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++; /* names are short: a call of strcmp takes longer */
    return *a == *b;
}

/* The number of the binding of a port; mostly they come in the plan's order.  -1: none. */
static int32_t find_binding(const az_binding *bindings, int n, int32_t port, const char *name)
{
    if (port < n && same_name(bindings[port].name, name)) return port;
    for (int k = 0; k < n; k++)
        if (same_name(bindings[k].name, name)) return k;
    return -1;
}

az_status az_find_bindings(const az_plan *plan, const az_run_arguments *arguments, az_layout *l)
{
    if (plan->n_inputs > AZ_MOST_PORTS || plan->n_outputs > AZ_MOST_PORTS || plan->n_extents > AZ_MOST_EXTENTS)
        return az_error(AZ_ERROR_USAGE, "a plan has at most %d inputs and outputs, and %d extents", AZ_MOST_PORTS,
                        AZ_MOST_EXTENTS);
    for (int32_t i = 0; i < plan->n_inputs; i++) {
        l->input[i] = find_binding(arguments->inputs, arguments->n_inputs, i, plan->inputs[i].name);
        if (l->input[i] < 0) return az_error(AZ_ERROR_USAGE, "the input \"%s\" is not given", plan->inputs[i].name);
    }
    for (int32_t i = 0; i < plan->n_outputs; i++)
        l->output[i] = find_binding(arguments->outputs, arguments->n_outputs, i, plan->outputs[i].name);
    for (int k = 0; k < arguments->n_outputs; k++) {
        bool known = k < plan->n_outputs && l->output[k] == k;
        for (int32_t i = 0; i < plan->n_outputs && !known; i++) known = l->output[i] == k;
        if (!known) return az_error(AZ_ERROR_USAGE, "the plan has no output \"%s\"", arguments->outputs[k].name);
    }
    return AZ_OK;
}

static az_status find_extents(const az_plan *plan, const az_run_arguments *arguments, az_layout *l)
{
    for (int64_t e = 0; e < plan->n_extents; e++) {
        l->extent[e] = e == 0 ? arguments->n_rows : -1;
        for (int k = 0; k < arguments->n_extents; k++)
            if (strcmp(arguments->extents[k].name, plan->extents[e]) == 0) l->extent[e] = arguments->extents[k].size;
    }
    for (int32_t s = 0; s < plan->n_spaces; s++) {
        const az_space *of = &plan->spaces[s];
        for (int i = 0; i < of->n; i++)
            if (l->extent[-1 - of->extent[i]] < 0)
                return az_error(AZ_ERROR_USAGE, "the size of the extent \"%s\" is not given",
                                plan->extents[-1 - of->extent[i]]);
        l->space[s].n_first = of->n == 2 ? l->extent[-1 - of->extent[0]] : 1;
        l->space[s].n_rows = l->extent[-1 - of->extent[of->n - 1]];
        choose_height(plan, s, l);
    }
    for (int64_t i = 0; i < plan->n_extent_values; i++)
        if (l->extent[plan->extent_values[i].extent] < 0)
            return az_error(AZ_ERROR_USAGE, "the size of the extent \"%s\" is not given",
                            plan->extents[plan->extent_values[i].extent]);
    return AZ_OK;
}

az_status az_lay_out(const az_plan *plan, const az_run_arguments *arguments, az_layout *l)
{
    l->n_members = arguments->n_members > 1 ? arguments->n_members : 1;
    l->n_threads = arguments->n_threads > 1 ? arguments->n_threads : 1;
    AZ_TRY(find_extents(plan, arguments, l));
    size_t at = 0;
    l->fixed = at;
    at += az_up((size_t)plan->fixed_bytes) * (size_t)l->n_members;
    for (int32_t s = 0; s < plan->n_spaces; s++) {
        l->space[s].kept = at;
        l->space[s].kept_bytes = az_up((size_t)(plan->spaces[s].kept_bytes * l->space[s].n_padded));
        at += l->space[s].kept_bytes * (size_t)l->n_members;
    }
    size_t slots = 0, tile = 0, row = 0;
    for (int64_t p = 0; p < plan->n_phases; p++) {
        const az_phase *phase = &plan->phases[p];
        if (phase->space < 0) continue;
        const size_t bytes = az_bytes_of_slot(l, phase) * (size_t)az_slots_of(l, phase);
        if (bytes > slots) slots = bytes;
        if ((size_t)phase->row_bytes > row) row = (size_t)phase->row_bytes;
        const size_t tile_bytes = az_up((size_t)(phase->tile_bytes * l->space[phase->space].height));
        if (tile_bytes > tile) tile = tile_bytes;
    }
    l->slots = at;
    l->slot_bytes = slots;
    at += slots * (size_t)l->n_members;
    l->threads = at;
    l->tile_bytes = tile;
    l->block_bytes = az_up((size_t)plan->block_buffers * AZ_BLOCK_BYTES);
    l->row_bytes = az_up(row);
    l->thread_bytes = tile + l->row_bytes + l->block_bytes + az_up((size_t)plan->scratch_bytes);
    at += l->thread_bytes * (size_t)l->n_threads;
    l->total = at;
    return AZ_OK;
}

size_t az_work_bytes(const az_plan *plan, const az_run_arguments *arguments)
{
    az_layout l;
    return az_lay_out(plan, arguments, &l) ? 0 : l.total;
}
