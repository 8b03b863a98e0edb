/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli.h"

az_status cli_show_model(cli_call *call, const az_model *model);
az_status cli_show_table(cli_call *call, const az_table *table);

#endif
