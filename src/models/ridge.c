/* SPDX-License-Identifier: BSD-3-Clause */
/* Ridge regression, scikit-learn's objective: sum_i w_i (y_i - b0 - x_i b)^2 + alpha |b|^2, the intercept not
 * penalised. One singular value decomposition of the compressed data, x = U S V^T, gives the solutions for all
 * penalties: b = V (S^2 + alpha)^-1 S U^T y. */
#include "base/linalg.h"
#include "base/number.h"
#include "base/random.h"
#include "models/compress.h"
#include "models/linear_state.h"
#include "models/triangle.h"

#include <float.h>

enum { SELECT_NONE, SELECT_GCV, SELECT_KFOLD };

typedef struct ridge_options {
    double alpha;
    bool fit_intercept;
    int32_t choose;
    int64_t n_alphas, cv;
    char alphas[AZ_PARAM_TEXT_SIZE];
} ridge_options;

static const az_param ridge_params[] = {
    AZ_PARAM(ridge_options, alpha, 1.0, 0, INFINITY, "penalty on the squared coefficients",
             .aliases = "lambda,reg_lambda"),
    AZ_PARAM(ridge_options, fit_intercept, 1, 0, 1, "add a constant to the model", .aliases = "intercept"),
    AZ_CHOICE(ridge_options, choose, SELECT_NONE, "none|gcv|kfold",
              "how alpha is chosen: by generalised or by k-fold cross-validation", .formerly = "select",
              .differs = "RidgeCV there, which takes leave-one-out errors"),
    AZ_PARAM(ridge_options, n_alphas, 100, 2, 10000, "number of penalties to try",
             .differs = "RidgeCV tries 0.1, 1, 10"),
    AZ_PARAM(ridge_options, cv, 5, 2, 1000, "number of folds"),
    AZ_TEXT(ridge_options, alphas, "", "penalties to try, as a list; empty: n_alphas of them, evenly in the logarithm"),
    AZ_PARAM_END,
};

enum { FACT_ALPHA, FACT_DOF, FACT_R2, FACT_RESIDUAL_SD, FACT_CHI2_DOF, FACT_GCV, FACT_CV_MSE, N_FACTS };
static const char *const fact_names[N_FACTS][2] = {
    [FACT_ALPHA] = {"alpha", "penalty"},
    [FACT_DOF] = {"effective_dof", "effective number of parameters"},
    [FACT_R2] = {"r2", "R2"},
    [FACT_RESIDUAL_SD] = {"residual_sd", "residual standard deviation"},
    [FACT_CHI2_DOF] = {"chi2_dof", "chi-square per degree of freedom"},
    [FACT_GCV] = {"gcv", "mean squared error by generalised cross-validation"},
    [FACT_CV_MSE] = {"cv_mse", "mean squared error by k-fold cross-validation"},
};

enum { MAX_COVARIANCE_FEATURES = 4000 };

/* The decomposed problem: everything that follows is cheap for every penalty. */
typedef struct spectrum {
    az_compressed data;
    int64_t k;
    bool intercept;
    double *memory, *s; /* (k) singular values */
    double *d;          /* (k, n_targets) U^T y */
    double *vt;         /* (k, n_features) */
} spectrum;

static void spectrum_free(spectrum *f)
{
    az_compressed_free(&f->data);
    az_free(f->memory);
}

static az_status spectrum_new(spectrum *f, const double *r, int64_t n_rows, const az_sample *sample, bool intercept)
{
    int64_t p = sample->n_features, t = sample->n_targets;
    az_status status;
    double *u = NULL;
    *f = (spectrum){.intercept = intercept};
    AZ_GOTO(az_compress(&f->data, r, n_rows, p, t, intercept));
    int64_t k = f->k = f->data.k;
    f->memory = az_alloc_array(k * (1 + t + p) + 1, sizeof(double));
    u = az_alloc_array(k * k + 1, sizeof(double));
    if (!f->memory || !u) {
        status = az_error(AZ_ERROR_MEMORY, "out of memory for ridge regression on %lld features", (long long)p);
        goto done;
    }
    f->s = f->memory;
    f->d = f->s + k;
    f->vt = f->d + k * t;
    AZ_GOTO(az_svd(k, p, f->data.x, k, f->s, u, k, f->vt, k));
    for (int64_t l = 0; l < t; l++) {
        for (int64_t i = 0; i < k; i++) {
            double sum = 0.0;
            for (int64_t j = 0; j < k; j++) sum += u[i * k + j] * f->data.y[l * k + j];
            f->d[l * k + i] = sum;
        }
    }
done:
    az_free(u);
    if (status) {
        spectrum_free(f);
        *f = (spectrum){0};
    }
    return status;
}

