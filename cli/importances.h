/* SPDX-License-Identifier: BSD-3-Clause */
/* Importances of columns, printed and as JSON. */
#ifndef CLI_IMPORTANCES_H
#define CLI_IMPORTANCES_H

#include "cli.h"

#include "base/json_write.h"
#include "explain/explain.h"

az_status cli_print_importances(const az_model *model, const az_importances *importances);
void cli_json_importances(az_json *json, const az_importances *importances);

/* What a class of trees keeps from its training; nothing for the others. */
az_status cli_print_training_importances(const az_model *model);
az_status cli_json_training_importances(az_json *json, const az_model *model);

#endif
