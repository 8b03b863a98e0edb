/* SPDX-License-Identifier: BSD-3-Clause */
/* The elastic net, and the lasso, which is its case l1_ratio = 1. */
#include "models/coordinate_descent.h"
#include "models/linear_state.h"

#include "base/random.h"

#include <math.h>
#include <string.h>

typedef enum selection { SELECT_NONE, SELECT_KFOLD } selection;

typedef struct az_elastic_net_options {
    double alpha, l1_ratio;
    bool fit_intercept;
    double tol;
    int64_t max_iter;
    int32_t choose;
    int64_t cv, n_alphas;
    double eps;
} az_elastic_net_options;

#define COMMON_PARAMS                                                                                                  \
    AZ_PARAM(az_elastic_net_options, alpha, 1, 0, INFINITY, "strength of the penalty", .aliases = "lambda"),           \
        AZ_PARAM(az_elastic_net_options, fit_intercept, 1, 0, 1, "whether a constant is added"),                       \
        AZ_PARAM(az_elastic_net_options, tol, 1e-14, 1e-16, 1, "duality gap to stop at, relative to sum of y^2",       \
                 .differs = "1e-4 there: the solution here is exact to about 1e-7"),                                   \
        AZ_PARAM(az_elastic_net_options, max_iter, 10000, 1, 1e9, "most sweeps over the features",                     \
                 .differs = "1000 there"),                                                                             \
        AZ_CHOICE(az_elastic_net_options, choose, SELECT_NONE, "none|kfold",                                           \
                  "how alpha is chosen along the path: by k-fold cross-validation", .formerly = "select",              \
                  .differs = "a model of its own there (LassoCV, ElasticNetCV)"),                                      \
        AZ_PARAM(az_elastic_net_options, cv, 5, 2, 1000, "folds of the choice"),                                       \
        AZ_PARAM(az_elastic_net_options, n_alphas, 100, 0, 10000, "penalties along the path (0: no path)"),            \
        AZ_PARAM(az_elastic_net_options, eps, 1e-3, 1e-12, 0.999, "weakest penalty of the path over the strongest")

static const az_param elastic_net_params[] = {
    COMMON_PARAMS,
    AZ_PARAM(az_elastic_net_options, l1_ratio, 0.5, 0.01, 1, "share of the L1 penalty; ridge is the model for 0"),
    AZ_PARAM_END};
static const az_param lasso_params[] = {COMMON_PARAMS, AZ_PARAM_END};

enum { FACT_R2, FACT_ALPHA, FACT_N_NONZERO, FACT_GAP, N_FACTS };
static const char *const fact_names[N_FACTS][2] = {
    [FACT_R2] = {"r2", "R2 on the training rows"},
    [FACT_ALPHA] = {"alpha", "penalty"},
    [FACT_N_NONZERO] = {"n_nonzero", "coefficients that are not zero"},
    [FACT_GAP] = {"duality_gap", "duality gap"},
};

static const double path_tolerance = 1e-8; /* of the curves that are drawn and of the choice between penalties */

/* Coefficients at every penalty of the path, each started from the one before. */
static az_status follow_path(az_descent *descent, const double *alpha, int64_t n_path,
                             const az_elastic_net_options *options, double l1_ratio, double *coefficient,
                             const az_control *control)
{
    const int64_t p = descent->n_features;
    for (int64_t k = 0; k < n_path; k++) {
        double *b = coefficient + k * p, gap;
        int64_t n_sweeps = 0;
        bool converged;
        if (k == 0)
            memset(b, 0, (size_t)p * sizeof *b);
        else
            memcpy(b, b - p, (size_t)p * sizeof *b);
        AZ_TRY(az_check_interrupt(control));
        AZ_TRY(az_descent_run(descent, alpha[k] * l1_ratio, alpha[k] * (1 - l1_ratio), path_tolerance,
                              options->max_iter, b, NULL, &n_sweeps, &gap, &converged));
    }
    return AZ_OK;
}

/* Adds the squared errors of the held-out rows to score, the weights to *total. */
static void score_fold(const az_descent *descent, const az_sample *sample, const int64_t *held, int64_t n_held,
                       const double *coefficient, int64_t n_path, double *score, double *total)
{
    const int64_t p = sample->n_features, n = sample->n_rows;
    for (int64_t h = 0; h < n_held; h++) {
        int64_t i = held[h];
        double weight = sample->weight ? sample->weight[i] : 1;
        *total += weight;
        for (int64_t k = 0; k < n_path; k++) {
            double error = sample->y[i] - descent->y_mean;
            const double *b = coefficient + k * p;
            for (int64_t j = 0; j < p; j++)
                if (b[j] != 0) error -= b[j] * (sample->x[j * n + i] - descent->mean[j]);
            score[k] += weight * error * error;
        }
    }
}

