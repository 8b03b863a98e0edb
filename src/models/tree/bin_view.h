/* SPDX-License-Identifier: BSD-3-Clause */
/* A coarser look at a binned table, one byte a value, for nodes of so many rows that it does not matter where exactly
 * they are cut. */
#ifndef AZ_MODELS_TREE_BIN_VIEW_H
#define AZ_MODELS_TREE_BIN_VIEW_H

#include "models/tree/bins.h"

enum { AZ_VIEW_CODES = 256 };

typedef struct az_bin_view {
    uint8_t *codes;  /* (n_rows, n_features) row-major; what is missing has the code n_bins */
    int32_t *n_bins; /* (n_features) at most 255; 0: the view leaves the feature out, being of no use to it */
    uint16_t *last;  /* (n_features, AZ_VIEW_CODES) the last code of the table in each bin of the view */
} az_bin_view;

/* A view with at most max_bins (2 to 255) bins a numeric feature.  *view is NULL if no feature has more.
 *
 * Half of the cuts lie at equal steps of the rank among the rows, the other half at equal steps of its logit, so that
 * there are about as many between the first 10 and 100 rows of a feature as between 100 and 1,000.  For on a feature
 * that says nothing the best of all cuts is as often at the ends as that: it takes a few rows off and leaves the
 * others to be split by better features, and forests are the better for it (end-cut preference: Breiman et al. 1984,
 * section 11.8; Ishwaran 2015, Machine Learning 99:75-118).  With 255 equal bins there is no cut that takes less
 * than 0.4 per cent. */
az_status az_bin_view_new(az_bin_view **view, const az_bins *bins, int64_t max_bins, const az_control *control);
void az_bin_view_free(az_bin_view *view);

#endif
