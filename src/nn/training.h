/* SPDX-License-Identifier: BSD-3-Clause */
/* What the two loops of training, by gradients batch after batch and by L-BFGS, have in common. */
#ifndef AZ_NN_TRAINING_H
#define AZ_NN_TRAINING_H

#include "nn/train.h"

/* All that a checkpoint has to hold, in doubles, which hold floats and counts exactly. */
typedef struct az_training_state {
    double step;        /* updates so far */
    double epoch;       /* whole epochs so far */
    double batch;       /* batches of the epoch under way */
    double sum, weight; /* of their losses */
    double best_loss, best_epoch, n_in_vain, n_stalls, stopped;
} az_training_state;
enum { AZ_TRAINING_NUMBERS = sizeof(az_training_state) / sizeof(double) };

enum { AZ_TRAIN_INPUTS = 8 };

/* A slice of theta that is penalised, and the squares of its weights. */
typedef struct az_train_slice {
    int64_t offset, n;
    double squares;
} az_train_slice;

typedef struct az_training {
    const az_train_problem *problem;
    const az_train_options *options;
    const az_control *control;
    az_training_state state;
    az_isa isa;
    int64_t n;                      /* parameters */
    size_t size;                    /* bytes of one */
    void *theta, *gradient, *slots; /* (n), (n), (n_slots, n) of the real type */
    double *solver;                 /* (n_solver) L-BFGS: its state */
    int64_t n_slots, n_solver;
    double *best; /* (n) or NULL */
    az_history *history;
    void *data[AZ_TRAIN_INPUTS];  /* of the real type: the rows to learn from, then those held out, side by side */
    void *batch[AZ_TRAIN_INPUTS]; /* rows of a batch, or NULL: they lie side by side already */
    double *weight;               /* of the rows as they lie in data, or NULL: ones */
    int64_t *order;               /* (n_rows) of this epoch, places in data; NULL: as they lie there */
    void *work, *work_memory;
    az_binding inputs[AZ_TRAIN_INPUTS], *outputs; /* the loss, and a gradient for each parameter */
    az_train_slice *slices;                       /* (n_slices) */
    int64_t n_slices;
    double loss, scale;
    az_iteration iteration;
    double looked; /* when the clock was last looked at */
    az_status status;
} az_training;

/* The loss of n rows from `first` on, in t->order if `in_order`, else as they lie in t->data, and the gradient where
 * the plan has it. */
az_status az_training_evaluate(az_training *t, const az_plan *plan, bool in_order, int64_t first, int64_t n,
                               double *loss);
/* A number of the real type, from or to an array of doubles. */
void az_training_to_doubles(const az_training *t, const void *from, int64_t n, double *to);
void az_training_from_doubles(const az_training *t, const double *from, int64_t n, void *to);
/* Ends an epoch of the given loss: history, rows held out, best weights, whether to stop. */
az_status az_training_end_epoch(az_training *t, double loss);
/* Tells the caller how far it is and asks whether to go on: at once, or about ten times a second. */
az_status az_training_tell(az_training *t, bool at_once);
/* Not finite on these rows: what to say.  The op that first made such a number is found by running them again. */
az_status az_training_diverged(az_training *t, bool in_order, int64_t first, int64_t n);

void az_training_by_gradients(void *training); /* az_training.status tells what came of it */
void az_training_by_lbfgs(void *training);

#endif
