/* SPDX-License-Identifier: BSD-3-Clause */
/* The design is a column of ones, then the features.  R of its QR factorisation decides the rank and carries the
 * corrected semi-normal equations (refine.h).  Its trailing block, under the row of the ones, is the R of the centred
 * features. */
#include "models/least_squares.h"
#include "base/linalg.h"
#include "base/memory.h"
#include "base/text.h"
#include "models/refine.h"
#include "models/signed_weights.h"

#include <float.h>
#include <string.h>

enum { MAX_CONDITION_COLUMNS = 1000, MAX_NAMES = 8 };

/* Sizes: n columns of the design (first: 1 with intercept, else 0), rank of them independent. */
typedef struct solver {
    const az_sample *sample;
    const az_control *control;
    int64_t first, n, width; /* width = n + n_targets: of r */
    int64_t rank;            /* of the features, the intercept not counted */
    double *ones;
    const double **columns, **low;
    double *r;       /* (width, width) of [1 X Y] */
    double *scale;   /* (n) powers of two that bring every column near length 1 */
    double *pivoted; /* (k, p) pivoted R of the centred, equilibrated features */
    int64_t k, *order;
    double *independent; /* (first + rank)^2: R of the independent columns */
    int64_t *use;        /* their numbers in the design */
} solver;

static az_status factorise(solver *s, const double *constant)
{
    const az_sample *sample = s->sample;
    int64_t m = sample->n_rows, p = sample->n_features;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(s->ones, s->first ? m : 1));
    AZ_GOTO(AZ_NEW_ARRAY(s->columns, s->width));
    AZ_GOTO(AZ_NEW_ARRAY(s->low, s->width));
    AZ_GOTO(AZ_NEW_ARRAY(s->r, s->width * s->width));
    AZ_GOTO(AZ_NEW_ARRAY(s->scale, s->width));
    for (int64_t i = 0; i < (s->first ? m : 1); i++) s->ones[i] = constant ? constant[i] : 1.0;
    for (int64_t j = 0; j < s->width; j++) {
        int64_t feature = j - s->first, target = j - s->n;
        s->columns[j] = feature < 0 ? s->ones : feature < p ? sample->x + feature * m : sample->y + target * m;
        s->low[j] = feature >= 0 && feature < p && sample->x_low ? sample->x_low + feature * m : NULL;
    }
    bool negative = false;
    for (int64_t i = 0; sample->weight && i < m; i++) negative |= sample->weight[i] < 0;
    int n_threads = az_control_threads(s->control);
    if (negative)
        AZ_GOTO(az_signed_qr(m, s->n, s->width, s->columns, sample->weight, s->r, n_threads));
    else
        AZ_GOTO(az_tsqr(m, s->width, s->columns, sample->weight, s->r, s->width, n_threads));
    for (int64_t j = 0; j < s->width; j++) {
        double norm = 0.0;
        for (int64_t i = 0; i <= j; i++) norm = hypot(norm, s->r[j * s->width + i]);
        if (!isfinite(norm)) {
            status = az_error(AZ_ERROR_DATA, "%s has values too large for least squares; scale it",
                              j < s->first       ? "the weight"
                              : j >= s->n        ? "the target"
                              : sample->features ? sample->features[j - s->first].name
                                                 : "a feature");
            goto done;
        }
        int exponent = 0;
        if (norm > 0.0) frexp(norm, &exponent);
        s->scale[j] = ldexp(1.0, -exponent);
    }
done:
    return status == AZ_ERROR_MEMORY
               ? az_error(status, "out of memory for least squares with %lld columns", (long long)s->n)
               : status;
}

/* Rank by QR with column pivoting.  A column that lies in the span of others still leaves their rounding errors, some
 * eps of its length before centring; so columns are measured by that length. */
