/* SPDX-License-Identifier: BSD-3-Clause */
/* AdaBoost: small trees, each grown with more weight on the rows that those before got wrong.  Classes by SAMME (Zhu,
 * Zou, Rosset, Hastie 2009, algorithm 2), quantities by R2 (Drucker 1997), both with scikit-learn's rules for when to
 * stop. */
#include "models/tree/adaboost.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "models/tree/loss.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const az_param adaboost_params[] = {
    AZ_PARAM(az_ensemble_options, n_estimators, 50, 1, 1e6, "trees at most", .aliases = "n_trees,num_trees,ntree"),
    AZ_PARAM(az_adaboost_options, learning_rate, 1, 1e-12, 1e6, "factor on the weight of each tree",
             .aliases = "eta,shrinkage"),
    AZ_CHOICE(az_adaboost_options, loss, AZ_ADABOOST_LINEAR, "linear|square|exponential",
              "of quantities: what an error counts, as a part of the greatest error"),
    AZ_PARAM(az_ensemble_options, max_depth, 0, 0, 10000,
             "levels of a tree below its root (0: 1 for classes, 3 for quantities)", .aliases = "depth",
             .differs = "scikit-learn has it in the estimator"),
    AZ_MAX_FEATURES_PARAM("(default: all)"),
    AZ_CRITERION_PARAM,
    AZ_SPLIT_PARAMS(255),
    AZ_PARAM_END};

double az_adaboost_loss_of(az_adaboost_loss loss, double error)
{
    return loss == AZ_ADABOOST_SQUARE ? error * error : loss == AZ_ADABOOST_EXPONENTIAL ? 1 - exp(-error) : error;
}

/* ---- fitting ---- */

typedef struct boosting {
    const az_sample *sample;
    const az_adaboost_options *options;
    const az_control *control;
    az_ensemble_plan plan;
    az_grow_data data;
    az_grow_work work;
    az_adaboost *made;
    int64_t n;          /* rows */
    double *weight;     /* (n) of the rows, in this round */
    double *error;      /* (n) of the tree of this round: 0 or 1 of classes, the absolute error of quantities */
    double *product;    /* (n) */
    double *importance; /* (n_features) of the tree of this round */
    double *y;          /* quantities about `centre` */
    double centre;
    uint16_t *count; /* quantities: how often a row was drawn */
    const az_tree *tree;
} boosting;

enum { BLOCK_ROWS = 4096 };

/* The class that a leaf votes for: of several likeliest ones the first. */
static int64_t likeliest(const double *probability, int64_t n_classes)
{
    int64_t best = 0;
    for (int64_t k = 1; k < n_classes; k++)
        if (probability[k] > probability[best]) best = k;
    return best;
}

/* The rows lie in columns here, so the tree is walked without the help of az_trees_add. */
static void find_errors(void *context, int64_t block, int thread)
{
    boosting *job = context;
    const az_sample *sample = job->sample;
    const int64_t n = job->n, n_outputs = job->made->trees->n_outputs;
    const int64_t end = (block + 1) * BLOCK_ROWS < n ? (block + 1) * BLOCK_ROWS : n;
    (void)thread;
    for (int64_t i = block * BLOCK_ROWS; i < end; i++) {
        const az_tree_node *node = job->tree->nodes;
        while (!(node->flags & AZ_NODE_LEAF))
            node = job->tree->nodes + node->left + az_node_side(job->tree, node, sample->x[node->feature * n + i]);
        job->error[i] = job->made->classifies
                            ? likeliest(job->tree->values + node->left * n_outputs, n_outputs) != sample->label[i]
                            : fabs(node->threshold - job->y[i]);
    }
}

/* Rows drawn with replacement, each as likely as its weight says. */
static void draw(boosting *job, int64_t round)
{
    const az_stream stream = az_stream_new(job->sample->seed, "adaboost.rows");
    const int64_t n = job->n;
    double *sum = job->product, total = 0;
    for (int64_t i = 0; i < n; i++) sum[i] = total += job->weight[i];
    memset(job->count, 0, sizeof *job->count * (size_t)n);
    for (int64_t i = 0; i < n; i++) {
        const double point = total * az_random_uniform(stream, (uint64_t)round, (uint64_t)i);
        int64_t low = 0, high = n - 1; /* the first row whose sum is above the point */
        while (low < high) {
            const int64_t middle = low + (high - low) / 2;
            if (sum[middle] > point)
                high = middle;
            else
                low = middle + 1;
        }
        if (job->count[low] < UINT16_MAX) job->count[low]++;
    }
}

