/* SPDX-License-Identifier: BSD-3-Clause */
/* The only room with BLAS and LAPACK.  Matrices are column-major with leading dimension; calls run on one thread (the
 * command sees to it that the BLAS does not start its own), parallel work is cut into fixed blocks above them.
 * Leading dimensions and sizes are below 2^31, but for vectors, which may be of any length. */
#ifndef AZ_BASE_LINALG_H
#define AZ_BASE_LINALG_H

#include "base/status.h"

/* C (m, n) = alpha op(A) op(B) + beta C; op is transposition where the flag is set. */
void az_gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha, const double *a,
             int64_t lda, const double *b, int64_t ldb, double beta, double *c, int64_t ldc);

/* y (m or n) = alpha op(A) x + beta y, A (m, n). */
void az_gemv(bool transpose, int64_t m, int64_t n, double alpha, const double *a, int64_t lda, const double *x,
             double beta, double *y);

/* Upper triangle of C (n, n) = A^T A for A (m, n). */
void az_syrk(int64_t n, int64_t m, const double *a, int64_t lda, double *c, int64_t ldc);

double az_dot(int64_t n, const double *x, const double *y);
void az_axpy(int64_t n, double alpha, const double *x, double *y);

/* Sum of n numbers by pairwise summation: error growth log2(n) (Higham 1993). */
double az_sum_of(int64_t n, const double *x, int64_t stride);

/* Upper triangular R (n, n) of A = QR for A (m, n), rows may have been scaled by sqrt(weight) (NULL: ones) on the way;
 * A is not changed.  Blocks of rows are factorised apart and joined by a fixed binary tree (TSQR; Demmel, Grigori,
 * Hoemmen, Langou 2012), or by Cholesky QR where A is large and well conditioned: the same bits at any number of
 * threads.  columns[j] points to column j. */
az_status az_tsqr(int64_t m, int64_t n, const double *const *columns, const double *weight, double *r, int64_t ldr,
                  int n_threads);

/* Cholesky factor of the symmetric positive definite A (n, n), lower or upper by flag, in place;
 * AZ_ERROR_DATA if it is not positive definite. */
az_status az_cholesky(bool upper, int64_t n, double *a, int64_t lda);
/* Solves op(T) X = B for a triangular T (n, n), B (n, n_right), in place. */
void az_triangular_solve(bool upper, bool transpose, int64_t n, int64_t n_right, const double *t, int64_t ldt,
                         double *b, int64_t ldb);
/* A (m, n), destroyed: A = U diag(s) V^T, economy sizes, k = min(m, n); u (m, k), vt (k, n). */
az_status az_svd(int64_t m, int64_t n, double *a, int64_t lda, double *s, double *u, int64_t ldu, double *vt,
                 int64_t ldvt);
/* A (m, n) is replaced by Q (m, k), k = min(m, n), with orthonormal columns; A = Q R.  R (k, n) may be NULL. */
az_status az_qr(int64_t m, int64_t n, double *a, int64_t lda, double *r, int64_t ldr);
/* A (m, n) is replaced by R, upper trapezoidal with zeros below, of A P = Q R; column j of A P is column order[j] of A.
 * The diagonal of R falls in magnitude: it shows the rank. */
az_status az_qr_pivoted(int64_t m, int64_t n, double *a, int64_t lda, int64_t *order);
/* Eigenvalues (ascending) and vectors (columns, in place) of the symmetric A (n, n). */
az_status az_symmetric_eigen(int64_t n, double *a, int64_t lda, double *eigenvalues);

/* What the BLAS is and whether its kernels suit the CPU; text for `doctor`, static. */
typedef struct az_blas_info {
    const char *library; /* "OpenBLAS 0.3.21" */
    const char *kernels; /* "SkylakeX", "" if unknown */
    const char *better;  /* the value of OPENBLAS_CORETYPE that suits the CPU, or NULL if the kernels do */
    bool one_at_a_time;  /* an OpenBLAS without locks: calls from several threads wait for each other */
} az_blas_info;
void az_blas_describe(az_blas_info *info);

#endif
