/* SPDX-License-Identifier: BSD-3-Clause */
/* Logistic regression: class probabilities from linear functions of the features, a sigmoid of one for two classes, a
 * softmax of one a class for more.  The objective is scikit-learn's,
 *
 *   C sum_i weight_i loss_i + penalty(coefficients),   the intercept is not penalised
 *
 * divided by C and the sum of the weights, which leaves the minimum where it is. */
#include "base/linalg.h"
#include "base/number.h"
#include "models/class_weight.h"
#include "models/logistic_solve.h"

#include <string.h>

typedef struct logistic_options {
    int32_t penalty;
    double C;
    double l1_ratio;
    char class_weight[AZ_PARAM_TEXT_SIZE];
    bool fit_intercept;
    double tol;
    int64_t max_iter;
} logistic_options;

enum { PENALTY_L2, PENALTY_L1, PENALTY_ELASTICNET, PENALTY_NONE };

/* Standard errors need a dense matrix of this order at most: 128 MiB. */
enum { GREATEST_COVARIANCE = 4096 };

static const az_param logistic_params[] = {
    AZ_CHOICE(logistic_options, penalty, PENALTY_L2, "l2|l1|elasticnet|none",
              "what keeps coefficients small: squares, absolute values (makes many of them 0), both, nothing",
              .aliases = "regularization",
              .differs = "scikit-learn 1.8 says the same by l1_ratio and C=inf and is about to drop penalty"),
    AZ_PARAM(logistic_options, C, 1, 0, INFINITY, "weight of the data against the penalty: smaller is stronger"),
    AZ_PARAM(logistic_options, l1_ratio, 0.5, 0, 1, "part of absolute values in the penalty elasticnet",
             .differs = "scikit-learn's 0 would make elasticnet the same as l2"),
    AZ_TEXT(
        logistic_options, class_weight, "",
        "factors on the weights of a class's rows, e.g. yes:2,no:1 (others 1); balanced: every class counts the same"),
    AZ_PARAM(logistic_options, fit_intercept, 1, 0, 1, "fit a constant term", .aliases = "intercept"),
    AZ_PARAM(logistic_options, tol, 1e-10, 0, INFINITY,
             "stop when the gradient of the mean loss, divided by the feature's root mean square, is at most this",
             .aliases = "tolerance",
             .differs =
                 "scikit-learn's 1e-4 bounds another norm in every solver and leaves coefficients wrong by about 1e-3; "
                 "Newton steps reach the minimum to rounding at little more cost"),
    AZ_PARAM(logistic_options, max_iter, 100, 1, 1e9, "Newton steps at most", .aliases = "max_iterations"),
    AZ_PARAM_END};

typedef struct logistic {
    int64_t n_features, n_classes, n_outputs; /* one output for two classes */
    double *coefficient;                      /* (n_outputs, n_features) */
    double *intercept;                        /* (n_outputs), zeros without one */
    double *covariance;                       /* (n_features + 1)^2, intercept first, or NULL */
    double log_likelihood, gradient_norm;
} logistic;

static void logistic_free(void *fitted)
{
    logistic *model = fitted;
    if (!model) return;
    az_free(model->coefficient);
    az_free(model->intercept);
    az_free(model->covariance);
    az_free(model);
}

static az_status logistic_new(logistic **result, int64_t n_features, int64_t n_classes)
{
    logistic *model = NULL;
    az_status status = AZ_OK;
    *result = NULL;
    if (n_classes < 2 || n_features < 0 || n_features > INT64_MAX / 8 / n_classes)
        return az_error(AZ_ERROR_DATA, "logistic: at least two classes are needed, and not more than memory can hold");
    AZ_TRY(AZ_NEW_ZERO(model));
    model->n_features = n_features;
    model->n_classes = n_classes;
    model->n_outputs = n_classes == 2 ? 1 : n_classes;
    AZ_GOTO(AZ_NEW_ARRAY(model->coefficient, model->n_outputs * n_features));
    AZ_GOTO(AZ_NEW_ARRAY(model->intercept, model->n_outputs));
    *result = model;
    model = NULL;
done:
    logistic_free(model);
    return status;
}

/* ---- fitting ---- */

