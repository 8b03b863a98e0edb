/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/control.h"

#include "base/json_write.h"
#include "base/number.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double seconds_between_checkpoints = 10;

int az_control_threads(const az_control *control)
{
    return control && control->n_threads > 1 ? control->n_threads : 1;
}

static void send_message(const az_control *control, az_level level, const char *format, va_list arguments)
{
    char text[2048];
    vsnprintf(text, sizeof text, format, arguments);
    control->message(control->user, level, text);
}

void az_note(const az_control *control, const char *format, ...)
{
    if (!control || !control->message) return;
    va_list arguments;
    va_start(arguments, format);
    send_message(control, AZ_NOTE, format, arguments);
    va_end(arguments);
}

void az_warning(const az_control *control, const char *format, ...)
{
    if (!control || !control->message) return;
    va_list arguments;
    va_start(arguments, format);
    send_message(control, AZ_WARNING, format, arguments);
    va_end(arguments);
}

void az_report_progress(const az_control *control, const char *what, double done, double total, const char *score_name,
                        double score)
{
    if (!control || !control->progress) return;
    az_progress progress = {what, done, total, score_name, score};
    control->progress(control->user, &progress);
}

static bool wants_to_stop(const az_control *control)
{
    return control && control->interrupted && control->interrupted(control->user);
}

az_status az_check_interrupt(const az_control *control)
{
    return wants_to_stop(control) ? az_error(AZ_INTERRUPTED, "interrupted") : AZ_OK;
}

double az_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A checkpoint is a bundle: the solver's arrays under their names, and
 * {"what": "logistic", "iteration": 120, "problem": "0123456789abcdef"}. */
static az_status write_checkpoint(const az_iteration *iteration, int64_t n_done)
{
    az_bundle *bundle = NULL;
    az_json json = {0};
    az_status status;
    AZ_GOTO(az_bundle_new(&bundle));
    az_json_begin_object(&json, NULL);
    az_json_string(&json, "what", iteration->what);
    az_json_int(&json, "iteration", n_done);
    char problem[17];
    snprintf(problem, sizeof problem, "%016" PRIx64, iteration->control->problem);
    az_json_string(&json, "problem", problem);
    az_json_end_object(&json);
    AZ_GOTO(az_text_status(&json.text));
    AZ_GOTO(az_bundle_set_document(bundle, json.text.data));
    for (int i = 0; i < iteration->n_arrays; i++) {
        const az_iteration_array *array = &iteration->arrays[i];
        AZ_GOTO(az_bundle_put_f64(bundle, array->name, array->data, array->n));
    }
    if (iteration->store) AZ_GOTO(iteration->store->save(iteration->store->context, bundle));
    AZ_GOTO(az_bundle_write(bundle, iteration->control->checkpoint));
done:
    az_text_free(&json.text);
    az_bundle_free(bundle);
    return status ? az_error_context(status, "the checkpoint could not be written") : AZ_OK;
}

static az_status read_document(const az_iteration *iteration, const char *document, int64_t *n_done)
{
    const char *path = iteration->control->checkpoint;
    json_t *root = json_loads(document, JSON_REJECT_DUPLICATES, NULL);
    json_t *what = json_object_get(root, "what"), *count = json_object_get(root, "iteration");
    json_t *problem = json_object_get(root, "problem");
    char expected[17];
    snprintf(expected, sizeof expected, "%016" PRIx64, iteration->control->problem);
    az_status status = AZ_OK;
    if (!json_is_string(what) || !json_is_integer(count) || !json_is_string(problem))
        status = az_error(AZ_ERROR_DATA, "%s is not a checkpoint of an iterative fit", path);
    else if (strcmp(json_string_value(what), iteration->what) != 0)
        status = az_error(AZ_ERROR_DATA, "%s is a checkpoint of '%s', not of '%s'", path, json_string_value(what),
                          iteration->what);
    else if (strcmp(json_string_value(problem), expected) != 0)
        status =
            az_error(AZ_ERROR_DATA, "%s is a checkpoint of a fit to other data; without --resume it is replaced", path);
    else if (json_integer_value(count) < 0)
        status = az_error(AZ_ERROR_DATA, "%s: the number of iterations is negative", path);
    else
        *n_done = json_integer_value(count);
    json_decref(root);
    return status;
}