/* The mean of the errors under the rows' weights; those of quantities become losses, 0 to 1. */
static double mean_error(boosting *job)
{
    double greatest = 0;
    for (int64_t i = 0; i < job->n && !job->made->classifies; i++)
        if (job->error[i] > greatest) greatest = job->error[i];
    for (int64_t i = 0; i < job->n; i++) {
        if (greatest > 0)
            job->error[i] = az_adaboost_loss_of((az_adaboost_loss)job->options->loss, job->error[i] / greatest);
        job->product[i] = job->weight[i] * job->error[i];
    }
    return az_sum_of(job->n, job->product, 1) / az_sum_of(job->n, job->weight, 1);
}

/* Sum 1.  None falls so far that it could never come back, as in scikit-learn. */
static bool normalise(boosting *job)
{
    const double sum = az_sum_of(job->n, job->weight, 1);
    if (!(sum > 0) || isinf(sum)) return false;
    for (int64_t i = 0; i < job->n; i++) job->weight[i] = fmax(job->weight[i] / sum, DBL_EPSILON);
    return true;
}

/* The tree of one round, and the rows' weights for the next one.  *kept: the tree is one of the model. */
static az_status boost(boosting *job, int64_t round, bool *kept, bool *goes_on)
{
    az_adaboost *made = job->made;
    const double n_classes = (double)made->trees->n_outputs, rate = job->options->learning_rate;
    uint32_t key[4];
    az_tree *tree = &made->trees->trees[round];
    if (!made->classifies) draw(job, round);
    memset(job->importance, 0, sizeof *job->importance * (size_t)made->n_features);
    az_random_bits(az_stream_new(job->sample->seed, "tree.splits"), (uint64_t)round, 0, key);
    AZ_TRY(az_grow(tree, &job->data, &job->plan.grow, made->classifies ? NULL : job->count,
                   (az_stream){{key[0], key[1]}}, job->importance, &job->work));
    job->tree = tree;
    az_parallel(az_control_threads(job->control), (job->n + BLOCK_ROWS - 1) / BLOCK_ROWS, find_errors, job);
    const double error = mean_error(job), chance = made->classifies ? 1 - 1 / n_classes : 0.5;
    *kept = true;
    *goes_on = false;
    made->weight[round] = 1;
    if (error <= 0) return AZ_OK;  /* nothing is left to be corrected */
    if (error >= chance - 1e-12) { /* half of the weight is half but for rounding */
        if (round == 0 && made->classifies)
            return az_error(AZ_ERROR_DATA,
                            "adaboost: the first tree is no better than chance (%g of the weight is wrong): give it "
                            "more depth (max_depth), or other features",
                            error);
        *kept = round == 0; /* a single tree of quantities is a model still */
        return AZ_OK;
    }
    const double odds = (1 - error) / error;
    made->weight[round] = rate * (log(odds) + (made->classifies ? log(n_classes - 1) : 0));
    for (int64_t i = 0; i < job->n; i++)
        job->weight[i] *=
            made->classifies ? exp(made->weight[round] * job->error[i]) : pow(1 / odds, (1 - job->error[i]) * rate);
    *goes_on = normalise(job);
    return AZ_OK;
}

static void add_importance(const boosting *job, double weight)
{
    const int64_t n = job->made->n_features;
    const double sum = az_sum_of(n, job->importance, 1);
    for (int64_t j = 0; j < n && sum > 0; j++) job->made->importance[j] += weight * job->importance[j] / sum;
}

/* Leaves to votes: tree t gives its class the weight w[t], the others -w[t] / (K - 1), as a part of the sum of all w
 * and of K - 1, so that the softmax of the sum is equation 15 of the paper as scikit-learn has it. */
static void make_votes(az_adaboost *made)
{
    const int64_t n_classes = made->trees->n_outputs;
    const double others = (double)(n_classes - 1);
    for (int64_t t = 0; t < made->trees->n_trees; t++) {
        const az_tree *tree = &made->trees->trees[t];
        const double vote = made->weight[t] / made->total / others;
        for (int64_t i = 0; i < tree->n_values; i++) {
            double *value = tree->values + i * n_classes;
            const int64_t class = likeliest(value, n_classes);
            for (int64_t k = 0; k < n_classes; k++) value[k] = k == class ? vote : -vote / others;
        }
    }
}

