/* SPDX-License-Identifier: BSD-3-Clause */
/* Weights of either sign, as simulations with interference or subtracted backgrounds give them.  Rows of negative
 * weight are taken out of the normal equations that the others make: A^T W A = R+^T R+ - R-^T R-.  The difference costs
 * half of the digits of R, which the refinement of the solution gives back (refine.c). */
#include "models/signed_weights.h"

#include "base/linalg.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Smallest diagonal of R over the length of its column: below, the difference is rounding. */
static const double smallest_pivot = 1e-6;

static az_status signed_part(int64_t m, int64_t width, const double *const *columns, const double *weight, double sign,
                             double *part, double *r, int n_threads)
{
    for (int64_t i = 0; i < m; i++) part[i] = fmax(sign * weight[i], 0);
    return az_tsqr(m, width, columns, part, r, width, n_threads);
}

az_status az_signed_qr(int64_t m, int64_t n, int64_t width, const double *const *columns, const double *weight,
                       double *r, int n_threads)
{
    az_status status = AZ_OK;
    double *part = NULL, *work = NULL;
    AZ_GOTO(AZ_NEW_ARRAY(part, m));
    AZ_GOTO(AZ_NEW_ARRAY(work, 4 * width * width + width));
    double *minus = work, *gram = work + width * width, *less = gram + width * width, *factor = less + width * width;
    double *length = factor + width * width;
    AZ_GOTO(signed_part(m, width, columns, weight, 1, part, r, n_threads));
    AZ_GOTO(signed_part(m, width, columns, weight, -1, part, minus, n_threads));
    az_syrk(width, width, r, width, gram, width);
    az_syrk(width, width, minus, width, less, width);
    for (int64_t j = 0; j < width; j++) {
        length[j] = sqrt(gram[j * width + j]); /* of the rows of positive weight: what rounding is measured by */
        if (!(length[j] > 0)) length[j] = 1;
    }
    for (int64_t j = 0; j < width; j++)
        for (int64_t i = 0; i <= j; i++)
            gram[j * width + i] = (gram[j * width + i] - less[j * width + i]) / length[i] / length[j];
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < n; i++) factor[j * n + i] = i <= j ? gram[j * width + i] : 0;
    status = az_cholesky(true, n, factor, n);
    bool definite = status == AZ_OK;
    if (status == AZ_ERROR_DATA) status = AZ_OK;
    if (status) goto done;
    for (int64_t j = 0; j < n; j++) definite = definite && factor[j * n + j] > smallest_pivot;
    if (!definite) {
        status = az_error(AZ_ERROR_DATA, "the rows of negative weight outweigh the others in some direction, or "
                                         "columns depend on each other: least squares has no minimum");
        goto done;
    }
    memset(r, 0, (size_t)(width * width) * sizeof *r);
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i <= j; i++) r[j * width + i] = factor[j * n + i] * length[j];
    for (int64_t k = n; k < width; k++) {
        double *z = r + k * width;
        for (int64_t i = 0; i < n; i++) z[i] = gram[k * width + i];
        az_triangular_solve(true, true, n, 1, factor, n, z, n);
        double rest = gram[k * width + k];
        for (int64_t i = 0; i < n; i++) rest -= z[i] * z[i];
        for (int64_t i = 0; i < n; i++) z[i] *= length[k];
        z[k] = sqrt(fmax(rest, 0)) * length[k];
    }
done:
    az_free(part);
    az_free(work);
    return status;
}
