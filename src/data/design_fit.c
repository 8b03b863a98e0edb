/* SPDX-License-Identifier: BSD-3-Clause */
/* Fitting a design: levels, medians, ranges and products, all from the training rows alone. */
#include "data/design.h"

#include "base/control.h"
#include "base/number.h"
#include "base/parallel.h"
#include "data/quantile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct fit_job {
    az_design *design;
    const az_table *table;
    const int64_t *columns;
    const int64_t *rows;
    int64_t n_rows;
    const double *weight;
    double *work;      /* (n_threads, 2 n_rows) */
    int64_t *n_filled; /* per input */
    az_status *status; /* per input or feature */
} fit_job;

static int64_t row_of(const fit_job *job, int64_t i)
{
    return job->rows ? job->rows[i] : i;
}

/* Median, range and number of missing cells of a numeric input. */
static void measure_input(void *context, int64_t k, int thread)
{
    fit_job *job = context;
    az_raw_input *input = &job->design->inputs[k];
    if (input->type == AZ_CATEGORICAL) return;
    const az_column *column = &job->table->columns[job->columns[k]];
    double *present = job->work + 2 * job->n_rows * thread, *weight = present + job->n_rows;
    int64_t n = 0;
    double lower = INFINITY, upper = -INFINITY;
    for (int64_t i = 0; i < job->n_rows; i++) {
        double value = column->values[row_of(job, i) * column->stride];
        if (isnan(value)) continue;
        present[n] = value;
        if (job->weight) weight[n] = job->weight[i];
        if (value < lower) lower = value;
        if (value > upper) upper = value;
        n++;
    }
    job->n_filled[k] = job->n_rows - n;
    /* A phase of time is never out of range: next January is a January. */
    bool wraps = input->type == AZ_TIME && input->period > 0;
    input->lower = wraps ? -INFINITY : lower;
    input->upper = wraps ? INFINITY : upper;
    if (job->design->options.keep_missing) {
        if (n == 0) input->lower = -INFINITY, input->upper = INFINITY;
        return;
    }
    if (n == 0) {
        job->status[k] = AZ_ERROR_DATA;
        return;
    }
    if (job->weight)
        job->status[k] = az_weighted_quantile(present, weight, n, 0.5, &input->fill);
    else
        input->fill = az_quantile(present, n, 0.5);
}

