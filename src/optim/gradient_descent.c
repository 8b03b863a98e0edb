/* SPDX-License-Identifier: BSD-3-Clause */
/* Down the gradient (Cauchy 1847); with mini-batches it is stochastic gradient descent (Robbins and Monro 1951). */
#include "optim/optimiser.h"

AZ_ISA_DECLARE(az_update, az_gradient_descent_update);

static void prepare(const az_optimiser_options *options, double learning_rate, int64_t step, double *coefficients)
{
    (void)step;
    coefficients[0] = learning_rate;
    coefficients[1] = options->weight_decay;
}

static const az_param params[] = {
    AZ_PARAM(az_optimiser_options, learning_rate, 0.01, 0, INFINITY, "length of a step in units of the gradient",
             .aliases = "learning_rate_init,lr"),
    AZ_PARAM(az_optimiser_options, weight_decay, 0, 0, INFINITY, "times the parameters is added to the gradient"),
    AZ_PARAM_END,
};

const az_optimiser az_gradient_descent = {
    .name = "gradient_descent",
    .aliases = "gd,sgd",
    .help = "down the gradient",
    .params = params,
    .n_slots = 0,
    .prepare = prepare,
    .update = AZ_ISA_TABLE(az_gradient_descent_update),
};
