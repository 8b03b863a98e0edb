/* SPDX-License-Identifier: BSD-3-Clause */
/* The perceptron as graphs: one for steps of training, one for the loss of rows held out, one for predictions. */
#include "models/mlp/mlp.h"

#include <stdio.h>
#include <string.h>

void az_mlp_layer_name(int layer, char name[32])
{
    snprintf(name, 32, "layer %d", layer + 1);
}

int az_mlp_n_dense(const az_mlp_shape *shape)
{
    return shape->n_layers + (shape->head == AZ_MLP_NORMAL);
}

void az_mlp_layer_size(const az_mlp_shape *shape, int layer, int64_t *n_in, int64_t *n_out)
{
    const int l = layer < shape->n_layers ? layer : shape->n_layers - 1;
    *n_in = shape->size[l];
    *n_out = shape->size[l + 1];
}

int64_t az_mlp_n_parameters(const az_mlp_shape *shape)
{
    int64_t n = 0;
    for (int l = 0; l < az_mlp_n_dense(shape); l++) {
        int64_t n_in, n_out;
        az_mlp_layer_size(shape, l, &n_in, &n_out);
        n += (n_in + 1) * n_out;
    }
    return n;
}

static az_node layer(az_node x, const az_mlp_shape *shape, int l)
{
    char name[32];
    int64_t n_in, n_out;
    az_mlp_layer_name(l, name);
    az_mlp_layer_size(shape, l, &n_in, &n_out);
    return az_dense_layer(x, name, n_out);
}

/* The network's raw output, and the variances of a normal head. */
static az_node network(az_node x, const az_mlp_shape *shape, az_node *variance)
{
    const double least_variance = 1e-6;
    for (int l = 0; l + 1 < shape->n_layers; l++) x = az_activations[shape->activation].apply(layer(x, shape, l));
    const az_node output = layer(x, shape, shape->n_layers - 1);
    *variance = AZ_NO_NODE;
    if (shape->head == AZ_MLP_NORMAL)
        *variance = az_shift(az_softplus(layer(x, shape, shape->n_layers)), least_variance);
    return output;
}

static az_node row_loss(const az_mlp_shape *shape, az_node output, az_node variance, az_node target)
{
    switch (shape->head) {
    case AZ_MLP_TWO_CLASSES: return az_binary_cross_entropy(output, target);
    case AZ_MLP_CLASSES: return az_cross_entropy(output, target);
    case AZ_MLP_NORMAL: return az_gaussian_loss(output, variance, target);
    default: return az_squared_loss(output, target);
    }
}

/* Sum of weight times loss / sum of weights.  The penalty is the training's (nn/penalty.h). */
static az_node whole_loss(az_graph *graph, const az_mlp_shape *shape, az_type real, bool weighted)
{
    const int64_t n_out = shape->size[shape->n_layers];
    const az_node x = az_input(graph, "x", real, AZ_SHAPE(AZ_ROWS, shape->size[0]));
    const az_node target = az_input(graph, "target", real, AZ_SHAPE(AZ_ROWS, n_out));
    az_node variance;
    const az_node output = network(x, shape, &variance);
    az_node loss = row_loss(shape, output, variance, target);
    if (weighted) loss = az_mul(loss, az_input(graph, "weight", real, AZ_SHAPE(AZ_ROWS)));
    const az_node sum = az_sum_all(az_cast(loss, AZ_F64));
    return az_mul(sum, az_input(graph, AZ_TRAIN_SCALE, AZ_F64, AZ_SCALAR));
}

az_status az_mlp_loss_plan(az_plan **plan, const az_mlp_shape *shape, az_type real, bool weighted, bool looking)
{
    az_graph *graph = az_graph_new(real);
    if (!graph) return AZ_ERROR_MEMORY;
    const az_node loss = whole_loss(graph, shape, real, weighted);
    const az_status status =
        az_compile(plan, &loss, (const char *[]){"loss"}, 1, &(az_plan_options){.find_nonfinite = looking});
    az_graph_free(graph);
    return status;
}

az_status az_mlp_training_plans(az_plan **step, az_plan **held, const az_mlp_shape *shape, az_type real, bool weighted)
{
    enum { MOST = 2 * (AZ_MLP_MOST_LAYERS + 1) };
    az_status status = AZ_OK;
    az_node outputs[MOST + 1], wrt[MOST];
    char names[MOST][48];
    const char *list[MOST + 1] = {"loss"};
    *step = *held = NULL;
    az_graph *graph = az_graph_new(real);
    if (!graph) return AZ_ERROR_MEMORY;
    const int n = 2 * az_mlp_n_dense(shape);
    outputs[0] = whole_loss(graph, shape, real, weighted);
    for (int i = 0; i < n; i++) {
        char name[32];
        int64_t n_in, n_out;
        az_mlp_layer_name(i / 2, name);
        az_mlp_layer_size(shape, i / 2, &n_in, &n_out);
        snprintf(names[i], sizeof names[i], "%s/%s", name, i % 2 ? "bias" : "weight");
        wrt[i] = az_parameter(graph, names[i], i % 2 ? AZ_SHAPE(n_out) : AZ_SHAPE(n_in, n_out));
        list[i + 1] = names[i];
    }
    az_grad(outputs[0], wrt, n, outputs + 1);
    AZ_GOTO(az_compile(step, outputs, list, n + 1, NULL));
    AZ_GOTO(az_compile(held, outputs, list, 1, NULL));
done:
    az_graph_free(graph);
    if (status) {
        az_plan_free(*step);
        *step = NULL;
    }
    return status;
}

/* The outputs: the prediction, and of a normal head the deviations. */
static int outputs_of(const az_mlp *model, az_graph *graph, az_node *outputs)
{
    const az_mlp_shape *shape = &model->shape;
    /* Features far outside any training range may overflow: they are taken as if they were as large as this. */
    const double most = 1e100, both[] = {-1, 1};
    az_node x = az_input(graph, "x", AZ_F64, AZ_SHAPE(AZ_ROWS, shape->size[0])), variance;
    x = az_max(az_min(x, az_constant(graph, most)), az_constant(graph, -most));
    const az_node output = network(x, shape, &variance);
    if (shape->head == AZ_MLP_CLASSES) {
        outputs[0] = az_softmax(output);
        return 1;
    }
    if (shape->head == AZ_MLP_TWO_CLASSES) {
        outputs[0] = az_sigmoid(az_mul(output, az_constant_array(graph, AZ_F64, AZ_SHAPE(2), both)));
        return 1;
    }
    const az_node scale = az_constant_array(graph, AZ_F64, AZ_SHAPE(model->n_outputs), model->scale);
    const az_node centre = az_constant_array(graph, AZ_F64, AZ_SHAPE(model->n_outputs), model->centre);
    outputs[0] = az_add(az_mul(output, scale), centre);
    if (shape->head != AZ_MLP_NORMAL) return 1;
    outputs[1] = az_mul(az_sqrt(variance), scale);
    return 2;
}

az_status az_mlp_make_plan(az_mlp *model)
{
    static const char *const names[] = {"prediction", "deviation"};
    az_node outputs[2];
    az_graph *graph = az_graph_new(AZ_F64);
    if (!graph) return AZ_ERROR_MEMORY;
    const int n = outputs_of(model, graph, outputs);
    const az_status status = az_compile(&model->plan, outputs, names, n, NULL);
    az_graph_free(graph);
    return status;
}
