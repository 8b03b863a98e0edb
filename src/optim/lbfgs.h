/* SPDX-License-Identifier: BSD-3-Clause */
/* Limited-memory BFGS (Nocedal, Mathematics of Computation 35 (1980) 773; Liu and Nocedal 1989) with a line search for
 * the strong Wolfe conditions: the same iterates as L-BFGS-B, and so SciPy's and scikit-learn's, without bounds.
 *
 *     double *state = (az_lbfgs_size(n, n_pairs) doubles);
 *     az_lbfgs lbfgs = az_lbfgs_at(state, n, n_pairs);
 *     az_lbfgs_begin(&lbfgs, start);
 *     do {
 *         value = f(lbfgs.trial, gradient);
 *         reply = az_lbfgs_tell(&lbfgs, value, gradient);
 *     } while (reply != AZ_LBFGS_STUCK && !(reply == AZ_LBFGS_STEPPED && good_enough(...)));
 *
 * The state is one array of doubles that a checkpoint can hold: saved after any reply, it goes on from there. */
#ifndef AZ_OPTIM_LBFGS_H
#define AZ_OPTIM_LBFGS_H

#include <stdbool.h>
#include <stdint.h>

enum { AZ_LBFGS_PAIRS = 10 }; /* the usual number; SciPy's */

typedef enum az_lbfgs_reply {
    AZ_LBFGS_SEARCHING, /* in the line search: evaluate at trial */
    AZ_LBFGS_STEPPED,   /* x, gradient and *value are of a new iterate; evaluate at trial to go on */
    AZ_LBFGS_STUCK,     /* no step lowers the value, or the start has none: x stays as it is */
} az_lbfgs_reply;

/* Views of the state. */
typedef struct az_lbfgs {
    int64_t n, n_pairs;
    double *x, *gradient, *value; /* the last iterate; value is NaN before the first */
    double *trial;                /* where to evaluate next */
    double *direction;            /* of the line search */
    double *step, *change;        /* (n_pairs, n) differences of x and of gradients, in a ring */
    double *inverse, *part;       /* (n_pairs) 1 / (step . change), and room */
    double *numbers;              /* counts and the line search */
} az_lbfgs;

int64_t az_lbfgs_size(int64_t n, int64_t n_pairs);
az_lbfgs az_lbfgs_at(double *state, int64_t n, int64_t n_pairs);
/* From x = start (n); all else is forgotten. */
void az_lbfgs_begin(az_lbfgs *lbfgs, const double *start);
az_lbfgs_reply az_lbfgs_tell(az_lbfgs *lbfgs, double value, const double *gradient);
/* Iterates and evaluations so far. */
int64_t az_lbfgs_n_iterations(const az_lbfgs *lbfgs);
int64_t az_lbfgs_n_evaluations(const az_lbfgs *lbfgs);

#endif