static az_status find_rank(solver *s)
{
    int64_t p = s->sample->n_features, rows = s->sample->n_rows - s->first;
    az_status status;
    s->k = rows < p ? rows : p;
    if (s->k < 0) s->k = 0;
    AZ_GOTO(AZ_NEW_ARRAY(s->pivoted, s->k * p + 1));
    AZ_GOTO(AZ_NEW_ARRAY(s->order, p + 1));
    for (int64_t j = 0; j < p; j++)
        for (int64_t i = 0; i < s->k; i++)
            s->pivoted[j * s->k + i] = s->r[(j + s->first) * s->width + i + s->first] * s->scale[j + s->first];
    double tolerance = DBL_EPSILON * (32.0 + (double)p);
    for (int64_t j = 0; j < p; j++) {
        double *column = s->pivoted + j * s->k, norm = 0.0;
        for (int64_t i = 0; i < s->k; i++) norm = hypot(norm, column[i]);
        for (int64_t i = 0; norm <= tolerance && i < s->k; i++) column[i] = 0.0; /* a constant */
    }
    AZ_GOTO(az_qr_pivoted(s->k, p, s->pivoted, s->k, s->order));
    while (s->rank < s->k && fabs(s->pivoted[s->rank * s->k + s->rank]) > tolerance) s->rank++;

    int64_t n = s->first + s->rank;
    AZ_GOTO(AZ_NEW_ARRAY(s->use, n + 1));
    AZ_GOTO(AZ_NEW_ARRAY(s->independent, n * n + 1));
    if (s->first) s->use[0] = 0;
    for (int64_t j = 0; j < s->rank; j++) s->use[s->first + j] = s->first + (s->rank == p ? j : s->order[j]);
    for (int64_t j = 0; j < n; j++) {
        for (int64_t i = 0; i < n; i++) {
            double value = s->r[s->use[j] * s->width + i];
            if (s->rank < p && i >= s->first)
                value = i <= j ? s->pivoted[(j - s->first) * s->k + i - s->first] / s->scale[s->use[j]] : 0.0;
            s->independent[j * n + i] = i <= j ? value : 0.0;
        }
    }
done:
    return status == AZ_ERROR_MEMORY
               ? az_error(status, "out of memory for least squares with %lld columns", (long long)s->n)
               : status;
}

/* Condition number of the equilibrated independent columns; for very many of them the ratio of the pivots. */
static az_status find_condition(const solver *s, double *condition)
{
    int64_t n = s->first + s->rank;
    *condition = n ? 1.0 : NAN;
    if (n == 0) return AZ_OK;
    if (n > MAX_CONDITION_COLUMNS) {
        *condition = fabs(s->pivoted[0] / s->pivoted[(s->rank - 1) * s->k + s->rank - 1]);
        return AZ_OK;
    }
    double *work = az_alloc_array(n * (3 * n + 1), sizeof *work);
    if (!work) return az_error(AZ_ERROR_MEMORY, "out of memory for the condition number");
    double *a = work + n, *u = a + n * n, *vt = u + n * n;
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < n; i++) a[j * n + i] = s->independent[j * n + i] * s->scale[s->use[j]];
    az_status status = az_svd(n, n, a, n, work, u, n, vt, n);
    if (!status) *condition = work[0] / work[n - 1];
    az_free(work);
    return status;
}

/* (X^T W X)^-1 of the independent columns, (n, n). */
static az_status find_covariance(const solver *s, const az_tall *tall, double condition, double *covariance)
{
    int64_t n = tall->n;
    az_status status = AZ_OK;
    double *low = az_alloc_array(n + 1, sizeof *low);
    if (!low) return az_error(AZ_ERROR_MEMORY, "out of memory for the covariance");
    /* Errors of R enter magnified by the condition number.  Where that shows, each column is refined as the solution
     * is, unless the data are so many that it would take minutes. */
    double work = (double)tall->n_rows * (double)n * (double)n;
    bool refine = condition * DBL_EPSILON > 1e-11 && work < 1e9;
    for (int64_t k = 0; k < n; k++) {
        double *column = covariance + k * n;
        for (int64_t i = 0; i < n; i++) column[i] = low[i] = 0.0;
        column[k] = 1.0;
        az_solve_normal(n, s->independent, column);
        bool converged;
        if (refine)
            AZ_GOTO(az_refine(tall, s->independent, condition, NULL, k, column, low, NULL, &converged, s->control));
    }
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < j; i++)
            covariance[j * n + i] = covariance[i * n + j] = 0.5 * (covariance[j * n + i] + covariance[i * n + j]);
done:
    az_free(low);
    return status;
}

/* The rows of the pivoted R as columns (p, rank) in the features' order, orthonormalised: a basis of all directions in
 * which the data determine the coefficients; of the features as given, or of the equilibrated ones. */
static az_status determined_directions(const solver *s, bool equilibrated, double *basis)
{
    int64_t p = s->sample->n_features;
    for (int64_t j = 0; j < p; j++) {
        int64_t to = s->order[j];
        double scale = equilibrated ? 1.0 : s->scale[s->first + to];
        for (int64_t i = 0; i < s->rank; i++) basis[i * p + to] = s->pivoted[j * s->k + i] / scale;
    }
    return az_qr(p, s->rank, basis, p, NULL, 0);
}

