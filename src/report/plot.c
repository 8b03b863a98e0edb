/* SPDX-License-Identifier: BSD-3-Clause */
/* Running gnuplot: no shell, no file, no time-out that can be missed. */
#define _GNU_SOURCE /* pipe2 */
#include "report/plot.h"

#include "base/memory.h"
#include "report/html.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define TIME_LIMIT_S     30.0
#define MAX_OUTPUT_BYTES ((size_t)64 << 20)

az_status az_plot_find(char **path)
{
    *path = NULL;
    const char *folders = getenv("PATH");
    for (const char *start = folders; start && *start;) {
        size_t length = strcspn(start, ":");
        if (start[0] == '/') {
            az_text candidate = {0};
            az_text_append_n(&candidate, start, length);
            az_text_append(&candidate, "/gnuplot");
            if (az_text_status(&candidate)) {
                az_text_free(&candidate);
                return AZ_ERROR_MEMORY;
            }
            struct stat info;
            if (!stat(candidate.data, &info) && S_ISREG(info.st_mode) && !access(candidate.data, X_OK)) {
                *path = candidate.data;
                return AZ_OK;
            }
            az_text_free(&candidate);
        }
        start += length + (start[length] == ':');
    }
    return AZ_OK;
}

bool az_plot_available(void)
{
    char *path = NULL;
    bool available = az_plot_find(&path) == AZ_OK && path;
    az_free(path);
    return available;
}

void az_plot_quote(az_text *script, const char *name, bool is_label)
{
    az_text_append(script, "'");
    for (const char *c = name; *c;) {
        int length = (int)az_utf8_length(c, strlen(c));
        if (!length) {
            az_text_append(script, "\xEF\xBF\xBD");
            c++;
            continue;
        }
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            az_text_append(script, " ");
        else if (*c == '\'')
            az_text_append(script, "\xE2\x80\x99");
        else if (*c == '%' && is_label)
            az_text_append(script, "%%");
        else
            az_text_append_n(script, c, (size_t)length);
        c += length;
    }
    az_text_append(script, "'");
}

az_plot_format az_plot_format_of(const char *path)
{
    static const char *const suffixes[] = {[AZ_PLOT_SVG] = ".svg", [AZ_PLOT_PNG] = ".png", [AZ_PLOT_PDF] = ".pdf"};
    size_t length = strlen(path);
    for (int format = AZ_PLOT_SVG; format <= AZ_PLOT_PDF; format++)
        if (length > 4 && strcasecmp(path + length - 4, suffixes[format]) == 0) return (az_plot_format)format;
    return AZ_PLOT_NONE;
}

static void begin(az_text *script)
{
    az_text_append(script, "set encoding utf8\n"
                           "unset key\n"
                           "set border 3 lc rgb '#555555'\n"
                           "set tics nomirror tc rgb '#333333'\n"
                           "set xtics autofreq\n"
                           "set grid lc rgb '#dddddd' lt 1 lw 0.7\n"
                           "set style fill solid noborder\n"
                           "set bars small\n");
}

static void svg_terminal(az_text *script, int width, int height)
{
    az_text_printf(script, "set terminal svg size %d,%d dynamic noenhanced font 'sans-serif,14' background '#ffffff'\n",
                   width, height);
}

void az_plot_begin(az_text *script, int width, int height)
{
    svg_terminal(script, width, height);
    begin(script);
}

void az_plot_begin_file(az_text *script, az_plot_format format, int width, int height)
{
    /* 40 units a centimetre.  A PNG has three pixels a unit, enough for print; its letters are measured in points of
     * 4/3 units. */
    if (format == AZ_PLOT_PNG)
        az_text_printf(script,
                       "set terminal pngcairo size %d,%d noenhanced font 'sans-serif,10.5' fontscale 3 linewidth 3 "
                       "pointscale 3 background '#ffffff'\n",
                       3 * width, 3 * height);
    else if (format == AZ_PLOT_PDF)
        az_text_printf(script, "set terminal pdfcairo size %d.%02dcm,%d.%02dcm noenhanced font 'sans-serif,10'\n",
                       width / 40, width % 40 * 100 / 40, height / 40, height % 40 * 100 / 40);
    else
        svg_terminal(script, width, height);
    begin(script);
}

const char *az_plot_axis_name(char axis)
{
    return axis == 'x' ? "x" : axis == 'y' ? "y" : "cb";
}

