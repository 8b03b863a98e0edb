/* SPDX-License-Identifier: BSD-3-Clause */
/* The mean of the calendar month for which the prediction holds: what is known without looking at the state of the
 * day.  Months, because the means of single days of thirty years are noise. */
#include "models/model.h"

#include <math.h>
#include <string.h>

enum { MONTHS = 12, UNIT_CALENDAR = 0, UNIT_SECONDS, UNIT_DAY, UNIT_SECOND, UNIT_NUMBERS };

typedef struct climatology {
    az_time_unit time; /* of the one feature */
    int64_t n_outputs;
    double *mean; /* (MONTHS, n_outputs) */
} climatology;

static az_status climatology_inputs(const az_problem *problem, int64_t *columns, int64_t *n)
{
    if (!az_problem_time_unit(problem))
        return az_error(AZ_ERROR_USAGE,
                        "climatology is the mean of each calendar month, and no column of dates is the time; "
                        "name one with --time");
    columns[0] = problem->time_column;
    *n = 1;
    return AZ_OK;
}

static void climatology_free(void *fitted)
{
    climatology *model = fitted;
    if (!model) return;
    az_free(model->mean);
    az_free(model);
}

static az_status climatology_new(climatology **result, int64_t n_outputs)
{
    climatology *model;
    AZ_TRY(AZ_NEW_ZERO(model));
    model->n_outputs = n_outputs;
    az_status status = AZ_NEW_ARRAY(model->mean, MONTHS * n_outputs);
    if (status)
        az_free(model);
    else
        *result = model;
    return status;
}

static int month_of(const az_time_unit *unit, double time)
{
    az_date date;
    az_date_of_time(unit, time, &date);
    return date.month - 1;
}

/* A month without a row gets the mean of all rows. */
static void measure_means(climatology *model, const az_sample *sample)
{
    double weight[MONTHS] = {0}, all = 0;
    memset(model->mean, 0, (size_t)(MONTHS * model->n_outputs) * sizeof *model->mean);
    for (int64_t i = 0; i < sample->n_rows; i++) {
        int month = month_of(&model->time, sample->x[i]);
        double w = sample->weight ? sample->weight[i] : 1;
        weight[month] += w;
        all += w;
        for (int64_t k = 0; k < model->n_outputs; k++)
            model->mean[month * model->n_outputs + k] += w * sample->y[k * sample->n_rows + i];
    }
    for (int64_t k = 0; k < model->n_outputs; k++) {
        double total = 0;
        for (int month = 0; month < MONTHS; month++) total += model->mean[month * model->n_outputs + k];
        for (int month = 0; month < MONTHS; month++) {
            double *mean = &model->mean[month * model->n_outputs + k];
            *mean = weight[month] > 0 ? *mean / weight[month] : total / all;
        }
    }
}

static az_status climatology_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                                 az_fit_result *result)
{
    climatology *model;
    (void)options;
    (void)control;
    if (sample->n_features != 1 || !sample->features[0].time)
        return az_error(AZ_ERROR_INTERNAL, "climatology was given no time");
    AZ_TRY(climatology_new(&model, sample->n_targets));
    model->time = *sample->features[0].time;
    measure_means(model, sample);
    *result = (az_fit_result){.converged = true};
    *fitted = model;
    return AZ_OK;
}

static void climatology_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const climatology *model = fitted;
    (void)scratch;
    for (int64_t i = 0; i < n_rows; i++) {
        int month = month_of(&model->time, features[i]);
        memcpy(out + i * model->n_outputs, model->mean + month * model->n_outputs,
               (size_t)model->n_outputs * sizeof *out);
    }
}

static az_status climatology_save(const void *fitted, az_bundle *bundle)
{
    const climatology *model = fitted;
    const double unit[UNIT_NUMBERS] = {model->time.calendar, model->time.seconds, (double)model->time.origin_day,
                                       model->time.origin_second};
    AZ_TRY(az_bundle_put_f64(bundle, "time", unit, UNIT_NUMBERS));
    return az_bundle_put_f64(bundle, "mean", model->mean, MONTHS * model->n_outputs);
}

static az_status climatology_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    const double *unit, *mean;
    climatology *model;
    AZ_TRY(az_bundle_get_f64(bundle, "time", UNIT_NUMBERS, &unit, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "mean", MONTHS * n_outputs, &mean, NULL));
    bool whole = unit[UNIT_CALENDAR] == floor(unit[UNIT_CALENDAR]) && fabs(unit[UNIT_DAY]) < 1e12;
    if (n_features != 1 || !whole || !(unit[UNIT_CALENDAR] >= AZ_CALENDAR_STANDARD) ||
        !(unit[UNIT_CALENDAR] <= AZ_CALENDAR_JULIAN) || !(unit[UNIT_SECONDS] > 0) || !isfinite(unit[UNIT_SECONDS]) ||
        !(fabs(unit[UNIT_SECOND]) <= 1e6))
        return az_error(AZ_ERROR_DATA, "the model file is broken: the time of the climatology");
    AZ_TRY(climatology_new(&model, n_outputs));
    model->time = (az_time_unit){.calendar = (az_calendar)unit[UNIT_CALENDAR],
                                 .seconds = unit[UNIT_SECONDS],
                                 .origin_day = (int64_t)unit[UNIT_DAY],
                                 .origin_second = unit[UNIT_SECOND]};
    memcpy(model->mean, mean, (size_t)(MONTHS * n_outputs) * sizeof *mean);
    *fitted = model;
    return AZ_OK;
}

static const az_param climatology_params[] = {AZ_PARAM_END};

const az_model_class az_climatology = {
    .name = "climatology",
    .summary = "the mean of the calendar month (needs --time with dates)",
    .reference = "Wilks, Statistical Methods in the Atmospheric Sciences (2019), section 9.1",
    .tasks = AZ_REGRESSION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_SIGMA | AZ_TRAIT_REPEAT_IS_WEIGHT | AZ_TRAIT_ROW_ORDER_FREE |
              AZ_TRAIT_SEVERAL_TARGETS,
    .without =
        "negative weights: a month could weigh nothing; missing: the design fills cells; partial fit, interval, "
        "iterative: twelve means; periodic, exact products: the one column is taken as it is; learns nothing: it "
        "does",
    .scaling = AZ_SCALE_NONE,
    .params = climatology_params,
    .inputs = climatology_inputs,
    .fit = climatology_fit,
    .free = climatology_free,
    .predict = climatology_predict,
    .save = climatology_save,
    .load = climatology_load,
};
