/* SPDX-License-Identifier: BSD-3-Clause */
#include "nn/activation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static az_node identity(az_node x)
{
    return x;
}

static az_node leaky_relu(az_node x)
{
    return az_leaky_relu(x, 0.01);
}

static az_node elu(az_node x)
{
    return az_elu(x, 1);
}

#define SIGMOID "sigmoid(x)"
const az_activation az_activations[] = {
    {"relu", az_relu, "fmax(x, 0.0)"},
    {"tanh", az_tanh, "tanh(x)"},
    {"logistic", az_sigmoid, SIGMOID},
    {"sigmoid", az_sigmoid, SIGMOID},
    {"identity", identity, "x"},
    {"linear", identity, "x"},
    {"leaky_relu", leaky_relu, "fmax(x, 0.01 * x)"},
    {"elu", elu, "elu(x)"},
    {"swish", az_swish, "x * " SIGMOID},
    {"silu", az_swish, "x * " SIGMOID},
    {"gelu", az_gelu, "x * (0.5 * erfc(x * (-0.70710678118654752)))"},
    {"softplus", az_softplus, "softplus(x)"},
    {"sin", az_sin, "sin(x)"},
    {"cos", az_cos, "cos(x)"},
    {"step", az_step, "step(x)"},
    {NULL, NULL, NULL},
};

enum { GLOROT, HE, RANDOM, ZERO };

void az_initialise(int32_t initialiser, const az_activation *activation, uint64_t seed, const char *layer, int64_t n_in,
                   int64_t n_out, double *weight, double *bias)
{
    char name[128];
    snprintf(name, sizeof name, "%s/weight", layer);
    const az_stream weights = az_stream_new(seed, name);
    snprintf(name, sizeof name, "%s/bias", layer);
    const az_stream biases = az_stream_new(seed, name);
    const double squares = activation->apply == az_sigmoid ? 2 : 6;
    const double bound = initialiser == RANDOM   ? 0.5
                         : initialiser == GLOROT ? sqrt(squares / (double)(n_in + n_out))
                                                 : 0;
    const double deviation = initialiser == HE ? sqrt(2 / (double)n_in) : 0;
    for (int64_t i = 0; i < n_in; i++)
        for (int64_t j = 0; j < n_out; j++)
            weight[i * n_out + j] = bound > 0 ? bound * (2 * az_random_uniform(weights, (uint64_t)i, (uint64_t)j) - 1)
                                    : deviation > 0 ? deviation * az_random_normal(weights, (uint64_t)i, (uint64_t)j)
                                                    : 0;
    for (int64_t j = 0; j < n_out; j++)
        bias[j] = bound > 0 ? bound * (2 * az_random_uniform(biases, 0, (uint64_t)j) - 1) : 0;
}
