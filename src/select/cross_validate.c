/* SPDX-License-Identifier: BSD-3-Clause */
/* Cross-validation and the comparison of models.
 *
 * Threads: on a small problem the folds run side by side with one thread each, since blocks inside a fit would be too
 * small to share out; on a large one they run one after another with all threads inside the fit.  Models give the same
 * bits at any number of threads and every fold writes to its own places, so the choice cannot be seen in the scores. */
#include "select/cross_validate.h"

#include "base/parallel.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_FOR_THREADS_INSIDE = 1 << 20 };

typedef struct fold_outcome {
    az_status status;
    char *error; /* NULL although status is set: there was no memory for it */
    double seconds;
    bool converged;
    atomic_bool scored;
} fold_outcome;

typedef struct cv {
    const az_model_class *class;
    const void *options;
    const az_pipeline_options *pipeline;
    const az_problem *problem;
    const int32_t *fold;
    int64_t n_folds;
    const az_split_options *split;
    const az_control *control;
    bool side_by_side; /* folds in parallel, one thread each */
    int threads_inside;
    const char *what; /* progress: this run is folds first_fold .. of n_total */
    int64_t first_fold, n_total;
    const az_metric *metric; /* what progress shows: */
    int metric_index;
    double best; /* the best mean of the runs before this one; NaN: none yet */
    az_cv_result *result;
    fold_outcome *outcome; /* (n_folds) */
    az_shared_bins *bins;  /* (n_folds) what several classes share, or NULL */
    _Atomic int64_t n_done;
    atomic_bool stop; /* some fold failed: those not begun need not run */
} cv;

static bool is_fatal(az_status status)
{
    return status == AZ_INTERRUPTED || status == AZ_STOPPED || status == AZ_ERROR_MEMORY || status == AZ_ERROR_INTERNAL;
}

/* The model's outputs in the problem's: the same, unless training lacked a class, which then has probability 0.  Both
 * lists of classes are sorted alike, so one pass ties them together. */
static void spread_outputs(const cv *run, const az_model *model, const double *from, double *to)
{
    int64_t n_outputs = run->result->n_outputs;
    int32_t m = 0;
    for (int64_t k = 0; k < n_outputs; k++) {
        bool same = run->problem->task == AZ_REGRESSION ||
                    (m < model->n_classes && strcmp(model->classes[m], run->problem->classes[k]) == 0);
        to[k] = same ? from[m++] : 0;
    }
}

/* Scores the test rows from the predictions that stand in result->prediction. */
static az_status score_fold(const cv *run, const int64_t *test, int64_t n_test, double *values)
{
    const az_problem *problem = run->problem;
    int64_t n_outputs = run->result->n_outputs;
    bool classes = problem->task == AZ_CLASSIFICATION;
    double *predicted = NULL, *observed = NULL, *weight = NULL;
    int32_t *label = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(predicted, n_test * n_outputs));
    if (classes)
        AZ_GOTO(AZ_NEW_ARRAY(label, n_test));
    else
        AZ_GOTO(AZ_NEW_ARRAY(observed, n_test * n_outputs));
    if (problem->weight) AZ_GOTO(AZ_NEW_ARRAY(weight, n_test));
    for (int64_t i = 0; i < n_test; i++) {
        memcpy(predicted + i * n_outputs, run->result->prediction + test[i] * n_outputs,
               (size_t)n_outputs * sizeof *predicted);
        if (classes) label[i] = problem->label[test[i]];
        for (int64_t k = 0; !classes && k < n_outputs; k++) {
            observed[i * n_outputs + k] = problem->y[k * problem->n_rows + test[i]];
        }
        if (weight) weight[i] = problem->weight[test[i]];
    }
    az_score_data data = {.n_rows = n_test, .weight = weight};
    if (classes) {
        data.n_classes = n_outputs;
        data.label = label;
        data.probability = predicted;
    } else {
        data.n_targets = n_outputs;
        data.observed = observed;
        data.predicted = predicted;
    }
    AZ_GOTO(az_metrics_score((unsigned)problem->task, &data, values));
done:
    az_free(predicted);
    az_free(observed);
    az_free(weight);
    az_free(label);
    return status;
}

