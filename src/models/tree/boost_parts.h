/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of boosting's trees share: boost.c (the order of splits), boost_words.c (gradients as whole numbers),
 * boost_divide.c (rows), boost_histogram.c (sums), boost_split.c (the best split), boost_finish.c (leaves). */
#ifndef AZ_MODELS_TREE_BOOST_PARTS_H
#define AZ_MODELS_TREE_BOOST_PARTS_H

#include "models/tree/boost.h"
#include "models/tree/bundle.h"

enum {
    AZ_BOOST_BLOCKS = 16,        /* of rows, each with a histogram of its own, for one leaf at most */
    AZ_BOOST_WHOLE_ROWS = 32768, /* leaves of so many rows are one thread's work from their rows to their splits */
    AZ_BOOST_FORK_ROWS = 2048,   /* fewer are not worth other threads */
    AZ_BOOST_WORD_ROWS = 16384,  /* whose words can be added up in one */
    AZ_BOOST_COUNT_BITS = 16,    /* of a word: the curvature's where it is the number of rows ... */
    AZ_BOOST_HALF_BITS = 32,     /* ... and elsewhere */
    AZ_BOOST_GROUP = 4           /* features that one thread looks at in a larger leaf */
};

typedef struct az_boost_split {
    double gain;
    int32_t feature; /* -1: none */
    int32_t bin;     /* codes <= bin go left; of categories the first bin + 1 in their order by gradient */
    bool missing_left, had_missing;
    double left_g, left_h;
    double doubtful; /* the greatest gain of a cut of which only counting could tell whether it has rows enough */
} az_boost_split;

/* A leaf so far. */
typedef struct az_boost_leaf {
    int32_t node, depth;
    uint32_t first, n;
    int buffer;    /* its rows are booster->rows[buffer][first ...] */
    bool prepared; /* its children are in booster->children */
    double g, h;
    double lower, upper; /* bounds of its value by monotonic constraints */
    uint64_t groups;     /* of features that the path to it leaves */
    int32_t only;        /* the one feature that it may be split on, or -1 */
    uint64_t key;        /* of the path, for random features */
    double *cells;       /* its histogram, or NULL once it is split or will not be */
    az_boost_split split;
} az_boost_leaf;

struct az_booster {
    const az_bins *bins;
    az_boost_options options;
    const az_control *control;
    int n_threads;
    const az_boost_round *round;
    double greatest_h;   /* of all rows of the round: h rows and more have the curvature h * greatest_h */
    az_bundles *bundles; /* features that share columns, or NULL: each has its own */
    const void *codes;   /* (n_rows, n_columns) row-major: those of the bundles, or of the bins */
    int64_t n_columns;
    int64_t n_cells;       /* of all columns together */
    int32_t *column_place; /* (n_columns) first cell of each */
    int32_t *place;        /* (n_features) first cell of each, of those that it does not share */
    int32_t *count_place;  /* (n_features) the same where rows of each code are counted */
    int64_t n_counts;
    void *columns;         /* (n_columns, n_rows) the codes once more: a split asks for one column */
    bool *any_missing;     /* (n_features) */
    bool cancels;          /* curvatures are not all positive: sums of 0 tell nothing */
    bool in_words;         /* histograms are sums of words */
    uint64_t *words;       /* (n_rows) of boost_words.c; NULL: never */
    uint64_t *word_cells;  /* (n_threads, n_cells) zero whenever nobody sums */
    int low_bits;          /* of a word: AZ_BOOST_COUNT_BITS or AZ_BOOST_HALF_BITS */
    double unit_g, unit_h; /* what 1 in a word stands for: powers of two */
    int32_t most_bins;     /* of a feature, the one for missing values included */
    int64_t set_words;     /* of the largest category; 0: there are none */
    double *blocks;        /* (AZ_BOOST_BLOCKS - 1, 2 n_cells) */
    void *scratch;         /* (n_threads) of boost_split.c */
    az_boost_split *found; /* (2, groups of features) of boost_split.c */
    double **pool;         /* histograms not in use */
    int64_t n_pool, n_made, pool_capacity;
    double *sums;      /* (blocks of rows, ...) of boost_words.c */
    bool masking;      /* not all leaves may be split on the same features */
    uint32_t *rows[4]; /* (n_rows): as listed, twice in the order of leaves, and a spare */
    const uint32_t *listed;
    az_boost_leaf *leaves;   /* (leaf_capacity) */
    az_boost_leaf *children; /* (leaf_capacity, 2) */
    uint64_t *leaf_sets;     /* (leaf_capacity, set_words) categories that go left */
    unsigned char *masks;    /* (leaf_capacity, 2, n_features) features that children may be split on; NULL: all */
    int64_t n_leaves, leaf_capacity;
    az_tree_node *nodes;
    float *cover;
    int32_t *cut; /* the last code that goes left */
    int64_t n_nodes, node_capacity;
    uint64_t *sets;
    int64_t n_sets, set_capacity;
    double *work; /* (n_rows) for leaves that are renewed, or NULL */
};

