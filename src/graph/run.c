/* SPDX-License-Identifier: BSD-3-Clause */
/* Running a plan: tiles of rows through the phases. */
#include "base/control.h"
#include "base/floating_point.h"
#include "base/isa.h"
#include "base/parallel.h"
#include "base/product.h"
#include "graph/plan.h"
#include "ops/shape.h"

#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    MOST_SPACES = 8,
    MOST_PORTS = 64,
    MOST_EXTENTS = 16,
    MOST_SLOTS = 64,        /* partial sums over rows: a power of two */
    BLOCK = 512,            /* elements that a group of elementwise ops takes at a time */
    CACHE = 1000 * 1024,    /* bytes that a tile may take: a core's second cache, of which no tile needs all at once */
    FEW_ROWS = 4,           /* up to this many rows each is a tile of its own */
    WORTH_THREADS = 100000, /* nanoseconds of work below which a second thread costs more than it brings */
    TREE_BLOCK = 2048       /* elements of a sum that one thread joins at a time */
};

/* Sizes of one run, and where its memory lies. */
typedef struct layout {
    int64_t extent[MOST_EXTENTS];
    int64_t n_members, n_threads;
    struct {
        int height_number;
        int64_t n_rows, height, n_tiles, n_slots;
        int64_t n_whole;   /* tiles of that height; what is left goes to lower ones */
        int64_t n_padded;  /* rows of all tiles */
        size_t kept;       /* offset of the first member's */
        size_t kept_bytes; /* of one member */
    } space[MOST_SPACES];
    size_t fixed, slots, threads; /* offsets */
    size_t slot_bytes;            /* of one slot, of the phase that needs most */
    size_t thread_bytes, tile_bytes, block_bytes;
    size_t total;
    int32_t input[MOST_PORTS], output[MOST_PORTS];
} layout;

typedef struct run {
    const az_plan *plan;
    const az_run_arguments *arguments;
    const layout *layout;
    const az_phase *phase;
    const az_instruction *wide; /* of a wide phase, the one that runs */
    char *work;
    bool tall; /* some tiles have more than one row */
    atomic_bool stop;
    _Atomic int64_t nonfinite; /* row + 1 of the first found; 0: none */
    az_fault *fault;
} run;

static size_t up(size_t n)
{
    return (n + 63) / 64 * 64;
}

/* The number of the height of a tile for the rows left, at most h: the lowest that holds them all, unless more than a
 * quarter of it were empty and a lower one could be filled. */
static int height_for(int64_t n_left, int h)
{
    while (h > 1 && az_heights[h - 1] >= n_left) h--;
    while (h > 1 && 4 * n_left < 3 * az_heights[h]) h--;
    return h;
}

/* The next of a space's tiles, which lie one after the other. */
static void next_tile(const layout *l, int32_t space, az_frame *frame)
{
    frame->first_row += frame->n_valid;
    const int64_t n_left = l->space[space].n_rows - frame->first_row;
    frame->height_number = height_for(n_left, l->space[space].height_number);
    frame->height = az_heights[frame->height_number];
    frame->n_valid = n_left < frame->height ? n_left : frame->height;
}

static void to_tile(const layout *l, int32_t space, int64_t tile, az_frame *frame)
{
    const int64_t n_whole = tile < l->space[space].n_whole ? tile : l->space[space].n_whole;
    frame->first_row = n_whole * l->space[space].height;
    frame->n_valid = 0;
    frame->n_padded = l->space[space].n_padded;
    for (int64_t i = n_whole; i <= tile; i++) next_tile(l, space, frame);
}

/* The height of tiles depends on the plan and the number of rows alone, so that sums do not depend on the machine. */
static void choose_height(const az_plan *plan, int32_t space, layout *l)
{
    int64_t bytes = 0;
    for (int64_t p = 0; p < plan->n_phases; p++)
        if (plan->phases[p].space == space && plan->phases[p].tile_bytes > bytes) bytes = plan->phases[p].tile_bytes;
    const int64_t n = l->space[space].n_rows;
    int h = 0;
    if (n > FEW_ROWS) {
        h = AZ_N_HEIGHTS - 1;
        while (h > 1 && (az_heights[h] * bytes > CACHE || az_heights[h - 1] >= n)) h--;
    }
    l->space[space].height_number = h;
    l->space[space].height = az_heights[h];
    l->space[space].n_whole = l->space[space].n_tiles = n / az_heights[h];
    l->space[space].n_padded = l->space[space].n_whole * az_heights[h];
    for (int64_t n_left = n - l->space[space].n_padded; n_left > 0; l->space[space].n_tiles++) {
        const int64_t height = az_heights[height_for(n_left, h)];
        l->space[space].n_padded += height;
        n_left -= height;
    }
    int64_t slots = 1;
    while (slots < MOST_SLOTS && 2 * slots <= l->space[space].n_tiles) slots *= 2;
    l->space[space].n_slots = l->space[space].n_tiles ? slots : 0;
}

