/* SPDX-License-Identifier: BSD-3-Clause */
/* Product and transposition for REAL; FN(name) is the name of a function of this type, VECTORS and COLUMNS the size of
 * a tile of C whose sums stay in registers.  Vectors run along m, down the columns of A and C. */

/* One tile of C: n_vectors (the last one of the lanes in mask alone, where `part`) by n_columns, all three constants
 * where it is called, so that the loops over them vanish. */
static inline __attribute__((always_inline)) void FN(tile)(const int n_vectors, const int n_columns, const bool part,
                                                           FN(mask) mask, int64_t k, const REAL *a, int64_t lda,
                                                           const REAL *b, int64_t ldb, REAL *c, int64_t ldc,
                                                           bool accumulate)
{
    enum { lanes = FN(lanes) };
    FN(vector) sum[VECTORS][COLUMNS], x[VECTORS];
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
#pragma GCC unroll 8
        for (int i = 0; i < n_vectors; i++)
            x[i] = part && i == n_vectors - 1 ? FN(load_part)(a + i * lanes, mask) : FN(load)(a + i * lanes);
#pragma GCC unroll 8
        for (int j = 0; j < n_columns; j++) {
            const FN(vector) y = FN(broadcast)(b[j * ldb]);
#pragma GCC unroll 8
            for (int i = 0; i < n_vectors; i++) sum[i][j] = FN(multiply_add)(x[i], y, sum[i][j]);
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

/* All n columns of some vectors of rows. */
static inline __attribute__((always_inline)) void FN(panel)(const int n_vectors, const bool part, FN(mask) mask,
                                                            int64_t n, int64_t k, const REAL *a, int64_t lda,
                                                            const REAL *b, int64_t ldb, REAL *c, int64_t ldc,
                                                            bool accumulate)
{
    for (; n >= COLUMNS; n -= COLUMNS, b += COLUMNS * ldb, c += COLUMNS * ldc)
        FN(tile)(n_vectors, COLUMNS, part, mask, k, a, lda, b, ldb, c, ldc, accumulate);
    switch (n) {
    case 1: FN(tile)(n_vectors, 1, part, mask, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 2: FN(tile)(n_vectors, 2, part, mask, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 3: FN(tile)(n_vectors, 3, part, mask, k, a, lda, b, ldb, c, ldc, accumulate); break;
#if COLUMNS > 4
    case 4: FN(tile)(n_vectors, 4, part, mask, k, a, lda, b, ldb, c, ldc, accumulate); break;
    case 5: FN(tile)(n_vectors, 5, part, mask, k, a, lda, b, ldb, c, ldc, accumulate); break;
#endif
    }
}

static void FN(product)(const az_product *product, const void *left, const void *right, void *result)
{
    enum { lanes = FN(lanes), block_k = 64 * (4 / VECTORS) };
    const int64_t m = product->m, n = product->n, lda = product->lda, ldb = product->ldb, ldc = product->ldc;
    bool accumulate = product->accumulate;
    int64_t p = 0;
    /* Blocks of k, so that the panel of A that all columns of B meet stays in the cache of the first level; C is
     * written and read between them, which is exact. */
    do {
        const int64_t k = n > COLUMNS && product->k - p > block_k ? block_k : product->k - p;
        const REAL *b = (const REAL *)right + p;
        for (int64_t i = 0; i < m; i += VECTORS * lanes) {
            const REAL *a = (const REAL *)left + p * lda + i;
            REAL *c = (REAL *)result + i;
            const int64_t rows = m - i < VECTORS * lanes ? m - i : VECTORS * lanes;
            const FN(mask) mask = FN(part)(rows % lanes);
            if (rows % lanes == 0) {
                switch (rows / lanes) {
                case 1: FN(panel)(1, false, mask, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
                case 2: FN(panel)(2, false, mask, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
#if VECTORS > 2
                case 3: FN(panel)(3, false, mask, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
                case 4: FN(panel)(4, false, mask, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
#endif
                }
            } else {
                switch (rows / lanes) {
                case 0: FN(panel)(1, true, mask, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
                case 1: FN(panel)(2, true, mask, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
#if VECTORS > 2
                case 2: FN(panel)(3, true, mask, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
                case 3: FN(panel)(4, true, mask, n, k, a, lda, b, ldb, c, ldc, accumulate); break;
#endif
                }
            }
        }
        accumulate = true;
        p += k;
    } while (p < product->k);
}

static void FN(transpose)(const az_transpose *transpose, const void *source, void *target)
{
    enum { block = 16 }; /* a line of the cache of floats each way */
    const REAL *in = source;
    REAL *out = target;
    const int64_t m = transpose->m, n = transpose->n, ld_in = transpose->ld_in, ld_out = transpose->ld_out;
    for (int64_t j0 = 0; j0 < n; j0 += block)
        for (int64_t i0 = 0; i0 < m; i0 += block) {
            const int64_t i1 = i0 + block < m ? i0 + block : m, j1 = j0 + block < n ? j0 + block : n;
            for (int64_t i = i0; i < i1; i++)
                for (int64_t j = j0; j < j1; j++) out[i * ld_out + j] = in[j * ld_in + i];
        }
}
