/* SPDX-License-Identifier: BSD-3-Clause */
/* The pipeline around a fit on codes of one byte or two: rows of a source that would not fit into memory as numbers. */
#ifndef AZ_MODELS_BINNED_H
#define AZ_MODELS_BINNED_H

#include "data/source.h"
#include "models/model.h"

/* Why the class with these options cannot be fitted on codes (AZ_ERROR_USAGE); what: what else can be done. */
az_status az_binned_check(const az_model_class *class, const void *options, const az_pipeline_options *pipeline,
                          const char *what);
/* Bytes that it takes: codes, targets, the sample, and what the class makes of them. */
double az_binned_bytes(const az_model_class *class, const void *options, const az_sample *shape, int n_threads);

/* Fits a model that has its class, options, names, classes and design.  The bins are made of `problem`, a sample of the
 * rows; all rows that are left of the source are coded, at most n_rows of them. */
az_status az_binned_fit(az_model *model, const az_problem *problem, az_source *source, int64_t n_rows,
                        const az_control *control);

/* Gives a sample in memory the bins that others have made of the same rows, or makes them for others. */
az_status az_share_bins(az_sample *sample, const az_model *model, az_shared_bins *shared, const az_control *control);

#endif
