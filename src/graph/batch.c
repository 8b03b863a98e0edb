/* SPDX-License-Identifier: BSD-3-Clause */
/* A part of the graph for many values at once: in place of x stand n values, side by side along an axis of their own
 * behind the extents, and what is made of x gets that axis too.  So the tangents of all inputs are pushed through the
 * graph together: derivatives are written down once, for one tangent, and as many nodes do for any number of them. */
#include "graph/graph.h"
#include "ops/rules.h"
#include "ops/shape.h"

enum { MOST_INPUTS = 64 };

/* Pieces of the same shape, each of size 1 along an axis, one after the other. */
static az_node join(az_node *pieces, int64_t n, int axis)
{
    while (n > 1) {
        int64_t made = 0;
        for (int64_t i = 0; i < n; i += MOST_INPUTS) {
            const int count = n - i < MOST_INPUTS ? (int)(n - i) : MOST_INPUTS;
            pieces[made++] = az_concatenate(pieces + i, count, axis);
        }
        n = made;
    }
    return pieces[0];
}

/* Of an op without a rule: each of the n by itself. */
static az_node one_by_one(az_node y, const az_node *x, int64_t n)
{
    const int n_extents = az_shape_extents(az_node_shape(y)), n_inputs = az_node_n_inputs(y);
    az_node *pieces = az_alloc_array(n, sizeof *pieces), one[MOST_INPUTS];
    if (!pieces) return az_graph_fail(y.graph, AZ_ERROR_MEMORY, "az_jacobian");
    for (int64_t i = 0; i < n; i++) {
        for (int k = 0; k < n_inputs; k++) {
            one[k] = x[k];
            if (!az_is_batched(y, k, x[k])) continue;
            const az_shape shape = az_node_shape(az_node_input(y, k));
            one[k] = az_reshape(az_slice(x[k], az_shape_extents(shape), i, i + 1, 1), shape);
        }
        const az_node made = az_apply(az_node_op(y), y.graph, one, n_inputs, az_node_attribute(y));
        if (made.id < 0) {
            az_free(pieces);
            return made;
        }
        pieces[i] = az_reshape(made, az_shape_batched(az_node_shape(made), 1));
    }
    const az_node all = join(pieces, n, n_extents);
    az_free(pieces);
    return all;
}

static az_node apply_rule(az_node y, az_node *x, int64_t n)
{
    const az_op *op = az_node_op(y);
    if (op->flags & AZ_OP_ELEMENTWISE) {
        for (int k = 0; k < az_node_n_inputs(y); k++) x[k] = az_batched(y, k, x[k], n);
        return az_apply(op, y.graph, x, az_node_n_inputs(y), az_node_attribute(y));
    }
    const az_node made = op->batch ? op->batch(y, x, n) : AZ_NO_NODE;
    return made.id >= 0 || y.graph->status ? made : one_by_one(y, x, n);
}

az_node az_batch(az_node y, az_node x, az_node values)
{
    az_graph *graph = y.graph;
    if (y.id < 0 || x.id < 0 || values.id < 0 || graph->status) return (az_node){graph, -1};
    const int64_t n = az_node_shape(values).size[az_shape_extents(az_node_shape(x))], n_before = y.id + 1;
    int64_t *batched = az_alloc_array(n_before, sizeof *batched); /* -1: does not depend on x */
    if (!batched) return az_graph_fail(graph, AZ_ERROR_MEMORY, "az_jacobian");
    for (int64_t id = 0; id < n_before; id++) batched[id] = -1;
    if (x.id < n_before) batched[x.id] = values.id;
    for (int64_t id = x.id + 1; id < n_before && !graph->status; id++) {
        const az_vertex vertex = graph->vertices[id]; /* the array may move while rules add nodes */
        az_node in[MOST_INPUTS];
        bool depends = false, tall = vertex.shape.rank == AZ_MAX_RANK;
        for (int k = 0; k < vertex.n; k++) {
            const int64_t of = batched[vertex.x[k]];
            depends = depends || of >= 0;
            tall = tall || graph->vertices[vertex.x[k]].shape.rank == AZ_MAX_RANK;
            in[k] = (az_node){graph, of < 0 ? vertex.x[k] : of};
        }
        if (!depends) continue;
        if (tall)
            az_graph_error(graph, vertex.op->name,
                           "of %d axes; to push many tangents through takes one more than there are", AZ_MAX_RANK);
        else
            batched[id] = apply_rule((az_node){graph, id}, in, n).id;
    }
    az_node result = {graph, -1};
    if (!graph->status) {
        const az_shape shape = az_node_shape(y);
        const int n_extents = az_shape_extents(shape);
        int axis[AZ_MAX_RANK];
        for (int d = 0; d < shape.rank; d++) axis[d] = d + (d >= n_extents);
        result =
            batched[y.id] >= 0 ? (az_node){graph, batched[y.id]} : az_broadcast(y, az_shape_batched(shape, n), axis);
    }
    az_free(batched);
    return result;
}
