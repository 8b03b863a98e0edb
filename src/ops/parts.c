/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of arrays, and arrays put together: permute, slice, pad, concatenate.  All along fixed axes. */
#define AZ_KERNELS_ONCE
#include "ops/rules.h"
#include "ops/walk.h"

#include <string.h>

typedef struct slice {
    int64_t axis, start, step, size; /* element i of the result is element start + i step */
} slice;

typedef struct pad {
    int64_t axis, start, step, size; /* element i goes to start + i step; size: of the result */
    double value;                    /* of all others */
} pad;

/* All elements of a tile to places with other strides; rows innermost. */
#define AZ_PARTS_OF(TYPE, type)                                                                                        \
    static void place_##type(const az_tile *in, const TYPE *x, const int64_t *stride, TYPE *y, int64_t n_rows)         \
    {                                                                                                                  \
        az_tile out = *in;                                                                                             \
        memcpy(out.stride, stride, sizeof out.stride);                                                                 \
        az_walk from = az_walk_of(in, AZ_ALL_AXES), to = az_walk_of(&out, AZ_ALL_AXES);                                \
        for (int64_t i = 0; i < from.n; i++, az_walk_on(&from), az_walk_on(&to)) {                                     \
            const TYPE *source = x + from.offset;                                                                      \
            if (in->row_stride)                                                                                        \
                memcpy(y + to.offset, source, sizeof *y * (size_t)n_rows);                                             \
            else                                                                                                       \
                for (int64_t r = 0; r < n_rows; r++) y[to.offset + r] = *source;                                       \
        }                                                                                                              \
    }                                                                                                                  \
    static void pad_##type(const az_call *call)                                                                        \
    {                                                                                                                  \
        const pad *of = call->attribute;                                                                               \
        const int d = (int)of->axis - call->n_extents;                                                                 \
        const int64_t n_rows = call->out->row_stride ? call->n_rows : 1;                                               \
        int64_t stride[AZ_MAX_RANK], n = n_rows;                                                                       \
        TYPE *y = call->y;                                                                                             \
        for (int i = 0; i < call->out->rank; i++) n *= call->out->size[i];                                             \
        for (int64_t i = 0; i < n; i++) y[i] = (TYPE)of->value;                                                        \
        memcpy(stride, call->out->stride, sizeof stride);                                                              \
        stride[d] *= of->step;                                                                                         \
        place_##type(&call->in[0], call->x[0], stride, y + of->start * call->out->stride[d], n_rows);                  \
    }                                                                                                                  \
    static void concatenate_##type(const az_call *call)                                                                \
    {                                                                                                                  \
        const int d = (int)*(const int64_t *)call->attribute - call->n_extents;                                        \
        const int64_t n_rows = call->out->row_stride ? call->n_rows : 1;                                               \
        TYPE *y = call->y;                                                                                             \
        for (int k = 0; k < call->n_inputs; k++) {                                                                     \
            place_##type(&call->in[k], call->x[k], call->out->stride, y, n_rows);                                      \
            y += call->in[k].size[d] * call->out->stride[d];                                                           \
        }                                                                                                              \
    }
AZ_PARTS_OF(float, f32)
AZ_PARTS_OF(double, f64)
AZ_PARTS_OF(int64_t, i64)
AZ_PARTS_OF(unsigned char, mask)
AZ_KERNEL_TABLE(pad) = {.tile = {[AZ_F32] = pad_f32, [AZ_F64] = pad_f64, [AZ_I64] = pad_i64, [AZ_MASK] = pad_mask}};
AZ_KERNEL_TABLE(concatenate) = {.tile = {[AZ_F32] = concatenate_f32,
                                         [AZ_F64] = concatenate_f64,
                                         [AZ_I64] = concatenate_i64,
                                         [AZ_MASK] = concatenate_mask}};

#ifdef AZ_RULES

/* --- Permute ------------------------------------------------------------------------------------------------------ */