static void uncentre(az_trees *trees, double centre)
{
    for (int64_t t = 0; t < trees->n_trees; t++)
        for (int32_t i = 0; i < trees->trees[t].n_nodes; i++)
            if (trees->trees[t].nodes[i].flags & AZ_NODE_LEAF) trees->trees[t].nodes[i].threshold += centre;
}

static az_status boost_all(boosting *job, az_fit_result *result)
{
    az_adaboost *made = job->made;
    const int64_t most = made->trees->n_trees;
    bool goes_on = true;
    int64_t n_trees = 0;
    for (int64_t t = 0; t < most && goes_on; t++) {
        bool kept;
        if (az_check_interrupt(job->control)) return az_error(AZ_INTERRUPTED, "interrupted");
        AZ_TRY(boost(job, t, &kept, &goes_on));
        if (kept) {
            n_trees = t + 1;
            made->total += made->weight[t];
            add_importance(job, made->weight[t]);
        } else {
            az_tree_clear(&made->trees->trees[t]);
        }
        az_report_progress(job->control, "trees", (double)(t + 1), (double)most, NULL, 0);
    }
    made->trees->n_trees = n_trees;
    az_trees_note(made->trees);
    if (made->classifies)
        make_votes(made);
    else
        uncentre(made->trees, job->centre);
    const double sum = az_sum_of(made->n_features, made->importance, 1);
    for (int64_t j = 0; j < made->n_features && sum > 0; j++) made->importance[j] /= sum;
    *result = (az_fit_result){.converged = true};
    return AZ_OK;
}

static void adaboost_free(void *fitted)
{
    az_adaboost *model = fitted;
    if (!model) return;
    az_trees_free(model->trees);
    az_free(model->weight);
    az_free(model->importance);
    az_free(model);
}

static az_status adaboost_new(az_adaboost **result, bool classifies, int64_t n_features)
{
    az_adaboost *made;
    AZ_TRY(AZ_NEW_ZERO(made));
    *made = (az_adaboost){.classifies = classifies, .n_features = n_features};
    made->importance = az_alloc_zero(sizeof *made->importance * (size_t)(n_features + 1));
    if (!made->importance) {
        adaboost_free(made);
        return AZ_ERROR_MEMORY;
    }
    *result = made;
    return AZ_OK;
}

/* Quantities about the first of them, so that sums of squares stay small beside their differences. */
static az_status centre(boosting *job)
{
    AZ_TRY(AZ_NEW_ARRAY(job->y, job->n));
    AZ_TRY(AZ_NEW_ARRAY(job->count, job->n));
    job->centre = job->plan.grow.criterion == AZ_CRITERION_POISSON ? 0 : job->sample->y[0];
    for (int64_t i = 0; i < job->n; i++) job->y[i] = job->sample->y[i] - job->centre;
    job->data.y = job->y;
    return AZ_OK;
}

static az_status adaboost_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                              az_fit_result *result)
{
    const bool classifies = sample->task == AZ_CLASSIFICATION;
    const int64_t n = sample->n_rows;
    az_adaboost_options chosen = *(const az_adaboost_options *)options;
    boosting job = {.sample = sample, .options = &chosen, .control = control, .n = n};
    az_bins *bins = NULL;
    az_bin_view *view = NULL;
    az_status status;
    if (n > UINT32_MAX || sample->n_features > UINT16_MAX)
        return az_error(AZ_ERROR_DATA, "trees take at most 4,294,967,295 rows and 65,535 features");
    if (!chosen.tree.max_depth) chosen.tree.max_depth = classifies ? 1 : 3;
    AZ_TRY(az_ensemble_plan_make(&job.plan, sample, &chosen.tree));
    if (job.plan.grow.criterion == AZ_CRITERION_ABSOLUTE_ERROR)
        AZ_GOTO(az_error(AZ_ERROR_USAGE, "criterion = absolute_error: adaboost splits by squared_error or poisson"));
    AZ_GOTO(adaboost_new(&job.made, classifies, sample->n_features));
    AZ_GOTO(az_trees_new(&job.made->trees, chosen.tree.n_estimators, classifies ? sample->n_classes : 1,
                         sample->n_features));
    AZ_GOTO(AZ_NEW_ARRAY(job.made->weight, chosen.tree.n_estimators));
    AZ_GOTO(AZ_NEW_ARRAY(job.weight, n));
    AZ_GOTO(AZ_NEW_ARRAY(job.error, n));
    AZ_GOTO(AZ_NEW_ARRAY(job.product, n));
    AZ_GOTO(AZ_NEW_ARRAY(job.importance, sample->n_features + 1));
    const double *given = job.plan.weight ? job.plan.weight : sample->weight;
    for (int64_t i = 0; i < n; i++) job.weight[i] = given ? given[i] : 1;
    normalise(&job);
    job.data = (az_grow_data){.n_outputs = job.made->trees->n_outputs,
                              .label = classifies ? sample->label : NULL,
                              .weight = classifies ? job.weight : NULL};
    if (!classifies) AZ_GOTO(centre(&job));
    AZ_GOTO(az_ensemble_bins(&bins, &view, sample, &chosen.tree, control));
    job.data.bins = bins;
    job.data.view = view;
    AZ_GOTO(boost_all(&job, result));
    *fitted = job.made;
    job.made = NULL;
done:
    az_free(job.weight);
    az_free(job.error);
    az_free(job.product);
    az_free(job.importance);
    az_free(job.y);
    az_free(job.count);
    az_grow_work_free(&job.work);
    az_bin_view_free(view);
    az_bins_free(bins);
    az_ensemble_plan_clear(&job.plan);
    adaboost_free(job.made);
    return status;
}