static void warn_about_dependence(const solver *s, const bool *determined)
{
    const az_feature *features = s->sample->features;
    int64_t p = s->sample->n_features, count = 0, named = 0;
    for (int64_t j = 0; j < p; j++) count += !determined[j];
    az_text names = {0};
    for (int64_t j = 0; j < p && named < MAX_NAMES && features; j++) {
        if (determined[j]) continue;
        az_text_printf(&names, "%s%s", named ? ", " : ": ", features[j].name);
        named++;
    }
    az_warning(s->control,
               "%lld of %lld columns depend linearly on each other%s%s%s; the shortest of the coefficients that fit "
               "equally well were taken, their standard errors are not known",
               (long long)count, (long long)p, s->first ? " or are constant" : "", names.data ? names.data : "",
               named && named < count ? ", ..." : "");
    az_text_free(&names);
}

/* Turns the solution for the independent columns into the one of least length: the projection on the determined
 * directions.  The intercept keeps the mean of the predictions.  covariance is (p + 1)^2 with zeros for the dependent
 * columns, or NULL. */
static az_status shortest_solution(const solver *s, az_least_squares *solution)
{
    int64_t p = s->sample->n_features, rank = s->rank, t = s->sample->n_targets;
    az_status status;
    double *basis = NULL, *work = NULL, *full = NULL;
    bool *determined = NULL;
    AZ_GOTO(AZ_NEW_ARRAY(basis, p * rank + 1));
    AZ_GOTO(AZ_NEW_ARRAY(work, 3 * (p + rank) + 1));
    AZ_GOTO(AZ_NEW_ARRAY(determined, p + 1));
    double *mean = work, *kept = work + p, *part = work + 2 * p; /* part: (rank) */

    AZ_GOTO(determined_directions(s, true, basis));
    for (int64_t j = 0; j < p; j++) {
        double length = 0.0;
        for (int64_t i = 0; i < rank; i++) length += basis[i * p + j] * basis[i * p + j];
        determined[j] = length > 1.0 - 1e-8;
        mean[j] = s->first ? s->r[(j + 1) * s->width] * s->scale[j + 1] : 0.0;
    }
    az_gemv(true, p, rank, 1.0, basis, p, mean, 0.0, part);
    az_gemv(false, p, rank, 1.0, basis, p, part, 0.0, kept);
    double away = 0.0, length = 0.0;
    for (int64_t j = 0; j < p; j++) {
        away = hypot(away, mean[j] - kept[j]);
        length = hypot(length, mean[j]);
    }
    bool intercept_determined = away <= 1e-8 * length;

    AZ_GOTO(determined_directions(s, false, basis));
    for (int64_t j = 0; j < p; j++) mean[j] = s->first ? s->r[(j + 1) * s->width] / s->r[0] : 0.0;
    for (int64_t k = 0; k < t; k++) {
        double *b = solution->coefficient + k * p;
        az_gemv(true, p, rank, 1.0, basis, p, b, 0.0, part);
        az_gemv(false, p, rank, 1.0, basis, p, part, 0.0, kept);
        for (int64_t j = 0; j < p; j++) {
            solution->intercept[k] += mean[j] * (b[j] - kept[j]);
            b[j] = kept[j];
        }
    }
    warn_about_dependence(s, determined);
    if (solution->covariance) {
        /* new = T old T^T, T = [1, mean^T (I - Q Q^T); 0, Q Q^T] */
        int64_t n = p + 1;
        AZ_GOTO(AZ_NEW_ARRAY(full, 2 * n * n));
        double *t_matrix = full, *product = full + n * n;
        az_gemm(false, true, p, p, rank, 1.0, basis, p, basis, p, 0.0, t_matrix + n + 1, n);
        t_matrix[0] = 1.0;
        for (int64_t j = 0; j < p; j++) {
            t_matrix[j + 1] = 0.0;
            double sum = mean[j];
            for (int64_t i = 0; i < p; i++) sum -= mean[i] * t_matrix[(j + 1) * n + i + 1];
            t_matrix[(j + 1) * n] = sum;
        }
        az_gemm(false, false, n, n, n, 1.0, t_matrix, n, solution->covariance, n, 0.0, product, n);
        az_gemm(false, true, n, n, n, 1.0, product, n, t_matrix, n, 0.0, solution->covariance, n);
        if (!intercept_determined) solution->covariance[0] = NAN;
        for (int64_t j = 0; j < p; j++)
            if (!determined[j]) solution->covariance[(j + 1) * n + j + 1] = NAN;
    }
done:
    az_free(basis);
    az_free(work);
    az_free(full);
    az_free(determined);
    return status == AZ_ERROR_MEMORY
               ? az_error(status, "out of memory for least squares with %lld columns", (long long)p)
               : status;
}

