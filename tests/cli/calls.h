/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls of the command that have to succeed or to fail, within cmocka's tests. */
#ifndef TESTS_CLI_CALLS_H
#define TESTS_CLI_CALLS_H

#include "cli/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

static run_result result; /* of the last call */

static inline void succeeds(const char *line)
{
    run(&result, line);
    if (result.status) print_error("ansatz %s\n  status %d: %s\n", line, result.status, result.err);
    assert_int_equal(result.status, 0);
}

/* With this status and one line of error that has these words; nothing is printed, and no file made. */
static inline void fails(const char *line, int status, const char *words)
{
    int n_files = n_files_here();
    run(&result, line);
    if (result.status != status || !strstr(result.err, words))
        print_error("ansatz %s\n  status %d: %s\n", line, result.status, result.err);
    assert_int_equal(result.status, status);
    assert_non_null(strstr(result.err, words));
    assert_int_equal(result.n_error_lines, 1);
    assert_string_equal(result.out, "");
    assert_int_equal(n_files_here(), n_files);
}

/* The JSON that a command prints; its schema is checked. */
static inline json_t *json_of(const char *line)
{
    json_error_t error;
    succeeds(line);
    json_t *json = json_loads(result.out, JSON_REJECT_DUPLICATES, &error);
    if (!json) print_error("ansatz %s: %s\n%s\n", line, error.text, result.out);
    assert_non_null(json);
    assert_int_equal(json_integer_value(json_object_get(json, "schema")), 1);
    return json;
}

#endif
