/* SPDX-License-Identifier: BSD-3-Clause */
/* One loop for several elementwise ops, where the CPU has an instruction for each (base/loop_code.h).  A group becomes
 * pieces: such loops, and single ops that have kernels of their own.  Tiles of one row, and CPUs or systems for which
 * no code is made, run the group op by op. */
#include "graph/fuse.h"

#include "base/loop_code.h"
#include "base/status.h"
#include "graph/lowering.h"

#include <string.h>

enum { MOST_CODE = 16384 }; /* bytes of one loop */

/* The code of all loops of a plan, while it is being made. */
typedef struct code {
    unsigned char *data;
    size_t length, capacity;
} code;

static bool same_place(const az_place *a, const az_place *b)
{
    return a->region == b->region && a->space == b->space && a->offset == b->offset && a->first == b->first &&
           a->tile.row_stride == b->tile.row_stride;
}

static az_walk walk_of(const az_map *map, int k)
{
    const bool rows = map->in[k].tile.row_stride != 0;
    return map->repeats[k] ? (rows ? AZ_WALK_INNER : AZ_WALK_ONE) : rows ? AZ_WALK_ALL : AZ_WALK_OUTER;
}

/* The arrays of one piece, while it is being made. */
typedef struct arrays {
    int n;
    az_place place[AZ_LOOP_ARRAYS];
    az_walk walk[AZ_LOOP_ARRAYS];
    bool laps[AZ_LOOP_ARRAYS];
} arrays;

static int add_array(arrays *all, const az_place *place, az_walk walk, bool laps)
{
    for (int i = 0; i < all->n; i++)
        if (all->walk[i] == walk && all->laps[i] == laps && same_place(&all->place[i], place)) return i;
    all->place[all->n] = *place;
    all->walk[all->n] = walk;
    all->laps[all->n] = laps;
    return all->n++;
}

/* Is the result needed after the loop?  In a block's buffer it is read by the same group alone. */
static bool needed_later(const az_instruction *group, int m, int end)
{
    const az_map *map = &group->maps[m];
    if (map->out.region != AZ_AT_BLOCK) return true;
    for (int later = end; later < group->n_maps; later++)
        for (int k = 0; k < group->maps[later].n; k++)
            if (same_place(&group->maps[later].in[k], &map->out)) return true;
    return false;
}

/* Of the numbers that an op works on. */
static az_type type_of(const az_map *map)
{
    return map->type == AZ_MASK ? map->in[0].tile.type : map->type;
}

/* The ops from `first` to before `end` as the steps of a loop; false: they are none. */
static bool describe(const az_instruction *group, int first, int end, arrays *found, az_loop_step *steps)
{
    found->n = 0;
    if (end - first > AZ_LOOP_STEPS) return false;
    for (int m = first; m < end; m++) {
        const az_map *map = &group->maps[m];
        az_loop_step *step = &steps[m - first];
        const az_type type = type_of(map);
        if (!(map->op->flags & AZ_OP_IS) || type != type_of(&group->maps[first]) || map->n > 3 ||
            !az_type_is_real(type) || found->n + 4 > AZ_LOOP_ARRAYS)
            return false;
        *step = (az_loop_step){.op = map->op->flags & AZ_OP_IS, .n = (int16_t)map->n, .result_in = -1};
        for (int k = 0; k < map->n; k++) {
            int from = m - 1;
            while (from >= first && !same_place(&group->maps[from].out, &map->in[k])) from--;
            step->in[k] = (int16_t)(from >= first ? from - first
                                                  : -1 - add_array(found, &map->in[k], walk_of(map, k), map->laps[k]));
        }
        /* Masks are bytes in memory, and stay in the loop that makes them. */
        if (map->type == AZ_MASK && needed_later(group, m, end)) return false;
        if (step->n == 3 && step->in[0] < 0) return false;
        if (needed_later(group, m, end)) step->result_in = (int16_t)add_array(found, &map->out, AZ_WALK_ALL, false);
    }
    return true;
}

