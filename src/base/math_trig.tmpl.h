/* SPDX-License-Identifier: BSD-3-Clause */
/* sin and cos: x = n pi / 2 + r + tail; both polynomials of r, of which n takes one and its sign.  The kernels are the
 * forms of FDLIBM's k_sin.c and k_cos.c (Sun Microsystems, 1993), with minimax polynomials
 * (tests/base/reference/math.sollya).
 *
 * Moderate angles, |x| <= AZ_MODERATE_ANGLE: pi / 2 is taken away in three parts (Cody and Waite).  With fused
 * multiply-adds the first difference is exact as in base/math_exp.tmpl.h; the second is kept as a sum of two numbers.
 */

#ifndef SIN_F64
#define SIN_F32 -0x1.555556p-3f, 0x1.11116p-7f, -0x1.a0433p-13f, 0x1.7653c8p-19f
#define SIN_F64                                                                                                        \
    -0x1.5555555555544p-3, 0x1.111111110f08ap-7, -0x1.a01a019b0b493p-13, 0x1.71de348f776bap-19,                        \
        -0x1.ae5dade73997bp-26, 0x1.5d5d1c0f049c5p-33
#define COS_F32 0x1.555548p-5f, -0x1.6c0af6p-10f, 0x1.9991a6p-16f
#define COS_F64                                                                                                        \
    0x1.5555555555548p-5, -0x1.6c16c16c1492bp-10, 0x1.a01a019bda488p-16, -0x1.27e4f76a584fdp-22,                       \
        0x1.1ee97d773b38ap-29, -0x1.8f74b1980a666p-37
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