static az_status check_sizes(const az_logistic_loss *loss, const az_sample *sample)
{
    if (!isfinite(loss->total_weight) || !(loss->total_weight > 0))
        return az_error(AZ_ERROR_DATA, "logistic: the weights do not add up to a positive finite number");
    for (int64_t j = 0; j < loss->n_features; j++)
        if (!isfinite(loss->rms[j]))
            return az_error(AZ_ERROR_DATA, "logistic: the squares of %s are too large; --scale standard mends it",
                            sample->features && sample->features[j].name ? sample->features[j].name : "a feature");
    return AZ_OK;
}

/* Two classes: the inverse of the Hessian of the sum over rows, penalty included, which is the large-sample covariance
 * of the maximum likelihood estimate and, with a penalty, of the posterior's normal approximation (Bishop 2006, 4.5.1).
 * Left out where the data do not determine it. */
static az_status covariance(logistic *model, az_logistic_loss *loss)
{
    const int64_t size = loss->size, order = model->n_features + 1, offset = loss->fit_intercept ? 0 : 1;
    double *h = NULL, *inverse = NULL, *diagonal = NULL;
    az_status status = AZ_OK;
    bool definite = true;
    AZ_GOTO(AZ_NEW_ARRAY(h, size * size));
    AZ_GOTO(AZ_NEW_ARRAY(inverse, size * size));
    AZ_GOTO(AZ_NEW_ARRAY(diagonal, size));
    AZ_GOTO(az_logistic_hessian(loss, NULL, loss->n_rows, 0, h));
    for (int64_t j = 0; j < size; j++) diagonal[j] = h[j * size + j];
    definite = az_cholesky(true, size, h, size) == AZ_OK;
    /* A pivot is what is left of a feature's variance when the features before it are accounted for. */
    for (int64_t j = 0; j < size && definite; j++) definite = h[j * size + j] * h[j * size + j] > 1e-13 * diagonal[j];
    if (!definite) goto done;
    for (int64_t j = 0; j < size * size; j++) inverse[j] = j % (size + 1) == 0 ? 1 / loss->total_weight : 0;
    az_triangular_solve(true, true, size, size, h, size, inverse, size);
    az_triangular_solve(true, false, size, size, h, size, inverse, size);
    AZ_GOTO(AZ_NEW_ARRAY(model->covariance, order * order));
    for (int64_t j = 0; j < order * order; j++) model->covariance[j] = 0;
    for (int64_t a = offset; a < order; a++) {
        for (int64_t b = offset; b < order; b++) {
            int64_t i = a == 0 ? size - 1 : a - 1, j = b == 0 ? size - 1 : b - 1;
            model->covariance[a * order + b] = 0.5 * (inverse[j * size + i] + inverse[i * size + j]);
        }
    }
done:
    az_free(h);
    az_free(inverse);
    az_free(diagonal);
    return status;
}

/* From the solver's order of parameters; a vector added to all outputs of a softmax changes no probability, so the
 * outputs are centred: intercepts always, coefficients where no penalty has done so or prefers otherwise. */
static void take_parameters(logistic *model, const az_logistic_loss *loss, const double *w, bool centre)
{
    const int64_t n_outputs = model->n_outputs, n_features = model->n_features;
    for (int64_t j = 0; j <= n_features; j++) {
        double mean = 0;
        for (int64_t k = 0; k < n_outputs; k++) mean += j < loss->size ? w[k * loss->size + j] : 0;
        mean = n_outputs > 1 && (centre || j == n_features) ? mean / (double)n_outputs : 0;
        for (int64_t k = 0; k < n_outputs; k++) {
            double *into = j < n_features ? &model->coefficient[k * n_features + j] : &model->intercept[k];
            *into = j < loss->size ? w[k * loss->size + j] - mean : 0;
        }
    }
}

static void tell(const az_logistic_fit *fit, const az_control *control)
{
    if (fit->converged) return;
    char norm[AZ_NUMBER_MAX];
    az_print_rounded(norm, fit->gradient_norm, 2);
    if (fit->diverging)
        az_warning(control,
                   "logistic: the features separate the classes, so that without a penalty the coefficients have no "
                   "finite best values; --penalty l2 mends it");
    else
        az_warning(control,
                   "logistic: not converged after %lld steps (gradient norm %s); a larger max_iter, a stronger "
                   "penalty (smaller C) or --scale standard may mend it",
                   (long long)fit->n_iterations, norm);
}

