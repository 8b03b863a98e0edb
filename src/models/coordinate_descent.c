/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/coordinate_descent.h"

#include "base/linalg.h"
#include "base/parallel.h"

#include <math.h>
#include <string.h>

/* ---- the centred problem ---- */

enum { GRAM_TILE = 64, MOST_GRAM_FEATURES = 8192 };

typedef struct gram_job {
    const az_descent *descent;
    int64_t n_tiles;
} gram_job;

/* One tile of Z'Z on or above the diagonal, mirrored: each number is one product over all rows, so that no sum is cut
 * by the number of threads. */
static void gram_tile(void *context, int64_t block, int thread)
{
    const gram_job *job = context;
    const az_descent *descent = job->descent;
    const int64_t n = descent->n_rows, p = descent->n_features;
    (void)thread;
    int64_t row = block / job->n_tiles * GRAM_TILE, column = block % job->n_tiles * GRAM_TILE;
    if (row > column) return;
    int64_t height = p - row < GRAM_TILE ? p - row : GRAM_TILE, width = p - column < GRAM_TILE ? p - column : GRAM_TILE;
    az_gemm(true, false, height, width, n, 1, descent->z + row * n, n, descent->z + column * n, n, 0,
            descent->gram + column * p + row, p);
    for (int64_t j = column; j < column + width; j++)
        for (int64_t i = row; i < row + height; i++)
            if (i < j) descent->gram[i * p + j] = descent->gram[j * p + i];
}

typedef struct center_job {
    az_descent *descent;
    const az_sample *sample;
    const int64_t *rows;
    const double *root; /* sqrt(w_i / sum w) */
    bool fit_intercept;
} center_job;

/* mean = sum root_i^2 x_i, z_i = root_i (x_i - mean). */
static double center(const double *x, const int64_t *rows, int64_t n, const double *root, bool subtract, double *z)
{
    double mean = 0;
    if (subtract) {
        for (int64_t i = 0; i < n; i++) z[i] = root[i] * root[i] * x[rows ? rows[i] : i];
        mean = az_sum_of(n, z, 1);
    }
    for (int64_t i = 0; i < n; i++) z[i] = root[i] * (x[rows ? rows[i] : i] - mean);
    return mean;
}

static void center_feature(void *context, int64_t j, int thread)
{
    const center_job *job = context;
    az_descent *descent = job->descent;
    double *z = descent->z + j * descent->n_rows;
    (void)thread;
    descent->mean[j] =
        center(job->sample->x + j * job->sample->n_rows, job->rows, descent->n_rows, job->root, job->fit_intercept, z);
    descent->square[j] = az_dot(descent->n_rows, z, z);
    descent->moment[j] = az_dot(descent->n_rows, z, descent->y);
}

az_status az_descent_new(az_descent *descent, const az_sample *sample, int64_t target, bool fit_intercept,
                         const int64_t *rows, int64_t n_rows, int n_threads)
{
    const int64_t n = rows ? n_rows : sample->n_rows, p = sample->n_features;
    az_status status = AZ_OK;
    double *root = NULL;
    *descent = (az_descent){.n_rows = n, .n_features = p};
    AZ_GOTO(AZ_NEW_ARRAY(root, n));
    AZ_GOTO(AZ_NEW_ARRAY(descent->z, n * p));
    AZ_GOTO(AZ_NEW_ARRAY(descent->y, n));
    AZ_GOTO(AZ_NEW_ARRAY(descent->mean, p));
    AZ_GOTO(AZ_NEW_ARRAY(descent->moment, p));
    AZ_GOTO(AZ_NEW_ARRAY(descent->square, p));
    AZ_GOTO(AZ_NEW_ARRAY(descent->gradient, p));
    AZ_GOTO(AZ_NEW_ARRAY(descent->active, p));
    bool use_gram = p <= n && p <= MOST_GRAM_FEATURES;
    if (use_gram) {
        AZ_GOTO(AZ_NEW_ARRAY(descent->gram, p * p));
        AZ_GOTO(AZ_NEW_ARRAY(descent->work, p * p + 2 * p));
    } else {
        AZ_GOTO(AZ_NEW_ARRAY(descent->residual, n));
    }
    for (int64_t i = 0; i < n; i++) root[i] = sample->weight ? sample->weight[rows ? rows[i] : i] : 1;
    double total = az_sum_of(n, root, 1);
    for (int64_t i = 0; i < n; i++) root[i] = sqrt(root[i] / total);
    descent->y_mean = center(sample->y + target * sample->n_rows, rows, n, root, fit_intercept, descent->y);
    descent->y_square = az_dot(n, descent->y, descent->y);
    center_job job = {descent, sample, rows, root, fit_intercept};
    az_parallel(n_threads, p, center_feature, &job);
    if (use_gram) {
        gram_job gram = {descent, (p + GRAM_TILE - 1) / GRAM_TILE};
        az_parallel(n_threads, gram.n_tiles * gram.n_tiles, gram_tile, &gram);
    }
done:
    az_free(root);
    if (status) az_descent_free(descent);
    return status;
}

