/* SPDX-License-Identifier: BSD-3-Clause */
/* The state of boosting between two rounds, for checkpoints: trees, gains, and what early stopping goes by.  Scores are
 * not kept: they are the sums of the trees' values in order, which gives the same bits. */
#ifndef AZ_MODELS_TREE_BOOSTING_CHECKPOINT_H
#define AZ_MODELS_TREE_BOOSTING_CHECKPOINT_H

#include "models/tree/boosting_options.h"

typedef struct az_boosting_state {
    const az_sample *sample;
    const az_boosting_options *options;
    az_boosting *model; /* its trees have room for all rounds; those of the first n_done are there */
    int64_t n_done;     /* rounds */
    int64_t best_round; /* with early stopping */
    double best_loss;
} az_boosting_state;

/* For az_iteration_store; context: an az_boosting_state. */
az_status az_boosting_state_save(void *context, az_bundle *bundle);
az_status az_boosting_state_load(void *context, const az_bundle *bundle, int64_t n_done);

#endif
