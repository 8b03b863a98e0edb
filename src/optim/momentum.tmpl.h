/* SPDX-License-Identifier: BSD-3-Clause */
/* v = momentum v + g; theta -= rate (ahead g + along v). */
static INLINE void FN(update)(const double *coefficients, int64_t n, const REAL *restrict gradient,
                              REAL *restrict theta, REAL *restrict velocity, REAL *restrict second)
{
    const REAL rate = (REAL)coefficients[0], decay = (REAL)coefficients[1], momentum = (REAL)coefficients[2];
    const REAL ahead = (REAL)coefficients[3], along = (REAL)coefficients[4];
    (void)second;
    for (int64_t i = 0; i < n; i++) {
        const REAL g = gradient[i] + decay * theta[i], v = momentum * velocity[i] + g;
        velocity[i] = v;
        theta[i] -= rate * (ahead * g + along * v);
    }
}
