/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_MODELS_SIGNED_WEIGHTS_H
#define AZ_MODELS_SIGNED_WEIGHTS_H

#include "base/status.h"

/* R (width, width) with A^T W A = R^T R in its first n columns, for weights of either sign; columns n .. width-1 are
 * targets: R^T R holds there too, but for the last diagonal where their residual sum of squares is negative (0 then).
 * AZ_ERROR_DATA where the first n columns' A^T W A is not positive definite, so that no minimum exists. */
az_status az_signed_qr(int64_t m, int64_t n, int64_t width, const double *const *columns, const double *weight,
                       double *r, int n_threads);

#endif
