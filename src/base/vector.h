/* SPDX-License-Identifier: BSD-3-Clause */
/* Vectors of float and double of the instruction set that a file is compiled for, in the few words that kernels are
 * written in (`load_float`, `lanes_double`, ...): load, store, broadcast, multiply_add (fused), those of the lanes in a
 * mask alone, and the transpose of a small square.  Elsewhere than on x86-64 with AVX2 and on 64-bit ARM a vector is
 * one number. */
#ifndef AZ_BASE_VECTOR_H
#define AZ_BASE_VECTOR_H

#include <math.h>
#include <stdint.h>

/* clang-format off */
#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define AZ_VECTOR_BITS 512
#define AZ_VECTOR_OF(REAL, VECTOR, LANES, MASK, S)                                                                     \
    typedef VECTOR vector_##REAL;                                                                                      \
    typedef MASK mask_##REAL;                                                                                          \
    enum { lanes_##REAL = LANES };                                                                                     \
    static inline VECTOR load_##REAL(const REAL *x) { return _mm512_loadu_##S(x); }                                    \
    static inline void store_##REAL(REAL *x, VECTOR v) { _mm512_storeu_##S(x, v); }                                    \
    static inline MASK part_##REAL(int64_t n) { return (MASK)((1u << n) - 1); }                                        \
    static inline VECTOR load_part_##REAL(const REAL *x, MASK mask) { return _mm512_maskz_loadu_##S(mask, x); }        \
    static inline void store_part_##REAL(REAL *x, MASK mask, VECTOR v) { _mm512_mask_storeu_##S(x, mask, v); }         \
    static inline VECTOR broadcast_##REAL(REAL x) { return _mm512_set1_##S(x); }                                       \
    static inline VECTOR multiply_add_##REAL(VECTOR a, VECTOR b, VECTOR c) { return _mm512_fmadd_##S(a, b, c); }
AZ_VECTOR_OF(float, __m512, 16, __mmask16, ps)
AZ_VECTOR_OF(double, __m512d, 8, __mmask8, pd)
#else
#define AZ_VECTOR_BITS 256
#define AZ_VECTOR_OF(REAL, VECTOR, LANES, INTEGER, S, EPI, SET1, LANE_NUMBERS)                                         \
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
AZ_VECTOR_OF(float, __m256, 8, int, ps, epi32, _mm256_set1_epi32, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
AZ_VECTOR_OF(double, __m256d, 4, long long, pd, epi64, _mm256_set1_epi64x, _mm256_setr_epi64x(0, 1, 2, 3))
#endif
/* clang-format on */

enum { square_float = 8, small_square_float = 4, square_double = 4, small_square_double = 4 };

/* Halves of a column and of the column four further on share a register, so that two rounds of shuffles within halves
 * do, in place of three with the last one across them (Intel 64 and IA-32 Optimization Reference Manual, 15.11). */
static inline void turn_square_float(const float *in, int64_t ld_in, float *out, int64_t ld_out)
{
    __m256 x[8], y[8];
#pragma GCC unroll 8
    for (int j = 0; j < 8; j++) {
        const float *low = in + (j % 4) * ld_in + (j / 4) * 4;
        x[j] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(low + 4 * ld_in), 1);
    }
#pragma GCC unroll 2
    for (int h = 0; h < 8; h += 4) {
        y[h] = _mm256_unpacklo_ps(x[h], x[h + 1]);
        y[h + 1] = _mm256_unpackhi_ps(x[h], x[h + 1]);
        y[h + 2] = _mm256_unpacklo_ps(x[h + 2], x[h + 3]);
        y[h + 3] = _mm256_unpackhi_ps(x[h + 2], x[h + 3]);
        _mm256_storeu_ps(out + h * ld_out, _mm256_shuffle_ps(y[h], y[h + 2], 0x44));
        _mm256_storeu_ps(out + (h + 1) * ld_out, _mm256_shuffle_ps(y[h], y[h + 2], 0xee));
        _mm256_storeu_ps(out + (h + 2) * ld_out, _mm256_shuffle_ps(y[h + 1], y[h + 3], 0x44));
        _mm256_storeu_ps(out + (h + 3) * ld_out, _mm256_shuffle_ps(y[h + 1], y[h + 3], 0xee));
    }
}

static inline void turn_small_square_float(const float *in, int64_t ld_in, float *out, int64_t ld_out)
{
    __m128 x[4];
    for (int j = 0; j < 4; j++) x[j] = _mm_loadu_ps(in + j * ld_in);
    _MM_TRANSPOSE4_PS(x[0], x[1], x[2], x[3]);
    for (int j = 0; j < 4; j++) _mm_storeu_ps(out + j * ld_out, x[j]);
}

static inline void turn_square_double(const double *in, int64_t ld_in, double *out, int64_t ld_out)
{
    __m256d x[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
        const double *low = in + (j % 2) * ld_in + (j / 2) * 2;
        x[j] = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(low)), _mm_loadu_pd(low + 2 * ld_in), 1);
    }
