/* SPDX-License-Identifier: BSD-3-Clause */
/* The same elements at other places. */
#define AZ_KERNELS_ONCE
#include "ops/rules.h"

#include <string.h>

/* --- Copying: what a view does that strides cannot ---------------------------------------------------------------- */

/* Copies in, of the sizes and strides of out's view, to out without gaps; rows innermost. */
#define AZ_COPY_OF(name, TYPE)                                                                                         \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const az_tile *in = &call->in[0], *out = call->out;                                                            \
        const int64_t n_rows = out->row_stride ? call->n_rows : 1;                                                     \
        int64_t at[AZ_MAX_RANK] = {0}, n = 1, from = 0;                                                                \
        TYPE *to = call->y;                                                                                            \
        for (int d = 0; d < out->rank; d++) n *= out->size[d];                                                         \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const TYPE *source = (const TYPE *)call->x[0] + from;                                                      \
            if (in->row_stride)                                                                                        \
                memcpy(to, source, sizeof *to *(size_t)n_rows);                                                        \
            else                                                                                                       \
                for (int64_t r = 0; r < n_rows; r++) to[r] = *source;                                                  \
            to += n_rows;                                                                                              \
            for (int d = out->rank - 1; d >= 0; d--) {                                                                 \
                from += in->stride[d];                                                                                 \
                if (++at[d] < out->size[d]) break;                                                                     \
                from -= in->stride[d] * out->size[d];                                                                  \
                at[d] = 0;                                                                                             \
            }                                                                                                          \
        }                                                                                                              \
    }
AZ_COPY_OF(copy_f32, float)
AZ_COPY_OF(copy_f64, double)
AZ_COPY_OF(copy_i64, int64_t)
AZ_COPY_OF(copy_mask, unsigned char)
AZ_KERNEL_TABLE(copy) = {
    .tile = {[AZ_F32] = copy_f32, [AZ_F64] = copy_f64, [AZ_I64] = copy_i64, [AZ_MASK] = copy_mask}};

#ifdef AZ_RULES

/* The executor's own: makes a view into an array without gaps.  in has the sizes of out. */
const az_op az_op_copy = {.name = "copy", .version = 1, .n_inputs = 1, .kernels = AZ_KERNELS(copy)};

/* --- Broadcast ---------------------------------------------------------------------------------------------------- */

typedef struct broadcast {
    az_shape shape;
    int32_t axis[AZ_MAX_RANK]; /* of the result, for each of the input's */
} broadcast;

static az_status broadcast_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const broadcast *of = arguments->attribute;
    const az_shape from = az_node_shape(arguments->x[0]);
    char text[AZ_SHAPE_TEXT], to[AZ_SHAPE_TEXT];
    for (int j = 0; j < from.rank; j++) {
        const int a = of->axis[j];
        if (a < 0 || a >= of->shape.rank || (j > 0 && a <= of->axis[j - 1]) ||
            (from.size[j] != of->shape.size[a] && from.size[j] != 1))
            return az_error(AZ_ERROR_USAGE, "%s cannot be broadcast to %s",
                            az_shape_print(arguments->graph, from, text),
                            az_shape_print(arguments->graph, of->shape, to));
    }
    *type = az_node_type(arguments->x[0]);
    *shape = of->shape;
    return AZ_OK;
}

static const az_op broadcast_op;

static az_node broadcast_simplify(const az_op_arguments *arguments)
{
    const broadcast *of = arguments->attribute;
    const az_node x = arguments->x[0];
    if (az_shape_equal(az_node_shape(x), of->shape)) return x;
    /* What is the same in all rows is the same in all pairs of them. */
    if (az_shape_extents(of->shape) < 2 || az_node_op(x) != &broadcast_op) return AZ_NO_NODE;
    const broadcast *inner = az_node_attribute(x);
    const az_node from = az_node_input(x, 0);
    int axis[AZ_MAX_RANK];
    for (int j = 0; j < az_node_shape(from).rank; j++) axis[j] = of->axis[inner->axis[j]];
    return az_broadcast(from, of->shape, axis);
}

