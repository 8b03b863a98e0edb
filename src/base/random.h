/* SPDX-License-Identifier: BSD-3-Clause */
/* Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011), from Random123.
 * A stream is a key made of the seed and the stream's name; a number is a function of the key and of where it stands
 * (row, column), never of what was drawn before. */
#ifndef AZ_BASE_RANDOM_H
#define AZ_BASE_RANDOM_H

#include <stdint.h>

typedef struct az_stream {
    uint32_t key[2];
} az_stream;

az_stream az_stream_new(uint64_t seed, const char *name);
void az_random_bits(az_stream stream, uint64_t row, uint64_t column, uint32_t bits[4]);
double az_random_uniform(az_stream stream, uint64_t row, uint64_t column); /* in (0, 1), 53 bits */
double az_random_normal(az_stream stream, uint64_t row, uint64_t column);  /* mean 0, variance 1 (Box-Muller) */
uint64_t az_random_below(az_stream stream, uint64_t row, uint64_t column, uint64_t n); /* 0 .. n-1, unbiased */
/* A uniformly random order of 0 .. n-1 (Fisher-Yates; draw i has the counter (i, 0)). */
void az_random_permutation(az_stream stream, int64_t n, int64_t *order);

#endif
