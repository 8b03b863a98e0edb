/* SPDX-License-Identifier: BSD-3-Clause */
/* A decimal significand and exponent to the nearest double: the core of number_parse.c (source there), inline for the
 * one loop that reads millions of numbers. */
#ifndef AZ_BASE_DECIMAL_H
#define AZ_BASE_DECIMAL_H

#include "base/powers_of_ten.h"

#include <string.h>

__extension__ typedef unsigned __int128 az_uint128;

/* The double nearest to significand * 10^exponent, ties to even. */
static inline double az_nearest_double(uint64_t significand, int64_t exponent)
{
    uint64_t bits;
    double value;
    if (significand == 0 || exponent < AZ_POWER_OF_TEN_FIRST) return 0;
    if (exponent > 308) return __builtin_inf();
    int leading_zeros = __builtin_clzll(significand);
    uint64_t normalised = significand << leading_zeros;
    const uint64_t *power = az_powers_of_ten[exponent - AZ_POWER_OF_TEN_FIRST];
    az_uint128 product = (az_uint128)normalised * power[0];
    /* The table's low half matters only where the bits below the 53 + 2 wanted are all ones and a carry may come. */
    if (((uint64_t)(product >> 64) & 0x1ff) == 0x1ff) product += ((az_uint128)normalised * power[1]) >> 64;
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    int upper = (int)(high >> 63);
    int shift = upper + 64 - 52 - 3;
    uint64_t mantissa = high >> shift; /* 53 bits and one for rounding */
    /* 217706 / 65536 approximates log2(10); the shift rounds down for negative exponents too. */
    int64_t binary = ((217706 * exponent) >> 16) + 63 + upper - leading_zeros + 1023;
    if (binary <= 0) { /* subnormal; an exact tie would need far more than 19 digits */
        if (-binary + 1 >= 64) return 0;
        mantissa >>= -binary + 1;
        bits =
            (mantissa + (mantissa & 1)) >> 1; /* a carry into the exponent's field gives the smallest normal number */
    } else {
        /* Exactly half way: only small powers of ten leave nothing below.  To even. */
        if (low <= 1 && exponent >= -4 && exponent <= 23 && (mantissa & 3) == 1 && mantissa << shift == high)
            mantissa &= ~(uint64_t)1;
        mantissa = (mantissa + (mantissa & 1)) >> 1;
        /* The mantissa's leading bit adds 1 to the exponent's field, and a carry in rounding another. */
        if (binary + (int64_t)(mantissa >> 53) >= 0x7ff) return __builtin_inf();
        bits = ((uint64_t)(binary - 1) << 52) + mantissa;
    }
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
