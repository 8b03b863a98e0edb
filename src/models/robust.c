/* SPDX-License-Identifier: BSD-3-Clause */
/* Huber's regression with its scale, as scikit-learn's HuberRegressor (Huber, Robust Statistics, 1981, section 7.8;
 * Owen, A robust hybrid of lasso and ridge regression, 2007):
 *
 *     F(b, c, s) = sum_i w_i [ s + s H((y_i - c - x_i b) / s) ] + alpha |b|^2,
 *     H(z) = z^2 for |z| <= epsilon, else 2 epsilon |z| - epsilon^2,
 *
 * convex in (b, c, s) together and once continuously differentiable.  Minimised by a semismooth Newton method with a
 * halving line search: the Hessian is that of the rows that are no outliers now. */
#include "base/linalg.h"
#include "base/parallel.h"
#include "data/quantile.h"
#include "models/linear_state.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct az_robust_options {
    double epsilon, alpha;
    bool fit_intercept;
    int64_t max_iter;
    double tol;
} az_robust_options;

static const az_param robust_params[] = {
    AZ_PARAM(az_robust_options, epsilon, 1.35, 1, 1e6,
             "residuals beyond epsilon times the scale count as outliers; 1.35 keeps 95 % of the normal efficiency"),
    AZ_PARAM(az_robust_options, alpha, 1e-4, 0, INFINITY, "strength of the L2 penalty on the coefficients"),
    AZ_PARAM(az_robust_options, fit_intercept, 1, 0, 1, "whether a constant is added"),
    AZ_PARAM(az_robust_options, max_iter, 200, 1, 1e9, "most Newton steps", .differs = "100 steps of L-BFGS there"),
    AZ_PARAM(az_robust_options, tol, 1e-9, 0, 1,
             "stop where a Newton step would lower F by less than tol^2 times the scale and the weights",
             .differs = "there 1e-5 on the gradient, which leaves some five digits"),
    AZ_PARAM_END};

enum { FACT_SCALE, FACT_N_OUTLIERS, N_FACTS };
static const char *const fact_names[N_FACTS][2] = {
    [FACT_SCALE] = {"scale", "scale of the residuals"},
    [FACT_N_OUTLIERS] = {"n_outliers", "rows beyond epsilon times the scale"},
};

/* ---- F, its gradient and Hessian, over fixed chunks of rows ---- */

enum { CHUNK_ROWS = 512, MOST_CHUNKS = 64 };

/* Unknowns: theta = (b_1 .. b_p of the standardised columns, c, s); without intercept c stays 0. */
typedef struct objective {
    const az_sample *sample;
    int64_t n, p, width;          /* width = p + 2 */
    const double *mean, *unit;    /* standardised column: (x - mean) / unit, for the condition of the Hessian */
    double epsilon, alpha, total; /* total: sum of weights */
    bool fit_intercept;
    int n_threads;
    int64_t n_chunks, chunk_rows;
    double *slots; /* (n_chunks, slot) */
    int64_t slot;  /* 2 + width + width^2: value, outliers, gradient, Hessian */
    const double *theta;
    bool derivatives;
} objective;

