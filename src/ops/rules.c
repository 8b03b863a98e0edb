/* SPDX-License-Identifier: BSD-3-Clause */
#include "ops/rules.h"

#include <string.h>

az_status az_rule_elementwise(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    *type = az_node_type(arguments->x[0]);
    *shape = az_node_shape(arguments->x[0]);
    if (!az_type_is_real(*type)) return az_error(AZ_ERROR_USAGE, "of %s; it takes real numbers", az_type_name(*type));
    for (int i = 1; i < arguments->n; i++) {
        char first[AZ_SHAPE_TEXT], other[AZ_SHAPE_TEXT];
        const az_type t = az_node_type(arguments->x[i]);
        const az_shape s = az_node_shape(arguments->x[i]);
        if (t != *type)
            return az_error(AZ_ERROR_USAGE, "of %s and %s; az_cast makes them one type", az_type_name(*type),
                            az_type_name(t));
        if (!az_shape_equal(s, *shape))
            return az_error(AZ_ERROR_USAGE, "the shapes %s and %s differ",
                            az_shape_print(arguments->graph, *shape, first),
                            az_shape_print(arguments->graph, s, other));
    }
    return AZ_OK;
}

az_node az_apply1(const az_op *op, az_node a)
{
    return az_apply(op, a.graph, &a, 1, NULL);
}

az_node az_apply2(const az_op *op, az_node a, az_node b)
{
    az_shape shape;
    if (a.id >= 0 && b.id >= 0 && a.graph == b.graph && az_shape_join(az_node_shape(a), az_node_shape(b), &shape)) {
        a = az_broadcast_to(a, shape);
        b = az_broadcast_to(b, shape);
    }
    return az_apply(op, a.id >= 0 ? a.graph : b.graph, (az_node[]){a, b}, 2, NULL);
}

bool az_is_constant(az_node x, double *value)
{
    while (x.id >= 0 && az_node_op(x)->flags & AZ_OP_VIEW && az_node_n_inputs(x) == 1) x = az_node_input(x, 0);
    if (x.id < 0 || !az_node_op(x)->leaf || az_node_shape(x).rank != 0) return false;
    az_leaf leaf = {0};
    az_node_op(x)->leaf(az_node_attribute(x), &leaf);
    if (leaf.kind != AZ_LEAF_CONSTANT) return false;
    switch (az_node_type(x)) {
    case AZ_F32: *value = *(const float *)leaf.data; break;
    case AZ_F64: *value = *(const double *)leaf.data; break;
    case AZ_I64: *value = (double)*(const int64_t *)leaf.data; break;
    case AZ_MASK: *value = *(const unsigned char *)leaf.data; break;
    }
    return true;
}

az_node az_constant_like(az_node x, double value)
{
    const az_type type = az_node_type(x);
    if (type == AZ_F64) return az_constant_array(x.graph, type, AZ_SCALAR, &value); /* whatever the graph's real type */
    return az_cast(az_constant(x.graph, value), type);
}

az_status az_rule_reduction(const az_op_arguments *arguments, uint32_t axes, az_shape *shape)
{
    const az_shape from = az_node_shape(arguments->x[0]);
    char text[AZ_SHAPE_TEXT];
    if (axes >> from.rank)
        return az_error(AZ_ERROR_USAGE, "an axis that %s does not have", az_shape_print(arguments->graph, from, text));
    *shape = az_shape_without(from, axes);
    return AZ_OK;
}

az_status az_rule_fixed_axis(const az_op_arguments *arguments, int i, int64_t axis)
{
    const az_shape shape = az_node_shape(arguments->x[i]);
    char text[AZ_SHAPE_TEXT];
    if (axis >= az_shape_extents(shape) && axis < shape.rank) return AZ_OK;
    return az_error(AZ_ERROR_USAGE, "axis %lld is no fixed axis of %s", (long long)axis,
                    az_shape_print(arguments->graph, shape, text));
}

int64_t az_axis(az_node x, int axis)
{
    return axis < 0 ? axis + az_node_shape(x).rank : axis;
}

az_node az_spread_over(az_node result, az_shape shape, uint32_t axes)
{
    int axis[AZ_MAX_RANK], n = 0;
    if (result.id < 0) return result;
    for (int d = 0; d < shape.rank; d++)
        if (!(axes >> d & 1)) axis[n++] = d;
    return az_broadcast(result, shape, axis);
}

bool az_is_batched(az_node y, int i, az_node x)
{
    return az_node_shape(x).rank > az_node_shape(az_node_input(y, i)).rank;
}

az_node az_batched(az_node y, int i, az_node x, int64_t n)
{
    const az_shape shape = az_node_shape(x);
    const int n_extents = az_shape_extents(shape);
    int axis[AZ_MAX_RANK];
    for (int d = 0; d < shape.rank; d++) axis[d] = d + (d >= n_extents);
    return az_is_batched(y, i, x) ? x : az_broadcast(x, az_shape_batched(shape, n), axis);
}

uint32_t az_batched_axes(az_node y, uint32_t axes)
{
    const uint32_t extents = (1u << az_shape_extents(az_node_shape(az_node_input(y, 0)))) - 1;
    return (axes & extents) | (axes & ~extents) << 1;
}

