/* SPDX-License-Identifier: BSD-3-Clause */
/* C, as the standard of 1999 has it. */
#include "code/dialect.h"

#include <ctype.h>
#include <string.h>

static const char *const words[][2] = {{"real", "double"}, {"whole", "(int)"}, {NULL, NULL}};

static void comment(az_text *text, const char *line)
{
    az_text_append(text, text->length ? " *" : "/*");
    if (*line) az_text_printf(text, " %s", line);
    az_text_append(text, "\n");
}

static void test_macro(const az_code *code, char macro[AZ_CODE_NAME_MAX])
{
    size_t n = 0;
    do macro[n] = (char)toupper((unsigned char)code->name[n]);
    while (code->name[n++]);
}

static void usage(az_code *code)
{
    char macro[AZ_CODE_NAME_MAX];
    test_macro(code, macro);
    az_code_remark(code, "void %s_predict(const double *inputs, double *outputs);", code->name);
    az_code_remark(code, "Compile: cc -std=c99 -O2 -ffp-contract=off -c %s.c; link with -lm", code->name);
    az_code_remark(code,
                   "With -D%s_TEST this file is a program that runs rows whose outputs are known and prints the worst "
                   "deviation from the library's, relative to the greatest output.",
                   macro);
}

static void constant(az_text *text, const char *name, int64_t value)
{
    az_text_printf(text, "enum { %s = %lld };\n", name, (long long)value);
}

static void table(az_text *text, const char *name, const double *reals, const int32_t *integers, int64_t n)
{
    az_text_printf(text, "static const %s %s[%lld] = {\n    ", reals ? "double" : "int", name, (long long)n);
    az_code_list(text, reals, integers, n, "", "\n    ");
    az_text_append(text, "\n};\n");
}

static void declare(az_text *text, bool real, const char *list)
{
    az_text_printf(text, "    %s %s;\n", real ? "double" : "int", list);
}

static void header(az_text *text, const az_code_procedure *procedure)
{
    az_text_printf(text, "%s%s %s(", procedure->public ? "" : "static ", procedure->function ? "double" : "void",
                   procedure->name);
    if (procedure->n_arguments == 0) az_text_append(text, "void");
    for (int i = 0; i < procedure->n_arguments; i++) {
        const az_code_argument *argument = &procedure->arguments[i];
        bool array = argument->extent[0];
        az_text_printf(text, "%s%s%s %s%s", i ? ", " : "", array && !argument->out ? "const " : "",
                       argument->real ? "double" : "int", array || argument->out ? "*" : "", argument->name);
    }
    az_text_append(text, ")");
}

static void procedure(az_text *text, const az_code_procedure *procedure)
{
    if (procedure->comment.length) az_text_printf(text, "/* %s */\n", procedure->comment.data);
    if (procedure->public) {
        header(text, procedure);
        az_text_append(text, ";\n");
    }
    header(text, procedure);
    az_text_printf(text, "\n{\n%s%s}\n", procedure->declarations.data, procedure->body.data);
}

static void file(const az_code *code, az_text *text)
{
    az_text_printf(text, "%s */\n#include <math.h>\n\n", code->remarks.data);
    az_text_printf(text, "%s%s", code->tables[0].data, code->procedures[0].data);
    char macro[AZ_CODE_NAME_MAX];
    test_macro(code, macro);
    az_text_printf(text, "\n#ifdef %s_TEST\n#include <stdio.h>\n\n%s%s", macro, code->tables[1].data,
                   code->procedures[1].data);
    az_text_printf(text,
                   "\nint main(void)\n{\n"
                   "    double worst = %s_self_test();\n"
                   "    fprintf(stdout, \"worst relative deviation from the library: %%.2e\\n\", worst);\n"
                   "    return !(worst <= 1e-12);\n}\n#endif\n",
                   code->name);
}

const az_dialect az_dialect_c = {
    .name = "c",
    .title = "C",
    .ending = ".c",
    /* GCC 12 took 15 s and 1 GB of memory for 10 million numbers (57 MB of source). */
    .most_numbers = 20000000,
    .words = words,
    .real_suffix = "",
    .forms = {[AZ_FORM_FOR] = "for (int $1 = $2; $1 < $3; $1++) {",
              [AZ_FORM_FOR_STEP] = "for (int $1 = $2; $1 < $3; $1 += $4) {",
              [AZ_FORM_WHILE] = "while ($1) {",
              [AZ_FORM_IF] = "if ($1) {",
              [AZ_FORM_ELSE_IF] = "} else if ($1) {",
              [AZ_FORM_ELSE] = "} else {",
              [AZ_FORM_SET] = "$1 = $2;",
              [AZ_FORM_ADD] = "$1 += $2;",
              [AZ_FORM_MULTIPLY] = "$1 *= $2;",
              [AZ_FORM_CALL] = "$1;",
              [AZ_FORM_IGNORE] = "(void)$1;",
              [AZ_FORM_RETURN] = "return $1;",
              [AZ_FORM_END_FOR] = "}",
              [AZ_FORM_END_IF] = "}"},
    .comment = comment,
    .usage = usage,
    .constant = constant,
    .table = table,
    .declare = declare,
    .procedure = procedure,
    .file = file,
};
