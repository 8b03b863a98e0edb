/* SPDX-License-Identifier: BSD-3-Clause */
/* Exponentials and their kin. */
#include "base/math.h"
#include "ops/rules.h"

AZ_MAP1(tanh, az_tanh_f32(a), az_tanh_f64(a))
AZ_MAP1(one_less_square, __builtin_fmaf(-a, a, 1), __builtin_fma(-a, a, 1))

#ifdef AZ_RULES

static bool slope_sample(int64_t number, az_op_sample *sample)
{
    return az_sample_elementwise(number, sample, 1, -1, 1);
}

/* y = 1 - a^2: dy = -2 a da.  The slope of tanh, as an op of its own since every order of derivatives of a network of
 * tanh asks for it. */
static void one_less_square_reverse(az_node y, az_node dy, az_node *dx)
{
    dx[0] = az_mul(dy, az_scale(az_node_input(y, 0), -2));
}

static az_node one_less_square_forward(az_node y, const az_node *dx)
{
    return az_mul(dx[0], az_scale(az_node_input(y, 0), -2));
}

static const az_op one_less_square_op = {.name = "one_less_square",
                                         .version = 1,
                                         .flags = AZ_OP_ELEMENTWISE,
                                         .n_inputs = 1,
                                         .equation = "y = 1 - a^2",
                                         .shape = az_rule_elementwise,
                                         .reverse = one_less_square_reverse,
                                         .forward = one_less_square_forward,
                                         .kernels = AZ_KERNELS(one_less_square),
                                         .sample = slope_sample};

/* y = tanh(a): dy = (1 - y^2) da. */
static az_node tanh_slope(az_node y)
{
    return az_apply1(&one_less_square_op, y);
}

static void tanh_reverse(az_node y, az_node dy, az_node *dx)
{
    dx[0] = az_mul(dy, tanh_slope(y));
}

static az_node tanh_forward(az_node y, const az_node *dx)
{
    return az_mul(dx[0], tanh_slope(y));
}

static bool tanh_sample(int64_t number, az_op_sample *sample)
{
    return az_sample_elementwise(number, sample, 1, -4, 4);
}

static const az_op tanh_op = {.name = "tanh",
                              .version = 1,
                              .flags = AZ_OP_ELEMENTWISE,
                              .n_inputs = 1,
                              .equation = "y = tanh(a)",
                              .shape = az_rule_elementwise,
                              .reverse = tanh_reverse,
                              .forward = tanh_forward,
                              .kernels = AZ_KERNELS(tanh),
                              .sample = tanh_sample};

az_node az_tanh(az_node x)
{
    return az_apply1(&tanh_op, x);
}

const az_op *const az_ops_exponential[] = {&tanh_op, &one_less_square_op, NULL};
#endif
