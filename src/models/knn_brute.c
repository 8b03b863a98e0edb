/* SPDX-License-Identifier: BSD-3-Clause */
/* Brute force with a cheap first look.  Points are centred, scaled by a power of two and kept in single precision; for
 * a query a and a training point b the kernel computes
 *
 *   Euclidean:  S = H_b - a.b           where |a - b|^2 = |a|^2 + 2 (|b|^2 / 2 - a.b)
 *   Manhattan:  S = H_b + sum |a_j - b_j|
 *
 * and b is measured in double only if S <= T_a.  H_b and T_a carry a bound of all rounding errors, so that no neighbour
 * is lost.  With u = 2^-24 the n products or gaps, the n additions and the conversions of a and b to single precision
 * err by at most (n + 8) u (|H_b| + sum |a_j| |b_j|), higher orders apart (Higham 2002, section 3.1).  Let eps
 * be (n + 16) u, a little more.  By |a||b| <= (|a|^2 + |b|^2) / 2 the error is at most eps |b|^2 + eps |a|^2 / 2: the
 * first part is known with b and the second with a, and neither needs a look at the pair.  Hence
 *
 *   Euclidean:  H_b = |b|^2 / 2 - eps |b|^2,  T_a = (d_k^2 - |a|^2 + eps |a|^2) / 2
 *   Manhattan:  H_b = -eps |b|_1,             T_a = d_k + eps |a|_1
 *
 * with d_k the distance of the k-th neighbour so far, enlarged by the rounding errors of double precision, H_b rounded
 * down and T_a up.
 *
 * A feature with a period P becomes two columns, r cos and r sin of 2 pi x / P with r = P / (2 pi): a chord is never
 * longer than its arc, so that the distance of the columns is a lower bound of the true one; in the Manhattan metric r
 * is divided by sqrt(2), because |cos| + |sin| of a chord is at most sqrt(2) times its length. */
#include "models/knn_brute.h"

#include "base/memory.h"
#include "base/random.h"
#include "models/knn_kernel.h"

#include <string.h>

enum { WIDTH = AZ_KNN_WIDTH, HEIGHT = AZ_KNN_HEIGHT };

/* Queries whose |a|^2 (or |a|_1) is beyond 2^60 times that of the points, which single precision holds with room to
 * spare, are measured against every point; so are all if numbers are too many, too large or too small for that. */
#define LARGEST_SIZE 0x1p60
#define MOST_COLUMNS 100000

struct az_knn_brute {
    const az_knn_points *points;
    bool usable;         /* false: every point is measured */
    int64_t n_columns, n_panels;
    double *center;      /* (n_columns) */
    double scale;        /* a power of two: the largest point has a norm of about 1 */
    double epsilon;      /* as above */
    double slack;        /* error of the columns made from periodic features, in units of the scaled distance */
    int64_t *row;        /* (n_rows): the training row at each place of the panels */
    float *start;        /* (n_panels, WIDTH): H_b */
    float *panels;       /* (n_panels, n_columns, WIDTH) */
    void *memory;        /* of start and panels, which are aligned in it */
    az_knn_kernel kernel;
};

void az_knn_brute_free(az_knn_brute *brute)
{
    if (!brute) return;
    az_free(brute->center);
    az_free(brute->row);
    az_free(brute->memory);
    az_free(brute);
}

static double period_of(const az_knn_points *points, int64_t j)
{
    return points->period ? points->period[j] : 0;
}

static double radius(const az_knn_points *points, int64_t j)
{
    const double two_pi = 6.283185307179586;
    return period_of(points, j) / (points->manhattan ? two_pi * sqrt(2) : two_pi);
}

/* The columns of a point, neither centred nor scaled. */
static void make_columns(const az_knn_points *points, const double *x, double *columns)
{
    for (int64_t j = 0; j < points->n_features; j++) {
        if (period_of(points, j) == 0) {
            *columns++ = x[j];
        } else {
            double angle = 6.283185307179586 * (x[j] / period_of(points, j));
            *columns++ = radius(points, j) * cos(angle);
            *columns++ = radius(points, j) * sin(angle);
        }
    }
}

static void center_and_scale(const az_knn_brute *brute, double *columns)
{
    for (int64_t c = 0; c < brute->n_columns; c++) columns[c] = (columns[c] - brute->center[c]) * brute->scale;
}

