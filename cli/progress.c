/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said on the way, all of it on stderr or in the log.
 *
 * Notes wait until the first result or the first progress line: when the call fails at once, the reader sees one clear
 * line and not what was guessed before it.  Progress is drawn on a terminal only, from the third second on; with -v and
 * no terminal, one line a minute. */
#include "cli.h"

#include "base/json_write.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SHOW_AFTER_SECONDS 2.0
#define REDRAW_SECONDS     0.1
#define LINE_SECONDS       60.0
#define LOG_SECONDS        1.0
#define MOST_COUNTED       1e5 /* rounds and sweeps are counted aloud; rows and bytes are not */
#define MIN_BAR            8
#define MAX_BAR            24

static void clear_line(cli_call *call)
{
    if (call->progress.line_shown) fputs("\r\033[K", stderr);
    call->progress.line_shown = false;
}

static void print_note(cli_call *call, const cli_note *note)
{
    if (call->options.quiet) return;
    bool colour = call->progress.colour && note->level == AZ_WARNING;
    fprintf(stderr, "%s%s%s%s\n", colour ? "\033[33m" : "", note->level == AZ_WARNING ? "warning: " : "",
            colour ? "\033[0m" : "", note->text);
}

void cli_notes_flush(cli_call *call)
{
    clear_line(call);
    if (call->progress.flushed) return;
    call->progress.flushed = true;
    for (int64_t i = 0; i < call->n_notes; i++) print_note(call, &call->notes[i]);
}

static void log_line(cli_call *call, az_json *json)
{
    az_json_end_object(json);
    if (!az_text_status(&json->text)) {
        fprintf(call->progress.log, "%s\n", json->text.data);
        fflush(call->progress.log);
    }
    az_text_free(&json->text);
}

static void log_begin(cli_call *call, az_json *json, const char *event)
{
    az_json_begin_object(json, NULL);
    az_json_int(json, "schema", 1);
    az_json_number(json, "seconds", az_seconds() - call->progress.first);
    az_json_string(json, "event", event);
}

