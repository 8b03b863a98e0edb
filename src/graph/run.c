/* SPDX-License-Identifier: BSD-3-Clause */
/* Running a plan: tiles of rows through the phases. */
#include "base/control.h"
#include "base/floating_point.h"
#include "base/isa.h"
#include "base/parallel.h"
#include "base/product.h"
#include "graph/layout.h"
#include "ops/shape.h"

#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    TREE_BLOCK = 2048, /* elements of a sum that one thread joins at a time */
    ENOUGH = 4         /* members for each thread, so that all end at about the same time */
};

/* Nanoseconds, roughly.  A second thread that waits begins within one microsecond, one that sleeps within some fifty.
 */
enum {
    WORTH_THREADS = 20000, /* of work, below which a second thread costs more than it brings */
    SHARE = 5000,          /* of small pieces of work, which a thread takes at once */
    INSTRUCTION = 25       /* to begin an instruction, for a tile */
};
static const double JOINED = 0.1, COPIED = 0.5; /* for a number from a slot; for one of the caller's */

typedef struct run {
    const az_plan *plan;
    const az_run_arguments *arguments;
    const az_layout *layout;
    const az_phase *phase;
    const az_instruction *wide; /* of a wide phase, the one that runs */
    int64_t n_joins;            /* of one member, when a phase ends */
    char *work;
    bool tall; /* some tiles have more than one row */
    int64_t first_member, n_members;
    int thread;                    /* that works on these members alone; -1: all of them do */
    atomic_bool *stop, *nonfinite; /* nonfinite: one was found */
    az_run_info *info;
    az_fault *fault;
} run;

/* --- Frames ------------------------------------------------------------------------------------------------------- */

static char *fixed_of(const run *r, int64_t member)
{
    return r->work + r->layout->fixed + az_up((size_t)r->plan->fixed_bytes) * (size_t)member;
}

static char *kept_of(const run *r, int64_t member, int32_t space)
{
    return r->work + r->layout->space[space].kept + r->layout->space[space].kept_bytes * (size_t)member;
}

static char *slot_of(const run *r, int64_t member, int64_t slot)
{
    return r->work + r->layout->slots + r->layout->slot_bytes * (size_t)member +
           az_bytes_of_slot(r->layout, r->phase) * (size_t)slot;
}

/* Every field: clearing a frame as a whole first takes as long as all else here. */
static void frame_of(const run *r, int64_t member, int thread, az_kept *kept, az_frame *frame)
{
    const az_layout *l = r->layout;
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
    frame->block_size = AZ_BLOCK;
    for (int region = 0; region < AZ_N_REGIONS; region++) {
        frame->base[region] = r->work;
        frame->scale[region] = 1;
    }
    frame->scale[AZ_AT_KEPT] = frame->scale[AZ_AT_COLUMNS] = 0;
    frame->scale[AZ_AT_BLOCK] = AZ_BLOCK_BYTES;
    frame->base[AZ_AT_TILE] = own;
    frame->base[AZ_AT_ROW] = own + l->tile_bytes;
    frame->base[AZ_AT_BLOCK] = own + l->tile_bytes + l->row_bytes;
    frame->scratch = frame->base[AZ_AT_BLOCK] + l->block_bytes;
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
    frame->n_extents = 0;
    frame->first_row = frame->row_of_first = frame->last_extent = 0;
    frame->has_row = false;
    frame->part = 0;
    frame->accumulate = 0;
    for (int32_t s = 0; s < plan->n_spaces; s++) {
        frame->kept[s].data = kept_of(r, member, s);
        frame->kept[s].n_padded = l->space[s].n_padded;
    }
}

