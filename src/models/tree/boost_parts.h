/* SPDX-License-Identifier: BSD-3-Clause */
/* What boost.c and boost_histogram.c share. */
#ifndef AZ_MODELS_TREE_BOOST_PARTS_H
#define AZ_MODELS_TREE_BOOST_PARTS_H

#include "models/tree/boost.h"

enum { AZ_BOOST_BLOCKS = 16 };

typedef struct az_boost_split {
    double gain;
    int32_t feature; /* -1: none */
    int32_t bin;     /* codes <= bin go left, of categories those in the set */
    bool categorical, missing_left, had_missing;
    double left_g, left_h;
    uint64_t set[4]; /* categorical, 8-bit codes */
} az_boost_split;

/* A leaf so far. */
typedef struct az_boost_leaf {
    int32_t node, depth;
    uint32_t first, n;
    double g, h;
    double lower, upper; /* bounds of its value by monotonic constraints */
    double *cells;       /* its histogram, or NULL once it is split or will not be */
    az_boost_split split;
} az_boost_leaf;

struct az_booster {
    const az_bins *bins;
    az_boost_options options;
    const az_control *control;
    int n_threads;
    bool counting;          /* rows are counted by code: a least number is asked for, and curvatures do not tell it */
    bool constant;
    int64_t n_cells;        /* of all features together */
    int64_t n_doubles;      /* of one histogram, counts included */
    int32_t *place;         /* (n_features) first cell of each */
    double *blocks;         /* (AZ_BOOST_BLOCKS - 1, n_doubles) */
    double **pool;          /* histograms not in use */
    int64_t n_pool, n_made, pool_capacity;
    uint32_t *rows, *spare; /* (n_rows) in the order of the leaves */
    az_boost_leaf *leaves;
    int64_t n_leaves, leaf_capacity;
    az_node *nodes;
    float *cover;
    int32_t *cut;           /* the last code that goes left */
    double *work;           /* (n_rows) for leaves that are renewed, or NULL */
    int64_t n_nodes, node_capacity;
    uint64_t *sets;
    int64_t n_sets, set_capacity;
};

/* Sums the rows into a histogram: cells of (gradient, curvature), then counts. */
void az_boost_histogram(const az_booster *booster, const uint32_t *rows, int64_t n_rows, const double *pairs,
                        double *into);
void az_boost_subtract(const az_booster *booster, double *from, const double *part);
int64_t az_boost_n_blocks(int64_t n_rows);
/* Fills leaf->split; features (n_features): those that may be used, or NULL. */
void az_boost_find_split(const az_booster *booster, az_boost_leaf *leaf, const unsigned char *features);

#endif
