/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of matrices.  For each row the last two fixed axes of a and b are matrices; a with one fixed axis is a row
 * vector, b with one a column vector, and that axis is missing in the result.
 *
 * Sums over rows may have several pairs of inputs of the same shapes, whose sums are added: the gradient of a weight
 * that is used many times goes to one accumulator. */
#include "base/product.h"
#include "ops/rules.h"

#include <string.h>

typedef struct matmul {
    int32_t transpose_a, transpose_b, sum_rows;
} matmul;

/* Sizes and strides of one product c (m, n) = a (m, k) b (k, n) within a call, transposes undone. */
typedef struct product {
    int64_t m, n, k;
    int64_t am, ak, bk, bn, cm, cn; /* in elements of the tile */
    int64_t a_row, b_row, c_row;    /* 0 or 1 */
} product;

static product product_of(const az_call *call)
{
    const matmul *of = call->attribute;
    const az_tile *a = &call->in[0], *b = &call->in[1], *c = call->out;
    product p = {.a_row = a->row_stride, .b_row = b->row_stride, .c_row = c->row_stride, .m = 1, .n = 1};
    if (a->rank > 1) {
        const int i = a->rank - 2 + (of->transpose_a != 0), j = a->rank - 1 - (of->transpose_a != 0);
        p.m = a->size[i], p.am = a->stride[i];
        p.k = a->size[j], p.ak = a->stride[j];
    } else if (of->transpose_a) {
        p.m = a->size[0], p.am = a->stride[0], p.k = 1;
    } else {
        p.k = a->size[0], p.ak = a->stride[0];
    }
    if (b->rank > 1) {
        const int i = b->rank - 2 + (of->transpose_b != 0), j = b->rank - 1 - (of->transpose_b != 0);
        p.bk = b->stride[i];
        p.n = b->size[j], p.bn = b->stride[j];
    } else if (p.k == 1 && b->size[0] != 1) { /* an outer product */
        p.n = b->size[0], p.bn = b->stride[0];
    } else {
        p.bk = b->stride[0];
    }
    p.cn = c->row_stride ? call->n_rows : 1;
    p.cm = p.n * p.cn;
    return p;
}

enum { PART = 128 }; /* columns of a sum over rows that are worked out together, by one thread where it is large */

/* How a call is worked out; found once for each height of tiles. */
typedef struct plan {
    void (*run)(const az_call *call, const struct plan *plan); /* NULL: the loops below */
    product p;
    int64_t size; /* bytes of a number */
    az_product first;
    az_product sum[2], sum_rest[2]; /* over rows, of PART columns and of those left; [1] adds to what is there */
    az_transpose transpose, transpose_rest;
    bool by_columns; /* a sum over rows of which one factor is one column */
} plan;

enum { LANES = 16 };
#define AZ_HALVE(n)                                                                                                    \
    for (int k = 0; k < (n); k++) lane[k] += lane[k + (n)];