static az_status logistic_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                              az_fit_result *result)
{
    const logistic_options *wanted = options;
    az_logistic_loss loss = {0};
    az_logistic_fit fit = {.tol = wanted->tol, .max_iter = wanted->max_iter};
    logistic *model = NULL;
    double *weight = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(logistic_new(&model, sample->n_features, sample->n_classes));
    AZ_GOTO(AZ_NEW_ARRAY(weight, sample->n_rows));
    AZ_GOTO(az_class_weights("logistic", wanted->class_weight, sample, weight));
    AZ_GOTO(az_logistic_loss_new(&loss, sample, weight, wanted->fit_intercept, az_control_threads(control)));
    AZ_GOTO(check_sizes(&loss, sample));
    const double strength = wanted->penalty == PENALTY_NONE ? 0 : 1 / wanted->C / loss.total_weight;
    const double part = wanted->penalty == PENALTY_L1           ? 1
                        : wanted->penalty == PENALTY_ELASTICNET ? wanted->l1_ratio
                                                                : 0;
    loss.l2 = (1 - part) * strength;
    fit.l1 = part * strength;
    AZ_GOTO(AZ_NEW_ARRAY(fit.w, loss.n_parameters));
    AZ_GOTO(AZ_NEW_ARRAY(fit.gradient, loss.n_parameters));
    for (int64_t j = 0; j < loss.n_parameters; j++) fit.w[j] = 0;
    AZ_GOTO(az_logistic_minimise(&loss, &fit, control));
    tell(&fit, control);
    take_parameters(model, &loss, fit.w, fit.l1 == 0);
    fit.value = az_logistic_value_gradient(&loss, fit.w, fit.gradient); /* the last one may have been a trial */
    double squares = 0;
    for (int64_t j = 0; j < loss.n_parameters; j++)
        squares += j % loss.size < loss.n_features ? fit.w[j] * fit.w[j] : 0;
    model->log_likelihood = -(fit.value - 0.5 * loss.l2 * squares) * loss.total_weight;
    model->gradient_norm = fit.gradient_norm;
    if (model->n_outputs == 1 && fit.l1 == 0 && fit.converged && loss.size <= GREATEST_COVARIANCE)
        AZ_GOTO(covariance(model, &loss));
    *result = (az_fit_result){.converged = fit.converged, .n_iterations = fit.n_iterations};
    *fitted = model;
    model = NULL;
done:
    az_free(fit.w);
    az_free(fit.gradient);
    az_free(weight);
    az_logistic_loss_free(&loss);
    logistic_free(model);
    return status;
}

/* ---- prediction ---- */

/* Four sums side by side: fixed order, and the additions need not wait for each other. */
static double linear(const double *coefficient, const double *x, int64_t n, double intercept)
{
    double sum[4] = {0};
    int64_t j = 0;
    for (; j + 4 <= n; j += 4)
        for (int64_t s = 0; s < 4; s++) sum[s] += coefficient[j + s] * x[j + s];
    for (; j < n; j++) intercept += coefficient[j] * x[j];
    double total = intercept + ((sum[0] + sum[1]) + (sum[2] + sum[3]));
    /* Features far outside any training range may overflow; the surest class then wins, and NaN is the least sure. */
    return fmin(fmax(total, -1e300), 1e300);
}

static void logistic_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    (void)scratch;
    const logistic *model = fitted;
    const int64_t n_classes = model->n_classes, n_features = model->n_features;
    for (int64_t i = 0; i < n_rows; i++) {
        const double *x = features + i * n_features;
        double *probability = out + i * n_classes;
        if (n_classes == 2) {
            double t = linear(model->coefficient, x, n_features, model->intercept[0]), e = exp(-fabs(t));
            probability[t >= 0] = 1 / (1 + e);
            probability[t < 0] = e / (1 + e);
            continue;
        }
        double greatest = -INFINITY, sum = 0;
        for (int64_t k = 0; k < n_classes; k++) {
            probability[k] = linear(model->coefficient + k * n_features, x, n_features, model->intercept[k]);
            greatest = fmax(greatest, probability[k]);
        }
        for (int64_t k = 0; k < n_classes; k++) sum += probability[k] = exp(probability[k] - greatest);
        for (int64_t k = 0; k < n_classes; k++) probability[k] /= sum;
    }
}

