/* SPDX-License-Identifier: BSD-3-Clause */
#include "select/pruning.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

enum { N_FOLDS = 5, N_ALPHAS = 16, MOST_STEPS = 200 };

bool az_can_prune(const az_model_class *class)
{
    return az_param_find(class->params, "ccp_alpha") && !az_param_find(class->params, "n_estimators");
}

void az_pruning_free(az_pruning *pruning)
{
    az_free(pruning->alpha);
    az_free(pruning->n_leaves);
    az_free(pruning->mean);
    az_free(pruning->std_error);
    *pruning = (az_pruning){0};
}

typedef struct fits {
    const az_model_class *class;
    void *options;
    const az_pipeline_options *pipeline;
    const az_problem *problem;
    int64_t *rows, n_rows;
    int32_t *fold;         /* (problem->n_rows) */
    unsigned char *chosen; /* (problem->n_rows) whether it is among the rows */
    int64_t *train, *test, *table_rows;
    double *prediction, *values, *scores; /* scores (n, N_FOLDS) */
    az_control silent;
} fits;

static az_status fit(const fits *f, double alpha, const int64_t *rows, int64_t n_rows, az_model **model)
{
    char text[AZ_NUMBER_MAX];
    bool found;
    az_print_double(text, alpha);
    AZ_TRY(az_params_set(f->class->params, f->options, "ccp_alpha", text, &found));
    return az_model_fit(model, f->class, f->options, f->pipeline, f->problem, rows, n_rows, &f->silent);
}

static az_status count_leaves(const fits *f, double alpha, double *n_leaves)
{
    az_fact facts[AZ_MAX_FACTS];
    az_model *model;
    AZ_TRY(fit(f, alpha, f->rows, f->n_rows, &model));
    const int n = az_model_facts(model, facts);
    *n_leaves = NAN;
    for (int i = 0; i < n; i++)
        if (strcmp(facts[i].name, "n_leaves") == 0) *n_leaves = facts[i].value;
    az_model_free(model);
    return AZ_OK;
}

/* The variance of the first target, or 1: a scale to begin the search with. */
static double impurity(const fits *f)
{
    double mean = 0, squares = 0;
    if (f->problem->task == AZ_CLASSIFICATION) return 1;
    for (int64_t i = 0; i < f->n_rows; i++) {
        const double difference = f->problem->y[f->rows[i]] - mean;
        mean += difference / (double)(i + 1);
        squares += difference * (f->problem->y[f->rows[i]] - mean);
    }
    return squares > 0 && isfinite(squares) ? squares / (double)f->n_rows : 1;
}

/* To a factor of 2 the smallest cost at which one leaf is left; 0: there is no split at any. */
static az_status find_top(const fits *f, double *top)
{
    double n_leaves, alpha = impurity(f);
    *top = 0;
    AZ_TRY(count_leaves(f, 0, &n_leaves));
    if (!(n_leaves > 1)) return AZ_OK;
    AZ_TRY(count_leaves(f, alpha, &n_leaves));
    for (int i = 0; i < MOST_STEPS && n_leaves > 1; i++) AZ_TRY(count_leaves(f, alpha *= 2, &n_leaves));
    for (int i = 0; i < MOST_STEPS; i++) {
        AZ_TRY(count_leaves(f, alpha / 2, &n_leaves));
        if (n_leaves > 1) break;
        alpha /= 2;
    }
    *top = alpha;
    return AZ_OK;
}

static az_status score_fold(const fits *f, az_pruning *made, const az_split_options *split, int32_t k)
{
    az_split_data split_data;
    int64_t n_all, n_train = 0, n_test = 0;
    az_problem_split_data(f->problem, &split_data);
    az_split_training_rows(split, &split_data, f->fold, k, f->train, &n_all);
    for (int64_t i = 0; i < n_all; i++)
        if (f->chosen[f->train[i]]) f->train[n_train++] = f->train[i];
    for (int64_t i = 0; i < f->problem->n_rows; i++) {
        if (f->fold[i] != k || !f->chosen[i]) continue;
        f->table_rows[n_test] = f->problem->rows[i];
        f->test[n_test++] = i;
    }
    for (int64_t a = 0; a < made->n; a++) {
        const unsigned task = (unsigned)f->problem->task;
        az_model *model = NULL;
        az_score_data data;
        void *work = NULL;
        az_status status;
        f->scores[a * N_FOLDS + k] = NAN;
        if (n_train == 0 || n_test == 0) continue;
        AZ_GOTO(fit(f, made->alpha[a], f->train, n_train, &model));
        AZ_GOTO(
            az_model_predict_rows(model, f->problem->table, f->table_rows, n_test, f->prediction, NULL, &f->silent));
        AZ_GOTO(az_model_score_data(model, f->problem, f->test, n_test, f->prediction, &data, &work));
        AZ_GOTO(az_metrics_score(task, &data, f->values));
        for (int m = 0; m < az_metric_count(task); m++)
            if (az_metric_of(task, m) == made->metric) f->scores[a * N_FOLDS + k] = f->values[m];
    done:
        az_free(work);
        az_model_free(model);
        if (status) return status;
    }
    return AZ_OK;
}

