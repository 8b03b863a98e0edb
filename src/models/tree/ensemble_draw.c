/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rows a tree sees. */
#include "models/tree/draws.h"

#include "base/memory.h"
#include "data/table.h"
#include "models/tree/ensemble.h"

#include <string.h>

/* Drawn with replacement: row i is where the i-th 64 random bits, as a part of all rows, point to. */
static void draw_bootstrap(az_stream stream, int64_t t, int64_t n_drawn, int64_t n_rows, uint16_t *count)
{
    for (int64_t i = 0; i < n_drawn; i += 2) {
        uint32_t bits[4];
        az_random_bits(stream, (uint64_t)t, (uint64_t)i, bits);
        for (int k = 0; k < 2 && i + k < n_drawn; k++) {
            uint64_t word = (uint64_t)bits[2 * k] << 32 | bits[2 * k + 1];
            uint16_t *drawn = &count[(int64_t)((unsigned __int128)word * (uint64_t)n_rows >> 64)];
            if (*drawn < UINT16_MAX) ++*drawn;
        }
    }
}

/* Selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S). */
static void draw_once(az_stream stream, int64_t t, int64_t n_drawn, int64_t n_rows, uint16_t *count)
{
    int64_t left = n_drawn;
    for (int64_t i = 0; i < n_rows && left; i++)
        if (az_random_uniform(stream, (uint64_t)t, (uint64_t)i) * (double)(n_rows - i) < (double)left) {
            count[i] = 1;
            left--;
        }
}

const uint16_t *az_draw_rows(const az_draws *draws, int64_t t, uint16_t *count)
{
    if (!draws->draws) return NULL;
    az_stream stream = az_stream_new(draws->seed, "tree.rows");
    memset(count, 0, sizeof *count * (size_t)draws->n_rows);
    if (draws->bootstrap)
        draw_bootstrap(stream, draws->first + t, draws->n_drawn, draws->n_rows, count);
    else
        draw_once(stream, draws->first + t, draws->n_drawn, draws->n_rows, count);
    return count;
}

uint64_t az_draws_digest(const az_sample *sample)
{
    const int64_t n = sample->n_rows;
    if (!sample->x) return 0;
    uint64_t digest = az_digest_word((uint64_t)n, (uint64_t)sample->n_features), word;
    for (int64_t i = 0; i < n * sample->n_features; i++) {
        memcpy(&word, &sample->x[i], sizeof word);
        digest = az_digest_word(digest, word);
    }
    for (int64_t i = 0; i < n && sample->task == AZ_CLASSIFICATION; i++)
        digest = az_digest_word(digest, (uint64_t)sample->label[i]);
    for (int64_t i = 0; i < n * sample->n_targets && sample->task != AZ_CLASSIFICATION; i++) {
        memcpy(&word, &sample->y[i], sizeof word);
        digest = az_digest_word(digest, word);
    }
    return digest;
}

az_draws az_ensemble_draws(const az_ensemble_plan *plan, const az_ensemble_options *options, const az_sample *sample)
{
    return (az_draws){.n_trees = options->n_estimators - plan->first_tree,
                      .first = plan->first_tree,
                      .n_rows = sample->n_rows,
                      .n_drawn = plan->n_drawn,
                      .seed = sample->seed,
                      .digest = az_draws_digest(sample),
                      .bootstrap = options->bootstrap,
                      .draws = plan->draws};
}

/* Whether b goes on where a stops. */
static bool goes_on(const az_draws *a, const az_draws *b)
{
    return b->digest != 0 && b->first == a->first + a->n_trees && a->seed == b->seed && a->digest == b->digest &&
           a->n_rows == b->n_rows && a->n_drawn == b->n_drawn && a->bootstrap == b->bootstrap && a->draws == b->draws;
}

az_status az_draws_join(az_draws **joined, int64_t *n_joined, const az_draws *a, int64_t n_a, const az_draws *b,
                        int64_t n_b)
{
    az_draws *made;
    *joined = NULL;
    *n_joined = 0;
    if (!n_a || !n_b) return AZ_OK; /* of some trees it is not known */
    AZ_TRY(AZ_NEW_ARRAY(made, n_a + n_b));
    memcpy(made, a, sizeof *made * (size_t)n_a);
    int64_t n = n_a;
    for (int64_t i = 0; i < n_b; i++) {
        if (goes_on(&made[n - 1], &b[i]))
            made[n - 1].n_trees += b[i].n_trees;
        else
            made[n++] = b[i];
    }
    *joined = made;
    *n_joined = n;
    return AZ_OK;
}

/* ---- files: whole numbers, one row of the array for each of the list ---- */

enum { N_NUMBERS = 8 };

az_status az_draws_save(const az_draws *draws, int64_t n, az_bundle *bundle)
{
    int64_t *numbers;
    if (!n) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(numbers, n * N_NUMBERS));
    for (int64_t i = 0; i < n; i++) {
        const int64_t row[N_NUMBERS] = {draws[i].n_trees,       draws[i].first,          draws[i].n_rows,
                                        draws[i].n_drawn,       draws[i].draws,          draws[i].bootstrap,
                                        (int64_t)draws[i].seed, (int64_t)draws[i].digest};
        memcpy(numbers + i * N_NUMBERS, row, sizeof row);
    }
    az_status status = az_bundle_put(bundle, "tree.draws", AZ_DTYPE_I64, 2, (int64_t[]){n, N_NUMBERS}, numbers);
    az_free(numbers);
    return status;
}

az_status az_draws_load(az_draws **draws, int64_t *n, const az_bundle *bundle, int64_t n_trees)
{
    const az_array *array = az_bundle_find(bundle, "tree.draws");
    az_draws *made;
    *draws = NULL;
    *n = 0;
    if (!array) return AZ_OK;
    if (array->dtype != AZ_DTYPE_I64 || array->n_dims != 2 || array->shape[0] < 1 || array->shape[1] != N_NUMBERS)
        return az_error(AZ_ERROR_DATA, "broken model file: which rows its trees saw");
    AZ_TRY(AZ_NEW_ARRAY(made, array->shape[0]));
    int64_t left = n_trees;
    bool whole = true;
    for (int64_t i = 0; i < array->shape[0]; i++) {
        const int64_t *row = (const int64_t *)array->data + i * N_NUMBERS;
        made[i] = (az_draws){.n_trees = row[0],
                             .first = row[1],
                             .n_rows = row[2],
                             .n_drawn = row[3],
                             .draws = row[4] != 0,
                             .bootstrap = row[5] != 0,
                             .seed = (uint64_t)row[6],
                             .digest = (uint64_t)row[7]};
        whole = whole && row[0] >= 1 && row[0] <= left && row[1] >= 0 && row[1] <= INT64_MAX - row[0] && row[2] >= 1 &&
                row[2] <= UINT32_MAX && row[3] >= 1 && row[3] <= row[2];
        if (whole) left -= row[0];
    }
    if (!whole || left != 0) {
        az_free(made);
        return az_error(AZ_ERROR_DATA, "broken model file: which rows its trees saw");
    }
    *draws = made;
    *n = array->shape[0];
    return AZ_OK;
}
