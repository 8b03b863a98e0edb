/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/logistic_solve.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "optim/newton_cg.h"
#include "optim/proximal_quadratic.h"

#include <float.h>
#include <string.h>

/* The greatest order of a matrix that is factorised or held whole: 128 MiB. */
enum { GREATEST_ORDER = 4096 };

static bool is_coefficient(const az_logistic_loss *loss, int64_t parameter)
{
    return parameter % loss->size < loss->n_features;
}

/* The gradient of the mean loss has the unit of the feature, so that |g_j| / rms_j is a plain number: the same bound
 * means the same for every feature, scaled or not.  Where w_j = 0 a subgradient of l1 |w_j| is any number up to l1. */
static double gradient_norm(const az_logistic_loss *loss, const double *w, const double *gradient, double l1)
{
    double norm = 0;
    for (int64_t j = 0; j < loss->n_parameters; j++) {
        double g = gradient[j], bound = is_coefficient(loss, j) ? l1 : 0;
        double size = w[j] != 0 ? fabs(g + (w[j] > 0 ? bound : -bound)) : fmax(fabs(g) - bound, 0);
        norm = fmax(norm, size / loss->rms[j % loss->size]);
    }
    return norm;
}

/* ---- the smooth objective ---- */

/* M.  For a softmax at first A (x) S, A the mean curvature of the outputs and S the second moments of the features: the
 * Hessian where all rows have the same probabilities, as at the start, and it costs next to nothing.  Where that serves
 * badly, and for a sigmoid, the Hessian from some of the rows, factorised: of all parameters at once while that is
 * small enough; else one output at a time; else the diagonal that it has where all classes are equally probable. */
typedef struct preconditioner {
    az_logistic_loss *loss;
    int64_t n_blocks, order; /* 0 blocks: diagonal */
    int64_t n_rows, *rows;   /* NULL: all */
    double *factor;          /* (n_blocks, order, order) upper Cholesky factors */
    bool product;            /* M is A (x) S */
    double *moments;         /* (2, size, size) S and the factor of S + l2 / mean(A) */
    double *curvature;       /* (2, n_outputs, n_outputs) the factor of A and its inverse */
    double *spare;           /* (n_parameters) */
} preconditioner;

/* More conjugate gradient steps than this for one Newton step: the product serves badly. */
enum { MOST_PRODUCTS = 12 };

static void preconditioner_free(preconditioner *m)
{
    az_free(m->rows);
    az_free(m->factor);
    az_free(m->moments);
    az_free(m->curvature);
    az_free(m->spare);
}

/* How many rows: the work of 8 Hessian products, but at least 2e9 operations, which are cheap on any machine, and
 * enough rows for the sampled matrix to be near the whole one.  One row of each stratum is taken, at a place within it
 * that moves by the golden ratio, so that no period of the data is hit. */
static az_status preconditioner_new(preconditioner *m, az_logistic_loss *loss)
{
    *m = (preconditioner){.loss = loss};
    if (loss->n_parameters <= GREATEST_ORDER) {
        m->n_blocks = 1;
        m->order = loss->n_parameters;
    } else if (loss->size <= GREATEST_ORDER) {
        m->n_blocks = loss->n_outputs;
        m->order = loss->size;
    } else {
        return AZ_OK;
    }
    const double n = (double)loss->n_rows, size = (double)loss->size, all = (double)loss->n_parameters;
    const double wanted = fmax(fmax(64 * n / ((double)(loss->n_outputs + 1) * size), 12 * size), 4e9 / (all * all));
    az_status status = AZ_OK;
    m->n_rows = loss->n_rows;
    if (wanted < 0.8 * n) {
        m->n_rows = (int64_t)wanted;
        AZ_GOTO(AZ_NEW_ARRAY(m->rows, m->n_rows));
        const double stratum = n / (double)m->n_rows;
        for (int64_t i = 0; i < m->n_rows; i++) {
            double within = (double)i * 0.61803398874989485;
            m->rows[i] = (int64_t)(((double)i + within - floor(within)) * stratum);
            if (m->rows[i] >= loss->n_rows) m->rows[i] = loss->n_rows - 1;
        }
    }
    if (loss->n_outputs > 1) {
        AZ_GOTO(AZ_NEW_ARRAY(m->moments, 2 * loss->size * loss->size));
        AZ_GOTO(AZ_NEW_ARRAY(m->curvature, 2 * loss->n_outputs * loss->n_outputs));
        AZ_GOTO(AZ_NEW_ARRAY(m->spare, loss->n_parameters));
        AZ_GOTO(az_logistic_hessian(loss, m->rows, m->n_rows, AZ_LOGISTIC_PLAIN, m->moments));
        m->product = true;
    }
done:
    return status;
}

