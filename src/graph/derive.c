/* SPDX-License-Identifier: BSD-3-Clause */
/* Derivatives: the rules of the ops, put together.  A node's inputs have smaller ids than the node, so rising order
 * is that of evaluation, and falling order that of the reverse sweep. */
#include "graph/graph.h"
#include "ops/shape.h"

#include <string.h>

/* Marks what depends on some of x. */
static bool *depends_on(az_graph *graph, const az_node *x, int n)
{
    bool *depends = az_alloc_zero((size_t)graph->n + 1);
    if (!depends) return NULL;
    for (int i = 0; i < n; i++) depends[x[i].id] = true;
    for (int64_t id = 0; id < graph->n; id++)
        for (int k = 0; k < graph->vertices[id].n && !depends[id]; k++) depends[id] = depends[graph->vertices[id].x[k]];
    return depends;
}

static bool all_nodes(az_graph *graph, const char *where, const az_node *x, int n)
{
    for (int i = 0; i < n; i++) {
        if (x[i].id < 0 || x[i].graph != graph) {
            az_graph_error(graph, where, "argument %d is no node of this graph", i);
            return false;
        }
    }
    return true;
}

az_node az_zeros_like(az_node x)
{
    az_node zero = az_cast(az_constant(x.graph, 0), az_node_type(x));
    return az_broadcast_to(zero, az_node_shape(x));
}

void az_vjp(az_node y, az_node cotangent, const az_node *wrt, int n, az_node *gradient)
{
    az_graph *graph = y.graph;
    int64_t *d = NULL; /* cotangents by id, -1: zero so far */
    bool *depends = NULL;
    for (int i = 0; i < n; i++) gradient[i] = (az_node){y.graph, -1};
    if (y.id < 0 || cotangent.id < 0 || graph->status || !all_nodes(graph, "az_vjp", wrt, n)) return;
    if (!az_shape_equal(az_node_shape(y), az_node_shape(cotangent)) || az_node_type(y) != az_node_type(cotangent)) {
        az_graph_error(graph, "az_vjp", "the cotangent has another shape or type than y");
        return;
    }
    const int64_t n_before = graph->n;
    if (AZ_NEW_ARRAY(d, n_before) || !(depends = depends_on(graph, wrt, n))) {
        az_graph_fail(graph, AZ_ERROR_MEMORY, "az_vjp");
        goto done;
    }
    for (int64_t id = 0; id < n_before; id++) d[id] = -1;
    d[y.id] = cotangent.id;
    for (int64_t id = y.id; id >= 0 && !graph->status; id--) {
        if (d[id] < 0 || !depends[id] || graph->vertices[id].n == 0) continue;
        const az_vertex vertex = graph->vertices[id]; /* the array may move while rules add nodes */
        az_node dx[64];
        bool needed = false;
        for (int k = 0; k < vertex.n; k++) {
            dx[k] = AZ_NO_NODE;
            needed = needed || depends[vertex.x[k]];
        }
        if (!needed) continue; /* what is differentiated by stands here */
        if (!vertex.op->reverse) {
            az_graph_error(graph, vertex.op->name, "it has no derivative");
            break;
        }
        vertex.op->reverse((az_node){graph, id}, (az_node){graph, d[id]}, dx);
        for (int k = 0; k < vertex.n; k++) {
            const int64_t x = vertex.x[k];
            if (dx[k].id < 0 || !depends[x]) continue;
            d[x] = d[x] < 0 ? dx[k].id : az_add((az_node){graph, d[x]}, dx[k]).id;
        }
    }
    for (int i = 0; i < n && !graph->status; i++)
        gradient[i] = d[wrt[i].id] < 0 ? az_zeros_like(wrt[i]) : (az_node){graph, d[wrt[i].id]};
done:
    az_free(d);
    az_free(depends);
}

void az_grad(az_node y, const az_node *wrt, int n, az_node *gradient)
{
    for (int i = 0; i < n; i++) gradient[i] = (az_node){y.graph, -1};
    if (y.id < 0) return;
    if (az_node_shape(y).rank != 0 || !az_type_is_real(az_node_type(y))) {
        char text[AZ_SHAPE_TEXT];
        az_graph_error(y.graph, "az_grad",
                       "y is %s of shape %s and should be a real scalar; sum it, or give a cotangent to az_vjp",
                       az_type_name(az_node_type(y)), az_shape_print(y.graph, az_node_shape(y), text));
        return;
    }
    az_vjp(y, az_cast(az_constant(y.graph, 1), az_node_type(y)), wrt, n, gradient);
}

