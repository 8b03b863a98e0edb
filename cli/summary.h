/* SPDX-License-Identifier: BSD-3-Clause */
/* Many numbers at a glance: how many are missing, from where to where they go, and how they are spread. */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "base/json_write.h"

#include <stdbool.h>
#include <stdint.h>

enum { CLI_BINS = 12, CLI_BARS_MAX = 3 * CLI_BINS + 1 };

typedef struct cli_summary {
    double lower, upper, mean; /* NaN: there is no finite number */
    int64_t n, n_missing, count[CLI_BINS];
} cli_summary;

/* All numbers go first to add, block by block, and then, where a histogram is wanted, again to count. */
void cli_summary_begin(cli_summary *summary);
void cli_summary_add(cli_summary *summary, const double *values, int64_t n, int64_t stride);
void cli_summary_count(cli_summary *summary, const double *values, int64_t n, int64_t stride);

/* The histogram in block characters, or in ASCII where the locale of the terminal is not UTF-8. */
const char *cli_summary_bars(const cli_summary *summary, char text[CLI_BARS_MAX]);
/* The keys lower, mean, upper, histogram. */
void cli_json_summary(az_json *json, const cli_summary *summary);

#endif
