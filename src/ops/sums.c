/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums over axes. */
#include "ops/rules.h"

/* The axes that are summed over; whether floats are added as doubles, with a double for a result. */
typedef struct summation {
    uint32_t axes;
    int32_t in_double;
} summation;

/* The sum of n numbers side by side, in 16 sums (number i goes to sum i mod 16) that are then joined by a tree: one
 * order for every width of vectors.  Loops have numbers of turns that are known, or else the joining, from one scalar
 * to the next through memory, takes longer than all the rest.  Adding 0 to a sum that began with 0 changes no bit. */
enum { LANES = 16 };
#define AZ_HALVE(n)                                                                                                    \
    for (int k = 0; k < (n); k++) lane[k] += lane[k + (n)];
#define AZ_LANES_OF(name, FROM, REAL)                                                                                  \
    static REAL name(const FROM *x, int64_t n)                                                                         \
    {                                                                                                                  \
        REAL lane[LANES] = {0};                                                                                        \
        int64_t i = 0;                                                                                                 \
        for (; i + LANES <= n; i += LANES)                                                                             \
            for (int k = 0; k < LANES; k++) lane[k] += x[i + k];                                                       \
        if (i < n) {                                                                                                   \
            const int n_left = (int)(n - i);                                                                           \
            for (int k = 0; k < LANES; k++) lane[k] += k < n_left ? x[i + k] : 0;                                      \
        }                                                                                                              \
        AZ_HALVE(8)                                                                                                    \
        AZ_HALVE(4)                                                                                                    \
        AZ_HALVE(2)                                                                                                    \
        return lane[0] + lane[1];                                                                                      \
    }

/* out[kept axes] = sum over the others, and over the rows where the result has none.  Over fixed axes rows are summed
 * element by element in rising order, in a tile of any height. */
#define AZ_SUM_OF(name, FROM, REAL, lanes)                                                                             \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const az_tile *in = &call->in[0], *out = call->out;                                                            \
        const unsigned axes = ((const summation *)call->attribute)->axes >> call->n_extents;                           \
        const bool over_rows = in->row_stride && !out->row_stride;                                                     \
        int outer[AZ_MAX_RANK], inner[AZ_MAX_RANK], n_outer = 0, n_inner = 0;                                          \
        int64_t n_sums = 1, n_terms = 1, from = 0;                                                                     \
        for (int d = 0; d < in->rank; d++) {                                                                           \
            if (axes >> d & 1)                                                                                         \
                inner[n_inner++] = d, n_terms *= in->size[d];                                                          \
            else                                                                                                       \
                outer[n_outer++] = d, n_sums *= in->size[d];                                                           \
        }                                                                                                              \
        const bool side_by_side = !in->row_stride && !out->row_stride && n_inner == 1 && in->stride[inner[0]] == 1;    \
        /* A value that is the same in all rows counts once for each. */                                               \
        const REAL times = call->n_extents && !in->row_stride && !out->row_stride ? (REAL)call->n_valid : 1;           \
        int64_t at[AZ_MAX_RANK] = {0};                                                                                 \
        for (int64_t s = 0; s < n_sums; s++) {                                                                         \
            const FROM *x = (const FROM *)call->x[0] + from;                                                           \
            REAL *y = (REAL *)call->y + s * (out->row_stride ? call->n_rows : 1);                                      \
            int64_t place[AZ_MAX_RANK] = {0};                                                                          \
            if (side_by_side) {                                                                                        \
                const REAL sum = times * lanes(x, n_terms);                                                            \
                *y = call->accumulate ? *y + sum : sum;                                                                \
            } else if (out->row_stride && !call->accumulate) {                                                         \
                for (int64_t r = 0; r < call->n_rows; r++) y[r] = 0;                                                   \
            } else if (!call->accumulate) {                                                                            \
                *y = 0;                                                                                                \
            }                                                                                                          \
            for (int64_t t = 0; t < n_terms && !side_by_side; t++) {                                                   \
                if (over_rows)                                                                                         \
                    *y += lanes(x, call->n_valid);                                                                     \
                else if (!out->row_stride)                                                                             \
                    *y += times * *x;                                                                                  \
                else if (in->row_stride)                                                                               \
                    for (int64_t r = 0; r < call->n_rows; r++) y[r] += x[r];                                           \
                else                                                                                                   \
                    for (int64_t r = 0; r < call->n_rows; r++) y[r] += *x;                                             \
                for (int k = n_inner - 1; k >= 0; k--) {                                                               \
                    const int d = inner[k];                                                                            \
                    x += in->stride[d];                                                                                \
                    if (++place[k] < in->size[d]) break;                                                               \
                    x -= in->stride[d] * in->size[d];                                                                  \
                    place[k] = 0;                                                                                      \
                }                                                                                                      \
            }                                                                                                          \
            for (int k = n_outer - 1; k >= 0; k--) {                                                                   \
                const int d = outer[k];                                                                                \
                from += in->stride[d];                                                                                 \
                if (++at[k] < in->size[d]) break;                                                                      \
                from -= in->stride[d] * in->size[d];                                                                   \
                at[k] = 0;                                                                                             \
            }                                                                                                          \
        }                                                                                                              \
    }