static void evaluate_chunk(void *context, int64_t chunk, int thread)
{
    const objective *f = context;
    const int64_t n = f->n, p = f->p, width = f->width;
    double *value = f->slots + chunk * f->slot, *gradient = value + 2, *hessian = gradient + width;
    const double *b = f->theta, c = f->theta[p], s = f->theta[p + 1];
    (void)thread;
    memset(value, 0, (size_t)f->slot * sizeof *value);
    int64_t first = chunk * f->chunk_rows, last = first + f->chunk_rows < n ? first + f->chunk_rows : n;
    for (int64_t i = first; i < last; i++) {
        double weight = f->sample->weight ? f->sample->weight[i] : 1;
        double residual = f->sample->y[i] - c;
        for (int64_t j = 0; j < p; j++) residual -= b[j] * ((f->sample->x[j * n + i] - f->mean[j]) / f->unit[j]);
        double z = residual / s;
        bool outlier = fabs(z) > f->epsilon;
        value[1] += outlier;
        value[0] += weight * s * (1 + (outlier ? f->epsilon * (2 * fabs(z) - f->epsilon) : z * z));
        if (!f->derivatives) continue;
        double slope = outlier ? copysign(f->epsilon, z) : z; /* H'(z) / 2 */
        gradient[p + 1] += weight * (1 - (outlier ? f->epsilon * f->epsilon : z * z));
        gradient[p] -= 2 * weight * slope;
        for (int64_t j = 0; j < p; j++)
            gradient[j] -= 2 * weight * slope * ((f->sample->x[j * n + i] - f->mean[j]) / f->unit[j]);
        if (outlier) continue;
        /* d^2 (s z^2): 2/s (x, 1, z)(x, 1, z)'. */
        double curvature = 2 * weight / s;
        for (int64_t j = 0; j < p; j++) {
            double xj = curvature * ((f->sample->x[j * n + i] - f->mean[j]) / f->unit[j]);
            for (int64_t k = 0; k <= j; k++)
                hessian[j * width + k] += xj * ((f->sample->x[k * n + i] - f->mean[k]) / f->unit[k]);
            hessian[p * width + j] += xj;
            hessian[(p + 1) * width + j] += xj * z;
        }
        hessian[p * width + p] += curvature;
        hessian[(p + 1) * width + p] += curvature * z;
        hessian[(p + 1) * width + p + 1] += curvature * z * z;
    }
}

/* After the call slot 0 holds the sums; the penalty is added here. */
static double evaluate(objective *f, const double *theta, bool derivatives)
{
    f->theta = theta;
    f->derivatives = derivatives;
    az_parallel(f->n_threads, f->n_chunks, evaluate_chunk, f);
    az_tree_sum(f->slots, f->n_chunks, f->slot);
    double *gradient = f->slots + 2, *hessian = gradient + f->width;
    for (int64_t j = 0; j < f->p; j++) {
        double alpha = f->alpha / (f->unit[j] * f->unit[j]); /* of the coefficient in the columns' units */
        f->slots[0] += alpha * theta[j] * theta[j];
        gradient[j] += 2 * alpha * theta[j];
        hessian[j * f->width + j] += 2 * alpha;
    }
    if (!f->fit_intercept) { /* c does not move */
        gradient[f->p] = 0;
        for (int64_t k = 0; k < f->width; k++) hessian[f->p * f->width + k] = hessian[k * f->width + f->p] = 0;
        hessian[f->p * f->width + f->p] = 1;
    }
    return f->slots[0];
}

/* step = -H^-1 g; *decrement = g' H^-1 g, twice what the quadratic model promises.  A Hessian without full rank (few
 * inliers) gets a growing multiple of its diagonal. */
static az_status newton_step(const objective *f, double *factor, double *step, double *decrement)
{
    const int64_t width = f->width;
    const double *gradient = f->slots + 2, *hessian = gradient + width;
    for (double damping = 0; damping < 1e6; damping = damping == 0 ? 1e-14 : damping * 100) {
        for (int64_t j = 0; j < width; j++)
            for (int64_t k = 0; k <= j; k++) {
                double value = hessian[j * width + k];
                if (j == k) value += damping * value + (value == 0 ? 1 : 0);
                factor[j * width + k] = value; /* row-major lower = column-major upper */
            }
        az_status status = az_cholesky(true, width, factor, width);
        if (status == AZ_ERROR_MEMORY) return status;
        if (status) continue;
        for (int64_t j = 0; j < width; j++) step[j] = -gradient[j];
        az_triangular_solve(true, true, width, 1, factor, width, step, width);
        *decrement = az_dot(width, step, step);
        az_triangular_solve(true, false, width, 1, factor, width, step, width);
        return AZ_OK;
    }
    return az_error(AZ_ERROR_DATA,
                    "robust: the Hessian has no finite factor; are the features finite and of sane size?");
}

