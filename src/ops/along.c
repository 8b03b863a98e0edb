/* SPDX-License-Identifier: BSD-3-Clause */
/* Along fixed axes: log of a sum of exponentials, sums that go on. */
#include "base/math.h"
#include "ops/rules.h"
#include "ops/walk.h"

#include <math.h>
#include <string.h>

/* log(sum exp(a)) = m + log(sum exp(a - m)), m the largest: no exponential overflows.  Where that is infinite, m = 0
 * gives the limit. */
#define AZ_LOG_SUM_EXP_OF(name, REAL, EXP, LOG)                                                                        \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const az_tile *in = &call->in[0];                                                                              \
        const unsigned axes = *(const uint32_t *)call->attribute >> call->n_extents;                                   \
        const int64_t n_rows = call->out->row_stride ? call->n_rows : 1, row = in->row_stride;                         \
        az_walk result = az_walk_of(in, ~axes);                                                                        \
        REAL *y = call->y, *sum = call->scratch;                                                                       \
        for (int64_t s = 0; s < result.n; s++, az_walk_on(&result), y += n_rows) {                                     \
            az_walk among = az_walk_of(in, axes);                                                                      \
            for (int64_t r = 0; r < n_rows; r++) y[r] = -INFINITY, sum[r] = 0;                                         \
            for (int64_t t = 0; t < among.n; t++, az_walk_on(&among)) {                                                \
                const REAL *x = (const REAL *)call->x[0] + result.offset + among.offset;                               \
                if (row)                                                                                               \
                    for (int64_t r = 0; r < n_rows; r++) y[r] = x[r] > y[r] ? x[r] : y[r];                             \
                else                                                                                                   \
                    for (int64_t r = 0; r < n_rows; r++) y[r] = *x > y[r] ? *x : y[r];                                 \
            }                                                                                                          \
            for (int64_t r = 0; r < n_rows; r++) y[r] = isinf(y[r]) ? 0 : y[r];                                        \
            for (int64_t t = 0; t < among.n; t++, az_walk_on(&among)) {                                                \
                const REAL *x = (const REAL *)call->x[0] + result.offset + among.offset;                               \
                if (row)                                                                                               \
                    for (int64_t r = 0; r < n_rows; r++) sum[r] += EXP(x[r] - y[r]);                                   \
                else                                                                                                   \
                    for (int64_t r = 0; r < n_rows; r++) sum[r] += EXP(*x - y[r]);                                     \
            }                                                                                                          \
            for (int64_t r = 0; r < n_rows; r++) y[r] += LOG(sum[r]);                                                  \
        }                                                                                                              \
    }
AZ_LOG_SUM_EXP_OF(log_sum_exp_f32, float, az_exp_f32, az_log_f32)
AZ_LOG_SUM_EXP_OF(log_sum_exp_f64, double, az_exp_f64, az_log_f64)
AZ_KERNEL_TABLE(log_sum_exp) = {.tile = {[AZ_F32] = log_sum_exp_f32, [AZ_F64] = log_sum_exp_f64}};

typedef struct cumulative {
    int64_t axis;     /* of the fixed and leading ones */
    int64_t backward; /* from the last on */
} cumulative;

#define AZ_CUMULATIVE_OF(name, REAL)                                                                                   \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const cumulative *of = call->attribute;                                                                        \
        const az_tile *in = &call->in[0], *out = call->out;                                                            \
        const int d = (int)of->axis - call->n_extents;                                                                 \
        const int64_t n_rows = out->row_stride ? call->n_rows : 1, row = in->row_stride, n = in->size[d];              \
        az_walk from = az_walk_of(in, ~(1u << d)), to = az_walk_of(out, ~(1u << d));                                   \
        for (int64_t s = 0; s < from.n; s++, az_walk_on(&from), az_walk_on(&to)) {                                     \
            const REAL *before = NULL;                                                                                 \
            for (int64_t i = 0; i < n; i++) {                                                                          \
                const int64_t place = of->backward ? n - 1 - i : i;                                                    \
                const REAL *x = (const REAL *)call->x[0] + from.offset + place * in->stride[d];                        \
                REAL *y = (REAL *)call->y + to.offset + place * out->stride[d];                                        \
                if (before)                                                                                            \
                    for (int64_t r = 0; r < n_rows; r++) y[r] = before[r] + x[r * row];                                \
                else                                                                                                   \
                    for (int64_t r = 0; r < n_rows; r++) y[r] = x[r * row];                                            \
                before = y;                                                                                            \
            }                                                                                                          \
        }                                                                                                              \
    }
