/* SPDX-License-Identifier: BSD-3-Clause */
#include "extras.h"

#include "base/memory.h"
#include "base/number.h"
#include "explain/explain.h"
#include "scoring.h"

#include <string.h>

struct cli_extras {
    const cli_call *call;
    const az_model *model;
    az_bounds bounds;  /* of the intervals */
    az_spread *spread; /* deviations and quantiles, or NULL: none */
    az_parts *parts;   /* SHAP values and leaves, or NULL: none */
    double *level;     /* (n_levels) of the quantiles */
    int64_t n_levels;
    az_arena strings;
    cli_extra *columns;
    int64_t n_columns;
    int64_t n_bounds, n_spread, n_parts; /* columns of each kind, in this order */
    double *values, *work;
    int64_t capacity; /* rows */
    int64_t n_rows, n_noisy;
};

/* "lower", or "lower_TARGET" where there are several; the title says of which. */
static az_status add_column(cli_extras *extras, const char *name, const char *title, int64_t output)
{
    const az_model *model = extras->model;
    const bool several = az_model_n_outputs(model) > 1;
    const char *of =
        model->task == AZ_CLASSIFICATION && !several ? model->target_names[0] : az_model_output_name(model, output);
    az_text text = {0}, long_text = {0};
    az_text_printf(&text, "%s%s%s", name, several ? "_" : "", several ? of : "");
    az_text_printf(&long_text, "%s of %s", title, of);
    az_status status = az_text_status(&text);
    if (!status) status = az_text_status(&long_text);
    cli_extra *column = &extras->columns[extras->n_columns++];
    *column = (cli_extra){.unit = az_model_output_unit(model, output)};
    if (!status) column->name = az_arena_strndup(&extras->strings, text.data, text.length);
    if (!status) column->title = az_arena_strndup(&extras->strings, long_text.data, long_text.length);
    az_text_free(&text);
    az_text_free(&long_text);
    return column->name && column->title ? AZ_OK : AZ_ERROR_MEMORY;
}

static az_status read_levels(cli_extras *extras)
{
    char **items;
    const char *list = extras->call->options.quantiles;
    if (!list) return AZ_OK;
    AZ_TRY(az_list_split(list, &items, &extras->n_levels));
    az_status status = AZ_NEW_ARRAY(extras->level, extras->n_levels);
    for (int64_t i = 0; i < extras->n_levels && !status; i++)
        if (!az_parse_double_string(items[i], &extras->level[i]) || !(extras->level[i] >= 0 && extras->level[i] <= 1))
            status = az_error(AZ_ERROR_USAGE,
                              "--quantiles takes numbers from 0 to 1 with commas between them, such as 0.05,0.5,0.95, "
                              "not \"%s\"",
                              list);
    if (!status && extras->n_levels == 0)
        status = az_error(AZ_ERROR_USAGE, "--quantiles needs levels, such as 0.05,0.5,0.95, and its list is empty");
    az_free(items);
    return status;
}

static az_status new_spread(cli_extras *extras)
{
    const cli_options *options = &extras->call->options;
    AZ_TRY(read_levels(extras));
    const az_spread_options wanted = {
        .deviation = options->deviation, .level = extras->level, .n_levels = extras->n_levels};
    if (!wanted.deviation && !wanted.n_levels) return AZ_OK;
    az_status status = az_spread_new(&extras->spread, extras->model, &wanted, &extras->call->control);
    if (status == AZ_ERROR_USAGE)
        az_error_context(status, "%s",
                         !wanted.deviation  ? "--quantiles"
                         : !wanted.n_levels ? "--deviation"
                                            : "--deviation, --quantiles");
    return status;
}

static az_status new_parts(cli_extras *extras)
{
    const cli_options *options = &extras->call->options;
    const unsigned what =
        (options->shap ? (unsigned)AZ_EXPLAIN_SHAP : 0) | (options->leaf ? (unsigned)AZ_EXPLAIN_LEAF : 0);
    if (!what) return AZ_OK;
    az_status status = az_parts_new(&extras->parts, extras->model, what);
    if (status == AZ_ERROR_USAGE) az_error_context(status, "%s", options->shap ? "--shap" : "--leaf");
    return status;
}

