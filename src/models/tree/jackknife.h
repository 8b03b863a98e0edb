/* SPDX-License-Identifier: BSD-3-Clause */
/* How far the predictions of averaged trees would vary with another training sample: the infinitesimal jackknife for
 * bagging (Efron 2014, JASA 109:991; Wager, Hastie and Efron 2014, JMLR 15:1625).
 *
 *   V(x) = sum_i Cov_t(N_ti, f_t(x))^2 - bias,   bias = sum_i Var(N_i) / B^2 sum_t (f_t(x) - mean)^2
 *
 * N_ti: how often tree t drew row i; f_t(x): its prediction; B trees.  The bias, their equation 7, is that of a finite
 * number of trees.  Of rows drawn without replacement, s of n, V is multiplied by (n - 1) / n (n / (n - s))^2 (Wager
 * and Athey 2018, JASA 113:1228, equation 8). */
#ifndef AZ_MODELS_TREE_JACKKNIFE_H
#define AZ_MODELS_TREE_JACKKNIFE_H

#include "base/control.h"
#include "models/model.h"

typedef struct az_jackknife az_jackknife;

/* Draws the trees' rows again: time goes as rows times trees squared, memory as trees squared.  Trees of different
 * training rows count as independent.  AZ_ERROR_USAGE says why there is no variance. */
az_status az_jackknife_new(az_jackknife **jackknife, const az_tree_view *view, const az_control *control);
void az_jackknife_free(az_jackknife *jackknife);

/* So many trees that the noise of V is about a tenth of a single tree's variance: of B trees and n rows it is
 * sqrt(2 n) / B of that (Wager, Hastie and Efron, section 3.1, from the variance of n squared covariances). */
int64_t az_jackknife_trees_wanted(const az_jackknife *jackknife);

enum { AZ_JACKKNIFE_ROWS = 8 };
/* values (n_trees, AZ_JACKKNIFE_ROWS): what each tree predicts for up to 8 rows at a time; changed.  variance
 * (AZ_JACKKNIFE_ROWS).  It may be negative where the noise of few trees is larger than the variance.  A row's result
 * does not depend on the others. */
void az_jackknife_variance(const az_jackknife *jackknife, double *values, double *variance);

#endif