typedef struct permute {
    int32_t axis[AZ_MAX_RANK]; /* of the input, for each of the result */
} permute;

static az_status permute_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const permute *of = arguments->attribute;
    const az_shape from = az_node_shape(arguments->x[0]);
    const int n_extents = az_shape_extents(from);
    unsigned seen = 0;
    shape->rank = from.rank;
    for (int i = 0; i < from.rank; i++) {
        const int a = of->axis[i];
        char text[AZ_SHAPE_TEXT];
        if (a < 0 || a >= from.rank || seen >> a & 1 || (i < n_extents && a != i))
            return az_error(AZ_ERROR_USAGE, "axis %d of the result cannot be axis %d of %s: each has one place, %s", i,
                            a, az_shape_print(arguments->graph, from, text), "and extents keep theirs");
        seen |= 1u << a;
        shape->size[i] = from.size[a];
    }
    *type = az_node_type(arguments->x[0]);
    return AZ_OK;
}

static az_node permute_simplify(const az_op_arguments *arguments)
{
    const permute *of = arguments->attribute;
    for (int i = 0; i < az_node_shape(arguments->x[0]).rank; i++)
        if (of->axis[i] != i) return AZ_NO_NODE;
    return arguments->x[0];
}

static void permute_reverse(az_node y, az_node dy, az_node *dx)
{
    const permute *of = az_node_attribute(y);
    int axis[AZ_MAX_RANK];
    for (int i = 0; i < az_node_shape(y).rank; i++) axis[of->axis[i]] = i;
    dx[0] = az_permute(dy, axis);
}

static az_node permute_forward(az_node y, const az_node *dx)
{
    return az_permute(dx[0], (const int *)((const permute *)az_node_attribute(y))->axis);
}

static az_node permute_batch(az_node y, const az_node *x, int64_t n)
{
    const permute *of = az_node_attribute(y);
    const int n_extents = az_shape_extents(az_node_shape(y));
    int axis[AZ_MAX_RANK];
    (void)n;
    for (int i = 0; i <= n_extents; i++) axis[i] = i;
    for (int i = n_extents; i < az_node_shape(y).rank; i++) axis[i + 1] = of->axis[i] + 1;
    return az_permute(x[0], axis);
}

static bool permute_view(const void *attribute, int in_extents, int out_extents, const az_tile *in, az_tile *out,
                         int64_t *offset)
{
    const permute *of = attribute;
    (void)offset;
    for (int d = 0; d < out->rank; d++) out->stride[d] = in->stride[of->axis[d + out_extents] - in_extents];
    out->row_stride = in->row_stride;
    return true;
}

static bool permute_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        az_shape shape;
        permute of;
    } cases[] = {{{.rank = 3, .size = {AZ_ROWS, 3, 4}}, {{0, 2, 1}}},
                 {{.rank = 4, .size = {AZ_ROWS, 2, 1, 5}}, {{0, 3, 1, 2}}},
                 {{.rank = 3, .size = {AZ_ROWS, 0, 2}}, {{0, 2, 1}}},
                 {{.rank = 2, .size = {3, 5}}, {{1, 0}}},
                 {{.rank = 4, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 2, 3}}, {{0, 1, 3, 2}}}};
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    az_sample_one(sample, cases[number].shape, -2, 2);
    memcpy(sample->attribute, &cases[number].of, sizeof cases[number].of);
    return true;
}

static const az_op permute_op = {.name = "permute",
                                 .version = 1,
                                 .flags = AZ_OP_VIEW | AZ_OP_LINEAR,
                                 .n_inputs = 1,
                                 .attribute_size = sizeof(permute),
                                 .equation = "y = a, its axes in another order",
                                 .shape = permute_shape,
                                 .simplify = permute_simplify,
                                 .reverse = permute_reverse,
                                 .forward = permute_forward,
                                 .batch = permute_batch,
                                 .view = permute_view,
                                 .sample = permute_sample};