static az_status find_bindings(const az_plan *plan, const az_run_arguments *arguments, layout *l)
{
    if (plan->n_inputs > MOST_PORTS || plan->n_outputs > MOST_PORTS || plan->n_spaces > MOST_SPACES ||
        plan->n_extents > MOST_EXTENTS)
        return az_error(AZ_ERROR_USAGE, "a plan has at most %d inputs and outputs, and %d extents", MOST_PORTS,
                        MOST_SPACES);
    for (int32_t i = 0; i < plan->n_inputs; i++) {
        l->input[i] = -1;
        for (int k = 0; k < arguments->n_inputs; k++)
            if (strcmp(arguments->inputs[k].name, plan->inputs[i].name) == 0) l->input[i] = k;
        if (l->input[i] < 0) return az_error(AZ_ERROR_USAGE, "the input \"%s\" is not given", plan->inputs[i].name);
    }
    for (int32_t i = 0; i < plan->n_outputs; i++) {
        l->output[i] = -1;
        for (int k = 0; k < arguments->n_outputs; k++)
            if (strcmp(arguments->outputs[k].name, plan->outputs[i].name) == 0) l->output[i] = k;
    }
    for (int k = 0; k < arguments->n_outputs; k++) {
        bool known = false;
        for (int32_t i = 0; i < plan->n_outputs; i++) known = known || l->output[i] == k;
        if (!known) return az_error(AZ_ERROR_USAGE, "the plan has no output \"%s\"", arguments->outputs[k].name);
    }
    return AZ_OK;
}

static az_status find_extents(const az_plan *plan, const az_run_arguments *arguments, layout *l)
{
    for (int64_t e = 0; e < plan->n_extents; e++) {
        l->extent[e] = e == 0 ? arguments->n_rows : -1;
        for (int k = 0; k < arguments->n_extents; k++)
            if (strcmp(arguments->extents[k].name, plan->extents[e]) == 0) l->extent[e] = arguments->extents[k].size;
    }
    for (int32_t s = 0; s < plan->n_spaces; s++) {
        const int64_t e = -1 - plan->spaces[s].extent[0];
        if (l->extent[e] < 0)
            return az_error(AZ_ERROR_USAGE, "the size of the extent \"%s\" is not given", plan->extents[e]);
        l->space[s].n_rows = l->extent[e];
        choose_height(plan, s, l);
    }
    for (int64_t i = 0; i < plan->n_extent_values; i++)
        if (l->extent[plan->extent_values[i].extent] < 0)
            return az_error(AZ_ERROR_USAGE, "the size of the extent \"%s\" is not given",
                            plan->extents[plan->extent_values[i].extent]);
    return AZ_OK;
}

static az_status lay_out(const az_plan *plan, const az_run_arguments *arguments, layout *l)
{
    l->n_members = arguments->n_members > 1 ? arguments->n_members : 1;
    l->n_threads = arguments->n_threads > 1 ? arguments->n_threads : 1;
    AZ_TRY(find_extents(plan, arguments, l));
    size_t at = 0;
    l->fixed = at;
    at += up((size_t)plan->fixed_bytes) * (size_t)l->n_members;
    for (int32_t s = 0; s < plan->n_spaces; s++) {
        l->space[s].kept = at;
        l->space[s].kept_bytes = up((size_t)(plan->spaces[s].kept_bytes * l->space[s].n_padded));
        at += l->space[s].kept_bytes * (size_t)l->n_members;
    }
    size_t slots = 0, tile = 0;
    for (int64_t p = 0; p < plan->n_phases; p++) {
        const az_phase *phase = &plan->phases[p];
        if (phase->space < 0) continue;
        const size_t bytes = up((size_t)phase->slot_bytes) * (size_t)l->space[phase->space].n_slots;
        if (bytes > slots) slots = bytes;
        const size_t tile_bytes = up((size_t)(phase->tile_bytes * l->space[phase->space].height));
        if (tile_bytes > tile) tile = tile_bytes;
    }
    l->slots = at;
    l->slot_bytes = slots;
    at += slots * (size_t)l->n_members;
    l->threads = at;
    l->tile_bytes = tile;
    l->block_bytes = up((size_t)plan->block_buffers * (BLOCK + AZ_MOST_ROWS) * 8);
    l->thread_bytes = tile + l->block_bytes + up((size_t)plan->scratch_bytes);
    at += l->thread_bytes * (size_t)l->n_threads;
    l->total = at;
    return AZ_OK;
}

