/* SPDX-License-Identifier: BSD-3-Clause */
/* Help, made from the tables of commands, options and parameters. */
#include "help.h"

#include <string.h>

static const char *const headings[][2] = {
    {"look", "Look at data and models"}, {"fit", "Fit"},         {"use", "Use what was fitted"},
    {"understand", "Understand"},        {"physics", "Physics"}, {"help", "Help"},
};

az_status cli_help_version(void)
{
    printf("ansatz %s\n", az_version());
    return cli_finish_output();
}

az_status cli_help_overview(void)
{
    printf("Ansatz %s: machine learning for physics\n", az_version());
    for (size_t h = 0; h < sizeof headings / sizeof *headings; h++) {
        bool titled = false;
        for (int i = 0; cli_commands[i]; i++) {
            const cli_command *command = cli_commands[i];
            if (strcmp(command->heading, headings[h][0]) != 0) continue;
            if (!titled) printf("\n%s\n", headings[h][1]);
            titled = true;
            printf("  %-11s %s\n              %s\n", command->name, command->summary, command->example);
        }
    }
    cli_next("ansatz COMMAND --help, or ansatz show FILE to look at your table");
    return cli_finish_output();
}

static void print_option(const cli_option *option)
{
    char left[64];
    int n = option->letter ? snprintf(left, sizeof left, "-%c, ", option->letter) : snprintf(left, sizeof left, "    ");
    snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    printf("  %-30s %s\n", left, option->help);
}

az_status cli_help_command(const cli_command *command)
{
    printf("ansatz %s %s [OPTION]...\n%s.\n", command->name, command->arguments, command->summary);
    if (command->details) printf("\n%s\n", command->details);
    printf("\nExample\n  %s\n", command->example);
    for (unsigned group = CLI_ROLES; group <= CLI_GENERAL; group <<= 1) {
        bool titled = false;
        for (const cli_option *option = cli_option_table; option->name; option++) {
            if ((unsigned)option->group != group || !cli_command_takes(command, option)) continue;
            if (!titled) printf("\n%s\n", cli_group_title(option->group));
            titled = true;
            print_option(option);
        }
    }
    if (command->pipeline) {
        printf("\nBefore the model\n");
        for (const az_param *param = az_pipeline_params; param->name; param++) {
            if (!cli_command_takes_pipeline(command, param->name)) continue;
            char left[256], name[64];
            snprintf(name, sizeof name, "%s", param->name);
            for (char *c = name; *c; c++) *c = *c == '_' ? '-' : *c;
            snprintf(left, sizeof left, "    --%s %s", name, param->choices ? param->choices : "VALUE");
            printf("  %-30s %s\n", left, param->help);
        }
    }
    if (command->takes_model) printf("\nThe parameters of a model are options too: ansatz models NAME lists them.\n");
    return cli_finish_output();
}

static az_status run(cli_call *call)
{
    const cli_command *command = NULL;
    if (call->n_words && strcmp(call->words[0], "formulas") == 0) return cli_help_formulas();
    if (call->n_words) {
        command = cli_command_find(call->words[0]);
        if (!command) return AZ_ERROR_USAGE;
    }
    if (call->options.man) return cli_man_page(command);
    return command ? cli_help_command(command) : cli_help_overview();
}

const cli_command cli_help = {
    .name = "help",
    .heading = "help",
    .arguments = "[COMMAND | formulas]",
    .summary = "Say what a command does and takes, or print its man page",
    .example = "ansatz help fit",
    .details = "formulas: the language of --derive and --where, with its functions and constants.",
    .options = "man",
    .max_words = 1,
    .run = run,
};
