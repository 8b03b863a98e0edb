/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of numbers, sixteen digits at a time: the method of Mula, "SIMD-ized atoi" (0x80.pl, 2014).  Digits are moved to
 * the upper end of the register, zeros in front, and neighbours are joined three times: 16 digits, 8 pairs, 4 groups of
 * four, 2 of eight. */
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ROWS_TARGET __attribute__((target("avx2,bmi")))

/* One load and one mask give both counts: what limits the loop is how soon the next number's place is known. */
ROWS_TARGET static inline void find_digits(const char *at, bool sign, char decimal, int *n_digits, int *n_decimals)
{
    __m256i text = _mm256_sub_epi8(_mm256_loadu_si256((const __m256i *)(const void *)at), _mm256_set1_epi8('0'));
    __m256i is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(text, _mm256_set1_epi8(9)), text);
    uint64_t mask = (uint64_t)(uint32_t)_mm256_movemask_epi8(is_digit) >> sign;
    uint64_t n = _tzcnt_u64(~mask | UINT64_C(1) << 19);
    uint64_t m = _tzcnt_u64(~(mask >> n >> 1) | UINT64_C(1) << 19);
    *n_digits = (int)n;
    *n_decimals = at[n + sign] == decimal ? (int)m : 0;
}

ROWS_TARGET static inline uint64_t read_digits(const char *at, int n)
{
    /* Loading 16 bytes from place n gives the shuffle that moves n bytes up; 0x80 makes a zero. */
    static const unsigned char move_up[32] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                              0x80, 0x80, 0x80, 0x80, 0x80, 0,    1,    2,    3,    4,    5,
                                              6,    7,    8,    9,    10,   11,   12,   13,   14,   15};
    /* What the 17th to 19th digit count, and what that makes of the first 16. */
    static const uint32_t weight[4][4] = {{1, 0, 0, 0}, {10, 1, 0, 0}, {100, 10, 1, 0}, {1000, 100, 10, 1}};
    int n_first = n < 16 ? n : 16;
    __m128i text = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), _mm_set1_epi8('0'));
    __m128i digits = _mm_shuffle_epi8(text, _mm_loadu_si128((const __m128i *)(const void *)(move_up + n_first)));
    __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(1 << 8 | 10));
    __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(1 << 16 | 100));
    __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(1 << 16 | 10000));
    uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    uint64_t first = (both & 0xffffffffu) * 100000000u + (both >> 32);
    uint32_t more;
    memcpy(&more, at + 16, sizeof more);
    more -= 0x30303030u; /* right where digits stand; other bytes count nothing */
    const uint32_t *w = weight[n - n_first];
    return first * w[0] + (more & 0xff) * w[1] + (more >> 8 & 0xff) * w[2] + (more >> 16 & 0xff) * w[3];
}

#define ROWS_FN az_csv_parse_block_avx2
#include "data/csv_rows.tmpl.h"
#else
typedef int az_no_avx2; /* a file of nothing is not C */
#endif