static inline const uint32_t *az_boost_rows(const az_booster *booster, const az_boost_leaf *leaf)
{
    return (leaf->buffer ? booster->rows[leaf->buffer] : booster->listed) + leaf->first;
}

static inline bool az_boost_shares(const az_booster *booster, int64_t feature)
{
    return booster->bundles && booster->bundles->common[feature] >= 0;
}

static inline int64_t az_boost_column(const az_booster *booster, int64_t feature)
{
    return booster->bundles ? booster->bundles->column[feature] : feature;
}

static inline uint32_t az_boost_code(const az_booster *booster, int64_t row, int64_t feature)
{
    const int64_t at = row * booster->n_columns + az_boost_column(booster, feature);
    if (booster->bundles) return az_bundle_decode(booster->bundles, feature, booster->bundles->codes[at]);
    return booster->bins->code_bytes == 1 ? ((const uint8_t *)booster->codes)[at]
                                          : ((const uint16_t *)booster->codes)[at];
}

/* The column that a feature is in, for codes of one byte. */
static inline const uint8_t *az_boost_column_codes(const az_booster *booster, int64_t feature)
{
    return (const uint8_t *)booster->columns + az_boost_column(booster, feature) * booster->bins->n_rows;
}

/* Rows of a leaf with a split go to one of the children's buffers, left ones first, both parts in their order; *n_left
 * of them.  `set`: of a categorical split.  Of a whole leaf, or in parallel (AZ_ERROR_MEMORY). */
uint32_t az_boost_divide(const az_booster *booster, const az_boost_leaf *leaf, const uint64_t *set);
az_status az_boost_divide_wide(const az_booster *booster, const az_boost_leaf *leaf, const uint64_t *set,
                               uint32_t *n_left);
static inline int az_boost_other_buffer(const az_boost_leaf *leaf)
{
    return leaf->buffer == 1 ? 2 : 1;
}

/* Lays out the histograms: where the cells of each column begin. */
az_status az_boost_place_cells(az_booster *booster);
/* What the round's gradients and curvatures are like, words of them where that pays, and their sums. */
void az_boost_measure(az_booster *booster, double *g, double *h);
int64_t az_boost_sums_size(int64_t n_rows);
az_status az_boost_columns(az_booster *booster);

/* A word's two numbers, as multiples of the units. */
static inline int64_t az_boost_low(uint64_t word, int low_bits)
{
    return (int64_t)(word << (64 - low_bits)) >> (64 - low_bits);
}
static inline int64_t az_boost_high(uint64_t word, int low_bits)
{
    return (int64_t)(word - (uint64_t)az_boost_low(word, low_bits)) >> low_bits;
}

/* The histogram of a leaf of few rows, of pairs (gradient, curvature). */
void az_boost_histogram(const az_booster *booster, const az_boost_leaf *leaf, double *cells, int thread);
/* The same of any leaf by blocks of rows in parallel; az_boost_merge adds the blocks' cells first to first + n - 1. */
int64_t az_boost_histogram_wide(const az_booster *booster, const az_boost_leaf *leaf, double *cells);
void az_boost_merge(const az_booster *booster, int64_t n_blocks, double *cells, int64_t first, int64_t n);

/* The leaves' values, added to the scores, and the tree as it is kept. */
az_status az_boost_finish(az_tree *tree, az_booster *booster);

size_t az_boost_scratch_size(const az_booster *booster);
/* Fills leaf->split from the histogram; features (n_features): those that may be used, or NULL. */
void az_boost_find_split(const az_booster *booster, az_boost_leaf *leaf, const unsigned char *features, int thread);
/* In parallel over features: merges the blocks of `small`, takes them off the parent's cells, which become those of
 * `large` (NULL: none), and finds the splits of both where wanted. */
void az_boost_find_splits_wide(const az_booster *booster, az_boost_leaf *small, az_boost_leaf *large, int64_t n_blocks,
                               const bool wanted[2], const unsigned char *const features[2]);
/* The categories that leaf->split sends left, as bits. */
void az_boost_left_set(const az_booster *booster, const az_boost_leaf *leaf, uint64_t *set);
bool az_boost_may_split(const az_booster *booster, const az_boost_leaf *leaf);

#endif
