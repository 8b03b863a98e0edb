/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums of products, which are never there themselves: what a sum over one of two extents mostly is, an integral or the
 * gradient of what was repeated for all pairs.  az_sum makes them of sums of products over pairs. */
#include "ops/rules.h"
#include "ops/walk.h"

/* Over n rows, in 16 sums as in sums.c.  What has no rows comes as 16 of the same, and its step is 0. */
enum { LANES = 16 };
#define AZ_DOT_OF(name, REAL)                                                                                          \
    static REAL name(const REAL *a, int64_t a_step, const REAL *b, int64_t b_step, int64_t n)                          \
    {                                                                                                                  \
        REAL lane[LANES] = {0};                                                                                        \
        int64_t i = 0;                                                                                                 \
        for (; i + LANES <= n; i += LANES)                                                                             \
            for (int k = 0; k < LANES; k++) lane[k] += a[i * a_step + k] * b[i * b_step + k];                          \
        if (i < n) {                                                                                                   \
            const int n_left = (int)(n - i);                                                                           \
            for (int k = 0; k < LANES; k++) lane[k] += k < n_left ? a[i * a_step + k] * b[i * b_step + k] : 0;         \
        }                                                                                                              \
        for (int k = 0; k < 8; k++) lane[k] += lane[k + 8];                                                            \
        for (int k = 0; k < 4; k++) lane[k] += lane[k + 4];                                                            \
        for (int k = 0; k < 2; k++) lane[k] += lane[k + 2];                                                            \
        return lane[0] + lane[1];                                                                                      \
    }

#define AZ_ADD_MULTIPLE_OF(name, REAL)                                                                                 \
    static void name(int64_t n, REAL *y, const REAL *x, REAL factor)                                                   \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++) y[i] += factor * x[i];                                                         \
    }

/* out[kept axes] = sum of a b over the others, and over the rows where the result has none. */
#define AZ_SUM_OF_PRODUCTS(name, REAL, dot, add_multiple)                                                              \
    static REAL name##_of_rows(const az_call *call, const REAL *a, const REAL *b)                                      \
    {                                                                                                                  \
        const int64_t a_row = call->in[0].row_stride, b_row = call->in[1].row_stride;                                  \
        REAL same[LANES];                                                                                              \
        if (!a_row && !b_row) return *a * *b * (call->n_extents ? (REAL)call->n_valid : 1);                            \
        for (int k = 0; k < LANES && !(a_row && b_row); k++) same[k] = a_row ? *b : *a;                                \
        return dot(a_row ? a : same, a_row, b_row ? b : same, b_row, call->n_valid);                                   \
    }                                                                                                                  \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const az_tile *in = call->in, *out = call->out;                                                                \
        const unsigned axes = *(const uint32_t *)call->attribute >> call->n_extents;                                   \
        const int64_t n_rows = out->row_stride ? call->n_rows : 1;                                                     \
        az_walk to_a = az_walk_of(&in[0], ~axes), to_b = az_walk_of(&in[1], ~axes);                                    \
        az_walk at_a = az_walk_of(&in[0], axes), at_b = az_walk_of(&in[1], axes); /* begins again behind its end */    \
        REAL *y = call->y;                                                                                             \
        for (int64_t s = 0; s < to_a.n; s++, az_walk_on(&to_a), az_walk_on(&to_b), y += n_rows) {                      \
            for (int64_t r = 0; r < n_rows && !call->accumulate; r++) y[r] = 0;                                        \
            for (int64_t t = 0; t < at_a.n; t++, az_walk_on(&at_a), az_walk_on(&at_b)) {                               \
                const REAL *a = (const REAL *)call->x[0] + to_a.offset + at_a.offset;                                  \
                const REAL *b = (const REAL *)call->x[1] + to_b.offset + at_b.offset;                                  \
                if (!out->row_stride)                                                                                  \
                    *y += name##_of_rows(call, a, b);                                                                  \
                else if (in[0].row_stride && in[1].row_stride)                                                         \
                    for (int64_t r = 0; r < n_rows; r++) y[r] += a[r] * b[r];                                          \
                else if (in[0].row_stride)                                                                             \
                    add_multiple(n_rows, y, a, *b);                                                                    \
                else if (in[1].row_stride)                                                                             \
                    add_multiple(n_rows, y, b, *a);                                                                    \
                else                                                                                                   \
                    for (int64_t r = 0; r < n_rows; r++) y[r] += *a * *b;                                              \
            }                                                                                                          \
        }                                                                                                              \
    }