#pragma GCC unroll 2
    for (int h = 0; h < 4; h += 2) {
        _mm256_storeu_pd(out + h * ld_out, _mm256_unpacklo_pd(x[h], x[h + 1]));
        _mm256_storeu_pd(out + (h + 1) * ld_out, _mm256_unpackhi_pd(x[h], x[h + 1]));
    }
}

#elif defined(__aarch64__)
#include <arm_neon.h>
#define AZ_VECTOR_BITS 128
/* clang-format off */
#define AZ_VECTOR_OF(REAL, VECTOR, LANES, S)                                                                           \
    typedef VECTOR vector_##REAL;                                                                                      \
    typedef int mask_##REAL;                                                                                           \
    enum { lanes_##REAL = LANES, square_##REAL = 4, small_square_##REAL = 4 };                                         \
    static inline VECTOR load_##REAL(const REAL *x) { return vld1q_##S(x); }                                           \
    static inline void store_##REAL(REAL *x, VECTOR v) { vst1q_##S(x, v); }                                            \
    static inline int part_##REAL(int64_t n) { return (int)n; }                                                        \
    static inline VECTOR load_part_##REAL(const REAL *x, int n)                                                        \
    {                                                                                                                  \
        REAL all[LANES] = {0};                                                                                         \
        for (int i = 0; i < n; i++) all[i] = x[i];                                                                     \
        return vld1q_##S(all);                                                                                         \
    }                                                                                                                  \
    static inline void store_part_##REAL(REAL *x, int n, VECTOR v)                                                     \
    {                                                                                                                  \
        REAL all[LANES];                                                                                               \
        vst1q_##S(all, v);                                                                                             \
        for (int i = 0; i < n; i++) x[i] = all[i];                                                                     \
    }                                                                                                                  \
    static inline VECTOR broadcast_##REAL(REAL x) { return vdupq_n_##S(x); }                                           \
    static inline VECTOR multiply_add_##REAL(VECTOR a, VECTOR b, VECTOR c) { return vfmaq_##S(c, a, b); }
AZ_VECTOR_OF(float, float32x4_t, 4, f32)
AZ_VECTOR_OF(double, float64x2_t, 2, f64)
/* clang-format on */
#else
#define AZ_VECTOR_BITS 0
/* clang-format off */
#define AZ_VECTOR_OF(REAL, FMA)                                                                                        \
    typedef REAL vector_##REAL;                                                                                        \
    typedef int mask_##REAL;                                                                                           \
    enum { lanes_##REAL = 1, square_##REAL = 4, small_square_##REAL = 4 };                                             \
    static inline REAL load_##REAL(const REAL *x) { return *x; }                                                       \
    static inline void store_##REAL(REAL *x, REAL v) { *x = v; }                                                       \
    static inline int part_##REAL(int64_t n) { return n > 0; }                                                         \
    static inline REAL load_part_##REAL(const REAL *x, int mask) { return mask ? *x : 0; }                             \
    static inline void store_part_##REAL(REAL *x, int mask, REAL v) { if (mask) *x = v; }                              \
    static inline REAL broadcast_##REAL(REAL x) { return x; }                                                          \
    static inline REAL multiply_add_##REAL(REAL a, REAL b, REAL c) { return FMA(a, b, c); }
AZ_VECTOR_OF(float, fmaf)
AZ_VECTOR_OF(double, fma)
/* clang-format on */
#endif

#if AZ_VECTOR_BITS < 256
/* Compilers make of this what the CPU has. */
static inline void turn_square_float(const float *in, int64_t ld_in, float *out, int64_t ld_out)
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) out[j + i * ld_out] = in[i + j * ld_in];
}

static inline void turn_square_double(const double *in, int64_t ld_in, double *out, int64_t ld_out)
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) out[j + i * ld_out] = in[i + j * ld_in];
}

static inline void turn_small_square_float(const float *in, int64_t ld_in, float *out, int64_t ld_out)
{
    turn_square_float(in, ld_in, out, ld_out);
}
#endif

static inline void turn_small_square_double(const double *in, int64_t ld_in, double *out, int64_t ld_out)
{
    turn_square_double(in, ld_in, out, ld_out);
}

#endif