static az_status minimise(objective *f, const az_robust_options *options, double *theta, double smallest,
                          const az_control *control, az_fit_result *result)
{
    const int64_t width = f->width;
    double *work;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(work, width * (width + 2)));
    double *factor = work, *step = work + width * width, *trial = step + width;
    az_iteration iteration = {0};
    az_iteration_array arrays[] = {{"theta", theta, width}};
    AZ_GOTO(az_iteration_begin(&iteration, control, "robust", arrays, 1, options->max_iter, &result->n_iterations));
    double value = evaluate(f, theta, true);
    while (result->n_iterations < options->max_iter) {
        double decrement = 0;
        AZ_GOTO(newton_step(f, factor, step, &decrement));
        if (0.5 * decrement <= options->tol * options->tol * f->total * theta[width - 1]) {
            result->converged = true;
            break;
        }
        /* The scale keeps at least a tenth; a step lowers F by a part of what its slope promises (Armijo). */
        double fall = -step[width - 1], longest = fall > 0.9 * theta[width - 1] ? 0.9 * theta[width - 1] / fall : 1;
        double length = longest, next = INFINITY;
        for (int halvings = 0; halvings < 60; halvings++, length *= 0.5) {
            for (int64_t j = 0; j < width; j++) trial[j] = theta[j] + length * step[j];
            next = evaluate(f, trial, false);
            if (next <= value - 1e-4 * length * decrement) break;
            /* Near the end F cannot tell any more, for gross errors fill it, and the full step is right. */
            if (halvings == 0 && decrement <= 1e-9 * fabs(value)) break;
        }
        if (length < 1e-15 * longest || trial[width - 1] < smallest) { /* rounding, or a perfect fit */
            result->converged = decrement <= 1e-12 * fabs(value) || trial[width - 1] < smallest;
            break;
        }
        memcpy(theta, trial, (size_t)width * sizeof *theta);
        value = evaluate(f, theta, true);
        result->n_iterations++;
        AZ_GOTO(az_iteration_next(&iteration, result->n_iterations, "objective", value));
    }
done:
    az_free(work);
    return status;
}

/* Median and median absolute deviation (times 1.4826, the normal's) of the target: where the iteration starts. */
static az_status start(const az_sample *sample, double *median, double *scale)
{
    double *work;
    const int64_t n = sample->n_rows;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(work, n));
    memcpy(work, sample->y, (size_t)n * sizeof *work);
    if (sample->weight)
        AZ_GOTO(az_weighted_quantile(work, sample->weight, n, 0.5, median));
    else
        *median = az_quantile(work, n, 0.5);
    for (int64_t i = 0; i < n; i++) work[i] = fabs(sample->y[i] - *median);
    if (sample->weight)
        AZ_GOTO(az_weighted_quantile(work, sample->weight, n, 0.5, scale));
    else
        *scale = az_quantile(work, n, 0.5);
    *scale *= 1.4826;
done:
    az_free(work);
    return status;
}

static az_status standardise(const az_sample *sample, bool fit_intercept, double *mean, double *unit)
{
    const int64_t n = sample->n_rows;
    double *work;
    AZ_TRY(AZ_NEW_ARRAY(work, n));
    double total = sample->weight ? az_sum_of(n, sample->weight, 1) : (double)n;
    for (int64_t j = 0; j < sample->n_features; j++) {
        const double *x = sample->x + j * n;
        for (int64_t i = 0; i < n; i++) work[i] = (sample->weight ? sample->weight[i] : 1) * x[i];
        mean[j] = fit_intercept ? az_sum_of(n, work, 1) / total : 0;
        for (int64_t i = 0; i < n; i++)
            work[i] = (sample->weight ? sample->weight[i] : 1) * (x[i] - mean[j]) * (x[i] - mean[j]);
        unit[j] = sqrt(az_sum_of(n, work, 1) / total);
        if (!(unit[j] > DBL_EPSILON * fabs(mean[j]))) unit[j] = 1;
    }
    az_free(work);
    return AZ_OK;
}