void az_plot_range(az_text *script, char axis, double lower, double upper)
{
    az_text_printf(script, "set %srange [", az_plot_axis_name(axis));
    az_text_number(script, lower);
    az_text_append(script, ":");
    az_text_number(script, upper);
    az_text_append(script, "]\n");
}

void az_plot_axis_label(az_text *script, char axis, const char *name, const char *unit)
{
    az_text label = {0};
    az_text_append(&label, name);
    if (unit && *unit) {
        az_text_append(&label, " [");
        az_text_append(&label, unit);
        az_text_append(&label, "]");
    }
    az_text_printf(script, "set %slabel ", az_plot_axis_name(axis));
    az_plot_quote(script, label.data ? label.data : "", false);
    az_text_append(script, "\n");
    script->failed |= label.failed;
    az_text_free(&label);
}

/* The caller's environment without what changes gnuplot's output, and with numbers written in the C locale. */
static az_status child_environment(char ***environment)
{
    int64_t n = 0;
    while (environ && environ[n])
        n++;
    AZ_TRY(AZ_NEW_ARRAY(*environment, n + 2));
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        const char *entry = environ[i];
        if (strncmp(entry, "LC_", 3) && strncmp(entry, "LANG", 4) && strncmp(entry, "GNUPLOT", 7) &&
            strncmp(entry, "GNUTERM", 7))
            (*environment)[kept++] = environ[i];
    }
    static char c_locale[] = "LC_ALL=C.UTF-8";
    (*environment)[kept++] = c_locale;
    (*environment)[kept] = NULL;
    return AZ_OK;
}

typedef struct child {
    pid_t pid;
    int input, output, errors; /* our ends; -1: closed */
} child;

static void close_end(int *descriptor)
{
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
}

/* The child's input is a socket, not a pipe: writing to a child that has died then gives EPIPE by a flag of the call,
 * and the host program's handling of SIGPIPE is left alone. */
static az_status child_start(child *gnuplot, const char *path)
{
    int input[2] = {-1, -1}, output[2] = {-1, -1}, errors[2] = {-1, -1};
    char **environment = NULL;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    bool has_actions = false, has_attributes = false;
    az_status status = AZ_OK;
    *gnuplot = (child){.input = -1, .output = -1, .errors = -1};

    AZ_GOTO(child_environment(&environment));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) || pipe2(output, O_CLOEXEC) ||
        pipe2(errors, O_CLOEXEC)) {
        status = az_error(AZ_ERROR_UNAVAILABLE, "no pipes for gnuplot: %s", strerror(errno));
        goto done;
    }
    has_actions = !posix_spawn_file_actions_init(&actions);
    has_attributes = !posix_spawnattr_init(&attributes);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    if (!has_actions || !has_attributes || posix_spawn_file_actions_adddup2(&actions, input[1], 0) ||
        posix_spawn_file_actions_adddup2(&actions, output[1], 1) ||
        posix_spawn_file_actions_adddup2(&actions, errors[1], 2) || posix_spawnattr_setsigmask(&attributes, &none) ||
        posix_spawnattr_setsigdefault(&attributes, &defaults) ||
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)) {
        status = az_error(AZ_ERROR_MEMORY, "gnuplot cannot be prepared: out of memory");
        goto done;
    }
    /* -d: no start-up files of the user, whose settings would change the picture. */
    char program[] = "gnuplot", defaults_only[] = "-d";
    char *arguments[] = {program, defaults_only, NULL};
    int failure = posix_spawn(&gnuplot->pid, path, &actions, &attributes, arguments, environment);
    if (failure) {
        status = az_error(AZ_ERROR_UNAVAILABLE, "%s cannot be run: %s", path, strerror(failure));
        goto done;
    }
    gnuplot->input = input[0];
    gnuplot->output = output[0];
    gnuplot->errors = errors[0];
    input[0] = output[0] = errors[0] = -1;
    fcntl(gnuplot->output, F_SETFL, O_NONBLOCK);
    fcntl(gnuplot->errors, F_SETFL, O_NONBLOCK);

done:
    if (has_actions) posix_spawn_file_actions_destroy(&actions);
    if (has_attributes) posix_spawnattr_destroy(&attributes);
    for (int end = 0; end < 2; end++) {
        close_end(&input[end]);
        close_end(&output[end]);
        close_end(&errors[end]);
    }
    az_free(environment);
    return status;
}