static int compare_levels(const void *a, const void *b)
{
    return az_level_compare(*(char *const *)a, *(char *const *)b);
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The levels of a categorical input that occur among the training rows, sorted. */
static az_status collect_levels(const fit_job *job, int64_t k)
{
    az_raw_input *input = &job->design->inputs[k];
    const az_column *column = &job->table->columns[job->columns[k]];
    az_arena *strings = &job->design->strings;
    az_status status = AZ_OK;
    unsigned char *seen = NULL;
    double *numbers = NULL;
    int64_t n_missing = 0, n_levels = 0;
    if (column->type == AZ_CATEGORICAL) {
        AZ_GOTO(AZ_NEW_ARRAY(seen, column->n_levels));
        memset(seen, 0, (size_t)column->n_levels);
        for (int64_t i = 0; i < job->n_rows; i++) {
            int32_t code = column->codes[row_of(job, i)];
            if (code < 0)
                n_missing++;
            else
                seen[code] = 1;
        }
        for (int32_t code = 0; code < column->n_levels; code++) n_levels += seen[code];
    } else {
        AZ_GOTO(AZ_NEW_ARRAY(numbers, job->n_rows));
        int64_t n = 0;
        for (int64_t i = 0; i < job->n_rows; i++) {
            double value = column->values[row_of(job, i) * column->stride];
            if (isnan(value))
                n_missing++;
            else
                numbers[n++] = value;
        }
        qsort(numbers, (size_t)n, sizeof *numbers, compare_numbers);
        for (int64_t i = 0; i < n; i++)
            if (i == 0 || numbers[i] != numbers[n_levels - 1]) numbers[n_levels++] = numbers[i];
    }
    if (n_levels + 1 > INT32_MAX) {
        status = az_error(AZ_ERROR_DATA, "column \"%s\" has too many levels", input->name);
        goto done;
    }
    input->levels = az_arena_alloc(strings, (size_t)(n_levels + 1) * sizeof *input->levels);
    if (!input->levels) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    int32_t n = 0;
    if (column->type == AZ_CATEGORICAL) {
        for (int32_t code = 0; code < column->n_levels; code++) {
            if (!seen[code]) continue;
            input->levels[n] = az_arena_strndup(strings, column->levels[code], strlen(column->levels[code]));
            if (!input->levels[n++]) status = AZ_ERROR_MEMORY;
        }
        if (status) goto done;
        qsort(input->levels, (size_t)n, sizeof *input->levels, compare_levels);
    } else {
        for (; n < n_levels; n++) {
            char text[AZ_NUMBER_MAX];
            size_t length = az_level_print(text, numbers[n]);
            input->levels[n] = az_arena_strndup(strings, text, length);
            if (!input->levels[n]) status = AZ_ERROR_MEMORY;
        }
        if (status) goto done;
    }
    if (n_missing && !(job->design->options.keep_categories && job->design->options.keep_missing)) {
        input->missing_level = n;
        input->levels[n] = az_arena_strndup(strings, AZ_MISSING_LEVEL, strlen(AZ_MISSING_LEVEL));
        if (!input->levels[n++]) status = AZ_ERROR_MEMORY;
    }
    input->n_levels = n;
done:
    az_free(seen);
    az_free(numbers);
    return status;
}

static char *name_of(az_arena *strings, const char *a, const char *between, const char *b, const char *after)
{
    size_t length = strlen(a) + strlen(between) + strlen(b) + strlen(after);
    char *name = az_arena_alloc(strings, length + 1);
    if (name) snprintf(name, length + 1, "%s%s%s%s", a, between, b, after);
    return name;
}

/* "cos(lon)"; of a time, which may have several periods, "cos(time, year)". */
static char *phase_name(az_arena *strings, const char *function, const az_raw_input *input)
{
    const char *word = input->type == AZ_TIME ? az_time_period_word(&input->time, input->period) : NULL;
    char after[AZ_NUMBER_MAX + 4] = ")";
    if (input->type == AZ_TIME) {
        char number[AZ_NUMBER_MAX];
        az_print_double(number, input->period);
        snprintf(after, sizeof after, ", %s)", word ? word : number);
    }
    return name_of(strings, function, input->name, after, "");
}

/* The base features: one a number, one a level, cos and sin of a phase. */
static az_status list_base(az_design *design, az_feature *base, int32_t *input_of_base)
{
    int64_t n = 0;
    for (int64_t k = 0; k < design->n_inputs; k++) {
        az_raw_input *input = &design->inputs[k];
        for (int32_t place = 0; place < input->n_base; place++, n++) {
            az_feature *feature = &base[n];
            *feature = (az_feature){.scale = 1};
            input_of_base[n] = (int32_t)k;
            if (input->type == AZ_CATEGORICAL && design->options.keep_categories) {
                feature->n_categories = input->n_levels;
                feature->name = input->name;
            } else if (input->type == AZ_CATEGORICAL) {
                int32_t level = place + (input->dropped_level >= 0 && place >= input->dropped_level);
                feature->one_hot = true;
                feature->name = name_of(&design->strings, input->name, "=", input->levels[level], "");
            } else if (input->period > 0 && !design->options.keep_periodic) {
                feature->name = phase_name(&design->strings, place ? "sin(" : "cos(", input);
            } else {
                feature->name = input->name;
                feature->period = input->period;
                if (input->type == AZ_TIME) feature->time = &input->time;
            }
            if (!feature->name) return AZ_ERROR_MEMORY;
        }
    }
    return AZ_OK;
}

/* A product is of use unless it holds two indicators of one input: those multiply to themselves or to zero. */
static bool is_useful(const az_design *design, const az_feature *base, const int32_t *input_of_base,
                      const int32_t *factor, int64_t n_factors)
{
    for (int64_t a = 0; a < n_factors; a++)
        for (int64_t b = a + 1; b < n_factors; b++) {
            if (design->options.interaction_only && factor[a] == factor[b]) return false;
            if (base[factor[a]].one_hot && input_of_base[factor[a]] == input_of_base[factor[b]]) return false;
        }
    return true;
}

static char *product_name(az_design *design, const az_feature *base, const int32_t *factor, int64_t n_factors)
{
    az_text text = {0};
    for (int64_t a = 0; a < n_factors;) {
        int64_t power = 1;
        while (a + power < n_factors && factor[a + power] == factor[a]) power++;
        if (a > 0) az_text_append(&text, "*");
        az_text_append(&text, base[factor[a]].name);
        if (power > 1) az_text_printf(&text, "^%d", (int)power);
        a += power;
    }
    char *name = az_text_status(&text) ? NULL : az_arena_strndup(&design->strings, text.data, text.length);
    az_text_free(&text);
    return name;
}

/* Steps to the next non-decreasing tuple of `size` numbers below n; false after the last. */
static bool next_tuple(int32_t *tuple, int64_t size, int64_t n)
{
    for (int64_t a = size - 1; a >= 0; a--) {
        if (tuple[a] + 1 >= n) continue;
        int32_t value = tuple[a] + 1;
        for (int64_t b = a; b < size; b++) tuple[b] = value;
        return true;
    }
    return false;
}

/* All products of up to `degree` base features, ordered as scikit-learn's PolynomialFeatures without the constant. */
static az_status list_products(az_design *design, const az_feature *base, const int32_t *input_of_base)
{
    const int64_t degree = design->options.degree, n_base = design->n_base;
    int64_t capacity = 0;
    int32_t *tuple;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(tuple, degree));
    for (int64_t size = 1; size <= degree; size++) {
        memset(tuple, 0, (size_t)degree * sizeof *tuple);
        do {
            if (!is_useful(design, base, input_of_base, tuple, size)) continue;
            if (design->n_features == capacity) {
                capacity = capacity ? 2 * capacity : 64;
                if (capacity > 1 << 22) {
                    status = az_error(AZ_ERROR_USAGE,
                                      "degree = %d makes more than 2 million products of %lld features; "
                                      "choose a lower degree or fewer --features",
                                      (int)degree, (long long)n_base);
                    goto done;
                }
                void *features = az_realloc_array(design->features, capacity, sizeof *design->features);
                if (features) design->features = features;
                void *powers = az_realloc_array(design->powers, capacity * degree, sizeof *design->powers);
                if (powers) design->powers = powers;
                if (!features || !powers) {
                    status = AZ_ERROR_MEMORY;
                    goto done;
                }
            }
            az_feature *feature = &design->features[design->n_features];
            *feature = size == 1 ? base[tuple[0]] : (az_feature){.scale = 1};
            if (size > 1) {
                feature->name = product_name(design, base, tuple, size);
                feature->one_hot = true;
                for (int64_t a = 0; a < size; a++) feature->one_hot &= base[tuple[a]].one_hot;
            }
            if (!feature->name) {
                status = AZ_ERROR_MEMORY;
                goto done;
            }
            int32_t *factor = design->powers + design->n_features * degree;
            for (int64_t a = 0; a < degree; a++) factor[a] = a < size ? tuple[a] : -1;
            design->n_features++;
        } while (next_tuple(tuple, size, n_base));
    }
done:
    az_free(tuple);
    return status;
}

