/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/ensemble.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/parallel.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

az_status az_max_features(const char *text, int64_t n_features, int64_t *n)
{
    double value = 0, divisor = 1;
    const char *slash = strchr(text, '/');
    const char *end = text + strlen(text);
    if (!*text || strcmp(text, "all") == 0) {
        value = (double)n_features;
    } else if (strcmp(text, "sqrt") == 0) {
        value = sqrt((double)n_features);
    } else if (strcmp(text, "log2") == 0) {
        value = log2((double)n_features);
    } else {
        bool read = az_parse_double_all(text, slash ? slash : end, '.', &value) &&
                    (!slash || az_parse_double_all(slash + 1, end, '.', &divisor));
        if (!read || !(value > 0) || !(divisor > 0) || isinf(value))
            return az_error(AZ_ERROR_USAGE,
                            "max_features = \"%s\": give all, sqrt, log2, a number of features or a part such as 1/3",
                            text);
        value /= divisor;
        /* As in scikit-learn 1 is one feature and 1.0 all of them. */
        if (value < 1 || slash || strchr(text, '.')) value *= (double)n_features;
    }
    int64_t count = (int64_t)floor(value + 1e-9);
    *n = count < 1 ? 1 : count > n_features ? n_features : count;
    return AZ_OK;
}

/* Rows, or a part of them. */
static int64_t rows_of(double value, int64_t n_rows, int64_t least)
{
    double rows = value < 1 ? ceil(value * (double)n_rows) : value;
    return rows < (double)least ? least : rows > 9e18 ? INT64_MAX : (int64_t)rows;
}

typedef struct growing {
    const az_sample *sample;
    const az_ensemble_options *options;
    az_grow_data data;
    az_grow_options grow;
    az_trees *trees;
    az_grow_work *work;   /* per thread */
    uint16_t *count;      /* (n_threads, n_rows) how often a row was drawn */
    double *importance;   /* (n_trees, n_features) */
    double *y;            /* the targets, centred, scaled alike, row-major */
    int64_t n_drawn;
    _Atomic int64_t n_done;
    _Atomic int failed;   /* az_status of the first tree that failed */
    const az_control *control;
} growing;

/* Which rows tree t sees: drawn with replacement, or (without bootstrap, max_samples below all) without. */
static const uint16_t *draw_rows(growing *job, int64_t t, int thread)
{
    const int64_t n = job->sample->n_rows;
    if (!job->options->bootstrap && job->n_drawn >= n) return NULL;
    uint16_t *count = job->count + (int64_t)thread * n;
    az_stream stream = az_stream_new(job->sample->seed, "tree.rows");
    memset(count, 0, sizeof *count * (size_t)n);
    if (job->options->bootstrap) {
        for (int64_t i = 0; i < job->n_drawn; i += 2) {
            uint32_t bits[4];
            az_random_bits(stream, (uint64_t)t, (uint64_t)i, bits);
            for (int k = 0; k < 2 && i + k < job->n_drawn; k++) {
                uint64_t word = (uint64_t)bits[2 * k] << 32 | bits[2 * k + 1];
                uint16_t *drawn = &count[(int64_t)((unsigned __int128)word * (uint64_t)n >> 64)];
                if (*drawn < UINT16_MAX) ++*drawn;
            }
        }
        return count;
    }
    /* Selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S). */
    int64_t left = job->n_drawn;
    for (int64_t i = 0; i < n && left; i++)
        if (az_random_uniform(stream, (uint64_t)t, (uint64_t)i) * (double)(n - i) < (double)left) {
            count[i] = 1;
            left--;
        }
    return count;
}

static void grow_tree(void *context, int64_t t, int thread)
{
    growing *job = context;
    if (thread == 0 && az_check_interrupt(job->control)) {
        int none = AZ_OK;
        atomic_compare_exchange_strong(&job->failed, &none, AZ_INTERRUPTED);
    }
    if (atomic_load(&job->failed)) return;
    const uint16_t *count = draw_rows(job, t, thread);
    uint32_t key[4];
    az_random_bits(az_stream_new(job->sample->seed, "tree.splits"), (uint64_t)t, 0, key);
    az_stream stream = {{key[0], key[1]}};
    az_status status = az_grow(&job->trees->trees[t], &job->data, &job->grow, count, stream,
                               job->importance + t * job->sample->n_features, &job->work[thread]);
    if (status) {
        int none = AZ_OK;
        atomic_compare_exchange_strong(&job->failed, &none, (int)status);
    }
    int64_t done = atomic_fetch_add(&job->n_done, 1) + 1;
    if (thread == 0)
        az_report_progress(job->control, "trees", (double)done, (double)job->trees->n_trees, NULL, 0);
}

/* Targets about their mean, so that sums stay small beside their differences; several ones in units of their deviation, so
 * that none rules the splits by its unit. */
