/* SPDX-License-Identifier: BSD-3-Clause */
/* Many rows through one large tree.
 *
 * A full tree of 100,000 rows takes 2 MB: from its tenth level on, rows that walk side by side each wait for a node
 * from far away.  So all rows take the first levels, whose nodes stay near the processor, while the rest of the tree is
 * fetched; then they are sorted by the node where they stand.  Subtrees lie together in memory (a tree is grown depth
 * first; of another order only the speed would suffer), and rows of the same subtree find its nodes there already. What
 * has come to its leaf drops out every few levels, so that nobody waits for the longest walk.
 *
 * Figures are for 100 such trees, 20,000 rows of 20 features, on one core of an EPYC of 2022: 190 ms of processor time
 * for 8 rows abreast, twice that in blocks of 1,000 rows; this way 86 ms, and 104 in blocks of 5,000. */
#include "models/tree/nodes_walk.h"

#include <string.h>

enum {
    ABREAST = 8,
    FIRST_LEVELS = 9,    /* of 511 nodes, 8 kB */
    SECOND_LEVELS = 12,  /* after that most walks are over */
    LEVELS = 3,          /* until it is looked again who has come to a leaf */
    PLACES = 1 << 11,    /* by which rows are sorted */
    GROUP = 512,         /* rows that go on together: their features stay near */
    AHEAD = 64,          /* rows whose features are asked for before their turn */
    MOST_LINES_AHEAD = 4 /* of a row; longer ones would drive out more than they bring */
};

/* Where a row stands. */
typedef struct place {
    int32_t at, row;
} place;

static size_t rounded(int64_t n_rows)
{
    return (size_t)(n_rows + ABREAST); /* the last rows are filled up to a full set */
}

size_t az_tree_deep_scratch(int64_t n_rows)
{
    return 2 * sizeof(place) * rounded(n_rows) + sizeof(int32_t) * (PLACES + 1);
}

WALK_INLINE void fetch(const void *from)
{
#ifdef __GNUC__
    __builtin_prefetch(from);
#else
    (void)from;
#endif
}

/* All rows over the first levels.  The tree is read on the way, a piece with every set of rows. */
WALK_INLINE void walk_first(const az_tree *tree, rows_kind kind, const double *features, int64_t n_features,
                            int64_t n_rows, place *places)
{
    const int64_t n_sets = (n_rows + ABREAST - 1) / ABREAST, n_nodes = tree->n_nodes;
    const int64_t per_line = 64 / (int64_t)sizeof *tree->nodes;
    for (int64_t set = 0; set < n_sets; set++) {
        const int64_t first = set * ABREAST, end = n_nodes * (set + 1) / n_sets;
        int32_t at[ABREAST] = {0};
        const double *x[ABREAST];
        for (int64_t i = n_nodes * set / n_sets; i < end; i += per_line) fetch(tree->nodes + i);
        for (int r = 0; r < ABREAST; r++) x[r] = features + (first + r < n_rows ? first + r : first) * n_features;
        for (int level = 0; level < FIRST_LEVELS; level++)
#pragma GCC unroll 8
            for (int r = 0; r < ABREAST; r++) at[r] = next_node(tree, kind, at[r], x[r]);
        for (int r = 0; r < ABREAST; r++) places[first + r] = (place){at[r], (int32_t)(first + r)};
    }
}

/* By the stretch of memory where the node lies, rows of the same one in their order. */
static void sort_places(int32_t n_nodes, int64_t n_rows, const place *places, place *sorted, int32_t *begin)
{
    int shift = 0;
    while (n_nodes >> shift >= PLACES) shift++;
    memset(begin, 0, sizeof *begin * (PLACES + 1));
    for (int64_t i = 0; i < n_rows; i++) begin[(places[i].at >> shift) + 1]++;
    for (int b = 0; b < PLACES; b++) begin[b + 1] += begin[b];
    for (int64_t i = 0; i < n_rows; i++) sorted[begin[places[i].at >> shift]++] = places[i];
}

