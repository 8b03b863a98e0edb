/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of many matrices: for each row and each place of the leading fixed axes one.  matmul.c has those of one
 * matrix a row, which are the large ones. */
#include "ops/rules.h"
#include "ops/walk.h"

#include <string.h>

typedef struct matmul_batch {
    int32_t transpose_a, transpose_b;
} matmul_batch;

/* One chain of fused multiply-adds an element, as in matmul.c; rows innermost, without rows columns. */
#define AZ_MATMUL_BATCH_OF(name, REAL, FMA)                                                                            \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const matmul_batch *of = call->attribute;                                                                      \
        const az_tile *a = &call->in[0], *b = &call->in[1], *c = call->out;                                            \
        const int line = c->rank - 2, column = c->rank - 1;                                                            \
        const int64_t am = a->stride[of->transpose_a ? column : line],                                                 \
                      ak = a->stride[of->transpose_a ? line : column];                                                 \
        const int64_t bk = b->stride[of->transpose_b ? column : line],                                                 \
                      bn = b->stride[of->transpose_b ? line : column];                                                 \
        const int64_t m = c->size[line], n = c->size[column], k = a->size[of->transpose_a ? line : column];            \
        const int64_t n_rows = c->row_stride ? call->n_rows : 1;                                                       \
        const unsigned leading = (1u << line) - 1;                                                                     \
        az_walk at_a = az_walk_of(a, leading), at_b = az_walk_of(b, leading);                                          \
        REAL *y = call->y;                                                                                             \
        for (int64_t matrix = 0; matrix < at_a.n; matrix++, az_walk_on(&at_a), az_walk_on(&at_b)) {                    \
            const REAL *from_a = (const REAL *)call->x[0] + at_a.offset;                                               \
            const REAL *from_b = (const REAL *)call->x[1] + at_b.offset;                                               \
            for (int64_t i = 0; i < m && n_rows == 1; i++, y += n) {                                                   \
                for (int64_t j = 0; j < n; j++) y[j] = 0;                                                              \
                for (int64_t l = 0; l < k; l++) {                                                                      \
                    const REAL factor = from_a[i * am + l * ak], *x = from_b + l * bk;                                 \
                    if (bn == 1)                                                                                       \
                        for (int64_t j = 0; j < n; j++) y[j] = FMA(factor, x[j], y[j]);                                \
                    else                                                                                               \
                        for (int64_t j = 0; j < n; j++) y[j] = FMA(factor, x[j * bn], y[j]);                           \
                }                                                                                                      \
            }                                                                                                          \
            for (int64_t e = 0; e < m * n && n_rows > 1; e++, y += n_rows) {                                           \
                const REAL *u = from_a + e / n * am, *v = from_b + e % n * bn;                                         \
                for (int64_t r = 0; r < n_rows; r++) y[r] = 0;                                                         \
                for (int64_t l = 0; l < k; l++, u += ak, v += bk) {                                                    \
                    if (a->row_stride && b->row_stride)                                                                \
                        for (int64_t r = 0; r < n_rows; r++) y[r] = FMA(u[r], v[r], y[r]);                             \
                    else if (a->row_stride)                                                                            \
                        for (int64_t r = 0; r < n_rows; r++) y[r] = FMA(u[r], *v, y[r]);                               \
                    else                                                                                               \
                        for (int64_t r = 0; r < n_rows; r++) y[r] = FMA(*u, v[r * b->row_stride], y[r]);               \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }
AZ_MATMUL_BATCH_OF(matmul_batch_f32, float, __builtin_fmaf)
AZ_MATMUL_BATCH_OF(matmul_batch_f64, double, __builtin_fma)
AZ_KERNEL_TABLE(matmul_batch) = {.tile = {[AZ_F32] = matmul_batch_f32, [AZ_F64] = matmul_batch_f64}};

#ifdef AZ_RULES

static az_status matmul_batch_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const matmul_batch *of = arguments->attribute;
    const az_shape a = az_node_shape(arguments->x[0]), b = az_node_shape(arguments->x[1]);
    const int line = a.rank - 2, column = a.rank - 1;
    const char *wrong = NULL;
    *type = az_node_type(arguments->x[0]);
    *shape = a;
    if (*type != az_node_type(arguments->x[1]) || !az_type_is_real(*type)) wrong = "are not of one real type";
    if (a.rank != b.rank || a.rank - az_shape_extents(a) < 2) wrong = "do not have the same axes before their matrices";
    for (int i = 0; i < line && !wrong; i++)
        if (a.size[i] != b.size[i]) wrong = "do not have the same axes before their matrices";
    if (!wrong && a.size[of->transpose_a ? line : column] != b.size[of->transpose_b ? column : line])
        wrong = "do not fit: columns of the first are rows of the second";
    if (wrong) {
        char ta[AZ_SHAPE_TEXT], tb[AZ_SHAPE_TEXT];
        return az_error(AZ_ERROR_USAGE, "%s%s and %s%s %s", az_shape_print(arguments->graph, a, ta),
                        of->transpose_a ? " transposed" : "", az_shape_print(arguments->graph, b, tb),
                        of->transpose_b ? " transposed" : "", wrong);
    }
    shape->size[line] = a.size[of->transpose_a ? column : line];
    shape->size[column] = b.size[of->transpose_b ? line : column];
    return AZ_OK;
}

static const az_op matmul_batch_op;

static az_node make(az_node a, az_node b, bool transpose_a, bool transpose_b)
{
    const matmul_batch attribute = {transpose_a, transpose_b};
    return az_apply(&matmul_batch_op, a.id >= 0 ? a.graph : b.graph, (az_node[]){a, b}, 2, &attribute);
}

/* C = A B: dA = dC B', dB = A' dC; each of them transposed where the operand was. */
static void matmul_batch_reverse(az_node y, az_node dy, az_node *dx)
{
    const matmul_batch *of = az_node_attribute(y);
    const az_node a = az_node_input(y, 0), b = az_node_input(y, 1);
    const bool ta = of->transpose_a, tb = of->transpose_b;
    dx[0] = ta ? make(b, dy, tb, true) : make(dy, b, false, !tb);
    dx[1] = tb ? make(dy, a, true, ta) : make(a, dy, !ta, false);
}

static az_node matmul_batch_forward(az_node y, const az_node *dx)
{
    const matmul_batch *of = az_node_attribute(y);
    az_node sum = AZ_NO_NODE;
    if (dx[0].id >= 0) sum = make(dx[0], az_node_input(y, 1), of->transpose_a, of->transpose_b);
    if (dx[1].id >= 0) sum = az_add_or(sum, make(az_node_input(y, 0), dx[1], of->transpose_a, of->transpose_b));
    return sum;
}

static az_node matmul_batch_batch(az_node y, const az_node *x, int64_t n)
{
    const matmul_batch *of = az_node_attribute(y);
    return make(az_batched(y, 0, x[0], n), az_batched(y, 1, x[1], n), of->transpose_a, of->transpose_b);
}

/* Every term is added where the sum lies in memory. */
static void matmul_batch_cost(const az_call *call, az_cost *cost)
{
    const matmul_batch *of = call->attribute;
    const az_tile *a = &call->in[0];
    const double terms = (double)(az_tile_elements(call->out) * a->size[of->transpose_a ? a->rank - 2 : a->rank - 1]);
    cost->flops = 2 * terms;
    cost->bytes = 3 * terms * (double)az_type_size(call->out->type);
}

static bool matmul_batch_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        az_shape a, b;
        matmul_batch of;
    } cases[] = {
        {{.rank = 4, .size = {AZ_ROWS, 2, 3, 5}}, {.rank = 4, .size = {AZ_ROWS, 2, 5, 4}}, {0, 0}},
        {{.rank = 4, .size = {AZ_ROWS, 2, 5, 3}}, {.rank = 4, .size = {AZ_ROWS, 2, 4, 5}}, {1, 1}},
        {{.rank = 5, .size = {AZ_ROWS, 1, 3, 1, 2}}, {.rank = 5, .size = {AZ_ROWS, 1, 3, 2, 1}}, {0, 0}},
        {{.rank = 4, .size = {AZ_ROWS, 0, 3, 5}}, {.rank = 4, .size = {AZ_ROWS, 0, 5, 4}}, {0, 0}},
        {{.rank = 4, .size = {AZ_ROWS, 2, 3, 0}}, {.rank = 4, .size = {AZ_ROWS, 2, 0, 4}}, {0, 0}},
        {{.rank = 4, .size = {3, 2, 7, 5}}, {.rank = 4, .size = {3, 2, 4, 5}}, {0, 1}},
        {{.rank = 3, .size = {3, 5, 7}}, {.rank = 3, .size = {3, 5, 33}}, {1, 0}},
    };
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    az_sample_one(sample, cases[number].a, -2, 2);
    sample->x[1] = sample->x[0];
    sample->x[1].shape = cases[number].b;
    sample->n = 2;
    memcpy(sample->attribute, &cases[number].of, sizeof cases[number].of);
    return true;
}

