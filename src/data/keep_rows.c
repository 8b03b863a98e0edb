/* SPDX-License-Identifier: BSD-3-Clause */
/* A table with some of its rows: in place where the memory is the table's own. */
#include "data/derive.h"

#include <math.h>
#include <string.h>

static az_status keep_numbers(az_column *column, const int64_t *kept, int64_t n_kept)
{
    double *values = column->owned_values;
    if (!values || column->stride != 1) AZ_TRY(AZ_NEW_ARRAY(values, n_kept));
    column->n_missing = 0;
    for (int64_t i = 0; i < n_kept; i++) {
        values[i] = column->values[kept[i] * column->stride];
        column->n_missing += isnan(values[i]);
    }
    if (values != column->owned_values) az_free(column->owned_values);
    column->values = column->owned_values = values;
    column->stride = 1;
    return AZ_OK;
}

/* The levels that are left, numbered by their first appearance in what is left, as if nothing else had been read. */
static az_status keep_codes(az_column *column, const int64_t *kept, int64_t n_kept)
{
    int32_t *code_of = NULL, *codes = column->borrowed ? NULL : column->codes, n_levels = 0;
    char **levels = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(code_of, column->n_levels));
    AZ_GOTO(AZ_NEW_ARRAY(levels, column->n_levels));
    if (!codes) AZ_GOTO(AZ_NEW_ARRAY(codes, n_kept));
    for (int32_t k = 0; k < column->n_levels; k++) code_of[k] = -1;
    column->n_missing = 0;
    for (int64_t i = 0; i < n_kept; i++) {
        int32_t code = column->codes[kept[i]];
        if (code >= 0 && code_of[code] < 0) {
            levels[n_levels] = column->levels[code];
            code_of[code] = n_levels++;
        }
        codes[i] = code < 0 ? -1 : code_of[code];
        column->n_missing += code < 0;
    }
    if (!column->borrowed) az_free(column->levels);
    column->borrowed = false;
    column->codes = codes;
    column->levels = levels;
    column->n_levels = n_levels;
    levels = NULL;
done:
    az_free(code_of);
    az_free(levels);
    return status;
}

az_status az_table_keep_rows(az_table *table, const int64_t *kept, int64_t n_kept)
{
    int64_t *row_numbers;
    AZ_TRY(AZ_NEW_ARRAY(row_numbers, n_kept));
    for (int64_t i = 0; i < n_kept; i++) row_numbers[i] = az_table_row_number(table, kept[i]);
    az_free(table->row_numbers);
    table->row_numbers = row_numbers;
    for (int64_t j = 0; j < table->n_columns; j++) {
        az_column *column = &table->columns[j];
        if (column->type == AZ_CATEGORICAL)
            AZ_TRY(keep_codes(column, kept, n_kept));
        else
            AZ_TRY(keep_numbers(column, kept, n_kept));
    }
    table->n_rows = n_kept;
    return AZ_OK;
}
