/* SPDX-License-Identifier: BSD-3-Clause */
/* Boosted trees for a loss of the caller's own. */
#ifndef ANSATZ_BOOSTING_H
#define ANSATZ_BOOSTING_H

#include <ansatz/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A loss of target y and prediction s.  `gradient` gets all training rows at once, in the calling thread, in the
 * table's order without those whose target is missing or whose weight is 0, and writes dL/ds and d2L/ds2 of each.  A
 * curvature that is 0 or negative is allowed for single rows; a split needs a positive sum on both sides.  Weights are
 * multiplied in by the library.  Where the true curvature is of no use (0, or of changing sign) write 1: then a leaf is
 * a mean of gradients. */
typedef struct az_loss_functions {
    void (*gradient)(void *user, int64_t n_rows, const double *y, const double *score, double *gradient,
                     double *curvature);
    double (*value)(void *user, double y, double score); /* for early stopping and progress; or NULL */
    double initial;                                      /* the score of every row before the first tree */
    void *user;
} az_loss_functions;

/* az_fit_roles of the model "boosting" for a regression by that loss.  The functions are used during the call only; the
 * model predicts without them. */
AZ_API AZ_MUST_CHECK az_status az_fit_boosting(az_model **model, const az_table *table, const az_roles *roles,
                                               const char *parameters, const az_loss_functions *loss,
                                               const az_control *control);

#ifdef __cplusplus
}
#endif
#endif
