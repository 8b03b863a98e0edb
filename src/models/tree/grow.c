/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/grow.h"

#include "base/memory.h"
#include "models/tree/grow_split.h"
#include "models/tree/prune.h"

#include <math.h>
#include <string.h>

void az_grow_work_free(az_grow_work *work)
{
    az_free(work->items);
    az_free(work->spare);
    az_free(work->codes);
    az_free(work->places);
    az_free(work->cells);
    az_free(work->tasks);
    az_free(work->nodes);
    az_free(work->cover);
    az_free(work->values);
    az_free(work->sets);
    az_free(work->order);
    az_free(work->gains);
    az_free(work->inner);
    az_free(work->medians);
    memset(work, 0, sizeof *work);
}

/* Room for `needed` elements, doubled when it runs out. */
static az_status reserve(void **array, int64_t *capacity, int64_t needed, size_t size)
{
    if (needed <= *capacity) return AZ_OK;
    int64_t wanted = 2 * *capacity > needed ? 2 * *capacity : needed;
    void *grown = az_realloc_array(*array, wanted, size);
    if (!grown) return AZ_ERROR_MEMORY;
    *array = grown;
    *capacity = wanted;
    return AZ_OK;
}

/* What each row of a table has room for. */
static az_status prepare_rows(az_grow_work *work, int64_t n_rows)
{
    if (n_rows <= work->n_rows) return AZ_OK;
    az_free(work->items);
    az_free(work->spare);
    az_free(work->codes);
    az_free(work->places);
    work->n_rows = 0;
    work->items = az_alloc_array(n_rows, sizeof(az_grow_item));
    work->spare = az_alloc_array(n_rows, sizeof(az_grow_item));
    work->codes = az_alloc_array(n_rows, sizeof *work->codes);
    work->places = az_alloc_array(n_rows, 2 * sizeof *work->places);
    if (!work->items || !work->spare || !work->codes || !work->places) return AZ_ERROR_MEMORY;
    work->n_rows = n_rows;
    return AZ_OK;
}

/* Codes that are counted in cells: those of categories, and of features with few. */
static int64_t most_counted(const az_bins *bins)
{
    int64_t most = UINT8_MAX;
    for (int64_t j = 0; j < bins->n_features; j++)
        if (bins->features[j].categorical && bins->features[j].n_bins > most) most = bins->features[j].n_bins;
    return most + 1;
}

static az_status prepare(az_grower *grower)
{
    az_grow_work *work = grower->work;
    const int64_t n_counted = most_counted(grower->data->bins);
    const int64_t n_cells = n_counted * grower->width + 3 * grower->width + n_counted;
    AZ_TRY(prepare_rows(work, grower->data->bins->n_rows));
    AZ_TRY(reserve((void **)&work->cells, &work->n_cells, n_cells, sizeof *work->cells));
    memset(work->cells, 0, sizeof *work->cells * (size_t)n_cells);
    if (!work->order) AZ_TRY(AZ_NEW_ARRAY(work->order, grower->data->bins->n_features));
    grower->total = work->cells + n_counted * grower->width;
    grower->left = grower->total + grower->width;
    grower->right = grower->left + grower->width;
    grower->counts = NULL;
    if (grower->options->min_samples_leaf > 1) grower->counts = (uint32_t *)(void *)(grower->right + grower->width);
    return AZ_OK;
}

static uint32_t take_rows(az_grower *grower, const uint16_t *count)
{
    const az_grow_data *data = grower->data;
    az_grow_item *items = grower->work->items;
    uint32_t n = 0;
    double total = 0;
    for (int64_t k = 0; k < data->bins->n_rows; k++) {
        const int64_t i = data->order ? data->order[k] : k;
        if (count && !count[i]) continue;
        double weight = (data->weight ? data->weight[i] : 1) * (count ? count[i] : 1);
        items[n++] = (az_grow_item){.weight = weight,
                                    .value = grower->two_classes               ? data->label[i]
                                             : data->y && data->n_outputs == 1 ? data->y[i]
                                                                               : 0,
                                    .row = (uint32_t)i,
                                    .label = data->label ? data->label[i] : 0};
        total += weight;
    }
    grower->total_weight = total;
    grower->min_weight_leaf = grower->options->min_weight_fraction * total;
    return n;
}

