/* SPDX-License-Identifier: BSD-3-Clause */
/* Sine, cosine, and the angle of a point. */
#include "base/math.h"
#include "ops/rules.h"

/* Angles of moderate size, which nearly all are, go through a loop over whole vectors; its bits are those of the
 * general function. */
#define SINE_OF(name, REAL, suffix)                                                                                    \
    AZ_MAP1_OF(name##_moderate_##suffix, REAL, REAL, az_##name##_moderate_##suffix(a))                                 \
    static void name##_##suffix(int64_t n_outer, int64_t n_inner, void *out, const az_operand *in,                     \
                                const void *attribute)                                                                 \
    {                                                                                                                  \
        for (int64_t o = 0; o < n_outer; o++) {                                                                        \
            const REAL *a = (const REAL *)in[0].data + o * in[0].outer;                                                \
            const az_operand row = {a, 0, in[0].inner};                                                                \
            REAL *y = (REAL *)out + o * n_inner;                                                                       \
            if (az_all_moderate_##suffix(a, in[0].inner ? n_inner : 1))                                                \
                name##_moderate_##suffix(1, n_inner, y, &row, attribute);                                              \
            else                                                                                                       \
                for (int64_t i = 0; i < n_inner; i++) y[i] = az_##name##_##suffix(a[i * in[0].inner]);                 \
        }                                                                                                              \
    }
SINE_OF(sin, float, f32)
SINE_OF(sin, double, f64)
SINE_OF(cos, float, f32)
SINE_OF(cos, double, f64)
AZ_KERNEL_TABLE(sin) = {.map = {[AZ_F32] = sin_f32, [AZ_F64] = sin_f64}};
AZ_KERNEL_TABLE(cos) = {.map = {[AZ_F32] = cos_f32, [AZ_F64] = cos_f64}};
AZ_MAP2_LONG(atan2, az_atan2_f32(a, b), az_atan2_f64(a, b))

#ifdef AZ_RULES

static az_node sin_slope(az_node y)
{
    return az_cos(az_node_input(y, 0));
}
AZ_UNARY(sin, 0, 45, -6, 6, "y = sin(a)")

static az_node cos_slope(az_node y)
{
    return az_neg(az_sin(az_node_input(y, 0)));
}
AZ_UNARY(cos, 0, 45, -6, 6, "y = cos(a)")

/* y = atan2(a, b): dy = (b da - a db) / (a^2 + b^2). */
static void slopes(az_node y, az_node slope[2])
{
    const az_node a = az_node_input(y, 0), b = az_node_input(y, 1);
    const az_node square = az_add(az_square(a), az_square(b));
    slope[0] = az_div(b, square);
    slope[1] = az_neg(az_div(a, square));
}

static void atan2_reverse(az_node y, az_node dy, az_node *dx)
{
    az_node slope[2];
    slopes(y, slope);
    for (int i = 0; i < 2; i++) dx[i] = az_mul(dy, slope[i]);
}

static az_node atan2_forward(az_node y, const az_node *dx)
{
    az_node slope[2], sum = AZ_NO_NODE;
    slopes(y, slope);
    for (int i = 0; i < 2; i++)
        if (dx[i].id >= 0) sum = az_add_or(sum, az_mul(dx[i], slope[i]));
    return sum;
}

static bool atan2_sample(int64_t number, az_op_sample *sample)
{
    if (!az_sample_elementwise(number, sample, 2, -3, 3)) return false;
    sample->x[1].lower = 0.3; /* away from 0, and from the cut at pi */
    return true;
}

static const az_op atan2_op = {.name = "atan2",
                               .version = 1,
                               .flags = AZ_OP_ELEMENTWISE,
                               .n_inputs = 2,
                               .equation = "y = angle of the point (b, a)",
                               .shape = az_rule_elementwise,
                               .reverse = atan2_reverse,
                               .forward = atan2_forward,
                               .flops = 115,
                               .kernels = AZ_KERNELS(atan2),
                               .sample = atan2_sample};

az_node az_atan2(az_node a, az_node b)
{
    return az_apply2(&atan2_op, a, b);
}

const az_op *const az_ops_trigonometric[] = {&sin_op, &cos_op, &atan2_op, NULL};
#endif
