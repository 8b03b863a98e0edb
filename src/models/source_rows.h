/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of a source, block by block, as features of a model that has its design. */
#ifndef AZ_MODELS_SOURCE_ROWS_H
#define AZ_MODELS_SOURCE_ROWS_H

#include "data/source.h"
#include "models/model.h"

/* A sample without rows: sizes and names, with the features as the model scales them. */
az_sample az_model_shape(const az_model *model);

/* Takes some rows that can be used: features neither centred nor scaled, targets or labels, weights; all borrowed. */
typedef az_status (*az_rows_fn)(void *context, const az_sample *block, const az_control *control);

/* Forgets the ranges of a design that was fitted on a part of the rows. */
void az_source_rows_begin(az_model *model);
/* Hands over all rows that are left of the source.  The model's ranges, its number of rows and its digest grow by them;
 * AZ_ERROR_DATA if none could be used, or a level is new. */
az_status az_source_rows(az_model *model, az_source *source, bool negative_weights, az_rows_fn take, void *context,
                         const az_control *control);

#endif
