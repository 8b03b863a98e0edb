/* SPDX-License-Identifier: BSD-3-Clause */
/* --weight area: grid cells count by their area, which goes as the cosine of their latitude. */
#include "models/area.h"

#include "data/dataset.h"

#include <math.h>
#include <string.h>

bool az_weight_is_area(const az_table *table, const char *weight)
{
    if (!weight || strcmp(weight, "area") != 0) return false;
    return az_dictionary_find(&table->names, weight, strlen(weight)) < 0;
}

int64_t az_latitude_column(const az_table *table)
{
    for (int64_t j = 0; j < table->n_columns; j++)
        if (table->columns[j].type == AZ_NUMERIC && az_name_is_latitude(table->columns[j].name, table->columns[j].unit))
            return j;
    return -1;
}

az_status az_area_weight(const az_table *table, int64_t latitude, int64_t row, double *weight)
{
    const double degree = 0.017453292519943295;
    const az_column *column = &table->columns[latitude];
    double value = column->values[row * column->stride];
    /* Single precision leaves poles at 90.00001 degrees. */
    if (!(fabs(value) <= 90.001))
        return az_error(AZ_ERROR_DATA, "%s: --weight area needs a latitude from -90 to 90; \"%s\" has none in row %lld",
                        table->source, column->name, (long long)az_table_row_number(table, row) + 1);
    double cosine = cos(value * degree);
    *weight = cosine > 0 ? cosine : 0;
    return AZ_OK;
}