az_node az_push(az_node y, const az_node *x, const az_node *tangent, int n, const char **couples)
{
    az_graph *graph = y.graph;
    int64_t *t = NULL;
    bool *depends = NULL;
    az_node result = {graph, -1};
    if (y.id < 0 || graph->status || !all_nodes(graph, "az_jvp", x, n) || !all_nodes(graph, "az_jvp", tangent, n))
        return (az_node){graph, -1};
    for (int i = 0; i < n; i++)
        if (!az_shape_equal(az_node_shape(x[i]), az_node_shape(tangent[i])) ||
            az_node_type(x[i]) != az_node_type(tangent[i]))
            return az_graph_error(graph, "az_jvp", "tangent %d has another shape or type than its x", i);
    if (AZ_NEW_ARRAY(t, y.id + 1) || !(depends = depends_on(graph, &y, 0))) {
        az_graph_fail(graph, AZ_ERROR_MEMORY, "az_jvp");
        goto done;
    }
    /* What y needs, so that no tangent is made for nothing. */
    depends[y.id] = true;
    for (int64_t id = y.id; id >= 0; id--)
        for (int k = 0; depends[id] && k < graph->vertices[id].n; k++) depends[graph->vertices[id].x[k]] = true;
    for (int64_t id = 0; id <= y.id; id++) t[id] = -1;
    for (int i = 0; i < n; i++)
        if (x[i].id <= y.id) t[x[i].id] = tangent[i].id;
    for (int64_t id = 0; id <= y.id && !graph->status; id++) {
        if (t[id] >= 0 || !depends[id]) continue;
        const az_vertex vertex = graph->vertices[id];
        az_node dx[64];
        bool any = false;
        for (int k = 0; k < vertex.n; k++) {
            dx[k] = (az_node){graph, t[vertex.x[k]]};
            any = any || dx[k].id >= 0;
        }
        if (!any) continue;
        if (!*couples && !az_shape_covers(vertex.shape, az_node_shape(x[0]))) *couples = vertex.op->name;
        if (!vertex.op->forward) {
            az_graph_error(graph, vertex.op->name, "it has no derivative");
            break;
        }
        t[id] = vertex.op->forward((az_node){graph, id}, dx).id;
    }
    if (!graph->status) result = t[y.id] < 0 ? az_zeros_like(y) : (az_node){graph, t[y.id]};
done:
    az_free(t);
    az_free(depends);
    return result;
}

az_node az_jvp(az_node y, const az_node *x, const az_node *tangent, int n)
{
    return az_push(y, x, tangent, n, &(const char *){NULL});
}

az_node az_direction(az_node x, int64_t i, const char *where)
{
    const az_shape shape = az_node_shape(x);
    const az_type type = az_node_type(x);
    char text[AZ_SHAPE_TEXT];
    if (shape.rank < 1 || az_shape_extents(shape) != shape.rank - 1 || !az_type_is_real(type))
        return az_graph_error(x.graph, where, "x has the shape %s and should be (rows, d)",
                              az_shape_print(x.graph, shape, text));
    const int64_t d = shape.size[shape.rank - 1];
    if (i < 0 || i >= d)
        return az_graph_error(x.graph, where, "input %lld, and x has %lld, counted from 0", (long long)i, (long long)d);
    double *unit = az_alloc_zero(sizeof *unit * (size_t)d);
    if (!unit) return az_graph_fail(x.graph, AZ_ERROR_MEMORY, where);
    unit[i] = 1;
    const az_node direction = az_constant_array(x.graph, AZ_F64, AZ_SHAPE(d), unit);
    az_free(unit);
    return az_broadcast_to(az_cast(direction, type), shape);
}

az_node az_partial(az_node u, az_node x, int64_t i)
{
    const char *couples = NULL;
    if (u.id < 0 || x.id < 0) return u.id < 0 ? u : x;
    const az_node tangent = az_direction(x, i, "az_partial");
    if (tangent.id < 0) return tangent;
    const az_node partial = az_push(u, &x, &tangent, 1, &couples);
    if (couples)
        return az_graph_error(x.graph, "az_partial",
                              "a row of u depends on other rows of x, through \"%s\"; a derivative of each row by its "
                              "own input does not tell how",
                              couples);
    return partial;
}