static az_status fit_and_score(const cv *run, int32_t k, const az_control *control, fold_outcome *outcome)
{
    const az_problem *problem = run->problem;
    az_cv_result *result = run->result;
    az_split_data split_data;
    az_problem_split_data(problem, &split_data);
    az_model *model = NULL;
    int64_t *training = NULL, *test = NULL, *table_rows = NULL, n_training = 0, n_test = 0;
    double *prediction = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(training, problem->n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(test, problem->n_rows));
    az_split_training_rows(run->split, &split_data, run->fold, k, training, &n_training);
    for (int64_t i = 0; i < problem->n_rows; i++) {
        if (run->fold[i] == k) test[n_test++] = i;
    }
    if (n_training == 0) {
        status = az_error(AZ_ERROR_DATA, "no rows are left to train on; make the gap smaller");
        goto done;
    }
    AZ_GOTO(AZ_NEW_ARRAY(table_rows, n_test));
    for (int64_t i = 0; i < n_test; i++) table_rows[i] = problem->rows[test[i]];

    double start = az_seconds();
    AZ_GOTO(az_model_fit_shared(&model, run->class, run->options, run->pipeline, problem, training, n_training,
                                run->bins ? &run->bins[k] : NULL, control));
    int64_t n_outputs = az_model_n_outputs(model);
    AZ_GOTO(AZ_NEW_ARRAY(prediction, n_test * n_outputs));
    AZ_GOTO(az_model_predict_rows(model, problem->table, table_rows, n_test, prediction, NULL, control));
    outcome->seconds = az_seconds() - start;
    outcome->converged = model->result.converged;
    for (int64_t i = 0; i < n_test; i++) {
        spread_outputs(run, model, prediction + i * n_outputs, result->prediction + test[i] * result->n_outputs);
    }
    AZ_GOTO(score_fold(run, test, n_test, result->values + (int64_t)k * result->n_metrics));
done:
    az_model_free(model);
    az_free(training);
    az_free(test);
    az_free(table_rows);
    az_free(prediction);
    return status;
}

/* The best score of the models before this one; until one is done, the mean over this one's folds so far. */
static void report(const cv *run, int64_t n_done)
{
    double score = run->best, sum = 0;
    int64_t n = 0;
    for (int64_t k = 0; k < run->n_folds && isnan(run->best); k++) {
        double value = run->result->values[k * run->result->n_metrics + run->metric_index];
        if (!atomic_load(&run->outcome[k].scored) || isnan(value)) continue;
        sum += value;
        n++;
    }
    if (n) score = sum / (double)n;
    az_report_progress(run->control, run->what, (double)n_done, (double)run->n_total,
                       isnan(score) ? NULL : run->metric->name, score);
}

static void run_fold(void *context, int64_t k, int thread)
{
    cv *run = context;
    fold_outcome *outcome = &run->outcome[k];
    if (atomic_load(&run->stop)) return;
    /* Of the caller's control a fit sees the interrupt alone: its notes would come once a fold, and the checkpoint
     * belongs to another fit.  Callbacks are for the calling thread, which is thread 0. */
    az_control inside = {.n_threads = run->threads_inside};
    if (run->control && thread == 0) {
        inside.interrupted = run->control->interrupted;
        inside.user = run->control->user;
    }
    outcome->status = thread == 0 ? az_check_interrupt(run->control) : AZ_OK;
    if (outcome->status == AZ_OK) outcome->status = fit_and_score(run, (int32_t)k, &inside, outcome);
    if (outcome->status) {
        outcome->error = az_strdup(az_error_message());
        /* Folds side by side go on after an ordinary failure, since an earlier one may still fail: the error that is
         * told is always the first fold's. */
        if (is_fatal(outcome->status) || !run->side_by_side) atomic_store(&run->stop, true);
        return;
    }
    int64_t n_done = run->first_fold + atomic_fetch_add(&run->n_done, 1) + 1;
    atomic_store(&outcome->scored, true);
    if (thread == 0) report(run, n_done);
}

