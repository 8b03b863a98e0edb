/* SPDX-License-Identifier: BSD-3-Clause */
/* What fitting on rows in memory (fit.c), on a source (fit_source.c) and in parts (partial.c) share. */
#ifndef AZ_MODELS_FIT_PARTS_H
#define AZ_MODELS_FIT_PARTS_H

#include "models/model.h"

/* A model with its class and options, checked against the problem, and the names that the problem gives; no classes,
 * design or fitted state yet. */
az_status az_model_new(az_model **model, const az_model_class *class, const void *options,
                       const az_pipeline_options *pipeline, const az_problem *problem);

az_scaling az_model_scaling(const az_model_class *class, const az_pipeline_options *pipeline);
az_design_options az_model_design_options(const az_model *model);

/* A class and its options from a name and "alpha=0.5 scale=none"; az_free the options. */
az_status az_fit_options(const char *name, const char *parameters, const az_model_class **class, void **options,
                         az_pipeline_options *pipeline);

/* Values of a target in rows of the problem (rows NULL: first, first + 1, ...), transformed as the model wants them. */
az_status az_fill_target(const az_model *model, const az_problem *problem, int64_t target, const int64_t *rows,
                         int64_t first, int64_t n_rows, double *y);

/* AZ_ERROR_DATA if a feature of the matrix (column-major) is not finite; table_rows: where its rows come from. */
az_status az_refuse_infinite(const az_design *design, const double *x, int64_t n_rows, const az_table *table,
                             const int64_t *table_rows);

#endif
