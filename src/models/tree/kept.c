/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/kept.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "models/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 256 };

void az_kept_free(az_kept *kept)
{
    if (!kept) return;
    for (int64_t t = 0; t < kept->n_trees && kept->start; t++) az_free(kept->start[t]);
    az_free(kept->start);
    az_free(kept->target);
    az_free(kept->weight);
    az_free(kept->first);
    az_free(kept->row);
    az_free(kept->rank);
    az_free(kept->by_rank);
    az_free(kept);
}

/* With room for everything but the entries. */
static az_status kept_new(az_kept **result, const az_trees *trees, int64_t n_rows, int64_t n_targets, bool weighted)
{
    az_kept *made;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(made));
    *made = (az_kept){.n_rows = n_rows, .n_targets = n_targets, .n_trees = trees->n_trees};
    AZ_GOTO(AZ_NEW_ARRAY(made->target, n_rows * n_targets));
    AZ_GOTO(AZ_NEW_ARRAY(made->rank, n_rows * n_targets));
    AZ_GOTO(AZ_NEW_ARRAY(made->by_rank, n_rows * n_targets));
    if (weighted) AZ_GOTO(AZ_NEW_ARRAY(made->weight, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(made->first, made->n_trees + 1));
    AZ_GOTO(AZ_NEW_ARRAY(made->start, made->n_trees));
    memset(made->start, 0, sizeof *made->start * (size_t)made->n_trees);
    for (int64_t t = 0; t < made->n_trees; t++)
        AZ_GOTO(AZ_NEW_ARRAY(made->start[t], (int64_t)trees->trees[t].n_nodes + 1));
    *result = made;
    made = NULL;
done:
    az_kept_free(made);
    return status;
}

typedef struct ranked {
    double target;
    int32_t row;
} ranked;

static int by_target(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->target != y->target ? (x->target > y->target) - (x->target < y->target) : (x->row > y->row) * 2 - 1;
}

static az_status rank_targets(az_kept *kept)
{
    const int64_t n = kept->n_rows;
    ranked *sorted;
    AZ_TRY(AZ_NEW_ARRAY(sorted, n));
    for (int64_t k = 0; k < kept->n_targets; k++) {
        for (int64_t i = 0; i < n; i++) sorted[i] = (ranked){kept->target[k * n + i], (int32_t)i};
        qsort(sorted, (size_t)n, sizeof *sorted, by_target);
        for (int64_t i = 0; i < n; i++) {
            kept->by_rank[k * n + i] = sorted[i].row;
            kept->rank[k * n + sorted[i].row] = (int32_t)i;
        }
    }
    az_free(sorted);
    return AZ_OK;
}

typedef struct job {
    az_kept *kept;
    const az_trees *trees;
    const az_sample *sample;
    const az_draws *draws;
    int32_t *leaf;    /* (n_trees, n_rows) */
    double *features; /* (n_threads, n_features) */
    uint16_t *count;  /* (n_threads, n_rows) */
} job;

static void find_leaves(void *context, int64_t tile, int thread)
{
    job *j = context;
    const int64_t n = j->sample->n_rows, n_features = j->sample->n_features, first = tile * TILE;
    double *x = j->features + thread * n_features;
    for (int64_t i = first; i < n && i < first + TILE; i++) {
        for (int64_t f = 0; f < n_features; f++) x[f] = j->sample->x[f * n + i];
        for (int64_t t = 0; t < j->trees->n_trees; t++) j->leaf[t * n + i] = az_tree_leaf(&j->trees->trees[t], x);
    }
}

/* NULL: every row once. */
static inline int32_t drawn(const uint16_t *count, int64_t i)
{
    return count ? count[i] : 1;
}

/* Rows by their leaves: counted, then put in their places. */
static void sort_rows(void *context, int64_t t, int thread)
{
    job *j = context;
    const int64_t n = j->sample->n_rows;
    const int32_t n_nodes = j->trees->trees[t].n_nodes, *leaf = j->leaf + t * n;
    const uint16_t *count = az_draw_rows(j->draws, t, j->count + thread * n);
    int32_t *start = j->kept->start[t], *row = j->kept->row + j->kept->first[t];
    memset(start, 0, sizeof *start * (size_t)(n_nodes + 1));
    for (int64_t i = 0; i < n; i++) start[leaf[i] + 1] += drawn(count, i);
    for (int32_t node = 0; node < n_nodes; node++) start[node + 1] += start[node];
    for (int64_t i = 0; i < n; i++)
        for (int32_t c = 0; c < drawn(count, i); c++) row[start[leaf[i]]++] = (int32_t)i;
    /* Each start has come to the next one's place. */
    memmove(start + 1, start, sizeof *start * (size_t)n_nodes);
    start[0] = 0;
}