/* Mean and standard error over the folds in which the metric is defined. */
static void summarise(az_cv_result *result)
{
    for (int m = 0; m < result->n_metrics; m++) {
        double sum = 0, squares = 0;
        int64_t n = 0;
        for (int64_t k = 0; k < result->n_folds; k++) {
            double value = result->values[k * result->n_metrics + m];
            if (isnan(value)) continue;
            sum += value;
            n++;
        }
        double mean = sum / (double)n;
        for (int64_t k = 0; k < result->n_folds; k++) {
            double value = result->values[k * result->n_metrics + m];
            if (!isnan(value)) squares += (value - mean) * (value - mean);
        }
        result->mean[m] = mean;
        result->std_error[m] = n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : NAN;
    }
}

void az_cv_result_free(az_cv_result *result)
{
    if (!result) return;
    az_free(result->values);
    az_free(result->mean);
    az_free(result->std_error);
    az_free(result->prediction);
    az_free(result->error);
    memset(result, 0, sizeof *result);
}

static az_status new_result(az_cv_result *result, const cv *run)
{
    const az_problem *problem = run->problem;
    *result = (az_cv_result){.class = run->class,
                             .n_folds = run->n_folds,
                             .n_metrics = az_metric_count((unsigned)problem->task),
                             .n_outputs = problem->task == AZ_CLASSIFICATION ? problem->n_classes : problem->n_targets,
                             .converged = true};
    int64_t n_predictions = problem->n_rows * result->n_outputs;
    AZ_TRY(AZ_NEW_ARRAY(result->values, run->n_folds * result->n_metrics));
    AZ_TRY(AZ_NEW_ARRAY(result->mean, result->n_metrics));
    AZ_TRY(AZ_NEW_ARRAY(result->std_error, result->n_metrics));
    AZ_TRY(AZ_NEW_ARRAY(result->prediction, n_predictions));
    for (int64_t i = 0; i < n_predictions; i++) result->prediction[i] = NAN;
    return AZ_OK;
}

/* The first fold that failed decides: a fatal status is the call's, any other is the model's and kept in the result. */
static az_status settle(cv *run)
{
    az_cv_result *result = run->result;
    const fold_outcome *failed = NULL;
    for (int64_t k = run->n_folds - 1; k >= 0; k--) {
        const fold_outcome *outcome = &run->outcome[k];
        if (outcome->status && !(failed && is_fatal(failed->status) && !is_fatal(outcome->status))) failed = outcome;
        result->seconds += outcome->seconds;
        result->converged = result->converged && outcome->converged;
    }
    if (!failed) {
        summarise(result);
        return AZ_OK;
    }
    if (!failed->error) return AZ_ERROR_MEMORY;
    if (is_fatal(failed->status)) return az_error(failed->status, "%s", failed->error);
    /* What is wrong with the call is wrong in every fold. */
    if (failed->status == AZ_ERROR_USAGE)
        az_error(failed->status, "%s", failed->error);
    else
        az_error(failed->status, "fold %lld of %lld: %s", (long long)(failed - run->outcome) + 1,
                 (long long)run->n_folds, failed->error);
    char *error = az_strdup(az_error_message());
    az_cv_result_free(result);
    if (!error) return AZ_ERROR_MEMORY;
    *result = (az_cv_result){.class = run->class, .n_folds = run->n_folds, .status = failed->status, .error = error};
    return AZ_OK;
}

static az_status run_folds(cv *run)
{
    const az_problem *problem = run->problem;
    az_status status = AZ_OK;
    AZ_GOTO(new_result(run->result, run));
    AZ_GOTO(AZ_NEW_ARRAY(run->outcome, run->n_folds));
    memset(run->outcome, 0, (size_t)run->n_folds * sizeof *run->outcome);
    int n_threads = az_control_threads(run->control);
    run->side_by_side = n_threads > 1 && problem->n_rows * problem->n_inputs < CELLS_FOR_THREADS_INSIDE;
    run->threads_inside = run->side_by_side ? 1 : n_threads;
    atomic_init(&run->n_done, 0);
    atomic_init(&run->stop, false);
    az_parallel(run->side_by_side ? n_threads : 1, run->n_folds, run_fold, run);
    /* Which of several folds this thread ran is chance; that all are done is not. */
    if (run->side_by_side) report(run, run->first_fold + run->n_folds);
    AZ_GOTO(settle(run));
done:
    for (int64_t k = 0; run->outcome && k < run->n_folds; k++) az_free(run->outcome[k].error);
    az_free(run->outcome);
    run->outcome = NULL;
    if (status) az_cv_result_free(run->result);
    return status;
}