static void look_for_nonfinite(run *r, const az_instruction *instruction, const az_frame *frame)
{
    const char *op;
    int64_t node;
    const int64_t row = az_nonfinite_row(instruction, frame, &op, &node);
    if (row < 0) return;
    atomic_store(r->stop, true);
    if (atomic_exchange(r->nonfinite, true)) return;
    const char *path = node >= 0 ? r->plan->node_paths[node] : "";
    const bool is_pair = frame->n_extents == 2;
    snprintf(r->info->nonfinite, sizeof r->info->nonfinite, "%s%s%s", op, *path ? " in " : "", path);
    r->info->nonfinite_row = is_pair ? frame->row_of_first : row;
    r->info->nonfinite_column = is_pair ? row : -1;
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
    if (r->thread >= 0) {
        for (int64_t piece = 0; piece < n_pieces; piece++) work(r, piece, r->thread);
        return;
    }
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
    const az_instruction *end = phase->instructions + phase->n;
    const bool looks = r->plan->find_nonfinite;
    for (const az_instruction *instruction = phase->instructions; instruction < end; instruction++) {
        if (instruction->only_tall && !r->tall) continue;
        instruction->run(instruction, frame);
        if (looks && !instruction->only_tall && instruction->run != az_execute_store &&
            instruction->run != az_execute_fetch)
            look_for_nonfinite(r, instruction, frame);
    }
    if (atomic_load_explicit(&r->fault->taken, memory_order_relaxed)) atomic_store(r->stop, true);
}

static void run_small(run *r, int64_t piece, int thread)
{
    const int64_t member = r->first_member + piece;
    az_kept kept[AZ_MOST_SPACES];
    az_frame frame;
    frame_of(r, member, thread, kept, &frame);
    run_instructions(r, &frame);
}

static void run_slot(run *r, int64_t piece, int thread)
{
    const az_layout *l = r->layout;
    const int32_t space = r->phase->space;
    const int64_t n_slots = az_slots_of(l, r->phase), n_tiles = l->space[space].n_tiles;
    const int64_t i = n_slots == 1 ? piece : piece / n_slots, slot = piece - i * n_slots, member = r->first_member + i;
    az_kept kept[AZ_MOST_SPACES];
    az_frame frame;
    frame_of(r, member, thread, kept, &frame);
    frame.base[AZ_AT_SLOT] = slot_of(r, member, slot);
    frame.base[AZ_AT_COLUMNS] = frame.base[AZ_AT_SLOT] + az_up((size_t)r->phase->slot_bytes);
    /* Sums over one of two extents are those of slots that have whole rows of the first. */
    const int64_t unit = r->phase->whole_rows ? l->space[space].row_tiles : 1,
                  n_units = unit == 1 ? n_tiles : n_tiles / unit;
    const int64_t first = slot == 0 ? 0 : n_units * slot / n_slots * unit;
    const int64_t end = slot == n_slots - 1 ? n_tiles : n_units * (slot + 1) / n_slots * unit;
    az_to_tile(l, space, first, &frame);
    for (int64_t tile = first; tile < end && !atomic_load_explicit(r->stop, memory_order_relaxed); tile++) {
        if (tile > first) az_next_tile(l, space, &frame);
        frame.accumulate = (tile > first ? AZ_OVER_ALL : 0) | (tile >= first + unit ? AZ_OVER_FIRST : 0) |
                           (frame.first_row > 0 ? AZ_OVER_LAST : 0);
        frame.has_row = tile > first && frame.first_row > 0;
        run_instructions(r, &frame);
        if (thread == 0 && r->arguments->control && az_check_interrupt(r->arguments->control))
            atomic_store(r->stop, true);
    }
}

/* One part of one instruction of a wide phase, over all tiles in order. */
static void run_part(run *r, int64_t piece, int thread)
{
    const az_layout *l = r->layout;
    const int32_t space = r->phase->space;
    az_kept kept[AZ_MOST_SPACES];
    az_frame frame;
    frame_of(r, r->first_member + piece / r->wide->n_parts, thread, kept, &frame);
    frame.part = piece % r->wide->n_parts;
    for (int64_t tile = 0; tile < l->space[space].n_tiles; tile++) {
        if (tile == 0)
            az_to_tile(l, space, tile, &frame);
        else
            az_next_tile(l, space, &frame);
        frame.accumulate = tile > 0 ? AZ_OVER_ALL : 0;
        r->wide->run(r->wide, &frame);
    }
}

