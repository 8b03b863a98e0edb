/* SPDX-License-Identifier: BSD-3-Clause */
/* Nearest neighbours in many dimensions: every training point is looked at, in single precision and in blocks; those
 * that rounding does not exclude are measured in double. */
#ifndef AZ_MODELS_KNN_BRUTE_H
#define AZ_MODELS_KNN_BRUTE_H

#include "base/status.h"
#include "models/knn_points.h"

typedef struct az_knn_brute az_knn_brute;

/* The points are borrowed. */
az_status az_knn_brute_new(az_knn_brute **brute, const az_knn_points *points);
void az_knn_brute_free(az_knn_brute *brute);
/* The neighbours of n_queries finite queries (n_queries, n_features; periodic features wrapped) into empty heaps.
 * Allocates nothing: scratch holds az_knn_brute_scratch bytes, aligned to 8. */
size_t az_knn_brute_scratch(const az_knn_brute *brute, int64_t n_queries);
void az_knn_brute_search(const az_knn_brute *brute, const double *queries, int64_t n_queries, az_knn_heap *heaps,
                         void *scratch);

#endif
