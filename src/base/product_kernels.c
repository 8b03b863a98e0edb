/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/product_kernels.h"
#include "base/vector.h"

#include <string.h>

/* The size of a tile, VECTORS of rows by COLUMNS, such that its sums and what they need fill the registers; where fewer
 * columns are left, TALL vectors. */
#if AZ_VECTOR_BITS == 512 /* 32 registers */
#define VECTORS 4
#define COLUMNS 6
#define TALL_1  8
#define TALL_2  8
#define TALL_3  4
#define TALL_4  4
#define TALL_5  4
#elif AZ_VECTOR_BITS == 256 /* 16 registers */
#define VECTORS 2
#define COLUMNS 6
#define TALL_1  8
#define TALL_2  4
#define TALL_3  4
#define TALL_4  3
#define TALL_5  2
#elif AZ_VECTOR_BITS == 128 /* 32 registers */
#define VECTORS 4
#define COLUMNS 6
#define TALL_1  8
#define TALL_2  8
#define TALL_3  4
#define TALL_4  4
#define TALL_5  4
#else
#define VECTORS 4
#define COLUMNS 4
#define TALL_1  4
#define TALL_2  4
#define TALL_3  4
#endif

/* A panel of A with all terms of a block fills a cache of the first level. */
#define BLOCK_BYTES 32768
/* Where many columns of B meet the panel, and its own columns lie so far apart that they fall into the same few sets of
 * the cache, it is copied to where they lie one after the other. */
#define PACK_COLUMNS 128
#define PACK_BYTES   2048

#if AZ_VECTOR_BITS == 512
/* Four rows of C, of which layers of 4, 20, 36, ... units have some: three quarters of a whole vector would be empty,
 * and two vectors of four take the time of one of sixteen, or less. */
static inline __attribute__((always_inline)) void four_rows_of(const int n_columns, int64_t k, const float *a,
                                                               int64_t lda, const float *b, int64_t ldb, float *c,
                                                               int64_t ldc, bool accumulate)
{
    __m128 sum[10];
#pragma GCC unroll 10
    for (int j = 0; j < n_columns; j++) sum[j] = accumulate ? _mm_loadu_ps(c + j * ldc) : _mm_setzero_ps();
    for (int64_t p = 0; p < k; p++, a += lda, b++) {
        const __m128 x = _mm_loadu_ps(a);
#pragma GCC unroll 10
        for (int j = 0; j < n_columns; j++) sum[j] = _mm_fmadd_ps(x, _mm_set1_ps(b[j * ldb]), sum[j]);
    }
#pragma GCC unroll 10
    for (int j = 0; j < n_columns; j++) _mm_storeu_ps(c + j * ldc, sum[j]);
}

static void four_rows(int64_t n, int64_t k, const float *a, int64_t lda, const float *b, int64_t ldb, float *c,
                      int64_t ldc, bool accumulate)
{
    for (; n >= 10; n -= 10, b += 10 * ldb, c += 10 * ldc) four_rows_of(10, k, a, lda, b, ldb, c, ldc, accumulate);
    for (; n >= 4; n -= 4, b += 4 * ldb, c += 4 * ldc) four_rows_of(4, k, a, lda, b, ldb, c, ldc, accumulate);
    for (; n > 0; n--, b += ldb, c += ldc) four_rows_of(1, k, a, lda, b, ldb, c, ldc, accumulate);
}
#define FOUR_ROWS four_rows
#endif

#if AZ_VECTOR_BITS == 512
/* Half vectors, whose multiply-adds take half the time; of a quarter the upper part is empty. */
#define HALF_OF(REAL, HALF, VECTOR, S)                                                                                 \
    typedef HALF half_##REAL;                                                                                          \
    static inline HALF load_half_##REAL(const REAL *x, bool quarter)                                                   \
    {                                                                                                                  \
        return quarter ? _mm256_cast##S##128_##S##256(_mm_loadu_##S(x)) : _mm256_loadu_##S(x);                         \
    }                                                                                                                  \
    static inline void store_half_##REAL(REAL *x, bool quarter, HALF v)                                                \
    {                                                                                                                  \
        if (quarter)                                                                                                   \
            _mm_storeu_##S(x, _mm256_cast##S##256_##S##128(v));                                                        \
        else                                                                                                           \
            _mm256_storeu_##S(x, v);                                                                                   \
    }                                                                                                                  \
    static inline HALF half_of_##REAL(VECTOR v)                                                                        \
    {                                                                                                                  \
        return _mm512_cast##S##512_##S##256(v);                                                                        \
    }                                                                                                                  \
    static inline HALF broadcast_half_##REAL(REAL x)                                                                   \
    {                                                                                                                  \
        return _mm256_set1_##S(x);                                                                                     \
    }                                                                                                                  \
    static inline HALF multiply_add_half_##REAL(HALF a, HALF b, HALF c)                                                \
    {                                                                                                                  \
        return _mm256_fmadd_##S(a, b, c);                                                                              \
    }
HALF_OF(float, __m256, __m512, ps)
HALF_OF(double, __m256d, __m512d, pd)
#define HALVES
#endif

#define REAL     float
#define FN(name) name##_float
#include "base/product_kernels.tmpl.h"
#undef FOUR_ROWS
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_double
#include "base/product_kernels.tmpl.h"

const az_product_kernels AZ_ISA_NAME(az_product_kernels) = {
    .product = {product_float, product_double},
    .transpose = {transpose_float, transpose_double},
};