/* One chain of fused multiply-adds an element, as the products of base/product.h: the bits are theirs. */
#define AZ_MATMUL_OF(name, REAL, FMA)                                                                                  \
    static void name##_loops(const az_call *call)                                                                      \
    {                                                                                                                  \
        const product p = product_of(call);                                                                            \
        const REAL *a = call->x[0], *b = call->x[1];                                                                   \
        REAL *c = call->y;                                                                                             \
        const bool sums = !p.c_row && (p.a_row || p.b_row);                                                            \
        const int64_t n_rows = sums ? call->n_valid : p.c_row ? call->n_rows : 1;                                      \
        for (int64_t i = 0; i < p.m; i++)                                                                              \
            for (int64_t j = 0; j < p.n; j++) {                                                                        \
                REAL *to = c + i * p.cm + j * p.cn;                                                                    \
                if (!call->accumulate)                                                                                 \
                    for (int64_t r = 0; r < (p.c_row ? n_rows : 1); r++) to[r] = 0;                                    \
                for (int64_t k = 0; k < p.k; k++) {                                                                    \
                    const REAL *x = a + i * p.am + k * p.ak, *y = b + k * p.bk + j * p.bn;                             \
                    for (int64_t r = 0; r < n_rows; r++)                                                               \
                        to[r * p.c_row] = FMA(x[r * p.a_row], y[r * p.b_row], to[r * p.c_row]);                        \
                }                                                                                                      \
            }                                                                                                          \
    }                                                                                                                  \
    /* Each column of one factor by the only one of the other: sums of 16 chains, as those of ops/sums.c.  A chain of  \
     * all rows would have to be worked out for many columns at once, which would have to be turned first. */          \
    static void name##_columns(const az_call *call, const product *p)                                                  \
    {                                                                                                                  \
        const bool many_a = p->n == 1;                                                                                 \
        const REAL *column = call->x[many_a ? 1 : 0], *x = call->x[many_a ? 0 : 1];                                    \
        const int64_t n = many_a ? p->m : p->n, apart = many_a ? p->am : p->bn, to = many_a ? p->cm : p->cn;           \
        REAL *y = call->y;                                                                                             \
        for (int64_t j = 0; j < n; j++, x += apart, y += to) {                                                         \
            REAL lane[LANES] = {0};                                                                                    \
            int64_t i = 0;                                                                                             \
            for (; i + LANES <= call->n_valid; i += LANES)                                                             \
                for (int k = 0; k < LANES; k++) lane[k] = FMA(x[i + k], column[i + k], lane[k]);                       \
            for (int k = 0; i + k < call->n_valid; k++) lane[k] = FMA(x[i + k], column[i + k], lane[k]);               \
            AZ_HALVE(8)                                                                                                \
            AZ_HALVE(4)                                                                                                \
            AZ_HALVE(2)                                                                                                \
            *y = call->accumulate ? *y + (lane[0] + lane[1]) : lane[0] + lane[1];                                      \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_pair(const az_call *call, const plan *planned)                                                  \
    {                                                                                                                  \
        if (planned->by_columns)                                                                                       \
            name##_columns(call, &planned->p);                                                                         \
        else if (planned->run)                                                                                         \
            planned->run(call, planned);                                                                               \
        else                                                                                                           \
            name##_loops(call);                                                                                        \
    }                                                                                                                  \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const plan *planned = call->prepared;                                                                          \
        if (call->n_inputs == 2) {                                                                                     \
            name##_pair(call, planned);                                                                                \
            return;                                                                                                    \
        }                                                                                                              \
        az_call pair = *call;                                                                                          \
        for (int i = 0; i < call->n_inputs; i += 2, pair.x += 2, pair.accumulate = true) name##_pair(&pair, planned);  \
    }
AZ_MATMUL_OF(matmul_f32, float, __builtin_fmaf)
AZ_MATMUL_OF(matmul_f64, double, __builtin_fma)

/* The weights of a tile's product as columns side by side. */
#define AZ_PACK_OF(name, REAL)                                                                                         \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const plan *planned = call->prepared;                                                                          \
        const product p = planned->p;                                                                                  \
        const REAL *b = call->x[1];                                                                                    \
        REAL *to = call->packed;                                                                                       \
        if (p.bn == 1) {                                                                                               \
            az_transpose_run(&planned->transpose, b, to);                                                              \
            return;                                                                                                    \
        }                                                                                                              \
        for (int64_t j = 0; j < p.n; j++)                                                                              \
            for (int64_t k = 0; k < p.k; k++) to[j * p.k + k] = b[k * p.bk + j * p.bn];                                \
    }
AZ_PACK_OF(pack_f32, float)
AZ_PACK_OF(pack_f64, double)
AZ_KERNEL_TABLE(matmul) = {.tile = {[AZ_F32] = matmul_f32, [AZ_F64] = matmul_f64},
                           .pack = {[AZ_F32] = pack_f32, [AZ_F64] = pack_f64}};

#ifdef AZ_RULES

/* --- Ways to work a product out with the rows of a tile innermost: columns of a column-major matrix are features ----
 */

static const char *at(const void *data, int64_t element, int64_t size)
{
    return (const char *)data + element * size;
}

/* The same weights for all rows: C' (rows, n) = A' (rows, k) B. */
static void weights_right(const az_call *call, const plan *w)
{
    const void *b = call->packed ? call->packed : call->x[1];
    for (int64_t i = 0; i < w->p.m; i++)
        az_product_run(&w->first, at(call->x[0], i * w->p.am, w->size), b, (char *)call->y + i * w->p.cm * w->size);
}

