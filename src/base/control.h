/* SPDX-License-Identifier: BSD-3-Clause */
/* The library's side of az_control; every function accepts a NULL control. */
#ifndef AZ_BASE_CONTROL_H
#define AZ_BASE_CONTROL_H

#include "base/safetensors.h"
#include "base/status.h"

int az_control_threads(const az_control *control); /* at least 1 */
void az_note(const az_control *control, const char *format, ...) AZ_PRINTF(2, 3);
void az_warning(const az_control *control, const char *format, ...) AZ_PRINTF(2, 3);
void az_report_progress(const az_control *control, const char *what, double done, double total, const char *score_name,
                        double score);
/* AZ_INTERRUPTED with a message if the caller wants to stop. */
az_status az_check_interrupt(const az_control *control);

/* The state of an iterative fit, for checkpoints: named arrays that the solver owns and updates in place.  A solver
 * calls az_iteration_begin once (it loads the checkpoint into the arrays when asked to resume and tells the iteration
 * to start from), az_iteration_next after each iteration (interrupt, time limit, checkpoint at most every ten seconds
 * and on stopping), az_iteration_end when done (removes nothing; frees its own memory). */
typedef struct az_iteration_array {
    const char *name;
    double *data;
    int64_t n;
} az_iteration_array;
/* A state that is no list of arrays known from the start: written to the checkpoint's bundle, and taken from it as
 * from any file, which may hold anything; n_done iterations are said to have made it. */
typedef struct az_iteration_store {
    az_status (*save)(void *context, az_bundle *bundle);
    az_status (*load)(void *context, const az_bundle *bundle, int64_t n_done);
    void *context;
} az_iteration_store;
typedef struct az_iteration {
    const az_control *control;
    const char *what; /* "logistic": shown with progress, checked on resume */
    const az_iteration_array *arrays;
    int n_arrays;
    const az_iteration_store *store; /* or NULL */
    int64_t max_iterations;
    double started, last_checkpoint;
} az_iteration;
az_status az_iteration_begin(az_iteration *iteration, const az_control *control, const char *what,
                             const az_iteration_array *arrays, int n_arrays, int64_t max_iterations, int64_t *start);
az_status az_iteration_begin_stored(az_iteration *iteration, const az_control *control, const char *what,
                                    const az_iteration_store *store, int64_t max_iterations, int64_t *start);
az_status az_iteration_next(az_iteration *iteration, int64_t n_done, const char *score_name, double score);

double az_seconds(void); /* monotonic clock */

#endif
