/* SPDX-License-Identifier: BSD-3-Clause */
/* log: x = 2^k m, sqrt(1/2) <= m < sqrt(2), f = m - 1, s = f / (2 + f); log(m) = f - f^2 / 2 + s (f^2 / 2 + R(s^2)),
 * the form of FDLIBM's e_log.c (Sun Microsystems, 1993), in which the large terms are exact; here what f - f^2 / 2 and
 * k log 2 lose is added again.  R is minimax (base/math_coefficients.h). */

/* log(2^k (1 + f + low)), where low is nothing beside f; sqrt(1/2) <= 1 + f < sqrt(2). */
AZ_MATH FN(sum) FN(log_series)(REAL k, REAL f, REAL low)
{
    const REAL s = f / (2 + f), z = s * s, rest = z * POLY(z, PICK(LOG_F32, LOG_F64));
    const REAL half_f = PICK(0.5f, 0.5) * f, square = half_f * f, square_lost = FMA(half_f, f, -square);
    const REAL head = f - square, head_lost = ((f - head) - square) - square_lost;
    const REAL tail = FMA(s, square + rest, head_lost) + low;
    /* The upper part of log 2 is so short that k times it is exact. */
    const REAL high = k * PICK(0x1.62e4p-1f, 0x1.62e42fefap-1),
               below = k * PICK(0x1.7f7d1cp-20f, 0x1.cf79abc9e3b3ap-40);
    const REAL sum = high + head, sum_lost = (high - sum) + head;
    return (FN(sum)){sum, sum_lost + (below + tail)};
}

/* What the bits of x - sqrt(1/2) say: k + BIAS above the digits, m in them. */
AZ_MATH REAL FN(log_fraction)(WORD moved)
{
    const WORD half = PICK(0x3f3504f3u, UINT64_C(0x3fe6a09e667f3bcd));
    return FN(from_bits)((moved & (((WORD)1 << DIGITS) - 1)) + half) - 1;
}

/* log(x) for 0 < x < infinity. */
AZ_MATH FN(sum) FN(log_positive)(REAL x)
{
    const int subnormal = x < PICK(0x1p-126f, 0x1p-1022);
    const REAL normal = subnormal ? x * PICK(0x1p23f, 0x1p52) : x;
    const WORD half = PICK(0x3f3504f3u, UINT64_C(0x3fe6a09e667f3bcd)), big = FN(to_bits)(PICK(0x1p23f, 0x1p52));
    const WORD moved = FN(to_bits)(normal) - half + ((WORD)BIAS << DIGITS);
    const REAL bias = subnormal ? PICK(0x1p23f + BIAS + 23, 0x1p52 + BIAS + 52) : PICK(0x1p23f + BIAS, 0x1p52 + BIAS);
    const REAL k = FN(from_bits)((moved >> DIGITS) | big) - bias;
    return FN(log_series)(k, FN(log_fraction)(moved), 0);
}

/* log(x + low) for a normal x >= 2^-60, where low is below the last bit of x. */
AZ_MATH FN(sum) FN(log_of_sum)(REAL x, REAL low)
{
    const WORD half = PICK(0x3f3504f3u, UINT64_C(0x3fe6a09e667f3bcd)), big = FN(to_bits)(PICK(0x1p23f, 0x1p52));
    const WORD moved = FN(to_bits)(x) - half + ((WORD)BIAS << DIGITS), exponent = moved >> DIGITS;
    const REAL k = FN(from_bits)(exponent | big) - (PICK(0x1p23f, 0x1p52) + BIAS);
    /* low 2^-k, by 2^(1 - k), which is a normal number for the largest k too. */
    const REAL scaled = low * FN(from_bits)(((WORD)(2 * BIAS + 1) - exponent) << DIGITS) * PICK(0.5f, 0.5);
    const REAL first = FN(log_fraction)(moved), f = first + scaled, lost = (first - f) + scaled;
    return FN(log_series)(k, f, FMA(-f, lost, lost));
}

AZ_MATH REAL FN(log)(REAL x)
{
    const REAL infinity = PICK(__builtin_inff(), __builtin_inf()), nan = PICK(__builtin_nanf(""), __builtin_nan(""));
    const FN(sum) value = FN(log_positive)(x);
    return x > 0 ? x < infinity ? value.head + value.tail : x : x == 0 ? -infinity : x < 0 ? nan : x;
}

/* log(1 + x): 1 + x as the sum of a number and what its rounding loses. */
AZ_MATH REAL FN(log1p)(REAL x)
{
    const REAL infinity = PICK(__builtin_inff(), __builtin_inf()), nan = PICK(__builtin_nanf(""), __builtin_nan(""));
    const REAL u = 1 + x, part = u - x, low = (x - (u - part)) + (1 - part);
    const FN(sum) value = FN(log_of_sum)(u, low);
    return x > -1 ? x < infinity ? COPYSIGN(value.head + value.tail, x) : x : x == -1 ? -infinity : x < -1 ? nan : x;
}
