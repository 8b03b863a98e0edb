/* SPDX-License-Identifier: BSD-3-Clause */
#include "nn/training.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "nn/penalty.h"
#include "optim/lbfgs.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void az_history_clear(az_history *history)
{
    az_free(history->loss);
    az_free(history->held);
    *history = (az_history){0};
}

void az_training_to_doubles(const az_training *t, const void *from, int64_t n, double *to)
{
    for (int64_t i = 0; i < n; i++)
        to[i] = t->problem->real == AZ_F32 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

void az_training_from_doubles(const az_training *t, const double *from, int64_t n, void *to)
{
    for (int64_t i = 0; i < n; i++)
        if (t->problem->real == AZ_F32)
            ((float *)to)[i] = (float)from[i];
        else
            ((double *)to)[i] = from[i];
}

/* --- Checkpoints -------------------------------------------------------------------------------------------------- */

static int64_t epochs_done(const az_training *t)
{
    return (int64_t)t->state.epoch;
}

static az_status put_reals(const az_training *t, az_bundle *bundle, const char *name, const void *data, int64_t n)
{
    double *copy = NULL;
    AZ_TRY(AZ_NEW_ARRAY(copy, n));
    az_training_to_doubles(t, data, n, copy);
    const az_status status = az_bundle_put_f64(bundle, name, copy, n);
    az_free(copy);
    return status;
}

static az_status save(void *context, az_bundle *bundle)
{
    const az_training *t = context;
    AZ_TRY(az_bundle_put_scalar(bundle, "settings", t->problem->settings));
    AZ_TRY(az_bundle_put_f64(bundle, "numbers", &t->state.step, AZ_TRAINING_NUMBERS));
    AZ_TRY(put_reals(t, bundle, "theta", t->theta, t->n));
    AZ_TRY(put_reals(t, bundle, "slots", t->slots, t->n_slots * t->n));
    AZ_TRY(az_bundle_put_f64(bundle, "solver", t->solver, t->n_solver));
    AZ_TRY(az_bundle_put_f64(bundle, "best", t->best, t->best ? t->n : 0));
    AZ_TRY(az_bundle_put_f64(bundle, "history.loss", t->history->loss, epochs_done(t)));
    return az_bundle_put_f64(bundle, "history.held", t->history->held, t->best ? epochs_done(t) : 0);
}

static bool is_count(double value, double most)
{
    return value >= 0 && value <= most && value == floor(value);
}

/* All is checked before the training is touched. */
static az_status load(void *context, const az_bundle *bundle, int64_t n_done)
{
    az_training *t = context;
    const double *numbers, *theta, *slots, *solver, *best, *loss, *held;
    double settings;
    const int64_t n_held = t->best ? n_done : 0;
    AZ_TRY(az_bundle_get_scalar(bundle, "settings", &settings));
    if (settings != t->problem->settings)
        return az_error(AZ_ERROR_DATA, "it was made with other parameters than those given now");
    if (n_done > t->options->max_iter)
        return az_error(AZ_ERROR_DATA, "it has %" PRId64 " epochs, more than max_iter = %" PRId64, n_done,
                        t->options->max_iter);
    AZ_TRY(az_bundle_get_f64(bundle, "numbers", AZ_TRAINING_NUMBERS, &numbers, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "theta", t->n, &theta, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "slots", t->n_slots * t->n, &slots, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "solver", t->n_solver, &solver, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "best", t->best ? t->n : 0, &best, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "history.loss", n_done, &loss, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "history.held", n_held, &held, NULL));
    az_training_state state;
    memcpy(&state.step, numbers, sizeof state);
    if (state.epoch != (double)n_done || !is_count(state.step, 9e15) || !is_count(state.n_in_vain, 9e15) ||
        !is_count(state.batch, (double)t->problem->n_rows) || !is_count(state.best_epoch, state.epoch) ||
        !is_count(state.n_stalls, 9e15))
        return az_error(AZ_ERROR_DATA, "its counts are not those of a training");
    t->state = state;
    az_training_from_doubles(t, theta, t->n, t->theta);
    az_training_from_doubles(t, slots, t->n_slots * t->n, t->slots);
    if (t->n_solver) memcpy(t->solver, solver, (size_t)t->n_solver * sizeof *solver);
    if (t->best) memcpy(t->best, best, (size_t)t->n * sizeof *best);
    if (n_done) memcpy(t->history->loss, loss, (size_t)n_done * sizeof *loss);
    if (n_held) memcpy(t->history->held, held, (size_t)n_held * sizeof *held);
    return AZ_OK;
}

az_status az_training_tell(az_training *t, bool at_once)
{
    const double now = az_seconds(), between = 0.1;
    if (!at_once && now - t->looked < between) return AZ_OK;
    t->looked = now;
    const int64_t n = epochs_done(t);
    const bool shows_held = n > 0 && t->best;
    const double shown = n == 0 ? NAN : shows_held ? t->history->held[n - 1] : t->history->loss[n - 1];
    return az_iteration_next(&t->iteration, n, n == 0 ? NULL : shows_held ? "held-out loss" : "loss", shown);
}

/* --- Evaluation --------------------------------------------------------------------------------------------------- */

static az_run_arguments arguments_of(az_training *t, const az_plan *plan, int64_t n_rows)
{
    return (az_run_arguments){.n_rows = n_rows,
                              .theta = t->theta,
                              .inputs = t->inputs,
                              .n_inputs = t->problem->n_inputs + 1,
                              .outputs = t->outputs,
                              .n_outputs = plan == t->problem->step ? t->problem->n_parameters + 1 : 1,
                              .seed = t->options->seed,
                              .step = (uint64_t)t->state.step,
                              .work = t->work,
                              .n_threads = az_control_threads(t->control),
                              .control = t->control};
}

static void penalise(void *context, int64_t block, int thread)
{
    static const az_penalty *const kernels[] = AZ_ISA_TABLE(az_penalty_kernels);
    az_training *t = context;
    const az_penalty *penalty = kernels[t->isa];
    az_train_slice *slice = &t->slices[block];
    const double factor = t->problem->alpha * t->scale;
    (void)thread;
    slice->squares =
        t->problem->real == AZ_F32
            ? penalty->f32(factor, slice->n, (float *)t->theta + slice->offset, (float *)t->gradient + slice->offset)
            : penalty->f64(factor, slice->n, (double *)t->theta + slice->offset, (double *)t->gradient + slice->offset);
}

static void add_penalty(az_training *t)
{
    double squares = 0;
    az_parallel(t->n_slices < 4 ? 1 : az_control_threads(t->control), t->n_slices, penalise, t);
    for (int64_t i = 0; i < t->n_slices; i++) squares += t->slices[i].squares;
    t->loss += 0.5 * t->problem->alpha * squares * t->scale;
}

/* Rows of a few numbers are copied without a call for each. */
static inline void copy_row(char *to, const char *from, size_t n)
{
    if (n > 128) {
        memcpy(to, from, n);
        return;
    }
    for (; n >= 16; n -= 16, to += 16, from += 16) memcpy(to, from, 16);
    if (n & 8) {
        memcpy(to, from, 8);
        to += 8;
        from += 8;
    }
    if (n & 4) memcpy(to, from, 4);
}

static void gather(az_training *t, int64_t first, int64_t n)
{
    const int64_t *order = t->order + first;
    for (int k = 0; k < t->problem->n_inputs; k++) {
        const size_t bytes = (size_t)t->problem->inputs[k].n * t->size;
        const char *from = t->data[k];
        char *to = t->inputs[k].data = t->batch[k];
        for (int64_t i = 0; i < n; i++) copy_row(to + bytes * (size_t)i, from + bytes * (size_t)order[i], bytes);
    }
}

/* The rows of an evaluation, and one by their weight. */
static void bring(az_training *t, bool in_order, int64_t first, int64_t n)
{
    double weight = (double)n;
    if (t->weight) {
        weight = 0;
        for (int64_t i = first; i < first + n; i++) weight += t->weight[in_order ? t->order[i] : i];
    }
    t->scale = 1 / weight;
    if (in_order)
        gather(t, first, n);
    else
        for (int k = 0; k < t->problem->n_inputs; k++)
            t->inputs[k].data = (char *)t->data[k] + (size_t)(first * t->problem->inputs[k].n) * t->size;
}

az_status az_training_evaluate(az_training *t, const az_plan *plan, bool in_order, int64_t first, int64_t n,
                               double *loss)
{
    bring(t, in_order, first, n);
    const az_run_arguments arguments = arguments_of(t, plan, n);
    AZ_TRY(az_run(plan, &arguments));
    if (plan == t->problem->step && t->n_slices) add_penalty(t);
    *loss = t->loss;
    return AZ_OK;
}

az_status az_training_diverged(az_training *t, bool in_order, int64_t first, int64_t n)
{
    az_run_info info = {0};
    az_plan *plan = NULL;
    AZ_TRY(t->problem->looking(t->problem->context, &plan));
    bring(t, in_order, first, n);
    az_run_arguments arguments = arguments_of(t, plan, n);
    arguments.work = NULL; /* this plan keeps more values than those that the training's memory is for */
    arguments.info = &info;
    const az_status status = az_run(plan, &arguments);
    az_plan_free(plan);
    if (status && !*info.nonfinite) return status;
    return az_error(AZ_ERROR_DATA,
                    "%s: in step %" PRId64
                    " the loss is not a finite number%s%s; a smaller learning_rate_init or --scale standard mends it",
                    t->problem->what, (int64_t)t->state.step + 1,
                    *info.nonfinite ? ": the first such was made by " : "", info.nonfinite);
}

az_status az_training_end_epoch(az_training *t, double loss)
{
    const az_train_problem *problem = t->problem;
    const az_train_options *options = t->options;
    az_training_state *s = &t->state;
    const int64_t epoch = epochs_done(t);
    double counts = loss;
    if (problem->held) AZ_TRY(az_training_evaluate(t, problem->held, false, problem->n_rows, problem->n_held, &counts));
    if (!isfinite(counts)) return az_training_diverged(t, false, problem->n_rows, problem->held ? problem->n_held : 0);
    t->history->loss[epoch] = loss;
    if (problem->held) t->history->held[epoch] = counts;
    s->epoch++;
    s->batch = 0;
    s->n_in_vain = counts > s->best_loss - options->tol ? s->n_in_vain + 1 : 0;
    if (counts < s->best_loss) {
        s->best_loss = counts;
        s->best_epoch = s->epoch;
        if (t->best) az_training_to_doubles(t, t->theta, t->n, t->best);
    }
    return AZ_OK;
}

/* --- The whole ---------------------------------------------------------------------------------------------------- */

static az_status make_work(az_training *t)
{
    const az_train_problem *problem = t->problem;
    const int64_t batch = t->options->optimiser ? t->options->batch_size : problem->n_rows;
    const int64_t last = problem->n_rows % batch;
    const int64_t sizes[] = {batch < problem->n_rows ? batch : problem->n_rows, last ? last : batch, problem->n_held};
    size_t most = 0;
    for (int i = 0; i < 3; i++) {
        const az_plan *plan = i < 2 ? problem->step : problem->held;
        if (!plan) continue;
        const az_run_arguments arguments = arguments_of(t, plan, sizes[i]);
        const size_t bytes = az_work_bytes(plan, &arguments);
        if (bytes > most) most = bytes;
    }
    t->work_memory = az_alloc(most + 64);
    if (!t->work_memory) return AZ_ERROR_MEMORY;
    t->work = (char *)t->work_memory + (64 - (uintptr_t)t->work_memory % 64) % 64;
    return AZ_OK;
}

static void lay_out(const az_training *t, const az_train_input *input, const int64_t *rows, int64_t n, void *to)
{
    for (int64_t i = 0; i < n; i++) {
        const double *row = input->data + rows[i] * input->stride[0];
        for (int64_t k = 0; k < input->n; k++)
            if (t->problem->real == AZ_F32)
                ((float *)to)[i * input->n + k] = (float)row[k * input->stride[1]];
            else
                ((double *)to)[i * input->n + k] = row[k * input->stride[1]];
    }
}

/* Rows as the plan wants them, so that a batch is a few copies of whole rows and all rows are there without any. */
static az_status make_data(az_training *t)
{
    const az_train_problem *problem = t->problem;
    const int64_t n = problem->n_rows + problem->n_held;
    const bool shuffles = t->options->optimiser && t->options->shuffle && t->options->batch_size < problem->n_rows;
    for (int k = 0; k < problem->n_inputs; k++) {
        const az_train_input *input = &problem->inputs[k];
        if (!(t->data[k] = az_alloc_array(n * input->n, t->size))) return AZ_ERROR_MEMORY;
        lay_out(t, input, problem->rows, problem->n_rows, t->data[k]);
        lay_out(t, input, problem->held_rows, problem->n_held,
                (char *)t->data[k] + (size_t)(problem->n_rows * input->n) * t->size);
        if (shuffles && !(t->batch[k] = az_alloc_array(t->options->batch_size * input->n, t->size)))
            return AZ_ERROR_MEMORY;
        t->inputs[k] = (az_binding){.name = input->name, .type = problem->real};
    }
    t->inputs[problem->n_inputs] = (az_binding){.name = AZ_TRAIN_SCALE, .data = &t->scale, .type = AZ_F64};
    if (shuffles) AZ_TRY(AZ_NEW_ARRAY(t->order, problem->n_rows));
    if (!problem->weight) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(t->weight, n));
    for (int64_t i = 0; i < n; i++)
        t->weight[i] =
            problem->weight[i < problem->n_rows ? problem->rows[i] : problem->held_rows[i - problem->n_rows]];
    return AZ_OK;
}

