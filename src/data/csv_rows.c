/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of numbers, for any CPU. */
#include <stdint.h>

static inline int read_digits(const char *at, uint64_t *value)
{
    uint64_t sum = 0;
    int n = 0;
    for (unsigned digit; n < 19 && (digit = (unsigned)(unsigned char)at[n] - '0') <= 9; n++) sum = 10 * sum + digit;
    *value = sum;
    return n;
}

#define ROWS_FN az_csv_parse_block
#define ROWS_TARGET
#include "data/csv_rows.tmpl.h"
