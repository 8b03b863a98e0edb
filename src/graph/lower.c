/* SPDX-License-Identifier: BSD-3-Clause */
/* From graph to plan: which nodes are needed, in which stage, in which order, and where their values lie. */
#include "graph/lower.h"

#include "base/status.h"
#include "graph/lowering.h"

#include <stdio.h>
#include <string.h>

const int64_t az_heights[AZ_N_HEIGHTS] = {1, 16, 32, 64, 128};

/* --- What is needed, and when ------------------------------------------------------------------------------------- */

static az_status find_space(az_lowering *l, az_shape shape, int32_t *space)
{
    az_plan *plan = l->plan;
    az_space made = {.n = az_shape_extents(shape)};
    for (int i = 0; i < made.n; i++) made.extent[i] = shape.size[i];
    for (*space = 0; *space < plan->n_spaces; ++*space)
        if (memcmp(plan->spaces[*space].extent, made.extent, sizeof made.extent) == 0) return AZ_OK;
    for (int i = 0; i < made.n && made.n > 1; i++) AZ_TRY(find_space(l, AZ_SHAPE(shape.size[i]), &made.single[i]));
    if (plan->n_spaces == AZ_MOST_SPACES)
        return az_error(AZ_ERROR_USAGE, "a plan has at most %d extents and pairs of them", AZ_MOST_SPACES);
    *space = plan->n_spaces++;
    plan->spaces[*space] = made;
    return AZ_OK;
}

static void need(az_lowering *l, int64_t id)
{
    l->live[id] = true;
    l->n_uses[id]++;
}

/* Sums over rows of so many elements have a wide phase, where their op can be cut into parts.  Not over pairs of rows,
 * of which there are too many to be kept. */
enum { WIDE = 1 << 16 };

static bool is_wide(const az_lowering *l, int64_t id)
{
    const az_vertex *v = &l->graph->vertices[id];
    if (!v->op->parts || has_rows(v) || az_shape_elements(v->shape) < WIDE) return false;
    for (int k = 0; k < v->n; k++)
        if (az_shape_extents(l->graph->vertices[v->x[k]].shape) != 1 || is_view(l, v->x[k])) return false;
    return v->n > 0;
}

/* The stage and the space of a value, and those in which it is worked out. */
static az_status find_phase(az_lowering *l, int64_t id)
{
    const az_vertex *v = &l->graph->vertices[id], *widest = v; /* with most extents, of the node and its inputs */
    l->space[id] = AZ_NO_SPACE;
    if (has_rows(v)) AZ_TRY(find_space(l, v->shape, &l->space[id]));
    l->where[id] = l->space[id];
    for (int k = 0; k < v->n; k++) {
        const az_vertex *x = &l->graph->vertices[v->x[k]];
        if (l->stage[v->x[k]] > l->when[id]) l->when[id] = l->stage[v->x[k]];
        if (az_shape_extents(x->shape) <= az_shape_extents(widest->shape)) continue;
        widest = x;
        l->where[id] = l->space[v->x[k]];
    }
    for (int k = 0; k < v->n; k++)
        if (!az_shape_covers(widest->shape, v->shape) ||
            !az_shape_covers(widest->shape, l->graph->vertices[v->x[k]].shape))
            return az_error(AZ_ERROR_USAGE, "the op \"%s\" mixes extents that no one of its values has together",
                            v->op->name);
    l->stage[id] = l->when[id] + (widest != v);
    if (l->stage[id] >= l->n_stages) l->n_stages = l->stage[id] + 1;
    return AZ_OK;
}

/* Of what a node needs, values with rows that are of an earlier stage or of other extents are kept; loads and views of
 * what is there are done again.  So are all values of pairs, of which there may be too many to be kept. */
static void find_kept(az_lowering *l, int64_t id)
{
    const az_vertex *v = &l->graph->vertices[id];
    if (has_rows(v) && is_sum(l, id)) l->kept[id] = true;
    for (int k = 0; k < v->n; k++) {
        int64_t x = v->x[k];
        if (!has_rows(&l->graph->vertices[x]) || is_of_pairs(l, x)) continue;
        if (is_wide(l, id) || l->space[x] != l->where[id]) l->kept[x] = true;
        while (is_view(l, x) && l->space[l->graph->vertices[x].x[0]] == l->space[x]) x = l->graph->vertices[x].x[0];
        if (l->stage[x] < l->when[id] && !l->graph->vertices[x].op->leaf && !is_view(l, x)) l->kept[x] = true;
    }
}

