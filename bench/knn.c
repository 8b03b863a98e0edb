/* SPDX-License-Identifier: BSD-3-Clause */
/* Nearest neighbours timed: fit and the prediction of all queries, median of five runs.
 *
 *   bench_knn FOLDER [ROWS FEATURES QUERIES NEIGHBOURS THREADS ALGORITHM]
 *
 * writes x.f64, y.f64, queries.f64 and the prediction (raw doubles, row-major) into FOLDER for bench/peers/bench_knn.py
 * and prints the seconds. */
#include "base/control.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/random.h"
#include "models/model.h"
#include "timing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const az_model_class az_knn;
enum { RUNS = 5 };

typedef struct job {
    const void *fitted;
    const double *queries;
    int64_t n_queries, n_features;
    double *prediction;
    char *scratch;
    size_t scratch_size;
    int64_t block_rows;
} job;

static void predict_block(void *context, int64_t block, int thread)
{
    const job *j = context;
    int64_t first = block * j->block_rows;
    int64_t n = j->n_queries - first < j->block_rows ? j->n_queries - first : j->block_rows;
    az_knn.predict(j->fitted, j->queries + first * j->n_features, n, j->prediction + first,
                   j->scratch + (size_t)thread * j->scratch_size);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_knn FOLDER [ROWS FEATURES QUERIES NEIGHBOURS THREADS ALGORITHM]\n");
        return 64;
    }
    int64_t sizes[5] = {50000, 20, 10000, 10, 2};
    for (int i = 0; i < 5 && i + 2 < argc; i++) sizes[i] = atoll(argv[i + 2]);
    const int64_t n_rows = sizes[0], n_features = sizes[1], n_queries = sizes[2];
    const int n_threads = (int)sizes[4];
    void *options = az_alloc_zero(az_knn.options_size);
    char neighbours[32];
    snprintf(neighbours, sizeof neighbours, "%lld", (long long)sizes[3]);
    az_params_default(az_knn.params, options);
    if (az_params_set_strict(az_knn.params, options, "n_neighbors", neighbours, "knn") ||
        (argc > 7 && az_params_set_strict(az_knn.params, options, "algorithm", argv[7], "knn"))) {
        fprintf(stderr, "%s\n", az_error_message());
        return 64;
    }
    double *x = az_alloc_array(n_rows * n_features, sizeof *x);
    double *by_row = az_alloc_array(n_rows * n_features, sizeof *x);
    double *y = az_alloc_array(n_rows, sizeof *y), *queries = az_alloc_array(n_queries * n_features, sizeof *queries);
    double *prediction = az_alloc_array(n_queries, sizeof *prediction);
    if (!x || !by_row || !y || !queries || !prediction) return 71;
    az_stream stream = az_stream_new(1, "bench"), other = az_stream_new(2, "bench");
    for (int64_t i = 0; i < n_rows; i++) {
        y[i] = az_random_normal(stream, (uint64_t)i, (uint64_t)n_features);
        for (int64_t j = 0; j < n_features; j++)
            by_row[i * n_features + j] = x[j * n_rows + i] = az_random_normal(stream, (uint64_t)i, (uint64_t)j);
    }
    for (int64_t i = 0; i < n_queries * n_features; i++)
        queries[i] = az_random_normal(other, (uint64_t)(i / n_features), (uint64_t)(i % n_features));
    az_sample sample = {.n_rows = n_rows, .n_features = n_features, .x = x, .n_targets = 1, .y = y,
                        .task = AZ_REGRESSION};
    double fit[RUNS], predict[RUNS], both[RUNS];
    for (int run = 0; run < RUNS; run++) {
        void *fitted;
        az_fit_result result;
        double start = az_seconds();
        if (az_knn.fit(&fitted, &sample, options, NULL, &result)) {
            fprintf(stderr, "%s\n", az_error_message());
            return 1;
        }
        double middle = az_seconds();
        job work = {.fitted = fitted, .queries = queries, .n_queries = n_queries, .n_features = n_features,
                    .prediction = prediction, .block_rows = az_knn.block_rows(fitted)};
        work.scratch_size = (az_knn.scratch(fitted, work.block_rows) + 63) & ~(size_t)63;
        work.scratch = az_alloc_array(n_threads, work.scratch_size);
        if (!work.scratch) return 71;
        az_parallel(n_threads, (n_queries + work.block_rows - 1) / work.block_rows, predict_block, &work);
        double end = az_seconds();
        az_free(work.scratch);
        az_knn.free(fitted);
        fit[run] = middle - start;
        predict[run] = end - middle;
        both[run] = end - start;
    }
    qsort(fit, RUNS, sizeof *fit, by_size);
    qsort(predict, RUNS, sizeof *predict, by_size);
    qsort(both, RUNS, sizeof *both, by_size);
    printf("fit %.4f predict %.4f both %.4f\n", fit[RUNS / 2], predict[RUNS / 2], both[RUNS / 2]);
    if (strcmp(argv[1], "-") != 0) {
        write_doubles(argv[1], "x.f64", by_row, n_rows * n_features);
        write_doubles(argv[1], "y.f64", y, n_rows);
        write_doubles(argv[1], "queries.f64", queries, n_queries * n_features);
        write_doubles(argv[1], "prediction.f64", prediction, n_queries);
    }
    az_free(x);
    az_free(by_row);
    az_free(y);
    az_free(queries);
    az_free(prediction);
    az_free(options);
    return 0;
}