/* s / (s^2 + alpha); without penalty, directions that the data do not determine are left at 0. */
static double inverse(const spectrum *f, int64_t i, double alpha)
{
    double s = f->s[i], size = (double)(f->data.n_features > f->data.n_rows ? f->data.n_features : f->data.n_rows);
    if (alpha == 0.0 && s <= f->s[0] * DBL_EPSILON * size) return 0.0;
    return s / (s * s + alpha);
}

static void coefficients(const spectrum *f, double alpha, double *intercept, double *b)
{
    int64_t p = f->data.n_features;
    for (int64_t l = 0; l < f->data.n_targets; l++) {
        double mean = f->data.mean_y[l];
        for (int64_t j = 0; j < p; j++) {
            double sum = 0.0;
            for (int64_t i = 0; i < f->k; i++) sum += f->vt[j * f->k + i] * (inverse(f, i, alpha) * f->d[l * f->k + i]);
            b[l * p + j] = sum;
            mean -= f->data.mean_x[j] * sum;
        }
        if (intercept) intercept[l] = f->intercept ? mean : 0.0;
    }
}

/* Trace of the matrix that takes y to its fit. */
static double effective_parameters(const spectrum *f, double alpha)
{
    double sum = f->intercept ? 1.0 : 0.0;
    for (int64_t i = 0; i < f->k; i++) sum += f->s[i] * inverse(f, i, alpha);
    return sum;
}

static double sum_squares(const spectrum *f, double alpha, int64_t target)
{
    double sum = f->data.rest[target];
    for (int64_t i = 0; i < f->k; i++) {
        double left = (1.0 - f->s[i] * inverse(f, i, alpha)) * f->d[target * f->k + i];
        if (alpha > 0.0) left = alpha / (f->s[i] * f->s[i] + alpha) * f->d[target * f->k + i];
        sum += left * left;
    }
    return sum;
}

/* Golub, Heath, Wahba, Technometrics 21, 215 (1979); the mean over targets. */
static double generalised_error(const spectrum *f, double alpha, double sum_weight)
{
    double n = (double)f->data.n_rows, left = 1.0 - effective_parameters(f, alpha) / n, sum = 0.0;
    if (left <= 0.0) return INFINITY;
    for (int64_t l = 0; l < f->data.n_targets; l++) sum += sum_squares(f, alpha, l);
    return sum / (sum_weight * left * left * (double)f->data.n_targets);
}

/* K-fold cross-validation without touching the data again: the triangles R of the folds are all it takes.  The others'
 * triangles, one below the other, have the triangle of the training rows; and |R (-b0, -b, 1)|^2 is the sum of squared
 * errors on the rows that were left out. */
