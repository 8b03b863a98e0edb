/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include "base/number.h"
#include "base/status.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define OPTION(group_, type_, name_, letter_, field_, argument_, help_, ...)                                           \
    {                                                                                                                  \
        .name = (name_), .letter = (letter_), .group = (group_), .type = (type_),                                      \
        .offset = offsetof(cli_options, field_), .argument = (argument_), .help = (help_), __VA_ARGS__                 \
    }
#define FLAG(group_, name_, letter_, field_, help_)                                                                    \
    OPTION(group_, CLI_FLAG, name_, letter_, field_, NULL, help_, .upper = 1)
#define TEXT(group_, name_, field_, argument_, help_, ...)                                                             \
    OPTION(group_, CLI_TEXT, name_, 0, field_, argument_, help_, __VA_ARGS__)

const cli_option cli_option_table[] = {
    TEXT(CLI_ROLES, "target", roles.target, "COL[,COL]", "what to predict: columns, or a file that holds the labels"),
    TEXT(CLI_ROLES, "features", roles.features, "LIST", "columns to predict from (default: all the others)"),
    TEXT(CLI_ROLES, "ignore", roles.ignore, "LIST", "columns to leave out"),
    TEXT(CLI_ROLES, "weight", roles.weight, "COL",
         "relative weight of each row, in the fit and in the scores; area: cosine of the latitude"),
    TEXT(CLI_ROLES, "sigma", roles.sigma, "COL", "absolute standard error of the target: weights 1/sigma^2"),
    TEXT(CLI_ROLES, "group", roles.group, "COL", "rows of one group stay together when data are split"),
    TEXT(CLI_ROLES, "time", roles.time, "COL", "order in time (or YEAR,MONTH,DAY,HOUR): the latest rows are held out"),
    TEXT(CLI_ROLES, "categorical", roles.categorical, "LIST", "columns whose values are categories"),
    TEXT(CLI_ROLES, "periodic", roles.periodic, "COL=PERIOD", "columns that wrap round: lon=360,hour=24,date=year"),
    TEXT(CLI_ROLES, "task", roles.task, "TASK", "auto, regression or classification",
         .choices = "auto|regression|classification"),

    TEXT(CLI_READER, "delimiter", reader.delimiter, "C",
         "one character, tab, or space for runs of blanks (default: found)"),
    TEXT(CLI_READER, "header", reader.header, "auto|none|N", "none, or the line that holds the column names"),
    TEXT(CLI_READER, "names", reader.names, "LIST", "column names, instead of or besides the header's"),
    TEXT(CLI_READER, "skip", reader.skip, "N", "lines to leave out at the start of each file"),
    TEXT(CLI_READER, "comment", reader.comment, "C", "lines that start so are left out (default #; empty: none)"),
    TEXT(CLI_READER, "missing", reader.missing, "LIST", "cells that mean missing (default: empty, NA, NaN, ?)"),
    TEXT(CLI_READER, "decimal", reader.decimal, "C", "decimal character, . or ,"),
    OPTION(CLI_READER, CLI_FILE, "join", 0, reader.join, "FILE", "a file put beside the data, row by row"),
    TEXT(CLI_READER, "relabel", reader.relabel, "OLD=NEW,...", "cells of text columns replaced after reading"),
    TEXT(CLI_READER, "vars", reader.vars, "LIST",
         "fields: variables that become columns (default: all on the target's dimensions)"),
    TEXT(CLI_READER, "select", reader.select, "DIM=RANGE,...",
         "fields: ranges of coordinates, 'time=2010:2015-06, lat=-5:5, level=500'"),
    TEXT(CLI_READER, "rows", reader.rows, "DIM,...",
         "fields: dimensions that are the rows; the others become columns (default: all)"),
    TEXT(CLI_READER, "derive", reader.derive, "FORMULA", "columns by formulas: 'lp = log10(period); area = w*h'",
         .joined = "; "),
    TEXT(CLI_READER, "where", reader.where, "FORMULA",
         "rows for which a formula holds: 'depth > 10' (ansatz help formulas)"),
    TEXT(CLI_READER, "lags", reader.lags, "L", "windows of a series: inputs are the values of the last L rows"),
    TEXT(CLI_READER, "horizon", reader.horizon, "H", "with --lags: the target is H rows ahead (default 1)"),
    TEXT(CLI_READER, "by", reader.by, "LIST", "with --lags: columns that name the station; each is a series"),
    TEXT(CLI_READER, "series", reader.series, "LIST", "with --lags: the columns lagged (default: all numbers)"),

    TEXT(CLI_SPLIT, "test", test, "FRACTION|FILE", "hold out a part of the rows, or score on another file"),
    OPTION(CLI_SPLIT, CLI_FILE, "test-target", 0, test_target, "FILE",
           "the labels of --test FILE, where --target names a file of labels"),
    TEXT(CLI_SPLIT, "split", split, "KIND", "how rows are held out: auto, random, stratified, group, time",
         .choices = "auto|random|stratified|group|time"),
    TEXT(CLI_SPLIT, "gap", gap, "TIME",
         "with --time: rows so near to a test row are left out of both parts: 3, '30 days'"),
    OPTION(CLI_SPLIT, CLI_INT, "folds", 0, folds, "K", "parts of the cross-validation (default 5)", .lower = 2,
           .upper = 1e9),
    TEXT(CLI_SPLIT, "metric", metric, "NAME", "the score to rank by (default: rmse, accuracy)"),
    TEXT(CLI_SPLIT, "models", models, "LIST", "the models to compare (default: all that suit the task)"),
    OPTION(CLI_SPLIT, CLI_INT, "repeats", 0, repeats, "N", "how often each column's values are exchanged (default 5)",
           .lower = 1, .upper = 1e6),
    OPTION(CLI_SPLIT, CLI_INT, "sample", 0, sample, "N", "take only N rows of the data, chosen at random (--seed)",
           .lower = 1, .upper = 1e12),
    OPTION(CLI_SPLIT, CLI_FILE, "continue", 0, from, "MODEL.az", "go on from a fitted model with more rows"),
    FLAG(CLI_SPLIT, "refit", 0, refit, "with --test: save a model fitted on all rows after scoring"),

    OPTION(CLI_OUTPUT, CLI_FILE, "output", 'o', output, "FILE", "where the result goes (- is stdout)"),
    OPTION(CLI_OUTPUT, CLI_INT, "tree", 0, tree, "K", "the tree of a model to print, or to draw with -o (from 0)",
           .lower = 0, .upper = 1e9),
    OPTION(CLI_OUTPUT, CLI_INT, "levels", 0, levels, "N", "levels below its root that are shown (default 3)",
           .lower = 0, .upper = 12),
    FLAG(CLI_OUTPUT, "plan", 0, plan, "of a network: the phases, instructions and memory of its predictions"),
    FLAG(CLI_OUTPUT, "dot", 0, dot, "the same as a picture for Graphviz (ansatz show net.az --dot | dot -Tsvg)"),
    TEXT(CLI_OUTPUT, "to", to, "LANGUAGE", "c or fortran (default: known from the ending of the file)",
         .choices = "c|fortran"),
    OPTION(CLI_OUTPUT, CLI_FILE, "report", 0, report, "FILE.html", "write a report that opens in a browser"),
    FLAG(CLI_OUTPUT, "json", 0, json, "results as JSON"),
    FLAG(CLI_OUTPUT, "proba", 0, proba, "add p_CLASS, the probability of each class"),
    FLAG(CLI_OUTPUT, "guard", 0, guard, "add in_range: 1 where every input lies in the range of the training data"),
    OPTION(CLI_OUTPUT, CLI_REAL, "interval", 0, interval, "LEVEL",
           "intervals that hold so large a part of new values, 0.9 (fit keeps rows back to calibrate them)",
           .lower = 1e-6, .upper = 0.999999),
    TEXT(CLI_OUTPUT, "interval-by", interval_by, "WAY",
         "conformal (default, if calibrated) or quantiles (of a forest with keep_targets, or mlp with loss gaussian)",
         .choices = "conformal|quantiles"),
    FLAG(CLI_OUTPUT, "deviation", 0, deviation,
         "add deviation: how much the prediction would vary with other training rows (forests)"),
    TEXT(CLI_OUTPUT, "quantiles", quantiles, "LIST",
         "add quantiles of the target, 0.05,0.5,0.95 (forests with keep_targets, mlp with loss gaussian)"),
    FLAG(CLI_OUTPUT, "shap", 0, shap, "add shap_FEATURE: what each feature adds to the prediction (models of trees)"),
    FLAG(CLI_OUTPUT, "leaf", 0, leaf, "add leaf_TREE: the node of each tree in which the row ends"),
    TEXT(CLI_OUTPUT, "url", url, "URL", "a folder on the network that has the files, instead of the publisher's"),
    FLAG(CLI_OUTPUT, "man", 0, man, "print the man page (roff)"),

    OPTION(CLI_RUN, CLI_INT, "threads", 0, threads, "N", "threads to use (default: all that this process may use)",
           .lower = 1, .upper = 4096),
    OPTION(CLI_RUN, CLI_REAL, "time-limit", 0, time_limit, "SECONDS",
           "stop an iterative fit then (status 75 with a checkpoint)", .lower = 0, .upper = INFINITY),
    OPTION(CLI_RUN, CLI_FILE, "checkpoint", 0, checkpoint, "FILE", "keep the state of an iterative fit here"),
    FLAG(CLI_RUN, "resume", 0, resume, "go on from the checkpoint if there is one"),
    OPTION(CLI_RUN, CLI_FILE, "config", 0, config, "FILE",
           "read options from key = value lines (the command line wins)"),
    FLAG(CLI_RUN, "print-config", 0, print_config, "print all options and parameters in that form, and stop"),

    FLAG(CLI_GENERAL, "quiet", 'q', quiet, "say nothing but errors and results"),
    FLAG(CLI_GENERAL, "verbose", 'v', verbose, "say more; progress once a minute where there is no terminal"),
    OPTION(CLI_GENERAL, CLI_FILE, "log", 0, log, "FILE", "notes and progress as JSON, one object a line"),
    FLAG(CLI_GENERAL, "help", 'h', help, "say what the command does and takes"),
    FLAG(CLI_GENERAL, "version", 'V', version, "print the version"),
    {.name = NULL},
};