az_node az_permute(az_node x, const int *axis)
{
    permute attribute = {{0}};
    if (x.id < 0) return x;
    for (int i = 0; i < az_node_shape(x).rank; i++) attribute.axis[i] = axis[i];
    return az_apply(&permute_op, x.graph, &x, 1, &attribute);
}

/* --- Slice and pad, each the transpose of the other --------------------------------------------------------------- */

static az_node make_slice(az_node x, slice attribute);

static az_node make_pad(az_node x, pad attribute);

/* Do the n elements from `start` on in steps lie within an axis of `size`? */
static bool lies_within(int64_t start, int64_t step, int64_t n, int64_t size)
{
    if (n == 0) return true;
    int64_t way, last;
    if (n < 0 || step == 0 || __builtin_mul_overflow(n - 1, step, &way) || __builtin_add_overflow(start, way, &last))
        return false;
    return start >= 0 && start < size && last >= 0 && last < size;
}

static az_status slice_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const slice *of = arguments->attribute;
    char text[AZ_SHAPE_TEXT];
    AZ_TRY(az_rule_fixed_axis(arguments, 0, of->axis));
    *type = az_node_type(arguments->x[0]);
    *shape = az_node_shape(arguments->x[0]);
    if (!lies_within(of->start, of->step, of->size, shape->size[of->axis]))
        return az_error(AZ_ERROR_USAGE, "%lld elements from %lld on in steps of %lld leave axis %lld of %s",
                        (long long)of->size, (long long)of->start, (long long)of->step, (long long)of->axis,
                        az_shape_print(arguments->graph, *shape, text));
    shape->size[of->axis] = of->size;
    return AZ_OK;
}

static az_node slice_simplify(const az_op_arguments *arguments)
{
    const slice *of = arguments->attribute;
    const bool all = of->start == 0 && of->step == 1 && of->size == az_node_shape(arguments->x[0]).size[of->axis];
    return all ? arguments->x[0] : AZ_NO_NODE;
}

static void slice_reverse(az_node y, az_node dy, az_node *dx)
{
    const slice *of = az_node_attribute(y);
    const int64_t size = az_node_shape(az_node_input(y, 0)).size[of->axis];
    dx[0] = make_pad(dy, (pad){of->axis, of->start, of->step, size, 0});
}

static az_node slice_forward(az_node y, const az_node *dx)
{
    return make_slice(dx[0], *(const slice *)az_node_attribute(y));
}

static az_node slice_batch(az_node y, const az_node *x, int64_t n)
{
    slice attribute = *(const slice *)az_node_attribute(y);
    (void)n;
    attribute.axis++;
    return make_slice(x[0], attribute);
}

static bool slice_view(const void *attribute, int in_extents, int out_extents, const az_tile *in, az_tile *out,
                       int64_t *offset)
{
    const slice *of = attribute;
    const int d = (int)of->axis - in_extents;
    (void)out_extents;
    memcpy(out->stride, in->stride, sizeof out->stride);
    if (of->size > 0) *offset = of->start * in->stride[d];
    out->stride[d] *= of->step;
    out->row_stride = in->row_stride;
    return true;
}

static bool slice_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        az_shape shape;
        slice of;
    } cases[] = {{{.rank = 2, .size = {AZ_ROWS, 7}}, {1, 2, 1, 3}},
                 {{.rank = 2, .size = {AZ_ROWS, 7}}, {1, 5, -2, 3}},
                 {{.rank = 3, .size = {AZ_ROWS, 3, 4}}, {1, 1, 1, 1}},
                 {{.rank = 2, .size = {AZ_ROWS, 7}}, {1, 0, 1, 0}},
                 {{.rank = 3, .size = {AZ_ROWS, 3, 4}}, {2, 3, -1, 4}},
                 {{.rank = 2, .size = {9, 3}}, {0, 0, 4, 3}},
                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 7}}, {2, 5, -2, 3}}};
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    az_sample_one(sample, cases[number].shape, -2, 2);
    memcpy(sample->attribute, &cases[number].of, sizeof cases[number].of);
    return true;
}

