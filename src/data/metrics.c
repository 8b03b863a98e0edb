/* SPDX-License-Identifier: BSD-3-Clause */
/* Scores.  Definitions and edge cases are scikit-learn's (sklearn.metrics, version 1.9), so that figures can be held
 * beside those of others; where they leave something undefined, the comment at the function says what is done.
 * Sums are compensated (Neumaier, ZAMM 54, 1974, 39-51): a score over 1e7 rows keeps all its digits. */
#include "data/metrics.h"

#include "base/text.h"
#include <ansatz/model.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct sum {
    double value, compensation;
} sum;

static void sum_add(sum *s, double term)
{
    double total = s->value + term;
    if (fabs(s->value) >= fabs(term))
        s->compensation += (s->value - total) + term;
    else
        s->compensation += (term - total) + s->value;
    s->value = total;
}

static double sum_total(const sum *s)
{
    /* Past an infinity the compensation is NaN and says nothing. */
    return isfinite(s->compensation) ? s->value + s->compensation : s->value;
}

static double weight_of(const az_score_data *data, int64_t row)
{
    return data->weight ? data->weight[row] : 1.0;
}

/* Weight, mean and weighted sum of squares about the mean. */
typedef struct moments {
    double weight, mean, squares;
} moments;

/* The figures of one target. */
typedef struct target_sums {
    sum squares, absolute; /* of the residuals */
    moments observed, residual;
} target_sums;

/* What all metrics are made of.  Rows may come in any number of blocks. */
struct az_score_sums {
    unsigned task;
    int64_t n_rows, n_targets, n_classes;
    sum weight;
    target_sums *targets; /* regression: (n_targets) */
    double *counts;       /* classification: the confusion, (n_classes, n_classes) */
    sum right, log_loss;
    bool undefined; /* a probability is NaN */
    /* The area under the ROC curve needs the rows in order: */
    az_score_data held; /* ... borrowed, or copies in the arrays below */
    int64_t stride;     /* numbers a row in held.probability: all classes, or the second of two */
    bool too_many;      /* more rows than are held */
    int64_t capacity;
    double *probability, *weights;
    int32_t *label;
    struct ranked_row *work;
};

/* Regression. */

static double residual(const az_score_data *data, int64_t row, int64_t target)
{
    return data->observed[row * data->n_targets + target] - data->predicted[row * data->n_targets + target];
}

/* Weighted sum of squares of target k about its mean.  Values are taken relative to the first one, which makes the
 * mean of a constant column exact and its sum of squares exactly 0. */
static moments block_moments(const az_score_data *data, int64_t k, bool of_residual, double weights)
{
    double first = of_residual ? residual(data, 0, k) : data->observed[k];
    sum mean_sum = {0}, squares = {0};
    for (int64_t i = 0; i < data->n_rows; i++) {
        double v = of_residual ? residual(data, i, k) : data->observed[i * data->n_targets + k];
        sum_add(&mean_sum, weight_of(data, i) * (v - first));
    }
    double mean = sum_total(&mean_sum) / weights;
    for (int64_t i = 0; i < data->n_rows; i++) {
        double v = of_residual ? residual(data, i, k) : data->observed[i * data->n_targets + k];
        double d = (v - first) - mean;
        sum_add(&squares, weight_of(data, i) * d * d);
    }
    return (moments){weights, first + mean, sum_total(&squares)};
}

/* Two sets of rows as one: Chan, Golub and LeVeque, The American Statistician 37 (1983) 242, eq. 1.5. */
static void add_moments(moments *to, moments more)
{
    if (to->weight == 0) {
        *to = more;
        return;
    }
    double weight = to->weight + more.weight, distance = more.mean - to->mean;
    to->squares += more.squares + distance * distance * to->weight * more.weight / weight;
    to->mean += distance * more.weight / weight;
    to->weight = weight;
}

