/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel sets of growing: kinds of cells times widths of codes. */
#include "models/tree/grow_split.h"

#include <math.h>
#include <string.h>

enum { FEW = 8 }; /* rows that are sorted rather than counted; a power of two */

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

static inline double weighted_log(double sum, double mean)
{
    return sum > 0 ? sum * log(mean) : 0;
}

/* Extremely randomised trees (Geurts, Ernst, Wehenkel 2006): a threshold uniform between the cuts around the values of
 * the node; of categories a random half. */
int32_t az_grow_random_cut(const az_bin_feature *feature, uint16_t *codes, int32_t n_codes, uint64_t draw)
{
    int32_t keep = 1;
    if (feature->categorical) {
        for (int32_t c = n_codes - 1; c > 0; c--) {
            draw = draw * 6364136223846793005u + 1442695040888963407u;
            int32_t other = (int32_t)((draw >> 33) % (uint64_t)(c + 1));
            uint16_t swap = codes[c];
            codes[c] = codes[other];
            codes[other] = swap;
        }
        return n_codes / 2 > 0 ? n_codes / 2 : 1;
    }
    double low = feature->upper[codes[0]], high = feature->upper[codes[n_codes - 1] - 1];
    double cut = low + (high - low) * ((double)(draw >> 11) * 0x1p-53);
    while (keep < n_codes - 1 && feature->upper[codes[keep] - 1] < cut) keep++;
    return keep;
}

void az_split_set(az_split *split, int32_t feature, bool categorical, const uint16_t *codes, int32_t n_codes,
                  int32_t n_left, bool missing_left, bool had_missing, double gain)
{
    split->gain = gain;
    split->feature = feature;
    split->categorical = categorical;
    split->missing_left = missing_left;
    split->had_missing = had_missing;
    split->bin = codes[n_left - 1];
    split->next = n_left < n_codes ? codes[n_left] : codes[n_left - 1] + 1;
    if (!categorical) return;
    memset(split->set, 0, sizeof split->set);
    for (int32_t c = 0; c < n_left; c++) split->set[codes[c] >> 6] |= (uint64_t)1 << (codes[c] & 63);
}

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
#define SIDES(left, right, total, grower)                                                                  \
    double left[2], right[2];                                                                              \
    const double total[2] = {(grower)->total[0], (grower)->total[1]}
#define ADD(cell, item, data)                                                                              \
    do {                                                                                                   \
        (cell)[0] += (item).weight;                                                                        \
        (cell)[1] += (item).weight * (item).value;                                                         \
    } while (0)
#define SAME(a, b, data) ((a).value == (b).value)
#define ORDER(cell) ((cell)[1] / (cell)[0])
#define GAIN(left, right, total, width) gain_squared(left, right, total)
#define CODE uint8_t
#define FN(name) JOIN(name, squared_8)
#include "models/tree/grow_kernels.tmpl.h"
#undef CODE
#undef FN
#define CODE uint16_t
#define FN(name) JOIN(name, squared_16)
#include "models/tree/grow_kernels.tmpl.h"
#undef CODE
#undef FN
#undef GAIN

#define GAIN(left, right, total, width) gain_poisson(left, right, total)
#define CODE uint8_t
#define FN(name) JOIN(name, poisson_8)
#include "models/tree/grow_kernels.tmpl.h"
#undef CODE
#undef FN
#define CODE uint16_t
#define FN(name) JOIN(name, poisson_16)
#include "models/tree/grow_kernels.tmpl.h"
#undef CODE
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
#define SIDES(left, right, total, grower)                                                                  \
    double *left = (grower)->left, *right = (grower)->right;                                               \
    const double *total = (grower)->total
#define ORDER(cell) ((cell)[WIDTH - 1] / (cell)[0])
#define ADD(cell, item, data)                                                                              \
    do {                                                                                                   \
        (cell)[0] += (item).weight;                                                                        \
        (cell)[1 + (item).label] += (item).weight;                                                         \
    } while (0)
#define SAME(a, b, data) ((a).label == (b).label)
#define GAIN(left, right, total, width) gain_squares(left, right, total, width)
#define CODE uint8_t
#define FN(name) JOIN(name, gini_8)
#include "models/tree/grow_kernels.tmpl.h"
#undef CODE
#undef FN
#define CODE uint16_t
#define FN(name) JOIN(name, gini_16)
#include "models/tree/grow_kernels.tmpl.h"
#undef CODE
#undef FN
#undef GAIN
#define GAIN(left, right, total, width) gain_entropy(left, right, total, width)
#define CODE uint8_t
#define FN(name) JOIN(name, entropy_8)
#include "models/tree/grow_kernels.tmpl.h"
#undef CODE
#undef FN
#define CODE uint16_t
#define FN(name) JOIN(name, entropy_16)
#include "models/tree/grow_kernels.tmpl.h"
#undef CODE
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
#define ADD(cell, item, data) add_targets(cell, &(item), data)
#define SAME(a, b, data) same_targets(&(a), &(b), data)
#define GAIN(left, right, total, width) gain_squares(left, right, total, width)
#define CODE uint8_t
#define FN(name) JOIN(name, targets_8)
#include "models/tree/grow_kernels.tmpl.h"
#undef CODE
#undef FN
#define CODE uint16_t
#define FN(name) JOIN(name, targets_16)
#include "models/tree/grow_kernels.tmpl.h"

const az_grow_kernels *az_grow_kernels_of(const az_grow_data *data, const az_grow_options *options)
{
    const bool wide = data->bins->code_bytes == 2;
    static const az_grow_kernels absolute_8 = {az_grow_absolute_sum, az_grow_absolute_examine, divide_squared_8};
    static const az_grow_kernels absolute_16 = {az_grow_absolute_sum, az_grow_absolute_examine, divide_squared_16};
    switch (options->criterion) {
    case AZ_CRITERION_GINI: return wide ? &kernels_gini_16 : &kernels_gini_8;
    case AZ_CRITERION_ENTROPY: return wide ? &kernels_entropy_16 : &kernels_entropy_8;
    case AZ_CRITERION_POISSON: return wide ? &kernels_poisson_16 : &kernels_poisson_8;
    case AZ_CRITERION_ABSOLUTE_ERROR: return wide ? &absolute_16 : &absolute_8;
    case AZ_CRITERION_SQUARED_ERROR: break;
    }
    if (data->n_outputs > 1) return wide ? &kernels_targets_16 : &kernels_targets_8;
    return wide ? &kernels_squared_16 : &kernels_squared_8;
}
