/* SPDX-License-Identifier: BSD-3-Clause */
/* Training steps written out by hand for one network each, as a measure of what a general engine costs: products by
 * libxsmm, rows innermost, activations in plain loops, for this CPU alone.
 *
 * usage: bench_step_by_hand CASE THREADS      mlp32, mlp256, mlp10240, burgers_f32, burgers_f64; fma, fma_f64: the rate
 * of fused multiply-adds Data, start and output are those of peers/bench_step.py, which runs it. */
#include "base/math.h"

#include <libxsmm.h>
#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "timing.h"
/* What base/math.h leaves defined. */
#undef REAL
#undef FN

enum { LAYERS = 9, THREADS = 64, BATCHES = 9 };
static const double NU = 0.01 / 3.14159265358979323846;

static double draw(int64_t i)
{
    const double k = (double)i, x = k * k * 0.6180339887498949;
    return x - floor(x);
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Medians of milliseconds a step by the clock and by processor time. */
static void measure(const char *name, void (*run)(void *context, int64_t n, int n_threads), void *context,
                    int n_threads, double loss, double norm)
{
    double wall[BATCHES], processor[BATCHES], took = 0;
    int64_t n = 1;
    while (took < 0.05) {
        n *= 2;
        const double start = seconds(CLOCK_MONOTONIC);
        run(context, n, n_threads);
        took = seconds(CLOCK_MONOTONIC) - start;
    }
    for (int i = 0; i < BATCHES; i++) {
        const double start = seconds(CLOCK_MONOTONIC), start_processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
        run(context, n, n_threads);
        wall[i] = (seconds(CLOCK_MONOTONIC) - start) / (double)n * 1e3;
        processor[i] = (seconds(CLOCK_PROCESS_CPUTIME_ID) - start_processor) / (double)n * 1e3;
    }
    qsort(wall, BATCHES, sizeof *wall, by_size);
    qsort(processor, BATCHES, sizeof *processor, by_size);
    printf("%9.4f ms  %9.4f ms processor  %s  loss %.9g gradient %.9g\n", wall[BATCHES / 2], processor[BATCHES / 2],
           name, loss, norm);
}

#define REAL     float
#define FN(x)    x##_f32
#define TANH     az_tanh_f32
#define ROWS     128
#define DISPATCH libxsmm_smmdispatch
#define FUNCTION libxsmm_smmfunction
#include "step_by_hand.tmpl.h"
#undef REAL
#undef FN
#undef TANH
#undef ROWS
#undef DISPATCH
#undef FUNCTION

#define REAL     double
#define FN(x)    x##_f64
#define TANH     az_tanh_f64
#define ROWS     64
#define DISPATCH libxsmm_dmmdispatch
#define FUNCTION libxsmm_dmmfunction
#include "step_by_hand.tmpl.h"

/* Ten independent sums of the widest vectors: enough to fill the pipelines of any CPU of today. */
#define CHAIN(to) "vfmadd213p" FMA_SUFFIX " %12, %11, %" #to "\n\t"
#define FMA_RATE(name, real, lanes)                                                                                    \
    static double name(void)                                                                                           \
    {                                                                                                                  \
        typedef real vector __attribute__((vector_size(lanes * sizeof(real))));                                        \
        enum { SUMS = 10, TURNS = 1000000 };                                                                           \
        vector a = {1}, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, factor = a - a, term = a;       \
        double best = 0;                                                                                               \
        for (int trial = 0; trial < 25; trial++) {                                                                     \
            const double start = seconds(CLOCK_THREAD_CPUTIME_ID);                                                     \
            int64_t turns = TURNS;                                                                                     \
            __asm__ volatile("1:\n\t" CHAIN(0) CHAIN(1) CHAIN(2) CHAIN(3) CHAIN(4) CHAIN(5) CHAIN(6) CHAIN(7) CHAIN(8) \
                                 CHAIN(9) "dec %10\n\tjnz 1b"                                                          \
                             : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f), "+v"(g), "+v"(h), "+v"(i),        \
                               "+v"(j), "+r"(turns)                                                                    \
                             : "v"(factor), "v"(term)                                                                  \
                             : "cc");                                                                                  \
            const double rate = 2.0 * lanes * SUMS * TURNS / (seconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e-9;        \
            if (rate > best) best = rate;                                                                              \
        }                                                                                                              \
        return best;                                                                                                   \
    }
#ifdef __AVX512F__
enum { WIDTH = 64 };
#else
enum { WIDTH = 32 };
#endif
#define FMA_SUFFIX "s"
FMA_RATE(fma_rate_f32, float, (WIDTH / 4))
#undef FMA_SUFFIX
#define FMA_SUFFIX "d"
FMA_RATE(fma_rate_f64, double, (WIDTH / 8))

int main(int argc, char **argv)
{
    static const int mlp[] = {2, 64, 64, 64, 1}, burgers[] = {2, 20, 20, 20, 20, 20, 20, 20, 20, 1};
    const char *which = argc > 1 ? argv[1] : "mlp256";
    const int n_threads = argc > 2 ? atoi(argv[2]) : 1;
    if (n_threads < 1 || n_threads > THREADS) return 64;
    libxsmm_init();
    if (strcmp(which, "fma") == 0)
        printf("%.1f GFLOP/s, the fused multiply-adds of one core in float\n", fma_rate_f32());
    else if (strcmp(which, "fma_f64") == 0)
        printf("%.1f GFLOP/s, the fused multiply-adds of one core in double\n", fma_rate_f64());
    else if (strncmp(which, "mlp", 3) == 0)
        measure_f32("by hand", 4, mlp, 1, atol(which + 3), n_threads);
    else if (strcmp(which, "burgers_f32") == 0)
        measure_f32("by hand", 9, burgers, 4, 10000, n_threads);
    else if (strcmp(which, "burgers_f64") == 0)
        measure_f64("by hand", 9, burgers, 4, 10000, n_threads);
    return 0;
}
