/* SPDX-License-Identifier: BSD-3-Clause */
/* What lower.c, which decides the order of work, and emit.c, which writes instructions, know together. */
#ifndef AZ_GRAPH_LOWERING_H
#define AZ_GRAPH_LOWERING_H

#include "graph/graph.h"
#include "graph/plan.h"
#include "graph/scratch.h"
#include "ops/shape.h"

#include <string.h>

enum { AZ_NO_SPACE = -1, AZ_UNPLACED = -1 };

typedef struct az_lowering {
    az_graph *graph;
    az_plan *plan;
    int64_t n;
    const void *const *folded; /* values of nodes that are known, or NULL */
    bool *live, *done;
    bool *kept, *whole, *remade; /* for later stages; also for others than phases over its rows; made again in those */
    bool *repeated, *read_again; /* made again by each group that reads it; read by one that makes others again */
    int32_t *stage, *space;      /* of the value */
    int32_t *when, *where;       /* stage and space of the phase that works it out: of sums, those of what they sum */
    int64_t *n_uses;             /* by live nodes and outputs */
    int64_t *last_use;           /* number of the instruction of the phase after which the scratch is free */
    az_place *place;
    int32_t n_stages;
    az_phase *small; /* of the stage that is being built */
    struct az_packed {
        const az_op *op;
        int64_t x;
        const void *attribute;
        az_place place;
    } * packs;
    int64_t n_packs;
} az_lowering;

static inline bool has_rows(const az_vertex *v)
{
    return az_shape_extents(v->shape) > 0;
}

static inline const void *known_value(const az_lowering *l, int64_t id)
{
    return l->folded ? l->folded[id] : NULL;
}

static inline bool is_view(const az_lowering *l, int64_t id)
{
    return l->graph->vertices[id].op->flags & AZ_OP_VIEW;
}

static inline bool is_elementwise(const az_lowering *l, int64_t id)
{
    return l->graph->vertices[id].op->flags & AZ_OP_ELEMENTWISE;
}

/* A sum over extents: it is there in the stage after the one that works it out. */
static inline bool is_sum(const az_lowering *l, int64_t id)
{
    return l->when[id] != l->stage[id];
}

static inline bool is_of_pairs(const az_lowering *l, int64_t id)
{
    return az_shape_extents(l->graph->vertices[id].shape) == 2;
}

/* Has it the first extent of a space of two, alone? */
static inline bool is_of_first(const az_lowering *l, int64_t id, int32_t space)
{
    return space >= 0 && l->plan->spaces[space].n == 2 && l->plan->spaces[space].single[0] == l->space[id];
}

static inline az_tile tile_of(const az_vertex *v)
{
    az_tile tile = {.type = v->type, .row_stride = has_rows(v)};
    for (int i = az_shape_extents(v->shape); i < v->shape.rank; i++) tile.size[tile.rank++] = v->shape.size[i];
    az_tile_row_major(&tile);
    return tile;
}

static inline int64_t bytes_of(const az_vertex *v)
{
    const int64_t n = az_shape_elements(v->shape) * (int64_t)az_type_size(v->type);
    return has_rows(v) ? (n + 7) / 8 * 8 : (n + 63) / 64 * 64;
}

static inline az_place fixed_place(az_lowering *l, const az_vertex *v)
{
    const az_place place = {.region = AZ_AT_FIXED, .offset = l->plan->fixed_bytes, .tile = tile_of(v)};
    l->plan->fixed_bytes += bytes_of(v);
    return place;
}

static inline void *arena_copy(az_plan *plan, const void *data, size_t n)
{
    void *copy = az_arena_alloc(&plan->arena, n ? n : 1);
    if (copy && n) memcpy(copy, data, n);
    return copy;
}

/* Empty, with room for what passes find; az_lowering_end follows, also after an error (lower.c). */
az_status az_lowering_begin(az_lowering *l, az_graph *graph, az_plan *plan, const void *const *folded);
void az_lowering_end(az_lowering *l);

/* The names, slices, inputs and outputs of a plan; places of what does not come and go with tiles; places of the
 * results, when all is placed (places.c). */
az_status az_describe(az_lowering *l, const az_node *outputs, const char *const *names, int n_outputs);
az_status az_place_fixed(az_lowering *l);
az_status az_collect_results(az_lowering *l);
/* Fills in live, n_uses, stage, space, when, where, kept, whole and remade (stages.c). */
az_status az_find_stages(az_lowering *l, const az_node *outputs, int n_outputs);
/* Has the node, a sum, a wide phase? */
bool az_is_wide(const az_lowering *l, int64_t id);
/* The members of a row phase in the order in which they are worked out; order has room for all nodes (order.c). */
az_status az_order_rows(const az_lowering *l, const bool *member, int64_t *order, int64_t *n);
/* A sequence of members, those not done yet, behind the *n nodes in order: elementwise nodes of one size together, with
 * one number in groups (groups.c). */
void az_find_groups(az_lowering *l, const bool *member, const int64_t *sequence, int64_t length, int64_t *order,
                    int64_t *groups, int64_t *n);
/* last_use of each member: the place in the order of the last that reads it. */
void az_find_last_uses(az_lowering *l, const bool *member, const int64_t *order, int64_t n);
/* Groups get the cheap nodes of other groups that they read as members of their own (repeat.c). */
az_status az_repeat_cheap(az_lowering *l, int64_t **order, int64_t **groups, int64_t *n);

/* Instructions, added to a phase (emit.c).  Each places the value of its node. */
az_instruction *az_emit_instruction(az_phase *phase);
az_status az_emit_load(az_lowering *l, az_phase *phase, az_scratch *scratch, int64_t id);
/* The row of a kept value that has the first of two extents alone. */
az_status az_emit_fetch(az_lowering *l, az_phase *phase, int64_t id);
az_status az_emit_stores(az_lowering *l, az_phase *phase, int64_t id);
/* A view: strides over what is there, or a copy. */
az_status az_emit_view(az_lowering *l, az_phase *phase, az_scratch *scratch, int64_t id);
/* Any op but elementwise ones and views. */
az_status az_emit_kernel(az_lowering *l, az_phase *phase, az_scratch *scratch, int64_t id);
/* Elementwise ops of as many elements. */
az_status az_emit_group(az_lowering *l, az_phase *phase, az_scratch *scratch, const int64_t *group, int n);

#endif
