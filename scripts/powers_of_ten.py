#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes src/base/powers_of_ten.c: the leading 128 bits of 10^q.  Run it as: scripts/powers_of_ten.py > src/base/powers_of_ten.c"""

FIRST, LAST = -342, 324


def leading_bits(q):
    """10^q = leading_bits * 2^k with 2^127 <= leading_bits < 2^128, rounded down, but up for -27 <= q < 0."""
    if q >= 0:
        power = 5**q
        shift = 128 - power.bit_length()
        return power << shift if shift >= 0 else power >> -shift
    power = 5**-q
    bits = (1 << (power.bit_length() + 127)) // power
    if bits >> 128:
        bits >>= 1
    # 5^-q fits into 64 bits: a product with the bits rounded up shows exactly whether the division leaves a rest.
    return bits + 1 if q >= -27 else bits


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Made by scripts/powers_of_ten.py; do not edit. */")
print('#include "base/powers_of_ten.h"')
print()
print("const uint64_t az_powers_of_ten[AZ_POWER_OF_TEN_LAST - AZ_POWER_OF_TEN_FIRST + 1][2] = {")
for q in range(FIRST, LAST + 1):
    bits = leading_bits(q)
    print("    {0x%016xu, 0x%016xu}, /* 1e%d */" % (bits >> 64, bits & (2**64 - 1), q))
print("};")
