/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256 against the examples of NIST and Python's hashlib. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/sha256.h"

#include <string.h>

/* https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values, SHA256.pdf */
static void test_nist(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char digest[AZ_SHA256_TEXT];
        az_sha256(cases[i][0], strlen(cases[i][0]), digest);
        assert_string_equal(digest, cases[i][1]);
    }
}

/* hashlib.sha256(bytes((7*i + 3) % 251 for i in range(n))).hexdigest(): lengths around the ends of a block. */
static void test_lengths(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        const char *digest;
    } cases[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {1, "084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5"},
        {55, "1deace58c745f3ecadde68a5923f494c3703fa73f0306483ccb898a5826e8d70"},
        {56, "06dbe23685750e4d3881ded95047abaf93fa8f9c5d3501dc57c717a72ff1398e"},
        {63, "47fb38b12335c9298d09280515c0666489a189d1554bb0ac1a0740806ce9d8b6"},
        {64, "dfa798724b1a8014994f363e5da7474ed26ce3757fb29e07aa47ad5a9352d37b"},
        {65, "dd2eab5a5507d7717c63ce953d9ac61752c21e664425ad1227054722a0d97f69"},
        {119, "c6e0f435df5d7d265baacca31e0602c00aa22fa6d3819aed664649294c743756"},
        {120, "17eb8960823a644bde3065620bb9d45931fe8993fd8eb692a17aff0fd725db6a"},
        {1000000, "60082309c8b65a633cc3951092947aec5f2d5d95ba794f887fcae9bf84e89096"},
    };
    unsigned char *bytes = az_alloc(1000000);
    assert_non_null(bytes);
    for (int i = 0; i < 1000000; i++) bytes[i] = (unsigned char)((7 * i + 3) % 251);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char digest[AZ_SHA256_TEXT];
        az_sha256(bytes, cases[i].n, digest);
        assert_string_equal(digest, cases[i].digest);
    }
    az_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nist), cmocka_unit_test(test_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