/* Means over the folds that have a score, and which alpha to take. */
static void choose(const fits *f, az_pruning *made)
{
    const double sign = made->metric->greater_is_better ? -1 : 1;
    for (int64_t a = 0; a < made->n; a++) {
        double sum = 0, squares = 0, n = 0;
        const double *score = f->scores + a * N_FOLDS;
        for (int k = 0; k < N_FOLDS; k++)
            if (isfinite(score[k])) {
                sum += score[k];
                n++;
            }
        made->mean[a] = sum / n;
        for (int k = 0; k < N_FOLDS; k++)
            if (isfinite(score[k])) squares += (score[k] - made->mean[a]) * (score[k] - made->mean[a]);
        made->std_error[a] = n > 1 ? sqrt(squares / (n - 1) / n) : NAN;
        if (sign * made->mean[a] < sign * made->mean[made->best]) made->best = a;
    }
    const double error = made->std_error[made->best], bound = sign * made->mean[made->best] + (error > 0 ? error : 0);
    while (made->simplest < made->best && !(sign * made->mean[made->simplest] <= bound)) made->simplest++;
}

static az_status take_rows(fits *f, const int64_t *rows, int64_t n_rows, int64_t most_rows)
{
    const int64_t n = f->problem->n_rows;
    f->n_rows = n_rows < most_rows ? n_rows : most_rows;
    AZ_TRY(AZ_NEW_ARRAY(f->rows, n));
    AZ_TRY(AZ_NEW_ARRAY(f->chosen, n));
    memset(f->chosen, 0, (size_t)n);
    for (int64_t i = 0; i < f->n_rows; i++) {
        const int64_t at = f->n_rows == n_rows ? i : (int64_t)((double)i * (double)n_rows / (double)f->n_rows);
        f->rows[i] = rows ? rows[at] : at;
        f->chosen[f->rows[i]] = 1;
    }
    return AZ_OK;
}

static az_status make_room(fits *f, const az_split_options *split)
{
    const int64_t n = f->problem->n_rows,
                  n_outputs = f->problem->task == AZ_CLASSIFICATION ? f->problem->n_classes : f->problem->n_targets;
    az_split_data data;
    az_problem_split_data(f->problem, &data);
    AZ_TRY(AZ_NEW_ARRAY(f->fold, n));
    AZ_TRY(AZ_NEW_ARRAY(f->train, n));
    AZ_TRY(AZ_NEW_ARRAY(f->test, n));
    AZ_TRY(AZ_NEW_ARRAY(f->table_rows, n));
    AZ_TRY(AZ_NEW_ARRAY(f->prediction, n * n_outputs));
    AZ_TRY(AZ_NEW_ARRAY(f->values, az_metric_count((unsigned)f->problem->task)));
    AZ_TRY(AZ_NEW_ARRAY(f->scores, (N_ALPHAS + 1) * N_FOLDS));
    return az_split_folds(split, &data, N_FOLDS, f->fold);
}

az_status az_pruning_path(az_pruning *pruning, const az_model_class *class, const void *options,
                          const az_pipeline_options *pipeline, const az_problem *problem, const int64_t *rows,
                          int64_t n_rows, int64_t most_rows, const az_split_options *split, const az_control *control)
{
    az_pruning made = {.metric = az_metric_default((unsigned)problem->task), .n_folds = N_FOLDS};
    fits f = {.class = class, .pipeline = pipeline, .problem = problem};
    double top;
    az_status status;
    if (control) f.silent = *control;
    f.silent.progress = NULL;
    f.silent.message = NULL;
    f.silent.checkpoint = NULL;
    f.options = az_alloc(class->options_size);
    if (!f.options) return AZ_ERROR_MEMORY;
    memcpy(f.options, options, class->options_size);
    AZ_GOTO(take_rows(&f, rows, rows ? n_rows : problem->n_rows, most_rows));
    AZ_GOTO(make_room(&f, split));
    AZ_GOTO(AZ_NEW_ARRAY(made.alpha, N_ALPHAS + 1));
    AZ_GOTO(AZ_NEW_ARRAY(made.n_leaves, N_ALPHAS + 1));
    AZ_GOTO(AZ_NEW_ARRAY(made.mean, N_ALPHAS + 1));
    AZ_GOTO(AZ_NEW_ARRAY(made.std_error, N_ALPHAS + 1));
    AZ_GOTO(find_top(&f, &top));
    made.n_rows = f.n_rows;
    made.n = top > 0 ? N_ALPHAS + 1 : 0;
    for (int64_t a = 0; a < made.n; a++) {
        made.alpha[a] = a == N_ALPHAS ? 0 : ldexp(top, -(int)a);
        AZ_GOTO(count_leaves(&f, made.alpha[a], &made.n_leaves[a]));
    }
    for (int32_t k = 0; k < N_FOLDS && made.n; k++) {
        AZ_GOTO(score_fold(&f, &made, split, k));
        az_report_progress(control, "pruning", k + 1, N_FOLDS, NULL, 0);
    }
    if (made.n) choose(&f, &made);
    *pruning = made;
    made = (az_pruning){0};
done:
    az_pruning_free(&made);
    az_free(f.options);
    az_free(f.rows);
    az_free(f.chosen);
    az_free(f.fold);
    az_free(f.train);
    az_free(f.test);
    az_free(f.table_rows);
    az_free(f.prediction);
    az_free(f.values);
    az_free(f.scores);
    return status;
}
