/* SPDX-License-Identifier: BSD-3-Clause */
/* From graph to plan: the passes, one after the other.  Nodes get stages (stages.c) and fixed places (places.c); then
 * the phases of each stage are built: their members, the order (order.c), groups (groups.c, repeat.c), and
 * instructions, with places in scratch memory (emit.c, scratch.c). */
#include "graph/lower.h"

#include "base/status.h"
#include "graph/lowering.h"

#include <string.h>

const int64_t az_heights[AZ_N_HEIGHTS] = {1, 16, 32, 64, 128};

/* Does the node belong to the phase: is it worked out there? */
static bool in_phase(const az_lowering *l, int64_t id, int32_t stage, int32_t space, bool wide)
{
    const az_vertex *v = &l->graph->vertices[id];
    if (!l->live[id] || (space >= 0 && wide != az_is_wide(l, id)) ||
        ((v->op->leaf || known_value(l, id)) && !has_rows(v)))
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

/* What the phase needs again of earlier stages: views, loads, values of pairs, and what is remade. */
static void mark_again(const az_lowering *l, const bool *member, bool *again, int32_t stage, int32_t space)
{
    for (int64_t id = l->n - 1; id >= 0; id--) {
        const az_vertex *v = &l->graph->vertices[id];
        if (!member[id] && !again[id]) continue;
        for (int k = 0; k < v->n; k++) {
            const int64_t x = v->x[k];
            const az_vertex *from = &l->graph->vertices[x];
            if (member[x] || l->kept[x] || !has_rows(from) || l->space[x] != space || l->stage[x] >= stage) continue;
            if (from->op->leaf || is_view(l, x) || is_of_pairs(l, x) || l->remade[x]) again[x] = true;
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
    for (int64_t id = 0; id < l->n; id++) { /* what is only broadcast to the rows is there from the start */
        if (!member[id] || !is_view(l, id) || l->space[l->graph->vertices[id].x[0]] == space) continue;
        if (space < 0) continue;
        l->done[id] = true;
        groups[n] = n;
        order[n++] = id;
    }
    if (space >= 0 && !wide) {
        AZ_GOTO(az_order_rows(l, member, sequence, &length));
    } else {
        for (int64_t id = 0; id < l->n; id++)
            if (member[id]) sequence[length++] = id;
    }
    az_find_groups(l, member, sequence, length, order, groups, &n);
    if (space >= 0 && !wide) AZ_GOTO(az_repeat_cheap(l, &order, &groups, &n));
    az_find_last_uses(l, member, order, n);
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

az_status az_lowering_begin(az_lowering *l, az_graph *graph, az_plan *plan, const void *const *folded)
{
    const size_t n = (size_t)graph->n + 1;
    *l = (az_lowering){.graph = graph, .plan = plan, .n = graph->n, .folded = folded};
    l->live = az_alloc_zero(n);
    l->kept = az_alloc_zero(n);
    l->whole = az_alloc_zero(n);
    l->remade = az_alloc_zero(n);
    l->done = az_alloc_zero(n);
    l->repeated = az_alloc_zero(n);
    l->read_again = az_alloc_zero(n);
    l->stage = az_alloc_zero(n * sizeof *l->stage);
    l->space = az_alloc_zero(n * sizeof *l->space);
    l->when = az_alloc_zero(n * sizeof *l->when);
    l->where = az_alloc_zero(n * sizeof *l->where);
    l->n_uses = az_alloc_zero(n * sizeof *l->n_uses);
    l->last_use = az_alloc_zero(n * sizeof *l->last_use);
    l->place = az_alloc_zero(n * sizeof *l->place);
    if (!l->live || !l->kept || !l->whole || !l->remade || !l->done || !l->repeated || !l->read_again || !l->stage ||
        !l->space || !l->when || !l->where || !l->n_uses || !l->last_use || !l->place)
        return AZ_ERROR_MEMORY;
    return AZ_OK;
}

void az_lowering_end(az_lowering *l)
{
    az_free(l->live);
    az_free(l->kept);
    az_free(l->whole);
    az_free(l->remade);
    az_free(l->done);
    az_free(l->repeated);
    az_free(l->read_again);
    az_free(l->stage);
    az_free(l->space);
    az_free(l->when);
    az_free(l->where);
    az_free(l->n_uses);
    az_free(l->last_use);
    az_free(l->place);
    az_free(l->packs);
}

az_status az_lower(az_plan *plan, const az_node *outputs, const char *const *names, int n_outputs,
                   const void *const *folded)
{
    az_graph *graph = outputs[0].graph;
    az_lowering l;
    az_status status = AZ_OK;
    AZ_GOTO(az_lowering_begin(&l, graph, plan, folded));
    AZ_GOTO(az_describe(&l, outputs, names, n_outputs));
    AZ_GOTO(az_find_stages(&l, outputs, n_outputs));
    AZ_GOTO(az_place_fixed(&l));
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
    AZ_GOTO(az_collect_results(&l));
    sum_up(plan);
done:
    az_lowering_end(&l);
    return status;
}
