/* SPDX-License-Identifier: BSD-3-Clause */
/* Columns derived by formulas and rows chosen by one: the options `derive` and `where`. */
#ifndef AZ_DATA_DERIVE_H
#define AZ_DATA_DERIVE_H

#include "base/control.h"
#include "data/table.h"

typedef struct az_derive az_derive;

/* The formulas of the options, parsed; *derive is NULL where they ask for nothing. */
az_status az_derive_new(az_derive **derive, const az_reader_options *options);
void az_derive_free(az_derive *derive); /* NULL is allowed */

/* Adds the derived columns to a block, and leaves out the rows for which --where does not hold (a missing condition
 * does not).  Replaces *block where rows go; on failure it is as it was or has some columns more. */
az_status az_derive_apply(az_derive *derive, az_table **block, const az_control *control);

/* After the last block: says what was left out or is missing, once.  AZ_ERROR_DATA if no row is left. */
az_status az_derive_finish(az_derive *derive, const az_control *control);

/* The same for a whole table, replaced where rows go. */
az_status az_table_derive(az_table **table, const az_reader_options *options, const az_control *control);

#endif
