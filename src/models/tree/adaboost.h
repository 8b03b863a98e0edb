/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_MODELS_TREE_ADABOOST_H
#define AZ_MODELS_TREE_ADABOOST_H

#include "models/tree/ensemble.h"

typedef struct az_adaboost_options {
    az_ensemble_options tree; /* what each tree is grown by, and n_estimators */
    double learning_rate;
    int32_t loss; /* az_adaboost_loss: of quantities */
} az_adaboost_options;

typedef enum az_adaboost_loss { AZ_ADABOOST_LINEAR, AZ_ADABOOST_SQUARE, AZ_ADABOOST_EXPONENTIAL } az_adaboost_loss;

typedef struct az_adaboost {
    /* Of quantities each tree predicts by itself.  Of classes a leaf holds the tree's votes as a part of all: the
     * softmax of their sum over the trees is what is predicted. */
    az_trees *trees;
    bool classifies;
    double *weight;     /* (n_trees) of the trees, as scikit-learn's estimator_weights_ */
    double total;       /* their sum */
    double *importance; /* (n_features) sum to 1: decrease of impurity, averaged over the trees by their weights */
    int64_t n_features;
} az_adaboost;

/* How much a round makes of an error that is a part `error` of the greatest one: 0 to 1. */
double az_adaboost_loss_of(az_adaboost_loss loss, double error);

void az_adaboost_export(const void *fitted, az_code *code);

#endif
