/* SPDX-License-Identifier: BSD-3-Clause */
#include "optim/newton_cg.h"

#include <float.h>
#include <math.h>
#include <string.h>

static double dot(int64_t n, const double *a, const double *b)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void newton_direction(az_newton_cg *newton, double relative, double *step, double *residual, double *search,
                             double *product)
{
    int64_t n = newton->n;
    double *conditioned = product; /* shares memory: the product is used up when the residual is conditioned */
    for (int64_t i = 0; i < n; i++) {
        step[i] = 0;
        residual[i] = search[i] = -newton->gradient[i];
    }
    newton->precondition(newton->context, search);
    double size = dot(n, residual, search), stop = relative * relative * size;
    newton->n_products = 0;
    while (size > stop && newton->n_products < 200) {
        newton->hessian_product(newton->context, search, product);
        newton->n_products++;
        double curvature = dot(n, search, product);
        /* Rounding alone can make the curvature of a convex function vanish: what has been found is kept. */
        if (!(curvature > 0)) break;
        double length = size / curvature;
        for (int64_t i = 0; i < n; i++) {
            step[i] += length * search[i];
            residual[i] -= length * product[i];
        }
        memcpy(conditioned, residual, (size_t)n * sizeof *residual);
        newton->precondition(newton->context, conditioned);
        double next = dot(n, residual, conditioned);
        for (int64_t i = 0; i < n; i++) search[i] = conditioned[i] + next / size * search[i];
        size = next;
    }
}

bool az_newton_cg_step(az_newton_cg *newton, double relative)
{
    int64_t n = newton->n;
    double *step = newton->work, *trial = step + n, *gradient = trial + n;
    newton_direction(newton, relative, step, trial, gradient, gradient + n);
    double slope = dot(n, newton->gradient, step);
    newton->decrement = -slope;
    if (!(slope < 0)) return false;
    /* Near the minimum the decrease is lost in the rounding of the value; that much increase is let through. */
    double slack = 8 * DBL_EPSILON * fabs(newton->value);
    for (double length = 1; length > 1e-10; length *= 0.5) {
        for (int64_t i = 0; i < n; i++) trial[i] = newton->x[i] + length * step[i];
        double value = newton->value_gradient(newton->context, trial, gradient);
        if (value <= newton->value + 1e-4 * length * slope + slack) {
            memcpy(newton->x, trial, (size_t)n * sizeof *trial);
            memcpy(newton->gradient, gradient, (size_t)n * sizeof *gradient);
            newton->value = value;
            return true;
        }
    }
    return false;
}
