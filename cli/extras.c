/* SPDX-License-Identifier: BSD-3-Clause */
#include "extras.h"

#include "base/memory.h"
#include "explain/explain.h"
#include "models/interval.h"

#include <string.h>

struct cli_extras {
    const cli_call *call;
    const az_model *model;
    double *half;        /* (n_targets) of the intervals, or NULL: none */
    int64_t n_intervals; /* columns: two a target, which come first */
    az_parts *parts;     /* NULL: none */
    az_arena strings;
    cli_extra *columns;
    int64_t n_columns;
    double *values, *parts_values;
    int64_t capacity; /* rows */
};

static az_status add_bound(cli_extras *extras, const char *name, int64_t target)
{
    const az_model *model = extras->model;
    const char *of = model->target_names[target];
    az_text text = {0}, title = {0};
    az_text_printf(&text, "%s%s%s", name, model->n_targets > 1 ? "_" : "", model->n_targets > 1 ? of : "");
    az_text_printf(&title, "%s end of the interval of %s", name, of);
    az_status status = az_text_status(&text);
    if (!status) status = az_text_status(&title);
    cli_extra *column = &extras->columns[extras->n_columns++];
    *column = (cli_extra){.unit = model->target_units ? model->target_units[target] : NULL};
    if (!status) column->name = az_arena_strndup(&extras->strings, text.data, text.length);
    if (!status) column->title = az_arena_strndup(&extras->strings, title.data, title.length);
    az_text_free(&text);
    az_text_free(&title);
    return column->name && column->title ? AZ_OK : AZ_ERROR_MEMORY;
}

static az_status add_intervals(cli_extras *extras)
{
    AZ_TRY(az_interval_half_widths(extras->model, extras->call->options.interval, extras->half));
    for (int64_t k = 0; k < extras->model->n_targets; k++) {
        AZ_TRY(add_bound(extras, "lower", k));
        AZ_TRY(add_bound(extras, "upper", k));
    }
    extras->n_intervals = extras->n_columns;
    return AZ_OK;
}

static az_status add_parts(cli_extras *extras)
{
    const cli_options *options = &extras->call->options;
    const unsigned what =
        (options->shap ? (unsigned)AZ_EXPLAIN_SHAP : 0) | (options->leaf ? (unsigned)AZ_EXPLAIN_LEAF : 0);
    if (!what) return AZ_OK;
    az_status status = az_parts_new(&extras->parts, extras->model, what);
    if (status == AZ_ERROR_USAGE) az_error_context(status, "%s", options->shap ? "--shap" : "--leaf");
    return status;
}

az_status cli_extras_new(cli_extras **result, const cli_call *call, const az_model *model)
{
    cli_extras *extras;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(extras));
    extras->call = call;
    extras->model = model;
    AZ_GOTO(add_parts(extras));
    const int64_t n_parts = extras->parts ? az_parts_n(extras->parts) : 0;
    AZ_GOTO(AZ_NEW_ARRAY(extras->columns, n_parts + 2 * model->n_targets));
    if (call->options.interval > 0) {
        AZ_GOTO(AZ_NEW_ARRAY(extras->half, model->n_targets));
        AZ_GOTO(add_intervals(extras));
    }
    for (int64_t i = 0; i < n_parts; i++) {
        const char *name = az_parts_name(extras->parts, i);
        extras->columns[extras->n_columns++] = (cli_extra){.name = name, .title = name};
    }
    *result = extras;
    extras = NULL;
done:
    cli_extras_free(extras);
    return status;
}

void cli_extras_free(cli_extras *extras)
{
    if (!extras) return;
    az_parts_free(extras->parts);
    az_free(extras->half);
    az_arena_free(&extras->strings);
    az_free(extras->parts_values);
    az_free(extras->columns);
    az_free(extras->values);
    az_free(extras);
}

const cli_extra *cli_extras_columns(const cli_extras *extras, int64_t *n)
{
    *n = extras->n_columns;
    return extras->columns;
}

static az_status make_room(cli_extras *extras, int64_t n_rows)
{
    if (n_rows <= extras->capacity) return AZ_OK;
    az_free(extras->values);
    az_free(extras->parts_values);
    extras->values = extras->parts_values = NULL;
    extras->capacity = 0;
    AZ_TRY(AZ_NEW_ARRAY(extras->values, n_rows * extras->n_columns));
    if (extras->parts && extras->n_intervals)
        AZ_TRY(AZ_NEW_ARRAY(extras->parts_values, n_rows * az_parts_n(extras->parts)));
    extras->capacity = n_rows;
    return AZ_OK;
}

az_status cli_extras_rows(cli_extras *extras, const az_table *block, const double *prediction, const double **values)
{
    const int64_t n_targets = extras->model->n_targets, n_parts = extras->parts ? az_parts_n(extras->parts) : 0;
    *values = NULL;
    if (!extras->n_columns) return AZ_OK;
    AZ_TRY(make_room(extras, block->n_rows));
    double *parts = extras->n_intervals ? extras->parts_values : extras->values;
    if (extras->parts) AZ_TRY(az_parts_fill(extras->parts, block, parts, &extras->call->control));
    for (int64_t i = 0; i < block->n_rows && extras->n_intervals; i++) {
        double *row = extras->values + i * extras->n_columns;
        for (int64_t k = 0; k < n_targets; k++) {
            *row++ = prediction[i * n_targets + k] - extras->half[k];
            *row++ = prediction[i * n_targets + k] + extras->half[k];
        }
        if (n_parts) memcpy(row, parts + i * n_parts, sizeof *row * (size_t)n_parts);
    }
    *values = extras->values;
    return AZ_OK;
}