/* The sum over all that was repeated. */
static void broadcast_reverse(az_node y, az_node dy, az_node *dx)
{
    const broadcast *of = az_node_attribute(y);
    const az_shape from = az_node_shape(az_node_input(y, 0));
    unsigned repeated = (1u << of->shape.rank) - 1;
    for (int j = 0; j < from.rank; j++)
        if (from.size[j] == of->shape.size[of->axis[j]]) repeated &= ~(1u << of->axis[j]);
    dx[0] = az_reshape(az_sum(dy, repeated), from);
}

static az_node broadcast_forward(az_node y, const az_node *dx)
{
    const broadcast *of = az_node_attribute(y);
    return az_broadcast(dx[0], of->shape, (const int *)of->axis);
}

/* Axes of size 1 that became extents go first: the batch would stand before them, and behind them in the result. */
static az_node broadcast_batch(az_node y, const az_node *x, int64_t n)
{
    const broadcast *of = az_node_attribute(y);
    const az_shape from = az_node_shape(az_node_input(y, 0)), to = az_shape_batched(of->shape, n);
    const int in_extents = az_shape_extents(from), out_extents = az_shape_extents(of->shape);
    int axis[AZ_MAX_RANK];
    az_shape left = {0};
    for (int j = 0; j <= from.rank; j++) {
        if (j == in_extents) axis[left.rank] = out_extents, left.size[left.rank++] = n;
        if (j == from.rank || (j >= in_extents && of->axis[j] < out_extents)) continue;
        axis[left.rank] = of->axis[j] + (j >= in_extents);
        left.size[left.rank++] = from.size[j];
    }
    return az_broadcast(az_reshape(x[0], left), to, axis);
}

static bool broadcast_view(const void *attribute, int in_extents, int out_extents, const az_tile *in, az_tile *out,
                           int64_t *offset)
{
    const broadcast *of = attribute;
    (void)offset;
    for (int d = 0; d < out->rank; d++) out->stride[d] = 0;
    for (int j = 0; j < in->rank; j++) {
        const int d = of->axis[j + in_extents] - out_extents;
        if (d >= 0 && in->size[j] == out->size[d]) out->stride[d] = in->stride[j];
    }
    out->row_stride = in->row_stride;
    return true;
}

static bool broadcast_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        az_shape from;
        broadcast to;
    } cases[] = {
        {{.rank = 1, .size = {5}}, {{.rank = 2, .size = {AZ_ROWS, 5}}, {1}}},
        {{.rank = 2, .size = {AZ_ROWS, 3}}, {{.rank = 3, .size = {AZ_ROWS, 4, 3}}, {0, 2}}},
        {{.rank = 3, .size = {AZ_ROWS, 3, 1}}, {{.rank = 3, .size = {AZ_ROWS, 3, 7}}, {0, 1, 2}}},
        {{.rank = 0}, {{.rank = 3, .size = {AZ_ROWS, 2, 3}}, {0}}},
        {{.rank = 1, .size = {AZ_ROWS}}, {{.rank = 2, .size = {AZ_ROWS, 0}}, {0}}},
        {{.rank = 2, .size = {1, 3}}, {{.rank = 2, .size = {4, 3}}, {0, 1}}},
        {{.rank = 2, .size = {1, 3}}, {{.rank = 2, .size = {AZ_ROWS, 3}}, {0, 1}}},
        {{.rank = 2, .size = {AZ_ROWS, 3}}, {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, {0, 2}}},
        {{.rank = 2, .size = {AZ_SAMPLE_POINTS, 3}}, {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, {1, 2}}},
        {{.rank = 2, .size = {AZ_ROWS, 1}}, {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, {0, 2}}},
        {{.rank = 1, .size = {3}}, {{.rank = 4, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 2, 3}}, {3}}}};
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    sample->n = 1;
    sample->x[0].type = AZ_F64;
    sample->x[0].shape = cases[number].from;
    sample->x[0].lower = -2;
    sample->x[0].upper = 2;
    memcpy(sample->attribute, &cases[number].to, sizeof cases[number].to);
    return true;
}

