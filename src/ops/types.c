/* SPDX-License-Identifier: BSD-3-Clause */
/* Conversion between types. */
#define AZ_KERNELS_ONCE
#include "base/floating_point.h"
#include "ops/rules.h"

#include <string.h>

AZ_MAP1_OF(f32_to_f64, double, float, (double)a)
AZ_MAP1_OF(f32_to_i64, int64_t, float, (int64_t)a)
AZ_MAP1_OF(f32_to_mask, unsigned char, float, (unsigned char)(a != 0))
AZ_MAP1_OF(f64_to_f32, float, double, (float)a)
AZ_MAP1_OF(f64_to_i64, int64_t, double, (int64_t)a)
AZ_MAP1_OF(f64_to_mask, unsigned char, double, (unsigned char)(a != 0))
AZ_MAP1_OF(i64_to_f32, float, int64_t, (float)a)
AZ_MAP1_OF(i64_to_f64, double, int64_t, (double)a)
AZ_MAP1_OF(i64_to_mask, unsigned char, int64_t, (unsigned char)(a != 0))
AZ_MAP1_OF(mask_to_f32, float, unsigned char, (float)a)
AZ_MAP1_OF(mask_to_f64, double, unsigned char, (double)a)
AZ_MAP1_OF(mask_to_i64, int64_t, unsigned char, (int64_t)a)

static az_map_kernel *const casts[AZ_N_TYPES][AZ_N_TYPES] = {
    {NULL, f32_to_f64, f32_to_i64, f32_to_mask},
    {f64_to_f32, NULL, f64_to_i64, f64_to_mask},
    {i64_to_f32, i64_to_f64, NULL, i64_to_mask},
    {mask_to_f32, mask_to_f64, mask_to_i64, NULL},
};

/* The attribute is the type to convert to. */
#define AZ_CAST_FROM(name, FROM)                                                                                       \
    static void name(int64_t n_outer, int64_t n_inner, void *out, const az_operand *in, const void *attribute)         \
    {                                                                                                                  \
        casts[FROM][*(const int64_t *)attribute](n_outer, n_inner, out, in, NULL);                                     \
    }
AZ_CAST_FROM(cast_f32, AZ_F32)
AZ_CAST_FROM(cast_f64, AZ_F64)
AZ_CAST_FROM(cast_i64, AZ_I64)
AZ_CAST_FROM(cast_mask, AZ_MASK)
AZ_KERNEL_TABLE(cast) = {.map = {[AZ_F32] = cast_f32, [AZ_F64] = cast_f64, [AZ_I64] = cast_i64, [AZ_MASK] = cast_mask}};

#ifdef AZ_RULES

static az_status cast_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    *type = (az_type) * (const int64_t *)arguments->attribute;
    *shape = az_node_shape(arguments->x[0]);
    return AZ_OK;
}

/* A constant is converted here and now, and what is repeated before it is repeated. */
static az_node cast_simplify(const az_op_arguments *arguments)
{
    const az_node x = arguments->x[0];
    const az_type to = (az_type) * (const int64_t *)arguments->attribute;
    double value;
    if (az_node_type(x) == to) return x;
    if (az_node_op(x)->flags & AZ_OP_VIEW && az_node_n_inputs(x) == 1) {
        const az_node from = az_node_input(x, 0);
        const az_shape few = az_node_shape(from), many = az_node_shape(x);
        if (az_shape_extents(few) < az_shape_extents(many) || az_shape_elements(few) < az_shape_elements(many)) {
            const az_node made = az_cast(from, to);
            return az_apply(az_node_op(x), arguments->graph, &made, 1, az_node_attribute(x));
        }
    }
    if (az_node_shape(x).rank != 0 || !az_is_constant(x, &value)) return AZ_NO_NODE;
    if (to == AZ_F64) return az_constant_array(arguments->graph, AZ_F64, AZ_SCALAR, &value);
    if (to == AZ_F32) return az_constant_array(arguments->graph, AZ_F32, AZ_SCALAR, &(float){az_nearest_float(value)});
    return AZ_NO_NODE;
}

static void cast_reverse(az_node y, az_node dy, az_node *dx)
{
    const az_type from = az_node_type(az_node_input(y, 0));
    if (az_type_is_real(from) && az_type_is_real(az_node_type(y))) dx[0] = az_cast(dy, from);
}

static az_node cast_forward(az_node y, const az_node *dx)
{
    const bool real = az_type_is_real(az_node_type(dx[0])) && az_type_is_real(az_node_type(y));
    return real ? az_cast(dx[0], az_node_type(y)) : AZ_NO_NODE;
}

static bool cast_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        az_type from, to;
        az_shape shape;
        double lower, upper;
    } cases[] = {{AZ_F64, AZ_F64, {.rank = 2, .size = {AZ_ROWS, 7}}, -3, 3},
                 {AZ_F64, AZ_F32, {.rank = 2, .size = {AZ_ROWS, 7}}, -3, 3},
                 {AZ_F64, AZ_I64, {.rank = 1, .size = {AZ_ROWS}}, -100, 100},
                 {AZ_F64, AZ_MASK, {.rank = 2, .size = {AZ_ROWS, 3}}, -1, 1},
                 {AZ_I64, AZ_F32, {.rank = 2, .size = {AZ_ROWS, 3}}, -1000, 1000},
                 {AZ_I64, AZ_F64, {.rank = 2, .size = {5, 33}}, -1000, 1000},
                 {AZ_I64, AZ_MASK, {.rank = 1, .size = {AZ_ROWS}}, -2, 3},
                 {AZ_MASK, AZ_F32, {.rank = 1, .size = {AZ_ROWS}}, 0, 2},
                 {AZ_MASK, AZ_F64, {.rank = 0}, 0, 2},
                 {AZ_MASK, AZ_I64, {.rank = 2, .size = {AZ_ROWS, 0}}, 0, 2}};
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    const int64_t to = cases[number].to;
    sample->n = 1;
    sample->x[0].type = cases[number].from;
    sample->x[0].shape = cases[number].shape;
    sample->x[0].lower = cases[number].lower;
    sample->x[0].upper = cases[number].upper;
    memcpy(sample->attribute, &to, sizeof to);
    return true;
}

static const az_op cast_op = {.name = "cast",
                              .version = 1,
                              .flags = AZ_OP_ELEMENTWISE | AZ_OP_LINEAR,
                              .n_inputs = 1,
                              .attribute_size = sizeof(int64_t),
                              .equation = "y = a, of another type",
                              .shape = cast_shape,
                              .simplify = cast_simplify,
                              .reverse = cast_reverse,
                              .forward = cast_forward,
                              .kernels = AZ_KERNELS(cast),
                              .sample = cast_sample};

az_node az_cast(az_node x, az_type type)
{
    const int64_t attribute = type;
    if (x.id < 0) return x;
    return az_apply(&cast_op, x.graph, &x, 1, &attribute);
}

az_node az_widened(az_node x)
{
    const bool is_cast = x.id >= 0 && az_node_op(x) == &cast_op && az_node_type(x) == AZ_F64;
    return is_cast && az_node_type(az_node_input(x, 0)) == AZ_F32 ? az_node_input(x, 0) : AZ_NO_NODE;
}

const az_op *const az_ops_types[] = {&cast_op, NULL};
#endif