static void add_regression(az_score_sums *sums, const az_score_data *data)
{
    sum s = {0};
    for (int64_t i = 0; i < data->n_rows; i++) sum_add(&s, weight_of(data, i));
    double weights = sum_total(&s);
    for (int64_t k = 0; k < data->n_targets; k++) {
        target_sums *target = &sums->targets[k];
        for (int64_t i = 0; i < data->n_rows; i++) {
            double r = residual(data, i, k);
            sum_add(&target->squares, weight_of(data, i) * r * r);
            sum_add(&target->absolute, weight_of(data, i) * fabs(r));
        }
        add_moments(&target->observed, block_moments(data, k, false, weights));
        add_moments(&target->residual, block_moments(data, k, true, weights));
    }
}

static double rmse_score(const az_score_sums *sums)
{
    double mean = 0, weights = sum_total(&sums->weight);
    for (int64_t k = 0; k < sums->n_targets; k++)
        mean += sqrt(sum_total(&sums->targets[k].squares) / weights) / (double)sums->n_targets;
    return mean;
}

static double mae_score(const az_score_sums *sums)
{
    double total = 0;
    for (int64_t k = 0; k < sums->n_targets; k++) total += sum_total(&sums->targets[k].absolute);
    return total / sum_total(&sums->weight) / (double)sums->n_targets;
}

/* 1 - numerator / denominator; a constant target counts 1 when predicted without error and 0 otherwise. */
static double share_explained(double numerator, double denominator)
{
    if (isnan(numerator) || isnan(denominator)) return NAN;
    if (numerator == 0) return 1;
    return denominator == 0 ? 0 : 1 - numerator / denominator;
}

/* Not defined for fewer than two rows: one value has no spread to explain. */
static double r2_score(const az_score_sums *sums)
{
    if (sums->n_rows < 2) return NAN;
    double mean = 0;
    for (int64_t k = 0; k < sums->n_targets; k++) {
        const target_sums *target = &sums->targets[k];
        mean += share_explained(sum_total(&target->squares), target->observed.squares) / (double)sums->n_targets;
    }
    return mean;
}

/* As r2, but blind to a constant error of the predictions. */
static double explained_variance_score(const az_score_sums *sums)
{
    double mean = 0;
    for (int64_t k = 0; k < sums->n_targets; k++) {
        const target_sums *target = &sums->targets[k];
        mean += share_explained(target->residual.squares, target->observed.squares) / (double)sums->n_targets;
    }
    return mean;
}

/* Classification. */

int32_t az_argmax(const double *probability, int64_t n_classes)
{
    int32_t best = 0;
    for (int32_t k = 1; k < n_classes; k++) {
        if (probability[k] > probability[best]) best = k;
    }
    return best;
}

static int32_t predicted_class(const az_score_data *data, int64_t row)
{
    return az_argmax(data->probability + row * data->n_classes, data->n_classes);
}

void az_confusion(const az_score_data *data, double *counts)
{
    int64_t n = data->n_classes;
    memset(counts, 0, (size_t)(n * n) * sizeof *counts);
    for (int64_t i = 0; i < data->n_rows; i++)
        counts[data->label[i] * n + predicted_class(data, i)] += weight_of(data, i);
}

/* Of the log loss, -log p(observed class), p is kept at least DBL_EPSILON from 0 and 1, so that one confident error
 * costs 36 and not infinitely much. */
static void add_classification(az_score_sums *sums, const az_score_data *data)
{
    for (int64_t i = 0; i < data->n_rows; i++) {
        int32_t label = data->label[i], predicted = predicted_class(data, i);
        double weight = weight_of(data, i), p = data->probability[i * data->n_classes + label];
        sums->counts[label * data->n_classes + predicted] += weight;
        if (predicted == label) sum_add(&sums->right, weight);
        sums->undefined |= isnan(p) != 0;
        sum_add(&sums->log_loss, -weight * log(fmin(fmax(p, DBL_EPSILON), 1 - DBL_EPSILON)));
    }
}

static double accuracy_score(const az_score_sums *sums)
{
    return sum_total(&sums->right) / sum_total(&sums->weight);
}

/* The mean share of each class that is recognised, over the classes that were observed. */
static double balanced_accuracy_score(const az_score_sums *sums)
{
    int64_t n = sums->n_classes, n_present = 0;
    double mean = 0;
    for (int64_t k = 0; k < n; k++) {
        double observed = 0;
        for (int64_t j = 0; j < n; j++) observed += sums->counts[k * n + j];
        if (observed == 0) continue;
        mean += sums->counts[k * n + k] / observed;
        n_present++;
    }
    return mean / (double)n_present;
}