static az_status analyse(az_lowering *l, const az_node *outputs, int n_outputs)
{
    const az_graph *graph = l->graph;
    for (int i = 0; i < n_outputs; i++) need(l, outputs[i].id);
    for (int64_t i = 0; i < graph->state.n; i++)
        if (graph->state.slots[i].value >= 0) need(l, graph->state.slots[i].value);
    for (int64_t id = l->n - 1; id >= 0; id--)
        for (int k = 0; l->live[id] && !known_value(l, id) && k < graph->vertices[id].n; k++)
            need(l, graph->vertices[id].x[k]);
    for (int64_t id = 0; id < l->n; id++)
        if (l->live[id]) AZ_TRY(find_phase(l, id));
    for (int64_t id = 0; id < l->n; id++)
        if (l->live[id]) find_kept(l, id);
    return AZ_OK;
}

/* --- Places ------------------------------------------------------------------------------------------------------- */

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

/* Leaves, and what has no rows. */
static az_status place_fixed(az_lowering *l)
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

/* --- The order of a phase ----------------------------------------------------------------------------------------- */

/* Does the node belong to the phase: is it worked out there? */
static bool in_phase(const az_lowering *l, int64_t id, int32_t stage, int32_t space, bool wide)
{
    const az_vertex *v = &l->graph->vertices[id];
    if (!l->live[id] || (space >= 0 && wide != is_wide(l, id)) || ((v->op->leaf || known_value(l, id)) && !has_rows(v)))
        return false;
    return l->where[id] == space && l->when[id] == stage;
}

/* A sum with rows that is there from the start: outputs of it are stored. */
static bool is_output_of_earlier(const az_lowering *l, int64_t id, int32_t stage, int32_t space)
{
    if (!l->live[id] || !is_sum(l, id) || l->space[id] != space || space < 0 || l->stage[id] != stage) return false;
    for (int32_t o = 0; o < l->plan->n_outputs; o++)
        if (l->plan->outputs[o].node == id) return true;
    return false;
}

/* What the phase needs again of earlier stages: views, loads, and values of pairs. */
static void mark_again(const az_lowering *l, const bool *member, bool *again, int32_t stage, int32_t space)
{
    for (int64_t id = l->n - 1; id >= 0; id--) {
        const az_vertex *v = &l->graph->vertices[id];
        if (!member[id] && !again[id]) continue;
        for (int k = 0; k < v->n; k++) {
            const int64_t x = v->x[k];
            const az_vertex *from = &l->graph->vertices[x];
            if (member[x] || l->kept[x] || !has_rows(from) || l->space[x] != space || l->stage[x] >= stage) continue;
            if (from->op->leaf || is_view(l, x) || is_of_pairs(l, x)) again[x] = true;
        }
    }
}

/* Inputs all worked out? */
static bool is_ready(const az_lowering *l, const bool *member, int64_t id)
{
    const az_vertex *v = &l->graph->vertices[id];
    for (int k = 0; k < v->n; k++)
        if (member[v->x[k]] && !l->done[v->x[k]]) return false;
    return true;
}

/* Elementwise nodes that can be worked out with the first of the sequence block by block: of as many elements, before
 * the next node of another kind, so that nothing is worked out long before it is needed. */
enum { COLLECTED = 24 }; /* others may be repeated in the group */
static int collect_group(az_lowering *l, const bool *member, const int64_t *sequence, int64_t length, int64_t *group)
{
    const int64_t elements = az_shape_elements(l->graph->vertices[sequence[0]].shape);
    int n = 0;
    for (int64_t i = 0; i < length && n < COLLECTED; i++) {
        const int64_t id = sequence[i];
        if (l->done[id] || is_view(l, id)) continue;
        if (!is_elementwise(l, id)) break;
        if (az_shape_elements(l->graph->vertices[id].shape) != elements || !is_ready(l, member, id)) continue;
        group[n++] = id;
        l->done[id] = true;
    }
    return n;
}

/* The last node of the phase, in its order, that reads the array in which x lies; views read through. */
static void find_last_uses(az_lowering *l, const bool *member, const int64_t *order, int64_t n)
{
    int64_t *at = l->last_use;
    for (int64_t i = 0; i < n; i++) at[order[i]] = i;
    for (int64_t i = 0; i < n; i++) {
        const az_vertex *v = &l->graph->vertices[order[i]];
        for (int k = 0; k < v->n; k++) {
            int64_t x = v->x[k];
            for (;;) {
                if (member[x] && at[x] < i) at[x] = i;
                if (!is_view(l, x) || !member[x]) break;
                x = l->graph->vertices[x].x[0];
            }
        }
    }
}