/* The number whose bits decide about feature `draw` of a node. */
static uint32_t random_word(const az_grower *grower, int32_t node, int64_t draw, uint32_t block[4])
{
    if ((draw & 3) == 0) az_random_bits(grower->stream, (uint64_t)node, (uint64_t)(draw >> 2), block);
    return block[draw & 3];
}

/* The best split among max_features random features that are not constant in the node. */
static void find_split(az_grower *grower, const az_grow_kernels *kernels, const az_grow_task *task, az_split *best)
{
    const az_grow_options *options = grower->options;
    const int64_t n_features = grower->data->bins->n_features;
    const az_grow_item *items = (const az_grow_item *)grower->work->items + task->first;
    int32_t *order = grower->work->order;
    uint32_t block[4] = {0};
    best->feature = -1;
    best->gain = -INFINITY;
    int64_t n_tried = 0;
    const bool all = options->max_features >= n_features && !options->random_splits;
    if (!all)
        for (int32_t j = 0; j < n_features; j++) order[j] = j;
    for (int64_t k = 0; k < n_features && n_tried < options->max_features; k++) {
        int32_t feature = (int32_t)k;
        uint64_t draw = 0;
        if (!all) {
            uint64_t word = random_word(grower, task->node, k, block);
            int64_t other = k + (int64_t)(word * (uint64_t)(n_features - k) >> 32);
            feature = order[other];
            order[other] = order[k];
            order[k] = feature;
        }
        if (options->random_splits) {
            uint32_t bits[4];
            az_random_bits(grower->stream, (uint64_t)task->node | (uint64_t)1 << 40, (uint64_t)k, bits);
            draw = (uint64_t)bits[0] << 32 | bits[1];
        }
        n_tried += kernels->examine(grower, task, items, feature, draw, best);
        /* Whatever separates two rows separates them best. */
        if (task->n == 2 && best->feature >= 0) break;
    }
}

/* Splits on other features know nothing of the bounds that a monotonic one has set. */
static double clamp(double value, const az_grow_task *task)
{
    return value < task->lower ? task->lower : value > task->upper ? task->upper : value;
}

/* What the node says as a leaf; its sums are at hand. */
static double node_value(const az_grower *grower, const az_grow_task *task, int64_t output)
{
    if (grower->options->criterion == AZ_CRITERION_ABSOLUTE_ERROR) return clamp(grower->median, task);
    if (grower->data->n_outputs == 1) return clamp(grower->total[1] / grower->total[0], task);
    const double *total = grower->total;
    if (!grower->options->monotonic)
        return (grower->two_classes && output == 0   ? total[0] - total[1]
                : grower->two_classes && output == 1 ? total[1]
                                                     : total[1 + output]) /
               total[0];
    double second = clamp(total[grower->width - 1] / total[0], task); /* of two classes */
    return output == 1 ? second : 1 - second;
}

/* What pruning will ask about the node. */
static az_status record(az_grower *grower, const az_grow_task *task)
{
    az_grow_work *work = grower->work;
    const int64_t n_outputs = grower->data->n_outputs;
    AZ_TRY(reserve((void **)&work->gains, &work->n_gains, grower->n_nodes, sizeof *work->gains));
    AZ_TRY(reserve((void **)&work->inner, &work->n_inner, grower->n_nodes * n_outputs, sizeof *work->inner));
    work->gains[task->node] = 0;
    for (int64_t k = 0; k < n_outputs; k++) work->inner[task->node * n_outputs + k] = node_value(grower, task, k);
    return AZ_OK;
}