static double log_loss_score(const az_score_sums *sums)
{
    return sums->undefined ? NAN : sum_total(&sums->log_loss) / sum_total(&sums->weight);
}

/* One row as the area under the ROC curve sees it. */
typedef struct ranked_row {
    double score, weight;
    int64_t row; /* complement if the row is negative: one number orders ties and tells the class */
} ranked_row;

static int by_falling_score(const void *left, const void *right)
{
    const ranked_row *a = left, *b = right;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* Area under the curve of true against false positives as the threshold falls: the probability that a random row of
 * class k gets a higher score than a random row of the others, ties counting one half (trapezoids).  NaN if all rows
 * or none are of class k. */
static double auc_one_class(const az_score_sums *sums, int32_t k, int64_t place)
{
    const az_score_data *data = &sums->held;
    ranked_row *rows = sums->work;
    int64_t n = data->n_rows;
    for (int64_t i = 0; i < n; i++) {
        double p = data->probability[i * sums->stride + place];
        if (isnan(p)) return NAN;
        rows[i] = (ranked_row){p, weight_of(data, i), data->label[i] == k ? i : ~i};
    }
    qsort(rows, (size_t)n, sizeof *rows, by_falling_score);
    sum positives = {0}, negatives = {0}, area = {0};
    for (int64_t i = 0; i < n;) {
        double above = sum_total(&positives), left = sum_total(&negatives);
        double score = rows[i].score;
        for (; i < n && rows[i].score == score; i++)
            sum_add(rows[i].row >= 0 ? &positives : &negatives, rows[i].weight);
        sum_add(&area, (sum_total(&negatives) - left) * (sum_total(&positives) + above) / 2);
    }
    return sum_total(&area) / (sum_total(&positives) * sum_total(&negatives));
}

/* Two classes: of the second class.  More: the mean over classes, each against the rest, of those that are present
 * (scikit-learn refuses when one is absent; a fold without a rare class still has a score here). */
static double auc_score(const az_score_sums *sums)
{
    const az_score_data *data = &sums->held;
    if (sums->too_many) return NAN;
    if (sums->n_classes == 2) return auc_one_class(sums, 1, sums->stride - 1);
    double mean = 0;
    int64_t n_present = 0;
    for (int32_t k = 0; k < sums->n_classes; k++) {
        int64_t count = 0;
        for (int64_t i = 0; i < data->n_rows; i++) count += data->label[i] == k;
        if (count == 0) continue;
        mean += auc_one_class(sums, k, k);
        n_present++;
    }
    return mean / (double)n_present;
}

/* Mean over classes of 2 TP / (2 TP + FP + FN), over the classes that were observed or predicted. */
static double f1_macro_score(const az_score_sums *sums)
{
    int64_t n = sums->n_classes, n_present = 0;
    double mean = 0;
    for (int64_t k = 0; k < n; k++) {
        double observed_or_predicted = 0;
        for (int64_t j = 0; j < n; j++) observed_or_predicted += sums->counts[k * n + j] + sums->counts[j * n + k];
        if (observed_or_predicted == 0) continue;
        mean += 2 * sums->counts[k * n + k] / observed_or_predicted;
        n_present++;
    }
    return mean / (double)n_present;
}

#define METRIC(name_, title_, tasks_, greater, unit)                                                                   \
    static const az_metric name_##_metric = {.name = #name_,                                                           \
                                             .title = title_,                                                          \
                                             .tasks = tasks_,                                                          \
                                             .greater_is_better = greater,                                             \
                                             .in_target_unit = unit,                                                   \
                                             .score = name_##_score}
METRIC(rmse, "root mean squared error", AZ_REGRESSION, false, true);
METRIC(mae, "mean absolute error", AZ_REGRESSION, false, true);
METRIC(r2, "share of the variance explained (R2)", AZ_REGRESSION, true, false);
METRIC(explained_variance, "explained variance, constant error aside", AZ_REGRESSION, true, false);
METRIC(accuracy, "accuracy", AZ_CLASSIFICATION, true, false);
METRIC(balanced_accuracy, "accuracy, mean over classes", AZ_CLASSIFICATION, true, false);
METRIC(log_loss, "log loss (nats)", AZ_CLASSIFICATION, false, false);
METRIC(auc, "area under the ROC curve", AZ_CLASSIFICATION, true, false);
METRIC(f1_macro, "F1, mean over classes", AZ_CLASSIFICATION, true, false);

const az_metric *const az_metrics[] = {
    &rmse_metric,     &mae_metric,
    &r2_metric,       &explained_variance_metric,
    &accuracy_metric, &balanced_accuracy_metric,
    &log_loss_metric, &auc_metric,
    &f1_macro_metric, NULL,
};

static const char *candidate_name(void *context, int64_t i)
{
    const az_metric *metric = az_metric_of(*(unsigned *)context, (int)i);
    return metric ? metric->name : NULL;
}

const az_metric *az_metric_find(const char *name, unsigned task)
{
    for (int i = 0; az_metrics[i]; i++) {
        if (strcmp(az_metrics[i]->name, name) != 0) continue;
        if (az_metrics[i]->tasks & task) return az_metrics[i];
        az_error(AZ_ERROR_USAGE, "metric '%s' is for %s; here it is %s, by default '%s'", name,
                 az_metrics[i]->tasks & AZ_REGRESSION ? "regression" : "classification",
                 task & AZ_REGRESSION ? "regression" : "classification", az_metric_default(task)->name);
        return NULL;
    }
    const char *nearest = az_nearest(name, candidate_name, &task);
    if (nearest) {
        az_error(AZ_ERROR_USAGE, "no metric is called '%s'; did you mean '%s'?", name, nearest);
        return NULL;
    }
    az_text names = {0};
    for (int i = 0; i < az_metric_count(task); i++) {
        if (i > 0) az_text_append(&names, ", ");
        az_text_append(&names, az_metric_of(task, i)->name);
    }
    az_error(AZ_ERROR_USAGE, "no metric is called '%s'; there are %s", name, names.failed ? "others" : names.data);
    az_text_free(&names);
    return NULL;
}

const az_metric *az_metric_default(unsigned task)
{
    return az_metric_of(task, 0);
}

int az_metric_count(unsigned task)
{
    int count = 0;
    for (int i = 0; az_metrics[i]; i++) count += (az_metrics[i]->tasks & task) != 0;
    return count;
}

const az_metric *az_metric_of(unsigned task, int i)
{
    for (int m = 0; az_metrics[m]; m++) {
        if ((az_metrics[m]->tasks & task) && i-- == 0) return az_metrics[m];
    }
    return NULL;
}

/* Rows. */

static az_status sums_init(az_score_sums *sums, unsigned task, int64_t n_outputs)
{
    *sums = (az_score_sums){.task = task};
    if (task & AZ_REGRESSION) {
        sums->n_targets = n_outputs;
        sums->targets = az_alloc_zero((size_t)n_outputs * sizeof *sums->targets);
        return sums->targets ? AZ_OK : AZ_ERROR_MEMORY;
    }
    sums->n_classes = n_outputs;
    sums->counts = az_alloc_zero((size_t)(n_outputs * n_outputs) * sizeof *sums->counts);
    return sums->counts ? AZ_OK : AZ_ERROR_MEMORY;
}

static void sums_clear(az_score_sums *sums)
{
    az_free(sums->targets);
    az_free(sums->counts);
    az_free(sums->probability);
    az_free(sums->weights);
    az_free(sums->label);
    az_free(sums->work);
}

static void add_rows(az_score_sums *sums, const az_score_data *data)
{
    for (int64_t i = 0; i < data->n_rows; i++) sum_add(&sums->weight, weight_of(data, i));
    sums->n_rows += data->n_rows;
    if (sums->task & AZ_REGRESSION)
        add_regression(sums, data);
    else
        add_classification(sums, data);
}

static az_status score_all(az_score_sums *sums, double *values)
{
    int count = az_metric_count(sums->task);
    if ((sums->task & AZ_CLASSIFICATION) && !sums->too_many) AZ_TRY(AZ_NEW_ARRAY(sums->work, sums->held.n_rows));
    for (int i = 0; i < count; i++) values[i] = sums->n_rows ? az_metric_of(sums->task, i)->score(sums) : NAN;
    az_free(sums->work);
    sums->work = NULL;
    return AZ_OK;
}

az_status az_metrics_score(unsigned task, const az_score_data *data, double *values)
{
    az_score_sums sums;
    az_status status = sums_init(&sums, task, task & AZ_REGRESSION ? data->n_targets : data->n_classes);
    if (!status && data->n_rows > 0) {
        add_rows(&sums, data);
        sums.held = *data;
        sums.stride = data->n_classes;
    }
    if (!status) status = score_all(&sums, values);
    sums_clear(&sums);
    return status;
}

/* 128 MB of rows for the area under the ROC curve; all else takes no memory. */
#define MOST_HELD_BYTES ((int64_t)1 << 27)

static az_status hold(az_score_sums *sums, const az_score_data *data)
{
    int64_t n = sums->held.n_rows + data->n_rows, classes = data->n_classes;
    int64_t row_bytes = 8 * sums->stride + 4 + (data->weight ? 8 : 0) + (int64_t)sizeof(ranked_row);
    sums->too_many |= n > MOST_HELD_BYTES / row_bytes;
    if (sums->too_many) return AZ_OK;
    if (n > sums->capacity) {
        int64_t capacity = n > 2 * sums->capacity ? n : 2 * sums->capacity;
        double *probability = az_realloc_array(sums->probability, capacity * sums->stride, sizeof *probability);
        if (probability) sums->probability = probability;
        int32_t *label = az_realloc_array(sums->label, capacity, sizeof *label);
        if (label) sums->label = label;
        double *weights = data->weight ? az_realloc_array(sums->weights, capacity, sizeof *weights) : NULL;
        if (weights) sums->weights = weights;
        if (!probability || !label || (data->weight && !weights)) return AZ_ERROR_MEMORY;
        sums->capacity = capacity;
    }
    for (int64_t i = 0, to = sums->held.n_rows; i < data->n_rows; i++, to++) {
        const double *p = data->probability + i * classes;
        if (classes == 2)
            sums->probability[to] = p[1];
        else
            memcpy(sums->probability + to * classes, p, (size_t)classes * sizeof *p);
        sums->label[to] = data->label[i];
        if (data->weight) sums->weights[to] = data->weight[i];
    }
    sums->held = (az_score_data){.n_rows = n,
                                 .weight = data->weight ? sums->weights : NULL,
                                 .n_classes = classes,
                                 .label = sums->label,
                                 .probability = sums->probability};
    return AZ_OK;
}

az_status az_score_sums_new(az_score_sums **result, unsigned task, int64_t n_outputs)
{
    az_score_sums *sums;
    AZ_TRY(AZ_NEW_ZERO(sums));
    az_status status = sums_init(sums, task, n_outputs);
    sums->stride = n_outputs == 2 ? 1 : n_outputs;
    if (status)
        az_score_sums_free(sums);
    else
        *result = sums;
    return status;
}

void az_score_sums_free(az_score_sums *sums)
{
    if (!sums) return;
    sums_clear(sums);
    az_free(sums);
}

az_status az_score_sums_add(az_score_sums *sums, const az_score_data *data)
{
    if (data->n_rows == 0) return AZ_OK;
    if (sums->task & AZ_CLASSIFICATION) AZ_TRY(hold(sums, data));
    add_rows(sums, data);
    return AZ_OK;
}

az_status az_score_sums_values(az_score_sums *sums, double *values)
{
    return score_all(sums, values);
}

int64_t az_score_sums_n_rows(const az_score_sums *sums)
{
    return sums->n_rows;
}

const double *az_score_sums_confusion(const az_score_sums *sums)
{
    return sums->counts;
}

bool az_score_sums_held_all(const az_score_sums *sums)
{
    return !sums->too_many;
}