static az_status centre_targets(growing *job, az_ensemble *made, double *scale)
{
    const az_sample *sample = job->sample;
    const int64_t n = sample->n_rows, n_targets = sample->n_targets;
    AZ_TRY(AZ_NEW_ARRAY(job->y, n * n_targets));
    for (int64_t k = 0; k < n_targets; k++) {
        const double *y = sample->y + k * n;
        double total = 0, mean = 0, squares = 0;
        for (int64_t i = 0; i < n; i++) {
            double weight = sample->weight ? sample->weight[i] : 1, difference = y[i] - mean;
            total += weight;
            mean += weight / total * difference;
            squares += weight * difference * (y[i] - mean);
        }
        const bool centred = job->grow.criterion != AZ_CRITERION_POISSON;
        made->offset[k] = centred ? mean : 0;
        scale[k] = n_targets > 1 && squares > 0 ? sqrt(squares / total) : 1;
        for (int64_t i = 0; i < n; i++) {
            job->y[i * n_targets + k] = (y[i] - made->offset[k]) / scale[k];
            if (!centred && y[i] < 0)
                return az_error(AZ_ERROR_DATA, "criterion = poisson: a target is negative; counts are not");
        }
    }
    return AZ_OK;
}

static void unscale_values(az_trees *trees, const double *scale)
{
    for (int64_t t = 0; t < trees->n_trees && trees->n_outputs > 1; t++)
        for (int64_t i = 0; i < trees->trees[t].n_values; i++)
            for (int64_t k = 0; k < trees->n_outputs; k++)
                trees->trees[t].values[i * trees->n_outputs + k] *= scale[k];
}

static az_status choose_criterion(growing *job)
{
    const bool classifies = job->sample->task == AZ_CLASSIFICATION;
    int32_t choice = job->options->criterion;
    az_criterion criterion = choice == AZ_CRITERION_AUTO
                                 ? (classifies ? AZ_CRITERION_GINI : AZ_CRITERION_SQUARED_ERROR)
                                 : (az_criterion)(choice - AZ_CRITERION_FIRST);
    const bool of_classes = criterion == AZ_CRITERION_GINI || criterion == AZ_CRITERION_ENTROPY;
    if (of_classes != classifies)
        return az_error(AZ_ERROR_USAGE, "criterion: %s", classifies ? "classes are split by gini or entropy"
                                                                    : "gini and entropy are for classes");
    if (criterion == AZ_CRITERION_POISSON && job->sample->n_targets > 1)
        return az_error(AZ_ERROR_USAGE, "criterion = poisson takes one target");
    job->grow.criterion = criterion;
    return AZ_OK;
}

static az_status set_up(growing *job, az_ensemble *made, double *scale)
{
    const az_sample *sample = job->sample;
    const az_ensemble_options *options = job->options;
    const int64_t n = sample->n_rows;
    double total = (double)n;
    if (sample->weight) total = az_sum(n, sample->weight, 1);
    AZ_TRY(choose_criterion(job));
    AZ_TRY(az_max_features(options->max_features, sample->n_features, &job->grow.max_features));
    job->grow.max_depth = options->max_depth;
    job->grow.max_leaf_nodes = options->max_leaf_nodes;
    job->grow.min_samples_split = rows_of(options->min_samples_split, n, 2);
    job->grow.min_samples_leaf = rows_of(options->min_samples_leaf, n, 1);
    job->grow.min_weight_leaf = options->min_weight_fraction_leaf * total;
    job->grow.min_impurity_decrease = options->min_impurity_decrease;
    job->grow.random_splits = options->random_splits;
    job->n_drawn = options->max_samples > 0 ? rows_of(options->max_samples, n, 1) : n;
    job->data.n_outputs = made->n_outputs;
    job->data.weight = sample->weight;
    if (sample->task == AZ_CLASSIFICATION) {
        job->data.label = sample->label;
    } else {
        AZ_TRY(centre_targets(job, made, scale));
        job->data.y = job->y;
    }
    return AZ_OK;
}

static az_status grow_all(growing *job, az_ensemble *made, double *scale)
{
    const int64_t n_trees = job->options->n_estimators, n_features = job->sample->n_features;
    const int n_threads = az_control_threads(job->control);
    AZ_TRY(set_up(job, made, scale));
    AZ_TRY(az_trees_new(&made->trees, n_trees, made->n_outputs, n_features));
    job->trees = made->trees;
    AZ_TRY(AZ_NEW_ARRAY(job->work, n_threads));
    memset(job->work, 0, sizeof *job->work * (size_t)n_threads);
    AZ_TRY(AZ_NEW_ARRAY(job->count, n_threads * job->sample->n_rows));
    AZ_TRY(AZ_NEW_ARRAY(job->importance, n_trees * n_features));
    memset(job->importance, 0, sizeof *job->importance * (size_t)(n_trees * n_features));
    az_parallel(n_threads, n_trees, grow_tree, job);
    for (int i = 0; i < n_threads; i++) az_grow_work_free(&job->work[i]);
    az_status failed = (az_status)atomic_load(&job->failed);
    if (failed == AZ_INTERRUPTED) return az_error(AZ_INTERRUPTED, "interrupted");
    /* The text of an error stays in the thread that met it. */
    if (failed) return az_error(failed, "no tree could be grown: %s", az_status_text(failed));
    for (int64_t t = 0; t < n_trees; t++) made->trees->has_categories |= made->trees->trees[t].n_sets > 0;
    if (job->data.y) unscale_values(made->trees, scale);
    az_tree_sum(job->importance, n_trees, n_features);
    double sum = az_sum(n_features, job->importance, 1);
    for (int64_t j = 0; j < n_features; j++) made->importance[j] = sum > 0 ? job->importance[j] / sum : 0;
    return AZ_OK;
}

