/* SPDX-License-Identifier: BSD-3-Clause */
/* Elementwise nodes that are worked out together, block by block; and how long the results of a phase are needed. */
#include "graph/lowering.h"

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

void az_find_groups(az_lowering *l, const bool *member, const int64_t *sequence, int64_t length, int64_t *order,
                    int64_t *groups, int64_t *n)
{
    int64_t g = *n; /* no more groups than nodes */
    for (int64_t i = 0; i < length; i++) {
        const int64_t id = sequence[i];
        if (l->done[id]) continue;
        if (is_elementwise(l, id)) {
            int64_t group[COLLECTED];
            const int count = collect_group(l, member, sequence + i, length - i, group);
            for (int k = 0; k < count; k++) {
                groups[*n] = g;
                order[(*n)++] = group[k];
            }
        } else {
            l->done[id] = true;
            groups[*n] = g;
            order[(*n)++] = id;
        }
        g++;
    }
}

/* The last node of the phase, in its order, that reads the array in which x lies; views read through. */
void az_find_last_uses(az_lowering *l, const bool *member, const int64_t *order, int64_t n)
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