/* The same of one row, whose features lie side by side. */
static void one_row(const az_call *call, const plan *w)
{
    az_product_run_rows(&w->first, call->x[0], call->x[1], call->y);
}

/* The same matrix from the left for all rows: C' (rows, m) = B' (rows, k) A'. */
static void weights_left(const az_call *call, const plan *w)
{
    for (int64_t j = 0; j < w->p.n; j++)
        az_product_run(&w->first, at(call->x[1], j * w->p.bn, w->size), call->x[0],
                       (char *)call->y + j * w->p.cn * w->size);
}

/* Summed over the rows: C' (n, m) += B (n, rows) A' (rows, m), for each k.  Of B some columns at a time are turned, so
 * that they lie close together and meet all of A; what is beyond the last row counts for nothing. */
static void sum_over_rows(const az_call *call, const plan *w)
{
    const int64_t size = w->size, end = call->n_parts > 1 ? call->part + 1 : (w->p.n + PART - 1) / PART;
    for (int64_t part = call->n_parts > 1 ? call->part : 0; part < end; part++) {
        const int64_t first = part * PART, columns = w->p.n - first < PART ? w->p.n - first : PART;
        for (int64_t k = 0; k < w->p.k; k++) {
            const void *b = at(call->x[1], first * w->p.bn + k * w->p.bk, size);
            if (columns > 1 || call->n_valid < call->n_rows) {
                az_transpose_run(columns < PART ? &w->transpose_rest : &w->transpose, b, call->scratch);
                memset((char *)call->scratch + columns * call->n_valid * size, 0,
                       (size_t)(columns * (call->n_rows - call->n_valid) * size));
                b = call->scratch;
            }
            const bool adds = k > 0 || call->accumulate;
            az_product_run(columns < PART ? &w->sum_rest[adds] : &w->sum[adds], b, at(call->x[0], k * w->p.ak, size),
                           (char *)call->y + first * size);
        }
    }
}

/* Without rows: C' = B' A'. */
static void plain_matrices(const az_call *call, const plan *w)
{
    az_product_run(&w->first, call->x[1], call->x[0], call->y);
}

static int64_t at_least(int64_t ld, int64_t n)
{
    return ld > n ? ld : n > 1 ? n : 1;
}

static void matmul_prepare(const az_call *call, az_isa isa, void *prepared)
{
    plan *w = prepared;
    const product p = product_of(call);
    const bool is_double = call->in[0].type == AZ_F64, tall = call->n_rows > 1;
    *w = (plan){.p = p, .size = is_double ? 8 : 4};
    const int64_t T = call->n_rows;
    if (p.a_row && p.c_row && !p.b_row) {
        az_transpose_find(&w->transpose, is_double, p.n, p.k, at_least(p.bk, p.n), at_least(p.k, 1), isa); /* packs */
        const bool packed_rows = p.ak == 1 && p.bn == 1 && p.bk == p.n && (p.m == 1 || p.am == p.k);
        if (tall) {
            const int64_t ldb = p.bk == 1 || p.k == 1 ? at_least(p.bn, p.k) : at_least(p.k, 1);
            az_product_find(&w->first, is_double, T, p.n, p.k, at_least(p.ak, T), ldb, T, false, AZ_PRODUCT_AUTO, isa);
            w->run = weights_right;
        } else if (packed_rows) {
            az_product_find_rows(&w->first, is_double, p.m, p.n, p.k, false, isa);
            w->run = one_row;
        }
    } else if (p.b_row && p.c_row && !p.a_row && tall && (p.ak == 1 || p.k == 1)) {
        az_product_find(&w->first, is_double, T, p.m, p.k, at_least(p.bk, T), at_least(p.am, p.k), at_least(p.cm, T),
                        false, AZ_PRODUCT_AUTO, isa);
        w->run = weights_left;
    } else if (p.a_row && p.b_row && !p.c_row) {
        const int64_t rest = p.n % PART;
        for (int adds = 0; adds < 2; adds++) {
            if (p.n >= PART)
                az_product_find(&w->sum[adds], is_double, PART, p.m, T, PART, at_least(p.am, T), at_least(p.cm, PART),
                                adds, AZ_PRODUCT_AUTO, isa);
            if (rest)
                az_product_find(&w->sum_rest[adds], is_double, rest, p.m, T, rest, at_least(p.am, T),
                                at_least(p.cm, rest), adds, AZ_PRODUCT_AUTO, isa);
        }
        az_transpose_find(&w->transpose, is_double, T, PART, at_least(p.bn, T), PART, isa);
        az_transpose_find(&w->transpose_rest, is_double, T, rest, at_least(p.bn, T), at_least(rest, 1), isa);
        w->run = sum_over_rows;
        /* The BLAS is for CPUs without fused multiply-adds, or asked for. */
        const bool has_column = p.k == 1 && (p.m == 1 || p.n == 1);
        w->by_columns = tall && has_column && (rest ? w->sum_rest : w->sum)[0].backend != AZ_PRODUCT_CBLAS;
    } else if (!p.a_row && !p.b_row && !p.c_row && (p.bn == 1 || p.n == 1) && (p.ak == 1 || p.k == 1)) {
        az_product_find(&w->first, is_double, p.n, p.m, p.k, at_least(p.bk, p.n), at_least(p.am, p.k), at_least(p.n, 1),
                        false, AZ_PRODUCT_AUTO, isa);
        w->run = plain_matrices;
    }
}

