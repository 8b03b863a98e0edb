/* SPDX-License-Identifier: BSD-3-Clause */
/* A time told by several columns: year, month, and perhaps day and hour. */
#ifndef AZ_DATA_TIME_PARTS_H
#define AZ_DATA_TIME_PARTS_H

#include "base/control.h"
#include "data/table.h"

/* Are several columns named? */
bool az_time_has_parts(const char *time);

/* Adds the column "time" (AZ_TIME) made of the columns named, which becomes the table's time by itself.
 * AZ_ERROR_DATA: no such columns, or no such date (names the row).  Does nothing for a single name or none. */
az_status az_table_time_of_parts(az_table *table, const char *time);

#endif
