/* SPDX-License-Identifier: BSD-3-Clause */
/* Adam (Kingma and Ba, ICLR 2015, algorithm 1), and AdamW: the same with weight decay that acts on the parameters and
 * not through the gradient (Loshchilov and Hutter, ICLR 2019, algorithm 2). */
#include "optim/optimiser.h"

#include <math.h>

AZ_ISA_DECLARE(az_update, az_adam_update);

static void moments(const az_optimiser_options *options, double learning_rate, int64_t step, double *coefficients)
{
    coefficients[0] = learning_rate / (1 - pow(options->beta_1, (double)step));
    coefficients[1] = 0;
    coefficients[2] = 1;
    coefficients[3] = options->beta_1;
    coefficients[4] = 1 - options->beta_1; /* in double: 1 - 0.999f is wrong by 1e-5 */
    coefficients[5] = options->beta_2;
    coefficients[6] = 1 - options->beta_2;
    coefficients[7] = 1 / sqrt(1 - pow(options->beta_2, (double)step));
    coefficients[8] = options->epsilon;
}

static void prepare_adam(const az_optimiser_options *options, double learning_rate, int64_t step, double *coefficients)
{
    moments(options, learning_rate, step, coefficients);
    coefficients[1] = options->weight_decay;
}

static void prepare_adamw(const az_optimiser_options *options, double learning_rate, int64_t step, double *coefficients)
{
    moments(options, learning_rate, step, coefficients);
    coefficients[2] = 1 - learning_rate * options->weight_decay;
}

/* A beta of 1 would divide by zero: the means would never take in a gradient. */
#define MOST (1 - 0x1p-40)

#define COMMON                                                                                                         \
    AZ_PARAM(az_optimiser_options, learning_rate, 0.001, 0, INFINITY, "length of a step in units of the parameters",   \
             .aliases = "learning_rate_init,lr"),                                                                      \
        AZ_PARAM(az_optimiser_options, beta_1, 0.9, 0, MOST, "part of the mean gradient that is kept a step"),         \
        AZ_PARAM(az_optimiser_options, beta_2, 0.999, 0, MOST, "part of the mean square that is kept a step"),         \
        AZ_PARAM(az_optimiser_options, epsilon, 1e-8, 0, INFINITY, "is added to the root mean square")

static const az_param adam_params[] = {
    COMMON,
    AZ_PARAM(az_optimiser_options, weight_decay, 0, 0, INFINITY, "times the parameters is added to the gradient"),
    AZ_PARAM_END,
};

static const az_param adamw_params[] = {
    COMMON,
    AZ_PARAM(az_optimiser_options, weight_decay, 0.01, 0, INFINITY,
             "times the learning rate is the part of the parameters that a step takes away"),
    AZ_PARAM_END,
};

const az_optimiser az_adam = {
    .name = "adam",
    .help = "the mean gradient of late over its root mean square",
    .params = adam_params,
    .n_slots = 2,
    .prepare = prepare_adam,
    .update = AZ_ISA_TABLE(az_adam_update),
};

const az_optimiser az_adamw = {
    .name = "adamw",
    .help = "adam with weight decay that acts on the parameters, not through the gradient",
    .params = adamw_params,
    .n_slots = 2,
    .prepare = prepare_adamw,
    .update = AZ_ISA_TABLE(az_adam_update),
};
