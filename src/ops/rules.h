/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rules of ops share. */
#ifndef AZ_OPS_RULES_H
#define AZ_OPS_RULES_H

#include "ops/map.h"
#include "ops/shape.h"
#include <ansatz/op.h>

/* Shape rule of elementwise ops: all inputs of one shape and one real type. */
az_status az_rule_elementwise(const az_op_arguments *arguments, az_type *type, az_shape *shape);
/* Broadcasts two operands (numpy's rule) and applies the op; the same of one and of three. */
az_node az_apply1(const az_op *op, az_node a);
az_node az_apply2(const az_op *op, az_node a, az_node b);
/* Is x one number everywhere, as a constant or broadcast from one?  Then *value is it. */
bool az_is_constant(az_node x, double *value);
/* The value of which x is a repetition for every row, nothing else; AZ_NO_NODE: x is none. */
az_node az_of_each_row(az_node x);
/* A value without rows, repeated for each row of `like`. */
az_node az_for_each_row(az_node x, az_node like);
/* The same for the leading extents of a shape, of which x may have some. */
az_node az_for_extents(az_node x, az_shape of);
/* Both repeated so that they have the same extents, their fixed axes as they are; nothing where one has none. */
void az_share_extents(az_node *a, az_node *b);
/* The floats of which x is the same numbers as doubles; AZ_NO_NODE: x is no such. */
az_node az_widened(az_node x);
/* A constant of x's type. */
az_node az_constant_like(az_node x, double value);
/* a + b where either may be AZ_NO_NODE, which stands for zero. */
az_node az_add_or(az_node a, az_node b);

/* Over the axes whose bits are set; shape: what is left. */
az_status az_rule_reduction(const az_op_arguments *arguments, uint32_t axes, az_shape *shape);
/* Has input i a fixed axis of this number? */
az_status az_rule_fixed_axis(const az_op_arguments *arguments, int i, int64_t axis);
/* The number of an axis that may be counted from the end: -1 is the last. */
int64_t az_axis(az_node x, int axis);
/* A result over axes of the shape, the same for all elements that it was made from. */
az_node az_spread_over(az_node result, az_shape shape, uint32_t axes);

/* Batch rules.  Has x, given for input i, the axis of the batch?  With that axis, repeated where it has none.  Bits of
 * axes of input 0, as they are numbered with it.  x, whose axis `from` becomes axis `to`. */
bool az_is_batched(az_node y, int i, az_node x);
az_node az_batched(az_node y, int i, az_node x, int64_t n);
uint32_t az_batched_axes(az_node y, uint32_t axes);
az_node az_move_axis(az_node x, int from, int to);

/* Is x = a b? */
bool az_is_product(az_node x, az_node *a, az_node *b);
/* The sum of a b, of one shape, over axes (sum_products.c). */
az_node az_sum_products(az_node a, az_node b, unsigned axes);

/* Products of operands with fixed axes before their matrices (matmul_batch.c). */
az_node az_matmul_batch(az_node a, az_node b, bool transpose_a, bool transpose_b);

/* Taylor rules: of ops linear in all inputs together; and of elementwise ops y = f(a), by the formula of Faa di Bruno
 * with derivatives of f that az_jvp makes out of the forward rule. */
void az_jet_linear(az_node y, int order, const az_node *dx, az_node *dy);
void az_jet_product(az_node y, int order, const az_node *dx, az_node *dy); /* of a b, the inputs of y */
void az_jet_unary(az_node y, int order, const az_node *dx, az_node *dy);

/* An op y = f(a) whose derivative is dy = NAME_slope(y) da: the rules, the sample with values in [LOWER, UPPER], the
 * descriptor NAME_op and the builder az_NAME.  Kernels (AZ_MAP1) and NAME_slope stand before. */
#define AZ_UNARY(NAME, FLAGS, FLOPS, LOWER, UPPER, EQUATION)                                                           \
    static void NAME##_reverse(az_node y, az_node dy, az_node *dx)                                                     \
    {                                                                                                                  \
        dx[0] = az_mul(dy, NAME##_slope(y));                                                                           \
    }                                                                                                                  \
    static az_node NAME##_forward(az_node y, const az_node *dx)                                                        \
    {                                                                                                                  \
        return az_mul(dx[0], NAME##_slope(y));                                                                         \
    }                                                                                                                  \
    static bool NAME##_sample(int64_t number, az_op_sample *sample)                                                    \
    {                                                                                                                  \
        return az_sample_elementwise(number, sample, 1, LOWER, UPPER);                                                 \
    }                                                                                                                  \
    static const az_op NAME##_op = {.name = #NAME,                                                                     \
                                    .version = 1,                                                                      \
                                    .flags = AZ_OP_ELEMENTWISE | (FLAGS),                                              \
                                    .n_inputs = 1,                                                                     \
                                    .equation = EQUATION,                                                              \
                                    .shape = az_rule_elementwise,                                                      \
                                    .reverse = NAME##_reverse,                                                         \
                                    .forward = NAME##_forward,                                                         \
                                    .jet = az_jet_unary,                                                               \
                                    .flops = FLOPS,                                                                    \
                                    .kernels = AZ_KERNELS(NAME),                                                       \
                                    .sample = NAME##_sample};                                                          \
    az_node az_##NAME(az_node x)                                                                                       \
    {                                                                                                                  \
        return az_apply1(&NAME##_op, x);                                                                               \
    }

/* Samples of elementwise ops: shapes odd, zero and one, with values in [lower, upper]. */
bool az_sample_elementwise(int64_t number, az_op_sample *sample, int n, double lower, double upper);
/* Of one input of that shape; of reductions, whose attribute is the axes as uint32_t. */
void az_sample_one(az_op_sample *sample, az_shape shape, double lower, double upper);
bool az_sample_reduction(int64_t number, az_op_sample *sample, double lower, double upper);

#endif
