/* SPDX-License-Identifier: BSD-3-Clause */
/* Text to double, correctly rounded: Lemire, "Number parsing at a gigabyte per second", Software: Practice and
 * Experience 51 (2021), with the proof of Mushtak and Lemire (2023) that 64-bit significands never need a fallback.
 * Numbers with more than 19 digits whose first 19 do not decide are compared exactly in long integers.
 * All is integer arithmetic: Clinger's short cut, a product or quotient of two exact doubles, would make results depend
 * on the rounding mode of the program that we are a guest in. */
#include "base/number.h"

#include "base/decimal.h"

#include <string.h>

__extension__ typedef unsigned __int128 uint128;

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "eight digits at a time are read as a little-endian word"
#endif

enum { MAX_DIGITS = 19 }; /* of which every value fits into 64 bits */

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* A non-negative integer in 64-bit limbs, lowest first.  Both sides of the comparison below stay under 2800 bits: at
 * most 770 digits are kept, and the two sides differ by less than one part in 10^18. */
enum { N_LIMBS = 48 };
typedef struct long_integer {
    int n;
    uint64_t limb[N_LIMBS];
} long_integer;

static void multiply_add(long_integer *x, uint64_t factor, uint64_t summand)
{
    uint64_t carry = summand;
    for (int i = 0; i < x->n; i++) {
        uint128 t = (uint128)x->limb[i] * factor + carry;
        x->limb[i] = (uint64_t)t;
        carry = (uint64_t)(t >> 64);
    }
    if (carry && x->n < N_LIMBS) x->limb[x->n++] = carry;
}

static void multiply_power_of_5(long_integer *x, int64_t exponent)
{
    const uint64_t five_27 = 7450580596923828125u;
    for (; exponent >= 27; exponent -= 27) multiply_add(x, five_27, 0);
    for (; exponent > 0; exponent--) multiply_add(x, 5, 0);
}

static void shift_left(long_integer *x, int64_t n_bits)
{
    for (; n_bits >= 32; n_bits -= 32) multiply_add(x, (uint64_t)1 << 32, 0);
    if (n_bits > 0) multiply_add(x, (uint64_t)1 << n_bits, 0);
}

