/* SPDX-License-Identifier: BSD-3-Clause */
/* All first or second derivatives of each row by its own inputs.  The derivative along one direction is written down
 * once, of a seed that stands for the direction; then unit vectors take the seed's place, all together (batch.c).  The
 * cost is that of one pass with so many tangents, and the number of nodes does not depend on it. */
#include "graph/graph.h"
#include "ops/rules.h"
#include "ops/shape.h"

#include <string.h>

/* A leaf that is replaced before anything is compiled. */
typedef struct seed_attribute {
    az_shape shape;
    int64_t type;
} seed_attribute;

static az_status seed_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const seed_attribute *of = arguments->attribute;
    *type = (az_type)of->type;
    *shape = of->shape;
    return AZ_OK;
}

static const az_op seed_op = {
    .name = "seed", .attribute_size = sizeof(seed_attribute), .equation = "any direction", .shape = seed_shape};

static az_node seed_like(az_node x)
{
    seed_attribute attribute;
    memset(&attribute, 0, sizeof attribute);
    attribute.shape = az_node_shape(x);
    attribute.type = az_node_type(x);
    return az_apply(&seed_op, x.graph, NULL, 0, &attribute);
}

/* Fixed axes alone. */
static az_shape fixed_axes(az_shape shape)
{
    return az_shape_without(shape, (1u << az_shape_extents(shape)) - 1);
}

/* The n unit vectors of a row of x, of n elements: (n, fixed axes of x), the same for each row. */
static az_node unit_vectors(az_node x)
{
    const az_shape fixed = fixed_axes(az_node_shape(x));
    const int64_t n = az_shape_elements(fixed);
    double *unit = az_alloc_zero(sizeof *unit * (size_t)(n * n));
    if (!unit) return az_graph_fail(x.graph, AZ_ERROR_MEMORY, "az_jacobian");
    for (int64_t i = 0; i < n; i++) unit[i * n + i] = 1;
    const az_node all = az_constant_array(x.graph, AZ_F64, az_shape_batched(fixed, n), unit);
    az_free(unit);
    return az_for_each_row(az_cast(all, az_node_type(x)), x);
}

/* The tangent of y for the seed of x (rows, d); none where a row of y depends on another row of x. */
static az_node tangent_of(az_node y, az_node x, az_node seed, const char *where)
{
    const char *couples = NULL;
    const az_node tangent = az_push(y, &x, &seed, 1, &couples);
    if (!couples) return tangent;
    return az_graph_error(x.graph, where, "a row of y depends on other rows of x, through \"%s\"", couples);
}

/* Does every row of y belong to the row of x of the same number? */
static bool row_by_row(az_shape y, az_shape x)
{
    const int n = az_shape_extents(x);
    return az_shape_extents(y) == n && memcmp(y.size, x.size, sizeof y.size[0] * (size_t)n) == 0;
}

static az_node jacobian(az_node y, az_node x, const char *where)
{
    az_graph *graph = x.graph;
    const az_shape shape = az_node_shape(y), of_x = az_node_shape(x);
    if (az_direction(x, 0, where).id < 0) return (az_node){graph, -1}; /* x is not (rows, d) */
    if (shape.rank == AZ_MAX_RANK)
        return az_graph_error(graph, where, "the result would have more than %d axes", AZ_MAX_RANK);
    const az_node seed = seed_like(x), tangent = tangent_of(y, x, seed, where);
    const int64_t n = az_shape_elements(shape), d = of_x.size[of_x.rank - 1];
    if (tangent.id < 0) return tangent;
    if (row_by_row(shape, of_x) && n > 0 && n < d) { /* fewer results than inputs: the gradient of each result */
        const az_node cotangent = seed_like(y);
        az_node gradient;
        az_vjp(y, cotangent, &x, 1, &gradient);
        az_shape all = shape;
        all.size[all.rank++] = d;
        return az_reshape(az_batch(gradient, cotangent, unit_vectors(y)), all);
    }
    return az_move_axis(az_batch(tangent, seed, unit_vectors(x)), az_shape_extents(shape), shape.rank);
}

az_node az_jacobian(az_node y, az_node x)
{
    return y.id < 0 ? y : x.id < 0 ? x : jacobian(y, x, "az_jacobian");
}

/* The gradient in reverse, and its Jacobian by tangents.  Rounding makes the two derivatives by x_i and x_j differ:
 * that of the lower triangle is taken for both. */
az_node az_hessian(az_node u, az_node x)
{
    char text[AZ_SHAPE_TEXT];
    if (u.id < 0 || x.id < 0) return u.id < 0 ? u : x;
    az_graph *graph = x.graph;
    const az_shape shape = az_node_shape(u), of_x = az_node_shape(x);
    if (az_direction(x, 0, "az_hessian").id < 0) return (az_node){graph, -1};
    if (tangent_of(u, x, seed_like(x), "az_hessian").id < 0) return (az_node){graph, -1};
    if (!row_by_row(shape, of_x) || az_shape_elements(shape) != 1)
        return az_graph_error(graph, "az_hessian", "u has the shape %s and should be one number a row of x",
                              az_shape_print(graph, shape, text));
    az_node gradient;
    az_vjp(u, az_broadcast_to(az_constant_like(u, 1), shape), &x, 1, &gradient);
    const az_node second = jacobian(gradient, x, "az_hessian");
    const int64_t d = of_x.size[of_x.rank - 1];
    unsigned char *lower = az_alloc_zero((size_t)(d * d));
    if (!lower) return az_graph_fail(graph, AZ_ERROR_MEMORY, "az_hessian");
    for (int64_t i = 0; i < d; i++)
        for (int64_t j = 0; j <= i; j++) lower[i * d + j] = 1;
    const az_node mask = az_constant_array(graph, AZ_MASK, AZ_SHAPE(d, d), lower);
    az_free(lower);
    return az_select(mask, second, az_move_axis(second, of_x.rank, of_x.rank - 1));
}
