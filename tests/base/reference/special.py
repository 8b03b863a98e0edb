# SPDX-License-Identifier: BSD-3-Clause
"""The frozen values of tests/base/test_special.c, by scipy: python tests/base/reference/special.py"""
from scipy import stats, special

print("two_sided")
for t, nu in [(0.1, 1), (1.0, 1), (2.5, 3), (12.7, 4), (1.96, 30), (1e-3, 7), (5.0, 100), (3.0, 1e6), (40.0, 12), (300.0, 2)]:
    print(f"        {{{t!r}, {float(nu)!r}, {2 * float(stats.t.sf(t, nu))!r}}},")
print("quantile")
for p, nu in [(0.975, 1), (0.975, 5), (0.975, 30), (0.995, 12), (0.6, 3), (0.5001, 9), (0.025, 8), (0.9999999, 4), (0.975, 1e6)]:
    print(f"        {{{p!r}, {float(nu)!r}, {float(special.stdtrit(nu, p))!r}}},")
print("f_survival")
for f, a, b in [(1.0, 1, 1), (4.2, 2, 10), (330.285, 6, 9), (0.3, 5, 40), (1.1, 300, 500), (1.01, 50, 999949), (2.0, 8, 3)]:
    print(f"        {{{f!r}, {float(a)!r}, {float(b)!r}, {float(stats.f.sf(f, a, b))!r}}},")
print("chi2_survival")
for x, k in [(0.5, 1), (3.84, 1), (20.0, 5), (100.0, 100), (1030.0, 1000), (0.01, 3), (400.0, 12), (5.0, 10)]:
    print(f"        {{{x!r}, {float(k)!r}, {float(stats.chi2.sf(x, k))!r}}},")
