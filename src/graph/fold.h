/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_GRAPH_FOLD_H
#define AZ_GRAPH_FOLD_H

#include "graph/graph.h"

/* Finds nodes that are made of constants alone and works them out: values[id], by id, is the value of such a node, held
 * by the arena, and NULL for all others. */
az_status az_fold(const az_node *outputs, int n_outputs, az_isa isa, az_arena *arena, const void **values);

#endif
