/* SPDX-License-Identifier: BSD-3-Clause */
/* What the commands share: a call as it was typed, the descriptor of a command, and the helpers in this folder. */
#ifndef CLI_H
#define CLI_H

#include "base/control.h"
#include "base/text.h"
#include "data/split.h"
#include "models/model.h"
#include "commands.h"
#include "options.h"

#include <stdio.h>

/* One option or parameter as it was given. */
typedef struct cli_setting {
    const cli_option *option; /* or ... */
    const az_param *param;    /* ... of the model or of the pipeline */
    const char *value;
    bool from_config;
} cli_setting;

typedef struct cli_note {
    az_level level;
    char *text;
} cli_note;

typedef struct cli_progress_state {
    bool terminal, line_shown, flushed, colour;
    double first, last_drawn, last_line, last_log;
    const char *what; /* the loop that reports, since when, and where it stood then and at its last report */
    double what_started, what_start, what_done;
    FILE *log;
} cli_progress_state;

typedef struct cli_call {
    const cli_command *command;
    cli_options options;
    const char **words; /* the positional arguments, without the model's name */
    int64_t n_words;
    const az_model_class *class; /* where the command takes a model: its class, options and pipeline */
    void *class_options;
    az_pipeline_options pipeline;
    cli_setting *settings;
    int64_t n_settings;
    az_control control;
    cli_note *notes;
    int64_t n_notes, notes_capacity;
    cli_progress_state progress;
    az_arena strings;
} cli_call;

/* A command is one file that ends in one of these, listed by one line in commands.c. */
struct cli_command {
    const char *name;
    const char *heading;   /* "look", "fit", "use", "understand", "physics", "help" */
    const char *arguments; /* "MODEL.az DATA..." */
    const char *summary;   /* one line, no full stop */
    const char *example;   /* a whole command line */
    const char *details;   /* paragraphs for --help and the man page */
    unsigned groups;       /* cli_group bits: all options of these groups ... */
    const char *options;   /* ... and these by name */
    const char *pipeline;  /* the pipeline parameters it takes: "*", a list of names, or NULL */
    bool takes_model;      /* the first word is the name of a model class */
    bool computes;         /* runs the BLAS: the guard of guard.c stands in front */
    int min_words, max_words; /* positional arguments besides the model; max -1: any number */
    const char *missing;   /* the sentence for too few words */
    az_status (*run)(cli_call *call);
};

extern const cli_command *const cli_commands[]; /* NULL ends */
const cli_command *cli_command_find(const char *name); /* NULL: no such; the error has the nearest name */
bool cli_command_takes(const cli_command *command, const cli_option *option);
bool cli_command_takes_pipeline(const cli_command *command, const char *parameter);

/* parse.c: fills call from the words after the command's name. */
az_status cli_parse(cli_call *call, int argc, char **argv);
void cli_call_free(cli_call *call);

/* config.c */
typedef struct cli_config_line {
    char *key, *value;
    int64_t number;
} cli_config_line;
az_status cli_config_read(const char *path, az_arena *arena, cli_config_line **lines, int64_t *n_lines);
az_status cli_config_print(const cli_call *call);

/* The call as a command line that can be pasted into a shell; with paths, or (for the model file) with base names only
 * and without what does not change the model: where the output goes, threads, verbosity. */
az_status cli_command_line(const cli_call *call, bool with_paths, az_text *text);
void cli_append_setting(az_text *text, const cli_setting *setting); /* " --name value" */
void cli_shell_quote(az_text *text, const char *word);
const char *cli_base_name(const char *path);

/* guard.c: the BLAS guard; starts the program anew, with the environment it needs, or returns. */
void cli_guard(char **argv);

/* signals.c */
void cli_signals_install(void);
void cli_signals_wait_for_checkpoint(void); /* a signal is to leave a checkpoint, however long the iteration takes */
int cli_signal_received(void); /* 0: none */
bool cli_interrupted(void *user);

/* progress.c: the callbacks of az_control, notes, log. */
az_status cli_progress_begin(cli_call *call);
void cli_progress_end(cli_call *call, int exit_status, const char *error); /* error: NULL if all went well */
void cli_notes_flush(cli_call *call);
void cli_say(cli_call *call, const char *format, ...) AZ_PRINTF(2, 3); /* a note of the command itself */
void cli_print_error(const cli_call *call, const char *message);

/* data.c */
az_status cli_join_words(const cli_call *call, int64_t first, az_text *paths);
az_status cli_read_data(cli_call *call, const char *paths, az_table **table);
struct az_source;
az_status cli_open_data(cli_call *call, const char *paths, struct az_source **source); /* the same block by block */
void cli_describe_problem(cli_call *call, const az_problem *problem); /* one note */
az_status cli_read_model(cli_call *call, const char *path, az_model **model);
/* Reader options as the model has them, with those of the command line in front. */
az_status cli_reader_from_model(cli_call *call, const az_model *model);
/* Whether path can be created, asked before the work and not after it. */
az_status cli_check_writable(const char *path, const char *what);
/* Tells the reader what it has to know of the roles: done by what reads, and before a look at the data. */
az_status cli_prepare_reader(cli_call *call);
az_status cli_split_options(const cli_call *call, az_split_options *split);
/* --gap in the unit of the time column. */
az_status cli_split_gap(const cli_call *call, const az_problem *problem, az_split_options *split);

/* output.c: results on stdout. */
az_status cli_finish_output(void); /* flushes; AZ_ERROR_IO if stdout could not take it all */
az_status cli_print_json(az_json *json); /* prints, frees */
void cli_next(const char *format, ...) AZ_PRINTF(1, 2);
typedef struct cli_grid { /* cells in aligned columns */
    const char *align; /* "lrr": left or right, one letter a column */
    char **cells;
    int64_t n_cells, capacity;
    bool failed;
} cli_grid;
void cli_grid_add(cli_grid *grid, const char *format, ...) AZ_PRINTF(2, 3);
az_status cli_grid_print(cli_grid *grid); /* to stdout, indented by two; frees */
void cli_grid_free(cli_grid *grid); /* where it is not printed after all */
#define CLI_NUMBER_MAX 64
const char *cli_count(char buffer[CLI_NUMBER_MAX], double n);             /* 20,640 */
/* So many decimals, never -0.000; "-" for NaN. */
const char *cli_fixed(char buffer[CLI_NUMBER_MAX], double value, int decimals);
const char *cli_number(char buffer[CLI_NUMBER_MAX], double value, int n_digits); /* "-" for NaN */
/* value and error to the error's digits: "45,900" and "600". */
void cli_value_and_error(double value, double error, int error_digits, char value_text[CLI_NUMBER_MAX],
                         char error_text[CLI_NUMBER_MAX]);
const char *cli_plural(double n, const char *one, const char *many);
const char *cli_task_name(az_task task);

#endif