static az_status fold_errors(const az_sample *sample, const ridge_options *options, const double *alpha, int64_t n,
                             double sum_weight, double *error, const az_control *control)
{
    int64_t m = sample->n_rows, p = sample->n_features, t = sample->n_targets, folds = options->cv;
    int64_t first = options->fit_intercept, width = first + p + t, size = width * width;
    if (folds > m)
        return az_error(AZ_ERROR_USAGE, "cv: %lld folds need at least as many rows; there are %lld", (long long)folds,
                        (long long)m);
    az_status status;
    int64_t *order = NULL;
    double *triangles = NULL, *stacked = NULL, *b = NULL;
    const double **columns = NULL;
    spectrum f = {0};
    AZ_GOTO(AZ_NEW_ARRAY(order, m));
    AZ_GOTO(AZ_NEW_ARRAY(triangles, (folds + 1) * size));
    AZ_GOTO(AZ_NEW_ARRAY(stacked, folds * size));
    AZ_GOTO(AZ_NEW_ARRAY(columns, width));
    AZ_GOTO(AZ_NEW_ARRAY(b, t * (p + 1)));
    az_random_permutation(az_stream_new(sample->seed, "ridge folds"), m, order);
    for (int64_t i = 0; i < n; i++) error[i] = 0.0;
    for (int64_t k = 0; k < folds; k++) {
        int64_t start = m * k / folds, end = m * (k + 1) / folds;
        AZ_GOTO(az_triangle(triangles + k * size, sample, first, order + start, end - start, control));
        AZ_GOTO(az_check_interrupt(control));
        az_report_progress(control, "ridge folds", (double)k, (double)folds, NULL, 0.0);
    }
    double *training = triangles + folds * size;
    for (int64_t k = 0; k < folds; k++) {
        int64_t rows = (folds - 1) * width, start = m * k / folds, end = m * (k + 1) / folds;
        for (int64_t j = 0; j < width; j++) {
            double *to = stacked + j * rows;
            columns[j] = to;
            for (int64_t g = 0; g < folds; g++)
                for (int64_t i = 0; g != k && i < width; i++) *to++ = triangles[g * size + j * width + i];
        }
        AZ_GOTO(az_tsqr(rows, width, columns, NULL, training, width, az_control_threads(control)));
        AZ_GOTO(spectrum_new(&f, training, m - (end - start), sample, first));
        for (int64_t a = 0; a < n; a++) {
            coefficients(&f, alpha[a], b, b + t);
            for (int64_t l = 0; l < t; l++) {
                const double *left_out = triangles + k * size;
                for (int64_t i = 0; i < width; i++) {
                    double sum = left_out[(first + p + l) * width + i];
                    if (first) sum -= left_out[i] * b[l];
                    for (int64_t j = 0; j < p; j++) sum -= left_out[(first + j) * width + i] * b[t + l * p + j];
                    error[a] += sum * sum / (sum_weight * (double)t);
                }
            }
        }
        spectrum_free(&f);
        f = (spectrum){0};
        AZ_GOTO(az_check_interrupt(control));
    }
done:
    spectrum_free(&f);
    az_free(order);
    az_free(triangles);
    az_free(stacked);
    az_free(columns);
    az_free(b);
    return status == AZ_ERROR_MEMORY ? az_error(status, "out of memory for the folds of ridge regression") : status;
}

/* The penalties of the path, strongest first: as given, or from 10 to 1e-10 times the largest eigenvalue of x^T x. */
static az_status penalties(const ridge_options *options, const spectrum *f, double **alpha, int64_t *n)
{
    *alpha = NULL;
    if (!options->alphas[0]) {
        *n = options->n_alphas;
        double largest = f->k > 0 && f->s[0] > 0.0 ? f->s[0] * f->s[0] : 1.0;
        *alpha = az_alloc_array(*n, sizeof **alpha);
        if (!*alpha) return az_error(AZ_ERROR_MEMORY, "out of memory for %lld penalties", (long long)*n);
        for (int64_t i = 0; i < *n; i++) (*alpha)[i] = largest * pow(10.0, 1.0 - 11.0 * (double)i / (double)(*n - 1));
        return AZ_OK;
    }
    char **items;
    AZ_TRY(az_list_split(options->alphas, &items, n));
    *alpha = az_alloc_array(*n, sizeof **alpha);
    az_status status = *alpha ? AZ_OK : az_error(AZ_ERROR_MEMORY, "out of memory for %lld penalties", (long long)*n);
    for (int64_t i = 0; !status && i < *n; i++) {
        double value;
        if (!az_parse_double_string(items[i], &value) || !(value >= 0.0) || !isfinite(value)) {
            status = az_error(AZ_ERROR_USAGE, "alphas: \"%s\" is not a penalty (a number of at least 0)", items[i]);
            break;
        }
        int64_t at = i;
        for (; at > 0 && (*alpha)[at - 1] < value; at--) (*alpha)[at] = (*alpha)[at - 1];
        (*alpha)[at] = value;
    }
    if (!status && *n == 0) status = az_error(AZ_ERROR_USAGE, "alphas: the list is empty");
    az_free(items);
    if (status) {
        az_free(*alpha);
        *alpha = NULL;
    }
    return status;
}

