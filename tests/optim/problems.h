/* SPDX-License-Identifier: BSD-3-Clause */
/* The problems of reference/optimisers.py: value, and gradient (3). */
#ifndef TESTS_OPTIM_PROBLEMS_H
#define TESTS_OPTIM_PROBLEMS_H

static const double starts[2][3] = {{-1.2, 1.0, 0.5}, {0.3, 1.5, -0.7}};

static inline double rosenbrock(const double *x, double *gradient)
{
    double value = 0;
    for (int i = 0; i < 3; i++) gradient[i] = 0;
    for (int i = 0; i < 2; i++) {
        const double u = x[i + 1] - x[i] * x[i], v = 1 - x[i];
        value += 100 * u * u + v * v;
        gradient[i] -= 400 * u * x[i] + 2 * v;
        gradient[i + 1] += 200 * u;
    }
    return value;
}

/* Curvatures 1, ratio, ratio^2. */
static inline double quadratic(double ratio, const double *x, double *gradient)
{
    static const double centre[3] = {1, -2, 3};
    double value = 0, curvature = 1;
    for (int i = 0; i < 3; i++, curvature *= ratio) {
        const double u = x[i] - centre[i];
        value += 0.5 * curvature * u * u;
        gradient[i] = curvature * u;
    }
    return value;
}

#endif
