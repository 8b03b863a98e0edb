/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_MODELS_AREA_H
#define AZ_MODELS_AREA_H

#include "data/table.h"

/* Whether `weight` asks for --weight area: no column has that name. */
bool az_weight_is_area(const az_table *table, const char *weight);

/* The column of latitudes (by unit or name), or -1. */
int64_t az_latitude_column(const az_table *table);

/* The area of a cell on a grid of equal angles, relative to one at the equator.  AZ_ERROR_DATA: no latitude. */
az_status az_area_weight(const az_table *table, int64_t latitude, int64_t row, double *weight);

#endif
