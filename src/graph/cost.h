/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_GRAPH_COST_H
#define AZ_GRAPH_COST_H

#include "graph/plan.h"

/* Of one row (of all, where no operand has rows), by the op's descriptor. */
az_cost az_cost_of(const az_op *op, const az_call *call);
/* Fills in the cost of every phase. */
void az_estimate(az_plan *plan);

#endif
