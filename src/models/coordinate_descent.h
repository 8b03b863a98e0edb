/* SPDX-License-Identifier: BSD-3-Clause */
/* The elastic net by coordinate descent (Friedman, Hastie and Tibshirani, J. Stat. Softw. 33 (2010) 1).
 *
 * On centred columns z_j and target y, both multiplied by sqrt(w_i / sum w), it minimises
 *     P(b) = 1/2 |y - Z b|^2 + l1 |b|_1 + 1/2 l2 |b|^2,   l1 = alpha l1_ratio,   l2 = alpha (1 - l1_ratio),
 * which is scikit-learn's objective: there 1/(2n) stands before the sum of squares. */
#ifndef AZ_MODELS_COORDINATE_DESCENT_H
#define AZ_MODELS_COORDINATE_DESCENT_H

#include "models/model.h"

typedef struct az_descent {
    int64_t n_rows, n_features;
    double *z;        /* (n_rows, n_features) column-major: centred, weighted */
    double *y;        /* (n_rows) the same */
    double *mean;     /* (n_features) of x, 0 without intercept */
    double y_mean;
    double *gram;     /* (n_features, n_features) Z'Z, or NULL where there are more features than rows */
    double *moment;   /* (n_features) Z'y */
    double *square;   /* (n_features) |z_j|^2 */
    double y_square;  /* |y|^2 */
    double *residual; /* (n_rows) y - Z b, without gram */
    double *gradient; /* (n_features) Z'(y - Z b), with gram */
    double *work;     /* for the exact step on the active set */
    int64_t *active;
} az_descent;

/* rows (NULL: all) of the sample, target column `target`. */
az_status az_descent_new(az_descent *descent, const az_sample *sample, int64_t target, bool fit_intercept,
                         const int64_t *rows, int64_t n_rows, int n_threads);
void az_descent_free(az_descent *descent);

/* The smallest l1 at which every coefficient is 0. */
double az_descent_strongest(const az_descent *descent);

/* Minimises P from the given coefficients (n_features), in place.  Stops when the duality gap is below tol |y|^2, or no
 * coefficient moves any more.  `iteration` may be NULL; else it is told of every sweep from *n_sweeps on. */
az_status az_descent_run(az_descent *descent, double l1, double l2, double tol, int64_t max_sweeps, double *coefficient,
                         az_iteration *iteration, int64_t *n_sweeps, double *gap, bool *converged);

#endif