static const az_op slice_op = {.name = "slice",
                               .version = 1,
                               .flags = AZ_OP_VIEW | AZ_OP_LINEAR,
                               .n_inputs = 1,
                               .attribute_size = sizeof(slice),
                               .equation = "y_i = a_(start + i step) along an axis",
                               .shape = slice_shape,
                               .simplify = slice_simplify,
                               .reverse = slice_reverse,
                               .forward = slice_forward,
                               .batch = slice_batch,
                               .view = slice_view,
                               .sample = slice_sample};

static az_node make_slice(az_node x, slice attribute)
{
    return az_apply(&slice_op, x.graph, &x, 1, &attribute);
}

az_node az_slice(az_node x, int axis, int64_t start, int64_t stop, int64_t step)
{
    if (x.id < 0) return x;
    const int64_t way = step > 0 ? stop - start : start - stop, stride = step > 0 ? step : -step;
    const int64_t size = stride > 0 && way > 0 ? (way - 1) / stride + 1 : 0;
    return make_slice(x, (slice){az_axis(x, axis), start, step, size});
}

az_node az_flip(az_node x, int axis)
{
    if (x.id < 0) return x;
    const int64_t d = az_axis(x, axis), n = d >= 0 && d < AZ_MAX_RANK ? az_node_shape(x).size[d] : 0;
    return make_slice(x, (slice){d, n - 1, -1, n});
}

static az_status pad_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const pad *of = arguments->attribute;
    char text[AZ_SHAPE_TEXT];
    AZ_TRY(az_rule_fixed_axis(arguments, 0, of->axis));
    *type = az_node_type(arguments->x[0]);
    *shape = az_node_shape(arguments->x[0]);
    if (of->size < 0 || !lies_within(of->start, of->step, shape->size[of->axis], of->size))
        return az_error(AZ_ERROR_USAGE, "axis %lld of %s does not fit in %lld elements from %lld on in steps of %lld",
                        (long long)of->axis, az_shape_print(arguments->graph, *shape, text), (long long)of->size,
                        (long long)of->start, (long long)of->step);
    shape->size[of->axis] = of->size;
    return AZ_OK;
}

static az_node pad_simplify(const az_op_arguments *arguments)
{
    const pad *of = arguments->attribute;
    const bool all = of->start == 0 && of->step == 1 && of->size == az_node_shape(arguments->x[0]).size[of->axis];
    return all ? arguments->x[0] : AZ_NO_NODE;
}

static void pad_reverse(az_node y, az_node dy, az_node *dx)
{
    const pad *of = az_node_attribute(y);
    const int64_t size = az_node_shape(az_node_input(y, 0)).size[of->axis];
    dx[0] = make_slice(dy, (slice){of->axis, of->start, of->step, size});
}

static az_node pad_forward(az_node y, const az_node *dx)
{
    pad attribute = *(const pad *)az_node_attribute(y);
    attribute.value = 0;
    return make_pad(dx[0], attribute);
}

static az_node pad_batch(az_node y, const az_node *x, int64_t n)
{
    pad attribute = *(const pad *)az_node_attribute(y);
    (void)n;
    attribute.axis++;
    return make_pad(x[0], attribute);
}

static bool pad_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        az_shape shape;
        pad of;
    } cases[] = {{{.rank = 2, .size = {AZ_ROWS, 3}}, {1, 2, 1, 7, 0.5}},
                 {{.rank = 2, .size = {AZ_ROWS, 3}}, {1, 6, -2, 7, 0}},
                 {{.rank = 3, .size = {AZ_ROWS, 1, 4}}, {1, 1, 1, 2, -1}},
                 {{.rank = 2, .size = {AZ_ROWS, 0}}, {1, 0, 1, 2, 0.5}},
                 {{.rank = 2, .size = {3, 5}}, {0, 0, 3, 9, 0}}};
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    az_sample_one(sample, cases[number].shape, -2, 2);
    memcpy(sample->attribute, &cases[number].of, sizeof cases[number].of);
    return true;
}

