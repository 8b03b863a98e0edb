/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/control.h"
#include "fail_allocation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct caller {
    int n_messages, n_progress, stop_after;
    char text[256];
    az_level level;
    double done;
} caller;

static bool stop(void *user)
{
    caller *self = user;
    return self->stop_after > 0 && self->n_progress >= self->stop_after;
}

static void on_progress(void *user, const az_progress *progress)
{
    caller *self = user;
    self->n_progress++;
    self->done = progress->done;
}

static void on_message(void *user, az_level level, const char *text)
{
    caller *self = user;
    self->n_messages++;
    self->level = level;
    snprintf(self->text, sizeof self->text, "%s", text);
}

static az_control control_of(caller *self)
{
    return (az_control){.interrupted = stop, .progress = on_progress, .message = on_message, .user = self};
}

static void no_control(void **state)
{
    (void)state;
    const az_control empty = {0};
    const az_control *const controls[] = {NULL, &empty};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(az_control_threads(controls[i]), 1);
        az_note(controls[i], "%d", 1);
        az_warning(controls[i], "%d", 1);
        az_report_progress(controls[i], "fit", 1, 2, NULL, 0);
        assert_int_equal(az_check_interrupt(controls[i]), AZ_OK);
        az_iteration iteration;
        int64_t start = 7;
        assert_int_equal(az_iteration_begin(&iteration, controls[i], "x", NULL, 0, 10, &start), AZ_OK);
        assert_int_equal(start, 0);
        assert_int_equal(az_iteration_next(&iteration, 1, NULL, 0), AZ_OK);
    }
    assert_int_equal(az_control_threads(&(az_control){.n_threads = 4}), 4);
}

static void messages(void **state)
{
    (void)state;
    caller self = {0};
    az_control control = control_of(&self);
    az_note(&control, "row %d", 7);
    assert_string_equal(self.text, "row 7");
    assert_int_equal(self.level, AZ_NOTE);
    az_warning(&control, "not %s", "converged");
    assert_string_equal(self.text, "not converged");
    assert_int_equal(self.level, AZ_WARNING);
    az_report_progress(&control, "fit", 3, 0, "rmse", 0.5);
    assert_true(self.n_progress == 1 && self.done == 3);
    self.stop_after = 1;
    assert_int_equal(az_check_interrupt(&control), AZ_INTERRUPTED);
}

/* Newton's iteration for the square root of 2 and 3, whose state is two numbers and a count. */
static az_status solve(double *roots, double *count, const az_control *control, int64_t n_iterations)
{
    const az_iteration_array arrays[] = {{"roots", roots, 2}, {"count", count, 1}};
    az_iteration iteration;
    int64_t start;
    roots[0] = roots[1] = 10;
    *count = 0;
    AZ_TRY(az_iteration_begin(&iteration, control, "newton", arrays, 2, n_iterations, &start));
    for (int64_t i = start; i < n_iterations; i++) {
        for (int k = 0; k < 2; k++) roots[k] = (roots[k] + (2 + k) / roots[k]) / 2;
        *count += 1;
        AZ_TRY(az_iteration_next(&iteration, i + 1, NULL, 0));
    }
    return AZ_OK;
}

static void stopped_and_resumed(void **state)
{
    const char *path = *state;
    double expected[2], roots[2], count;
    assert_int_equal(solve(expected, &count, NULL, 5), AZ_OK);

    caller self = {.stop_after = 2};
    az_control control = control_of(&self);
    control.checkpoint = path;
    control.resume = true; /* the file does not exist yet: a new start */
    assert_int_equal(solve(roots, &count, &control, 5), AZ_INTERRUPTED);
    assert_true(count == 2);
    assert_non_null(strstr(az_error_message(), path));
    self.stop_after = 0;
    assert_int_equal(solve(roots, &count, &control, 5), AZ_OK);
    assert_true(count == 5);
    assert_int_equal(self.n_progress, 5);
    assert_memory_equal(roots, expected, sizeof roots);

    control.resume = false;
    control.time_limit = 1e-9;
    assert_int_equal(solve(roots, &count, &control, 5), AZ_STOPPED);
    assert_true(count == 1);
    assert_non_null(strstr(az_error_message(), path));
    assert_non_null(strstr(az_error_message(), "--resume"));
    assert_int_equal(solve(roots, &count, &control, 1), AZ_OK); /* past the limit, but done */
    unlink(path);
    control.checkpoint = NULL;
    assert_int_equal(solve(roots, &count, &control, 5), AZ_STOPPED);
    assert_non_null(strstr(az_error_message(), "nothing was saved"));
    assert_non_null(strstr(az_error_message(), "--checkpoint"));
}

