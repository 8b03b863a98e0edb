# SPDX-License-Identifier: BSD-3-Clause
"""The polynomials of src/base/math_*.tmpl.h:

    python3 tests/base/reference/math_coefficients.py > src/base/math_coefficients.h

(Debian: python3-mpmath.)  Each is the weighted least-squares fit on 16 n Chebyshev points, whose greatest error is near
the least one possible.  The lowest coefficient is rounded to float or double, the others are fitted again to what is
left, and so on, so that rounding costs little.  The greatest error of the rounded polynomial stands beside it.

Tables (src/base/math_table.tmpl.h) have a polynomial for each of 16 intervals."""
import mpmath
from mpmath import atan, cos, digamma, erf, erfc, exp, log, loggamma, mp, mpf, pi, sin, sqrt, tan

mp.prec = 400


def least_squares(values, weights, points, first, n):
    """n coefficients, of x^first upwards, with the least sum of (error weight)^2 over the points."""
    rows = [[x ** (first + k) * w for k in range(n)] for x, w in zip(points, weights)]
    a = mpmath.matrix(n, n)
    b = mpmath.matrix(n, 1)
    for i in range(n):
        for j in range(n):
            a[i, j] = mpmath.fsum(row[i] * row[j] for row in rows)
        b[i] = mpmath.fsum(row[i] * v * w for row, v, w in zip(rows, values, weights))
    return mpmath.lu_solve(a, b)


def fit(name, f, n, low, high, first=0, weight=lambda x: mpf(1)):
    """One #define: n coefficients of f(x) / x^first on [low, high]."""
    single = name.endswith("F32")
    low, high = mpf(low), mpf(high)
    count = 16 * (n + 1)
    points = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / count) for i in range(count + 1)]
    values, weights = [f(x) for x in points], [weight(x) for x in points]
    rest, kept = values, []
    for k in range(n):
        coefficient = least_squares(rest, weights, points, first + k, n - k)[0]
        with mpmath.workprec(24 if single else 53):
            coefficient = +coefficient
        kept.append(coefficient)
        rest = [v - coefficient * x ** (first + k) for v, x in zip(rest, points)]
    worst = max(abs(r * w) for r, w in zip(rest, weights))
    text = [float(c).hex().replace("0000000p", "p") + ("f" if single else "") for c in kept]
    print(f"/* error 2^{float(log(worst, 2)):.1f} */")
    print(f"#define {name} {', '.join(text)}")


def rounded(x, digits):
    with mp.workprec(digits):
        return +x