AZ_DOT_OF(dot_f32, float)
AZ_DOT_OF(dot_f64, double)
AZ_ADD_MULTIPLE_OF(add_multiple_f32, float)
AZ_ADD_MULTIPLE_OF(add_multiple_f64, double)
AZ_SUM_OF_PRODUCTS(sum_products_f32, float, dot_f32, add_multiple_f32)
AZ_SUM_OF_PRODUCTS(sum_products_f64, double, dot_f64, add_multiple_f64)
AZ_KERNEL_TABLE(sum_products) = {.tile = {[AZ_F32] = sum_products_f32, [AZ_F64] = sum_products_f64}};

#ifdef AZ_RULES

static az_status sum_products_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    AZ_TRY(az_rule_elementwise(arguments, type, shape));
    return az_rule_reduction(arguments, *(const uint32_t *)arguments->attribute, shape);
}

/* dy goes to every term. */
static void sum_products_reverse(az_node y, az_node dy, az_node *dx)
{
    const az_node a = az_node_input(y, 0), b = az_node_input(y, 1);
    const az_node all = az_spread_over(dy, az_node_shape(a), *(const uint32_t *)az_node_attribute(y));
    dx[0] = az_mul(all, b);
    dx[1] = az_mul(all, a);
}

static az_node sum_products_forward(az_node y, const az_node *dx)
{
    const uint32_t axes = *(const uint32_t *)az_node_attribute(y);
    const az_node a = az_node_input(y, 0), b = az_node_input(y, 1);
    return az_add_or(dx[0].id < 0 ? AZ_NO_NODE : az_sum_products(dx[0], b, axes),
                     dx[1].id < 0 ? AZ_NO_NODE : az_sum_products(a, dx[1], axes));
}

static void sum_products_jet(az_node y, int order, const az_node *dx, az_node *dy)
{
    const uint32_t axes = *(const uint32_t *)az_node_attribute(y);
    az_jet_product(y, order, dx, dy);
    for (int k = 0; k < order; k++)
        if (dy[k].id >= 0) dy[k] = az_sum(dy[k], axes);
}

static az_node sum_products_batch(az_node y, const az_node *x, int64_t n)
{
    return az_sum_products(az_batched(y, 0, x[0], n), az_batched(y, 1, x[1], n),
                           az_batched_axes(y, *(const uint32_t *)az_node_attribute(y)));
}

static bool sum_products_sample(int64_t number, az_op_sample *sample)
{
    if (!az_sample_reduction(number, sample, -2, 2)) return false;
    sample->x[1] = sample->x[0];
    sample->n = 2;
    return true;
}

static const az_op sum_products_op = {.name = "sum_products",
                                      .version = 1,
                                      .flags = AZ_OP_LINEAR | AZ_OP_STRIDES,
                                      .n_inputs = 2,
                                      .attribute_size = sizeof(uint32_t),
                                      .equation = "y = sum of a b over axes",
                                      .shape = sum_products_shape,
                                      .reverse = sum_products_reverse,
                                      .forward = sum_products_forward,
                                      .jet = sum_products_jet,
                                      .batch = sum_products_batch,
                                      .flops = 2,
                                      .kernels = AZ_KERNELS(sum_products),
                                      .sample = sum_products_sample};

az_node az_sum_products(az_node a, az_node b, unsigned axes)
{
    const uint32_t attribute = axes;
    return az_apply(&sum_products_op, a.graph, (az_node[]){a, b}, 2, &attribute);
}

const az_op *const az_ops_sum_products[] = {&sum_products_op, NULL};
#endif
