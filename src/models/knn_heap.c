/* SPDX-License-Identifier: BSD-3-Clause */
/* The k best neighbours: a heap ordered by (distance, row), so that equal distances are settled by the row. */
#include "models/knn_points.h"

static bool is_worse(double distance, int64_t row, double than_distance, int64_t than_row)
{
    return distance > than_distance || (distance == than_distance && row > than_row);
}

/* Puts an entry into the hole at `place` of a heap of n, moving worse ones up. */
static void sift_down(az_knn_heap *heap, int64_t n, int64_t place, double distance, int64_t row)
{
    for (;;) {
        int64_t child = 2 * place + 1;
        if (child >= n) break;
        if (child + 1 < n && is_worse(heap->distance[child + 1], heap->row[child + 1], heap->distance[child],
                                      heap->row[child]))
            child++;
        if (!is_worse(heap->distance[child], heap->row[child], distance, row)) break;
        heap->distance[place] = heap->distance[child];
        heap->row[place] = heap->row[child];
        place = child;
    }
    heap->distance[place] = distance;
    heap->row[place] = row;
}

void az_knn_heap_offer(az_knn_heap *heap, double distance, int64_t row)
{
    if (heap->n == heap->capacity) {
        if (is_worse(heap->distance[0], heap->row[0], distance, row)) sift_down(heap, heap->n, 0, distance, row);
        return;
    }
    int64_t place = heap->n++;
    while (place > 0) {
        int64_t parent = (place - 1) / 2;
        if (!is_worse(distance, row, heap->distance[parent], heap->row[parent])) break;
        heap->distance[place] = heap->distance[parent];
        heap->row[place] = heap->row[parent];
        place = parent;
    }
    heap->distance[place] = distance;
    heap->row[place] = row;
}

void az_knn_heap_sort(az_knn_heap *heap)
{
    for (int64_t n = heap->n - 1; n > 0; n--) {
        double distance = heap->distance[n];
        int64_t row = heap->row[n];
        heap->distance[n] = heap->distance[0];
        heap->row[n] = heap->row[0];
        sift_down(heap, n, 0, distance, row);
    }
}
