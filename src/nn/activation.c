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

/* Exported programs: y of x, in terms that both C and Fortran have.  exp(x) - 1 and log(1 + x) keep their digits by a
 * trick of Kahan: the error of u = exp(x) (of u = 1 + x) cancels. */
#define DECLARE "real y, u\n"
#define SIGMOID                                                                                                        \
    DECLARE "u = exp(-fabs(x))\n"                                                                                      \
            "y = 1.0 / (1.0 + u)\n"                                                                                    \
            "if x < 0.0 {\n"                                                                                           \
            "    y = u / (1.0 + u)\n"                                                                                  \
            "}\n"
#define IDENTITY                                                                                                       \
    "real y\n"                                                                                                         \
    "y = x\n"
static const char relu_code[] = "real y\n"
                                "y = x\n"
                                "if x < 0.0 {\n"
                                "    y = 0.0\n"
                                "}\n";
static const char leaky_relu_code[] = "real y\n"
                                      "y = x\n"
                                      "if x < 0.0 {\n"
                                      "    y = 0.01 * x\n"
                                      "}\n";
static const char elu_code[] = DECLARE "y = x\n"
                                       "u = exp(x)\n"
                                       "if u < 1.0 {\n"
                                       "    y = -1.0\n"
                                       "    if u > 0.0 {\n"
                                       "        y = (u - 1.0) * x / log(u)\n"
                                       "    }\n"
                                       "}\n";
static const char softplus_code[] = "real y, t, u\n"
                                    "t = exp(-fabs(x))\n"
                                    "u = 1.0 + t\n"
                                    "y = t\n"
                                    "if u > 1.0 {\n"
                                    "    y = log(u) * t / (u - 1.0)\n"
                                    "}\n"
                                    "if x > 0.0 {\n"
                                    "    y += x\n"
                                    "}\n";
static const char step_code[] = "real y\n"
                                "y = 0.0\n"
                                "if x > 0.0 {\n"
                                "    y = 1.0\n"
                                "}\n";
static const char gelu_code[] = "real y\n"
                                "y = x * (0.5 * erfc(x * (-0.70710678118654752)))\n";

const az_activation az_activations[] = {
    {"relu", az_relu, relu_code},
    {"tanh", az_tanh, "real y\ny = tanh(x)\n"},
    {"logistic", az_sigmoid, SIGMOID},
    {"sigmoid", az_sigmoid, SIGMOID},
    {"identity", identity, IDENTITY},
    {"linear", identity, IDENTITY},
    {"leaky_relu", leaky_relu, leaky_relu_code},
    {"elu", elu, elu_code},
    {"swish", az_swish, SIGMOID "y *= x\n"},
    {"silu", az_swish, SIGMOID "y *= x\n"},
    {"gelu", az_gelu, gelu_code},
    {"softplus", az_softplus, softplus_code},
    {"sin", az_sin, "real y\ny = sin(x)\n"},
    {"cos", az_cos, "real y\ny = cos(x)\n"},
    {"step", az_step, step_code},
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
