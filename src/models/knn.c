/* SPDX-License-Identifier: BSD-3-Clause */
/* The k nearest neighbours: the prediction is the mean target, or the shares of the classes, among the training rows
 * nearest to the query.  Neighbours are ordered by (distance, training row): among rows at the same distance as the
 * k-th the first ones count.  Which search finds them (kd_tree.c, knn_brute.c) changes no bit of the result. */
#include "base/memory.h"
#include "models/kd_tree.h"
#include "models/knn_brute.h"
#include "models/knn_export.h"
#include "models/model.h"

#include <string.h>

enum { UNIFORM, DISTANCE };
enum { ALGORITHM_AUTO, ALGORITHM_KD_TREE, ALGORITHM_BRUTE };

typedef struct knn_options {
    int64_t n_neighbors;
    int32_t weights;
    int64_t p;
    int32_t algorithm;
    int64_t leaf_size;
} knn_options;

static const az_param knn_params[] = {
    AZ_PARAM(knn_options, n_neighbors, 5, 1, INFINITY, "number of neighbours that a prediction is made of",
             .aliases = "k"),
    AZ_CHOICE(knn_options, weights, UNIFORM, "uniform|distance",
              "what a neighbour counts: 1, or 1 / distance (rows at distance 0 then count alone)"),
    AZ_PARAM(knn_options, p, 2, 1, 2, "distance: 2 Euclidean, 1 Manhattan", .aliases = "power",
             .differs = "scikit-learn takes any power of at least 1, and other metrics"),
    AZ_CHOICE(knn_options, algorithm, ALGORITHM_AUTO, "auto|kd_tree|brute",
              "how neighbours are searched; it changes the time alone", .aliases = "search",
              .differs = "scikit-learn has ball_tree too"),
    AZ_PARAM(knn_options, leaf_size, 30, 1, INFINITY, "rows in a leaf of the k-d tree; it changes the time alone"),
    AZ_PARAM_END};

/* Rows that one call of predict takes at a time, and the memory that their neighbours may take. */
#define BLOCK_ROWS      192
#define MOST_NEIGHBOURS ((int64_t)1 << 18)

typedef struct knn {
    knn_options options;
    az_knn_points points;
    int64_t n_outputs;
    double *x;        /* (n_rows, n_features) row-major: points.x */
    double *period;   /* (n_features): points.period, or NULL */
    double *y;        /* regression: (n_rows, n_outputs) row-major; else NULL */
    int32_t *label;   /* classification: (n_rows); else NULL */
    double *weight;   /* (n_rows) or NULL */
    az_kd_tree *tree; /* one of the two searches */
    az_knn_brute *brute;
} knn;

static void knn_free(void *fitted)
{
    knn *model = fitted;
    if (!model) return;
    az_kd_tree_free(model->tree);
    az_knn_brute_free(model->brute);
    az_free(model->x);
    az_free(model->period);
    az_free(model->y);
    az_free(model->label);
    az_free(model->weight);
    az_free(model);
}

/* The tree prunes ever less in more dimensions: each takes about 4 times the rows before it pays.  By bench/knn.c, on
 * normally distributed points and many queries at a time, it does from 4^(d+2) rows of d features on; a factor of 4
 * less is asked for, because real features depend on each other and a single query gains nothing from blocks. */
static bool wants_tree(const knn *model)
{
    if (model->options.algorithm != ALGORITHM_AUTO) return model->options.algorithm == ALGORITHM_KD_TREE;
    const int64_t d = model->points.n_features;
    return d > 0 && d < 16 && model->points.n_rows >= (int64_t)1 << (2 * d + 2);
}

