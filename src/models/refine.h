/* SPDX-License-Identifier: BSD-3-Clause */
/* Least squares to the last digit: residuals and gradients in double-double arithmetic. */
#ifndef AZ_MODELS_REFINE_H
#define AZ_MODELS_REFINE_H

#include "base/control.h"

/* A matrix with many rows, given by its columns. */
typedef struct az_tall {
    int64_t n_rows, n;
    const double *const *columns;
    const double *const *low; /* columns[j] + low[j] is exact; entries, or all, NULL */
    const double *weight;     /* NULL: ones */
    int n_threads;
} az_tall;

/* g = A^T W (y - A b) and the weighted sum of squares of y - A b, each as an unevaluated sum of two doubles; b is
 * b + b_low, y NULL means 0.  Blocks and sums are fixed by the shape. */
az_status az_accurate_gradient(const az_tall *tall, const double *y, const double *b, const double *b_low,
                               double *gradient, double *gradient_low, double *sum_squares);

/* Solves A^T W A b = A^T W y (unit < 0), or = e_unit (y NULL), by the corrected semi-normal equations with the upper
 * triangular R (n, n) of W^1/2 A = Q R, of the given condition number; b and b_low come in as a first guess.
 * sum_squares (may be NULL): of the residuals.  *converged false: the columns are too nearly dependent for R in
 * doubles. */
az_status az_refine(const az_tall *tall, const double *r, double condition, const double *y, int64_t unit, double *b,
                    double *b_low, double *sum_squares, bool *converged, const az_control *control);

/* x = R^-1 R^-T g in place; returns |R^-T g|^2. */
double az_solve_normal(int64_t n, const double *r, double *x);

#endif
