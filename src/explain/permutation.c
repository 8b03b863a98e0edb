/* SPDX-License-Identifier: BSD-3-Clause */
/* Permutation importance: how much worse the score becomes when one column's values are exchanged among the rows. */
#include "explain/explain.h"

#include "base/parallel.h"
#include "base/random.h"
#include "explain/importance_parts.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_ROWS = 1024 };

typedef struct job {
    const az_model *model;
    const double *raw; /* (n_rows, n_inputs) */
    int64_t n_rows;
    const char *exchanged; /* name of the column, or NULL: none */
    const int64_t *order;  /* (n_rows) where an exchanged value comes from */
    double *prediction;
    char *work; /* (n_threads, work_size): a block of raw rows, then scratch */
    size_t block_size, work_size;
    const az_control *control;
    atomic_bool stop;
    _Atomic int failed;
} job;

static void predict_block(void *context, int64_t block, int thread)
{
    job *j = context;
    const int64_t n_inputs = j->model->design->n_inputs, first = block * BLOCK_ROWS;
    const int64_t n = j->n_rows - first < BLOCK_ROWS ? j->n_rows - first : BLOCK_ROWS;
    if (thread == 0 && az_check_interrupt(j->control)) atomic_store(&j->stop, true);
    if (atomic_load(&j->stop)) return;
    char *work = j->work + (size_t)thread * j->work_size;
    double *rows = (double *)(void *)work;
    memcpy(rows, j->raw + first * n_inputs, sizeof *rows * (size_t)(n * n_inputs));
    for (int64_t k = 0; k < n_inputs && j->exchanged; k++) {
        if (strcmp(j->model->design->inputs[k].name, j->exchanged) != 0) continue;
        for (int64_t i = 0; i < n; i++) rows[i * n_inputs + k] = j->raw[j->order[first + i] * n_inputs + k];
    }
    const int64_t n_outputs = az_model_n_outputs(j->model);
    az_status status = az_predict(j->model, NULL, rows, n, n_inputs, 1, j->prediction + first * n_outputs, n_outputs,
                                  NULL, work + j->block_size);
    if (status) atomic_store(&j->failed, (int)status);
}

az_status az_importances_score(const az_importances *made, const az_model *model, const az_problem *problem,
                               const int64_t *rows, int64_t n_rows, const double *prediction, double *score)
{
    az_score_data data;
    void *work = NULL;
    double *values = NULL;
    const unsigned task = (unsigned)model->task;
    az_status status;
    AZ_TRY(az_model_score_data(model, problem, rows, n_rows, prediction, &data, &work));
    AZ_GOTO(AZ_NEW_ARRAY(values, az_metric_count(task)));
    AZ_GOTO(az_metrics_score(task, &data, values));
    *score = NAN;
    for (int i = 0; i < az_metric_count(task); i++)
        if (az_metric_of(task, i) == made->metric) *score = values[i];
done:
    az_free(values);
    az_free(work);
    return status;
}

