/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of a row phase: level by level, where a level is one more than the levels of what its kernels read, so that
 * elementwise nodes of one size meet in few large groups: value and derivatives of a layer of a network, for one. Where
 * that needs much more memory than the order in which nodes were made, as with very many derivatives at once, the
 * latter is kept. */
#include "base/status.h"
#include "graph/lowering.h"

#include <stdint.h>
#include <stdlib.h>

typedef struct entry {
    int64_t id, level;
    bool late; /* of a level, elementwise nodes and views of them come after kernels and loads */
} entry;

static int before(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    if (a->level != b->level) return a->level < b->level ? -1 : 1;
    if (a->late != b->late) return a->late ? 1 : -1;
    return a->id < b->id ? -1 : 1;
}

static bool is_kernel(const az_lowering *l, int64_t id)
{
    return !is_elementwise(l, id) && !is_view(l, id) && !l->graph->vertices[id].op->leaf;
}

/* Is the node made of at most one value of the phase?  It takes no more memory to keep that than to keep the node. */
static bool is_of_one(const az_lowering *l, const bool *member, int64_t id)
{
    const az_vertex *v = &l->graph->vertices[id];
    int64_t one = -1;
    for (int k = 0; k < v->n; k++) {
        if (!member[v->x[k]] || v->x[k] == one) continue;
        if (one >= 0) return false;
        one = v->x[k];
    }
    return true;
}

static az_status find_levels(const az_lowering *l, const bool *member, entry *entries)
{
    int64_t *latest = NULL; /* level at which a user of the node needs it */
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(latest, l->n));
    for (int64_t id = 0; id < l->n; id++) {
        const az_vertex *v = &l->graph->vertices[id];
        entries[id] = (entry){.id = id};
        latest[id] = INT64_MAX;
        for (int k = 0; member[id] && k < v->n; k++) {
            const int64_t level = entries[v->x[k]].level + is_kernel(l, id);
            if (member[v->x[k]] && level > entries[id].level) entries[id].level = level;
        }
    }
    /* Loads, views, and what is made of one value wait until they are needed. */
    for (int64_t id = l->n - 1; id >= 0; id--) {
        const az_vertex *v = &l->graph->vertices[id];
        if (!member[id]) continue;
        if (latest[id] < INT64_MAX && latest[id] > entries[id].level && !is_kernel(l, id) &&
            (!is_elementwise(l, id) || is_of_one(l, member, id)))
            entries[id].level = latest[id];
        const int64_t needed = entries[id].level - is_kernel(l, id);
        for (int k = 0; k < v->n; k++)
            if (needed < latest[v->x[k]]) latest[v->x[k]] = needed;
    }
    for (int64_t id = 0; id < l->n; id++) {
        if (!member[id]) continue;
        entries[id].late = is_elementwise(l, id);
        if (!is_view(l, id)) continue;
        const int64_t x = l->graph->vertices[id].x[0];
        entries[id].late = member[x] && entries[x].late && entries[x].level == entries[id].level;
    }
done:
    az_free(latest);
    return status;
}

/* The most bytes of a row in use at once, if nodes were worked out in this order, one after the other. */
static az_status most_in_use(const az_lowering *l, const bool *member, const entry *entries, int64_t n, int64_t *most)
{
    int64_t *last = NULL, *freed = NULL, in_use = 0; /* by place in the order */
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(last, l->n));
    AZ_GOTO(AZ_NEW_ARRAY(freed, n));
    *most = 0;
    for (int64_t i = 0; i < n; i++) {
        last[entries[i].id] = i;
        freed[i] = 0;
    }
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < l->graph->vertices[entries[i].id].n; k++) {
            int64_t x = l->graph->vertices[entries[i].id].x[k];
            while (is_view(l, x) && member[x]) x = l->graph->vertices[x].x[0];
            if (member[x] && last[x] < i) last[x] = i;
        }
    for (int64_t i = 0; i < n; i++) {
        const int64_t id = entries[i].id;
        const az_vertex *v = &l->graph->vertices[id];
        if (has_rows(v) && !is_view(l, id) && !l->kept[id]) {
            in_use += bytes_of(v);
            freed[last[id]] += bytes_of(v);
        }
        if (in_use > *most) *most = in_use;
        in_use -= freed[i];
    }
done:
    az_free(last);
    az_free(freed);
    return status;
}

az_status az_order_rows(const az_lowering *l, const bool *member, int64_t *order, int64_t *n)
{
    entry *entries = NULL;
    int64_t made = 0, by_level = 0;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(entries, l->n));
    AZ_GOTO(find_levels(l, member, entries));
    *n = 0;
    for (int64_t id = 0; id < l->n; id++)
        if (member[id]) {
            order[*n] = id;
            entries[(*n)++] = entries[id];
        }
    AZ_GOTO(most_in_use(l, member, entries, *n, &made));
    qsort(entries, (size_t)*n, sizeof *entries, before);
    AZ_GOTO(most_in_use(l, member, entries, *n, &by_level));
    for (int64_t i = 0; i < *n && 2 * by_level <= 3 * made; i++) order[i] = entries[i].id;
done:
    az_free(entries);
    return status;
}