static const az_op broadcast_op = {.name = "broadcast",
                                   .version = 1,
                                   .flags = AZ_OP_VIEW | AZ_OP_LINEAR | AZ_OP_STRIDES,
                                   .n_inputs = 1,
                                   .attribute_size = sizeof(broadcast),
                                   .equation = "y[..., i, ...] = a[i]",
                                   .shape = broadcast_shape,
                                   .simplify = broadcast_simplify,
                                   .reverse = broadcast_reverse,
                                   .forward = broadcast_forward,
                                   .batch = broadcast_batch,
                                   .view = broadcast_view,
                                   .kernels = AZ_KERNELS(copy),
                                   .sample = broadcast_sample};

az_node az_broadcast(az_node x, az_shape shape, const int *axis)
{
    broadcast attribute;
    if (x.id < 0) return x;
    memset(&attribute, 0, sizeof attribute);
    attribute.shape.rank = shape.rank;
    for (int i = 0; i < shape.rank && i < AZ_MAX_RANK; i++) attribute.shape.size[i] = shape.size[i];
    for (int j = 0; j < az_node_shape(x).rank; j++) attribute.axis[j] = axis[j];
    return az_apply(&broadcast_op, x.graph, &x, 1, &attribute);
}

az_node az_broadcast_to(az_node x, az_shape shape)
{
    int axis[AZ_MAX_RANK];
    if (x.id < 0) return x;
    const az_shape from = az_node_shape(x);
    for (int j = 0; j < from.rank; j++) {
        axis[j] = shape.rank - from.rank + j;
        for (int i = 0; i < az_shape_extents(shape) && from.size[j] < 0; i++)
            if (shape.size[i] == from.size[j]) axis[j] = i;
    }
    return az_broadcast(x, shape, axis);
}

az_node az_of_each_row(az_node x)
{
    if (x.id < 0 || az_node_op(x) != &broadcast_op) return AZ_NO_NODE;
    const az_node from = az_node_input(x, 0);
    const az_shape s = az_node_shape(from), t = az_node_shape(x);
    const int n = az_shape_extents(t);
    if (n == 0 || az_shape_extents(s) || s.rank != t.rank - n) return AZ_NO_NODE;
    for (int i = 0; i < s.rank; i++)
        if (s.size[i] != t.size[i + n]) return AZ_NO_NODE;
    return from;
}

az_node az_for_extents(az_node x, az_shape of)
{
    const az_shape from = az_node_shape(x);
    const int n = az_shape_extents(from);
    of.rank = az_shape_extents(of);
    if (x.id < 0 || of.rank + from.rank - n > AZ_MAX_RANK) return x; /* told by the shape rules */
    for (int i = n; i < from.rank; i++) of.size[of.rank++] = from.size[i];
    return az_broadcast_to(x, of);
}

az_node az_for_each_row(az_node x, az_node like)
{
    return az_for_extents(x, az_node_shape(like));
}

void az_share_extents(az_node *a, az_node *b)
{
    az_shape extents;
    if (a->id < 0 || b->id < 0) return;
    const az_shape of_a = az_node_shape(*a), of_b = az_node_shape(*b);
    if (!az_shape_extents(of_a) || !az_shape_extents(of_b) || !az_shape_join_extents(of_a, of_b, &extents)) return;
    *a = az_for_extents(*a, extents);
    *b = az_for_extents(*b, extents);
}

/* --- Reshape ------------------------------------------------------------------------------------------------------ */

