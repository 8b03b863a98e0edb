/* SPDX-License-Identifier: BSD-3-Clause */
/* theta -= rate (g + decay theta). */
static INLINE void FN(update)(const double *coefficients, int64_t n, const REAL *restrict gradient,
                              REAL *restrict theta, REAL *restrict first, REAL *restrict second)
{
    const REAL rate = (REAL)coefficients[0], decay = (REAL)coefficients[1];
    (void)first, (void)second;
    for (int64_t i = 0; i < n; i++) theta[i] -= rate * (gradient[i] + decay * theta[i]);
}