/* The longest loop that begins with map `first`, at least two ops, is added to the code; 0: there is none. */
static az_status make_loop(az_plan *plan, const az_instruction *group, int first, az_piece *piece, arrays *found,
                           code *all, int *end)
{
    az_loop_step steps[AZ_LOOP_STEPS];
    const bool is_double = type_of(&group->maps[first]) == AZ_F64;
    int most = first;
    *end = 0;
    while (most < group->n_maps && group->maps[most].op->flags & AZ_OP_IS) most++;
    for (int last = most; last > first + 1; last--) {
        if (!describe(group, first, last, found, steps)) continue;
        if (all->capacity - all->length < MOST_CODE) {
            unsigned char *grown = az_realloc(all->data, all->capacity + 4 * MOST_CODE);
            if (!grown) return AZ_ERROR_MEMORY;
            all->data = grown;
            all->capacity += 4 * MOST_CODE;
        }
        const size_t length = az_loop_write(plan->isa, is_double, steps, last - first, found->walk, found->n,
                                            all->data + all->length, MOST_CODE, &piece->entry);
        if (length == 0) continue;
        piece->entry += all->length;
        all->length += (length + 63) / 64 * 64;
        *end = last;
        return AZ_OK;
    }
    return AZ_OK;
}

static az_status fuse_group(az_plan *plan, az_instruction *group, code *all)
{
    az_piece pieces[AZ_MOST_MAPS];
    arrays found;
    bool any = false;
    int n = 0;
    for (int m = 0; m < group->n_maps; n++) {
        az_piece *piece = &pieces[n];
        int end;
        *piece = (az_piece){.first = m, .flat = true};
        AZ_TRY(make_loop(plan, group, m, piece, &found, all, &end));
        piece->is_loop = end > 0;
        any = any || piece->is_loop;
        if (!piece->is_loop) { /* an op by itself: its operands, then its result */
            const az_map *map = &group->maps[m];
            found.n = map->n + 1;
            for (int k = 0; k <= map->n; k++) {
                found.place[k] = k < map->n ? map->in[k] : map->out;
                found.walk[k] = k < map->n ? walk_of(map, k) : AZ_WALK_ALL;
                found.laps[k] = k < map->n && map->laps[k];
            }
            end = m + 1;
        }
        piece->n = end - m;
        piece->n_arrays = found.n;
        piece->places = arena_copy(plan, found.place, sizeof *found.place * (size_t)found.n);
        piece->walks = arena_copy(plan, found.walk, sizeof *found.walk * (size_t)found.n);
        piece->laps = arena_copy(plan, found.laps, sizeof *found.laps * (size_t)found.n);
        if (!piece->places || !piece->walks || !piece->laps) return AZ_ERROR_MEMORY;
        for (int k = 0; k < found.n; k++)
            piece->flat = piece->flat && (found.walk[k] == AZ_WALK_ALL || found.walk[k] == AZ_WALK_ONE);
        m = end;
    }
    if (!any) return AZ_OK;
    group->pieces = arena_copy(plan, pieces, sizeof *pieces * (size_t)n);
    if (!group->pieces) return AZ_ERROR_MEMORY;
    group->n_pieces = n;
    return AZ_OK;
}

az_status az_fuse(az_plan *plan)
{
    az_status status = AZ_OK;
    code all = {0};
    if (plan->find_nonfinite || az_loop_lanes(plan->isa, false) == 0) return AZ_OK;
    for (int64_t p = 0; p < plan->n_phases; p++)
        for (int64_t i = 0; plan->phases[p].space >= 0 && i < plan->phases[p].n; i++)
            if (plan->phases[p].instructions[i].n_maps > 1)
                AZ_GOTO(fuse_group(plan, &plan->phases[p].instructions[i], &all));
    if (all.length == 0) goto done;
    plan->code = az_loop_pages(all.data, all.length);
    plan->code_bytes = all.length;
    for (int64_t p = 0; plan->code && p < plan->n_phases; p++)
        for (int64_t i = 0; i < plan->phases[p].n; i++) {
            az_instruction *group = &plan->phases[p].instructions[i];
            if (group->n_pieces == 0) continue;
            group->run = az_execute_pieces;
            for (int k = 0; k < group->n_pieces; k++) {
                if (!group->pieces[k].is_loop) continue;
                const unsigned char *begin = (unsigned char *)plan->code + group->pieces[k].entry;
                memcpy(&group->pieces[k].loop, &begin,
                       sizeof begin); /* C has no cast from object to function pointers */
            }
        }
done:
    az_free(all.data);
    return status;
}

