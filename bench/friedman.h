/* SPDX-License-Identifier: BSD-3-Clause */
/* Friedman's first function with noise of variance one (Friedman 1991), for the benches of trees: inputs uniform in (0,
 * 1), of which five count; as classes, whether it is above 14.4. */
#ifndef BENCH_FRIEDMAN_H
#define BENCH_FRIEDMAN_H

#include "base/memory.h"
#include "base/random.h"
#include "models/model.h"
#include "timing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { N_TEST = 20000, MOST_RUNS = 99 };

static inline double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct friedman {
    az_sample sample;        /* column-major, as a class sees it */
    double *test_x, *test_y; /* (N_TEST, n_features) row-major */
    double *x, *by_row, *y;
    int32_t *label;
    az_feature *features;
} friedman;

/* Writes x.f64, y.f64, test_x.f64, test_y.f64 into the folder, unless it is "-". */
static inline void friedman_make_seeded(friedman *data, uint64_t seed, int64_t n_rows, int64_t n_features, bool binary,
                                        const char *folder)
{
    data->x = az_alloc_array(n_rows * n_features, sizeof *data->x);
    data->by_row = az_alloc_array(n_rows * n_features, sizeof *data->x);
    data->test_x = az_alloc_array(N_TEST * n_features, sizeof *data->x);
    data->test_y = az_alloc_array(N_TEST, sizeof *data->x);
    data->y = az_alloc_array(n_rows, sizeof *data->y);
    data->label = az_alloc_array(n_rows, sizeof *data->label);
    data->features = az_alloc_zero(sizeof *data->features * (size_t)n_features);
    if (!data->x || !data->by_row || !data->test_x || !data->test_y || !data->y || !data->label || !data->features)
        exit(71);
    const az_stream stream = az_stream_new(seed, "bench");
    for (int64_t i = 0; i < n_rows + N_TEST; i++) {
        double *row = i < n_rows ? data->by_row + i * n_features : data->test_x + (i - n_rows) * n_features;
        for (int64_t j = 0; j < n_features; j++) row[j] = az_random_uniform(stream, (uint64_t)i, (uint64_t)j);
        double value = 10 * sin(3.14159265358979 * row[0] * row[1]) + 20 * (row[2] - 0.5) * (row[2] - 0.5) +
                       10 * row[3] + 5 * row[4] + az_random_normal(stream, (uint64_t)i, (uint64_t)n_features);
        if (binary) value = value > 14.4;
        if (i >= n_rows) {
            data->test_y[i - n_rows] = value;
            continue;
        }
        data->y[i] = value;
        data->label[i] = value > 0;
        for (int64_t j = 0; j < n_features; j++) data->x[j * n_rows + i] = row[j];
    }
    if (strcmp(folder, "-") != 0) {
        write_doubles(folder, "x.f64", data->by_row, n_rows * n_features);
        write_doubles(folder, "y.f64", data->y, n_rows);
        write_doubles(folder, "test_x.f64", data->test_x, N_TEST * n_features);
        write_doubles(folder, "test_y.f64", data->test_y, N_TEST);
    }
    data->sample = (az_sample){.n_rows = n_rows,
                               .n_features = n_features,
                               .x = data->x,
                               .features = data->features,
                               .n_targets = binary ? 0 : 1,
                               .y = data->y,
                               .n_classes = binary ? 2 : 0,
                               .label = binary ? data->label : NULL,
                               .task = binary ? AZ_CLASSIFICATION : AZ_REGRESSION};
}

static inline void friedman_make(friedman *data, int64_t n_rows, int64_t n_features, bool binary, const char *folder)
{
    friedman_make_seeded(data, 1, n_rows, n_features, binary, folder);
}

static inline void friedman_free(friedman *data)
{
    az_free(data->x);
    az_free(data->by_row);
    az_free(data->test_x);
    az_free(data->test_y);
    az_free(data->y);
    az_free(data->label);
    az_free(data->features);
}

/* Sets one parameter, or ends the program. */
static inline void friedman_set(const az_model_class *class, void *options, const char *name, const char *value)
{
    if (az_params_set_strict(class->params, options, name, value, class->name)) {
        fprintf(stderr, "%s\n", az_error_message());
        exit(64);
    }
}

#endif
