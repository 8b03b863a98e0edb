/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/boosting_checkpoint.h"

#include "base/json_write.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* A digest of all that makes the trees what they are, besides the data and the number of rounds: trees of other
 * settings would be taken for the first ones of this fit, and nobody told. */
static az_status digest_settings(const az_boosting_state *state, double *digest)
{
    az_json json = {0};
    az_boosting_options options = *state->options;
    options.n_estimators = 0;
    az_json_begin_object(&json, NULL);
    az_params_print(az_boosting_class.params, &options, &json);
    az_json_end_object(&json);
    az_status status = az_text_status(&json.text);
    if (!status) {
        const uint64_t text = az_digest_text(0, json.text.data);
        const uint64_t all =
            az_digest_word(az_digest_word(text, state->sample->seed), (uint64_t)state->model->n_scores);
        *digest = (double)(all >> 11); /* 53 bits, which a double holds */
    }
    az_text_free(&json.text);
    return status;
}

az_status az_boosting_state_save(void *context, az_bundle *bundle)
{
    const az_boosting_state *state = context;
    const az_boosting *model = state->model;
    double facts[3] = {(double)state->best_round, state->best_loss, 0};
    az_trees grown = *model->trees;
    grown.n_trees = state->n_done * model->n_scores;
    AZ_TRY(digest_settings(state, &facts[2]));
    AZ_TRY(az_trees_save(&grown, bundle));
    AZ_TRY(az_bundle_put_f64(bundle, "boosting.facts", facts, 3));
    AZ_TRY(az_bundle_put_f64(bundle, "boosting.initial", model->initial, model->n_scores));
    return az_bundle_put_f64(bundle, "boosting.gain", model->gain, model->n_features);
}

/* Checked whole before the state is touched. */
az_status az_boosting_state_load(void *context, const az_bundle *bundle, int64_t n_done)
{
    az_boosting_state *state = context;
    az_boosting *model = state->model;
    const int64_t n_scores = model->n_scores;
    const double *facts, *initial, *gain;
    double digest;
    az_trees *trees;
    AZ_TRY(digest_settings(state, &digest));
    AZ_TRY(az_bundle_get_f64(bundle, "boosting.facts", 3, &facts, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "boosting.initial", n_scores, &initial, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "boosting.gain", model->n_features, &gain, NULL));
    if (facts[2] != digest)
        return az_error(AZ_ERROR_DATA, "its trees were grown with other parameters than those given now");
    if (n_done > state->options->n_estimators)
        return az_error(AZ_ERROR_DATA, "it has %lld rounds, more than n_estimators = %lld", (long long)n_done,
                        (long long)state->options->n_estimators);
    if (!(facts[0] >= 0 && facts[0] <= (double)n_done))
        return az_error(AZ_ERROR_DATA, "its best round is none of its rounds");
    AZ_TRY(az_trees_load(&trees, bundle, model->n_features, 1));
    if (trees->n_trees != n_done * n_scores) {
        az_trees_free(trees);
        return az_error(AZ_ERROR_DATA, "the number of trees is not that of the rounds");
    }
    for (int64_t t = 0; t < trees->n_trees; t++) {
        az_tree_clear(&model->trees->trees[t]);
        model->trees->trees[t] = trees->trees[t];
        trees->trees[t] = (az_tree){0};
    }
    az_trees_note(model->trees);
    az_trees_free(trees);
    memcpy(model->initial, initial, sizeof *initial * (size_t)n_scores);
    memcpy(model->gain, gain, sizeof *gain * (size_t)model->n_features);
    state->n_done = n_done;
    state->best_round = (int64_t)facts[0];
    state->best_loss = facts[1];
    return AZ_OK;
}
