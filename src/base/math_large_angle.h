/* SPDX-License-Identifier: BSD-3-Clause */
/* The reduction of large angles by Payne and Hanek (Radian reduction for trigonometric functions, ACM SIGNUM Newsletter
 * 18, 1983): of 2 / pi only the bits that x does not multiply to whole turns are needed, and of these 192 suffice, for
 * no double is nearer to a multiple of pi / 2 than 2^-62 (Muller, Elementary Functions, 2016, section 11.3.2). */
#ifndef AZ_BASE_MATH_LARGE_ANGLE_H
#define AZ_BASE_MATH_LARGE_ANGLE_H

#include <stdint.h>
#include <string.h>

typedef struct {
    double angle, tail;     /* x = quarter_turns pi / 2 + angle + tail, |angle| <= pi / 4 */
    uint64_t quarter_turns; /* modulo 4 */
} az_reduced_angle;

/* For finite |x| >= 1. */
__attribute__((noinline, cold, unused)) static az_reduced_angle az_reduce_large_angle(double x)
{
    /* 64 zeros, then the binary digits of 2 / pi. */
    static const uint64_t two_over_pi[] = {
        0x0000000000000000, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
        0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41,
        0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7,
        0x4f463f669e5fea2d, 0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab};
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint64_t digits = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    const int exponent = (int)(bits >> 52 & 0x7ff) - 1075; /* |x| = digits 2^exponent */
    /* Digit i of 2 / pi counts 2^-i; those up to exponent - 2 make multiples of 4 quarter turns. */
    const int first = exponent - 2 + 64, word = first >> 6, shift = first & 63;
    uint64_t part[3];
    for (int i = 0; i < 3; i++) {
        part[i] = two_over_pi[word + i] << shift;
        if (shift) part[i] |= two_over_pi[word + i + 1] >> (64 - shift);
    }
    /* digits * part modulo 2^192: 2 binary digits of whole quarter turns, 190 after the point. */
    const unsigned __int128 low = (unsigned __int128)digits * part[2];
    const unsigned __int128 middle = (unsigned __int128)digits * part[1] + (uint64_t)(low >> 64);
    const uint64_t high = digits * part[0] + (uint64_t)(middle >> 64);
    const uint64_t quarter_turns = (high + (UINT64_C(1) << 61)) >> 62;
    const unsigned __int128 rest = ((unsigned __int128)(high - (quarter_turns << 62)) << 64) | (uint64_t)middle;
    const __int128 fraction = (__int128)rest; /* 126 digits after the point, |fraction| <= 1/2 */
    const double head = (double)fraction, lower = (double)(fraction - (__int128)head);
    const double half_pi = 0x1.921fb54442d18p0, half_pi_tail = 0x1.1a62633145c07p-54;
    const double product = head * half_pi;
    const double product_tail =
        __builtin_fma(head, half_pi, -product) + __builtin_fma(head, half_pi_tail, lower * half_pi);
    const double angle = product + product_tail, tail = (product - angle) + product_tail;
    const int negative = (int)(bits >> 63);
    return (az_reduced_angle){(negative ? -angle : angle) * 0x1p-126, (negative ? -tail : tail) * 0x1p-126,
                              negative ? (4 - quarter_turns) & 3 : quarter_turns & 3};
}

#endif
