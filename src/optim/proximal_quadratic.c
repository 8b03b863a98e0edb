/* SPDX-License-Identifier: BSD-3-Clause */
#include "optim/proximal_quadratic.h"

#include <math.h>

void az_proximal_quadratic(int64_t n, const double *h, const double *gradient, const double *x, const double *l1,
                           double tolerance, double *step, double *product)
{
    for (int64_t j = 0; j < n; j++) step[j] = product[j] = 0;
    for (int sweep = 0; sweep < 1000; sweep++) {
        double largest = 0;
        for (int64_t j = 0; j < n; j++) {
            const double *column = h + j * n;
            if (!(column[j] > 0)) continue; /* a column of zeros: its coefficient stays */
            double now = x[j] + step[j], free = now - (gradient[j] + product[j]) / column[j], bound = l1[j] / column[j];
            double next = free > bound ? free - bound : free < -bound ? free + bound : 0, change = next - now;
            if (change == 0) continue;
            step[j] += change;
            for (int64_t i = 0; i < n; i++) product[i] += change * column[i];
            largest = fmax(largest, fabs(change) * sqrt(column[j]));
        }
        if (!(largest > tolerance)) break;
    }
}