AZ_CUMULATIVE_OF(cumulative_f32, float)
AZ_CUMULATIVE_OF(cumulative_f64, double)
AZ_KERNEL_TABLE(cumulative) = {.tile = {[AZ_F32] = cumulative_f32, [AZ_F64] = cumulative_f64}};

#ifdef AZ_RULES

/* --- Log of a sum of exponentials --------------------------------------------------------------------------------- */

static az_status log_sum_exp_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const uint32_t axes = *(const uint32_t *)arguments->attribute;
    const az_shape from = az_node_shape(arguments->x[0]);
    *type = az_node_type(arguments->x[0]);
    if (!az_type_is_real(*type)) return az_error(AZ_ERROR_USAGE, "of %s; cast it first", az_type_name(*type));
    if (axes & ((1u << az_shape_extents(from)) - 1))
        return az_error(AZ_ERROR_USAGE, "over an extent; az_log_sum_exp takes those apart");
    return az_rule_reduction(arguments, axes, shape);
}

static size_t log_sum_exp_scratch(const az_call *call)
{
    return (size_t)call->n_rows * sizeof(double);
}

/* dy = sum exp(a - y) da. */
static az_node share(az_node y)
{
    const az_node x = az_node_input(y, 0);
    return az_exp(az_sub(x, az_spread_over(y, az_node_shape(x), *(const uint32_t *)az_node_attribute(y))));
}

static void log_sum_exp_reverse(az_node y, az_node dy, az_node *dx)
{
    const uint32_t axes = *(const uint32_t *)az_node_attribute(y);
    dx[0] = az_mul(az_spread_over(dy, az_node_shape(az_node_input(y, 0)), axes), share(y));
}

static az_node log_sum_exp_forward(az_node y, const az_node *dx)
{
    return az_sum(az_mul(dx[0], share(y)), *(const uint32_t *)az_node_attribute(y));
}

static bool log_sum_exp_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        az_shape from;
        uint32_t axes;
    } cases[] = {{{.rank = 2, .size = {AZ_ROWS, 5}}, 2},    {{.rank = 3, .size = {AZ_ROWS, 3, 4}}, 2},
                 {{.rank = 3, .size = {AZ_ROWS, 3, 4}}, 6}, {{.rank = 2, .size = {AZ_ROWS, 1}}, 2},
                 {{.rank = 3, .size = {AZ_ROWS, 0, 2}}, 4}, {{.rank = 2, .size = {3, 37}}, 2}};
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    az_sample_one(sample, cases[number].from, -2, 2);
    memcpy(sample->attribute, &cases[number].axes, sizeof cases[number].axes);
    return true;
}

static const az_op log_sum_exp_op = {.name = "log_sum_exp",
                                     .version = 1,
                                     .flags = AZ_OP_STRIDES,
                                     .n_inputs = 1,
                                     .attribute_size = sizeof(uint32_t),
                                     .equation = "y = log(sum of exp(a) over fixed axes)",
                                     .shape = log_sum_exp_shape,
                                     .reverse = log_sum_exp_reverse,
                                     .forward = log_sum_exp_forward,
                                     .scratch = log_sum_exp_scratch,
                                     .flops = 50,
                                     .kernels = AZ_KERNELS(log_sum_exp),
                                     .sample = log_sum_exp_sample};

