/* SPDX-License-Identifier: BSD-3-Clause */
/* The heavy ball (Polyak 1964) and Nesterov's accelerated gradient (1983), the latter in the form of Sutskever et al.
 * (ICML 2013) where theta is the point that the gradient was taken at.  As in PyTorch the velocity is a sum of
 * gradients and the learning rate stands outside; scikit-learn's velocity holds -rate times it, which is the same while
 * the rate is constant and takes longer to follow where the rate falls. */
#include "optim/optimiser.h"

AZ_ISA_DECLARE(az_update, az_momentum_update);

static void prepare(const az_optimiser_options *options, double learning_rate, int64_t step, double *coefficients)
{
    (void)step;
    coefficients[0] = learning_rate;
    coefficients[1] = options->weight_decay;
    coefficients[2] = options->momentum;
    coefficients[3] = options->nesterov ? 1 : 0;
    coefficients[4] = options->nesterov ? options->momentum : 1;
}

static const az_param params[] = {
    AZ_PARAM(az_optimiser_options, learning_rate, 0.01, 0, INFINITY, "length of a step in units of the gradient",
             .aliases = "learning_rate_init,lr"),
    AZ_PARAM(az_optimiser_options, momentum, 0.9, 0, 1, "part of the velocity that is kept a step"),
    AZ_PARAM(az_optimiser_options, nesterov, 0, 0, 1, "look ahead along the velocity", .aliases = "nesterovs_momentum"),
    AZ_PARAM(az_optimiser_options, weight_decay, 0, 0, INFINITY, "times the parameters is added to the gradient"),
    AZ_PARAM_END,
};

const az_optimiser az_momentum = {
    .name = "momentum",
    .aliases = "heavy_ball,sgd_momentum",
    .help = "gradient descent with a velocity, plain or Nesterov's",
    .params = params,
    .n_slots = 1,
    .prepare = prepare,
    .update = AZ_ISA_TABLE(az_momentum_update),
};
