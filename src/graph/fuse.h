/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_GRAPH_FUSE_H
#define AZ_GRAPH_FUSE_H

#include "graph/plan.h"

/* Gives groups of elementwise ops loops of their own; where that cannot be, they stay as they are. */
az_status az_fuse(az_plan *plan);
void az_fuse_free(az_plan *plan);

#endif
