/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/interval.h"

#include "models/problem_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CALIBRATION_ROWS = 10000 };

void az_interval_free(az_interval *interval)
{
    if (!interval) return;
    az_free(interval->residual);
    az_free(interval);
}

int64_t az_interval_rank(int64_t n, double level)
{
    /* 0.9 is not nine tenths: 30 * 0.9 must not become 28 by its last bit. */
    const double exact = ((double)n + 1) * level;
    return (int64_t)ceil(exact - 1e-12 * exact);
}

/* The least number of rows for which the rank is among them. */
static int64_t rows_for(double level)
{
    return (int64_t)ceil(level / (1 - level) * (1 - 1e-12));
}

static az_status check_level(double level)
{
    if (level > 0 && level < 1 && level / (1 - level) < 1e12) return AZ_OK;
    return az_error(AZ_ERROR_USAGE, "the level of an interval is a number between 0 and 1, such as 0.9, not %g", level);
}

static az_status too_few(int64_t n, double level)
{
    return az_error(
        AZ_ERROR_DATA,
        "an interval of level %g needs at least %lld calibration rows, and there are %lld: ask for a lower level, "
        "or fit with more rows",
        level, (long long)rows_for(level), (long long)n);
}

static az_status interval_new(az_interval **result, double level, int64_t n_targets, int64_t n)
{
    az_interval *made;
    AZ_TRY(AZ_NEW_ZERO(made));
    *made = (az_interval){.level = level, .n_targets = n_targets, .n = n};
    made->residual = az_alloc_array(n_targets * n, sizeof *made->residual);
    if (!made->residual) {
        az_free(made);
        return AZ_ERROR_MEMORY;
    }
    *result = made;
    return AZ_OK;
}