/* For a given penalty the estimates are linear in y: covariance sigma^2 V S^2 / (S^2 + alpha)^2 V^T, of the spread
 * about their own mean; the bias that the penalty brings is not in it. */
static void find_covariance(const spectrum *f, double alpha, double sum_weight, double *covariance)
{
    int64_t p = f->data.n_features, n = p + 1;
    for (int64_t j = 0; j < p; j++) {
        for (int64_t l = 0; l <= j; l++) {
            double sum = 0.0;
            for (int64_t i = 0; i < f->k; i++) {
                double factor = inverse(f, i, alpha);
                sum += f->vt[j * f->k + i] * f->vt[l * f->k + i] * factor * factor;
            }
            covariance[(j + 1) * n + l + 1] = covariance[(l + 1) * n + j + 1] = sum;
        }
    }
    covariance[0] = f->intercept ? 1.0 / sum_weight : 0.0;
    for (int64_t j = 0; j < p; j++) {
        double sum = 0.0;
        for (int64_t l = 0; l < p; l++) sum -= covariance[(j + 1) * n + l + 1] * f->data.mean_x[l];
        covariance[j + 1] = covariance[(j + 1) * n] = sum;
        covariance[0] -= sum * f->data.mean_x[j];
    }
}

static void find_facts(az_linear_state *state, const spectrum *f, int64_t n_rows, const az_sample *sample, double alpha,
                       double sum_weight)
{
    int64_t t = sample->n_targets;
    double used = effective_parameters(f, alpha), dof = (double)n_rows - used, r2 = 0.0;
    state->dof = sample->absolute ? INFINITY : dof;
    for (int64_t l = 0; l < t; l++) {
        double residual = sum_squares(f, alpha, l);
        state->variance[l] = sample->absolute ? 1.0 : dof > 0.0 ? residual / dof : NAN;
        r2 += (1.0 - residual / f->data.total[l]) / (double)t;
    }
    state->fact[FACT_ALPHA] = alpha;
    state->fact[FACT_DOF] = used;
    if (isfinite(r2)) state->fact[FACT_R2] = r2;
    double error = generalised_error(f, alpha, sum_weight);
    if (isfinite(error)) state->fact[FACT_GCV] = error;
    if (t == 1 && dof > 0.0)
        state->fact[sample->absolute ? FACT_CHI2_DOF : FACT_RESIDUAL_SD] =
            sample->absolute ? sum_squares(f, alpha, 0) / dof : sqrt(state->variance[0]);
}

/* The rows that a triangle stands for. */
typedef struct rows_seen {
    int64_t n;
    double weight;
    const az_sample *sample; /* NULL where only the triangle is left: no folds */
} rows_seen;

static az_status fit_triangle(void **fitted, const double *r, const rows_seen *rows, const az_sample *shape,
                              const ridge_options *choice, const az_control *control, az_fit_result *result)
{
    int64_t p = shape->n_features, t = shape->n_targets, n = 0;
    az_linear_state *state = NULL;
    spectrum f = {0};
    double *path = NULL;
    az_status status;
    AZ_GOTO(spectrum_new(&f, r, rows->n, shape, choice->fit_intercept));
    AZ_GOTO(penalties(choice, &f, &path, &n));
    AZ_GOTO(az_linear_state_new(&state, p, t, choice->fit_intercept, p <= MAX_COVARIANCE_FEATURES, n));
    for (int64_t i = 0; i < n; i++) {
        state->path_alpha[i] = path[i];
        coefficients(&f, path[i], NULL, state->path_coefficient + i * t * p);
        if (choice->choose == SELECT_GCV) state->path_score[i] = generalised_error(&f, path[i], rows->weight);
    }
    if (choice->choose == SELECT_KFOLD)
        AZ_GOTO(fold_errors(rows->sample, choice, path, n, rows->weight, state->path_score, control));
    double alpha = choice->alpha;
    if (choice->choose != SELECT_NONE) {
        int64_t best = 0;
        for (int64_t i = 1; i < n; i++)
            if (state->path_score[i] < state->path_score[best]) best = i;
        alpha = path[best];
        if (choice->choose == SELECT_KFOLD) state->fact[FACT_CV_MSE] = state->path_score[best];
        if (n > 1 && (best == 0 || best == n - 1))
            az_note(control, "ridge: the best penalty is the %s one tried; alphas sets others",
                    best ? "weakest" : "strongest");
    }
    coefficients(&f, alpha, state->intercept, state->coefficient);
    if (state->covariance) find_covariance(&f, alpha, rows->weight, state->covariance);
    find_facts(state, &f, rows->n, shape, alpha, rows->weight);
    *result = (az_fit_result){.converged = true};
    *fitted = state;
    state = NULL;
done:
    az_linear_state_free(state);
    spectrum_free(&f);
    az_free(path);
    return status;
}