/* Of values with the first of two extents alone the phase has a row at a time. */
static az_status fetch_rows(az_lowering *l, az_phase *phase, const int64_t *order, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const az_vertex *v = &l->graph->vertices[order[i]];
        for (int k = 0; k < v->n; k++)
            if (is_of_first(l, v->x[k], phase->space) && l->place[v->x[k]].region != AZ_AT_ROW)
                AZ_TRY(az_emit_fetch(l, phase, v->x[k]));
    }
    return AZ_OK;
}

static az_status build_phase(az_lowering *l, int32_t stage, int32_t space, bool wide)
{
    az_plan *plan = l->plan;
    az_status status = AZ_OK;
    bool *member = NULL, *again = NULL;
    int64_t *sequence = NULL, *order = NULL, *groups = NULL, length = 0, n = 0;
    az_scratch scratch = {0};
    AZ_GOTO(AZ_NEW_ARRAY(sequence, l->n));
    AZ_GOTO(AZ_NEW_ARRAY(order, l->n));
    AZ_GOTO(AZ_NEW_ARRAY(groups, l->n));
    if (!(member = az_alloc_zero((size_t)l->n + 1)) || !(again = az_alloc_zero((size_t)l->n + 1))) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    bool any = false;
    for (int64_t id = 0; id < l->n; id++) {
        any |= member[id] = in_phase(l, id, stage, space, wide);
        any |= !wide && is_output_of_earlier(l, id, stage, space);
    }
    if (!any && !(space < 0)) goto done;
    if (space >= 0) mark_again(l, member, again, stage, space);
    for (int64_t id = 0; id < l->n; id++) member[id] = member[id] || again[id];
    az_phase *phase = &plan->phases[plan->n_phases++];
    if (space < 0) l->small = phase;
    *phase = (az_phase){.stage = stage, .space = space, .wide = wide};
    /* First the order, with its groups; then places, for which last uses have to be known. */
    memset(l->done, 0, (size_t)l->n);
    int64_t g = 0;
    for (int64_t id = 0; id < l->n; id++) { /* what is only broadcast to the rows is there from the start */
        if (!member[id] || !is_view(l, id) || l->space[l->graph->vertices[id].x[0]] == space) continue;
        if (space < 0) continue;
        l->done[id] = true;
        groups[n] = g++;
        order[n++] = id;
    }
    if (space >= 0 && !wide) {
        AZ_GOTO(az_order_rows(l, member, sequence, &length));
    } else {
        for (int64_t id = 0; id < l->n; id++)
            if (member[id]) sequence[length++] = id;
    }
    for (int64_t i = 0; i < length; i++) {
        const int64_t id = sequence[i];
        if (l->done[id]) continue;
        if (is_elementwise(l, id)) {
            int64_t group[COLLECTED];
            const int count = collect_group(l, member, sequence + i, length - i, group);
            for (int k = 0; k < count; k++) {
                groups[n] = g;
                order[n++] = group[k];
            }
        } else {
            l->done[id] = true;
            groups[n] = g;
            order[n++] = id;
        }
        g++;
    }
    if (space >= 0 && !wide) AZ_GOTO(az_repeat_cheap(l, &order, &groups, &n));
    find_last_uses(l, member, order, n);
    for (int64_t id = 0; id < l->n; id++)
        if (!wide && is_output_of_earlier(l, id, stage, space)) AZ_GOTO(az_emit_stores(l, phase, id));
    AZ_GOTO(fetch_rows(l, phase, order, n));
    for (int64_t i = 0; i < n;) {
        int64_t end = i + 1;
        while (end < n && groups[end] == groups[i]) end++;
        const int64_t id = order[i];
        scratch.now = i;
        az_scratch_release(&scratch, i);
        if (is_elementwise(l, id)) {
            scratch.now = end - 1;
            AZ_GOTO(az_emit_group(l, phase, &scratch, order + i, (int)(end - i)));
        } else if (l->graph->vertices[id].op->leaf) {
            AZ_GOTO(az_emit_load(l, phase, &scratch, id));
        } else if (is_view(l, id)) {
            AZ_GOTO(az_emit_view(l, phase, &scratch, id));
        } else {
            AZ_GOTO(az_emit_kernel(l, phase, &scratch, id));
        }
        for (int64_t k = i; k < end; k++)
            if (space >= 0 && l->space[order[k]] == space && !is_sum(l, order[k]) && !again[order[k]])
                AZ_GOTO(az_emit_stores(l, phase, order[k]));
        i = end;
    }
    for (int64_t i = 0; i < phase->n; i++) { /* elsewhere the whole value is meant, not this phase's row of it */
        const az_instruction *fetch = &phase->instructions[i];
        if (fetch->run == az_execute_fetch) l->place[fetch->node] = fetch->in[0];
    }
    if (scratch.failed) status = AZ_ERROR_MEMORY;
done:
    az_scratch_free(&scratch);
    az_free(sequence);
    az_free(order);
    az_free(groups);
    az_free(member);
    az_free(again);
    return status;
}