/* Mean squared error of every penalty by k-fold cross-validation over shuffled rows. */
static az_status score_path(az_linear_state *model, const az_sample *sample, const az_elastic_net_options *options,
                            double l1_ratio, const az_control *control)
{
    const int64_t n = sample->n_rows, folds = options->cv;
    int64_t *order = NULL, *train = NULL;
    double *coefficient = NULL, total = 0;
    az_status status = AZ_OK;
    if (folds > n)
        return az_error(AZ_ERROR_USAGE, "cv = %lld folds need at least as many rows, not %lld", (long long)folds,
                        (long long)n);
    AZ_GOTO(AZ_NEW_ARRAY(order, n));
    AZ_GOTO(AZ_NEW_ARRAY(train, n));
    AZ_GOTO(AZ_NEW_ARRAY(coefficient, model->n_path * model->n_features));
    az_random_permutation(az_stream_new(sample->seed, "elastic_net folds"), n, order);
    memset(model->path_score, 0, (size_t)model->n_path * sizeof *model->path_score);
    for (int64_t k = 0; k < folds; k++) {
        az_descent descent;
        int64_t first = n * k / folds, last = n * (k + 1) / folds, m = 0;
        for (int64_t i = 0; i < n; i++)
            if (i < first || i >= last) train[m++] = order[i];
        az_report_progress(control, "choose alpha", (double)k, (double)folds, NULL, 0);
        AZ_GOTO(az_descent_new(&descent, sample, 0, options->fit_intercept, train, m, az_control_threads(control)));
        status = follow_path(&descent, model->path_alpha, model->n_path, options, l1_ratio, coefficient, control);
        if (!status)
            score_fold(&descent, sample, order + first, last - first, coefficient, model->n_path, model->path_score,
                       &total);
        az_descent_free(&descent);
        if (status) goto done;
    }
    for (int64_t k = 0; k < model->n_path; k++) model->path_score[k] /= total;
done:
    az_free(order);
    az_free(train);
    az_free(coefficient);
    return status;
}

static az_status fit_path(az_linear_state *model, az_descent *descent, const az_sample *sample,
                          const az_elastic_net_options *options, double l1_ratio, const az_control *control)
{
    double strongest = az_descent_strongest(descent) / l1_ratio;
    for (int64_t k = 0; k < model->n_path; k++)
        model->path_alpha[k] =
            model->n_path == 1 ? strongest : strongest * pow(options->eps, (double)k / (double)(model->n_path - 1));
    AZ_TRY(follow_path(descent, model->path_alpha, model->n_path, options, l1_ratio, model->path_coefficient, control));
    if (options->choose != SELECT_KFOLD) return AZ_OK;
    AZ_TRY(score_path(model, sample, options, l1_ratio, control));
    int64_t best = 0;
    for (int64_t k = 1; k < model->n_path; k++)
        if (model->path_score[k] < model->path_score[best]) best = k;
    model->fact[FACT_ALPHA] = model->path_alpha[best];
    if (best == model->n_path - 1)
        az_note(control, "the weakest penalty of the path was best; a smaller eps looks further");
    return AZ_OK;
}

