#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Polygamma functions by mpmath to 200 digits.

    python3 polygamma.py > polygamma.h        (mpmath 1.3)

Beside each value the larger one of the terms of the reflection formula, against which the error is small for x < 0."""
import mpmath
from mpmath import mpf

mpmath.mp.dps = 200
print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Written by polygamma.py: order, x, value, size. */")
print("static const double polygamma_values[][4] = {")
for order in (1, 2, 3, 4, 7, 12, 30, 60):
    for x in (1e-3, 0.017, 0.3, 1.0, 1.4616321449683623, 2.5, 7.0, 11.999, 12.0, 33.3, 71.5, 1e4,
              -1e-3, -0.25, -0.5, -0.9, -1.3, -2.75, -10.5, -40.01):
        value = mpmath.psi(order, mpf(x))
        size = max(abs(value), abs(mpmath.psi(order, 1 - mpf(x)))) if x < 0 else abs(value)
        if abs(value) < 1e300:
            print(f"    {{{order}, {x!r}, {float(value)!r}, {float(size)!r}}},")
print("};")
