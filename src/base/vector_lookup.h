/* SPDX-License-Identifier: BSD-3-Clause */
/* Words besides those of base/vector.h, for functions in pieces (base/math_table.tmpl.h):
 *
 *   index_float            the numbers of pieces, made by piece_float(u) of the last four bits of exponent and first
 * two digits together lookup_float(t, i)     t[i] of a table of 16 numbers no_more_float(a, m)    a, or m where a > m;
 * NaN stays size_float(a)          |a| sign_of_float(a, b)    a >= 0 with the sign of b below_float(u, m, a, b)  a
 * where u < m, else b
 *
 * With AVX-512 a row is one or two registers that one instruction looks up in; with AVX2 a row of floats is two.  Other
 * tables of doubles lie by piece (AZ_DOUBLES_BY_PIECE), and what one lane needs is loaded two numbers at a time. */
#ifndef AZ_BASE_VECTOR_LOOKUP_H
#define AZ_BASE_VECTOR_LOOKUP_H

#include "base/vector.h"

#include <string.h>

#if AZ_VECTOR_BITS == 512
#define AZ_LOOKUP_OF(REAL, VECTOR, S, EPI, BITS, MASK, TO_INTEGER, TO_REAL, SIGN)                                      \
    typedef __m512i index_##REAL;                                                                                      \
    static inline __m512i piece_##REAL(VECTOR u)                                                                       \
    {                                                                                                                  \
        return _mm512_srli_##EPI(TO_INTEGER(u), BITS);                                                                 \
    }                                                                                                                  \
    static inline VECTOR no_more_##REAL(VECTOR a, REAL most)                                                           \
    {                                                                                                                  \
        return _mm512_min_##S(_mm512_set1_##S(most), a);                                                               \
    }                                                                                                                  \
    static inline VECTOR size_##REAL(VECTOR a)                                                                         \
    {                                                                                                                  \
        return _mm512_abs_##S(a);                                                                                      \
    }                                                                                                                  \
    static inline VECTOR sign_of_##REAL(VECTOR a, VECTOR b)                                                            \
    {                                                                                                                  \
        return TO_REAL(_mm512_ternarylogic_##EPI(TO_INTEGER(a), TO_INTEGER(b), SIGN, 0xf8));                           \
    }                                                                                                                  \
    static inline VECTOR below_##REAL(VECTOR u, REAL most, VECTOR a, VECTOR b)                                         \
    {                                                                                                                  \
        return _mm512_mask_mov_##S(b, _mm512_cmp_##S##_mask(u, _mm512_set1_##S(most), _CMP_LT_OQ), a);                 \
    }
/* clang-format off */
AZ_LOOKUP_OF(float, __m512, ps, epi32, 21, __mmask16, _mm512_castps_si512, _mm512_castsi512_ps,
             _mm512_set1_epi32(INT32_MIN))
AZ_LOOKUP_OF(double, __m512d, pd, epi64, 50, __mmask8, _mm512_castpd_si512, _mm512_castsi512_pd,
             _mm512_set1_epi64(INT64_MIN))
/* clang-format on */
#define AZ_DOUBLES_BY_PIECE 0
static inline __m512 lookup_float(const float *table, int n_rows, int row, __m512i i)
{
    (void)n_rows;
    return _mm512_permutexvar_ps(i, _mm512_loadu_ps(table + row * 16));
}
static inline __m512d lookup_double(const double *table, int n_rows, int row, __m512i i)
{
    (void)n_rows;
    return _mm512_permutex2var_pd(_mm512_loadu_pd(table + row * 16), i, _mm512_loadu_pd(table + row * 16 + 8));
}

#else
#define AZ_DOUBLES_BY_PIECE 1
#if AZ_VECTOR_BITS == 256
#define AZ_LOOKUP_OF(REAL, VECTOR, S)                                                                                  \
    static inline VECTOR no_more_##REAL(VECTOR a, REAL most)                                                           \
    {                                                                                                                  \
        return _mm256_min_##S(_mm256_set1_##S(most), a);                                                               \
    }                                                                                                                  \
    static inline VECTOR size_##REAL(VECTOR a)                                                                         \
    {                                                                                                                  \
        return _mm256_andnot_##S(_mm256_set1_##S(-(REAL)0), a);                                                        \
    }                                                                                                                  \
    static inline VECTOR sign_of_##REAL(VECTOR a, VECTOR b)                                                            \
    {                                                                                                                  \
        return _mm256_or_##S(a, _mm256_and_##S(_mm256_set1_##S(-(REAL)0), b));                                         \
    }                                                                                                                  \
    static inline VECTOR below_##REAL(VECTOR u, REAL most, VECTOR a, VECTOR b)                                         \
    {                                                                                                                  \
        return _mm256_blendv_##S(b, a, _mm256_cmp_##S(u, _mm256_set1_##S(most), _CMP_LT_OQ));                          \
    }
AZ_LOOKUP_OF(float, __m256, ps)
AZ_LOOKUP_OF(double, __m256d, pd)
typedef __m256i index_float;
static inline __m256i piece_float(__m256 u)
{
    return _mm256_srli_epi32(_mm256_castps_si256(u), 21);
}
static inline __m256 lookup_float(const float *table, int n_rows, int row, __m256i i)
{
    (void)n_rows;
    const __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table + row * 16), i);
    const __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table + row * 16 + 8), i);
    return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(i, 28)));
}
#elif AZ_VECTOR_BITS == 128
#define AZ_LOOKUP_OF(REAL, VECTOR, S, U)                                                                               \
    static inline VECTOR no_more_##REAL(VECTOR a, REAL most)                                                           \
    {                                                                                                                  \
        const VECTOR m = vdupq_n_##S(most);                                                                            \
        return vbslq_##S(vcgtq_##S(a, m), m, a);                                                                       \
    }                                                                                                                  \
    static inline VECTOR size_##REAL(VECTOR a)                                                                         \
    {                                                                                                                  \
        return vabsq_##S(a);                                                                                           \
    }                                                                                                                  \
    static inline VECTOR sign_of_##REAL(VECTOR a, VECTOR b)                                                            \
    {                                                                                                                  \
        return vbslq_##S(vreinterpretq_##U##_##S(vdupq_n_##S(-(REAL)0)), b, a);                                        \
    }                                                                                                                  \
    static inline VECTOR below_##REAL(VECTOR u, REAL most, VECTOR a, VECTOR b)                                         \
    {                                                                                                                  \
        return vbslq_##S(vcltq_##S(u, vdupq_n_##S(most)), a, b);                                                       \
    }
