/* SPDX-License-Identifier: BSD-3-Clause */
/* L-BFGS on all rows at once, in double, with the tests for an end of L-BFGS-B as SciPy calls it for scikit-learn. */
#include "nn/training.h"

#include "base/memory.h"
#include "optim/lbfgs.h"

#include <math.h>
#include <string.h>

/* What an iteration must lower the loss by, as part of it: SciPy's ftol. */
static const double least_decrease = 2.220446049250313e-09;

static double greatest_part(const double *x, int64_t n)
{
    double most = 0;
    for (int64_t i = 0; i < n; i++) most = fabs(x[i]) > most ? fabs(x[i]) : most;
    return most;
}

static az_status take_iterate(az_training *t, const az_lbfgs *lbfgs, double before)
{
    az_training_state *s = &t->state;
    const az_train_options *options = t->options;
    memcpy(t->theta, lbfgs->x, (size_t)t->n * sizeof *lbfgs->x);
    const double value = *lbfgs->value;
    AZ_TRY(az_training_end_epoch(t, value));
    const bool small = before - value <= least_decrease * fmax(fmax(fabs(before), fabs(value)), 1);
    const bool flat = greatest_part(lbfgs->gradient, t->n) <= options->tol;
    const bool in_vain = t->problem->held && s->n_in_vain > (double)options->n_iter_no_change;
    if (!options->look_back && (small || flat || in_vain)) s->stopped = 1;
    return AZ_OK;
}

static az_status train(az_training *t)
{
    az_training_state *s = &t->state;
    const az_train_options *options = t->options;
    az_lbfgs lbfgs = az_lbfgs_at(t->solver, t->n, AZ_LBFGS_PAIRS);
    if (s->step == 0) az_lbfgs_begin(&lbfgs, t->theta);
    while (s->epoch < (double)options->max_iter && s->step < (double)options->max_fun && s->stopped == 0) {
        double loss;
        memcpy(t->theta, lbfgs.trial, (size_t)t->n * sizeof *lbfgs.trial);
        const az_status status = az_training_evaluate(t, t->problem->step, false, 0, t->problem->n_rows, &loss);
        if (status == AZ_INTERRUPTED)
            return az_training_tell(t, true) ? AZ_INTERRUPTED : az_error(status, "interrupted");
        if (status) return status;
        if (s->step == 0 && !isfinite(loss)) return az_training_diverged(t, false, 0, t->problem->n_rows);
        s->step++;
        const double before = *lbfgs.value;
        const az_lbfgs_reply reply = az_lbfgs_tell(&lbfgs, loss, t->gradient);
        if (reply == AZ_LBFGS_STUCK) s->stopped = 1;
        if (reply == AZ_LBFGS_STEPPED) AZ_TRY(take_iterate(t, &lbfgs, before));
        if (s->stopped == 0) AZ_TRY(az_training_tell(t, reply == AZ_LBFGS_STEPPED));
    }
    memcpy(t->theta, lbfgs.x, (size_t)t->n * sizeof *lbfgs.x);
    return AZ_OK;
}

void az_training_by_lbfgs(void *training)
{
    az_training *t = training;
    t->status = train(t);
}