static az_status reshape_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const az_shape *to = arguments->attribute, from = az_node_shape(arguments->x[0]);
    const int n = az_shape_extents(from);
    bool same = n == az_shape_extents(*to) && az_shape_elements(from) == az_shape_elements(*to);
    for (int i = 0; i < n && same; i++) same = from.size[i] == to->size[i];
    if (!same) {
        char a[AZ_SHAPE_TEXT], b[AZ_SHAPE_TEXT];
        return az_error(AZ_ERROR_USAGE, "%s cannot be reshaped to %s: extents and number of elements stay",
                        az_shape_print(arguments->graph, from, a), az_shape_print(arguments->graph, *to, b));
    }
    *type = az_node_type(arguments->x[0]);
    *shape = *to;
    return AZ_OK;
}

static const az_op reshape_op;

static az_node reshape_simplify(const az_op_arguments *arguments)
{
    const az_node x = arguments->x[0];
    const az_shape *to = arguments->attribute;
    if (az_shape_equal(az_node_shape(x), *to)) return x;
    return az_node_op(x) == &reshape_op ? az_reshape(az_node_input(x, 0), *to) : AZ_NO_NODE;
}

static void reshape_reverse(az_node y, az_node dy, az_node *dx)
{
    dx[0] = az_reshape(dy, az_node_shape(az_node_input(y, 0)));
}

static az_node reshape_forward(az_node y, const az_node *dx)
{
    return az_reshape(dx[0], az_node_shape(y));
}

static az_node reshape_batch(az_node y, const az_node *x, int64_t n)
{
    return az_reshape(x[0], az_shape_batched(az_node_shape(y), n));
}

static bool reshape_view(const void *attribute, int in_extents, int out_extents, const az_tile *in, az_tile *out,
                         int64_t *offset)
{
    (void)attribute, (void)in_extents, (void)out_extents, (void)offset;
    if (!az_tile_is_row_major(in)) return false;
    az_tile_row_major(out);
    out->row_stride = in->row_stride;
    return true;
}

static bool reshape_sample(int64_t number, az_op_sample *sample)
{
    static const az_shape cases[][2] = {
        {{.rank = 2, .size = {AZ_ROWS, 6}}, {.rank = 3, .size = {AZ_ROWS, 2, 3}}},
        {{.rank = 1, .size = {AZ_ROWS}}, {.rank = 3, .size = {AZ_ROWS, 1, 1}}},
        {{.rank = 2, .size = {4, 3}}, {.rank = 1, .size = {12}}},
        {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 6}}, {.rank = 4, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 2, 3}}}};
    if (number >= 4) return false;
    sample->n = 1;
    sample->x[0].type = AZ_F64;
    sample->x[0].shape = cases[number][0];
    sample->x[0].lower = -2;
    sample->x[0].upper = 2;
    memcpy(sample->attribute, &cases[number][1], sizeof(az_shape));
    return true;
}

static const az_op reshape_op = {.name = "reshape",
                                 .version = 1,
                                 .flags = AZ_OP_VIEW | AZ_OP_LINEAR,
                                 .n_inputs = 1,
                                 .attribute_size = sizeof(az_shape),
                                 .equation = "y = a, its elements in the same order",
                                 .shape = reshape_shape,
                                 .simplify = reshape_simplify,
                                 .reverse = reshape_reverse,
                                 .forward = reshape_forward,
                                 .batch = reshape_batch,
                                 .view = reshape_view,
                                 .kernels = AZ_KERNELS(copy),
                                 .sample = reshape_sample};

az_node az_reshape(az_node x, az_shape shape)
{
    az_shape attribute;
    if (x.id < 0) return x;
    memset(&attribute, 0, sizeof attribute);
    attribute.rank = shape.rank;
    for (int i = 0; i < shape.rank && i < AZ_MAX_RANK; i++) attribute.size[i] = shape.size[i];
    return az_apply(&reshape_op, x.graph, &x, 1, &attribute);
}

const az_op *const az_ops_shapes[] = {&broadcast_op, &reshape_op, NULL};
#endif
