# SPDX-License-Identifier: BSD-3-Clause
"""tests/formula/frozen_values.h: what Python makes of the same expressions, and the constants of CODATA 2022 by SciPy.

usage: python tests/formula/reference/values.py > tests/formula/frozen_values.h    (SciPy 1.15 or later: CODATA 2022)
"""
import math
import random

import numpy
import scipy
import scipy.constants

names = {"x": 2.385, "y": -0.71, "z": 3.0, "n": 7.0, "k": 0.125}

written = """
x+y*z
(x+y)*z
x-y-z
x-(y-z)
x/y/z
x/(y/z)
x/y*z
x*y/z
-x^2
(-x)^2
2^3^2
(2^3)^2
2^-x
-2^-2
x^-y^2
-x*-y
--x
-(-x)
+x
1-+-x
2*x^2+3*x-1
x^2^0.5
x-y+z
x*y-z/n
1e3*x
.5*x
2.5e-3/k
x<z
x<=x
x>z
x>=z
x==x
x!=x
x+y<z*k
not x<z
not x<z and y<z
x<z or y<z and z<k
(x<z or y<z) and z<k
not (x<z or z<k)
not not x<z
-x<y
x<z and -y>0
not -x
1 and 0 or 1
0 and 1 or 1
1 or 0 and 0
(x<z)+(y<z)
abs(y)+abs(x)
sqrt(x)*sqrt(z)
cbrt(n)
exp(-x/z)*cos(n*x+k)
log(x)+log10(x)+log2(x)
log1p(k)-log(1+k)
expm1(1e-9)
sin(x)^2+cos(x)^2
tan(k)
asin(k)+acos(k)
atan(x)
atan2(y,x)
atan2(-y,-x)
sinh(y)+cosh(y)
tanh(x*k)
asinh(x)
acosh(x)
atanh(k)
degrees(x)
radians(n)
floor(y)+ceil(y)
floor(x)*10+ceil(x)
round(2.5)+round(3.5)
round(-2.5)
trunc(y)
trunc(x)
sign(y)*sign(x)
hypot(3,4)
mod(-1,24)
mod(n,z)
mod(-n,z)
mod(n,-z)
mod(370.5,360)
erf(k)
erfc(x)
gamma(x)
log_gamma(n)
min(x,y,z)
max(x,y,z,n)
min(max(x,y),z)
where(x<z,x,y)
where(z<x,x,y)
pi*x^2
e^k
x*y*z*n*k
x-y*z/n^k
((((x))))
x*(y+z*(n-k*(x+1)))
"""


def sign(value):
    return (value > 0) - (value < 0)


functions = {
    "abs": abs, "sqrt": math.sqrt, "cbrt": numpy.cbrt, "exp": math.exp, "expm1": math.expm1, "log": math.log,
    "log10": math.log10, "log2": math.log2, "log1p": math.log1p, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "asin": math.asin, "acos": math.acos, "atan": math.atan, "atan2": math.atan2, "sinh": math.sinh,
    "cosh": math.cosh, "tanh": math.tanh, "asinh": math.asinh, "acosh": math.acosh, "atanh": math.atanh,
    "degrees": math.degrees, "radians": math.radians, "floor": math.floor, "ceil": math.ceil, "round": round,
    "trunc": math.trunc, "sign": sign, "hypot": math.hypot, "mod": lambda a, b: a % b, "erf": math.erf,
    "erfc": math.erfc, "gamma": math.gamma, "log_gamma": math.lgamma, "min": min, "max": max,
    "where": lambda condition, a, b: a if condition else b, "pi": math.pi, "e": math.e,
}


def value(expression):
    # Python's "and" and "or" give one of their operands: only 0, 1 and comparisons are written for them above.
    return float(eval(expression.replace("^", "**"), {"__builtins__": {}}, functions | names))


def random_expressions(n):
    """Operators without parentheses, where only precedence and associativity decide."""
    rng = random.Random(20)
    made = 0
    while made < n:
        words = [rng.choice(list(names))]
        for _ in range(rng.randint(2, 7)):
            words.append(rng.choice(["+", "-", "*", "/", "^", "+", "-", "*"]))
            words.append(rng.choice(["", "", "-"]) + rng.choice(list(names) + ["2", "0.5"]))
        expression = "".join(words)
        try:
            result = value(expression)
        except (TypeError, OverflowError, ZeroDivisionError):  # a complex power
            continue
        if 1e-6 < abs(result) < 1e6:
            made += 1
            yield expression


codata = {
    "c": "speed of light in vacuum", "h": "Planck constant", "hbar": "reduced Planck constant",
    "e": "elementary charge", "k_B": "Boltzmann constant", "N_A": "Avogadro constant", "R": "molar gas constant",
    "F": "Faraday constant", "sigma": "Stefan-Boltzmann constant", "b": "Wien wavelength displacement law constant",
    "eV": "electron volt", "g": "standard acceleration of gravity", "atm": "standard atmosphere",
    "G": "Newtonian constant of gravitation", "epsilon_0": "vacuum electric permittivity",
    "mu_0": "vacuum mag. permeability", "alpha": "fine-structure constant", "a_0": "Bohr radius",
    "R_inf": "Rydberg constant", "mu_B": "Bohr magneton", "m_e": "electron mass", "m_p": "proton mass",
    "m_n": "neutron mass", "m_u": "atomic mass constant",
}

print("/* SPDX-License-Identifier: BSD-3-Clause */")
print(f"/* Made by tests/formula/reference/values.py with SciPy {scipy.__version__}; not to be edited. */")
print("#ifndef TESTS_FORMULA_FROZEN_VALUES_H\n#define TESTS_FORMULA_FROZEN_VALUES_H\n")
print("static const struct {\n    const char *name;\n    double value;\n} frozen_variables[] = {")
for name, number in names.items():
    print(f'    {{"{name}", {number!r}}},')
print("};\n\nstatic const struct {\n    const char *expression;\n    double value;\n} frozen_values[] = {")
for expression in written.strip().splitlines():
    print(f'    {{"{expression}", {value(expression)!r}}},')
for expression in random_expressions(120):
    print(f'    {{"{expression}", {value(expression)!r}}},')
print("};\n\nstatic const struct {\n    const char *name;\n    double value, uncertainty;\n} frozen_constants[] = {")
for name, title in codata.items():
    number, _, uncertainty = scipy.constants.physical_constants[title]
    print(f'    {{"const.{name}", {number!r}, {uncertainty!r}}}, /* {title} */')
print("};\n\n#endif")
