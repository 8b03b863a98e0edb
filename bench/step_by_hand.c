/* SPDX-License-Identifier: BSD-3-Clause */
/* Training steps written out by hand for one network each, as a measure of what a general engine costs: products by
 * libxsmm, rows innermost, activations in plain loops, for this CPU alone.
 *
 * usage: bench_step_by_hand CASE THREADS      mlp32, mlp256, mlp10240, burgers_f32, burgers_f64; fma, fma_f64: the rate
 * of fused multiply-adds.  Data, start and output are those of peers/bench_step.py, which runs it. */
#include <libxsmm.h>
#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fma.h"
#include "step.h"

/* Of libmvec, glibc's functions on vectors. */
__attribute__((simd("notinbranch"))) extern float tanhf(float);
__attribute__((simd("notinbranch"))) extern double tanh(double);

enum { LAYERS = 9, THREADS = 64 };

#define REAL     float
#define FN(x)    x##_f32
#define TANH     tanhf
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
#define TANH     tanh
#define ROWS     64
#define DISPATCH libxsmm_dmmdispatch
#define FUNCTION libxsmm_dmmfunction
#include "step_by_hand.tmpl.h"

static double best_fma_rate(bool is_double)
{
    double best = 0;
    for (int trial = 0; trial < 250; trial++) {
        const double rate = fma_rate(is_double, fma_widest());
        if (rate > best) best = rate;
    }
    return best * 1e-9;
}

int main(int argc, char **argv)
{
    static const int mlp[] = {2, 64, 64, 64, 1}, burgers[] = {2, 20, 20, 20, 20, 20, 20, 20, 20, 1};
    const char *which = argc > 1 ? argv[1] : "mlp256";
    const int n_threads = argc > 2 ? atoi(argv[2]) : 1;
    if (n_threads < 1 || n_threads > THREADS) return 64;
    libxsmm_init();
    if (strcmp(which, "fma") == 0)
        printf("%.1f GFLOP/s, the fused multiply-adds of one core in float\n", best_fma_rate(false));
    else if (strcmp(which, "fma_f64") == 0)
        printf("%.1f GFLOP/s, the fused multiply-adds of one core in double\n", best_fma_rate(true));
    else if (strncmp(which, "mlp", 3) == 0)
        measure_f32("by hand", 4, mlp, 1, atol(which + 3), n_threads);
    else if (strcmp(which, "burgers_f32") == 0)
        measure_f32("by hand", 9, burgers, 4, 10000, n_threads);
    else if (strcmp(which, "burgers_f64") == 0)
        measure_f64("by hand", 9, burgers, 4, 10000, n_threads);
    return 0;
}