/* Makes h (order, order), the Hessian of outputs first .. first + n_outputs - 1, positive definite:
 * - a feature that the chosen rows do not show (a rare level) gets the diagonal that its root mean square suggests;
 * - adding a vector to all outputs of a softmax changes nothing, which 11^T / K mends without touching the rest;
 * - delta lifts what rounding or collinear features have left at zero. */
static void make_definite(const az_logistic_loss *loss, double *h, int64_t order, double delta)
{
    const int64_t size = loss->size, n_outputs = order / size;
    double curvature = 0;
    for (int64_t j = 0; j < order; j++) {
        double rms = loss->rms[j % size], l2 = is_coefficient(loss, j) ? loss->l2 : 0;
        curvature = fmax(curvature, (h[j * order + j] - l2) / (rms * rms));
    }
    if (!(curvature > 0)) curvature = loss->l2 > 0 ? loss->l2 : 1;
    for (int64_t j = 0; j < order; j++) {
        double unit = curvature * loss->rms[j % size] * loss->rms[j % size], *diagonal = h + j * order + j;
        if (!(*diagonal > 1e-12 * unit)) *diagonal = unit;
        *diagonal *= 1 + delta;
    }
    for (int64_t j = 0; j < size && n_outputs > 1; j++) {
        if (j < loss->n_features && loss->l2 > 0) continue;
        double unit = curvature * loss->rms[j] * loss->rms[j] / (double)n_outputs;
        for (int64_t l = 0; l < n_outputs; l++)
            for (int64_t k = 0; k <= l; k++) h[(l * size + j) * order + k * size + j] += unit;
    }
}

/* A has the vector of ones in its null space, which 11^T / K lifts; the l2 penalty goes into S. */
static az_status product_update(preconditioner *m)
{
    const az_logistic_loss *loss = m->loss;
    const int64_t n_outputs = loss->n_outputs, size = loss->size;
    double *a = m->curvature, *inverse = a + n_outputs * n_outputs, *s = m->moments + size * size, trace = 0;
    az_logistic_mean_curvature(loss, a);
    for (int64_t k = 0; k < n_outputs; k++) trace += a[k * n_outputs + k];
    const double mean = trace > 0 ? trace / (double)n_outputs : 1;
    for (int64_t k = 0; k < n_outputs * n_outputs; k++) {
        bool diagonal = k % (n_outputs + 1) == 0;
        a[k] += mean / (double)n_outputs + (diagonal ? 1e-6 * mean : 0);
        inverse[k] = diagonal;
    }
    memcpy(s, m->moments, (size_t)(size * size) * sizeof *s);
    for (int64_t j = 0; j < size; j++) {
        double unit = loss->rms[j] * loss->rms[j], *diagonal = s + j * size + j;
        if (!(*diagonal > 1e-12 * unit)) *diagonal = unit; /* a rare level that the chosen rows do not show */
        *diagonal += 1e-9 * unit + (j < loss->n_features ? loss->l2 / mean : 0);
    }
    AZ_TRY(az_cholesky(true, n_outputs, a, n_outputs));
    az_triangular_solve(true, true, n_outputs, n_outputs, a, n_outputs, inverse, n_outputs);
    az_triangular_solve(true, false, n_outputs, n_outputs, a, n_outputs, inverse, n_outputs);
    return az_cholesky(true, size, s, size);
}

static az_status preconditioner_update(preconditioner *m)
{
    if (m->product) {
        if (product_update(m) == AZ_OK) return AZ_OK;
        m->product = false; /* so nearly singular that rounding spoils it */
    }
    if (m->n_blocks > 0 && !m->factor) AZ_TRY(AZ_NEW_ARRAY(m->factor, m->n_blocks * m->order * m->order));
    for (int64_t b = 0; b < m->n_blocks; b++) {
        double *h = m->factor + b * m->order * m->order;
        az_status status = AZ_ERROR_DATA;
        for (double delta = 1e-9; status == AZ_ERROR_DATA && delta < 1e4; delta *= 1e3) {
            AZ_TRY(az_logistic_hessian(m->loss, m->rows, m->n_rows, m->n_blocks == 1 && m->loss->n_outputs > 1 ? -1 : b,
                                       h));
            make_definite(m->loss, h, m->order, delta);
            status = az_cholesky(true, m->order, h, m->order);
        }
        if (status) return status;
    }
    return AZ_OK;
}

