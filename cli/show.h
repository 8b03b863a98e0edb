/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli.h"

az_status cli_show_model(cli_call *call, const az_model *model);
/* show_tree.c */
az_status cli_print_tree(const cli_call *call, const az_model *model, int64_t tree);
az_status cli_draw_tree(const cli_call *call, const az_model *model); /* --tree, the first without it, to -o */
/* show_plan.c: --plan or --dot, to -o or printed */
az_status cli_show_plan(const cli_call *call, const az_model *model);
/* show_picture.c: the file whole, or not at all. */
az_status cli_write_picture(const char *path, const az_text *bytes);
az_status cli_show_table(cli_call *call, const az_table *table);

#endif
