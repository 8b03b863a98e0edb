/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells of text columns replaced after reading. */
#ifndef AZ_DATA_RELABEL_H
#define AZ_DATA_RELABEL_H

#include "data/table.h"

/* "OLD=NEW,...": the cell OLD becomes NEW in every text column; an empty NEW means missing.  Both parts may contain
 * '=' ("<=50K.=<=50K"): the pair is cut at the '=' that leaves a text of the table on the left, the longest of several;
 * quotes or backquotes around OLD cut it beyond doubt.  An OLD that does not occur is worth a warning, no more. */
az_status az_table_relabel(az_table *table, const char *list, const az_control *control);

/* The same on one table after the other, for tables that come in blocks; warned of once, after the last. */
typedef struct az_relabelling az_relabelling;
az_status az_relabelling_new(az_relabelling **relabelling, const char *list);
az_status az_relabelling_apply(az_relabelling *relabelling, az_table *table);
void az_relabelling_tell(const az_relabelling *relabelling, const char *source, const az_control *control);
void az_relabelling_free(az_relabelling *relabelling); /* NULL is allowed */

#endif
