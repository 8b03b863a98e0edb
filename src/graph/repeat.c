/* SPDX-License-Identifier: BSD-3-Clause */
/* What one instruction makes out of values that are at hand is made again by each group that reads it, in its loop
 * (fuse.c), rather than stored by one group and loaded by another: the slope of an activation, 1 - v^2, costs less than
 * the way to the second cache and back.  (Rematerialisation: Briggs, Cooper, Torczon 1992.) */
#include "base/loop_code.h"
#include "base/status.h"
#include "graph/lowering.h"

enum { MOST_ROUNDS = 16 }; /* after which nothing is made again */

typedef struct again {
    az_lowering *l;
    const int64_t *order, *groups;
    int64_t n;
    int64_t *group_of; /* of nodes that are worked out in this phase; -1: of others */
    bool *can;         /* be made again */
    int64_t *seen;     /* stamps */
    int64_t stamp;
    int64_t *list; /* nodes to be made again in the group that is looked at */
    int64_t n_list;
} again;

static bool is_group(const again *a, int64_t i)
{
    return is_elementwise(a->l, a->order[i]);
}

static int64_t end_of_group(const again *a, int64_t i)
{
    int64_t end = i + 1;
    while (end < a->n && a->groups[end] == a->groups[i]) end++;
    return end;
}

/* Ops of one instruction that elementwise nodes of this phase alone read. */
static az_status find_cheap(again *a)
{
    const az_lowering *l = a->l;
    int64_t *uses = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(uses, l->n));
    for (int64_t id = 0; id < l->n; id++) {
        uses[id] = 0;
        a->can[id] = false;
        a->group_of[id] = -1;
        a->seen[id] = -1;
    }
    for (int64_t i = 0; i < a->n; i++) {
        const az_vertex *v = &l->graph->vertices[a->order[i]];
        a->group_of[a->order[i]] = a->groups[i];
        for (int k = 0; is_group(a, i) && k < v->n; k++) uses[v->x[k]]++;
    }
    for (int64_t i = 0; i < a->n; i++) {
        const int64_t id = a->order[i];
        const az_vertex *v = &l->graph->vertices[id];
        bool cheap = v->op->flags & AZ_OP_IS && has_rows(v) && !l->kept[id] && uses[id] == l->n_uses[id];
        for (int k = 0; cheap && k < v->n; k++) /* views of rows may have to be copied */
            cheap = !is_view(l, v->x[k]) || !has_rows(&l->graph->vertices[l->graph->vertices[v->x[k]].x[0]]);
        a->can[id] = cheap;
    }
done:
    az_free(uses);
    return status;
}

static bool see(again *a, int64_t id)
{
    if (a->seen[id] == a->stamp) return false;
    a->seen[id] = a->stamp;
    return true;
}

/* The group from i to before end reads x, or will: x is put on its list if it can be made again, and so is what x is
 * made of.  Returns how many values have to be read for it that are not read yet. */
static int64_t look_at(again *a, int64_t group, int64_t x)
{
    const az_vertex *v = &a->l->graph->vertices[x];
    if (!has_rows(v) || a->group_of[x] == group || !see(a, x)) return 0;
    if (!a->can[x]) return !is_view(a->l, x);
    if (a->n_list > AZ_MOST_MAPS) return 1; /* too many already; nor does a long chain fill the stack */
    int64_t more = 0;
    a->list[a->n_list++] = x;
    for (int k = 0; k < v->n; k++) more += look_at(a, group, v->x[k]);
    return more;
}

/* What the group makes again goes to a->list, in rising order; false: it is not worth it, and nothing it reads can be
 * made again any more. */
