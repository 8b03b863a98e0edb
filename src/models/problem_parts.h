/* SPDX-License-Identifier: BSD-3-Clause */
/* What problem.c (roles, rows), problem_inputs.c and target.c (quantities, classes) share. */
#ifndef AZ_MODELS_PROBLEM_PARTS_H
#define AZ_MODELS_PROBLEM_PARTS_H

#include "models/model.h"

/* What the columns of a table are used for. */
typedef enum az_part { PART_NONE, PART_TARGET, PART_WEIGHT, PART_SIGMA, PART_GROUP, PART_TIME, PART_IGNORE } az_part;
extern const char *const az_part_names[];

/* The inputs of a problem whose roles are resolved in `parts` (one az_part a column) ... */
az_status az_choose_inputs(az_problem *problem, unsigned char *parts, const az_control *control);
/* ... and what --categorical and --periodic say of them. */
az_status az_mark_inputs(az_problem *problem);

/* The column if it holds numbers; else NULL, *status and a message that it cannot be the `role`. */
const az_column *az_numeric_column(const az_table *table, int64_t column, const char *role, az_status *status);

int az_compare_numbers(const void *a, const void *b); /* for qsort and bsearch of doubles */

/* The distinct values of a numeric column among the used rows, sorted; *distinct is az_free'd by the caller. */
az_status az_distinct_numbers(const az_problem *problem, const az_column *column, double **distinct, int64_t *n);

/* The sorted classes of the target among the used rows; AZ_ERROR_DATA if there is only one, or far too many. */
az_status az_collect_classes(az_problem *problem, const az_column *column);
/* The label of every used row; AZ_ERROR_DATA lists values that are no class of the problem. */
az_status az_fill_labels(az_problem *problem, const az_column *column);
/* The values of all targets of a regression. */
az_status az_fill_quantities(az_problem *problem);
/* A note if the target's few whole numbers may have been meant as classes. */
void az_tell_quantity(const az_problem *problem, const az_control *control);

#endif
