/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/mlp/mlp.h"

/* AZ_PARAM of a field of a struct within the options. */
#define WITHIN(part, field, name_, ...)                                                                                \
    {                                                                                                                  \
        .name = name_, .offset = offsetof(az_mlp_options, part) + offsetof(part##_options, field), __VA_ARGS__         \
    }

typedef az_schedule_options schedule_options;
typedef az_optimiser_options values_options;

const az_param az_mlp_params[] = {
    AZ_TEXT(az_mlp_options, hidden_layer_sizes, "100", "units of each hidden layer, e.g. 50,20; empty: none",
            .aliases = "hidden_layers,layers"),
    AZ_CHOICE(az_mlp_options, activation, 0, AZ_ACTIVATION_CHOICES, "what a hidden unit makes of its sum"),
    AZ_CHOICE(az_mlp_options, solver, AZ_MLP_ADAM, "adam|sgd|lbfgs|rmsprop|adamw|gradient_descent",
              "how the weights are found; lbfgs takes all rows at once, in double", .aliases = "optimizer,optimiser"),
    AZ_PARAM(az_mlp_options, alpha, 1e-4, 0, INFINITY,
             "penalty: alpha / 2 times the squares of all weights is added to the sum of a batch's losses",
             .aliases = "l2"),
    AZ_TEXT(az_mlp_options, batch_size, "auto",
            "rows of a step: a number (1: each row by itself), all, or auto: 200, or all if they are fewer"),
    WITHIN(schedule, learning_rate, "learning_rate", .type = AZ_PARAM_CHOICE, .choices = AZ_SCHEDULE_CHOICES,
           .help =
               "how the rate of steps changes with time, in epochs; invscaling: in rows; adaptive: a fifth whenever "
               "n_iter_no_change epochs were in vain",
           .aliases = "schedule", .differs = "scikit-learn's momentum keeps the rates that its steps had"),
    AZ_PARAM(az_mlp_options, learning_rate_init, 0.001, 0, INFINITY, "rate of steps at first", .aliases = "lr"),
    WITHIN(schedule, power_t, "power_t", .type = AZ_PARAM_REAL, .initial = 0.5, .upper = INFINITY,
           .help = "invscaling: the rate falls as time to this power"),
    WITHIN(schedule, decay, "decay", .type = AZ_PARAM_REAL, .initial = 0.1, .upper = 1,
           .help = "exponential, step: the factor of every decay_time"),
    WITHIN(schedule, decay_time, "decay_time", .type = AZ_PARAM_INT, .initial = 100, .lower = 1, .upper = 9e15,
           .help = "exponential, step: the epochs of one factor; cosine: those of the way down"),
    WITHIN(schedule, minimum_factor, "minimum_factor", .type = AZ_PARAM_REAL, .upper = 1,
           .help = "cosine: where it ends, as part of the first rate"),
    WITHIN(schedule, warm_up, "warm_up", .type = AZ_PARAM_INT, .upper = 9e15,
           .help = "epochs in which the rate rises linearly to the first one"),
    AZ_PARAM(az_mlp_options, max_iter, 200, 1, 1e7, "epochs (iterations of lbfgs) at most",
             .aliases = "max_iterations,epochs"),
    AZ_PARAM(az_mlp_options, shuffle, 1, 0, 1, "rows in another order each epoch"),
    AZ_PARAM(az_mlp_options, tol, 1e-4, 0, INFINITY,
             "an epoch that lowers the loss by no more is one in vain; lbfgs: stop at a gradient no larger",
             .aliases = "tolerance"),
    WITHIN(values, momentum, "momentum", .type = AZ_PARAM_REAL, .initial = 0.9, .upper = 1,
           .help = "sgd: part of the velocity that is kept a step"),
    WITHIN(values, nesterov, "nesterovs_momentum", .type = AZ_PARAM_BOOL, .initial = 1, .upper = 1,
           .help = "sgd: look ahead along the velocity", .aliases = "nesterov"),
    AZ_PARAM(az_mlp_options, early_stopping, 0, 0, 1,
             "hold rows out, stop when their loss no longer falls, and keep the weights with which it was least",
             .differs = "scikit-learn goes by their score, which is the same for many weights"),
    AZ_PARAM(az_mlp_options, look_back, 0, 0, 1,
             "as early_stopping, but go through all max_iter epochs and choose then"),
    AZ_PARAM(az_mlp_options, validation_fraction, 0.1, 1e-9, 1 - 1e-9, "part of the rows that is held out"),
    WITHIN(values, beta_1, "beta_1", .type = AZ_PARAM_REAL, .initial = 0.9, .upper = 1 - 0x1p-40,
           .help = "adam: part of the mean gradient that is kept a step"),
    WITHIN(values, beta_2, "beta_2", .type = AZ_PARAM_REAL, .initial = 0.999, .upper = 1 - 0x1p-40,
           .help = "adam: part of the mean square that is kept a step"),
    WITHIN(values, epsilon, "epsilon", .type = AZ_PARAM_REAL, .initial = 1e-8, .upper = INFINITY,
           .help = "adam, rmsprop: is added to the root mean square",
           .differs = "scikit-learn adds it before the root is corrected for its start at 0"),
    WITHIN(values, rho, "rho", .type = AZ_PARAM_REAL, .initial = 0.9, .upper = 1,
           .help = "rmsprop: part of the mean square that is kept a step"),
    WITHIN(values, weight_decay, "weight_decay", .type = AZ_PARAM_REAL, .upper = INFINITY,
           .help = "adamw: times the rate is the part of all parameters that a step takes away; others: times the "
                   "parameters is added to the gradient"),
    AZ_PARAM(az_mlp_options, n_iter_no_change, 10, 1, 1e9, "epochs in vain, one after the other, until it stops"),
    AZ_PARAM(az_mlp_options, max_fun, 15000, 1, 9e15, "lbfgs: evaluations at most"),
    AZ_CHOICE(az_mlp_options, loss, 0, "auto|squared|cross_entropy|gaussian",
              "auto: cross_entropy of classes, else squared; gaussian: a mean and a variance for each row, told by "
              "predict --quantiles and --interval"),
    AZ_CHOICE(az_mlp_options, initializer, 0, AZ_INITIALISER_CHOICES, "what the weights begin with",
              .aliases = "initialiser"),
    AZ_PARAM(az_mlp_options, scale_target, 1, 0, 1,
             "learn targets less their mean, over their deviation, so that rates mean the same whatever the unit",
             .differs = "scikit-learn takes them as they are: false does so"),
    AZ_CHOICE(az_mlp_options, precision, 0, "auto|f32|f64",
              "numbers of training; auto: f64 for lbfgs, else f32; predictions are always in double"),
    AZ_PARAM_END};
