/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/special.h"
#include "models/least_squares.h"
#include "models/linear_state.h"
#include "models/triangle.h"

typedef struct linear_options {
    bool fit_intercept;
} linear_options;

static const az_param linear_params[] = {
    AZ_PARAM(linear_options, fit_intercept, 1, 0, 1, "add a constant to the model", .aliases = "intercept"),
    AZ_PARAM_END,
};

enum {
    FACT_R2,
    FACT_ADJUSTED_R2,
    FACT_RESIDUAL_SD,
    FACT_F,
    FACT_F_P,
    FACT_CHI2_DOF,
    FACT_CHI2_P,
    FACT_LOG_LIKELIHOOD,
    FACT_AIC,
    FACT_BIC,
    FACT_RANK,
    FACT_CONDITION,
    N_FACTS
};
static const char *const fact_names[N_FACTS][2] = {
    [FACT_R2] = {"r2", "R2"},
    [FACT_ADJUSTED_R2] = {"adjusted_r2", "adjusted R2"},
    [FACT_RESIDUAL_SD] = {"residual_sd", "residual standard deviation"},
    [FACT_F] = {"f", "F of all features together"},
    [FACT_F_P] = {"f_p", "p value of F"},
    [FACT_CHI2_DOF] = {"chi2_dof", "chi-square per degree of freedom"},
    [FACT_CHI2_P] = {"chi2_p", "p value of chi-square"},
    [FACT_LOG_LIKELIHOOD] = {"log_likelihood", "log likelihood"},
    [FACT_AIC] = {"aic", "AIC"},
    [FACT_BIC] = {"bic", "BIC"},
    [FACT_RANK] = {"rank", "rank of the design"},
    [FACT_CONDITION] = {"condition", "condition number (columns of like length)"},
};

/* Covariances beyond this many features would take gigabytes that hardly anyone reads. */
enum { MAX_COVARIANCE_FEATURES = 4000 };

/* The rows that a solution is about, whether they were solved for as they are or as their triangle. */
typedef struct rows_seen {
    double n, log_weight; /* number, and sum of the logarithms of the weights */
    int64_t n_targets;
    bool absolute;
} rows_seen;

/* The log likelihood at its maximum, and AIC and BIC from it as R counts: sigma is a parameter too, unless the errors
 * are given (then sums of squares are chi-squares). */
static void information(az_linear_state *state, const rows_seen *rows, double residual, int64_t rank)
{
    double n = rows->n, likelihood;
    double n_parameters = (double)rank;
    if (rows->absolute) {
        likelihood = 0.5 * (rows->log_weight - n * log(2.0 * M_PI) - residual);
    } else {
        likelihood = 0.5 * (rows->log_weight - n * (log(2.0 * M_PI) + 1.0 - log(n) + log(residual)));
        n_parameters += 1.0;
    }
    if (!isfinite(likelihood)) return; /* an exact fit */
    state->fact[FACT_LOG_LIKELIHOOD] = likelihood;
    state->fact[FACT_AIC] = -2.0 * likelihood + 2.0 * n_parameters;
    state->fact[FACT_BIC] = -2.0 * likelihood + log(n) * n_parameters;
}

static void find_facts(az_linear_state *state, const rows_seen *rows, const az_least_squares *solution)
{
    int64_t t = rows->n_targets;
    double n = rows->n, dof = n - (double)solution->rank, used = (double)(solution->rank - state->has_intercept);
    state->fact[FACT_RANK] = (double)solution->rank;
    state->fact[FACT_CONDITION] = solution->condition;
    double r2 = 0.0;
    for (int64_t k = 0; k < t; k++) r2 += (1.0 - solution->residual[k] / solution->total[k]) / (double)t;
    if (!isfinite(r2)) r2 = NAN; /* a constant target */
    state->fact[FACT_R2] = r2;
    if (t > 1) return;
    double residual = solution->residual[0], total = solution->total[0];
    if (dof > 0.0) {
        state->fact[FACT_ADJUSTED_R2] = 1.0 - (1.0 - r2) * (n - state->has_intercept) / dof;
        state->fact[FACT_RESIDUAL_SD] = sqrt(residual / dof);
        if (used > 0.0 && residual > 0.0 && total > 0.0) {
            state->fact[FACT_F] = (total - residual) / used / (residual / dof);
            state->fact[FACT_F_P] = az_f_survival(state->fact[FACT_F], used, dof);
        }
        if (rows->absolute) {
            state->fact[FACT_CHI2_DOF] = residual / dof;
            state->fact[FACT_CHI2_P] = az_chi2_survival(residual, dof);
            state->fact[FACT_RESIDUAL_SD] = NAN;
        }
    }
    information(state, rows, residual, solution->rank);
}

