/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The vectors for philox4x32 with 10 rounds from Random123's tests/kat_vectors: counter, key, result. */
static void known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], result[4];
    } vectors[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const uint32_t *c = vectors[i].counter;
        az_stream stream = {{vectors[i].key[0], vectors[i].key[1]}};
        uint32_t bits[4];
        az_random_bits(stream, (uint64_t)c[1] << 32 | c[0], (uint64_t)c[3] << 32 | c[2], bits);
        assert_memory_equal(bits, vectors[i].result, sizeof bits);
    }
}

/* The empty name is one block of zeros: the key is the first half of Philox(counter 0, key seed), known from above. */
static void keys_of_streams(void **state)
{
    (void)state;
    az_stream stream = az_stream_new(0, "");
    assert_int_equal(stream.key[0], 0x6627e8d5);
    assert_int_equal(stream.key[1], 0xe169c58d);
    static const char *const names[] = {
        "", "a", "b", "ab", "split", "0123456789abcde", "0123456789abcdef", "0123456789abcdefg"};
    az_stream streams[16];
    for (int i = 0; i < 8; i++) {
        streams[2 * i] = az_stream_new(0, names[i]);
        streams[2 * i + 1] = az_stream_new(1, names[i]);
    }
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < i; j++) assert_memory_not_equal(&streams[i], &streams[j], sizeof streams[i]);
}

static void moments(void **state)
{
    (void)state;
    az_stream stream = az_stream_new(42, "moments");
    const int n = 200000;
    double sum = 0, square = 0, normal = 0, normal_square = 0, normal_fourth = 0, neighbours = 0, last = 0;
    for (int i = 0; i < n; i++) {
        double u = az_random_uniform(stream, (uint64_t)i, 0), z = az_random_normal(stream, (uint64_t)i, 1);
        assert_true(u > 0 && u < 1);
        sum += u;
        square += u * u;
        normal += z;
        normal_square += z * z;
        normal_fourth += z * z * z * z;
        neighbours += z * last;
        last = z;
    }
    /* Five standard errors of each mean. */
    const double five = 5 / sqrt(n);
    assert_true(fabs(sum / n - 0.5) < five * sqrt(1.0 / 12));
    assert_true(fabs(square / n - 1.0 / 3) < five * sqrt(4.0 / 45));
    assert_true(fabs(normal / n) < five);
    assert_true(fabs(normal_square / n - 1) < five * sqrt(2));
    assert_true(fabs(normal_fourth / n - 3) < five * sqrt(96));
    assert_true(fabs(neighbours / n) < five);
}

static void below(void **state)
{
    (void)state;
    az_stream stream = az_stream_new(7, "below");
    int count[7] = {0};
    for (uint64_t i = 0; i < 70000; i++) {
        uint64_t k = az_random_below(stream, i, 0, 7);
        assert_true(k < 7);
        count[k]++;
        assert_int_equal(az_random_below(stream, i, 0, 1), 0);
        /* Just above 2^63 nearly half of all draws must be repeated. */
        assert_true(az_random_below(stream, i, 0, ((uint64_t)1 << 63) + 1) <= (uint64_t)1 << 63);
    }
    double chi2 = 0; /* 6 degrees of freedom: above 27.9 once in 10,000 */
    for (int k = 0; k < 7; k++) chi2 += (count[k] - 10000.0) * (count[k] - 10000.0) / 10000;
    assert_true(chi2 < 27.9);
}

static void permutations(void **state)
{
    (void)state;
    int count[24] = {0};
    for (uint64_t seed = 0; seed < 24000; seed++) {
        int64_t order[4];
        az_random_permutation(az_stream_new(seed, "order"), 4, order);
        int rank = 0; /* Lehmer code */
        bool seen[4] = {false};
        for (int i = 0; i < 4; i++) {
            int smaller = 0;
            assert_true(order[i] >= 0 && order[i] < 4 && !seen[order[i]]);
            seen[order[i]] = true;
            for (int j = i + 1; j < 4; j++) smaller += order[j] < order[i];
            rank = rank * (4 - i) + smaller;
        }
        count[rank]++;
    }
    double chi2 = 0; /* 23 degrees of freedom: above 58.6 less than once in 10,000 */
    for (int k = 0; k < 24; k++) chi2 += (count[k] - 1000.0) * (count[k] - 1000.0) / 1000;
    assert_true(chi2 < 58.6);
    az_random_permutation(az_stream_new(0, "order"), 0, NULL);
}

/* Published results depend on these: they must never change. */
static void frozen(void **state)
{
    (void)state;
    az_stream stream = az_stream_new(12345, "split");
    assert_int_equal(stream.key[0], 0xa9142357);
    assert_int_equal(stream.key[1], 0x8d4ae008);
    assert_true(az_random_uniform(stream, 3, 5) == 0.920899722124448);
    assert_true(fabs(az_random_normal(stream, 3, 5) - 0.3963176010249815) < 1e-15);
    int64_t order[8];
    az_random_permutation(stream, 8, order);
    static const int64_t expected[8] = {4, 5, 3, 7, 6, 0, 2, 1};
    assert_memory_equal(order, expected, sizeof order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers), cmocka_unit_test(keys_of_streams), cmocka_unit_test(moments),
        cmocka_unit_test(below),         cmocka_unit_test(permutations),    cmocka_unit_test(frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
