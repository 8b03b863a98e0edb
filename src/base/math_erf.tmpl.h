/* SPDX-License-Identifier: BSD-3-Clause */
/* erf, erfc and the distribution function of the normal distribution.  Near 0 a polynomial; elsewhere
 * erfc(x) = exp(-x^2) w P(w), w = 1 / (x + 3): as Shepherd and Laframboise (Mathematics of Computation 36, 1981) one
 * polynomial reaches to infinity.  x^2 is taken with what its rounding loses, which exp would make larger. */

/* erf(x) / x - 1 for |x| <= 0.65. */
AZ_MATH REAL FN(erf_near)(REAL x)
{
    const REAL z = x * x;
    return POLY(z, PICK(ERF_F32, ERF_F64));
}

/* exp(x^2) erfc(x) of x + low >= 0.65. */
AZ_MATH REAL FN(erfc_scaled)(REAL x, REAL low)
{
    const REAL d = x + 3, d_low = (x - (d - 3)) + low, w = 1 / d;
    const REAL w_low = FMA(-w, d_low, FMA(-w, d, 1)) * w, t = (w - PICK(0.15625f, 0.15625)) + w_low;
    const REAL value = POLY(t, PICK(ERFC_F32, ERFC_F64));
    return FMA(value, w_low, value * w);
}

/* erfc(x) for x >= 0.65. */
AZ_MATH REAL FN(erfc_far)(REAL x)
{
    const REAL most = PICK(10.25f, 27.375), inside = x > most ? most : x;
    const REAL square = inside * inside, low = FMA(inside, inside, -square);
    return FN(exp_times)(-square, low, FN(erfc_scaled)(inside, 0));
}

AZ_MATH REAL FN(erf)(REAL x)
{
    const REAL magnitude = FABS(x), near = FMA(magnitude, FN(erf_near)(magnitude), magnitude);
    const REAL far = 1 - FN(erfc_far)(magnitude);
    return COPYSIGN(magnitude > PICK(0.65f, 0.65) ? far : near, x);
}

AZ_MATH REAL FN(erfc)(REAL x)
{
    const REAL magnitude = FABS(x), far = FN(erfc_far)(magnitude), near = (1 - x) - x * FN(erf_near)(x);
    return magnitude > PICK(0.65f, 0.65) ? x < 0 ? 2 - far : far : near;
}

/* P(X <= x) of a normal X = erfc(-x / sqrt 2) / 2; exp(-x^2 / 2) is taken of x itself. */
AZ_MATH REAL FN(normal_cdf)(REAL x)
{
    const REAL most = PICK(14.5f, 38.75), magnitude = FABS(x), inside = magnitude > most ? most : magnitude;
    const REAL root = PICK(0x1.6a09e6p-1f, 0x1.6a09e667f3bcdp-1), z = inside * root;
    const REAL z_low = FMA(inside, PICK(0x1.9fcef4p-27f, -0x1.bdd3413b26456p-55), FMA(inside, root, -z));
    const REAL half = PICK(0.5f, 0.5) * inside;
    const REAL square = half * inside, low = FMA(half, inside, -square);
    const REAL far = FN(exp_times)(-square, low, PICK(0.5f, 0.5) * FN(erfc_scaled)(z, z_low));
    const REAL part = COPYSIGN(PICK(0.5f, 0.5) * FMA(z, FN(erf_near)(z), z), x), near = PICK(0.5f, 0.5) + part;
    return z > PICK(0.65f, 0.65) ? x < 0 ? far : 1 - far : near;
}
