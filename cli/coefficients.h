/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_COEFFICIENTS_H
#define CLI_COEFFICIENTS_H

#include "cli.h"

#include "base/json_write.h"

/* Prints the table of coefficients and the facts of the fit; nothing for models that have neither. */
az_status cli_print_coefficients(const az_model *model);
az_status cli_print_facts(const az_model *model);
/* "facts": the named figures about the fit (r2, aic, rank, ...).  Nothing if there are none. */
void cli_json_facts(az_json *json, const az_model *model);
/* The loss along the training, of models that have it. */
void cli_json_history(az_json *json, const az_model *model);
/* "coefficients": a list of name, estimate, std_error, t, p and the 95 % interval lower, upper; with
 * several outputs `output` too.  Nothing if not linear. */
az_status cli_json_coefficients(az_json *json, const az_model *model);
/* "parameters": those of the model and of what stands before it. */
void cli_json_parameters(az_json *json, const az_model *model);

#endif