static size_t matmul_scratch(const az_call *call)
{
    const product p = product_of(call);
    return p.a_row && p.b_row && !p.c_row ? (size_t)((p.n < PART ? p.n : PART) * call->n_rows) * 8 : 0;
}

static int64_t matmul_parts(const az_call *call)
{
    const product p = product_of(call);
    return p.a_row && p.b_row && !p.c_row ? (p.n + PART - 1) / PART : 0;
}

static size_t matmul_packed(const az_call *call)
{
    const product p = product_of(call);
    const bool packs = p.a_row && p.c_row && !p.b_row && p.bk != 1 && p.k > 1;
    return packs ? (size_t)(p.k * p.n) * az_type_size(call->in[0].type) : 0;
}

static void matmul_cost(const az_call *call, az_cost *cost)
{
    const product p = product_of(call);
    cost->flops = (double)(p.m * p.n * p.k * call->n_inputs); /* pairs, of two operations each */
}

/* Rank of the fixed axes. */
static int fixed_rank(az_shape shape)
{
    return shape.rank - az_shape_extents(shape);
}

static az_status matmul_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const matmul *of = arguments->attribute;
    const az_shape a = az_node_shape(arguments->x[0]), b = az_node_shape(arguments->x[1]);
    const int ra = fixed_rank(a), rb = fixed_rank(b);
    const char *wrong = arguments->n % 2 || arguments->n < 2 ? "are not in pairs" : NULL;
    for (int i = 2; i < arguments->n && !wrong; i++)
        if (!of->sum_rows || !az_shape_equal(az_node_shape(arguments->x[i]), i % 2 ? b : a))
            wrong = "are not of the same shape in all pairs";
    *type = az_node_type(arguments->x[0]);
    if (*type != az_node_type(arguments->x[1]) || !az_type_is_real(*type)) wrong = "are not of one real type";
    if (!wrong && (ra < 1 || ra > 2 || rb < 1 || rb > 2)) wrong = "are not vectors or matrices for each row";
    az_shape made = {0};
    if (!wrong) {
        const az_shape longer = az_shape_extents(a) > az_shape_extents(b) ? a : b;
        const int n_extents = az_shape_extents(longer);
        const az_shape shorter = az_shape_extents(a) > az_shape_extents(b) ? b : a;
        for (int i = 0; i < az_shape_extents(shorter); i++)
            if (shorter.size[i] != longer.size[i] || az_shape_extents(shorter) != n_extents)
                wrong = "have different extents";
        if (of->sum_rows && (n_extents == 0 || az_shape_extents(shorter) != n_extents))
            wrong = "do not both have the extent that is summed over";
        if (!of->sum_rows)
            for (int i = 0; i < n_extents; i++) made.size[made.rank++] = longer.size[i];
    }
    if (!wrong) {
        const int64_t *sa = a.size + az_shape_extents(a), *sb = b.size + az_shape_extents(b);
        const int64_t m = ra == 2 ? sa[of->transpose_a ? 1 : 0] : of->transpose_a ? sa[0] : -1;
        const int64_t k = ra == 2 ? sa[of->transpose_a ? 0 : 1] : of->transpose_a ? 1 : sa[0];
        const bool outer = rb == 1 && of->transpose_a && ra == 1;
        const int64_t k_of_b = rb == 2 ? sb[of->transpose_b ? 1 : 0] : outer ? 1 : sb[0];
        const int64_t n = rb == 2 ? sb[of->transpose_b ? 0 : 1] : outer ? sb[0] : -1;
        if (k != k_of_b) wrong = "do not fit: columns of the first are rows of the second";
        if (m >= 0) made.size[made.rank++] = m;
        if (n >= 0) made.size[made.rank++] = n;
    }
    if (wrong) {
        char ta[AZ_SHAPE_TEXT], tb[AZ_SHAPE_TEXT];
        return az_error(AZ_ERROR_USAGE, "%s%s and %s%s %s", az_shape_print(arguments->graph, a, ta),
                        of->transpose_a ? " transposed" : "", az_shape_print(arguments->graph, b, tb),
                        of->transpose_b ? " transposed" : "", wrong);
    }
    *shape = made;
    return AZ_OK;
}