static void precondition(void *context, double *r)
{
    const preconditioner *m = context;
    const az_logistic_loss *loss = m->loss;
    if (m->product) { /* S^-1 R A^-1 */
        const int64_t n_outputs = loss->n_outputs, size = loss->size;
        const double *s = m->moments + size * size;
        az_triangular_solve(true, true, size, n_outputs, s, size, r, size);
        az_triangular_solve(true, false, size, n_outputs, s, size, r, size);
        memcpy(m->spare, r, (size_t)loss->n_parameters * sizeof *r);
        az_gemm(false, false, size, n_outputs, n_outputs, 1, m->spare, size, m->curvature + n_outputs * n_outputs,
                n_outputs, 0, r, size);
        return;
    }
    for (int64_t b = 0; b < m->n_blocks; b++) {
        const double *factor = m->factor + b * m->order * m->order;
        az_triangular_solve(true, true, m->order, 1, factor, m->order, r + b * m->order, m->order);
        az_triangular_solve(true, false, m->order, 1, factor, m->order, r + b * m->order, m->order);
    }
    if (m->n_blocks > 0) return;
    const double p = loss->n_outputs == 1 ? 0.5 : 1 / (double)loss->n_outputs;
    for (int64_t j = 0; j < loss->n_parameters; j++) {
        double rms = loss->rms[j % loss->size];
        r[j] /= p * (1 - p) * rms * rms + (is_coefficient(loss, j) ? loss->l2 : 0);
    }
}

static double value_gradient(void *context, const double *w, double *gradient)
{
    return az_logistic_value_gradient(((preconditioner *)context)->loss, w, gradient);
}

static void hessian_product(void *context, const double *v, double *product)
{
    az_logistic_hessian_product(((preconditioner *)context)->loss, v, product);
}

/* The longest way that a coefficient went, in units that move the linear predictor by one. */
static double longest_move(const az_logistic_loss *loss, const double *from, const double *to)
{
    double longest = 0;
    for (int64_t j = 0; j < loss->n_parameters; j++)
        longest = fmax(longest, fabs(to[j] - from[j]) * loss->rms[j % loss->size]);
    return longest;
}

static az_status minimise_smooth(az_logistic_loss *loss, az_logistic_fit *fit, const az_control *control)
{
    const int64_t n = loss->n_parameters;
    preconditioner m = {0};
    double *work = NULL, moved = 0, product = loss->n_outputs > 1;
    int64_t start;
    az_iteration iteration;
    /* A step depends on w and the kind of preconditioner; how far the last one went tells divergence at the end. */
    const az_iteration_array state[] = {{"w", fit->w, n}, {"moved", &moved, 1}, {"product", &product, 1}};
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(work, 5 * n));
    AZ_GOTO(preconditioner_new(&m, loss));
    AZ_GOTO(az_iteration_begin(&iteration, control, "logistic", state, 3, fit->max_iter, &start));
    az_newton_cg newton = {.n = n, .context = &m, .value_gradient = value_gradient, .hessian_product = hessian_product,
                           .precondition = precondition, .x = fit->w, .gradient = fit->gradient, .work = work};
    double *before = work + 4 * n;
    newton.value = value_gradient(&m, fit->w, fit->gradient);
    for (fit->n_iterations = start;;) {
        fit->gradient_norm = gradient_norm(loss, fit->w, fit->gradient, 0);
        fit->converged = fit->gradient_norm <= fit->tol;
        if (fit->converged || fit->n_iterations >= fit->max_iter) break;
        memcpy(before, fit->w, (size_t)n * sizeof *before);
        m.product = m.product && product != 0;
        AZ_GOTO(preconditioner_update(&m));
        /* Eisenstat and Walker (1996): looser solves far from the minimum, tighter near it, converge superlinearly; the
         * last one need not go far below the tolerance. */
        double relative = fmin(0.25, sqrt(fit->gradient_norm)), enough = 0.5 * fit->tol / fit->gradient_norm;
        if (!az_newton_cg_step(&newton, fmax(relative, fmin(0.5, enough)))) {
            /* What the quadratic model still promises is lost in the rounding of the value. */
            fit->converged = newton.decrement <= 64 * DBL_EPSILON * newton.value;
            break;
        }
        moved = longest_move(loss, before, fit->w);
        if (newton.n_products > MOST_PRODUCTS) product = 0;
        fit->n_iterations++;
        AZ_GOTO(az_iteration_next(&iteration, fit->n_iterations, "loss", newton.value));
    }
    /* Where the classes can be separated each step makes the margin about 1 wider, for ever, while the gradient falls
     * by a factor of e; at a true minimum the last step is tiny. */
    fit->diverging = loss->l2 == 0 && moved > 0.01;
    if (fit->diverging) fit->converged = false;
    fit->value = newton.value;
done:
    az_free(work);
    preconditioner_free(&m);
    return status;
}

/* ---- with absolute values ---- */

typedef struct proximal {
    az_logistic_loss *loss;
    az_logistic_fit *fit;
    int64_t order;
    double *hessian;                         /* (order, order) */
    double *bound, *step, *product;          /* (order) */
    double *trial, *trial_gradient;          /* (n_parameters) */
    double objective;                        /* f + l1 |.| at w */
} proximal;

