/* SPDX-License-Identifier: BSD-3-Clause */
/* Gradient boosting timed: 100 rounds on Friedman's first function with noise, median of RUNS fits, bins included.
 *
 *   bench_boosting FOLDER [ROWS FEATURES THREADS regression|binary depth|leaves RUNS SEED]
 *
 * makes the data of SEED (1), writes x.f64, y.f64 (raw doubles, row-major; of binary labels 0 and 1) and test_x.f64,
 * test_y.f64 into FOLDER for bench/peers/bench_boosting.py, and prints seconds by the clock and of processor time, and
 * the test's loss: the root mean square error, or the log loss. */
#include "base/control.h"
#include "friedman.h"

#include <stdio.h>

extern const az_model_class az_boosting_class;

static double loss_of(const void *fitted, bool binary, const double *x, const double *y)
{
    double *out = az_alloc_array(2 * N_TEST, sizeof *out), *scratch = az_alloc_array(2 * N_TEST, sizeof *scratch);
    double sum = 0;
    if (!out || !scratch) exit(71);
    az_boosting_class.predict(fitted, x, N_TEST, out, scratch);
    for (int64_t i = 0; i < N_TEST; i++)
        sum += binary ? -log(out[2 * i + (y[i] > 0)]) : (out[i] - y[i]) * (out[i] - y[i]);
    az_free(out);
    az_free(scratch);
    return binary ? sum / N_TEST : sqrt(sum / N_TEST);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr,
                "usage: bench_boosting FOLDER [ROWS FEATURES THREADS regression|binary depth|leaves RUNS SEED]\n");
        return 64;
    }
    const int64_t n_rows = argc > 2 ? atoll(argv[2]) : 100000, n_features = argc > 3 ? atoll(argv[3]) : 20;
    const az_control control = {.n_threads = argc > 4 ? atoi(argv[4]) : 2};
    const bool binary = argc > 5 && strcmp(argv[5], "binary") == 0, leaves = argc > 6 && strcmp(argv[6], "leaves") == 0;
    int n_runs = argc > 7 ? atoi(argv[7]) : 5;
    if (n_runs < 1 || n_runs > MOST_RUNS || n_rows < 1 || n_features < 5) return 64;
    void *options = az_alloc_zero(az_boosting_class.options_size);
    if (!options) return 71;
    az_params_default(az_boosting_class.params, options);
    friedman_set(&az_boosting_class, options, "max_leaf_nodes", leaves ? "31" : "0");
    friedman_set(&az_boosting_class, options, "max_depth", leaves ? "0" : "6");
    friedman data;
    friedman_make_seeded(&data, argc > 8 ? (uint64_t)atoll(argv[8]) : 1, n_rows, n_features, binary, argv[1]);
    double wall[MOST_RUNS], cpu[MOST_RUNS], loss = 0;
    for (int run = 0; run < n_runs; run++) {
        void *fitted;
        az_fit_result result;
        const double wall_start = az_seconds(), cpu_start = processor_seconds();
        if (az_boosting_class.fit(&fitted, &data.sample, options, &control, &result)) {
            fprintf(stderr, "%s\n", az_error_message());
            return 1;
        }
        wall[run] = az_seconds() - wall_start;
        cpu[run] = processor_seconds() - cpu_start;
        loss = loss_of(fitted, binary, data.test_x, data.test_y);
        az_boosting_class.free(fitted);
    }
    qsort(wall, (size_t)n_runs, sizeof *wall, by_size);
    qsort(cpu, (size_t)n_runs, sizeof *cpu, by_size);
    printf("wall %.4f cpu %.4f loss %.6f\n", wall[n_runs / 2], cpu[n_runs / 2], loss);
    friedman_free(&data);
    az_free(options);
    return 0;
}
