/* SPDX-License-Identifier: BSD-3-Clause */
/* Instructions: kernels, groups of elementwise ops, views and copies, packs, loads and stores. */
#include "base/status.h"
#include "graph/lowering.h"
#include "ops/registry.h"

/* --- Instructions ------------------------------------------------------------------------------------------------- */

az_instruction *az_emit_instruction(az_phase *phase)
{
    if (phase->n == phase->capacity) {
        const int64_t wanted = phase->capacity ? 2 * phase->capacity : 16;
        az_instruction *grown = az_realloc_array(phase->instructions, wanted, sizeof *grown);
        if (!grown) return NULL;
        phase->instructions = grown;
        phase->capacity = wanted;
    }
    az_instruction *made = &phase->instructions[phase->n++];
    *made = (az_instruction){.node = -1, .packed.region = AZ_UNPLACED};
    return made;
}

/* Where a result with rows is to lie. */
static void place_rows(az_lowering *l, az_phase *phase, az_scratch *scratch, int64_t id)
{
    const az_vertex *v = &l->graph->vertices[id];
    const int64_t n = bytes_of(v);
    az_place place = {.tile = tile_of(v), .space = l->space[id], .row_bytes = n};
    if (l->kept[id]) {
        az_space *space = &l->plan->spaces[l->space[id]];
        place.region = AZ_AT_KEPT;
        place.offset = space->kept_bytes;
        space->kept_bytes += n;
    } else {
        place.region = AZ_AT_TILE;
        place.offset = az_scratch_take(scratch, n, l->last_use[id]);
        if (scratch->size > phase->tile_bytes) phase->tile_bytes = scratch->size;
    }
    l->place[id] = place;
}

/* Scratch that is the same for all rows of a tile. */
static int64_t take_row_bytes(az_phase *phase, int64_t n)
{
    const int64_t at = phase->row_bytes;
    phase->row_bytes += (n + 63) / 64 * 64;
    return at;
}

/* The kernel of an op for the type of its last input, at the best instruction set. */
static const az_kernels *kernels_of(const az_lowering *l, const az_op *op)
{
    return op->kernels[l->plan->isa];
}

static az_type kernel_type(const az_lowering *l, const az_vertex *v)
{
    return v->n ? l->graph->vertices[v->x[v->n - 1]].type : v->type;
}

static const void *keep_attribute(az_lowering *l, const az_vertex *v)
{
    return v->op->attribute_size ? arena_copy(l->plan, v->attribute, v->op->attribute_size) : l->plan;
}

/* The calls of an instruction's kernel, for each height of tiles. */
static az_status prepare(az_lowering *l, const az_phase *phase, az_instruction *instruction)
{
    const az_op *op = instruction->op;
    const int n_heights = phase->space < 0 ? 1 : AZ_N_HEIGHTS;
    for (int h = 0; h < n_heights; h++) {
        az_call *call = az_arena_alloc(&l->plan->arena, sizeof *call);
        az_tile *tiles = az_arena_alloc(&l->plan->arena, sizeof *tiles * (size_t)(instruction->n + 1));
        if (!call || !tiles) return AZ_ERROR_MEMORY;
        for (int k = 0; k < instruction->n; k++) tiles[k] = az_place_tile(&instruction->in[k], az_heights[h]);
        tiles[instruction->n] = az_place_tile(&instruction->out, az_heights[h]);
        *call = (az_call){.attribute = instruction->attribute,
                          .in = tiles,
                          .out = tiles + instruction->n,
                          .n_inputs = instruction->n,
                          .n_extents = instruction->n_extents,
                          .n_rows = az_heights[h],
                          .n_valid = az_heights[h]};
        instruction->calls[h] = call;
        if (op->scratch) {
            const int64_t bytes = (int64_t)op->scratch(call);
            if (bytes > l->plan->scratch_bytes) l->plan->scratch_bytes = bytes;
        }
        if (!op->prepare) continue;
        void *prepared = az_arena_alloc(&l->plan->arena, op->prepared_size);
        if (!prepared) return AZ_ERROR_MEMORY;
        op->prepare(call, l->plan->isa, prepared);
        call->prepared = prepared;
    }
    return AZ_OK;
}

/* A view or a strided operand made into an array without gaps; with a repetition for every row if `rows`.  It is there
 * up to step `until` of the phase. */
