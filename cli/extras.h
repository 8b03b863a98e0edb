/* SPDX-License-Identifier: BSD-3-Clause */
/* What predict puts beside the predictions: intervals, deviations, quantiles, SHAP values, leaves. */
#ifndef CLI_EXTRAS_H
#define CLI_EXTRAS_H

#include "prediction_writer.h"

typedef struct cli_extras cli_extras;

/* AZ_ERROR_USAGE: the model cannot give what the call asks for. */
az_status cli_extras_new(cli_extras **extras, const cli_call *call, const az_model *model);
void cli_extras_free(cli_extras *extras);
const cli_extra *cli_extras_columns(const cli_extras *extras, int64_t *n);
/* *values (rows of the block, n) row-major, valid until the next call; NULL: there are no columns. */
az_status cli_extras_rows(cli_extras *extras, const az_table *block, const double *prediction, const double **values);
/* After the last rows: what is to be known of them all. */
void cli_extras_tell(const cli_extras *extras);

#endif
