/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions in pieces: a polynomial of low degree for each of 16 intervals of |x|.  No division, and with AVX-512 a
 * coefficient is one instruction that looks up in registers: tanh in float takes a third of the time of exp(2 x) and a
 * quotient.
 *
 * The interval is read from u = 1 + scale |x|: the last two bits of its exponent and its first two digits.  So
 * intervals are of equal length at first, then of lengths that double as the function becomes flat.  In an interval
 * f(x) = f(c) + t (C1 + t (C2 + ...)), t = |x| - c, where c is a point whose f(c) is a number to a small part of its
 * last place (the accurate tables of Gal and Bachelis, ACM TOMS 17, 1991); for an odd function f(t) = t + t (C1 + t
 * ...) in the first one.  So the last addition makes nearly all of the error.
 *
 *   tanh, erf              as they are
 *   softplus, normal_cdf   for x < 0 exp(x) or exp(-x^2 / 2) times a smooth function in pieces, so that the tail has
 * all of its digits
 *
 * A table has the rows c, f(c), C1, C2, ...; it lies by row, or by interval (base/vector_lookup.h), and is made by
 * tests/base/reference/math_coefficients.py.  tanh(x) and tanh_array(y, x, n) give the same bits; y may be x. */

#define VECTOR_(word, real)   word##_##real
#define VECTOR_OF(word, real) VECTOR_(word, real)
#define VECTOR(word)          VECTOR_OF(word, REAL)

typedef struct {
    const REAL *table;
    int n_rows, odd;
    REAL scale, highest;
} FN(pieces);

AZ_MATH REAL FN(entry)(FN(pieces) p, int row, int piece)
{
    return AZ_DOUBLES_BY_PIECE && BIAS > 127 ? p.table[piece * p.n_rows + row] : p.table[row * 16 + piece];
}

/* f(size) as a sum. */
AZ_MATH FN(sum) FN(in_pieces)(REAL size, FN(pieces) p)
{
    const REAL inside = size > p.highest ? p.highest : size, u = FMA(inside, p.scale, 1);
    const int i = (int)(FN(to_bits)(u) >> (DIGITS - 2) & 15);
    const REAL t = inside - FN(entry)(p, 0, i), value = FN(entry)(p, 1, i);
    REAL slope = FN(entry)(p, p.n_rows - 1, i);
    for (int k = p.n_rows - 2; k >= 2; k--) slope = FMA(slope, t, FN(entry)(p, k, i));
    const REAL first = p.odd && u < PICK(1.25f, 1.25) ? t : value, head = FMA(slope, t, first);
    return (FN(sum)){head, FMA(slope, t, first - head)};
}

/* Of several vectors at once, so that additions of one need not wait for each other.  head may be size. */
AZ_MATH void FN(vectors_in_pieces)(VECTOR(vector) * head, VECTOR(vector) * tail, const VECTOR(vector) * size,
                                   int n_vectors, FN(pieces) p)
{
    VECTOR(vector) u[4], t[4], slope[4];
    VECTOR(index) i[4];
#pragma GCC unroll 4
    for (int v = 0; v < n_vectors; v++) {
        const VECTOR(vector) inside = VECTOR(no_more)(size[v], p.highest);
        u[v] = VECTOR(multiply_add)(inside, VECTOR(broadcast)(p.scale), VECTOR(broadcast)(1));
        i[v] = VECTOR(piece)(u[v]);
        t[v] = inside - VECTOR(lookup)(p.table, p.n_rows, 0, i[v]);
        slope[v] = VECTOR(lookup)(p.table, p.n_rows, p.n_rows - 1, i[v]);
    }
#pragma GCC unroll 16
    for (int k = p.n_rows - 2; k >= 2; k--) {
#pragma GCC unroll 4
        for (int v = 0; v < n_vectors; v++)
            slope[v] = VECTOR(multiply_add)(slope[v], t[v], VECTOR(lookup)(p.table, p.n_rows, k, i[v]));
    }
#pragma GCC unroll 4
    for (int v = 0; v < n_vectors; v++) {
        VECTOR(vector) first = VECTOR(lookup)(p.table, p.n_rows, 1, i[v]);
        if (p.odd) first = VECTOR(below)(u[v], PICK(1.25f, 1.25), t[v], first);
        head[v] = VECTOR(multiply_add)(slope[v], t[v], first);
        if (!p.odd) tail[v] = VECTOR(multiply_add)(slope[v], t[v], first - head[v]);
    }
}

/* y[i] = f(x[i]) of an odd function; of others head[i] + tail[i] = f(|x[i]|), which tail is not asked for above. */
AZ_MATH void FN(array_in_pieces)(REAL *y, REAL *tail, const REAL *x, int64_t n, FN(pieces) p)
{
    enum { LANES = VECTOR(lanes), TOGETHER = AZ_VECTOR_BITS == 512 ? 4 : AZ_VECTOR_BITS == 256 && BIAS > 127 ? 2 : 1 };
    VECTOR(vector) v[TOGETHER], size[TOGETHER], low[TOGETHER];
    int64_t done = 0;
    for (; done <= n - TOGETHER * LANES; done += TOGETHER * LANES) {
        /* More rows than there are registers are read where they are wanted, not kept on the stack. */
        if (p.n_rows > 8) __asm__("" : "+r"(p.table));
#pragma GCC unroll 4
        for (int k = 0; k < TOGETHER; k++) {
            v[k] = VECTOR(load)(x + done + k * LANES);
            size[k] = VECTOR(size)(v[k]);
        }
        FN(vectors_in_pieces)(size, low, size, TOGETHER, p);
#pragma GCC unroll 4
        for (int k = 0; k < TOGETHER; k++) {
            VECTOR(store)(y + done + k * LANES, p.odd ? VECTOR(sign_of)(size[k], v[k]) : size[k]);
            if (!p.odd) VECTOR(store)(tail + done + k * LANES, low[k]);
        }
    }
    for (; done < n; done += LANES) {
        const VECTOR(mask) part = VECTOR(part)(n - done < LANES ? n - done : LANES);
        v[0] = VECTOR(load_part)(x + done, part);
        size[0] = VECTOR(size)(v[0]);
        FN(vectors_in_pieces)(size, low, size, 1, p);
        VECTOR(store_part)(y + done, part, p.odd ? VECTOR(sign_of)(size[0], v[0]) : size[0]);
        if (!p.odd) VECTOR(store_part)(tail + done, part, low[0]);
    }
}

