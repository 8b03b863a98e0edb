/* SPDX-License-Identifier: BSD-3-Clause */
/* Features that share a column of codes: of the features of a bundle no more than one differs from its commonest code
 * in any row, as it is with one-hot columns.  Ke, Meng, Finley et al., LightGBM, NeurIPS 2017, section 4; here without
 * any conflicts, so that nothing is lost. */
#ifndef AZ_MODELS_TREE_BUNDLE_H
#define AZ_MODELS_TREE_BUNDLE_H

#include "models/tree/bins.h"

/* A column is 0 where all features of its bundle have their common code; behind come the other codes of the first
 * feature, those of the second, and so on.  A feature that has a column for itself keeps its codes. */
typedef struct az_bundles {
    int64_t n_rows, n_features, n_columns;
    uint8_t *codes;   /* (n_rows, n_columns) row-major */
    int32_t *column;  /* (n_features) */
    int32_t *common;  /* (n_features) the code that is left out; -1: the column is the feature's own */
    int32_t *first;   /* (n_features) where its other codes begin in the column */
    int32_t *n_other; /* (n_features) how many these are: what is missing is among them if any row has it */
    int32_t *n_codes; /* (n_columns) */
} az_bundles;

/* *bundles is NULL if too little can be bundled, or codes have two bytes.  Categories stay by themselves. */
az_status az_bundles_new(az_bundles **bundles, const az_bins *bins, const az_control *control);
void az_bundles_free(az_bundles *bundles); /* NULL is allowed */

/* The feature's own code behind one of its column. */
static inline uint32_t az_bundle_decode(const az_bundles *bundles, int64_t feature, uint32_t code)
{
    const int32_t common = bundles->common[feature];
    if (common < 0) return code;
    const uint32_t other = code - (uint32_t)bundles->first[feature]; /* wraps around below the first */
    return other < (uint32_t)bundles->n_other[feature] ? other + (other >= (uint32_t)common) : (uint32_t)common;
}

#endif