static az_status fit_net(void **fitted, const az_sample *sample, const az_elastic_net_options *options, double l1_ratio,
                         const char *name, const az_control *control, az_fit_result *result)
{
    const int64_t p = sample->n_features;
    az_status status = AZ_OK;
    az_descent descent;
    az_iteration iteration = {0};
    az_linear_state *model = NULL;
    bool choose = options->choose == SELECT_KFOLD;
    if (choose && options->n_alphas == 0)
        return az_error(AZ_ERROR_USAGE, "choose = kfold needs a path: n_alphas must not be 0");
    AZ_TRY(az_descent_new(&descent, sample, 0, options->fit_intercept, NULL, 0, az_control_threads(control)));
    AZ_GOTO(az_linear_state_new(&model, p, 1, options->fit_intercept, false, options->n_alphas));
    double *fact = model->fact;
    fact[FACT_ALPHA] = options->alpha;
    fact[FACT_N_NONZERO] = 0;
    if (model->n_path) AZ_GOTO(fit_path(model, &descent, sample, options, l1_ratio, control));
    az_iteration_array arrays[] = {{"coefficient", model->coefficient, p}};
    int64_t n_sweeps;
    AZ_GOTO(az_iteration_begin(&iteration, control, name, arrays, 1, options->max_iter, &n_sweeps));
    AZ_GOTO(az_descent_run(&descent, fact[FACT_ALPHA] * l1_ratio, fact[FACT_ALPHA] * (1 - l1_ratio), options->tol,
                           options->max_iter, model->coefficient, &iteration, &n_sweeps, &fact[FACT_GAP],
                           &result->converged));
    result->n_iterations = n_sweeps;
    if (!result->converged)
        az_warning(control, "%s stopped after %lld sweeps before its duality gap reached tol; raise max_iter", name,
                   (long long)n_sweeps);
    model->intercept[0] = descent.y_mean;
    double residual_y = descent.y_square, explained = 0;
    for (int64_t j = 0; j < p; j++) {
        double b = model->coefficient[j];
        if (b == 0) continue;
        fact[FACT_N_NONZERO]++;
        model->intercept[0] -= b * descent.mean[j];
        residual_y -= b * descent.moment[j];
        explained += b * (descent.gram ? descent.gradient[j] : 0);
    }
    double residual_square = residual_y - explained;
    if (!descent.gram) {
        residual_square = 0;
        for (int64_t i = 0; i < descent.n_rows; i++) residual_square += descent.residual[i] * descent.residual[i];
    }
    fact[FACT_R2] = descent.y_square > 0 ? 1 - residual_square / descent.y_square : NAN;
    *fitted = model;
    model = NULL;
done:
    az_descent_free(&descent);
    az_linear_state_free(model);
    return status;
}

static az_status elastic_net_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                                 az_fit_result *result)
{
    const az_elastic_net_options *chosen = options;
    return fit_net(fitted, sample, chosen, chosen->l1_ratio, "elastic_net", control, result);
}

static az_status lasso_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                           az_fit_result *result)
{
    return fit_net(fitted, sample, options, 1, "lasso", control, result);
}

static int net_facts(const void *fitted, az_fact *facts)
{
    return az_linear_state_facts(fitted, fact_names, N_FACTS, facts);
}

#define COMMON_CLASS                                                                                                   \
    .tasks = AZ_REGRESSION,                                                                                            \
    .traits =                                                                                                          \
        AZ_TRAIT_WEIGHTS | AZ_TRAIT_SIGMA | AZ_TRAIT_REPEAT_IS_WEIGHT | AZ_TRAIT_ROW_ORDER_FREE | AZ_TRAIT_ITERATIVE,  \
    .without = "negative weights: the objective could lose its minimum; missing: the design fills cells; several "     \
               "targets: each wants its own penalty; partial fit: the penalty depends on all rows; interval: no "      \
               "standard errors after a choice of features; periodic: by cos and sin; exact products: features are "   \
               "scaled",                                                                                               \
    .scaling = AZ_SCALE_STANDARD, .options_size = sizeof(az_elastic_net_options), .free = az_linear_state_free,        \
    .predict = az_linear_state_predict, .save = az_linear_state_save, .load = az_linear_state_load,                    \
    .export = az_linear_state_export, .linear_map = az_linear_state_map, .facts = net_facts,                           \
    .path = az_linear_state_path

const az_model_class az_elastic_net = {
    .name = "elastic_net",
    .aliases = "elasticnet,enet",
    .summary = "least squares with an L1 and an L2 penalty: few features, correlated ones together",
    .reference = "Zou and Hastie, J. R. Stat. Soc. B 67 (2005) 301; Friedman et al., J. Stat. Softw. 33 (2010) 1",
    .params = elastic_net_params,
    .fit = elastic_net_fit,
    COMMON_CLASS,
};

const az_model_class az_lasso = {
    .name = "lasso",
    .aliases = "l1",
    .summary = "least squares with an L1 penalty, which leaves features out",
    .reference = "Tibshirani, J. R. Stat. Soc. B 58 (1996) 267; Friedman et al., J. Stat. Softw. 33 (2010) 1",
    .params = lasso_params,
    .fit = lasso_fit,
    COMMON_CLASS,
};