/* Wraps periodic features and builds the search. */
static az_status prepare(knn *model)
{
    az_knn_points *points = &model->points;
    bool periodic = false;
    for (int64_t j = 0; j < points->n_features && model->period; j++) {
        if (model->period[j] == 0) continue;
        periodic = true;
        for (int64_t i = 0; i < points->n_rows; i++)
            model->x[i * points->n_features + j] = az_knn_wrap(model->x[i * points->n_features + j], model->period[j]);
    }
    points->x = model->x;
    points->period = periodic ? model->period : NULL;
    points->manhattan = model->options.p == 1;
    if (wants_tree(model)) return az_kd_tree_new(&model->tree, points, model->options.leaf_size);
    return az_knn_brute_new(&model->brute, points);
}

static az_status copy_sample(knn *model, const az_sample *sample)
{
    const int64_t n_rows = sample->n_rows, n_features = sample->n_features;
    if (n_features > 0 && n_rows > INT64_MAX / n_features)
        return az_error(AZ_ERROR_MEMORY, "knn: %lld rows of %lld features are too many", (long long)n_rows,
                        (long long)n_features);
    AZ_TRY(AZ_NEW_ARRAY(model->x, n_rows * n_features));
    AZ_TRY(AZ_NEW_ARRAY(model->period, n_features));
    for (int64_t j = 0; j < n_features; j++) {
        model->period[j] = sample->features ? sample->features[j].period : 0;
        for (int64_t i = 0; i < n_rows; i++) model->x[i * n_features + j] = sample->x[j * n_rows + i];
    }
    if (sample->weight) {
        AZ_TRY(AZ_NEW_ARRAY(model->weight, n_rows));
        memcpy(model->weight, sample->weight, (size_t)n_rows * sizeof *model->weight);
    }
    if (sample->task == AZ_CLASSIFICATION) {
        AZ_TRY(AZ_NEW_ARRAY(model->label, n_rows));
        memcpy(model->label, sample->label, (size_t)n_rows * sizeof *model->label);
        return AZ_OK;
    }
    AZ_TRY(AZ_NEW_ARRAY(model->y, n_rows * model->n_outputs));
    for (int64_t t = 0; t < model->n_outputs; t++)
        for (int64_t i = 0; i < n_rows; i++) model->y[i * model->n_outputs + t] = sample->y[t * n_rows + i];
    return AZ_OK;
}

static az_status knn_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                         az_fit_result *result)
{
    az_status status = AZ_OK;
    const knn_options *chosen = options;
    (void)control;
    if (chosen->n_neighbors > sample->n_rows)
        return az_error(AZ_ERROR_USAGE,
                        "knn: n_neighbors is %lld, but there are only %lld training rows; it can be at "
                        "most that",
                        (long long)chosen->n_neighbors, (long long)sample->n_rows);
    knn *model;
    AZ_TRY(AZ_NEW_ZERO(model));
    model->options = *chosen;
    model->points = (az_knn_points){.n_rows = sample->n_rows, .n_features = sample->n_features};
    model->n_outputs = sample->task == AZ_CLASSIFICATION ? sample->n_classes : sample->n_targets;
    AZ_GOTO(copy_sample(model, sample));
    AZ_GOTO(prepare(model));
    *result = (az_fit_result){.converged = true};
    *fitted = model;
done:
    if (status) knn_free(model);
    return status;
}

/* Scratch: wrapped queries | heaps | their distances | their rows | the search's own, for the queries of one group. */
static int64_t group_rows(const knn *model, int64_t n_rows)
{
    int64_t most = MOST_NEIGHBOURS / model->options.n_neighbors;
    if (most > BLOCK_ROWS) most = BLOCK_ROWS;
    if (most < 1) most = 1;
    return n_rows < most ? n_rows : most;
}

static int64_t knn_block_rows(const void *fitted)
{
    (void)fitted;
    return BLOCK_ROWS;
}

static size_t knn_scratch(const void *fitted, int64_t n_rows)
{
    const knn *model = fitted;
    size_t n = (size_t)group_rows(model, n_rows), k = (size_t)model->options.n_neighbors;
    size_t size = n * (size_t)model->points.n_features * sizeof(double) + n * sizeof(az_knn_heap) +
                  n * k * (sizeof(double) + sizeof(int64_t));
    return size + (model->brute ? az_knn_brute_scratch(model->brute, (int64_t)n) : 0);
}