static void wrong_checkpoints(void **state)
{
    const char *path = *state;
    caller self = {.stop_after = 1};
    az_control control = control_of(&self);
    control.checkpoint = path;
    double roots[2], count;
    assert_int_equal(solve(roots, &count, &control, 5), AZ_INTERRUPTED);
    self.stop_after = 0;
    control.resume = true;
    double values[3] = {1, 2, 3};
    az_iteration iteration;
    int64_t start;
    const az_iteration_array other_size[] = {{"roots", values, 3}, {"count", &count, 1}};
    const az_iteration_array other_name[] = {{"zeros", values, 2}, {"count", &count, 1}};
    const az_iteration_array fewer[] = {{"roots", values, 2}};
    const az_iteration_array right[] = {{"roots", values, 2}, {"count", &count, 1}};
    assert_int_equal(az_iteration_begin(&iteration, &control, "newton", other_size, 2, 5, &start), AZ_ERROR_DATA);
    assert_int_equal(az_iteration_begin(&iteration, &control, "newton", other_name, 2, 5, &start), AZ_ERROR_DATA);
    assert_int_equal(az_iteration_begin(&iteration, &control, "newton", fewer, 1, 5, &start), AZ_ERROR_DATA);
    assert_int_equal(az_iteration_begin(&iteration, &control, "halley", right, 2, 5, &start), AZ_ERROR_DATA);
    assert_true(values[0] == 1 && values[1] == 2); /* nothing is touched on failure */
    assert_int_equal(az_iteration_begin(&iteration, &control, "newton", right, 2, 5, &start), AZ_OK);
    assert_int_equal(start, 1);
    FILE *file = fopen(path, "wb");
    fputs("not a bundle", file);
    fclose(file);
    assert_int_equal(az_iteration_begin(&iteration, &control, "newton", right, 2, 5, &start), AZ_ERROR_DATA);
    unlink(path);
    control.checkpoint = "/no/such/folder/state";
    self.stop_after = 1;
    assert_int_equal(solve(roots, &count, &control, 5), AZ_ERROR_CANNOT_WRITE);
}

static az_status stop_and_resume(void *context)
{
    const char *path = context;
    caller self = {.stop_after = 1};
    az_control control = control_of(&self);
    control.checkpoint = path;
    double roots[2], count;
    unlink(path);
    az_status status = solve(roots, &count, &control, 3);
    if (status != AZ_INTERRUPTED) return status;
    self.stop_after = 0;
    control.resume = true;
    return solve(roots, &count, &control, 3);
}

static void out_of_memory(void **state)
{
    assert_true(fail_each_allocation(stop_and_resume, *state) > 20);
}

static int name_checkpoint(void **state)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/ansatz-test-control-%ld", (long)getpid());
    *state = path;
    unlink(path);
    return 0;
}

static int remove_checkpoint(void **state)
{
    unlink(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_control),
        cmocka_unit_test(messages),
        cmocka_unit_test_setup_teardown(stopped_and_resumed, name_checkpoint, remove_checkpoint),
        cmocka_unit_test_setup_teardown(wrong_checkpoints, name_checkpoint, remove_checkpoint),
        cmocka_unit_test_setup_teardown(out_of_memory, name_checkpoint, remove_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
