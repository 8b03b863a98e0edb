/* SPDX-License-Identifier: BSD-3-Clause */
#include "ops/registry.h"

#include <stddef.h>

extern const az_op *const az_ops_arithmetic[],
    *const az_ops_exponential[], *const az_ops_matmul[], *const az_ops_shapes[], *const az_ops_sums[],
                                                                                     *const az_ops_types[];

const az_op *const *const az_op_families[] = {
    az_ops_arithmetic, az_ops_exponential, az_ops_matmul, az_ops_shapes, az_ops_sums, az_ops_types, NULL,
};
