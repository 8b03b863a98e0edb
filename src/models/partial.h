/* SPDX-License-Identifier: BSD-3-Clause */
/* The pipeline around a fit in parts: rows of blocks as features, centres and scales of all rows seen so far. */
#ifndef AZ_MODELS_PARTIAL_H
#define AZ_MODELS_PARTIAL_H

#include "data/source.h"
#include "models/model.h"

/* What the scales of features are made of: mean and variance (standard), or lower end and range (minmax). */
typedef struct az_feature_sums {
    int64_t n_features;
    double weight;
    double *center, *spread; /* (n_features) */
} az_feature_sums;

/* After a fit on all rows: what result.partial lacks; where the options cannot be fitted in parts, that is dropped. */
az_status az_partial_keep(az_model *model, double total_weight);
void az_partial_free(az_model *model); /* result.partial and the feature sums */

/* In the model file: arrays "partial.*". */
az_status az_partial_save(const az_model *model, az_bundle *bundle);
az_status az_partial_load(az_model *model, const az_bundle *bundle);

/* Why the class with these options cannot be fitted in parts (AZ_ERROR_USAGE). */
az_status az_partial_check(const az_model_class *class, const void *options, const az_pipeline_options *pipeline,
                           az_task task, const char *what);

/* A model that has its class, options, names, classes and design, but has not seen a row. */
az_status az_partial_begin(az_model *model);
/* All rows that are left of the source; then the fitted state. */
az_status az_partial_rows(az_model *model, az_source *source, const az_control *control);

#endif
