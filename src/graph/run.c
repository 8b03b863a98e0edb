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
    MOST_PORTS = 1024,
    MOST_EXTENTS = 16,
    MOST_SLOTS = 64,     /* partial sums over rows: a power of two */
    BLOCK = 512,         /* elements that a group of elementwise ops takes at a time */
    CACHE = 1000 * 1024, /* bytes that a tile may take: a core's second cache, of which no tile needs all at once */
    FEW_ROWS = 4,        /* up to this many rows each is a tile of its own */
    TREE_BLOCK = 2048    /* elements of a sum that one thread joins at a time */
};

/* Nanoseconds, roughly.  A second thread that waits begins within one microsecond, one that sleeps within some fifty.
 */
enum {
    WORTH_THREADS = 20000, /* of work, below which a second thread costs more than it brings */
    SHARE = 5000,          /* of small pieces of work, which a thread takes at once */
    INSTRUCTION = 25       /* to begin an instruction, for a tile */
};
static const double JOINED = 0.1, COPIED = 0.5; /* for a number from a slot; for one of the caller's */

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
    int64_t n_joins;            /* of one member, when a phase ends */
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

static az_status find_bindings(const az_plan *plan, const az_run_arguments *arguments, layout *l)
{
    if (plan->n_inputs > MOST_PORTS || plan->n_outputs > MOST_PORTS || plan->n_spaces > MOST_SPACES ||
        plan->n_extents > MOST_EXTENTS)
        return az_error(AZ_ERROR_USAGE, "a plan has at most %d inputs and outputs, and %d extents", MOST_PORTS,
                        MOST_SPACES);
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

static char *fixed_of(const run *r, int64_t member)
{
    return r->work + r->layout->fixed + up((size_t)r->plan->fixed_bytes) * (size_t)member;
}

static char *slot_of(const run *r, int64_t member, int64_t slot)
{
    return r->work + r->layout->slots + r->layout->slot_bytes * (size_t)member +
           up((size_t)r->phase->slot_bytes) * (size_t)slot;
}

/* Every field: clearing a frame as a whole first takes as long as all else here. */
static void frame_of(const run *r, int64_t member, int thread, char **kept, az_frame *frame)
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
    frame->kept = kept;
    frame->block_size = BLOCK;
    frame->base[AZ_AT_BLOCK] = frame->base[AZ_AT_KEPT] = frame->base[AZ_AT_SLOT] = NULL;
    frame->base[AZ_AT_TILE] = own;
    frame->block = own + l->tile_bytes;
    frame->scratch = frame->block + l->block_bytes;
    frame->base[AZ_AT_FIXED] = fixed_of(r, member);
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
    frame->part = 0;
    frame->accumulate = false;
    for (int32_t s = 0; s < plan->n_spaces; s++)
        frame->kept[s] = r->work + l->space[s].kept + l->space[s].kept_bytes * (size_t)member;
}

static void look_for_nonfinite(run *r, const az_instruction *instruction, const az_frame *frame)
{
    const char *op;
    int64_t node, none = 0;
    const int64_t row = az_nonfinite_row(instruction, frame, &op, &node);
    if (row < 0) return;
    atomic_store(&r->stop, true);
    if (!atomic_compare_exchange_strong(&r->nonfinite, &none, row + 1)) return;
    az_run_info *info = r->arguments->info;
    if (!info) return;
    const char *path = node >= 0 ? r->plan->node_paths[node] : "";
    snprintf(info->nonfinite, sizeof info->nonfinite, "%s%s%s", op, *path ? " in " : "", path);
    info->nonfinite_row = row;
}

/* --- Sharing work out --------------------------------------------------------------------------------------------- */

/* Pieces of work that do not depend on each other: members, slots, parts of sums. */
typedef struct job {
    run *r;
    void (*work)(run *r, int64_t piece, int thread);
    int64_t n_pieces, at_a_time;
} job;

static void take_share(const job *j, int64_t share, int thread)
{
    const int64_t first = share * j->at_a_time, end = first + j->at_a_time;
    for (int64_t piece = first; piece < end && piece < j->n_pieces; piece++) j->work(j->r, piece, thread);
    az_product_done(j->r->plan->isa);
}

static void run_share(void *context, int64_t share, int thread)
{
    const job *j = context;
    if (thread == 0) { /* which has called az_run, where the state was entered */
        take_share(j, share, thread);
        return;
    }
    az_floating_point saved;
    az_floating_point_enter(&saved, j->r->plan->real == AZ_F32);
    take_share(j, share, thread);
    az_floating_point_leave(&saved);
}

