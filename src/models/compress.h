/* SPDX-License-Identifier: BSD-3-Clause */
/* Least squares in few rows: for every b, the weighted sum of squares of y - X b about its mean (with intercept) is
 * |y - x b|^2 + rest with these x and y.  It is all that penalised least squares need of the data. */
#ifndef AZ_MODELS_COMPRESS_H
#define AZ_MODELS_COMPRESS_H

#include "models/model.h"

typedef struct az_compressed {
    int64_t n_rows, n_features, n_targets; /* of the data */
    int64_t k;                             /* rows that are left: at most n_features */
    double *x;                             /* (k, n_features) column-major, upper trapezoidal */
    double *y;                             /* (k, n_targets) column-major */
    double *rest;                          /* (n_targets) */
    double *total;                         /* (n_targets) weighted sum of squares of y, about its mean with intercept */
    double *mean_x;                        /* (n_features); zeros without intercept */
    double *mean_y;                        /* (n_targets) */
} az_compressed;

/* The upper triangle R of [1 X Y], each row times the root of its weight; without the ones if no intercept: square, of
 * intercept + n_features + n_targets columns.  rows: only these n_rows rows; NULL: all. */
az_status az_triangle(double *r, const az_sample *sample, bool intercept, const int64_t *rows, int64_t n_rows,
                      const az_control *control);
/* Under the row of the ones lies the triangle of the centred data. */
az_status az_compress(az_compressed *compressed, const double *r, int64_t n_rows, int64_t n_features, int64_t n_targets,
                      bool intercept);
void az_compressed_free(az_compressed *compressed);

#endif