/* What neighbour i counts, given the distance of the nearest.  Weights by distance are relative to that of the nearest,
 * d_0 / d_i instead of 1 / d_i, which neither overflows nor loses digits.  With d_0 = 0 only its equals count, and if
 * even d_0 is infinite all do. */
static double vote(const knn *model, const az_knn_heap *heap, int64_t i)
{
    double counts = model->weight ? model->weight[heap->row[i]] : 1;
    if (model->options.weights == UNIFORM || heap->distance[i] == heap->distance[0]) return counts;
    double ratio = heap->distance[0] / heap->distance[i];
    return counts * (model->points.manhattan ? ratio : sqrt(ratio));
}

static void predict_from(const knn *model, const az_knn_heap *heap, double *out)
{
    double total = 0;
    memset(out, 0, (size_t)model->n_outputs * sizeof *out);
    for (int64_t i = 0; i < heap->n; i++) {
        double counts = vote(model, heap, i);
        total += counts;
        if (model->label)
            out[model->label[heap->row[i]]] += counts;
        else
            for (int64_t t = 0; t < model->n_outputs; t++)
                out[t] += counts * model->y[heap->row[i] * model->n_outputs + t];
    }
    for (int64_t t = 0; t < model->n_outputs; t++) out[t] /= total;
}

/* Copies the queries with periodic features wrapped.  One that is not finite has no neighbours: it is searched as 0,
 * and answered by NaN. */
static void copy_queries(const az_knn_points *points, const double *features, int64_t n_rows, double *queries)
{
    const int64_t n = points->n_features;
    memcpy(queries, features, (size_t)(n_rows * n) * sizeof *queries);
    for (int64_t i = 0; i < n_rows * n; i++) {
        if (!isfinite(queries[i])) queries[i] = 0;
        double period = points->period ? points->period[i % n] : 0;
        if (period != 0) queries[i] = az_knn_wrap(queries[i], period);
    }
}

static bool all_finite(const double *x, int64_t n)
{
    for (int64_t j = 0; j < n; j++)
        if (!isfinite(x[j])) return false;
    return true;
}

static void predict_group(const knn *model, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const int64_t k = model->options.n_neighbors, n = model->points.n_features;
    double *queries = scratch;
    az_knn_heap *heaps = (az_knn_heap *)(void *)(queries + n_rows * n);
    double *distance = (double *)(void *)(heaps + n_rows);
    int64_t *row = (int64_t *)(void *)(distance + n_rows * k);
    copy_queries(&model->points, features, n_rows, queries);
    for (int64_t i = 0; i < n_rows; i++)
        heaps[i] = (az_knn_heap){.capacity = k, .distance = distance + i * k, .row = row + i * k};
    if (model->tree)
        for (int64_t i = 0; i < n_rows; i++) az_kd_tree_search(model->tree, queries + i * n, &heaps[i]);
    else
        az_knn_brute_search(model->brute, queries, n_rows, heaps, row + n_rows * k);
    for (int64_t i = 0; i < n_rows; i++) {
        az_knn_heap_sort(&heaps[i]);
        predict_from(model, &heaps[i], out + i * model->n_outputs);
        if (all_finite(features + i * n, n)) continue;
        for (int64_t t = 0; t < model->n_outputs; t++) out[i * model->n_outputs + t] = NAN;
    }
}

static void knn_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const knn *model = fitted;
    const int64_t height = group_rows(model, n_rows);
    for (int64_t first = 0; first < n_rows; first += height)
        predict_group(model, features + first * model->points.n_features,
                      n_rows - first < height ? n_rows - first : height, out + first * model->n_outputs, scratch);
}