size_t az_work_bytes(const az_plan *plan, const az_run_arguments *arguments)
{
    layout l;
    return lay_out(plan, arguments, &l) ? 0 : l.total;
}

/* --- Frames ------------------------------------------------------------------------------------------------------- */

static void frame_of(const run *r, int64_t member, int thread, az_frame *frame)
{
    const layout *l = r->layout;
    const az_plan *plan = r->plan;
    const size_t real = az_type_size(plan->real);
    char *own = r->work + l->threads + l->thread_bytes * (size_t)thread;
    frame->plan = plan;
    frame->arguments = r->arguments;
    frame->member = member;
    frame->extents = l->extent;
    frame->input = l->input;
    frame->output = l->output;
    frame->fault = r->fault;
    frame->block_size = BLOCK;
    frame->base[AZ_AT_TILE] = own;
    frame->block = own + l->tile_bytes;
    frame->scratch = frame->block + l->block_bytes;
    frame->base[AZ_AT_FIXED] = r->work + l->fixed + up((size_t)plan->fixed_bytes) * (size_t)member;
    frame->base[AZ_AT_CONSTANT] = plan->constants;
    /* Places are read through pointers that could write; nothing is written to theta. */
    const char *theta = r->arguments->theta;
    frame->base[AZ_AT_THETA] = theta ? (char *)(uintptr_t)theta + real * (size_t)(member * plan->n_parameters) : NULL;
    frame->base[AZ_AT_STATE] =
        r->arguments->state ? (char *)r->arguments->state + real * (size_t)(member * plan->n_state) : NULL;
    frame->height = 1;
    frame->height_number = 0;
    frame->n_valid = 1;
    frame->first_row = 0;
    frame->n_padded = 1;
    frame->accumulate = false;
    for (int32_t s = 0; s < plan->n_spaces; s++)
        frame->kept[s] = r->work + l->space[s].kept + l->space[s].kept_bytes * (size_t)member;
}

/* --- Non-finite values -------------------------------------------------------------------------------------------- */

/* The first row of a tile with a NaN or an infinity among the values at a place; -1: none. */
static int64_t nonfinite_row(const az_place *place, const az_frame *frame)
{
    const az_tile tile = az_place_tile(place, frame->height);
    if (!az_type_is_real(tile.type) || place->region == AZ_AT_BLOCK) return -1;
    const char *data = az_place_address(place, frame);
    int64_t n = 1;
    for (int d = 0; d < tile.rank; d++) n *= tile.size[d];
    const int64_t rows = tile.row_stride ? frame->n_valid : 1;
    for (int64_t row = 0; row < rows; row++)
        for (int64_t e = 0; e < n; e++) {
            const int64_t at = tile.row_stride ? e * frame->height + row : e;
            const double x = tile.type == AZ_F32 ? (double)((const float *)(const void *)data)[at]
                                                 : ((const double *)(const void *)data)[at];
            if (!isfinite(x)) return frame->first_row + row;
        }
    return -1;
}

static void tell_nonfinite(run *r, const char *op, int64_t node, int64_t row)
{
    int64_t none = 0;
    atomic_store(&r->stop, true);
    if (!atomic_compare_exchange_strong(&r->nonfinite, &none, row + 1)) return;
    az_run_info *info = r->arguments->info;
    if (!info) return;
    const char *path = node >= 0 ? r->plan->node_paths[node] : "";
    snprintf(info->nonfinite, sizeof info->nonfinite, "%s%s%s", op, *path ? " in " : "", path);
    info->nonfinite_row = row;
}

