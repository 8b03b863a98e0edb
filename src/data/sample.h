/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows chosen at random from a source in one pass. */
#ifndef AZ_DATA_SAMPLE_H
#define AZ_DATA_SAMPLE_H

#include "data/source.h"

/* Every row has a random number made of the seed and its place in the data; the n rows with the smallest are the
 * sample, in the order of the data.  Neither blocks nor threads change what is chosen. */
typedef struct az_sampler az_sampler;
az_status az_sampler_new(az_sampler **sampler, int64_t n, uint64_t seed);
/* Offers the rows of a block (usable: one byte a row, NULL: all); those that `must` marks (may be NULL) are kept beyond
 * the n. */
az_status az_sampler_add(az_sampler *sampler, const az_table *block, const unsigned char *usable,
                         const unsigned char *must);
/* The sample; fewer than n rows if there were no more.  AZ_ERROR_DATA: there was none. */
az_status az_sampler_take(az_sampler *sampler, az_table **table);
void az_sampler_free(az_sampler *sampler); /* NULL is allowed */

/* n rows of all that are left of a source; *n_seen: how many there were. */
az_status az_table_sample(az_table **table, az_source *source, int64_t n, uint64_t seed, int64_t *n_seen,
                          const az_control *control);

#endif
