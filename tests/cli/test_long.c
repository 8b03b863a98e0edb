/* SPDX-License-Identifier: BSD-3-Clause */
/* Long runs: stopped by a limit or a signal and resumed to the same bits, and what is said on the way. */
#include "cli/runner.h"
#include "models/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include <math.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <time.h>

/* A lasso that uses up all its sweeps: nearly equal columns, more of them than rows, and a tolerance of nothing. */
#define SLOW "fit lasso slow.csv --target y --n-alphas 0 --alpha 1e-7 --tol 1e-16 "

/* Seconds from an interrupt to the end: one, and one more for a machine that has much else to do. */
#define STOPS_WITHIN 2

static run_result result;
static char model[2][1 << 21];

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Uniform in [-1, 1), the same on every machine. */
static double next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(*state >> 11) / 4503599627370496.0 - 1;
}

static void write_table(const char *path, int n_rows, int n_columns, double step, uint64_t seed)
{
    FILE *file = fopen(path, "w");
    must(file != NULL, path);
    for (int j = 0; j < n_columns; j++) fprintf(file, "x%d,", j);
    fputs("y\n", file);
    for (int i = 0; i < n_rows; i++) {
        double x = next_random(&seed), y = 0;
        for (int j = 0; j < n_columns; j++) {
            x = step < 1 ? x + step * next_random(&seed) : next_random(&seed);
            y += x * (double)(j % 3 - 1);
            fprintf(file, "%.6f,", x);
        }
        fprintf(file, "%.6f\n", y + 0.01 * next_random(&seed));
    }
    fclose(file);
}

static size_t read_model(const char *path, char *bytes)
{
    FILE *file = fopen(path, "rb");
    if (!file) print_error("%s\n", result.err);
    assert_non_null(file);
    size_t n = fread(bytes, 1, sizeof model[0], file);
    assert_true(n < sizeof model[0]);
    fclose(file);
    remove(path);
    return n;
}

static void same_model(const char *a, const char *b)
{
    size_t n = read_model(a, model[0]), m = read_model(b, model[1]);
    assert_true(n > 1000);
    assert_int_equal(n, m);
    assert_memory_equal(model[0], model[1], n);
}

static void expect(const char *line, int status)
{
    run(&result, line);
    if (result.status != status) print_error("ansatz %s\n  status %d: %s\n", line, result.status, result.err);
    assert_int_equal(result.status, status);
}

/* ---- processes that are watched while they run ---- */