/* Over extents: the largest over all rows first, then the sum. */
static az_node over_extents(az_node x, unsigned axes)
{
    const az_node largest = az_stop_gradient(az_max_over(x, axes));
    const az_node terms = az_exp(az_sub(x, az_spread_over(largest, az_node_shape(x), axes)));
    return az_add(largest, az_log(az_sum(terms, axes)));
}

az_node az_log_sum_exp(az_node x, unsigned axes)
{
    if (x.id < 0) return x;
    const uint32_t leading = axes & ((1u << az_shape_extents(az_node_shape(x))) - 1), fixed = axes & ~leading;
    if (fixed) x = az_apply(&log_sum_exp_op, x.graph, &x, 1, &fixed);
    return leading && x.id >= 0 ? over_extents(x, leading) : x;
}

/* --- Sums that go on ---------------------------------------------------------------------------------------------- */

static az_status cumulative_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const cumulative *of = arguments->attribute;
    *type = az_node_type(arguments->x[0]);
    *shape = az_node_shape(arguments->x[0]);
    if (!az_type_is_real(*type)) return az_error(AZ_ERROR_USAGE, "of %s; cast it first", az_type_name(*type));
    return az_rule_fixed_axis(arguments, 0, of->axis);
}

static const az_op cumulative_op;

static az_node cumulative_make(az_node x, int64_t axis, bool backward)
{
    const cumulative attribute = {axis, backward};
    return az_apply(&cumulative_op, x.graph, &x, 1, &attribute);
}

/* Term j is in the sums i >= j. */
static void cumulative_reverse(az_node y, az_node dy, az_node *dx)
{
    const cumulative *of = az_node_attribute(y);
    dx[0] = cumulative_make(dy, of->axis, !of->backward);
}

static az_node cumulative_forward(az_node y, const az_node *dx)
{
    const cumulative *of = az_node_attribute(y);
    return cumulative_make(dx[0], of->axis, of->backward);
}

static az_node cumulative_batch(az_node y, const az_node *x, int64_t n)
{
    const cumulative *of = az_node_attribute(y);
    (void)n;
    return cumulative_make(x[0], of->axis + 1, of->backward);
}

static bool cumulative_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        az_shape shape;
        cumulative of;
    } cases[] = {{{.rank = 2, .size = {AZ_ROWS, 5}}, {1, 0}},
                 {{.rank = 2, .size = {AZ_ROWS, 5}}, {1, 1}},
                 {{.rank = 3, .size = {AZ_ROWS, 3, 4}}, {1, 0}},
                 {{.rank = 3, .size = {AZ_ROWS, 0, 2}}, {1, 0}},
                 {{.rank = 2, .size = {AZ_ROWS, 1}}, {1, 0}},
                 {{.rank = 2, .size = {7, 3}}, {0, 0}},
                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 5}}, {2, 1}}};
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    az_sample_one(sample, cases[number].shape, -2, 2);
    memcpy(sample->attribute, &cases[number].of, sizeof cases[number].of);
    return true;
}

static const az_op cumulative_op = {.name = "cumulative_sum",
                                    .version = 1,
                                    .flags = AZ_OP_LINEAR | AZ_OP_STRIDES,
                                    .n_inputs = 1,
                                    .attribute_size = sizeof(cumulative),
                                    .equation = "y_i = a_0 + ... + a_i along a fixed axis, or from the last one on",
                                    .shape = cumulative_shape,
                                    .reverse = cumulative_reverse,
                                    .forward = cumulative_forward,
                                    .batch = cumulative_batch,
                                    .kernels = AZ_KERNELS(cumulative),
                                    .sample = cumulative_sample};

az_node az_cumulative_sum(az_node x, int axis)
{
    return x.id < 0 ? x : cumulative_make(x, az_axis(x, axis), false);
}

const az_op *const az_ops_along[] = {&log_sum_exp_op, &cumulative_op, NULL};
#endif
