/* SPDX-License-Identifier: BSD-3-Clause */
#include "optim/lbfgs.h"

#include "base/linalg.h"
#include "optim/line_search.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* What lies in `numbers`, besides the line search. */
typedef struct counts {
    double n_iterations, n_evaluations;
    double n_kept;  /* pairs in the ring, the newest at (next - 1) mod n_pairs */
    double next;    /* place of the next pair */
    double n_tried; /* evaluations in this line search */
    double at_end;  /* there is no way down from x */
    double scale;   /* of the initial inverse Hessian: s.y / y.y of the newest pair */
    az_line_search line;
} counts;

enum { N_NUMBERS = sizeof(counts) / sizeof(double), MOST_TRIED = 20 };

int64_t az_lbfgs_size(int64_t n, int64_t n_pairs)
{
    return N_NUMBERS + 1 + 4 * n + 2 * n_pairs * n + 2 * n_pairs;
}

az_lbfgs az_lbfgs_at(double *state, int64_t n, int64_t n_pairs)
{
    az_lbfgs lbfgs = {.n = n, .n_pairs = n_pairs, .numbers = state};
    lbfgs.value = lbfgs.numbers + N_NUMBERS;
    lbfgs.x = lbfgs.value + 1;
    lbfgs.gradient = lbfgs.x + n;
    lbfgs.trial = lbfgs.gradient + n;
    lbfgs.direction = lbfgs.trial + n;
    lbfgs.step = lbfgs.direction + n;
    lbfgs.change = lbfgs.step + n_pairs * n;
    lbfgs.inverse = lbfgs.change + n_pairs * n;
    lbfgs.part = lbfgs.inverse + n_pairs;
    return lbfgs;
}

static counts *counts_of(const az_lbfgs *lbfgs)
{
    return (counts *)lbfgs->numbers; /* doubles throughout */
}

int64_t az_lbfgs_n_iterations(const az_lbfgs *lbfgs)
{
    return (int64_t)counts_of(lbfgs)->n_iterations;
}

int64_t az_lbfgs_n_evaluations(const az_lbfgs *lbfgs)
{
    return (int64_t)counts_of(lbfgs)->n_evaluations;
}

void az_lbfgs_begin(az_lbfgs *lbfgs, const double *start)
{
    const size_t bytes = (size_t)lbfgs->n * sizeof *start;
    memset(lbfgs->numbers, 0, (size_t)az_lbfgs_size(lbfgs->n, lbfgs->n_pairs) * sizeof(double));
    memcpy(lbfgs->x, start, bytes);
    memcpy(lbfgs->trial, start, bytes);
    *lbfgs->value = NAN;
    counts_of(lbfgs)->scale = 1;
}

/* a += factor b */
static void add(int64_t n, double *a, double factor, const double *b)
{
    for (int64_t i = 0; i < n; i++) a[i] += factor * b[i];
}

/* direction = -H gradient, by the two loops over the pairs (Nocedal and Wright 2006, algorithm 7.4). */
static void find_direction(az_lbfgs *lbfgs)
{
    const counts *c = counts_of(lbfgs);
    const int64_t n = lbfgs->n, n_pairs = lbfgs->n_pairs, n_kept = (int64_t)c->n_kept, next = (int64_t)c->next;
    double *d = lbfgs->direction, *part = lbfgs->part;
    for (int64_t i = 0; i < n; i++) d[i] = -lbfgs->gradient[i];
    for (int64_t age = 1; age <= n_kept; age++) {
        const int64_t k = (next - age + n_pairs) % n_pairs;
        part[k] = lbfgs->inverse[k] * az_dot(n, lbfgs->step + k * n, d);
        add(n, d, -part[k], lbfgs->change + k * n);
    }
    for (int64_t i = 0; i < n; i++) d[i] *= c->scale;
    for (int64_t age = n_kept; age >= 1; age--) {
        const int64_t k = (next - age + n_pairs) % n_pairs;
        const double back = lbfgs->inverse[k] * az_dot(n, lbfgs->change + k * n, d);
        add(n, d, part[k] - back, lbfgs->step + k * n);
    }
}

static void place_trial(az_lbfgs *lbfgs)
{
    const double length = counts_of(lbfgs)->line.step;
    for (int64_t i = 0; i < lbfgs->n; i++) lbfgs->trial[i] = lbfgs->x[i] + length * lbfgs->direction[i];
}

static void forget(counts *c)
{
    c->n_kept = c->next = 0;
    c->scale = 1;
}

