/* SPDX-License-Identifier: BSD-3-Clause */
/* A bound linear model inside another program's loop: one row, a block of 1,000 rows, and more rows than any cache
 * holds; against reading the same numbers once.  Each figure is the median of five.
 *
 *   bench_predict FOLDER [ROWS FEATURES]
 *
 * writes model.az, rows.f64 (row-major) and prediction.f64 into FOLDER for bench/peers/bench_predict.py and prints
 * nanoseconds of processor time a row. */
#include "base/memory.h"
#include "base/random.h"
#include "timing.h"

#include <ansatz/ansatz.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 5, MOST_FEATURES = 64, LARGE = 1000000 };

static long n_requests;
static void *counting_resize(void *user, void *pointer, size_t n_bytes)
{
    (void)user;
    n_requests++;
    return realloc(pointer, n_bytes);
}
static void counting_release(void *user, void *pointer)
{
    (void)user;
    n_requests++;
    free(pointer);
}

typedef struct job {
    const az_model *model;
    const int64_t *map;
    int64_t n_rows, n_features;
    double *rows, *across, *prediction; /* across: column-major */
    float *rows_f32, *across_f32, *prediction_f32;
    void *scratch;
    double sum;
    int failures;
} job;

static void one_row(job *j)
{
    for (int64_t i = 0; i < j->n_rows; i++)
        j->failures += az_predict(j->model, j->map, j->rows + i * j->n_features, 1, j->n_features, 1, j->prediction + i,
                                  1, NULL, j->scratch) != AZ_OK;
}

static void one_row_f32(job *j)
{
    for (int64_t i = 0; i < j->n_rows; i++)
        j->failures += az_predict_f32(j->model, j->map, j->rows_f32 + i * j->n_features, 1, j->n_features, 1,
                                      j->prediction_f32 + i, 1, NULL, j->scratch) != AZ_OK;
}

static void block(job *j)
{
    j->failures +=
        az_predict(j->model, j->map, j->rows, j->n_rows, j->n_features, 1, j->prediction, 1, NULL, j->scratch) != AZ_OK;
}

static void block_across(job *j)
{
    j->failures +=
        az_predict(j->model, j->map, j->across, j->n_rows, 1, j->n_rows, j->prediction, 1, NULL, j->scratch) != AZ_OK;
}

static void block_f32(job *j)
{
    j->failures += az_predict_f32(j->model, j->map, j->rows_f32, j->n_rows, j->n_features, 1, j->prediction_f32, 1,
                                  NULL, j->scratch) != AZ_OK;
}

static void block_across_f32(job *j)
{
    j->failures += az_predict_f32(j->model, j->map, j->across_f32, j->n_rows, 1, j->n_rows, j->prediction_f32, 1, NULL,
                                  j->scratch) != AZ_OK;
}

/* The least that can be done with the numbers: all of them added, in eight sums that do not wait for each other. */
static void plain_sum(job *j)
{
    double sums[8] = {0};
    const int64_t n = j->n_rows * j->n_features;
    for (int64_t i = 0; i + 8 <= n; i += 8)
        for (int64_t l = 0; l < 8; l++) sums[l] += j->rows[i + l];
    for (int64_t l = 0; l < 8; l++) j->sum += sums[l];
}

/* Of this thread: what others do on the machine does not count. */
static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Nanoseconds a row: the median of RUNS, each long enough for the clock. */
static double measure(job *j, void (*work)(job *))
{
    double times[RUNS];
    int64_t n_repeats = 1;
    work(j);
    for (int run = 0; run < RUNS; run++) {
        double start = processor_seconds(), spent;
        for (int64_t r = 0; r < n_repeats; r++) work(j);
        spent = processor_seconds() - start;
        times[run] = spent / (double)(n_repeats * j->n_rows) * 1e9;
        if (spent < 0.02 && run == 0) {
            n_repeats *= 2;
            run = -1;
        }
    }
    qsort(times, RUNS, sizeof *times, by_size);
    return times[RUNS / 2];
}

