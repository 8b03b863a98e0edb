/* SPDX-License-Identifier: BSD-3-Clause */
/* The losses of gradient boosting: one table, each with its gradient and curvature by the raw score, where it begins,
 * and the link from scores to predictions. */
#ifndef AZ_MODELS_TREE_LOSS_H
#define AZ_MODELS_TREE_LOSS_H

#include "models/model.h"
#include <ansatz/boosting.h>

/* From raw scores to predictions. */
typedef enum az_link { AZ_LINK_IDENTITY, AZ_LINK_LOG, AZ_LINK_LOGIT, AZ_LINK_SOFTMAX, AZ_LINK_COUNT } az_link;

/* The choices of `loss` behind "auto", in their order. */
typedef enum az_loss_kind {
    AZ_LOSS_SQUARED,
    AZ_LOSS_ABSOLUTE,
    AZ_LOSS_HUBER,
    AZ_LOSS_QUANTILE,
    AZ_LOSS_POISSON,
    AZ_LOSS_GAMMA,
    AZ_LOSS_LOG,
    AZ_LOSS_CUSTOM,
    AZ_LOSS_SOFTMAX, /* log_loss of more than two classes: no choice of its own */
    AZ_LOSS_COUNT
} az_loss_kind;
#define AZ_LOSS_CHOICES "auto|squared_error|absolute_error|huber|quantile|poisson|gamma|log_loss|custom"

/* What a loss is of.  Scores are (n_outputs, n_rows), one output behind the other. */
typedef struct az_loss_data {
    int64_t n_rows, n_outputs;
    const double *y;      /* regression: as the scores */
    const int32_t *label; /* classification */
    const double *weight; /* (n_rows) of any sign, or NULL: ones; gradient, curvature and value are multiplied by it */
    double alpha;         /* quantile: which; huber: the part of residuals whose loss is a square */
    double *delta;        /* huber: (n_outputs) the residual from which on the loss grows linearly: az_loss_prepare */
    const az_loss_functions *custom;
    int n_threads;
} az_loss_data;

typedef struct az_loss {
    const char *name;
    az_link link;
    bool constant; /* the curvature is the weight */
    bool renews;   /* leaves are no Newton steps: az_loss_leaf */
    double least;  /* targets are at least this ... */
    bool above;    /* ... or above it */
    /* Rows first to end - 1: pairs (n_outputs, n_rows, 2) of gradient and curvature without weights. */
    void (*pairs)(const az_loss_data *data, int64_t first, int64_t end, const double *score, double *pairs);
    /* The loss of one row, zero where the prediction could not be better. */
    double (*value)(const az_loss_data *data, int64_t output, int64_t row, const double *score);
} az_loss;
extern const az_loss az_losses[AZ_LOSS_COUNT];

/* AZ_ERROR_DATA if a target lies where the loss is not defined, or weights of a class or of all rows are not positive.
 */
az_status az_loss_check(const az_loss *loss, const az_loss_data *data);
/* The best constant score of each output. */
az_status az_loss_initial(const az_loss *loss, const az_loss_data *data, double *initial);
/* To be called before az_loss_pairs where scores have changed: Huber's delta. */
az_status az_loss_prepare(const az_loss *loss, const az_loss_data *data, const double *score);
/* All rows, in parallel; weights multiplied in. */
az_status az_loss_pairs(const az_loss *loss, const az_loss_data *data, const double *score, double *pairs);
/* The value of a leaf with these rows, for losses that renew; work (n_rows). */
az_status az_loss_leaf(const az_loss *loss, const az_loss_data *data, int64_t output, const uint32_t *rows,
                       int64_t n_rows, const double *score, double *work, double *value);
/* The weighted mean over rows (NULL: all n_rows) and the sum over outputs. */
double az_loss_mean(const az_loss *loss, const az_loss_data *data, const uint32_t *rows, int64_t n_rows,
                    const double *score);

/* Raw scores of one row to predictions: n_scores values, or the two probabilities of one score. */
void az_link_apply(az_link link, int64_t n_scores, const double *score, double *out);

#endif