void az_fuse_free(az_plan *plan)
{
    az_loop_free(plan->code, plan->code_bytes);
}

/* A single op on what its piece's arrays point at. */
static void run_single(const az_map *map, const az_piece *piece, int64_t n, int64_t n_inner, void *const *array)
{
    az_operand in[AZ_MAP_INPUTS];
    if (piece->flat) {
        n_inner *= n;
        n = 1;
    }
    for (int k = 0; k < map->n; k++) {
        const az_walk walk = piece->walks[k];
        in[k] = (az_operand){.data = array[k],
                             .outer = walk == AZ_WALK_ALL ? n_inner : walk == AZ_WALK_OUTER,
                             .inner = walk == AZ_WALK_ALL || walk == AZ_WALK_INNER};
    }
    map->kernel(n, n_inner, array[map->n], in, map->attribute);
}

void az_execute_pieces(const az_instruction *instruction, const az_frame *frame)
{
    enum { MOST_ARRAYS = AZ_MOST_MAPS * (AZ_MAP_INPUTS + 1) };
    const int64_t n_inner = frame->height, lap = instruction->lap;
    const int n_pieces = instruction->n_pieces;
    if (n_inner == 1) {
        az_execute_maps(instruction, frame);
        return;
    }
    /* Loops need no blocks, unless other ops come between them. */
    const int64_t n_blocks = n_pieces == 1 ? 1 : (lap * n_inner + frame->block_size - 1) / frame->block_size;
    const int64_t step = n_blocks > 1 ? (lap + n_blocks - 1) / n_blocks : lap;
    char *begin[MOST_ARRAYS];
    void *array[MOST_ARRAYS];
    int64_t bytes[MOST_ARRAYS]; /* from one element to the next */
    bool laps[MOST_ARRAYS];
    int n = 0;
    for (int p = 0; p < n_pieces; p++) {
        const az_piece *piece = &instruction->pieces[p];
        for (int k = 0; k < piece->n_arrays; k++, n++) {
            const az_place *place = &piece->places[k];
            const az_walk walk = piece->walks[k];
            const int64_t along = walk == AZ_WALK_ALL ? n_inner : walk == AZ_WALK_OUTER;
            array[n] = begin[n] = az_place_address(place, frame);
            bytes[n] = place->region == AZ_AT_BLOCK ? 0 : along * (int64_t)az_type_size(place->tile.type);
            laps[n] = piece->laps[k];
        }
    }
    for (int64_t round = 0; round < instruction->elements; round += lap)
        for (int64_t first = 0; first < lap; first += step) {
            const int64_t count = lap - first < step ? lap - first : step;
            void **of_piece = array;
            for (int k = 0; k < n && round + first > 0; k++)
                array[k] = begin[k] + (laps[k] ? first : round + first) * bytes[k];
            for (int p = 0; p < n_pieces; p++) {
                const az_piece *piece = &instruction->pieces[p];
                const az_map *map = &instruction->maps[piece->first];
                if (piece->loop) {
                    const int64_t line = n_inner * (int64_t)az_type_size(type_of(map));
                    piece->loop(piece->flat ? 1 : count, piece->flat ? count * line : line, of_piece);
                } else {
                    run_single(map, piece, count, n_inner, of_piece);
                }
                of_piece += piece->n_arrays;
            }
        }
}
