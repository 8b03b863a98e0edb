/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_OPTIM_PROXIMAL_QUADRATIC_H
#define AZ_OPTIM_PROXIMAL_QUADRATIC_H

#include "base/status.h"

/* Minimises g.d + d.H d / 2 + sum_j l1_j |x_j + d_j| over d by cyclic coordinate descent (Friedman, Hastie, Tibshirani
 * 2010).  H (n, n) symmetric positive semidefinite, both triangles; step (n) out; product (n) out: H step. */
void az_proximal_quadratic(int64_t n, const double *h, const double *gradient, const double *x, const double *l1,
                           double tolerance, double *step, double *product);

#endif
