/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/blas_lock.h"
#include "base/linalg.h"
#include "base/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>

/* The *_work functions of LAPACKE with column-major storage are used throughout: the others allocate behind our back
 * and transpose.  Dimensions are int in BLAS and LAPACK; what is longer is cut here where that is possible. */

static const int64_t longest = INT_MAX / 2;

void az_gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha, const double *a,
             int64_t lda, const double *b, int64_t ldb, double beta, double *c, int64_t ldc)
{
    if (m <= 0 || n <= 0) return;
    az_blas_enter();
    cblas_dgemm(CblasColMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (int)m,
                (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
    az_blas_leave();
}

void az_gemv(bool transpose, int64_t m, int64_t n, double alpha, const double *a, int64_t lda, const double *x,
             double beta, double *y)
{
    if (m <= 0 || n <= 0) { /* BLAS returns early and leaves y: an empty sum is beta y */
        int64_t length = transpose ? n : m;
        for (int64_t i = 0; i < length; i++) y[i] = beta == 0.0 ? 0.0 : beta * y[i];
        return;
    }
    az_blas_enter();
    cblas_dgemv(CblasColMajor, transpose ? CblasTrans : CblasNoTrans, (int)m, (int)n, alpha, a, (int)lda, x, 1, beta, y,
                1);
    az_blas_leave();
}

void az_syrk(int64_t n, int64_t m, const double *a, int64_t lda, double *c, int64_t ldc)
{
    if (n <= 0) return;
    az_blas_enter();
    cblas_dsyrk(CblasColMajor, CblasUpper, CblasTrans, (int)n, (int)m, 1.0, a, (int)lda, 0.0, c, (int)ldc);
    az_blas_leave();
}

double az_dot(int64_t n, const double *x, const double *y)
{
    double sum = 0.0;
    for (int64_t start = 0; start < n; start += longest) {
        int64_t length = n - start < longest ? n - start : longest;
        az_blas_enter();
        sum += cblas_ddot((int)length, x + start, 1, y + start, 1);
        az_blas_leave();
    }
    return sum;
}

void az_axpy(int64_t n, double alpha, const double *x, double *y)
{
    for (int64_t start = 0; start < n; start += longest) {
        int64_t length = n - start < longest ? n - start : longest;
        az_blas_enter();
        cblas_daxpy((int)length, alpha, x + start, 1, y + start, 1);
        az_blas_leave();
    }
}

double az_sum_of(int64_t n, const double *x, int64_t stride)
{
    if (n <= 64) {
        /* Eight running sums keep the adder busy, and shorten each chain to eight terms. */
        double part[8] = {0};
        for (int64_t i = 0; i < n; i++) part[i % 8] += x[i * stride];
        return ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    }
    int64_t half = n / 2;
    return az_sum_of(half, x, stride) + az_sum_of(n - half, x + half * stride, stride);
}

static az_status lapack_failed(const char *what, int info)
{
    if (info < 0) return az_error(AZ_ERROR_DATA, "%s: the matrix has values that are not finite", what);
    return az_error(AZ_ERROR_DATA, "%s: no convergence (LAPACK info %d)", what, info);
}

/* Kernels may treat the elements before the first aligned address apart, so that rounding depends on where a matrix
 * lies.  The factorisations work on copies that start at multiples of 64 bytes: same matrix, same bits. */
typedef struct workspace {
    void *memory;
    double *next;
} workspace;

static int64_t round_up(int64_t n_doubles)
{
    return (n_doubles + 7) / 8 * 8;
}

static az_status workspace_new(workspace *space, int64_t n_doubles, const char *what)
{
    space->memory = az_alloc_array(n_doubles + 8, sizeof(double));
    if (!space->memory) return az_error(AZ_ERROR_MEMORY, "out of memory in the %s", what);
    space->next = (double *)(((uintptr_t)space->memory + 63) / 64 * 64);
    return AZ_OK;
}

static double *take(workspace *space, int64_t n_doubles)
{
    double *start = space->next;
    space->next += round_up(n_doubles);
    return start;
}

static void copy_matrix(int64_t m, int64_t n, const double *from, int64_t ld_from, double *to, int64_t ld_to)
{
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < m; i++) to[j * ld_to + i] = from[j * ld_from + i];
}

az_status az_cholesky(bool upper, int64_t n, double *a, int64_t lda)
{
    if (n <= 0) return AZ_OK;
    workspace space = {0};
    int64_t ld = round_up(n);
    AZ_TRY(workspace_new(&space, ld * n, "Cholesky factorisation"));
    double *copy = take(&space, ld * n);
    copy_matrix(n, n, a, lda, copy, ld);
    az_blas_enter();
    int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, upper ? 'U' : 'L', (int)n, copy, (int)ld);
    az_blas_leave();
    copy_matrix(n, n, copy, ld, a, lda);
    az_free(space.memory);
    if (info < 0) return lapack_failed("Cholesky factorisation", info);
    if (info > 0)
        return az_error(AZ_ERROR_DATA, "the matrix is not positive definite (leading minor of order %d)", info);
    return AZ_OK;
}

