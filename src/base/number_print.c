/* SPDX-License-Identifier: BSD-3-Clause */
/* Double to text: the shortest decimal that reads back as the same double and, of those, the nearest to it.
 * Giulietti, "The Schubfach way to render doubles" (2020), with 128-bit powers of ten. */
#include "base/number.h"

#include "base/powers_of_ten.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

__extension__ typedef unsigned __int128 uint128;

typedef struct decimal {
    uint64_t digits;
    int exponent; /* value = digits * 10^exponent */
} decimal;

/* floor(power * factor / 2^128), with the last bit set if something was cut off ("round to odd"), so that comparing the
 * results compares the exact values. */
static uint64_t multiply_round_to_odd(const uint64_t power[2], uint64_t factor)
{
    uint128 low = (uint128)power[1] * factor;
    uint128 sum = (uint128)power[0] * factor + (uint64_t)(low >> 64);
    return (uint64_t)(sum >> 64) | ((uint64_t)sum > 1);
}

/* mantissa * 2^exponent, positive.  The numbers that round to it lie between the middles to its two neighbours; below a
 * power of two the neighbour is closer (is_closer).  All is scaled by 4 and by a power of ten 10^-k so chosen that
 * the interval holds at least one multiple of 4, and at most one of 40 (sections 8 and 9 of the paper). */
static decimal shortest_decimal(uint64_t mantissa, int exponent, bool is_closer)
{
    uint64_t is_odd = mantissa & 1; /* the interval's ends belong to even numbers */
    /* 1262611 / 2^22 approximates log10(2), 524031 / 2^22 -log10(3/4), 1741647 / 2^19 log2(10); the shifts round
     * down. */
    int k = (exponent * 1262611 - (is_closer ? 524031 : 0)) >> 22;
    int h = exponent + ((-k * 1741647) >> 19) + 1;
    /* The method wants the power rounded up. */
    uint64_t power[2] = {az_powers_of_ten[-k - AZ_POWER_OF_TEN_FIRST][0],
                         az_powers_of_ten[-k - AZ_POWER_OF_TEN_FIRST][1]};
    if (-k < -27 || -k > 55) {
        power[1]++;
        power[0] += power[1] == 0;
    }
    uint64_t lower = multiply_round_to_odd(power, (4 * mantissa - 2 + is_closer) << h) + is_odd;
    uint64_t value = multiply_round_to_odd(power, (4 * mantissa) << h);
    uint64_t upper = multiply_round_to_odd(power, (4 * mantissa + 2) << h) - is_odd;

    uint64_t s = value / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool below = lower <= 40 * tens;
        bool above = 40 * tens + 40 <= upper;
        if (below != above) return (decimal){tens + above, k + 1};
    }
    bool below = lower <= 4 * s;
    bool above = 4 * s + 4 <= upper;
    if (below != above) return (decimal){s + above, k};
    uint64_t middle = 4 * s + 2;
    bool round_up = value > middle || (value == middle && (s & 1));
    return (decimal){s + round_up, k};
}

static int count_digits(uint64_t digits)
{
    int n = 1;
    for (; digits >= 10000; digits /= 10000) n += 4;
    return n + (digits >= 10) + (digits >= 100) + (digits >= 1000);
}

/* Writes n digits so that the last one stands before `end`. */
static void write_digits(char *end, uint64_t digits, int n)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
        "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969"
        "79899";
    for (; n >= 2; n -= 2) {
        end -= 2;
        memcpy(end, pairs + 2 * (digits % 100), 2);
        digits /= 100;
    }
    if (n) end[-1] = (char)('0' + digits % 10);
}

/* The exponent form, with two digits of exponent at least, is for numbers whose first digit has a power of ten below -4
 * or from `first_exponent_form` on. */