az_status az_cross_validate(az_cv_result *result, const az_model_class *class, const void *options,
                            const az_pipeline_options *pipeline, const az_problem *problem, const int32_t *fold,
                            int64_t n_folds, const az_split_options *split, const az_control *control)
{
    cv run = {.class = class,
              .options = options,
              .pipeline = pipeline,
              .problem = problem,
              .fold = fold,
              .n_folds = n_folds,
              .split = split,
              .control = control,
              .what = "cross-validation",
              .n_total = n_folds,
              .metric = az_metric_default(problem->task),
              .best = NAN,
              .result = result};
    while (az_metric_of((unsigned)problem->task, run.metric_index) != run.metric) run.metric_index++;
    return run_folds(&run);
}

/* Best first: failed ones last, those without a score before them, equal ones in the order given. */
static bool is_better(const az_cv_result *a, const az_cv_result *b, int m, bool greater_is_better)
{
    if (a->status || b->status) return !a->status && b->status;
    double x = a->mean[m], y = b->mean[m];
    if (isnan(x) || isnan(y)) return !isnan(x) && isnan(y);
    return greater_is_better ? x > y : x < y;
}

static void sort_results(az_cv_result *results, int64_t n, int m, bool greater_is_better)
{
    for (int64_t i = 1; i < n; i++) {
        az_cv_result moved = results[i];
        int64_t j = i;
        for (; j > 0 && is_better(&moved, &results[j - 1], m, greater_is_better); j--) results[j] = results[j - 1];
        results[j] = moved;
    }
}

az_status az_compare(az_cv_result **results, int64_t *n_results, const az_model_class *const *classes,
                     int64_t n_classes, const az_pipeline_options *pipeline, const az_problem *problem, int64_t n_folds,
                     const az_metric *metric, const az_split_options *split, const az_control *control)
{
    int32_t *fold = NULL;
    az_cv_result *list = NULL;
    az_shared_bins *bins = NULL;
    int64_t n_done = 0, n_binned = 0;
    double best = NAN;
    az_status status = AZ_OK;
    az_split_data split_data;
    az_problem_split_data(problem, &split_data);
    int m = 0;
    while (m < az_metric_count((unsigned)problem->task) && az_metric_of((unsigned)problem->task, m) != metric) m++;
    if (m == az_metric_count((unsigned)problem->task)) {
        return az_error(AZ_ERROR_USAGE, "metric '%s' is not one for this task", metric->name);
    }
    AZ_GOTO(AZ_NEW_ARRAY(fold, problem->n_rows));
    AZ_GOTO(az_split_folds(split, &split_data, n_folds, fold));
    AZ_GOTO(AZ_NEW_ARRAY(list, n_classes));
    for (int64_t i = 0; i < n_classes; i++) n_binned += classes[i]->binned != NULL;
    if (n_binned > 1) {
        AZ_GOTO(AZ_NEW_ARRAY(bins, n_folds));
        memset(bins, 0, (size_t)n_folds * sizeof *bins);
    }
    for (; n_done < n_classes; n_done++) {
        cv run = {.class = classes[n_done],
                  .pipeline = pipeline,
                  .problem = problem,
                  .fold = fold,
                  .n_folds = n_folds,
                  .split = split,
                  .control = control,
                  .what = "comparison",
                  .first_fold = n_done * n_folds,
                  .n_total = n_classes * n_folds,
                  .metric = metric,
                  .metric_index = m,
                  .best = best,
                  .bins = bins,
                  .result = &list[n_done]};
        AZ_GOTO(run_folds(&run));
        double mean = list[n_done].status ? NAN : list[n_done].mean[m];
        if (isnan(best) || (metric->greater_is_better ? mean > best : mean < best)) best = mean;
    }
    sort_results(list, n_classes, m, metric->greater_is_better);
    *results = list;
    *n_results = n_classes;
done:
    az_free(fold);
    for (int64_t k = 0; bins && k < n_folds; k++) az_shared_bins_clear(&bins[k]);
    az_free(bins);
    if (status) {
        for (int64_t i = 0; i < n_done; i++) az_cv_result_free(&list[i]);
        az_free(list);
    }
    return status;
}
