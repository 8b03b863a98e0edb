/* SPDX-License-Identifier: BSD-3-Clause */
/* log: x = 2^k m, sqrt(1/2) <= m < sqrt(2), f = m - 1, s = f / (2 + f); log(m) = f - f^2 / 2 + s (f^2 / 2 + R(s^2)),
 * the form of FDLIBM's e_log.c (Sun Microsystems, 1993), in which the large terms are exact; here what f - f^2 / 2 and
 * k log 2 lose is added again.  R is minimax (tests/base/reference/math.sollya). */

#ifndef LOG_F64
#define LOG_F32 0x1.55557ap-1f, 0x1.995ebap-2f, 0x1.31e56cp-2f
#define LOG_F64                                                                                                        \
    0x1.5555555555594p-1, 0x1.999999997f4c2p-2, 0x1.2492494274e01p-2, 0x1.c71c5199bfa47p-3, 0x1.746656c86d0d3p-3,      \
        0x1.399f3955b7e86p-3, 0x1.2f1f9f665ff74p-3
#endif

/* log(x) for 0 < x < infinity. */
AZ_MATH REAL FN(log_positive)(REAL x)
{
    const int subnormal = x < PICK(0x1p-126f, 0x1p-1022);
    const REAL normal = subnormal ? x * PICK(0x1p23f, 0x1p52) : x;
    /* With the bits of sqrt(1/2) taken away, what stands above the digits is k, and what stands there belongs to m. */
    const WORD half = PICK(0x3f3504f3u, UINT64_C(0x3fe6a09e667f3bcd));
    const WORD moved = FN(to_bits)(normal) - half + ((WORD)BIAS << DIGITS);
    const WORD fraction = moved & (((WORD)1 << DIGITS) - 1);
    const REAL k = FN(from_bits)((moved >> DIGITS) | FN(to_bits)(PICK(0x1p23f, 0x1p52))) -
                   (subnormal ? PICK(0x1p23f + BIAS + 23, 0x1p52 + BIAS + 52) : PICK(0x1p23f + BIAS, 0x1p52 + BIAS));
    const REAL f = FN(from_bits)(fraction + half) - 1;
    const REAL s = f / (2 + f), z = s * s, rest = z * POLY(z, PICK(LOG_F32, LOG_F64));
    const REAL half_f = PICK(0.5f, 0.5) * f, square = half_f * f, square_lost = FMA(half_f, f, -square);
    const REAL head = f - square, head_lost = ((f - head) - square) - square_lost;
    const REAL tail = FMA(s, square + rest, head_lost);
    /* The upper part of log 2 is so short that k times it is exact. */
    const REAL high = k * PICK(0x1.62e4p-1f, 0x1.62e42fefap-1), low = k * PICK(0x1.7f7d1cp-20f, 0x1.cf79abc9e3b3ap-40);
    const REAL sum = high + head, sum_lost = (high - sum) + head;
    return sum + (sum_lost + (low + tail));
}

AZ_MATH REAL FN(log)(REAL x)
{
    const REAL infinity = PICK(__builtin_inff(), __builtin_inf()), nan = PICK(__builtin_nanf(""), __builtin_nan(""));
    const REAL value = FN(log_positive)(x);
    return x > 0 ? x < infinity ? value : x : x == 0 ? -infinity : x < 0 ? nan : x;
}
