/* SPDX-License-Identifier: BSD-3-Clause */
/* The inner loop of knn_brute.c: scores of some queries against some training points in single precision. */
#ifndef AZ_MODELS_KNN_KERNEL_H
#define AZ_MODELS_KNN_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

enum { AZ_KNN_WIDTH = 32, AZ_KNN_HEIGHT = 12, AZ_KNN_KERNELS = 3 }; /* points in a panel, queries in a group, ... */

/* score = start - sum_j query_j panel_j, or (manhattan) start + sum_j |query_j - panel_j|, in any order of operations
 * with one rounding each, products fused or not.  Bit i of mask[q]: the score of point i for query q is at most
 * threshold[q].  panel (n_columns, WIDTH), start (WIDTH), query (n_columns, HEIGHT), threshold and mask (HEIGHT); the
 * masks of the first n_queries are set, those of the others may be. */
typedef void (*az_knn_kernel)(const float *panel, const float *start, int64_t n_columns, const float *query,
                              int64_t n_queries, const float *threshold, uint32_t *mask);

/* Those that this CPU runs, the fastest first; returns how many.  Which one is taken changes speed alone: scores only
 * tell which points to look at. */
int az_knn_kernel_list(bool manhattan, az_knn_kernel kernels[AZ_KNN_KERNELS]);

#endif
