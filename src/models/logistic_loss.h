/* SPDX-License-Identifier: BSD-3-Clause */
/* The logistic objective on a sample: value, gradient, Hessian times a vector, and blocks of the Hessian.
 *
 *   f(w) = sum_i c_i loss_i(w) + (l2 / 2) |coefficients|^2,   c_i the rows' weights divided by their sum
 *
 * Two classes have one output (a sigmoid), more have one output a class (a softmax).  Parameters w are (size,
 * n_outputs) column-major: for every output its n_features coefficients, then its intercept if there is one. */
#ifndef AZ_MODELS_LOGISTIC_LOSS_H
#define AZ_MODELS_LOGISTIC_LOSS_H

#include "models/model.h"

#define AZ_LOGISTIC_BLOCK 512 /* rows whose features and probabilities stay in the cache together */

typedef struct az_logistic_loss {
    int64_t n_rows, n_features, n_outputs, size, n_parameters;
    bool fit_intercept;
    const double *x;     /* (n_rows, n_features) column-major, borrowed */
    const int32_t *label; /* borrowed */
    double *weight;      /* (n_rows) c_i: sums to 1 */
    double total_weight; /* what c_i was divided by */
    double l2;
    int n_threads;
    int64_t n_chunks;    /* contiguous ranges of rows with a sum each: fixed by n_rows */
    double *probability; /* block by block, (rows of the block, n_outputs) column-major, of the last w */
    double *slots;       /* (n_chunks, n_parameters + 1) */
    double *scratch;     /* (n_threads, 2 * AZ_LOGISTIC_BLOCK * (n_outputs + 1)) */
    double *rms;         /* (size) root mean square of each feature, 1 for the intercept: the unit of its gradient */
} az_logistic_loss;

/* weight (n_rows): borrowed sample weights times class weights. */
az_status az_logistic_loss_new(az_logistic_loss *loss, const az_sample *sample, const double *weight,
                               bool fit_intercept, int n_threads);
void az_logistic_loss_free(az_logistic_loss *loss);

/* Value; gradient (n_parameters).  Leaves the probabilities at w for the functions below. */
double az_logistic_value_gradient(az_logistic_loss *loss, const double *w, double *gradient);
/* product = H v at the last w. */
void az_logistic_hessian_product(az_logistic_loss *loss, const double *v, double *product);

/* The Hessian at the last w from n of the rows (rows NULL: all), scaled up to all of them, into the upper triangle of
 * h (n, n) column-major: of all parameters (output -1: n = n_parameters), or of one output's (n = size). */
az_status az_logistic_hessian(az_logistic_loss *loss, const int64_t *rows, int64_t n, int64_t output, double *h);

/* output for az_logistic_hessian: sum_i c_i x_i x_i^T of one output without the loss's curvature, and without l2. */
enum { AZ_LOGISTIC_PLAIN = -2 };

/* a (n_outputs, n_outputs): the mean over the rows of diag(p) - p p^T at the last w. */
void az_logistic_mean_curvature(const az_logistic_loss *loss, double *a);

/* x[i] = exp(x[i]) for x[i] <= 0, to 1 unit in the last place or two; below -708: 0. */
void az_exp_nonpositive(int64_t n, double *x);

#endif