az_status az_least_squares_solve(az_least_squares *solution, const az_sample *sample, bool intercept,
                                 const az_control *control)
{
    int64_t p = sample->n_features, t = sample->n_targets, m = sample->n_rows;
    solver s = {
        .sample = sample, .control = control, .first = intercept, .n = intercept + p, .width = intercept + p + t};
    az_status status;
    const double **columns = NULL, **low = NULL;
    double *b = NULL, *covariance = NULL;
    AZ_GOTO(factorise(&s, solution->constant));
    if (solution->triangle) memcpy(solution->triangle, s.r, (size_t)(s.width * s.width) * sizeof *s.r);
    AZ_GOTO(az_check_interrupt(control));
    AZ_GOTO(find_rank(&s));
    int64_t n = s.first + s.rank;
    solution->rank = n;
    AZ_GOTO(find_condition(&s, &solution->condition));
    AZ_GOTO(AZ_NEW_ARRAY(columns, n + 1));
    AZ_GOTO(AZ_NEW_ARRAY(low, n + 1));
    AZ_GOTO(AZ_NEW_ARRAY(b, 2 * n + 1));
    for (int64_t j = 0; j < n; j++) {
        columns[j] = s.columns[s.use[j]];
        low[j] = s.low[s.use[j]];
    }
    az_tall tall = {.n_rows = m,
                    .n = n,
                    .columns = columns,
                    .low = low,
                    .weight = sample->weight,
                    .n_threads = az_control_threads(control)};
    solution->converged = true;
    for (int64_t k = 0; k < t; k++) {
        const double *z = s.r + (s.n + k) * s.width; /* Q^T y */
        solution->total[k] = 0.0;
        for (int64_t i = s.first; i <= s.n + k; i++) solution->total[k] += z[i] * z[i];
        for (int64_t j = 0; j < 2 * n; j++) b[j] = 0.0;
        if (s.rank == p) { /* the solution by QR, to start from */
            for (int64_t j = n - 1; j >= 0; j--) {
                double sum = z[j];
                for (int64_t i = j + 1; i < n; i++) sum -= s.independent[i * n + j] * b[i];
                b[j] = sum / s.independent[j * n + j];
            }
        }
        bool converged;
        AZ_GOTO(az_refine(&tall, s.independent, solution->condition, sample->y + k * m, -1, b, b + n,
                          &solution->residual[k], &converged, control));
        solution->converged = solution->converged && converged;
        solution->intercept[k] = s.first ? b[0] : 0.0;
        for (int64_t j = 0; j < p; j++) solution->coefficient[k * p + j] = 0.0;
        for (int64_t j = s.first; j < n; j++) solution->coefficient[k * p + s.use[j] - s.first] = b[j];
    }
    if (!solution->converged)
        az_warning(control,
                   "the columns are so nearly dependent (condition number about 1e%d) that not all digits of the "
                   "coefficients are known",
                   (int)lround(log10(solution->condition)));
    if (solution->covariance) {
        AZ_GOTO(AZ_NEW_ARRAY(covariance, n * n + 1));
        AZ_GOTO(find_covariance(&s, &tall, solution->condition, covariance));
        for (int64_t i = 0; i < (p + 1) * (p + 1); i++) solution->covariance[i] = 0.0;
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < n; i++)
                solution->covariance[(s.use[j] + 1 - s.first) * (p + 1) + s.use[i] + 1 - s.first] =
                    covariance[j * n + i];
    }
    if (s.rank < p) AZ_GOTO(shortest_solution(&s, solution));
done:
    az_free(s.ones);
    az_free(s.columns);
    az_free(s.low);
    az_free(s.r);
    az_free(s.scale);
    az_free(s.pivoted);
    az_free(s.order);
    az_free(s.independent);
    az_free(s.use);
    az_free(columns);
    az_free(low);
    az_free(b);
    az_free(covariance);
    return status == AZ_ERROR_MEMORY
               ? az_error(status, "out of memory for least squares with %lld columns", (long long)p)
               : status;
}