/* Solves for the sample's rows, and tells of the rows seen.  constant and triangle as in az_least_squares. */
static az_status solve(void **fitted, const az_sample *sample, const rows_seen *rows, const linear_options *choice,
                       const double *constant, double *triangle, const az_control *control, az_fit_result *result)
{
    int64_t p = sample->n_features, t = sample->n_targets;
    az_linear_state *state = NULL;
    az_status status;
    double *sums = az_alloc_array(2 * t, sizeof *sums);
    if (!sums) return az_error(AZ_ERROR_MEMORY, "out of memory for a linear model");
    bool has_covariance = p <= MAX_COVARIANCE_FEATURES;
    AZ_GOTO(az_linear_state_new(&state, p, t, choice->fit_intercept, has_covariance, 0));
    az_least_squares solution = {.intercept = state->intercept,
                                 .coefficient = state->coefficient,
                                 .covariance = state->covariance,
                                 .residual = sums,
                                 .total = sums + t,
                                 .constant = constant,
                                 .triangle = triangle};
    AZ_GOTO(az_least_squares_solve(&solution, sample, choice->fit_intercept, control));
    double dof = rows->n - (double)solution.rank;
    for (int64_t k = 0; k < t; k++)
        state->variance[k] = rows->absolute ? 1.0 : dof > 0.0 ? solution.residual[k] / dof : NAN;
    state->dof = rows->absolute ? INFINITY : dof;
    find_facts(state, rows, &solution);
    *result = (az_fit_result){.converged = solution.converged};
    *fitted = state;
    state = NULL;
done:
    az_linear_state_free(state);
    az_free(sums);
    return status;
}

static az_status linear_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                            az_fit_result *result)
{
    const linear_options *choice = options;
    int64_t p = sample->n_features, t = sample->n_targets, width = 1 + p + t;
    bool keep = p <= MAX_COVARIANCE_FEATURES;
    rows_seen rows = {.n = (double)sample->n_rows, .n_targets = t, .absolute = sample->absolute};
    double *triangle = NULL;
    void *partial = NULL;
    az_status status;
    for (int64_t i = 0; sample->weight && i < sample->n_rows; i++) rows.log_weight += log(sample->weight[i]);
    if (keep && choice->fit_intercept) AZ_GOTO(AZ_NEW_ARRAY(triangle, width * width));
    AZ_GOTO(solve(fitted, sample, &rows, choice, NULL, triangle, control, result));
    if (keep) status = az_triangle_of_fit(&partial, sample, triangle, control);
    if (status) {
        az_linear_state_free(*fitted);
        *fitted = NULL;
    }
    result->partial = partial;
done:
    az_free(triangle);
    return status;
}

/* The triangle's rows have the same least squares solution as all the rows that it was made of. */
static az_status linear_finish(void **fitted, const void *partial, const az_sample *shape, const void *options,
                               const az_control *control, az_fit_result *result)
{
    const az_triangle_sums *sums = partial;
    const linear_options *choice = options;
    int64_t first = choice->fit_intercept, width = first + sums->n_features + sums->n_targets;
    rows_seen rows = {.n = (double)sums->n_rows,
                      .log_weight = sums->log_weight,
                      .n_targets = sums->n_targets,
                      .absolute = shape->absolute};
    double *r;
    AZ_TRY(az_triangle_scaled(sums, shape->features, choice->fit_intercept, &r));
    az_sample sample = *shape;
    sample.n_rows = width;
    sample.x = r + first * width;
    sample.y = r + (first + sums->n_features) * width;
    sample.x_low = NULL;
    sample.weight = NULL;
    az_status status = solve(fitted, &sample, &rows, choice, first ? r : NULL, NULL, control, result);
    az_free(r);
    return status;
}

static const az_partial_class linear_partial = {.begin = az_triangle_begin,
                                                .rows = az_triangle_rows,
                                                .finish = linear_finish,
                                                .free = az_triangle_free,
                                                .save = az_triangle_save,
                                                .load = az_triangle_load};

static int linear_facts(const void *fitted, az_fact *facts)
{
    return az_linear_state_facts(fitted, fact_names, N_FACTS, facts);
}

const az_model_class az_linear = {
    .name = "linear",
    .aliases = "ols,lm,least_squares",
    .summary = "least squares by QR, refined to the last digit, with standard errors",
    .reference = "Bjorck, Numerical Methods for Least Squares Problems, SIAM 1996",
    .tasks = AZ_REGRESSION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_NEGATIVE_WEIGHTS | AZ_TRAIT_SIGMA | AZ_TRAIT_REPEAT_IS_WEIGHT |
              AZ_TRAIT_ROW_ORDER_FREE | AZ_TRAIT_SEVERAL_TARGETS | AZ_TRAIT_EXACT_PRODUCTS | AZ_TRAIT_PARTIAL_FIT,
    .without = "missing: a sum over features needs all of them; interval: not yet offered by predict",
    .scaling = AZ_SCALE_NONE,
    .drop_first = true,
    .options_size = sizeof(linear_options),
    .params = linear_params,
    .fit = linear_fit,
    .free = az_linear_state_free,
    .predict = az_linear_state_predict,
    .save = az_linear_state_save,
    .load = az_linear_state_load,
    .export = az_linear_state_export,
    .linear_map = az_linear_state_map,
    .facts = linear_facts,
    .partial = &linear_partial,
};
