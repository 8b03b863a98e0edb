/* SPDX-License-Identifier: BSD-3-Clause */
/* A fitted sum of boosted trees. */
#ifndef AZ_MODELS_TREE_BOOSTING_H
#define AZ_MODELS_TREE_BOOSTING_H

#include "models/tree/loss.h"
#include "models/tree/nodes.h"

/* Raw score k of a row: initial[k], then in order the values of trees k, k + n_scores, k + 2 n_scores, ...  The link
 * makes predictions of the scores. */
typedef struct az_boosting {
    az_trees *trees; /* of one output each */
    int64_t n_features, n_scores;
    az_link link;
    double *initial;    /* (n_scores) */
    double *gain;       /* (n_features) sums over the splits */
    double *importance; /* (n_features) the same, so that they sum to 1 */
    double best_loss;   /* of the held-out rows with early stopping; else NaN */
} az_boosting;

void az_boosting_export(const void *fitted, az_code *code);

extern const az_model_class az_boosting_class;

#endif