/* Affine in its input: derivatives are those of padding with zeros, for each order alone. */
static const az_op pad_op = {.name = "pad",
                             .version = 1,
                             .flags = AZ_OP_STRIDES,
                             .n_inputs = 1,
                             .attribute_size = sizeof(pad),
                             .equation = "y_(start + i step) = a_i along an axis, all others a constant",
                             .shape = pad_shape,
                             .simplify = pad_simplify,
                             .reverse = pad_reverse,
                             .forward = pad_forward,
                             .batch = pad_batch,
                             .jet = az_jet_linear,
                             .kernels = AZ_KERNELS(pad),
                             .sample = pad_sample};

static az_node make_pad(az_node x, pad attribute)
{
    return az_apply(&pad_op, x.graph, &x, 1, &attribute);
}

az_node az_pad(az_node x, int axis, int64_t before, int64_t after, double value)
{
    if (x.id < 0) return x;
    const int64_t d = az_axis(x, axis), n = d >= 0 && d < AZ_MAX_RANK ? az_node_shape(x).size[d] : 0;
    if (before < 0 || after < 0) return make_pad(x, (pad){d, before, 1, -1, value}); /* its shape rule tells */
    return make_pad(x, (pad){d, before, 1, before + n + after, value});
}

/* --- Concatenate -------------------------------------------------------------------------------------------------- */

static az_status concatenate_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const int64_t axis = *(const int64_t *)arguments->attribute;
    int64_t size = 0;
    if (arguments->n < 1) return az_error(AZ_ERROR_USAGE, "no arrays are given");
    *type = az_node_type(arguments->x[0]);
    *shape = az_node_shape(arguments->x[0]);
    for (int k = 0; k < arguments->n; k++) {
        char first[AZ_SHAPE_TEXT], other[AZ_SHAPE_TEXT];
        const az_shape with = az_node_shape(arguments->x[k]);
        AZ_TRY(az_rule_fixed_axis(arguments, k, axis));
        size += with.size[axis];
        shape->size[axis] = with.size[axis];
        if (!az_shape_equal(*shape, with) || az_node_type(arguments->x[k]) != *type)
            return az_error(AZ_ERROR_USAGE, "%s %s and %s %s differ elsewhere than in axis %lld", az_type_name(*type),
                            az_shape_print(arguments->graph, az_node_shape(arguments->x[0]), first),
                            az_type_name(az_node_type(arguments->x[k])), az_shape_print(arguments->graph, with, other),
                            (long long)axis);
    }
    shape->size[axis] = size;
    return AZ_OK;
}

static az_node concatenate_simplify(const az_op_arguments *arguments)
{
    return arguments->n == 1 ? arguments->x[0] : AZ_NO_NODE;
}

static void concatenate_reverse(az_node y, az_node dy, az_node *dx)
{
    const int64_t axis = *(const int64_t *)az_node_attribute(y);
    int64_t start = 0;
    for (int k = 0; k < az_node_n_inputs(y); k++) {
        const int64_t size = az_node_shape(az_node_input(y, k)).size[axis];
        dx[k] = make_slice(dy, (slice){axis, start, 1, size});
        start += size;
    }
}

static const az_op concatenate_op;

static az_node concatenate_forward(az_node y, const az_node *dx)
{
    az_node tangent[64];
    const int n = az_node_n_inputs(y);
    for (int k = 0; k < n; k++) {
        const az_node x = az_node_input(y, k);
        tangent[k] = dx[k].id >= 0 ? dx[k] : az_broadcast_to(az_constant_like(x, 0), az_node_shape(x));
    }
    return az_apply(&concatenate_op, y.graph, tangent, n, az_node_attribute(y));
}

static az_node concatenate_batch(az_node y, const az_node *x, int64_t n)
{
    const int64_t axis = *(const int64_t *)az_node_attribute(y) + 1;
    az_node all[64];
    for (int k = 0; k < az_node_n_inputs(y); k++) all[k] = az_batched(y, k, x[k], n);
    return az_apply(&concatenate_op, y.graph, all, az_node_n_inputs(y), &axis);
}

