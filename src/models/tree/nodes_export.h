/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees as a program. */
#ifndef AZ_MODELS_TREE_NODES_EXPORT_H
#define AZ_MODELS_TREE_NODES_EXPORT_H

#include "code/code.h"
#include "models/tree/nodes.h"

/* Puts down tables, the constants n_trees and n_sums and
 * `procedure sum_trees(in real features[n_features], out real sums[n_sums])`: `initial` (n_sums, NULL: zeros), then the
 * trees in order.  Where they have one output and there are several sums, tree t adds to sum t % n_sums. */
void az_trees_export(const az_trees *trees, int64_t n_sums, const double *initial, az_code *code);

/* The body of `evaluate` that sums the trees and takes the sums to probabilities as az_link_apply does. */
extern const char az_code_softmax_of_trees[];

#endif
