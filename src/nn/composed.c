/* SPDX-License-Identifier: BSD-3-Clause */
/* Activations, losses and layers out of ops: derivatives of all orders come with the ops. */
#include "ops/rules.h"
#include <ansatz/nn.h>

#include <stdio.h>

static az_node number(az_node like, double value)
{
    return like.id < 0 ? like : az_constant_like(like, value);
}

static az_node is_positive(az_node x)
{
    return az_less(number(x, 0), x);
}

az_node az_step(az_node x)
{
    return az_select(is_positive(x), number(x, 1), number(x, 0));
}

az_node az_relu(az_node x)
{
    return az_max(x, number(x, 0));
}

az_node az_leaky_relu(az_node x, double slope)
{
    return az_select(is_positive(x), x, az_scale(x, slope));
}

/* The exponential sees no positive number: where it overflowed, its derivative would be infinity times zero. */
az_node az_elu(az_node x, double alpha)
{
    return az_select(is_positive(x), x, az_scale(az_expm1(az_min(x, number(x, 0))), alpha));
}

az_node az_swish(az_node x)
{
    return az_mul(x, az_sigmoid(x));
}

az_node az_gelu(az_node x)
{
    return az_mul(x, az_gaussian_cdf(x));
}

/* Hendrycks and Gimpel's approximation (2016) of the normal distribution function: 1/2 (1 + tanh(z)) = sigmoid(2 z). */
az_node az_gelu_tanh(az_node x)
{
    const double root = 0.7978845608028654; /* sqrt(2 / pi) */
    const az_node cubic = az_mul(x, az_shift(az_scale(az_square(x), 0.044715), 1));
    return az_mul(x, az_sigmoid(az_scale(cubic, 2 * root)));
}

/* --- Along the last axis ------------------------------------------------------------------------------------------ */

static unsigned last_axis(az_node x)
{
    return x.id < 0 ? 0 : 1u << (az_node_shape(x).rank - 1);
}

/* A number a row, repeated along the last axis of `like`. */
static az_node along_last(az_node of_row, az_node like)
{
    static const int axis[AZ_MAX_RANK] = {0, 1, 2, 3, 4, 5};
    return like.id < 0 ? like : az_broadcast(of_row, az_node_shape(like), axis);
}

az_node az_log_softmax(az_node x)
{
    return az_sub(x, along_last(az_log_sum_exp(x, last_axis(x)), x));
}

az_node az_softmax(az_node x)
{
    return az_exp(az_log_softmax(x));
}

static az_node mean_last(az_node x)
{
    if (x.id < 0) return x;
    const az_shape shape = az_node_shape(x);
    const az_node share = az_div(number(x, 1), number(x, (double)shape.size[shape.rank - 1]));
    return along_last(az_mul(az_sum(x, last_axis(x)), share), x);
}

az_node az_layer_norm(az_node x, az_node gain, az_node offset, double epsilon)
{
    const az_node centred = az_sub(x, mean_last(x));
    const az_node y = az_div(centred, az_sqrt(az_shift(mean_last(az_square(centred)), epsilon)));
    return az_add(az_mul(y, gain), offset);
}

/* --- Losses of each row ------------------------------------------------------------------------------------------- */

static az_node sum_last(az_node x)
{
    return az_sum(x, last_axis(x));
}

az_node az_squared_loss(az_node output, az_node target)
{
    return sum_last(az_scale(az_square(az_sub(output, target)), 0.5));
}

/* -t log(s(z)) - (1 - t) log(1 - s(z)) = log(1 + exp(z)) - t z, where nothing overflows and no digits are lost. */
az_node az_binary_cross_entropy(az_node output, az_node target)
{
    return sum_last(az_sub(az_softplus(output), az_mul(target, output)));
}

az_node az_cross_entropy(az_node output, az_node target)
{
    return az_neg(sum_last(az_mul(target, az_log_softmax(output))));
}

az_node az_class_cross_entropy(az_node output, az_node class_number)
{
    return az_sub(az_log_sum_exp(output, last_axis(output)), az_gather(output, class_number));
}

/* With c the difference d cut at +-delta: c (d - c / 2), which is d^2 / 2 inside and delta |d| - delta^2 / 2 outside.
 */
az_node az_huber_loss(az_node output, az_node target, double delta)
{
    const az_node d = az_sub(output, target);
    const az_node c = az_max(az_min(d, number(d, delta)), number(d, -delta));
    return sum_last(az_mul(c, az_sub(d, az_scale(c, 0.5))));
}

az_node az_gaussian_loss(az_node mean, az_node variance, az_node target)
{
    const az_node squares = az_div(az_square(az_sub(mean, target)), variance);
    return sum_last(az_scale(az_add(squares, az_log(variance)), 0.5));
}

/* --- Layers ------------------------------------------------------------------------------------------------------- */

az_node az_dense_layer(az_node x, const char *name, int64_t n)
{
    char weight[128], bias[128];
    if (x.id < 0) return x;
    const az_shape shape = az_node_shape(x);
    snprintf(weight, sizeof weight, "%s/weight", name);
    snprintf(bias, sizeof bias, "%s/bias", name);
    az_enter(x.graph, name);
    const az_node w = az_parameter(x.graph, weight, AZ_SHAPE(shape.size[shape.rank - 1], n));
    const az_node y = az_dense(x, w, az_parameter(x.graph, bias, AZ_SHAPE(n)));
    az_leave(x.graph);
    return y;
}