static bool concatenate_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        int n;
        int64_t axis;
        az_shape shape[3];
    } cases[] = {
        {2, 1, {{.rank = 2, .size = {AZ_ROWS, 5}}, {.rank = 2, .size = {AZ_ROWS, 3}}}},
        {3,
         1,
         {{.rank = 2, .size = {AZ_ROWS, 1}}, {.rank = 2, .size = {AZ_ROWS, 0}}, {.rank = 2, .size = {AZ_ROWS, 2}}}},
        {2, 2, {{.rank = 3, .size = {AZ_ROWS, 2, 3}}, {.rank = 3, .size = {AZ_ROWS, 2, 1}}}},
        {2, 0, {{.rank = 2, .size = {3, 4}}, {.rank = 2, .size = {2, 4}}}},
        {1, 0, {{.rank = 1, .size = {7}}}},
        {2,
         2,
         {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, {.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 1}}}},
    };
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    for (int k = 0; k < cases[number].n; k++) {
        az_sample_one(sample, cases[number].shape[k], -2, 2);
        sample->x[k] = sample->x[0];
        sample->x[0].shape = cases[number].shape[0];
    }
    sample->n = cases[number].n;
    memcpy(sample->attribute, &cases[number].axis, sizeof cases[number].axis);
    return true;
}

static const az_op concatenate_op = {.name = "concatenate",
                                     .version = 1,
                                     .flags = AZ_OP_STRIDES,
                                     .n_inputs = -1,
                                     .attribute_size = sizeof(int64_t),
                                     .equation = "y = a, b, ... one after the other along an axis",
                                     .shape = concatenate_shape,
                                     .simplify = concatenate_simplify,
                                     .reverse = concatenate_reverse,
                                     .forward = concatenate_forward,
                                     .batch = concatenate_batch,
                                     .jet = az_jet_linear,
                                     .kernels = AZ_KERNELS(concatenate),
                                     .sample = concatenate_sample};

enum { MOST = 64 }; /* inputs of a node */

az_node az_concatenate(const az_node *x, int n, int axis)
{
    az_node all[MOST];
    az_shape leading = {0};
    if (n < 1 || n > MOST || x[0].id < 0)
        return az_apply(&concatenate_op, n > 0 ? x[0].graph : NULL, x, n, &(int64_t){0});
    const int64_t from_end = axis < 0 ? -axis : az_node_shape(x[0]).rank - axis;
    bool fits = true;
    for (int k = 0; k < n; k++) fits = fits && az_shape_join_extents(leading, az_node_shape(x[k]), &leading);
    /* What has no rows is the same in all. */
    for (int k = 0; k < n; k++) all[k] = fits ? az_for_extents(x[k], leading) : x[k];
    const int64_t attribute = all[0].id < 0 ? 0 : az_node_shape(all[0]).rank - from_end;
    return az_apply(&concatenate_op, x[0].graph, all, n, &attribute);
}

az_node az_stack(const az_node *x, int n, int axis)
{
    az_node all[MOST];
    for (int k = 0; k < n && k < MOST; k++) {
        const az_shape shape = az_node_shape(x[k]);
        const int at = axis < 0 ? axis + shape.rank + 1 : axis;
        az_shape taller = {.rank = shape.rank + 1};
        if (x[k].id < 0 || taller.rank > AZ_MAX_RANK || at < 0 || at > shape.rank)
            return az_apply(&concatenate_op, x[k].graph, x, n, &(int64_t){axis});
        for (int d = 0; d < taller.rank; d++) taller.size[d] = d == at ? 1 : shape.size[d - (d > at)];
        all[k] = az_reshape(x[k], taller);
    }
    return az_concatenate(all, n, axis);
}

const az_op *const az_ops_parts[] = {&permute_op, &slice_op, &pad_op, &concatenate_op, NULL};
#endif