static az_status copy_input(fit_job *job, int64_t k, double period, bool categorical)
{
    az_raw_input *input = &job->design->inputs[k];
    const az_column *column = &job->table->columns[job->columns[k]];
    *input = (az_raw_input){.type = column->type, .missing_level = -1, .dropped_level = -1};
    input->name = az_arena_strndup(&job->design->strings, column->name, strlen(column->name));
    if (!input->name) return AZ_ERROR_MEMORY;
    if (column->unit) {
        input->unit = az_arena_strndup(&job->design->strings, column->unit, strlen(column->unit));
        if (!input->unit) return AZ_ERROR_MEMORY;
    }
    if (categorical) input->type = AZ_CATEGORICAL;
    if (input->type == AZ_CATEGORICAL) return collect_levels(job, k);
    input->period = period;
    input->time = column->time;
    return AZ_OK;
}

static void tell_inputs(const fit_job *job, const az_control *control)
{
    for (int64_t k = 0; k < job->design->n_inputs; k++) {
        const az_raw_input *input = &job->design->inputs[k];
        if (input->type != AZ_CATEGORICAL && job->n_filled[k] && job->design->options.keep_missing) {
            az_note(control, "%s: %lld missing cells, which the model takes as they are", input->name,
                    (long long)job->n_filled[k]);
        } else if (input->type != AZ_CATEGORICAL && job->n_filled[k]) {
            char fill[AZ_TIME_MAX];
            if (input->type == AZ_TIME)
                az_time_print(fill, &input->time, input->fill);
            else
                az_print_rounded(fill, input->fill, 6);
            az_note(control, "%s: %lld missing cells filled with the median %s", input->name,
                    (long long)job->n_filled[k], fill);
        }
        if (input->type == AZ_CATEGORICAL && input->dropped_level >= 0)
            az_note(control, "%s: %d levels; \"%s\" is the reference and has no column", input->name, input->n_levels,
                    input->levels[input->dropped_level]);
    }
}