AZ_LANES_OF(lanes_f32, float, float)
AZ_LANES_OF(lanes_f32_f64, float, double)
AZ_LANES_OF(lanes_f64, double, double)
AZ_SUM_OF(sum_of_f32, float, float, lanes_f32)
AZ_SUM_OF(sum_of_f32_f64, float, double, lanes_f32_f64)
AZ_SUM_OF(sum_f64, double, double, lanes_f64)
static void sum_f32(const az_call *call)
{
    (((const summation *)call->attribute)->in_double ? sum_of_f32_f64 : sum_of_f32)(call);
}
AZ_KERNEL_TABLE(sum) = {.tile = {[AZ_F32] = sum_f32, [AZ_F64] = sum_f64}};

#ifdef AZ_RULES

static az_status sum_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const summation *of = arguments->attribute;
    *type = az_node_type(arguments->x[0]);
    if (!az_type_is_real(*type)) return az_error(AZ_ERROR_USAGE, "of %s; cast it first", az_type_name(*type));
    if (of->in_double) *type = AZ_F64;
    return az_rule_reduction(arguments, of->axes, shape);
}

static az_node make(az_node x, uint32_t axes, bool in_double);

/* Products of all pairs are many, so that their sums are taken without writing them down; nor are floats as doubles. */
static az_node sum_simplify(const az_op_arguments *arguments)
{
    const summation *of = arguments->attribute;
    const uint32_t axes = of->axes;
    const az_node x = arguments->x[0], narrow = az_widened(x);
    az_node a, b;
    if (axes == 0) return of->in_double ? az_cast(x, AZ_F64) : x;
    if (narrow.id >= 0) return make(narrow, axes, true);
    if (of->in_double || az_shape_extents(az_node_shape(x)) < 2 || !(axes & 3) || !az_is_product(x, &a, &b))
        return AZ_NO_NODE;
    return az_sum_products(a, b, axes);
}

/* Every term has the cotangent of its sum. */
static void sum_reverse(az_node y, az_node dy, az_node *dx)
{
    const summation *of = az_node_attribute(y);
    const az_node x = az_node_input(y, 0);
    dx[0] = az_spread_over(az_cast(dy, az_node_type(x)), az_node_shape(x), of->axes);
}

static az_node sum_forward(az_node y, const az_node *dx)
{
    const summation *of = az_node_attribute(y);
    return make(dx[0], of->axes, of->in_double);
}

static az_node sum_batch(az_node y, const az_node *x, int64_t n)
{
    const summation *of = az_node_attribute(y);
    (void)n;
    return make(x[0], az_batched_axes(y, of->axes), of->in_double);
}

static bool sum_sample(int64_t number, az_op_sample *sample)
{
    return az_sample_reduction(number, sample, -2, 2);
}

static const az_op sum_op = {.name = "sum",
                             .version = 1,
                             .flags = AZ_OP_LINEAR | AZ_OP_STRIDES,
                             .n_inputs = 1,
                             .attribute_size = sizeof(summation),
                             .equation = "y = sum of a over axes",
                             .shape = sum_shape,
                             .simplify = sum_simplify,
                             .reverse = sum_reverse,
                             .forward = sum_forward,
                             .batch = sum_batch,
                             .kernels = AZ_KERNELS(sum),
                             .sample = sum_sample};

static az_node make(az_node x, uint32_t axes, bool in_double)
{
    const summation attribute = {axes, in_double};
    return az_apply(&sum_op, x.graph, &x, 1, &attribute);
}

az_node az_sum(az_node x, unsigned axes)
{
    return make(x, axes, false);
}

az_node az_sum_all(az_node x)
{
    return az_sum(x, (1u << az_node_shape(x).rank) - 1);
}

/* In double, whatever the type: sums over many rows in float lose digits (1e7 rows: 5e-6). */
az_node az_mean(az_node x)
{
    if (x.id < 0) return x;
    const az_shape shape = az_node_shape(x);
    az_node n = az_cast(az_constant(x.graph, (double)az_shape_elements(shape)), AZ_F64);
    for (int i = 0; i < az_shape_extents(shape); i++) n = az_mul(n, az_extent_size(x.graph, shape.size[i], AZ_F64));
    return az_div(az_sum_all(az_cast(x, AZ_F64)), n);
}

const az_op *const az_ops_sums[] = {&sum_op, NULL};
#endif
