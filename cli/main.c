/* SPDX-License-Identifier: BSD-3-Clause */
/* The program: finds the command, hands over, turns the status into the exit status. */
#include "cli.h"

#include "base/file.h"
#include "base/parallel.h"
#include "help.h"

#include <string.h>
#include <unistd.h>

static int finish(cli_call *call, az_status status)
{
    int signal_number = cli_signal_received(), exit_status = (int)status;
    if (signal_number && (status == AZ_INTERRUPTED || !status)) exit_status = 128 + signal_number;
    if (!status) cli_notes_flush(call);
    cli_progress_end(call, exit_status, status ? az_error_message() : NULL);
    if (status) {
        az_output_abandon_all();
        cli_print_error(call, az_error_message());
    }
    cli_call_free(call);
    return exit_status;
}

/* argv is the whole command line: the program, the command, its words. */
static int run(const cli_command *command, int argc, char **argv)
{
    cli_call call = {.command = command};
    az_status status = cli_parse(&call, argc - 2, argv + 2);
    if (!status) status = cli_progress_begin(&call);
    if (status) return finish(&call, status);
    if (call.options.help)
        status = cli_help_command(command);
    else if (call.options.version)
        status = cli_help_version();
    else if (call.options.print_config)
        status = cli_config_print(&call);
    else {
        call.control.n_threads = call.options.threads ? (int)call.options.threads : az_available_threads();
        call.control.time_limit = call.options.time_limit;
        call.control.checkpoint = call.options.checkpoint;
        call.control.resume = call.options.resume;
        /* Not earlier: help and mistakes in the call need no BLAS, and starting anew takes as long as they do. */
        if (command->computes) cli_guard(argv);
        status = command->run(&call);
    }
    return finish(&call, status);
}

int main(int argc, char **argv)
{
    cli_signals_install();
    const char *word = argc > 1 ? argv[1] : "";
    az_status status = AZ_OK;
    if (argc < 2 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        status = cli_help_overview();
    } else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        status = cli_help_version();
    } else {
        const cli_command *command = cli_command_find(word);
        if (command) {
            int exit_status = run(command, argc, argv);
            if (exit_status != AZ_ERROR_IO) return exit_status;
            /* libhdf5 (1.10) cannot let go of a file that the disk had no room for, and crashes over it in what it does
             * at exit. */
            fflush(NULL);
            _exit(exit_status);
        }
        status = AZ_ERROR_USAGE;
    }
    if (status) cli_print_error(NULL, az_error_message());
    return (int)status;
}
