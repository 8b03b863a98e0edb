/* SPDX-License-Identifier: BSD-3-Clause */
/* Roots and powers. */
#include "base/math.h"
#include "ops/rules.h"

#include <math.h>

AZ_MAP1(sqrt, sqrtf(a), sqrt(a))
AZ_MAP2_LONG(pow, az_pow_f32(a, b), az_pow_f64(a, b))

#ifdef AZ_RULES

static az_node sqrt_slope(az_node y)
{
    return az_div(az_constant_like(y, 0.5), y);
}
AZ_UNARY(sqrt, 0, 18, 0.2, 5, "y = square root of a")

/* y = a^b: dy = b a^(b - 1) da + y log(a) db.  The second term is made only if b varies, so that powers of negative
 * numbers with fixed whole exponents have derivatives. */
static az_node by_base(az_node y)
{
    const az_node a = az_node_input(y, 0), b = az_node_input(y, 1);
    return az_mul(b, az_pow(a, az_shift(b, -1)));
}

static az_node by_exponent(az_node y)
{
    return az_mul(y, az_log(az_node_input(y, 0)));
}

static void pow_reverse(az_node y, az_node dy, az_node *dx)
{
    double value;
    dx[0] = az_mul(dy, by_base(y));
    if (!az_is_constant(az_node_input(y, 1), &value)) dx[1] = az_mul(dy, by_exponent(y));
}

static az_node pow_forward(az_node y, const az_node *dx)
{
    return az_add_or(dx[0].id < 0 ? AZ_NO_NODE : az_mul(dx[0], by_base(y)),
                     dx[1].id < 0 ? AZ_NO_NODE : az_mul(dx[1], by_exponent(y)));
}

static az_node pow_simplify(const az_op_arguments *arguments)
{
    const az_node a = arguments->x[0];
    double b;
    if (!az_is_constant(arguments->x[1], &b)) return AZ_NO_NODE;
    if (b == 1) return a;
    if (b == 2) return az_mul(a, a);
    return b == 0.5 ? az_sqrt(a) : AZ_NO_NODE;
}

static bool pow_sample(int64_t number, az_op_sample *sample)
{
    return az_sample_elementwise(number, sample, 2, 0.3, 3);
}

static const az_op pow_op = {.name = "pow",
                             .version = 1,
                             .flags = AZ_OP_ELEMENTWISE,
                             .n_inputs = 2,
                             .equation = "y = a^b",
                             .shape = az_rule_elementwise,
                             .simplify = pow_simplify,
                             .reverse = pow_reverse,
                             .forward = pow_forward,
                             .flops = 350,
                             .kernels = AZ_KERNELS(pow),
                             .sample = pow_sample};

az_node az_pow(az_node a, az_node b)
{
    return az_apply2(&pow_op, a, b);
}

az_node az_power(az_node x, double exponent)
{
    return az_pow(x, az_constant_like(x, exponent));
}

const az_op *const az_ops_powers[] = {&sqrt_op, &pow_op, NULL};
#endif
