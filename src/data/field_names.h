/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_DATA_FIELD_NAMES_H
#define AZ_DATA_FIELD_NAMES_H

#include "data/field_plan.h"

/* Fills plan->names. */
az_status az_field_names(field_plan *plan);

#endif
