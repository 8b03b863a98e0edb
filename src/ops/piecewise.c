/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions with kinks and jumps, comparisons, and choices by them.  At a kink the derivative is one of those on its
 * sides, or what stands in the equation here. */
#include "ops/rules.h"

#include <math.h>

AZ_MAP1(abs, fabsf(a), fabs(a))
AZ_MAP1(sign, (float)((a > 0) - (a < 0)), (double)((a > 0) - (a < 0)))
AZ_MAP1(floor, floorf(a), floor(a))
/* a - b floor(a / b), but exact: fmod with the sign of b. */
static double modulo(double a, double b)
{
    const double rest = fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
AZ_MAP2_LONG(mod, (float)modulo((double)a, (double)b), modulo(a, b))
/* A NaN on either side comes through. */
AZ_MAP2(min, a < b || a != a ? a : b, a < b || a != a ? a : b)
AZ_MAP2(max, a > b || a != a ? a : b, a > b || a != a ? a : b)
AZ_MAP1(stop, a, a)

#define AZ_COMPARE(name, OPERATOR)                                                                                     \
    AZ_MAP2_LONG_OF(name##_f32, unsigned char, float, (unsigned char)(a OPERATOR b))                                   \
    AZ_MAP2_LONG_OF(name##_f64, unsigned char, double, (unsigned char)(a OPERATOR b))                                  \
    AZ_MAP2_LONG_OF(name##_i64, unsigned char, int64_t, (unsigned char)(a OPERATOR b))                                 \
    AZ_KERNEL_TABLE(name) = {.map = {[AZ_F32] = name##_f32, [AZ_F64] = name##_f64, [AZ_I64] = name##_i64}};
AZ_COMPARE(less, <)
AZ_COMPARE(less_equal, <=)
AZ_COMPARE(equal, ==)

/* Both are read whatever the mask says, so that the loops are over whole vectors; an operand may be one for all. */
#define AZ_SELECT_LOOP(A, B)                                                                                           \
    AZ_INDEPENDENT for (int64_t i = 0; i < n_inner; i++)                                                               \
    {                                                                                                                  \
        const unsigned char chosen = mask[i];                                                                          \
        const __typeof__(*y) va = (A), vb = (B);                                                                       \
        y[i] = chosen ? va : vb;                                                                                       \
    }
#define AZ_SELECT_OF(name, TYPE)                                                                                       \
    static void name(int64_t n_outer, int64_t n_inner, void *result, const az_operand *in, const void *attribute)      \
    {                                                                                                                  \
        (void)attribute;                                                                                               \
        for (int64_t o = 0; o < n_outer && n_inner > 0; o++) {                                                         \
            const unsigned char *mask = (const unsigned char *)in[0].data + o * in[0].outer;                           \
            const TYPE *a = (const TYPE *)in[1].data + o * in[1].outer;                                                \
            const TYPE *b = (const TYPE *)in[2].data + o * in[2].outer;                                                \
            const TYPE first = *a, second = *b;                                                                        \
            TYPE *y = (TYPE *)result + o * n_inner;                                                                    \
            if (!in[0].inner)                                                                                          \
                for (int64_t i = 0; i < n_inner; i++) y[i] = *mask ? a[i * in[1].inner] : b[i * in[2].inner];          \
            else if (in[1].inner && in[2].inner)                                                                       \
                AZ_SELECT_LOOP(a[i], b[i])                                                                             \
            else if (in[1].inner)                                                                                      \
                AZ_SELECT_LOOP(a[i], second)                                                                           \
            else if (in[2].inner)                                                                                      \
                AZ_SELECT_LOOP(first, b[i])                                                                            \
            else                                                                                                       \
                AZ_SELECT_LOOP(first, second)                                                                          \
        }                                                                                                              \
    }
AZ_SELECT_OF(select_f32, float)
AZ_SELECT_OF(select_f64, double)
AZ_SELECT_OF(select_i64, int64_t)
AZ_SELECT_OF(select_mask, unsigned char)
AZ_KERNEL_TABLE(select) = {
    .map = {[AZ_F32] = select_f32, [AZ_F64] = select_f64, [AZ_I64] = select_i64, [AZ_MASK] = select_mask}};

#ifdef AZ_RULES

/* At 0: 0. */
static az_node abs_slope(az_node y)
{
    return az_sign(az_node_input(y, 0));
}
AZ_UNARY(abs, AZ_OP_KINK, 1, 0.2, 3, "y = |a|; slope 0 at 0")

/* Flat pieces: all derivatives are zero. */
static void flat_reverse(az_node y, az_node dy, az_node *dx)
{
    (void)y, (void)dy, (void)dx;
}

static az_node flat_forward(az_node y, const az_node *dx)
{
    (void)y, (void)dx;
    return AZ_NO_NODE;
}

static bool flat_sample(int64_t number, az_op_sample *sample)
{
    return az_sample_elementwise(number, sample, 1, 0.1, 0.9);
}

#define FLAT(NAME, FLAGS, EQUATION)                                                                                    \
    static const az_op NAME##_op = {.name = #NAME,                                                                     \
                                    .version = 1,                                                                      \
                                    .flags = AZ_OP_ELEMENTWISE | (FLAGS),                                              \
                                    .n_inputs = 1,                                                                     \
                                    .equation = EQUATION,                                                              \
                                    .shape = az_rule_elementwise,                                                      \
                                    .reverse = flat_reverse,                                                           \
                                    .forward = flat_forward,                                                           \
                                    .kernels = AZ_KERNELS(NAME),                                                       \
                                    .sample = flat_sample};                                                            \
    az_node az_##NAME(az_node x)                                                                                       \
    {                                                                                                                  \
        return az_apply1(&NAME##_op, x);                                                                               \
    }
FLAT(sign, AZ_OP_KINK, "y = -1, 0, 1 as a is below, at, above 0; slope 0")
FLAT(floor, AZ_OP_KINK, "y = the largest whole number up to a; slope 0")
/* For derivatives what comes out is a constant. */
FLAT(stop, AZ_OP_KINK, "y = a, of which no derivative is taken")

az_node az_stop_gradient(az_node x)
{
    return az_stop(x);
}

/* y = a mod b: dy = da - floor(a / b) db. */
static void mod_reverse(az_node y, az_node dy, az_node *dx)
{
    dx[0] = dy;
    dx[1] = az_neg(az_mul(dy, az_floor(az_div(az_node_input(y, 0), az_node_input(y, 1)))));
}

static az_node mod_forward(az_node y, const az_node *dx)
{
    az_node fall = AZ_NO_NODE;
    if (dx[1].id >= 0) fall = az_neg(az_mul(dx[1], az_floor(az_div(az_node_input(y, 0), az_node_input(y, 1)))));
    return az_add_or(dx[0], fall);
}

static bool mod_sample(int64_t number, az_op_sample *sample)
{
    if (!az_sample_elementwise(number, sample, 2, 0.1, 0.9)) return false;
    sample->x[1].lower = 1;
    sample->x[1].upper = 2;
    return true;
}

static const az_op mod_op = {.name = "mod",
                             .version = 1,
                             .flags = AZ_OP_ELEMENTWISE | AZ_OP_KINK,
                             .n_inputs = 2,
                             .equation = "y = a - b floor(a / b)",
                             .shape = az_rule_elementwise,
                             .reverse = mod_reverse,
                             .forward = mod_forward,
                             .flops = 300,
                             .kernels = AZ_KERNELS(mod),
                             .sample = mod_sample};

az_node az_mod(az_node a, az_node b)
{
    return az_apply2(&mod_op, a, b);
}

/* min and max: the derivative is that of the one taken; where both are equal, of the second.  b < a just where b < y:
 * y is there in any case, and a need not be kept. */
static az_node first_taken(az_node y, bool smaller)
{
    const az_node b = az_node_input(y, 1);
    return smaller ? az_less(y, b) : az_less(b, y);
}

static az_node zero_like(az_node x)
{
    return az_broadcast_to(az_constant_like(x, 0), az_node_shape(x));
}

static void extreme_reverse(az_node y, az_node dy, bool smaller, az_node *dx)
{
    const az_node first = first_taken(y, smaller), zero = zero_like(dy);
    dx[0] = az_select(first, dy, zero);
    dx[1] = az_select(first, zero, dy);
}

static az_node extreme_forward(az_node y, const az_node *dx, bool smaller)
{
    const az_node zero = zero_like(dx[0].id >= 0 ? dx[0] : dx[1]);
    return az_select(first_taken(y, smaller), dx[0].id < 0 ? zero : dx[0], dx[1].id < 0 ? zero : dx[1]);
}

static bool extreme_sample(int64_t number, az_op_sample *sample)
{
    return az_sample_elementwise(number, sample, 2, -2, 2);
}

#define EXTREME(NAME, SMALLER, FLAGS, EQUATION)                                                                        \
    static void NAME##_reverse(az_node y, az_node dy, az_node *dx)                                                     \
    {                                                                                                                  \
        extreme_reverse(y, dy, SMALLER, dx);                                                                           \
    }                                                                                                                  \
    static az_node NAME##_forward(az_node y, const az_node *dx)                                                        \
    {                                                                                                                  \
        return extreme_forward(y, dx, SMALLER);                                                                        \
    }                                                                                                                  \
    static const az_op NAME##_op = {.name = #NAME,                                                                     \
                                    .version = 1,                                                                      \
                                    .flags = AZ_OP_ELEMENTWISE | AZ_OP_KINK | (FLAGS),                                 \
                                    .n_inputs = 2,                                                                     \
                                    .equation = EQUATION,                                                              \
                                    .shape = az_rule_elementwise,                                                      \
                                    .reverse = NAME##_reverse,                                                         \
                                    .forward = NAME##_forward,                                                         \
                                    .kernels = AZ_KERNELS(NAME),                                                       \
                                    .sample = extreme_sample};                                                         \
    az_node az_##NAME(az_node a, az_node b)                                                                            \
    {                                                                                                                  \
        return az_apply2(&NAME##_op, a, b);                                                                            \
    }
EXTREME(min, true, AZ_OP_IS_MIN, "y = the smaller of a and b; of equal ones the slope of b")
EXTREME(max, false, AZ_OP_IS_MAX, "y = the larger of a and b; of equal ones the slope of b")

/* --- Comparisons and choices -------------------------------------------------------------------------------------- */

static az_status compare_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const az_type of = az_node_type(arguments->x[0]);
    if (of == AZ_I64 && az_node_type(arguments->x[1]) == AZ_I64 &&
        az_shape_equal(az_node_shape(arguments->x[0]), az_node_shape(arguments->x[1])))
        *shape = az_node_shape(arguments->x[0]);
    else
        AZ_TRY(az_rule_elementwise(arguments, type, shape));
    *type = AZ_MASK;
    return AZ_OK;
}

#define COMPARE(NAME, FLAGS, EQUATION)                                                                                 \
    static const az_op NAME##_op = {.name = #NAME,                                                                     \
                                    .version = 1,                                                                      \
                                    .flags = AZ_OP_ELEMENTWISE | AZ_OP_KINK | (FLAGS),                                 \
                                    .n_inputs = 2,                                                                     \
                                    .equation = EQUATION,                                                              \
                                    .shape = compare_shape,                                                            \
                                    .reverse = flat_reverse,                                                           \
                                    .forward = flat_forward,                                                           \
                                    .kernels = AZ_KERNELS(NAME),                                                       \
                                    .sample = extreme_sample};                                                         \
    az_node az_##NAME(az_node a, az_node b)                                                                            \
    {                                                                                                                  \
        return az_apply2(&NAME##_op, a, b);                                                                            \
    }
COMPARE(less, AZ_OP_IS_LESS, "y = a < b, a mask")
COMPARE(less_equal, 0, "y = a <= b, a mask")
COMPARE(equal, AZ_OP_COMMUTATIVE, "y = a = b, a mask")

static az_status select_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const az_node *x = arguments->x;
    *type = az_node_type(x[1]);
    *shape = az_node_shape(x[1]);
    if (az_node_type(x[0]) != AZ_MASK) return az_error(AZ_ERROR_USAGE, "the first operand is no mask");
    if (az_node_type(x[2]) != *type || !az_shape_equal(az_node_shape(x[2]), *shape) ||
        !az_shape_equal(az_node_shape(x[0]), *shape))
        return az_error(AZ_ERROR_USAGE, "the mask and what it chooses from have different shapes or types");
    return AZ_OK;
}

static void select_reverse(az_node y, az_node dy, az_node *dx)
{
    const az_node mask = az_node_input(y, 0), zero = zero_like(dy);
    dx[1] = az_select(mask, dy, zero);
    dx[2] = az_select(mask, zero, dy);
}

static az_node select_forward(az_node y, const az_node *dx)
{
    if (dx[1].id < 0 && dx[2].id < 0) return AZ_NO_NODE;
    const az_node zero = zero_like(dx[1].id >= 0 ? dx[1] : dx[2]);
    return az_select(az_node_input(y, 0), dx[1].id < 0 ? zero : dx[1], dx[2].id < 0 ? zero : dx[2]);
}

static bool select_sample(int64_t number, az_op_sample *sample)
{
    if (!az_sample_elementwise(number, sample, 3, -2, 2)) return false;
    sample->x[0].type = AZ_MASK;
    return true;
}

static const az_op select_op = {.name = "select",
                                .version = 1,
                                .flags = AZ_OP_ELEMENTWISE | AZ_OP_IS_SELECT,
                                .n_inputs = 3,
                                .equation = "y = b where the mask a is set, else c",
                                .shape = select_shape,
                                .reverse = select_reverse,
                                .forward = select_forward,
                                .kernels = AZ_KERNELS(select),
                                .sample = select_sample};

az_node az_select(az_node mask, az_node a, az_node b)
{
    az_shape shape;
    if (mask.id >= 0 && a.id >= 0 && b.id >= 0 && az_shape_join(az_node_shape(a), az_node_shape(b), &shape) &&
        az_shape_join(shape, az_node_shape(mask), &shape)) {
        mask = az_broadcast_to(mask, shape);
        a = az_broadcast_to(a, shape);
        b = az_broadcast_to(b, shape);
    }
    return az_apply(&select_op, mask.graph ? mask.graph : a.graph, (az_node[]){mask, a, b}, 3, NULL);
}

const az_op *const az_ops_piecewise[] = {&abs_op, &sign_op, &floor_op,      &stop_op,  &mod_op,    &min_op,
                                         &max_op, &less_op, &less_equal_op, &equal_op, &select_op, NULL};
#endif
