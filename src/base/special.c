/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/special.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* lgamma sets the global signgam; the reentrant form does not. */
static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

/* ln Gamma(x) - [(x - 1/2) ln x - x + ln(2 pi) / 2] for x >= 10 (Abramowitz and Stegun 6.1.41). */
static double stirling_rest(double x)
{
    double z = 1.0 / (x * x);
    return (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * 691.0 / 360360))))) /
           x;
}

/* ln B(a, b).  With a large the logarithms of the gamma functions agree in most of their digits; their difference is
 * taken in Stirling's formula, by hand. */
static double log_beta(double a, double b)
{
    if (a < b) {
        double swap = a;
        a = b;
        b = swap;
    }
    if (a < 10.0) return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
    double rest = stirling_rest(a) - stirling_rest(a + b);
    if (b < 10.0) return log_gamma(b) + rest + b - (a - 0.5) * log1p(b / a) - b * log(a + b);
    return rest + stirling_rest(b) + 0.5 * log(2.0 * M_PI / b) - (a - 0.5) * log1p(b / a) - b * log1p(a / b);
}

/* The contracted continued fraction of the incomplete beta function (Didonato and Morris, ACM TOMS 18, 360 (1992),
 * eq. 9) by the modified Lentz method.  lambda = a - (a + b) x is given apart: for large a it is what is left of
 * numbers that nearly cancel. */
static double beta_fraction(double a, double b, double x, double y, double lambda)
{
    double fraction = a / (a + 1.0) * (lambda + 1.0), c = fraction, d = 0.0;
    for (int n = 1; n <= 100000; n++) {
        double m = n, middle = a + 2.0 * m - 1.0;
        double numerator = (a + m - 1.0) / middle * ((a + b + m - 1.0) / middle) * m * (b - m) * x * x;
        double term = m + m * (b - m) * x / middle + (a + m) / (middle + 2.0) * (lambda + 1.0 + m * (1.0 + y));
        d = 1.0 / (term + numerator * d);
        c = term + numerator / c;
        double factor = c * d;
        fraction *= factor;
        if (fabs(factor - 1.0) < DBL_EPSILON) break;
    }
    return 1.0 / fraction;
}

/* I_x(a, b) with y = 1 - x given apart: near 1 the complement holds the digits. */
static double incomplete_beta(double a, double b, double x, double y)
{
    if (isnan(a) || isnan(b) || isnan(x)) return NAN;
    if (x <= 0.0) return 0.0;
    if (y <= 0.0) return 1.0;
    double log_x = x < 0.5 ? log(x) : log1p(-y), log_y = y < 0.5 ? log(y) : log1p(-x);
    double front = exp(a * log_x + b * log_y - log_beta(a, b));
    double lambda = y < 0.5 ? (a + b) * y - b : a - (a + b) * x;
    if (lambda > 0.0) return front * beta_fraction(a, b, x, y, lambda);
    return 1.0 - front * beta_fraction(b, a, y, x, -lambda);
}

/* Q(a, x), the regularised upper incomplete gamma function: series below x = a + 1, continued fraction above
 * (DLMF 8.11.4 and 8.9.2). */
static double upper_gamma(double a, double x)
{
    if (isnan(a) || isnan(x)) return NAN;
    if (x <= 0.0) return 1.0;
    if (isinf(x)) return 0.0;
    /* x^a e^-x / Gamma(a); for large a written about its peak, where a ln x, x and ln Gamma(a) nearly cancel. */
    double front;
    if (a < 10.0) {
        front = exp(a * log(x) - x - log_gamma(a));
    } else {
        double off = (x - a) / a;
        front = sqrt(a / (2.0 * M_PI)) * exp(a * (log1p(off) - off) - stirling_rest(a));
    }
    if (x < a + 1.0) {
        double term = 1.0 / a, sum = term;
        for (int n = 1; n < 100000 && term > sum * DBL_EPSILON / 4; n++) {
            term *= x / (a + n);
            sum += term;
        }
        return 1.0 - front * sum;
    }
    double b = x + 1.0 - a, c = 1e300, d = 1.0 / b, fraction = d;
    for (int n = 1; n < 100000; n++) {
        double numerator = -n * (n - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        double factor = d * c;
        fraction *= factor;
        if (fabs(factor - 1.0) < DBL_EPSILON) break;
    }
    return front * fraction;
}

double az_student_two_sided(double t, double dof)
{
    if (isnan(t) || isnan(dof) || dof <= 0.0) return NAN;
    t = fabs(t);
    if (isinf(dof)) return erfc(t / M_SQRT2);
    if (isinf(t)) return 0.0;
    /* nu / (nu + t^2) and its complement; t^2 may overflow, then the tail is that of t^-nu. */
    double ratio = t / dof * t;
    return incomplete_beta(0.5 * dof, 0.5, 1.0 / (1.0 + ratio), isinf(ratio) ? 1.0 : ratio / (1.0 + ratio));
}

/* P(|T| < t): keeps its digits where the tails hold nearly all. */
static double student_central(double t, double dof)
{
    if (isinf(dof)) return erf(t / M_SQRT2);
    double ratio = t / dof * t;
    return incomplete_beta(0.5, 0.5 * dof, ratio / (1.0 + ratio), 1.0 / (1.0 + ratio));
}

double az_student_quantile(double probability, double dof)
{
    if (!(probability >= 0.0 && probability <= 1.0) || !(dof > 0.0)) return NAN;
    double tail = probability < 0.5 ? probability : 1.0 - probability;
    if (tail <= 0.0) return probability < 0.5 ? -INFINITY : INFINITY;
    if (tail == 0.5) return 0.0;
    /* Bisection on the tail, or on the central part where that is the smaller: each is monotonic and known to nearly
     * full relative accuracy, which bisection turns into as many digits of t. */
    bool central = tail > 0.25;
    double target = central ? 1.0 - 2.0 * tail : 2.0 * tail;
    double lower = 0.0, upper = 1.0;
    while (upper < DBL_MAX / 4 && az_student_two_sided(upper, dof) > 2.0 * tail) {
        lower = upper;
        upper *= 2.0;
    }
    for (int i = 0; i < 1100; i++) {
        double middle = 0.5 * (lower + upper);
        if (middle <= lower || middle >= upper) break;
        bool beyond = central ? student_central(middle, dof) > target : az_student_two_sided(middle, dof) < target;
        if (beyond)
            upper = middle;
        else
            lower = middle;
    }
    double t = 0.5 * (lower + upper);
    return probability < 0.5 ? -t : t;
}

double az_f_survival(double f, double dof1, double dof2)
{
    if (isnan(f) || !(dof1 > 0.0) || !(dof2 > 0.0)) return NAN;
    if (f <= 0.0) return 1.0;
    if (isinf(f)) return 0.0;
    if (isinf(dof2)) return az_chi2_survival(f * dof1, dof1);
    double ratio = dof1 / dof2 * f;
    return incomplete_beta(0.5 * dof2, 0.5 * dof1, 1.0 / (1.0 + ratio), isinf(ratio) ? 1.0 : ratio / (1.0 + ratio));
}

double az_chi2_survival(double x, double dof)
{
    if (isnan(x) || !(dof > 0.0)) return NAN;
    return upper_gamma(0.5 * dof, 0.5 * x);
}