/* Begins the next line search; false: there is no way down.  Where rounding has spoilt the pairs so that their
 * direction leads up, they are forgotten. */
static bool begin_search(az_lbfgs *lbfgs)
{
    counts *c = counts_of(lbfgs);
    const int64_t n = lbfgs->n;
    find_direction(lbfgs);
    double slope = az_dot(n, lbfgs->gradient, lbfgs->direction);
    if (!(slope < 0) && c->n_kept > 0) {
        forget(c);
        find_direction(lbfgs);
        slope = az_dot(n, lbfgs->gradient, lbfgs->direction);
    }
    if (!(slope < 0)) return false;
    const double norm = sqrt(az_dot(n, lbfgs->direction, lbfgs->direction));
    const double most = 1e10, first = c->n_iterations == 0 ? fmin(1 / norm, most) : 1;
    c->line.decrease = 1e-3;
    c->line.curvature = 0.9;
    c->line.width_tolerance = 0.1;
    c->n_tried = 0;
    az_line_search_begin(&c->line, *lbfgs->value, slope, first, most);
    place_trial(lbfgs);
    return true;
}

/* The pair of the step to trial; left out where its curvature is not positive beyond rounding, so that H stays positive
 * definite. */
static void keep_pair(az_lbfgs *lbfgs, const double *gradient, double slope)
{
    counts *c = counts_of(lbfgs);
    const int64_t n = lbfgs->n, place = (int64_t)c->next;
    double *step = lbfgs->step + place * n, *change = lbfgs->change + place * n;
    const double length = c->line.step, curvature = (slope - c->line.slope) * length;
    if (!(curvature > DBL_EPSILON * -c->line.slope * length)) return;
    for (int64_t i = 0; i < n; i++) {
        step[i] = length * lbfgs->direction[i];
        change[i] = gradient[i] - lbfgs->gradient[i];
    }
    lbfgs->inverse[place] = 1 / curvature;
    c->scale = curvature / az_dot(n, change, change);
    c->next = (double)((place + 1) % lbfgs->n_pairs);
    if (c->n_kept < (double)lbfgs->n_pairs) c->n_kept++;
}

static void take_trial(az_lbfgs *lbfgs, double value, const double *gradient)
{
    memcpy(lbfgs->x, lbfgs->trial, (size_t)lbfgs->n * sizeof *gradient);
    memcpy(lbfgs->gradient, gradient, (size_t)lbfgs->n * sizeof *gradient);
    *lbfgs->value = value;
}

/* Where rounding hides that the value falls, a smaller gradient will do: so a minimum is found to more digits. */
static bool is_progress(const az_lbfgs *lbfgs, double value, const double *gradient)
{
    const int64_t n = lbfgs->n;
    if (value != *lbfgs->value) return value < *lbfgs->value;
    return az_dot(n, gradient, gradient) < az_dot(n, lbfgs->gradient, lbfgs->gradient);
}

az_lbfgs_reply az_lbfgs_tell(az_lbfgs *lbfgs, double value, const double *gradient)
{
    counts *c = counts_of(lbfgs);
    if (c->at_end != 0) return AZ_LBFGS_STUCK;
    c->n_evaluations++;
    if (isnan(*lbfgs->value)) { /* the start */
        if (!isfinite(value)) return AZ_LBFGS_STUCK;
        take_trial(lbfgs, value, gradient);
        return begin_search(lbfgs) ? AZ_LBFGS_SEARCHING : AZ_LBFGS_STUCK;
    }
    const double slope = az_dot(lbfgs->n, gradient, lbfgs->direction);
    c->n_tried++;
    const bool done = az_line_search_tell(&c->line, value, slope);
    if (done && is_progress(lbfgs, value, gradient)) {
        keep_pair(lbfgs, gradient, slope);
        take_trial(lbfgs, value, gradient);
        c->n_iterations++;
        /* At a minimum the next direction is nothing; that step was made all the same. */
        c->at_end = begin_search(lbfgs) ? 0 : 1; /* at a minimum; that step was made all the same */
        return AZ_LBFGS_STEPPED;
    }
    if (!done && c->n_tried < MOST_TRIED) {
        place_trial(lbfgs);
        return AZ_LBFGS_SEARCHING;
    }
    /* In vain: down the gradient from the same iterate, and if that was it already, here it ends. */
    if (c->n_kept == 0) return AZ_LBFGS_STUCK;
    forget(c);
    return begin_search(lbfgs) ? AZ_LBFGS_SEARCHING : AZ_LBFGS_STUCK;
}