/* |a|^2 or |a|_1. */
static double size_of(const az_knn_brute *brute, const double *columns)
{
    double sum = 0;
    for (int64_t c = 0; c < brute->n_columns; c++)
        sum += brute->points->manhattan ? fabs(columns[c]) : columns[c] * columns[c];
    return sum;
}

static float round_down(double value)
{
    float rounded = (float)value;
    return (double)rounded > value ? nextafterf(rounded, -INFINITY) : rounded;
}

static float round_up(double value)
{
    if (!(value < 1e37)) return INFINITY;
    float rounded = (float)value;
    return (double)rounded < value ? nextafterf(rounded, INFINITY) : rounded;
}

/* Centre (the mean of each column; any value near would do) and scale. */
static void measure(az_knn_brute *brute, double *columns)
{
    const az_knn_points *points = brute->points;
    const int64_t n_rows = points->n_rows, n_columns = brute->n_columns;
    memset(brute->center, 0, (size_t)n_columns * sizeof *brute->center);
    for (int64_t i = 0; i < n_rows; i++) {
        make_columns(points, points->x + i * points->n_features, columns);
        for (int64_t c = 0; c < n_columns; c++) brute->center[c] += columns[c] / (double)n_rows;
    }
    brute->scale = 1;
    double largest = 0;
    bool finite = true;
    for (int64_t i = 0; i < n_rows; i++) {
        make_columns(points, points->x + i * points->n_features, columns);
        center_and_scale(brute, columns);
        double size = size_of(brute, columns);
        finite = finite && isfinite(size);
        if (size > largest) largest = size;
    }
    if (!points->manhattan) largest = sqrt(largest);
    brute->usable = finite && n_columns <= MOST_COLUMNS && largest <= 1e100 && (largest >= 1e-100 || largest == 0);
    if (!brute->usable) return;
    brute->scale = largest == 0 ? 1 : ldexp(1, -ilogb(largest));
    brute->epsilon = 1.01 * (double)(n_columns + 16) * 0x1p-24;
    for (int64_t j = 0; j < points->n_features; j++)
        brute->slack += 0x1p-48 * period_of(points, j) * brute->scale;
}

/* Places are filled in a random order: if rows came sorted, each could be nearer than all before it and would be
 * measured; drawn, only about k ln(n / k) are. */
static void fill_panels(az_knn_brute *brute, double *columns)
{
    const az_knn_points *points = brute->points;
    const int64_t n_columns = brute->n_columns;
    az_random_permutation(az_stream_new(0, "knn"), points->n_rows, brute->row);
    for (int64_t place = 0; place < brute->n_panels * WIDTH; place++) {
        float *panel = brute->panels + place / WIDTH * n_columns * WIDTH + place % WIDTH;
        if (place >= points->n_rows) {
            brute->start[place] = INFINITY;
            for (int64_t c = 0; c < n_columns; c++) panel[c * WIDTH] = 0;
            continue;
        }
        make_columns(points, points->x + brute->row[place] * points->n_features, columns);
        center_and_scale(brute, columns);
        double size = size_of(brute, columns);
        brute->start[place] = round_down((points->manhattan ? 0 : size / 2) - brute->epsilon * size);
        for (int64_t c = 0; c < n_columns; c++) panel[c * WIDTH] = (float)columns[c];
    }
}

az_status az_knn_brute_new(az_knn_brute **result, const az_knn_points *points)
{
    az_status status = AZ_OK;
    az_knn_brute *brute;
    double *columns = NULL;
    AZ_TRY(AZ_NEW_ZERO(brute));
    brute->points = points;
    brute->n_columns = points->n_features;
    for (int64_t j = 0; j < points->n_features; j++) brute->n_columns += period_of(points, j) != 0;
    brute->n_panels = (points->n_rows + WIDTH - 1) / WIDTH;
    AZ_GOTO(AZ_NEW_ARRAY(columns, brute->n_columns));
    AZ_GOTO(AZ_NEW_ARRAY(brute->center, brute->n_columns));
    measure(brute, columns);
    if (brute->usable) {
        const size_t line = 64, panel_size = (size_t)(brute->n_columns + 1) * WIDTH * sizeof(float);
        AZ_GOTO(AZ_NEW_ARRAY(brute->row, points->n_rows));
        brute->memory = az_alloc_array(brute->n_panels + 1, panel_size); /* one more: space to align in */
        if (!brute->memory) status = AZ_ERROR_MEMORY;
        if (status) goto done;
        brute->start = (float *)(((uintptr_t)brute->memory + line - 1) & ~(uintptr_t)(line - 1));
        brute->panels = brute->start + brute->n_panels * WIDTH;
        az_knn_kernel kernels[AZ_KNN_KERNELS];
        az_knn_kernel_list(points->manhattan, kernels);
        brute->kernel = kernels[0];
        fill_panels(brute, columns);
    }
done:
    az_free(columns);
    if (status)
        az_knn_brute_free(brute);
    else
        *result = brute;
    return status;
}