/* ---- storage and figures ---- */

static az_status logistic_save(const void *fitted, az_bundle *bundle)
{
    const logistic *model = fitted;
    AZ_TRY(az_bundle_put_f64(bundle, "coefficient", model->coefficient, model->n_outputs * model->n_features));
    AZ_TRY(az_bundle_put_f64(bundle, "intercept", model->intercept, model->n_outputs));
    AZ_TRY(az_bundle_put_scalar(bundle, "log_likelihood", model->log_likelihood));
    AZ_TRY(az_bundle_put_scalar(bundle, "gradient_norm", model->gradient_norm));
    if (!model->covariance) return AZ_OK;
    return az_bundle_put_f64(bundle, "covariance", model->covariance,
                             (model->n_features + 1) * (model->n_features + 1));
}

static az_status logistic_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    logistic *model = NULL;
    const double *coefficient, *intercept, *matrix;
    az_status status = AZ_OK;
    AZ_TRY(logistic_new(&model, n_features, n_outputs));
    const int64_t n = model->n_outputs * n_features, square = (n_features + 1) * (n_features + 1);
    AZ_GOTO(az_bundle_get_f64(bundle, "coefficient", n, &coefficient, NULL));
    AZ_GOTO(az_bundle_get_f64(bundle, "intercept", model->n_outputs, &intercept, NULL));
    AZ_GOTO(az_bundle_get_scalar(bundle, "log_likelihood", &model->log_likelihood));
    AZ_GOTO(az_bundle_get_scalar(bundle, "gradient_norm", &model->gradient_norm));
    if (n > 0) memcpy(model->coefficient, coefficient, (size_t)n * sizeof *coefficient);
    memcpy(model->intercept, intercept, (size_t)model->n_outputs * sizeof *intercept);
    if (az_bundle_find(bundle, "covariance")) {
        if (n_features > GREATEST_COVARIANCE || model->n_outputs != 1) {
            status = az_error(AZ_ERROR_DATA, "logistic: the model file holds a covariance that no fit has made");
            goto done;
        }
        AZ_GOTO(az_bundle_get_f64(bundle, "covariance", square, &matrix, NULL));
        AZ_GOTO(AZ_NEW_ARRAY(model->covariance, square));
        memcpy(model->covariance, matrix, (size_t)square * sizeof *matrix);
    }
    *fitted = model;
    model = NULL;
done:
    logistic_free(model);
    return status;
}