static const az_op matmul_batch_op = {.name = "matmul_batch",
                                      .version = 1,
                                      .flags = AZ_OP_LINEAR | AZ_OP_STRIDES,
                                      .n_inputs = 2,
                                      .attribute_size = sizeof(matmul_batch),
                                      .equation = "y = A B for each row and each place of the leading axes",
                                      .shape = matmul_batch_shape,
                                      .reverse = matmul_batch_reverse,
                                      .forward = matmul_batch_forward,
                                      .batch = matmul_batch_batch,
                                      .cost = matmul_batch_cost,
                                      .kernels = AZ_KERNELS(matmul_batch),
                                      .sample = matmul_batch_sample};

/* x repeated along leading axes; its extents first, the other axes aligned at the right. */
static az_node repeat(az_node x, az_shape leading)
{
    const az_shape from = az_node_shape(x);
    const int n_extents = az_shape_extents(from);
    az_shape to = leading;
    int axis[AZ_MAX_RANK];
    if (to.rank + 2 > AZ_MAX_RANK || from.rank - n_extents < 2) return x; /* told by the shape rule */
    to.size[to.rank++] = from.size[from.rank - 2];
    to.size[to.rank++] = from.size[from.rank - 1];
    for (int i = 0; i < from.rank; i++) axis[i] = i < n_extents ? i : to.rank - from.rank + i;
    return az_broadcast(x, to, axis);
}

