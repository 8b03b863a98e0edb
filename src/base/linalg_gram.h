/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_BASE_LINALG_GRAM_H
#define AZ_BASE_LINALG_GRAM_H

#include "base/status.h"

/* R of A = QR as az_tsqr, for well-conditioned A (m, n) with many more rows than columns; *accurate is false, and r
 * untouched, where it would not have about eleven digits.  The same bits at any number of threads. */
az_status az_gram_qr(int64_t m, int64_t n, const double *const *columns, const double *weight, double *r, int64_t ldr,
                     int n_threads, bool *accurate);

#endif
