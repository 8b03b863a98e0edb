/* SPDX-License-Identifier: BSD-3-Clause */
/* The equation language: infix formulas over named quantities.  Text to tree, tree to text, evaluation on columns.
 *
 *   y = A*exp(-t/tau)*cos(w*t + phi) + c        depth > 10 and ocean != "INLAND"        u_t + u*u_x = nu*u_xx
 *
 * Numbers, names (with blanks: in backquotes; dotted: const.c), texts in double quotes, + - * / ^ (** is ^), unary -
 * and
 * +, comparisons (< <= > >= == !=), and, or, not, functions, parentheses, one "=" between two sides.  Start and bounds
 * of a parameter: tau=2[0,10].  A tree is one flat array; children are indices, so that it can be copied, compared and
 * walked without recursion deeper than AZ_FORMULA_DEPTH. */
#ifndef AZ_FORMULA_FORMULA_H
#define AZ_FORMULA_FORMULA_H

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"

enum { AZ_FORMULA_DEPTH = 200 };

typedef struct az_formula az_formula;

/* Parses one formula.  AZ_ERROR_USAGE: a line that says what was expected, then the formula and a caret under the wrong
 * character. */
az_status az_formula_parse(az_formula **formula, const char *text);
void az_formula_free(az_formula *formula);

#endif