static void fill(job *j, int64_t n_rows)
{
    az_stream stream = az_stream_new(1, "bench");
    j->n_rows = n_rows;
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t f = 0; f < j->n_features; f++) {
            double value = az_random_normal(stream, (uint64_t)i, (uint64_t)f);
            j->rows[i * j->n_features + f] = j->across[f * n_rows + i] = value;
            j->rows_f32[i * j->n_features + f] = j->across_f32[f * n_rows + i] = (float)value;
        }
}

static void print_blocks(job *j, const char *size)
{
    printf("%s_f64 %.3f\n%s_across_f64 %.3f\n", size, measure(j, block), size, measure(j, block_across));
    printf("%s_f32 %.3f\n%s_across_f32 %.3f\n", size, measure(j, block_f32), size, measure(j, block_across_f32));
    printf("%s_sum %.3f\n", size, measure(j, plain_sum));
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_predict FOLDER [ROWS FEATURES]\n");
        return 64;
    }
    const int64_t n_rows = argc > 2 ? atoll(argv[2]) : 1000, n_features = argc > 3 ? atoll(argv[3]) : 20;
    if (n_rows < n_features + 2 || n_rows > LARGE || n_features < 1 || n_features > MOST_FEATURES) return 64;
    const az_allocator counting = {counting_resize, counting_release, NULL};
    az_set_allocator(&counting);
    static char names[MOST_FEATURES][8];
    int64_t map[MOST_FEATURES];
    const char *pointers[MOST_FEATURES];
    job j = {.n_features = n_features};
    j.rows = az_alloc_array(LARGE * n_features, sizeof *j.rows);
    j.across = az_alloc_array(LARGE * n_features, sizeof *j.across);
    j.rows_f32 = az_alloc_array(LARGE * n_features, sizeof *j.rows_f32);
    j.across_f32 = az_alloc_array(LARGE * n_features, sizeof *j.across_f32);
    j.prediction = az_alloc_array(LARGE, sizeof *j.prediction);
    j.prediction_f32 = az_alloc_array(LARGE, sizeof *j.prediction_f32);
    double *y = az_alloc_array(n_rows, sizeof *y);
    if (!j.rows || !j.across || !j.rows_f32 || !j.across_f32 || !j.prediction || !j.prediction_f32 || !y) return 71;

    fill(&j, n_rows);
    az_table *table = NULL;
    az_model *model = NULL;
    az_status status = az_table_new(&table, n_rows);
    for (int64_t f = 0; f < n_features && !status; f++) {
        snprintf(names[f], sizeof names[f], "x%d", (int)f);
        pointers[f] = names[f];
        status = az_table_add_numeric(table, names[f], NULL, j.across + f * n_rows, 1);
    }
    for (int64_t i = 0; i < n_rows; i++) {
        y[i] = 1 + 0.1 * (double)(i % 7);
        for (int64_t f = 0; f < n_features; f++) y[i] += (double)(f % 5 - 2) * j.rows[i * n_features + f];
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/model.az", argv[1]);
    if (!status) status = az_table_add_numeric(table, "y", NULL, y, 1);
    if (!status) status = az_fit(&model, "linear", table, "y", NULL);
    if (!status) status = az_model_write(model, path);
    if (!status) status = az_model_bind(model, pointers, n_features, map);
    if (status) {
        fprintf(stderr, "%s\n", az_error_message());
        return (int)status;
    }
    j.model = model;
    j.map = map;
    j.scratch = az_alloc(az_model_scratch(model, n_rows));
    if (!j.scratch) return 71;

    const long before = n_requests;
    block(&j);
    write_doubles(argv[1], "rows.f64", j.rows, n_rows * n_features);
    write_doubles(argv[1], "prediction.f64", j.prediction, n_rows);
    printf("row_f64 %.3f\nrow_f32 %.3f\n", measure(&j, one_row), measure(&j, one_row_f32));
    print_blocks(&j, "block");
    fill(&j, LARGE);
    print_blocks(&j, "large");
    printf("allocations %ld\n", n_requests - before);
    fprintf(stderr, "sum %g\n", j.sum); /* so that it is computed */
    az_free(j.scratch);
    az_free(j.rows);
    az_free(j.across);
    az_free(j.rows_f32);
    az_free(j.across_f32);
    az_free(j.prediction);
    az_free(j.prediction_f32);
    az_free(y);
    az_model_free(model);
    az_table_free(table);
    return j.failures != 0;
}
