/* SPDX-License-Identifier: BSD-3-Clause */
/* Activations by name, and what weights begin with. */
#ifndef AZ_NN_ACTIVATION_H
#define AZ_NN_ACTIVATION_H

#include "base/random.h"
#include <ansatz/nn.h>

typedef struct az_activation {
    const char *name;
    az_node (*apply)(az_node x);
    const char *code; /* statements in the language of code/code.h that declare y and set it, for exported programs */
} az_activation;

/* The names, in the order of the table, for a table of parameters; some have two. */
#define AZ_ACTIVATION_CHOICES                                                                                          \
    "relu|tanh|logistic|sigmoid|identity|linear|leaky_relu|elu|swish|silu|gelu|softplus|sin|cos|step"
extern const az_activation az_activations[];

/* "glorot": uniform within sqrt(6 / (n_in + n_out)), biases too, and sqrt(2 / ...) for sigmoids, as scikit-learn draws
 * them after Glorot and Bengio (AISTATS 2010); "he": normal of variance 2 / n_in (He et al., ICCV 2015), biases 0;
 * "random": uniform between -0.5 and 0.5; "zero": all 0. */
#define AZ_INITIALISER_CHOICES "glorot|he|random|zero"

/* The weight (n_in, n_out) and bias (n_out) of a layer: each number by the layer's name and its place alone. */
void az_initialise(int32_t initialiser, const az_activation *activation, uint64_t seed, const char *layer, int64_t n_in,
                   int64_t n_out, double *weight, double *bias);

#endif
