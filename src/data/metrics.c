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

static double total_weight(const az_score_data *data)
{
    sum s = {0};
    for (int64_t i = 0; i < data->n_rows; i++) sum_add(&s, weight_of(data, i));
    return sum_total(&s);
}

/* Regression. */

static double residual(const az_score_data *data, int64_t row, int64_t target)
{
    return data->observed[row * data->n_targets + target] - data->predicted[row * data->n_targets + target];
}

static double rmse_score(const az_score_data *data, double *work)
{
    (void)work;
    double mean = 0, weights = total_weight(data);
    for (int64_t k = 0; k < data->n_targets; k++) {
        sum s = {0};
        for (int64_t i = 0; i < data->n_rows; i++) {
            double r = residual(data, i, k);
            sum_add(&s, weight_of(data, i) * r * r);
        }
        mean += sqrt(sum_total(&s) / weights) / (double)data->n_targets;
    }
    return mean;
}

static double mae_score(const az_score_data *data, double *work)
{
    (void)work;
    sum s = {0};
    for (int64_t k = 0; k < data->n_targets; k++) {
        for (int64_t i = 0; i < data->n_rows; i++) sum_add(&s, weight_of(data, i) * fabs(residual(data, i, k)));
    }
    return sum_total(&s) / total_weight(data) / (double)data->n_targets;
}

/* 1 - numerator / denominator; a constant target counts 1 when predicted without error and 0 otherwise. */
static double share_explained(double numerator, double denominator)
{
    if (isnan(numerator) || isnan(denominator)) return NAN;
    if (numerator == 0) return 1;
    return denominator == 0 ? 0 : 1 - numerator / denominator;
}

/* Weighted sum of squares of target k about its mean.  Values are taken relative to the first one, which makes the
 * mean of a constant column exact and its sum of squares exactly 0. */
static double spread(const az_score_data *data, int64_t k, bool of_residual, double weights)
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
    return sum_total(&squares);
}

/* Not defined for fewer than two rows: one value has no spread to explain. */
static double r2_score(const az_score_data *data, double *work)
{
    (void)work;
    if (data->n_rows < 2) return NAN;
    double mean = 0, weights = total_weight(data);
    for (int64_t k = 0; k < data->n_targets; k++) {
        sum s = {0};
        for (int64_t i = 0; i < data->n_rows; i++) {
            double r = residual(data, i, k);
            sum_add(&s, weight_of(data, i) * r * r);
        }
        mean += share_explained(sum_total(&s), spread(data, k, false, weights)) / (double)data->n_targets;
    }
    return mean;
}

/* As r2, but blind to a constant error of the predictions. */
static double explained_variance_score(const az_score_data *data, double *work)
{
    (void)work;
    double mean = 0, weights = total_weight(data);
    for (int64_t k = 0; k < data->n_targets; k++) {
        mean +=
            share_explained(spread(data, k, true, weights), spread(data, k, false, weights)) / (double)data->n_targets;
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
    for (int64_t i = 0; i < data->n_rows; i++) {
        counts[data->label[i] * n + predicted_class(data, i)] += weight_of(data, i);
    }
}

static double accuracy_score(const az_score_data *data, double *work)
{
    (void)work;
    sum right = {0};
    for (int64_t i = 0; i < data->n_rows; i++) {
        if (predicted_class(data, i) == data->label[i]) sum_add(&right, weight_of(data, i));
    }
    return sum_total(&right) / total_weight(data);
}

/* The mean share of each class that is recognised, over the classes that were observed. */
static double balanced_accuracy_score(const az_score_data *data, double *work)
{
    int64_t n = data->n_classes, n_present = 0;
    double mean = 0;
    az_confusion(data, work);
    for (int64_t k = 0; k < n; k++) {
        double observed = 0;
        for (int64_t j = 0; j < n; j++) observed += work[k * n + j];
        if (observed == 0) continue;
        mean += work[k * n + k] / observed;
        n_present++;
    }
    return mean / (double)n_present;
}

/* Mean of -log p(observed class); p is kept at least DBL_EPSILON from 0 and 1, so that one confident error costs 36
 * and not infinitely much. */
static double log_loss_score(const az_score_data *data, double *work)
{
    (void)work;
    sum s = {0};
    for (int64_t i = 0; i < data->n_rows; i++) {
        double p = data->probability[i * data->n_classes + data->label[i]];
        if (isnan(p)) return NAN;
        p = fmin(fmax(p, DBL_EPSILON), 1 - DBL_EPSILON);
        sum_add(&s, -weight_of(data, i) * log(p));
    }
    return sum_total(&s) / total_weight(data);
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
static double auc_one_class(const az_score_data *data, int32_t k, ranked_row *rows)
{
    int64_t n = data->n_rows;
    for (int64_t i = 0; i < n; i++) {
        double p = data->probability[i * data->n_classes + k];
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
static double auc_score(const az_score_data *data, double *work)
{
    ranked_row *rows = (void *)work;
    if (data->n_classes == 2) return auc_one_class(data, 1, rows);
    double mean = 0;
    int64_t n_present = 0;
    for (int32_t k = 0; k < data->n_classes; k++) {
        int64_t count = 0;
        for (int64_t i = 0; i < data->n_rows; i++) count += data->label[i] == k;
        if (count == 0) continue;
        mean += auc_one_class(data, k, rows);
        n_present++;
    }
    return mean / (double)n_present;
}

/* Mean over classes of 2 TP / (2 TP + FP + FN), over the classes that were observed or predicted. */
static double f1_macro_score(const az_score_data *data, double *work)
{
    int64_t n = data->n_classes, n_present = 0;
    double mean = 0;
    az_confusion(data, work);
    for (int64_t k = 0; k < n; k++) {
        double observed_or_predicted = 0;
        for (int64_t j = 0; j < n; j++) observed_or_predicted += work[k * n + j] + work[j * n + k];
        if (observed_or_predicted == 0) continue;
        mean += 2 * work[k * n + k] / observed_or_predicted;
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

int64_t az_metric_work(const az_score_data *data)
{
    int64_t ranks = data->n_rows * (int64_t)(sizeof(ranked_row) / sizeof(double));
    int64_t counts = data->n_classes * data->n_classes;
    return ranks > counts ? ranks : counts;
}

az_status az_metrics_score(unsigned task, const az_score_data *data, double *values)
{
    int count = az_metric_count(task);
    if (data->n_rows == 0) {
        for (int i = 0; i < count; i++) values[i] = NAN;
        return AZ_OK;
    }
    double *work = NULL;
    if (task & AZ_CLASSIFICATION) AZ_TRY(AZ_NEW_ARRAY(work, az_metric_work(data)));
    for (int i = 0; i < count; i++) values[i] = az_metric_of(task, i)->score(data, work);
    az_free(work);
    return AZ_OK;
}