static int compare(const long_integer *a, const long_integer *b)
{
    if (a->n != b->n) return a->n < b->n ? -1 : 1;
    for (int i = a->n - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* Where the digits of a number stand. */
typedef struct decimal_text {
    const char *first, *last; /* digits, at most one decimal character among them */
    int64_t exponent;         /* of the last digit */
} decimal_text;

/* Is the number below (-1), at (0) or above (1) the middle between `lower` and the next double above it? */
static int compare_with_middle(const decimal_text *text, double lower)
{
    uint64_t bits;
    memcpy(&bits, &lower, sizeof bits);
    int64_t field = (int64_t)(bits >> 52);
    uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    uint64_t mantissa = field ? fraction | (uint64_t)1 << 52 : fraction;
    int64_t middle_exponent = (field ? field : 1) - 1075 - 1;
    long_integer middle = {1, {2 * mantissa + 1}};

    /* The middle of two doubles has at most 767 significant digits: of further ones only matters whether one is not
     * 0. */
    const int64_t n_kept = 769;
    long_integer number = {0};
    int64_t n = 0, exponent = text->exponent;
    uint64_t chunk = 0, chunk_power = 1;
    bool rest = false;
    for (const char *p = text->first; p < text->last; p++) {
        if (!is_digit(*p)) continue;
        if (n == 0 && *p == '0') continue;
        if (n++ >= n_kept) {
            rest |= *p != '0';
            exponent++;
            continue;
        }
        chunk = 10 * chunk + (uint64_t)(*p - '0');
        chunk_power *= 10;
        if (chunk_power == 10000000000000000000u) {
            multiply_add(&number, chunk_power, chunk);
            chunk = 0;
            chunk_power = 1;
        }
    }
    multiply_add(&number, chunk_power, chunk);
    if (rest) {
        multiply_add(&number, 10, 1);
        exponent--;
    }

    /* number * 10^exponent against middle * 2^middle_exponent, both sides made integers. */
    if (exponent >= 0)
        multiply_power_of_5(&number, exponent);
    else
        multiply_power_of_5(&middle, -exponent);
    if (exponent >= middle_exponent)
        shift_left(&number, exponent - middle_exponent);
    else
        shift_left(&middle, middle_exponent - exponent);
    return compare(&number, &middle);
}

/* Numbers of more than 19 digits, leading zeros counted. */
static __attribute__((noinline)) double read_many_digits(const decimal_text *text)
{
    uint64_t significand = 0;
    int64_t n = 0;
    for (const char *p = text->first; p < text->last; p++) {
        if (!is_digit(*p)) continue;
        if (n == 0 && *p == '0') continue;
        if (n++ < MAX_DIGITS) significand = 10 * significand + (uint64_t)(*p - '0');
    }
    if (n <= MAX_DIGITS) return az_nearest_double(significand, text->exponent);
    int64_t exponent = text->exponent + n - MAX_DIGITS;
    double lower = az_nearest_double(significand, exponent);
    double upper = az_nearest_double(significand + 1, exponent);
    if (lower == upper) return lower;
    int side = compare_with_middle(text, lower);
    if (side) return side < 0 ? lower : upper;
    uint64_t bits;
    memcpy(&bits, &lower, sizeof bits);
    return bits & 1 ? upper : lower;
}

/* Letters in any case. */
static const char *match_word(const char *text, const char *end, const char *word)
{
    for (; *word; word++, text++)
        if (text >= end || (*text | 0x20) != *word) return NULL;
    return text;
}

static __attribute__((noinline)) const char *read_special(const char *text, const char *end, bool negative,
                                                          double *value)
{
    const char *after = match_word(text, end, "nan");
    if (after) {
        *value = negative ? -__builtin_nan("") : __builtin_nan("");
        return after;
    }
    after = match_word(text, end, "inf");
    if (!after) return NULL;
    *value = negative ? -__builtin_inf() : __builtin_inf();
    const char *longer = match_word(after, end, "inity");
    return longer ? longer : after;
}

static const uint64_t small_power_of_ten[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/* Reads digits eight at a time and appends them to *significand (modulo 2^64 if there are too many).  A word's bytes
 * are tested together: adding 0x76 to a byte's low seven bits reaches 0x80 for all but 0 .. 9.  Shifting the digits
 * found to the word's upper end puts zeros in front of them, so that a short last word costs no loop. */
static inline const char *read_digits(const char *p, const char *end, uint64_t *significand)
{
    while (end - p >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        word ^= 0x3030303030303030u;
        uint64_t other = (((word & 0x7f7f7f7f7f7f7f7fu) + 0x7676767676767676u) | word) & 0x8080808080808080u;
        int n = other ? __builtin_ctzll(other) >> 3 : 8;
        if (n == 0) return p;
        word <<= 64 - 8 * n;
        word = (word * 10) + (word >> 8);
        word = (((word & 0x000000ff000000ffu) * 0x000f424000000064u) +
                (((word >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u)) >>
               32;
        *significand = *significand * small_power_of_ten[n] + word;
        p += n;
        if (n < 8) return p;
    }
    for (; p < end && is_digit(*p); p++) *significand = 10 * *significand + (uint64_t)(*p - '0');
    return p;
}

const char *az_parse_double(const char *text, const char *end, char decimal, double *value)
{
    const char *p = text;
    /* Signs are often random: a branch on them would be guessed wrong every other time. */
    bool negative = p < end && *p == '-';
    p += negative | (p < end && *p == '+');
    const char *first = p;
    uint64_t significand = 0;
    p = read_digits(p, end, &significand);
    int64_t n_digits = p - first, exponent = 0;
    if (p < end && *p == decimal) {
        const char *fraction = p + 1;
        const char *after = read_digits(fraction, end, &significand);
        exponent = fraction - after;
        n_digits -= exponent;
        if (n_digits == 0) return NULL; /* a decimal character alone */
        p = after;
    } else if (n_digits == 0) {
        return read_special(p, end, negative, value);
    }
    const char *last = p;
    if (p < end && ((*p | 0x20) == 'e' || (*p | 0x20) == 'd')) {
        const char *q = p + 1;
        bool small = false;
        if (q < end && (*q == '-' || *q == '+')) small = *q++ == '-';
        if (q < end && is_digit(*q)) {
            int64_t written = 0;
            for (; q < end && is_digit(*q); q++)
                if (written < 100000000000000000) written = 10 * written + (*q - '0');
            exponent += small ? -written : written;
            p = q;
        }
    }
    double magnitude;
    if (n_digits > MAX_DIGITS)
        magnitude = read_many_digits(&(decimal_text){first, last, exponent});
    else if (exponent == 0 && significand <= (uint64_t)1 << 53)
        magnitude = (double)significand;
    else
        magnitude = az_nearest_double(significand, exponent);
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    bits |= (uint64_t)negative << 63;
    memcpy(value, &bits, sizeof bits);
    return p;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

bool az_parse_double_all(const char *text, const char *end, char decimal, double *value)
{
    while (text < end && is_blank(*text)) text++;
    while (end > text && is_blank(end[-1])) end--;
    double parsed;
    if (az_parse_double(text, end, decimal, &parsed) != end) return false;
    *value = parsed;
    return true;
}

bool az_parse_double_string(const char *text, double *value)
{
    return az_parse_double_all(text, text + strlen(text), '.', value);
}

bool az_parse_int_string(const char *text, int64_t *value)
{
    const char *end = text + strlen(text);
    while (text < end && is_blank(*text)) text++;
    while (end > text && is_blank(end[-1])) end--;
    bool negative = false;
    if (text < end && (*text == '-' || *text == '+')) negative = *text++ == '-';
    if (text == end) return false;
    int64_t sum = 0; /* kept negative, where there is one value more */
    for (; text < end; text++) {
        if (!is_digit(*text)) return false;
        if (__builtin_mul_overflow(sum, (int64_t)10, &sum) || __builtin_sub_overflow(sum, (int64_t)(*text - '0'), &sum))
            return false;
    }
    if (!negative && sum == INT64_MIN) return false;
    *value = negative ? sum : -sum;
    return true;
}
