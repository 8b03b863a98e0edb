/* SPDX-License-Identifier: BSD-3-Clause */
/* The inner loop of the reader: the rows of a block into the columns.  Included once per instruction set with
 *   ROWS_FN          the name of the function
 *   ROWS_TARGET      attribute of every function here
 *   find_digits      (const char *at, bool sign, char decimal, int *n_digits, int *n_decimals): how many digits stand
 *                    after a sign (if any) and after the decimal character behind them (else 0), at most 19 each; 32
 *                    bytes may be looked at, and digits beyond them be missed.
 *   read_digits      (const char *at, int n): the value of n <= 19 digits; 32 bytes may be looked at. */
#include "base/decimal.h"
#include "base/number.h"
#include "data/csv.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { MOST_DIGITS = 19, LOOK_AHEAD = 80 };

static const uint64_t integer_power[] = {1,
                                         10,
                                         100,
                                         1000,
                                         10000,
                                         100000,
                                         1000000,
                                         10000000,
                                         100000000,
                                         1000000000,
                                         10000000000,
                                         100000000000,
                                         1000000000000,
                                         10000000000000,
                                         100000000000000,
                                         1000000000000000,
                                         10000000000000000,
                                         100000000000000000,
                                         1000000000000000000,
                                         10000000000000000000u};

/* A number as az_parse_double reads it, to which all is left that is not common: no digit before the decimal
 * character, more than 19 digits, the last bytes of a block. */
ROWS_TARGET static inline const char *quick_number(const char *at, const char *end, char decimal, double *value)
{
    const char *p;
    bool negative;
    uint64_t digits, decimals;
    int n_digits, n_decimals;
    int64_t exponent;
    double slow = 0; /* its address is passed on, so that *value can stay in a register */
    if (end - at < LOOK_AHEAD) goto uncommon;
    negative = *at == '-';
    find_digits(at, negative, decimal, &n_digits, &n_decimals);
    p = at + negative;
    digits = read_digits(p, n_digits);
    p += n_digits;
    if (*p == decimal) {
        decimals = read_digits(++p, n_decimals);
        p += n_decimals;
        digits = digits * integer_power[n_decimals] + decimals;
    }
    if (n_digits == 0 || n_digits + n_decimals > MOST_DIGITS || (unsigned)(unsigned char)*p - '0' <= 9) goto uncommon;
    exponent = -n_decimals;
    if ((*p | 0x20) == 'e') {
        const char *q = p + 1;
        bool below = *q == '-';
        q += below || *q == '+';
        unsigned first = (unsigned)(unsigned char)q[0] - '0', second = (unsigned)(unsigned char)q[1] - '0';
        if (first > 9) goto uncommon;
        int64_t written = first;
        q++;
        if (second <= 9) {
            written = 10 * written + second;
            q++;
            if ((unsigned)(unsigned char)*q - '0' <= 9) goto uncommon;
        }
        exponent += below ? -written : written;
        p = q;
    } else if ((*p | 0x20) == 'd') {
        goto uncommon;
    }
    /* The sign without a branch: signs are as hard to foresee as the toss of a coin. */
    double result = az_nearest_double(digits, exponent);
    uint64_t bits;
    memcpy(&bits, &result, sizeof bits);
    bits |= (uint64_t)negative << 63;
    memcpy(value, &bits, sizeof bits);
    return p;
uncommon:
    p = az_parse_double(at, end, decimal, &slow);
    *value = slow;
    return p;
}

/* One record into row `row`.  Returns the beginning of the next, or NULL with the block's problem set. */
ROWS_TARGET static inline const char *parse_row(csv_reading *reading, csv_block *block, const char *at, int64_t row)
{
    const csv_dialect *dialect = &block->source->dialect;
    const unsigned char *class_of = dialect->class_of;
    const char *record = at, *end = block->end;
    double *const *values = reading->values;
    int64_t n_columns = reading->n_columns;
    bool check_missing = dialect->n_missing_numbers > 0;
    char decimal = dialect->decimal;
    for (int64_t j = 0;;) {
        const char *cell_begin = at, *next;
        bool last;
        if (!atomic_load_explicit(&reading->is_text[j], memory_order_relaxed)) {
            double value;
            while (class_of[(unsigned char)*at] & CSV_BLANK) at++;
            next = quick_number(at, end, decimal, &value);
            if (!next || !isfinite(value) || (check_missing && az_csv_is_missing_number(dialect, value)))
                goto difficult;
            const char *stop = next;
            while (class_of[(unsigned char)*next] & CSV_BLANK) next++;
            unsigned char class = class_of[(unsigned char)*next];
            last = class & CSV_NEWLINE;
            if (class & CSV_DELIMITER)
                next++;
            else if (!last && !(dialect->runs_of_blanks && next > stop))
                goto difficult;
            values[j][row] = value;
        } else {
        difficult:;
            csv_cell cell;
            next = az_csv_cell(dialect, cell_begin, end, &cell);
            if (!next) {
                block->problem = cell.problem;
                block->problem_at = cell.begin ? cell.begin : cell_begin;
                return NULL;
            }
            last = cell.last;
            if (!atomic_load_explicit(&reading->is_text[j], memory_order_relaxed))
                values[j][row] = az_csv_difficult_cell(reading, dialect, &cell, j, row);
        }
        at = next;
        j++;
        if (last && j == n_columns) return at + 1;
        if (last || j == n_columns) {
            az_csv_ragged(block, record, last ? NULL : at, j);
            return NULL;
        }
    }
}

ROWS_TARGET void ROWS_FN(void *context, int64_t index, int thread)
{
    (void)thread;
    csv_reading *reading = context;
    csv_block *block = &reading->blocks[index];
    const csv_dialect *dialect = &block->source->dialect;
    int64_t row = block->first_row;
    for (const char *at = block->begin; at && at < block->end;) {
        if (az_csv_line_kind(dialect, at, block->end) == CSV_ROW) {
            at = parse_row(reading, block, at, row++);
        } else {
            at = (const char *)memchr(at, dialect->newline, (size_t)(block->end - at)) + 1;
        }
    }
}