static char *write_decimal(char *p, decimal number, int first_exponent_form)
{
    int n = count_digits(number.digits);
    int first = number.exponent + n - 1; /* power of ten of the first digit */
    if (first >= -4 && first < 0) {
        memset(p, '0', 6);
        p[1] = '.';
        p += 2 - first - 1;
        write_digits(p + n, number.digits, n);
        return p + n;
    }
    if (first >= 0 && first < first_exponent_form) {
        if (number.exponent >= 0) {
            write_digits(p + n, number.digits, n);
            memset(p + n, '0', (size_t)number.exponent);
            return p + n + number.exponent;
        }
        write_digits(p + n + 1, number.digits, n);
        memmove(p, p + 1, (size_t)first + 1);
        p[first + 1] = '.';
        return p + n + 1;
    }
    write_digits(p + n + 1, number.digits, n);
    p[0] = p[1];
    p[1] = '.';
    p += n > 1 ? n + 1 : 1;
    *p++ = 'e';
    *p++ = first < 0 ? '-' : '+';
    unsigned magnitude = (unsigned)(first < 0 ? -first : first);
    int n_exponent = magnitude >= 100 ? 3 : 2;
    write_digits(p + n_exponent, magnitude, n_exponent);
    return p + n_exponent;
}

static size_t write_special(char *buffer, double value)
{
    const char *text = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    size_t length = strlen(text);
    memcpy(buffer, text, length + 1);
    return length;
}

size_t az_print_double(char *buffer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int field = (int)(bits >> 52 & 0x7ff);
    uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    if (field == 0x7ff) return write_special(buffer, value);
    char *p = buffer;
    if (bits >> 63) *p++ = '-';
    if (field == 0 && fraction == 0) {
        *p++ = '0';
        *p = 0;
        return (size_t)(p - buffer);
    }
    uint64_t mantissa = field ? fraction | (uint64_t)1 << 52 : fraction;
    int exponent = (field ? field : 1) - 1075;
    decimal number;
    if (exponent <= 0 && exponent > -53 && (mantissa & (((uint64_t)1 << -exponent) - 1)) == 0)
        number = (decimal){mantissa >> -exponent, 0}; /* an integer below 2^53 is its own shortest text */
    else
        number = shortest_decimal(mantissa, exponent, fraction == 0 && field > 1);
    while (number.digits % 10 == 0) {
        number.digits /= 10;
        number.exponent++;
    }
    p = write_decimal(p, number, 16); /* as Python's repr */
    *p = 0;
    return (size_t)(p - buffer);
}

size_t az_print_rounded(char *buffer, double value, int n_significant)
{
    if (!isfinite(value)) return write_special(buffer, value);
    if (n_significant < 1) n_significant = 1;
    if (n_significant > 17) n_significant = 17;
    /* The C library rounds exactly.  Its decimal character follows the locale, so only the digits are taken from it:
     * "d.ddde+xx", where the point may be any bytes. */
    char text[64];
    snprintf(text, sizeof text, "%.*e", n_significant - 1, fabs(value));
    decimal number = {0, 0};
    const char *c = text;
    for (; *c && *c != 'e'; c++)
        if (*c >= '0' && *c <= '9') number.digits = 10 * number.digits + (uint64_t)(*c - '0');
    int magnitude = 0;
    for (const char *d = c; *d; d++)
        if (*d >= '0' && *d <= '9') magnitude = 10 * magnitude + (*d - '0');
    number.exponent = (*c && c[1] == '-' ? -magnitude : magnitude) - (n_significant - 1);
    char *p = buffer;
    if (signbit(value)) *p++ = '-';
    if (number.digits == 0) {
        *p++ = '0';
        *p = 0;
        return (size_t)(p - buffer);
    }
    /* printf's %g takes the exponent form from n_significant digits on, whatever the number. */
    int n_zeros = 0;
    for (; number.digits % 10 == 0; n_zeros++) number.digits /= 10;
    number.exponent += n_zeros;
    p = write_decimal(p, number, n_significant);
    *p = 0;
    return (size_t)(p - buffer);
}
