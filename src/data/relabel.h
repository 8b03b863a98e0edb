/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells of text columns replaced after reading. */
#ifndef AZ_DATA_RELABEL_H
#define AZ_DATA_RELABEL_H

#include "data/table.h"

/* "OLD=NEW,...": the cell OLD becomes NEW in every text column; an empty NEW means missing.  Both parts may contain
 * '=' ("<=50K.=<=50K"): the pair is cut at the '=' that leaves a text of the table on the left, the longest of several;
 * quotes or backquotes around OLD cut it beyond doubt.  An OLD that does not occur is worth a warning, no more. */
az_status az_table_relabel(az_table *table, const char *list, const az_control *control);

#endif