static az_status add_copy(az_lowering *l, az_phase *phase, az_scratch *scratch, az_place *place, bool rows,
                          int64_t elements, int64_t until)
{
    const int32_t space = phase->space;
    const bool of_row = !rows && place->region == AZ_AT_ROW;
    az_phase *at = rows || of_row ? phase : l->small; /* the same for all tiles: once */
    az_instruction *copy = az_emit_instruction(at);
    if (!copy || !(copy->in = az_arena_alloc(&l->plan->arena, sizeof *copy->in))) return AZ_ERROR_MEMORY;
    copy->run = az_execute_kernel;
    copy->op = &az_op_copy;
    copy->kernel = kernels_of(l, &az_op_copy)->tile[place->tile.type];
    copy->n = 1;
    copy->in[0] = *place;
    az_place to = {.tile = place->tile, .space = space};
    az_tile_row_major(&to.tile);
    to.tile.row_stride = rows;
    const int64_t n = elements * (int64_t)az_type_size(place->tile.type);
    if (rows) {
        to.region = AZ_AT_TILE;
        to.row_bytes = (n + 7) / 8 * 8;
        to.offset = az_scratch_take(scratch, to.row_bytes, until);
        if (scratch->size > phase->tile_bytes) phase->tile_bytes = scratch->size;
    } else if (of_row) {
        to.region = AZ_AT_ROW;
        to.offset = take_row_bytes(phase, n);
    } else {
        to.region = AZ_AT_FIXED;
        to.offset = l->plan->fixed_bytes;
        l->plan->fixed_bytes += (n + 63) / 64 * 64;
    }
    copy->out = to;
    *place = to;
    return prepare(l, at, copy);
}

/* The stride with which an operand walks through its elements in order; false: there is no such. */
static bool one_stride(const az_tile *tile, int64_t *stride)
{
    bool repeats = true;
    for (int i = 0; i < tile->rank; i++) repeats = repeats && (tile->stride[i] == 0 || tile->size[i] == 1);
    *stride = repeats ? 0 : 1;
    return repeats || az_tile_is_row_major(tile);
}

/* A view that others need when its array is gone, as an array of its own. */
static az_status keep_view(az_lowering *l, az_phase *phase, az_scratch *scratch, int64_t id)
{
    az_instruction *copy = az_emit_instruction(phase);
    if (!copy || !(copy->in = arena_copy(l->plan, &l->place[id], sizeof *copy->in))) return AZ_ERROR_MEMORY;
    place_rows(l, phase, scratch, id);
    copy->run = az_execute_kernel;
    copy->op = &az_op_copy;
    copy->kernel = kernels_of(l, &az_op_copy)->tile[copy->in[0].tile.type];
    copy->n = 1;
    copy->out = l->place[id];
    return prepare(l, phase, copy);
}

/* A view's place, if strides will do; else a copy. */
az_status az_emit_view(az_lowering *l, az_phase *phase, az_scratch *scratch, int64_t id)
{
    const az_vertex *v = &l->graph->vertices[id], *from = &l->graph->vertices[v->x[0]];
    az_place place = l->place[v->x[0]];
    az_tile tile = tile_of(v);
    int64_t offset = 0;
    tile.row_stride = 0;
    if (v->op->view && v->op->view(v->attribute, az_shape_extents(from->shape), az_shape_extents(v->shape), &place.tile,
                                   &tile, &offset)) {
        place.first += offset;
        place.tile = tile;
        l->place[id] = place;
        return l->kept[id] ? keep_view(l, phase, scratch, id) : AZ_OK;
    }
    az_instruction *copy = az_emit_instruction(phase);
    if (!copy || !(copy->in = az_arena_alloc(&l->plan->arena, sizeof *copy->in))) return AZ_ERROR_MEMORY;
    copy->run = az_execute_kernel;
    copy->op = v->op;
    copy->node = id;
    copy->attribute = keep_attribute(l, v);
    copy->kernel = kernels_of(l, v->op)->tile[v->type];
    copy->n = 1;
    copy->in[0] = place;
    copy->n_extents = az_shape_extents(from->shape);
    if (!copy->attribute) return AZ_ERROR_MEMORY;
    if (v->op->flags & AZ_OP_STRIDES || az_tile_is_row_major(&place.tile)) {
        if (has_rows(v))
            place_rows(l, phase, scratch, id);
        else
            l->place[id] = fixed_place(l, v);
        copy->out = l->place[id];
        return prepare(l, phase, copy);
    }
    /* The operand is copied first, and this is a view of the copy, which has to be there as long. */
    phase->n--;
    const az_place strided = place;
    AZ_TRY(add_copy(l, phase, scratch, &place, has_rows(from) && place.tile.row_stride, az_tile_elements(&place.tile),
                    l->last_use[id]));
    l->place[v->x[0]] = place;
    const az_status status = az_emit_view(l, phase, scratch, id);
    l->place[v->x[0]] = strided;
    return status;
}

