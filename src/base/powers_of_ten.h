/* SPDX-License-Identifier: BSD-3-Clause */
/* The leading 128 bits of the powers of ten, shared by reading and printing numbers.
 * 10^q lies in [bits, bits + 1) * 2^k with 2^127 <= bits < 2^128: the bits are rounded down, exact for 0 <= q <= 55.
 * Only for -27 <= q < 0 they are rounded up, which the proof of the reading algorithm asks for. */
#ifndef AZ_BASE_POWERS_OF_TEN_H
#define AZ_BASE_POWERS_OF_TEN_H

#include <stdint.h>

enum { AZ_POWER_OF_TEN_FIRST = -342, AZ_POWER_OF_TEN_LAST = 324 };

/* [q - AZ_POWER_OF_TEN_FIRST]: high and low 64 bits. */
extern const uint64_t az_powers_of_ten[AZ_POWER_OF_TEN_LAST - AZ_POWER_OF_TEN_FIRST + 1][2];

#endif
