/* SPDX-License-Identifier: BSD-3-Clause */
/* What the functions of base/math.h should give, by libm in long double, and how errors are measured. */
#ifndef TESTS_BASE_MATH_REFERENCE_H
#define TESTS_BASE_MATH_REFERENCE_H

#include "math_functions.h"

#include <float.h>
#include <math.h>

static long double sigmoidl(long double x)
{
    return 1 / (1 + expl(-x));
}

static long double softplusl(long double x)
{
    return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}

/* erfc(z) / 2 with z = -x / sqrt(2), put right for the rounding of z: erfc has the derivative -2 exp(-z^2) / sqrt(pi).
 */
static long double normal_cdfl(long double x)
{
    /* sqrt(2) of 64 binary digits, as long double has on x86, is less than it by this part. */
    const long double sqrt_2_lost = LDBL_MANT_DIG == 64 ? 2.679980746e-20L : 0;
    const long double z = -x / sqrtl(2), lost = -fmal(z, sqrtl(2), x) / sqrtl(2) - z * sqrt_2_lost;
    if (!(fabsl(z) < 100)) return erfcl(z) / 2;
    return (erfcl(z) - 1.128379167095512573896158903121545172L * expl(-z * z) * lost) / 2;
}

/* Abramowitz and Stegun 6.3.5, 6.3.7 and 6.3.18. */
static long double digammal(long double x)
{
    const long double pi = 3.141592653589793238462643383279502884L;
    if (x == 0) return -copysignl(INFINITY, x);
    if (x < 0) {
        const long double turns = x - roundl(x);
        return turns == 0 ? (long double)NAN : digammal(1 - x) - pi * cosl(pi * turns) / sinl(pi * turns);
    }
    long double sum = 0;
    for (; x < 25; x += 1) sum -= 1 / x;
    const long double z = 1 / (x * x);
    const long double series =
        z * (1 / 12.0L -
             z * (1 / 120.0L -
                  z * (1 / 252.0L - z * (1 / 240.0L - z * (1 / 132.0L - z * (691 / 32760.0L - z * (1 / 12.0L)))))));
    return isinf(x) ? x : sum + (logl(x) - 1 / (2 * x) - series);
}

static const struct {
    const char *name;
    double narrow_bound, wide_bound;
    long double (*of_one)(long double);
    long double (*of_two)(long double, long double);
} math_references[MATH_N_FUNCTIONS] = {
#define ONE(name, narrow, wide) {#name, narrow, wide, name##l, 0},
#define TWO(name, narrow, wide) {#name, narrow, wide, 0, name##l},
    MATH_FUNCTIONS(ONE) MATH_FUNCTIONS_OF_TWO(TWO)
#undef ONE
#undef TWO
};

static inline long double math_reference(int f, long double x, long double y)
{
    return math_references[f].of_one ? math_references[f].of_one(x) : math_references[f].of_two(x, y);
}

/* What an error of f at x is measured against: the value; for the functions that are differences of large terms at
 * negative x, or beside the positive zero of digamma, the greater one of it and of these. */
static inline long double math_scale(int f, long double x, long double exact)
{
    if (f == MATH_digamma && x > 0) return fmaxl(fabsl(exact), 0.25L);
    if ((f != MATH_lgamma && f != MATH_digamma) || !(x < 0)) return fabsl(exact);
    if (f == MATH_digamma)
        return fmaxl(fmaxl(fabsl(exact), 1), fmaxl(fabsl(digammal(1 - x)), fabsl(exact - digammal(1 - x))));
    return fmaxl(fmaxl(fabsl(exact), 1), fabsl(math_reference(f, -x, 0)));
}

/* |value - exact| in units of the last place that numbers of so many digits have at scale. */
static inline double math_units(long double value, long double exact, long double scale, int digits, int least_exponent)
{
    int exponent;
    frexpl(scale, &exponent);
    if (scale == 0 || exponent < least_exponent) exponent = least_exponent;
    return (double)(fabsl(value - exact) * ldexpl(1, digits - exponent));
}

/* The error of a value at finite results; 0 where both are infinite or NaN alike, infinity where they are not. */
static inline double math_error(int f, int narrow, long double x, long double value, long double exact)
{
    const long double rounded = narrow ? (long double)(float)exact : (long double)(double)exact;
    if (isnan(exact)) return isnan(value) ? 0 : INFINITY;
    if (isnan(value)) return INFINITY;
    if (isinf(value) || isinf(exact)) return value == rounded ? 0 : INFINITY;
    if (isinf(rounded)) { /* the largest number instead of infinity is one unit at most */
        const long double largest = narrow ? 0x1.fffffep127L : 0x1.fffffffffffffp1023L;
        return fabsl(value) == largest && (value > 0) == (exact > 0) ? 0.5 : INFINITY;
    }
    if (exact == 0 && (value != 0 || !signbit(value) != !signbit(exact))) return INFINITY;
    return narrow ? math_units(value, exact, math_scale(f, x, exact), 24, -125)
                  : math_units(value, exact, math_scale(f, x, exact), 53, -1021);
}

#endif