/* What an instruction's kernel packs, before it. */
static void make_pack(const az_lowering *l, const az_instruction *instruction, const az_vertex *v, az_instruction *pack)
{
    *pack = *instruction;
    pack->run = az_execute_pack;
    pack->kernel = kernels_of(l, v->op)->pack[kernel_type(l, v)];
    pack->only_tall = true;
}

/* Packs are shared by all that would pack the same; what differs by the row is packed for each. */
static az_status add_pack(az_lowering *l, az_phase *phase, int64_t number, const az_vertex *v)
{
    const az_op *op = v->op;
    az_instruction *instruction = &phase->instructions[number];
    if (!op->packed || !kernels_of(l, op)->pack[kernel_type(l, v)]) return AZ_OK;
    const int64_t n = (int64_t)op->packed(instruction->calls[1]);
    if (n == 0) return AZ_OK;
    if (instruction->in[v->n - 1].region == AZ_AT_ROW) {
        instruction->packed = (az_place){.region = AZ_AT_ROW, .offset = take_row_bytes(phase, n)};
        az_instruction *kernel = az_emit_instruction(phase);
        if (!kernel) return AZ_ERROR_MEMORY;
        *kernel = phase->instructions[number];
        make_pack(l, kernel, v, &phase->instructions[number]);
        phase->n_packs++;
        return AZ_OK;
    }
    for (int64_t i = 0; i < l->n_packs; i++) {
        const struct az_packed *p = &l->packs[i];
        if (p->op != op || p->x != v->x[v->n - 1] || memcmp(p->attribute, v->attribute, op->attribute_size) != 0)
            continue;
        instruction->packed = p->place;
        return AZ_OK;
    }
    struct az_packed *grown = az_realloc_array(l->packs, l->n_packs + 1, sizeof *grown);
    if (!grown) return AZ_ERROR_MEMORY;
    l->packs = grown;
    az_place place = {.region = AZ_AT_FIXED, .offset = l->plan->fixed_bytes};
    l->plan->fixed_bytes += (n + 63) / 64 * 64;
    instruction->packed = place;
    grown[l->n_packs++] = (struct az_packed){op, v->x[v->n - 1], v->attribute, place};
    az_instruction *pack = az_emit_instruction(l->small);
    if (!pack) return AZ_ERROR_MEMORY;
    make_pack(l, instruction, v, pack);
    l->small->n_packs++;
    return AZ_OK;
}

/* Where a phase adds up a sum, and where that goes from there. */
static az_status place_sum(az_lowering *l, az_phase *phase, az_scratch *scratch, az_instruction *made)
{
    const az_vertex *v = &l->graph->vertices[made->node];
    struct az_phase_sum *grown = az_realloc_array(phase->sums, phase->n_sums + 1, sizeof *grown);
    if (!grown) return AZ_ERROR_MEMORY;
    phase->sums = grown;
    if (has_rows(v)) place_rows(l, phase, scratch, made->node); /* kept */
    made->out = l->place[made->node];
    struct az_phase_sum sum = {
        .n = az_shape_elements(v->shape), .to = made->out, .join = kernels_of(l, v->op)->join[v->type]};
    if (!has_rows(v)) {
        sum.over = AZ_OVER_ALL;
        made->out.region = AZ_AT_SLOT;
        made->out.offset = sum.slot_offset = phase->slot_bytes;
        phase->slot_bytes += bytes_of(v);
    } else if (is_of_first(l, made->node, phase->space)) {
        sum.over = AZ_OVER_LAST;
        made->out.region = AZ_AT_ROW;
        made->out.offset = take_row_bytes(phase, bytes_of(v));
        made->out.tile.row_stride = 0;
    } else {
        sum.over = AZ_OVER_FIRST;
        made->out.region = AZ_AT_COLUMNS;
        made->out.offset = sum.slot_offset = phase->column_bytes;
        phase->column_bytes += bytes_of(v);
    }
    made->reduces = sum.over;
    phase->whole_rows = phase->whole_rows || has_rows(v);
    grown[phase->n_sums++] = sum;
    return AZ_OK;
}

/* A sum over the last of two extents, when it is complete. */
static az_status add_put(az_lowering *l, az_phase *phase, az_place sum, int64_t id)
{
    az_instruction *put = az_emit_instruction(phase);
    if (!put || !(put->in = arena_copy(l->plan, &sum, sizeof *put->in))) return AZ_ERROR_MEMORY;
    put->run = az_execute_put;
    put->n = 1;
    put->out = l->place[id];
    return AZ_OK;
}