az_status az_model_calibrate(az_model *model, const az_problem *problem, const int64_t *rows, int64_t n_rows,
                             double level, const az_control *control)
{
    az_interval *made = NULL;
    int64_t *table_rows = NULL;
    double *prediction = NULL;
    az_status status;
    if (!rows) n_rows = problem->n_rows;
    AZ_TRY(check_level(level));
    if (model->task != AZ_REGRESSION)
        return az_error(AZ_ERROR_USAGE, "intervals are for quantities; classes have probabilities");
    if (n_rows < rows_for(level)) return too_few(n_rows, level);
    AZ_GOTO(AZ_NEW_ARRAY(table_rows, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(prediction, n_rows * model->n_targets));
    AZ_GOTO(interval_new(&made, level, model->n_targets, n_rows));
    for (int64_t i = 0; i < n_rows; i++) table_rows[i] = problem->rows[rows ? rows[i] : i];
    AZ_GOTO(az_model_predict_rows(model, problem->table, table_rows, n_rows, prediction, NULL, control));
    for (int64_t k = 0; k < model->n_targets; k++) {
        double *residual = made->residual + k * n_rows;
        for (int64_t i = 0; i < n_rows; i++) {
            double observed = problem->y[k * problem->n_rows + (rows ? rows[i] : i)];
            residual[i] = fabs(observed - prediction[i * model->n_targets + k]);
            /* A row without prediction says that the interval must hold everything. */
            if (isnan(residual[i])) residual[i] = INFINITY;
        }
        qsort(residual, (size_t)n_rows, sizeof *residual, az_compare_numbers);
    }
    az_interval_free(model->interval);
    model->interval = made;
    made = NULL;
done:
    az_interval_free(made);
    az_free(prediction);
    az_free(table_rows);
    return status;
}

/* The split of the chosen rows alone: what they are split by is gathered for them. */
static az_status gather_split(az_split_data *data, const az_problem *problem, const int64_t *rows, int64_t n_rows,
                              az_arena *arena)
{
    az_split_data all;
    az_problem_split_data(problem, &all);
    *data = (az_split_data){.n_rows = n_rows};
    int32_t *group = all.group ? az_arena_alloc(arena, sizeof *group * (size_t)n_rows) : NULL;
    double *time = all.time ? az_arena_alloc(arena, sizeof *time * (size_t)n_rows) : NULL;
    double *begin = all.begin ? az_arena_alloc(arena, sizeof *begin * (size_t)n_rows) : NULL;
    if ((all.group && !group) || (all.time && !time) || (all.begin && !begin)) return AZ_ERROR_MEMORY;
    for (int64_t i = 0; i < n_rows; i++) {
        int64_t row = rows ? rows[i] : i;
        if (group) group[i] = all.group[row];
        if (time) time[i] = all.time[row];
        if (begin) begin[i] = all.begin[row];
    }
    data->group = group;
    data->time = time;
    data->begin = begin;
    return AZ_OK;
}

typedef struct halves {
    int64_t *train, *calibrate; /* indices into the problem's rows */
    int64_t n_train, n_calibrate;
} halves;

static az_status split_rows(halves *parts, const az_problem *problem, const int64_t *rows, int64_t n_rows,
                            const az_split_options *split, double level)
{
    az_split_data data;
    az_arena arena = {0};
    unsigned char *held = NULL;
    int32_t *fold = NULL;
    az_status status;
    /* Not the draws that have chosen the rows of a test before. */
    az_split_options own = split ? *split : (az_split_options){0};
    own.seed ^= UINT64_C(0x696e74657276616c);
    int64_t n = n_rows / 5 < MOST_CALIBRATION_ROWS ? n_rows / 5 : MOST_CALIBRATION_ROWS;
    if (n < rows_for(level)) n = rows_for(level);
    if (n > n_rows / 2) return too_few(n_rows / 2, level);
    AZ_GOTO(gather_split(&data, problem, rows, n_rows, &arena));
    AZ_GOTO(AZ_NEW_ARRAY(held, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(fold, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(parts->train, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(parts->calibrate, n_rows));
    AZ_GOTO(az_split_holdout(&own, &data, (double)n / (double)n_rows, held));
    for (int64_t i = 0; i < n_rows; i++) {
        fold[i] = held[i] ? 0 : 1;
        if (held[i]) parts->calibrate[parts->n_calibrate++] = rows ? rows[i] : i;
    }
    az_split_training_rows(&own, &data, fold, 0, parts->train, &parts->n_train);
    for (int64_t i = 0; i < parts->n_train && rows; i++) parts->train[i] = rows[parts->train[i]];
    if (parts->n_train == 0) status = az_error(AZ_ERROR_DATA, "the calibration of intervals leaves no row to train on");
done:
    az_free(held);
    az_free(fold);
    az_arena_free(&arena);
    return status;
}

az_status az_model_fit_interval(az_model **result, const az_model_class *class, const void *options,
                                const az_pipeline_options *pipeline, const az_problem *problem, const int64_t *rows,
                                int64_t n_rows, const az_split_options *split, double level, const az_control *control)
{
    az_model *model = NULL;
    halves parts = {0};
    az_status status;
    if (!rows) n_rows = problem->n_rows;
    AZ_TRY(check_level(level));
    if (problem->task != AZ_REGRESSION)
        return az_error(AZ_ERROR_USAGE, "intervals are for quantities; classes have probabilities (--proba)");
    AZ_GOTO(split_rows(&parts, problem, rows, n_rows, split, level));
    AZ_GOTO(az_model_fit(&model, class, options, pipeline, problem, parts.train, parts.n_train, control));
    AZ_GOTO(az_model_calibrate(model, problem, parts.calibrate, parts.n_calibrate, level, control));
    az_note(control, "intervals: %lld of %lld rows calibrate them, the model is fitted on the other %lld",
            (long long)parts.n_calibrate, (long long)n_rows, (long long)parts.n_train);
    *result = model;
    model = NULL;
done:
    az_model_free(model);
    az_free(parts.train);
    az_free(parts.calibrate);
    return status;
}

az_status az_interval_half_widths(const az_model *model, double level, double *half)
{
    const az_interval *interval = model->interval;
    if (!interval)
        return az_error(AZ_ERROR_USAGE,
                        "the model has no intervals: fit it with --interval 0.9, which keeps rows back to calibrate "
                        "them; of forests fitted with keep_targets = true they can be had by quantiles");
    if (level == 0) level = interval->level;
    AZ_TRY(check_level(level));
    int64_t rank = az_interval_rank(interval->n, level);
    if (rank > interval->n) return too_few(interval->n, level);
    if (rank < 1) rank = 1;
    for (int64_t k = 0; k < interval->n_targets; k++) half[k] = interval->residual[k * interval->n + rank - 1];
    return AZ_OK;
}

/* ---- one of the two ways ---- */

az_status az_bounds_new(az_bounds *bounds, const az_model *model, az_interval_way way, double level,
                        const az_control *control)
{
    az_bounds made = {.model = model, .way = way, .level = level};
    if (way == AZ_INTERVAL_AUTO)
        made.way = model->interval || !az_spread_has_quantiles(model) ? AZ_INTERVAL_CONFORMAL : AZ_INTERVAL_QUANTILES;
    if (made.way == AZ_INTERVAL_CONFORMAL) {
        AZ_TRY(AZ_NEW_ARRAY(made.half, model->n_targets));
        az_status status = az_interval_half_widths(model, level, made.half);
        if (status) {
            az_free(made.half);
            return status;
        }
        if (level == 0) made.level = model->interval->level;
    } else {
        if (level == 0) return az_error(AZ_ERROR_USAGE, "say how large a part of the values: --interval 0.9");
        AZ_TRY(check_level(level));
        const double ends[2] = {(1 - level) / 2, (1 + level) / 2};
        AZ_TRY(az_spread_new(&made.spread, model, &(az_spread_options){.level = ends, .n_levels = 2}, control));
    }
    *bounds = made;
    return AZ_OK;
}

void az_bounds_free(az_bounds *bounds)
{
    az_free(bounds->half);
    az_spread_free(bounds->spread);
    *bounds = (az_bounds){0};
}

az_status az_bounds_fill(const az_bounds *of, const az_table *table, const int64_t *rows, int64_t n_rows,
                         const double *prediction, double *bounds, const az_control *control)
{
    const int64_t n_targets = of->model->n_targets;
    if (of->spread) return az_spread_fill(of->spread, table, rows, n_rows, bounds, NULL, control);
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t k = 0; k < n_targets; k++, bounds += 2) {
            bounds[0] = prediction[i * n_targets + k] - of->half[k];
            bounds[1] = prediction[i * n_targets + k] + of->half[k];
        }
    return AZ_OK;
}

void az_interval_score_add(az_interval_score *score, const az_score_data *data, const double *bounds)
{
    for (int64_t i = 0; i < data->n_rows; i++)
        for (int64_t k = 0; k < data->n_targets; k++, bounds += 2) {
            const int64_t at = i * data->n_targets + k;
            const double weight = data->weight ? data->weight[i] : 1;
            /* |observed - predicted| <= half has other roundings than observed between two sums. */
            const bool inside = score->bounds->half
                                    ? fabs(data->observed[at] - data->predicted[at]) <= score->bounds->half[k]
                                    : data->observed[at] >= bounds[0] && data->observed[at] <= bounds[1];
            score->weight += weight;
            score->width[k] += weight * (bounds[1] - bounds[0]);
            if (inside) score->inside += weight;
        }
}

az_status az_interval_score_rows(az_interval_score *score, const az_problem *problem, const int64_t *rows,
                                 const az_score_data *data, const az_control *control)
{
    int64_t *table_rows = NULL;
    double *bounds = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(table_rows, data->n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(bounds, 2 * data->n_rows * data->n_targets));
    for (int64_t i = 0; i < data->n_rows; i++) table_rows[i] = problem->rows[rows ? rows[i] : i];
    AZ_GOTO(az_bounds_fill(score->bounds, problem->table, table_rows, data->n_rows, data->predicted, bounds, control));
    az_interval_score_add(score, data, bounds);
done:
    az_free(table_rows);
    az_free(bounds);
    return status;
}

az_status az_interval_save(const az_model *model, az_bundle *bundle)
{
    const az_interval *interval = model->interval;
    if (!interval) return AZ_OK;
    const int64_t shape[] = {interval->n_targets, interval->n};
    AZ_TRY(az_bundle_put_scalar(bundle, "interval.level", interval->level));
    return az_bundle_put(bundle, "interval.residual", AZ_DTYPE_F64, 2, shape, interval->residual);
}

az_status az_interval_load(az_model *model, const az_bundle *bundle)
{
    const az_array *residual = az_bundle_find(bundle, "interval.residual");
    double level;
    if (!residual) return AZ_OK;
    AZ_TRY(az_bundle_get_scalar(bundle, "interval.level", &level));
    if (check_level(level) || residual->dtype != AZ_DTYPE_F64 || residual->n_dims != 2 ||
        residual->shape[0] != model->n_targets || residual->shape[1] < 1 || model->task != AZ_REGRESSION)
        return az_error(AZ_ERROR_DATA, "broken model file: the calibration of its intervals");
    const int64_t n = residual->shape[1];
    AZ_TRY(interval_new(&model->interval, level, model->n_targets, n));
    memcpy(model->interval->residual, residual->data, sizeof(double) * (size_t)(n * model->n_targets));
    for (int64_t k = 0; k < model->n_targets; k++)
        for (int64_t i = 0; i < n; i++) {
            const double *value = &model->interval->residual[k * n + i];
            if (!(*value >= 0) || (i > 0 && !(*value >= value[-1])))
                return az_error(AZ_ERROR_DATA, "broken model file: the residuals of its intervals do not ascend");
        }
    return AZ_OK;
}
