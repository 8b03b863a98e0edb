/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant folding: what is made of constants alone is worked out when a plan is compiled, not in each of its runs.  A
 * plan of its own does it, so by the kernels that would do it later: the bits are theirs. */
#include "graph/fold.h"

#include "graph/lower.h"
#include "graph/plan.h"
#include "ops/shape.h"

#include <stdio.h>

enum {
    MOST_OUTPUTS = 64,    /* of a run */
    MOST_BYTES = 64 << 10 /* of a value: larger ones would make plans large, and are cheap beside what uses them */
};

/* Constants and what is made of them, of a size that does not depend on the run. */
static bool is_constant(const az_vertex *v, const bool *constant)
{
    if (az_shape_extents(v->shape) || v->op->flags & AZ_OP_RANDOM) return false;
    if (v->op->leaf) {
        az_leaf leaf = {0};
        v->op->leaf(v->attribute, &leaf);
        return leaf.kind == AZ_LEAF_CONSTANT;
    }
    for (int k = 0; k < v->n; k++)
        if (!constant[v->x[k]]) return false;
    return az_shape_elements(v->shape) * (int64_t)az_type_size(v->type) <= MOST_BYTES;
}

/* Of these, those that the rest of the graph needs.  Constants are there already, and views cost nothing. */
static int64_t find_roots(const az_graph *graph, const az_node *outputs, int n_outputs, const bool *constant,
                          bool *needed, int64_t *roots)
{
    int64_t n = 0;
    for (int i = 0; i < n_outputs; i++) needed[outputs[i].id] = true;
    for (int64_t i = 0; i < graph->state.n; i++)
        if (graph->state.slots[i].value >= 0) needed[graph->state.slots[i].value] = true;
    for (int64_t id = graph->n - 1; id >= 0; id--) {
        const az_vertex *v = &graph->vertices[id];
        if (!needed[id]) continue;
        if (constant[id] && !v->op->leaf && !(v->op->flags & AZ_OP_VIEW)) {
            roots[n++] = id;
            continue;
        }
        for (int k = 0; k < v->n; k++) needed[v->x[k]] = true;
    }
    return n;
}

/* Works out at most MOST_OUTPUTS nodes.  Where that fails, say for a place outside a table, they are left to the run,
 * whose error tells more. */
static az_status work_out(az_graph *graph, const int64_t *ids, int n, az_isa isa, az_arena *arena, const void **values)
{
    az_plan *plan = NULL;
    az_node roots[MOST_OUTPUTS];
    az_binding to[MOST_OUTPUTS];
    char names[MOST_OUTPUTS][16];
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ZERO(plan));
    plan->isa = isa;
    for (int i = 0; i < n; i++) {
        const az_vertex *v = &graph->vertices[ids[i]];
        const size_t size = (size_t)az_shape_elements(v->shape) * az_type_size(v->type);
        roots[i] = (az_node){graph, ids[i]};
        snprintf(names[i], sizeof names[i], "%d", i);
        to[i] = (az_binding){.name = names[i], .data = az_arena_alloc(arena, size ? size : 1), .type = v->type};
        if (!to[i].data) {
            status = AZ_ERROR_MEMORY;
            goto done;
        }
    }
    AZ_GOTO(az_lower(plan, roots, NULL, n, NULL));
    const az_status ran = az_run(plan, &(az_run_arguments){.outputs = to, .n_outputs = n});
    if (ran == AZ_ERROR_MEMORY) status = ran;
    for (int i = 0; i < n && !ran; i++) values[ids[i]] = to[i].data;
done:
    az_plan_free(plan);
    return status;
}

az_status az_fold(const az_node *outputs, int n_outputs, az_isa isa, az_arena *arena, const void **values)
{
    az_graph graph = *outputs[0].graph; /* without parameters and state, which constants do not need */
    bool *constant = az_alloc_zero((size_t)graph.n + 1), *needed = az_alloc_zero((size_t)graph.n + 1);
    int64_t *roots = az_alloc_array(graph.n + 1, sizeof *roots);
    az_status status = constant && needed && roots ? AZ_OK : AZ_ERROR_MEMORY;
    if (status) goto done;
    for (int64_t id = 0; id < graph.n; id++) constant[id] = is_constant(&graph.vertices[id], constant);
    const int64_t n = find_roots(&graph, outputs, n_outputs, constant, needed, roots);
    graph.parameters = graph.state = (az_slots){0};
    for (int64_t i = 0; i < n && !status; i += MOST_OUTPUTS)
        status = work_out(&graph, roots + i, n - i < MOST_OUTPUTS ? (int)(n - i) : MOST_OUTPUTS, isa, arena, values);
done:
    az_free(constant);
    az_free(needed);
    az_free(roots);
    return status;
}
