/* SPDX-License-Identifier: BSD-3-Clause */
/* Batch after batch: what counts as an epoch in vain, when to stop and how the rate falls are as scikit-learn has them.
 */
#include "nn/training.h"

#include "base/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* The order of an epoch's rows by its number, so that it can be had again. */
static void order_rows(az_training *t)
{
    char name[64];
    if (!t->order) return;
    snprintf(name, sizeof name, "order of epoch %" PRId64, (int64_t)t->state.epoch);
    az_random_permutation(az_stream_new(t->options->seed, name), t->problem->n_rows, t->order);
}

enum { INVSCALING = 1, ADAPTIVE = 2 };

/* scikit-learn counts time in rows for "invscaling"; all else goes by epochs. */
static double rate_of(const az_training *t)
{
    const az_train_options *options = t->options;
    const int64_t epoch = (int64_t)t->state.epoch;
    const int64_t time = options->schedule.learning_rate == INVSCALING ? epoch * t->problem->n_rows : epoch;
    return az_learning_rate(&options->schedule, options->learning_rate, time, (int64_t)t->state.n_stalls);
}

static void update(az_training *t, double rate)
{
    const az_train_options *options = t->options;
    const int n_threads = az_control_threads(t->control);
    const int64_t step = (int64_t)++t->state.step;
    if (t->problem->real == AZ_F32)
        az_optimiser_step_f32(options->optimiser, &options->values, t->isa, rate, step, t->n, t->gradient, t->theta,
                              t->slots, n_threads);
    else
        az_optimiser_step_f64(options->optimiser, &options->values, t->isa, rate, step, t->n, t->gradient, t->theta,
                              t->slots, n_threads);
}

/* One batch.  What is interrupted in it leaves no trace: the checkpoint is of the batches before. */
static az_status take_batch(az_training *t, double rate)
{
    const int64_t size = t->options->batch_size, first = (int64_t)t->state.batch * size;
    const int64_t left = t->problem->n_rows - first, n = left < size ? left : size;
    double loss;
    const az_status status = az_training_evaluate(t, t->problem->step, t->order != NULL, first, n, &loss);
    if (status == AZ_INTERRUPTED) return az_training_tell(t, true) ? AZ_INTERRUPTED : az_error(status, "interrupted");
    if (status) return status;
    if (!isfinite(loss)) return az_training_diverged(t, t->order != NULL, first, n);
    update(t, rate);
    t->state.batch++;
    t->state.sum += loss / t->scale;
    t->state.weight += 1 / t->scale;
    return az_training_tell(t, false);
}

/* After n_iter_no_change epochs in vain: the end, or a smaller rate. */
static void consider_stopping(az_training *t)
{
    az_training_state *s = &t->state;
    const az_train_options *options = t->options;
    const double least_rate = 1e-6;
    if (options->look_back || s->n_in_vain <= (double)options->n_iter_no_change) return;
    if (options->schedule.learning_rate == ADAPTIVE && rate_of(t) > least_rate) {
        s->n_stalls++;
        s->n_in_vain = 0;
    } else {
        s->stopped = 1;
    }
}

static az_status train(az_training *t)
{
    az_training_state *s = &t->state;
    const int64_t size = t->options->batch_size, n_batches = (t->problem->n_rows + size - 1) / size;
    while (s->epoch < (double)t->options->max_iter && s->stopped == 0) {
        order_rows(t);
        const double rate = rate_of(t);
        if (s->batch == 0) s->sum = s->weight = 0;
        while (s->batch < (double)n_batches) AZ_TRY(take_batch(t, rate));
        AZ_TRY(az_training_end_epoch(t, s->sum / s->weight));
        consider_stopping(t);
        if (s->stopped == 0) AZ_TRY(az_training_tell(t, true));
    }
    return AZ_OK;
}

void az_training_by_gradients(void *training)
{
    az_training *t = training;
    t->status = train(t);
}