az_status az_emit_fetch(az_lowering *l, az_phase *phase, int64_t id)
{
    const az_vertex *v = &l->graph->vertices[id];
    az_instruction *fetch = az_emit_instruction(phase);
    if (!fetch || !(fetch->in = arena_copy(l->plan, &l->place[id], sizeof *fetch->in))) return AZ_ERROR_MEMORY;
    fetch->run = az_execute_fetch;
    fetch->node = id;
    fetch->n = 1;
    fetch->out = (az_place){.region = AZ_AT_ROW, .offset = take_row_bytes(phase, bytes_of(v)), .tile = tile_of(v)};
    fetch->out.tile.row_stride = 0;
    l->place[id] = fetch->out;
    return AZ_OK;
}

/* Any op but elementwise ones and views. */
az_status az_emit_kernel(az_lowering *l, az_phase *phase, az_scratch *scratch, int64_t id)
{
    const az_vertex *v = &l->graph->vertices[id];
    az_place in[64];
    for (int k = 0; k < v->n; k++) {
        const az_vertex *x = &l->graph->vertices[v->x[k]];
        in[k] = l->place[v->x[k]];
        /* What is the same in all rows has to count for each of them in a sum. */
        const bool repeated = has_rows(x) && !in[k].tile.row_stride;
        const bool spread = repeated && (!(v->op->flags & AZ_OP_REPEATS) || is_sum(l, id));
        if (v->op->flags & AZ_OP_STRIDES || (az_tile_is_row_major(&in[k].tile) && !spread)) continue;
        AZ_TRY(add_copy(l, phase, scratch, &in[k], has_rows(x) && (spread || !repeated), az_shape_elements(x->shape),
                        scratch->now));
    }
    az_instruction *made = az_emit_instruction(phase);
    if (!made) return AZ_ERROR_MEMORY;
    made->in = arena_copy(l->plan, in, sizeof in[0] * (size_t)v->n);
    made->attribute = keep_attribute(l, v);
    if (!made->in || !made->attribute) return AZ_ERROR_MEMORY;
    made->run = az_execute_kernel;
    made->op = v->op;
    made->node = id;
    made->n = v->n;
    made->kernel = kernels_of(l, v->op)->tile[kernel_type(l, v)];
    made->n_extents = v->n ? az_shape_extents(l->graph->vertices[v->x[0]].shape) : 0;
    if (!made->kernel)
        return az_error(AZ_ERROR_USAGE, "the op \"%s\" has no kernel for %s", v->op->name,
                        az_type_name(kernel_type(l, v)));
    if (phase->wide) {
        made->reduces = AZ_OVER_ALL;
        made->out = l->place[id];
    } else if (is_sum(l, id)) {
        AZ_TRY(place_sum(l, phase, scratch, made));
    } else {
        if (has_rows(v)) place_rows(l, phase, scratch, id);
        made->out = l->place[id];
    }
    const int64_t number = phase->n - 1;
    AZ_TRY(prepare(l, phase, made));
    if (phase->wide) made->n_parts = v->op->parts(made->calls[1]);
    if (made->reduces == AZ_OVER_LAST) return add_put(l, phase, made->out, id);
    return phase->space >= 0 ? add_pack(l, phase, number, v) : AZ_OK;
}

/* --- Groups of elementwise ops ------------------------------------------------------------------------------------ */

/* Elements after which an operand that repeats along its leading axes begins again; 0: it does not do that. */
static int64_t lap_of(const az_tile *tile)
{
    az_tile inner = *tile;
    int d = 0;
    while (d < tile->rank && (tile->stride[d] == 0 || tile->size[d] == 1)) d++;
    inner.rank = tile->rank - d;
    memmove(inner.size, tile->size + d, sizeof inner.size[0] * (size_t)inner.rank);
    memmove(inner.stride, tile->stride + d, sizeof inner.stride[0] * (size_t)inner.rank);
    return az_tile_is_row_major(&inner) ? az_tile_elements(&inner) : 0;
}

/* Copies for operands that do not walk with one stride, before the group begins; but those that repeat after *lap
 * elements (0: not found yet) are begun again. */
enum { SHORT_LAP = 8 }; /* shorter ones cost more in calls of kernels than the copy does */

