/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_GRAPH_ONE_ROW_H
#define AZ_GRAPH_ONE_ROW_H

#include "graph/plan.h"

/* Finds the spots of all instructions of a plan. */
az_status az_find_spots(az_plan *plan);

#endif
