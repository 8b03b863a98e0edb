/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers to text and back, correctly rounded, whatever the locale. */
#ifndef AZ_BASE_NUMBER_H
#define AZ_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads one decimal number from [text, end): optional sign, digits, `decimal` ('.' or ','), exponent with e, E, d or D
 * ("1.0D+03"), or inf, infinity, nan in any case.  No blanks are skipped.  Nearest double, ties to even; overflow gives
 * an infinity, underflow 0 or a subnormal.  Returns the first character after the number, or NULL if there is none. */
const char *az_parse_double(const char *text, const char *end, char decimal, double *value);

/* The whole of [text, end) is one number (blanks around it are allowed). */
bool az_parse_double_all(const char *text, const char *end, char decimal, double *value);
/* The same for a string and for an integer in [INT64_MIN, INT64_MAX]. */
bool az_parse_double_string(const char *text, double *value);
bool az_parse_int_string(const char *text, int64_t *value);

/* The shortest decimal that reads back as the same double ("0.1", "1e-09", "123456789", "-0", "nan", "inf");
 * exponent form as Python's repr: outside 1e-4 <= |x| < 1e16.  Integers have no ".0".  Writes at most
 * AZ_NUMBER_MAX bytes including the terminating 0; returns the length. */
#define AZ_NUMBER_MAX 32
size_t az_print_double(char *buffer, double value);

/* At most n_significant digits, trailing zeros dropped, as "%.{n}g" in the C locale. */
size_t az_print_rounded(char *buffer, double value, int n_significant);

#endif