static az_status score_exchanged(const az_importances *made, job *j, const az_problem *problem, const int64_t *rows,
                                 double *score)
{
    az_parallel(az_control_threads(j->control), (j->n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS, predict_block, j);
    if (atomic_load(&j->stop)) return az_error(AZ_INTERRUPTED, "interrupted");
    if (atomic_load(&j->failed)) return (az_status)atomic_load(&j->failed);
    return az_importances_score(made, j->model, problem, rows, j->n_rows, j->prediction, score);
}

/* A permutation for each column and repeat. */
static void exchange(int64_t *order, int64_t n_rows, uint64_t seed, int64_t column, int64_t repeat)
{
    uint32_t key[4];
    az_random_bits(az_stream_new(seed, "explain.permutation"), (uint64_t)column, (uint64_t)repeat, key);
    az_random_permutation((az_stream){{key[0], key[1]}}, n_rows, order);
}

void az_importances_measured(const az_importances *made, az_column_importance *column, const double *scores)
{
    const double sign = made->metric->greater_is_better ? -1 : 1, n = (double)made->n_repeats;
    double sum = 0, squares = 0;
    for (int64_t r = 0; r < made->n_repeats; r++) sum += sign * (scores[r] - made->score);
    column->mean = sum / n;
    for (int64_t r = 0; r < made->n_repeats; r++) {
        const double difference = sign * (scores[r] - made->score) - column->mean;
        squares += difference * difference;
    }
    column->deviation = made->n_repeats > 1 ? sqrt(squares / (n - 1)) : NAN;
}

static az_status measure(az_importances *made, job *j, int64_t *order, double *scores, const az_problem *problem,
                         const int64_t *rows, uint64_t seed)
{
    for (int64_t c = 0; c < made->n; c++) {
        az_column_importance *column = &made->columns[c];
        j->exchanged = column->name;
        j->order = order;
        for (int64_t r = 0; r < made->n_repeats; r++) {
            exchange(order, j->n_rows, seed, c, r);
            AZ_TRY(score_exchanged(made, j, problem, rows, &scores[r]));
            az_report_progress(j->control, "columns", (double)(c * made->n_repeats + r + 1),
                               (double)(made->n * made->n_repeats), NULL, 0);
        }
        az_importances_measured(made, column, scores);
    }
    return AZ_OK;
}

az_status az_importances_list(az_importances *made, const az_model *model)
{
    const az_design *design = model->design;
    double *training;
    AZ_TRY(AZ_NEW_ARRAY(made->columns, design->n_inputs));
    AZ_TRY(AZ_NEW_ARRAY(training, design->n_inputs));
    const bool has_training = az_training_importances(model, training);
    for (int64_t k = 0; k < design->n_inputs; k++) {
        int64_t c = 0;
        while (c < made->n && strcmp(made->columns[c].name, design->inputs[k].name) != 0) c++;
        if (c == made->n)
            made->columns[made->n++] =
                (az_column_importance){.name = design->inputs[k].name, .training = has_training ? 0 : NAN};
        if (has_training) made->columns[c].training += training[k];
    }
    az_free(training);
    return AZ_OK;
}

static int by_mean(const void *left, const void *right)
{
    const az_column_importance *a = left, *b = right;
    if (a->mean != b->mean) return isnan(b->mean) || a->mean > b->mean ? -1 : 1;
    return strcmp(a->name, b->name);
}

void az_importances_rank(az_importances *made)
{
    qsort(made->columns, (size_t)made->n, sizeof *made->columns, by_mean);
}

az_status az_permutation_importances(az_importances *importances, const az_model *model, const az_problem *problem,
                                     const int64_t *rows, int64_t n_rows, const az_metric *metric, int64_t n_repeats,
                                     uint64_t seed, const az_control *control)
{
    const int64_t n_inputs = model->design->n_inputs;
    az_importances made = {.metric = metric, .n_repeats = n_repeats};
    az_encoder *encoder = NULL;
    int64_t *table_rows = NULL, *order = NULL;
    double *raw = NULL, *scores = NULL;
    job j = {.model = model, .control = control};
    az_status status;
    made.n_rows = j.n_rows = n_rows = rows ? n_rows : problem->n_rows;
    if (n_rows < 2) return az_error(AZ_ERROR_DATA, "importances need at least 2 rows to exchange, and there are fewer");
    if (n_repeats < 1) return az_error(AZ_ERROR_USAGE, "importances need at least 1 repeat");
    AZ_GOTO(AZ_NEW_ARRAY(table_rows, n_rows));
    for (int64_t i = 0; i < n_rows; i++) table_rows[i] = problem->rows[rows ? rows[i] : i];
    AZ_GOTO(AZ_NEW_ARRAY(raw, n_rows * n_inputs));
    AZ_GOTO(AZ_NEW_ARRAY(order, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(scores, n_repeats));
    AZ_GOTO(AZ_NEW_ARRAY(j.prediction, n_rows * az_model_n_outputs(model)));
    AZ_GOTO(az_encoder_new(&encoder, model->design, problem->table));
    az_encoder_rows(encoder, table_rows, 0, n_rows, raw);
    j.raw = raw;
    j.block_size = ((size_t)(BLOCK_ROWS * n_inputs) * sizeof *raw + 63) & ~(size_t)63;
    j.work_size = (j.block_size + az_model_scratch(model, BLOCK_ROWS) + 63) & ~(size_t)63;
    j.work = az_alloc_array(az_control_threads(control), j.work_size);
    if (!j.work) AZ_GOTO(AZ_ERROR_MEMORY);
    AZ_GOTO(az_importances_list(&made, model));
    AZ_GOTO(score_exchanged(&made, &j, problem, rows, &made.score));
    AZ_GOTO(measure(&made, &j, order, scores, problem, rows, seed));
    az_importances_rank(&made);
    *importances = made;
    made.columns = NULL;
done:
    az_importances_free(&made);
    az_encoder_free(encoder);
    az_free(j.prediction);
    az_free(j.work);
    az_free(scores);
    az_free(order);
    az_free(raw);
    az_free(table_rows);
    return status;
}

void az_importances_free(az_importances *importances)
{
    az_free(importances->columns);
    *importances = (az_importances){0};
}
