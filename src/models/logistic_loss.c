/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/logistic_loss.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <string.h>

#define BLOCK AZ_LOGISTIC_BLOCK

/* exp(x) = 2^k exp(r), k = round(x / log 2), |r| <= log(2) / 2, exp(r) by its Taylor polynomial of degree 13, whose
 * remainder 0.35^14 / 14! is below 5e-18.  log 2 is split in two so that k log 2 is exact (Cody and Waite 1980).  The
 * loop has no branch, so that compilers make vector code of it. */
void az_exp_nonpositive(int64_t n, double *x)
{
    const double rounder = 0x1.8p52;
    for (int64_t i = 0; i < n; i++) {
        double value = x[i] > -708 ? x[i] : -708;
        double shifted = value * 1.4426950408889634 + rounder, k = shifted - rounder;
        double r = (value - k * 0x1.62e42fefap-1) - k * 0x1.cf79abc9e3b3ap-40;
        double p = 1.0 / 6227020800;
        p = p * r + 1.0 / 479001600;
        p = p * r + 1.0 / 39916800;
        p = p * r + 1.0 / 3628800;
        p = p * r + 1.0 / 362880;
        p = p * r + 1.0 / 40320;
        p = p * r + 1.0 / 5040;
        p = p * r + 1.0 / 720;
        p = p * r + 1.0 / 120;
        p = p * r + 1.0 / 24;
        p = p * r + 1.0 / 6;
        p = p * r + 0.5;
        p = p * r + 1;
        p = p * r + 1;
        /* The low bits of `shifted` hold k; moved into the exponent they make 2^k. */
        uint64_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        bits = (bits + 1023) << 52;
        double power;
        memcpy(&power, &bits, sizeof power);
        x[i] = x[i] > -708 ? p * power : 0;
    }
}

