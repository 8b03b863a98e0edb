/* SPDX-License-Identifier: BSD-3-Clause */
/* All first or second derivatives of each row by its own inputs, side by side: one tangent an input, so that what the
 * tangents have in common is worked out once. */
#include "graph/graph.h"
#include "ops/shape.h"

/* x (rows, d); the shape of its extents alone in *rows. */
static bool find_inputs(az_node x, const char *where, az_shape *rows, int64_t *d)
{
    if (az_direction(x, 0, where).id < 0) return false;
    *rows = az_node_shape(x);
    *d = rows->size[--rows->rank];
    rows->size[rows->rank] = 0;
    return true;
}

/* n nodes of one shape along a new last axis.  Each place is chosen, not multiplied by 0 or 1, so that an infinity in
 * one of them stays there. */
static az_node side_by_side(const az_node *x, int64_t n, const char *where)
{
    az_graph *graph = x[0].graph;
    az_node all = AZ_NO_NODE;
    if (graph->status) return (az_node){graph, -1};
    unsigned char *one = az_alloc_zero((size_t)n);
    if (!one) return az_graph_fail(graph, AZ_ERROR_MEMORY, where);
    int axis[AZ_MAX_RANK];
    az_shape shape = az_node_shape(x[0]);
    for (int i = 0; i < shape.rank; i++) axis[i] = i;
    if (shape.rank == AZ_MAX_RANK) {
        az_free(one);
        return az_graph_error(graph, where, "the result would have more than %d axes", AZ_MAX_RANK);
    }
    shape.size[shape.rank++] = n;
    for (int64_t i = 0; i < n; i++) {
        const az_node here = az_broadcast(x[i], shape, axis);
        one[i] = 1;
        all = i ? az_select(az_constant_array(graph, AZ_MASK, AZ_SHAPE(n), one), here, all) : here;
        one[i] = 0;
    }
    az_free(one);
    return all;
}

az_node az_jacobian(az_node y, az_node x)
{
    az_shape rows;
    int64_t d;
    if (y.id < 0 || x.id < 0) return y.id < 0 ? y : x;
    if (!find_inputs(x, "az_jacobian", &rows, &d)) return (az_node){x.graph, -1};
    az_node *column = az_alloc_array(d, sizeof *column);
    if (!column) return az_graph_fail(x.graph, AZ_ERROR_MEMORY, "az_jacobian");
    for (int64_t i = 0; i < d; i++) column[i] = az_partial(y, x, i);
    const az_node all = side_by_side(column, d, "az_jacobian");
    az_free(column);
    return all;
}

az_node az_hessian(az_node u, az_node x)
{
    az_shape rows;
    int64_t d;
    char text[AZ_SHAPE_TEXT];
    if (u.id < 0 || x.id < 0) return u.id < 0 ? u : x;
    if (!find_inputs(x, "az_hessian", &rows, &d)) return (az_node){x.graph, -1};
    az_shape one = rows;
    one.size[one.rank++] = 1;
    if (az_shape_equal(az_node_shape(u), one)) u = az_reshape(u, rows);
    if (!az_shape_equal(az_node_shape(u), rows))
        return az_graph_error(x.graph, "az_hessian", "u has the shape %s and should be one number a row of x",
                              az_shape_print(x.graph, az_node_shape(u), text));
    az_node *second = az_alloc_array(d * d, sizeof *second), *line = az_alloc_array(d, sizeof *line);
    if (!second || !line) {
        az_free(second);
        az_free(line);
        return az_graph_fail(x.graph, AZ_ERROR_MEMORY, "az_hessian");
    }
    for (int64_t i = 0; i < d; i++) {
        const az_node slope = az_partial(u, x, i);
        for (int64_t j = 0; j <= i; j++) second[i * d + j] = second[j * d + i] = az_partial(slope, x, j);
    }
    for (int64_t i = 0; i < d; i++) line[i] = side_by_side(second + i * d, d, "az_hessian");
    /* Lines along the last axis are columns; the matrix is symmetric. */
    const az_node all = side_by_side(line, d, "az_hessian");
    az_free(second);
    az_free(line);
    return all;
}
