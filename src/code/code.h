/* SPDX-License-Identifier: BSD-3-Clause */
/* A program written once and put down in C or in Fortran: constant tables, and procedures in a small neutral language.
 *
 * The neutral language is C with its statements one a line, no semicolons, and these forms:
 *
 *     procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {
 *     real function distance(in real x[n_features], in int row) {
 *     public procedure ...      its name gets the program's in front: $predict is how others call it
 *         real sum, part[4]     declarations stand at the start of a procedure; loop variables need none
 *         for j in 0 .. n step 4 {
 *         while a < b {
 *         if a < b && isnan(c) {   } else if d {   } else {   }
 *         a = expression,  a += expression,  a *= expression,  call NAME(ARGUMENTS),  return expression (at the end),
 *         ignore argument       it is not used
 *     }
 *     # a comment, between procedures
 *
 * Arrays start at 0 and have one dimension, numbers with a point are doubles, others ints; whole(x) cuts a real to an
 * int.  Neither && nor || may be relied upon to leave out its right side, and reals are never compared with == (Fortran
 * compilers warn).  Names differ in more than the case of their letters. */
#ifndef AZ_CODE_CODE_H
#define AZ_CODE_CODE_H

#include "base/text.h"

typedef struct az_code az_code;

/* An identifier that both languages take: letters, digits and single underscores, a letter first. */
enum { AZ_CODE_NAME_MAX = 40 };
void az_code_identifier(char identifier[AZ_CODE_NAME_MAX], const char *text);

/* language: "c" or "fortran", else AZ_ERROR_USAGE.  name is made an identifier. */
az_status az_code_new(az_code **code, const char *language, const char *name);
void az_code_free(az_code *code);
const char *az_code_name(const az_code *code);

/* These never fail: what went wrong is told by az_code_finish. */
void az_code_remark(az_code *code, const char *format, ...) AZ_PRINTF(2, 3); /* a line of the comment on top */
/* How the procedures predict and self_test are called and compiled. */
void az_code_remark_usage(az_code *code);
void az_code_constant(az_code *code, const char *name, int64_t value);
void az_code_reals(az_code *code, const char *name, const double *values, int64_t n);
void az_code_integers(az_code *code, const char *name, const int32_t *values, int64_t n);
void az_code_write(az_code *code, const char *text); /* lines of the neutral language */
void az_code_fail(az_code *code, az_status status);  /* what the caller itself ran into; its text is set already */
/* Whether so many numbers more are still taken: the caller need not gather those that are refused anyway. */
bool az_code_has_room(const az_code *code, int64_t n_numbers);
/* What follows is the program's own test. */
void az_code_begin_test(az_code *code);

/* The whole file, owned by the caller. */
az_status az_code_finish(az_code *code, az_text *text);

/* The language that a path's ending names, or NULL. */
const char *az_code_language_of(const char *path);

#endif
