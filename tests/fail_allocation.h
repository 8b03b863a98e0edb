/* SPDX-License-Identifier: BSD-3-Clause */
/* An allocator that fails at the n-th request and counts what is alive, for tests that loop n over a whole run. */
#ifndef AZ_TESTS_FAIL_ALLOCATION_H
#define AZ_TESTS_FAIL_ALLOCATION_H

#include <ansatz/base.h>

#include <stdlib.h>

typedef struct failing_allocator {
    long n_requests; /* so far */
    long fail_at;    /* 1: the first request fails; 0: none does.  Only that one fails. */
    long n_alive;
} failing_allocator;

static inline void *failing_resize(void *user, void *pointer, size_t n_bytes)
{
    failing_allocator *self = user;
    if (++self->n_requests == self->fail_at) return NULL;
    void *result = realloc(pointer, n_bytes);
    if (result && !pointer) self->n_alive++;
    return result;
}

static inline void failing_release(void *user, void *pointer)
{
    failing_allocator *self = user;
    self->n_alive--;
    free(pointer);
}

/* Runs `work` with each request failing in turn, until a run makes no request that fails.  work returns its status and
 * must free all it made.  Returns the number of requests of a whole run, or -(n) where failing at n leaked or was not
 * reported as AZ_ERROR_MEMORY. */
static inline long fail_each_allocation(az_status (*work)(void *context), void *context)
{
    for (long n = 1;; n++) {
        failing_allocator state = {.fail_at = n};
        const az_allocator hook = {failing_resize, failing_release, &state};
        az_set_allocator(&hook);
        az_status status = work(context);
        az_set_allocator(NULL);
        if (state.n_alive != 0) return -n;
        if (state.n_requests < n) return status == AZ_OK ? n - 1 : -n;
        if (status != AZ_ERROR_MEMORY) return -n;
    }
}

#endif
