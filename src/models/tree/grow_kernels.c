/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel sets of growing: kinds of cells. */
#include "models/tree/grow_split.h"

#include <math.h>
#include <string.h>

#define JOIN_(a, b) a##_##b
#define JOIN(a, b)  JOIN_(a, b)

static inline double weighted_log(double sum, double mean)
{
    return sum > 0 ? sum * log(mean) : 0;
}

/* The codes of a node's rows that have been counted. */
typedef struct counted {
    uint16_t *codes;    /* (n) that occur, without that of missing values */
    int32_t n, missing; /* missing: that of missing values, or -1 where there are none */
    bool categorical;
    const uint16_t *last; /* of a view: the last code of the table in each bin; else NULL */
} counted;

/* Squared error of one target.  Splitting lowers the sum of squares about the mean by w_l w_r / w (m_l - m_r)^2, with
 * the sums s = w m: (s_l w_r - s_r w_l)^2 / (w w_l w_r).  Written so there is one division, and no difference of two
 * large sums of squares. */
static inline double gain_squared(const double *left, const double *right, const double *total)
{
    double difference = left[1] * right[0] - right[1] * left[0];
    return difference * difference / (total[0] * left[0] * right[0]);
}

/* Half the Poisson deviance, sum w (y log(y / m) - y + m): what a split changes is -sum w y log m. */
static inline double gain_poisson(const double *left, const double *right, const double *total)
{
    if (!(left[1] > 0) || !(right[1] > 0)) return -INFINITY; /* mean zero: no other value has a finite deviance */
    double gain = weighted_log(left[1], left[1] / left[0]) + weighted_log(right[1], right[1] / right[0]) -
                  weighted_log(total[1], total[1] / total[0]);
    return gain > 0 ? gain : 0;
}

#define WIDTH 2
#define SIDES(left, right, total, grower)                                                                              \
    double left[2], right[2];                                                                                          \
    const double total[2] = {(grower)->total[0], (grower)->total[1]}
#define ADD(cell, item, data)                                                                                          \
    do {                                                                                                               \
        (cell)[0] += (item).weight;                                                                                    \
        (cell)[1] += (item).weight * (item).value;                                                                     \
    } while (0)
#define SAME(a, b, data)                ((a).value == (b).value)
#define ORDER(cell)                     ((cell)[1] / (cell)[0])
#define GAIN(left, right, total, width) gain_squared(left, right, total)
#define FN(name)                        JOIN(name, squared)
#include "models/tree/grow_kernels.tmpl.h"
#undef FN
#undef GAIN

#define GAIN(left, right, total, width) gain_poisson(left, right, total)
#define FN(name)                        JOIN(name, poisson)
#include "models/tree/grow_kernels.tmpl.h"
#undef FN
#undef GAIN
#undef WIDTH
#undef SIDES
#undef ADD
#undef SAME
#undef ORDER

/* Gini's impurity of classes, and the squared errors of several targets: the same formula for each sum. */
static inline double gain_squares(const double *left, const double *right, const double *total, int64_t width)
{
    double sum = 0;
    for (int64_t k = 1; k < width; k++) {
        double difference = left[k] * right[0] - right[k] * left[0];
        sum += difference * difference;
    }
    return sum / (total[0] * left[0] * right[0]);
}

/* Entropy times weight: sum over classes of c log(w / c). */
static inline double negative_entropy(const double *cell, int64_t width)
{
    double sum = 0;
    for (int64_t k = 1; k < width; k++) sum += weighted_log(cell[k], cell[k] / cell[0]);
    return sum;
}

static inline double gain_entropy(const double *left, const double *right, const double *total, int64_t width)
{
    double gain = negative_entropy(left, width) + negative_entropy(right, width) - negative_entropy(total, width);
    return gain > 0 ? gain : 0;
}

/* Monotonic constraints are about the second of two classes. */
#define WIDTH width
#define SIDES(left, right, total, grower)                                                                              \
    double *left = (grower)->left, *right = (grower)->right;                                                           \
    const double *total = (grower)->total
#define ORDER(cell) ((cell)[WIDTH - 1] / (cell)[0])
#define ADD(cell, item, data)                                                                                          \
    do {                                                                                                               \
        (cell)[0] += (item).weight;                                                                                    \
        (cell)[1 + (item).label] += (item).weight;                                                                     \
    } while (0)
#define SAME(a, b, data)                ((a).label == (b).label)
#define GAIN(left, right, total, width) gain_squares(left, right, total, width)
#define FN(name)                        JOIN(name, gini)
#include "models/tree/grow_kernels.tmpl.h"
#undef FN
#undef GAIN
#define GAIN(left, right, total, width) gain_entropy(left, right, total, width)
#define FN(name)                        JOIN(name, entropy)
#include "models/tree/grow_kernels.tmpl.h"
#undef FN
#undef GAIN
#undef ADD
#undef SAME

/* Several targets, each scaled to variance one by the caller. */
static inline void add_targets(double *cell, const az_grow_item *item, const az_grow_data *data)
{
    const double *y = data->y + item->row * data->n_outputs;
    cell[0] += item->weight;
    for (int64_t k = 0; k < data->n_outputs; k++) cell[1 + k] += item->weight * y[k];
}

static inline bool same_targets(const az_grow_item *a, const az_grow_item *b, const az_grow_data *data)
{
    return memcmp(data->y + a->row * data->n_outputs, data->y + b->row * data->n_outputs,
                  sizeof *data->y * (size_t)data->n_outputs) == 0;
}
#define ADD(cell, item, data)           add_targets(cell, &(item), data)
#define SAME(a, b, data)                same_targets(&(a), &(b), data)
#define GAIN(left, right, total, width) gain_squares(left, right, total, width)
#define FN(name) JOIN(name, targets)
#include "models/tree/grow_kernels.tmpl.h"

const az_grow_kernels *az_grow_kernels_of(const az_grow_data *data, const az_grow_options *options)
{
    static const az_grow_kernels absolute = {az_grow_absolute_sum, az_grow_absolute_examine};
    switch (options->criterion) {
    case AZ_CRITERION_GINI: return az_grow_two_classes(data, options) ? &kernels_squared : &kernels_gini;
    case AZ_CRITERION_ENTROPY: return &kernels_entropy;
    case AZ_CRITERION_POISSON: return &kernels_poisson;
    case AZ_CRITERION_ABSOLUTE_ERROR: return &absolute;
    case AZ_CRITERION_SQUARED_ERROR: break;
    }
    return data->n_outputs > 1 ? &kernels_targets : &kernels_squared;
}
