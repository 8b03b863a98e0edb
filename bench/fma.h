/* SPDX-License-Identifier: BSD-3-Clause */
/* The rate of fused multiply-adds of one core: what no product of matrices can pass. */
#ifndef BENCH_FMA_H
#define BENCH_FMA_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
/* Ten independent sums: enough to fill the pipelines of any CPU of today.  In assembler, since compilers spill the sums
 * of such a loop to memory.  What a sum begins with is no other operand, whose register it would share. */
#define FMA_CHAIN(to) "vfmadd213p" FMA_SUFFIX " %12, %11, %" #to "\n\t"
#define FMA_RATE(name, real, lanes, extension)                                                                         \
    __attribute__((target(extension), noinline)) static double name(void)                                              \
    {                                                                                                                  \
        typedef real vector __attribute__((vector_size(lanes * sizeof(real))));                                        \
        enum { SUMS = 10, TURNS = 100000 };                                                                            \
        vector a = {2}, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, factor = a - a, term = {1};     \
        struct timespec start, end;                                                                                    \
        int64_t turns = TURNS;                                                                                         \
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);                                                                \
        __asm__ volatile("1:\n\t" FMA_CHAIN(0) FMA_CHAIN(1) FMA_CHAIN(2) FMA_CHAIN(3) FMA_CHAIN(4) FMA_CHAIN(5)        \
                             FMA_CHAIN(6) FMA_CHAIN(7) FMA_CHAIN(8) FMA_CHAIN(9) "dec %10\n\tjnz 1b"                   \
                         : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f), "+v"(g), "+v"(h), "+v"(i), "+v"(j),   \
                           "+r"(turns)                                                                                 \
                         : "v"(factor), "v"(term)                                                                      \
                         : "cc");                                                                                      \
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);                                                                  \
        const double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);     \
        return 2.0 * lanes * SUMS * TURNS / seconds;                                                                   \
    }
#define FMA_SUFFIX "s"
FMA_RATE(fma_rate_float_512, float, 16, "avx512f")
FMA_RATE(fma_rate_float_256, float, 8, "avx2,fma")
#undef FMA_SUFFIX
#define FMA_SUFFIX "d"
FMA_RATE(fma_rate_double_512, double, 8, "avx512f")
FMA_RATE(fma_rate_double_256, double, 4, "avx2,fma")
#undef FMA_SUFFIX

/* Operations a second with vectors of so many bits, 512 or 256, now: some tenths of a millisecond. */
static inline double fma_rate(bool is_double, int bits)
{
    if (bits == 512) return is_double ? fma_rate_double_512() : fma_rate_float_512();
    return is_double ? fma_rate_double_256() : fma_rate_float_256();
}

static inline int fma_widest(void)
{
    return __builtin_cpu_supports("avx512f") ? 512 : __builtin_cpu_supports("fma") ? 256 : 0;
}
#else
static inline double fma_rate(bool is_double, int bits)
{
    (void)is_double, (void)bits;
    return 0;
}

static inline int fma_widest(void)
{
    return 0;
}
#endif

#endif
