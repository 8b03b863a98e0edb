/* SPDX-License-Identifier: BSD-3-Clause */
/* The plain kernels: vectors of the instruction set in the few words that product_kernels.tmpl.h is written in. */
#include "base/product_kernels.h"

#include <math.h>

/* clang-format off */
/* load, store, broadcast, fused multiply-add; load_part and store_part touch the lanes of a mask alone. */
#if defined(__AVX512F__)
#include <immintrin.h>
#define VECTORS 4 /* of rows and columns in a tile, so that its sums fill the registers */
#define COLUMNS 6
#define DEFINE_VECTOR(REAL, VECTOR, LANES, MASK, S)                                                                    \
    typedef VECTOR vector_##REAL;                                                                                      \
    typedef MASK mask_##REAL;                                                                                          \
    enum { lanes_##REAL = LANES };                                                                                     \
    static inline VECTOR load_##REAL(const REAL *x)                                                                    \
    {                                                                                                                  \
        return _mm512_loadu_##S(x);                                                                                    \
    }                                                                                                                  \
    static inline void store_##REAL(REAL *x, VECTOR v)                                                                 \
    {                                                                                                                  \
        _mm512_storeu_##S(x, v);                                                                                       \
    }                                                                                                                  \
    static inline MASK part_##REAL(int64_t n)                                                                          \
    {                                                                                                                  \
        return (MASK)((1u << n) - 1);                                                                                  \
    }                                                                                                                  \
    static inline VECTOR load_part_##REAL(const REAL *x, MASK mask)                                                    \
    {                                                                                                                  \
        return _mm512_maskz_loadu_##S(mask, x);                                                                        \
    }                                                                                                                  \
    static inline void store_part_##REAL(REAL *x, MASK mask, VECTOR v)                                                 \
    {                                                                                                                  \
        _mm512_mask_storeu_##S(x, mask, v);                                                                            \
    }                                                                                                                  \
    static inline VECTOR broadcast_##REAL(REAL x)                                                                      \
    {                                                                                                                  \
        return _mm512_set1_##S(x);                                                                                     \
    }                                                                                                                  \
    static inline VECTOR multiply_add_##REAL(VECTOR a, VECTOR b, VECTOR c)                                             \
    {                                                                                                                  \
        return _mm512_fmadd_##S(a, b, c);                                                                              \
    }
DEFINE_VECTOR(float, __m512, 16, __mmask16, ps)
DEFINE_VECTOR(double, __m512d, 8, __mmask8, pd)
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define VECTORS 2
#define COLUMNS 6
#define DEFINE_VECTOR(REAL, VECTOR, LANES, INTEGER, S, EPI, SET1, LANE_NUMBERS)                                        \
    typedef VECTOR vector_##REAL;                                                                                      \
    typedef __m256i mask_##REAL;                                                                                       \
    enum { lanes_##REAL = LANES };                                                                                     \
    static inline VECTOR load_##REAL(const REAL *x) { return _mm256_loadu_##S(x); }                                    \
    static inline void store_##REAL(REAL *x, VECTOR v) { _mm256_storeu_##S(x, v); }                                    \
    static inline __m256i part_##REAL(int64_t n) { return _mm256_cmpgt_##EPI(SET1((INTEGER)n), LANE_NUMBERS); }        \
    static inline VECTOR load_part_##REAL(const REAL *x, __m256i mask) { return _mm256_maskload_##S(x, mask); }        \
    static inline void store_part_##REAL(REAL *x, __m256i mask, VECTOR v) { _mm256_maskstore_##S(x, mask, v); }        \
    static inline VECTOR broadcast_##REAL(REAL x) { return _mm256_set1_##S(x); }                                       \
    static inline VECTOR multiply_add_##REAL(VECTOR a, VECTOR b, VECTOR c) { return _mm256_fmadd_##S(a, b, c); }
DEFINE_VECTOR(float, __m256, 8, int, ps, epi32, _mm256_set1_epi32, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
DEFINE_VECTOR(double, __m256d, 4, long long, pd, epi64, _mm256_set1_epi64x, _mm256_setr_epi64x(0, 1, 2, 3))
#else
#define VECTORS 4
#define COLUMNS 4
#define DEFINE_VECTOR(REAL, FMA)                                                                                       \
    typedef REAL vector_##REAL;                                                                                        \
    typedef int mask_##REAL;                                                                                           \
    enum { lanes_##REAL = 1 };                                                                                         \
    static inline REAL load_##REAL(const REAL *x)                                                                      \
    {                                                                                                                  \
        return *x;                                                                                                     \
    }                                                                                                                  \
    static inline void store_##REAL(REAL *x, REAL v)                                                                   \
    {                                                                                                                  \
        *x = v;                                                                                                        \
    }                                                                                                                  \
    static inline int part_##REAL(int64_t n)                                                                           \
    {                                                                                                                  \
        return n > 0;                                                                                                  \
    }                                                                                                                  \
    static inline REAL load_part_##REAL(const REAL *x, int mask)                                                       \
    {                                                                                                                  \
        return mask ? *x : 0;                                                                                          \
    }                                                                                                                  \
    static inline void store_part_##REAL(REAL *x, int mask, REAL v)                                                    \
    {                                                                                                                  \
        if (mask) *x = v;                                                                                              \
    }                                                                                                                  \
    static inline REAL broadcast_##REAL(REAL x)                                                                        \
    {                                                                                                                  \
        return x;                                                                                                      \
    }                                                                                                                  \
    static inline REAL multiply_add_##REAL(REAL a, REAL b, REAL c)                                                     \
    {                                                                                                                  \
        return FMA(a, b, c);                                                                                           \
    }
DEFINE_VECTOR(float, fmaf)
DEFINE_VECTOR(double, fma)
#endif

#define REAL     float
#define FN(name) name##_float
#include "base/product_kernels.tmpl.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_double
#include "base/product_kernels.tmpl.h"

const az_product_kernels AZ_ISA_NAME(az_product_kernels) = {
    .product = {product_float, product_double},
    .transpose = {transpose_float, transpose_double},
};
