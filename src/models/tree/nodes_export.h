/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees as a program. */
#ifndef AZ_MODELS_TREE_NODES_EXPORT_H
#define AZ_MODELS_TREE_NODES_EXPORT_H

#include "code/code.h"
#include "models/tree/nodes.h"

/* What is summed.  Where trees have one output and there are several sums, tree t adds to sum t % n_sums. */
typedef struct az_trees_sum {
    int64_t n_sums;
    const double *initial;    /* (n_sums), NULL: zeros */
    const double *tree_scale; /* (n_trees), NULL: ones */
} az_trees_sum;

/* Puts down tables, the constants n_trees and n_sums and
 * `procedure sum_trees(in real features[n_features], out real sums[n_sums])`: initial values, then the trees in order.
 */
void az_trees_export(const az_trees *trees, const az_trees_sum *sum, az_code *code);

#endif