void az_triangular_solve(bool upper, bool transpose, int64_t n, int64_t n_right, const double *t, int64_t ldt,
                         double *b, int64_t ldb)
{
    if (n <= 0 || n_right <= 0) return;
    az_blas_enter();
    cblas_dtrsm(CblasColMajor, CblasLeft, upper ? CblasUpper : CblasLower, transpose ? CblasTrans : CblasNoTrans,
                CblasNonUnit, (int)n, (int)n_right, 1.0, t, (int)ldt, b, (int)ldb);
    az_blas_leave();
}

az_status az_svd(int64_t m, int64_t n, double *a, int64_t lda, double *s, double *u, int64_t ldu, double *vt,
                 int64_t ldvt)
{
    if (m <= 0 || n <= 0) return AZ_OK;
    const char *what = "singular value decomposition";
    double size;
    int64_t k = m < n ? m : n, ld = round_up(m), ldk = round_up(k);
    az_blas_enter();
    int info = LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'S', (int)m, (int)n, a, (int)ld, s, u, (int)ld, vt, (int)ldk,
                                   &size, -1, NULL);
    az_blas_leave();
    if (info) return lapack_failed(what, info);
    workspace space = {0};
    az_status status;
    int *integers = az_alloc_array(8 * k, sizeof *integers);
    if (!integers) return az_error(AZ_ERROR_MEMORY, "out of memory in the %s", what);
    AZ_GOTO(workspace_new(&space, ld * n + ld * k + ldk * n + ldk + round_up((int64_t)size), what));
    double *copy = take(&space, ld * n), *u_copy = take(&space, ld * k), *vt_copy = take(&space, ldk * n),
           *values = take(&space, k), *work = take(&space, (int64_t)size);
    copy_matrix(m, n, a, lda, copy, ld);
    az_blas_enter();
    info = LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'S', (int)m, (int)n, copy, (int)ld, values, u_copy, (int)ld, vt_copy,
                               (int)ldk, work, (int)size, integers);
    az_blas_leave();
    if (info) {
        status = lapack_failed(what, info);
        goto done;
    }
    copy_matrix(k, 1, values, k, s, k);
    copy_matrix(m, k, u_copy, ld, u, ldu);
    copy_matrix(k, n, vt_copy, ldk, vt, ldvt);
done:
    az_free(integers);
    az_free(space.memory);
    return status;
}

az_status az_symmetric_eigen(int64_t n, double *a, int64_t lda, double *eigenvalues)
{
    if (n <= 0) return AZ_OK;
    const char *what = "eigenvalue problem";
    double size;
    int integer_size;
    int64_t ld = round_up(n);
    az_blas_enter();
    int info =
        LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', (int)n, a, (int)ld, eigenvalues, &size, -1, &integer_size, -1);
    az_blas_leave();
    if (info) return lapack_failed(what, info);
    workspace space = {0};
    az_status status;
    int *integers = az_alloc_array(integer_size, sizeof *integers);
    if (!integers) return az_error(AZ_ERROR_MEMORY, "out of memory in the %s", what);
    AZ_GOTO(workspace_new(&space, ld * n + ld + round_up((int64_t)size), what));
    double *copy = take(&space, ld * n), *values = take(&space, n), *work = take(&space, (int64_t)size);
    copy_matrix(n, n, a, lda, copy, ld);
    az_blas_enter();
    info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', (int)n, copy, (int)ld, values, work, (int)size, integers,
                               integer_size);
    az_blas_leave();
    if (info) {
        status = lapack_failed(what, info);
        goto done;
    }
    copy_matrix(n, n, copy, ld, a, lda);
    copy_matrix(n, 1, values, n, eigenvalues, n);