static az_status describe(az_lowering *l, const az_node *outputs, const char *const *names, int n_outputs)
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

/* What runs ask for each time. */
static void sum_up(az_plan *plan)
{
    for (int32_t s = 0; s < plan->n_spaces; s++) {
        az_space *space = &plan->spaces[s];
        for (int64_t p = 0; p < plan->n_phases; p++) {
            const az_phase *phase = &plan->phases[p];
            const az_space *other = phase->space < 0 ? NULL : &plan->spaces[phase->space];
            if (other && other->extent[other->n - 1] == space->extent[space->n - 1] &&
                phase->tile_bytes > space->tile_bytes)
                space->tile_bytes = phase->tile_bytes;
        }
    }
    plan->n_entering = plan->n_extent_values;
    plan->n_leaving = plan->n_state;
    for (int32_t i = 0; i < plan->n_inputs; i++)
        if (!plan->inputs[i].n_extents) plan->n_entering += plan->inputs[i].elements;
    for (int32_t i = 0; i < plan->n_outputs; i++)
        if (!plan->outputs[i].n_extents) plan->n_leaving += plan->outputs[i].elements;
}

static az_status collect_results(az_lowering *l)
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

az_status az_lower(az_plan *plan, const az_node *outputs, const char *const *names, int n_outputs,
                   const void *const *folded)
{
    az_graph *graph = outputs[0].graph;
    az_lowering l = {.graph = graph, .plan = plan, .n = graph->n, .folded = folded};
    const size_t n = (size_t)graph->n + 1;
    az_status status = AZ_OK;
    l.live = az_alloc_zero(n);
    l.kept = az_alloc_zero(n);
    l.done = az_alloc_zero(n);
    l.repeated = az_alloc_zero(n);
    l.read_again = az_alloc_zero(n);
    l.stage = az_alloc_zero(n * sizeof *l.stage);
    l.space = az_alloc_zero(n * sizeof *l.space);
    l.when = az_alloc_zero(n * sizeof *l.when);
    l.where = az_alloc_zero(n * sizeof *l.where);
    l.n_uses = az_alloc_zero(n * sizeof *l.n_uses);
    l.last_use = az_alloc_zero(n * sizeof *l.last_use);
    l.place = az_alloc_zero(n * sizeof *l.place);
    if (!l.live || !l.kept || !l.done || !l.repeated || !l.read_again || !l.stage || !l.space || !l.when || !l.where ||
        !l.n_uses || !l.last_use || !l.place) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    AZ_GOTO(describe(&l, outputs, names, n_outputs));
    AZ_GOTO(analyse(&l, outputs, n_outputs));
    AZ_GOTO(place_fixed(&l));
    plan->phases_capacity = (int64_t)l.n_stages * (2 * plan->n_spaces + 1) + 1;
    AZ_GOTO(AZ_NEW_ARRAY(plan->phases, plan->phases_capacity));
    for (int32_t stage = 0; stage < l.n_stages; stage++) {
        AZ_GOTO(build_phase(&l, stage, AZ_NO_SPACE, false));
        for (int n_extents = 1; n_extents <= 2; n_extents++) /* values of pairs are made of those of each */
            for (int32_t space = 0; space < plan->n_spaces; space++) {
                if (plan->spaces[space].n != n_extents) continue;
                AZ_GOTO(build_phase(&l, stage, space, false));
                AZ_GOTO(build_phase(&l, stage, space, true));
            }
    }
    AZ_GOTO(collect_results(&l));
    sum_up(plan);
done:
    az_free(l.live);
    az_free(l.kept);
    az_free(l.done);
    az_free(l.repeated);
    az_free(l.read_again);
    az_free(l.stage);
    az_free(l.space);
    az_free(l.when);
    az_free(l.where);
    az_free(l.n_uses);
    az_free(l.last_use);
    az_free(l.place);
    az_free(l.packs);
    return status;
}
