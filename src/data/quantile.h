/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_DATA_QUANTILE_H
#define AZ_DATA_QUANTILE_H

#include "base/status.h"

/* The q-quantile of n > 0 numbers without NaN; `values` is reordered.  Linear interpolation between order statistics at
 * position (n - 1) q (Hyndman and Fan, Am. Stat. 50 (1996) 361, type 7: the default of NumPy and R). */
double az_quantile(double *values, int64_t n, double q);

/* The same of weighted numbers: the average of the smallest and greatest value at which the cumulated weight reaches
 * and passes q times the total (type 2), which for whole weights is that of the repeated numbers and does not change
 * when all weights are multiplied.  Negative weights count as 0.  AZ_ERROR_MEMORY. */
az_status az_weighted_quantile(const double *values, const double *weight, int64_t n, double q, double *quantile);

#endif
