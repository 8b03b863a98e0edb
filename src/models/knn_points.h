/* SPDX-License-Identifier: BSD-3-Clause */
/* What both searches for nearest neighbours share: the training points, their metric, and the list of the k best.
 *
 * Both searches end in the same distance, computed by the same additions in the same order, and order neighbours by
 * (distance, training row).  So they return the same neighbours to the last bit, whatever was searched first. */
#ifndef AZ_MODELS_KNN_POINTS_H
#define AZ_MODELS_KNN_POINTS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct az_knn_points {
    int64_t n_rows, n_features;
    const double *x;      /* (n_rows, n_features) row-major; a periodic feature lies in [0, period) */
    const double *period; /* (n_features), 0: not periodic; NULL: none is */
    bool manhattan;       /* sum of |difference|; else the sum of its square (the root is taken at the very end) */
} az_knn_points;

/* Into [0, period).  The second line is for a value a little below 0, whose remainder rounds to the period itself. */
static inline double az_knn_wrap(double value, double period)
{
    value -= period * floor(value / period);
    return value >= 0 && value < period ? value : 0;
}

/* Four sums that are joined at the end: shorter chains of additions.  Feature j always goes into sum j mod 4. */
#define AZ_KNN_SUM(gap)                                                                                    \
    double sums[4] = {0, 0, 0, 0};                                                                         \
    for (int64_t j = 0; j < points->n_features; j++) {                                                     \
        double distance_j = (gap);                                                                         \
        sums[j & 3] += points->manhattan ? distance_j : distance_j * distance_j;                           \
    }                                                                                                      \
    return (sums[0] + sums[1]) + (sums[2] + sums[3])

static inline double az_knn_gap(const az_knn_points *points, int64_t j, double a, double b)
{
    double gap = fabs(a - b);
    if (!points->period || points->period[j] == 0) return gap;
    return gap < points->period[j] - gap ? gap : points->period[j] - gap;
}

static inline double az_knn_general_distance(const az_knn_points *points, const double *a, const double *b)
{
    AZ_KNN_SUM(az_knn_gap(points, j, a[j], b[j]));
}

/* The Euclidean distance without periods, in steps of four features: the same sums as above. */
static inline double az_knn_distance(const az_knn_points *points, const double *a, const double *b)
{
    if (points->period || points->manhattan) return az_knn_general_distance(points, a, b);
    double sums[4] = {0, 0, 0, 0};
    const int64_t n = points->n_features, n_whole = n & ~(int64_t)3;
    for (int64_t j = 0; j < n_whole; j += 4)
        for (int k = 0; k < 4; k++) sums[k] += (a[j + k] - b[j + k]) * (a[j + k] - b[j + k]);
    for (int64_t j = n_whole; j < n; j++) sums[j & 3] += (a[j] - b[j]) * (a[j] - b[j]);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* The best `capacity` neighbours so far: a binary heap with the worst on top. */
typedef struct az_knn_heap {
    int64_t n, capacity;
    double *distance;
    int64_t *row;
} az_knn_heap;

/* A point farther than this cannot become a neighbour; one at this very distance can, by its row. */
static inline double az_knn_heap_bound(const az_knn_heap *heap)
{
    return heap->n < heap->capacity ? INFINITY : heap->distance[0];
}

void az_knn_heap_offer(az_knn_heap *heap, double distance, int64_t row);
void az_knn_heap_sort(az_knn_heap *heap); /* nearest first; no offers after it */

#endif
