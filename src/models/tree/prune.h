/* SPDX-License-Identifier: BSD-3-Clause */
/* Minimal cost-complexity pruning (Breiman, Friedman, Olshen, Stone 1984, chapter 3). */
#ifndef AZ_MODELS_TREE_PRUNE_H
#define AZ_MODELS_TREE_PRUNE_H

#include "models/tree/nodes.h"

/* Cuts the tree back to the smallest subtree that minimises impurity + alpha * number of leaves.  gain (n_nodes): by
 * how much the split of a node lowers the impurity, in the unit of alpha; value (n_nodes, n_outputs): what a node would
 * say as a leaf.  importance (n_features, or NULL) gets the gains of the splits that stay added. */
az_status az_prune(az_tree *tree, int64_t n_outputs, const double *gain, const double *value, double alpha,
                   double *importance);

#endif
