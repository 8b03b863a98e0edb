/* SPDX-License-Identifier: BSD-3-Clause */
/* Scores of a model on the rows of a source, a block at a time. */
#include "data/metrics.h"
#include "data/source.h"
#include "models/interval.h"

#include <string.h>

typedef struct totals {
    int64_t n_rows, n_dropped_target, n_dropped_weight;
    double weight;
} totals;

static az_status score_block(const az_model *model, const az_table *block, az_score_sums *sums,
                             az_interval_score *interval, totals *all, const az_control *control)
{
    az_problem *problem;
    double *prediction = NULL;
    void *work = NULL;
    az_score_data data;
    az_status status;
    az_control silent = control ? *control : (az_control){0};
    silent.progress = NULL; /* of a block; the source tells how far it is */
    AZ_TRY(az_problem_for_block(&problem, block, model, control));
    AZ_GOTO(AZ_NEW_ARRAY(prediction, problem->n_rows * az_model_n_outputs(model)));
    AZ_GOTO(az_model_predict_rows(model, block, problem->rows, problem->n_rows, prediction, NULL, &silent));
    AZ_GOTO(az_model_score_data(model, problem, NULL, 0, prediction, &data, &work));
    AZ_GOTO(az_score_sums_add(sums, &data));
    if (interval) AZ_GOTO(az_interval_score_rows(interval, problem, NULL, &data, &silent));
    all->n_rows += problem->n_rows;
    all->n_dropped_target += problem->n_dropped_target;
    all->n_dropped_weight += problem->n_dropped_weight;
    all->weight += problem->total_weight;
done:
    az_free(work);
    az_free(prediction);
    az_problem_free(problem);
    return status;
}

az_status az_model_score_source(const az_model *model, az_source *source, az_score_sums **result,
                                az_interval_score *interval, const az_control *control)
{
    az_score_sums *sums = NULL;
    totals all = {0};
    char *name = NULL, *weights = NULL;
    az_status status;
    AZ_GOTO(az_score_sums_new(&sums, (unsigned)model->task, az_model_n_outputs(model)));
    for (;;) {
        const az_table *block;
        AZ_GOTO(az_source_next(source, &block, control));
        if (!block) break;
        if (!name) {
            const char *column = model->sigma ? model->sigma : model->weight;
            int64_t number = column ? az_dictionary_find(&block->names, column, strlen(column)) : -1;
            name = az_strdup(block->source);
            if (!name) AZ_GOTO(AZ_ERROR_MEMORY);
            if (number >= 0 && !(weights = az_strdup(column))) AZ_GOTO(AZ_ERROR_MEMORY);
        }
        AZ_GOTO(score_block(model, block, sums, interval, &all, control));
        AZ_GOTO(az_check_interrupt(control));
    }
    AZ_GOTO(az_problem_check_rows(name ? name : "no data", all.n_rows, all.n_dropped_target, all.n_dropped_weight,
                                  weights, all.weight, control));
    if (!az_score_sums_held_all(sums))
        az_note(control, "auc: not known: it needs all rows in memory, and %lld are too many", (long long)all.n_rows);
    *result = sums;
    sums = NULL;
done:
    az_score_sums_free(sums);
    az_free(name);
    az_free(weights);
    return status;
}