static double absolute_values(const az_logistic_loss *loss, const double *w, double l1)
{
    double sum = 0;
    for (int64_t j = 0; j < loss->n_parameters; j++)
        if (is_coefficient(loss, j)) sum += fabs(w[j]);
    return l1 * sum;
}

/* A proximal Newton step on the parameters of one block, with a backtracking line search (Lee, Sun, Saunders 2014,
 * algorithm 1).  *promised grows by the decrease that the model promised and the search did not find. */
static az_status proximal_step(proximal *p, int64_t block, bool *moved, double *promised)
{
    az_logistic_loss *loss = p->loss;
    az_logistic_fit *fit = p->fit;
    const int64_t order = p->order, n = loss->n_parameters;
    double *w = fit->w + block * order, *gradient = fit->gradient + block * order, *h = p->hessian;
    AZ_TRY(az_logistic_hessian(loss, NULL, loss->n_rows, order == n && loss->n_outputs > 1 ? -1 : block, h));
    for (int64_t j = 0; j < order; j++)
        for (int64_t i = 0; i < j; i++) h[i * order + j] = h[j * order + i];
    const double norm = gradient_norm(loss, fit->w, fit->gradient, fit->l1);
    az_proximal_quadratic(order, h, gradient, w, p->bound, norm * fmin(0.01, norm), p->step, p->product);
    double promise = 0;
    for (int64_t j = 0; j < order; j++)
        promise += gradient[j] * p->step[j] + p->bound[j] * (fabs(w[j] + p->step[j]) - fabs(w[j]));
    if (!(promise < 0)) return AZ_OK;
    const double slack = 8 * DBL_EPSILON * fabs(p->objective);
    memcpy(p->trial, fit->w, (size_t)n * sizeof *p->trial);
    for (double length = 1; length > 1e-10; length *= 0.5) {
        for (int64_t j = 0; j < order; j++) p->trial[block * order + j] = w[j] + length * p->step[j];
        double value = az_logistic_value_gradient(loss, p->trial, p->trial_gradient);
        double objective = value + absolute_values(loss, p->trial, fit->l1);
        if (!(objective <= p->objective + 1e-4 * length * promise + slack)) continue;
        memcpy(fit->w, p->trial, (size_t)n * sizeof *w);
        memcpy(fit->gradient, p->trial_gradient, (size_t)n * sizeof *gradient);
        fit->value = value;
        p->objective = objective;
        *moved = true;
        return AZ_OK;
    }
    *promised -= promise;
    fit->value = az_logistic_value_gradient(loss, fit->w, fit->gradient);
    return AZ_OK;
}

static az_status minimise_proximal(az_logistic_loss *loss, az_logistic_fit *fit, const az_control *control)
{
    const int64_t n = loss->n_parameters, order = n <= GREATEST_ORDER ? n : loss->size;
    proximal p = {.loss = loss, .fit = fit, .order = order};
    double *work = NULL;
    int64_t start;
    az_iteration iteration;
    const az_iteration_array state[] = {{"w", fit->w, n}};
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(work, 3 * order + 2 * n));
    AZ_GOTO(AZ_NEW_ARRAY(p.hessian, order * order));
    p.bound = work;
    p.step = p.bound + order;
    p.product = p.step + order;
    p.trial = p.product + order;
    p.trial_gradient = p.trial + n;
    for (int64_t j = 0; j < order; j++) p.bound[j] = is_coefficient(loss, j) ? fit->l1 : 0;
    AZ_GOTO(az_iteration_begin(&iteration, control, "logistic", state, 1, fit->max_iter, &start));
    fit->value = az_logistic_value_gradient(loss, fit->w, fit->gradient);
    p.objective = fit->value + absolute_values(loss, fit->w, fit->l1);
    for (fit->n_iterations = start;;) {
        fit->gradient_norm = gradient_norm(loss, fit->w, fit->gradient, fit->l1);
        fit->converged = fit->gradient_norm <= fit->tol;
        if (fit->converged || fit->n_iterations >= fit->max_iter) break;
        bool moved = false;
        double promised = 0;
        for (int64_t block = 0; block < n / order; block++) AZ_GOTO(proximal_step(&p, block, &moved, &promised));
        if (!moved) {
            fit->converged = promised <= 64 * DBL_EPSILON * p.objective;
            break;
        }
        fit->n_iterations++;
        AZ_GOTO(az_iteration_next(&iteration, fit->n_iterations, "objective", p.objective));
    }
done:
    az_free(work);
    az_free(p.hessian);
    return status;
}

az_status az_logistic_minimise(az_logistic_loss *loss, az_logistic_fit *fit, const az_control *control)
{
    fit->converged = fit->diverging = false;
    return fit->l1 > 0 ? minimise_proximal(loss, fit, control) : minimise_smooth(loss, fit, control);
}
