/* SPDX-License-Identifier: BSD-3-Clause */
/* Truncated Newton for smooth convex functions: the Newton step by preconditioned conjugate gradients, then a
 * backtracking line search (Nocedal and Wright 2006, algorithm 7.1). */
#ifndef AZ_OPTIM_NEWTON_CG_H
#define AZ_OPTIM_NEWTON_CG_H

#include "base/status.h"

typedef struct az_newton_cg {
    int64_t n;
    void *context;
    double (*value_gradient)(void *context, const double *x, double *gradient);
    void (*hessian_product)(void *context, const double *v, double *product); /* at the x of the last value_gradient */
    void (*precondition)(void *context, double *r);                           /* r = M^-1 r, M positive definite */
    double *x, *gradient; /* (n) the caller's; gradient and value belong to x */
    double value;
    double *work;         /* (4 n) the caller's */
    int64_t n_products;   /* conjugate gradient steps of the last iteration */
    double decrement;     /* -g.d of the last step: twice the decrease that the quadratic model promises */
} az_newton_cg;

/* One step; relative: the part of the first residual, in the norm of M^-1, at which conjugate gradients stop.  False
 * if no step lowers the value: x, value and gradient are as before. */
bool az_newton_cg_step(az_newton_cg *newton, double relative);

#endif