static az_status store_leaf(az_grower *grower, const az_grow_task *task)
{
    az_grow_work *work = grower->work;
    az_tree_node *node = &work->nodes[task->node];
    const int64_t n_outputs = grower->data->n_outputs;
    *node = (az_tree_node){.flags = AZ_NODE_LEAF};
    if (n_outputs == 1) {
        node->threshold = node_value(grower, task, 0);
        return AZ_OK;
    }
    AZ_TRY(reserve((void **)&work->values, &work->n_values, (grower->n_values + 1) * n_outputs, sizeof *work->values));
    node->left = grower->n_values;
    for (int64_t k = 0; k < n_outputs; k++)
        work->values[grower->n_values * n_outputs + k] = node_value(grower, task, k);
    grower->n_values++;
    return AZ_OK;
}

static az_status store_set(az_grower *grower, const az_split *split, az_tree_node *node)
{
    az_grow_work *work = grower->work;
    const int32_t n_levels = grower->data->bins->features[split->feature].n_bins;
    const int64_t n_words = (n_levels + 63) / 64;
    AZ_TRY(reserve((void **)&work->sets, &work->n_sets, grower->n_sets + 1 + n_words, sizeof *work->sets));
    node->threshold = (double)grower->n_sets;
    work->sets[grower->n_sets++] = (uint64_t)n_levels;
    for (int64_t w = 0; w < n_words; w++) work->sets[grower->n_sets++] = split->set[w];
    return AZ_OK;
}

/* Turns the node of the task into a split and hands out its two children. */
static az_status divide(az_grower *grower, const az_grow_kernels *kernels, const az_grow_task *task,
                        const az_split *split, az_grow_task children[2])
{
    az_grow_work *work = grower->work;
    const az_grow_options *options = grower->options;
    az_grow_item *items = (az_grow_item *)work->items + task->first;
    int32_t low, high;
    uint32_t n_left = az_grow_divide(grower, items, task->n, split, &low, &high);
    int64_t room = work->n_nodes;
    AZ_TRY(reserve((void **)&work->nodes, &room, grower->n_nodes + 2, sizeof *work->nodes));
    AZ_TRY(reserve((void **)&work->cover, &work->n_nodes, grower->n_nodes + 2, sizeof *work->cover));
    az_tree_node *node = &work->nodes[task->node];
    *node = (az_tree_node){.left = grower->n_nodes, .feature = (uint16_t)split->feature};
    if (split->categorical) {
        node->flags |= AZ_NODE_CATEGORICAL;
        AZ_TRY(store_set(grower, split, node));
    } else {
        node->threshold = 65536.0 * low + high; /* until find_thresholds */
    }
    /* Where the training rows had nothing missing, what is missing later goes with the most rows. */
    if (split->had_missing ? split->missing_left : 2 * n_left >= task->n) node->flags |= AZ_NODE_MISSING_LEFT;
    const double gain = task->gain * grower->unit / grower->total_weight;
    if (options->ccp_alpha > 0)
        work->gains[task->node] = gain;
    else if (grower->importance)
        grower->importance[split->feature] += gain;
    for (int side = 0; side < 2; side++)
        children[side] = (az_grow_task){.node = grower->n_nodes + side,
                                        .depth = task->depth + 1,
                                        .first = side ? task->first + n_left : task->first,
                                        .n = side ? task->n - n_left : n_left,
                                        .lower = task->lower,
                                        .upper = task->upper};
    if (options->monotonic && options->monotonic[split->feature]) {
        double value[2];
        for (int side = 0; side < 2; side++) {
            kernels->sum(grower, (const az_grow_item *)work->items + children[side].first, children[side].n);
            value[side] = options->criterion == AZ_CRITERION_ABSOLUTE_ERROR
                              ? grower->median
                              : grower->total[grower->width - 1] / grower->total[0];
        }
        double middle = (value[0] + value[1]) / 2;
        bool rises = options->monotonic[split->feature] > 0;
        children[rises ? 0 : 1].upper = middle;
        children[rises ? 1 : 0].lower = middle;
    }
    grower->n_nodes += 2;
    return AZ_OK;
}