/* ---- running, filing ---- */

typedef struct opinion {
    double value, weight;
    int64_t tree;
} opinion;

static size_t adaboost_scratch(const void *fitted, int64_t n_rows)
{
    const az_adaboost *model = fitted;
    (void)n_rows;
    return model->classifies ? 0 : sizeof(opinion) * (size_t)model->trees->n_trees;
}

static bool before(const opinion *a, const opinion *b)
{
    return a->value != b->value ? a->value < b->value : a->tree < b->tree;
}

/* Shell's sort with Ciura's gaps and beyond (Knuth, The Art of Computer Programming 5.2.1): in place, without calls. */
static void sort(opinion *opinions, int64_t n)
{
    static const int64_t gaps[] = {828431, 368191, 163640, 72729, 32324, 14366, 6385, 2837, 1261,
                                   560,    248,    110,    57,    23,    10,    4,    1};
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++)
        for (int64_t i = gaps[g]; i < n; i++) {
            const opinion moved = opinions[i];
            int64_t at = i;
            for (; at >= gaps[g] && before(&moved, &opinions[at - gaps[g]]); at -= gaps[g])
                opinions[at] = opinions[at - gaps[g]];
            opinions[at] = moved;
        }
}

/* The smallest value that, with those below, has half of all weight. */
static double weighted_median(const az_adaboost *model, const double *row, opinion *opinions)
{
    const az_trees *trees = model->trees;
    const int64_t n = trees->n_trees;
    for (int64_t t = 0; t < n; t++) {
        const az_tree *tree = &trees->trees[t];
        opinions[t] = (opinion){az_leaf_value(trees, tree, az_tree_leaf(tree, row), 0), model->weight[t], t};
    }
    sort(opinions, n);
    double sum = 0;
    for (int64_t t = 0; t < n - 1; t++) {
        sum += opinions[t].weight;
        if (sum >= 0.5 * model->total) return opinions[t].value;
    }
    return opinions[n - 1].value;
}

static void adaboost_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const az_adaboost *model = fitted;
    const int64_t n_outputs = model->trees->n_outputs;
    if (!model->classifies) {
        for (int64_t i = 0; i < n_rows; i++) out[i] = weighted_median(model, features + i * model->n_features, scratch);
        return;
    }
    memset(out, 0, sizeof *out * (size_t)(n_rows * n_outputs));
    az_trees_add(model->trees, 0, model->trees->n_trees, 1, features, n_rows, out);
    for (int64_t i = 0; i < n_rows; i++)
        az_link_apply(AZ_LINK_SOFTMAX, n_outputs, out + i * n_outputs, out + i * n_outputs);
}

static az_status adaboost_save(const void *fitted, az_bundle *bundle)
{
    const az_adaboost *model = fitted;
    const int32_t form = model->classifies;
    AZ_TRY(az_trees_save(model->trees, bundle));
    AZ_TRY(az_bundle_put_i32(bundle, "adaboost.classifies", &form, 1));
    AZ_TRY(az_bundle_put_f64(bundle, "adaboost.weight", model->weight, model->trees->n_trees));
    return az_bundle_put_f64(bundle, "tree.importance", model->importance, model->n_features);
}