az_status az_design_fit(az_design **result, const az_table *table, const int64_t *columns, int64_t n_columns,
                        const double *periods, const bool *forced_categorical, const int64_t *rows, int64_t n_rows,
                        const double *weight, const az_design_options *options, const az_control *control)
{
    az_status status = AZ_OK;
    int n_threads = az_control_threads(control);
    az_design *design;
    az_feature *base = NULL;
    int32_t *input_of_base = NULL;
    fit_job job = {.table = table, .columns = columns, .rows = rows, .n_rows = n_rows, .weight = weight};
    AZ_TRY(AZ_NEW_ZERO(design));
    job.design = design;
    design->options = *options;
    if (design->options.degree < 1) design->options.degree = 1;
    /* Products are made of numbers. */
    if (design->options.degree > 1) design->options.keep_categories = false;
    if (design->options.keep_categories) design->options.drop_first = false;
    AZ_GOTO(AZ_NEW_ARRAY(design->inputs, n_columns));
    AZ_GOTO(AZ_NEW_ARRAY(job.n_filled, n_columns));
    AZ_GOTO(AZ_NEW_ARRAY(job.status, n_columns));
    AZ_GOTO(AZ_NEW_ARRAY(job.work, 2 * n_rows * n_threads));
    for (int64_t k = 0; k < n_columns; k++) {
        job.status[k] = AZ_OK;
        job.n_filled[k] = 0;
        design->n_inputs = k + 1;
        AZ_GOTO(copy_input(&job, k, periods ? periods[k] : 0, forced_categorical && forced_categorical[k]));
    }
    az_parallel(n_threads, n_columns, measure_input, &job);
    for (int64_t k = 0; k < n_columns; k++) {
        az_raw_input *input = &design->inputs[k];
        if (job.status[k] == AZ_ERROR_DATA)
            status =
                az_error(AZ_ERROR_DATA, "%s: column \"%s\" has no value in any training row; leave it out (--ignore)",
                         table->source, input->name);
        if (job.status[k] == AZ_ERROR_MEMORY) status = az_error(AZ_ERROR_MEMORY, "out of memory for quantiles");
        if (status) goto done;
        input->first_base = (int32_t)design->n_base;
        input->n_base = input->type != AZ_CATEGORICAL && input->period > 0 && !options->keep_periodic ? 2 : 1;
        if (input->type == AZ_CATEGORICAL) {
            if (design->options.drop_first && input->n_levels > 0) input->dropped_level = 0;
            input->n_base = design->options.keep_categories ? 1 : input->n_levels - (input->dropped_level >= 0);
        }
        design->n_base += input->n_base;
        if (design->n_base > INT32_MAX / 2) {
            status = az_error(AZ_ERROR_DATA, "%s: too many levels for one-hot columns; leave columns out (--ignore)",
                              table->source);
            goto done;
        }
    }
    AZ_GOTO(AZ_NEW_ARRAY(base, design->n_base));
    AZ_GOTO(AZ_NEW_ARRAY(input_of_base, design->n_base));
    AZ_GOTO(list_base(design, base, input_of_base));
    if (design->options.degree > 1 && design->n_base > 0) {
        AZ_GOTO(list_products(design, base, input_of_base));
    } else {
        design->features = base;
        design->n_features = design->n_base;
        base = NULL;
    }
    tell_inputs(&job, control);
done:
    az_free(base);
    az_free(input_of_base);
    az_free(job.n_filled);
    az_free(job.status);
    az_free(job.work);
    if (status)
        az_design_free(design);
    else
        *result = design;
    return status;
}

void az_design_free(az_design *design)
{
    if (!design) return;
    az_free(design->inputs);
    az_free(design->features);
    az_free(design->powers);
    az_arena_free(&design->strings);
    az_free(design);
}
