/* SPDX-License-Identifier: BSD-3-Clause */
/* The binned table that all tree learners share: every feature cut at quantiles into at most max_bins intervals, one
 * byte a value (two where more bins are asked).  Ke, Meng, Finley et al., LightGBM, NeurIPS 2017. */
#ifndef AZ_MODELS_TREE_BINS_H
#define AZ_MODELS_TREE_BINS_H

#include "models/model.h"

/* A value x of a numeric feature has the smallest code b with x <= upper[b] (n_bins - 1 if there is none); a category
 * is its own code; what is missing has the code n_bins, which always exists. */
typedef struct az_bin_feature {
    int32_t n_bins;
    bool categorical;
    const double *upper; /* (n_bins - 1), increasing: halfway between neighbouring values.  NULL if categorical */
    const double *smallest, *largest; /* (n_bins) of the values that the cuts were found on; NULL if categorical */
} az_bin_feature;

enum { AZ_MOST_BINS = 65534 }; /* that codes of two bytes can tell apart */

typedef struct az_bins {
    int64_t n_rows, n_features;
    int32_t max_bins;         /* of any feature, the one for missing values included */
    int code_bytes;           /* 1, or 2 where a feature has more than 255 bins */
    void *codes;              /* (n_rows, n_features) row-major: a row's codes share a cache line */
    az_bin_feature *features; /* (n_features) */
    const double *x;          /* (n_rows, n_features) column-major: the values, borrowed; NULL: not kept */
    double *uppers;
    bool borrowed;            /* codes, features and uppers are another's */
} az_bins;

/* The threshold between bins `left` and `right`, of which right - left - 1 in between are empty in a node: in the
 * middle of the gap. */
double az_bin_threshold(const az_bin_feature *feature, int32_t left, int32_t right);

/* max_bins: of values, 2 to 65,534.  Weights do not move the cuts.  The sample's x must outlive the bins.  A sample
 * that brings bins of its own gets these, which must outlive them too. */
az_status az_bins_new(az_bins **bins, const az_sample *sample, int64_t max_bins, const az_control *control);

/* In parts: the cuts of a sample's features, with room for the codes of n_rows rows that come later in blocks:
 * x (n_rows, n_features) column-major, of which the first is row `first`. */
az_status az_bins_edges(az_bins **bins, const az_sample *sample, int64_t max_bins, int64_t n_rows,
                        const az_control *control);
void az_bins_code(az_bins *bins, const double *x, int64_t n_rows, int64_t first, const az_control *control);
void az_bins_free(az_bins *bins);

#endif
