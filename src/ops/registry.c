/* SPDX-License-Identifier: BSD-3-Clause */
#include "ops/registry.h"

#include <stddef.h>

/* One line a family. */
#define FAMILIES(X)                                                                                                    \
    X(along)                                                                                                           \
    X(arithmetic)                                                                                                      \
    X(exponential)                                                                                                     \
    X(extremes)                                                                                                        \
    X(gather)                                                                                                          \
    X(matmul)                                                                                                          \
    X(matmul_batch)                                                                                                    \
    X(parts)                                                                                                           \
    X(piecewise)                                                                                                       \
    X(polygamma)                                                                                                       \
    X(powers)                                                                                                          \
    X(random)                                                                                                          \
    X(shapes)                                                                                                          \
    X(special)                                                                                                         \
    X(sum_products)                                                                                                    \
    X(sums)                                                                                                            \
    X(trigonometric)                                                                                                   \
    X(types)

#define DECLARE(family) extern const az_op *const az_ops_##family[];
#define LIST(family)    az_ops_##family,
FAMILIES(DECLARE)
const az_op *const *const az_op_families[] = {FAMILIES(LIST) NULL};
