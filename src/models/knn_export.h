/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_MODELS_KNN_EXPORT_H
#define AZ_MODELS_KNN_EXPORT_H

#include "code/code.h"
#include "models/knn_points.h"

typedef struct az_knn_export {
    const az_knn_points *points;
    int64_t n_neighbors, n_outputs;
    bool by_distance;     /* votes by the inverse of the distance */
    const double *y;      /* (n_rows, n_outputs) or NULL */
    const int32_t *label; /* (n_rows) or NULL */
    const double *weight; /* (n_rows) or NULL */
} az_knn_export;

/* Tables and the procedure evaluate of az_model_class.export. */
void az_knn_write_code(const az_knn_export *model, az_code *code);

#endif