/* Gradients go to their places in one array laid out as theta.  Penalised parameters are cut into slices. */
static az_status make_outputs(az_training *t)
{
    enum { SLICE = 32768 };
    const az_train_problem *problem = t->problem;
    AZ_TRY(AZ_NEW_ARRAY(t->outputs, problem->n_parameters + 1));
    AZ_TRY(AZ_NEW_ARRAY(t->slices, problem->n_parameters + t->n / SLICE));
    t->outputs[0] = (az_binding){.name = "loss", .data = &t->loss, .type = AZ_F64};
    for (int i = 0; i < problem->n_parameters; i++) {
        int64_t offset, n;
        if (!az_plan_parameter(problem->step, problem->parameters[i], &offset, &n))
            return az_error(AZ_ERROR_INTERNAL, "there is no parameter %s", problem->parameters[i]);
        t->outputs[i + 1] = (az_binding){.name = problem->parameters[i],
                                         .data = (char *)t->gradient + (size_t)offset * t->size,
                                         .type = problem->real};
        if (problem->alpha == 0 || !problem->is_penalised[i]) continue;
        for (int64_t at = 0; at < n; at += SLICE)
            t->slices[t->n_slices++] = (az_train_slice){.offset = offset + at, .n = n - at < SLICE ? n - at : SLICE};
    }
    return AZ_OK;
}

