/* SPDX-License-Identifier: BSD-3-Clause */
/* Which colours a field is drawn in. */
#include "report/map.h"

#include "base/memory.h"
#include "data/quantile.h"

#include <math.h>

/* Counts the values beyond the ends. */
static void count_beyond(az_colours *colours, const double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        colours->n_below += values[i] < colours->lower;
        colours->n_above += values[i] > colours->upper;
    }
}

az_status az_colours_choose(az_colours *colours, const double *values, int64_t n)
{
    double *sorted;
    int64_t n_finite = 0;
    AZ_TRY(AZ_NEW_ARRAY(sorted, n));
    for (int64_t i = 0; i < n; i++)
        if (isfinite(values[i])) sorted[n_finite++] = values[i];
    *colours = (az_colours){.upper = 1};
    if (n_finite) {
        colours->lower = az_quantile(sorted, n_finite, 0);
        colours->upper = az_quantile(sorted, n_finite, 1);
        double lower = az_quantile(sorted, n_finite, 0.001), upper = az_quantile(sorted, n_finite, 0.999);
        if (upper > lower && (upper - lower) < 2.0 / 3 * (colours->upper - colours->lower)) {
            colours->lower = lower;
            colours->upper = upper;
        }
    }
    az_free(sorted);
    double below = -colours->lower, above = colours->upper, larger = fmax(below, above);
    if (below > 0 && above > 0 && fmin(below, above) >= 0.25 * larger) {
        colours->palette = AZ_PALETTE_DIVERGING;
        colours->lower = -larger;
        colours->upper = larger;
    }
    if (!(colours->upper > colours->lower)) { /* one value everywhere */
        double width = colours->lower == 0 ? 1 : 0.1 * fabs(colours->lower);
        colours->lower -= width;
        colours->upper += width;
    }
    count_beyond(colours, values, n);
    return AZ_OK;
}