static az_status load(az_adaboost *made, const az_bundle *bundle, int64_t n_outputs)
{
    const double *importance, *weight;
    AZ_TRY(az_bundle_get_f64(bundle, "tree.importance", made->n_features, &importance, NULL));
    memcpy(made->importance, importance, sizeof *importance * (size_t)made->n_features);
    AZ_TRY(az_trees_load(&made->trees, bundle, made->n_features, n_outputs));
    const int64_t n_trees = made->trees->n_trees;
    AZ_TRY(az_bundle_get_f64(bundle, "adaboost.weight", n_trees, &weight, NULL));
    AZ_TRY(AZ_NEW_ARRAY(made->weight, n_trees));
    for (int64_t t = 0; t < n_trees; t++) {
        if (!(weight[t] >= 0) || isinf(weight[t]))
            return az_error(AZ_ERROR_DATA, "adaboost: the weight of tree %lld is %g", (long long)t, weight[t]);
        made->weight[t] = weight[t];
        made->total += weight[t];
    }
    return n_trees > 0 ? AZ_OK : az_error(AZ_ERROR_DATA, "adaboost: there are no trees");
}

static az_status adaboost_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    const int32_t *classifies;
    az_adaboost *made;
    AZ_TRY(az_bundle_get_i32(bundle, "adaboost.classifies", 1, &classifies, NULL));
    if (*classifies ? n_outputs < 2 : n_outputs != 1)
        return az_error(AZ_ERROR_DATA, "adaboost: %lld outputs do not fit the task", (long long)n_outputs);
    AZ_TRY(adaboost_new(&made, *classifies != 0, n_features));
    const az_status status = load(made, bundle, n_outputs);
    if (status)
        adaboost_free(made);
    else
        *fitted = made;
    return status;
}

static int adaboost_facts(const void *fitted, az_fact *facts)
{
    const az_adaboost *model = fitted;
    double n_leaves = 0;
    int n = 0;
    for (int64_t t = 0; t < model->trees->n_trees; t++) n_leaves += (model->trees->trees[t].n_nodes + 1) / 2;
    facts[n++] = (az_fact){"n_trees", "trees", (double)model->trees->n_trees};
    facts[n++] = (az_fact){"n_leaves", "leaves", n_leaves};
    return n;
}

/* A median is no sum: of quantities the view has importances alone. */
static void adaboost_trees(const void *fitted, az_tree_view *view)
{
    const az_adaboost *model = fitted;
    *view = (az_tree_view){.trees = model->classifies ? model->trees : NULL,
                           .n_outputs = model->trees->n_outputs,
                           .scale = 1,
                           .importance = model->importance,
                           .raw = model->classifies ? "log odds" : NULL};
}

static az_status adaboost_check(const void *options)
{
    return az_ensemble_check(&((const az_adaboost_options *)options)->tree);
}

static int64_t adaboost_max_bins(const void *options)
{
    return ((const az_adaboost_options *)options)->tree.max_bins;
}

/* The error of a row is that of its features run through the tree. */
static const char *adaboost_needs_numbers(const void *options)
{
    (void)options;
    return "needs all rows at once";
}

static const az_binned_class adaboost_binned = {.max_bins = adaboost_max_bins, .needs_numbers = adaboost_needs_numbers};

const az_model_class az_adaboost_class = {
    .name = "adaboost",
    .aliases = "ada_boost,samme",
    .summary = "AdaBoost: small trees, each on the rows that those before got wrong",
    .reference = "Zhu, Zou, Rosset, Hastie (2009), Statistics and Its Interface 2:349-360; Drucker (1997), ICML 14",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_MISSING | AZ_TRAIT_CATEGORIES | AZ_TRAIT_CUTS_PERIODIC,
    .without =
        "negative weights: a row's weight is how likely it is drawn; sigma: leaves give no errors; several "
        "targets: each would weigh the rows by its own errors; repeat is weight and row order free: rows of "
        "quantities are drawn at random; partial fit: a split needs all rows; iterative: too fast to be resumed; "
        "periodic: cut in [0, period); exact products: thresholds need no more digits",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_adaboost_options),
    .params = adaboost_params,
    .fit = adaboost_fit,
    .free = adaboost_free,
    .predict = adaboost_predict,
    .save = adaboost_save,
    .load = adaboost_load,
    .scratch = adaboost_scratch,
    .check = adaboost_check,
    .facts = adaboost_facts,
    .trees = adaboost_trees,
    .binned = &adaboost_binned,
    .no_more =
        "each tree is made for the errors of all before it, which the weights of the rows hold, and a model does "
        "not keep these",
    .export = az_adaboost_export,
};