static az_status make_room(az_training *t, const double *theta)
{
    const az_train_problem *problem = t->problem;
    const az_train_options *options = t->options;
    const int64_t n_slots = options->optimiser ? options->optimiser->n_slots : 0;
    t->n = az_plan_n_parameters(problem->step);
    t->size = problem->real == AZ_F32 ? sizeof(float) : sizeof(double);
    t->n_slots = n_slots;
    t->n_solver = options->optimiser ? 0 : az_lbfgs_size(t->n, AZ_LBFGS_PAIRS);
    if (!(t->theta = az_alloc_array(t->n, t->size)) || !(t->gradient = az_alloc_array(t->n, t->size)) ||
        !(t->slots = az_alloc_array(t->n * n_slots, t->size)))
        return AZ_ERROR_MEMORY;
    memset(t->slots, 0, (size_t)(t->n * n_slots) * t->size);
    AZ_TRY(AZ_NEW_ARRAY(t->solver, t->n_solver));
    AZ_TRY(AZ_NEW_ARRAY(t->history->loss, options->max_iter));
    if (problem->held) {
        AZ_TRY(AZ_NEW_ARRAY(t->best, t->n));
        AZ_TRY(AZ_NEW_ARRAY(t->history->held, options->max_iter));
        memcpy(t->best, theta, (size_t)t->n * sizeof *theta);
    }
    az_training_from_doubles(t, theta, t->n, t->theta);
    AZ_TRY(make_data(t));
    AZ_TRY(make_outputs(t));
    return make_work(t);
}

