/* SPDX-License-Identifier: BSD-3-Clause */
/* exp, expm1, sigmoid: all from x = k log 2 + r, |r| <= log(2) / 2, and exp(r) = 1 + r + r^2 / 2 + r^3 Q(r).
 *
 * The reduction is that of Cody and Waite (Software Manual for the Elementary Functions, 1980) with fused
 * multiply-adds: k LN2 is a multiple of the last bit of x - k LN2, which is below 1/2, so that the first difference is
 * exact whatever the digits of LN2.  What the second one loses is kept.  Q is minimax
 * (base/math_coefficients.h). */

typedef struct {
    REAL r, tail; /* exp(x - k log 2) = 1 + r + tail, their sum being good to some bits more than REAL has */
    WORD k_bits;  /* k in the last bits */
} FN(exp_parts);

/* exp(x - low), where low is nothing beside 1. */
AZ_MATH FN(exp_parts) FN(exp_split)(REAL x, REAL low)
{
    const REAL shifted = FMA(x, PICK(0x1.715476p0f, 0x1.71547652b82fep0), LARGE), k = shifted - LARGE;
    const REAL first = FMA(-k, PICK(0x1.62e43p-1f, 0x1.62e42fefa39efp-1), x);
    const REAL second = k * PICK(0x1.05c61p-29f, -0x1.abc9e3b39803fp-56) - low;
    const REAL r = first + second, lost = (first - r) + second;
    const REAL cubic = FMA(r * r * r, POLY(r, PICK(EXP_F32, EXP_F64)), lost);
    return (FN(exp_parts)){r, FMA(PICK(0.5f, 0.5) * r, r, cubic), FN(to_bits)(shifted)};
}

/* 2^(k + offset), which has to be a normal number. */
AZ_MATH REAL FN(power_of_two)(WORD k_bits, int offset)
{
    return FN(from_bits)((k_bits + (WORD)(BIAS + offset)) << DIGITS);
}

/* exp(x): 0.51 units in the last place.  2^k is applied as 2 and 2^(k - 1), or as 2^(k + 100) and 2^-100 where the
 * result is subnormal, so that both factors are normal numbers and only the last product rounds. */
AZ_MATH REAL FN(exp)(REAL x)
{
    const REAL lowest = PICK(-105.0f, -750.0), highest = PICK(88.75f, 709.875);
    const REAL inside = x > highest ? highest : x < lowest ? lowest : x;
    const FN(exp_parts) p = FN(exp_split)(inside, 0);
    const REAL head = 1 + p.r, value = head + (((1 - head) + p.r) + p.tail);
    const int tiny = inside < PICK(-86.0f, -700.0);
    const REAL scale = FN(from_bits)((p.k_bits + (tiny ? (WORD)(BIAS + 99) : (WORD)(BIAS - 1))) << DIGITS);
    return (value + value) * scale * (tiny ? PICK(0x1p-100f, 0x1p-100) : 1);
}

typedef struct {
    REAL head, tail;
} FN(sum);

/* exp(x - low) (value + value_low), where the product may be subnormal and value is a moderate number. */
AZ_MATH FN(sum) FN(exp_times_sum)(REAL x, REAL low, REAL value, REAL value_low)
{
    const REAL lowest = PICK(-105.0f, -750.0), inside = x < lowest ? lowest : x;
    const FN(exp_parts) p = FN(exp_split)(inside, low);
    const int tiny = inside < PICK(-86.0f, -700.0);
    const REAL scale = FN(from_bits)((p.k_bits + (tiny ? (WORD)(BIAS + 99) : (WORD)(BIAS - 1))) << DIGITS);
    const REAL back = tiny ? PICK(0x1p-100f, 0x1p-100) : 1;
    const REAL head = 1 + p.r, rest = FMA(value, ((1 - head) + p.r) + p.tail, value_low * head);
    const REAL product = FMA(value, head, rest), lost = FMA(value, head, -product) + rest;
    return (FN(sum)){(product + product) * scale * back, (lost + lost) * scale * back};
}

AZ_MATH REAL FN(exp_times)(REAL x, REAL low, REAL value, REAL value_low)
{
    return FN(exp_times_sum)(x, low, value, value_low).head;
}

/* exp(x) - 1 = 2^k ((1 - 2^-k) + r + tail). */
AZ_MATH REAL FN(expm1)(REAL x)
{
    const REAL lowest = PICK(-18.0f, -38.0), highest = PICK(88.75f, 709.875);
    const REAL inside = x > highest ? highest : x < lowest ? lowest : x;
    const FN(exp_parts) p = FN(exp_split)(inside, 0);
    const REAL inverse = inside > PICK(30.0f, 50.0) ? 0 : FN(from_bits)(((WORD)BIAS - p.k_bits) << DIGITS);
    const REAL base = 1 - inverse, lost = (1 - base) - inverse;
    const REAL head = base + p.r, value = head + (((base - head) + p.r) + (lost + p.tail));
    return COPYSIGN((value + value) * FN(power_of_two)(p.k_bits, -1), x);
}

/* 1 / (1 + exp(-x)) = E / (1 + e) with e = exp(-|x|) and E = 1 or e. */
AZ_MATH REAL FN(sigmoid)(REAL x)
{
    const REAL minus = -FABS(x), lowest = PICK(-105.0f, -750.0), inside = minus < lowest ? lowest : minus;
    const int tiny = inside < PICK(-86.0f, -700.0), negative = x < 0;
    const FN(exp_parts) p = FN(exp_split)(inside, 0);
    const REAL scale = FN(from_bits)((p.k_bits + (tiny ? (WORD)(BIAS + 100) : (WORD)BIAS)) << DIGITS);
    const REAL back = tiny ? PICK(0x1p-100f, 0x1p-100) : 1;
    const REAL head = 1 + p.r, rest = ((1 - head) + p.r) + p.tail, e = head + rest, e_tail = (head - e) + rest;
    const REAL small = scale * back; /* 0 where e is nothing beside 1 */
    const REAL scaled = e * small, d = 1 + scaled, d_tail = ((1 - d) + scaled) + e_tail * small;
    const REAL n = negative ? e : 1, n_tail = negative ? e_tail : 0;
    const REAL reciprocal = 1 / d, quotient = n * reciprocal;
    const REAL remainder = FMA(-quotient, d, n) + FMA(-quotient, d_tail, n_tail);
    const REAL value = FMA(remainder, reciprocal, quotient);
    return negative ? value * scale * back : value;
}