void cli_options_default(cli_options *options)
{
    *options = (cli_options){.folds = 5, .repeats = 5, .tree = -1, .levels = 3};
}

static bool same_name(const char *name, size_t length, const char *option)
{
    if (strlen(option) != length) return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i] == '_' ? '-' : name[i];
        if (c != option[i]) return false;
    }
    return true;
}

const cli_option *cli_option_find(const char *name, size_t length)
{
    for (const cli_option *option = cli_option_table; option->name; option++)
        if (same_name(name, length, option->name)) return option;
    return NULL;
}

const cli_option *cli_option_find_letter(char letter)
{
    for (const cli_option *option = cli_option_table; option->name; option++)
        if (letter && option->letter == letter) return option;
    return NULL;
}

bool cli_parse_bool(const char *text, bool *value)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true}, {"1", true}, {"yes", true}, {"false", false}, {"0", false}, {"no", false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i].word) == 0) {
            *value = words[i].value;
            return true;
        }
    return false;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = choices; *at;) {
        size_t n = strcspn(at, "|");
        if (n == length && strncmp(at, value, n) == 0) return true;
        at += n + (at[n] != 0);
    }
    return false;
}

static az_status out_of_range(const cli_option *option, const char *value, const char *kind)
{
    char lower[AZ_NUMBER_MAX], upper[AZ_NUMBER_MAX];
    az_print_double(lower, option->lower);
    az_print_double(upper, option->upper);
    if (isinf(option->upper))
        return az_error(AZ_ERROR_USAGE, "--%s takes %s of at least %s, not \"%s\"", option->name, kind, lower, value);
    return az_error(AZ_ERROR_USAGE, "--%s takes %s from %s to %s, not \"%s\"", option->name, kind, lower, upper, value);
}