az_status az_train(const az_train_problem *problem, const az_train_options *options, double *theta, az_history *history,
                   bool *converged, const az_control *control)
{
    az_training t = {
        .problem = problem, .options = options, .control = control, .history = history, .isa = az_isa_wanted()};
    const az_iteration_store store = {save, load, &t};
    az_status status = AZ_OK;
    int64_t start;
    *history = (az_history){.has_held = problem->held != NULL};
    t.state.best_loss = INFINITY;
    AZ_GOTO(make_room(&t, theta));
    AZ_GOTO(az_iteration_begin_stored(&t.iteration, control, problem->what, &store, options->max_iter, &start));
    az_with_team(az_control_threads(control), options->optimiser ? az_training_by_gradients : az_training_by_lbfgs, &t);
    AZ_GOTO(t.status);
    az_training_to_doubles(&t, t.theta, t.n, theta);
    if (t.best) memcpy(theta, t.best, (size_t)t.n * sizeof *theta);
    history->n = epochs_done(&t);
    history->best = (int64_t)(t.best ? t.state.best_epoch : t.state.epoch);
    *converged = t.state.stopped != 0 || options->look_back;
done:
    az_free(t.theta);
    az_free(t.gradient);
    az_free(t.slots);
    az_free(t.solver);
    az_free(t.best);
    az_free(t.order);
    az_free(t.outputs);
    az_free(t.slices);
    az_free(t.weight);
    for (int k = 0; k < AZ_TRAIN_INPUTS; k++) {
        az_free(t.data[k]);
        az_free(t.batch[k]);
    }
    az_free(t.work_memory);
    if (status) az_history_clear(history);
    return status;
}
