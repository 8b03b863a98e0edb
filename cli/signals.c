/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals belong to the command: the library only asks, through az_control, whether it should stop.  The first SIGINT,
 * SIGTERM or SIGUSR1 asks it to stop in order; a second SIGINT ends at once.  So does the first after a second, since
 * one call of the LAPACK may take minutes and hears nothing, unless the fit has a checkpoint to write.
 * Whatever ends the program, no temporary file stays behind. */
#include "cli.h"

#include "base/file.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t received, waits_for_checkpoint, terminal;

static void end_now(int signal_number)
{
    az_output_abandon_all();
    _exit(128 + signal_number);
}

static void ask_to_stop(int signal_number)
{
    if (received == SIGINT && signal_number == SIGINT) end_now(signal_number);
    received = signal_number;
    if (!waits_for_checkpoint) alarm(1);
}

static void stop_waiting(int signal_number)
{
    static const char text[] = "\r\033[Kansatz: interrupted\n";
    size_t start = terminal ? 0 : 4; /* after what wipes the line of the progress */
    (void)signal_number;
    if (write(STDERR_FILENO, text + start, sizeof text - 1 - start) < 0) _exit(128 + received);
    end_now(received);
}

void cli_signals_install(void)
{
    struct sigaction action = {.sa_handler = ask_to_stop, .sa_flags = 0}; /* a wait for input ends */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    terminal = isatty(STDERR_FILENO);
    action.sa_handler = stop_waiting;
    sigaction(SIGALRM, &action, NULL);
    /* A reader that has seen enough (ansatz predict ... | head) is no error worth a message. */
    action.sa_handler = end_now;
    sigaction(SIGPIPE, &action, NULL);
    /* A file size limit then shows up as a failed write, like a full disk. */
    action.sa_handler = SIG_IGN;
    sigaction(SIGXFSZ, &action, NULL);
}

void cli_signals_wait_for_checkpoint(void)
{
    waits_for_checkpoint = 1;
}

int cli_signal_received(void)
{
    return received;
}

bool cli_interrupted(void *user)
{
    (void)user;
    return received != 0;
}
