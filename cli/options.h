/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of the program, each named once: parsing, --help, configuration files, completion and man pages are made
 * from this one table.  (The parameters of models stand in the models' own tables.) */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <ansatz/ansatz.h>

typedef enum cli_group {
    CLI_ROLES = 1,
    CLI_READER = 2,
    CLI_SPLIT = 4,
    CLI_OUTPUT = 8,
    CLI_RUN = 16,
    CLI_GENERAL = 32
} cli_group;

typedef enum cli_type { CLI_FLAG, CLI_TEXT, CLI_FILE, CLI_INT, CLI_REAL } cli_type;

/* What the options set.  Texts are borrowed from the command line or the configuration file. */
typedef struct cli_options {
    az_reader_options reader;
    az_roles roles;
    const char *test, *test_target, *split, *models, *metric, *from; /* from: --continue */
    const char *url, *output, *to, *report, *log, *config, *checkpoint;
    const char *gap, *interval_by, *quantiles;
    double time_limit, interval;
    int64_t threads, folds, sample, repeats, tree, levels;
    bool refit, json, print_config, resume, proba, guard, deviation, shap, leaf, plan, dot, man, quiet, verbose, help,
        version;
} cli_options;

typedef struct cli_option {
    const char *name; /* "time-limit"; "_" is accepted for "-" */
    char letter;      /* of the short form, or 0 */
    cli_group group;
    cli_type type;
    size_t offset;        /* in cli_options */
    double lower, upper;  /* inclusive, of numbers */
    const char *argument; /* what --help calls the value; NULL for flags */
    const char *help;
    const char *choices; /* "auto|random", for texts that are one of a few words */
    const char *joined;  /* may be given several times: the texts are joined by this; NULL: once */
} cli_option;

extern const cli_option cli_option_table[]; /* a NULL name ends */

void cli_options_default(cli_options *options);

/* The option of that name (the first `length` characters), or NULL. */
const cli_option *cli_option_find(const char *name, size_t length);
const cli_option *cli_option_find_letter(char letter);

/* Sets one option from text (flags: true, false, 1, 0, yes, no).  AZ_ERROR_USAGE says what is allowed. */
az_status cli_option_set(const cli_option *option, cli_options *options, const char *value);

/* The title of a group in --help and man pages. */
const char *cli_group_title(cli_group group);

/* Reads true, false, 1, 0, yes, no in any case. */
bool cli_parse_bool(const char *text, bool *value);

/* True if the comma-separated list has that name. */
bool cli_list_has(const char *list, const char *name);

#endif