static az_status straighten(az_lowering *l, az_phase *phase, az_scratch *scratch, const int64_t *group, int n,
                            az_place (*in)[4], int64_t *lap)
{
    for (int g = 0; g < n; g++) {
        const az_vertex *v = &l->graph->vertices[group[g]];
        for (int k = 0; k < v->n; k++) {
            int64_t stride;
            bool inside = false;
            for (int h = 0; h < g; h++) inside = inside || group[h] == v->x[k];
            if (inside) continue;
            in[g][k] = l->place[v->x[k]];
            if (one_stride(&in[g][k].tile, &stride)) continue;
            const int64_t own = lap_of(&in[g][k].tile);
            if (own >= SHORT_LAP && (*lap == 0 || *lap == own)) {
                *lap = own;
                continue;
            }
            AZ_TRY(add_copy(l, phase, scratch, &in[g][k], phase->space >= 0 && in[g][k].tile.row_stride,
                            az_tile_elements(&in[g][k].tile), scratch->now));
        }
    }
    return AZ_OK;
}

az_status az_emit_group(az_lowering *l, az_phase *phase, az_scratch *scratch, const int64_t *group, int n)
{
    az_place in[AZ_MOST_MAPS][4];
    int64_t lap = 0;
    AZ_TRY(straighten(l, phase, scratch, group, n, in, &lap));
    az_instruction *made = az_emit_instruction(phase);
    if (!made || !(made->maps = az_arena_alloc(&l->plan->arena, sizeof *made->maps * (size_t)n)))
        return AZ_ERROR_MEMORY;
    made->run = az_execute_maps;
    made->n_maps = n;
    made->node = group[n - 1];
    made->elements = az_shape_elements(l->graph->vertices[group[0]].shape);
    made->lap = lap ? lap : made->elements;
    int64_t buffers = 0;
    for (int g = 0; g < n; g++) {
        const int64_t id = group[g];
        const az_vertex *v = &l->graph->vertices[id];
        az_map *map = &made->maps[g];
        *map = (az_map){.op = v->op, .node = id, .n = v->n, .type = v->type, .flat = true};
        map->kernel = kernels_of(l, v->op)->map[kernel_type(l, v)];
        if (!map->kernel)
            return az_error(AZ_ERROR_USAGE, "the op \"%s\" has no kernel for %s", v->op->name,
                            az_type_name(kernel_type(l, v)));
        map->attribute = keep_attribute(l, v);
        map->in = az_arena_alloc(&l->plan->arena, sizeof *map->in * (size_t)v->n);
        if (!map->attribute || !map->in) return AZ_ERROR_MEMORY;
        int64_t inside_uses = 0;
        for (int h = g + 1; h < n; h++)
            for (int k = 0; k < l->graph->vertices[group[h]].n; k++)
                inside_uses += l->graph->vertices[group[h]].x[k] == id;
        if ((inside_uses == l->n_uses[id] || l->repeated[id]) && !l->read_again[id] &&
            !l->plan->find_nonfinite) { /* else all is to be looked at */
            l->place[id] = (az_place){.region = AZ_AT_BLOCK, .offset = buffers++, .tile = tile_of(v)};
        } else if (phase->space >= 0) {
            place_rows(l, phase, scratch, id);
        }
        map->out = l->place[id];
        for (int k = 0; k < v->n; k++) {
            bool inside = false;
            for (int h = 0; h < g; h++) inside = inside || group[h] == v->x[k];
            map->in[k] = inside ? l->place[v->x[k]] : in[g][k];
            int64_t stride;
            map->laps[k] = !one_stride(&map->in[k].tile, &stride);
            map->repeats[k] = stride == 0;
            map->flat = map->flat && map->repeats[k] != (map->in[k].tile.row_stride != 0);
        }
    }
    if (buffers > l->plan->block_buffers) l->plan->block_buffers = buffers;
    return AZ_OK;
}

az_status az_emit_stores(az_lowering *l, az_phase *phase, int64_t id)
{
    for (int32_t o = 0; o < l->plan->n_outputs; o++) {
        if (l->plan->outputs[o].node != id) continue;
        az_instruction *store = az_emit_instruction(phase);
        if (!store || !(store->in = arena_copy(l->plan, &l->place[id], sizeof *store->in))) return AZ_ERROR_MEMORY;
        store->run = az_execute_store;
        store->n = 1;
        store->binding = o;
    }
    return AZ_OK;
}

az_status az_emit_load(az_lowering *l, az_phase *phase, az_scratch *scratch, int64_t id)
{
    place_rows(l, phase, scratch, id);
    az_instruction *load = az_emit_instruction(phase);
    if (!load) return AZ_ERROR_MEMORY;
    load->run = az_execute_load;
    load->node = id;
    load->out = l->place[id];
    for (int32_t i = 0; i < l->plan->n_inputs; i++)
        if (l->plan->inputs[i].node == id) load->binding = i;
    return AZ_OK;
}
