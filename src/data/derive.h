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

/* Adds the derived columns to a block and takes out of it the rows for which --where does not hold (a missing condition
 * does not).  After a failure the block is good for nothing but to be freed. */
az_status az_derive_apply(az_derive *derive, az_table *block, const az_control *control);

/* After the last block: says once what was left out or has no value.  AZ_ERROR_DATA if no row is left. */
az_status az_derive_finish(az_derive *derive, const az_control *control);
void az_derive_restart(az_derive *derive); /* before the first block once more */

/* Leaves of the table's rows the n_kept that `kept` names, in ascending order; levels without a row go too. */
az_status az_table_keep_rows(az_table *table, const int64_t *kept, int64_t n_kept);

/* Of the definitions of options->derive, "a = f(x); b = g(a)", those that the names need, or --where, or each other:
 * what was derived for the target alone need not be derived where there is none.  *needed is owned by the caller; NULL
 * if nothing is. */
az_status az_derive_needed(char **needed, const az_reader_options *options, const char *const *names, int64_t n_names);

#endif
