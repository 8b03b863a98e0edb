/* SPDX-License-Identifier: BSD-3-Clause */
/* The limit that doctor holds the matrix product against.  A fused multiply-add has a latency of about four cycles and
 * two start in each: more than eight independent chains keep the units busy.  The clock moves with the load, so the
 * best of several short runs counts. */
#include "peak.h"

#include "base/control.h"

#include <math.h>
#include <stdint.h>

#define N_CHAINS 12
#define N_RUNS   8
#define N_STEPS  ((int64_t)2000000)

#define PEAK_LOOP(vector, lanes, set1, fmadd)                                                              \
    vector chain[N_CHAINS], factor = set1(0.999999), shift = set1(1e-6);                                   \
    for (int c = 0; c < N_CHAINS; c++) chain[c] = set1(1.0 + 0.01 * c);                                    \
    for (int64_t step = 0; step < N_STEPS; step++) {                                                       \
        _Pragma("GCC unroll 12") for (int c = 0; c < N_CHAINS; c++) chain[c] = fmadd(chain[c], factor, shift); \
    }                                                                                                      \
    double sum = 0;                                                                                        \
    for (int c = 0; c < N_CHAINS; c++)                                                                     \
        for (int l = 0; l < (lanes); l++) sum += ((const double *)&chain[c])[l];                           \
    return sum

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f"))) static double loop_avx512(void)
{
    PEAK_LOOP(__m512d, 8, _mm512_set1_pd, _mm512_fmadd_pd);
}

__attribute__((target("avx2,fma"))) static double loop_avx2(void)
{
    PEAK_LOOP(__m256d, 4, _mm256_set1_pd, _mm256_fmadd_pd);
}

static __m128d multiply_add(__m128d a, __m128d b, __m128d c)
{
    return _mm_add_pd(_mm_mul_pd(a, b), c);
}

static double loop_plain(void)
{
    PEAK_LOOP(__m128d, 2, _mm_set1_pd, multiply_add);
}

static double (*widest(int *lanes, const char **how))(void)
{
    if (__builtin_cpu_supports("avx512f")) {
        *lanes = 8;
        *how = "AVX-512 fused multiply-adds";
        return loop_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        *lanes = 4;
        *how = "AVX2 fused multiply-adds";
        return loop_avx2;
    }
    *lanes = 2;
    *how = "SSE2 products and sums";
    return loop_plain;
}

const char *cli_instruction_sets(void)
{
    if (__builtin_cpu_supports("avx512f")) return "SSE2 AVX AVX2 FMA AVX-512";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "SSE2 AVX AVX2 FMA";
    return __builtin_cpu_supports("avx") ? "SSE2 AVX" : "SSE2";
}
#else
static double identity(double x)
{
    return x;
}

static double loop_plain(void)
{
    PEAK_LOOP(double, 1, identity, fma);
}

static double (*widest(int *lanes, const char **how))(void)
{
    *lanes = 1;
    *how = "scalar fused multiply-adds";
    return loop_plain;
}

const char *cli_instruction_sets(void)
{
    return "not known for this kind of CPU";
}
#endif

double cli_peak_flops(const char **how)
{
    int lanes;
    double (*loop)(void) = widest(&lanes, how), best = INFINITY;
    volatile double sink = 0;
    for (int run = 0; run < N_RUNS; run++) {
        double start = az_seconds();
        sink = sink + loop();
        best = fmin(best, az_seconds() - start);
    }
    return 2.0 * N_CHAINS * lanes * (double)N_STEPS / best;
}