static az_status knn_save(const void *fitted, az_bundle *bundle)
{
    const knn *model = fitted;
    const int64_t n_rows = model->points.n_rows, n_features = model->points.n_features;
    AZ_TRY(az_bundle_put_scalar(bundle, "n_neighbors", (double)model->options.n_neighbors));
    AZ_TRY(az_bundle_put_scalar(bundle, "weights", model->options.weights));
    AZ_TRY(az_bundle_put_scalar(bundle, "p", (double)model->options.p));
    AZ_TRY(az_bundle_put_scalar(bundle, "algorithm", model->options.algorithm));
    AZ_TRY(az_bundle_put_scalar(bundle, "leaf_size", (double)model->options.leaf_size));
    AZ_TRY(az_bundle_put(bundle, "x", AZ_DTYPE_F64, 2, (int64_t[]){n_rows, n_features}, model->x));
    AZ_TRY(az_bundle_put_f64(bundle, "period", model->period, n_features));
    if (model->weight) AZ_TRY(az_bundle_put_f64(bundle, "weight", model->weight, n_rows));
    if (model->label) return az_bundle_put_i32(bundle, "label", model->label, n_rows);
    return az_bundle_put(bundle, "y", AZ_DTYPE_F64, 2, (int64_t[]){n_rows, model->n_outputs}, model->y);
}

/* A whole number between lower and upper. */
static az_status get_whole(const az_bundle *bundle, const char *name, int64_t lower, int64_t upper, int64_t *value)
{
    double number;
    AZ_TRY(az_bundle_get_scalar(bundle, name, &number));
    if (!(number >= (double)lower && number <= (double)upper) || number != floor(number))
        return az_error(AZ_ERROR_DATA, "knn: %s is not a whole number between %lld and %lld", name, (long long)lower,
                        (long long)upper);
    *value = (int64_t)number;
    return AZ_OK;
}

static az_status get_options(const az_bundle *bundle, int64_t n_rows, knn_options *options)
{
    const int64_t most = (int64_t)1 << 53; /* whole numbers beyond are not all held by a double */
    int64_t weights = UNIFORM, algorithm = ALGORITHM_AUTO;
    AZ_TRY(get_whole(bundle, "n_neighbors", 1, n_rows, &options->n_neighbors));
    AZ_TRY(get_whole(bundle, "weights", UNIFORM, DISTANCE, &weights));
    AZ_TRY(get_whole(bundle, "p", 1, 2, &options->p));
    AZ_TRY(get_whole(bundle, "algorithm", ALGORITHM_AUTO, ALGORITHM_BRUTE, &algorithm));
    AZ_TRY(get_whole(bundle, "leaf_size", 1, most, &options->leaf_size));
    options->weights = (int32_t)weights;
    options->algorithm = (int32_t)algorithm;
    return AZ_OK;
}

/* A copy of n finite numbers of at least `lower`. */
static az_status get_numbers(const az_bundle *bundle, const char *name, int64_t n, double lower, double **numbers)
{
    const double *found;
    AZ_TRY(az_bundle_get_f64(bundle, name, n, &found, NULL));
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(found[i]) || found[i] < lower)
            return az_error(AZ_ERROR_DATA, "knn: number %lld of \"%s\" is not finite or out of range", (long long)i,
                            name);
    AZ_TRY(AZ_NEW_ARRAY(*numbers, n));
    memcpy(*numbers, found, (size_t)n * sizeof **numbers);
    return AZ_OK;
}

static az_status get_labels(const az_bundle *bundle, int64_t n, int64_t n_classes, int32_t **labels)
{
    const int32_t *found;
    AZ_TRY(az_bundle_get_i32(bundle, "label", n, &found, NULL));
    for (int64_t i = 0; i < n; i++)
        if (found[i] < 0 || found[i] >= n_classes)
            return az_error(AZ_ERROR_DATA, "knn: the class of row %lld is %lld of %lld", (long long)i,
                            (long long)found[i], (long long)n_classes);
    AZ_TRY(AZ_NEW_ARRAY(*labels, n));
    memcpy(*labels, found, (size_t)n * sizeof **labels);
    return AZ_OK;
}

