/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/linalg.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Numbers in (-1, 1) from a linear congruence: this test is about linear algebra, not about random streams. */
static void fill(int64_t n, double *x)
{
    uint64_t state = 20240229;
    for (int64_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        x[i] = (double)(state >> 11) * 0x1p-52 - 1.0;
    }
}

static double largest_difference(int64_t n, const double *a, const double *b)
{
    double largest = 0.0;
    for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(a[i] - b[i]));
    return largest;
}

static void product_of_known_matrices(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3, 4, 5, 6};    /* (2, 3) by columns */
    const double b[] = {7, 8, 9, 10, 11, 12}; /* (3, 2) */
    double c[4] = {1, 1, 1, 1};
    az_gemm(false, false, 2, 2, 3, 2.0, a, 2, b, 3, 3.0, c, 2);
    const double expected[] = {2 * 76 + 3, 2 * 100 + 3, 2 * 103 + 3, 2 * 136 + 3};
    assert_memory_equal(c, expected, sizeof c);
    double g[9] = {0};
    az_syrk(3, 2, a, 2, g, 3);
    assert_true(g[0] == 5 && g[3] == 11 && g[6] == 17 && g[4] == 25 && g[7] == 39 && g[8] == 61);
    double y[2] = {1, NAN};
    az_gemv(false, 2, 3, 1.0, a, 2, b, 0.0, y); /* beta 0: what y held does not matter */
    assert_true(y[0] == 76 && y[1] == 100);
    double none[2] = {3, 4};
    az_gemv(false, 2, 0, 1.0, NULL, 2, NULL, 0.5, none);
    assert_true(none[0] == 1.5 && none[1] == 2);
    assert_true(az_dot(6, a, b) == 7 + 16 + 27 + 40 + 55 + 72);
}

static void pairwise_sum_keeps_digits(void **state)
{
    (void)state;
    int64_t n = 1 << 20;
    double *x = malloc(sizeof *x * (size_t)n);
    for (int64_t i = 0; i < n; i++) x[i] = 0.1;
    double sum = az_sum_of(n, x, 1);
    /* Each number takes part in at most 8 + 3 + 14 additions of rounding error 2^-53; a running sum is off by 1e-11. */
    assert_true(fabs(sum / (0.1 * (double)n) - 1.0) < 25 * 0x1p-53);
    assert_true(az_sum_of(n / 2, x, 2) == sum / 2);
    assert_true(az_sum_of(0, x, 1) == 0.0);
    free(x);
}

/* R^T R = A^T W A, R is upper triangular, and the bits are the same at 1, 2 and 4 threads. */
static void check_tsqr(int64_t m, int64_t n, bool weighted)
{
    double *a = malloc(sizeof *a * (size_t)(m * n + m)), *weight = a + m * n;
    double *gram = calloc((size_t)(n * n), sizeof *gram), *again = calloc((size_t)(n * n), sizeof *again);
    double *r[3];
    const double **columns = malloc(sizeof *columns * (size_t)n);
    fill(m * n + m, a);
    for (int64_t i = 0; i < m; i++) weight[i] = weighted ? fabs(weight[i]) : 1.0;
    for (int64_t j = 0; j < n; j++) columns[j] = a + j * m;
    for (int i = 0; i < 3; i++) {
        r[i] = malloc(sizeof **r * (size_t)(n * n));
        assert_int_equal(az_tsqr(m, n, columns, weighted ? weight : NULL, r[i], n, 1 << i), AZ_OK);
        assert_memory_equal(r[i], r[0], sizeof **r * (size_t)(n * n));
    }
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i <= j; i++)
            for (int64_t k = 0; k < m; k++) gram[j * n + i] += a[i * m + k] * weight[k] * a[j * m + k];
    az_syrk(n, n, r[0], n, again, n);
    assert_true(largest_difference(n * n, gram, again) < 1e-13 * (double)m);
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = j + 1; i < n; i++) assert_true(r[0][j * n + i] == 0.0);
    for (int i = 0; i < 3; i++) free(r[i]);
    free(a);
    free(gram);
    free(again);
    free(columns);
}

/* Two columns that differ by 1e-6 z: R_22 = 1e-6 |z - its part along the first|, which A^T A, of condition 1e12, would
 * give to four digits. */