static bool list_group(again *a, int64_t i, int64_t end)
{
    const az_lowering *l = a->l;
    const int64_t group = a->groups[i];
    int64_t n_saved = 0, n_more = 0;
    a->n_list = 0;
    a->stamp++;
    for (int64_t j = i; j < end; j++) { /* what is read in any case */
        const az_vertex *v = &l->graph->vertices[a->order[j]];
        for (int k = 0; k < v->n; k++)
            if (!a->can[v->x[k]]) see(a, v->x[k]);
    }
    for (int64_t j = i; j < end; j++) {
        const az_vertex *v = &l->graph->vertices[a->order[j]];
        for (int k = 0; k < v->n; k++) {
            if (!a->can[v->x[k]] || a->group_of[v->x[k]] == group) continue;
            n_saved += a->seen[v->x[k]] != a->stamp;
            n_more += look_at(a, group, v->x[k]);
        }
    }
    if (n_more <= n_saved && end - i + a->n_list <= AZ_MOST_MAPS) {
        for (int64_t j = 1; j < a->n_list; j++) { /* few: sorted by insertion */
            const int64_t x = a->list[j];
            int64_t to = j;
            for (; to > 0 && a->list[to - 1] > x; to--) a->list[to] = a->list[to - 1];
            a->list[to] = x;
        }
        return true;
    }
    for (int64_t j = i; j < end; j++) {
        const az_vertex *v = &l->graph->vertices[a->order[j]];
        for (int k = 0; k < v->n; k++)
            if (a->group_of[v->x[k]] != group) a->can[v->x[k]] = false;
    }
    return false;
}

az_status az_repeat_cheap(az_lowering *l, int64_t **order, int64_t **groups, int64_t *n)
{
    again a = {.l = l, .order = *order, .groups = *groups, .n = *n};
    int64_t *new_order = NULL, *new_groups = NULL, capacity = *n, m = 0;
    az_status status = AZ_OK;
    memset(l->repeated, 0, (size_t)l->n);
    memset(l->read_again, 0, (size_t)l->n);
    if (l->plan->find_nonfinite || az_loop_lanes(l->plan->isa, false) == 0) return AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(a.group_of, l->n));
    AZ_GOTO(AZ_NEW_ARRAY(a.can, l->n));
    AZ_GOTO(AZ_NEW_ARRAY(a.seen, l->n));
    AZ_GOTO(AZ_NEW_ARRAY(a.list, l->n));
    AZ_GOTO(find_cheap(&a));
    bool changed = true;
    for (int round = 0; changed; round++) { /* what one group cannot make again has to be stored for all */
        changed = false;
        if (round == MOST_ROUNDS) memset(a.can, 0, (size_t)l->n);
        capacity = a.n;
        for (int64_t i = 0, end; i < a.n; i = end) {
            end = end_of_group(&a, i);
            if (!is_group(&a, i)) continue;
            if (list_group(&a, i, end))
                capacity += a.n_list;
            else
                changed = true;
        }
    }
    AZ_GOTO(AZ_NEW_ARRAY(new_order, capacity));
    AZ_GOTO(AZ_NEW_ARRAY(new_groups, capacity));
    for (int64_t i = 0, end; i < a.n; i = end) {
        end = end_of_group(&a, i);
        if (is_group(&a, i)) {
            list_group(&a, i, end);
            for (int64_t j = 0; j < a.n_list; j++) {
                const az_vertex *v = &l->graph->vertices[a.list[j]];
                l->repeated[a.list[j]] = true;
                for (int k = 0; k < v->n; k++) l->read_again[v->x[k]] = !a.can[v->x[k]];
                new_groups[m] = a.groups[i];
                new_order[m++] = a.list[j];
            }
        }
        for (int64_t j = i; j < end; j++) {
            new_groups[m] = a.groups[j];
            new_order[m++] = a.order[j];
        }
    }
    az_free(*order);
    az_free(*groups);
    *order = new_order;
    *groups = new_groups;
    *n = m;
    new_order = new_groups = NULL;
done:
    az_free(a.group_of);
    az_free(a.can);
    az_free(a.seen);
    az_free(a.list);
    az_free(new_order);
    az_free(new_groups);
    return status;
}
