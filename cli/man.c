/* SPDX-License-Identifier: BSD-3-Clause */
/* Man pages (roff), from the same tables as --help. */
#include "help.h"

/* A dash is a hyphen to roff unless escaped, and a dot or quote at the start of a line would be a request. */
static void roff(const char *text)
{
    bool line_start = true;
    for (const char *c = text; *c; c++) {
        if (line_start && (*c == '.' || *c == '\'')) fputs("\\&", stdout);
        if (*c == '-')
            fputs("\\-", stdout);
        else if (*c == '\\')
            fputs("\\e", stdout);
        else
            putchar(*c);
        line_start = *c == '\n';
        if (line_start && c[1] == '\n') fputs(".PP", stdout); /* an empty line parts paragraphs */
    }
}

static void example(const cli_command *command)
{
    fputs(".PP\n.nf\n", stdout);
    roff(command->example);
    fputs("\n.fi\n", stdout);
}

static void options(const cli_command *command)
{
    fputs(".SH OPTIONS\n", stdout);
    for (const cli_option *option = cli_option_table; option->name; option++) {
        if (!cli_command_takes(command, option)) continue;
        fputs(".TP\n.B ", stdout);
        if (option->letter) printf("\\-%c, ", option->letter);
        fputs("\\-\\-", stdout);
        roff(option->name);
        if (option->argument) printf(" %s", option->argument);
        putchar('\n');
        roff(option->help);
        putchar('\n');
    }
    for (const az_param *param = az_pipeline_params; param->name; param++) {
        if (!cli_command_takes_pipeline(command, param->name)) continue;
        printf(".TP\n.B \\-\\-%s %s\n", param->name, param->choices ? param->choices : "VALUE");
        roff(param->help);
        putchar('\n');
    }
}

static void statuses(void)
{
    fputs(".SH EXIT STATUS\n", stdout);
#define STATUS_LINE(name, code, sentence) printf(".TP\n.B %d\n%s\n", code, sentence);
    AZ_STATUS_LIST(STATUS_LINE)
#undef STATUS_LINE
}

az_status cli_man_page(const cli_command *command)
{
    if (command) {
        fputs(".TH ANSATZ\\-", stdout);
        for (const char *c = command->name; *c; c++) putchar(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
        printf(" 1 \"\" \"Ansatz %s\"\n.SH NAME\nansatz\\-%s \\- ", az_version(), command->name);
        roff(command->summary);
        printf("\n.SH SYNOPSIS\n.B ansatz %s\n", command->name);
        roff(command->arguments);
        fputs(" [OPTION]...\n.SH DESCRIPTION\n", stdout);
        roff(command->details ? command->details : command->summary);
        putchar('\n');
        options(command);
        fputs(".SH EXAMPLE\n", stdout);
        example(command);
    } else {
        printf(".TH ANSATZ 1 \"\" \"Ansatz %s\"\n.SH NAME\nansatz \\- machine learning for physics\n"
               ".SH SYNOPSIS\n.B ansatz\nCOMMAND [OPTION]...\n.SH COMMANDS\n",
               az_version());
        for (int i = 0; cli_commands[i]; i++) {
            printf(".TP\n.B %s\n", cli_commands[i]->name);
            roff(cli_commands[i]->summary);
            putchar('\n');
            example(cli_commands[i]);
        }
        fputs(".SH MODELS\n", stdout);
        for (int i = 0; az_model_classes[i]; i++) {
            printf(".TP\n.B %s\n", az_model_classes[i]->name);
            roff(az_model_classes[i]->summary);
            putchar('\n');
        }
    }
    statuses();
    fputs(".SH SEE ALSO\n", stdout);
    if (command) fputs(".BR ansatz (1)\n", stdout);
    for (int i = 0; cli_commands[i] && !command; i++)
        printf(".BR ansatz\\-%s (1)%s\n", cli_commands[i]->name, cli_commands[i + 1] ? "," : "");
    return cli_finish_output();
}
