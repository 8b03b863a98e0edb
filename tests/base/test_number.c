/* SPDX-License-Identifier: BSD-3-Clause */
/* The C library's strtod and printf are the reference: both are correctly rounded in glibc. */
#include "base/number.h"
#include "base/random.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t random_word(az_stream stream, uint64_t row, uint64_t column)
{
    uint32_t bits[4];
    az_random_bits(stream, row, column, bits);
    return (uint64_t)bits[1] << 32 | bits[0];
}

static void check_against_strtod(const char *text)
{
    double value = 0;
    const char *end = text + strlen(text);
    if (az_parse_double(text, end, '.', &value) != end) fail_msg("not read to its end: %s", text);
    if (bits_of(value) != bits_of(strtod(text, NULL)))
        fail_msg("%s read as %a, not %a", text, value, strtod(text, NULL));
}

static void known_hard_cases(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "+1",
        "1.",
        ".5",
        "-.5e1",
        "007",
        "1e5",
        "1E+5",
        "1e-5",
        "9007199254740993",
        "9007199254740992",
        "9007199254740991",
        "1e22",
        "1e23",
        "8.5e22",
        "123456789012345678",
        "18446744073709551615",
        "18446744073709551616",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e308",
        "1e309",
        "-1e400",
        "5e-324",
        "4.9e-324",
        "2e-324",
        "3e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e-400",
        "0e999999999999999999999",
        "1e999999999999999999999",
        "1e-999999999999999999999",
        "6631236846766476e-316",
        "6.631236846766476e-300",
        "3.2378839133029012895883524125015321748630094536e-319",
        "9355950000000000000.00000000000000000000000000000000000018",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        "0.000000000000000000000000000000000123456789012345678901",
        "104110013277974872254e-225",
        "12345e-350",
        "1090544144181609348835077142190",
        "7.2057594037927933e16",
        "10000000000000000000",
        "9999999999999999999",
        "99999999999999999999",
        "0.1000000000000000055511151231257827",
        "1448997445238699",
        "6929495644600919.5",
        "3.7455744005952583e15",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) check_against_strtod(texts[i]);
}

static void half_of_the_smallest_number(void **state)
{
    (void)state;
    /* 2^-1075 has 752 significant digits; a digit more or less at the end decides between 0 and 2^-1074. */
    char more[1300];
    /* Written out in full: half of 4.94e-324 is 5^1075 * 10^-1075. */
    char digits[800] = "1";
    size_t n = 1;
    for (int power = 0; power < 1075; power++) {
        int carry = 0;
        for (size_t i = n; i-- > 0;) {
            int product = 5 * (digits[i] - '0') + carry;
            digits[i] = (char)('0' + product % 10);
            carry = product / 10;
        }
        if (carry) {
            memmove(digits + 1, digits, n++);
            digits[0] = (char)('0' + carry);
        }
    }
    assert_int_equal(n, 752);
    double value;
    int length = snprintf(more, sizeof more, "%.752se-1075", digits);
    assert_non_null(az_parse_double(more, more + length, '.', &value));
    assert_true(value == 0); /* a tie: to even */
    length = snprintf(more, sizeof more, "%.752s00000000000000000000000000000000001e-1110", digits);
    assert_non_null(az_parse_double(more, more + length, '.', &value));
    assert_true(value == 5e-324);
    digits[751]--;
    length = snprintf(more, sizeof more, "%.752s99999999999999999999999999999999999e-1110", digits);
    assert_non_null(az_parse_double(more, more + length, '.', &value));
    assert_true(value == 0);
}

static void eight_hundred_digits(void **state)
{
    (void)state;
    az_stream stream = az_stream_new(1, "digits");
    for (uint64_t row = 0; row < 2000; row++) {
        char text[900];
        size_t n = 0, n_digits = 20 + random_word(stream, row, 1000) % 800;
        size_t point = random_word(stream, row, 1001) % (n_digits + 1);
        for (size_t i = 0; i < n_digits; i++) {
            if (i == point) text[n++] = '.';
            text[n++] = (char)('0' + random_word(stream, row, i) % 10);
        }
        if (row % 2) n += (size_t)sprintf(text + n, "e%d", (int)(random_word(stream, row, 1002) % 1000) - 700);
        text[n] = 0;
        check_against_strtod(text);
    }
}

