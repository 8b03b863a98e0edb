/* SPDX-License-Identifier: BSD-3-Clause */
/* The loop of training: batches, steps, when to stop, checkpoints. */
#ifndef AZ_NN_TRAIN_H
#define AZ_NN_TRAIN_H

#include "base/control.h"
#include "optim/optimiser.h"
#include "optim/schedule.h"
#include <ansatz/graph.h>

/* The input by which a batch's loss is divided, a scalar of type F64: 1 / (sum of the weights of its rows). */
#define AZ_TRAIN_SCALE "1 / weight of the rows"

typedef struct az_train_options {
    const az_optimiser *optimiser; /* NULL: L-BFGS on all rows at once */
    az_optimiser_options values;
    az_schedule_options schedule;
    double learning_rate;
    int64_t batch_size, max_iter, max_fun, n_iter_no_change;
    double tol; /* an epoch that lowers the loss by no more is one in vain; L-BFGS: greatest part of the gradient */
    bool shuffle;
    bool early_stopping; /* the loss that counts is that of the rows held out, and its best weights are kept */
    bool look_back;      /* as early_stopping, but all epochs are gone through first */
    uint64_t seed;
} az_train_options;

/* An input of the plans by row number: number k of row i is data[i * stride[0] + k * stride[1]]. */
typedef struct az_train_input {
    const char *name;
    const double *data;
    int64_t n, stride[2];
} az_train_input;

/* What is minimised.  Plans have the inputs of rows below, and AZ_TRAIN_SCALE. */
typedef struct az_train_problem {
    const char *what;              /* the model, for messages and checkpoints */
    az_type real;                  /* of theta and gradients */
    const az_plan *step;           /* outputs "loss" (F64) and, for each name, the gradient */
    const az_plan *held;           /* output "loss"; NULL: nothing is held out */
    const char *const *parameters; /* (n_parameters) names */
    int n_parameters;
    const bool *is_penalised;     /* (n_parameters) */
    double alpha;                 /* alpha / 2 times the squares of those is added to the sum of the step's losses */
    const az_train_input *inputs; /* (n_inputs) */
    int n_inputs;
    const double *weight; /* (all rows), NULL: ones */
    const int64_t *rows, *held_rows;
    int64_t n_rows, n_held;
    /* A plan as `held` that looks for the first value that is not finite, for when training diverges. */
    az_status (*looking)(const void *context, az_plan **plan);
    const void *context;
    double settings; /* a digest of what else the result depends on; a checkpoint of other settings is refused */
} az_train_problem;

typedef struct az_history {
    int64_t n;    /* epochs, or iterations of L-BFGS */
    int64_t best; /* the epoch whose weights were kept, counted from 1; the last without rows held out */
    bool has_held;
    double *loss, *held; /* (n) penalty included; of rows held out, without */
} az_history;
void az_history_clear(az_history *history);

/* theta (az_plan_n_parameters): from where to where.  *converged: stopped before max_iter.  *history is the caller's.
 */
az_status az_train(const az_train_problem *problem, const az_train_options *options, double *theta, az_history *history,
                   bool *converged, const az_control *control);

#endif