az_node az_matmul_batch(az_node a, az_node b, bool transpose_a, bool transpose_b)
{
    const az_shape sa = az_node_shape(a), sb = az_node_shape(b);
    const int ea = az_shape_extents(sa), eb = az_shape_extents(sb);
    az_shape of_a = {0}, of_b = {0}, joined, leading = ea > eb ? sa : sb;
    leading.rank = ea > eb ? ea : eb;
    /* The same weights for all lines of all matrices are those of one tall matrix. */
    if (eb == 0 && sb.rank == 2 && !transpose_a) {
        az_shape tall = sa, result = sa;
        tall.rank = ea;
        tall.size[tall.rank++] = az_shape_elements(sa) / (sa.size[sa.rank - 1] > 0 ? sa.size[sa.rank - 1] : 1);
        tall.size[tall.rank++] = sa.size[sa.rank - 1];
        result.size[sa.rank - 1] = sb.size[transpose_b ? 0 : 1];
        if (sa.size[sa.rank - 1] > 0) return az_reshape(az_matmul(az_reshape(a, tall), b, false, transpose_b), result);
    }
    for (int i = ea; i < sa.rank - 2; i++) of_a.size[of_a.rank++] = sa.size[i];
    for (int i = eb; i < sb.rank - 2; i++) of_b.size[of_b.rank++] = sb.size[i];
    if ((ea == 0 || eb == 0 || ea == eb) && az_shape_join(of_a, of_b, &joined) &&
        leading.rank + joined.rank + 2 <= AZ_MAX_RANK) {
        for (int i = 0; i < joined.rank; i++) leading.size[leading.rank++] = joined.size[i];
        a = repeat(a, leading);
        b = repeat(b, leading);
    }
    return make(a, b, transpose_a, transpose_b);
}

const az_op *const az_ops_matmul_batch[] = {&matmul_batch_op, NULL};
#endif