/* All is checked before the first array is touched. */
static az_status read_checkpoint(const az_iteration *iteration, int64_t *n_done)
{
    const char *path = iteration->control->checkpoint;
    az_bundle *bundle = NULL;
    const double *data;
    az_status status;
    AZ_GOTO(az_bundle_read(&bundle, path));
    AZ_GOTO(read_document(iteration, az_bundle_document(bundle), n_done));
    if (iteration->store) {
        status = iteration->store->load(iteration->store->context, bundle, *n_done);
        if (status) az_error_context(status, "%s does not fit this problem", path);
        goto done;
    }
    if (az_bundle_n_arrays(bundle) != iteration->n_arrays) {
        status = az_error(AZ_ERROR_DATA, "%s holds %" PRId64 " arrays, this fit has %d: it is of another problem", path,
                          az_bundle_n_arrays(bundle), iteration->n_arrays);
        goto done;
    }
    for (int i = 0; i < iteration->n_arrays; i++) {
        const az_iteration_array *array = &iteration->arrays[i];
        status = az_bundle_get_f64(bundle, array->name, array->n, &data, NULL);
        if (status) {
            az_error_context(status, "%s does not fit this problem", path);
            goto done;
        }
    }
    for (int i = 0; i < iteration->n_arrays; i++) {
        const az_iteration_array *array = &iteration->arrays[i];
        AZ_GOTO(az_bundle_get_f64(bundle, array->name, array->n, &data, NULL));
        if (array->n > 0) memcpy(array->data, data, (size_t)array->n * sizeof *data);
    }
done:
    az_bundle_free(bundle);
    return status;
}

static az_status begin(az_iteration *iteration, int64_t *start)
{
    const az_control *control = iteration->control;
    iteration->started = iteration->last_checkpoint = az_seconds();
    *start = 0;
    if (!control || !control->checkpoint || !control->resume) return AZ_OK;
    if (access(control->checkpoint, F_OK) && errno == ENOENT) return AZ_OK;
    AZ_TRY(read_checkpoint(iteration, start));
    az_note(control, "%s: resumed from %s after %" PRId64 " iterations", iteration->what, control->checkpoint, *start);
    return AZ_OK;
}

az_status az_iteration_begin(az_iteration *iteration, const az_control *control, const char *what,
                             const az_iteration_array *arrays, int n_arrays, int64_t max_iterations, int64_t *start)
{
    *iteration = (az_iteration){
        .control = control, .what = what, .arrays = arrays, .n_arrays = n_arrays, .max_iterations = max_iterations};
    return begin(iteration, start);
}

az_status az_iteration_begin_stored(az_iteration *iteration, const az_control *control, const char *what,
                                    const az_iteration_store *store, int64_t max_iterations, int64_t *start)
{
    *iteration = (az_iteration){.control = control, .what = what, .store = store, .max_iterations = max_iterations};
    return begin(iteration, start);
}

az_status az_iteration_next(az_iteration *iteration, int64_t n_done, const char *score_name, double score)
{
    const az_control *control = iteration->control;
    if (!control) return AZ_OK;
    az_report_progress(control, iteration->what, (double)n_done, (double)iteration->max_iterations, score_name, score);
    double now = az_seconds();
    bool interrupted = wants_to_stop(control);
    bool late = control->time_limit > 0 && now - iteration->started >= control->time_limit &&
                n_done < iteration->max_iterations;
    bool due = now - iteration->last_checkpoint >= seconds_between_checkpoints;
    if (control->checkpoint && (interrupted || late || due)) {
        AZ_TRY(write_checkpoint(iteration, n_done));
        iteration->last_checkpoint = now;
    }
    if (!interrupted && !late) return AZ_OK;
    char limit[AZ_NUMBER_MAX], why[80] = "interrupted";
    az_print_double(limit, control->time_limit);
    if (!interrupted) snprintf(why, sizeof why, "stopped at the time limit of %s s", limit);
    az_status status = interrupted ? AZ_INTERRUPTED : AZ_STOPPED;
    if (control->checkpoint)
        az_error(status, "%s: %s after %" PRId64 " iterations; the state is in %s, go on with --resume",
                 iteration->what, why, n_done, control->checkpoint);
    else
        az_error(status,
                 "%s: %s after %" PRId64 " iterations; nothing was saved, --checkpoint FILE would keep the state",
                 iteration->what, why, n_done);
    return status;
}
