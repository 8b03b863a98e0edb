/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs the built command ($ANSATZ) as a user would: another process, its status, what it wrote. */
#ifndef TESTS_CLI_RUNNER_H
#define TESTS_CLI_RUNNER_H

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_MAX_TEXT 65536

typedef struct run_result {
    int status; /* exit status; 128 + n when signal n ended it */
    char out[RUN_MAX_TEXT], err[RUN_MAX_TEXT];
    int n_error_lines;
} run_result;

extern char **environ;

#define MAX_WORDS 64
#define OUT       ".stdout"
#define ERR       ".stderr"

static char folder[] = "/tmp/ansatz-cli-XXXXXX";

static inline void must(bool ok, const char *what)
{
    if (ok) return;
    perror(what);
    abort();
}

/* A fresh folder becomes the current one; run_leave removes it with all files in it. */
static inline void run_enter(void)
{
    must(mkdtemp(folder) != NULL, "mkdtemp");
    must(chdir(folder) == 0, "chdir");
}

static inline void run_leave(void)
{
    DIR *directory = opendir(".");
    must(directory != NULL, "opendir");
    for (struct dirent *entry; (entry = readdir(directory));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) remove(entry->d_name);
    closedir(directory);
    must(chdir("/") == 0, "chdir");
    rmdir(folder);
}

/* The same as the end of a group of tests. */
static inline int run_leave_group(void **state)
{
    (void)state;
    run_leave();
    return 0;
}

static inline int n_files_here(void)
{
    int n = 0;
    DIR *directory = opendir(".");
    must(directory != NULL, "opendir");
    while (readdir(directory)) n++;
    closedir(directory);
    return n;
}

static inline void write_bytes(const char *path, const void *bytes, size_t n_bytes)
{
    FILE *file = fopen(path, "wb");
    must(file && fwrite(bytes, 1, n_bytes, file) == n_bytes && fclose(file) == 0, path);
}

static inline void write_text(const char *path, const char *text)
{
    write_bytes(path, text, strlen(text));
}

static inline void read_back(const char *path, char text[RUN_MAX_TEXT])
{
    FILE *file = fopen(path, "rb");
    must(file != NULL, path);
    text[fread(text, 1, RUN_MAX_TEXT - 1, file)] = '\0';
    fclose(file);
}

static inline void cut(char *line, char *words[MAX_WORDS])
{
    int n = 0;
    words[n++] = (char *)"ansatz";
    for (char *at = line; *at && n < MAX_WORDS - 1;) {
        char end = *at == '\'' ? '\'' : ' ';
        at += end == '\'';
        words[n++] = at;
        at += strcspn(at, end == ' ' ? " " : "'");
        if (*at) *at++ = '\0';
        while (*at == ' ') at++;
    }
    words[n] = NULL;
}

/* `line` is cut at blanks; 'quoted words' keep theirs.  stdout goes to stdout_path if that is given.  file_limit: bytes
 * that the command may write to a file (RLIMIT_FSIZE), 0: any number. */
static inline void run_with(run_result *result, const char *line, const char *stdout_path, long file_limit)
{
    const char *command = getenv("ANSATZ");
    must(command != NULL, "the environment variable ANSATZ names the command");
    char copy[4096], *words[MAX_WORDS];
    pid_t child;
    int status;
    struct rlimit before, limit;
    posix_spawn_file_actions_t actions;
    snprintf(copy, sizeof copy, "%s", line);
    cut(copy, words);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, stdout_path ? stdout_path : OUT, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, ERR, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    /* The limit is inherited: it is set here for as long as it takes to start the child. */
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    if (file_limit) limit.rlim_cur = (rlim_t)file_limit;
    setrlimit(RLIMIT_FSIZE, &limit);
    int failed = posix_spawn(&child, command, &actions, NULL, words, environ);
    setrlimit(RLIMIT_FSIZE, &before);
    posix_spawn_file_actions_destroy(&actions);
    must(failed == 0, command);
    must(waitpid(child, &status, 0) == child, "waitpid");
    result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result->out[0] = '\0';
    if (!stdout_path) read_back(OUT, result->out);
    read_back(ERR, result->err);
    result->n_error_lines = 0;
    for (const char *c = result->err; *c; c++) result->n_error_lines += *c == '\n';
    remove(OUT);
    remove(ERR);
}

static inline void run(run_result *result, const char *line)
{
    run_with(result, line, NULL, 0);
}

#endif
