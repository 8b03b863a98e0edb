/* SPDX-License-Identifier: BSD-3-Clause */
/* Product and transposition for REAL; FN(name) is the name of a function of this type, VECTORS and COLUMNS the size of
 * a tile of C whose sums stay in registers.  Vectors run along m, down the columns of A and C. */

enum {
    FN(height) = VECTORS * FN(lanes), /* rows of a panel of A */
    /* Terms of the chains between two looks at C. */
    FN(block_k) = BLOCK_BYTES / (FN(height) * sizeof(REAL)),
    /* Where C has few rows, so many of its columns, and terms, are turned at once. */
    FN(wide) = 512 / sizeof(REAL),
    FN(turned_k) = 32,
};

/* One tile of C: n_vectors (the last one of the lanes in mask alone, where `part`) by n_columns, all three constants
 * where it is called, so that the loops over them vanish. */
static inline __attribute__((always_inline)) void FN(tile)(const int n_vectors, const int n_columns, const bool part,
                                                           FN(mask) mask, int64_t k, const REAL *a, int64_t lda,
                                                           const REAL *b, int64_t ldb, REAL *c, int64_t ldc,
                                                           bool accumulate)
{
    enum { lanes = FN(lanes) };
    FN(vector) sum[8][COLUMNS], x[8], y[COLUMNS];
    if (accumulate) {
#pragma GCC unroll 8
        for (int j = 0; j < n_columns; j++)
#pragma GCC unroll 8
            for (int i = 0; i < n_vectors; i++)
                sum[i][j] = part && i == n_vectors - 1 ? FN(load_part)(c + j * ldc + i * lanes, mask)
                                                       : FN(load)(c + j * ldc + i * lanes);
    } else {
#pragma GCC unroll 8
        for (int j = 0; j < n_columns; j++)
#pragma GCC unroll 8
            for (int i = 0; i < n_vectors; i++) sum[i][j] = FN(broadcast)(0);
    }
    for (int64_t p = 0; p < k; p++, a += lda, b++) {
        /* Those of which there are fewer stay in registers while the others pass. */
        if (n_vectors <= n_columns) {
#pragma GCC unroll 8
            for (int i = 0; i < n_vectors; i++)
                x[i] = part && i == n_vectors - 1 ? FN(load_part)(a + i * lanes, mask) : FN(load)(a + i * lanes);
#pragma GCC unroll 8
            for (int j = 0; j < n_columns; j++) {
                y[0] = FN(broadcast)(b[j * ldb]);
#pragma GCC unroll 8
                for (int i = 0; i < n_vectors; i++) sum[i][j] = FN(multiply_add)(x[i], y[0], sum[i][j]);
            }
        } else {
#pragma GCC unroll 8
            for (int j = 0; j < n_columns; j++) y[j] = FN(broadcast)(b[j * ldb]);
#pragma GCC unroll 8
            for (int i = 0; i < n_vectors; i++) {
                x[0] = part && i == n_vectors - 1 ? FN(load_part)(a + i * lanes, mask) : FN(load)(a + i * lanes);
#pragma GCC unroll 8
                for (int j = 0; j < n_columns; j++) sum[i][j] = FN(multiply_add)(x[0], y[j], sum[i][j]);
            }
        }
    }
#pragma GCC unroll 8
    for (int j = 0; j < n_columns; j++)
#pragma GCC unroll 8
        for (int i = 0; i < n_vectors; i++) {
            if (part && i == n_vectors - 1)
                FN(store_part)(c + j * ldc + i * lanes, mask, sum[i][j]);
            else
                FN(store)(c + j * ldc + i * lanes, sum[i][j]);
        }
}

