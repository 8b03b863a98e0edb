/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rules of ops share. */
#ifndef AZ_OPS_RULES_H
#define AZ_OPS_RULES_H

#include "ops/map.h"
#include "ops/shape.h"
#include <ansatz/op.h>

/* Shape rule of elementwise ops: all inputs of one shape and one real type. */
az_status az_rule_elementwise(const az_op_arguments *arguments, az_type *type, az_shape *shape);
/* Broadcasts two operands (numpy's rule) and applies the op; the same of one and of three. */
az_node az_apply1(const az_op *op, az_node a);
az_node az_apply2(const az_op *op, az_node a, az_node b);
/* Is x one number everywhere, as a constant or broadcast from one?  Then *value is it. */
bool az_is_constant(az_node x, double *value);
/* A constant of x's type. */
az_node az_constant_like(az_node x, double value);
/* a + b where either may be AZ_NO_NODE, which stands for zero. */
az_node az_add_or(az_node a, az_node b);

/* Samples of elementwise ops: shapes odd, zero and one, with values in [lower, upper]. */
bool az_sample_elementwise(int64_t number, az_op_sample *sample, int n, double lower, double upper);

#endif
