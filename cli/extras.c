/* SPDX-License-Identifier: BSD-3-Clause */
#include "extras.h"

#include "base/memory.h"
#include "explain/explain.h"

struct cli_extras {
    const cli_call *call;
    const az_model *model;
    az_parts *parts; /* NULL: none */
    cli_extra *columns;
    int64_t n_columns;
    double *values;
    int64_t capacity; /* rows */
};

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
    AZ_GOTO(AZ_NEW_ARRAY(extras->columns, n_parts));
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
    az_free(extras->columns);
    az_free(extras->values);
    az_free(extras);
}

const cli_extra *cli_extras_columns(const cli_extras *extras, int64_t *n)
{
    *n = extras->n_columns;
    return extras->columns;
}

az_status cli_extras_rows(cli_extras *extras, const az_table *block, const double *prediction, const double **values)
{
    (void)prediction;
    *values = NULL;
    if (!extras->n_columns) return AZ_OK;
    if (block->n_rows > extras->capacity) {
        az_free(extras->values);
        extras->capacity = 0;
        AZ_TRY(AZ_NEW_ARRAY(extras->values, block->n_rows * extras->n_columns));
        extras->capacity = block->n_rows;
    }
    AZ_TRY(az_parts_fill(extras->parts, block, extras->values, &extras->call->control));
    *values = extras->values;
    return AZ_OK;
}