static az_status ensemble_new(az_ensemble **result, int64_t n_features, int64_t n_outputs, bool classifies)
{
    az_ensemble *made;
    AZ_TRY(AZ_NEW_ZERO(made));
    *made = (az_ensemble){.n_features = n_features, .n_outputs = n_outputs, .classifies = classifies};
    made->importance = az_alloc_zero(sizeof *made->importance * (size_t)n_features);
    made->offset = az_alloc_zero(sizeof *made->offset * (size_t)n_outputs);
    if (!made->importance || !made->offset) {
        az_ensemble_free(made);
        return AZ_ERROR_MEMORY;
    }
    *result = made;
    return AZ_OK;
}

az_status az_ensemble_fit(void **fitted, const az_sample *sample, const az_ensemble_options *options,
                          const az_control *control, az_fit_result *result)
{
    const bool classifies = sample->task == AZ_CLASSIFICATION;
    az_ensemble *made = NULL;
    az_bins *bins = NULL;
    double *scale = NULL;
    growing job = {.sample = sample, .options = options, .control = control};
    az_status status;
    if (sample->n_rows > UINT32_MAX || sample->n_features > UINT16_MAX)
        return az_error(AZ_ERROR_DATA, "trees take at most 4,294,967,295 rows and 65,535 features");
    AZ_TRY(ensemble_new(&made, sample->n_features, classifies ? sample->n_classes : sample->n_targets, classifies));
    AZ_GOTO(AZ_NEW_ARRAY(scale, made->n_outputs));
    AZ_GOTO(az_bins_new(&bins, sample, options->max_bins, control));
    job.data.bins = bins;
    AZ_GOTO(grow_all(&job, made, scale));
    *result = (az_fit_result){.converged = true};
    *fitted = made;
    made = NULL;
done:
    az_free(scale);
    az_free(job.work);
    az_free(job.count);
    az_free(job.importance);
    az_free(job.y);
    az_bins_free(bins);
    az_ensemble_free(made);
    return status;
}

void az_ensemble_free(void *fitted)
{
    az_ensemble *model = fitted;
    if (!model) return;
    az_trees_free(model->trees);
    az_free(model->importance);
    az_free(model->offset);
    az_free(model->oob);
    az_free(model);
}

void az_ensemble_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const az_ensemble *model = fitted;
    const int64_t n_outputs = model->n_outputs, n_trees = model->trees->n_trees;
    (void)scratch;
    memset(out, 0, sizeof *out * (size_t)(n_rows * n_outputs));
    az_trees_add(model->trees, 0, n_trees, 1, features, n_rows, out);
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t k = 0; k < n_outputs; k++)
            out[i * n_outputs + k] = out[i * n_outputs + k] / (double)n_trees + model->offset[k];
}

az_status az_ensemble_save(const void *fitted, az_bundle *bundle)
{
    const az_ensemble *model = fitted;
    AZ_TRY(az_trees_save(model->trees, bundle));
    AZ_TRY(az_bundle_put_f64(bundle, "tree.importance", model->importance, model->n_features));
    return az_bundle_put_f64(bundle, "tree.offset", model->offset, model->n_outputs);
}

az_status az_ensemble_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    const double *importance, *offset;
    az_ensemble *made;
    AZ_TRY(az_bundle_get_f64(bundle, "tree.importance", n_features, &importance, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "tree.offset", n_outputs, &offset, NULL));
    AZ_TRY(ensemble_new(&made, n_features, n_outputs, false));
    memcpy(made->importance, importance, sizeof *importance * (size_t)n_features);
    memcpy(made->offset, offset, sizeof *offset * (size_t)n_outputs);
    az_status status = az_trees_load(&made->trees, bundle, n_features, n_outputs);
    if (status)
        az_ensemble_free(made);
    else
        *fitted = made;
    return status;
}

int az_ensemble_facts(const void *fitted, az_fact *facts)
{
    const az_ensemble *model = fitted;
    double n_leaves = 0;
    for (int64_t t = 0; t < model->trees->n_trees; t++) n_leaves += (model->trees->trees[t].n_nodes + 1) / 2;
    facts[0] = (az_fact){"n_trees", "trees", (double)model->trees->n_trees};
    facts[1] = (az_fact){"n_leaves", "leaves", n_leaves};
    return 2;
}

void az_ensemble_trees(const void *fitted, az_tree_view *view)
{
    const az_ensemble *model = fitted;
    *view = (az_tree_view){.trees = model->trees,
                           .n_outputs = model->n_outputs,
                           .scale = 1 / (double)model->trees->n_trees,
                           .offset = model->offset,
                           .importance = model->importance};
}
