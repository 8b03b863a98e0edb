/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz export: a model as a source file in C or Fortran. */
#include "cli.h"

#include "code/code.h"

#include <ctype.h>
#include <string.h>

/* The file's name without folder and ending, else the model's. */
static az_status base_of(const char *path, az_text *name)
{
    const char *base = cli_base_name(path), *point = strrchr(base, '.');
    az_text_append_n(name, base, point && point > base ? (size_t)(point - base) : strlen(base));
    return az_text_status(name);
}

static void say_next(cli_call *call, const char *path, const char *name, const char *language)
{
    cli_say(call, "%s written; its comment names the inputs and says how to compile it", path);
    az_text line = {0};
    if (strcmp(language, "c") == 0) {
        az_text_append(&line, "Next: cc -std=c99 -O2 -ffp-contract=off -D");
        char macro[AZ_CODE_NAME_MAX];
        az_code_identifier(macro, name);
        for (char *c = macro; *c; c++) *c = (char)toupper((unsigned char)*c);
        az_text_append(&line, macro);
        az_text_append(&line, "_TEST -o test ");
        cli_shell_quote(&line, path);
        az_text_append(&line, " -lm && ./test");
    } else {
        az_text_append(&line, "Next: gfortran -O2 -ffp-contract=off -c ");
        cli_shell_quote(&line, path);
    }
    if (!az_text_status(&line)) cli_say(call, "%s", line.data);
    az_text_free(&line);
}

static az_status run(cli_call *call)
{
    const char *path = call->options.output ? call->options.output : "-";
    const char *language = call->options.to ? call->options.to : az_code_language_of(path);
    const bool to_file = strcmp(path, "-") != 0;
    az_model *model = NULL;
    az_text name = {0};
    az_status status = AZ_OK;
    if (!language)
        return az_error(AZ_ERROR_USAGE, "say into which language: --to c or --to fortran, or -o FILE.c or -o FILE.f90");
    AZ_TRY(cli_check_writable(call->options.output, "the program"));
    AZ_TRY(cli_read_model(call, call->words[0], &model));
    AZ_GOTO(base_of(to_file ? path : call->words[0], &name));
    AZ_GOTO(az_model_export(model, language, name.data, path));
    if (to_file) say_next(call, path, name.data, language);
done:
    az_text_free(&name);
    az_model_free(model);
    return status;
}

const cli_command cli_export = {
    .name = "export",
    .heading = "use",
    .arguments = "MODEL.az",
    .summary = "Write a model as a C or Fortran program that needs no library",
    .example = "ansatz export housing.az --to fortran -o housing.f90",
    .details =
        "The file holds the numbers of the model in tables, and loops: NAME_predict(inputs, outputs), where NAME is\n"
        "that of the file.  Filling, categories, phases, products, scaling and the logarithm of the target are in it.\n"
        "A comment describes inputs and outputs; test rows with the library's outputs come along.\n"
        "C is that of 1999; Fortran is a module of the standard of 2008.",
    .options = "to,output",
    .min_words = 1,
    .max_words = 1,
    .missing = "export needs a model file",
    .run = run,
};