static void look_for_nonfinite(run *r, const az_instruction *instruction, const az_frame *frame)
{
    if (instruction->n_maps == 0) {
        const int64_t row = instruction->op || instruction->node >= 0 ? nonfinite_row(&instruction->out, frame) : -1;
        if (row >= 0) tell_nonfinite(r, instruction->op ? instruction->op->name : "input", instruction->node, row);
        return;
    }
    for (int m = 0; m < instruction->n_maps; m++) {
        const int64_t row = nonfinite_row(&instruction->maps[m].out, frame);
        if (row < 0) continue;
        tell_nonfinite(r, instruction->maps[m].op->name, instruction->maps[m].node, row);
        return;
    }
}

/* --- Phases ------------------------------------------------------------------------------------------------------- */

static void run_instructions(run *r, const az_frame *frame)
{
    const az_phase *phase = r->phase;
    for (int64_t i = 0; i < phase->n; i++) {
        const az_instruction *instruction = &phase->instructions[i];
        if (instruction->only_tall && !r->tall) continue;
        instruction->run(instruction, frame);
        if (r->plan->find_nonfinite && !instruction->only_tall && instruction->run != az_execute_store)
            look_for_nonfinite(r, instruction, frame);
    }
    if (atomic_load_explicit(&r->fault->taken, memory_order_relaxed)) atomic_store(&r->stop, true);
}

/* Is there anything to run, for tiles of this height? */
static bool has_work(const run *r)
{
    for (int64_t i = 0; i < r->phase->n; i++)
        if (r->tall || !r->phase->instructions[i].only_tall) return true;
    return false;
}

static void run_small(void *context, int64_t member, int thread)
{
    run *r = context;
    char *kept[MOST_SPACES];
    az_frame frame = {.kept = kept};
    az_floating_point saved;
    az_floating_point_enter(&saved, r->plan->real == AZ_F32);
    frame_of(r, member, thread, &frame);
    run_instructions(r, &frame);
    az_product_done(r->plan->isa);
    az_floating_point_leave(&saved);
}

static void run_slot(void *context, int64_t block, int thread)
{
    run *r = context;
    const layout *l = r->layout;
    const int32_t space = r->phase->space;
    const int64_t n_slots = l->space[space].n_slots, n_tiles = l->space[space].n_tiles;
    const int64_t member = block / n_slots, slot = block % n_slots;
    char *kept[MOST_SPACES];
    az_frame frame = {.kept = kept};
    az_floating_point saved;
    az_floating_point_enter(&saved, r->plan->real == AZ_F32);
    frame_of(r, member, thread, &frame);
    frame.base[AZ_AT_SLOT] =
        r->work + l->slots + l->slot_bytes * (size_t)member + up((size_t)r->phase->slot_bytes) * (size_t)slot;
    const int64_t first = n_tiles * slot / n_slots, end = n_tiles * (slot + 1) / n_slots;
    to_tile(l, space, first, &frame);
    for (int64_t tile = first; tile < end && !atomic_load_explicit(&r->stop, memory_order_relaxed); tile++) {
        if (tile > first) next_tile(l, space, &frame);
        frame.accumulate = tile > first;
        run_instructions(r, &frame);
        if (thread == 0 && r->arguments->control && az_check_interrupt(r->arguments->control))
            atomic_store(&r->stop, true);
    }
    az_product_done(r->plan->isa);
    az_floating_point_leave(&saved);
}

/* One part of one instruction of a wide phase, over all tiles in order. */
static void run_part(void *context, int64_t block, int thread)
{
    run *r = context;
    const layout *l = r->layout;
    const int32_t space = r->phase->space;
    char *kept[MOST_SPACES];
    az_frame frame = {.kept = kept};
    az_floating_point saved;
    az_floating_point_enter(&saved, r->plan->real == AZ_F32);
    frame_of(r, block / r->wide->n_parts, thread, &frame);
    frame.part = block % r->wide->n_parts;
    for (int64_t tile = 0; tile < l->space[space].n_tiles; tile++) {
        if (tile == 0)
            to_tile(l, space, tile, &frame);
        else
            next_tile(l, space, &frame);
        frame.accumulate = tile > 0;
        r->wide->run(r->wide, &frame);
    }
    az_product_done(r->plan->isa);
    az_floating_point_leave(&saved);
}