static void on_message(void *user, az_level level, const char *text)
{
    cli_call *call = user;
    if (call->progress.log) {
        az_json json = {0};
        log_begin(call, &json, level == AZ_WARNING ? "warning" : "note");
        az_json_string(&json, "text", text);
        log_line(call, &json);
    }
    if (call->n_notes == call->notes_capacity) {
        int64_t capacity = call->notes_capacity ? 2 * call->notes_capacity : 16;
        cli_note *notes = az_realloc_array(call->notes, capacity, sizeof *notes);
        if (!notes) return;
        call->notes = notes;
        call->notes_capacity = capacity;
    }
    /* Cross-validation fits the same model on each fold: what is said five times is heard once. */
    for (int64_t i = 0; i < call->n_notes; i++)
        if (strcmp(call->notes[i].text, text) == 0) return;
    cli_note note = {.level = level, .text = az_strdup(text)};
    if (!note.text) return;
    for (char *c = note.text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = ' ';
    call->notes[call->n_notes++] = note;
    if (call->progress.flushed || call->options.verbose) {
        clear_line(call);
        if (!call->progress.flushed)
            cli_notes_flush(call);
        else
            print_note(call, &note);
    }
}

void cli_say(cli_call *call, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    on_message(call, AZ_NOTE, text);
}

/* A line longer than the terminal is wide would wrap, and "\r" would then not return to its start. */
static int terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

/* "lasso [######..................]  27 %  270 of 1000  13.1/s  55 s left  duality gap 0.0123". */
static void describe(az_text *text, const cli_progress_state *state, const az_progress *progress, double now, int width)
{
    char number[CLI_NUMBER_MAX];
    double elapsed = now - state->what_started, advance = progress->done - state->what_start;
    double rate = elapsed > 0 ? advance / elapsed : 0;
    az_text_append(text, progress->what);
    if (progress->total > 0) {
        double part = fmin(fmax(progress->done / progress->total, 0), 1);
        /* The bar gives way to the figures, which need some 70 places. */
        char bar[MAX_BAR + 1] = "";
        int length = width - 70 < MIN_BAR ? MIN_BAR : width - 70 > MAX_BAR ? MAX_BAR : width - 70;
        for (int i = 0; i < length; i++) bar[i] = i < (int)(part * length) ? '#' : '.';
        az_text_printf(text, " [%s] %3.0f %%", bar, 100 * part);
        if (progress->total <= MOST_COUNTED) az_text_printf(text, "  %.0f of %.0f", progress->done, progress->total);
    } else {
        az_text_printf(text, " %.6g", progress->done);
    }
    if (rate > 0) az_text_printf(text, "  %s/s", rate < 100 ? cli_number(number, rate, 2) : cli_count(number, rate));
    if (rate > 0 && progress->total > 0) {
        double left = (progress->total - progress->done) / rate;
        if (left < 90)
            az_text_printf(text, "  %.0f s left", left);
        else if (left < 5400)
            az_text_printf(text, "  %.0f min left", left / 60);
        else
            az_text_printf(text, "  %.3g h left", left / 3600);
    }
    if (progress->score_name) az_text_printf(text, "  %s %.6g", progress->score_name, progress->score);
}

static void log_progress(cli_call *call, const az_progress *progress)
{
    az_json json = {0};
    log_begin(call, &json, "progress");
    az_json_string(&json, "what", progress->what);
    az_json_number(&json, "done", progress->done);
    az_json_number(&json, "total", progress->total > 0 ? progress->total : NAN);
    az_json_string(&json, "score_name", progress->score_name);
    az_json_number(&json, "score", progress->score_name ? progress->score : NAN);
    log_line(call, &json);
}

static void on_progress(void *user, const az_progress *progress)
{
    cli_call *call = user;
    cli_progress_state *state = &call->progress;
    double now = az_seconds();
    /* A loop that starts anew (the next file, a resumed fit) has its rate measured from where it stands now. */
    if (!state->what || strcmp(state->what, progress->what) != 0 || progress->done < state->what_done) {
        state->what = progress->what;
        state->what_started = now;
        state->what_start = progress->done;
        state->last_log = -LOG_SECONDS;
    }
    state->what_done = progress->done;
    bool done = progress->total > 0 && progress->done >= progress->total; /* the last word of a loop is always kept */
    if (state->log && (done || now - state->last_log >= LOG_SECONDS)) {
        state->last_log = now;
        log_progress(call, progress);
    }
    bool draw = state->terminal && !call->options.quiet && now - state->first >= SHOW_AFTER_SECONDS &&
                now - state->last_drawn >= REDRAW_SECONDS;
    bool line =
        !state->terminal && call->options.verbose && !call->options.quiet && now - state->last_line >= LINE_SECONDS;
    if (!draw && !line) return;
    az_text text = {0};
    int width = state->terminal ? terminal_width() : 79;
    describe(&text, state, progress, now, width);
    if (!az_text_status(&text)) {
        if (!state->flushed) cli_notes_flush(call);
        if (draw) {
            state->last_drawn = now;
            fprintf(stderr, "\r%.*s\033[K", width, text.data);
            state->line_shown = true;
        } else {
            state->last_line = now;
            fprintf(stderr, "%s\n", text.data);
        }
    }
    az_text_free(&text);
}

az_status cli_progress_begin(cli_call *call)
{
    cli_progress_state *state = &call->progress;
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    bool dumb = terminal && strcmp(terminal, "dumb") == 0;
    state->terminal = isatty(STDERR_FILENO) && !dumb;
    state->colour = state->terminal && !(no_colour && *no_colour);
    state->first = state->last_line = az_seconds();
    state->last_log = -LOG_SECONDS;
    call->control.progress = on_progress;
    call->control.message = on_message;
    call->control.interrupted = cli_interrupted;
    call->control.user = call;
    if (call->options.log) {
        state->log = strcmp(call->options.log, "-") == 0 ? stderr : fopen(call->options.log, "we");
        if (!state->log)
            return az_error(AZ_ERROR_CANNOT_WRITE, "cannot write the log %s: %s", call->options.log, strerror(errno));
    }
    return AZ_OK;
}

void cli_progress_end(cli_call *call, int exit_status, const char *error)
{
    clear_line(call);
    if (!call->progress.log) return;
    az_json json = {0};
    log_begin(call, &json, "end");
    az_json_int(&json, "status", exit_status);
    az_json_string(&json, "error", error);
    log_line(call, &json);
    bool failed = ferror(call->progress.log) != 0;
    if (call->progress.log != stderr) failed |= fclose(call->progress.log) != 0;
    if (failed && !call->options.quiet) fprintf(stderr, "warning: the log %s is not complete\n", call->options.log);
    call->progress.log = NULL;
}

void cli_print_error(const cli_call *call, const char *message)
{
    char text[2100];
    snprintf(text, sizeof text, "%s", message);
    /* Names and cells quoted in a message come from files: one line, and nothing that a terminal would obey.  The
     * library's own are the last two lines of an error in a formula: the formula and a caret below it. */
    char *last = strrchr(text, '\n'), *before = NULL;
    if (last && strcmp(last + 1 + strspn(last + 1, " "), "^") == 0) {
        *last = '\0';
        before = strrchr(text, '\n');
        *last = '\n';
    }
    for (char *c = text; *c; c++)
        if (((unsigned char)*c < 0x20 && !(before && (c == before || c == last))) || *c == 0x7f) *c = ' ';
    bool colour = call && call->progress.colour;
    fprintf(stderr, "%sansatz:%s %s\n", colour ? "\033[31m" : "", colour ? "\033[0m" : "", text);
}
