/* SPDX-License-Identifier: BSD-3-Clause */
/* A k-d tree (Bentley 1975; search by bounds: Friedman, Bentley, Finkel 1977) over points with the metrics of
 * knn_points.h, periodic features included. */
#ifndef AZ_MODELS_KD_TREE_H
#define AZ_MODELS_KD_TREE_H

#include "base/status.h"
#include "models/knn_points.h"

typedef struct az_kd_tree az_kd_tree;

/* Depends on the points and leaf_size (at least 1) alone; the points' period is borrowed. */
az_status az_kd_tree_new(az_kd_tree **tree, const az_knn_points *points, int64_t leaf_size);
void az_kd_tree_free(az_kd_tree *tree);
/* The neighbours of one finite query (n_features; periodic features wrapped) into an empty heap.  Allocates nothing. */
void az_kd_tree_search(const az_kd_tree *tree, const double *query, az_knn_heap *heap);

#endif
