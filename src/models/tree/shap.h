/* SPDX-License-Identifier: BSD-3-Clause */
/* Shapley values of the features in one prediction of a sum of trees, by the path-dependent conditional expectation of
 * Lundberg, Erion and Lee (2018, arXiv:1802.03888): where a feature is not known, a row goes both ways, by the weight
 * of the training rows that went there. */
#ifndef AZ_MODELS_TREE_SHAP_H
#define AZ_MODELS_TREE_SHAP_H

#include "models/model.h"
#include "models/tree/nodes.h"

typedef struct az_shap az_shap;

/* The view's trees are borrowed. */
az_status az_shap_new(az_shap **shap, const az_tree_view *view);
void az_shap_free(az_shap *shap);

/* Bytes that az_shap_rows needs; every thread its own. */
size_t az_shap_scratch(const az_shap *shap);

/* features (n_rows, n_features) row-major to values (n_outputs, n_features + 1) of each row, row_stride apart: what
 * each feature adds to the raw output, then the base, the mean raw output of the training rows.  They sum to the raw
 * output.  No allocation. */
void az_shap_rows(const az_shap *shap, const double *features, int64_t n_rows, double *values, int64_t row_stride,
                  void *scratch);

#endif