/* Scratch: columns of one query | size of each query | queries in groups | thresholds; the last two in whole groups. */
static int64_t whole_groups(int64_t n_queries)
{
    return (n_queries + HEIGHT - 1) / HEIGHT * HEIGHT;
}

size_t az_knn_brute_scratch(const az_knn_brute *brute, int64_t n_queries)
{
    size_t n = (size_t)whole_groups(n_queries), n_columns = (size_t)brute->n_columns;
    return (n_columns + n) * sizeof(double) + (n * n_columns + n) * sizeof(float);
}

/* T_a for the neighbours found so far. */
static float threshold_of(const az_knn_brute *brute, const az_knn_heap *heap, double size)
{
    const bool manhattan = brute->points->manhattan;
    double bound = az_knn_heap_bound(heap);
    if (isinf(bound)) return INFINITY;
    const double n = (double)brute->n_columns;
    double distance = (manhattan ? bound : sqrt(bound)) * brute->scale;
    distance = distance * (1 + (n + 16) * 0x1p-50) + 2 * brute->slack;
    const double underflow = (n + 4) * 0x1p-80; /* products and values too small for single precision */
    double threshold = manhattan ? distance + brute->epsilon * size
                                 : (distance * distance - size + brute->epsilon * size) / 2;
    return round_up(threshold + underflow);
}

static void measure_all(const az_knn_points *points, const double *query, az_knn_heap *heap)
{
    for (int64_t i = 0; i < points->n_rows; i++)
        az_knn_heap_offer(heap, az_knn_distance(points, query, points->x + i * points->n_features), i);
}

void az_knn_brute_search(const az_knn_brute *brute, const double *queries, int64_t n_queries, az_knn_heap *heaps,
                         void *scratch)
{
    const az_knn_points *points = brute->points;
    const int64_t n_columns = brute->n_columns, n_whole = whole_groups(n_queries);
    double *columns = scratch, *size = columns + n_columns;
    float *packed = (float *)(void *)(size + n_whole), *threshold = packed + n_whole * n_columns;
    for (int64_t q = 0; q < n_whole; q++) {
        float *column = packed + q / HEIGHT * HEIGHT * n_columns + q % HEIGHT;
        bool wanted = q < n_queries && brute->usable;
        if (wanted) {
            make_columns(points, queries + q * points->n_features, columns);
            center_and_scale(brute, columns);
            size[q] = size_of(brute, columns);
            wanted = size[q] <= LARGEST_SIZE;
        }
        threshold[q] = wanted ? INFINITY : -INFINITY; /* no score is below: the query is left out */
        for (int64_t c = 0; c < n_columns; c++) column[c * HEIGHT] = wanted ? (float)columns[c] : 0;
        if (q < n_queries && !wanted) measure_all(points, queries + q * points->n_features, &heaps[q]);
    }
    if (!brute->usable) return;
    for (int64_t p = 0; p < brute->n_panels; p++) {
        for (int64_t first = 0; first < n_queries; first += HEIGHT) {
            uint32_t mask[HEIGHT];
            int64_t end = first + HEIGHT < n_queries ? first + HEIGHT : n_queries;
            brute->kernel(brute->panels + p * n_columns * WIDTH, brute->start + p * WIDTH, n_columns,
                          packed + first * n_columns, end - first, threshold + first, mask);
            for (int64_t q = first; q < end; q++) {
                uint32_t left = mask[q - first];
                if (!left) continue;
                for (; left; left &= left - 1) {
                    int64_t place = p * WIDTH + __builtin_ctz(left);
                    if (place >= points->n_rows) break;
                    int64_t row = brute->row[place];
                    double distance = az_knn_distance(points, queries + q * points->n_features,
                                                      points->x + row * points->n_features);
                    if (distance <= az_knn_heap_bound(&heaps[q])) az_knn_heap_offer(&heaps[q], distance, row);
                }
                threshold[q] = threshold_of(brute, &heaps[q], size[q]);
            }
        }
    }
}
