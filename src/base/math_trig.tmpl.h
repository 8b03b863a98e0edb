/* SPDX-License-Identifier: BSD-3-Clause */
/* sin and cos: x = n pi / 2 + r + tail; both polynomials of r, of which n takes one and its sign.  The kernels are the
 * forms of FDLIBM's k_sin.c and k_cos.c (Sun Microsystems, 1993), with minimax polynomials
 * (base/math_coefficients.h).
 *
 * Moderate angles, |x| <= AZ_MODERATE_ANGLE: pi / 2 is taken away in three parts (Cody and Waite).  With fused
 * multiply-adds the first difference is exact as in base/math_exp.tmpl.h; the second is kept as a sum of two numbers.
 */

#ifndef AZ_MODERATE_ANGLE_F64
#define AZ_MODERATE_ANGLE_F32 131072.0f
#define AZ_MODERATE_ANGLE_F64 134217728.0
#endif

/* The sine (of quarter_turns pi / 2 + r + tail) for turned = 0, the cosine for 1. */
AZ_MATH REAL FN(sine_of_parts)(WORD quarter_turns, REAL r, REAL tail)
{
    const REAL z = r * r, half = PICK(0.5f, 0.5) * z;
    const REAL sine = r + FMA(r * z, POLY(z, PICK(SIN_F32, SIN_F64)), FMA(-half, tail, tail));
    const REAL w = 1 - half;
    const REAL cosine = w + (((1 - w) - half) + FMA(z * z, POLY(z, PICK(COS_F32, COS_F64)), -r * tail));
    const REAL value = quarter_turns & 1 ? cosine : sine;
    return FN(from_bits)(FN(to_bits)(value) ^ ((quarter_turns & 2) << (DIGITS + (BIAS > 127 ? 10 : 7))));
}

/* sin(x + turned pi / 2) for |x| <= AZ_MODERATE_ANGLE. */
AZ_MATH REAL FN(sine_moderate)(REAL x, WORD turned)
{
    const REAL shifted = FMA(x, PICK(0x1.45f306p-1f, 0x1.45f306dc9c883p-1), LARGE), n = shifted - LARGE;
    const REAL first = FMA(-n, PICK(0x1.921fb6p0f, 0x1.921fb54442d18p0), x);
    const REAL middle = PICK(-0x1.777a5cp-25f, 0x1.1a62633145c07p-54), product = n * middle;
    const REAL product_lost = FMA(n, middle, -product);
    const REAL r = first - product, taken = first - r;
    const REAL lost = (first - (r + taken)) + (taken - product);
    return FN(sine_of_parts)(FN(to_bits)(shifted) + turned, r,
                             FMA(-n, PICK(-0x1.ee59dap-50f, -0x1.f1976b7ed8fbcp-110), lost - product_lost));
}

/* What loops over arrays call where every |x| is moderate: no branch, the same bits as the functions below. */
AZ_MATH REAL FN(sin_moderate)(REAL x)
{
    return x == 0 ? x : FN(sine_moderate)(x, 0);
}

AZ_MATH REAL FN(cos_moderate)(REAL x)
{
    return FN(sine_moderate)(x, 1);
}

AZ_MATH int FN(is_moderate_angle)(REAL x)
{
    return FABS(x) <= PICK(AZ_MODERATE_ANGLE_F32, AZ_MODERATE_ANGLE_F64);
}

AZ_MATH int FN(all_moderate)(const REAL *x, int64_t n)
{
    WORD others = 0;
    for (int64_t i = 0; i < n; i++) others += FN(is_moderate_angle)(x[i]) ? 0 : 1;
    return others == 0;
}

/* The angle of the point (x, y) with the x axis: atan of the smaller coordinate's ratio q to the larger, and the angle
 * is m pi / 4 +- atan(q).  Where q > tan(pi / 8), atan(q) = pi / 4 + atan((a - b) / (a + b)). */
AZ_MATH REAL FN(atan2)(REAL y, REAL x)
{
    const REAL infinity = PICK(__builtin_inff(), __builtin_inf());
    const REAL x_size = FABS(x), y_size = FABS(y);
    const int steep = y_size > x_size;
    const REAL larger = steep ? y_size : x_size, smaller = steep ? x_size : y_size;
    /* Away from overflow, and from underflow in the remainder of the quotient; two infinities stand for equal numbers.
     */
    const REAL factor = larger > PICK(0x1p100f, 0x1p1000) ? PICK(0x1p-30f, 0x1p-200)
                        : larger < PICK(0x1p20f, 0x1p400) ? PICK(0x1p60f, 0x1p300)
                                                          : 1;
    const REAL largest = PICK(0x1.fffffep127f, 0x1.fffffffffffffp1023);
    const REAL scaled = (larger > largest ? largest : larger) * factor, b = scaled > 0 ? scaled : 1;
    const REAL a = smaller == infinity ? b : smaller * (larger == infinity ? 0 : factor);
    const int wide = a > PICK(0x1.a8279ap-2f, 0x1.a827999fcef32p-2) * b;
    const REAL difference = a - b, sum = a + b;
    const REAL n = wide ? difference : a, n_low = wide ? a - (difference + b) : 0;
    const REAL d = wide ? sum : b, d_low = wide ? a - (sum - b) : 0;
    const REAL reciprocal = 1 / d, q = n * reciprocal;
    const REAL q_low = (FMA(-q, d, n) + FMA(-q, d_low, n_low)) * reciprocal;
    const REAL z = q * q, tail = FMA(q * z, POLY(z, PICK(ATAN_F32, ATAN_F64)), q_low);
    REAL m = wide ? 1 : 0, sign = 1;
    m = steep ? 2 - m : m;
    sign = steep ? -sign : sign;
    const int left = COPYSIGN(1, x) < 0;
    m = left ? 4 - m : m;
    sign = left ? -sign : sign;
    const REAL quarter = PICK(0x1.921fb6p-1f, 0x1.921fb54442d18p-1), base = m * quarter;
    const REAL base_low = FMA(m, quarter, -base) + m * PICK(-0x1.777a5cp-26f, 0x1.1a62633145c07p-55);
    const REAL signed_q = sign * q, head = base + signed_q, lost = (base - head) + signed_q;
    const REAL value = COPYSIGN(head + (lost + FMA(sign, tail, base_low)), y);
    return x != x ? x : y != y ? y : value;
}

#if AZ_MATH_BITS == 64
__attribute__((noinline, cold, unused)) static double az_sine_large(double x, uint64_t turned)
{
    if (!(__builtin_fabs(x) < __builtin_inf())) return x - x;
    const az_reduced_angle a = az_reduce_large_angle(x);
    return az_sine_of_parts_f64(a.quarter_turns + turned, a.angle, a.tail);
}

AZ_MATH double az_sin_f64(double x)
{
    return az_is_moderate_angle_f64(x) ? az_sin_moderate_f64(x) : az_sine_large(x, 0);
}

AZ_MATH double az_cos_f64(double x)
{
    return az_is_moderate_angle_f64(x) ? az_cos_moderate_f64(x) : az_sine_large(x, 1);
}

AZ_MATH float az_sin_f32(float x)
{
    return az_is_moderate_angle_f32(x) ? az_sin_moderate_f32(x) : (float)az_sin_f64((double)x);
}

AZ_MATH float az_cos_f32(float x)
{
    return az_is_moderate_angle_f32(x) ? az_cos_moderate_f32(x) : (float)az_cos_f64((double)x);
}
#endif
