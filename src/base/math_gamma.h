/* SPDX-License-Identifier: BSD-3-Clause */
/* lgamma and digamma of real arguments, in double; the float ones are these, rounded.
 *
 * Both: for large x Stirling's series (its first terms refitted, so that it is good from x = 6.5 and 7 on); below, the
 * recurrence leads to an interval of length 1 with a polynomial; for x < 0 the reflection formula (Abramowitz and
 * Stegun, 6.1.17 and 6.3.7).  Beside their zeros at positive x both keep their digits; beside those at negative x the
 * error is small against 1, not against the value. */
#ifndef AZ_BASE_MATH_GAMMA_H
#define AZ_BASE_MATH_GAMMA_H

/* log |Gamma(x)| for x > -1/2.  Between 1/2 and 6.5 it is log(Gamma(2 + t)) with |t| <= 1/2, plus the logarithm of a
 * product, minus it for x < 3/2. */
AZ_MATH double az_lgamma_right_f64(double x)
{
    const double steps =
        x < 2.5 ? 0 : ((x - 2) + LARGE) - LARGE; /* Gamma(x) = (x - 1) ... (x - steps) Gamma(x - steps) */
    double product = 1;
    product *= steps >= 1 ? x - 1 : 1;
    product *= steps >= 2 ? x - 2 : 1;
    product *= steps >= 3 ? x - 3 : 1;
    product *= steps >= 4 ? x - 4 : 1;
    const double below = x < 0.5 ? x * (x + 1) : x; /* Gamma(x) = Gamma(x + 2) / (x (x + 1)) */
    const double t = x < 0.5 ? x : x < 1.5 ? x - 1 : (x - 2) - steps;
    const int large = x >= 6.5;
    const double argument = large ? x : x < 1.5 ? __builtin_fabs(below) : product;
    const az_sum_f64 l = az_log_positive_f64(argument);
    const double sign = x < 1.5 ? -1 : 1;
    /* log(Gamma(2 + t)) = t ((1 - Euler's constant) + t P(t)) to more digits than a double has: terms may cancel. */
    const double inside = large ? 0 : t, slope = 0x1.b0ee6072093cep-2, first = inside * slope;
    const double rest =
        FMA(inside, slope, -first) + inside * (0x1.6cb90701fbfabp-58 + inside * POLY(inside, LGAMMA_F64));
    const double head = sign * l.head, middle = head + first, part = middle - head;
    const double small = middle + (((head - (middle - part)) + (first - part)) + (rest + sign * l.tail));
    /* (x - 1/2) (log(x) - 1) - 1/2 + log(2 pi) / 2 + ... */
    const double inverse = 1 / x, z = inverse * inverse, series = inverse * POLY(z, STIRLING_F64);
    const double factor = x - 0.5, reduced = l.head - 1, reduced_low = ((l.head - reduced) - 1) + l.tail;
    const double main = factor * reduced;
    const double main_low = FMA(factor, reduced_low, FMA(factor, reduced, -main));
    /* Where the product overflows, what it loses is no number. */
    const double big = main + (main < __builtin_inf() ? 0x1.acfe390c97d6ap-2 + (series + main_low) : 0);
    return large ? big : small;
}

/* pi t / 2 as a sum of two numbers, |t| <= 1/2. */
AZ_MATH az_sum_f64 az_half_pi_times_f64(double t)
{
    const double product = t * 0x1.921fb54442d18p0;
    return (az_sum_f64){product, FMA(t, 0x1.1a62633145c07p-54, FMA(t, 0x1.921fb54442d18p0, -product))};
}

/* 2 x modulo 4, between -2 and 2, for x >= 0.  Numbers from 2^52 on are whole: their sine is 0, whichever it is. */
AZ_MATH double az_twice_modulo_4_f64(double x)
{
    const double half = 0.5 * x, whole = (half + 0x1p52) - 0x1p52, rest = x - (whole + whole);
    return x < 0x1p52 ? rest + rest : 0;
}