az_node az_move_axis(az_node x, int from, int to)
{
    int axis[AZ_MAX_RANK];
    for (int d = 0; d < az_node_shape(x).rank; d++)
        axis[d] = d == to                            ? from
                  : from < to && d >= from && d < to ? d + 1
                  : to < from && d > to && d <= from ? d - 1
                                                     : d;
    return az_permute(x, axis);
}

az_node az_add_or(az_node a, az_node b)
{
    return a.id < 0 ? b : b.id < 0 ? a : az_add(a, b);
}

void az_jet_linear(az_node y, int order, const az_node *dx, az_node *dy)
{
    for (int k = 0; k < order; k++) {
        az_node of_order[64]; /* the most that a node has */
        bool any = false;
        for (int i = 0; i < az_node_n_inputs(y); i++) {
            of_order[i] = dx[i * order + k];
            any = any || of_order[i].id >= 0;
        }
        if (any) dy[k] = az_node_op(y)->forward(y, of_order);
    }
}

/* factor a b c ..., or nothing where one of them is zero. */
static az_node term(double factor, const az_node *x, int n)
{
    az_node product = AZ_NO_NODE;
    for (int i = 0; i < n; i++) {
        if (x[i].id < 0) return AZ_NO_NODE;
        product = product.id < 0 ? x[i] : az_mul(product, x[i]);
    }
    return factor == 1 ? product : az_scale(product, factor);
}
#define TERM(factor, ...)                                                                                              \
    term(factor, (az_node[]){__VA_ARGS__}, (int)(sizeof((az_node[]){__VA_ARGS__}) / sizeof(az_node)))

void az_jet_unary(az_node y, int order, const az_node *dx, az_node *dy)
{
    const az_node a = az_node_input(y, 0), one = az_broadcast_to(az_constant_like(a, 1), az_node_shape(a));
    az_node f[4];
    for (int k = 0; k < order; k++) f[k] = az_jvp(k ? f[k - 1] : y, &a, &one, 1);
    const az_node x1 = dx[0];
    dy[0] = TERM(1, f[0], x1);
    if (order < 2) return;
    const az_node x2 = dx[1];
    dy[1] = az_add_or(TERM(1, f[1], x1, x1), TERM(1, f[0], x2));
    if (order < 3) return;
    const az_node x3 = dx[2];
    dy[2] = az_add_or(az_add_or(TERM(1, f[2], x1, x1, x1), TERM(3, f[1], x1, x2)), TERM(1, f[0], x3));
    if (order < 4) return;
    const az_node square = az_add_or(TERM(3, x2, x2), TERM(4, x1, x3));
    const az_node high = az_add_or(TERM(1, f[3], x1, x1, x1, x1), TERM(6, f[2], x1, x1, x2));
    dy[3] = az_add_or(az_add_or(high, TERM(1, f[1], square)), TERM(1, f[0], dx[3]));
}

bool az_sample_elementwise(int64_t number, az_op_sample *sample, int n, double lower, double upper)
{
    static const az_shape shapes[] = {{.rank = 1, .size = {AZ_ROWS}},
                                      {.rank = 2, .size = {AZ_ROWS, 7}},
                                      {.rank = 3, .size = {AZ_ROWS, 3, 1}},
                                      {.rank = 2, .size = {AZ_ROWS, 0}},
                                      {.rank = 0},
                                      {.rank = 2, .size = {5, 33}},
                                      {.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}};
    if (number >= (int64_t)(sizeof shapes / sizeof shapes[0])) return false;
    sample->n = n;
    for (int i = 0; i < n; i++) {
        sample->x[i].type = AZ_F64;
        sample->x[i].shape = shapes[number];
        sample->x[i].lower = lower;
        sample->x[i].upper = upper;
    }
    return true;
}

void az_sample_one(az_op_sample *sample, az_shape shape, double lower, double upper)
{
    sample->n = 1;
    sample->x[0].type = AZ_F64;
    sample->x[0].shape = shape;
    sample->x[0].lower = lower;
    sample->x[0].upper = upper;
}

bool az_sample_reduction(int64_t number, az_op_sample *sample, double lower, double upper)
{
    static const struct {
        az_shape from;
        uint32_t axes;
    } cases[] = {{{.rank = 2, .size = {AZ_ROWS, 5}}, 1},
                 {{.rank = 2, .size = {AZ_ROWS, 5}}, 2},
                 {{.rank = 2, .size = {AZ_ROWS, 5}}, 3},
                 {{.rank = 3, .size = {AZ_ROWS, 3, 4}}, 2},
                 {{.rank = 3, .size = {AZ_ROWS, 3, 4}}, 5},
                 {{.rank = 3, .size = {AZ_ROWS, 0, 2}}, 4},
                 {{.rank = 2, .size = {3, 37}}, 2},
                 {{.rank = 3, .size = {3, 2, 5}}, 5},
                 {{.rank = 1, .size = {AZ_ROWS}}, 1},
                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, 1},
                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, 2},
                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, 3},
                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 2}}, 4},
                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, 5},
                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, 6},
                 {{.rank = 2, .size = {AZ_ROWS, AZ_SAMPLE_POINTS}}, 3}};
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    az_sample_one(sample, cases[number].from, lower, upper);
    memcpy(sample->attribute, &cases[number].axes, sizeof cases[number].axes);
    return true;
}
