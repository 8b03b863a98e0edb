/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/compress.h"
#include "base/linalg.h"
#include "base/memory.h"

#include <math.h>

az_status az_triangle(double *r, const az_sample *sample, bool intercept, const int64_t *rows, int64_t n_rows,
                      const az_control *control)
{
    int64_t p = sample->n_features, m = sample->n_rows, width = intercept + p + sample->n_targets;
    int64_t n = rows ? n_rows : m;
    az_status status;
    double *ones = NULL, *copy = NULL;
    const double **columns = NULL;
    AZ_GOTO(AZ_NEW_ARRAY(columns, width));
    if (intercept) {
        AZ_GOTO(AZ_NEW_ARRAY(ones, n));
        for (int64_t i = 0; i < n; i++) ones[i] = 1.0;
        columns[0] = ones;
    }
    const double *weight = sample->weight;
    for (int64_t j = intercept; j < width; j++)
        columns[j] = j < intercept + p ? sample->x + (j - intercept) * m : sample->y + (j - intercept - p) * m;
    if (rows) {
        AZ_GOTO(AZ_NEW_ARRAY(copy, n * (width + 1)));
        for (int64_t j = intercept; j <= width; j++) {
            const double *from = j < width ? columns[j] : sample->weight;
            double *to = copy + j * n;
            if (!from) continue;
            for (int64_t i = 0; i < n; i++) to[i] = from[rows[i]];
            if (j < width)
                columns[j] = to;
            else
                weight = to;
        }
    }
    AZ_GOTO(az_tsqr(n, width, columns, weight, r, width, az_control_threads(control)));
    for (int64_t i = 0; i < width * width; i++) {
        if (isfinite(r[i])) continue;
        status = az_error(AZ_ERROR_DATA, "the data hold values too large for a sum of squares; scale them");
        goto done;
    }
done:
    az_free(ones);
    az_free(copy);
    az_free(columns);
    return status == AZ_ERROR_MEMORY
               ? az_error(status, "out of memory for the factorisation of %lld columns", (long long)width)
               : status;
}

az_status az_compress(az_compressed *c, const double *r, int64_t n_rows, int64_t n_features, int64_t n_targets,
                      bool intercept)
{
    int64_t p = n_features, t = n_targets, first = intercept, width = first + p + t;
    int64_t k = n_rows - first < p ? n_rows - first : p;
    *c = (az_compressed){.n_rows = n_rows, .n_features = p, .n_targets = t, .k = k > 0 ? k : 0};
    k = c->k;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(c->x, k * p + 1));
    AZ_GOTO(AZ_NEW_ARRAY(c->y, k * t + 1));
    AZ_GOTO(AZ_NEW_ARRAY(c->rest, t));
    AZ_GOTO(AZ_NEW_ARRAY(c->total, t));
    AZ_GOTO(AZ_NEW_ARRAY(c->mean_x, p + 1));
    AZ_GOTO(AZ_NEW_ARRAY(c->mean_y, t));
    for (int64_t j = 0; j < p; j++) {
        const double *column = r + (first + j) * width;
        for (int64_t i = 0; i < k; i++) c->x[j * k + i] = column[first + i];
        c->mean_x[j] = intercept ? column[0] / r[0] : 0.0;
    }
    for (int64_t l = 0; l < t; l++) {
        const double *column = r + (first + p + l) * width;
        for (int64_t i = 0; i < k; i++) c->y[l * k + i] = column[first + i];
        c->rest[l] = 0.0;
        for (int64_t i = first + k; i <= first + p + l; i++) c->rest[l] += column[i] * column[i];
        c->total[l] = c->rest[l];
        for (int64_t i = 0; i < k; i++) c->total[l] += c->y[l * k + i] * c->y[l * k + i];
        c->mean_y[l] = intercept ? column[0] / r[0] : 0.0;
    }
done:
    if (status) az_compressed_free(c);
    return status ? az_error(status, "out of memory for the factorisation of %lld columns", (long long)width) : AZ_OK;
}

void az_compressed_free(az_compressed *c)
{
    az_free(c->x);
    az_free(c->y);
    az_free(c->rest);
    az_free(c->total);
    az_free(c->mean_x);
    az_free(c->mean_y);
    *c = (az_compressed){0};
}
