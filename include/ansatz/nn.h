/* SPDX-License-Identifier: BSD-3-Clause */
/* What networks are made of, composed of the ops of graph.h: activations, losses, layers. */
#ifndef ANSATZ_NN_H
#define ANSATZ_NN_H

#include <ansatz/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Activations --------------------------------------------------------------------------------------------------
 * Where one has a kink or a jump at 0, its derivative there is that of the left side. */
AZ_API az_node az_step(az_node x); /* 1 where x > 0, else 0; its derivative is 0 */
AZ_API az_node az_relu(az_node x);
AZ_API az_node az_leaky_relu(az_node x, double slope); /* slope x where x <= 0 */
AZ_API az_node az_elu(az_node x, double alpha);        /* alpha (exp(x) - 1) where x <= 0 */
AZ_API az_node az_swish(az_node x);                    /* x sigmoid(x) */
AZ_API az_node az_gelu(az_node x);                     /* x times the normal distribution function of x */
AZ_API az_node az_gelu_tanh(az_node x);                /* x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 */

/* --- Along the last axis ------------------------------------------------------------------------------------------ */
AZ_API az_node az_softmax(az_node x);
AZ_API az_node az_log_softmax(az_node x);
/* (x - mean) / sqrt(variance + epsilon) times gain plus offset, mean and variance (divided by n) of the last axis. */
AZ_API az_node az_layer_norm(az_node x, az_node gain, az_node offset, double epsilon);

/* --- Losses of each row: x (rows, k) to (rows) ---------------------------------------------------------------------
 * target has the shape of the output. */
/* Half the sum of the squares of output - target: the negative log-likelihood of a normal distribution of variance 1.
 */
AZ_API az_node az_squared_loss(az_node output, az_node target);
/* Of two classes, one column each: minus the logarithm of sigmoid(output) where the target is 1, of 1 - sigmoid(output)
 * where it is 0. */
AZ_API az_node az_binary_cross_entropy(az_node output, az_node target);
/* Of several classes: minus the sum of target times log softmax(output); targets are 1 for the class and 0 elsewhere.
 */
AZ_API az_node az_cross_entropy(az_node output, az_node target);
/* The same with the number of each row's class (rows), i64, in place of the target. */
AZ_API az_node az_class_cross_entropy(az_node output, az_node class_number);
/* Half the square of the difference up to delta, beyond it delta |difference| - delta^2 / 2; summed. */
AZ_API az_node az_huber_loss(az_node output, az_node target, double delta);
/* Minus the logarithm of the normal density of the target, without the constant log(2 pi) / 2. */
AZ_API az_node az_gaussian_loss(az_node mean, az_node variance, az_node target);

/* --- Layers -------------------------------------------------------------------------------------------------------
 * x (rows, k) to (rows, n): x W + b, with the parameters "NAME/weight" (k, n) and "NAME/bias" (n). */
AZ_API az_node az_dense_layer(az_node x, const char *name, int64_t n);

#ifdef __cplusplus
}
#endif
#endif
