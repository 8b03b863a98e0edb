/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of commands.  Adding one: its file, and a line here. */
#include "cli.h"

#include <string.h>

const cli_command *const cli_commands[] = {
    &cli_show,   &cli_data,  &cli_compare, &cli_fit,    &cli_predict,    &cli_score, &cli_explain, &cli_export,
    &cli_import, &cli_merge, &cli_models,  &cli_doctor, &cli_completion, &cli_help,  NULL,
};

static const char *candidate(void *context, int64_t i)
{
    (void)context;
    return cli_commands[i] ? cli_commands[i]->name : NULL;
}

const cli_command *cli_command_find(const char *name)
{
    for (int i = 0; cli_commands[i]; i++)
        if (strcmp(cli_commands[i]->name, name) == 0) return cli_commands[i];
    const char *nearest = az_nearest(name, candidate, NULL);
    if (nearest)
        (void)az_error(AZ_ERROR_USAGE, "there is no command \"%s\"; did you mean \"%s\"?", name, nearest);
    else
        (void)az_error(AZ_ERROR_USAGE, "there is no command \"%s\"; ansatz alone lists the commands", name);
    return NULL;
}

bool cli_command_takes(const cli_command *command, const cli_option *option)
{
    return (command->groups & (unsigned)option->group) || option->group == CLI_GENERAL ||
           cli_list_has(command->options, option->name);
}

bool cli_command_takes_pipeline(const cli_command *command, const char *parameter)
{
    return command->pipeline && (strcmp(command->pipeline, "*") == 0 || cli_list_has(command->pipeline, parameter));
}
