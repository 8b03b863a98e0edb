/* SPDX-License-Identifier: BSD-3-Clause */
/* A random forest timed: TREES full-depth trees, a third of the features at each split, on Friedman's first function
 * with noise; median of RUNS fits and predictions of 20,000 other rows.
 *
 *   bench_forest FOLDER [ROWS FEATURES THREADS regression|binary TREES RUNS [NAME=VALUE]...]
 *
 * writes the data into FOLDER (unless it is -) for bench/peers/bench_forest.py, sets other parameters, and prints
 * seconds by the clock and of processor time of the fit and (median of five) of the prediction, the test's root mean
 * square error (of classes: the part that is right), and the peak of memory in megabytes. */
#include "base/control.h"
#include "base/parallel.h"
#include "friedman.h"

#include <stdio.h>
#include <sys/resource.h>

extern const az_model_class az_forest;

typedef struct predicting {
    const void *fitted;
    const double *x;
    int64_t n_features, n_outputs, n_rows; /* of a block */
    double *out;
    char *scratch;
    size_t scratch_bytes; /* of a thread */
} predicting;

enum { PREDICTIONS = 5 };

static void predict_block(void *context, int64_t block, int thread)
{
    const predicting *job = context;
    const int64_t first = block * job->n_rows, left = N_TEST - first;
    az_forest.predict(job->fitted, job->x + first * job->n_features, left < job->n_rows ? left : job->n_rows,
                      job->out + first * job->n_outputs, job->scratch + job->scratch_bytes * (size_t)thread);
}

static double score_of(const friedman *data, bool binary, const double *out)
{
    double sum = 0;
    for (int64_t i = 0; i < N_TEST; i++)
        sum += binary ? (out[2 * i + 1] > out[2 * i]) == (data->test_y[i] > 0)
                      : (out[i] - data->test_y[i]) * (out[i] - data->test_y[i]);
    return binary ? sum / N_TEST : sqrt(sum / N_TEST);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_forest FOLDER [ROWS FEATURES THREADS regression|binary TREES RUNS "
                        "[NAME=VALUE]...]\n");
        return 64;
    }
    const int64_t n_rows = argc > 2 ? atoll(argv[2]) : 100000, n_features = argc > 3 ? atoll(argv[3]) : 20;
    const az_control control = {.n_threads = argc > 4 ? atoi(argv[4]) : 2};
    const bool binary = argc > 5 && strcmp(argv[5], "binary") == 0;
    const int n_runs = argc > 7 ? atoi(argv[7]) : 3;
    if (n_runs < 1 || n_runs > MOST_RUNS || n_rows < 1 || n_features < 5) return 64;
    void *options = az_alloc_zero(az_forest.options_size);
    double *out = az_alloc_array(2 * N_TEST, sizeof *out);
    if (!options || !out) return 71;
    az_params_default(az_forest.params, options);
    friedman_set(&az_forest, options, "n_estimators", argc > 6 ? argv[6] : "100");
    friedman_set(&az_forest, options, "max_features", "1/3");
    for (int i = 8; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) return 64;
        *value = '\0';
        friedman_set(&az_forest, options, argv[i], value + 1);
    }
    friedman data;
    friedman_make(&data, n_rows, n_features, binary, argv[1]);
    double wall[MOST_RUNS], cpu[MOST_RUNS], predict[MOST_RUNS], predict_cpu[MOST_RUNS], score = 0;
    for (int run = 0; run < n_runs; run++) {
        void *fitted;
        az_fit_result result = {0};
        double wall_start = az_seconds(), cpu_start = processor_seconds();
        if (az_forest.fit(&fitted, &data.sample, options, &control, &result)) {
            fprintf(stderr, "%s\n", az_error_message());
            return 1;
        }
        wall[run] = az_seconds() - wall_start;
        cpu[run] = processor_seconds() - cpu_start;
        const int64_t most = az_forest.block_rows(fitted), share = (N_TEST + control.n_threads - 1) / control.n_threads;
        predicting job = {fitted, data.test_x, n_features, binary ? 2 : 1, share < most ? share : most, out, NULL, 0};
        job.scratch_bytes = (az_forest.scratch(fitted, job.n_rows) + 63) / 64 * 64;
        job.scratch = az_alloc(job.scratch_bytes * (size_t)control.n_threads);
        if (!job.scratch) return 71;
        double seconds[PREDICTIONS], used[PREDICTIONS];
        for (int i = 0; i < PREDICTIONS; i++) {
            wall_start = az_seconds(), cpu_start = processor_seconds();
            az_parallel(control.n_threads, (N_TEST + job.n_rows - 1) / job.n_rows, predict_block, &job);
            seconds[i] = az_seconds() - wall_start;
            used[i] = processor_seconds() - cpu_start;
        }
        qsort(seconds, PREDICTIONS, sizeof *seconds, by_size);
        qsort(used, PREDICTIONS, sizeof *used, by_size);
        predict[run] = seconds[PREDICTIONS / 2];
        predict_cpu[run] = used[PREDICTIONS / 2];
        az_free(job.scratch);
        score = score_of(&data, binary, out);
        az_forest.free(fitted);
    }
    qsort(wall, (size_t)n_runs, sizeof *wall, by_size);
    qsort(cpu, (size_t)n_runs, sizeof *cpu, by_size);
    qsort(predict, (size_t)n_runs, sizeof *predict, by_size);
    qsort(predict_cpu, (size_t)n_runs, sizeof *predict_cpu, by_size);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("wall %.4f cpu %.4f predict %.4f predict_cpu %.4f score %.6f peak %.0f\n", wall[n_runs / 2], cpu[n_runs / 2],
           predict[n_runs / 2], predict_cpu[n_runs / 2], score, (double)usage.ru_maxrss / 1024);
    friedman_free(&data);
    az_free(options);
    az_free(out);
    return 0;
}
