/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_MODELS_CLASS_WEIGHT_H
#define AZ_MODELS_CLASS_WEIGHT_H

#include "models/model.h"

/* weight (n_rows): the sample's weights times those of the classes.  text: "" (none), "balanced", or "yes:2,no:1"
 * (others 1); owner: the model, for messages.  Balanced classes are so by weight, which makes a row of weight 2 the row
 * twice here too. */
az_status az_class_weights(const char *owner, const char *text, const az_sample *sample, double *weight);

#endif