az_status cli_option_set(const cli_option *option, cli_options *options, const char *value)
{
    char *field = (char *)options + option->offset;
    switch (option->type) {
    case CLI_FLAG:
        if (!cli_parse_bool(value, (bool *)field))
            return az_error(AZ_ERROR_USAGE, "--%s is a switch: it takes true or false, not \"%s\"", option->name,
                            value);
        return AZ_OK;
    case CLI_INT: {
        int64_t number;
        if (!az_parse_int_string(value, &number) || (double)number < option->lower || (double)number > option->upper)
            return out_of_range(option, value, "a whole number");
        *(int64_t *)field = number;
        return AZ_OK;
    }
    case CLI_REAL: {
        double number;
        if (!az_parse_double_string(value, &number) || !(number >= option->lower && number <= option->upper))
            return out_of_range(option, value, "a number");
        *(double *)field = number;
        return AZ_OK;
    }
    case CLI_FILE:
        if (!*value) return az_error(AZ_ERROR_USAGE, "--%s needs the name of a file, and it is empty", option->name);
        break;
    case CLI_TEXT:
        if (option->choices && !is_choice(option->choices, value))
            return az_error(AZ_ERROR_USAGE, "--%s takes one of %s, not \"%s\"", option->name, option->choices, value);
        break;
    }
    *(const char **)field = value;
    return AZ_OK;
}

const char *cli_group_title(cli_group group)
{
    switch (group) {
    case CLI_ROLES: return "Which column plays which part (names or numbers from 0)";
    case CLI_READER: return "How the data are read";
    case CLI_SPLIT: return "How models are scored";
    case CLI_OUTPUT: return "Output";
    case CLI_RUN: return "Running";
    case CLI_GENERAL: return "General";
    }
    return "";
}

bool cli_list_has(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at && *at;) {
        size_t n = strcspn(at, ",");
        if (n == length && strncmp(at, name, n) == 0) return true;
        at += n + (at[n] != 0);
    }
    return false;
}
