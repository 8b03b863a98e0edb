/* SPDX-License-Identifier: BSD-3-Clause */
#include "optim/schedule.h"

/* The factor of the initial rate at time t since the warm-up; T is decay_time. */
typedef double (*factor_fn)(const az_schedule_options *options, double t, double T, double n_stalls);

#define FACTOR(name, value)                                                                                            \
    static double name(const az_schedule_options *options, double t, double T, double n_stalls)                        \
    {                                                                                                                  \
        (void)options, (void)t, (void)T, (void)n_stalls;                                                               \
        return (value);                                                                                                \
    }

static const double pi = 3.14159265358979323846;

FACTOR(constant, 1)
FACTOR(invscaling, pow(t + 1, -options->power_t)) /* as scikit-learn's MLP, where t is the number of rows seen */
FACTOR(adaptive, pow(5, -n_stalls))               /* as scikit-learn's MLP */
FACTOR(exponential, pow(options->decay, t / T))
FACTOR(cosine, options->minimum_factor + (1 - options->minimum_factor) * 0.5 * (1 + cos(pi * fmin(t / T, 1))))
FACTOR(step, pow(options->decay, floor(t / T)))

/* In the order of AZ_SCHEDULE_CHOICES. */
static const factor_fn factors[] = {constant, invscaling, adaptive, exponential, cosine, step};

const az_param az_schedule_params[] = {
    AZ_CHOICE(az_schedule_options, learning_rate, 0, AZ_SCHEDULE_CHOICES, "how the learning rate changes with time"),
    AZ_PARAM(az_schedule_options, power_t, 0.5, 0, INFINITY, "invscaling: the rate falls as time to this power"),
    AZ_PARAM(az_schedule_options, decay, 0.1, 0, 1, "exponential, step: the factor of every decay_time"),
    AZ_PARAM(az_schedule_options, decay_time, 100, 1, 9e15,
             "exponential, step: the time of one factor; cosine: the time of the way down"),
    AZ_PARAM(az_schedule_options, minimum_factor, 0, 0, 1, "cosine: where it ends, as part of the initial rate"),
    AZ_PARAM(az_schedule_options, warm_up, 0, 0, 9e15, "time in which the rate rises linearly to the initial one"),
    AZ_PARAM_END,
};

double az_learning_rate(const az_schedule_options *options, double initial, int64_t time, int64_t n_stalls)
{
    if (time < options->warm_up) return initial * (double)(time + 1) / (double)options->warm_up;
    const double t = (double)(time - options->warm_up), T = (double)options->decay_time;
    return initial * factors[options->learning_rate](options, t, T, (double)n_stalls);
}
