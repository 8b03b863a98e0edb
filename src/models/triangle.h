/* SPDX-License-Identifier: BSD-3-Clause */
/* What linear and ridge regression keep of all rows seen so far: the triangle R of the weighted [1 X Y].  Further rows
 * are joined by the QR factorisation of R on top of them (Golub and Van Loan, Matrix Computations, section 6.5); X^T X,
 * which would square the condition number, is never formed.  The features are as the columns give them, neither centred
 * nor scaled: whatever centre and scale all data ask for in the end, the triangle of the scaled features follows from
 * R by operations on its columns. */
#ifndef AZ_MODELS_TRIANGLE_H
#define AZ_MODELS_TRIANGLE_H

#include "models/model.h"

typedef struct az_triangle_sums {
    int64_t n_features, n_targets, width; /* width = 1 + n_features + n_targets */
    int64_t n_rows;
    double weight, log_weight; /* sums over rows: of the weight, of its logarithm */
    double *r;                 /* (width, width) column-major */
} az_triangle_sums;

/* The slots of az_partial_class that all such models share. */
az_status az_triangle_begin(void **partial, const az_sample *shape, const void *options);
az_status az_triangle_rows(void *partial, const az_sample *block, const void *options, const az_control *control);
void az_triangle_free(void *partial);
az_status az_triangle_save(const void *partial, az_bundle *bundle);
az_status az_triangle_load(void **partial, const az_bundle *bundle, const az_sample *shape, const void *options);

/* Of a fit on all rows at once: r is the triangle of [1 F Y], F the sample's scaled features; NULL: it is made here. */
az_status az_triangle_of_fit(void **partial, const az_sample *sample, const double *r, const az_control *control);

/* The triangle of [1 F Y] for the shape's centres and scales, or of [F Y]: (width or width - 1)^2, in *r, az_free it.
 */
az_status az_triangle_scaled(const az_triangle_sums *sums, const az_feature *features, bool intercept, double **r);

#endif
