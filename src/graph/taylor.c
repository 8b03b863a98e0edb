/* SPDX-License-Identifier: BSD-3-Clause */
/* Derivatives to the fourth order along one path, by Taylor rules: as x moves along x + t v, every node has derivatives
 * by t, and an op's rule makes those of its result out of those of its inputs (Griewank and Walther 2008, chapter 13).
 * The k-th order costs k times what the first does, not 2^k. */
#include "graph/graph.h"
#include "ops/shape.h"

#include <string.h>

enum { MOST_ORDER = 4, MOST_INPUTS = 64 };

/* Derivatives of one result; false: the op has no Taylor rule. */
static bool apply_rule(az_node y, int order, const az_node *dx, az_node *dy)
{
    const az_op *op = az_node_op(y);
    int moving = 0;
    for (int k = 0; k < az_node_n_inputs(y); k++) {
        bool moves = false;
        for (int i = 0; i < order; i++) moves = moves || dx[k * order + i].id >= 0;
        moving += moves;
    }
    for (int i = 0; i < order; i++) dy[i] = AZ_NO_NODE;
    if (op->jet) {
        op->jet(y, order, dx, dy);
        return true;
    }
    /* Linear in the one input that moves: every order by itself. */
    if (!(op->flags & AZ_OP_LINEAR) || moving != 1 || !op->forward) return false;
    for (int i = 0; i < order; i++) {
        az_node of_order[MOST_INPUTS];
        bool any = false;
        for (int k = 0; k < az_node_n_inputs(y); k++) {
            of_order[k] = dx[k * order + i];
            any = any || of_order[k].id >= 0;
        }
        if (any) dy[i] = op->forward(y, of_order);
    }
    return true;
}

/* Derivatives by Taylor rules; *lacking: an op without one, then nothing is made. */
static bool sweep(az_node u, az_node x, az_node direction, int order, az_node *derivatives, const char **couples)
{
    az_graph *graph = u.graph;
    const int64_t n = u.id + 1;
    bool *needed = az_alloc_zero((size_t)n), *moves = az_alloc_zero((size_t)n), done = false;
    int64_t *d = az_alloc_array(n * order, sizeof *d);
    if (!needed || !moves || !d) {
        az_graph_fail(graph, AZ_ERROR_MEMORY, "az_derivatives");
        goto done;
    }
    for (int64_t i = 0; i < n * order; i++) d[i] = -1;
    needed[u.id] = true;
    for (int64_t id = u.id; id >= 0; id--)
        for (int k = 0; needed[id] && k < graph->vertices[id].n; k++) needed[graph->vertices[id].x[k]] = true;
    if (x.id < n) {
        moves[x.id] = true;
        d[x.id * order] = direction.id;
    }
    for (int64_t id = 0; id < n && !graph->status; id++) {
        const az_vertex vertex = graph->vertices[id];
        az_node dx[MOST_INPUTS * MOST_ORDER], dy[MOST_ORDER];
        if (id == x.id || !needed[id]) continue;
        for (int k = 0; k < vertex.n; k++) {
            moves[id] = moves[id] || moves[vertex.x[k]];
            if (moves[vertex.x[k]] && !*couples && !az_shape_covers(vertex.shape, az_node_shape(x)))
                *couples = vertex.op->name;
            for (int i = 0; i < order; i++) dx[k * order + i] = (az_node){graph, d[vertex.x[k] * order + i]};
        }
        if (!moves[id]) continue;
        if (!apply_rule((az_node){graph, id}, order, dx, dy)) goto done;
        for (int i = 0; i < order; i++) d[id * order + i] = dy[i].id;
    }
    for (int i = 0; i < order && !graph->status; i++)
        derivatives[i] = d[u.id * order + i] < 0 ? az_zeros_like(u) : (az_node){graph, d[u.id * order + i]};
    done = true;
done:
    az_free(needed);
    az_free(moves);
    az_free(d);
    return done;
}

void az_derivatives(az_node u, az_node x, int64_t i, int order, az_node *derivatives)
{
    const char *couples = NULL;
    for (int k = 0; k < order; k++) derivatives[k] = (az_node){u.graph, -1};
    if (u.id < 0 || x.id < 0) return;
    const az_node direction = az_direction(x, i, "az_derivatives");
    if (direction.id < 0) return;
    if (order <= MOST_ORDER && sweep(u, x, direction, order, derivatives, &couples)) {
        if (!couples) return;
        az_graph_error(u.graph, "az_derivatives", "a row of u depends on other rows of x, through \"%s\"", couples);
        return;
    }
    for (int k = 0; k < order; k++) derivatives[k] = az_partial(k ? derivatives[k - 1] : u, x, i);
}
