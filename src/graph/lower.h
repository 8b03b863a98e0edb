/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_GRAPH_LOWER_H
#define AZ_GRAPH_LOWER_H

#include "graph/graph.h"
#include "graph/plan.h"

/* Fills an empty plan, whose isa is set.  folded: the values of nodes that are known already (fold.h), or NULL. */
az_status az_lower(az_plan *plan, const az_node *outputs, const char *const *names, int n_outputs,
                   const void *const *folded);

#endif
