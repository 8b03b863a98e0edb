/* SPDX-License-Identifier: BSD-3-Clause */
/* The minimisers of the logistic objective: Newton with conjugate gradients where it is smooth, proximal Newton where
 * it has absolute values. */
#ifndef AZ_MODELS_LOGISTIC_SOLVE_H
#define AZ_MODELS_LOGISTIC_SOLVE_H

#include "models/logistic_loss.h"

typedef struct az_logistic_fit {
    double l1;             /* f(w) + l1 sum |coefficients| is minimised; 0: f alone */
    double tol;            /* stop at a gradient norm of at most this */
    int64_t max_iter;
    double *w, *gradient;  /* (n_parameters) the caller's; w: the start, then the result; the gradient of f at w */
    double value;          /* f(w), without the absolute values */
    double gradient_norm;  /* the greatest |df/dw_j| / rms_j; with l1 that of the nearest subgradient */
    bool converged;
    bool diverging; /* the gradient vanishes because coefficients grow without bound: the classes are separable */
    int64_t n_iterations;
} az_logistic_fit;

/* Fails only for want of memory, or with AZ_STOPPED or AZ_INTERRUPTED; not to converge is no failure. */
az_status az_logistic_minimise(az_logistic_loss *loss, az_logistic_fit *fit, const az_control *control);

#endif