/* The exact middle between a double and the next one, and one unit of the last place beside it. */
static void ties_go_to_even(void **state)
{
    (void)state;
    az_stream stream = az_stream_new(2, "ties");
    for (uint64_t row = 0; row < 20000; row++) {
        uint64_t bits = random_word(stream, row, 0) & 0x7fffffffffffffff;
        /* Exponents at which a long double holds the middle exactly and %.*Lf writes it out in full. */
        bits = (bits & 0x000fffffffffffff) | (uint64_t)(1023 - 60 + random_word(stream, row, 1) % 200) << 52;
        double lower = from_bits(bits), upper = from_bits(bits + 1);
        long double middle = ((long double)lower + upper) / 2;
        char text[700];
        int length = snprintf(text, sizeof text, "%.120Lf", middle);
        double value, even = bits & 1 ? upper : lower;
        az_parse_double(text, text + length, '.', &value);
        assert_true(value == even);
        text[length] = '1';
        text[length + 1] = 0;
        az_parse_double(text, text + length + 1, '.', &value);
        assert_true(value == upper);
        check_against_strtod(text);
    }
}

static void random_decimals(void **state)
{
    (void)state;
    az_stream stream = az_stream_new(3, "decimals");
    for (uint64_t row = 0; row < 1000000; row++) {
        uint64_t word = random_word(stream, row, 0), choice = random_word(stream, row, 1);
        char text[64];
        int n_digits = 1 + (int)(choice % 20), exponent = (int)(choice >> 8 & 1023) - 500;
        unsigned shift = (unsigned)(choice >> 40) % 64;
        if (choice >> 32 & 1)
            snprintf(text, sizeof text, "%llue%d", (unsigned long long)(word >> shift), exponent);
        else
            snprintf(text, sizeof text, "%.*e", n_digits - 1, from_bits(word & 0x7fefffffffffffff));
        check_against_strtod(text);
    }
}

/* Table-like numbers: a few digits before and after the point, read from inside a longer text. */
static void numbers_inside_text(void **state)
{
    (void)state;
    az_stream stream = az_stream_new(4, "cells");
    for (uint64_t row = 0; row < 200000; row++) {
        uint64_t word = random_word(stream, row, 0);
        char text[64];
        int n_decimals = (int)(word >> 8) & 15,
            n = snprintf(text, sizeof text, "%.*f", n_decimals, (double)(int64_t)word * 0x1p-53);
        text[n] = ',';
        strcpy(text + n + 1, "98765432101234567");
        double value;
        assert_ptr_equal(az_parse_double(text, text + sizeof text, '.', &value), text + n);
        assert_true(bits_of(value) == bits_of(strtod(text, NULL)));
        assert_ptr_equal(az_parse_double(text, text + n, '.', &value), text + n);
    }
}

static void check_stop(const char *text, char decimal, double expected, ptrdiff_t n_read)
{
    double value = 0;
    const char *end = az_parse_double(text, text + strlen(text), decimal, &value);
    assert_non_null(end);
    assert_int_equal(end - text, n_read);
    if (isnan(expected))
        assert_true(isnan(value));
    else
        assert_true(value == expected);
}

static void where_a_number_ends(void **state)
{
    (void)state;
    check_stop("1.0D+03", '.', 1000, 7);
    check_stop("1d2x", '.', 100, 3);
    check_stop("1e", '.', 1, 1);
    check_stop("1e+", '.', 1, 1);
    check_stop("2.5.5", '.', 2.5, 3);
    check_stop("1,5", ',', 1.5, 3);
    check_stop("1,5", '.', 1, 1);
    check_stop("1.5", ',', 1, 1);
    check_stop("InFx", '.', INFINITY, 3);
    check_stop("-infinity", '.', -INFINITY, 9);
    check_stop("infinit", '.', INFINITY, 3);
    check_stop("NaN", '.', NAN, 3);
    check_stop("12345678", '.', 12345678, 8);
    check_stop("1234567890123456x", '.', 1234567890123456, 16);
    static const char *const none[] = {"", "-", "+", ".", "-.", "e5", ".e5", " 1", "na", "--1", "+-1", "x"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        double value = 7;
        assert_null(az_parse_double(none[i], none[i] + strlen(none[i]), '.', &value));
        assert_true(value == 7);
    }
}