/* Reads what is there; closes the descriptor at the end. */
static void drain(int *descriptor, az_text *text)
{
    char buffer[16384];
    ssize_t n = read(*descriptor, buffer, sizeof buffer);
    if (n > 0)
        az_text_append_n(text, buffer, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        close_end(descriptor);
}

/* Feeds and drains at once, so that neither side ever waits for the other with a full pipe. */
static az_status child_pump(child *gnuplot, const az_text *script, az_text *output, az_text *errors,
                            const az_control *control)
{
    size_t written = 0;
    double start = az_seconds();
    while (gnuplot->output >= 0 || gnuplot->errors >= 0) {
        AZ_TRY(az_check_interrupt(control));
        if (az_seconds() - start > TIME_LIMIT_S)
            return az_error(AZ_ERROR_UNAVAILABLE, "gnuplot took more than %d s and was stopped", (int)TIME_LIMIT_S);
        if (output->length > MAX_OUTPUT_BYTES || errors->length > MAX_OUTPUT_BYTES)
            return az_error(AZ_ERROR_UNAVAILABLE, "gnuplot wrote more than 64 MB and was stopped");
        struct pollfd ends[3] = {{.fd = gnuplot->input, .events = POLLOUT},
                                 {.fd = gnuplot->output, .events = POLLIN},
                                 {.fd = gnuplot->errors, .events = POLLIN}};
        if (poll(ends, 3, 200) < 0) {
            if (errno == EINTR) continue;
            return az_error(AZ_ERROR_UNAVAILABLE, "waiting for gnuplot failed: %s", strerror(errno));
        }
        if (ends[0].revents) {
            ssize_t n = send(gnuplot->input, script->data + written, script->length - written,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n > 0) written += (size_t)n;
            if (written == script->length || (n < 0 && errno != EAGAIN && errno != EINTR)) close_end(&gnuplot->input);
        }
        if (ends[1].revents) drain(&gnuplot->output, output);
        if (ends[2].revents) drain(&gnuplot->errors, errors);
    }
    return AZ_OK;
}

/* The exit status, or -1 if it was killed.  A host that ignores SIGCHLD has its children reaped by the system: then
 * nothing is known, and the picture itself tells. */
static int child_end(child *gnuplot, bool kill_it)
{
    if (kill_it) kill(gnuplot->pid, SIGKILL);
    close_end(&gnuplot->input);
    close_end(&gnuplot->output);
    close_end(&gnuplot->errors);
    int state = 0;
    pid_t reaped;
    do {
        reaped = waitpid(gnuplot->pid, &state, 0);
    } while (reaped < 0 && errno == EINTR);
    if (reaped < 0) return 0;
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

/* gnuplot's complaint in one line: the last that it wrote, for warnings come before the error that ends it. */
static az_status complaint(const az_text *errors, int exit_status)
{
    const char *line = errors->data && errors->length ? errors->data : "it said nothing";
    for (const char *next = line; (next = strstr(next, "line ")); next++)
        line = next;
    int length = (int)strcspn(line, "\n");
    return az_error(AZ_ERROR_UNAVAILABLE, "gnuplot failed (exit status %d): %.*s", exit_status,
                    length > 200 ? 200 : length, line);
}

/* What gnuplot writes for the script. */
static az_status run(const char *path, const az_text *script, az_text *output, const az_control *control)
{
    AZ_TRY(az_text_status(script));
    az_text errors = {0};
    child gnuplot;
    AZ_TRY(child_start(&gnuplot, path));
    az_status status = child_pump(&gnuplot, script, output, &errors, control);
    int exit_status = child_end(&gnuplot, status != AZ_OK);
    if (!status) status = az_text_status(output);
    if (!status) status = az_text_status(&errors);
    if (!status && (exit_status || !output->length)) status = complaint(&errors, exit_status);
    az_text_free(&errors);
    return status;
}

az_status az_plot_run(const char *path, const az_text *script, const char *id_prefix, az_text *svg,
                      const az_control *control)
{
    az_text output = {0};
    az_status status = run(path, script, &output, control);
    if (!status) status = az_svg_clean(output.data, output.length, id_prefix, svg);
    az_text_free(&output);
    return status;
}

az_status az_plot_run_file(const char *path, const az_text *script, az_plot_format format, az_text *bytes,
                           const az_control *control)
{
    return format == AZ_PLOT_SVG ? az_plot_run(path, script, "", bytes, control) : run(path, script, bytes, control);
}
