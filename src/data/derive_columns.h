/* SPDX-License-Identifier: BSD-3-Clause */
/* A table as the formulas see it. */
#ifndef AZ_DATA_DERIVE_COLUMNS_H
#define AZ_DATA_DERIVE_COLUMNS_H

#include "data/table.h"
#include "formula/formula.h"

/* Borrows the table. */
az_formula_columns az_formula_columns_of(const az_table *table);

#endif
