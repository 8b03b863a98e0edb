/* SPDX-License-Identifier: BSD-3-Clause */
/* What importances on given rows (permutation.c) and out of bag (out_of_bag.c) share. */
#ifndef AZ_EXPLAIN_IMPORTANCE_PARTS_H
#define AZ_EXPLAIN_IMPORTANCE_PARTS_H

#include "explain/explain.h"

/* One entry for each column, however many inputs are made of it; memory for the model's inputs is allocated. */
az_status az_importances_list(az_importances *made, const az_model *model);
/* Of the scores (made->n_repeats) with this column exchanged. */
void az_importances_measured(const az_importances *made, az_column_importance *column, const double *scores);
/* Most important first. */
void az_importances_rank(az_importances *made);

/* Scores predictions (n_rows, n_outputs) for rows of the problem (NULL: all) by one metric. */
az_status az_importances_score(const az_importances *made, const az_model *model, const az_problem *problem,
                               const int64_t *rows, int64_t n_rows, const double *prediction, double *score);

#endif
