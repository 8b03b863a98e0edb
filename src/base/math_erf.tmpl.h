/* SPDX-License-Identifier: BSD-3-Clause */
/* erfc.  Near 0 a polynomial; elsewhere
 * erfc(x) = exp(-x^2) w P(w), w = 1 / (x + 3): as Shepherd and Laframboise (Mathematics of Computation 36, 1981) one
 * polynomial reaches to infinity.  x^2 is taken with what its rounding loses, which exp would make larger. */

/* erf(x) / x - 1 for |x| <= 0.65. */
AZ_MATH REAL FN(erf_near)(REAL x)
{
    const REAL z = x * x;
    return POLY(z, PICK(ERF_F32, ERF_F64));
}

/* exp(x^2) erfc(x) of x >= 0.65. */
AZ_MATH REAL FN(erfc_scaled)(REAL x)
{
    const REAL d = x + 3, d_low = x - (d - 3), w = 1 / d;
    const REAL w_low = FMA(-w, d_low, FMA(-w, d, 1)) * w, t = (w - PICK(0.15625f, 0.15625)) + w_low;
    const REAL value = POLY(t, PICK(ERFC_F32, ERFC_F64));
    return FMA(value, w_low, value * w);
}

/* erfc(x) for x >= 0.65. */
AZ_MATH REAL FN(erfc_far)(REAL x)
{
    const REAL most = PICK(10.25f, 27.375), inside = x > most ? most : x;
    const REAL square = inside * inside, low = FMA(inside, inside, -square);
    return FN(exp_times)(-square, low, FN(erfc_scaled)(inside), 0);
}

AZ_MATH REAL FN(erfc)(REAL x)
{
    const REAL magnitude = FABS(x), far = FN(erfc_far)(magnitude), near = (1 - x) - x * FN(erf_near)(x);
    return magnitude > PICK(0.65f, 0.65) ? x < 0 ? 2 - far : far : near;
}
