/* SPDX-License-Identifier: BSD-3-Clause */
/* Least squares with a covariance. */
#ifndef AZ_MODELS_LEAST_SQUARES_H
#define AZ_MODELS_LEAST_SQUARES_H

#include "models/model.h"

/* The least squares solution with its covariance, refined to the last digit. */
typedef struct az_least_squares {
    double *intercept, *coefficient; /* (n_targets), (n_targets, n_features): given by the caller */
    double *covariance;              /* (n_features + 1)^2, or NULL: not wanted */
    double *residual, *total;        /* (n_targets) weighted sums of squares */
    int64_t rank;                    /* with the intercept */
    double condition;                /* of the independent columns, equilibrated */
    bool converged;
    const double *constant; /* (n_rows) what stands for the ones of the intercept; NULL: ones */
    double *triangle;       /* (width, width), the triangle of [1 X Y], or NULL: not wanted */
} az_least_squares;
az_status az_least_squares_solve(az_least_squares *solution, const az_sample *sample, bool intercept,
                                 const az_control *control);

#endif