static void tall_qr_of_near_columns(void **state)
{
    (void)state;
    enum { M = 70001 };
    double *a = malloc(sizeof *a * 3 * M), *z = a + 2 * M, r[4];
    fill(3 * M, a);
    for (int64_t i = 0; i < M; i++) a[M + i] = a[i] + 1e-6 * z[i];
    const double *columns[] = {a, a + M};
    assert_int_equal(az_tsqr(M, 2, columns, NULL, r, 2, 2), AZ_OK);
    double square = az_dot(M, a, a), along = az_dot(M, a, z), z_square = az_dot(M, z, z);
    double expected = 1e-6 * sqrt(z_square - along * along / square);
    assert_true(fabs(fabs(r[3]) - expected) < 1e-9 * expected);
    free(a);
}

static void tall_qr(void **state)
{
    (void)state;
    check_tsqr(1, 1, false);
    check_tsqr(3, 7, false); /* more columns than rows */
    check_tsqr(513, 5, true);
    check_tsqr(50001, 11, false);
    check_tsqr(50001, 20, true);
    check_tsqr(20000, 150, false);
    check_tsqr(70001, 9, true); /* by Cholesky QR */
}

static void factorisations(void **state)
{
    (void)state;
    enum { m = 9, n = 6 };
    double a[m * n], copy[m * n], r[n * n], again[m * n];
    fill(m * n, a);
    memcpy(copy, a, sizeof a);
    assert_int_equal(az_qr(m, n, copy, m, r, n), AZ_OK);
    az_gemm(false, false, m, n, n, 1.0, copy, m, r, n, 0.0, again, m);
    assert_true(largest_difference(m * n, a, again) < 1e-14);

    double s[n], u[m * n], vt[n * n];
    memcpy(copy, a, sizeof a);
    assert_int_equal(az_svd(m, n, copy, m, s, u, m, vt, n), AZ_OK);
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++) u[j * m + i] *= s[j];
    az_gemm(false, false, m, n, n, 1.0, u, m, vt, n, 0.0, again, m);
    assert_true(largest_difference(m * n, a, again) < 1e-14);

    double gram[n * n], values[n];
    az_gemm(true, false, n, n, m, 1.0, a, m, a, m, 0.0, gram, n);
    assert_int_equal(az_symmetric_eigen(n, gram, n, values), AZ_OK);
    for (int i = 0; i < n; i++) assert_true(fabs(values[i] - s[n - 1 - i] * s[n - 1 - i]) < 1e-13);

    az_gemm(true, false, n, n, m, 1.0, a, m, a, m, 0.0, gram, n);
    double b[n], x[n];
    fill(n, x);
    az_gemv(false, n, n, 1.0, gram, n, x, 0.0, b);
    assert_int_equal(az_cholesky(true, n, gram, n), AZ_OK);
    az_triangular_solve(true, true, n, 1, gram, n, b, n);
    az_triangular_solve(true, false, n, 1, gram, n, b, n);
    assert_true(largest_difference(n, b, x) < 1e-12);

    double indefinite[] = {1, 2, 2, 1};
    assert_int_equal(az_cholesky(false, 2, indefinite, 2), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "positive definite"));
}

static void pivoted_qr_shows_the_rank(void **state)
{
    (void)state;
    enum { m = 8, n = 5 };
    double a[m * n];
    int64_t order[n];
    fill(m * n, a);
    for (int i = 0; i < m; i++) a[3 * m + i] = a[0 * m + i] - 2.0 * a[1 * m + i];
    assert_int_equal(az_qr_pivoted(m, n, a, m, order), AZ_OK);
    assert_true(fabs(a[3 * m + 3]) > 1e-2 && fabs(a[4 * m + 4]) < 1e-14);
    int seen[n] = {0};
    for (int j = 0; j < n; j++) seen[order[j]]++;
    for (int j = 0; j < n; j++) assert_int_equal(seen[j], 1);
    for (int j = 0; j < n; j++)
        for (int i = j + 1; i < m; i++) assert_true(a[j * m + i] == 0.0);
}

static void blas_tells_about_itself(void **state)
{
    (void)state;
    az_blas_info info;
    az_blas_describe(&info);
    assert_non_null(info.library);
    assert_non_null(info.kernels);
    assert_true(strlen(info.library) > 0);
    if (info.better) assert_string_not_equal(info.better, info.kernels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(product_of_known_matrices),
        cmocka_unit_test(pairwise_sum_keeps_digits),
        cmocka_unit_test(tall_qr),
        cmocka_unit_test(tall_qr_of_near_columns),
        cmocka_unit_test(factorisations),
        cmocka_unit_test(pivoted_qr_shows_the_rank),
        cmocka_unit_test(blas_tells_about_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