/* The sums of linear() above, then the two ways to probabilities of logistic_predict. */
static void logistic_export(const void *fitted, az_code *code)
{
    const logistic *model = fitted;
    az_code_constant(code, "n_functions", model->n_outputs);
    az_code_constant(code, "n_whole", model->n_features / 4 * 4);
    az_code_reals(code, "intercept", model->intercept, model->n_outputs);
    az_code_reals(code, "coefficient", model->coefficient, model->n_outputs * model->n_features);
    az_code_write(code, "# Linear functions, then probabilities.\n"
                        "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n"
                        "    real t\n");
    if (model->n_features >= 4) az_code_write(code, "real part[4]\n");
    az_code_write(code, model->n_classes == 2 ? "real e\n" : "real greatest, total\n");
    az_code_write(code, "for k in 0 .. n_functions {\n"
                        "    t = intercept[k]\n");
    /* Loops that never run are left out: Fortran compilers warn of them. */
    if (model->n_features % 4)
        az_code_write(code, "for j in n_whole .. n_features {\n"
                            "    t += coefficient[k * n_features + j] * features[j]\n"
                            "}\n");
    if (model->n_features >= 4)
        az_code_write(code, "for l in 0 .. 4 {\n"
                            "    part[l] = 0.0\n"
                            "    for j in l .. n_whole step 4 {\n"
                            "        part[l] += coefficient[k * n_features + j] * features[j]\n"
                            "    }\n"
                            "}\n"
                            "t += (part[0] + part[1]) + (part[2] + part[3])\n");
    az_code_write(code, "    if !(t >= -1.0e300) {\n"
                        "        t = -1.0e300\n"
                        "    }\n"
                        "    if t > 1.0e300 {\n"
                        "        t = 1.0e300\n"
                        "    }\n"
                        "    outputs[k] = t\n"
                        "}\n");
    if (model->n_classes == 2)
        az_code_write(code, "t = outputs[0]\n"
                            "e = exp(-fabs(t))\n"
                            "if t >= 0.0 {\n"
                            "    outputs[0] = e / (1.0 + e)\n"
                            "    outputs[1] = 1.0 / (1.0 + e)\n"
                            "} else {\n"
                            "    outputs[0] = 1.0 / (1.0 + e)\n"
                            "    outputs[1] = e / (1.0 + e)\n"
                            "}\n");
    else
        az_code_write(code, "greatest = outputs[0]\n"
                            "for k in 0 .. n_outputs {\n"
                            "    if outputs[k] > greatest {\n"
                            "        greatest = outputs[k]\n"
                            "    }\n"
                            "}\n"
                            "total = 0.0\n"
                            "for k in 0 .. n_outputs {\n"
                            "    outputs[k] = exp(outputs[k] - greatest)\n"
                            "    total += outputs[k]\n"
                            "}\n"
                            "for k in 0 .. n_outputs {\n"
                            "    outputs[k] = outputs[k] / total\n"
                            "}\n");
    az_code_write(code, "}\n");
}

static void logistic_linear_map(const void *fitted, az_linear_map *map)
{
    static const double one = 1; /* the variance of a class label follows from its probability: nothing is estimated */
    const logistic *model = fitted;
    *map = (az_linear_map){.n_outputs = model->n_outputs,
                           .intercept = model->intercept,
                           .coefficient = model->coefficient,
                           .covariance = model->covariance,
                           .variance = model->covariance ? &one : NULL,
                           .dof = (double)INFINITY};
}

static int logistic_facts(const void *fitted, az_fact *facts)
{
    const logistic *model = fitted;
    int64_t n_zero = 0;
    for (int64_t j = 0; j < model->n_outputs * model->n_features; j++) n_zero += model->coefficient[j] == 0;
    facts[0] = (az_fact){"log_likelihood", "log likelihood", model->log_likelihood};
    facts[1] = (az_fact){"gradient_norm", "norm of the gradient at the end", model->gradient_norm};
    facts[2] = (az_fact){"n_zero", "coefficients that are 0", (double)n_zero};
    return 3;
}

static az_status logistic_check(const void *options)
{
    const logistic_options *wanted = options;
    if (!(wanted->C > 0)) return az_error(AZ_ERROR_USAGE, "logistic: C must be above 0; a small C is a strong penalty");
    return AZ_OK;
}

const az_model_class az_logistic = {
    .name = "logistic",
    .aliases = "logistic_regression,logit,softmax",
    .summary = "logistic regression: class probabilities from linear functions of the features",
    .reference = "Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 4.4; "
                 "Lee, Sun, Saunders (2014), SIAM Journal on Optimization 24, 1420 (L1)",
    .tasks = AZ_CLASSIFICATION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_REPEAT_IS_WEIGHT | AZ_TRAIT_ROW_ORDER_FREE | AZ_TRAIT_ITERATIVE,
    .without =
        "negative weights: the objective would have no minimum; sigma: there is no numeric target; "
        "missing: numbers are filled by the median; several targets: one set of classes at a time; "
        "partial fit: a step reads all rows; interval: it gives probabilities, and standard errors of coefficients for "
        "two classes; periodic: cosine and sine are taken; exact products: the loss needs no more digits",
    .scaling = AZ_SCALE_STANDARD,
    .options_size = sizeof(logistic_options),
    .params = logistic_params,
    .fit = logistic_fit,
    .free = logistic_free,
    .predict = logistic_predict,
    .save = logistic_save,
    .load = logistic_load,
    .export = logistic_export,
    .check = logistic_check,
    .linear_map = logistic_linear_map,
    .facts = logistic_facts,
};
