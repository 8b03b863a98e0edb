/* SPDX-License-Identifier: BSD-3-Clause */
/* The multi-layer perceptron: its options, its shape, and what a fit leaves. */
#ifndef AZ_MODELS_MLP_H
#define AZ_MODELS_MLP_H

#include "models/model.h"
#include "nn/activation.h"
#include "nn/train.h"

enum { AZ_MLP_MOST_LAYERS = 128 };

typedef struct az_mlp_options {
    char hidden_layer_sizes[AZ_PARAM_TEXT_SIZE];
    int32_t activation, initializer, loss, solver, precision;
    double alpha;
    char batch_size[AZ_PARAM_TEXT_SIZE];
    az_schedule_options schedule;
    az_optimiser_options values;
    double learning_rate_init;
    int64_t max_iter, max_fun, n_iter_no_change;
    bool shuffle, early_stopping, look_back, scale_target;
    double tol, validation_fraction;
} az_mlp_options;
extern const az_param az_mlp_params[];

enum { AZ_MLP_ADAM, AZ_MLP_SGD, AZ_MLP_LBFGS, AZ_MLP_RMSPROP, AZ_MLP_ADAMW, AZ_MLP_GRADIENT_DESCENT };

/* What stands behind the last hidden layer. */
typedef enum az_mlp_head {
    AZ_MLP_VALUES,      /* targets, squared loss */
    AZ_MLP_TWO_CLASSES, /* one logit */
    AZ_MLP_CLASSES,     /* a logit a class */
    AZ_MLP_NORMAL,      /* mean and variance of each target */
    AZ_MLP_N_HEADS
} az_mlp_head;

/* Layer l goes from size[l] to size[l + 1] numbers; a normal head has one more, for the variances, beside the last. */
typedef struct az_mlp_shape {
    int64_t size[AZ_MLP_MOST_LAYERS + 1];
    int n_layers;
    int32_t activation; /* index into az_activations */
    az_mlp_head head;
} az_mlp_shape;

typedef struct az_mlp {
    az_mlp_shape shape;
    int64_t n_outputs, n_parameters;
    double *theta;          /* (n_parameters): of each layer the weight (n_in, n_out) and the bias */
    double *centre, *scale; /* (n_outputs) of targets: what the network gives is (target - centre) / scale */
    az_plan *plan;          /* features to outputs, in double */
    az_history history;
} az_mlp;

void az_mlp_free(void *fitted);
/* Without theta's values and the history. */
az_status az_mlp_new(az_mlp **result, const az_mlp_shape *shape, int64_t n_outputs);
/* Parameters of layer l; (n_layers) is that of the variances. */
int az_mlp_n_dense(const az_mlp_shape *shape);
void az_mlp_layer_name(int layer, char name[32]);
void az_mlp_layer_size(const az_mlp_shape *shape, int layer, int64_t *n_in, int64_t *n_out);
int64_t az_mlp_n_parameters(const az_mlp_shape *shape);
/* A step: the loss, and the gradient of each parameter; and the loss alone.  Both are without the penalty. */
/* The loss of rows; looking: for the first value that is not finite. */
az_status az_mlp_loss_plan(az_plan **plan, const az_mlp_shape *shape, az_type real, bool weighted, bool looking);
az_status az_mlp_training_plans(az_plan **step, az_plan **held, const az_mlp_shape *shape, az_type real, bool weighted);
az_status az_mlp_make_plan(az_mlp *model);
void az_mlp_export(const void *fitted, az_code *code);

#endif