/* All pieces, which take so many nanoseconds together, by as many threads as that is worth. */
static void share_out(run *r, int64_t n_pieces, double nanoseconds, void (*work)(run *r, int64_t piece, int thread))
{
    job j = {r, work, n_pieces, n_pieces};
    int n_threads = 1;
    if (r->layout->n_threads > 1 && nanoseconds > WORTH_THREADS) {
        n_threads = (int)r->layout->n_threads;
        j.at_a_time = (int64_t)((double)n_pieces * SHARE / nanoseconds);
        if (j.at_a_time > n_pieces / n_threads) j.at_a_time = n_pieces / n_threads;
    }
    if (j.at_a_time < 1) j.at_a_time = 1;
    az_parallel(n_threads, (n_pieces + j.at_a_time - 1) / j.at_a_time, run_share, &j);
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

/* Nanoseconds for a phase, roughly: of one member. */
static double work_of(const az_phase *phase, int64_t n_rows, int64_t n_tiles)
{
    return phase->row_cost * (double)n_rows + (double)(INSTRUCTION * phase->n * n_tiles);
}

static void run_small(run *r, int64_t member, int thread)
{
    char *kept[MOST_SPACES];
    az_frame frame;
    frame_of(r, member, thread, kept, &frame);
    run_instructions(r, &frame);
}

static void run_slot(run *r, int64_t piece, int thread)
{
    const layout *l = r->layout;
    const int32_t space = r->phase->space;
    const int64_t n_slots = l->space[space].n_slots, n_tiles = l->space[space].n_tiles;
    const int64_t member = n_slots == 1 ? piece : piece / n_slots, slot = piece - member * n_slots;
    char *kept[MOST_SPACES];
    az_frame frame;
    frame_of(r, member, thread, kept, &frame);
    frame.base[AZ_AT_SLOT] = slot_of(r, member, slot);
    const int64_t first = n_tiles * slot / n_slots, end = n_tiles * (slot + 1) / n_slots;
    to_tile(l, space, first, &frame);
    for (int64_t tile = first; tile < end && !atomic_load_explicit(&r->stop, memory_order_relaxed); tile++) {
        if (tile > first) next_tile(l, space, &frame);
        frame.accumulate = tile > first;
        run_instructions(r, &frame);
        if (thread == 0 && r->arguments->control && az_check_interrupt(r->arguments->control))
            atomic_store(&r->stop, true);
    }
}

/* One part of one instruction of a wide phase, over all tiles in order. */
static void run_part(run *r, int64_t piece, int thread)
{
    const layout *l = r->layout;
    const int32_t space = r->phase->space;
    char *kept[MOST_SPACES];
    az_frame frame;
    frame_of(r, piece / r->wide->n_parts, thread, kept, &frame);
    frame.part = piece % r->wide->n_parts;
    for (int64_t tile = 0; tile < l->space[space].n_tiles; tile++) {
        if (tile == 0)
            to_tile(l, space, tile, &frame);
        else
            next_tile(l, space, &frame);
        frame.accumulate = tile > 0;
        r->wide->run(r->wide, &frame);
    }
}

static void run_wide(run *r)
{
    const layout *l = r->layout;
    for (int64_t i = 0; i < r->phase->n; i++) {
        r->wide = &r->phase->instructions[i];
        const az_place *out = &r->wide->out;
        for (int64_t member = 0; l->space[r->phase->space].n_tiles == 0 && member < l->n_members; member++)
            memset(fixed_of(r, member) + out->offset, 0,
                   (size_t)az_tile_elements(&out->tile) * az_type_size(out->tile.type)); /* no rows: no terms */
        share_out(r, r->wide->n_parts * l->n_members, INFINITY, run_part);
    }
}

/* --- Sums over rows: slots are joined by a fixed tree ------------------------------------------------------------- */

#define JOIN(REAL)                                                                                                     \
    for (int64_t step = 1; step < n_slots; step *= 2)                                                                  \
        for (int64_t s = 0; s + step < n_slots; s += 2 * step) {                                                       \
            REAL *to = (REAL *)(void *)(slots + stride * (size_t)s);                                                   \
            const REAL *from = (const REAL *)(const void *)(slots + stride * (size_t)(s + step));                      \
            for (int64_t i = 0; i < n; i++) to[i] += from[i];                                                          \
        }

/* Some numbers of a sum, from all slots. */
static void join_numbers(const run *r, int64_t member, const struct az_phase_sum *sum, int64_t first, int64_t n)
{
    const size_t size = az_type_size(sum->type), stride = up((size_t)r->phase->slot_bytes);
    const int64_t n_slots = r->layout->space[r->phase->space].n_slots;
    char *result = fixed_of(r, member) + sum->fixed_offset + size * (size_t)first;
    char *slots = slot_of(r, member, 0) + sum->slot_offset + size * (size_t)first;
    if (n_slots == 0) { /* no rows */
        if (sum->join)
            sum->join(n, result, NULL);
        else
            memset(result, 0, size * (size_t)n);
        return;
    }
    if (sum->join) {
        for (int64_t step = 1; step < n_slots; step *= 2)
            for (int64_t s = 0; s + step < n_slots; s += 2 * step)
                sum->join(n, slots + stride * (size_t)s, slots + stride * (size_t)(s + step));
    } else if (sum->type == AZ_F32) {
        JOIN(float)
    } else {
        JOIN(double)
    }
    memcpy(result, slots, size * (size_t)n);
}

static int64_t n_joins_of(const struct az_phase_sum *sum)
{
    return (sum->n + TREE_BLOCK - 1) / TREE_BLOCK;
}

static void join_piece(run *r, int64_t piece, int thread)
{
    const int64_t member = piece / r->n_joins;
    const struct az_phase_sum *sum = r->phase->sums;
    int64_t block = piece % r->n_joins;
    (void)thread;
    for (; block >= n_joins_of(sum); sum++) block -= n_joins_of(sum);
    const int64_t first = block * TREE_BLOCK;
    join_numbers(r, member, sum, first, sum->n - first < TREE_BLOCK ? sum->n - first : TREE_BLOCK);
}

static void join_slots(run *r)
{
    int64_t n = 0;
    r->n_joins = 0;
    for (int64_t i = 0; i < r->phase->n_sums; i++) {
        r->n_joins += n_joins_of(&r->phase->sums[i]);
        n += r->phase->sums[i].n;
    }
    const int64_t terms = n * r->layout->n_members * r->layout->space[r->phase->space].n_slots;
    if (r->n_joins > 0) share_out(r, r->n_joins * r->layout->n_members, JOINED * (double)terms, join_piece);
}

/* --- What comes and goes without rows ----------------------------------------------------------------------------- */

/* Numbers without rows: of one member. */
static int64_t n_without_rows(const az_port *ports, int32_t n)
{
    int64_t elements = 0;
    for (int32_t i = 0; i < n; i++)
        if (!ports[i].n_extents) elements += ports[i].elements;
    return elements;
}

static void enter_member(run *r, int64_t member, int thread)
{
    char *kept[MOST_SPACES];
    az_frame frame;
    frame_of(r, member, thread, kept, &frame);
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

static void leave_member(run *r, int64_t member, int thread)
{
    const az_plan *plan = r->plan;
    char *kept[MOST_SPACES];
    az_frame frame;
    frame_of(r, member, thread, kept, &frame);
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

static void enter_values(run *r)
{
    const int64_t n = r->plan->n_extent_values + n_without_rows(r->plan->inputs, r->plan->n_inputs);
    if (n > 0) share_out(r, r->layout->n_members, COPIED * (double)(n * r->layout->n_members), enter_member);
}

static void leave_values(run *r)
{
    const int64_t n = r->plan->n_state + n_without_rows(r->plan->outputs, r->plan->n_outputs);
    if (n > 0) share_out(r, r->layout->n_members, COPIED * (double)(n * r->layout->n_members), leave_member);
}

static void run_phase(run *r)
{
    const az_phase *phase = r->phase;
    const layout *l = r->layout;
    if (phase->space < 0) {
        const double work = work_of(phase, 1, 1) * (double)l->n_members;
        if (r->tall || phase->n > phase->n_packs) share_out(r, l->n_members, work, run_small);
    } else if (phase->wide) {
        run_wide(r);
    } else {
        const double work = work_of(phase, l->space[phase->space].n_rows, l->space[phase->space].n_tiles);
        share_out(r, l->n_members * l->space[phase->space].n_slots, work * (double)l->n_members, run_slot);
        join_slots(r);
    }
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
    az_fault fault; /* its text is written when there is one */
    atomic_init(&fault.taken, 0);
    run r = {.plan = plan, .arguments = arguments, .layout = &l, .work = arguments->work, .fault = &fault};
    if (arguments->info) *arguments->info = (az_run_info){.nonfinite_row = -1};
    if (!r.work) {
        own = az_alloc(l.total + 64);
        if (!own) return AZ_ERROR_MEMORY;
        r.work = (char *)own + (64 - (uintptr_t)own % 64) % 64;
    }
    for (int32_t s = 0; s < plan->n_spaces; s++) r.tall = r.tall || l.space[s].height > 1;
    az_floating_point saved;
    az_floating_point_enter(&saved, plan->real == AZ_F32);
    enter_values(&r);
    for (int64_t p = 0; p < plan->n_phases && !atomic_load(&r.stop); p++) {
        r.phase = &plan->phases[p];
        run_phase(&r);
    }
    if (!atomic_load(&r.stop)) leave_values(&r);
    az_floating_point_leave(&saved);
    if (atomic_load(&fault.taken)) {
        status = az_error(AZ_ERROR_DATA, "%s", fault.text);
    } else if (atomic_load(&r.nonfinite)) {
        status = az_error(AZ_ERROR_DATA, "the first value that is not finite was made by %s, in row %lld",
                          arguments->info ? arguments->info->nonfinite : "an op (give info to learn which)",
                          (long long)atomic_load(&r.nonfinite) - 1);
    } else if (atomic_load(&r.stop)) {
        status = az_check_interrupt(arguments->control);
        if (!status) status = az_error(AZ_INTERRUPTED, "interrupted");
    }
    az_free(own);
    return status;
}
