/* SPDX-License-Identifier: BSD-3-Clause */
/* Least squares: the triangle of the data, and the solution made from it. */
#ifndef AZ_MODELS_LEAST_SQUARES_H
#define AZ_MODELS_LEAST_SQUARES_H

#include "models/model.h"

/* Least squares in few rows: |X b - y|^2 over the centred (with intercept) and weighted data is, for every b,
 * |x b - y|^2 + rest with these x and y.  Everything that ridge, lasso and elastic net need of the data. */
typedef struct az_compressed {
    int64_t n_rows;      /* of the data */
    int64_t n_features, n_targets;
    int64_t k;           /* rows that are left: at most n_features */
    double *x;           /* (k, n_features) column-major, upper trapezoidal */
    double *y;           /* (k, n_targets) column-major */
    double *rest;        /* (n_targets) */
    double *total;       /* (n_targets) weighted sum of squares of y, about its mean with intercept */
    double *mean_x;      /* (n_features); zeros without intercept */
    double *mean_y;      /* (n_targets) */
    double sum_weight;   /* NaN without intercept */
} az_compressed;

/* rows NULL: all rows of the sample, else n_rows indices. */
az_status az_compress(az_compressed *compressed, const az_sample *sample, bool intercept, const int64_t *rows,
                      int64_t n_rows, const az_control *control);
void az_compressed_free(az_compressed *compressed);

/* The least squares solution with its covariance, refined to the last digit. */
typedef struct az_least_squares {
    double *intercept, *coefficient; /* (n_targets), (n_targets, n_features): given by the caller */
    double *covariance;              /* (n_features + 1)^2, or NULL: not wanted */
    double *residual, *total;        /* (n_targets) weighted sums of squares */
    int64_t rank;                    /* with the intercept */
    double condition;                /* of the independent columns, equilibrated */
    bool converged;
} az_least_squares;
az_status az_least_squares_solve(az_least_squares *solution, const az_sample *sample, bool intercept,
                                 const az_control *control);

#endif