static az_status robust_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                            az_fit_result *result)
{
    const az_robust_options *chosen = options;
    const int64_t n = sample->n_rows, p = sample->n_features, width = p + 2;
    az_status status = AZ_OK;
    az_linear_state *model = NULL;
    double *mean = NULL, *theta = NULL, median = 0, scale = 0;
    objective f = {.sample = sample,
                   .n = n,
                   .p = p,
                   .width = width,
                   .epsilon = chosen->epsilon,
                   .alpha = chosen->alpha,
                   .fit_intercept = chosen->fit_intercept,
                   .n_threads = az_control_threads(control)};
    f.chunk_rows = n > CHUNK_ROWS * MOST_CHUNKS ? (n + MOST_CHUNKS - 1) / MOST_CHUNKS : CHUNK_ROWS;
    f.n_chunks = (n + f.chunk_rows - 1) / f.chunk_rows;
    f.slot = 2 + width + width * width;
    f.total = sample->weight ? az_sum_of(n, sample->weight, 1) : (double)n;
    AZ_GOTO(az_linear_state_new(&model, p, 1, chosen->fit_intercept, false, 0));
    AZ_GOTO(AZ_NEW_ARRAY(mean, 2 * p));
    AZ_GOTO(AZ_NEW_ARRAY(theta, width));
    AZ_GOTO(AZ_NEW_ARRAY(f.slots, f.n_chunks * f.slot));
    AZ_GOTO(standardise(sample, chosen->fit_intercept, mean, mean + p));
    f.mean = mean;
    f.unit = mean + p;
    AZ_GOTO(start(sample, &median, &scale));
    memset(theta, 0, (size_t)width * sizeof *theta);
    theta[p] = chosen->fit_intercept ? median : 0;
    theta[p + 1] = scale > 0 ? scale : 1;
    /* scikit-learn bounds the scale by 10 machine epsilons; here relative to the target's spread. */
    AZ_GOTO(minimise(&f, chosen, theta, 10 * DBL_EPSILON * theta[p + 1], control, result));
    evaluate(&f, theta, false);
    model->fact[FACT_N_OUTLIERS] = f.slots[1];
    model->fact[FACT_SCALE] = theta[p + 1];
    model->intercept[0] = theta[p];
    for (int64_t j = 0; j < p; j++) {
        model->coefficient[j] = theta[j] / f.unit[j];
        model->intercept[0] -= model->coefficient[j] * mean[j];
    }
    if (!result->converged)
        az_warning(control, "robust stopped after %lld steps before it converged; raise max_iter",
                   (long long)result->n_iterations);
    *fitted = model;
    model = NULL;
done:
    az_linear_state_free(model);
    az_free(mean);
    az_free(theta);
    az_free(f.slots);
    return status;
}

static int robust_facts(const void *fitted, az_fact *facts)
{
    return az_linear_state_facts(fitted, fact_names, N_FACTS, facts);
}

const az_model_class az_robust = {
    .name = "robust",
    .aliases = "huber",
    .summary = "linear regression in which outliers pull with a bounded force (Huber)",
    .reference = "Huber, Robust Statistics (1981); Owen, Contemp. Math. 443 (2007) 59",
    .tasks = AZ_REGRESSION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_REPEAT_IS_WEIGHT | AZ_TRAIT_ROW_ORDER_FREE | AZ_TRAIT_ITERATIVE,
    .without =
        "negative weights: the objective would not be convex; sigma: the scale is estimated from the data; missing: "
        "the design fills cells; several targets: each has its own scale and outliers; partial fit: outliers "
        "depend on all rows; interval: no standard errors yet; periodic: by cos and sin; exact products: "
        "not needed at the precision of the method",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(az_robust_options),
    .params = robust_params,
    .fit = robust_fit,
    .free = az_linear_state_free,
    .predict = az_linear_state_predict,
    .save = az_linear_state_save,
    .load = az_linear_state_load,
    .export = az_linear_state_export,
    .linear_map = az_linear_state_map,
    .facts = robust_facts,
};
