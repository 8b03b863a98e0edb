/* SPDX-License-Identifier: BSD-3-Clause */
/* Optimisers that go by the gradient alone: one table, each with its parameters, its state and its step.  They see one
 * flat array of parameters and know nothing of what it means.  (Those that go by the value too: lbfgs.h.) */
#ifndef AZ_OPTIM_OPTIMISER_H
#define AZ_OPTIM_OPTIMISER_H

#include "base/param.h"
#include "optim/update.h"

/* The parameters of all; an optimiser's own table names those that it has, each with its default. */
typedef struct az_optimiser_options {
    double learning_rate;
    double momentum;
    bool nesterov;
    double rho;            /* RMSprop's smoothing constant */
    double beta_1, beta_2; /* Adam's */
    double epsilon;
    double weight_decay;
} az_optimiser_options;

enum { AZ_UPDATE_COEFFICIENTS = 9, AZ_OPTIMISER_SLOTS = 2 };

typedef struct az_optimiser {
    const char *name;
    const char *aliases; /* "gd,sgd"; NULL: none */
    const char *help;    /* one line of meaning */
    const az_param *params;
    int n_slots; /* the state is (n_slots, n_parameters), zeros at first; at most AZ_OPTIMISER_SLOTS */
    /* The numbers that all parameters have in common in step 1, 2, ... */
    void (*prepare)(const az_optimiser_options *options, double learning_rate, int64_t step, double *coefficients);
    const az_update *update[AZ_N_ISA];
} az_optimiser;

extern const az_optimiser *const az_optimisers[]; /* ends with NULL */

/* By name or alias; NULL: none. */
const az_optimiser *az_optimiser_find(const char *name);
/* As above with AZ_ERROR_USAGE, and the nearest name, where there is none. */
az_status az_optimiser_by_name(const az_optimiser **result, const char *name);

/* One step: theta (n) by its gradient (n), state (n_slots, n).  learning_rate: that of this step (az_learning_rate);
 * step counts from 1.  Up to n_threads threads where n is large; the bits are the same for any number and any CPU. */
void az_optimiser_step_f32(const az_optimiser *optimiser, const az_optimiser_options *options, az_isa isa,
                           double learning_rate, int64_t step, int64_t n, const float *gradient, float *theta,
                           float *state, int n_threads);
void az_optimiser_step_f64(const az_optimiser *optimiser, const az_optimiser_options *options, az_isa isa,
                           double learning_rate, int64_t step, int64_t n, const double *gradient, double *theta,
                           double *state, int n_threads);

#endif