static az_status ridge_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                           az_fit_result *result)
{
    const ridge_options *choice = options;
    int64_t p = sample->n_features, width = choice->fit_intercept + p + sample->n_targets;
    rows_seen rows = {.n = sample->n_rows,
                      .weight = sample->weight ? az_sum_of(sample->n_rows, sample->weight, 1) : (double)sample->n_rows,
                      .sample = sample};
    void *partial = NULL;
    az_status status;
    double *r = az_alloc_array(width * width, sizeof *r);
    if (!r) return az_error(AZ_ERROR_MEMORY, "out of memory for ridge regression on %lld features", (long long)p);
    AZ_GOTO(az_triangle(r, sample, choice->fit_intercept, NULL, 0, control));
    AZ_GOTO(az_check_interrupt(control));
    AZ_GOTO(fit_triangle(fitted, r, &rows, sample, choice, control, result));
    if (p <= MAX_COVARIANCE_FEATURES)
        status = az_triangle_of_fit(&partial, sample, choice->fit_intercept ? r : NULL, control);
    if (status) {
        az_linear_state_free(*fitted);
        *fitted = NULL;
    }
    result->partial = partial;
done:
    az_free(r);
    return status;
}

static az_status ridge_finish(void **fitted, const void *partial, const az_sample *shape, const void *options,
                              const az_control *control, az_fit_result *result)
{
    const az_triangle_sums *sums = partial;
    const ridge_options *choice = options;
    rows_seen rows = {.n = sums->n_rows, .weight = sums->weight};
    double *r;
    AZ_TRY(az_triangle_scaled(sums, shape->features, choice->fit_intercept, &r));
    az_status status = fit_triangle(fitted, r, &rows, shape, choice, control, result);
    az_free(r);
    return status;
}

static const char *ridge_needs_all(const void *options, az_task task)
{
    (void)task;
    const ridge_options *choice = options;
    return choice->choose == SELECT_KFOLD ? "choose = kfold: the folds are made of all rows (choose = gcv needs none)"
                                          : NULL;
}

static const az_partial_class ridge_partial = {.begin = az_triangle_begin,
                                               .rows = az_triangle_rows,
                                               .finish = ridge_finish,
                                               .free = az_triangle_free,
                                               .save = az_triangle_save,
                                               .load = az_triangle_load,
                                               .needs_all = ridge_needs_all};

static int ridge_facts(const void *fitted, az_fact *facts)
{
    return az_linear_state_facts(fitted, fact_names, N_FACTS, facts);
}

const az_model_class az_ridge = {
    .name = "ridge",
    .aliases = "tikhonov,l2_regression",
    .summary = "least squares with a penalty on the squared coefficients; all penalties by one factorisation",
    .reference = "Hoerl, Kennard, Technometrics 12, 55 (1970)",
    .tasks = AZ_REGRESSION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_SIGMA | AZ_TRAIT_REPEAT_IS_WEIGHT | AZ_TRAIT_ROW_ORDER_FREE |
              AZ_TRAIT_SEVERAL_TARGETS | AZ_TRAIT_PARTIAL_FIT,
    .without = "negative weights: the factorisation takes their square root; missing: a sum over features needs all of "
               "them; interval: the penalty's bias is unknown",
    .scaling = AZ_SCALE_STANDARD,
    .options_size = sizeof(ridge_options),
    .params = ridge_params,
    .fit = ridge_fit,
    .free = az_linear_state_free,
    .predict = az_linear_state_predict,
    .save = az_linear_state_save,
    .load = az_linear_state_load,
    .export = az_linear_state_export,
    .linear_map = az_linear_state_map,
    .facts = ridge_facts,
    .partial = &ridge_partial,
    .path = az_linear_state_path,
};
