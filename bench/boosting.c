/* SPDX-License-Identifier: BSD-3-Clause */
/* Gradient boosting timed: 100 rounds on Friedman's first function with noise, median of RUNS fits, bins included.
 *
 *   bench_boosting FOLDER [ROWS FEATURES THREADS regression|binary depth|leaves RUNS]
 *
 * writes x.f64, y.f64 (raw doubles, row-major; of binary labels 0 and 1) and test_x.f64, test_y.f64 into FOLDER for
 * bench/peers/bench_boosting.py, and prints seconds by the clock and of processor time, and the test's loss: the root
 * mean square error, or the log loss. */
#include "base/control.h"
#include "base/memory.h"
#include "base/random.h"
#include "models/model.h"
#include "timing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const az_model_class az_boosting_class;
enum { N_TEST = 20000, MOST_RUNS = 99 };

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void set(void *options, const char *name, const char *value)
{
    if (az_params_set_strict(az_boosting_class.params, options, name, value, "boosting")) {
        fprintf(stderr, "%s\n", az_error_message());
        exit(64);
    }
}

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
        fprintf(stderr, "usage: bench_boosting FOLDER [ROWS FEATURES THREADS regression|binary depth|leaves RUNS]\n");
        return 64;
    }
    const int64_t n_rows = argc > 2 ? atoll(argv[2]) : 100000, n_features = argc > 3 ? atoll(argv[3]) : 20;
    const az_control control = {.n_threads = argc > 4 ? atoi(argv[4]) : 2};
    const bool binary = argc > 5 && strcmp(argv[5], "binary") == 0, leaves = argc > 6 && strcmp(argv[6], "leaves") == 0;
    int n_runs = argc > 7 ? atoi(argv[7]) : 5;
    if (n_runs < 1 || n_runs > MOST_RUNS || n_rows < 1 || n_features < 5) return 64;
    void *options = az_alloc_zero(az_boosting_class.options_size);
    double *x = az_alloc_array(n_rows * n_features, sizeof *x),
           *by_row = az_alloc_array(n_rows * n_features, sizeof *x);
    double *test_x = az_alloc_array(N_TEST * n_features, sizeof *x), *test_y = az_alloc_array(N_TEST, sizeof *x);
    double *y = az_alloc_array(n_rows, sizeof *y);
    int32_t *label = az_alloc_array(n_rows, sizeof *label);
    if (!options || !x || !by_row || !test_x || !test_y || !y || !label) return 71;
    az_params_default(az_boosting_class.params, options);
    set(options, "max_leaf_nodes", leaves ? "31" : "0");
    set(options, "max_depth", leaves ? "0" : "6");
    const az_stream stream = az_stream_new(1, "bench");
    for (int64_t i = 0; i < n_rows + N_TEST; i++) {
        double *row = i < n_rows ? by_row + i * n_features : test_x + (i - n_rows) * n_features;
        for (int64_t j = 0; j < n_features; j++) row[j] = az_random_uniform(stream, (uint64_t)i, (uint64_t)j);
        double value = 10 * sin(3.14159265358979 * row[0] * row[1]) + 20 * (row[2] - 0.5) * (row[2] - 0.5) +
                       10 * row[3] + 5 * row[4] + az_random_normal(stream, (uint64_t)i, (uint64_t)n_features);
        if (binary) value = value > 14.4;
        if (i >= n_rows) {
            test_y[i - n_rows] = value;
            continue;
        }
        y[i] = value;
        label[i] = value > 0;
        for (int64_t j = 0; j < n_features; j++) x[j * n_rows + i] = row[j];
    }
    if (strcmp(argv[1], "-") != 0) {
        write_doubles(argv[1], "x.f64", by_row, n_rows * n_features);
        write_doubles(argv[1], "y.f64", y, n_rows);
        write_doubles(argv[1], "test_x.f64", test_x, N_TEST * n_features);
        write_doubles(argv[1], "test_y.f64", test_y, N_TEST);
    }
    az_feature *features = az_alloc_zero(sizeof *features * (size_t)n_features);
    if (!features) return 71;
    az_sample sample = {.n_rows = n_rows,
                        .n_features = n_features,
                        .x = x,
                        .features = features,
                        .n_targets = binary ? 0 : 1,
                        .y = y,
                        .n_classes = binary ? 2 : 0,
                        .label = binary ? label : NULL,
                        .task = binary ? AZ_CLASSIFICATION : AZ_REGRESSION};
    double wall[MOST_RUNS], cpu[MOST_RUNS], loss = 0;
    for (int run = 0; run < n_runs; run++) {
        void *fitted;
        az_fit_result result;
        const double wall_start = az_seconds(), cpu_start = processor_seconds();
        if (az_boosting_class.fit(&fitted, &sample, options, &control, &result)) {
            fprintf(stderr, "%s\n", az_error_message());
            return 1;
        }
        wall[run] = az_seconds() - wall_start;
        cpu[run] = processor_seconds() - cpu_start;
        loss = loss_of(fitted, binary, test_x, test_y);
        az_boosting_class.free(fitted);
    }
    qsort(wall, (size_t)n_runs, sizeof *wall, by_size);
    qsort(cpu, (size_t)n_runs, sizeof *cpu, by_size);
    printf("wall %.4f cpu %.4f loss %.6f\n", wall[n_runs / 2], cpu[n_runs / 2], loss);
    az_free(features);
    az_free(options);
    az_free(x);
    az_free(by_row);
    az_free(test_x);
    az_free(test_y);
    az_free(y);
    az_free(label);
    return 0;
}
