/* SPDX-License-Identifier: BSD-3-Clause */
/* Odd functions that rise to 1, in pieces: a polynomial of low degree for each of 16 intervals of |x|.  No division and
 * no exponential, and with AVX-512 a coefficient is one instruction that looks up in registers: tanh in float takes a
 * third of the time of exp(2 x) and a quotient.
 *
 * The interval is read from u = 1 + scale |x|: the last two bits of its exponent and its first two digits.  So
 * intervals are of equal length at first, then of lengths that double as the function becomes flat.  In an interval
 * f(x) = f(c) + t (C1 + t (C2 + ...)), t = x - c, where c is a point whose f(c) is a number to a small part of its last
 * place (the accurate tables of Gal and Bachelis, ACM TOMS 17, 1991); in the first one f(t) = t + t (C2 t + ...).  So
 * the last addition makes nearly all of the error.
 *
 * A table has the rows c, f(c), C1, C2, ...; it lies by row, or by interval (base/vector_lookup.h), and is made by
 * tests/base/reference/math_coefficients.py.  tanh(x) and tanh_array(y, x, n) give the same bits; y may be x. */

#define VECTOR_(word, real)   word##_##real
#define VECTOR_OF(word, real) VECTOR_(word, real)
#define VECTOR(word)          VECTOR_OF(word, REAL)

AZ_MATH REAL FN(entry)(const REAL *table, int n_rows, int row, int piece)
{
    return AZ_DOUBLES_BY_PIECE && BIAS > 127 ? table[piece * n_rows + row] : table[row * 16 + piece];
}

AZ_MATH REAL FN(in_pieces)(REAL x, const REAL *table, int n_rows, REAL scale, REAL highest)
{
    const REAL size = FABS(x), inside = size > highest ? highest : size, u = FMA(inside, scale, 1);
    const int i = (int)(FN(to_bits)(u) >> (DIGITS - 2) & 15);
    const REAL t = inside - FN(entry)(table, n_rows, 0, i);
    REAL slope = FN(entry)(table, n_rows, n_rows - 1, i);
    for (int k = n_rows - 2; k >= 2; k--) slope = FMA(slope, t, FN(entry)(table, n_rows, k, i));
    return COPYSIGN(FMA(slope, t, u < PICK(1.25f, 1.25) ? t : FN(entry)(table, n_rows, 1, i)), x);
}

/* Of several vectors at once, so that additions of one need not wait for each other. */
AZ_MATH void FN(vectors_in_pieces)(VECTOR(vector) * x, int n_vectors, const REAL *table, int n_rows, REAL scale,
                                   REAL highest)
{
    VECTOR(vector) u[4], t[4], slope[4];
    VECTOR(index) i[4];
#pragma GCC unroll 4
    for (int v = 0; v < n_vectors; v++) {
        const VECTOR(vector) inside = VECTOR(no_more)(VECTOR(size)(x[v]), highest);
        u[v] = VECTOR(multiply_add)(inside, VECTOR(broadcast)(scale), VECTOR(broadcast)(1));
        i[v] = VECTOR(piece)(u[v]);
        t[v] = inside - VECTOR(lookup)(table, n_rows, 0, i[v]);
        slope[v] = VECTOR(lookup)(table, n_rows, n_rows - 1, i[v]);
    }
#pragma GCC unroll 16
    for (int k = n_rows - 2; k >= 2; k--) {
#pragma GCC unroll 4
        for (int v = 0; v < n_vectors; v++)
            slope[v] = VECTOR(multiply_add)(slope[v], t[v], VECTOR(lookup)(table, n_rows, k, i[v]));
    }
#pragma GCC unroll 4
    for (int v = 0; v < n_vectors; v++) {
        const VECTOR(vector) first =
            VECTOR(below)(u[v], PICK(1.25f, 1.25), t[v], VECTOR(lookup)(table, n_rows, 1, i[v]));
        x[v] = VECTOR(sign_of)(VECTOR(multiply_add)(slope[v], t[v], first), x[v]);
    }
}

AZ_MATH void FN(array_in_pieces)(REAL *y, const REAL *x, int64_t n, const REAL *table, int n_rows, REAL scale,
                                 REAL highest)
{
    enum { LANES = VECTOR(lanes), TOGETHER = AZ_VECTOR_BITS == 512 ? 4 : AZ_VECTOR_BITS == 256 && BIAS > 127 ? 2 : 1 };
    VECTOR(vector) v[TOGETHER];
    int64_t done = 0;
    for (; done <= n - TOGETHER * LANES; done += TOGETHER * LANES) {
        /* More rows than there are registers are read where they are wanted, not kept on the stack. */
        if (n_rows > 8) __asm__("" : "+r"(table));
#pragma GCC unroll 4
        for (int k = 0; k < TOGETHER; k++) v[k] = VECTOR(load)(x + done + k * LANES);
        FN(vectors_in_pieces)(v, TOGETHER, table, n_rows, scale, highest);
#pragma GCC unroll 4
        for (int k = 0; k < TOGETHER; k++) VECTOR(store)(y + done + k * LANES, v[k]);
    }
    for (; done < n; done += LANES) {
        const VECTOR(mask) part = VECTOR(part)(n - done < LANES ? n - done : LANES);
        v[0] = VECTOR(load_part)(x + done, part);
        FN(vectors_in_pieces)(v, 1, table, n_rows, scale, highest);
        VECTOR(store_part)(y + done, part, v[0]);
    }
}

#define ODD_FUNCTION(name, table, n_rows, scale, highest)                                                              \
    static const REAL FN(name##_table)[n_rows * 16] __attribute__((aligned(64), unused)) = {table};                    \
    AZ_MATH REAL FN(name)(REAL x)                                                                                      \
    {                                                                                                                  \
        return FN(in_pieces)(x, FN(name##_table), n_rows, scale, highest);                                             \
    }                                                                                                                  \
    AZ_MATH void FN(name##_array)(REAL * y, const REAL *x, int64_t n)                                                  \
    {                                                                                                                  \
        FN(array_in_pieces)(y, x, n, FN(name##_table), n_rows, scale, highest);                                        \
    }

#if AZ_MATH_BITS == 32
ODD_FUNCTION(tanh, TANH_F32, 8, 1.125f, 9.1f)
#elif AZ_DOUBLES_BY_PIECE
ODD_FUNCTION(tanh, TANH_F64_BY_PIECE, 16, 0.625, 19.1)
#else
ODD_FUNCTION(tanh, TANH_F64, 16, 0.625, 19.1)
#endif
#undef ODD_FUNCTION
#undef VECTOR_
#undef VECTOR_OF
#undef VECTOR