static void whole_strings(void **state)
{
    (void)state;
    double value;
    int64_t integer;
    assert_true(az_parse_double_string(" 2.5 ", &value) && value == 2.5);
    assert_false(az_parse_double_string("2.5 3", &value));
    assert_false(az_parse_double_string("", &value));
    assert_false(az_parse_double_string("  ", &value));
    assert_true(az_parse_int_string("9223372036854775807", &integer) && integer == INT64_MAX);
    assert_true(az_parse_int_string("-9223372036854775808", &integer) && integer == INT64_MIN);
    assert_false(az_parse_int_string("9223372036854775808", &integer));
    assert_false(az_parse_int_string("-9223372036854775809", &integer));
    assert_true(az_parse_int_string(" +12 ", &integer) && integer == 12);
    assert_false(az_parse_int_string("1.0", &integer));
    assert_false(az_parse_int_string("-", &integer));
    assert_false(az_parse_int_string("", &integer));
}

static void check_print(double value, const char *expected)
{
    char buffer[AZ_NUMBER_MAX];
    size_t length = az_print_double(buffer, value);
    assert_string_equal(buffer, expected);
    assert_int_equal(length, strlen(expected));
}

/* As Python 3 prints them, without its ".0". */
static void printed_as_python_does(void **state)
{
    (void)state;
    check_print(0, "0");
    check_print(-0.0, "-0");
    check_print(1, "1");
    check_print(-10, "-10");
    check_print(0.1, "0.1");
    check_print(0.1 + 0.2, "0.30000000000000004");
    check_print(1e-4, "0.0001");
    check_print(0.00012345, "0.00012345");
    check_print(1e-5, "1e-05");
    check_print(1e-9, "1e-09");
    check_print(123456789, "123456789");
    check_print(1e15, "1000000000000000");
    check_print(1e16, "1e+16");
    check_print(9999999999999998, "9999999999999998");
    check_print(9007199254740992, "9007199254740992");
    check_print(1e22, "1e+22");
    check_print(1e23, "1e+23");
    check_print(1.5e300, "1.5e+300");
    check_print(5e-324, "5e-324");
    check_print(-1.7976931348623157e308, "-1.7976931348623157e+308");
    check_print(2.2250738585072014e-308, "2.2250738585072014e-308");
    check_print(2.225073858507201e-308, "2.225073858507201e-308");
    check_print(9.5367431640625e-07, "9.5367431640625e-07");
    check_print(3.1415926535897931, "3.141592653589793");
    check_print(100.25, "100.25");
    check_print(INFINITY, "inf");
    check_print(-INFINITY, "-inf");
    check_print(NAN, "nan");
}

static int significant_digits(const char *text)
{
    int n = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (n == 0 && *text == '0')) continue;
        n++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return n - zeros;
}

/* printf with growing precision finds the fewest digits that read back, and at that many digits the nearest decimal. */
static void check_shortest(double value)
{
    char buffer[AZ_NUMBER_MAX], reference[64];
    az_print_double(buffer, value);
    double back;
    assert_true(az_parse_double_string(buffer, &back));
    if (bits_of(back) != bits_of(value)) fail_msg("%a printed as %s", value, buffer);
    int n_digits = significant_digits(buffer);
    if (n_digits > 1) {
        snprintf(reference, sizeof reference, "%.*e", n_digits - 2, value);
        /* One digit fewer: the nearest decimal does not read back, so no other does, save where the interval is
         * lopsided. */
        if (strtod(reference, NULL) == value) fail_msg("%s is shorter than %s", reference, buffer);
    }
    snprintf(reference, sizeof reference, "%.*e", n_digits - 1, value);
    if (strtod(reference, NULL) == value && strtod(buffer, NULL) == value) {
        long double mine = strtold(buffer, NULL), nearest = strtold(reference, NULL);
        if (fabsl(mine - (long double)value) > fabsl(nearest - (long double)value) * (1 + 1e-3L))
            fail_msg("%s is nearer than %s", reference, buffer);
    }
}

