/* SPDX-License-Identifier: BSD-3-Clause */
/* Where lies what does not come and go with the tiles: constants, slices of theta and of the state, inputs and outputs,
 * values without rows. */
#include "base/status.h"
#include "graph/lowering.h"

#include <stdio.h>

static az_status place_constant(az_lowering *l, int64_t id, const void *data)
{
    az_plan *plan = l->plan;
    const az_vertex *v = &l->graph->vertices[id];
    const int64_t n = bytes_of(v), used = az_shape_elements(v->shape) * (int64_t)az_type_size(v->type);
    char *grown = az_realloc(plan->constants, (size_t)(plan->constant_bytes + n + 1));
    if (!grown) return AZ_ERROR_MEMORY;
    plan->constants = grown;
    memcpy(grown + plan->constant_bytes, data, (size_t)used);
    l->place[id] = (az_place){.region = AZ_AT_CONSTANT, .offset = plan->constant_bytes, .tile = tile_of(v)};
    plan->constant_bytes += n;
    return AZ_OK;
}

static az_status port_add(az_plan *plan, az_port **ports, int32_t *n, const char *name, const az_vertex *v, int64_t id)
{
    az_port *grown = az_realloc_array(*ports, *n + 1, sizeof *grown);
    if (!grown) return AZ_ERROR_MEMORY;
    *ports = grown;
    char *copy = az_arena_strndup(&plan->arena, name, strlen(name));
    if (!copy) return AZ_ERROR_MEMORY;
    grown[(*n)++] = (az_port){.name = copy,
                              .type = v->type,
                              .shape = v->shape,
                              .n_extents = az_shape_extents(v->shape),
                              .elements = az_shape_elements(v->shape),
                              .node = id,
                              .place.region = AZ_UNPLACED};
    return AZ_OK;
}

az_status az_describe(az_lowering *l, const az_node *outputs, const char *const *names, int n_outputs)
{
    az_plan *plan = l->plan;
    const az_graph *graph = l->graph;
    plan->real = graph->real;
    plan->n_parameters = graph->parameters.total;
    plan->n_state = graph->state.total;
    plan->n_extents = graph->n_extents;
    plan->extents = az_arena_alloc(&plan->arena, sizeof *plan->extents * (size_t)graph->n_extents);
    plan->slots = az_arena_alloc(&plan->arena, sizeof *plan->slots * (size_t)(graph->parameters.n + 1));
    plan->spaces = az_arena_alloc(&plan->arena, sizeof *plan->spaces * AZ_MOST_SPACES);
    plan->node_paths = az_arena_alloc(&plan->arena, sizeof *plan->node_paths * (size_t)(l->n + 1));
    if (!plan->extents || !plan->slots || !plan->spaces || !plan->node_paths) return AZ_ERROR_MEMORY;
    for (int64_t k = 0; k < graph->n_extents; k++)
        if (!(plan->extents[k] = az_arena_strndup(&plan->arena, graph->extents[k], strlen(graph->extents[k]))))
            return AZ_ERROR_MEMORY;
    for (int64_t i = 0; i < graph->parameters.n; i++) {
        const az_slot *slot = &graph->parameters.slots[i];
        char *name = az_arena_strndup(&plan->arena, slot->name, strlen(slot->name));
        if (!name) return AZ_ERROR_MEMORY;
        plan->slots[plan->n_slots++] =
            (struct az_plan_slot){name, slot->offset, slot->size, graph->vertices[slot->node].shape};
    }
    const char *last = NULL, *copy = NULL;
    for (int64_t id = 0; id < l->n; id++) {
        const char *path = graph->vertices[id].path;
        if (path != last && !(copy = az_arena_strndup(&plan->arena, path, strlen(path)))) return AZ_ERROR_MEMORY;
        last = path;
        plan->node_paths[id] = copy;
    }
    for (int i = 0; i < n_outputs; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        AZ_TRY(port_add(plan, &plan->outputs, &plan->n_outputs, names ? names[i] : number,
                        &graph->vertices[outputs[i].id], outputs[i].id));
    }
    return AZ_OK;
}

/* Leaves, and what has no rows. */
az_status az_place_fixed(az_lowering *l)
{
    az_plan *plan = l->plan;
    const int64_t real = (int64_t)az_type_size(plan->real);
    for (int64_t id = 0; id < l->n; id++) {
        const az_vertex *v = &l->graph->vertices[id];
        l->place[id].region = AZ_UNPLACED;
        if (!l->live[id]) continue;
        az_leaf leaf = {0};
        if (known_value(l, id)) {
            AZ_TRY(place_constant(l, id, known_value(l, id)));
            continue;
        }
        if (!v->op->leaf) {
            if (!has_rows(v) && !is_view(l, id)) l->place[id] = fixed_place(l, v);
            continue;
        }
        v->op->leaf(v->attribute, &leaf);
        switch (leaf.kind) {
        case AZ_LEAF_CONSTANT: AZ_TRY(place_constant(l, id, leaf.data)); break;
        case AZ_LEAF_THETA:
        case AZ_LEAF_STATE:
            l->place[id] = (az_place){.region = leaf.kind == AZ_LEAF_THETA ? AZ_AT_THETA : AZ_AT_STATE,
                                      .offset = leaf.offset * real,
                                      .tile = tile_of(v)};
            break;
        case AZ_LEAF_INPUT:
            if (!has_rows(v)) l->place[id] = fixed_place(l, v);
            AZ_TRY(port_add(plan, &plan->inputs, &plan->n_inputs, leaf.name, v, id));
            plan->inputs[plan->n_inputs - 1].place = l->place[id];
            break;
        case AZ_LEAF_EXTENT: {
            l->place[id] = fixed_place(l, v);
            struct az_plan_extent *grown =
                az_realloc_array(plan->extent_values, plan->n_extent_values + 1, sizeof *grown);
            if (!grown) return AZ_ERROR_MEMORY;
            plan->extent_values = grown;
            grown[plan->n_extent_values++] =
                (struct az_plan_extent){leaf.offset, l->place[id].offset, (az_type)v->type};
            break;
        }
        }
    }
    return AZ_OK;
}

az_status az_collect_results(az_lowering *l)
{
    az_plan *plan = l->plan;
    const az_graph *graph = l->graph;
    for (int32_t o = 0; o < plan->n_outputs; o++) plan->outputs[o].place = l->place[plan->outputs[o].node];
    plan->assignments = az_arena_alloc(&plan->arena, sizeof *plan->assignments * (size_t)(graph->state.n + 1));
    if (!plan->assignments) return AZ_ERROR_MEMORY;
    for (int64_t i = 0; i < graph->state.n; i++) {
        const az_slot *slot = &graph->state.slots[i];
        if (slot->value >= 0)
            plan->assignments[plan->n_assignments++] = (az_assignment){slot->offset, slot->size, l->place[slot->value]};
    }
    return AZ_OK;
}