az_status az_logistic_loss_new(az_logistic_loss *loss, const az_sample *sample, const double *weight,
                               bool fit_intercept, int n_threads)
{
    int64_t n_rows = sample->n_rows, n_blocks = (n_rows + BLOCK - 1) / BLOCK;
    int64_t n_outputs = sample->n_classes == 2 ? 1 : sample->n_classes;
    *loss = (az_logistic_loss){.n_rows = n_rows,
                               .n_features = sample->n_features,
                               .n_outputs = n_outputs,
                               .size = sample->n_features + fit_intercept,
                               .fit_intercept = fit_intercept,
                               .x = sample->x,
                               .label = sample->label,
                               .n_threads = n_threads < 1 ? 1 : n_threads,
                               .n_chunks = n_blocks < 64 ? n_blocks : 64};
    az_status status = AZ_OK;
    if (loss->size > INT64_MAX / 16 / n_outputs || n_rows > INT64_MAX / 16 / n_outputs) {
        status =
            az_error(AZ_ERROR_MEMORY, "logistic: too many rows or features for %lld classes", (long long)n_outputs);
        goto done;
    }
    loss->n_parameters = loss->size * n_outputs;
    AZ_GOTO(AZ_NEW_ARRAY(loss->weight, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(loss->probability, n_rows * n_outputs));
    AZ_GOTO(AZ_NEW_ARRAY(loss->slots, loss->n_chunks * (loss->n_parameters + 1)));
    AZ_GOTO(AZ_NEW_ARRAY(loss->scratch, loss->n_threads * 2 * BLOCK * (n_outputs + 1)));
    AZ_GOTO(AZ_NEW_ARRAY(loss->rms, loss->size));
    for (int64_t i = 0; i < n_rows; i++) loss->weight[i] = weight[i];
    loss->total_weight = az_sum_of(n_rows, weight, 1);
    for (int64_t i = 0; i < n_rows; i++) loss->weight[i] /= loss->total_weight;
    for (int64_t j = 0; j < loss->size; j++) {
        double sum = 0;
        for (int64_t i = 0; j < loss->n_features && i < n_rows; i++)
            sum += loss->weight[i] * (loss->x[j * n_rows + i] * loss->x[j * n_rows + i]);
        loss->rms[j] = sum > 0 ? sqrt(sum) : 1;
    }
done:
    if (status) az_logistic_loss_free(loss);
    return status;
}

void az_logistic_loss_free(az_logistic_loss *loss)
{
    az_free(loss->weight);
    az_free(loss->probability);
    az_free(loss->slots);
    az_free(loss->scratch);
    az_free(loss->rms);
    *loss = (az_logistic_loss){0};
}

/* linear (m, n_outputs) = rows of X times v, plus the intercepts. */
static void linear_predictor(const az_logistic_loss *loss, int64_t first, int64_t m, const double *v, double *linear)
{
    for (int64_t k = 0; k < loss->n_outputs; k++) {
        double intercept = loss->fit_intercept ? v[k * loss->size + loss->n_features] : 0;
        for (int64_t i = 0; i < m; i++) linear[k * m + i] = intercept;
    }
    az_gemm(false, false, m, loss->n_outputs, loss->n_features, 1, loss->x + first, loss->n_rows, v, loss->size, 1,
            linear, m);
}

/* gradient += X^T residual for residual (m, n_outputs). */
static void add_transposed(const az_logistic_loss *loss, int64_t first, int64_t m, const double *residual,
                           double *gradient)
{
    az_gemm(true, false, loss->n_features, loss->n_outputs, m, 1, loss->x + first, loss->n_rows, residual, m, 1,
            gradient, loss->size);
    for (int64_t k = 0; loss->fit_intercept && k < loss->n_outputs; k++) {
        double sum = 0;
        for (int64_t i = 0; i < m; i++) sum += residual[k * m + i];
        gradient[k * loss->size + loss->n_features] += sum;
    }
}

/* Turns linear predictors into residuals c (p - y), stores p, and returns the sum of c times the loss.  Exponentials
 * are taken of nonpositive numbers only, so that nothing overflows (log-sum-exp). */
static double sigmoid_block(const double *weight, const int32_t *label, int64_t m, double *linear, double *probability,
                            double *work)
{
    double value = 0;
    for (int64_t i = 0; i < m; i++) work[i] = -fabs(linear[i]);
    az_exp_nonpositive(m, work);
    for (int64_t i = 0; i < m; i++) {
        double e = work[i], y = label[i], t = linear[i];
        probability[i] = (t >= 0 ? 1 : e) / (1 + e);
        /* softplus(t) - y t, for y = 1 written as softplus(-t): no cancellation. */
        value += weight[i] * ((y > 0.5 ? fmax(-t, 0) : fmax(t, 0)) + log1p(e));
        linear[i] = weight[i] * (y > 0.5 ? -((t >= 0 ? e : 1) / (1 + e)) : probability[i]);
    }
    return value;
}

static double softmax_block(const double *weight, const int32_t *label, int64_t m, int64_t n_outputs, double *linear,
                            double *probability, double *work)
{
    double *greatest = work, *sum = work + m, value = 0;
    memcpy(greatest, linear, (size_t)m * sizeof *greatest);
    for (int64_t k = 1; k < n_outputs; k++)
        for (int64_t i = 0; i < m; i++) greatest[i] = linear[k * m + i] > greatest[i] ? linear[k * m + i] : greatest[i];
    for (int64_t k = 0; k < n_outputs; k++)
        for (int64_t i = 0; i < m; i++) linear[k * m + i] -= greatest[i];
    for (int64_t i = 0; i < m; i++) value -= weight[i] * linear[label[i] * m + i];
    memcpy(probability, linear, (size_t)(m * n_outputs) * sizeof *linear);
    az_exp_nonpositive(m * n_outputs, probability);
    for (int64_t i = 0; i < m; i++) sum[i] = 0;
    for (int64_t k = 0; k < n_outputs; k++)
        for (int64_t i = 0; i < m; i++) sum[i] += probability[k * m + i];
    for (int64_t i = 0; i < m; i++) {
        value += weight[i] * log(sum[i]);
        sum[i] = 1 / sum[i];
    }
    for (int64_t k = 0; k < n_outputs; k++) {
        for (int64_t i = 0; i < m; i++) {
            probability[k * m + i] *= sum[i];
            linear[k * m + i] = weight[i] * probability[k * m + i];
        }
    }
    for (int64_t i = 0; i < m; i++) linear[label[i] * m + i] -= weight[i];
    return value;
}

typedef struct pass {
    az_logistic_loss *loss;
    const double *v;
    bool product; /* Hessian times v; else value and gradient at v */
} pass;

/* Residual of a Hessian product: c (p_k a_k - p_k sum_l p_l a_l), in place of a. */
static void curvature_block(const double *weight, int64_t m, int64_t n_outputs, double *linear,
                            const double *probability, double *mean)
{
    if (n_outputs == 1) {
        for (int64_t i = 0; i < m; i++) linear[i] *= weight[i] * probability[i] * (1 - probability[i]);
        return;
    }
    for (int64_t i = 0; i < m; i++) mean[i] = 0;
    for (int64_t k = 0; k < n_outputs; k++)
        for (int64_t i = 0; i < m; i++) mean[i] += probability[k * m + i] * linear[k * m + i];
    for (int64_t k = 0; k < n_outputs; k++)
        for (int64_t i = 0; i < m; i++)
            linear[k * m + i] = weight[i] * (probability[k * m + i] * (linear[k * m + i] - mean[i]));
}

static void pass_chunk(void *context, int64_t chunk, int thread)
{
    const pass *task = context;
    az_logistic_loss *loss = task->loss;
    int64_t n_blocks = (loss->n_rows + BLOCK - 1) / BLOCK;
    double *slot = loss->slots + chunk * (loss->n_parameters + 1);
    double *linear = loss->scratch + (int64_t)thread * 2 * BLOCK * (loss->n_outputs + 1);
    double *work = linear + BLOCK * loss->n_outputs;
    for (int64_t j = 0; j <= loss->n_parameters; j++) slot[j] = 0;
    for (int64_t b = chunk * n_blocks / loss->n_chunks; b < (chunk + 1) * n_blocks / loss->n_chunks; b++) {
        int64_t first = b * BLOCK, m = loss->n_rows - first < BLOCK ? loss->n_rows - first : BLOCK;
        double *probability = loss->probability + first * loss->n_outputs;
        const double *weight = loss->weight + first;
        linear_predictor(loss, first, m, task->v, linear);
        if (task->product)
            curvature_block(weight, m, loss->n_outputs, linear, probability, work);
        else if (loss->n_outputs == 1)
            slot[loss->n_parameters] += sigmoid_block(weight, loss->label + first, m, linear, probability, work);
        else
            slot[loss->n_parameters] +=
                softmax_block(weight, loss->label + first, m, loss->n_outputs, linear, probability, work);
        add_transposed(loss, first, m, linear, slot);
    }
}

static double run_pass(az_logistic_loss *loss, const double *v, bool product, double *out)
{
    pass task = {.loss = loss, .v = v, .product = product};
    az_parallel(loss->n_threads, loss->n_chunks, pass_chunk, &task);
    az_tree_sum(loss->slots, loss->n_chunks, loss->n_parameters + 1);
    memcpy(out, loss->slots, (size_t)loss->n_parameters * sizeof *out);
    double squares = 0;
    for (int64_t k = 0; k < loss->n_outputs; k++) {
        for (int64_t j = k * loss->size; j < k * loss->size + loss->n_features; j++) {
            out[j] += loss->l2 * v[j];
            squares += v[j] * v[j];
        }
    }
    return loss->slots[loss->n_parameters] + 0.5 * loss->l2 * squares;
}

double az_logistic_value_gradient(az_logistic_loss *loss, const double *w, double *gradient)
{
    return run_pass(loss, w, false, gradient);
}

void az_logistic_hessian_product(az_logistic_loss *loss, const double *v, double *product)
{
    run_pass(loss, v, true, product);
}

/* A block of the Hessian is X^T diag(c) X with c of one sign: a product of a matrix with its own transpose, which needs
 * half the work. */
typedef struct hessian_work {
    const az_logistic_loss *loss;
    const int64_t *rows;
    int64_t n, output, n_parts;
    const double *x; /* (n, n_features) column-major: the chosen rows */
    double *slots;   /* (n_pairs, n_parts, size, size) */
    double *scratch; /* (n_threads, (BLOCK + size) * size) */
} hessian_work;

static void pair_of(int64_t pair, int64_t *k, int64_t *l)
{
    *l = 0;
    while (pair > *l) pair -= ++*l;
    *k = pair;
}

static double pair_curvature(const az_logistic_loss *loss, int64_t row, int64_t k, int64_t l)
{
    int64_t first = row / BLOCK * BLOCK, m = loss->n_rows - first < BLOCK ? loss->n_rows - first : BLOCK;
    const double *p = loss->probability + first * loss->n_outputs + (row - first);
    return loss->weight[row] * p[k * m] * (k == l ? 1 - p[k * m] : p[l * m]);
}

static void hessian_task(void *context, int64_t task, int thread)
{
    const hessian_work *work = context;
    const az_logistic_loss *loss = work->loss;
    int64_t size = loss->size, pair = task / work->n_parts, part = task % work->n_parts, k, l;
    int64_t n_blocks = (work->n + BLOCK - 1) / BLOCK;
    double *sum = work->slots + task * size * size;
    double *scaled = work->scratch + (int64_t)thread * (BLOCK + size) * size, *product = scaled + BLOCK * size;
    double root[BLOCK];
    if (work->output != -1)
        k = l = work->output;
    else
        pair_of(pair, &k, &l);
    for (int64_t j = 0; j < size * size; j++) sum[j] = 0;
    for (int64_t b = part * n_blocks / work->n_parts; b < (part + 1) * n_blocks / work->n_parts; b++) {
        int64_t first = b * BLOCK, m = work->n - first < BLOCK ? work->n - first : BLOCK;
        for (int64_t i = 0; i < m; i++) {
            int64_t row = work->rows ? work->rows[first + i] : first + i;
            root[i] = sqrt(work->output == AZ_LOGISTIC_PLAIN ? loss->weight[row] : pair_curvature(loss, row, k, l));
        }
        for (int64_t j = 0; j < loss->n_features; j++)
            for (int64_t i = 0; i < m; i++) scaled[j * m + i] = root[i] * work->x[j * work->n + first + i];
        if (loss->fit_intercept) memcpy(scaled + loss->n_features * m, root, (size_t)m * sizeof *root);
        az_syrk(size, m, scaled, m, product, size);
        for (int64_t j = 0; j < size; j++)
            for (int64_t i = 0; i <= j; i++) sum[j * size + i] += product[j * size + i];
    }
}

void az_logistic_mean_curvature(const az_logistic_loss *loss, double *a)
{
    const int64_t n_outputs = loss->n_outputs;
    for (int64_t j = 0; j < n_outputs * n_outputs; j++) a[j] = 0;
    for (int64_t first = 0; first < loss->n_rows; first += BLOCK) {
        int64_t m = loss->n_rows - first < BLOCK ? loss->n_rows - first : BLOCK;
        const double *p = loss->probability + first * n_outputs;
        double scaled[BLOCK];
        for (int64_t k = 0; k < n_outputs; k++) {
            for (int64_t i = 0; i < m; i++) {
                scaled[i] = loss->weight[first + i] * p[k * m + i];
                a[k * n_outputs + k] += scaled[i];
            }
            for (int64_t l = 0; l <= k; l++) a[k * n_outputs + l] -= az_dot(m, scaled, p + l * m);
        }
    }
    for (int64_t k = 0; k < n_outputs; k++)
        for (int64_t l = 0; l < k; l++) a[l * n_outputs + k] = a[k * n_outputs + l];
}

az_status az_logistic_hessian(az_logistic_loss *loss, const int64_t *rows, int64_t n, int64_t output, double *h)
{
    int64_t size = loss->size, n_pairs = output != -1 ? 1 : loss->n_outputs * (loss->n_outputs + 1) / 2;
    int64_t n_parts = n_pairs >= 6 ? 1 : 4, order = output != -1 ? size : loss->n_parameters;
    hessian_work work = {
        .loss = loss, .rows = rows, .n = rows ? n : loss->n_rows, .output = output, .n_parts = n_parts, .x = loss->x};
    const double l2 = output == AZ_LOGISTIC_PLAIN ? 0 : loss->l2;
    double *chosen = NULL, weight = 0;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(work.slots, n_pairs * n_parts * size * size));
    AZ_GOTO(AZ_NEW_ARRAY(work.scratch, loss->n_threads * (BLOCK + size) * size));
    if (rows) {
        AZ_GOTO(AZ_NEW_ARRAY(chosen, n * loss->n_features));
        for (int64_t j = 0; j < loss->n_features; j++)
            for (int64_t i = 0; i < n; i++) chosen[j * n + i] = loss->x[j * loss->n_rows + rows[i]];
        for (int64_t i = 0; i < n; i++) weight += loss->weight[rows[i]];
        work.x = chosen;
    }
    az_parallel(loss->n_threads, n_pairs * n_parts, hessian_task, &work);
    for (int64_t pair = 0; pair < n_pairs; pair++) {
        double *block = work.slots + pair * n_parts * size * size;
        az_tree_sum(block, n_parts, size * size);
        int64_t k = 0, l = 0;
        if (output == -1) pair_of(pair, &k, &l);
        double sign = (k == l ? 1 : -1) * (rows ? 1 / weight : 1);
        for (int64_t j = 0; j < size; j++) {
            for (int64_t i = 0; i < size; i++) {
                double value = sign * (i <= j ? block[j * size + i] : block[i * size + j]);
                h[(l * size + j) * order + k * size + i] = value + (k == l && i == j && i < loss->n_features ? l2 : 0);
            }
        }
    }
done:
    az_free(chosen);
    az_free(work.slots);
    az_free(work.scratch);
    return status;
}
