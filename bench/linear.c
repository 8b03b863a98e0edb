/* SPDX-License-Identifier: BSD-3-Clause */
/* Least squares timed, median of five runs.
 *
 *   bench_linear FOLDER [ROWS FEATURES THREADS]
 *
 * writes x.f64 (raw doubles, column-major), y.f64 and the coefficients into FOLDER for bench/peers/bench_linear.py and
 * prints the seconds.  With covariance, standard errors and refinement: what `ansatz fit linear` does. */
#include "base/control.h"
#include "base/linalg.h"
#include "base/memory.h"
#include "base/random.h"
#include "models/model.h"
#include "timing.h"

#include <stdio.h>
#include <stdlib.h>

extern const az_model_class az_linear;
enum { RUNS = 5 };

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_linear FOLDER [ROWS FEATURES THREADS]\n");
        return 64;
    }
    int64_t sizes[3] = {1000000, 50, 2};
    for (int i = 0; i < 3 && i + 2 < argc; i++) sizes[i] = atoll(argv[i + 2]);
    const int64_t n_rows = sizes[0], n_features = sizes[1];
    double *x = az_alloc_array(n_rows * n_features, sizeof *x), *y = az_alloc_array(n_rows, sizeof *y);
    void *options = az_alloc_zero(az_linear.options_size);
    if (!x || !y || !options) return 71;
    az_params_default(az_linear.params, options);
    az_stream stream = az_stream_new(1, "bench");
    for (int64_t i = 0; i < n_rows; i++) {
        y[i] = az_random_normal(stream, (uint64_t)i, (uint64_t)n_features);
        for (int64_t j = 0; j < n_features; j++) {
            double value = az_random_normal(stream, (uint64_t)i, (uint64_t)j);
            x[j * n_rows + i] = value + 0.1 * (double)j;
            y[i] += value * (double)(j % 7 - 3);
        }
    }
    write_doubles(argv[1], "x.f64", x, n_rows * n_features);
    write_doubles(argv[1], "y.f64", y, n_rows);

    az_sample sample = {
        .n_rows = n_rows, .n_features = n_features, .x = x, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    az_control control = {.n_threads = (int)sizes[2]};
    double seconds[RUNS];
    for (int run = 0; run < RUNS; run++) {
        void *fitted;
        az_fit_result result;
        double start = az_seconds();
        if (az_linear.fit(&fitted, &sample, options, &control, &result)) {
            fprintf(stderr, "%s\n", az_error_message());
            return 1;
        }
        seconds[run] = az_seconds() - start;
        if (run == 0) {
            az_linear_map map;
            az_linear.linear_map(fitted, &map);
            write_doubles(argv[1], "coefficient.f64", map.coefficient, n_features);
        }
        az_linear.free(fitted);
    }
    qsort(seconds, RUNS, sizeof *seconds, by_size);
    az_blas_info blas;
    az_blas_describe(&blas);
    printf("fit %.6f\n", seconds[RUNS / 2]);
    fprintf(stderr, "%s, kernels %s%s\n", blas.library, blas.kernels,
            blas.one_at_a_time ? ", without locks: one thread at a time" : "");
    az_free(x);
    az_free(y);
    az_free(options);
    return 0;
}
