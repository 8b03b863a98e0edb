/* SPDX-License-Identifier: BSD-3-Clause */
/* pow(x, y) = exp(y log |x|), the logarithm being a sum of two doubles good to 65 binary digits, with the sign that an
 * odd y gives to a negative x.  Float: the same of one double, which has 29 binary digits to spare. */
#ifndef AZ_BASE_MATH_POW_H
#define AZ_BASE_MATH_POW_H

/* log(x) = 2^k m as in base/math_log.tmpl.h, but s = f / (2 + f) and s z (2/3 + ...) are sums of two numbers. */
AZ_MATH az_sum_f64 az_log_long_f64(double x)
{
    const int subnormal = x < 0x1p-1022;
    const double normal = subnormal ? x * 0x1p52 : x;
    const uint64_t moved = az_to_bits_f64(normal) - UINT64_C(0x3fe6a09e667f3bcd) + (UINT64_C(1023) << 52);
    const double k =
        az_from_bits_f64((moved >> 52) | az_to_bits_f64(0x1p52)) - (subnormal ? 0x1p52 + 1023 + 52 : 0x1p52 + 1023);
    const double f = az_log_fraction_f64(moved), d = 2 + f, d_low = (2 - d) + f, reciprocal = 1 / d;
    const double s = f * reciprocal, s_low = FMA(-s, d_low, FMA(-s, d, f)) * reciprocal;
    const double z = s * s, z_low = FMA(2 * s, s_low, FMA(s, s, -z));
    const double series = z * POLY(z, POW_LOG_F64);
    const double third = 0x1.5555555555555p-1 + series;
    const double third_low = ((0x1.5555555555555p-1 - third) + series) + 0x1.5555555555555p-55;
    const double cube = s * z, cube_low = FMA(s_low, z, FMA(s, z_low, FMA(s, z, -cube)));
    const double rest = cube * third, rest_low = FMA(cube_low, third, FMA(cube, third_low, FMA(cube, third, -rest)));
    /* k log 2 + 2 s + rest, the largest first. */
    const double high = k * 0x1.62e42fefap-1, low = k * 0x1.cf79abc9e3b3ap-40;
    const double low_lost = FMA(k, 0x1.cf79abc9e3b3ap-40, -low);
    const double twice = 2 * s, one = high + twice, one_lost = (high - one) + twice;
    const double small = low + rest, small_part = small - low;
    const double small_lost = (low - (small - small_part)) + (rest - small_part);
    const double two = one + small, two_part = two - one, two_lost = (one - (two - two_part)) + (small - two_part);
    const double tail = two_lost + (one_lost + (small_lost + (low_lost + (rest_low + 2 * s_low))));
    const double head = two + tail;
    return (az_sum_f64){head, (two - head) + tail};
}

/* 2: y is even, 1: odd, 0: no whole number. */
AZ_MATH double az_parity_f64(double y)
{
    const double size = __builtin_fabs(y), half = 0.5 * size;
    const double whole = (size + 0x1p52) - 0x1p52, half_whole = (half + 0x1p52) - 0x1p52;
    const double even_or_odd = half_whole == half ? 2 : 1, below = whole == size ? even_or_odd : 0;
    return size >= 0x1p53 ? 2 : size >= 0x1p52 ? even_or_odd : below;
}

/* What IEEE 754 says of pow where x or y is 0, infinite or NaN, or x negative; value is |x|^y elsewhere. */
AZ_MATH double az_pow_cases_f64(double x, double y, double value)
{
    const double parity = az_parity_f64(y), nan = __builtin_nan("");
    const double sign = parity == 1 ? COPYSIGN(1, x) : 1;
    const double below = parity == 0 ? nan : 1, finite = x > -__builtin_inf() ? below : 1;
    const double defined = value * sign * (x < 0 ? finite : 1);
    const double known = x != x ? x : y != y ? y : defined, not_one = x == 1 ? 1 : known;
    return y == 0 ? 1 : not_one;
}

AZ_MATH double az_pow_f64(double x, double y)
{
    const double infinity = __builtin_inf(), size = __builtin_fabs(x);
    const az_sum_f64 l = az_log_long_f64(size);
    const double head = size == 0 ? -infinity : size < infinity ? l.head : infinity;
    const double power = size == 1 ? 0 : y, product = power * head; /* 1 to an infinite power is 1 */
    const double inside = product > 720 ? 720 : product < -760 ? -760 : product;
    const double low = inside == product ? FMA(power, l.tail, FMA(power, head, -product)) : 0;
    const double highest = 709.875, most = inside > highest ? highest : inside;
    const double value = az_exp_times_f64(most, -low, 1, 0);
    return az_pow_cases_f64(x, y, value);
}

AZ_MATH float az_pow_f32(float x, float y)
{
    const double infinity = __builtin_inf(), wide = (double)x, size = __builtin_fabs(wide), exponent = (double)y;
    const az_sum_f64 l = az_log_positive_f64(size);
    const double head = size == 0 ? -infinity : size < infinity ? l.head + l.tail : infinity;
    const double product = size == 1 ? 0 : exponent * head;
    return (float)az_pow_cases_f64(wide, exponent, az_exp_f64(product));
}

#endif