void az_descent_free(az_descent *descent)
{
    az_free(descent->z);
    az_free(descent->y);
    az_free(descent->mean);
    az_free(descent->gram);
    az_free(descent->moment);
    az_free(descent->square);
    az_free(descent->residual);
    az_free(descent->gradient);
    az_free(descent->work);
    az_free(descent->active);
    *descent = (az_descent){0};
}

double az_descent_strongest(const az_descent *descent)
{
    double strongest = 0;
    for (int64_t j = 0; j < descent->n_features; j++) strongest = fmax(strongest, fabs(descent->moment[j]));
    return strongest;
}

/* ---- the descent ---- */

/* Residual or gradient from scratch: drift of the updates ends here. */
static void refresh(az_descent *descent, const double *b)
{
    const int64_t n = descent->n_rows, p = descent->n_features;
    if (descent->gram) {
        memcpy(descent->gradient, descent->moment, (size_t)p * sizeof *b);
        for (int64_t j = 0; j < p; j++)
            if (b[j] != 0) az_axpy(p, -b[j], descent->gram + j * p, descent->gradient);
        return;
    }
    memcpy(descent->residual, descent->y, (size_t)n * sizeof *b);
    for (int64_t j = 0; j < p; j++)
        if (b[j] != 0) az_axpy(n, -b[j], descent->z + j * n, descent->residual);
}

static double gradient_of(const az_descent *descent, int64_t j)
{
    return descent->gram ? descent->gradient[j]
                         : az_dot(descent->n_rows, descent->z + j * descent->n_rows, descent->residual);
}

static void move(az_descent *descent, int64_t j, double step)
{
    if (descent->gram)
        az_axpy(descent->n_features, -step, descent->gram + j * descent->n_features, descent->gradient);
    else
        az_axpy(descent->n_rows, -step, descent->z + j * descent->n_rows, descent->residual);
}

/* b_j <- soft(z_j'r + |z_j|^2 b_j, l1) / (|z_j|^2 + l2), Friedman et al., eq. 5.  Returns the greatest move of a
 * prediction, |step| |z_j|. */
static double sweep(az_descent *descent, double l1, double l2, bool active_only, double *b)
{
    double greatest = 0;
    for (int64_t j = 0; j < descent->n_features; j++) {
        double square = descent->square[j];
        if (square == 0 || (active_only && b[j] == 0)) continue;
        double partial = gradient_of(descent, j) + square * b[j];
        double shrunk = fmax(fabs(partial) - l1, 0);
        double next = copysign(shrunk, partial) / (square + l2);
        double step = next - b[j];
        if (step == 0) continue;
        b[j] = next;
        move(descent, j, step);
        greatest = fmax(greatest, fabs(step) * sqrt(square));
    }
    return greatest;
}