static az_node make(az_node a, az_node b, bool transpose_a, bool transpose_b, bool sum_rows);

/* The product for a cotangent: summed over the rows where x has none. */
static az_node for_cotangent(az_node a, az_node b, bool transpose_a, bool transpose_b, az_node x)
{
    const az_shape sx = az_node_shape(x);
    const int n_extents = az_shape_extents(az_node_shape(a)) > az_shape_extents(az_node_shape(b))
                              ? az_shape_extents(az_node_shape(a))
                              : az_shape_extents(az_node_shape(b));
    const bool sum = n_extents > az_shape_extents(sx);
    return make(a, b, transpose_a, transpose_b, sum);
}

/* C = A B: dA = dC B', dB = A' dC; each of them transposed where the operand was.  A vector is taken as the matrix that
 * it stands for. */
static void pair_reverse(const matmul *of, az_node a, az_node b, az_node dy, az_node *dx)
{
    const bool ta = of->transpose_a, tb = of->transpose_b;
    const int ra = fixed_rank(az_node_shape(a)), rb = fixed_rank(az_node_shape(b));
    if (of->sum_rows) dy = az_for_each_row(dy, a);
    if (ra == 2 && rb == 2) {
        dx[0] = ta ? for_cotangent(b, dy, tb, true, a) : for_cotangent(dy, b, false, !tb, a);
        dx[1] = tb ? for_cotangent(dy, a, true, ta, b) : for_cotangent(a, dy, !ta, false, b);
    } else if (ra == 1 && !ta && rb == 2) { /* c (n) = a (k) B */
        dx[0] = for_cotangent(dy, b, false, !tb, a);
        dx[1] = tb ? for_cotangent(dy, a, true, false, b) : for_cotangent(a, dy, true, false, b);
    } else if (ra == 1 && ta && rb == 1) { /* C (m, n) = a b' */
        dx[0] = for_cotangent(dy, b, false, false, a);
        dx[1] = for_cotangent(a, dy, false, false, b);
    } else if (ra == 2 && rb == 1) { /* c (m) = A b */
        dx[0] = ta ? for_cotangent(b, dy, true, false, a) : for_cotangent(dy, b, true, false, a);
        dx[1] = for_cotangent(dy, a, false, ta, b);
    } else { /* c = a . b */
        int axis[AZ_MAX_RANK];
        for (int i = 0; i < az_node_shape(dy).rank; i++) axis[i] = i;
        const az_node along = az_broadcast(dy, az_node_shape(a), axis);
        dx[0] = az_mul(along, b);
        dx[1] = az_mul(along, a);
    }
}

static void matmul_reverse(az_node y, az_node dy, az_node *dx)
{
    for (int i = 0; i < az_node_n_inputs(y); i += 2)
        pair_reverse(az_node_attribute(y), az_node_input(y, i), az_node_input(y, i + 1), dy, dx + i);
}

