/* SPDX-License-Identifier: BSD-3-Clause */
/* The report of a fit.  What is plotted and scored there was never seen by the model that predicted it: the held-out
 * part, or, without --test, every row out of fold of a 5-fold cross-validation. */
#include "fit.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define N_FOLDS 5

typedef struct out_of_fold {
    az_cv_result result;
    int64_t *rows;
    double *prediction;
    az_score_data data;
    void *work;
} out_of_fold;

/* Rows that were never tested (the gap of a time split) have no prediction and are left out. */
static az_status keep_tested(const cli_fit_state *state, out_of_fold *o)
{
    int64_t n = 0, width = o->result.n_outputs;
    AZ_TRY(AZ_NEW_ARRAY(o->rows, state->problem->n_rows));
    AZ_TRY(AZ_NEW_ARRAY(o->prediction, state->problem->n_rows * width));
    for (int64_t i = 0; i < state->problem->n_rows; i++) {
        const double *from = o->result.prediction + i * width;
        if (isnan(from[0])) continue;
        memcpy(o->prediction + n * width, from, sizeof *from * (size_t)width);
        o->rows[n++] = i;
    }
    return az_model_score_data(state->model, state->problem, o->rows, n, o->prediction, &o->data, &o->work);
}

static az_status cross_validate(cli_call *call, cli_fit_state *state, out_of_fold *o)
{
    const az_problem *problem = state->problem;
    az_split_data data;
    az_problem_split_data(problem, &data);
    int32_t *fold = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(fold, problem->n_rows));
    AZ_GOTO(az_split_folds(&state->split, &data, N_FOLDS, fold));
    AZ_GOTO(az_cross_validate(&o->result, call->class, call->class_options, &call->pipeline, problem, fold, N_FOLDS,
                              &state->split, &call->control));
    if (o->result.status) AZ_GOTO(az_error(o->result.status, "cross-validation for the report: %s", o->result.error));
    AZ_GOTO(keep_tested(state, o));
    snprintf(state->scored_on, sizeof state->scored_on, "%d-fold cross-validation, %s", N_FOLDS,
             az_split_name(az_split_resolve(state->split.kind, &data)));
done:
    az_free(fold);
    return status;
}

/* On the rows of the test, or that many of them; without a test of averaged trees out of bag. */
static az_status find_importances(cli_call *call, cli_fit_state *state, az_importances *importances)
{
    enum { MOST_ROWS = 5000, N_REPEATS = 5 };
    bool found;
    const az_problem *problem = state->test_problem ? state->test_problem : state->problem;
    const int64_t n = state->n_test < MOST_ROWS ? state->n_test : MOST_ROWS;
    int64_t *rows;
    if (!state->test.present)
        return az_out_of_bag_importances(importances, &found, state->model, problem, state->train_rows, state->n_train,
                                         MOST_ROWS, az_metric_default((unsigned)state->model->task), N_REPEATS,
                                         (uint64_t)call->pipeline.seed, &call->control);
    if (n < 2) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(rows, n));
    for (int64_t i = 0; i < n; i++) {
        int64_t at = i * state->n_test / n;
        rows[i] = state->test_rows ? state->test_rows[at] : at;
    }
    az_status status = az_permutation_importances(importances, state->model, problem, rows, n,
                                                  az_metric_default((unsigned)state->model->task), N_REPEATS,
                                                  (uint64_t)call->pipeline.seed, &call->control);
    az_free(rows);
    return status;
}

/* On the training rows, so that a test stays one. */
static az_status find_pruning(cli_call *call, cli_fit_state *state, az_pruning *pruning)
{
    enum { MOST_ROWS = 20000 };
    if (!az_can_prune(call->class)) return AZ_OK;
    return az_pruning_path(pruning, call->class, call->class_options, &call->pipeline, state->problem,
                           state->train_rows, state->n_train, MOST_ROWS, &state->split, &call->control);
}

az_status cli_fit_report(cli_call *call, cli_fit_state *state)
{
    out_of_fold o = {0};
    az_text line = {0}, title = {0};
    const char **notes = NULL;
    az_importances importances = {0};
    az_pruning pruning = {0};
    az_status status = AZ_OK;
    if (!state->test.present) AZ_GOTO(cross_validate(call, state, &o));
    AZ_GOTO(find_importances(call, state, &importances));
    AZ_GOTO(find_pruning(call, state, &pruning));
    AZ_GOTO(cli_command_line(call, true, &line));
    az_text_printf(&title, "%s: %s of", cli_base_name(call->words[0]), call->class->name);
    for (int64_t k = 0; k < state->model->n_targets; k++)
        az_text_printf(&title, "%s %s", k ? "," : "", state->model->target_names[k]);
    AZ_GOTO(az_text_status(&title));
    AZ_GOTO(AZ_NEW_ARRAY(notes, call->n_notes));
    for (int64_t i = 0; i < call->n_notes; i++) notes[i] = call->notes[i].text;
    az_report report = {
        .title = title.data,
        .command = line.data,
        .table = state->table,
        .problem = state->problem,
        .model = state->model,
        .metric = az_metric_default(state->problem->task),
        .scored = state->test.present ? &state->test.data : &o.data,
        .scored_on = state->scored_on,
        .scores = state->test.present ? state->test.values : o.result.mean,
        .score_errors = state->test.present ? NULL : o.result.std_error,
        .importances = importances.n ? &importances : NULL,
        .pruning = pruning.n ? &pruning : NULL,
        .notes = notes,
        .n_notes = call->n_notes,
    };
    AZ_GOTO(az_report_write(&report, call->options.report, &call->control));
done:
    az_importances_free(&importances);
    az_pruning_free(&pruning);
    az_cv_result_free(&o.result);
    az_free(o.rows);
    az_free(o.prediction);
    az_free(o.work);
    az_free(notes);
    az_text_free(&line);
    az_text_free(&title);
    return status;
}
