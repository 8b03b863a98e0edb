/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/parallel.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* A team: threads that wait for blocks while the driver runs.  The driver takes blocks like the others and waits only
 * for those that another has begun, so that a thread which the system lets run late costs nothing; OpenMP's end of a
 * region waits for every thread, which on a busy machine takes milliseconds a region.
 *
 * `open` is the number of the job that can be taken part in, 0: none.  A worker enters by n_inside + 1, and only then
 * looks whether the job is open still; the driver closes, and only then looks who is inside.  Both are sequentially
 * consistent, so one of the two sees the other, and a job's fields never change under a worker. */
typedef struct team {
    _Atomic uint64_t open;
    _Atomic int64_t next; /* block */
    _Atomic int n_inside, n_asleep;
    _Atomic bool over;
    uint64_t n_jobs;
    int n_threads; /* that may take part in the job */
    int64_t n_blocks;
    az_block_fn fn;
    void *context;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
} team;

/* The team of the driver that runs in this thread, while it may be called upon. */
static _Thread_local team *own_team;

/* Looks at the next job, some 12 nanoseconds each (of CPUs of Intel 40), before a thread goes to sleep.  To be woken
 * costs the driver some 8 microseconds, and the worker is there after some 40; a thread that looks begins after 0.2.
 * (OpenMP's look for some milliseconds.)  Longer than between most jobs of a fit, of which none wakes a sleeper then.
 */
enum { SPINS = 20000 };

static inline void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    atomic_thread_fence(memory_order_seq_cst);
#endif
}

static void take_blocks(team *t, int thread)
{
    for (int64_t block; (block = atomic_fetch_add(&t->next, 1)) < t->n_blocks;) t->fn(t->context, block, thread);
}

static bool is_new(team *t, uint64_t last)
{
    const uint64_t open = atomic_load(&t->open);
    return (open && open != last) || atomic_load(&t->over);
}

static void work_for(team *t, int thread)
{
    uint64_t last = 0;
    for (;;) {
        for (int spin = 0; spin < SPINS && !is_new(t, last); spin++) pause_briefly();
        if (!is_new(t, last)) {
            pthread_mutex_lock(&t->mutex);
            atomic_fetch_add(&t->n_asleep, 1);
            while (!is_new(t, last)) pthread_cond_wait(&t->wake, &t->mutex);
            atomic_fetch_sub(&t->n_asleep, 1);
            pthread_mutex_unlock(&t->mutex);
        }
        if (atomic_load(&t->over)) return;
        const uint64_t open = atomic_load(&t->open);
        if (!open) continue;
        atomic_fetch_add(&t->n_inside, 1);
        if (atomic_load(&t->open) == open && thread < t->n_threads) take_blocks(t, thread);
        atomic_fetch_sub(&t->n_inside, 1);
        last = open;
    }
}

static void wake_workers(team *t)
{
    if (atomic_load(&t->n_asleep) == 0) return;
    pthread_mutex_lock(&t->mutex);
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->mutex);
}

static void run_job(team *t, int n_threads, int64_t n_blocks, az_block_fn fn, void *context)
{
    t->n_threads = n_threads;
    t->n_blocks = n_blocks;
    t->fn = fn;
    t->context = context;
    atomic_store(&t->next, 0);
    atomic_store(&t->open, ++t->n_jobs);
    wake_workers(t);
    own_team = NULL; /* a block runs in one thread */
    take_blocks(t, 0);
    own_team = t;
    atomic_store(&t->open, 0);
    for (int spin = 0; atomic_load(&t->n_inside); spin++) {
        if (spin < SPINS)
            pause_briefly();
        else
            sched_yield();
    }
}

void az_with_team(int n_threads, void (*driver)(void *context), void *context)
{
    if (n_threads <= 1 || omp_in_parallel()) {
        driver(context);
        return;
    }
    team t = {.mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
#pragma omp parallel num_threads(n_threads)
    {
        const int thread = omp_get_thread_num();
        if (thread == 0) {
            own_team = &t;
            driver(context);
            own_team = NULL;
            atomic_store(&t.over, true);
            wake_workers(&t);
        } else {
            work_for(&t, thread);
        }
    }
}

void az_parallel(int n_threads, int64_t n_blocks, az_block_fn fn, void *context)
{
    if (n_threads > n_blocks) n_threads = (int)n_blocks;
    if (n_threads > 1 && own_team) {
        run_job(own_team, n_threads, n_blocks, fn, context);
        return;
    }
    if (n_threads <= 1 || omp_in_parallel()) {
        for (int64_t block = 0; block < n_blocks; block++) fn(context, block, 0);
        return;
    }
    /* Which thread takes which block changes from run to run; what a block computes does not. */
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads)
    for (int64_t block = 0; block < n_blocks; block++) fn(context, block, omp_get_thread_num());
}

void az_tree_sum(double *slots, int64_t n_slots, int64_t width)
{
    for (int64_t step = 1; step < n_slots; step *= 2) {
        for (int64_t i = 0; i + step < n_slots; i += 2 * step) {
            double *into = slots + i * width;
            const double *from = slots + (i + step) * width;
            for (int64_t j = 0; j < width; j++) into[j] += from[j];
        }
    }
}
