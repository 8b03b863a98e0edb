/* SPDX-License-Identifier: BSD-3-Clause */
/* What the kernels of grow_kernels.tmpl.h share with grow.c. */
#ifndef AZ_MODELS_TREE_GROW_SPLIT_H
#define AZ_MODELS_TREE_GROW_SPLIT_H

#include "models/tree/grow.h"

/* The rows of a node, as the kernels hold them.  What a row adds to its cell stands beside its number, so that a node
 * reads its rows in one stream. */
typedef struct az_grow_item {
    double weight;
    double value; /* one target: y */
    uint32_t row;
    int32_t label; /* classification */
} az_grow_item;

enum {
    AZ_SET_WORDS = 1024, /* 65,536 bits */
    AZ_GROW_FEW = 64     /* up to as many rows are sorted rather than counted; not above 64, since ranks fit a byte */
};

/* The best split found so far. */
typedef struct az_split {
    double gain;     /* decrease of the impurity times the weight; -INFINITY: none */
    int32_t feature; /* -1: none */
    int32_t bin;     /* numeric: codes <= bin go left */
    bool categorical, missing_left, had_missing;
    uint64_t set[AZ_SET_WORDS]; /* categorical: the codes that go left */
} az_split;

/* A node that waits to be split.  Bounds: what monotonic constraints leave for its value. */
typedef struct az_grow_task {
    int32_t node, depth;
    uint32_t first, n;
    double gain;
    double lower, upper;
    az_split *split; /* best-first: evaluated before; else NULL */
} az_grow_task;

typedef struct az_grower {
    const az_grow_data *data;
    const az_grow_options *options;
    az_grow_work *work;
    az_stream stream;
    double total_weight, min_weight_leaf;
    double unit;         /* of an impurity: bits of an entropy, the mean over targets */
    double median, loss; /* criterion absolute_error: of the node at hand */
    bool failed;         /* no memory was left for medians */
    bool two_classes;    /* the second one's indicator is the value of a row */
    double *importance;
    int32_t n_nodes, n_values;
    int64_t n_sets;
    int64_t width;        /* doubles of a cell: weight, then sums */
    double *total;        /* (width) the node at hand */
    double *left, *right; /* (width) */
    uint32_t *counts;     /* rows by code, where a least number is asked for */
    uint64_t mask[AZ_SET_WORDS];
} az_grower;

/* A kernel set: one for each kind of cell. */
typedef struct az_grow_kernels {
    /* Sums the node's rows into grower->total; true if nothing is left to separate. */
    bool (*sum)(az_grower *grower, const az_grow_item *items, uint32_t n);
    /* Tries the feature; true if it is not constant in the node. */
    bool (*examine)(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                    uint64_t draw, az_split *best);
} az_grow_kernels;

/* Gini's impurity of two classes, 2 p (1 - p), is twice the variance of the second one's indicator, so that such trees
 * are grown as those of a quantity. */
static inline bool az_grow_two_classes(const az_grow_data *data, const az_grow_options *options)
{
    return data->label && data->n_outputs == 2 && options->criterion == AZ_CRITERION_GINI;
}

const az_grow_kernels *az_grow_kernels_of(const az_grow_data *data, const az_grow_options *options);

/* Criterion absolute_error (grow_absolute.c). */
bool az_grow_absolute_sum(az_grower *grower, const az_grow_item *items, uint32_t n);
bool az_grow_absolute_examine(az_grower *grower, const az_grow_task *task, const az_grow_item *items, int32_t feature,
                              uint64_t draw, az_split *best);

/* The codes of the node's rows, of the view where there is one. */
void az_grow_gather(const az_bins *bins, const az_bin_view *view, int32_t feature, const az_grow_item *items,
                    uint32_t n, uint16_t *codes);
/* order (n): places of the codes from the smallest to the largest, equal ones as they come; spare (n): scratch. */
void az_grow_sort(const uint16_t *codes, uint32_t n, uint32_t *order, uint32_t *spare);
/* The last code below a threshold that is uniform between the cuts around the values of a node. */
int32_t az_grow_random_code(const az_bin_feature *feature, int32_t smallest, int32_t largest, uint64_t draw);
/* Shuffles the codes of categories; how many of them, half, are to go left. */
int32_t az_grow_random_half(uint16_t *codes, int32_t n_codes, uint64_t draw);

void az_split_numeric(az_split *split, int32_t feature, int32_t bin, bool missing_left, bool had_missing, double gain);
/* The first n_left of the codes go left. */
void az_split_categorical(az_split *split, int32_t feature, const uint16_t *codes, int32_t n_left, bool missing_left,
                          bool had_missing, double gain);
/* Moves the rows that go left to the front, both sides in their order; how many these are.  Of a numeric split: low,
 * the largest code on the left; high, the smallest on the right, or that of missing values. */
uint32_t az_grow_divide(const az_grower *grower, az_grow_item *items, uint32_t n, const az_split *split, int32_t *low,
                        int32_t *high);

#endif