AZ_LOOKUP_OF(float, float32x4_t, f32, u32)
AZ_LOOKUP_OF(double, float64x2_t, f64, u64)
#else
#define AZ_LOOKUP_OF(REAL, SIZE, SIGN)                                                                                 \
    static inline REAL no_more_##REAL(REAL a, REAL most)                                                               \
    {                                                                                                                  \
        return a > most ? most : a;                                                                                    \
    }                                                                                                                  \
    static inline REAL size_##REAL(REAL a)                                                                             \
    {                                                                                                                  \
        return SIZE(a);                                                                                                \
    }                                                                                                                  \
    static inline REAL sign_of_##REAL(REAL a, REAL b)                                                                  \
    {                                                                                                                  \
        return SIGN(a, b);                                                                                             \
    }                                                                                                                  \
    static inline REAL below_##REAL(REAL u, REAL most, REAL a, REAL b)                                                 \
    {                                                                                                                  \
        return u < most ? a : b;                                                                                       \
    }
AZ_LOOKUP_OF(float, __builtin_fabsf, __builtin_copysignf)
AZ_LOOKUP_OF(double, __builtin_fabs, __builtin_copysign)
#endif

/* Lanes one by one. */
#define AZ_PIECES_BY_LANE(REAL, WORD, BITS)                                                                            \
    typedef struct {                                                                                                   \
        WORD lane[lanes_##REAL];                                                                                       \
    } index_##REAL;                                                                                                    \
    static inline index_##REAL piece_##REAL(vector_##REAL u)                                                           \
    {                                                                                                                  \
        index_##REAL i;                                                                                                \
        memcpy(i.lane, &u, sizeof i.lane);                                                                             \
        for (int k = 0; k < lanes_##REAL; k++) i.lane[k] = i.lane[k] >> BITS & 15;                                     \
        return i;                                                                                                      \
    }
AZ_PIECES_BY_LANE(double, uint64_t, 50)
#if AZ_VECTOR_BITS == 256
static inline __m256d lookup_double(const double *table, int n_rows, int row, index_double i)
{
    const double *pair[4];
    for (int k = 0; k < 4; k++) pair[k] = table + i.lane[k] * (uint64_t)n_rows + (row & ~1);
    const __m256d a = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(pair[0])), _mm_loadu_pd(pair[2]), 1);
    const __m256d b = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(pair[1])), _mm_loadu_pd(pair[3]), 1);
    return row & 1 ? _mm256_unpackhi_pd(a, b) : _mm256_unpacklo_pd(a, b);
}
#else
AZ_PIECES_BY_LANE(float, uint32_t, 21)
#if AZ_VECTOR_BITS == 128
static inline float32x4_t lookup_float(const float *table, int n_rows, int row, index_float i)
{
    const float *t = table + row * 16;
    (void)n_rows;
    return (float32x4_t){t[i.lane[0]], t[i.lane[1]], t[i.lane[2]], t[i.lane[3]]};
}
static inline float64x2_t lookup_double(const double *table, int n_rows, int row, index_double i)
{
    const float64x2_t a = vld1q_f64(table + i.lane[0] * (uint64_t)n_rows + (row & ~1));
    const float64x2_t b = vld1q_f64(table + i.lane[1] * (uint64_t)n_rows + (row & ~1));
    return row & 1 ? vzip2q_f64(a, b) : vzip1q_f64(a, b);
}
#else
static inline float lookup_float(const float *table, int n_rows, int row, index_float i)
{
    (void)n_rows;
    return table[(uint32_t)row * 16 + i.lane[0]];
}
static inline double lookup_double(const double *table, int n_rows, int row, index_double i)
{
    return table[i.lane[0] * (uint64_t)n_rows + (uint64_t)row];
}
#endif
#endif
#undef AZ_PIECES_BY_LANE
#endif
#undef AZ_LOOKUP_OF

#endif