#ifdef HALVES
/* A tile whose last rows are a half or a quarter of a vector. */
static inline __attribute__((always_inline)) void FN(tile_half)(const int n_vectors, const int n_columns,
                                                                const bool quarter, int64_t k, const REAL *a,
                                                                int64_t lda, const REAL *b, int64_t ldb, REAL *c,
                                                                int64_t ldc, bool accumulate)
{
    enum { lanes = FN(lanes) };
    FN(vector) sum[3][10], x[3];
    FN(half) rest[10];
    const int64_t tail = n_vectors * lanes;
#pragma GCC unroll 10
    for (int j = 0; j < n_columns; j++) {
#pragma GCC unroll 3
        for (int i = 0; i < n_vectors; i++)
            sum[i][j] = accumulate ? FN(load)(c + j * ldc + i * lanes) : FN(broadcast)(0);
        rest[j] = accumulate ? FN(load_half)(c + j * ldc + tail, quarter) : FN(broadcast_half)(0);
    }
    for (int64_t p = 0; p < k; p++, a += lda, b++) {
#pragma GCC unroll 3
        for (int i = 0; i < n_vectors; i++) x[i] = FN(load)(a + i * lanes);
        const FN(half) last = FN(load_half)(a + tail, quarter);
#pragma GCC unroll 10
        for (int j = 0; j < n_columns; j++) {
            FN(vector) y = FN(broadcast)(b[j * ldb]);
            if (n_vectors > 1) __asm__("" : "+v"(y)); /* read once for all; for one vector twice is faster */
#pragma GCC unroll 3
            for (int i = 0; i < n_vectors; i++) sum[i][j] = FN(multiply_add)(x[i], y, sum[i][j]);
            rest[j] = FN(multiply_add_half)(last, n_vectors > 1 ? FN(half_of)(y) : FN(broadcast_half)(b[j * ldb]),
                                            rest[j]);
        }
    }
#pragma GCC unroll 10
    for (int j = 0; j < n_columns; j++) {
#pragma GCC unroll 3
        for (int i = 0; i < n_vectors; i++) FN(store)(c + j * ldc + i * lanes, sum[i][j]);
        FN(store_half)(c + j * ldc + tail, quarter, rest[j]);
    }
}

/* n_vectors whole vectors of rows and a part of one, all columns: wide groups of them, then single ones. */
static inline __attribute__((always_inline)) void
FN(panel_half)(const int n_vectors, const int wide, const bool quarter, int64_t n, int64_t k, const REAL *a,
               int64_t lda, const REAL *b, int64_t ldb, REAL *c, int64_t ldc, bool accumulate)
{
    for (; n >= wide; n -= wide, b += wide * ldb, c += wide * ldc)
        FN(tile_half)(n_vectors, wide, quarter, k, a, lda, b, ldb, c, ldc, accumulate);
    for (; n > 0; n--, b += ldb, c += ldc) FN(tile_half)(n_vectors, 1, quarter, k, a, lda, b, ldb, c, ldc, accumulate);
}

