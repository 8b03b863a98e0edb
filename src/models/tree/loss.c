/* SPDX-License-Identifier: BSD-3-Clause */
/* Each loss as a function of target y and raw score s: value, first and second derivative.  Friedman, Annals of
 * Statistics 29 (2001) 1189, for squared, absolute, Huber and logistic loss; the deviances of Poisson and gamma with a
 * logarithmic link (McCullagh and Nelder 1989, table 2.1), halved. */
#include "models/tree/loss.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/parallel.h"
#include "data/quantile.h"
#include "models/logistic_loss.h"

#include <math.h>
#include <string.h>

/* A loss that acts on each output by itself: its pair from y and s. */
#define PAIRS(name, gradient_, curvature_)                                                                             \
    static void name##_pairs(const az_loss_data *data, int64_t first, int64_t end, const double *score, double *pairs) \
    {                                                                                                                  \
        for (int64_t k = 0; k < data->n_outputs; k++) {                                                                \
            const double *targets = data->y + k * data->n_rows, *scores = score + k * data->n_rows;                    \
            const double level = data->alpha, delta = data->delta ? data->delta[k] : 0;                                \
            double *to = pairs + 2 * k * data->n_rows;                                                                 \
            (void)level, (void)delta;                                                                                  \
            for (int64_t i = first; i < end; i++) {                                                                    \
                const double y = targets[i], s = scores[i];                                                            \
                to[2 * i] = (gradient_);                                                                               \
                to[2 * i + 1] = (curvature_);                                                                          \
                (void)y, (void)s;                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

#define VALUE(name, value_)                                                                                            \
    static double name##_value(const az_loss_data *data, int64_t output, int64_t row, const double *score)             \
    {                                                                                                                  \
        const double y = data->y[output * data->n_rows + row], s = score[output * data->n_rows + row];                 \
        return (value_);                                                                                               \
    }

static double clip(double x, double bound)
{
    return x > bound ? bound : x < -bound ? -bound : x;
}

/* exp(s) with s bounded, so that a curvature stays finite whatever a step does: the mean of counts that doubles hold.
 */
static double mean_of(double s)
{
    return exp(s > 700 ? 700 : s);
}

PAIRS(squared, s - y, 1.0)
VALUE(squared, 0.5 * (s - y) * (s - y))
PAIRS(absolute, s > y ? 1.0 : -1.0, 1.0)
VALUE(absolute, fabs(s - y))
PAIRS(huber, clip(s - y, delta), 1.0)
PAIRS(quantile, s > y ? 1 - level : -level, 1.0)
VALUE(quantile, y >= s ? data->alpha * (y - s) : (1 - data->alpha) * (s - y))
PAIRS(poisson, mean_of(s) - y, mean_of(s))
VALUE(poisson, mean_of(s) - y + (y > 0 ? y * (log(y) - s) : 0))
PAIRS(gamma, 1 - y * mean_of(-s), y *mean_of(-s))
VALUE(gamma, s - log(y) + y * mean_of(-s) - 1)

static double huber_value(const az_loss_data *data, int64_t output, int64_t row, const double *score)
{
    const double r = fabs(score[output * data->n_rows + row] - data->y[output * data->n_rows + row]);
    const double delta = data->delta[output];
    return r <= delta ? 0.5 * r * r : delta * (r - 0.5 * delta);
}

enum { EXP_ROWS = 512 };

/* Label 1 has the probability 1 / (1 + exp(-s)).  With e = exp(-|s|) nothing overflows or cancels. */
static void log_pairs(const az_loss_data *data, int64_t first, int64_t end, const double *score, double *pairs)
{
    for (int64_t begin = first; begin < end; begin += EXP_ROWS) {
        const int64_t n = end - begin < EXP_ROWS ? end - begin : EXP_ROWS;
        double e[EXP_ROWS];
        for (int64_t i = 0; i < n; i++) e[i] = -fabs(score[begin + i]);
        az_exp_nonpositive(n, e);
        for (int64_t i = 0; i < n; i++) {
            const int64_t row = begin + i;
            const bool positive = score[row] >= 0, one = data->label[row] != 0;
            const double part = 1 / (1 + e[i]); /* the probability of the label that the score says */
            const double other = e[i] * part;
            const double p = positive ? part : other, not_p = positive ? other : part;
            pairs[2 * row] = one ? -not_p : p;
            pairs[2 * row + 1] = part * other;
        }
    }
}

static double log_value(const az_loss_data *data, int64_t output, int64_t row, const double *score)
{
    (void)output;
    const double s = data->label[row] ? -score[row] : score[row];
    return (s > 0 ? s : 0) + log1p(exp(-fabs(s)));
}

/* Probabilities exp(s_k - greatest) / sum; the curvature is the diagonal of the Hessian, p (1 - p). */
static void softmax_pairs(const az_loss_data *data, int64_t first, int64_t end, const double *score, double *pairs)
{
    const int64_t n_rows = data->n_rows, n_outputs = data->n_outputs;
    for (int64_t begin = first; begin < end; begin += EXP_ROWS) {
        const int64_t n = end - begin < EXP_ROWS ? end - begin : EXP_ROWS;
        double greatest[EXP_ROWS], sum[EXP_ROWS], e[EXP_ROWS];
        memcpy(greatest, score + begin, sizeof *greatest * (size_t)n);
        for (int64_t k = 1; k < n_outputs; k++)
            for (int64_t i = 0; i < n; i++) {
                const double s = score[k * n_rows + begin + i];
                greatest[i] = s > greatest[i] ? s : greatest[i];
            }
        memset(sum, 0, sizeof sum);
        for (int64_t k = 0; k < n_outputs; k++) {
            double *to = pairs + 2 * (k * n_rows + begin);
            for (int64_t i = 0; i < n; i++) e[i] = score[k * n_rows + begin + i] - greatest[i];
            az_exp_nonpositive(n, e);
            for (int64_t i = 0; i < n; i++) sum[i] += to[2 * i] = e[i];
        }
        for (int64_t k = 0; k < n_outputs; k++) {
            double *to = pairs + 2 * (k * n_rows + begin);
            for (int64_t i = 0; i < n; i++) {
                const double p = to[2 * i] / sum[i];
                to[2 * i] = p - (data->label[begin + i] == k);
                to[2 * i + 1] = p * (1 - p);
            }
        }
    }
}

static double softmax_value(const az_loss_data *data, int64_t output, int64_t row, const double *score)
{
    if (output) return 0; /* the row's loss counts once */
    double greatest = -INFINITY, sum = 0;
    for (int64_t k = 0; k < data->n_outputs; k++) greatest = fmax(greatest, score[k * data->n_rows + row]);
    for (int64_t k = 0; k < data->n_outputs; k++) sum += exp(score[k * data->n_rows + row] - greatest);
    return log(sum) + greatest - score[data->label[row] * data->n_rows + row];
}

static double custom_value(const az_loss_data *data, int64_t output, int64_t row, const double *score)
{
    const int64_t at = output * data->n_rows + row;
    return data->custom->value ? data->custom->value(data->custom->user, data->y[at], score[at]) : NAN;
}

const az_loss az_losses[AZ_LOSS_COUNT] = {
    [AZ_LOSS_SQUARED] = {"squared_error", AZ_LINK_IDENTITY, true, false, -INFINITY, false, squared_pairs,
                         squared_value},
    [AZ_LOSS_ABSOLUTE] = {"absolute_error", AZ_LINK_IDENTITY, true, true, -INFINITY, false, absolute_pairs,
                          absolute_value},
    [AZ_LOSS_HUBER] = {"huber", AZ_LINK_IDENTITY, true, true, -INFINITY, false, huber_pairs, huber_value},
    [AZ_LOSS_QUANTILE] = {"quantile", AZ_LINK_IDENTITY, true, true, -INFINITY, false, quantile_pairs, quantile_value},
    [AZ_LOSS_POISSON] = {"poisson", AZ_LINK_LOG, false, false, 0, false, poisson_pairs, poisson_value},
    [AZ_LOSS_GAMMA] = {"gamma", AZ_LINK_LOG, false, false, 0, true, gamma_pairs, gamma_value},
    [AZ_LOSS_LOG] = {"log_loss", AZ_LINK_LOGIT, false, false, -INFINITY, false, log_pairs, log_value},
    [AZ_LOSS_CUSTOM] = {"custom", AZ_LINK_IDENTITY, false, false, -INFINITY, false, NULL, custom_value},
    [AZ_LOSS_SOFTMAX] = {"log_loss", AZ_LINK_SOFTMAX, false, false, -INFINITY, false, softmax_pairs, softmax_value},
};

static double weight_of(const az_loss_data *data, int64_t row)
{
    return data->weight ? data->weight[row] : 1;
}

static az_status refuse_target(const az_loss *loss, double y)
{
    char number[AZ_NUMBER_MAX];
    az_print_double(number, y);
    return az_error(AZ_ERROR_DATA, "loss = %s takes targets %s, and one is %s", loss->name,
                    loss->above ? "above 0" : "of 0 and more", number);
}

az_status az_loss_check(const az_loss *loss, const az_loss_data *data)
{
    if (data->label) return AZ_OK; /* az_loss_initial looks at the classes */
    double total = data->weight ? az_sum_of(data->n_rows, data->weight, 1) : (double)data->n_rows;
    if (!(total > 0) || !isfinite(total))
        return az_error(AZ_ERROR_DATA, "boosting: the weights do not add up to a positive finite number");
    for (int64_t k = 0; k < data->n_outputs; k++) {
        const double *y = data->y + k * data->n_rows;
        double sum = 0;
        for (int64_t i = 0; i < data->n_rows; i++) {
            if (loss->above ? !(y[i] > loss->least) : !(y[i] >= loss->least)) return refuse_target(loss, y[i]);
            sum += weight_of(data, i) * y[i];
        }
        if (loss->link == AZ_LINK_LOG && !(sum > 0))
            return az_error(AZ_ERROR_DATA, "loss = %s: the weighted mean of the target is not positive", loss->name);
    }
    return AZ_OK;
}

/* Where the loss of residuals values[i] is least: the median, a quantile, or Huber's mean about the median with
 * residuals cut at delta (Friedman 2001, algorithm 4). */
static az_status centre(const az_loss *loss, const az_loss_data *data, int64_t output, double *values,
                        const double *weight, int64_t n, double *result)
{
    const double q = loss == &az_losses[AZ_LOSS_QUANTILE] ? data->alpha : 0.5;
    if (!weight)
        *result = az_quantile(values, n, q);
    else
        AZ_TRY(az_weighted_quantile(values, weight, n, q, result));
    if (loss != &az_losses[AZ_LOSS_HUBER]) return AZ_OK;
    double sum = 0, total = 0;
    for (int64_t i = 0; i < n; i++) {
        /* az_quantile reorders, but then there are no weights. */
        double w = !weight ? 1 : weight[i] > 0 ? weight[i] : 0;
        sum += w * clip(values[i] - *result, data->delta[output]);
        total += w;
    }
    if (total > 0) *result += sum / total;
    return AZ_OK;
}

/* Residuals of rows, and their weights behind them in work (2 n) if there are weights. */
static const double *residuals(const az_loss_data *data, int64_t output, const uint32_t *rows, int64_t n,
                               const double *score, double *values, double *weights)
{
    const double *y = data->y + output * data->n_rows;
    for (int64_t i = 0; i < n; i++) {
        const int64_t row = rows ? rows[i] : i;
        values[i] = y[row] - (score ? score[output * data->n_rows + row] : 0);
        if (data->weight) weights[i] = data->weight[row];
    }
    return data->weight ? weights : NULL;
}

az_status az_loss_leaf(const az_loss *loss, const az_loss_data *data, int64_t output, const uint32_t *rows,
                       int64_t n_rows, const double *score, double *work, double *value)
{
    double *weights = NULL;
    if (data->weight) AZ_TRY(AZ_NEW_ARRAY(weights, n_rows));
    const double *weight = residuals(data, output, rows, n_rows, score, work, weights);
    az_status status = centre(loss, data, output, work, weight, n_rows, value);
    az_free(weights);
    return status;
}

/* delta is the alpha-quantile of the residuals' absolute values. */
az_status az_loss_prepare(const az_loss *loss, const az_loss_data *data, const double *score)
{
    if (loss != &az_losses[AZ_LOSS_HUBER]) return AZ_OK;
    const int64_t n = data->n_rows;
    double *values = NULL, *weights = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(values, n));
    if (data->weight) AZ_GOTO(AZ_NEW_ARRAY(weights, n));
    for (int64_t k = 0; k < data->n_outputs; k++) {
        const double *weight = residuals(data, k, NULL, n, score, values, weights);
        for (int64_t i = 0; i < n; i++) values[i] = fabs(values[i]);
        if (weight)
            AZ_GOTO(az_weighted_quantile(values, weight, n, data->alpha, &data->delta[k]));
        else
            data->delta[k] = az_quantile(values, n, data->alpha);
    }
done:
    az_free(values);
    az_free(weights);
    return status;
}

static az_status class_scores(const az_loss *loss, const az_loss_data *data, double *initial)
{
    const int64_t n_classes = loss->link == AZ_LINK_LOGIT ? 2 : data->n_outputs;
    double *part = az_alloc_zero(sizeof *part * (size_t)n_classes), mean = 0;
    if (!part) return AZ_ERROR_MEMORY;
    az_status status = AZ_OK;
    for (int64_t i = 0; i < data->n_rows; i++) part[data->label[i]] += weight_of(data, i);
    for (int64_t c = 0; c < n_classes && !status; c++) {
        if (!(part[c] > 0) || !isfinite(part[c]))
            status = az_error(AZ_ERROR_DATA,
                              "boosting: the weights of a class (number %lld) do not add up to a positive number; "
                              "every class needs more weight above 0 than below",
                              (long long)c + 1);
        else
            mean += log(part[c]) / (double)n_classes;
    }
    if (!status && loss->link == AZ_LINK_LOGIT) initial[0] = log(part[1] / part[0]);
    for (int64_t c = 0; !status && loss->link == AZ_LINK_SOFTMAX && c < n_classes; c++)
        initial[c] = log(part[c]) - mean;
    az_free(part);
    return status;
}

az_status az_loss_initial(const az_loss *loss, const az_loss_data *data, double *initial)
{
    if (data->label) return class_scores(loss, data, initial);
    if (loss->renews) {
        double *values = NULL;
        AZ_TRY(AZ_NEW_ARRAY(values, data->n_rows));
        const az_loss *start = loss == &az_losses[AZ_LOSS_HUBER] ? &az_losses[AZ_LOSS_ABSOLUTE] : loss;
        az_status status = AZ_OK;
        for (int64_t k = 0; k < data->n_outputs && !status; k++)
            status = az_loss_leaf(start, data, k, NULL, data->n_rows, NULL, values, &initial[k]);
        az_free(values);
        return status;
    }
    for (int64_t k = 0; k < data->n_outputs; k++) {
        const double *y = data->y + k * data->n_rows;
        double mean = 0, total = 0;
        if (data->custom) {
            initial[k] = data->custom->initial;
            continue;
        }
        for (int64_t i = 0; i < data->n_rows; i++) total += weight_of(data, i);
        for (int64_t i = 0; i < data->n_rows; i++) mean += weight_of(data, i) * (y[i] - y[0]);
        initial[k] = y[0] + mean / total; /* about the first value: a constant target is met to the bit */
        if (loss->link == AZ_LINK_LOG) initial[k] = log(initial[k]);
    }
    return AZ_OK;
}

typedef struct pairing {
    const az_loss *loss;
    const az_loss_data *data;
    const double *score;
    double *pairs;
} pairing;

enum { PAIR_ROWS = 4096 };

static void pair_block(void *context, int64_t block, int thread)
{
    const pairing *job = context;
    const az_loss_data *data = job->data;
    (void)thread;
    const int64_t first = block * PAIR_ROWS;
    const int64_t end = first + PAIR_ROWS < data->n_rows ? first + PAIR_ROWS : data->n_rows;
    if (job->loss->pairs) job->loss->pairs(data, first, end, job->score, job->pairs);
    for (int64_t k = 0; data->weight && k < data->n_outputs; k++) {
        double *pairs = job->pairs + 2 * k * data->n_rows;
        for (int64_t i = first; i < end; i++) {
            pairs[2 * i] *= data->weight[i];
            pairs[2 * i + 1] *= data->weight[i];
        }
    }
}

static az_status refuse_pair(double y, double score)
{
    char target[AZ_NUMBER_MAX], number[AZ_NUMBER_MAX];
    az_print_double(target, y);
    az_print_double(number, score);
    return az_error(AZ_ERROR_DATA, "the caller's loss has no finite gradient and curvature at target %s, score %s",
                    target, number);
}

/* The caller's function sees all rows at once, in the calling thread. */
static az_status custom_pairs(const az_loss_data *data, const double *score, double *pairs)
{
    const int64_t n = data->n_rows;
    double *gradient;
    AZ_TRY(AZ_NEW_ARRAY(gradient, 2 * n));
    double *curvature = gradient + n;
    az_status status = AZ_OK;
    for (int64_t k = 0; k < data->n_outputs && !status; k++) {
        data->custom->gradient(data->custom->user, n, data->y + k * n, score + k * n, gradient, curvature);
        for (int64_t i = 0; i < n && !status; i++) {
            if (!isfinite(gradient[i]) || !isfinite(curvature[i]))
                status = refuse_pair(data->y[k * n + i], score[k * n + i]);
            pairs[2 * (k * n + i)] = gradient[i];
            pairs[2 * (k * n + i) + 1] = curvature[i];
        }
    }
    az_free(gradient);
    return status;
}

az_status az_loss_pairs(const az_loss *loss, const az_loss_data *data, const double *score, double *pairs)
{
    if (data->custom) AZ_TRY(custom_pairs(data, score, pairs));
    pairing job = {loss, data, score, pairs};
    const int64_t n_blocks = (data->n_rows + PAIR_ROWS - 1) / PAIR_ROWS;
    az_parallel(n_blocks > 4 ? data->n_threads : 1, n_blocks, pair_block, &job);
    return AZ_OK;
}

double az_loss_mean(const az_loss *loss, const az_loss_data *data, const uint32_t *rows, int64_t n_rows,
                    const double *score)
{
    double sum = 0, total = 0;
    for (int64_t i = 0; i < n_rows; i++) {
        const int64_t row = rows ? rows[i] : i;
        const double weight = weight_of(data, row);
        total += weight;
        for (int64_t k = 0; k < data->n_outputs; k++) sum += weight * loss->value(data, k, row, score);
    }
    return sum / total;
}

void az_link_apply(az_link link, int64_t n_scores, const double *score, double *out)
{
    if (link == AZ_LINK_LOGIT) {
        const double e = exp(-fabs(score[0])), likely = 1 / (1 + e), other = e / (1 + e);
        out[1] = score[0] >= 0 ? likely : other;
        out[0] = score[0] >= 0 ? other : likely;
    } else if (link == AZ_LINK_SOFTMAX) {
        double greatest = score[0], sum = 0;
        for (int64_t k = 1; k < n_scores; k++) greatest = score[k] > greatest ? score[k] : greatest;
        for (int64_t k = 0; k < n_scores; k++) sum += out[k] = exp(score[k] - greatest);
        for (int64_t k = 0; k < n_scores; k++) out[k] /= sum;
    } else {
        for (int64_t k = 0; k < n_scores; k++) out[k] = link == AZ_LINK_LOG ? mean_of(score[k]) : score[k];
    }
}
