/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/blas_lock.h"
#include "base/product_kernels.h"

#include <cblas.h>

/* The BLAS refuses leading dimensions of 0, which matrices without elements may have here. */
static int dimension(int64_t ld)
{
    return ld > 0 ? (int)ld : 1;
}

void az_product_run_cblas(const az_product *product, const void *a, const void *b, void *c)
{
    const int m = (int)product->m, n = (int)product->n, k = (int)product->k;
    const int lda = dimension(product->lda), ldb = dimension(product->ldb), ldc = dimension(product->ldc);
    if (m == 0 || n == 0) return;
    az_blas_enter();
    if (product->is_double)
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0, a, lda, b, ldb, product->accumulate, c,
                    ldc);
    else
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0f, a, lda, b, ldb, product->accumulate, c,
                    ldc);
    az_blas_leave();
}
