/* SPDX-License-Identifier: BSD-3-Clause */
/* One loop, written once, compiled for AVX-512, for AVX2 with fused multiply-add, and for any CPU.  ROWS queries times
 * all vectors of a panel stay in registers: 4 x 2 of the 32 of AVX-512 (enough additions under way to hide that each
 * waits for the one before; more rows were measured to be slower, and would be wasted on a single query), 3 x 4 of the
 * 16 of AVX2. */
#include "models/knn_kernel.h"

#define DEFINE_KERNEL(NAME, ATTRIBUTE, VECTOR, LANES, ROWS, LOAD, REPEAT, STEP, AT_MOST)                   \
    ATTRIBUTE static void NAME(const float *panel, const float *start, int64_t n_columns, const float *query, \
                               int64_t n_queries, const float *threshold, uint32_t *mask)                  \
    {                                                                                                      \
        enum { VECTORS = AZ_KNN_WIDTH / LANES };                                                           \
        for (int64_t first = 0; first < n_queries; first += ROWS) {                                        \
            VECTOR score[ROWS][VECTORS];                                                                   \
            for (int q = 0; q < ROWS; q++)                                                                 \
                for (int v = 0; v < VECTORS; v++) score[q][v] = LOAD(start + v * LANES);                   \
            for (int64_t j = 0; j < n_columns; j++) {                                                      \
                VECTOR point[VECTORS];                                                                     \
                for (int v = 0; v < VECTORS; v++) point[v] = LOAD(panel + j * AZ_KNN_WIDTH + v * LANES);   \
                for (int q = 0; q < ROWS; q++) {                                                           \
                    VECTOR value = REPEAT(query[j * AZ_KNN_HEIGHT + first + q]);                           \
                    for (int v = 0; v < VECTORS; v++) score[q][v] = STEP(score[q][v], value, point[v]);    \
                }                                                                                          \
            }                                                                                              \
            for (int q = 0; q < ROWS; q++) {                                                               \
                VECTOR limit = REPEAT(threshold[first + q]);                                               \
                uint32_t bits = 0;                                                                         \
                for (int v = 0; v < VECTORS; v++) bits |= AT_MOST(score[q][v], limit) << (v * LANES);      \
                mask[first + q] = bits;                                                                    \
            }                                                                                              \
        }                                                                                                  \
    }

typedef float float4 __attribute__((vector_size(16)));
typedef int32_t int4 __attribute__((vector_size(16)));

static inline float4 load4(const float *from)
{
    return (float4){from[0], from[1], from[2], from[3]};
}

static inline float4 repeat4(float value)
{
    return (float4){value, value, value, value};
}

static inline uint32_t at_most4(float4 score, float4 limit)
{
    int4 holds = score <= limit; /* -1 where it does */
    return (uint32_t)((holds[0] & 1) | (holds[1] & 2) | (holds[2] & 4) | (holds[3] & 8));
}

static inline float4 product4(float4 score, float4 a, float4 b)
{
    return score - a * b;
}

static inline float4 gap4(float4 score, float4 a, float4 b)
{
    return score + (float4)((int4)(a - b) & INT32_MAX);
}

DEFINE_KERNEL(euclidean_any, , float4, 4, 1, load4, repeat4, product4, at_most4)
DEFINE_KERNEL(manhattan_any, , float4, 4, 1, load4, repeat4, gap4, at_most4)

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define PRODUCT8(score, a, b) _mm256_fnmadd_ps(a, b, score)
#define GAP8(score, a, b) _mm256_add_ps(score, _mm256_andnot_ps(_mm256_set1_ps(-0.0F), _mm256_sub_ps(a, b)))
#define AT_MOST8(score, limit) ((uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(score, limit, _CMP_LE_OQ)))
DEFINE_KERNEL(euclidean_avx2, AVX2, __m256, 8, 3, _mm256_loadu_ps, _mm256_set1_ps, PRODUCT8, AT_MOST8)
DEFINE_KERNEL(manhattan_avx2, AVX2, __m256, 8, 3, _mm256_loadu_ps, _mm256_set1_ps, GAP8, AT_MOST8)

#define AVX512 __attribute__((target("avx512f")))
#define PRODUCT16(score, a, b) _mm512_fnmadd_ps(a, b, score)
#define GAP16(score, a, b) _mm512_add_ps(score, _mm512_abs_ps(_mm512_sub_ps(a, b)))
#define AT_MOST16(score, limit) ((uint32_t)_mm512_cmp_ps_mask(score, limit, _CMP_LE_OQ))
DEFINE_KERNEL(euclidean_avx512, AVX512, __m512, 16, 4, _mm512_loadu_ps, _mm512_set1_ps, PRODUCT16, AT_MOST16)
DEFINE_KERNEL(manhattan_avx512, AVX512, __m512, 16, 4, _mm512_loadu_ps, _mm512_set1_ps, GAP16, AT_MOST16)
#endif

int az_knn_kernel_list(bool manhattan, az_knn_kernel kernels[AZ_KNN_KERNELS])
{
    int n = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) kernels[n++] = manhattan ? manhattan_avx512 : euclidean_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        kernels[n++] = manhattan ? manhattan_avx2 : euclidean_avx2;
#endif
    kernels[n++] = manhattan ? manhattan_any : euclidean_any;
    return n;
}
