/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz help formulas: the equation language, from the tables of operations and constants. */
#include "help.h"

#include "base/number.h"
#include "formula/formula.h"

#include <string.h>

static void print_operations(bool functions)
{
    for (const az_formula_operation *operation = az_formula_operations; operation->name; operation++) {
        char left[40];
        if ((operation->binding == 0) != functions || operation->sort == AZ_FORMULA_IS_EQUATION) continue;
        if (operation->binding > 0)
            snprintf(left, sizeof left, operation->min_arguments == 1 ? "%s x" : "x %s y", operation->name);
        else
            snprintf(left, sizeof left, "%s(%s)", operation->name, operation->arguments);
        printf("  %-23s %s\n", left, operation->meaning);
    }
}

az_status cli_help_formulas(void)
{
    printf("Formulas of --derive and --where\n\n"
           "  --derive 'lp = log10(period); area = w*h'    columns, each of the data or of those before it\n"
           "  --where 'depth > 10 and ocean != \"INLAND\"'   rows for which it holds\n\n"
           "Names with blanks stand in backquotes: `median income`; a new one may have a unit: `v [m/s]` = d/t.\n"
           "Texts and dates stand in quotes: time >= \"2010-01-01\"; a date is its first moment.  A time in\n"
           "arithmetic is the number that it is in its unit.  What is made of something missing, or has no\n"
           "finite value, is missing; --where leaves such rows out.\n\nOperators, from what binds least to what binds "
           "most (** is ^; -x^2 is -(x^2))\n");
    print_operations(false);
    printf("\nFunctions\n");
    print_operations(true);
    printf("\nConstants (CODATA 2022, SI units)\n");
    for (const az_formula_constant *constant = az_formula_constants; constant->name; constant++) {
        char value[AZ_NUMBER_MAX];
        az_print_double(value, constant->value);
        printf("  %-16s %-23s %-14s %s\n", constant->name, value, constant->unit, constant->meaning);
    }
    return cli_finish_output();
}