az_status az_kept_new(az_kept **result, const az_trees *trees, const az_sample *sample, const az_draws *draws,
                      const az_control *control)
{
    const int n_threads = az_control_threads(control);
    const int64_t n = sample->n_rows;
    const int64_t n_drawn = draws->draws ? draws->n_drawn : n;
    job j = {.trees = trees, .sample = sample, .draws = draws};
    az_status status;
    if (sample->task == AZ_CLASSIFICATION)
        return az_error(AZ_ERROR_USAGE, "keep_targets is for quantiles of quantities; classes have probabilities");
    if (n > INT32_MAX - 1) return az_error(AZ_ERROR_DATA, "keep_targets takes at most %d training rows", INT32_MAX - 1);
    AZ_GOTO(kept_new(&j.kept, trees, n, sample->n_targets, sample->weight != NULL));
    memcpy(j.kept->target, sample->y, sizeof *sample->y * (size_t)(n * sample->n_targets));
    if (sample->weight) memcpy(j.kept->weight, sample->weight, sizeof *sample->weight * (size_t)n);
    for (int64_t t = 0; t <= trees->n_trees; t++) j.kept->first[t] = t * n_drawn;
    AZ_GOTO(AZ_NEW_ARRAY(j.kept->row, trees->n_trees * n_drawn));
    AZ_GOTO(rank_targets(j.kept));
    AZ_GOTO(AZ_NEW_ARRAY(j.leaf, trees->n_trees * n));
    AZ_GOTO(AZ_NEW_ARRAY(j.features, n_threads * sample->n_features));
    AZ_GOTO(AZ_NEW_ARRAY(j.count, n_threads * n));
    az_parallel(n_threads, (n + TILE - 1) / TILE, find_leaves, &j);
    AZ_GOTO(az_check_interrupt(control));
    az_parallel(n_threads, trees->n_trees, sort_rows, &j);
    *result = j.kept;
    j.kept = NULL;
done:
    az_free(j.leaf);
    az_free(j.features);
    az_free(j.count);
    az_kept_free(j.kept);
    return status;
}

static bool same_rows(const az_kept *a, const az_kept *b)
{
    const size_t column = sizeof(double) * (size_t)a->n_rows;
    return a->n_rows == b->n_rows && memcmp(a->target, b->target, column * (size_t)a->n_targets) == 0 &&
           !a->weight == !b->weight && (!a->weight || memcmp(a->weight, b->weight, column) == 0);
}

az_status az_kept_join(az_kept **result, const az_trees *trees, const az_kept *a, const az_kept *b)
{
    const az_kept *const parts[2] = {a, b};
    az_kept *made = NULL;
    az_status status;
    *result = NULL;
    if (!a || !b) return AZ_OK;
    const int64_t second = same_rows(a, b) ? 0 : a->n_rows; /* the new number of b's row 0 */
    const int64_t n = second + b->n_rows;
    if (n > INT32_MAX - 1) return az_error(AZ_ERROR_DATA, "keep_targets takes at most %d training rows", INT32_MAX - 1);
    AZ_GOTO(kept_new(&made, trees, n, a->n_targets, a->weight || b->weight));
    AZ_GOTO(AZ_NEW_ARRAY(made->row, a->first[a->n_trees] + b->first[b->n_trees]));
    int64_t tree = 0, entry = 0;
    for (int p = 0; p < 2; p++) {
        const az_kept *part = parts[p];
        const int64_t shift = p == 0 ? 0 : second;
        for (int64_t k = 0; k < made->n_targets; k++)
            memcpy(made->target + k * n + shift, part->target + k * part->n_rows,
                   sizeof(double) * (size_t)part->n_rows);
        for (int64_t i = 0; i < part->n_rows && made->weight; i++)
            made->weight[shift + i] = part->weight ? part->weight[i] : 1;
        for (int64_t t = 0; t < part->n_trees; t++, tree++) {
            made->first[tree] = entry;
            memcpy(made->start[tree], part->start[t], sizeof(int32_t) * (size_t)(trees->trees[tree].n_nodes + 1));
            for (int64_t e = part->first[t]; e < part->first[t + 1]; e++)
                made->row[entry++] = (int32_t)(part->row[e] + shift);
        }
    }
    made->first[tree] = entry;
    AZ_GOTO(rank_targets(made));
    *result = made;
    made = NULL;
done:
    az_kept_free(made);
    return status;
}