static void shortest_and_nearest(void **state)
{
    (void)state;
    az_stream stream = az_stream_new(5, "print");
    for (uint64_t row = 0; row < 300000; row++) {
        uint64_t word = random_word(stream, row, 0);
        double value = from_bits(word);
        if (isfinite(value)) check_shortest(value);
        check_shortest(from_bits(word & 0x800fffffffffffff));            /* subnormal */
        check_shortest((double)(int64_t)(word >> (word & 63)) / 1000.0); /* short decimals */
    }
    for (int exponent = -1074; exponent <= 1023; exponent++) { /* powers of two: the interval is lopsided */
        check_shortest(ldexp(1, exponent));
        check_shortest(nextafter(ldexp(1, exponent), 0));
        check_shortest(nextafter(ldexp(1, exponent), INFINITY));
    }
    for (int exponent = -323; exponent <= 308; exponent++) {
        char text[16], expected[16];
        double value;
        snprintf(text, sizeof text, "1e%d", exponent);
        assert_true(az_parse_double_string(text, &value));
        check_shortest(value);
        if (exponent < -4 || exponent >= 16) {
            snprintf(expected, sizeof expected, "1e%+03d", exponent);
            check_print(value, expected);
        }
    }
}

static void check_rounded(double value, int n_significant)
{
    char buffer[AZ_NUMBER_MAX], expected[64];
    size_t length = az_print_rounded(buffer, value, n_significant);
    snprintf(expected, sizeof expected, "%.*g", n_significant, value);
    assert_string_equal(buffer, expected);
    assert_int_equal(length, strlen(expected));
    assert_true(length < AZ_NUMBER_MAX);
}

static void rounded_as_printf_does(void **state)
{
    (void)state;
    static const double values[] = {0,      -0.0,    1,    0.5,        2.5,  9.9999, 999999.5,  1e5,
                                    123456, 1234567, 1e-4, 9.99999e-5, 1e-5, 1e300,  5e-324,    -1.7976931348623157e308,
                                    0.1,    100,     1e15, 1e16,       1e17, 2.5e-4, 0.00099996};
    for (int n = 1; n <= 17; n++) {
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) check_rounded(values[i], n);
        az_stream stream = az_stream_new(6, "rounded");
        for (uint64_t row = 0; row < 5000; row++) {
            double value = from_bits(random_word(stream, row, (uint64_t)n));
            if (isfinite(value)) check_rounded(value, n);
            check_rounded((double)(int64_t)random_word(stream, row, 100) * 1e-12, n);
        }
    }
}

static void any_locale(void **state)
{
    (void)state;
    static const char *const with_comma[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "ps_AF.UTF-8"};
    const char *set = NULL;
    for (size_t i = 0; !set && i < sizeof with_comma / sizeof *with_comma; i++) set = setlocale(LC_ALL, with_comma[i]);
    if (!set) skip();
    char buffer[64];
    snprintf(buffer, sizeof buffer, "%.1f", 1.5);
    assert_string_not_equal(buffer, "1.5");
    double value;
    bool read = az_parse_double_string("1.5", &value);
    az_print_double(buffer, 0.25);
    bool same = strcmp(buffer, "0.25") == 0;
    az_print_rounded(buffer, 0.12345, 3);
    same = same && strcmp(buffer, "0.123") == 0;
    setlocale(LC_ALL, "C");
    assert_true(read && value == 1.5);
    assert_true(same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_hard_cases),      cmocka_unit_test(half_of_the_smallest_number),
        cmocka_unit_test(eight_hundred_digits),  cmocka_unit_test(ties_go_to_even),
        cmocka_unit_test(random_decimals),       cmocka_unit_test(numbers_inside_text),
        cmocka_unit_test(where_a_number_ends),   cmocka_unit_test(whole_strings),
        cmocka_unit_test(printed_as_python_does), cmocka_unit_test(shortest_and_nearest),
        cmocka_unit_test(rounded_as_printf_does), cmocka_unit_test(any_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
