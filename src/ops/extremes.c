/* SPDX-License-Identifier: BSD-3-Clause */
/* The largest and smallest over axes, and where they stand. */
#define AZ_KERNELS_ONCE
#include "ops/rules.h"
#include "ops/walk.h"

#include <math.h>
#include <string.h>

/* Does x take the place of the best so far?  A NaN does, and nothing takes its place. */
#define LARGER(x, best)        ((x) > (best) || (x) != (x))
#define SMALLER(x, best)       ((x) < (best) || (x) != (x))
#define WHOLE_LARGER(x, best)  ((x) > (best))
#define WHOLE_SMALLER(x, best) ((x) < (best))

/* WORST is what stands for no numbers at all.  Rows side by side go to 16 candidates that are then compared, so that
 * whole vectors are. */
enum { LANES = 16 };
#define AZ_EXTREME_OF(name, TYPE, TAKES, WORST)                                                                        \
    static TYPE name##_of_rows(const TYPE *x, int64_t n)                                                               \
    {                                                                                                                  \
        TYPE lane[LANES];                                                                                              \
        int64_t i = 0;                                                                                                 \
        for (int k = 0; k < LANES; k++) lane[k] = WORST;                                                               \
        for (; i + LANES <= n; i += LANES)                                                                             \
            for (int k = 0; k < LANES; k++) lane[k] = TAKES(x[i + k], lane[k]) ? x[i + k] : lane[k];                   \
        for (int k = 0; i + k < n; k++) lane[k] = TAKES(x[i + k], lane[k]) ? x[i + k] : lane[k];                       \
        for (int k = 1; k < LANES; k++) lane[0] = TAKES(lane[k], lane[0]) ? lane[k] : lane[0];                         \
        return lane[0];                                                                                                \
    }                                                                                                                  \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const az_tile *in = &call->in[0], *out = call->out;                                                            \
        const unsigned axes = *(const uint32_t *)call->attribute >> call->n_extents;                                   \
        const int64_t n_rows = out->row_stride ? call->n_rows : in->row_stride ? call->n_valid : 1;                    \
        az_walk result = az_walk_of(in, ~axes);                                                                        \
        TYPE *y = call->y;                                                                                             \
        for (int64_t s = 0; s < result.n; s++, az_walk_on(&result)) {                                                  \
            az_walk among = az_walk_of(in, axes);                                                                      \
            for (int64_t r = 0; r < (out->row_stride ? n_rows : 1) && !call->accumulate; r++) y[r] = WORST;            \
            for (int64_t t = 0; t < among.n; t++, az_walk_on(&among)) {                                                \
                const TYPE *x = (const TYPE *)call->x[0] + result.offset + among.offset;                               \
                if (!out->row_stride) {                                                                                \
                    const TYPE best = in->row_stride ? name##_of_rows(x, n_rows) : *x;                                 \
                    *y = TAKES(best, *y) ? best : *y;                                                                  \
                } else if (in->row_stride) {                                                                           \
                    for (int64_t r = 0; r < n_rows; r++) y[r] = TAKES(x[r], y[r]) ? x[r] : y[r];                       \
                } else {                                                                                               \
                    for (int64_t r = 0; r < n_rows; r++) y[r] = TAKES(*x, y[r]) ? *x : y[r];                           \
                }                                                                                                      \
            }                                                                                                          \
            y += out->row_stride ? n_rows : 1;                                                                         \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_join(int64_t n, void *result, const void *other)                                                \
    {                                                                                                                  \
        TYPE *to = result;                                                                                             \
        const TYPE *from = other;                                                                                      \
        for (int64_t i = 0; i < n; i++) to[i] = !from ? WORST : TAKES(from[i], to[i]) ? from[i] : to[i];               \
    }
#define AZ_EXTREME(name, REAL_TAKES, WHOLE_TAKES, REAL_WORST, WHOLE_WORST)                                             \
    AZ_EXTREME_OF(name##_f32, float, REAL_TAKES, REAL_WORST)                                                           \
    AZ_EXTREME_OF(name##_f64, double, REAL_TAKES, REAL_WORST)                                                          \
    AZ_EXTREME_OF(name##_i64, int64_t, WHOLE_TAKES, WHOLE_WORST)                                                       \
    AZ_KERNEL_TABLE(name) = {                                                                                          \
        .tile = {[AZ_F32] = name##_f32, [AZ_F64] = name##_f64, [AZ_I64] = name##_i64},                                 \
        .join = {[AZ_F32] = name##_f32_join, [AZ_F64] = name##_f64_join, [AZ_I64] = name##_i64_join}};
AZ_EXTREME(max_over, LARGER, WHOLE_LARGER, -INFINITY, INT64_MIN)
AZ_EXTREME(min_over, SMALLER, WHOLE_SMALLER, INFINITY, INT64_MAX)

#ifdef AZ_RULES

static az_status extreme_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    *type = az_node_type(arguments->x[0]);
    if (*type == AZ_MASK) return az_error(AZ_ERROR_USAGE, "of a mask; cast it first");
    return az_rule_reduction(arguments, *(const uint32_t *)arguments->attribute, shape);
}

static az_node extreme_simplify(const az_op_arguments *arguments)
{
    return *(const uint32_t *)arguments->attribute ? AZ_NO_NODE : arguments->x[0];
}

static bool extreme_sample(int64_t number, az_op_sample *sample)
{
    return az_sample_reduction(number, sample, -2, 2);
}

/* The one from whose change the result changes: the first of equal ones. */
static az_node where_taken(az_node x, az_node place, uint32_t axes)
{
    return az_equal(az_iota(x.graph, az_node_shape(x), axes), az_spread_over(place, az_node_shape(x), axes));
}

#define EXTREME(NAME, ARG, EQUATION)                                                                                   \
    static void NAME##_reverse(az_node y, az_node dy, az_node *dx)                                                     \
    {                                                                                                                  \
        const uint32_t axes = *(const uint32_t *)az_node_attribute(y);                                                 \
        const az_node x = az_node_input(y, 0);                                                                         \
        const az_node all = az_spread_over(dy, az_node_shape(x), axes);                                                \
        dx[0] = az_select(where_taken(x, ARG(x, axes), axes), all, az_constant_like(all, 0));                          \
    }                                                                                                                  \
    static az_node NAME##_forward(az_node y, const az_node *dx)                                                        \
    {                                                                                                                  \
        const uint32_t axes = *(const uint32_t *)az_node_attribute(y);                                                 \
        const az_node x = az_node_input(y, 0);                                                                         \
        if (!az_type_is_real(az_node_type(x))) return AZ_NO_NODE;                                                      \
        return az_sum(az_select(where_taken(x, ARG(x, axes), axes), dx[0], az_constant_like(dx[0], 0)), axes);         \
    }                                                                                                                  \
    static const az_op NAME##_op = {.name = #NAME,                                                                     \
                                    .version = 1,                                                                      \
                                    .flags = AZ_OP_KINK | AZ_OP_STRIDES,                                               \
                                    .n_inputs = 1,                                                                     \
                                    .attribute_size = sizeof(uint32_t),                                                \
                                    .equation = EQUATION,                                                              \
                                    .shape = extreme_shape,                                                            \
                                    .simplify = extreme_simplify,                                                      \
                                    .reverse = NAME##_reverse,                                                         \
                                    .forward = NAME##_forward,                                                         \
                                    .jet = az_jet_linear,                                                              \
                                    .kernels = AZ_KERNELS(NAME),                                                       \
                                    .sample = extreme_sample};                                                         \
    az_node az_##NAME(az_node x, unsigned axes)                                                                        \
    {                                                                                                                  \
        const uint32_t attribute = axes;                                                                               \
        return az_apply(&NAME##_op, x.graph, &x, 1, &attribute);                                                       \
    }
EXTREME(max_over, az_argmax_over, "y = the largest a over axes; of equal ones the slope of the first")
EXTREME(min_over, az_argmin_over, "y = the smallest a over axes; of equal ones the slope of the first")

/* Numbers that are not passed by the best (all of them where that is a NaN) send their place, the others one behind all
 * places; the least is the first. */
static az_node first_place(az_node x, az_node best, bool largest, unsigned axes)
{
    if (x.id < 0 || best.id < 0) return best;
    const az_shape shape = az_node_shape(x);
    const az_node all = az_spread_over(best, shape, axes);
    const az_node behind = az_constant_array(x.graph, AZ_I64, AZ_SCALAR, &(int64_t){INT64_MAX});
    const az_node passed = largest ? az_less(x, all) : az_less(all, x);
    return az_min_over(az_select(passed, behind, az_iota(x.graph, shape, axes)), axes);
}

az_node az_argmax_over(az_node x, unsigned axes)
{
    return first_place(x, az_max_over(x, axes), true, axes);
}

az_node az_argmin_over(az_node x, unsigned axes)
{
    return first_place(x, az_min_over(x, axes), false, axes);
}

const az_op *const az_ops_extremes[] = {&max_over_op, &min_over_op, NULL};
#endif
