/* SPDX-License-Identifier: BSD-3-Clause */
#include "optim/optimiser.h"

#include "base/parallel.h"
#include "base/text.h"

#include <string.h>

extern const az_optimiser az_gradient_descent, az_momentum, az_rmsprop, az_adam, az_adamw;

const az_optimiser *const az_optimisers[] = {
    &az_gradient_descent, &az_momentum, &az_rmsprop, &az_adam, &az_adamw, NULL,
};

static bool has_name(const az_optimiser *optimiser, const char *name)
{
    if (strcmp(optimiser->name, name) == 0) return true;
    const size_t length = strlen(name);
    for (const char *alias = optimiser->aliases; alias && length; alias = strchr(alias, ',')) {
        if (*alias == ',') alias++;
        if (strncmp(alias, name, length) == 0 && (alias[length] == ',' || !alias[length])) return true;
    }
    return false;
}

const az_optimiser *az_optimiser_find(const char *name)
{
    for (int i = 0; az_optimisers[i]; i++)
        if (has_name(az_optimisers[i], name)) return az_optimisers[i];
    return NULL;
}

static const char *candidate(void *context, int64_t i)
{
    (void)context;
    return az_optimisers[i] ? az_optimisers[i]->name : NULL;
}

az_status az_optimiser_by_name(const az_optimiser **result, const char *name)
{
    const az_optimiser *found = az_optimiser_find(name);
    if (!found) {
        const char *near = az_nearest(name, candidate, NULL);
        if (near) return az_error(AZ_ERROR_USAGE, "there is no optimiser \"%s\"; did you mean \"%s\"?", name, near);
        return az_error(AZ_ERROR_USAGE,
                        "there is no optimiser \"%s\"; there are gradient_descent, momentum, rmsprop, adam and adamw",
                        name);
    }
    *result = found;
    return AZ_OK;
}

/* A block is some ten microseconds of work, fewer blocks than two are not worth a second thread. */
enum { BLOCK = 32768, ALONE = 4 * BLOCK };

#define STEP(type, real)                                                                                               \
    typedef struct task_##type {                                                                                       \
        const az_update *update;                                                                                       \
        double coefficients[AZ_UPDATE_COEFFICIENTS];                                                                   \
        int64_t n;                                                                                                     \
        const real *gradient;                                                                                          \
        real *theta, *state[AZ_OPTIMISER_SLOTS];                                                                       \
    } task_##type;                                                                                                     \
                                                                                                                       \
    static void run_##type(void *context, int64_t block, int thread)                                                   \
    {                                                                                                                  \
        const task_##type *task = context;                                                                             \
        const int64_t at = block * BLOCK, left = task->n - at, n = left < BLOCK ? left : BLOCK;                        \
        (void)thread;                                                                                                  \
        task->update->type(task->coefficients, n, task->gradient + at, task->theta + at,                               \
                           task->state[0] ? task->state[0] + at : NULL, task->state[1] ? task->state[1] + at : NULL);  \
    }                                                                                                                  \
                                                                                                                       \
    void az_optimiser_step_##type(const az_optimiser *optimiser, const az_optimiser_options *options, az_isa isa,      \
                                  double learning_rate, int64_t step, int64_t n, const real *gradient, real *theta,    \
                                  real *state, int n_threads)                                                          \
    {                                                                                                                  \
        task_##type task = {.update = optimiser->update[isa], .n = n, .gradient = gradient, .theta = theta};           \
        optimiser->prepare(options, learning_rate, step, task.coefficients);                                           \
        for (int i = 0; i < optimiser->n_slots; i++) task.state[i] = state + i * n;                                    \
        az_parallel(n < ALONE ? 1 : n_threads, (n + BLOCK - 1) / BLOCK, run_##type, &task);                            \
    }

STEP(f32, float)
STEP(f64, double)