static az_node matmul_forward(az_node y, const az_node *dx)
{
    const matmul *of = az_node_attribute(y);
    az_node sum = AZ_NO_NODE;
    for (int i = 0; i < az_node_n_inputs(y); i += 2) {
        const az_node a = az_node_input(y, i), b = az_node_input(y, i + 1);
        if (dx[i].id >= 0) sum = az_add_or(sum, make(dx[i], b, of->transpose_a, of->transpose_b, of->sum_rows));
        if (dx[i + 1].id >= 0) sum = az_add_or(sum, make(a, dx[i + 1], of->transpose_a, of->transpose_b, of->sum_rows));
    }
    return sum;
}

/* x as the matrices that it stands for. */
static az_node as_matrix(az_node x, bool column, bool vector)
{
    az_shape shape = az_node_shape(x);
    if (!vector) return x;
    shape.size[shape.rank] = 1;
    if (!column) {
        shape.size[shape.rank] = shape.size[shape.rank - 1];
        shape.size[shape.rank - 1] = 1;
    }
    shape.rank++;
    return az_reshape(x, shape);
}

static az_node matmul_batch(az_node y, const az_node *x, int64_t n)
{
    const matmul *of = az_node_attribute(y);
    const az_node a = az_node_input(y, 0), b = az_node_input(y, 1);
    const bool line = fixed_rank(az_node_shape(a)) == 1, column = fixed_rank(az_node_shape(b)) == 1;
    const bool ta = of->transpose_a, tb = of->transpose_b, outer = line && ta && column;
    if (of->sum_rows) return AZ_NO_NODE; /* several pairs, whose sum is one */
    /* n columns on which the same matrix acts are the lines of a matrix. */
    if (column && !outer && !az_is_batched(y, 0, x[0])) return make(x[1], x[0], false, !line && !ta, false);
    const az_node c = az_matmul(as_matrix(x[0], ta, line), as_matrix(x[1], !outer, column), ta && !line, tb && !column);
    return az_reshape(c, az_shape_batched(az_node_shape(y), n));
}

static const az_op matmul_op;

/* What is the same in all rows is multiplied once: the tangents of a network's inputs are. */
static az_node matmul_simplify(const az_op_arguments *arguments)
{
    const matmul *of = arguments->attribute;
    if (of->sum_rows || arguments->n != 2) return AZ_NO_NODE;
    const az_node a = arguments->x[0], b = arguments->x[1], one = az_of_each_row(a);
    if (one.id < 0 || az_shape_extents(az_node_shape(b))) return AZ_NO_NODE;
    return az_for_each_row(make(one, b, of->transpose_a, of->transpose_b, false), a);
}

static az_node matmul_merge(az_node a, az_node b)
{
    enum { MOST = 16 };
    const matmul *of = az_node_attribute(a);
    const int n = az_node_n_inputs(a), m = az_node_n_inputs(b);
    az_node x[MOST];
    if (!of->sum_rows || memcmp(of, az_node_attribute(b), sizeof *of) != 0 || n + m > MOST) return AZ_NO_NODE;
    for (int i = 0; i < n; i++) x[i] = az_node_input(a, i);
    for (int i = 0; i < m; i++) {
        x[n + i] = az_node_input(b, i);
        if (!az_shape_equal(az_node_shape(x[n + i]), az_node_shape(x[i % 2]))) return AZ_NO_NODE;
    }
    return az_apply(&matmul_op, a.graph, x, n + m, of);
}

