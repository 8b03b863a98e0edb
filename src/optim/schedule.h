/* SPDX-License-Identifier: BSD-3-Clause */
/* How the learning rate changes with time.  What time is the caller says: steps, epochs, or rows seen, as scikit-learn
 * counts for "invscaling". */
#ifndef AZ_OPTIM_SCHEDULE_H
#define AZ_OPTIM_SCHEDULE_H

#include "base/param.h"

typedef struct az_schedule_options {
    int32_t learning_rate; /* which: index into AZ_SCHEDULE_CHOICES */
    double power_t, decay, minimum_factor;
    int64_t decay_time, warm_up;
} az_schedule_options;

#define AZ_SCHEDULE_CHOICES "constant|invscaling|adaptive|exponential|cosine|step"
extern const az_param az_schedule_params[];

/* The rate at `time` 0, 1, ...; n_stalls: how often the caller has found that the cost no longer falls ("adaptive"). */
double az_learning_rate(const az_schedule_options *options, double initial, int64_t time, int64_t n_stalls);

#endif