/* Finds the split of a node, or makes it a leaf: *is_leaf. */
static az_status evaluate(az_grower *grower, const az_grow_kernels *kernels, az_grow_task *task, az_split *split,
                          bool *is_leaf)
{
    const az_grow_options *options = grower->options;
    const az_grow_item *items = (const az_grow_item *)grower->work->items + task->first;
    bool pure = kernels->sum(grower, items, task->n);
    grower->work->cover[task->node] = (float)grower->total[0];
    if (options->ccp_alpha > 0) AZ_TRY(record(grower, task));
    *is_leaf = pure || (int64_t)task->n < options->min_samples_split ||
               (int64_t)task->n < 2 * options->min_samples_leaf ||
               (options->max_depth && task->depth >= options->max_depth);
    if (!*is_leaf) {
        find_split(grower, kernels, task, split);
        *is_leaf = split->feature < 0;
        if (grower->failed) return AZ_ERROR_MEMORY;
    }
    if (!*is_leaf) {
        task->gain = split->gain;
        *is_leaf = task->gain * grower->unit / grower->total_weight < options->min_impurity_decrease;
    }
    return *is_leaf ? store_leaf(grower, task) : AZ_OK;
}

static az_status grow_depth_first(az_grower *grower, const az_grow_kernels *kernels, az_grow_task first)
{
    az_grow_work *work = grower->work;
    int64_t n_tasks = 0;
    az_split split;
    AZ_TRY(reserve(&work->tasks, &work->n_tasks, 64, sizeof first));
    ((az_grow_task *)work->tasks)[n_tasks++] = first;
    while (n_tasks) {
        az_grow_task task = ((az_grow_task *)work->tasks)[--n_tasks], children[2];
        bool is_leaf;
        AZ_TRY(evaluate(grower, kernels, &task, &split, &is_leaf));
        if (is_leaf) continue;
        AZ_TRY(divide(grower, kernels, &task, &split, children));
        AZ_TRY(reserve(&work->tasks, &work->n_tasks, n_tasks + 2, sizeof first));
        ((az_grow_task *)work->tasks)[n_tasks++] = children[1];
        ((az_grow_task *)work->tasks)[n_tasks++] = children[0];
    }
    return AZ_OK;
}

/* The open node with the largest gain is split next, until there are max_leaf_nodes leaves (Shi 2007). */
static az_status grow_best_first(az_grower *grower, const az_grow_kernels *kernels, az_grow_task first)
{
    const int64_t most = grower->options->max_leaf_nodes;
    az_grow_task *open = NULL, pair[2];
    int64_t n_open = 0, n_leaves = 1;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(open, most + 1));
    int n_new = 1;
    pair[0] = first;
    for (;;) {
        for (int i = 0; i < n_new; i++) {
            bool is_leaf;
            az_split *split;
            AZ_GOTO(AZ_NEW_ARRAY(split, 1));
            pair[i].split = split;
            open[n_open++] = pair[i];
            AZ_GOTO(evaluate(grower, kernels, &open[n_open - 1], split, &is_leaf));
            if (is_leaf) az_free(open[--n_open].split);
        }
        if (n_open == 0 || n_leaves >= most) break;
        int64_t best = 0;
        for (int64_t i = 1; i < n_open; i++)
            if (open[i].gain > open[best].gain) best = i;
        az_grow_task task = open[best];
        open[best] = open[--n_open];
        status = divide(grower, kernels, &task, task.split, pair);
        az_free(task.split);
        if (status) goto done;
        n_new = 2;
        n_leaves++;
    }
    for (int64_t i = 0; i < n_open; i++) {
        kernels->sum(grower, (const az_grow_item *)grower->work->items + open[i].first, open[i].n);
        AZ_GOTO(store_leaf(grower, &open[i]));
    }
done:
    for (int64_t i = 0; i < n_open; i++) az_free(open[i].split);
    az_free(open);
    return status;
}

