/* SPDX-License-Identifier: BSD-3-Clause */
/* Exponentials and their kin. */
#include "base/math.h"
#include "ops/rules.h"

AZ_MAP1(tanh, az_tanh_f32(a), az_tanh_f64(a))

#ifdef AZ_RULES

/* y = tanh(a): dy = (1 - y^2) da. */
static az_node tanh_slope(az_node y)
{
    return az_sub(az_constant_like(y, 1), az_square(y));
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

const az_op *const az_ops_exponential[] = {&tanh_op, NULL};
#endif
