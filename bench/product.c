/* SPDX-License-Identifier: BSD-3-Clause */
/* Small products of matrices: GFLOP/s of our plain kernels, of libxsmm's and of the BLAS, and per cent of the rate of
 * fused multiply-adds measured beside each; then nanoseconds of one row and of transposition.
 *
 *   OPENBLAS_NUM_THREADS=1 OPENBLAS_CORETYPE=SkylakeX bench_product
 *
 * Times are of the processor, of this thread; the sides take turns; medians of nine. */
#include "base/product.h"
#include "fma.h"
#include "timing.h"

#include <time.h>

enum { RUNS = 9, SIDES = 4 };
static const char *const side_names[SIDES] = {"auto", "xsmm", "plain", "cblas"};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double median(double *times)
{
    qsort(times, RUNS, sizeof *times, by_size);
    return times[RUNS / 2];
}

static double time_of(const az_product *product, const void *a, const void *b, void *c, int64_t repeats)
{
    double start = now();
    for (int64_t r = 0; r < repeats; r++) az_product_run(product, a, b, c);
    double time = now() - start;
    az_product_done(product->isa);
    return time;
}

static double peak(bool is_double, az_isa isa)
{
    return isa == AZ_ISA_BASE ? 0.0 : fma_rate(is_double, isa == AZ_ISA_V4 ? 512 : 256);
}

int main(void)
{
    const az_isa isa = az_isa_wanted();
    static const int64_t shapes[][3] = {/* m, n, k: forward, then weight gradients */
                                        {128, 20, 20}, {128, 64, 64},   {256, 64, 64},  {128, 64, 2},  {128, 1, 64},
                                        {128, 2, 64},  {128, 512, 512}, {32, 512, 512}, {20, 20, 128}, {64, 64, 128},
                                        {1, 64, 128},  {64, 2, 128},    {512, 512, 128}};
    const size_t bytes = 512 * 512 * sizeof(double);
    void *a = aligned_alloc(64, bytes), *b = aligned_alloc(64, bytes), *c = aligned_alloc(64, bytes);
    if (!a || !b || !c) return 71;
    printf("instruction set %s; GFLOP/s (per cent of the peak beside it)\n", az_isa_name(isa));
    for (int is_double = 0; is_double <= 1; is_double++) {
        for (int64_t i = 0; i < 512 * 512; i++) {
            double x = (double)(i * 7919 % 1000) / 1000.0;
            if (is_double)
                ((double *)a)[i] = ((double *)b)[i] = x;
            else
                ((float *)a)[i] = ((float *)b)[i] = (float)x;
        }
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            const int64_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
            const double flops = 2.0 * (double)(m * n * k);
            const int64_t repeats = (int64_t)(1e7 / flops) + 1;
            double times[SIDES][RUNS], peaks[RUNS];
            az_product product[SIDES];
            for (int v = 0; v < SIDES; v++)
                az_product_find(&product[v], is_double, m, n, k, m, k, m, false, (az_product_backend)v, isa);
            for (int r = 0; r < RUNS; r++) {
                peaks[r] = peak(is_double, isa);
                for (int v = 0; v < SIDES; v++) times[v][r] = time_of(&product[v], a, b, c, repeats);
            }
            const double best = median(peaks);
            printf("%-6s %3d x %3d x %3d  peak %5.1f", is_double ? "double" : "float", (int)m, (int)n, (int)k,
                   best * 1e-9);
            for (int v = 0; v < SIDES; v++) {
                const double rate = flops * (double)repeats / median(times[v]);
                printf("  %s %5.1f (%3.0f)", side_names[v], rate * 1e-9, best > 0.0 ? 100.0 * rate / best : 0.0);
            }
            putchar('\n');
        }
        double row[RUNS], turned[RUNS];
        az_product one;
        az_product_find_rows(&one, is_double, 1, 64, 64, false, isa);
        az_transpose transpose;
        az_transpose_find(&transpose, is_double, 128, 64, 128, 64, isa);
        for (int r = 0; r < RUNS; r++) {
            row[r] = time_of(&one, b, a, c, 10000) / 10000;
            double start = now();
            for (int i = 0; i < 500; i++) az_transpose_run(&transpose, a, c);
            turned[r] = (now() - start) / 500;
        }
        printf("%-6s one row, 64 x 64: %.0f ns; transpose of 128 x 64: %.0f ns\n", is_double ? "double" : "float",
               median(row) * 1e9, median(turned) * 1e9);
    }
    free(a);
    free(b);
    free(c);
}
