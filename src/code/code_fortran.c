/* SPDX-License-Identifier: BSD-3-Clause */
/* Fortran, as the standard of 2008 has it: a module of pure procedures. */
#include "code/dialect.h"

#include <string.h>

static const char *const words[][2] = {{"[", "("},
                                       {"]", ")"},
                                       {"&&", ".and."},
                                       {"||", ".or."},
                                       {"!", ".not. "},
                                       {"!=", "/="},
                                       {"fabs", "abs"},
                                       {"isnan", "ieee_is_nan"},
                                       {"isfinite", "ieee_is_finite"},
                                       {"remainder", "ieee_rem"},
                                       {"NAN", "ieee_value(0.0_dp, ieee_quiet_nan)"},
                                       {"trunc", "aint"},
                                       {"whole", "int"},
                                       {NULL, NULL}};

static void comment(az_text *text, const char *line)
{
    az_text_printf(text, "!%s%s\n", *line ? " " : "", line);
}

static void usage(az_code *code)
{
    az_code_remark(code, "use %s_model; call %s_predict(inputs, outputs), both of real64", code->name, code->name);
    az_code_remark(code, "Compile: gfortran -O2 -ffp-contract=off -c %s.f90", code->name);
    az_code_remark(code,
                   "%s_self_test() runs rows whose outputs are known and returns the worst deviation from the "
                   "library's, relative to the greatest output.",
                   code->name);
}

static void constant(az_text *text, const char *name, int64_t value)
{
    az_text_printf(text, "    integer, parameter :: %s = %lld\n", name, (long long)value);
}

/* A table is a variable with values from DATA statements, not a PARAMETER: those take one constructor, and a statement
 * has at most 255 continuation lines.  Nothing writes to it. */
static void table(az_text *text, const char *name, const double *reals, const int32_t *integers, int64_t n)
{
    enum { PIECE = 400 };
    az_text_printf(text, "    %s, save :: %s(0:%lld)\n", reals ? "real(dp)" : "integer", name, (long long)(n - 1));
    for (int64_t first = 0; first < n; first += PIECE) {
        int64_t count = n - first < PIECE ? n - first : PIECE;
        az_text_printf(text, "    data %s(%lld:%lld) / &\n        ", name, (long long)first,
                       (long long)(first + count - 1));
        az_code_list(text, reals ? reals + first : NULL, integers ? integers + first : NULL, count, "_dp",
                     " &\n        ");
        az_text_append(text, " /\n");
    }
}

/* "sum, part[4]" to "sum, part(0:4 - 1)" */
static void extents(az_text *text, const char *list)
{
    for (const char *c = list; *c; c++) {
        if (*c == '[')
            az_text_append(text, "(0:");
        else if (*c == ']')
            az_text_append(text, " - 1)");
        else
            az_text_append_n(text, c, 1);
    }
}

static void declare(az_text *text, bool real, const char *list)
{
    az_text_printf(text, "        %s :: ", real ? "real(dp)" : "integer");
    extents(text, list);
    az_text_append(text, "\n");
}

/* RECURSIVE keeps large local arrays on the stack of each thread; without it compilers may make them static. */
static void procedure(az_text *text, const az_code_procedure *procedure)
{
    const char *kind = procedure->function ? "function" : "subroutine";
    if (procedure->comment.length) az_text_printf(text, "    ! %s\n", procedure->comment.data);
    az_text_printf(text, "    pure recursive %s%s %s(", procedure->function ? "real(dp) " : "", kind, procedure->name);
    for (int i = 0; i < procedure->n_arguments; i++)
        az_text_printf(text, "%s%s", i ? ", " : "", procedure->arguments[i].name);
    az_text_printf(text, ")%s\n", procedure->function ? " result(answer)" : "");
    for (int i = 0; i < procedure->n_arguments; i++) {
        const az_code_argument *argument = &procedure->arguments[i];
        az_text_printf(text, "        %s, intent(%s) :: %s", argument->real ? "real(dp)" : "integer",
                       argument->out ? "out" : "in", argument->name);
        if (argument->extent[0]) az_text_printf(text, "(0:%s - 1)", argument->extent);
        az_text_append(text, "\n");
    }
    az_text_append(text, procedure->declarations.data);
    for (int i = 0; i < procedure->n_variables; i++)
        az_text_printf(text, "%s%s", i ? ", " : "        integer :: ", procedure->variables[i]);
    if (procedure->n_variables) az_text_append(text, "\n");
    for (const char *line = procedure->body.data; *line;) { /* one level deeper than in C */
        size_t n = strcspn(line, "\n") + 1;
        az_text_append(text, "    ");
        az_text_append_n(text, line, n);
        line += n;
    }
    az_text_printf(text, "    end %s\n", kind);
}

static void file(const az_code *code, az_text *text)
{
    az_text_printf(text,
                   "%smodule %s_model\n"
                   "    use, intrinsic :: iso_fortran_env, only: dp => real64\n"
                   "    use, intrinsic :: ieee_arithmetic\n"
                   "    implicit none\n"
                   "    private\n",
                   code->remarks.data, code->name);
    for (const char *name = code->interface.data; *name;) {
        size_t n = strcspn(name, " ");
        az_text_printf(text, "    public :: %.*s\n", (int)n, name);
        name += n + (name[n] == ' ');
    }
    az_text_printf(text, "\n%s%scontains\n%s%send module\n", code->tables[0].data, code->tables[1].data,
                   code->procedures[0].data, code->procedures[1].data);
}

const az_dialect az_dialect_fortran = {
    .name = "fortran",
    .title = "Fortran",
    .ending = ".f90",
    /* gfortran 12 took 10 s and 1.9 GB of memory for 1.7 million numbers (18 MB of source), 34 s and 5.6 GB for 5. */
    .most_numbers = 1000000,
    .words = words,
    .real_suffix = "_dp",
    .forms = {[AZ_FORM_FOR] = "do $1 = $2, $3 - 1",
              [AZ_FORM_FOR_STEP] = "do $1 = $2, $3 - 1, $4",
              [AZ_FORM_WHILE] = "do while ($1)",
              [AZ_FORM_IF] = "if ($1) then",
              [AZ_FORM_ELSE_IF] = "else if ($1) then",
              [AZ_FORM_ELSE] = "else",
              [AZ_FORM_SET] = "$1 = $2",
              [AZ_FORM_ADD] = "$1 = $1 + ($2)",
              [AZ_FORM_MULTIPLY] = "$1 = $1 * ($2)",
              [AZ_FORM_CALL] = "call $1",
              [AZ_FORM_IGNORE] = "if (size($1) < 0) return",
              [AZ_FORM_RETURN] = "answer = $1",
              [AZ_FORM_END_FOR] = "end do",
              [AZ_FORM_END_IF] = "end if"},
    .comment = comment,
    .usage = usage,
    .constant = constant,
    .table = table,
    .declare = declare,
    .procedure = procedure,
    .file = file,
};
