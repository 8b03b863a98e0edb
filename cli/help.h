/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli.h"

az_status cli_help_overview(void);
az_status cli_help_version(void);
az_status cli_help_command(const cli_command *command);
az_status cli_help_formulas(void);
az_status cli_man_page(const cli_command *command); /* NULL: the page of the program */

#endif