static az_status get_arrays(knn *model, const az_bundle *bundle)
{
    const int64_t n_rows = model->points.n_rows, n_features = model->points.n_features;
    AZ_TRY(get_numbers(bundle, "x", n_rows * n_features, -INFINITY, &model->x));
    AZ_TRY(get_numbers(bundle, "period", n_features, 0, &model->period));
    if (az_bundle_find(bundle, "weight")) AZ_TRY(get_numbers(bundle, "weight", n_rows, 0x1p-1074, &model->weight));
    if (az_bundle_find(bundle, "label")) return get_labels(bundle, n_rows, model->n_outputs, &model->label);
    if (n_rows > INT64_MAX / model->n_outputs)
        return az_error(AZ_ERROR_DATA, "knn: %lld rows of %lld targets are too many", (long long)n_rows,
                        (long long)model->n_outputs);
    return get_numbers(bundle, "y", n_rows * model->n_outputs, -INFINITY, &model->y);
}

static az_status knn_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    az_status status = AZ_OK;
    const az_array *x = az_bundle_find(bundle, "x");
    if (!x || x->n_dims != 2 || x->shape[0] < 1 || x->shape[1] != n_features || n_outputs < 1 ||
        (n_features > 0 && x->shape[0] > INT64_MAX / n_features))
        return az_error(AZ_ERROR_DATA, "knn: the training rows \"x\" are missing or do not have %lld features",
                        (long long)n_features);
    knn *model;
    AZ_TRY(AZ_NEW_ZERO(model));
    model->points = (az_knn_points){.n_rows = x->shape[0], .n_features = n_features};
    model->n_outputs = n_outputs;
    AZ_GOTO(get_options(bundle, model->points.n_rows, &model->options));
    AZ_GOTO(get_arrays(model, bundle));
    AZ_GOTO(prepare(model));
    *fitted = model;
done:
    if (status) knn_free(model);
    return status;
}

static void knn_export(const void *fitted, az_code *code)
{
    const knn *model = fitted;
    az_knn_write_code(&(az_knn_export){.points = &model->points,
                                       .n_neighbors = model->options.n_neighbors,
                                       .n_outputs = model->n_outputs,
                                       .by_distance = model->options.weights == DISTANCE,
                                       .y = model->y,
                                       .label = model->label,
                                       .weight = model->weight},
                      code);
}

static int knn_facts(const void *fitted, az_fact *facts)
{
    const knn *model = fitted;
    facts[0] = (az_fact){"n_rows_kept", "training rows kept", (double)model->points.n_rows};
    facts[1] = (az_fact){"kd_tree", "searched by a k-d tree (1) or all rows looked at (0)", model->tree != NULL};
    return 2;
}

const az_model_class az_knn = {
    .name = "knn",
    .aliases = "k_neighbors,nearest_neighbors",
    .summary = "mean, or shares of the classes, of the k nearest training rows; features are scaled to unit variance "
               "(scikit-learn does not)",
    .reference = "Cover, Hart (1967), IEEE Trans. Inf. Theory 13, 21; Friedman, Bentley, Finkel (1977), ACM Trans. "
                 "Math. Softw. 3, 209",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_SEVERAL_TARGETS | AZ_TRAIT_PERIODIC,
    .without = "negative weights: the votes could add up to 0; sigma: no error is estimated; repeat is weight: a row "
               "that is there twice is two of the k neighbours; row order: among rows at the same distance the first "
               "ones count; missing: the design fills cells; partial fit, interval: not offered; iterative: nothing is "
               "iterated; exact products: distances need no more digits",
    .scaling = AZ_SCALE_STANDARD,
    .options_size = sizeof(knn_options),
    .params = knn_params,
    .fit = knn_fit,
    .free = knn_free,
    .predict = knn_predict,
    .save = knn_save,
    .load = knn_load,
    .export = knn_export,
    .scratch = knn_scratch,
    .block_rows = knn_block_rows,
    .facts = knn_facts,
};