done:
    az_free(integers);
    az_free(space.memory);
    return status;
}

az_status az_qr(int64_t m, int64_t n, double *a, int64_t lda, double *r, int64_t ldr)
{
    const char *what = "QR factorisation";
    int64_t k = m < n ? m : n, ld = round_up(m);
    if (k <= 0) return AZ_OK;
    double size, size_q;
    az_blas_enter();
    int info = LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, (int)m, (int)n, a, (int)ld, NULL, &size, -1);
    if (!info) info = LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, (int)m, (int)k, (int)k, a, (int)ld, NULL, &size_q, -1);
    az_blas_leave();
    if (info) return lapack_failed(what, info);
    if (size_q > size) size = size_q;
    workspace space = {0};
    AZ_TRY(workspace_new(&space, ld * n + round_up(k) + round_up((int64_t)size), what));
    double *copy = take(&space, ld * n), *tau = take(&space, k), *work = take(&space, (int64_t)size);
    copy_matrix(m, n, a, lda, copy, ld);
    az_blas_enter();
    info = LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, (int)m, (int)n, copy, (int)ld, tau, work, (int)size);
    for (int64_t j = 0; j < n && !info && r; j++)
        for (int64_t i = 0; i < k; i++) r[j * ldr + i] = i <= j ? copy[j * ld + i] : 0.0;
    if (!info)
        info = LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, (int)m, (int)k, (int)k, copy, (int)ld, tau, work, (int)size);
    az_blas_leave();
    copy_matrix(m, k, copy, ld, a, lda);
    az_free(space.memory);
    return info ? lapack_failed(what, info) : AZ_OK;
}

az_status az_qr_pivoted(int64_t m, int64_t n, double *a, int64_t lda, int64_t *order)
{
    const char *what = "pivoted QR factorisation";
    int64_t k = m < n ? m : n, ld = round_up(m);
    for (int64_t j = 0; j < n; j++) order[j] = j;
    if (k <= 0) return AZ_OK;
    double size;
    az_blas_enter();
    int info = LAPACKE_dgeqp3_work(LAPACK_COL_MAJOR, (int)m, (int)n, a, (int)ld, NULL, NULL, &size, -1);
    az_blas_leave();
    if (info) return lapack_failed(what, info);
    workspace space = {0};
    az_status status;
    int *pivots = az_alloc_array(n, sizeof *pivots);
    if (!pivots) return az_error(AZ_ERROR_MEMORY, "out of memory in the %s", what);
    AZ_GOTO(workspace_new(&space, ld * n + round_up(k) + round_up((int64_t)size), what));
    double *copy = take(&space, ld * n), *tau = take(&space, k), *work = take(&space, (int64_t)size);
    copy_matrix(m, n, a, lda, copy, ld);
    for (int64_t j = 0; j < n; j++) pivots[j] = 0; /* every column is free to move */
    az_blas_enter();
    info = LAPACKE_dgeqp3_work(LAPACK_COL_MAJOR, (int)m, (int)n, copy, (int)ld, pivots, tau, work, (int)size);
    az_blas_leave();
    if (info) {
        status = lapack_failed(what, info);
        goto done;
    }
    for (int64_t j = 0; j < n; j++) {
        order[j] = pivots[j] - 1;
        for (int64_t i = 0; i < m; i++) a[j * lda + i] = i <= j ? copy[j * ld + i] : 0.0;
    }
done:
    az_free(pivots);
    az_free(space.memory);
    return status;
}