/* clang-format off */
#define TABLE(name, coefficients, ...)                                                                                 \
    static const REAL FN(name##_table)[] __attribute__((aligned(64), unused)) = {coefficients};                        \
    AZ_MATH FN(pieces) FN(name##_pieces)(void) { return (FN(pieces)){FN(name##_table), __VA_ARGS__}; }
/* clang-format on */

#define ODD_FUNCTION(name)                                                                                             \
    AZ_MATH REAL FN(name)(REAL x)                                                                                      \
    {                                                                                                                  \
        return COPYSIGN(FN(in_pieces)(FABS(x), FN(name##_pieces)()).head, x);                                          \
    }                                                                                                                  \
    AZ_MATH void FN(name##_array)(REAL * y, const REAL *x, int64_t n)                                                  \
    {                                                                                                                  \
        FN(array_in_pieces)(y, NULL, x, n, FN(name##_pieces)());                                                       \
    }

/* name_of(x, head, tail) is the function of x and of what its table says of |x|. */
#define FUNCTION_OF_PIECES(name)                                                                                       \
    AZ_MATH REAL FN(name)(REAL x)                                                                                      \
    {                                                                                                                  \
        const FN(sum) s = FN(in_pieces)(FABS(x), FN(name##_pieces)());                                                 \
        return FN(name##_of)(x, s.head, s.tail);                                                                       \
    }                                                                                                                  \
    AZ_MATH void FN(name##_array)(REAL * y, const REAL *x, int64_t n)                                                  \
    {                                                                                                                  \
        enum { BLOCK = 128 };                                                                                          \
        REAL head[BLOCK], tail[BLOCK];                                                                                 \
        for (int64_t begin = 0; begin < n; begin += BLOCK) {                                                           \
            const int64_t size = n - begin < BLOCK ? n - begin : BLOCK;                                                \
            FN(array_in_pieces)(head, tail, x + begin, size, FN(name##_pieces)());                                     \
            for (int64_t i = 0; i < size; i++) y[begin + i] = FN(name##_of)(x[begin + i], head[i], tail[i]);           \
        }                                                                                                              \
    }

#if AZ_MATH_BITS == 32
TABLE(tanh, TANH_F32, 8, 1, 0.953125f, 9.1f)
TABLE(erf, ERF_TABLE_F32, 8, 1, 2.5f, 3.95f)
TABLE(softplus, SOFTPLUS_F32, 8, 0, 0.5625f, 23)
TABLE(normal_cdf, NORMAL_F32, 8, 0, 1, 14.5f)
#else
#if AZ_DOUBLES_BY_PIECE
#define LYING(name) name##_BY_PIECE
#else
#define LYING(name) name
#endif
TABLE(tanh, LYING(TANH_F64), 16, 1, 0.625, 19.1)
TABLE(erf, LYING(ERF_TABLE_F64), 16, 1, 1.25, 6)
TABLE(softplus, LYING(SOFTPLUS_F64), 16, 0, 0.3125, 45)
TABLE(normal_cdf, LYING(NORMAL_F64), 16, 0, 0.375, 38.75)
#undef LYING
#endif

ODD_FUNCTION(tanh)
ODD_FUNCTION(erf)

/* log(1 + exp(x)) = max(x, 0) + e (log(1 + e) / e), e = exp(-|x|). */
AZ_MATH REAL FN(softplus_of)(REAL x, REAL head, REAL tail)
{
    const FN(sum) far = FN(exp_times_sum)(-FABS(x), 0, head, tail);
    const REAL positive = x > 0 ? x : 0, sum = positive + far.head, part = sum - positive;
    const REAL lost = (positive - (sum - part)) + (far.head - part);
    return x != x || x > PICK(0x1p100f, 0x1p1000) ? x : sum + (lost + far.tail);
}
FUNCTION_OF_PIECES(softplus)

/* P(X <= x) of a normal X, which for x < 0 is exp(-x^2 / 2) times a function that falls as 1 / |x|; x^2 / 2 is taken
 * with what its rounding loses, which exp would make larger. */
AZ_MATH REAL FN(normal_cdf_of)(REAL x, REAL head, REAL tail)
{
    const REAL most = PICK(14.5f, 38.75), magnitude = FABS(x), inside = magnitude > most ? most : magnitude;
    const REAL half = PICK(0.5f, 0.5) * inside, square = half * inside, low = FMA(half, inside, -square);
    const REAL far = FN(exp_times)(-square, low, head, tail);
    return x < 0 ? far : 1 - far;
}
FUNCTION_OF_PIECES(normal_cdf)

#undef TABLE
#undef ODD_FUNCTION
#undef FUNCTION_OF_PIECES
#undef VECTOR_
#undef VECTOR_OF
#undef VECTOR
