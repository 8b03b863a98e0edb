/* SPDX-License-Identifier: BSD-3-Clause */
/* What a fit made, between fit.c, which makes it, and fit_print.c, which tells of it. */
#ifndef CLI_FIT_H
#define CLI_FIT_H

#include "scoring.h"

#include "report/report.h"

typedef struct cli_fit_state {
    az_table *table, *test_table;
    az_problem *problem, *test_problem;
    az_model *model, *refitted;
    az_split_options split;
    int64_t *train_rows, *test_rows; /* indices into the problem's rows; NULL: all, none */
    int64_t n_train, n_test;
    double test_fraction;            /* 0: --test FILE, or none */
    cli_scores train, test;
    cli_coverage coverage; /* of the test */
    double seconds_read, seconds_fit;
    char scored_on[256];
} cli_fit_state;

/* fit_stream.c.  Whether the data fit into memory, asked before they are read: AZ_ERROR_MEMORY if they do not and the
 * model, or what else is asked for, needs all rows at once. */
az_status cli_fit_choose_way(cli_call *call, const cli_fit_state *state, const char *paths, bool *in_blocks);
az_status cli_fit_in_blocks(cli_call *call, cli_fit_state *state, const char *paths); /* fits and scores */
az_status cli_fit_continue(cli_call *call);                                           /* the whole command */

az_status cli_fit_print(cli_call *call, cli_fit_state *state);
az_status cli_fit_json(cli_call *call, cli_fit_state *state);
az_status cli_fit_report(cli_call *call, cli_fit_state *state);

#endif