/* ---- files: how many entries each leaf has, leaf after leaf, and the entries ---- */

static int64_t count_leaves(const az_trees *trees)
{
    int64_t n = 0;
    for (int64_t t = 0; t < trees->n_trees; t++)
        for (int32_t i = 0; i < trees->trees[t].n_nodes; i++) n += trees->trees[t].nodes[i].flags & AZ_NODE_LEAF;
    return n;
}

az_status az_kept_save(const az_kept *kept, const az_trees *trees, az_bundle *bundle)
{
    int32_t *size;
    int64_t n = 0;
    if (!kept) return AZ_OK;
    AZ_TRY(az_bundle_put(bundle, "kept.target", AZ_DTYPE_F64, 2, (int64_t[]){kept->n_targets, kept->n_rows},
                         kept->target));
    if (kept->weight) AZ_TRY(az_bundle_put_f64(bundle, "kept.weight", kept->weight, kept->n_rows));
    AZ_TRY(az_bundle_put_i32(bundle, "kept.row", kept->row, kept->first[kept->n_trees]));
    AZ_TRY(AZ_NEW_ARRAY(size, count_leaves(trees)));
    for (int64_t t = 0; t < trees->n_trees; t++)
        for (int32_t i = 0; i < trees->trees[t].n_nodes; i++)
            if (trees->trees[t].nodes[i].flags & AZ_NODE_LEAF) size[n++] = kept->start[t][i + 1] - kept->start[t][i];
    az_status status = az_bundle_put_i32(bundle, "kept.size", size, n);
    az_free(size);
    return status;
}

static az_status broken(void)
{
    return az_error(AZ_ERROR_DATA, "broken model file: the training rows in its leaves");
}

static az_status read_starts(az_kept *made, const az_trees *trees, const int32_t *size, int64_t n_entries)
{
    int64_t leaf = 0, left = n_entries;
    made->first[0] = 0;
    for (int64_t t = 0; t < made->n_trees; t++) {
        int32_t *start = made->start[t];
        start[0] = 0;
        for (int32_t i = 0; i < trees->trees[t].n_nodes; i++) {
            const int32_t n = trees->trees[t].nodes[i].flags & AZ_NODE_LEAF ? size[leaf++] : 0;
            if (n < 0 || n > left || n > INT32_MAX - start[i]) return broken();
            start[i + 1] = start[i] + n;
            left -= n;
        }
        made->first[t + 1] = made->first[t] + start[trees->trees[t].n_nodes];
    }
    return left == 0 ? AZ_OK : broken();
}

