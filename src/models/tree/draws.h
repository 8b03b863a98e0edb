/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rows the trees of an ensemble saw.  They are not kept but drawn again: out of bag (oob.c), and for the
 * infinitesimal jackknife (jackknife.c). */
#ifndef AZ_MODELS_TREE_DRAWS_H
#define AZ_MODELS_TREE_DRAWS_H

#include "base/safetensors.h"

#include <stdbool.h>

struct az_sample;

/* Trees grown in one fit.  An ensemble that went on, or was merged, is a list of them, in the order of its trees. */
typedef struct az_draws {
    int64_t n_trees;
    int64_t first;           /* the number of the first tree, by which its rows are drawn */
    int64_t n_rows, n_drawn; /* of so many rows so many are drawn for each tree */
    uint64_t seed;
    uint64_t digest; /* of the rows: features and targets; 0: not known, of rows that came from a stream */
    bool draws;      /* else each tree sees every row once */
    bool bootstrap;  /* with replacement */
} az_draws;

/* How often each row is in the sample of tree t (from 0) of these; NULL where that is once (count (n_rows) is not
 * touched then).  The same tree has the same rows whenever it is asked. */
const uint16_t *az_draw_rows(const az_draws *draws, int64_t t, uint16_t *count);

/* Equal where features and targets of all rows are. */
uint64_t az_draws_digest(const struct az_sample *sample);

/* Two lists as one; empty if either is, for then it is not known of some trees. */
az_status az_draws_join(az_draws **joined, int64_t *n_joined, const az_draws *a, int64_t n_a, const az_draws *b,
                        int64_t n_b);

/* The array "tree.draws"; *n 0: a file of an older version has none. */
az_status az_draws_save(const az_draws *draws, int64_t n, az_bundle *bundle);
az_status az_draws_load(az_draws **draws, int64_t *n, const az_bundle *bundle, int64_t n_trees);

#endif