static pid_t start(const char *line, int input)
{
    char copy[4096], *words[MAX_WORDS];
    snprintf(copy, sizeof copy, "%s", line);
    cut(copy, words);
    pid_t child = fork();
    must(child >= 0, "fork");
    if (child == 0) {
        int out = open(OUT, O_WRONLY | O_CREAT | O_TRUNC, 0600), err = open(ERR, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (input >= 0) dup2(input, 0);
        dup2(out, 1);
        dup2(err, 2);
        execv(getenv("ANSATZ"), words);
        _exit(127);
    }
    return child;
}

static int finish(pid_t child)
{
    int status;
    must(waitpid(child, &status, 0) == child, "waitpid");
    read_back(ERR, result.err);
    remove(OUT);
    remove(ERR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Until the log speaks of it. */
static void wait_for(const char *path, const char *words)
{
    static char text[RUN_MAX_TEXT];
    double end = now() + 20;
    do {
        usleep(5000);
        if (access(path, F_OK) == 0)
            read_back(path, text);
        else
            text[0] = '\0';
    } while (!strstr(text, words) && now() < end);
    assert_non_null(strstr(text, words));
}

/* ---- checkpoints ---- */

static void a_time_limit_and_many_resumes_reach_the_same_bits(void **state)
{
    (void)state;
    int n_stops = 0;
    expect(SLOW "--max-iter 3000 -o whole.az", 0);
    do {
        run(&result, SLOW "--max-iter 3000 -o parts.az --checkpoint c --resume --time-limit 0.02");
        if (result.status == 75) {
            n_stops++;
            assert_non_null(strstr(result.err, "go on with --resume"));
            assert_int_equal(access("parts.az", F_OK), -1);
        }
    } while (result.status == 75 && n_stops < 10000);
    assert_int_equal(result.status, 0);
    assert_true(n_stops > 0);
    same_model("whole.az", "parts.az");
    remove("c");
}

/* Stopped after each iteration, the fit goes on in as many processes as it has iterations. */
static int resume_after_each_iteration(const char *name, const char *target)
{
    char line[512];
    int n_stops = 0;
    snprintf(line, sizeof line, "fit %s mixed.csv --target %s -o whole.az", name, target);
    expect(line, 0);
    snprintf(line, sizeof line, "fit %s mixed.csv --target %s -o parts.az --checkpoint c --resume --time-limit 1e-9",
             name, target);
    do {
        run(&result, line);
        n_stops += result.status == 75;
    } while (result.status == 75 && n_stops < 500);
    if (result.status) print_error("ansatz %s\n  status %d: %s\n", line, result.status, result.err);
    assert_int_equal(result.status, 0);
    same_model("whole.az", "parts.az");
    remove("c");
    return n_stops;
}

static void every_iterative_model_resumes_to_the_same_bits(void **state)
{
    (void)state;
    FILE *file = fopen("mixed.csv", "w");
    uint64_t seed = 3;
    int n_stops = 0;
    fputs("a,b,c,y,label\n", file);
    for (int i = 0; i < 200; i++) {
        double a = next_random(&seed), b = next_random(&seed), c = a + 0.1 * next_random(&seed);
        double y = 2 * a - b + 3 * c + next_random(&seed) + (i % 17 ? 0 : 50);
        fprintf(file, "%.6f,%.6f,%.6f,%.6f,%s\n", a, b, c, y, y > 1 ? "high" : y > -1 ? "middle" : "low");
    }
    fclose(file);
    for (int i = 0; az_model_classes[i]; i++) {
        const az_model_class *class = az_model_classes[i];
        if (!(class->traits & AZ_TRAIT_ITERATIVE)) continue;
        char name[64]; /* of a model that adds up rounds, a dozen are enough */
        snprintf(name, sizeof name, "%s%s", class->name, class->more ? " --n-estimators 12" : "");
        /* One that converges at once, warm from its path of penalties, has nothing to go on from. */
        if (class->tasks & AZ_REGRESSION) n_stops += resume_after_each_iteration(name, "y --features a,b,c");
        if (class->tasks & AZ_CLASSIFICATION) n_stops += resume_after_each_iteration(name, "label --features a,b,c");
    }
    assert_true(n_stops > 4);
    assert_true(resume_after_each_iteration("logistic --penalty l1", "label --features a,b,c") > 0);
    assert_true(resume_after_each_iteration("lasso --n-alphas 0 --alpha 1e-4", "y --features a,b,c") > 0);
    remove("mixed.csv");
}

static void a_signal_leaves_a_checkpoint(void **state)
{
    (void)state;
    static const int signals[] = {SIGUSR1, SIGTERM, SIGINT};
    expect(SLOW "--max-iter 4000 -o whole.az", 0);
    for (int i = 0; i < 3; i++) {
        remove("log");
        pid_t child = start(SLOW "--max-iter 4000 -o parts.az --checkpoint c --resume --log log", -1);
        wait_for("log", "\"what\":\"lasso\"");
        kill(child, signals[i]);
        double begin = now();
        assert_int_equal(finish(child), 128 + signals[i]);
        assert_true(now() - begin < 5);
        assert_non_null(strstr(result.err, "go on with --resume"));
        assert_int_equal(access("c", F_OK), 0);
        assert_int_equal(access("parts.az", F_OK), -1);
    }
    expect(SLOW "--max-iter 4000 -o parts.az --checkpoint c --resume", 0);
    assert_non_null(strstr(result.err, "resumed from c after"));
    same_model("whole.az", "parts.az");
    remove("c");
    remove("log");
}

/* A round may be long: it is left in the middle, and the rounds before it are kept. */
static void boosting_is_stopped_within_a_round(void **state)
{
    (void)state;
    static const char *const fits[] = {"", "--early-stopping --subsample 0.5 --max-features 2"};
    write_table("many.csv", 20000, 6, 1, 11);
    for (int c = 0; c < 2; c++) {
        char line[512];
        int n_stops = 0;
        snprintf(line, sizeof line, "fit boosting many.csv --target y --n-estimators 120 %s -o whole.az", fits[c]);
        expect(line, 0);
        snprintf(line, sizeof line,
                 "fit boosting many.csv --target y --n-estimators 120 %s -o parts.az --checkpoint c --resume --log log",
                 fits[c]);
        for (int k = 0; k < 3; k++) {
            remove("log");
            pid_t child = start(line, -1);
            wait_for("log", "\"what\":\"boosting\"");
            usleep(20000 + 15000 * (useconds_t)k);
            kill(child, SIGINT);
            double begin = now();
            int status = finish(child);
            assert_true(now() - begin < STOPS_WITHIN);
            if (status == 0 || !strstr(result.err, "go on with --resume")) break; /* the rounds were over */
            assert_int_equal(status, 130);
            n_stops++;
            assert_int_equal(access("c", F_OK), 0);
        }
        assert_true(n_stops > 0);
        expect(line, 0);
        same_model("whole.az", "parts.az");
        snprintf(line, sizeof line,
                 "fit boosting many.csv --target y --n-estimators 120 %s --learning-rate 0.2 --checkpoint c --resume",
                 fits[c]);
        expect(line, 65);
        assert_non_null(strstr(result.err, "other parameters"));
        remove("c");
    }
    remove("many.csv");
    remove("log");
}

static void a_refit_has_its_own_checkpoint(void **state)
{
    (void)state;
    int n_stops = 0;
    expect(SLOW "--max-iter 20000 --test 0.2 --refit -o whole.az", 0);
    do {
        run(&result, SLOW "--max-iter 20000 --test 0.2 --refit -o parts.az --checkpoint c --resume --time-limit 0.02");
        n_stops += result.status == 75;
    } while (result.status == 75 && n_stops < 10000);
    assert_int_equal(result.status, 0);
    assert_true(n_stops > 0);
    same_model("whole.az", "parts.az");
    remove("c");
    remove("c.refit");
}

static void a_checkpoint_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    expect(SLOW "--max-iter 100000 --checkpoint c --time-limit 0.05", 75);
    write_table("other.csv", 40, 80, 1e-3, 7);
    expect("fit lasso other.csv --target y --n-alphas 0 --checkpoint c --resume", 65);
    assert_non_null(strstr(result.err, "other data"));
    expect("fit elastic_net slow.csv --target y --n-alphas 0 --checkpoint c --resume", 65);
    assert_non_null(strstr(result.err, "of 'lasso', not of 'elastic_net'"));
    write_text("c", "not a checkpoint");
    expect(SLOW "--max-iter 10 --checkpoint c --resume", 65);
    assert_int_equal(result.n_error_lines, 1);
    expect(SLOW "--max-iter 10 --checkpoint none/c", 73);
    expect(SLOW "--max-iter 10 --resume", 64);
    expect(SLOW "--max-iter 10 --time-limit 5", 64);
    expect(SLOW "--max-iter 10 --checkpoint d --resume", 0);
    assert_non_null(strstr(result.err, "d is not there yet: the fit starts from the beginning"));
    remove("other.csv");
    remove("c");
    remove("d");
}

static void a_fit_in_one_step_says_so(void **state)
{
    (void)state;
    expect("fit dummy slow.csv --target y --checkpoint c --time-limit 5", 0);
    assert_non_null(strstr(result.err, "dummy is fitted in one step: --checkpoint and --time-limit have no effect\n"));
    expect("fit dummy slow.csv --target y --time-limit 5", 0);
    assert_non_null(strstr(result.err, "dummy is fitted in one step: --time-limit has no effect\n"));
    assert_int_equal(access("c", F_OK), -1);
}

/* ---- interrupts ---- */

static void an_interrupt_ends_the_wait_for_input(void **state)
{
    (void)state;
    int ends[2];
    must(pipe(ends) == 0, "pipe");
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    must(write(ends[1], "x,y\n1,2\n", 8) == 8, "write");
    pid_t child = start("fit dummy - --target y -o never.az", ends[0]);
    usleep(300000);
    double begin = now();
    kill(child, SIGINT);
    assert_int_equal(finish(child), 130);
    assert_true(now() - begin < STOPS_WITHIN);
    assert_string_equal(result.err, "ansatz: interrupted\n");
    assert_int_equal(access("never.az", F_OK), -1);
    close(ends[0]);
    close(ends[1]);
    must(mkfifo("pipe", 0600) == 0, "mkfifo");
    child = start("fit dummy pipe --target y", -1);
    usleep(300000);
    begin = now();
    kill(child, SIGTERM);
    assert_int_equal(finish(child), 143);
    assert_true(now() - begin < STOPS_WITHIN);
    remove("pipe");
}

static void an_interrupt_ends_predictions(void **state)
{
    (void)state;
    write_table("near.csv", 12000, 12, 1, 5);
    pid_t child = start("fit knn near.csv --target y --algorithm brute --threads 1 --log log -o never.az", -1);
    wait_for("log", "\"what\":\"predict\"");
    double begin = now();
    kill(child, SIGINT);
    assert_int_equal(finish(child), 130);
    assert_true(now() - begin < STOPS_WITHIN);
    assert_int_equal(access("never.az", F_OK), -1);
    remove("near.csv");
    remove("log");
}

/* Two in a row: in order or at once, but over, and with nothing half written left behind. */
static void a_second_interrupt_ends_at_once(void **state)
{
    (void)state;
    int before = n_files_here();
    pid_t child = start(SLOW "--max-iter 1000000 -o never.az --log log", -1);
    wait_for("log", "\"what\":\"lasso\"");
    kill(child, SIGINT);
    kill(child, SIGINT);
    assert_int_equal(finish(child), 130);
    remove("log");
    assert_int_equal(n_files_here(), before);
}

/* ---- what is said on the way ---- */

static char screen[1 << 18];

/* What a terminal of 60 columns is sent. */
static int on_terminal(const char *line)
{
    char copy[4096], *words[MAX_WORDS];
    struct winsize size = {.ws_row = 20, .ws_col = 60};
    int master, status;
    snprintf(copy, sizeof copy, "%s", line);
    cut(copy, words);
    pid_t child = forkpty(&master, NULL, NULL, &size);
    must(child >= 0, "forkpty");
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        execv(getenv("ANSATZ"), words);
        _exit(127);
    }
    size_t used = 0;
    for (ssize_t n; used < sizeof screen - 1 && (n = read(master, screen + used, sizeof screen - 1 - used)) > 0;)
        used += (size_t)n;
    screen[used] = '\0';
    close(master);
    must(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void a_terminal_sees_a_bar_after_two_seconds(void **state)
{
    (void)state;
    unsetenv("NO_COLOR");
    double begin = now();
    assert_int_equal(on_terminal(SLOW "--max-iter 10000000 --checkpoint c --time-limit 2.5"), 75);
    assert_true(now() - begin >= 2.5);
    const char *bar = strstr(screen, "\rlasso [");
    assert_non_null(bar);
    assert_non_null(strstr(bar, "%  "));
    assert_non_null(strstr(bar, "/s  "));
    assert_non_null(strstr(bar, " left"));
    /* Not once a sweep but ten times a second, each within the line. */
    int n_drawn = 0;
    for (const char *at = bar; at; at = strstr(at + 1, "\rlasso [")) {
        n_drawn++;
        assert_true(strcspn(at + 1, "\033\r\n") <= 59);
    }
    assert_true(n_drawn <= 8);
    /* The line is wiped before the last word, which is red. */
    assert_non_null(strstr(bar, "\r\033[K\033[31mansatz:\033[0m lasso: stopped at the time limit"));
    setenv("NO_COLOR", "1", 1);
    assert_int_equal(on_terminal("fit lasso slow.csv --target nothing"), 65);
    assert_null(strstr(screen, "\033[3"));
    unsetenv("NO_COLOR");
    remove("c");
}

static void nothing_is_drawn_in_a_pipe_or_when_quiet(void **state)
{
    (void)state;
    expect(SLOW "--max-iter 10000000 --checkpoint c --time-limit 2.3", 75);
    assert_null(strpbrk(result.err, "\r\033["));
    assert_int_equal(result.n_error_lines, 1);
    assert_int_equal(on_terminal(SLOW "--max-iter 10000000 --checkpoint c --time-limit 2.3 -q"), 75);
    assert_null(strstr(screen, "lasso ["));
    assert_null(strstr(screen, "rows"));
    remove("c");
}

static void the_log_is_one_object_a_line(void **state)
{
    (void)state;
    static char log[RUN_MAX_TEXT];
    int n_notes = 0, n_progress = 0, n_scored = 0;
    const char *last = "";
    expect("compare slow.csv --target y --models dummy,linear --log log", 0);
    read_back("log", log);
    for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        assert_int_equal(json_integer_value(json_object_get(json, "schema")), 1);
        assert_true(json_is_real(json_object_get(json, "seconds")));
        const char *event = json_string_value(json_object_get(json, "event"));
        const char *score = json_string_value(json_object_get(json, "score_name"));
        assert_non_null(event);
        n_notes += strcmp(event, "note") == 0;
        n_progress += strcmp(event, "progress") == 0;
        n_scored += score && strcmp(score, "rmse") == 0 && json_number_value(json_object_get(json, "score")) > 0;
        last = strcmp(event, "end") == 0 && json_integer_value(json_object_get(json, "status")) == 0 ? "end" : "";
        json_decref(json);
    }
    assert_true(n_notes >= 2);
    assert_true(n_progress >= 2);
    assert_true(n_scored >= 1); /* the comparison shows the best score so far */
    assert_string_equal(last, "end");
    remove("log");
}

static int make_files(void **state)
{
    (void)state;
    run_enter();
    write_table("slow.csv", 40, 80, 1e-3, 1);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_limit_and_many_resumes_reach_the_same_bits),
        cmocka_unit_test(every_iterative_model_resumes_to_the_same_bits),
        cmocka_unit_test(a_signal_leaves_a_checkpoint),
        cmocka_unit_test(boosting_is_stopped_within_a_round),
        cmocka_unit_test(a_refit_has_its_own_checkpoint),
        cmocka_unit_test(a_checkpoint_that_does_not_fit_is_refused),
        cmocka_unit_test(a_fit_in_one_step_says_so),
        cmocka_unit_test(an_interrupt_ends_the_wait_for_input),
        cmocka_unit_test(an_interrupt_ends_predictions),
        cmocka_unit_test(a_second_interrupt_ends_at_once),
        cmocka_unit_test(a_terminal_sees_a_bar_after_two_seconds),
        cmocka_unit_test(nothing_is_drawn_in_a_pipe_or_when_quiet),
        cmocka_unit_test(the_log_is_one_object_a_line),
    };
    return cmocka_run_group_tests(tests, make_files, run_leave_group);
}