az_status az_kept_load(az_kept **result, const az_trees *trees, const az_bundle *bundle, int64_t n_targets)
{
    const az_array *target = az_bundle_find(bundle, "kept.target");
    const double *weight = NULL;
    const int32_t *row, *size;
    int64_t n_entries;
    az_kept *made = NULL;
    az_status status;
    *result = NULL;
    if (!target) return AZ_OK;
    if (target->dtype != AZ_DTYPE_F64 || target->n_dims != 2 || target->shape[0] != n_targets || target->shape[1] < 1 ||
        target->shape[1] > INT32_MAX - 1)
        return broken();
    const int64_t n_rows = target->shape[1];
    if (az_bundle_find(bundle, "kept.weight")) AZ_TRY(az_bundle_get_f64(bundle, "kept.weight", n_rows, &weight, NULL));
    AZ_TRY(az_bundle_get_i32(bundle, "kept.row", -1, &row, &n_entries));
    AZ_TRY(az_bundle_get_i32(bundle, "kept.size", count_leaves(trees), &size, NULL));
    AZ_GOTO(kept_new(&made, trees, n_rows, n_targets, weight != NULL));
    AZ_GOTO(AZ_NEW_ARRAY(made->row, n_entries));
    memcpy(made->row, row, sizeof *row * (size_t)n_entries);
    memcpy(made->target, target->data, sizeof(double) * (size_t)(n_rows * n_targets));
    if (weight) memcpy(made->weight, weight, sizeof *weight * (size_t)n_rows);
    for (int64_t i = 0; i < n_entries; i++)
        if (row[i] < 0 || row[i] >= n_rows) AZ_GOTO(broken());
    for (int64_t i = 0; i < n_rows * n_targets; i++)
        if (!isfinite(made->target[i])) AZ_GOTO(broken());
    for (int64_t i = 0; i < n_rows && weight; i++)
        if (!(weight[i] >= 0) || isinf(weight[i])) AZ_GOTO(broken());
    AZ_GOTO(read_starts(made, trees, size, n_entries));
    AZ_GOTO(rank_targets(made));
    *result = made;
    made = NULL;
done:
    az_kept_free(made);
    return status;
}

/* ---- quantiles ---- */

/* Scratch: the weight of each rank, then the ranks that have one. */
size_t az_kept_scratch(const az_kept *kept)
{
    return (size_t)kept->n_rows * (sizeof(double) + sizeof(int32_t));
}

static int by_number(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Adds the weights of the leaf's rows, which are 1 together; returns how many ranks have some. */
static int64_t add_leaf(const az_kept *kept, int64_t t, int32_t leaf, const int32_t *rank, double *mass,
                        int32_t *touched, int64_t n)
{
    const int32_t *row = kept->row + kept->first[t];
    const int32_t begin = kept->start[t][leaf], end = kept->start[t][leaf + 1];
    double total = 0;
    for (int32_t e = begin; e < end; e++) total += kept->weight ? kept->weight[row[e]] : 1;
    if (!(total > 0)) return n;
    for (int32_t e = begin; e < end; e++) {
        const double part = (kept->weight ? kept->weight[row[e]] : 1) / total;
        const int32_t at = rank[row[e]];
        if (!(part > 0)) continue;
        if (mass[at] == 0) touched[n++] = at;
        mass[at] += part;
    }
    return n;
}

/* The ranks in ascending order. */
static void order_ranks(const double *mass, int64_t n_ranks, int32_t *touched, int64_t n)
{
    if (n < n_ranks / 16) {
        qsort(touched, (size_t)n, sizeof *touched, by_number);
        return;
    }
    for (int64_t r = 0, at = 0; at < n; r++)
        if (mass[r] != 0) touched[at++] = (int32_t)r;
}

void az_kept_quantiles(const az_kept *kept, const az_trees *trees, const double *features, const double *level,
                       int64_t n_levels, double *out, void *scratch)
{
    double *mass = scratch;
    int32_t *touched = (int32_t *)(void *)(mass + kept->n_rows);
    for (int64_t k = 0; k < kept->n_targets; k++, out += n_levels) {
        const int32_t *rank = kept->rank + k * kept->n_rows, *by_rank = kept->by_rank + k * kept->n_rows;
        int64_t n = 0;
        for (int64_t t = 0; t < kept->n_trees; t++)
            n = add_leaf(kept, t, az_tree_leaf(&trees->trees[t], features), rank, mass, touched, n);
        order_ranks(mass, kept->n_rows, touched, n);
        for (int64_t i = 1; i < n; i++) mass[touched[i]] += mass[touched[i - 1]];
        const double total = n ? mass[touched[n - 1]] : 0;
        for (int64_t q = 0; q < n_levels; q++) {
            /* A level is no sum of such parts to the last bit. */
            const double wanted = level[q] * total * (1 - 1e-12);
            int64_t lower = 0, upper = n - 1;
            while (lower < upper) {
                const int64_t middle = (lower + upper) / 2;
                if (mass[touched[middle]] >= wanted)
                    upper = middle;
                else
                    lower = middle + 1;
            }
            out[q] = n ? kept->target[k * kept->n_rows + by_rank[touched[lower]]] : (double)NAN;
        }
        for (int64_t i = 0; i < n; i++) mass[touched[i]] = 0;
    }
}