static az_status name_columns(cli_extras *extras)
{
    const az_model *model = extras->model;
    for (int64_t k = 0; k < model->n_targets && extras->n_bounds; k++) {
        AZ_TRY(add_column(extras, "lower", "lower end of the interval", k));
        AZ_TRY(add_column(extras, "upper", "upper end of the interval", k));
    }
    for (int64_t k = 0; k < az_model_n_outputs(model) && extras->call->options.deviation; k++)
        AZ_TRY(add_column(extras, "deviation", "standard deviation of the prediction", k));
    for (int64_t k = 0; k < model->n_targets; k++)
        for (int64_t i = 0; i < extras->n_levels; i++) {
            char level[AZ_NUMBER_MAX], name[AZ_NUMBER_MAX + 1], title[AZ_NUMBER_MAX + 16];
            az_print_double(level, extras->level[i]);
            snprintf(name, sizeof name, "q%s", level);
            snprintf(title, sizeof title, "quantile %s", level);
            AZ_TRY(add_column(extras, name, title, k));
        }
    for (int64_t i = 0; i < extras->n_parts; i++) {
        const char *name = az_parts_name(extras->parts, i);
        extras->columns[extras->n_columns++] = (cli_extra){.name = name, .title = name};
    }
    return AZ_OK;
}

az_status cli_extras_new(cli_extras **result, const cli_call *call, const az_model *model)
{
    cli_extras *extras;
    az_status status;
    if (call->options.interval_by && call->options.interval == 0)
        return az_error(AZ_ERROR_USAGE,
                        "--interval-by says how; say how large a part of the values, too: --interval 0.9");
    AZ_TRY(AZ_NEW_ZERO(extras));
    extras->call = call;
    extras->model = model;
    if (call->options.interval > 0) {
        AZ_GOTO(az_bounds_new(&extras->bounds, model, cli_interval_way(call), call->options.interval, &call->control));
        extras->n_bounds = 2 * model->n_targets;
    }
    AZ_GOTO(new_spread(extras));
    AZ_GOTO(new_parts(extras));
    if (extras->spread) extras->n_spread = az_spread_n(extras->spread);
    if (extras->parts) extras->n_parts = az_parts_n(extras->parts);
    AZ_GOTO(AZ_NEW_ARRAY(extras->columns, extras->n_bounds + extras->n_spread + extras->n_parts));
    AZ_GOTO(name_columns(extras));
    *result = extras;
    extras = NULL;
done:
    cli_extras_free(extras);
    return status;
}

void cli_extras_free(cli_extras *extras)
{
    if (!extras) return;
    az_bounds_free(&extras->bounds);
    az_spread_free(extras->spread);
    az_parts_free(extras->parts);
    az_free(extras->level);
    az_arena_free(&extras->strings);
    az_free(extras->columns);
    az_free(extras->values);
    az_free(extras->work);
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
    az_free(extras->work);
    extras->values = extras->work = NULL;
    extras->capacity = 0;
    AZ_TRY(AZ_NEW_ARRAY(extras->values, n_rows * extras->n_columns));
    AZ_TRY(AZ_NEW_ARRAY(extras->work, n_rows * extras->n_columns));
    extras->capacity = n_rows;
    return AZ_OK;
}

/* Columns first .. first + n - 1 from a matrix of their own. */
static void put_columns(cli_extras *extras, int64_t first, int64_t n, int64_t n_rows)
{
    for (int64_t i = 0; i < n_rows; i++)
        memcpy(extras->values + i * extras->n_columns + first, extras->work + i * n,
               sizeof *extras->values * (size_t)n);
}

az_status cli_extras_rows(cli_extras *extras, const az_table *block, const double *prediction, const double **values)
{
    const az_control *control = &extras->call->control;
    *values = NULL;
    if (!extras->n_columns) return AZ_OK;
    AZ_TRY(make_room(extras, block->n_rows));
    if (extras->n_bounds) {
        AZ_TRY(az_bounds_fill(&extras->bounds, block, NULL, block->n_rows, prediction, extras->work, control));
        put_columns(extras, 0, extras->n_bounds, block->n_rows);
    }
    if (extras->spread) {
        AZ_TRY(az_spread_fill(extras->spread, block, NULL, 0, extras->work, &extras->n_noisy, control));
        put_columns(extras, extras->n_bounds, extras->n_spread, block->n_rows);
    }
    if (extras->parts) {
        AZ_TRY(az_parts_fill(extras->parts, block, extras->work, control));
        put_columns(extras, extras->n_bounds + extras->n_spread, extras->n_parts, block->n_rows);
    }
    extras->n_rows += block->n_rows;
    *values = extras->values;
    return AZ_OK;
}

void cli_extras_tell(const cli_extras *extras)
{
    const int64_t n = extras->n_rows * az_model_n_outputs(extras->model);
    if (extras->n_noisy)
        az_warning(&extras->call->control,
                   "deviation: 0 in %lld of %lld places, where the noise of so few trees is larger than what it "
                   "measures; with about %lld trees it would be measured well (fit --continue)",
                   (long long)extras->n_noisy, (long long)n, (long long)az_spread_trees_wanted(extras->spread));
}