AZ_MATH double az_lgamma_f64(double x)
{
    const double infinity = __builtin_inf(), size = __builtin_fabs(x);
    const int reflected = x < -0.5;
    const double right = az_lgamma_right_f64(reflected ? size : x);
    /* Gamma(x) Gamma(-x) = -pi / (x sin(pi x)). */
    const double twice = az_twice_modulo_4_f64(size), shifted = twice + LARGE;
    const az_sum_f64 angle = az_half_pi_times_f64(twice - (shifted - LARGE));
    const double sine = __builtin_fabs(az_sine_of_parts_f64(az_to_bits_f64(shifted), angle.head, angle.tail));
    const double divisor = size * sine;
    const az_sum_f64 l = az_log_positive_f64(divisor > 0 ? divisor : 1);
    const double left = ((0x1.250d048e7a1bdp0 - l.head) - right) - l.tail;
    const double value = reflected ? divisor > 0 ? left : infinity : right;
    return size == infinity || x == 0 ? infinity : value;
}

/* digamma(x) for x > 0. */
AZ_MATH double az_digamma_right_f64(double x)
{
    const int large = x >= 7;
    /* digamma(x) = digamma(x - n) + 1 / (x - 1) + ... + 1 / (x - n), the sum as one fraction. */
    const double inside = large ? 1.5 : x;
    const int below = inside < 1;
    double numerator = 0, denominator = 1, t = below ? inside + 1 : inside;
#define STEP(n)                                                                                                        \
    {                                                                                                                  \
        const int taken = inside >= n + 1;                                                                             \
        const double factor = inside - n, next = FMA(numerator, factor, denominator);                                  \
        numerator = taken ? next : numerator;                                                                          \
        denominator = taken ? denominator * factor : denominator;                                                      \
        t = taken ? factor : t;                                                                                        \
    }
    STEP(1)
    STEP(2)
    STEP(3)
    STEP(4)
    STEP(5)
#undef STEP
    const double top = below ? -1 : numerator, bottom = below ? x : denominator;
    const double near = ((t - 0x1.762d86356be3fp0) - 0x1.b86a722197829p-54) * POLY(t - 1.5, DIGAMMA_F64);
    const double small = near + top / bottom;
    const az_sum_f64 l = az_log_positive_f64(x);
    const double inverse = 1 / x, z = inverse * inverse;
    const double big = l.head + (FMA(-0.5, inverse, l.tail) - z * POLY(z, DIGAMMA_LARGE_F64));
    return large ? big : small;
}

AZ_MATH double az_digamma_f64(double x)
{
    const double infinity = __builtin_inf(), nan = __builtin_nan(""), size = __builtin_fabs(x);
    const int negative = x < 0;
    const double right = az_digamma_right_f64(negative ? 1 + size : size);
    /* digamma(-x) = digamma(1 + x) + pi cot(pi x) */
    const double twice = az_twice_modulo_4_f64(size), shifted = twice + LARGE;
    const az_sum_f64 angle = az_half_pi_times_f64(twice - (shifted - LARGE));
    const double sine = az_sine_of_parts_f64(az_to_bits_f64(shifted), angle.head, angle.tail);
    const double cosine = az_sine_of_parts_f64(az_to_bits_f64(shifted) + 1, angle.head, angle.tail);
    const double left = right + 0x1.921fb54442d18p1 * (cosine / sine);
    const double value = negative ? sine == 0 ? nan : left : right;
    return x == 0 ? -__builtin_copysign(infinity, x) : x == infinity ? x : x == -infinity ? nan : value;
}

AZ_MATH float az_lgamma_f32(float x)
{
    return (float)az_lgamma_f64((double)x);
}

AZ_MATH float az_digamma_f32(float x)
{
    return (float)az_digamma_f64((double)x);
}

#endif
