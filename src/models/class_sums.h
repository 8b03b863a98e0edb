/* SPDX-License-Identifier: BSD-3-Clause */
/* What naive Bayes keeps of all rows seen so far: of every class the weight, and of every feature within it the mean
 * and the sum of squares about it, or the sum of counts. */
#ifndef AZ_MODELS_CLASS_SUMS_H
#define AZ_MODELS_CLASS_SUMS_H

#include "models/model.h"

typedef struct az_class_sums {
    bool counts;
    int64_t n_classes, n_features;
    double *weight;  /* (n_classes) */
    double *first;   /* (n_classes, n_features) means, or sums of counts */
    double *squares; /* (n_classes, n_features) sums of squares about the means; NULL for counts */
} az_class_sums;

az_status az_class_sums_new(az_class_sums **sums, const az_sample *shape, bool counts);
void az_class_sums_free(void *sums); /* NULL is allowed */
/* AZ_ERROR_DATA: a count is negative. */
az_status az_class_sums_add(az_class_sums *sums, const az_sample *block);
/* The sums of the features f = (x - centre) / scale, made from those of x; inverse: the other way. */
void az_class_sums_scale(az_class_sums *sums, const az_feature *features, bool inverse);
az_status az_class_sums_copy(az_class_sums **copy, const az_class_sums *sums);
az_status az_class_sums_save(const void *sums, az_bundle *bundle);
az_status az_class_sums_load(az_class_sums **sums, const az_bundle *bundle, const az_sample *shape, bool counts);

#endif
