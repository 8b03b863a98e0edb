/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_SHOW_FIELDS_H
#define CLI_SHOW_FIELDS_H

#include "cli.h"
#include "data/dataset.h"
#include "summary.h"

/* A file of fields, and what --select leaves of each dimension. */
typedef struct cli_fields {
    cli_call *call;
    const az_dataset *dataset;
    int64_t *first, *count;
} cli_fields;

/* What one variable holds, by reading it block by block.  A variable of more than CLI_FIELD_LIMIT values is known by
 * every n-th block only. */
#define CLI_FIELD_LIMIT ((int64_t)1 << 27)
typedef struct cli_field_summary {
    cli_summary summary;
    int64_t n_blocks, every; /* every n-th of so many blocks was read */
} cli_field_summary;
az_status cli_field_summarise(const cli_fields *fields, int64_t field, cli_field_summary *summary);

az_status cli_show_fields(const cli_fields *fields);
az_status cli_json_fields(const cli_fields *fields);
az_status cli_show_picture(const cli_fields *fields); /* to options.output */

/* True if a variable is one to be looked at for itself: no coordinate, no bounds, not turned away by --vars. */
az_status cli_check_vars(const cli_fields *fields); /* --vars names variables of the file */
bool cli_field_is_data(const cli_fields *fields, int64_t field);

/* A number of a field, or its date. */
void cli_field_value(char buffer[CLI_NUMBER_MAX], const az_field *about, double value);
/* The first and the last coordinate that --select leaves of a dimension, which has numbers for coordinates and is not
 * empty. */
az_status cli_dimension_ends(const cli_fields *fields, int64_t dimension, double ends[2]);
bool cli_field_has_numbers(const az_dataset *dataset, int64_t field);

#endif
