/* SPDX-License-Identifier: BSD-3-Clause */
/* What is demanded of trees by column: where predictions may only rise or fall, and which columns may act together. */
#ifndef AZ_MODELS_TREE_CONSTRAINTS_H
#define AZ_MODELS_TREE_CONSTRAINTS_H

#include "models/model.h"

/* "age=1,dose=-1" to (n_features) signs; *monotonic NULL for an empty text, else az_free.  owner: for messages. */
az_status az_monotonic_parse(const char *owner, const char *text, const az_sample *sample, int8_t **monotonic);

/* "a,b;b,c": groups of columns; no path of a tree mixes columns that share no group.  Columns that are not named make
 * one more group.  "no_interactions": each column for itself.  *groups (n_features): the bits of those each one is in;
 * NULL for an empty text and for "no_interactions" (*alone is true then). */
az_status az_interaction_parse(const char *owner, const char *text, const az_sample *sample, uint64_t **groups,
                               bool *alone);

#endif
