/* SPDX-License-Identifier: BSD-3-Clause */
/* What step.c and step_by_hand.c share: the numbers of peers/bench_step.py, and the line that it expects. */
#ifndef BENCH_STEP_H
#define BENCH_STEP_H

#include "timing.h"

#include <math.h>
#include <time.h>

enum { BATCHES = 9 };
static const double NU = 0.01 / 3.14159265358979323846;

static inline double draw(int64_t i)
{
    const double k = (double)i, x = k * k * 0.6180339887498949;
    return x - floor(x);
}

static inline double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Medians of milliseconds by the clock and by processor time: of run(context, n, n_threads), which does n times what is
 * measured. */
static inline void time_of_run(void (*run)(void *context, int64_t n, int n_threads), void *context, int n_threads,
                               double *milliseconds, double *processor_milliseconds)
{
    double wall[BATCHES], processor[BATCHES], took = 0;
    int64_t n = 1;
    while (took < 0.05) {
        n *= 2;
        const double start = seconds(CLOCK_MONOTONIC);
        run(context, n, 1); /* on a busy machine threads wait for others, which says nothing of how long a run takes */
        took = seconds(CLOCK_MONOTONIC) - start;
    }
    for (int i = 0; i < BATCHES; i++) {
        const double start = seconds(CLOCK_MONOTONIC), start_processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
        run(context, n, n_threads);
        wall[i] = (seconds(CLOCK_MONOTONIC) - start) / (double)n * 1e3;
        processor[i] = (seconds(CLOCK_PROCESS_CPUTIME_ID) - start_processor) / (double)n * 1e3;
    }
    qsort(wall, BATCHES, sizeof *wall, by_size);
    qsort(processor, BATCHES, sizeof *processor, by_size);
    *milliseconds = wall[BATCHES / 2];
    *processor_milliseconds = processor[BATCHES / 2];
}

static inline void print_step(const char *name, double milliseconds, double processor_milliseconds, double loss,
                              double norm)
{
    printf("%9.4f ms  %9.4f ms processor  %s  loss %.9g gradient %.9g\n", milliseconds, processor_milliseconds, name,
           loss, norm);
}

#endif