/* P(b) - D(theta) at the dual point theta = residual scaled into the feasible set; as in scikit-learn's
 * enet_coordinate_ descent.  With Z'r at hand, |r|^2 and r'y follow without the rows: r'y = |y|^2 - b'Z'y, |r|^2 = r'y
 * - b'Z'r. */
static double duality_gap(const az_descent *descent, double l1, double l2, const double *b)
{
    const int64_t p = descent->n_features;
    double dual_norm = 0, l1_norm = 0, b_square = 0, moment_b = 0, gradient_b = 0;
    for (int64_t j = 0; j < p; j++) {
        double gradient = gradient_of(descent, j);
        dual_norm = fmax(dual_norm, fabs(gradient - l2 * b[j]));
        l1_norm += fabs(b[j]);
        b_square += b[j] * b[j];
        moment_b += b[j] * descent->moment[j];
        gradient_b += b[j] * gradient;
    }
    double residual_y = descent->y_square - moment_b;
    double residual_square = residual_y - gradient_b;
    double scale = dual_norm > l1 && dual_norm > 0 ? l1 / dual_norm : 1;
    return 0.5 * residual_square * (1 + scale * scale) + l1 * l1_norm - scale * residual_y +
           0.5 * l2 * (1 + scale * scale) * b_square;
}

/* With signs s and the set A of non-zero coefficients settled, the minimum solves (G_AA + l2) b_A = Z_A'y - l1 s_A.
 * Taken if every sign stays: the last digits at once, where descent would creep along correlated columns. */
static void solve_active(az_descent *descent, double l1, double l2, double *b)
{
    const int64_t p = descent->n_features;
    int64_t m = 0;
    if (!descent->gram) return;
    for (int64_t j = 0; j < p; j++)
        if (b[j] != 0) descent->active[m++] = j;
    if (m == 0) return;
    double *factor = descent->work, *solution = descent->work + p * p;
    for (int64_t c = 0; c < m; c++) {
        int64_t j = descent->active[c];
        for (int64_t r = 0; r < m; r++) factor[c * m + r] = descent->gram[j * p + descent->active[r]];
        factor[c * m + c] += l2;
        solution[c] = descent->moment[j] - copysign(l1, b[j]);
    }
    if (az_cholesky(true, m, factor, m)) return; /* dependent columns: descent goes on */
    az_triangular_solve(true, true, m, 1, factor, m, solution, m);
    az_triangular_solve(true, false, m, 1, factor, m, solution, m);
    for (int64_t c = 0; c < m; c++)
        if (!(solution[c] * b[descent->active[c]] > 0)) return;
    for (int64_t c = 0; c < m; c++) b[descent->active[c]] = solution[c];
}

az_status az_descent_run(az_descent *descent, double l1, double l2, double tol, int64_t max_sweeps, double *b,
                         az_iteration *iteration, int64_t *n_sweeps, double *gap, bool *converged)
{
    const double target = tol * descent->y_square, still = 1e-15 * sqrt(descent->y_square);
    *converged = false;
    refresh(descent, b);
    *gap = duality_gap(descent, l1, l2, b);
    while (!(*converged = *gap <= target) && *n_sweeps < max_sweeps) {
        double greatest = sweep(descent, l1, l2, false, b);
        ++*n_sweeps;
        /* The active coefficients are settled among themselves before all others are looked at again. */
        for (int inner = 0; inner < 10 && greatest > still; inner++) greatest = sweep(descent, l1, l2, true, b);
        solve_active(descent, l1, l2, b);
        /* From here on all follows from b alone, which makes it a whole checkpoint. */
        refresh(descent, b);
        *gap = duality_gap(descent, l1, l2, b);
        if (greatest <= still) { /* the gap that is left is rounding */
            *converged = true;
            break;
        }
        if (iteration) AZ_TRY(az_iteration_next(iteration, *n_sweeps, "duality gap", *gap));
    }
    return AZ_OK;
}
