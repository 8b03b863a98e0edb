/* SPDX-License-Identifier: BSD-3-Clause */
/* Times the logistic regression on 10 classes, 100,000 x 100, two threads, median of five.
 *
 * usage: bench_logistic                       on made-up data, to several gradient norms
 *        bench_logistic DATA N P K TOL OUT    DATA: N x P float64 column-major, then N int32 labels; writes to OUT the
 *                                             K x P coefficients and K intercepts; prints seconds and steps
 */
#include "base/linalg.h"
#include "base/memory.h"
#include "base/random.h"
#include "models/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS = 5 };

typedef struct problem {
    int64_t n, p;
    int32_t k;
    double *x;
    int32_t *label;
} problem;

static az_status problem_new(problem *made, int64_t n, int64_t p, int32_t k)
{
    *made = (problem){n, p, k, NULL, NULL};
    AZ_TRY(AZ_NEW_ARRAY(made->x, n * p));
    return AZ_NEW_ARRAY(made->label, n);
}

/* Standard normal features; labels drawn from a softmax of random linear functions of length 2. */
static void make_up(problem *made)
{
    az_stream stream = az_stream_new(1, "bench logistic");
    for (int64_t j = 0; j < made->p; j++)
        for (int64_t i = 0; i < made->n; i++)
            made->x[j * made->n + i] = az_random_normal(stream, (uint64_t)i, (uint64_t)j);
    for (int64_t i = 0; i < made->n; i++) {
        double best = -INFINITY;
        for (int32_t k = 0; k < made->k; k++) {
            double t = -log(-log(az_random_uniform(stream, (uint64_t)i, (uint64_t)(10000 + k)))); /* Gumbel: softmax */
            for (int64_t j = 0; j < made->p; j++)
                t += 0.2 * made->x[j * made->n + i] * az_random_normal(stream, (uint64_t)j, (uint64_t)(20000 + k));
            if (t > best) {
                best = t;
                made->label[i] = k;
            }
        }
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static az_status measure(const problem *given, const char *tol, const char *out)
{
    extern const az_model_class az_logistic;
    const az_sample sample = {.n_rows = given->n, .n_features = given->p, .x = given->x, .n_classes = given->k,
                              .label = given->label, .task = AZ_CLASSIFICATION};
    const az_control control = {.n_threads = 2};
    double seconds[REPEATS], sorted[REPEATS];
    az_fit_result result;
    az_fact facts[AZ_MAX_FACTS];
    void *fitted = NULL, *options = az_alloc_zero(az_logistic.options_size);
    if (!options) return AZ_ERROR_MEMORY;
    az_params_default(az_logistic.params, options);
    az_status status = az_params_set_strict(az_logistic.params, options, "tol", tol, "logistic");
    for (int r = 0; r < REPEATS && !status; r++) {
        double start = az_seconds();
        if (fitted) az_logistic.free(fitted);
        fitted = NULL;
        status = az_logistic.fit(&fitted, &sample, options, &control, &result);
        sorted[r] = seconds[r] = az_seconds() - start;
    }
    az_free(options);
    if (status) return status;
    qsort(sorted, REPEATS, sizeof *sorted, by_size);
    az_logistic.facts(fitted, facts);
    printf("ansatz logistic tol %s: median %.3f s of", tol, sorted[REPEATS / 2]);
    for (int r = 0; r < REPEATS; r++) printf(" %.3f", seconds[r]);
    printf("; %lld steps, gradient %.2g, %s\n", (long long)result.n_iterations, facts[1].value,
           result.converged ? "converged" : "not converged");
    if (out) {
        az_linear_map map;
        FILE *file = fopen(out, "wb");
        az_logistic.linear_map(fitted, &map);
        if (!file || fwrite(map.coefficient, sizeof(double), (size_t)(map.n_outputs * given->p), file) == 0 ||
            fwrite(map.intercept, sizeof(double), (size_t)map.n_outputs, file) == 0)
            status = az_error(AZ_ERROR_CANNOT_WRITE, "%s cannot be written", out);
        if (file) fclose(file);
    }
    az_logistic.free(fitted);
    return status;
}

static az_status from_file(problem *made, char **argv)
{
    AZ_TRY(problem_new(made, atoll(argv[2]), atoll(argv[3]), atoi(argv[4])));
    FILE *file = fopen(argv[1], "rb");
    if (!file) return az_error(AZ_ERROR_NO_INPUT, "%s cannot be read", argv[1]);
    size_t n_values = (size_t)(made->n * made->p), n_labels = (size_t)made->n;
    bool whole = fread(made->x, sizeof *made->x, n_values, file) == n_values &&
                 fread(made->label, sizeof *made->label, n_labels, file) == n_labels;
    fclose(file);
    return whole ? AZ_OK : az_error(AZ_ERROR_DATA, "%s is too short", argv[1]);
}

int main(int argc, char **argv)
{
    problem given = {0};
    az_status status = AZ_OK;
    az_blas_info blas;
    az_blas_describe(&blas);
    printf("%s, kernels %s%s%s\n", blas.library, blas.kernels, blas.better ? "; better: OPENBLAS_CORETYPE=" : "",
           blas.better ? blas.better : "");
    if (argc == 7) {
        AZ_GOTO(from_file(&given, argv));
        AZ_GOTO(measure(&given, argv[5], argv[6]));
    } else if (argc == 1) {
        static const char *const norms[] = {"1e-4", "1e-7", "1e-10"};
        AZ_GOTO(problem_new(&given, 100000, 100, 10));
        make_up(&given);
        for (int i = 0; i < 3; i++) AZ_GOTO(measure(&given, norms[i], NULL));
    } else {
        status = az_error(AZ_ERROR_USAGE, "usage: bench_logistic [DATA N P K TOL OUT]");
    }
done:
    if (status) fprintf(stderr, "bench_logistic: %s\n", az_error_message());
    az_free(given.x);
    az_free(given.label);
    return (int)status;
}
