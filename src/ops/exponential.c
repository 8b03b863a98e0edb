/* SPDX-License-Identifier: BSD-3-Clause */
/* Exponentials, logarithms, and their kin. */
#include "base/math.h"
#include "ops/rules.h"

AZ_MAP1(exp, az_exp_f32(a), az_exp_f64(a))
AZ_MAP1(expm1, az_expm1_f32(a), az_expm1_f64(a))
AZ_MAP1(log, az_log_f32(a), az_log_f64(a))
AZ_MAP1(log1p, az_log1p_f32(a), az_log1p_f64(a))
AZ_MAP1_ARRAY(tanh, az_tanh_array_f32, az_tanh_array_f64)
AZ_MAP1(one_less_square, __builtin_fmaf(-a, a, 1), __builtin_fma(-a, a, 1))
AZ_MAP1(sigmoid, az_sigmoid_f32(a), az_sigmoid_f64(a))
AZ_MAP1_ARRAY(softplus, az_softplus_array_f32, az_softplus_array_f64)

#ifdef AZ_RULES

static az_node exp_slope(az_node y)
{
    return y;
}
AZ_UNARY(exp, 0, 45, -3, 3, "y = exp(a)")

static az_node expm1_slope(az_node y)
{
    return az_shift(y, 1);
}
AZ_UNARY(expm1, 0, 50, -3, 3, "y = exp(a) - 1, exact near 0")

static az_node log_slope(az_node y)
{
    const az_node a = az_node_input(y, 0);
    return az_div(az_constant_like(a, 1), a);
}
AZ_UNARY(log, 0, 55, 0.2, 5, "y = log(a)")

static az_node log1p_slope(az_node y)
{
    const az_node a = az_node_input(y, 0);
    return az_div(az_constant_like(a, 1), az_shift(a, 1));
}
AZ_UNARY(log1p, 0, 60, -0.8, 4, "y = log(1 + a), exact near 0")

/* The slope of tanh, as an op of its own since every order of derivatives of a network of tanh asks for it. */
static az_node one_less_square_slope(az_node y)
{
    return az_scale(az_node_input(y, 0), -2);
}
static az_node az_one_less_square(az_node x);
AZ_UNARY(one_less_square, AZ_OP_IS_ONE_LESS_SQUARE, 2, -1, 1, "y = 1 - a^2")

static az_node tanh_slope(az_node y)
{
    return az_one_less_square(y);
}
AZ_UNARY(tanh, 0, 40, -4, 4, "y = tanh(a)")

static az_node sigmoid_slope(az_node y)
{
    return az_mul(y, az_sub(az_constant_like(y, 1), y));
}
AZ_UNARY(sigmoid, 0, 70, -5, 5, "y = 1 / (1 + exp(-a))")

static az_node softplus_slope(az_node y)
{
    return az_sigmoid(az_node_input(y, 0));
}
AZ_UNARY(softplus, 0, 110, -5, 5, "y = log(1 + exp(a))")

const az_op *const az_ops_exponential[] = {&exp_op,     &expm1_op,    &log_op, &log1p_op, &tanh_op, &one_less_square_op,
                                           &sigmoid_op, &softplus_op, NULL};
#endif