def value_near(f, low, high, digits):
    """The point nearest to the middle of the interval where f is a number to 8 digits more, or the best, and this number."""
    n, best = 1500, None
    for i in range(2 * n):
        with mp.workprec(120):
            x = rounded((low + high) / 2 + (high - low) / (2 * n) * (i // 2) * (1 if i % 2 else -1), digits)
            value = f(x)
            error = abs(value - rounded(value, digits)) / value
            if best is None or error < best[0]:
                best = error, x, rounded(value, digits)
            if error < mpf(2) ** -(digits + 8):
                break
    return best[1:]


def table(name, f, n, scale, highest, odd=False):
    """One #define: rows of 16 numbers, the points c of the intervals, f(c), and n coefficients of (f(c + t) - f(c)) / t;
    for an odd f, in the interval that begins at 0, of (f(t) - t) / t.  Interval i is where i are the last four
    bits of exponent and first two digits of 1 + scale x, together.  In double there is a second #define, by interval."""
    digits, suffix = (24, "f") if name.endswith("F32") else (53, "")
    columns, worst = [[mpf(0)] * (n + 2)] * 16, mpf(0)
    ends = [(mpf(2) ** (i // 4) * (1 + mpf(i % 4) / 4) - 1) / scale for i in range(17)]
    for i in range(16):
        low, high = ends[i], min(ends[i + 1], mpf(highest))
        if low >= high:
            break
        from_0 = odd and i == 0
        centre, value = (mpf(0), mpf(0)) if from_0 else value_near(f, low, high, digits)
        count = 12 * (n + 2)
        points = [(low + high) / 2 - centre - (high - low) / 2 * cos(pi * k / count) for k in range(count + 1)]
        points = [t for t in points if t] if from_0 else points
        rest = [f(t) / t - 1 if from_0 else f(centre + t) - value for t in points]
        column = [centre, value]
        for power in range(0 if from_0 else 1, n if from_0 else n + 1):
            size = n - power if from_0 else n + 1 - power
            coefficient = rounded(least_squares(rest, [mpf(1)] * len(points), points, power, size)[0], digits)
            column.append(coefficient)
            rest = [v - coefficient * t**power for v, t in zip(rest, points)]
        worst = max(worst, max(abs(r) for r in rest) / (1 if from_0 else f(low)))
        columns[(i + 12) % 16] = column
    print(f"/* error 2^{float(log(worst, 2)):.1f} */")
    numbers = [[float(v).hex().replace("0000000p", "p") + suffix for v in c] for c in columns]
    print(f"#define {name} {', '.join(c[k] for k in range(n + 2) for c in numbers)}")
    if digits == 53:
        print(f"#define {name}_BY_PIECE {', '.join(v for c in numbers for v in c)}")


def title(text):
    print(f"\n/* {text} */")


print("""/* SPDX-License-Identifier: BSD-3-Clause */
/* The polynomials of base/math.h, made by tests/base/reference/math_coefficients.py. */
#ifndef AZ_BASE_MATH_COEFFICIENTS_H
#define AZ_BASE_MATH_COEFFICIENTS_H""")

title("exp(x) = 1 + x + x^2 / 2 + x^3 P(x), |x| <= log(2) / 2; the error is relative to expm1(x)")
half = log(2) / 2 * mpf("1.002")
rest = lambda x: mpmath.nsum(lambda k: x ** int(k - 1) / mpmath.factorial(k), [3, 40])
fit("EXP_F32", rest, 5, -half, half, 2)
fit("EXP_F64", rest, 10, -half, half, 2)

title("log((1 + s) / (1 - s)) = 2 s + s z P(z), z = s^2, (1 + s) / (1 - s) from sqrt(1/2) to sqrt(2); relative to s")
square = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.003")
rest = lambda z: mpmath.nsum(lambda k: 2 * z ** int(k) / (2 * k + 1), [1, 60])
fit("LOG_F32", rest, 3, 0, square, 1)
fit("LOG_F64", rest, 7, 0, square, 1)

title("the same for pow: log((1 + s) / (1 - s)) = 2 s + s z (2/3 + z P(z)); relative to s")
rest = lambda z: mpmath.nsum(lambda k: 2 * z ** int(k) / (2 * k + 1), [2, 60])
fit("POW_LOG_F64", rest, 8, 0, square, 2)

title("sin(x) = x + x z P(z), z = x^2, |x| <= pi / 4; relative to x")
quarter = (pi / 4 * mpf("1.03")) ** 2
rest = lambda z: mpmath.nsum(lambda k: (-z) ** int(k) / mpmath.factorial(2 * k + 1), [1, 25])
fit("SIN_F32", rest, 4, 0, quarter, 1)
fit("SIN_F64", rest, 6, 0, quarter, 1)

title("cos(x) = 1 - z / 2 + z^2 P(z)")
rest = lambda z: mpmath.nsum(lambda k: (-z) ** int(k) / mpmath.factorial(2 * k), [2, 25])
fit("COS_F32", rest, 3, 0, quarter, 2)
fit("COS_F64", rest, 6, 0, quarter, 2)

title("atan(x) = x + x z P(z), z = x^2, |x| <= tan(pi / 8); relative to x")
rest = lambda z: mpmath.nsum(lambda k: (-z) ** int(k) / (2 * k + 1), [1, 90])
fit("ATAN_F32", rest, 5, 0, tan(pi / 8) ** 2 * mpf("1.001"), 1)
fit("ATAN_F64", rest, 11, 0, tan(pi / 8) ** 2 * mpf("1.001"), 1)

title("erf(x) = x + x P(x^2), |x| <= 0.65; relative to x")
rest = lambda z: erf(sqrt(z)) / sqrt(z) - 1 if z else 2 / sqrt(pi) - 1
fit("ERF_F32", rest, 6, 0, mpf("0.4226"))
fit("ERF_F64", rest, 10, 0, mpf("0.4226"))

title("exp(x^2) erfc(x) = w P(w - 5 / 32), w = 1 / (x + 3), x >= 0.65, to where erfc(x) is less than any number; relative")
shift = mpf("0.15625")
rest = lambda t: exp((1 / (t + shift) - 3) ** 2) * erfc(1 / (t + shift) - 3) / (t + shift)
fit("ERFC_F32", rest, 9, 1 / mpf("13.2") - shift, 1 / mpf("3.6499") - shift, 0, lambda t: 1 / rest(t))
fit("ERFC_F64", rest, 21, 1 / mpf("30.3") - shift, 1 / mpf("3.6499") - shift, 0, lambda t: 1 / rest(t))

title("log(Gamma(2 + t)) = t (1 - Euler's constant) + t^2 P(t), |t| <= 1/2; relative to t")
rest = lambda t: (loggamma(2 + t) / t - (1 - mp.euler)) if abs(t) > 1e-60 else mpf(0)
fit("LGAMMA_F64", rest, 17, -0.5, 0.5, 1)

title("log(Gamma(x)) = (x - 1/2) log(x) - x + log(2 pi) / 2 + P(1 / x^2) / x, x >= 6.5; relative to 1 / x")
root = lambda v: 1 / sqrt(v)
rest = lambda v: (loggamma(root(v)) - (root(v) - 0.5) * log(root(v)) + root(v) - log(2 * pi) / 2) * root(v)
fit("STIRLING_F64", rest, 7, mpf("1e-12"), 1 / mpf("6.499") ** 2)

title("digamma(x) = (x - its zero) P(x - 3/2), 1 <= x <= 2")
zero = mpmath.findroot(digamma, 1.46)
rest = lambda t: digamma(t + 1.5) / (t + 1.5 - zero)
fit("DIGAMMA_F64", rest, 22, -0.5, 0.5)

title("digamma(x) = log(x) - 1 / (2 x) - P(1 / x^2) / x^2, x >= 7; relative to 1 / x^2")
rest = lambda v: (log(root(v)) - digamma(root(v)) - 1 / (2 * root(v))) / v
fit("DIGAMMA_LARGE_F64", rest, 7, mpf("1e-12"), mpf(1) / 49)

title("the functions in pieces, each by 1 + a multiple of |x|; the error is relative")
table("TANH_F32", mpmath.tanh, 6, mpf(61) / 64, 9.1, odd=True)
table("TANH_F64", mpmath.tanh, 14, mpf(5) / 8, 19.1, odd=True)
table("ERF_TABLE_F32", erf, 6, mpf(5) / 2, 3.95, odd=True)
table("ERF_TABLE_F64", erf, 14, mpf(5) / 4, 6, odd=True)
softplus = lambda x: mpmath.log1p(exp(-x)) * exp(x)
table("SOFTPLUS_F32", softplus, 6, mpf(9) / 16, 23)
table("SOFTPLUS_F64", softplus, 14, mpf(5) / 16, 45)
tail = lambda x: exp(x * x / 2) * erfc(x / sqrt(2)) / 2
table("NORMAL_F32", tail, 6, mpf(1), 14.5)
table("NORMAL_F64", tail, 14, mpf(3) / 8, 38.75)

print("\n#endif")
