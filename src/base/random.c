/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>
#include <string.h>

static philox4x32_ctr_t philox(const uint32_t key[2], const uint32_t counter[4])
{
    philox4x32_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
    philox4x32_key_t k = {{key[0], key[1]}};
    return philox4x32_R(10, c, k);
}

/* The key starts as the seed and takes in the name 16 bytes at a time: a block of the name, padded with zeros and with
 * at least one zero at the end, is the counter, and the first half of the result is the next key.  Frozen: model files
 * and published results depend on it. */
az_stream az_stream_new(uint64_t seed, const char *name)
{
    az_stream stream = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    const size_t n_bytes = strlen(name) + 1;
    for (size_t start = 0; start < n_bytes; start += 16) {
        uint32_t block[4] = {0};
        for (size_t i = 0; i < 16 && start + i < n_bytes; i++)
            block[i / 4] |= (uint32_t)(unsigned char)name[start + i] << (8 * (i % 4));
        philox4x32_ctr_t out = philox(stream.key, block);
        stream.key[0] = out.v[0];
        stream.key[1] = out.v[1];
    }
    return stream;
}

void az_random_bits(az_stream stream, uint64_t row, uint64_t column, uint32_t bits[4])
{
    const uint32_t counter[4] = {(uint32_t)row, (uint32_t)(row >> 32), (uint32_t)column, (uint32_t)(column >> 32)};
    philox4x32_ctr_t out = philox(stream.key, counter);
    for (int i = 0; i < 4; i++) bits[i] = out.v[i];
}

static uint64_t join(const uint32_t *bits)
{
    return (uint64_t)bits[1] << 32 | bits[0];
}

/* An odd multiple of 2^-53: symmetric about 1/2, and neither 0 nor 1 can come out, whose logarithms would be
 * infinite. */
static double open_interval(uint64_t bits)
{
    return (double)(bits >> 11 | 1) * 0x1p-53;
}

double az_random_uniform(az_stream stream, uint64_t row, uint64_t column)
{
    uint32_t bits[4];
    az_random_bits(stream, row, column, bits);
    return open_interval(join(bits));
}

double az_random_normal(az_stream stream, uint64_t row, uint64_t column)
{
    uint32_t bits[4];
    az_random_bits(stream, row, column, bits);
    const double two_pi = 6.283185307179586;
    return sqrt(-2 * log(open_interval(join(bits)))) * cos(two_pi * open_interval(join(bits + 2)));
}

/* Lemire, "Fast random integer generation in an interval" (2019): the high half of a product with n; the few low halves
 * below 2^64 mod n, which would make some results likelier, are drawn again with another key. */
uint64_t az_random_below(az_stream stream, uint64_t row, uint64_t column, uint64_t n)
{
    __extension__ typedef unsigned __int128 uint128;
    if (n == 0) return 0;
    for (;;) {
        uint32_t bits[4];
        az_random_bits(stream, row, column, bits);
        for (int i = 0; i < 4; i += 2) {
            uint128 product = (uint128)join(bits + i) * n;
            if ((uint64_t)product >= n || (uint64_t)product >= -n % n) return (uint64_t)(product >> 64);
        }
        stream.key[1]++;
    }
}

void az_random_permutation(az_stream stream, int64_t n, int64_t *order)
{
    for (int64_t i = 0; i < n; i++) order[i] = i;
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = (int64_t)az_random_below(stream, (uint64_t)i, 0, (uint64_t)i + 1);
        int64_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}