static void run_wide(run *r)
{
    const layout *l = r->layout;
    for (int64_t i = 0; i < r->phase->n; i++) {
        r->wide = &r->phase->instructions[i];
        const az_place *out = &r->wide->out;
        for (int64_t member = 0; l->space[r->phase->space].n_tiles == 0 && member < l->n_members; member++)
            memset(r->work + l->fixed + up((size_t)r->plan->fixed_bytes) * (size_t)member + out->offset, 0,
                   (size_t)az_tile_elements(&out->tile) * az_type_size(out->tile.type)); /* no rows: no terms */
        az_parallel((int)l->n_threads, r->wide->n_parts * l->n_members, run_part, r);
    }
}

/* --- Sums over rows: slots are joined by a fixed tree ------------------------------------------------------------- */

typedef struct joining {
    char *slots, *result;
    size_t stride;
    int64_t n_slots, n;
    az_type type;
    az_join_kernel *join;
} joining;

#define JOIN(REAL)                                                                                                     \
    for (int64_t step = 1; step < j->n_slots; step *= 2)                                                               \
        for (int64_t s = 0; s + step < j->n_slots; s += 2 * step) {                                                    \
            REAL *to = (REAL *)(void *)(j->slots + j->stride * (size_t)s);                                             \
            const REAL *from = (const REAL *)(const void *)(j->slots + j->stride * (size_t)(s + step));                \
            for (int64_t i = first; i < end; i++) to[i] += from[i];                                                    \
        }

static void join_block(void *context, int64_t block, int thread)
{
    const joining *j = context;
    const int64_t first = block * TREE_BLOCK, end = first + TREE_BLOCK < j->n ? first + TREE_BLOCK : j->n;
    const size_t size = az_type_size(j->type);
    az_floating_point saved;
    (void)thread;
    az_floating_point_enter(&saved, j->type == AZ_F32);
    if (j->join) {
        for (int64_t step = 1; step < j->n_slots; step *= 2)
            for (int64_t s = 0; s + step < j->n_slots; s += 2 * step)
                j->join(end - first, j->slots + j->stride * (size_t)s + size * (size_t)first,
                        j->slots + j->stride * (size_t)(s + step) + size * (size_t)first);
    } else if (j->type == AZ_F32) {
        JOIN(float)
    } else {
        JOIN(double)
    }
    memcpy(j->result + size * (size_t)first, j->slots + size * (size_t)first, size * (size_t)(end - first));
    az_floating_point_leave(&saved);
}

static void join_slots(const run *r, int64_t member)
{
    const layout *l = r->layout;
    const az_phase *phase = r->phase;
    char *fixed = r->work + l->fixed + up((size_t)r->plan->fixed_bytes) * (size_t)member;
    for (int64_t i = 0; i < phase->n_sums; i++) {
        const struct az_phase_sum *sum = &phase->sums[i];
        joining j = {.slots = r->work + l->slots + l->slot_bytes * (size_t)member + sum->slot_offset,
                     .result = fixed + sum->fixed_offset,
                     .stride = up((size_t)phase->slot_bytes),
                     .n_slots = l->space[phase->space].n_slots,
                     .n = sum->n,
                     .type = sum->type,
                     .join = sum->join};
        if (j.n_slots == 0) { /* no rows */
            if (j.join)
                j.join(j.n, j.result, NULL);
            else
                memset(j.result, 0, az_type_size(j.type) * (size_t)j.n);
            continue;
        }
        const bool large = j.n * j.n_slots > 100 * TREE_BLOCK;
        az_parallel(large ? (int)l->n_threads : 1, (j.n + TREE_BLOCK - 1) / TREE_BLOCK, join_block, &j);
    }
}

/* --- What comes and goes without rows ----------------------------------------------------------------------------- */

/* Is there any without rows? */
static bool some_without_rows(const az_port *ports, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (!ports[i].n_extents) return true;
    return false;
}

static void enter_values(const run *r)
{
    if (!r->plan->n_extent_values && !some_without_rows(r->plan->inputs, r->plan->n_inputs)) return;
    az_floating_point saved;
    az_floating_point_enter(&saved, r->plan->real == AZ_F32);
    for (int64_t member = 0; member < r->layout->n_members; member++) {
        char *kept[MOST_SPACES];
        az_frame frame = {.kept = kept};
        frame_of(r, member, 0, &frame);
        for (int64_t i = 0; i < r->plan->n_extent_values; i++) {
            const struct az_plan_extent *value = &r->plan->extent_values[i];
            az_place place = {.region = AZ_AT_FIXED, .offset = value->offset, .tile.type = value->type};
            az_write_number(az_place_address(&place, &frame), value->type, 0, (double)r->layout->extent[value->extent]);
        }
        for (int32_t i = 0; i < r->plan->n_inputs; i++) {
            const az_port *port = &r->plan->inputs[i];
            if (port->n_extents) continue;
            const az_instruction load = {.binding = i, .out = port->place};
            az_execute_load(&load, &frame);
        }
    }
    az_floating_point_leave(&saved);
}

