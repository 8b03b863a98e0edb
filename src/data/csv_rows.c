/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of numbers, for any CPU. */
#include <stdbool.h>
#include <stdint.h>

static inline int count_digits(const char *at)
{
    int n = 0;
    while (n < 19 && (unsigned)(unsigned char)at[n] - '0' <= 9) n++;
    return n;
}

static inline void find_digits(const char *at, bool sign, char decimal, int *n_digits, int *n_decimals)
{
    at += sign;
    *n_digits = count_digits(at);
    *n_decimals = at[*n_digits] == decimal ? count_digits(at + *n_digits + 1) : 0;
}

static inline uint64_t read_digits(const char *at, int n)
{
    uint64_t sum = 0;
    for (int i = 0; i < n; i++) sum = 10 * sum + (unsigned)(unsigned char)at[i] - '0';
    return sum;
}

#define ROWS_FN az_csv_parse_block
#define ROWS_TARGET
#include "data/csv_rows.tmpl.h"