static bool matmul_sample(int64_t number, az_op_sample *sample)
{
    static const struct {
        az_shape a, b;
        matmul of;
    } cases[] = {
        {{.rank = 2, .size = {AZ_ROWS, 5}}, {.rank = 2, .size = {5, 3}}, {0, 0, 0}},
        {{.rank = 2, .size = {AZ_ROWS, 5}}, {.rank = 2, .size = {3, 5}}, {0, 1, 0}},
        {{.rank = 2, .size = {AZ_ROWS, 1}}, {.rank = 2, .size = {1, 33}}, {0, 0, 0}},
        {{.rank = 2, .size = {AZ_ROWS, 33}}, {.rank = 2, .size = {33, 1}}, {0, 0, 0}},
        {{.rank = 2, .size = {AZ_ROWS, 5}}, {.rank = 2, .size = {AZ_ROWS, 3}}, {1, 0, 1}},
        {{.rank = 2, .size = {AZ_ROWS, 7}}, {.rank = 2, .size = {AZ_ROWS, 1}}, {1, 0, 1}},
        {{.rank = 2, .size = {AZ_ROWS, 1}}, {.rank = 2, .size = {AZ_ROWS, 19}}, {1, 0, 1}},
        {{.rank = 3, .size = {AZ_ROWS, 2, 5}}, {.rank = 2, .size = {5, 3}}, {0, 0, 0}},
        {{.rank = 3, .size = {AZ_ROWS, 2, 5}}, {.rank = 3, .size = {AZ_ROWS, 5, 3}}, {0, 0, 0}},
        {{.rank = 3, .size = {AZ_ROWS, 2, 5}}, {.rank = 3, .size = {AZ_ROWS, 2, 3}}, {1, 0, 1}},
        {{.rank = 2, .size = {4, 5}}, {.rank = 2, .size = {AZ_ROWS, 5}}, {0, 0, 0}},
        {{.rank = 2, .size = {4, 5}}, {.rank = 2, .size = {5, 3}}, {0, 0, 0}},
        {{.rank = 2, .size = {5, 4}}, {.rank = 2, .size = {3, 5}}, {1, 1, 0}},
        {{.rank = 2, .size = {AZ_ROWS, 4}}, {.rank = 2, .size = {AZ_ROWS, 4}}, {0, 0, 0}},
        {{.rank = 2, .size = {AZ_ROWS, 0}}, {.rank = 2, .size = {0, 3}}, {0, 0, 0}},
        {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 5}}, {.rank = 2, .size = {5, 3}}, {0, 0, 0}},
        {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 5}},
         {.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}},
         {1, 0, 1}},
        {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 4}},
         {.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 4}},
         {0, 0, 0}},
    };
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    sample->n = 2;
    for (int i = 0; i < 2; i++) {
        sample->x[i].type = AZ_F64;
        sample->x[i].shape = i ? cases[number].b : cases[number].a;
        sample->x[i].lower = -2;
        sample->x[i].upper = 2;
    }
    memcpy(sample->attribute, &cases[number].of, sizeof(matmul));
    return true;
}

static const az_op matmul_op = {.name = "matmul",
                                .version = 1,
                                .flags = AZ_OP_LINEAR | AZ_OP_REPEATS,
                                .n_inputs = -1,
                                .attribute_size = sizeof(matmul),
                                .equation = "y = A B for each row, or the sum of it over rows",
                                .shape = matmul_shape,
                                .simplify = matmul_simplify,
                                .merge = matmul_merge,
                                .reverse = matmul_reverse,
                                .forward = matmul_forward,
                                .batch = matmul_batch,
                                .scratch = matmul_scratch,
                                .packed = matmul_packed,
                                .parts = matmul_parts,
                                .cost = matmul_cost,
                                .prepared_size = sizeof(plan),
                                .prepare = matmul_prepare,
                                .kernels = AZ_KERNELS(matmul),
                                .sample = matmul_sample};

static az_node make(az_node a, az_node b, bool transpose_a, bool transpose_b, bool sum_rows)
{
    const matmul attribute = {transpose_a, transpose_b, sum_rows};
    return az_apply(&matmul_op, a.id >= 0 ? a.graph : b.graph, (az_node[]){a, b}, 2, &attribute);
}

static bool has_batches(az_node x)
{
    return x.id >= 0 && fixed_rank(az_node_shape(x)) > 2;
}

az_node az_matmul(az_node a, az_node b, bool transpose_a, bool transpose_b)
{
    az_share_extents(&a, &b);
    if (has_batches(a) || has_batches(b)) return az_matmul_batch(a, b, transpose_a, transpose_b);
    return make(a, b, transpose_a, transpose_b, false);
}

az_node az_matmul_sum(az_node a, az_node b, bool transpose_a, bool transpose_b)
{
    az_share_extents(&a, &b);
    if (!has_batches(a) && !has_batches(b)) return make(a, b, transpose_a, transpose_b, true);
    const az_node each = az_matmul_batch(a, b, transpose_a, transpose_b);
    return each.id < 0 ? each : az_sum(each, (1u << az_shape_extents(az_node_shape(each))) - 1);
}

az_node az_dense(az_node x, az_node weight, az_node bias)
{
    return az_add(az_matmul(x, weight, false, false), bias);
}

const az_op *const az_ops_matmul[] = {&matmul_op, NULL};
#endif