/* Thresholds in the middle of the gaps between the codes on the two sides.  The tables of values are too large for a
 * cache, and the look-ups of all nodes after one another do not wait for each other as those of growing would. */
static void find_thresholds(const az_bins *bins, az_tree_node *nodes, int32_t n_nodes)
{
    for (int32_t i = 0; i < n_nodes; i++) {
        if (nodes[i].flags & (AZ_NODE_LEAF | AZ_NODE_CATEGORICAL)) continue;
        const az_bin_feature *feature = &bins->features[nodes[i].feature];
        const int32_t low = (int32_t)((uint32_t)nodes[i].threshold >> 16),
                      high = (int32_t)((uint32_t)nodes[i].threshold & 65535);
        nodes[i].threshold = high < feature->n_bins ? az_bin_threshold(feature, low, high) : INFINITY;
    }
}

/* The nodes of the work memory as a tree of exactly its size. */
static az_status take_tree(const az_grower *grower, az_tree *tree)
{
    const az_grow_work *work = grower->work;
    const int64_t n_values = grower->n_values * grower->data->n_outputs;
    az_tree made = {.n_nodes = grower->n_nodes, .n_values = grower->n_values, .n_sets = grower->n_sets};
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(made.nodes, made.n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(made.cover, made.n_nodes));
    memcpy(made.nodes, work->nodes, sizeof *made.nodes * (size_t)made.n_nodes);
    find_thresholds(grower->data->bins, made.nodes, made.n_nodes);
    memcpy(made.cover, work->cover, sizeof *made.cover * (size_t)made.n_nodes);
    if (n_values) {
        AZ_GOTO(AZ_NEW_ARRAY(made.values, n_values));
        memcpy(made.values, work->values, sizeof *made.values * (size_t)n_values);
    }
    if (made.n_sets) {
        AZ_GOTO(AZ_NEW_ARRAY(made.sets, made.n_sets));
        memcpy(made.sets, work->sets, sizeof *made.sets * (size_t)made.n_sets);
    }
    *tree = made;
    return AZ_OK;
done:
    az_tree_clear(&made);
    return status;
}

az_status az_grow(az_tree *tree, const az_grow_data *data, const az_grow_options *options, const uint16_t *count,
                  az_stream stream, double *importance, az_grow_work *work)
{
    az_grower grower = {.data = data, .options = options, .work = work, .stream = stream, .importance = importance};
    const az_grow_kernels *kernels = az_grow_kernels_of(data, options);
    grower.two_classes = az_grow_two_classes(data, options);
    grower.width = grower.two_classes ? 2 : 1 + data->n_outputs;
    grower.unit = options->criterion == AZ_CRITERION_ENTROPY ? 1 / log(2.0)
                  : data->y                                  ? 1 / (double)data->n_outputs
                  : grower.two_classes                       ? 2
                                                             : 1;
    AZ_TRY(prepare(&grower));
    int64_t room = work->n_nodes;
    AZ_TRY(reserve((void **)&work->nodes, &room, 256, sizeof *work->nodes));
    AZ_TRY(reserve((void **)&work->cover, &work->n_nodes, 256, sizeof *work->cover));
    az_grow_task first = {.n = take_rows(&grower, count), .lower = -INFINITY, .upper = INFINITY};
    grower.n_nodes = 1;
    /* Where every row may have its leaf, the order in which nodes are split does not matter. */
    if (options->max_leaf_nodes && options->max_leaf_nodes < first.n)
        AZ_TRY(grow_best_first(&grower, kernels, first));
    else
        AZ_TRY(grow_depth_first(&grower, kernels, first));
    AZ_TRY(take_tree(&grower, tree));
    if (!(options->ccp_alpha > 0)) return AZ_OK;
    az_status status = az_prune(tree, data->n_outputs, work->gains, work->inner, options->ccp_alpha, grower.importance);
    if (status) az_tree_clear(tree);
    return status;
}
