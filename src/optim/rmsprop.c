/* SPDX-License-Identifier: BSD-3-Clause */
/* The gradient over its root mean square of late (Hinton, Neural Networks for Machine Learning, lecture 6e, 2012). */
#include "optim/optimiser.h"

AZ_ISA_DECLARE(az_update, az_rmsprop_update);

static void prepare(const az_optimiser_options *options, double learning_rate, int64_t step, double *coefficients)
{
    (void)step;
    coefficients[0] = learning_rate;
    coefficients[1] = options->weight_decay;
    coefficients[2] = options->rho;
    coefficients[3] = 1 - options->rho; /* in double: of a float rho near 1 little would be left */
    coefficients[4] = options->epsilon;
}

static const az_param params[] = {
    AZ_PARAM(az_optimiser_options, learning_rate, 0.001, 0, INFINITY, "length of a step in units of the parameters",
             .aliases = "learning_rate_init,lr"),
    AZ_PARAM(az_optimiser_options, rho, 0.9, 0, 1, "part of the mean square that is kept a step"),
    AZ_PARAM(az_optimiser_options, epsilon, 1e-8, 0, INFINITY, "is added to the root mean square"),
    AZ_PARAM(az_optimiser_options, weight_decay, 0, 0, INFINITY, "times the parameters is added to the gradient"),
    AZ_PARAM_END,
};

const az_optimiser az_rmsprop = {
    .name = "rmsprop",
    .help = "the gradient over its root mean square of late",
    .params = params,
    .n_slots = 1,
    .prepare = prepare,
    .update = AZ_ISA_TABLE(az_rmsprop_update),
};