static void FN(rows_and_half)(int64_t m, int64_t n, int64_t k, const REAL *a, int64_t lda, const REAL *b, int64_t ldb,
                              REAL *c, int64_t ldc, bool accumulate)
{
    const bool quarter = 4 * (m % FN(lanes)) == FN(lanes);
    switch (2 * (m / FN(lanes)) + quarter) {
    case 2: FN(panel_half)(1, 10, false, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 3: FN(panel_half)(1, 10, true, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 4: FN(panel_half)(2, 5, false, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 5: FN(panel_half)(2, 5, true, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 6: FN(panel_half)(3, 5, false, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 7: FN(panel_half)(3, 5, true, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
    }
}
#endif

/* Some vectors of rows, n columns in whole groups. */
static inline __attribute__((always_inline)) void FN(panel)(const int n_vectors, const bool part, FN(mask) mask,
                                                            int64_t n, int64_t k, const REAL *a, int64_t lda,
                                                            const REAL *b, int64_t ldb, REAL *c, int64_t ldc,
                                                            bool accumulate)
{
    for (; n > 0; n -= COLUMNS, b += COLUMNS * ldb, c += COLUMNS * ldc)
        FN(tile)(n_vectors, COLUMNS, part, mask, k, a, lda, b, ldb, c, ldc, accumulate);
}

/* Fewer columns than a group has, all rows: tiles are higher, for it takes some ten sums under way at once to hide how
 * long one multiply-add takes. */
static inline __attribute__((always_inline)) void FN(columns)(const int n_columns, const int n_vectors, int64_t m,
                                                              int64_t k, const REAL *a, int64_t lda, const REAL *b,
                                                              int64_t ldb, REAL *c, int64_t ldc, bool accumulate)
{
    enum { lanes = FN(lanes) };
    const FN(mask) mask = FN(part)(m % lanes);
    for (; m >= n_vectors * lanes; m -= n_vectors * lanes, a += n_vectors * lanes, c += n_vectors * lanes)
        FN(tile)(n_vectors, n_columns, false, mask, k, a, lda, b, ldb, c, ldc, accumulate);
    for (; n_vectors > 4 && m >= 4 * lanes; m -= 4 * lanes, a += 4 * lanes, c += 4 * lanes)
        FN(tile)(4, n_columns, false, mask, k, a, lda, b, ldb, c, ldc, accumulate);
    for (; n_vectors > 2 && m >= 2 * lanes; m -= 2 * lanes, a += 2 * lanes, c += 2 * lanes)
        FN(tile)(2, n_columns, false, mask, k, a, lda, b, ldb, c, ldc, accumulate);
    for (; m >= lanes; m -= lanes, a += lanes, c += lanes)
        FN(tile)(1, n_columns, false, mask, k, a, lda, b, ldb, c, ldc, accumulate);
    if (m > 0) FN(tile)(1, n_columns, true, mask, k, a, lda, b, ldb, c, ldc, accumulate);
}

/* C (m, n) = or += A (m, k) B (k, n), for k that is not too large. */
static void FN(block)(int64_t m, int64_t n, int64_t k, const REAL *a, int64_t lda, const REAL *b, int64_t ldb, REAL *c,
                      int64_t ldc, bool accumulate)
{
    enum { lanes = FN(lanes), height = FN(height) };
    const int64_t rest = n % COLUMNS, whole = n - rest;
    _Alignas(64) REAL packed[FN(height) * FN(block_k)];
    const bool pack = n >= PACK_COLUMNS && k <= FN(block_k) && lda * (int64_t)sizeof(REAL) >= PACK_BYTES;
    for (int64_t i = 0; whole > 0 && i < m; i += height) {
        const int64_t rows = m - i < height ? m - i : height;
        const FN(mask) mask = FN(part)(rows % lanes);
        const REAL *top = a + i;
        int64_t ld_top = lda;
        if (pack) {
            const int64_t vectors = rows / lanes;
            for (int64_t p = 0; p < k; p++) {
                for (int64_t v = 0; v < vectors; v++)
                    FN(store)(packed + p * height + v * lanes, FN(load)(top + p * lda + v * lanes));
                if (rows % lanes) FN(store)
                (packed + p * height + vectors * lanes, FN(load_part)(top + p * lda + vectors * lanes, mask));
            }
            top = packed;
            ld_top = height;
        }
        if (rows % lanes == 0) {
            switch (rows / lanes) {
            case 1: FN(panel)(1, false, mask, whole, k, top, ld_top, b, ldb, c + i, ldc, accumulate); break;
            case 2: FN(panel)(2, false, mask, whole, k, top, ld_top, b, ldb, c + i, ldc, accumulate); break;
#if VECTORS > 2
            case 3: FN(panel)(3, false, mask, whole, k, top, ld_top, b, ldb, c + i, ldc, accumulate); break;
            case 4: FN(panel)(4, false, mask, whole, k, top, ld_top, b, ldb, c + i, ldc, accumulate); break;
#endif
            }
        } else {
            switch (rows / lanes) {
            case 0: FN(panel)(1, true, mask, whole, k, top, ld_top, b, ldb, c + i, ldc, accumulate); break;
            case 1: FN(panel)(2, true, mask, whole, k, top, ld_top, b, ldb, c + i, ldc, accumulate); break;
#if VECTORS > 2
            case 2: FN(panel)(3, true, mask, whole, k, top, ld_top, b, ldb, c + i, ldc, accumulate); break;
            case 3: FN(panel)(4, true, mask, whole, k, top, ld_top, b, ldb, c + i, ldc, accumulate); break;
#endif
            }
        }
    }
    b += whole * ldb;
    c += whole * ldc;
    switch (rest) {
    case 1: FN(columns)(1, TALL_1, m, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 2: FN(columns)(2, TALL_2, m, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 3: FN(columns)(3, TALL_3, m, k, a, lda, b, ldb, c, ldc, accumulate); break;
#if COLUMNS > 4
    case 4: FN(columns)(4, TALL_4, m, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 5: FN(columns)(5, TALL_5, m, k, a, lda, b, ldb, c, ldc, accumulate); break;
#endif
    }
}

/* out (n, m) = transpose of in (m, n) by squares, of which the last ones of either side overlap those before them: some
 * numbers are written twice.  Lines of the cache of `out` are filled one after the other. */
static inline __attribute__((always_inline)) void
FN(turn_by)(const int square, void (*turn)(const REAL *in, int64_t ld_in, REAL *out, int64_t ld_out), int64_t m,
            int64_t n, const REAL *in, int64_t ld_in, REAL *out, int64_t ld_out)
{
    enum { line = 64 / sizeof(REAL) };
    for (int64_t first = 0; first < n; first += line) {
        const int64_t squares = (n - first < line ? n - first : line) / square * square;
        const REAL *from = in + first * ld_in;
        for (int64_t i = 0; i < m; i += square) {
            const int64_t at = i + square < m ? i : m - square;
            REAL *to = out + first + at * ld_out;
            for (int64_t j = 0; j < squares; j += square) turn(from + at + j * ld_in, ld_in, to + j, ld_out);
            if (n - first < line && squares < n - first)
                turn(in + at + (n - square) * ld_in, ld_in, out + n - square + at * ld_out, ld_out);
        }
    }
}

static void FN(turn)(int64_t m, int64_t n, const REAL *in, int64_t ld_in, REAL *out, int64_t ld_out)
{
    if (n == 1 && ld_out == 1)
        memcpy(out, in, (size_t)m * sizeof *out);
    else if (m >= FN(square) && n >= FN(square))
        FN(turn_by)(FN(square), FN(turn_square), m, n, in, ld_in, out, ld_out);
    else if (m >= FN(small_square) && n >= FN(small_square))
        FN(turn_by)(FN(small_square), FN(turn_small_square), m, n, in, ld_in, out, ld_out);
    else
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < m; i++) out[j + i * ld_out] = in[i + j * ld_in];
}

/* A few rows of C, of which a vector along m would be mostly empty: the transpose of all three is taken, C^T = B^T A^T,
 * block by block.  The chains are the same. */
static void FN(few_rows)(int64_t m, int64_t n, int64_t k, const REAL *a, int64_t lda, const REAL *b, int64_t ldb,
                         REAL *c, int64_t ldc, bool accumulate)
{
    enum { lanes = FN(lanes), wide = FN(wide), turned_k = FN(turned_k) };
    _Alignas(64) REAL turned_b[wide * turned_k], turned_a[turned_k * lanes], sum[wide * lanes];
    for (int64_t j = 0; j < n; j += wide) {
        const int64_t columns = n - j < wide ? n - j : wide;
        if (accumulate) FN(turn)(m, columns, c + j * ldc, ldc, sum, wide);
        for (int64_t p = 0; p < k; p += turned_k) {
            const int64_t terms = k - p < turned_k ? k - p : turned_k;
            FN(turn)(terms, columns, b + p + j * ldb, ldb, turned_b, wide);
            FN(turn)(m, terms, a + p * lda, lda, turned_a, turned_k);
            FN(block)(columns, m, terms, turned_b, wide, turned_a, turned_k, sum, wide, accumulate || p > 0);
        }
        FN(turn)(columns, m, sum, wide, c + j * ldc, ldc);
    }
}

static void FN(product)(const az_product *product, const void *left, const void *right, void *result)
{
    enum { lanes = FN(lanes) };
    const int64_t n = product->n, k = product->k, lda = product->lda, ldb = product->ldb, ldc = product->ldc;
    const REAL *a = left, *b = right;
    REAL *c = result;
    int64_t m = product->m, few = m % lanes;
#ifdef HALVES
    if (az_product_halves(m, lanes)) {
        FN(rows_and_half)(m, n, k, a, lda, b, ldb, c, ldc, product->accumulate);
        return;
    }
#endif
#ifdef FOUR_ROWS
    if (few == 4) {
        m -= few;
        FOUR_ROWS(n, k, a + m, lda, b, ldb, c + m, ldc, product->accumulate);
        if (m == 0) return;
        few = 0;
    }
#endif
    /* Of doubles, of which a vector has half as many, one row alone is worth the turning. */
    if (few > 0 && (sizeof(REAL) == sizeof(float) ? 2 * few <= lanes : few == 1) && n >= lanes && k >= lanes) {
        m -= few;
        FN(few_rows)(few, n, k, a + m, lda, b, ldb, c + m, ldc, product->accumulate);
        if (m == 0) return;
    }
    /* Blocks of k, so that the panel of A that all columns of B meet stays in the cache of the first level; C is
     * written and read between them, which is exact. */
    int64_t p = 0;
    do {
        const int64_t terms = n > COLUMNS && k - p > FN(block_k) ? FN(block_k) : k - p;
        FN(block)(m, n, terms, a + p * lda, lda, b + p, ldb, c, ldc, product->accumulate || p > 0);
        p += terms;
    } while (p < k);
}

static void FN(transpose)(const az_transpose *transpose, const void *in, void *out)
{
    FN(turn)(transpose->m, transpose->n, in, transpose->ld_in, out, transpose->ld_out);
}