static void leave_values(const run *r)
{
    const az_plan *plan = r->plan;
    if (!plan->n_assignments && !some_without_rows(plan->outputs, plan->n_outputs)) return;
    az_floating_point saved;
    az_floating_point_enter(&saved, r->plan->real == AZ_F32);
    for (int64_t member = 0; member < r->layout->n_members; member++) {
        char *kept[MOST_SPACES];
        az_frame frame = {.kept = kept};
        frame_of(r, member, 0, &frame);
        for (int32_t i = 0; i < plan->n_outputs; i++) {
            const az_port *port = &plan->outputs[i];
            if (port->n_extents) continue;
            az_place place = port->place;
            const az_instruction store = {.binding = i, .n = 1, .in = &place};
            az_execute_store(&store, &frame);
        }
        for (int32_t i = 0; i < plan->n_assignments; i++) {
            const az_assignment *a = &plan->assignments[i];
            const az_tile tile = az_place_tile(&a->place, 1);
            az_copy_out(&tile, az_place_address(&a->place, &frame),
                        frame.base[AZ_AT_STATE] + az_type_size(plan->real) * (size_t)a->offset);
        }
    }
    az_floating_point_leave(&saved);
}

az_status az_run(const az_plan *plan, const az_run_arguments *arguments)
{
    layout l;
    void *own = NULL;
    az_status status = AZ_OK;
    AZ_TRY(find_bindings(plan, arguments, &l));
    AZ_TRY(lay_out(plan, arguments, &l));
    if (plan->n_parameters && !arguments->theta) return az_error(AZ_ERROR_USAGE, "theta is not given");
    if (plan->n_state && !arguments->state) return az_error(AZ_ERROR_USAGE, "the state is not given");
    az_fault fault = {0};
    run r = {.plan = plan, .arguments = arguments, .layout = &l, .work = arguments->work, .fault = &fault};
    if (arguments->info) *arguments->info = (az_run_info){.nonfinite_row = -1};
    if (!r.work) {
        own = az_alloc(l.total + 64);
        if (!own) return AZ_ERROR_MEMORY;
        r.work = (char *)own + (64 - (uintptr_t)own % 64) % 64;
    }
    for (int32_t s = 0; s < plan->n_spaces; s++) r.tall = r.tall || l.space[s].height > 1;
    enter_values(&r);
    for (int64_t p = 0; p < plan->n_phases; p++) {
        const az_phase *phase = r.phase = &plan->phases[p];
        if (phase->space < 0) {
            if (has_work(&r)) az_parallel(l.n_members > 1 ? (int)l.n_threads : 1, l.n_members, run_small, &r);
        } else if (phase->wide) {
            run_wide(&r);
        } else {
            const double work = phase->row_cost * (double)(l.space[phase->space].n_rows * l.n_members);
            az_parallel(work > WORTH_THREADS ? (int)l.n_threads : 1, l.n_members * l.space[phase->space].n_slots,
                        run_slot, &r);
            for (int64_t member = 0; member < l.n_members; member++) join_slots(&r, member);
        }
        if (atomic_load(&r.stop)) break;
    }
    if (atomic_load(&fault.taken)) {
        status = az_error(AZ_ERROR_DATA, "%s", fault.text);
    } else if (atomic_load(&r.nonfinite)) {
        status = az_error(AZ_ERROR_DATA, "the first value that is not finite was made by %s, in row %lld",
                          arguments->info ? arguments->info->nonfinite : "an op (give info to learn which)",
                          (long long)atomic_load(&r.nonfinite) - 1);
    } else if (atomic_load(&r.stop)) {
        status = az_check_interrupt(arguments->control);
        if (!status) status = az_error(AZ_INTERRUPTED, "interrupted");
    } else {
        leave_values(&r);
    }
    az_free(own);
    return status;
}
