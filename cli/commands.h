/* SPDX-License-Identifier: BSD-3-Clause */
/* The descriptors that commands.c lists. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

typedef struct cli_command cli_command;
extern const cli_command cli_show, cli_compare, cli_fit, cli_predict, cli_score, cli_export, cli_import, cli_merge,
    cli_models, cli_doctor, cli_completion, cli_help, cli_data, cli_explain;

#endif