static void run_wide(run *r)
{
    const az_layout *l = r->layout;
    for (int64_t i = 0; i < r->phase->n; i++) {
        r->wide = &r->phase->instructions[i];
        const az_place *out = &r->wide->out;
        for (int64_t member = 0; l->space[r->phase->space].n_tiles == 0 && member < r->n_members; member++)
            memset(fixed_of(r, r->first_member + member) + out->offset, 0,
                   (size_t)az_tile_elements(&out->tile) * az_type_size(out->tile.type)); /* no rows: no terms */
        share_out(r, r->wide->n_parts * r->n_members, INFINITY, run_part);
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

/* How many numbers are joined: those of the sum, or of all rows that it has, with what lies between them. */
static int64_t n_numbers_of(const run *r, const struct az_phase_sum *sum)
{
    const az_place *to = &sum->to;
    if (sum->over == AZ_OVER_ALL) return sum->n;
    if (sum->over == AZ_OVER_LAST && az_slots_of(r->layout, r->phase) > 0) return 0; /* put there row by row */
    return r->layout->space[to->space].n_padded * to->row_bytes / (int64_t)az_type_size(to->tile.type);
}

/* Some numbers of a sum, from all slots. */
static void join_numbers(const run *r, int64_t member, const struct az_phase_sum *sum, int64_t first, int64_t n)
{
    const az_layout *l = r->layout;
    const az_type type = sum->to.tile.type;
    const size_t size = az_type_size(type), stride = az_bytes_of_slot(l, r->phase);
    const int64_t n_slots = az_slots_of(l, r->phase);
    char *result = fixed_of(r, member) + sum->to.offset + size * (size_t)first;
    char *slots = slot_of(r, member, 0) + sum->slot_offset + size * (size_t)first;
    if (sum->over != AZ_OVER_ALL) {
        const int64_t n_rows = l->space[sum->to.space].n_padded;
        result = kept_of(r, member, sum->to.space) + sum->to.offset * n_rows + size * (size_t)first;
        slots = slot_of(r, member, 0) + az_up((size_t)r->phase->slot_bytes) + sum->slot_offset * n_rows +
                size * (size_t)first;
    }
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
    } else if (type == AZ_F32) {
        JOIN(float)
    } else {
        JOIN(double)
    }
    memcpy(result, slots, size * (size_t)n);
}

static int64_t n_joins_of(const run *r, const struct az_phase_sum *sum)
{
    return (n_numbers_of(r, sum) + TREE_BLOCK - 1) / TREE_BLOCK;
}

static void join_piece(run *r, int64_t piece, int thread)
{
    const int64_t member = r->first_member + piece / r->n_joins;
    const struct az_phase_sum *sum = r->phase->sums;
    int64_t block = piece % r->n_joins;
    (void)thread;
    for (; block >= n_joins_of(r, sum); sum++) block -= n_joins_of(r, sum);
    const int64_t first = block * TREE_BLOCK, left = n_numbers_of(r, sum) - first;
    join_numbers(r, member, sum, first, left < TREE_BLOCK ? left : TREE_BLOCK);
}

static void join_slots(run *r)
{
    int64_t n = 0;
    r->n_joins = 0;
    for (int64_t i = 0; i < r->phase->n_sums; i++) {
        r->n_joins += n_joins_of(r, &r->phase->sums[i]);
        n += n_numbers_of(r, &r->phase->sums[i]);
    }
    const int64_t terms = n * r->n_members * az_slots_of(r->layout, r->phase);
    if (r->n_joins > 0) share_out(r, r->n_joins * r->n_members, JOINED * (double)terms, join_piece);
}

/* --- What comes and goes without rows ----------------------------------------------------------------------------- */

static void enter_member(run *r, int64_t piece, int thread)
{
    const int64_t member = r->first_member + piece;
    az_kept kept[AZ_MOST_SPACES];
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

static void leave_member(run *r, int64_t piece, int thread)
{
    const int64_t member = r->first_member + piece;
    const az_plan *plan = r->plan;
    az_kept kept[AZ_MOST_SPACES];
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

static void move_values(run *r, int64_t n, void (*move)(run *r, int64_t piece, int thread))
{
    if (n > 0) share_out(r, r->n_members, COPIED * (double)(n * r->n_members), move);
}

/* --- The whole ---------------------------------------------------------------------------------------------------- */

/* Nanoseconds for a phase, roughly: of one member. */
static double work_of(const run *r, const az_phase *phase)
{
    if (phase->space < 0) return phase->row_cost + (double)(INSTRUCTION * phase->n);
    const int64_t n_rows = r->layout->space[phase->space].n_first * r->layout->space[phase->space].n_rows;
    return phase->row_cost * (double)n_rows + (double)(INSTRUCTION * phase->n * r->layout->space[phase->space].n_tiles);
}

static void run_phase(run *r)
{
    const az_phase *phase = r->phase;
    const double work = work_of(r, phase) * (double)r->n_members;
    if (phase->space < 0) {
        if (r->tall || phase->n > phase->n_packs) share_out(r, r->n_members, work, run_small);
    } else if (phase->wide) {
        run_wide(r);
    } else {
        share_out(r, r->n_members * az_slots_of(r->layout, phase), work, run_slot);
        join_slots(r);
    }
}

static void run_phases(run *r)
{
    move_values(r, r->plan->n_entering, enter_member);
    for (int64_t p = 0; p < r->plan->n_phases && !atomic_load(r->stop); p++) {
        r->phase = &r->plan->phases[p];
        run_phase(r);
    }
}

static void run_member(run *r, int64_t member, int thread)
{
    run own = *r;
    own.first_member = member;
    own.n_members = 1;
    own.thread = thread;
    run_phases(&own);
}

/* Each member by one thread from the first phase to the last, where there are enough: what a phase has written the next
 * one finds in the caches of the same core.  A hundred members of 2-64-64-1 with 32 rows take 320 microseconds on two
 * threads so, phase by phase 414; on one thread 475 in place of 467. */
static __attribute__((noinline)) void run_members(run *r)
{
    double work = 0;
    for (int64_t p = 0; p < r->plan->n_phases; p++) work += work_of(r, &r->plan->phases[p]);
    share_out(r, r->n_members, work * (double)r->n_members, run_member);
}

az_status az_run(const az_plan *plan, const az_run_arguments *arguments)
{
    az_layout l;
    void *own = NULL;
    az_status status = AZ_OK;
    AZ_TRY(az_find_bindings(plan, arguments, &l));
    AZ_TRY(az_lay_out(plan, arguments, &l));
    if (plan->n_parameters && !arguments->theta) return az_error(AZ_ERROR_USAGE, "theta is not given");
    if (plan->n_state && !arguments->state) return az_error(AZ_ERROR_USAGE, "the state is not given");
    az_fault fault; /* its text is written when there is one */
    atomic_init(&fault.taken, 0);
    atomic_bool stop = false, nonfinite = false;
    az_run_info info;
    run r = {.plan = plan,
             .arguments = arguments,
             .layout = &l,
             .work = arguments->work,
             .n_members = l.n_members,
             .thread = -1,
             .stop = &stop,
             .nonfinite = &nonfinite,
             .fault = &fault,
             .info = arguments->info ? arguments->info : &info};
    r.info->nonfinite[0] = 0;
    r.info->nonfinite_row = r.info->nonfinite_column = -1;
    if (!r.work) {
        own = az_alloc(l.total + 64);
        if (!own) return AZ_ERROR_MEMORY;
        r.work = (char *)own + (64 - (uintptr_t)own % 64) % 64;
    }
    for (int32_t s = 0; s < plan->n_spaces; s++) r.tall = r.tall || l.space[s].height > 1;
    az_floating_point saved;
    az_floating_point_enter(&saved, plan->real == AZ_F32);
    if (l.n_threads > 1 && r.n_members >= ENOUGH * l.n_threads)
        run_members(&r);
    else
        run_phases(&r);
    if (!atomic_load(&stop)) move_values(&r, plan->n_leaving, leave_member);
    az_floating_point_leave(&saved);
    if (atomic_load(&fault.taken)) {
        status = az_error(AZ_ERROR_DATA, "%s", fault.text);
    } else if (atomic_load(&nonfinite)) {
        char row[AZ_ROW_TEXT];
        az_row_print(r.info->nonfinite_row, r.info->nonfinite_column, row);
        status = az_error(AZ_ERROR_DATA, "the first value that is not finite was made by %s, in row %s",
                          r.info->nonfinite, row);
    } else if (atomic_load(&stop)) {
        status = az_check_interrupt(arguments->control);
        if (!status) status = az_error(AZ_INTERRUPTED, "interrupted");
    }
    az_free(own);
    return status;
}