WALK_INLINE void add_value(const az_trees *trees, const az_tree *tree, int32_t leaf, double *out)
{
    for (int64_t k = 0; k < trees->n_outputs; k++) out[k] += az_leaf_value(trees, tree, leaf, k);
}

/* Some levels of up to GROUP rows.  Those at a leaf get their value; the others move up.  How many are left.  `ahead`:
 * the rows that come AHEAD of these, or NULL. */
WALK_INLINE int64_t walk_group(const az_trees *trees, const az_tree *tree, rows_kind kind, const double *features,
                               place *places, int64_t n, int levels, const place *ahead, double *to, int64_t stride)
{
    const int64_t n_features = trees->n_features;
    const int n_lines = (int)((n_features * (int64_t)sizeof *features + 63) / 64);
    int64_t n_left = 0, n_ended = 0;
    place ended[GROUP];
    for (int64_t first = 0; first < n; first += ABREAST) {
        const int64_t n_here = n - first < ABREAST ? n - first : ABREAST;
        int32_t at[ABREAST];
        const double *x[ABREAST];
        for (int r = 0; r < ABREAST; r++) {
            const place *from = &places[r < n_here ? first + r : first];
            at[r] = from->at;
            x[r] = features + from->row * n_features;
        }
        if (ahead && n_lines <= MOST_LINES_AHEAD)
            for (int r = 0; r < ABREAST; r++)
                for (int line = 0; line < n_lines; line++)
                    fetch(features + ahead[first + r].row * n_features + 8 * line);
        for (int level = 0; level < levels; level++)
#pragma GCC unroll 8
            for (int r = 0; r < ABREAST; r++) at[r] = next_node(tree, kind, at[r], x[r]);
        for (int64_t r = 0; r < n_here; r++) {
            const place now = {at[r], places[first + r].row};
            const int64_t leaf = tree->nodes[at[r]].flags & AZ_NODE_LEAF;
            ended[n_ended] = places[n_left] = now; /* in one of the two it is overwritten */
            n_ended += leaf;
            n_left += 1 - leaf;
        }
    }
    for (int64_t i = 0; i < n_ended; i++) add_value(trees, tree, ended[i].at, to + ended[i].row * stride);
    return n_left;
}

WALK_INLINE void add_deep(const az_trees *trees, const az_tree *tree, rows_kind kind, const double *features,
                          int64_t n_rows, double *to, int64_t stride, void *scratch)
{
    place *places = scratch, *sorted = places + rounded(n_rows);
    walk_first(tree, kind, features, trees->n_features, n_rows, places);
    sort_places(tree->n_nodes, n_rows, places, sorted, (int32_t *)(void *)(sorted + rounded(n_rows)));
    for (int64_t first = 0; first < n_rows; first += GROUP) {
        int64_t n = n_rows - first < GROUP ? n_rows - first : GROUP;
        const place *ahead = first + GROUP + AHEAD <= n_rows ? sorted + first + AHEAD : NULL;
        n = walk_group(trees, tree, kind, features, sorted + first, n, SECOND_LEVELS, ahead, to, stride);
        while (n > 0) n = walk_group(trees, tree, kind, features, sorted + first, n, LEVELS, NULL, to, stride);
    }
}

void az_tree_add_deep(const az_trees *trees, const az_tree *tree, rows_kind kind, const double *features,
                      int64_t n_rows, double *to, int64_t stride, void *scratch)
{
    if (kind == ROWS_OF_NUMBERS)
        add_deep(trees, tree, ROWS_OF_NUMBERS, features, n_rows, to, stride, scratch);
    else if (kind == ROWS_WITH_MISSING)
        add_deep(trees, tree, ROWS_WITH_MISSING, features, n_rows, to, stride, scratch);
    else
        add_deep(trees, tree, ROWS_WITH_CATEGORIES, features, n_rows, to, stride, scratch);
}
